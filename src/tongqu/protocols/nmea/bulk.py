"""The bulk path: a buffer of lines to columns in one compiled pass.

The types of `bulk_tables.GROUPS` become tables of columns, all other types are left to `decode`, and what is refused
has its place and its reason. Values are those of `decode`; "not available" is NaN, -1 or an empty text. Loaded when
first used, because numba takes its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tongqu.kit.arrow import Frames, to_arrow
from tongqu.protocols.nmea.bulk_loop import REASONS, count_lines, run
from tongqu.protocols.nmea.bulk_tables import (
    GROUPS,
    TABLES,
    Program,
    program,
    text_bytes,
    turn_values,
)
from tongqu.protocols.nmea.codec import Message, decode

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_LEAST_SENTENCE: Final = 12
"""Bytes of the shortest line that can be an AIS sentence or be refused as one: what the arrays must hold."""


@dataclass(frozen=True)
class Table:
    """Messages of some types as columns.

    Attributes:
        columns: by name: int8, int32, float64 or bytes of a fixed width (`S20`).
        chunk: which chunk each row came from; 0 for a buffer of lines.
        offset: where the first line of each row begins in the buffer.
        time_ms: time in the TAG block of the first line, 0 where there is none.
        own: whether it speaks of the own ship.
    """

    columns: Mapping[str, NDArray[Any]]
    chunk: NDArray[np.int32]
    offset: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    own: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.offset)

    def to_arrow(self) -> pa.RecordBatch:
        """The columns as an Arrow batch, texts as strings, with `offset`, `time_ms` and `own`."""
        import pyarrow as pa

        numbers = {name: column for name, column in self.columns.items() if column.dtype.kind != "S"}
        batch = to_arrow({"offset": self.offset, "time_ms": self.time_ms, "own": self.own, **numbers})
        for name, column in self.columns.items():
            if column.dtype.kind == "S":
                batch = batch.append_column(name, pa.array(column.tolist(), pa.binary()).cast(pa.string()))
        return batch


@dataclass(frozen=True)
class Bulk:
    """What a buffer holds.

    Attributes:
        tables: by the names of `bulk_tables.GROUPS`.
        others: of each message that takes the slow path: chunk, offset, place and length in `payload`, fill bits,
            time, own.
        payload: armoured payloads of those, one behind the other.
        rejects: chunk, offset and index in `REASONS` of each refused line or group.
        sentences: AIS sentences seen, refused ones included.
    """

    tables: Mapping[str, Table]
    others: NDArray[np.int64]
    payload: NDArray[np.uint8]
    rejects: NDArray[np.int64]
    sentences: int

    @property
    def messages(self) -> int:
        """Messages decoded, those that wait for `slow` included."""
        return sum(len(table) for table in self.tables.values()) + len(self.others)

    def slow(self) -> Iterator[tuple[int, Message]]:
        """Offset and message of each that has no table, decoded one by one."""
        for _, offset, at, size, fill, _, _ in self.others.tolist():
            yield offset, decode(self.payload[at : at + size].tobytes().decode("latin-1"), fill)

    def reasons(self) -> list[tuple[int, str]]:
        """Offset and reason of what was refused."""
        return [(offset, REASONS[code]) for _, offset, code in self.rejects.tolist()]


def decode_buffer(buffer: bytes | NDArray[np.uint8]) -> Bulk:
    """All AIS messages of a recorded stream of lines. Sentences of other instruments and other lines are passed over.

    Without a clock a message is given up when `assembler.REACH` AIS sentences have come since its last part.
    """
    data = np.frombuffer(buffer, np.uint8) if isinstance(buffer, bytes | bytearray | memoryview) else buffer
    return _run(data, np.zeros(1, np.int64), np.array([len(data)], np.int64))


def decode_frames(frames: Frames) -> Bulk:
    """All AIS messages of frames, each of which holds the lines of one message or more."""
    start = frames.start.astype(np.int64)
    return _run(frames.data, start, start + frames.length)


def _run(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Bulk:
    view = data.view()
    view.flags.writeable = False
    lines = int(count_lines(view)) + len(starts)
    most = min(lines, len(data) // _LEAST_SENTENCE + 1) + 1
    shapes = list(TABLES.values())
    kinds = len(shapes)
    # large: memory is taken from the system only where rows are written
    small = np.empty((kinds, max(len(shape.small) for shape in shapes), most), np.int8)
    integers = np.empty((kinds, max(len(shape.integers) for shape in shapes), most), np.int32)
    floats = np.empty((kinds, max(len(shape.floats) for shape in shapes), most), np.float64)
    texts = np.empty((kinds, most, max(shape.text_width for shape in shapes)), np.uint8)
    chunk, offset = np.empty((kinds, most), np.int32), np.empty((kinds, most), np.int64)
    time_ms, own = np.empty((kinds, most), np.int64), np.empty((kinds, most), np.bool_)
    rows = np.zeros(kinds, np.int64)
    other, reject = np.empty((most, 7), np.int64), np.empty((most * 2, 3), np.int64)
    payload = np.empty(len(data) + 1, np.uint8)
    known, letters, turns = _constants()
    others, used, rejects, sentences = run(
        view, starts, ends, letters, turns,
        known.steps, known.first, known.last, known.group, known.least,
        small, integers, floats, texts, chunk, offset, time_ms, own, rows, other, payload, reject,
    )  # fmt: skip
    tables = {}
    for index, (name, shape) in enumerate(TABLES.items()):
        count = int(rows[index])
        columns: dict[str, NDArray[Any]] = {}
        columns |= {column: small[index, at, :count] for at, column in enumerate(shape.small)}
        columns |= {column: integers[index, at, :count] for at, column in enumerate(shape.integers)}
        columns |= {column: floats[index, at, :count] for at, column in enumerate(shape.floats)}
        start = 0
        for column, width in shape.texts:
            cut = np.ascontiguousarray(texts[index, :count, start : start + width])
            columns[column] = cut.view(f"S{width}").reshape(count)
            start += width
        tables[name] = Table(
            columns, chunk[index, :count], offset[index, :count], time_ms[index, :count], own[index, :count]
        )
    return Bulk(tables, other[:others], payload[:used], reject[:rejects], int(sentences))


@cache
def _constants() -> tuple[Program, NDArray[np.uint8], NDArray[np.float64]]:
    return program(), text_bytes(), turn_values()


__all__ = ["GROUPS", "REASONS", "Bulk", "Table", "decode_buffer", "decode_frames"]
