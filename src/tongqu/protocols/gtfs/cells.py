"""Bytes of a CSV file to a table of texts, and texts to typed columns; what cannot be read is null and noted."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from tongqu.protocols.gtfs.notices import Notices
from tongqu.protocols.gtfs.spec import Field, File

_TIME = re.compile(r"(\d{1,3}):([0-5]?\d):([0-5]?\d)$")
_DATE = re.compile(r"\d{8}$")
_COLOUR = re.compile(r"[0-9A-Fa-f]{6}$")
_INT = re.compile(r"[+-]?\d{1,18}$")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_MONEY = re.compile(r"-?\d+(\.\d+)?$")
_CURRENCY = re.compile(r"[A-Z]{3}$")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+$")
_URL = re.compile(r"https?://[^\s/]+\S*$", re.IGNORECASE)


def parse_time(text: str) -> int | None:
    """Seconds after noon minus 12 h of the service day, of ``H:MM:SS`` (beyond 24 h too); None where it is no time."""
    match = _TIME.match(text)
    return None if match is None else int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])


def format_time(seconds: int) -> str:
    """``HH:MM:SS`` of seconds after noon minus 12 h."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def parse_date(text: str) -> date | None:
    """The day of ``YYYYMMDD``; None where there is no such day."""
    if not _DATE.match(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


@cache
def _zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _number(text: str) -> float | None:
    return float(text) if _FLOAT.match(text) else None


def _integer(text: str) -> int | None:
    return int(text) if _INT.match(text) else None


def _within(limit: float) -> Callable[[str], float | None]:
    def parse(text: str) -> float | None:
        value = _number(text)
        return value if value is not None and abs(value) <= limit else None

    return parse


def _if(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if pattern.match(text) else None


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of cell is read: its Arrow type, the parser (None: it cannot be read), the notice's code."""

    type: Any
    parse: Callable[[str], Any] | None
    code: str


_TEXTUAL = Kind(pa.string(), None, "")
KINDS: dict[str, Kind] = {
    "id": _TEXTUAL,
    "text": _TEXTUAL,
    "url": Kind(pa.string(), _if(_URL), "invalid_url"),
    "email": Kind(pa.string(), _if(_EMAIL), "invalid_email"),
    "phone": _TEXTUAL,
    "colour": Kind(pa.string(), _if(_COLOUR), "invalid_color"),
    "date": Kind(pa.date32(), parse_date, "invalid_date"),
    "time": Kind(pa.int32(), parse_time, "invalid_time"),
    "lat": Kind(pa.float64(), _within(90.0), "number_out_of_range"),
    "lon": Kind(pa.float64(), _within(180.0), "number_out_of_range"),
    "int": Kind(pa.int64(), _integer, "invalid_integer"),
    "float": Kind(pa.float64(), _number, "invalid_float"),
    "enum": Kind(pa.int16(), _integer, "invalid_integer"),
    "currency": Kind(pa.string(), _if(_CURRENCY), "invalid_currency"),
    "money": Kind(pa.string(), _if(_MONEY), "invalid_currency_amount"),
    "language": Kind(pa.string(), _if(_LANGUAGE), "invalid_language_code"),
    "timezone": Kind(pa.string(), lambda text: text if _zone(text) else None, "invalid_timezone"),
}


@dataclass(frozen=True)
class Texts:
    """A file as written: trimmed texts, and the row each record has for its author.

    Attributes:
        table: columns of strings, empty text where nothing is written.
        rows: the number of each record's row (the header is row 1), int64.
    """

    table: Any
    rows: NDArray[np.int64]


def decode_text(data: bytes, name: str, notices: Notices) -> bytes:
    """The file in UTF-8 without byte order mark and zero bytes; what is not UTF-8 is replaced and noted."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        notices.add("invalid_character", name)
        return data.decode("utf-16", errors="replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data:
        notices.add("invalid_character", name)
        data = data.replace(b"\0", b"")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        notices.add("invalid_character", name, rows=[row])
        data = data.decode("utf-8", errors="replace").encode()
    return data


def parse_texts(data: bytes, name: str, notices: Notices) -> Texts | None:
    """A CSV file as texts: RFC 4180 with CRLF or LF, newlines within quotes; short and long rows are noted and kept.

    Returns None where there is not even a header.
    """
    data = decode_text(data, name, notices)
    if not data.strip():
        notices.add("empty_file", name)
        return None
    parsed = _fast(data) or _careful(data, name, notices)
    header, columns, rows = parsed
    names = _header(header, name, notices)
    table = pa.table({column: columns[index] for index, column in names.items()})
    return Texts(_trimmed(table, rows, data, name, notices), rows)


def _fast(data: bytes) -> tuple[list[str], list[Any], NDArray[np.int64]] | None:
    """All rows in one pass of Arrow's reader; None unless each has the header's number of cells and no row is blank."""
    end = data.find(b"\n")
    first = data if end < 0 else data[:end]
    if b'"' in first or b"\r" in first.rstrip(b"\r") or (end < 0 and b"\r" in data):
        return None
    header = first.decode().rstrip("\r").split(",")
    if end < 0 or not data[end:].strip():
        return header, [pa.array([], pa.string())] * len(header), np.zeros(0, dtype=np.int64)
    body = data[end + 1 :]
    if body.startswith((b"\n", b"\r")) or b"\n\n" in body.rstrip() or b"\n\r\n" in body.rstrip() or b"\n \n" in body:
        return None
    names = [str(index) for index in range(len(header))]
    try:
        table = pacsv.read_csv(
            io.BytesIO(body),
            read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=max(1 << 20, len(body))),
            parse_options=pacsv.ParseOptions(newlines_in_values=b'"' in body),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [table.column(index).combine_chunks() for index in range(len(header))]
    columns = [c.chunk(0) if isinstance(c, pa.ChunkedArray) else c for c in columns]
    return header, columns, np.arange(2, table.num_rows + 2, dtype=np.int64)


def _careful(data: bytes, name: str, notices: Notices) -> tuple[list[str], list[Any], NDArray[np.int64]]:
    """Row by row: blank rows skipped, short rows filled up, long rows cut; each noted."""
    csv.field_size_limit(1 << 28)
    reader = csv.reader(io.StringIO(data.decode(), newline=""))
    header: list[str] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    wrong: list[tuple[int, int]] = []
    number = 0
    for record in reader:
        number += 1
        if not record or record == [""]:
            if header:
                notices.add("empty_row", name, rows=[number])
            continue
        if not header:
            header = record
            continue
        if len(record) != len(header):
            if not any(record):
                notices.add("empty_row", name, rows=[number])
                continue
            wrong.append((number, len(record)))
            record = (record + [""] * len(header))[: len(header)]
        cells.append(record)
        rows.append(number)
    if wrong:
        notices.add(
            "invalid_row_length",
            name,
            rows=[row for row, _ in wrong],
            samples=[{"cells": length, "header": len(header)} for _, length in wrong],
        )
    columns = [pa.array([record[index] for record in cells], pa.string()) for index in range(len(header))]
    return header, columns, np.array(rows, dtype=np.int64)


def _header(header: list[str], name: str, notices: Notices) -> dict[int, str]:
    """Column index to its trimmed name; unnamed and repeated columns are noted, the first of equal names is kept."""
    names: dict[int, str] = {}
    for index, written in enumerate(header):
        column = written.strip().strip("\ufeff")
        if not column:
            notices.add("empty_column_name", name, samples={"column": [index + 1]})
        elif column in names.values():
            notices.add("duplicated_column", name, column)
        else:
            names[index] = column
    return names


def _trimmed(table: Any, rows: NDArray[np.int64], data: bytes, name: str, notices: Notices) -> Any:
    """Cells without spaces around them; noted where they stand within quotes, as spaces beside a comma mean nothing."""
    for index, column in enumerate(table.column_names):
        written = table.column(index)
        trimmed = pc.utf8_trim_whitespace(written)
        changed = pc.not_equal(written, trimmed)
        if pc.any(changed).as_py():
            at = np.flatnonzero(np.asarray(changed))
            cells = written.take(pa.array(at)).to_pylist()
            quoted = {cell for cell in set(cells) if b'"' + cell.replace('"', '""').encode() + b'"' in data}
            at = at[[cell in quoted for cell in cells]]
            shown = [cell for cell in cells if cell in quoted]
            notices.add("leading_or_trailing_whitespaces", name, column, rows[at], {"value": shown})
            table = table.set_column(index, column, trimmed)
    return table


def typed(texts: Texts, file: File, notices: Notices) -> Any:
    """The columns that the specification knows, typed: times as seconds (int32), days as date32, numbers, texts.

    An empty cell is null. A cell that cannot be read, is below its field's least value or not in its enumeration is
    null and noted with its row.
    """
    columns: dict[str, Any] = {}
    for name in texts.table.column_names:
        field = file.fields.get(name)
        if field is not None:
            columns[name] = _column(texts.table.column(name), texts.rows, f"{file.name}.txt", field, notices)
    return pa.table(columns) if columns else pa.table({"": pa.array([None] * texts.table.num_rows)}).select([])


def _column(written: Any, rows: NDArray[np.int64], file: str, field: Field, notices: Notices) -> Any:
    kind = KINDS[field.kind]
    array = written.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], pa.string())
    if kind.parse is None:
        return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
    if field.kind in ("lat", "lon", "float") and (quick := _quick_floats(array, field)) is not None:
        return quick
    coded = array.dictionary_encode()
    words: list[str] = coded.dictionary.to_pylist()
    values: list[Any] = []
    reasons: list[str] = []
    for word in words:
        value, reason = (None, "") if word == "" else _value(word, field, kind)
        values.append(value)
        reasons.append(reason)
    result = pa.array(values, kind.type).take(coded.indices)
    if any(reasons):
        _note(reasons, words, np.asarray(coded.indices), rows, file, field, notices)
    return result


def _quick_floats(array: Any, field: Field) -> Any:
    """The numbers of a column where every cell is a plain one within its range; else None."""
    try:
        numbers = pc.cast(pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array), pa.float64())
    except pa.ArrowInvalid:
        return None
    if not len(numbers) or numbers.null_count == len(numbers):
        return numbers
    extent = pc.min_max(numbers).as_py()
    least = {"lat": -90.0, "lon": -180.0}.get(field.kind, field.least if field.least is not None else -np.inf)
    most = {"lat": 90.0, "lon": 180.0}.get(field.kind, np.inf)
    finite = pc.all(pc.is_finite(numbers)).as_py()
    return numbers if finite and extent["min"] >= least and extent["max"] <= most else None


def _value(word: str, field: Field, kind: Kind) -> tuple[Any, str]:
    assert kind.parse is not None
    value = kind.parse(word)
    if value is None:
        if field.kind in ("lat", "lon") and _number(word) is None:
            return None, "invalid_float"
        return None, kind.code
    if field.values and value not in field.values:
        return (value if value in field.tolerated else None), "unexpected_enum_value"
    if field.least is not None and value < field.least:
        return None, "number_out_of_range"
    return value, ""


def _note(
    reasons: list[str],
    words: list[str],
    codes: NDArray[np.integer],
    rows: NDArray[np.int64],
    file: str,
    field: Field,
    notices: Notices,
) -> None:
    for reason in sorted({reason for reason in reasons if reason}):
        wrong = np.array([found == reason for found in reasons])
        at = np.flatnonzero(wrong[codes])
        notices.add(reason, file, field.name, rows[at], {"value": [words[code] for code in codes[at[:60]]]})
