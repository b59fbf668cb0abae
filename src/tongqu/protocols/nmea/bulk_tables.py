"""What the compiled loop knows of the tables: a row of numbers per field, from the declarations that `decode` uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.nmea.fields import Field, Number, Spare, Text, Turn, turn_of
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
    "texts": (14,),
}
"""Tables of the bulk path and the types that make their rows."""
SMALL, INTEGER, FLOAT, TEXT = range(4)
"""Kinds of columns: int8 for fields of up to seven bits, int32, float64, bytes of a fixed width."""
K, SHIFT, MASK, END, COLUMN, SENTINEL, SIGN, PER = range(8)
"""What a row of `steps` says of a number: word it begins in, how far to shift it right, mask, bit behind it, column,
raw value of "not available", sign bit, and raw units in one (0: none, -1: a rate of turn)."""
SYMBOL, INSIDE, CHARACTERS, PLACE = 0, 1, 2, 3
"""What a row says of a text: symbol, bit inside it, characters, place among the bytes of texts."""
WORD = 30
"""A word holds 60 bits and begins 30 bits behind the one before, so a field of up to 30 bits lies in one."""
NO_SENTINEL: Final = -(1 << 40)
NONE: Final = -1
"""In a column of integers: not available, or not in the payload."""
FAST_RIGHT, FAST_LEFT = 720.0, -720.0
"""In the column `turn_deg_min`: turning fast without an indicator. A measured rate is below 709."""
LAYOUTS_OF_24: Final = 28
"""Shapes 28, 29, 30, 31 are the layouts of type 24; the others are their type."""


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
    """All shapes as arrays.

    Attributes:
        steps: what to read, and what to fill because the shape has no such field, one row each; int64.
        first, last: range of rows of each shape: [shape, kind, read or fill]; int64.
        group: table of each shape, -1 for types that take the slow path, -2 for what is no type; int64.
        least: bits each shape needs, int64.
    """

    steps: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    group: NDArray[np.int64]
    least: NDArray[np.int64]


def columns_of(types: tuple[int, ...]) -> GroupTable:
    """Columns for all fields of some types; a number that is whole in one type and scaled in another is a float."""
    kinds: dict[str, int] = {}
    widths: dict[str, int] = {}
    for layout in (layout for number in types for layout in MESSAGES[number].layouts):
        for field in layout.fields:
            if not isinstance(field, Spare):
                kinds[field.name] = max(kinds.get(field.name, SMALL), _kind(field))
                widths[field.name] = field.width // 6 or getattr(field, "most", 0)
    small, integers, floats, texts = (
        tuple(name for name, kind in kinds.items() if kind == wanted) for wanted in (SMALL, INTEGER, FLOAT, TEXT)
    )
    return GroupTable(small, integers, floats, tuple((name, widths[name]) for name in texts))


def _kind(field: Field) -> int:
    if isinstance(field, Text):
        return TEXT
    if isinstance(field, Turn) or (isinstance(field, Number) and field.per > 0):
        return FLOAT
    return SMALL if field.width <= 7 else INTEGER


TABLES: Final = {name: columns_of(types) for name, types in GROUPS.items()}


def program() -> Program:
    """The shapes of all types."""
    shapes = LAYOUTS_OF_24 + len(MESSAGES[24].layouts)
    first, last = np.zeros((shapes, 4, 2), np.int64), np.zeros((shapes, 4, 2), np.int64)
    group, least = np.full(shapes, -2, np.int64), np.zeros(shapes, np.int64)
    steps: list[list[int]] = []
    for table in MESSAGES.values():
        group[table.type], least[table.type] = -1, table.least
    for index, (name, types) in enumerate(GROUPS.items()):
        for number in types:
            for at, layout in enumerate(MESSAGES[number].layouts):
                shape = LAYOUTS_OF_24 + at if number == 24 else number
                group[shape], least[shape] = index, MESSAGES[number].least
                for kind, pair in enumerate(_steps(layout, TABLES[name])):
                    for way, rows in enumerate(pair):
                        first[shape, kind, way] = len(steps)
                        steps += rows
                        last[shape, kind, way] = len(steps)
    return Program(np.array(steps, np.int64), first, last, group, least)


def _steps(layout: Layout, table: GroupTable) -> list[tuple[list[list[int]], list[list[int]]]]:
    """For each kind of column the rows to read and the rows to fill."""
    fields = {field.name: (field, at) for field, at in layout.places() if not isinstance(field, Spare)}
    found: list[tuple[list[list[int]], list[list[int]]]] = []
    for names in (table.small, table.integers, table.floats):
        read = [_number(*fields[name], column) for column, name in enumerate(names) if name in fields]
        fill = [[0] * COLUMN + [column, 0, 0, 0] for column, name in enumerate(names) if name not in fields]
        found.append((read, fill))
    texts = [
        [*divmod(fields[name][1] if name in fields else 0, 6), width, table.place(name)] for name, width in table.texts
    ]
    read = [row + [0] * 4 for row, (name, _) in zip(texts, table.texts, strict=True) if name in fields]
    fill = [row + [0] * 4 for row, (name, _) in zip(texts, table.texts, strict=True) if name not in fields]
    return [*found, (read, fill)]


def _number(field: Field, at: int, column: int) -> list[int]:
    absent: Any = getattr(field, "absent", None)
    sentinel = NO_SENTINEL if absent is None else int(absent)
    sign = 1 << field.width - 1 if getattr(field, "signed", False) else 0
    per = -1 if isinstance(field, Turn) else int(getattr(field, "per", 0))
    word, inside = divmod(at, WORD)
    return [word, 60 - inside - field.width, (1 << field.width) - 1, at + field.width, column, sentinel, sign, per]


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
