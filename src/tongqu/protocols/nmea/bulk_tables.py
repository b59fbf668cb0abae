"""What the compiled loop knows of the tables: a row of numbers per field, from the declarations that `decode` uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.nmea.fields import Data, Field, Number, Repeat, Spare, Text, Turn, turn_of
from tongqu.protocols.nmea.message import Layout
from tongqu.protocols.nmea.tables import MESSAGES
from tongqu.protocols.nmea.wire import SIX_BIT_TEXT

GROUPS: Final[dict[str, tuple[int, ...]]] = {
    "positions": (1, 2, 3, 9, 18, 27),
    "extended": (19,),
    "stations": (4, 11),
    "aids": (21,),
    "voyages": (5,),
    "particulars": (24,),
    "texts": (12, 14),
    "binary": (6, 8, 17, 25, 26),
    "receipts": (7, 13),
    "inquiries": (10, 15),
    "assignments": (16,),
    "slots": (20,),
    "channels": (22,),
    "groups": (23,),
}
"""Tables of the bulk path and the types that make their rows: all of them."""
SMALL, INTEGER, FLOAT, TEXT = range(4)
"""Kinds of columns: int8 for fields of up to seven bits, int32, float64, bytes of a fixed width."""
K, SHIFT, MASK, END, COLUMN, SENTINEL, SIGN, PER = range(8)
"""What a row of `steps` says of a number: word it begins in, how far to shift it right, mask, bit behind it, column,
raw value of "not available", sign bit, and raw units in one (0: none, -1: a rate of turn)."""
SYMBOL, INSIDE, CHARACTERS, PLACE = 0, 1, 2, 3
"""What a row says of a text: symbol, bit inside it, characters, place among the bytes of texts."""
FROM_END: Final = -1
"""In place of a word: the field is counted from the end, `SHIFT` bits before it; its width stands in `SIGN`."""
DATA: Final = "data_bits"
"""Column with the number of bits of application data, whose bytes stand apart."""
WORD = 30
"""A word holds 60 bits and begins 30 bits behind the one before, so a field of up to 30 bits lies in one."""
NO_SENTINEL: Final = -(1 << 40)
NONE: Final = -1
"""In a column of integers: not available, or not in the payload."""
FAST_RIGHT, FAST_LEFT = 720.0, -720.0
"""In the column `turn_deg_min`: turning fast without an indicator. A measured rate is below 709."""
CONDITIONS: Final = 2
"""Conditions a layout may have."""


@dataclass(frozen=True)
class GroupTable:
    """Columns of one table of the bulk path: names of each kind; texts with their characters."""

    small: tuple[str, ...]
    integers: tuple[str, ...]
    floats: tuple[str, ...]
    texts: tuple[tuple[str, int], ...]

    @property
    def text_width(self) -> int:
        return max(sum(width for _, width in self.texts), 1)

    def place(self, name: str) -> int:
        """Where the bytes of a text begin."""
        names = [text for text, _ in self.texts]
        return sum(width for _, width in self.texts[: names.index(name)])


@dataclass(frozen=True)
class Program:
    """All layouts of all types ("shapes") as arrays of int64.

    Attributes:
        steps: what to read, and what to fill because the shape has no such field, one row each.
        first, last: range of rows of each shape: [shape, kind, read or fill].
        of_type: first and last shape of each type, and the bits it needs; [64, 3].
        conditions: of each shape: word, shift, mask, bit behind, lowest and highest value; [shape, condition, 6].
        group: table of each shape, where its application data begin (-1: it has none), and how many bits follow them;
            [shape, 3].
    """

    steps: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    of_type: NDArray[np.int64]
    conditions: NDArray[np.int64]
    group: NDArray[np.int64]


@dataclass(frozen=True)
class _Place:
    """A field as a column: its first bit, the bit that must be there, and behind data how far from the end it is."""

    field: Field
    at: int
    end: int
    from_end: int = 0


def _places(layout: Layout) -> dict[str, _Place]:
    """Columns of a layout: fields by name, those of records as `slots_1_offset`, application data as `data_bits`."""
    found: dict[str, _Place] = {}
    behind: tuple[int, int] | None = None
    for field, at in layout.places():
        if behind is not None:
            data_at, left = behind
            found[field.name] = _Place(field, 0, data_at, left)
            behind = (data_at, left - field.width)
        elif isinstance(field, Data):
            found[DATA] = _Place(field, at, at)
            behind = (at, field.tail)
        elif isinstance(field, Repeat):
            for index in range(field.most):
                start = inner_at = at + index * field.step
                for inner in field.of:
                    if not isinstance(inner, Spare):
                        found[f"{field.name}_{index + 1}_{inner.name}"] = _Place(inner, inner_at, start + field.step)
                    inner_at += inner.width
        elif not isinstance(field, Spare):
            found[field.name] = _Place(field, at, at + field.width)
    return found


def columns_of(types: tuple[int, ...]) -> GroupTable:
    """Columns for all fields of some types; a number that is whole in one type and scaled in another is a float."""
    kinds: dict[str, int] = {}
    widths: dict[str, int] = {}
    for layout in (layout for number in types for layout in MESSAGES[number].layouts):
        for name, place in _places(layout).items():
            kinds[name] = max(kinds.get(name, SMALL), _kind(place.field))
            widths[name] = place.field.width // 6 or getattr(place.field, "most", 0)
    small, integers, floats, texts = (
        tuple(name for name, kind in kinds.items() if kind == wanted) for wanted in (SMALL, INTEGER, FLOAT, TEXT)
    )
    return GroupTable(small, integers, floats, tuple((name, widths[name]) for name in texts))


def _kind(field: Field) -> int:
    if isinstance(field, Text):
        return TEXT
    if isinstance(field, Turn) or (isinstance(field, Number) and field.per > 0):
        return FLOAT
    return SMALL if 0 < field.width <= 7 else INTEGER


TABLES: Final = {name: columns_of(types) for name, types in GROUPS.items()}


def program() -> Program:
    """The shapes of all types."""
    shapes = [(number, layout) for number, table in MESSAGES.items() for layout in table.layouts]
    table_of = {number: index for index, types in enumerate(GROUPS.values()) for number in types}
    names = list(GROUPS)
    first, last = np.zeros((len(shapes), 4, 2), np.int64), np.zeros((len(shapes), 4, 2), np.int64)
    of_type = np.zeros((64, 3), np.int64)
    conditions = np.zeros((len(shapes), CONDITIONS, 6), np.int64)
    group = np.full((len(shapes), 3), -1, np.int64)
    steps: list[list[int]] = []
    for shape, (number, layout) in enumerate(shapes):
        if of_type[number, 1] == 0:
            of_type[number] = shape, shape, MESSAGES[number].least
        of_type[number, 1] = shape + 1
        for index, when in enumerate(layout.when):
            word, inside = divmod(when.at, WORD)
            conditions[shape, index] = (
                word, 60 - inside - when.width, (1 << when.width) - 1, when.at + when.width, when.low, when.high
            )  # fmt: skip
        data = _places(layout).get(DATA)
        tail = data.field.tail if data is not None and isinstance(data.field, Data) else 0
        group[shape] = table_of[number], -1 if data is None else data.at, tail
        for kind, pair in enumerate(_steps(layout, TABLES[names[table_of[number]]])):
            for way, rows in enumerate(pair):
                first[shape, kind, way] = len(steps)
                steps += rows
                last[shape, kind, way] = len(steps)
    return Program(np.array(steps, np.int64), first, last, of_type, conditions, group)


def _steps(layout: Layout, table: GroupTable) -> list[tuple[list[list[int]], list[list[int]]]]:
    """For each kind of column the rows to read and the rows to fill."""
    places = _places(layout)
    found: list[tuple[list[list[int]], list[list[int]]]] = []
    for names in (table.small, table.integers, table.floats):
        columns = list(enumerate(names))
        read = [_number(places[name], column) for column, name in columns if name in places and name != DATA]
        fill = [[0] * COLUMN + [column, 0, 0, 0] for column, name in columns if name not in places]
        found.append((read, fill))
    texts = [(name, width, places[name].at if name in places else 0) for name, width in table.texts]
    rows = {name: [*divmod(at, 6), width, table.place(name), 0, 0, 0, 0] for name, width, at in texts}
    read = [row for name, row in rows.items() if name in places]
    return [*found, (read, [row for name, row in rows.items() if name not in places])]


def _number(place: _Place, column: int) -> list[int]:
    field = place.field
    absent: Any = getattr(field, "absent", None)
    sentinel = NO_SENTINEL if absent is None else int(absent)
    mask = (1 << field.width) - 1
    if place.from_end:
        return [FROM_END, place.from_end, mask, place.end, column, sentinel, field.width, 0]
    sign = 1 << field.width - 1 if getattr(field, "signed", False) else 0
    per = -1 if isinstance(field, Turn) else int(getattr(field, "per", 0))
    word, inside = divmod(place.at, WORD)
    return [word, 60 - inside - field.width, mask, place.end, column, sentinel, sign, per]


def text_bytes() -> NDArray[np.uint8]:
    """ASCII of each six-bit value."""
    return np.frombuffer(SIX_BIT_TEXT.encode("ascii"), np.uint8).copy()


def turn_values() -> NDArray[np.float64]:
    """Value of the column `turn_deg_min` of each unsigned raw byte."""
    values = np.full(256, np.nan)
    for raw in range(-127, 128):
        value = turn_of(raw)
        fast = FAST_RIGHT if raw > 0 else FAST_LEFT
        values[raw & 255] = fast if isinstance(value, str) else value
    return values
