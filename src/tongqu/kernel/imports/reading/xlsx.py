"""Workbooks (ISO/IEC 29500, SpreadsheetML), read as they are: nothing is computed, nothing filled in.

openpyxl's streaming reader gives the cells; merged ranges it leaves out, so they are read from the sheet's XML here.
"""

from __future__ import annotations

import datetime
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError, iterparse

import openpyxl
from openpyxl.utils.cell import range_boundaries

from tongqu.kernel.imports.reading.sheet import MOST_COLUMNS, Cell, CellKind, Merge, RawRow, Sheet, check_count
from tongqu.kit.errors import Invalid, Problem, TooLarge

MOST_UNPACKED = 192 << 20
MOST_RATIO = 150
SMALL = 4 << 20
MOST_MEMBERS = 2_000
_MERGE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}mergeCell"
_STRICT_MERGE = "{http://purl.oclc.org/ooxml/spreadsheetml/main}mergeCell"
_BROKEN = (
    zipfile.BadZipFile,
    ParseError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
)
"""What zipfile, the XML parser and openpyxl raise on broken files; none of them promises less."""

_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def read_xlsx(path: Path) -> Sheet:
    """The first visible sheet of a workbook.

    Raises:
        Invalid: `imports.not_xlsx`, `imports.xml_declaration`, `imports.no_sheet`.
        TooLarge: `imports.zip_bomb`, `imports.too_many_rows`.
    """
    with path.open("rb") as opened:  # openpyxl judges a path by its ending, and kept files have none
        try:
            with zipfile.ZipFile(opened) as archive:
                check_archive(archive)
            book = openpyxl.load_workbook(opened, read_only=True, data_only=False, keep_links=False)
            return _first_sheet(opened, book)
        except _BROKEN as error:
            raise Invalid("imports.not_xlsx", reason=f"{type(error).__name__}: {error}") from error


def check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that would grow beyond all measure, and XML that declares a document type of its own.

    Sizes are those the archive claims; reading stops at them, so a lie ends as a broken file.

    Raises:
        TooLarge: `imports.zip_bomb`.
        Invalid: `imports.xml_declaration`.
    """
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    steep = [
        member
        for member in members
        if member.file_size > SMALL and member.file_size > MOST_RATIO * member.compress_size
    ]
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or steep:
        raise TooLarge("imports.zip_bomb", unpacked_mb=unpacked >> 20, most_mb=MOST_UNPACKED >> 20)
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as opened:
                if _DECLARATION.search(opened.read(4096)):
                    raise Invalid("imports.xml_declaration", member=member.filename)


def _first_sheet(file: BinaryIO, book: Any) -> Sheet:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise Invalid("imports.no_sheet")
    sheet, others = visible[0], visible[1:]
    notes = []
    if others:
        names = "、".join(other.title for other in others)
        notes.append(Problem("imports.other_sheets", params={"sheet": sheet.title, "others": names}))
    rows: list[RawRow] = []
    for number, cells in _rows(sheet):
        rows.append(RawRow(number, cells))
        check_count(len(rows))
    return Sheet(tuple(rows), typed=True, merges=tuple(_merges(file, sheet._worksheet_path)), notes=tuple(notes))


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Cell | None, ...]]]:
    sheet.reset_dimensions()  # what the file claims of its size is often wrong
    for number, raw in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        cells = [_cell(one) for one in raw]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, tuple(cells)


def _cell(raw: Any) -> Cell | None:
    value = raw.value
    if value is None:
        return None
    if raw.data_type in ("f", "e"):
        kind: CellKind = "formula" if raw.data_type == "f" else "error"
        return Cell(str(value), kind)
    if isinstance(value, bool):
        return Cell("true" if value else "false", "boolean")
    if isinstance(value, datetime.datetime | datetime.date):
        return Cell(_day(value), "date")
    if isinstance(value, int | float):
        return Cell(_digits(value), "number")
    text = str(value).strip()
    return Cell(text, "text") if text else None


def _digits(value: float) -> str:
    """A number in full: no exponent, no `.0`, and no digits that its file does not hold."""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    full = f"{Decimal(repr(value)):f}"
    return full.removesuffix(".0")


def _day(value: datetime.date) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return value.isoformat()


def _merges(file: BinaryIO, member: str) -> Iterator[Merge]:
    with zipfile.ZipFile(file) as archive, archive.open(member.lstrip("/")) as opened:
        for _, element in iterparse(opened):
            if element.tag in (_MERGE, _STRICT_MERGE):
                name = element.get("ref", "")
                edges = range_boundaries(name)
                if None in edges:  # whole rows or columns: no program merges those
                    raise ValueError(f"merged range {name}")
                first_column, first_row, last_column, last_row = (int(edge or 0) for edge in edges)
                yield Merge(name, first_row, last_row, first_column, last_column)
            element.clear()
