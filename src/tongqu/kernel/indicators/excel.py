"""Figures and rows as a workbook: with definition, unit, version and the status of the numbers used."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from tongqu.kernel.indicators.values import Indicator
from tongqu.kit.text import text
from tongqu.kit.time import CHINA

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(
    about: dict[str, Any],
    points: Sequence[dict[str, Any]],
    rows: pa.Table | None,
    indicator: Indicator,
    language: str,
    *,
    total: int = 0,
) -> bytes:
    """A workbook with the definition, the figures over time, and the rows behind one of them.

    Args:
        about: as `service.described` gives it.
        points: as `service.series` gives them.
        rows: rows behind the figure of one window, if they are wanted.
        total: how many there are; the sheet says so where it holds fewer.
    """
    book = Workbook(write_only=True)
    _definition(book, about, language, total if rows is not None and total > rows.num_rows else 0)
    _figures(book, about, points, language)
    if rows is not None:
        _rows(book, rows, indicator, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _word(name: str, language: str) -> str:
    return text(f"indicators.sheet.{name}")[language]


def _definition(book: Workbook, about: dict[str, Any], language: str, cut_of: int) -> None:
    sheet = book.create_sheet(_word("definition", language))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 100
    lines: list[tuple[str, Any]] = [
        ("indicator", f"{about['title'][language]} ({about['id']})"),
        ("formula", about["formula"][language]),
        ("unit", about["unit_label"][language]),
        ("version", about["version"]),
        ("note", about["note"][language]),
    ]
    for one in about["parameters"]:
        lines.append(("parameter", f"{one['title'][language]}: {one['value']}"))
        lines.append(("source", f"{one['source']} ({one['status_label'][language]})"))
    if cut_of:
        lines.append(("cut", cut_of))
    for name, value in lines:
        head = WriteOnlyCell(sheet, _word(name, language))
        head.font = Font(bold=True)
        sheet.append([head, _safe(value)])


def _figures(book: Workbook, about: dict[str, Any], points: Sequence[dict[str, Any]], language: str) -> None:
    sheet = book.create_sheet(_word("figures", language))
    for letter, width in zip("ABCDEFGH", (20, 20, 14, 14, 14, 14, 10, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    names = ["from", "to", "value", "numerator", *(["denominator"] if about["ratio"] else []), "version", "state"]
    grouped = any("group" in point for point in points)
    _head(sheet, [_word(name, language) for name in (*(["group"] if grouped else []), *names)])
    for point in points:
        cells: list[Any] = [_safe(point["group"] or "")] if grouped else []
        cells += [_time(point["from_ms"]), _time(point["to_ms"]), point["value"], point["numerator"]]
        cells += [point["denominator"]] if about["ratio"] else []
        cells += [point["version"], _word("closed" if point["closed"] else "running", language)]
        sheet.append(cells)


def _rows(book: Workbook, rows: pa.Table, indicator: Indicator, language: str) -> None:
    sheet = book.create_sheet(_word("rows", language))
    _head(sheet, [heading(indicator, name)[language] for name in rows.column_names])
    columns = [_cells(name, rows[name].to_pylist()) for name in rows.column_names]
    for row in zip(*columns, strict=True):
        sheet.append(row)


def heading(indicator: Indicator, column: str) -> dict[str, str]:
    """What a column of rows is called: by the module of the indicator, or by this room."""
    from tongqu.kit.text import has

    own = f"{indicator.module}.fields.{column}"
    return text(own if has(own) else f"indicators.fields.{column}")


def _cells(name: str, values: list[Any]) -> list[Any]:
    if name.endswith("_ms"):
        return [None if value is None else _time(value) for value in values]
    return [_safe(value) for value in values]


def _head(sheet: Any, names: Sequence[str]) -> None:
    cells = []
    for name in names:
        cell = WriteOnlyCell(sheet, name)
        cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)


def _time(at_ms: int) -> datetime:
    """Time of China without a zone: workbooks know none."""
    return datetime.fromtimestamp(at_ms / 1000, CHINA).replace(tzinfo=None)


def _safe(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula (CWE-1236)."""
    if isinstance(value, str) and value.startswith(_RUN_AS_FORMULA):
        return f"'{value}"
    return value
