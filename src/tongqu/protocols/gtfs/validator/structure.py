"""Files, columns, required cells, keys and references."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tongqu.protocols.gtfs.spec import FILES, File
from tongqu.protocols.gtfs.validator import Check


def check(check: Check) -> None:
    """The shape of the feed."""
    feed = check.feed
    for name, file in FILES.items():
        if name not in feed.tables and file.presence in ("required", "recommended"):
            check.notices.add(f"missing_{file.presence}_file", f"{name}.txt")
    if "calendar" not in feed.tables and "calendar_dates" not in feed.tables:
        check.notices.add("missing_calendar_and_calendar_date_files", "calendar.txt")
    for stray in feed.strays:
        inside = stray.startswith(feed.inner) and "/" not in stray.removeprefix(feed.inner)
        if inside:
            check.notices.add("unknown_file", stray.removeprefix(feed.inner))
    if feed.inner:
        check.notices.add("invalid_input_files_in_subfolder", feed.inner)
    for name in feed.tables:
        _columns(check, FILES[name])
        _keys(check, FILES[name])
        _references(check, FILES[name])
    if feed.count("feed_info") > 1:
        check.notices.add("more_than_one_entity", "feed_info.txt", rows=feed.rows("feed_info")[1:])
    _services(check)


def _columns(check: Check, file: File) -> None:
    feed, name = check.feed, file.name
    written = feed.texts[name].table
    for column in written.column_names:
        if column not in file.fields:
            check.notices.add("unknown_column", f"{name}.txt", column)
        breaks = pc.match_substring_regex(written.column(column), "[\\r\\n]")
        check.flag("new_line_in_value", name, column, np.asarray(breaks))
    for field in file.fields.values():
        there = field.name in written.column_names
        if field.presence == "required":
            if not there:
                check.notices.add("missing_required_column", f"{name}.txt", field.name)
            else:
                check.flag("missing_required_field", name, field.name, check.empty(name, field.name))
    for file_, column in (("agency", "agency_id"), ("routes", "agency_id"), ("fare_attributes", "agency_id")):
        if name == file_ and feed.count("agency") <= 1:
            check.flag("missing_recommended_field", name, column, check.empty(name, column))
        elif name == file_:
            check.flag("missing_required_field", name, column, check.empty(name, column))


def _keys(check: Check, file: File) -> None:
    """Rows whose key was there before."""
    feed, name = check.feed, file.name
    parts = [column for column in file.key if column in feed.texts[name].table.column_names]
    if not parts or not feed.count(name) or (name == "agency" and feed.count(name) == 1):
        return
    texts = feed.texts[name].table
    joined = pc.binary_join_element_wise(*[texts.column(column) for column in parts], "\x1f")
    codes = np.asarray(joined.combine_chunks().dictionary_encode().indices)
    if len(codes) == (int(codes.max()) + 1 if len(codes) else 0):
        return
    order = np.argsort(codes, kind="stable")
    repeated = np.zeros(len(codes), dtype=np.bool_)
    repeated[order[1:]] = codes[order[1:]] == codes[order[:-1]]
    check.flag("duplicate_key", name, parts[-1], repeated, *parts[:-1])


def _references(check: Check, file: File) -> None:
    """Cells that name a row of another file which is not there."""
    feed, name = check.feed, file.name
    for field in file.fields.values():
        if field.refers is None or not feed.has(name, field.name):
            continue
        other, column = field.refers
        cells = feed.tables[name].column(field.name)
        if (other, column) == ("calendar", "service_id"):
            known = pa.array(
                sorted(set(feed.strings("calendar", column)) | set(feed.strings("calendar_dates", column)))
            )
        else:
            known = (
                pc.unique(feed.tables[other].column(column)) if feed.has(other, column) else pa.array([], pa.string())
            )
        if (
            (name, field.name) == ("stop_times", "stop_id")
            and "locations.geojson" in feed.other
            and not feed.has(other)
        ):
            continue
        found = pc.is_in(cells, value_set=known)
        wrong = np.asarray(pc.and_(pc.is_valid(cells), pc.invert(found)))
        check.flag("foreign_key_violation", name, field.name, wrong)


def _services(check: Check) -> None:
    """Services that no calendar knows."""
    feed = check.feed
    known = set(feed.strings("calendar", "service_id")) | set(feed.strings("calendar_dates", "service_id"))
    for name in ("trips", "timeframes"):
        if feed.has(name, "service_id"):
            used = feed.strings(name, "service_id")
            wrong = np.array([bool(service) and service not in known for service in used], dtype=np.bool_)
            check.flag("foreign_key_violation", name, "service_id", wrong)
