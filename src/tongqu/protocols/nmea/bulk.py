"""The bulk path: a buffer of lines to columns in one compiled pass.

Messages of all types become rows of the tables in `bulk_tables.GROUPS`; what is refused has its place and its reason.
Values are those of `decode`; "not available" is NaN, -1 or an empty text. Loaded when first used, because numba takes
its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tongqu.kit.arrow import Frames, to_arrow
from tongqu.protocols.nmea.bulk_loop import LANES, REASONS, SLOTS, STRIDE, rest, run
from tongqu.protocols.nmea.bulk_tables import (
    DATA,
    GROUPS,
    TABLES,
    WORD,
    GroupTable,
    Program,
    program,
    text_bytes,
    turn_values,
)
from tongqu.protocols.nmea.lines import ends_of_lines
from tongqu.protocols.nmea.wire import MOST_BITS, Reason

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

BLOCK: Final = 1 << 15
"""Sentences of one call of the compiled loop: its arrays stay in the processor's cache."""
APART: Final = 72
"""Columns are longer than a block by this, because columns a power of two apart share few places of a cache."""


@dataclass(frozen=True)
class Table:
    """Messages of some types as columns.

    Attributes:
        columns: by name: int8, int32, float64 or bytes of a fixed width (`S20`). Fields of the records of a list are
            `slots_1_offset` and so on; of application data there are the number of bits, `data_bits`, and `data`.
        chunk: which chunk each row came from; 0 for a buffer of lines.
        offset: where the first line of each row begins in the buffer.
        time_ms: time in the TAG block of the first line, 0 where there is none.
        own: whether it speaks of the own ship.
        data_at: where the application data of each row begin in `data`, the last byte of each padded with zeros.
        data: bytes of application data; empty where the types have none.
    """

    columns: Mapping[str, NDArray[Any]]
    chunk: NDArray[np.int32]
    offset: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    own: NDArray[np.bool_]
    data_at: NDArray[np.int64]
    data: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offset)

    def application(self, row: int) -> bytes:
        """Application data of a row."""
        at, bits = int(self.data_at[row]), int(self.columns[DATA][row])
        return self.data[at : at + max(-(-bits // 8), 0)].tobytes()

    def to_arrow(self) -> pa.RecordBatch:
        """The columns as an Arrow batch, texts as strings, with `offset`, `time_ms`, `own` and `data`."""
        import pyarrow as pa

        numbers = {name: column for name, column in self.columns.items() if column.dtype.kind != "S"}
        batch = to_arrow({"offset": self.offset, "time_ms": self.time_ms, "own": self.own, **numbers})
        for name, column in self.columns.items():
            if column.dtype.kind == "S":
                batch = batch.append_column(name, pa.array(column.tolist(), pa.binary()).cast(pa.string()))
        if DATA in self.columns:
            batch = batch.append_column("data", pa.array([self.application(row) for row in range(len(self))]))
        return batch


@dataclass(frozen=True)
class Bulk:
    """What a buffer holds.

    Attributes:
        tables: by the names of `bulk_tables.GROUPS`.
        rejects: chunk, offset and index in `REASONS` of each refused line or group.
        sentences: AIS sentences seen, refused ones included.
    """

    tables: Mapping[str, Table]
    rejects: NDArray[np.int64]
    sentences: int

    @property
    def messages(self) -> int:
        """Messages decoded."""
        return sum(len(table) for table in self.tables.values())

    def reasons(self) -> list[tuple[int, str]]:
        """Offset and reason of what was refused."""
        return [(offset, REASONS[code]) for _, offset, code in self.rejects.tolist()]


def decode_buffer(buffer: bytes | NDArray[np.uint8]) -> Bulk:
    """All AIS messages of a recorded stream of lines. Sentences of other instruments and other lines are passed over.

    Without a clock a message is given up when `assembler.REACH` AIS sentences have come since its last part.
    """
    data = np.frombuffer(buffer, np.uint8) if isinstance(buffer, bytes | bytearray | memoryview) else buffer
    return _decode(data, np.zeros(1, np.int64), np.array([len(data)], np.int64))


def decode_frames(frames: Frames) -> Bulk:
    """All AIS messages of frames, each of which holds the lines of one message or more."""
    start = frames.start.astype(np.int64)
    return _decode(frames.data, start, start + frames.length)


def _decode(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Bulk:
    view = data.view() if data.ctypes.data % 8 == 0 and data.flags.c_contiguous else data.copy()
    view.flags.writeable = False
    eights = view[: len(view) // 8 * 8].view(np.uint64)
    newlines = ends_of_lines(view, eights)
    most = min(BLOCK, len(data) // 8 + 2)
    known, letters, turns = _constants()
    block = _Block(most, len(known.group))
    key, state = np.zeros((SLOTS, 4), np.int64), np.zeros((SLOTS, 6), np.int64)
    held = np.zeros(SLOTS * STRIDE, np.uint8)
    symbols, words = np.zeros(STRIDE // 8 + 8, np.uint64), np.zeros(STRIDE // 5 + 4, np.int64)
    tables = {name: _Rows(index, shape) for index, (name, shape) in enumerate(TABLES.items())}
    refused: list[NDArray[np.int64]] = []
    chunk, line, sentences = 0, 0, 0
    while chunk < len(starts):
        block.rows[:] = 0
        chunk, line, sentences, rejects, used = run(
            view, eights, newlines, starts, ends, chunk, line, sentences, most, letters, turns,
            known.steps, known.first, known.last, known.of_type, known.conditions, known.group,
            key, state, *block.arrays(), _DATA_COLUMN, block.rows, block.blob, block.reject, *block.waiting,
            symbols.view(np.uint8), symbols, words, held, held.view(np.uint64),
        )  # fmt: skip
        rest(
            known.steps, known.first, known.last, known.group, turns,
            block.small, block.integers, block.floats, *block.waiting,
        )  # fmt: skip
        share = 1.0 if chunk == len(starts) else (chunk + line / len(data)) / len(starts)
        for rows in tables.values():
            rows.add(block, used, share)
        refused.append(block.reject[:rejects].copy())
    left = state[state[:, 0] > 0]
    incomplete = np.full(len(left), REASONS.index(Reason.INCOMPLETE), np.int64)
    refused.append(np.column_stack([left[:, 4], left[:, 3], incomplete]))
    return Bulk({name: rows.table() for name, rows in tables.items()}, np.concatenate(refused), int(sentences))


class _Block:
    """Arrays that the compiled loop fills, for all tables: [table, column, row]."""

    def __init__(self, most: int, layouts: int) -> None:
        shapes = list(TABLES.values())
        kinds = len(shapes)
        wide = most + APART
        self.small = np.empty((kinds, max(len(shape.small) for shape in shapes), wide), np.int8)
        self.integers = np.empty((kinds, max(len(shape.integers) for shape in shapes), wide), np.int32)
        self.floats = np.empty((kinds, max(len(shape.floats) for shape in shapes), wide), np.float64)
        self.texts = np.empty((kinds, wide, max(shape.text_width for shape in shapes)), np.uint8)
        self.chunk, self.offset = np.empty((kinds, wide), np.int32), np.empty((kinds, wide), np.int64)
        self.time_ms, self.own = np.empty((kinds, wide), np.int64), np.empty((kinds, wide), np.bool_)
        self.data_at = np.zeros(most, np.int64)
        self.rows = np.zeros(kinds, np.int64)
        self.blob = np.empty(most * (MOST_BITS // 8 + 1), np.uint8)
        self.reject = np.empty((2 * most + SLOTS + 8, 3), np.int64)
        self.waiting = (
            np.zeros(layouts, np.int64),
            np.empty((layouts, MOST_BITS // WORD + 2, LANES + 8), np.int64),
            np.empty((layouts, LANES + 8), np.int64),
            np.empty((layouts, LANES + 8), np.int64),
        )

    def arrays(self) -> tuple[NDArray[Any], ...]:
        return (
            self.small, self.integers, self.floats, self.texts,
            self.chunk, self.offset, self.time_ms, self.own, self.data_at,
        )  # fmt: skip


class _Rows:
    """Rows of one table so far. Room is made for as many as the rest of the input will bring if it goes on like this,
    so that most blocks are copied once."""

    def __init__(self, index: int, shape: GroupTable) -> None:
        self.index, self.shape = index, shape
        self.count, self.bytes = 0, 0
        self.data: list[NDArray[np.uint8]] = []
        self.arrays = self._empty(0)

    def _empty(self, room: int) -> list[NDArray[Any]]:
        """Arrays for `room` rows, whose last axis is the row, but for the texts behind them."""
        shape = self.shape
        return [
            np.empty((len(shape.small), room), np.int8),
            np.empty((len(shape.integers), room), np.int32),
            np.empty((len(shape.floats), room), np.float64),
            np.empty(room, np.int32),
            np.empty(room, np.int64),
            np.empty(room, np.int64),
            np.empty(room, np.bool_),
            np.empty(room if DATA in shape.integers else 0, np.int64),
            *(np.empty((room, width), np.uint8) for _, width in shape.texts),
        ]

    def add(self, block: _Block, used: int, share: float) -> None:
        """Take over the rows of a block, after which `share` of the input is read."""
        index, start, end = self.index, self.count, self.count + int(block.rows[self.index])
        if end == start:
            return
        if end > len(self.arrays[3]):
            before, self.arrays = self.arrays, self._empty(max(end, int(1.05 * end / max(share, 1 / 64))))
            for place, (old, new) in enumerate(zip(before, self.arrays, strict=True)):
                if place < _TEXTS:
                    new[..., :start] = old[..., :start]
                else:
                    new[:start] = old[:start]
        filled: tuple[NDArray[Any], ...] = (
            block.small, block.integers, block.floats, block.chunk, block.offset, block.time_ms, block.own,
        )  # fmt: skip
        for into, source in zip(self.arrays, filled, strict=False):
            if into.ndim == 2:
                into[:, start:end] = source[index, : len(into), : end - start]
            else:
                into[start:end] = source[index, : end - start]
        for (name, width), into in zip(self.shape.texts, self.arrays[_TEXTS:], strict=True):
            place = self.shape.place(name)
            into[start:end] = block.texts[index, : end - start, place : place + width]
        if DATA in self.shape.integers:
            self.arrays[_TEXTS - 1][start:end] = block.data_at[: end - start] + self.bytes
            self.data.append(block.blob[:used].copy())
            self.bytes += used
        self.count = end

    def table(self) -> Table:
        shape, count = self.shape, self.count
        small, integers, floats, chunk, offset, time_ms, own, data_at = self.arrays[:_TEXTS]
        columns: dict[str, NDArray[Any]] = {}
        for names, values in ((shape.small, small), (shape.integers, integers), (shape.floats, floats)):
            columns |= {name: values[at, :count] for at, name in enumerate(names)}
        for (name, width), values in zip(shape.texts, self.arrays[_TEXTS:], strict=True):
            columns[name] = values[:count].view(f"S{width}").reshape(count)
        data = np.concatenate(self.data) if self.data else np.empty(0, np.uint8)
        return Table(columns, chunk[:count], offset[:count], time_ms[:count], own[:count], data_at[:count], data)


_TEXTS: Final = 8
"""Where the texts begin among the arrays of `_Rows`."""
_DATA_COLUMN: Final = TABLES["binary"].integers.index(DATA)


@cache
def _constants() -> tuple[Program, NDArray[np.uint8], NDArray[np.float64]]:
    return program(), text_bytes(), turn_values()


__all__ = ["GROUPS", "REASONS", "Bulk", "Table", "decode_buffer", "decode_frames"]
