"""A sheet as plain values, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tongqu.kit.errors import Problem, TooLarge

MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_TEXT = 2_000
HEADING_WITHIN = 10
"""The heading is looked for in so many first rows that hold anything."""

EXACT = 10**15
"""A number of a spreadsheet is a double: from 16 digits on, digits are lost."""

CellKind = Literal["text", "number", "date", "boolean", "formula", "error"]


class Cell(NamedTuple):
    """One cell that holds something.

    Attributes:
        text: its content: digits of a number in full, a day as `2026-11-23`.
        kind: how the file holds it; cells of a CSV are all `text`.
    """

    text: str
    kind: CellKind


class RawRow(NamedTuple):
    """A row that holds something, with the number its author sees; None where a cell is empty."""

    number: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Merge:
    """A merged range, rows and columns from 1, as `A3:B4` in `name`."""

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    """What a reader found.

    Attributes:
        rows: rows that hold something, in order.
        merges: merged ranges.
        typed: whether cells carry types (a spreadsheet) or are all text (a CSV).
        notes: what the author should know, as warnings.
    """

    rows: tuple[RawRow, ...]
    typed: bool
    merges: tuple[Merge, ...] = ()
    notes: tuple[Problem, ...] = field(default=())


def check_count(count: int) -> None:
    """Refuse a file with too many rows.

    Raises:
        TooLarge: `imports.too_many_rows`.
    """
    if count > MOST_ROWS + HEADING_WITHIN:
        raise TooLarge("imports.too_many_rows", most=MOST_ROWS)
