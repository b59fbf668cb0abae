"""A table that the page shows, as a workbook. The page sends the rows: they are what its person was given."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pydantic import BaseModel, Field

from tongqu.kit.time import CHINA

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 50_000
WIDEST = 60
_FORBIDDEN = str.maketrans("[]:*?/\\", "       ")
_CONTROL = {code: None for code in range(32) if code not in (9, 10)}
_LAST_MS = 253_402_214_400_000


class SheetColumn(BaseModel):
    """Heading of a column and how its values are written."""

    label: str = Field(max_length=200)
    type: Literal["text", "number", "time"] = "text"


class Sheet(BaseModel):
    """A table; times are UTC ms."""

    title: str = Field(max_length=200)
    columns: list[SheetColumn] = Field(min_length=1, max_length=200)
    rows: list[list[str | int | float | None]] = Field(max_length=MOST_ROWS)


def workbook(sheet: Sheet) -> bytes:
    """The workbook: times as times of +08:00, numbers as numbers, a text that begins as a formula as a text."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title.translate(_FORBIDDEN).translate(_CONTROL).strip()[:31] or "1")
    page.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns):
        texts = [str(row[number]) for row in sheet.rows[:200] if number < len(row) and row[number] is not None]
        width = 20 if column.type == "time" else max((_width(one) for one in [column.label, *texts]), default=8) + 2
        page.column_dimensions[get_column_letter(number + 1)].width = min(WIDEST, width)
    page.append([_bold(page, column.label) for column in sheet.columns])
    writers = [_WRITE[column.type] for column in sheet.columns]
    for row in sheet.rows:
        page.append([write(page, value) for write, value in zip(writers, row, strict=False)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(text: str) -> int:
    """Characters of Latin width; Chinese ones are as wide as two."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def _bold(page: Any, label: str) -> Any:
    cell = _text(page, label)
    cell.font = Font(bold=True)
    return cell


def _text(page: Any, value: Any) -> Any:
    cell = WriteOnlyCell(page, value=None)
    if value is not None:
        cell.value = str(value).translate(_CONTROL)[:32_767]
        cell.data_type = "s"  # whatever it begins with
    return cell


def _number(page: Any, value: Any) -> Any:
    return value if isinstance(value, int | float) else _text(page, value)


def _time(page: Any, value: Any) -> Any:
    if not isinstance(value, int | float) or not 0 <= value < _LAST_MS:
        return _text(page, value)
    cell = WriteOnlyCell(page, value=datetime.fromtimestamp(value / 1000, UTC).astimezone(CHINA).replace(tzinfo=None))
    cell.number_format = "yyyy-mm-dd hh:mm:ss"
    return cell


_WRITE: Mapping[str, Callable[[Any, Any], Any]] = {"text": _text, "number": _number, "time": _time}
