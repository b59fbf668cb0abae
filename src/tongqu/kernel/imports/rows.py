"""From the cells of a sheet to parsed rows: which column is which, and what is wrong with each cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tongqu.kernel.imports import values
from tongqu.kernel.imports.reading.sheet import EXACT, HEADING_WITHIN, MOST_TEXT, Cell, Merge, RawRow, Sheet
from tongqu.kernel.imports.values import Column, Importer, Row, folded
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.text import text

_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE][+-]\d{1,3}")
_SUFFIX = re.compile(r"[*＊]|[(（][^()（）]*[)）]")
_YES = frozenset({"是", "有", "yes", "y", "true", "1", "√"})
_NO = frozenset({"否", "无", "no", "n", "false", "0", "×"})


@dataclass(frozen=True)
class Bound:
    """An importer with the module it belongs to, in whose catalogues its headings stand."""

    module: str
    importer: Importer

    def heading(self, column: Column) -> dict[str, str]:
        """The heading of a column in both languages."""
        return text(f"{self.module}.fields.{column.label or column.name}")

    def option(self, column: Column, value: str) -> dict[str, str]:
        """The text of one value of an enum in both languages."""
        return text(f"{self.module}.options.{column.enum or column.name}.{value}")


@dataclass(frozen=True)
class Fault:
    """A problem of a cell or row; a `warning` does not refuse the row."""

    code: str
    params: dict[str, Any]
    field: str | None = None
    level: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Parsed:
    """A row after parsing: its values, or what refuses it."""

    number: int
    values: Row
    faults: tuple[Fault, ...]

    @property
    def refused(self) -> bool:
        return any(fault.level == "error" for fault in self.faults)


@dataclass(frozen=True)
class Table:
    """A sheet whose heading is understood.

    Attributes:
        rows: rows below the heading.
        places: column to its position in a row, from 0.
        notes: warnings about the file as a whole.
    """

    rows: tuple[RawRow, ...]
    places: dict[Column, int]
    merges: tuple[Merge, ...]
    typed: bool
    notes: tuple[Problem, ...]


def understand(sheet: Sheet, bound: Bound) -> Table:
    """Find the heading among the first rows and say which column is which.

    Raises:
        Invalid: `imports.no_rows`; `imports.heading` with a problem for each missing, doubled or merged column.
    """
    at = _heading_at(sheet, bound)
    heading = sheet.rows[at]
    found: dict[Column, list[int]] = {}
    unknown: list[str] = []
    for position, cell in enumerate(heading.cells):
        if cell is None:
            continue
        column = _column(bound, cell.text)
        if column is None:
            unknown.append(cell.text[:40])
        else:
            found.setdefault(column, []).append(position)
    problems = [*_missing(bound, found), *_doubled(bound, found), *_merged_heading(sheet, heading)]
    if problems:
        raise Invalid("imports.heading", row=heading.number, problems=problems)
    rows = sheet.rows[at + 1 :]
    if not rows:
        raise Invalid("imports.no_rows")
    notes = list(sheet.notes)
    if unknown:
        notes.append(Problem("imports.unknown_columns", params={"names": "、".join(unknown)}))
    places = {column: positions[0] for column, positions in found.items()}
    return Table(rows, places, sheet.merges, sheet.typed, tuple(notes))


def parse_rows(table: Table, bound: Bound) -> Iterator[Parsed]:
    """Parse each row; a row that has a fault is given too, with all its faults."""
    reader = _RowReader(table, bound)
    for raw in table.rows:
        yield reader.parse(raw)


def _heading_at(sheet: Sheet, bound: Bound) -> int:
    """The first of the first rows with the most known headings; the very first where none has any."""
    if not sheet.rows:
        raise Invalid("imports.empty")
    scores = [
        len({column for cell in row.cells if cell and (column := _column(bound, cell.text))})
        for row in sheet.rows[:HEADING_WITHIN]
    ]
    return scores.index(max(scores))


@cache
def _headings(bound: Bound) -> dict[str, Column]:
    known: dict[str, Column] = {}
    for column in bound.importer.columns:
        for name in (column.name, *bound.heading(column).values()):
            known.setdefault(folded(name), column)
            known.setdefault(folded(_SUFFIX.sub("", name)), column)
    return known


def _column(bound: Bound, heading: str) -> Column | None:
    known = _headings(bound)
    return known.get(folded(heading)) or known.get(folded(_SUFFIX.sub("", heading)))


def _missing(bound: Bound, found: dict[Column, list[int]]) -> list[Problem]:
    missing = [column for column in bound.importer.columns if column.required and column not in found]
    return [Problem("imports.missing_column", field=column.name, params=_named(bound, column)) for column in missing]


def _doubled(bound: Bound, found: dict[Column, list[int]]) -> list[Problem]:
    return [
        Problem("imports.doubled_column", field=column.name, params=_named(bound, column) | {"times": len(positions)})
        for column, positions in found.items()
        if len(positions) > 1
    ]


def _merged_heading(sheet: Sheet, heading: RawRow) -> list[Problem]:
    return [
        Problem("imports.merged_heading", row=heading.number, params={"range": merge.name})
        for merge in sheet.merges
        if merge.first_row <= heading.number <= merge.last_row
    ]


def _named(bound: Bound, column: Column) -> dict[str, Any]:
    heading = bound.heading(column)
    return {"column": heading["zh"], "column_en": heading["en"]}


class _RowReader:
    """Parses the rows of one table."""

    def __init__(self, table: Table, bound: Bound) -> None:
        self.bound = bound
        self.typed = table.typed
        self.places = table.places
        self.positions = set(table.places.values())
        self.merges = [merge for merge in table.merges if self._touches(merge)]
        self.examples = {column: column.example for column in table.places if column.example}

    def parse(self, raw: RawRow) -> Parsed:
        merged = [merge for merge in self.merges if merge.first_row <= raw.number <= merge.last_row]
        if merged:
            return Parsed(raw.number, {}, tuple(Fault("imports.merged", {"range": merge.name}) for merge in merged))
        cells = {column: self._at(raw, position) for column, position in self.places.items()}
        if self._is_example(cells):
            return Parsed(raw.number, {}, (Fault("imports.example_row", {}),))
        row: Row = {column.name: None for column in self.bound.importer.columns}
        found: list[Fault] = []
        for column, cell in cells.items():
            value, faults = self._value(column, cell)
            row[column.name] = value
            found += faults
        return Parsed(raw.number, row, tuple(found))

    def _touches(self, merge: Merge) -> bool:
        return any(merge.first_column <= position + 1 <= merge.last_column for position in self.positions)

    @staticmethod
    def _at(raw: RawRow, position: int) -> Cell | None:
        return raw.cells[position] if position < len(raw.cells) else None

    def _is_example(self, cells: dict[Column, Cell | None]) -> bool:
        """Whether this is the row of examples that the template came with."""
        shown = {column: cell.text for column, cell in cells.items() if cell is not None}
        return len(self.examples) > 1 and shown == self.examples

    def _value(self, column: Column, cell: Cell | None) -> tuple[Any, list[Fault]]:
        if cell is None:
            empty = [self._fault("imports.required", column)] if column.required else []
            return None, empty
        if len(cell.text) > MOST_TEXT:
            return None, [self._fault("imports.too_long", column, most=MOST_TEXT)]
        try:
            warnings = _check_type(column, cell, self.typed)
            value = _PARSERS[column.kind](self.bound, column, cell.text)
            if column.parse is not None:
                value = column.parse(value)
        except Invalid as error:
            return None, [self._fault(error.code, column, **error.params)]
        return value, [self._fault(code, column, level="warning", **params) for code, params in warnings]

    def _fault(
        self, code: str, column: Column, *, level: Literal["error", "warning"] = "error", **params: Any
    ) -> Fault:
        if column.personal:
            params = {name: "…" if name == "value" else value for name, value in params.items()}
        return Fault(code, _named(self.bound, column) | params, column.name, level)


Warned = list[tuple[str, dict[str, Any]]]


def _check_type(column: Column, cell: Cell, typed: bool) -> Warned:
    """What a cell's type says against its column; spreadsheets change long numbers and things like `1-2` silently."""
    shown = cell.text[:60]
    if cell.kind == "formula":
        raise Invalid("imports.formula", value=shown)
    if cell.kind == "error":
        raise Invalid("imports.error_cell", value=shown)
    if column.kind in ("text", "enum"):
        if cell.kind == "date":
            raise Invalid("imports.date_in_text", value=shown)
        if cell.kind == "text" and column.kind == "text" and _SCIENTIFIC.fullmatch(cell.text):
            raise Invalid("imports.scientific", value=shown)
        if cell.kind == "number" and column.kind == "text":
            if abs(float(cell.text)) >= EXACT:
                raise Invalid("imports.digits_lost", value=shown)
            return [("imports.number_as_text", {"value": shown})]
    if column.kind in ("integer", "number"):
        if cell.kind in ("date", "boolean"):
            raise Invalid("imports.not_number", value=shown)
        if cell.kind == "text" and typed:
            return [("imports.text_as_number", {"value": shown})]
    if column.kind == "date" and cell.kind in ("number", "boolean"):
        raise Invalid("imports.number_as_date", value=shown)
    return []


def _text(_: Bound, column: Column, plain: str) -> str:
    most = int(column.most or 200)
    if len(plain) > most:
        raise Invalid("imports.too_long", most=most)
    return plain


def _number(_: Bound, column: Column, plain: str) -> float:
    try:
        number = float(unicodedata.normalize("NFKC", plain))
    except ValueError as error:
        raise Invalid("imports.not_number", value=plain[:60]) from error
    if number != number or abs(number) == float("inf") or "_" in plain:
        raise Invalid("imports.not_number", value=plain[:60])
    low, high = column.least, column.most
    if (low is not None and number < low) or (high is not None and number > high):
        raise Invalid("imports.out_of_range", value=plain[:60], least=_edge(low), most=_edge(high))
    return number


def _edge(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"


def _integer(bound: Bound, column: Column, plain: str) -> int:
    number = _number(bound, column, plain)
    if not number.is_integer():
        raise Invalid("imports.not_integer", value=plain[:60])
    return int(number)


def _boolean(_: Bound, __: Column, plain: str) -> bool:
    word = folded(plain)
    if word in _YES or word in _NO:
        return word in _YES
    raise Invalid("imports.not_boolean", value=plain[:60])


@cache
def _options(bound: Bound, column: Column) -> dict[str, str]:
    known: dict[str, str] = {}
    for value in column.options:
        for name in (value, *bound.option(column, value).values()):
            known.setdefault(folded(name), value)
    return known


def _enum(bound: Bound, column: Column, plain: str) -> str:
    found = _options(bound, column).get(folded(plain))
    if found is None:
        options = [bound.option(column, value) for value in column.options]
        raise Invalid(
            "imports.not_option",
            value=plain[:60],
            options="、".join(option["zh"] for option in options),
            options_en=", ".join(option["en"] for option in options),
        )
    return found


_PARSERS: dict[str, Callable[[Bound, Column, str], Any]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": lambda _, __, plain: values.date(plain),
    "enum": _enum,
}


def importers(modules: Sequence[Any]) -> dict[str, Bound]:
    """All importers of the modules by id."""
    return {one.id: Bound(module.id, one) for module in modules for one in module.importers}
