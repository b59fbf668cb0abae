"""What imports give out as files: templates with examples and explanations, and reports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.schemas import shown_row
from tongqu.kit.text import text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOLD = Font(bold=True)
_NEEDED = PatternFill("solid", fgColor="FFF2CC")
_LISTED_ROWS = 10_000


def plain(value: Any) -> Any:
    """A text as a cell of a CSV that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_RUN_AS_FORMULA):
        return f"'{value}"
    return value


def as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV as spreadsheets open it: UTF-8 with its mark, CRLF."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([plain(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def template_csv(bound: Bound, language: str) -> bytes:
    """Headings and a row of examples; an import passes that row over."""
    columns = bound.importer.columns
    return as_csv([[bound.heading(column)[language] for column in columns], [column.example for column in columns]])


def template_xlsx(bound: Bound, language: str) -> bytes:
    """The same as a workbook: all cells are text, options can be chosen, a second sheet explains each column."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = text(f"{bound.module}.importers.{bound.importer.id}")[language][:31]
    for position, column in enumerate(bound.importer.columns, 1):
        letter = get_column_letter(position)
        heading = bound.heading(column)[language]
        head = sheet.cell(1, position, heading)
        head.font = _BOLD
        if column.required:
            head.fill = _NEEDED
        example = sheet.cell(2, position, column.example or None)
        if column.kind in ("text", "enum"):
            sheet.column_dimensions[letter].number_format = "@"
            example.number_format = "@"
        sheet.column_dimensions[letter].width = max(12, 2 * len(heading) + 4, len(column.example) + 4)
        labels = ",".join(bound.option(column, value)[language] for value in column.options)
        if labels and len(labels) < 250 and '"' not in labels:  # a list in a formula holds 255 characters
            choice = DataValidation(type="list", formula1=f'"{labels}"', allow_blank=True)
            choice.add(f"{letter}2:{letter}{_LISTED_ROWS}")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"
    _explain(book, bound, language)
    return _bytes(book)


def _explain(book: Workbook, bound: Bound, language: str) -> None:
    sheet = book.create_sheet(text("imports.template.sheet")[language])
    heads = ("column", "required", "type", "options", "example")
    sheet.append([text(f"imports.template.{head}")[language] for head in heads])
    for cell in sheet[1]:
        cell.font = _BOLD
    for column in bound.importer.columns:
        sheet.append(
            [
                bound.heading(column)[language],
                text(f"imports.template.{'yes' if column.required else 'no'}")[language],
                text(f"imports.template.types.{column.kind}")[language],
                "\n".join(bound.option(column, value)[language] for value in column.options),
                column.example,
            ]
        )
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", (24, 8, 16, 30, 30), strict=True):
        sheet.column_dimensions[letter].width = width


def _report(rows: Iterable[dict[str, Any]], language: str) -> Iterable[list[Any]]:
    """A line per problem, and one per row that has none."""
    yield [text(f"imports.report.{head}")[language] for head in ("row", "outcome", "key", "column", "level", "problem")]
    for stored in rows:
        row = shown_row(stored)
        start = [row["row"], text(f"imports.options.outcome.{row['outcome']}")[language], row["key"]]
        for problem in row["problems"]:
            level = text(f"imports.options.level.{problem['level']}")[language]
            yield [*start, problem["field"], level, problem["detail"][language]]
        if not row["problems"]:
            yield [*start, None, None, None]


def report_csv(rows: Iterable[dict[str, Any]], language: str) -> bytes:
    return as_csv(_report(rows, language))


def report_xlsx(rows: Iterable[dict[str, Any]], language: str) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(text("imports.report.sheet")[language])
    for letter, width in zip("ABCDEF", (8, 12, 24, 20, 10, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    for line in _report(rows, language):
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
            cells.append(cell)
        sheet.append(cells)
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
