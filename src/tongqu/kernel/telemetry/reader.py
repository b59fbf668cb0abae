"""Reading the log: in bulk from an offset on (the telemetry writer), or one record (the frame of a point)."""

from __future__ import annotations

import bisect
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.telemetry.log import Segment, durable_end, segments
from tongqu.kernel.telemetry.record import MAX_RECORD_BYTES, PREFIX_BYTES, Record, unpack
from tongqu.kernel.telemetry.walk import Walk, walk
from tongqu.kit.arrow import Frames

READ_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of the log from `begin` up to `end` that are no good record, or that are missing."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records read in bulk.

    Attributes:
        data: the buffer; `walk` points into it.
        walk: the records.
        offset: where the buffer stands in the log.
        next: where to read on.
        damage: what could not be read, in offsets of the log.
    """

    data: NDArray[np.uint8]
    walk: Walk
    offset: int
    next: int
    damage: tuple[Damage, ...]

    def __len__(self) -> int:
        return len(self.walk.at)

    def frames(self, which: NDArray[np.intp]) -> Frames:
        """Some of the records as frames for a decoder, by their row in `walk`."""
        records = self.walk
        return Frames(
            data=self.data,
            start=records.start[which],
            length=records.length[which],
            source=records.source[which],
            received_ms=records.received_ms[which],
            log_offset=records.at[which] + self.offset,
        )


class LogReader:
    """Reads a log that another process may be writing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: list[Segment] = []

    @property
    def end(self) -> int | None:
        """The offset up to which there is something to read; None before the log exists."""
        return durable_end(self.folder)

    def begin(self) -> int | None:
        """The first offset that is still there; None before the log exists."""
        self._known = segments(self.folder)
        return self._known[0].first if self._known else None

    def read(self, offset: int, limit: int = READ_BYTES) -> Chunk | None:
        """The records from an offset on, about `limit` bytes of them; None if there is nothing durable beyond it.

        Args:
            offset: the start of a record (0 for the beginning of the log).
        """
        end = self.end
        if end is None or offset >= end:
            return None
        segment, stop = self._segment(offset, end)
        if segment is None:
            return None
        if offset < segment.first:  # segments before were deleted, or never were
            gap = (Damage(offset, segment.first),) if offset else ()
            return Chunk(np.empty(0, np.uint8), walk(np.empty(0, np.uint8), whole=True), offset, segment.first, gap)
        want = min(stop - offset, max(limit, MAX_RECORD_BYTES + PREFIX_BYTES))
        try:
            data = _read_at(segment.path, offset - segment.first, want)
        except FileNotFoundError:
            self._known = []
            return self.read(offset, limit)
        reaches_stop = offset + want == stop
        buffer = np.frombuffer(data, dtype=np.uint8)
        records = walk(buffer, whole=reaches_stop)
        damage = [Damage(offset + int(begin), offset + int(to)) for begin, to in records.damage]
        following = offset + records.consumed
        if len(data) < want:  # the file is shorter than the log says: bytes were lost
            damage.append(Damage(offset + len(data), stop))
            following = stop
        return Chunk(buffer, records, offset, following, tuple(damage))

    def record(self, offset: int) -> Record | None:
        """The record at an offset; None if it is not retained (or nothing good stands there)."""
        end = self.end
        if end is None or not 0 <= offset < end:
            return None
        segment, stop = self._segment(offset, end)
        if segment is None or offset < segment.first:
            return None
        try:
            data = _read_at(segment.path, offset - segment.first, min(stop - offset, 4096))
            found = unpack(data, 0, offset)
            if found is None and stop - offset > 4096:
                data = _read_at(
                    segment.path, offset - segment.first, min(stop - offset, MAX_RECORD_BYTES + PREFIX_BYTES)
                )
                found = unpack(data, 0, offset)
        except FileNotFoundError:
            self._known = []
            return None
        return None if found is None else found[0]

    def _segment(self, offset: int, end: int) -> tuple[Segment | None, int]:
        """The segment that holds an offset, or the first one after it; and the offset at which reading it must stop."""
        at = self._find(offset)
        if at < 0 or at == len(self._known) - 1:  # a newer segment may have been begun
            self._known = segments(self.folder)
            at = self._find(offset)
        if not self._known:
            return None, end
        if at >= 0 and at + 1 < len(self._known):
            return self._known[at], min(end, self._known[at + 1].first)
        return self._known[max(at, 0)], end

    def _find(self, offset: int) -> int:
        return bisect.bisect_right(self._known, offset, key=lambda segment: segment.first) - 1


def _read_at(path: Path, position: int, want: int) -> memoryview:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        data = bytearray(want)
        view, got = memoryview(data), 0
        while got < want and (count := os.preadv(descriptor, [view[got:]], position + got)):
            got += count
        return view[:got]
    finally:
        os.close(descriptor)
