"""Calendars and spans of days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.gtfs.spec import WEEKDAYS
from tongqu.protocols.gtfs.validator import Check


def check(check: Check) -> None:
    """On which days there is service, and until when."""
    feed = check.feed
    for file, start, end in (("calendar", "start_date", "end_date"), ("feed_info", "feed_start_date", "feed_end_date")):
        if feed.has(file, start) and feed.has(file, end):
            a, b = _days(check, file, start), _days(check, file, end)
            check.flag("start_and_end_range_out_of_order", file, end, (a > b) & (a > 0) & (b > 0), start)
    if feed.has("calendar"):
        on = np.array([feed.numbers("calendar", day, 0) for day in WEEKDAYS])
        listed = set(feed.strings("calendar_dates", "service_id"))
        dated = np.array([name in listed for name in feed.strings("calendar", "service_id")], dtype=np.bool_)
        check.flag("service_has_no_active_day_of_the_week", "calendar", "service_id", ~on.any(axis=0) & ~dated)
    if check.today is not None:
        _expired(check, check.today)


def _days(check: Check, file: str, column: str) -> NDArray[np.int64]:
    days = check.feed.tables[file].column(column).to_pylist()
    return np.array([day.toordinal() if day else 0 for day in days], dtype=np.int64)


def _expired(check: Check, today: date) -> None:
    feed = check.feed
    calendar = check.calendar
    if calendar.first is not None and feed.has("calendar"):
        last = {}
        for index, name in enumerate(calendar.services):
            running = np.flatnonzero(calendar.runs[:, index])
            last[name] = calendar.first + timedelta(days=int(running[-1])) if len(running) else None
        over = []
        for name in feed.strings("calendar", "service_id"):
            end = last.get(name)
            over.append(end is not None and end < today)
        check.flag("expired_calendar", "calendar", "end_date", np.array(over, dtype=np.bool_), "service_id")
    if feed.has("feed_info", "feed_end_date"):
        end_ = _days(check, "feed_info", "feed_end_date")
        left = end_ - today.toordinal()
        check.flag("feed_expiration_date7_days", "feed_info", "feed_end_date", (end_ > 0) & (left <= 7))
        check.flag("feed_expiration_date30_days", "feed_info", "feed_end_date", (end_ > 0) & (left > 7) & (left <= 30))
    week = [calendar.on(today + timedelta(days=offset)).any() for offset in range(7)]
    if feed.has("trips") and not all(week):
        check.notices.add("trip_coverage_not_active_for_next7_days", "trips.txt")
