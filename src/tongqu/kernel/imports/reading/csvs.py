"""CSV as the programs of the field write it: UTF-8 with or without mark, GB18030; commas, semicolons or tabs."""

from __future__ import annotations

import codecs
import csv
import io
import sys

from tongqu.kernel.imports.reading.sheet import Cell, RawRow, Sheet, check_count
from tongqu.kit.errors import Invalid, Problem

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_RAREST_FIRST = "\t;,"


def read_csv(data: bytes) -> Sheet:
    """The rows of a CSV (RFC 4180, with any line ends); empty records count as rows but are left out.

    Raises:
        Invalid: `imports.not_text`, `imports.encoding`, `imports.bad_csv`.
        TooLarge: `imports.too_many_rows`.
    """
    text, encoding = decode(data)
    if "\x00" in text:
        raise Invalid("imports.not_text")
    csv.field_size_limit(sys.maxsize >> 33)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    rows: list[RawRow] = []
    number = 0
    try:
        for number, record in enumerate(reader, 1):
            cells = tuple(Cell(plain, "text") if (plain := value.strip()) else None for value in record)
            if any(cells):
                rows.append(RawRow(number, cells))
                check_count(len(rows))
    except csv.Error as error:
        raise Invalid("imports.bad_csv", row=number + 1, reason=str(error), line=reader.line_num) from error
    notes = (Problem("imports.read_as", params={"encoding": encoding}),) if encoding == "GB18030" else ()
    return Sheet(tuple(rows), typed=False, notes=notes)


def decode(data: bytes) -> tuple[str, str]:
    """Text and encoding: by its mark, else UTF-8 where all of it is, else GB18030 where all of it is.

    Raises:
        Invalid: `imports.encoding`, with the place of the first byte that is neither.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, len(mark), encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strict(data, 0, "gb18030"), "GB18030"


def _strict(data: bytes, start: int, encoding: str) -> str:
    try:
        return data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        at = start + error.start
        line = data[:at].count(b"\n") + 1
        raise Invalid("imports.encoding", offset=at, byte=data[at : at + 1].hex(), line=line) from error


def delimiter_of(text: str) -> str:
    """The delimiter that the first line with content has most of, outside quotes; the rarer of two that draw.

    A comma in a line that has as many tabs is part of a heading; a tab never is.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    plain = "".join(first.split('"')[::2])
    counts = {delimiter: plain.count(delimiter) for delimiter in _RAREST_FIRST}
    return max(counts, key=lambda delimiter: counts[delimiter]) if any(counts.values()) else ","
