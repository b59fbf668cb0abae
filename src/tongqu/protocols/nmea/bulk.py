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
from tongqu.protocols.nmea.bulk_loop import REASONS, SLOTS, STRIDE, run
from tongqu.protocols.nmea.bulk_tables import DATA, GROUPS, TABLES, Program, program, text_bytes, turn_values
from tongqu.protocols.nmea.wire import MOST_BITS, Reason

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_NEWLINE: Final = 10
BLOCK: Final = 1 << 15
"""Sentences of one call of the compiled loop: its arrays stay in the processor's cache."""


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
    view = data.view()
    view.flags.writeable = False
    newlines = np.flatnonzero(view == _NEWLINE)
    most = min(BLOCK, len(data) // 8 + 2)
    block = _Block(most)
    known, letters, turns = _constants()
    key, state = np.zeros((SLOTS, 4), np.int64), np.zeros((SLOTS, 6), np.int64)
    held = np.zeros((SLOTS, STRIDE), np.uint8)
    parts: list[dict[str, Table]] = []
    refused: list[NDArray[np.int64]] = []
    chunk, line, sentences = 0, 0, 0
    while chunk < len(starts) or not parts:
        block.rows[:] = 0
        chunk, line, sentences, rejects, used = run(
            view, newlines, starts, ends, chunk, line, sentences, most, letters, turns,
            known.steps, known.first, known.last, known.of_type, known.conditions, known.group,
            key, state, held, *block.arrays(), _DATA_COLUMN, block.rows, block.blob, block.reject,
        )  # fmt: skip
        parts.append(block.tables(used))
        refused.append(block.reject[:rejects].copy())
    left = state[state[:, 0] > 0]
    incomplete = np.full(len(left), REASONS.index(Reason.INCOMPLETE), np.int64)
    refused.append(np.column_stack([left[:, 4], left[:, 3], incomplete]))
    tables = {name: _joined([part[name] for part in parts]) for name in TABLES}
    return Bulk(tables, np.concatenate(refused), int(sentences))


class _Block:
    """Arrays that the compiled loop fills, for all tables: [table, column, row]."""

    def __init__(self, most: int) -> None:
        shapes = list(TABLES.values())
        kinds = len(shapes)
        self.small = np.empty((kinds, max(len(shape.small) for shape in shapes), most), np.int8)
        self.integers = np.empty((kinds, max(len(shape.integers) for shape in shapes), most), np.int32)
        self.floats = np.empty((kinds, max(len(shape.floats) for shape in shapes), most), np.float64)
        self.texts = np.empty((kinds, most, max(shape.text_width for shape in shapes)), np.uint8)
        self.chunk, self.offset = np.empty((kinds, most), np.int32), np.empty((kinds, most), np.int64)
        self.time_ms, self.own = np.empty((kinds, most), np.int64), np.empty((kinds, most), np.bool_)
        self.data_at = np.zeros(most, np.int64)
        self.rows = np.zeros(kinds, np.int64)
        self.blob = np.empty(most * (MOST_BITS // 8 + 1), np.uint8)
        self.reject = np.empty((2 * most + SLOTS + 8, 3), np.int64)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        return (
            self.small, self.integers, self.floats, self.texts,
            self.chunk, self.offset, self.time_ms, self.own, self.data_at,
        )  # fmt: skip

    def tables(self, used: int) -> dict[str, Table]:
        """Copies of what was filled."""
        found = {}
        for index, (name, shape) in enumerate(TABLES.items()):
            count = int(self.rows[index])
            columns: dict[str, NDArray[Any]] = {}
            columns |= {column: self.small[index, at, :count].copy() for at, column in enumerate(shape.small)}
            columns |= {column: self.integers[index, at, :count].copy() for at, column in enumerate(shape.integers)}
            columns |= {column: self.floats[index, at, :count].copy() for at, column in enumerate(shape.floats)}
            for column, width in shape.texts:
                start = shape.place(column)
                cut = self.texts[index, :count, start : start + width].copy()
                columns[column] = cut.view(f"S{width}").reshape(count)
            binary = DATA in columns
            found[name] = Table(
                columns,
                self.chunk[index, :count].copy(),
                self.offset[index, :count].copy(),
                self.time_ms[index, :count].copy(),
                self.own[index, :count].copy(),
                self.data_at[: count if binary else 0].copy(),
                self.blob[: used if binary else 0].copy(),
            )
        return found


def _joined(parts: list[Table]) -> Table:
    """Tables one behind the other."""
    if len(parts) == 1:
        return parts[0]
    shifts = np.cumsum([0, *(len(part.data) for part in parts)])
    return Table(
        {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
        np.concatenate([part.chunk for part in parts]),
        np.concatenate([part.offset for part in parts]),
        np.concatenate([part.time_ms for part in parts]),
        np.concatenate([part.own for part in parts]),
        np.concatenate([part.data_at + shift for part, shift in zip(parts, shifts, strict=False)]),
        np.concatenate([part.data for part in parts]),
    )


_DATA_COLUMN: Final = TABLES["binary"].integers.index(DATA)


@cache
def _constants() -> tuple[Program, NDArray[np.uint8], NDArray[np.float64]]:
    return program(), text_bytes(), turn_values()


__all__ = ["GROUPS", "REASONS", "Bulk", "Table", "decode_buffer", "decode_frames"]
