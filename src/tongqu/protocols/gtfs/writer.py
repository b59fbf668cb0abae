"""Tables back to a zip, and what can be mended without asking the publisher."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from tongqu.protocols.gtfs.cells import KINDS, format_time, parse_date, parse_time
from tongqu.protocols.gtfs.feed import Feed
from tongqu.protocols.gtfs.schedule import fill_times
from tongqu.protocols.gtfs.spec import FILES

Row = Mapping[str, Any]
_STAMP = (1980, 1, 1, 0, 0, 0)


def write(tables: Mapping[str, Iterable[Row] | Any], other: Mapping[str, bytes] | None = None) -> bytes:
    """A feed as the bytes of a zip; equal tables give equal bytes.

    Args:
        tables: file name without ``.txt`` to rows (mappings of columns) or to an Arrow table. Times may be seconds or
            texts, days `date` or texts; None is an empty cell. Files without rows are left out.
        other: further files as bytes (``locations.geojson``).
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*(n for n in FILES if n in tables), *(n for n in tables if n not in FILES)]:
            rows = tables[name]
            listed: list[Row] = rows.to_pylist() if hasattr(rows, "to_pylist") else list(rows)
            if listed:
                _put(archive, f"{name}.txt", csv_text(name, listed).encode())
        for name, data in (other or {}).items():
            _put(archive, name, data)
    return buffer.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


def csv_text(name: str, rows: Sequence[Row]) -> str:
    """One file: the columns in the specification's order, then the others; RFC 4180 with CRLF."""
    known = list(FILES[name].fields) if name in FILES else []
    seen = dict.fromkeys(column for row in rows for column in row)
    columns = [column for column in known if column in seen] + [column for column in seen if column not in known]
    kinds = {column: FILES[name].fields[column].kind for column in columns if column in known}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column), kinds.get(column, "text")) for column in columns] for row in rows)
    return buffer.getvalue()


def _cell(value: Any, kind: str) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    if kind == "time" and not isinstance(value, str):
        return format_time(int(value))
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return str(value)


@dataclass(frozen=True)
class Mending:
    """What was mended: rule (see ``mending.*`` of the catalogue), file, column, how many cells."""

    rule: str
    file: str
    column: str
    cells: int


def mended(feed: Feed) -> tuple[bytes, tuple[Mending, ...]]:
    """The feed as a zip with what can be mended safely, and the list of it.

    Bytes that were not UTF-8, byte order marks, spaces around cells, blank and short rows and folders in the zip are
    gone by reading. Beyond that: colours (``#`` dropped, three digits doubled, a lone ``0`` is black, anything else
    left empty), times and days in other usual forms, empty times between timepoints filled (marked ``timepoint`` 0),
    rows that repeat another one in every cell dropped, but for those of service on request, where the draft of Flex has
    a ride within one zone as two equal rows. Nothing else is changed.
    """
    done: list[Mending] = []
    tables: dict[str, list[dict[str, str]]] = {}
    for name, texts in feed.texts.items():
        rows = texts.table.to_pylist()
        for column, field in FILES[name].fields.items():
            rule, mend = _MENDERS.get(field.kind, ("", None))
            if mend is None or column not in texts.table.column_names:
                continue
            parse = KINDS[field.kind].parse
            changed = 0
            for row in rows:
                written = row[column]
                if written and parse is not None and parse(written) is None:
                    row[column] = mend(written)
                    changed += row[column] != written
            if changed:
                done.append(Mending(rule, f"{name}.txt", column, changed))
        once = _distinct(rows)
        if len(once) < len(rows):
            done.append(Mending("equal_rows", f"{name}.txt", "", len(rows) - len(once)))
        tables[name] = once
    _filled(feed, tables, done)
    for notice in feed.notices:
        if notice.code in ("invalid_character", "leading_or_trailing_whitespaces", "empty_row", "invalid_row_length"):
            done.append(Mending(notice.code, notice.file, notice.field, notice.total))
    if feed.inner:
        done.append(Mending("folder", feed.inner, "", 1))
    return write(tables, feed.other), tuple(done)


def _distinct(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    apart = (index if row.get("start_pickup_drop_off_window") else -1 for index, row in enumerate(rows))
    return list({(index, *row.values()): row for index, row in zip(apart, rows, strict=True)}.values())


def _filled(feed: Feed, tables: dict[str, list[dict[str, str]]], done: list[Mending]) -> None:
    """Write the times that are empty between two timepoints."""
    rows = tables.get("stop_times", [])
    if not all(
        name in (rows[0] if rows else {}) for name in ("trip_id", "arrival_time", "departure_time", "stop_sequence")
    ):
        return
    trips: dict[str, int] = {}
    trip = np.array([trips.setdefault(row["trip_id"], len(trips)) for row in rows], dtype=np.int32)
    sequence = np.array(
        [int(row["stop_sequence"]) if row["stop_sequence"].isdigit() else -1 for row in rows], dtype=np.int64
    )
    order = np.lexsort((sequence, trip))
    a, d = (
        np.array([_time(rows[i][name]) for i in order], dtype=np.int32) for name in ("arrival_time", "departure_time")
    )
    distance = np.array([_number(rows[i].get("shape_dist_traveled", "")) for i in order])
    arrival, departure, filled = fill_times(trip[order], a, d, distance)
    filled &= np.array([not rows[i]["arrival_time"] and not rows[i]["departure_time"] for i in order], dtype=np.bool_)
    for place in np.flatnonzero(filled):
        row = rows[order[place]]
        row["arrival_time"], row["departure_time"] = (
            format_time(int(arrival[place])),
            format_time(int(departure[place])),
        )
    if filled.any():
        marks = {int(order[place]) for place in np.flatnonzero(filled)}
        for index, row in enumerate(rows):
            row["timepoint"] = "0" if index in marks else row.get("timepoint", "")
        done.append(Mending("empty_times", "stop_times.txt", "arrival_time", int(filled.sum())))


def _time(text: str) -> int:
    value = parse_time(text)
    return -1 if value is None else value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _colour(text: str) -> str:
    digits = text.removeprefix("#")
    if re.fullmatch(r"[0-9A-Fa-f]{3}", digits):
        return "".join(digit * 2 for digit in digits).upper()
    if re.fullmatch(r"[0-9A-Fa-f]{6}", digits):
        return digits.upper()
    return "000000" if re.fullmatch(r"0+", digits) else ""


def _clock(text: str) -> str:
    """``7:05`` and ``7：05：00`` are times too."""
    plain = text.replace("：", ":")
    if re.fullmatch(r"\d{1,3}:\d{1,2}", plain):
        plain += ":00"
    value = parse_time(plain)
    return text if value is None else format_time(value)


def _day(text: str) -> str:
    """``2026-11-28``, ``2026/11/28``, ``2026.11.28`` and ``2026年11月28日`` are days too."""
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    if parts is None:
        return text
    plain = f"{int(parts[1]):04d}{int(parts[2]):02d}{int(parts[3]):02d}"
    return plain if parse_date(plain) else text


_MENDERS: dict[str, tuple[str, Any]] = {
    "colour": ("colours", _colour),
    "time": ("times", _clock),
    "date": ("days", _day),
}
