"""From GTFS Realtime messages to changes of a timetable: which service day is meant, what runs how."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tongqu.engines.journeys import Planner
from tongqu.engines.transit import AddedCall, CallChange, TripChange
from tongqu.protocols.gtfs_realtime import Call, TripUpdate

CANCELLED = ("canceled", "deleted")
ADDED = ("added", "new", "replacement")
_CLOCK = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Refused:
    """An update that could not be used, and why."""

    trip_id: str
    reason: str


def changes_of(
    planner: Planner, feed: str, updates: Iterable[TripUpdate], at_ms: int
) -> tuple[list[TripChange], list[Refused]]:
    """What updates of a feed mean for its timetable.

    Args:
        feed: code of the feed.
        at_ms: the moment the updates were made; without a start date, the trip that runs nearest to it is meant.

    Returns:
        The changes, and the updates that mean nothing: `bad_date`, `not_running`, `no_times`, `no_trip`,
        `not_supported` (duplicated trips).
    """
    changes: list[TripChange] = []
    refused: list[Refused] = []
    for update in updates:
        made = _change(planner, feed, update, at_ms)
        if isinstance(made, str):
            refused.append(Refused(update.trip.trip_id, made))
        else:
            changes.append(made)
    return changes, refused


def _change(planner: Planner, feed: str, update: TripUpdate, at_ms: int) -> TripChange | str:
    trip = update.trip
    if not trip.trip_id:
        return "no_trip"
    if trip.relationship == "duplicated":
        return "not_supported"
    day = _service_day(planner, feed, update, at_ms)
    if isinstance(day, str):
        return day
    start_s = _start_s(planner, feed, update)
    if trip.relationship in CANCELLED:
        return TripChange(trip.trip_id, day, feed, cancelled=True, start_s=start_s)
    if trip.relationship in ADDED:
        calls = [_added(call) for call in update.calls if call.relationship != "skipped"]
        known = tuple(call for call in calls if call is not None)
        if len(known) < len(calls) or not calls:
            return "no_times"
        return TripChange(trip.trip_id, day, feed, replaced_by=known, line_id=trip.route_id, start_s=start_s)
    told = tuple(_told(call) for call in update.calls)
    if not told and update.delay_s is not None:
        told = _whole(planner, feed, trip.trip_id, update.delay_s)
    return TripChange(trip.trip_id, day, feed, calls=told, start_s=start_s)


def _told(call: Call) -> CallChange:
    return CallChange(
        call.stop_sequence, call.stop_id or None, call.arrival_delay_s, call.departure_delay_s, call.arrival_ms,
        call.departure_ms, call.relationship == "skipped", call.relationship == "no_data",
    )  # fmt: skip


def _added(call: Call) -> AddedCall | None:
    """A call of a trip that is not planned: it needs a stop and a time, one of arrival and departure at least."""
    arrival = call.arrival_ms if call.arrival_ms is not None else call.departure_ms
    departure = call.departure_ms if call.departure_ms is not None else call.arrival_ms
    if arrival is None or departure is None or not call.stop_id:
        return None
    return AddedCall(call.stop_id, arrival, departure)


def _whole(planner: Planner, feed: str, trip_id: str, delay_s: int) -> tuple[CallChange, ...]:
    """A delay of a whole trip: from its first call on."""
    index = _feed(planner, feed)
    if index < 0 or not planner.catalogue.has(index, trip_id):
        return ()
    first = int(planner.catalogue.calls(index, trip_id)[0][0])
    return (CallChange(stop_id=planner.timetable.network.stops[first], departure_delay_s=delay_s),)


def _feed(planner: Planner, feed: str) -> int:
    feeds = planner.timetable.network.feeds
    return feeds.index(feed) if feed in feeds else -1


def _service_day(planner: Planner, feed: str, update: TripUpdate, at_ms: int) -> date | str:
    """The start date, else the service day whose run is nearest to the first time told, or to the message."""
    written = update.trip.start_date
    if written:
        try:
            return date.fromisoformat(f"{written[:4]}-{written[4:6]}-{written[6:]}")
        except ValueError:
            return "bad_date"
    index = _feed(planner, feed)
    times = (at for call in update.calls for at in (call.arrival_ms, call.departure_ms) if at is not None)
    moment = next(times, at_ms)
    zone = ZoneInfo(planner.catalogue.feeds[index].zone) if index >= 0 else planner.timetable.zone
    today = datetime.fromtimestamp(moment / 1000, zone).date()
    if index < 0 or not planner.catalogue.has(index, update.trip.trip_id):
        return today
    _, arrivals, departures = planner.catalogue.calls(index, update.trip.trip_id)
    best: tuple[int, date] | None = None
    for day in (today, today - timedelta(days=1), today + timedelta(days=1)):
        if not planner.catalogue.runs(index, update.trip.trip_id, day):
            continue
        base = planner.catalogue.base_ms(index, day)
        begin, end = base + int(departures[0]) * 1000, base + int(arrivals[-1]) * 1000
        gap = max(begin - moment, moment - end, 0)
        if best is None or gap < best[0]:
            best = gap, day
    return best[1] if best is not None else "not_running"


def _start_s(planner: Planner, feed: str, update: TripUpdate) -> int | None:
    """Which departure is meant, of a trip by frequency."""
    found = _CLOCK.fullmatch(update.trip.start_time)
    trip = planner.timetable.trip(update.trip.trip_id, feed)
    if found is None or trip is None or len(planner.timetable.runs_of(trip)) < 2:
        return None
    hours, minutes, seconds = (int(part) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
