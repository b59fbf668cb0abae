"""The segment log: the durable front door of telemetry. What is in it was acknowledged, and the other way round.

A log is a folder of segments `{first offset}.log`. An offset is the position of a record in the log as a whole, so the
record at offset `o` of the segment with first offset `f` stands at byte `o - f` of its file. A fresh log begins at
`now_ms << 20`, beyond every offset that an earlier log in the same place can have reached: an offset that was once
stored with a row never means another frame.

One process writes (`lock`). The file `durable` holds the offset up to which everything is on disk; readers in other
processes never look beyond it, so nobody acts on bytes that a power cut could take back.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tongqu.kernel.telemetry.record import FRAME, last_end, pack, pack_refused, unpack
from tongqu.kit.errors import Refused
from tongqu.kit.time import Clock

SEGMENT_BYTES = 64 << 20
_MARK = struct.Struct("<QQ")
_fdatasync = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Batch:
    """Packed records that are written together: `data` begins at `offset` and ends before `end`."""

    offset: int
    end: int
    parts: Sequence[bytes]

    def __bool__(self) -> bool:
        return self.end > self.offset


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of the log and the offset of its first record."""

    first: int
    path: Path


def segments(folder: Path) -> list[Segment]:
    """The segments of a log, oldest first."""
    found = [Segment(int(path.stem), path) for path in folder.glob("*.log") if path.stem.isdigit()]
    return sorted(found, key=lambda segment: segment.first)


def durable_end(folder: Path) -> int | None:
    """The offset up to which the log is known to be on disk; None before a writer has opened it."""
    try:
        descriptor = os.open(folder / "durable", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return _read_mark(descriptor)
    finally:
        os.close(descriptor)


def _read_mark(descriptor: int) -> int | None:
    for _ in range(100):  # a reader may meet a write half way; the complement tells
        data = os.pread(descriptor, _MARK.size, 0)
        if len(data) == _MARK.size:
            value, complement = _MARK.unpack(data)
            if value ^ complement == (1 << 64) - 1:
                return int(value)
    return None


class LogWriter:
    """The one writer of a log.

    `append` only packs into memory; `take` and `write` put what has gathered on disk. `flush` does both. `append` and
    `take` belong to one thread, `write` may run in another, one call at a time.

    Raises:
        Refused: `telemetry.log_in_use`: another process writes this log.
    """

    def __init__(self, folder: Path, clock: Clock, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self._segment_bytes = segment_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder)
        self._mark = os.open(folder / "durable", os.O_RDWR | os.O_CREAT, 0o644)
        self._file, self._first, self.durable = self._open_end(clock)
        self.end = self.durable
        self._parts: list[bytes] = []
        self._taken = self.end
        self._sync()
        self._publish(self.durable)

    def append(self, stream: int, source: int, received_ms: int, raw: bytes) -> int:
        """Put a frame into the next group; gives its offset. It is durable once that group has been written."""
        return self._add(pack(stream, FRAME, source, received_ms, raw))

    def append_refused(
        self, stream: int, source: int, received_ms: int, raw: bytes, reason: str, remote: str = ""
    ) -> int:
        """Put a piece of input that is no good frame into the next group, with why and where from."""
        return self._add(pack_refused(stream, source, received_ms, raw, reason, remote))

    def take(self) -> Batch:
        """Everything that was appended since the last call, to be given to `write`."""
        batch = Batch(self._taken, self.end, self._parts)
        self._parts, self._taken = [], self.end
        return batch

    def write(self, batch: Batch) -> int:
        """Put a batch on disk and wait until it is there; gives the offset up to which the log is now durable.

        After an error the same batch may be written again: its place in the log is fixed.

        Raises:
            OSError: the disk is full or broken; nothing of the batch counts as stored.
        """
        if batch:
            if batch.offset - self._first >= self._segment_bytes:
                self._roll(batch.offset)
            _write_at(self._file, b"".join(batch.parts), batch.offset - self._first)
            _fdatasync(self._file)
            self._publish(batch.end)
        return self.durable

    def flush(self) -> int:
        """Write and wait for everything that was appended; gives the durable end."""
        return self.write(self.take())

    def close(self) -> None:
        """Flush and give the log free for another writer."""
        self.flush()
        for descriptor in (self._file, self._mark, self._lock):
            os.close(descriptor)

    def _add(self, packed: bytes) -> int:
        offset = self.end
        self._parts.append(packed)
        self.end = offset + len(packed)
        return offset

    def _publish(self, end: int) -> None:
        self.durable = end
        os.pwrite(self._mark, _MARK.pack(end, end ^ ((1 << 64) - 1)), 0)

    def _sync(self) -> None:
        os.fsync(self._file)
        os.fsync(self._mark)
        _sync_folder(self.folder)

    def _roll(self, first: int) -> None:
        opened = os.open(self.folder / f"{first:020d}.log", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _sync_folder(self.folder)
        except OSError:
            os.close(opened)
            raise
        os.close(self._file)
        self._file, self._first = opened, first

    def _open_end(self, clock: Clock) -> tuple[int, int, int]:
        """Open the newest segment without its torn tail: descriptor, first offset, end."""
        known, mark = segments(self.folder), _read_mark(self._mark) or 0
        if known:
            first, path = known[-1].first, known[-1].path
            end = _cut_torn_tail(path, first, mark)
            if end >= mark:
                return os.open(path, os.O_RDWR), first, end
        # No segment, or fewer bytes than were once durable (somebody deleted files): never use an offset again.
        first = max(mark, clock.now_ms() << 20, known[-1].first if known else 0)
        return os.open(self.folder / f"{first:020d}.log", os.O_RDWR | os.O_CREAT, 0o644), first, first


def _cut_torn_tail(path: Path, first: int, mark: int) -> int:
    """Cut what follows the last whole record of a segment; gives the offset of its end.

    Up to `mark` everything was on disk and stays, damaged or not: a reader reports damage, a writer never cuts what
    was acknowledged. Without a mark in this segment only what follows its last good record is cut.
    """
    size = path.stat().st_size
    start = max(0, min(mark - first, size))
    with path.open("rb+") as file:
        file.seek(start)
        tail = file.read()
        at = 0
        while (found := unpack(tail, at, first + start + at)) is not None:
            at = found[1]
        if mark <= first:
            at = max(at, last_end(tail, at))
        if start + at < size:
            file.truncate(start + at)
    return first + start + at


def _write_at(descriptor: int, data: bytes, position: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, position)
        position += written
        view = view[written:]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> int:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise Refused("telemetry.log_in_use", folder=str(folder)) from error
    return descriptor


def drop_before(folder: Path, offset: int, received_before_ms: int) -> list[int]:
    """Delete segments that lie wholly before `offset` and were last written before an instant; gives their offsets.

    The newest segment always stays.
    """
    known = segments(folder)
    dropped = []
    for segment, following in itertools.pairwise(known):
        if following.first > offset or segment.path.stat().st_mtime * 1000 >= received_before_ms:
            break
        with contextlib.suppress(FileNotFoundError):
            segment.path.unlink()
        dropped.append(segment.first)
    return dropped
