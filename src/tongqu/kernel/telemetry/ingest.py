"""From records of the log to rows: decode, refuse, remove duplicates, bind, judge. No row is stored here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.directory import Directory
from tongqu.kernel.telemetry.history import History
from tongqu.kernel.telemetry.reader import Chunk, Damage
from tongqu.kernel.telemetry.record import REFUSED, split_refused
from tongqu.kernel.telemetry.rows import DECODED, Column, Flag, Rows, empty, join, take
from tongqu.kernel.telemetry.sources import MAX_KEY, Sources
from tongqu.kernel.telemetry.stream import Decode, Stream
from tongqu.kit.arrow import Decoded, Frames

log = logging.getLogger("tongqu.telemetry")

MAX_TIME_MS = 253_402_300_799_999
MAX_QUARANTINED_BYTES = 65_536
DECODER_FAILED = "decoder_failed"
UNKNOWN_STREAM = "unknown_stream"
UNKNOWN_SOURCE = "unknown_source"
BAD_TIME = "bad_time"
DAMAGED = "damaged"


class RegionLocator(Protocol):
    """Finds regions; the geo room provides one (`platform.provide(index, RegionLocator)`)."""

    def codes(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
        """County code of each point as a number, 0 where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """What goes to quarantine: one for each record of the log that gave no row."""

    offset: int
    stream: int
    received_ms: int
    source: int
    reason: str
    remote: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a chunk of the log becomes.

    Attributes:
        rows: new rows, none of them stored.
        source_slots: slot of each row's source in `Sources`.
        refused: as rows of the table `quarantine`, or None.
        offset: where to read on.
        records: how many records the chunk had.
        repeated: how many rows were there already.
        received_ms: newest time of receipt, 0 if there was no record.
    """

    rows: Rows
    source_slots: NDArray[np.int32]
    refused: pa.Table | None
    offset: int
    records: int
    repeated: int
    received_ms: int


class Ingest:
    """Makes rows of records.

    Args:
        streams: what the modules declare.
        regions: finds the region a row is in; None where no room provides it.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        history: History,
        directory: Directory,
        sources: Sources,
        regions: RegionLocator | None,
    ) -> None:
        self._streams = {stream.number: (stream, stream.decoder()) for stream in streams}
        self._history = history
        self._directory = directory
        self._sources = sources
        self._regions = regions

    def prepare(self, chunk: Chunk) -> Prepared:
        """Everything that is to be stored of a chunk."""
        refused = [_damaged(chunk, damage) for damage in chunk.damage]
        refused += _refused_records(chunk)
        parts: list[Rows] = []
        limits: list[Column] = []  # per row: bits of a fix, and what is a jump
        frames = np.flatnonzero(chunk.walk.kind != REFUSED)
        for number in np.unique(chunk.walk.stream[frames]):
            mine = chunk.frames(frames[chunk.walk.stream[frames] == number])
            known = self._streams.get(int(number))
            if known is None:
                refused += [_refused(mine, i, int(number), UNKNOWN_STREAM) for i in range(len(mine))]
                continue
            stream, decode = known
            rows, bad = rows_of(stream, decode, mine)
            refused += bad
            parts.append(rows)
            limits.append(np.full((len(rows["source"]), 2), (stream.fixed_mask, stream.jump_kmh)))
        rows = join(parts)
        rows, slots, repeated = self._new(rows, np.concatenate(limits) if limits else np.zeros((0, 2)))
        received = chunk.walk.received_ms
        return Prepared(
            rows=rows,
            source_slots=slots,
            refused=quarantine_table(refused),
            offset=chunk.next,
            records=len(chunk),
            repeated=repeated,
            received_ms=int(received.max()) if len(received) else 0,
        )

    def _new(self, rows: Rows, limits: Column) -> tuple[Rows, NDArray[np.int32], int]:
        """Rows that are not stored yet, bound and judged; slots of their sources; how many were repetitions."""
        first = kernels.first_of_each(rows["source"], rows["time_ms"], rows["key"])
        slots = self._sources.slots(rows["source"])
        perhaps = np.flatnonzero(first & self._sources.perhaps_stored(slots, rows["time_ms"]))
        if len(perhaps):
            first[perhaps[self._history.stored(take(rows, perhaps))]] = False
        repeated = len(first) - int(first.sum())
        if repeated:
            rows, slots, limits = take(rows, first), slots[first], limits[first]
        self._bind(rows)
        if self._regions is not None and len(slots):
            rows["region"][:] = _counties(self._regions, rows)
        self._sources.judge(slots, rows, limits[:, 0].astype(np.uint32), limits[:, 1])
        return rows, slots, repeated

    def _bind(self, rows: Rows) -> None:
        """Note what each source was fitted to at fix time, as far as it is known now."""
        view = self._directory.view
        source_slots = view.slots(rows["source"])
        if (source_slots < 0).any():
            self._directory.refresh()
            view = self._directory.view
            source_slots = view.slots(rows["source"])
        subjects = view.subjects(source_slots, rows["time_ms"])
        rows["subject"][:] = np.where(subjects >= 0, view.key[subjects] if len(view) else 0, rows["source"])


def _counties(regions: RegionLocator, rows: Rows) -> NDArray[np.int32]:
    """Region of presence of each row as a number of six digits; a coarser one is filled up with zeros."""
    somewhere = np.isfinite(rows["lon"]) & np.isfinite(rows["lat"])
    codes = regions.codes(np.where(somewhere, rows["lon"], 0.0), np.where(somewhere, rows["lat"], 0.0))
    codes = np.where((codes > 0) & (codes < 100), codes * 10_000, codes)
    return np.where((codes > 0) & (codes < 10_000), codes * 100, codes).astype(np.int32)


def rows_of(stream: Stream, decode: Decode, frames: Frames) -> tuple[Rows, list[Refused]]:
    """Rows of frames, and what gave none. A decoder that fails costs only the frames it fails on."""
    decoded, failed = _decoded(decode, frames)
    parts: list[Rows] = []
    refused = [_refused(frames, i, stream.number, DECODER_FAILED) for i in failed]
    for picked, one in decoded:
        seen: dict[int, str] = {}
        for i, reason in zip(one.reject_frame, one.reject_reason, strict=True):
            seen.setdefault(int(picked[i]), reason)
        rows = _columns(stream, frames, picked, one)
        wrong = np.zeros(len(one), dtype=np.bool_)
        for reason, bad in (
            (UNKNOWN_SOURCE, (rows["source"] <= 0) | (rows["source"] > MAX_KEY)),
            (BAD_TIME, (rows["time_ms"] < 0) | (rows["time_ms"] > MAX_TIME_MS)),
        ):
            if bad.any():
                wrong |= bad
                for i in picked[one.frame[bad]]:
                    seen.setdefault(int(i), reason)
        refused += [_refused(frames, i, stream.number, reason) for i, reason in seen.items()]
        parts.append(take(rows, ~wrong) if wrong.any() else rows)
    return (parts[0] if len(parts) == 1 else join(parts)), refused


def _decoded(decode: Decode, frames: Frames) -> tuple[list[tuple[NDArray[np.intp], Decoded]], list[int]]:
    """What a decoder makes of frames, in as few calls as it survives; indices of the frames it fails on."""
    waiting, done, failed = [np.arange(len(frames))], [], []
    while waiting:
        picked = waiting.pop()
        try:
            done.append((picked, _checked(decode(_some(frames, picked)), len(picked))))
        except Exception:
            if len(picked) <= 1:
                log.exception("a decoder failed on a frame, which goes to quarantine")
                failed += [int(i) for i in picked]
            else:
                middle = len(picked) // 2
                waiting += [picked[middle:], picked[:middle]]
    return done, failed


def _some(frames: Frames, picked: NDArray[np.intp]) -> Frames:
    if len(picked) == len(frames):
        return frames
    return Frames(
        data=frames.data,
        start=frames.start[picked],
        length=frames.length[picked],
        source=frames.source[picked],
        received_ms=frames.received_ms[picked],
        log_offset=frames.log_offset[picked],
    )


def _checked(decoded: Decoded, frames: int) -> Decoded:
    """What a decoder gave, if it keeps its promise.

    Raises:
        ValueError: columns are missing, of unequal length, or point to frames that are not there.
    """
    count = len(decoded.frame)
    for name in (*DECODED, "key", "refill"):
        if len(decoded.columns[name]) != count:
            raise ValueError(f"column {name} has {len(decoded.columns[name])} values for {count} rows")
    for index in (decoded.frame, decoded.reject_frame):
        if len(index) and (index.min() < 0 or index.max() >= frames):
            raise ValueError("a row points to a frame that is not there")
    return decoded


def _columns(stream: Stream, frames: Frames, picked: NDArray[np.intp], decoded: Decoded) -> dict[str, Column]:
    rows = empty(len(decoded))
    for name in (*DECODED, "key"):
        rows[name][:] = decoded.columns[name]
    frame = picked[decoded.frame]
    rows["received_ms"][:] = frames.received_ms[frame]
    rows["log_offset"][:] = frames.log_offset[frame]
    rows["flags"][:] = np.where(decoded.columns["refill"], int(Flag.REFILL), 0)
    rows["stream"][:] = stream.number
    return rows


def _refused(frames: Frames, index: int, stream: int, reason: str) -> Refused:
    return Refused(
        int(frames.log_offset[index]),
        stream,
        int(frames.received_ms[index]),
        int(frames.source[index]),
        reason,
        "",
        frames.raw(index),
    )


def _refused_records(chunk: Chunk) -> list[Refused]:
    walk, found = chunk.walk, []
    for i in np.flatnonzero(walk.kind == REFUSED):
        body = chunk.data[walk.start[i] : walk.start[i] + walk.length[i]].tobytes()
        raw, reason, remote = split_refused(body)
        offset = chunk.offset + int(walk.at[i])
        found.append(
            Refused(offset, int(walk.stream[i]), int(walk.received_ms[i]), int(walk.source[i]), reason, remote, raw)
        )
    return found


def _damaged(chunk: Chunk, damage: Damage) -> Refused:
    """Bytes of the log that nothing can be made of: kept like a bad frame, so that a person sees them."""
    log.error("the log is damaged from offset %d to %d", damage.begin, damage.end)
    begin = damage.begin - chunk.offset
    raw = chunk.data[begin : begin + min(damage.end - damage.begin, MAX_QUARANTINED_BYTES)].tobytes()
    received = chunk.walk.received_ms
    return Refused(damage.begin, 0, int(received.min()) if len(received) else 0, 0, DAMAGED, "", raw)


def quarantine_table(refused: Sequence[Refused]) -> pa.Table | None:
    """Refused records as rows of the table `quarantine`, one for each record."""
    if not refused:
        return None
    by_offset = {one.offset: one for one in reversed(refused)}
    kept = [by_offset[offset] for offset in sorted(by_offset)]
    return pa.table({
        "id": pa.array([one.offset for one in kept], pa.int64()),
        "stream": pa.array([one.stream for one in kept], pa.uint16()),
        "received_ms": pa.array([one.received_ms for one in kept], pa.int64()),
        "source": pa.array([one.source for one in kept], pa.int64()),
        "reason": pa.array([one.reason for one in kept], pa.string()),
        "remote": pa.array([one.remote for one in kept], pa.string()),
        "size": pa.array([len(one.raw) for one in kept], pa.int32()),
        "raw": pa.array([one.raw[:MAX_QUARANTINED_BYTES] for one in kept], pa.binary()),
    })  # fmt: skip
