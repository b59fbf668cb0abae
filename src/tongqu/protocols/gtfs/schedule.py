"""A feed with its references resolved to indices and its empty times filled: what a planner and a map start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.gtfs.feed import Feed
from tongqu.protocols.gtfs.notices import Notice, Notices
from tongqu.protocols.gtfs.severities import SEVERITIES
from tongqu.protocols.gtfs.spec import WEEKDAYS

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

NO_TIME = -1


@dataclass(frozen=True)
class Calendar:
    """Which services run on which day.

    Attributes:
        services: their ids.
        first, last: the first and last day on which any runs; None where none ever runs.
        runs: ``runs[day - first, service]``.
    """

    services: tuple[str, ...]
    first: date | None
    last: date | None
    runs: NDArray[np.bool_]

    def on(self, day: date) -> NDArray[np.bool_]:
        """For each service whether it runs on a day."""
        if self.first is None or self.last is None or not self.first <= day <= self.last:
            return np.zeros(len(self.services), dtype=np.bool_)
        return self.runs[(day - self.first).days]


@dataclass(frozen=True)
class Schedule:
    """Trips and calls (a trip's halts) of a feed as arrays.

    Calls of trip ``t`` are ``trip_first[t]:trip_first[t + 1]``, in the order of stop_sequence. Times are seconds after
    noon minus 12 h of the service day. A call at a stop that is not there is left out; a trip that cannot run (fewer
    than two calls, no time at an end, times that go back, no route, hours of flexible service instead of times) has no
    calls; ``notices`` say so by row.

    Attributes:
        call_filled: the time was empty in the feed and is interpolated.
        call_row: row of the call in stop_times.txt.
        pickup, drop_off: 0 regular, 1 none, 2 by phone, 3 by the driver.
        trip_block, trip_shape: index into ``blocks``, ``shapes``; -1 for none.
    """

    feed: Feed
    stops: tuple[str, ...]
    stop_lon: Floats
    stop_lat: Floats
    stop_parent: Ints
    stop_kind: Ints
    routes: tuple[str, ...]
    trips: tuple[str, ...]
    trip_route: Ints
    trip_service: Ints
    trip_block: Ints
    trip_shape: Ints
    trip_direction: Ints
    trip_first: Ints
    blocks: tuple[str, ...]
    shapes: tuple[str, ...]
    call_stop: Ints
    call_arrival_s: Ints
    call_departure_s: Ints
    call_pickup: Ints
    call_drop_off: Ints
    call_sequence: Ints
    call_distance: Floats
    call_filled: NDArray[np.bool_]
    call_row: NDArray[np.int64]
    calendar: Calendar
    notices: tuple[Notice, ...]

    @property
    def zone(self) -> str:
        """Time zone of the feed: that of its first agency; UTC where none is given."""
        zones = [zone for zone in self.feed.strings("agency", "agency_timezone") if zone]
        return zones[0] if zones else "UTC"

    def calls(self, trip: int) -> slice:
        """The calls of a trip."""
        return slice(int(self.trip_first[trip]), int(self.trip_first[trip + 1]))


def schedule(feed: Feed) -> Schedule:
    """Resolve a feed: indices for ids, calls sorted, empty times filled, days of each service."""
    notices = Notices(SEVERITIES)
    stops = feed.strings("stops", "stop_id")
    routes = feed.strings("routes", "route_id")
    trips = feed.strings("trips", "trip_id")
    blocks = _distinct(feed, "trips", "block_id")
    shapes = _distinct(feed, "shapes", "shape_id")
    calendar = services(feed)
    calls = _calls(feed, trips, stops, notices)
    trip_route = feed.index("trips", "route_id", routes)
    usable = _usable(feed, calls, trip_route, len(trips), notices)
    kept = usable[calls["trip"]] & (calls["stop"] >= 0)
    calls = {name: column[kept] for name, column in calls.items()}
    first = np.zeros(len(trips) + 1, dtype=np.int32)
    np.cumsum(np.bincount(calls["trip"], minlength=len(trips)), out=first[1:])
    return Schedule(
        feed=feed,
        stops=tuple(stops),
        stop_lon=feed.numbers("stops", "stop_lon", np.nan, np.float64),
        stop_lat=feed.numbers("stops", "stop_lat", np.nan, np.float64),
        stop_parent=feed.index("stops", "parent_station", stops),
        stop_kind=feed.numbers("stops", "location_type", 0),
        routes=tuple(routes),
        trips=tuple(trips),
        trip_route=trip_route,
        trip_service=feed.index("trips", "service_id", list(calendar.services)),
        trip_block=feed.index("trips", "block_id", blocks),
        trip_shape=feed.index("trips", "shape_id", shapes),
        trip_direction=feed.numbers("trips", "direction_id", -1),
        trip_first=first,
        blocks=tuple(blocks),
        shapes=tuple(shapes),
        call_stop=calls["stop"],
        call_arrival_s=calls["arrival"],
        call_departure_s=calls["departure"],
        call_pickup=calls["pickup"],
        call_drop_off=calls["drop_off"],
        call_sequence=calls["sequence"],
        call_distance=calls["distance"],
        call_filled=calls["filled"],
        call_row=calls["row"],
        calendar=calendar,
        notices=notices.done(),
    )


def services(feed: Feed) -> Calendar:
    """The days of each service: weekdays between start and end, then the exceptions."""
    names = sorted(
        {name for file in ("calendar", "calendar_dates") for name in feed.strings(file, "service_id") if name}
    )
    spans = _spans(feed)
    exceptions = _exceptions(feed)
    days = [day for _, start, end, _ in spans for day in (start, end)] + [day for _, day, _ in exceptions]
    if not days:
        return Calendar(tuple(names), None, None, np.zeros((0, len(names)), dtype=np.bool_))
    first, last = min(days), min(max(days), min(days) + timedelta(days=36_500))
    runs = np.zeros(((last - first).days + 1, len(names)), dtype=np.bool_)
    place = {name: index for index, name in enumerate(names)}
    weekday = (np.arange(len(runs)) + first.weekday()) % 7
    for name, start, end, on in spans:
        part = slice((start - first).days, (end - first).days + 1)
        runs[part, place[name]] |= np.array(on)[weekday[part]]
    for name, day, kind in exceptions:
        if day <= last:
            runs[(day - first).days, place[name]] = kind == 1
    return Calendar(tuple(names), first, last, runs)


def _spans(feed: Feed) -> list[tuple[str, date, date, list[bool]]]:
    if not all(feed.has("calendar", column) for column in ("service_id", "start_date", "end_date")):
        return []
    table = feed.tables["calendar"]
    starts, ends = table.column("start_date").to_pylist(), table.column("end_date").to_pylist()
    on = np.column_stack([feed.numbers("calendar", day, 0) == 1 for day in WEEKDAYS])
    names = feed.strings("calendar", "service_id")
    rows = zip(names, starts, ends, on.tolist(), strict=True)
    return [(name, start, end, days) for name, start, end, days in rows if name and start and end and start <= end]


def _exceptions(feed: Feed) -> list[tuple[str, date, int]]:
    if not feed.has("calendar_dates", "date"):
        return []
    days = feed.tables["calendar_dates"].column("date").to_pylist()
    kinds = feed.numbers("calendar_dates", "exception_type", 0).tolist()
    rows = zip(feed.strings("calendar_dates", "service_id"), days, kinds, strict=True)
    return [(name, day, kind) for name, day, kind in rows if name and day and kind in (1, 2)]


def _distinct(feed: Feed, file: str, column: str) -> list[str]:
    return [name for name in dict.fromkeys(feed.strings(file, column)) if name]


def _calls(feed: Feed, trips: list[str], stops: list[str], notices: Notices) -> dict[str, NDArray[Any]]:
    """The rows of stop_times that belong to a known trip, by trip and sequence, with empty times filled."""
    trip = feed.index("stop_times", "trip_id", trips)
    stop = feed.index("stop_times", "stop_id", stops)
    sequence = feed.numbers("stop_times", "stop_sequence", -1, np.int64)
    known = trip >= 0
    order = np.lexsort((sequence[known], trip[known]))
    at = np.flatnonzero(known)[order]
    columns: dict[str, NDArray[Any]] = {
        "trip": trip[at],
        "stop": stop[at],
        "sequence": np.clip(sequence[at], -1, 2**31 - 1).astype(np.int32),
        "arrival": feed.numbers("stop_times", "arrival_time", NO_TIME)[at],
        "departure": feed.numbers("stop_times", "departure_time", NO_TIME)[at],
        "pickup": feed.numbers("stop_times", "pickup_type", 0)[at],
        "drop_off": feed.numbers("stop_times", "drop_off_type", 0)[at],
        "distance": feed.numbers("stop_times", "shape_dist_traveled", np.nan, np.float64)[at],
        "row": feed.rows("stop_times")[at],
        "window": feed.numbers("stop_times", "start_pickup_drop_off_window", NO_TIME)[at],
    }
    arrival, departure, filled = fill_times(
        columns["trip"], columns["arrival"], columns["departure"], columns["distance"]
    )
    return columns | {"arrival": arrival, "departure": departure, "filled": filled}


def fill_times(trip: Ints, arrival: Ints, departure: Ints, distance: Floats) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Times of calls between two timepoints of a trip, linear by distance where it is given, else by position.

    Args:
        trip: trip of each call; the calls of a trip lie together, in order.
        arrival, departure: seconds, -1 where empty; where one of the two is given it stands for both.
        distance: shape_dist_traveled, NaN where empty. It is used between two timepoints if all calls from one to the
            other have it, it never falls and it grows from one to the other.

    Returns:
        Arrival, departure, and which calls were filled. Calls before the first or after the last timepoint stay -1.
    """
    count = len(trip)
    arrival, departure = arrival.copy(), departure.copy()
    only_arrival, only_departure = (departure < 0) & (arrival >= 0), (arrival < 0) & (departure >= 0)
    departure[only_arrival] = arrival[only_arrival]
    arrival[only_departure] = departure[only_departure]
    known = arrival >= 0
    place = np.arange(count, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, trip[1:] != trip[:-1]]) if count else np.zeros(0, dtype=np.int64)
    size = np.diff(np.r_[starts, count])
    begin, end = np.repeat(starts, size), np.repeat(starts + size, size)
    before = np.maximum.accumulate(np.where(known, place, -1)) if count else place
    after = np.minimum.accumulate(np.where(known, place, count)[::-1])[::-1] if count else place
    open_ = ~known & (before >= begin) & (after < end)
    at = np.flatnonzero(open_)
    low, high = before[at], after[at]
    share = (at - low) / np.maximum(high - low, 1)
    with np.errstate(invalid="ignore"):
        fine = np.isfinite(distance)
        step_bad = np.r_[True, ~(np.diff(distance) >= 0)] | ~fine if count else np.zeros(0, dtype=np.bool_)
        bad_so_far = np.cumsum(step_bad)
        span = distance[high] - distance[low]
        by_distance = (bad_so_far[high] == bad_so_far[low]) & fine[low] & (span > 0)
        share = np.where(by_distance, (distance[at] - distance[low]) / np.where(by_distance, span, 1.0), share)
    gap = np.maximum(arrival[high].astype(np.int64) - departure[low], 0)
    filled_s = (departure[low] + np.floor(gap * share + 1e-9)).astype(np.int32)
    arrival[at] = filled_s
    departure[at] = filled_s
    return arrival, departure, open_


def _usable(
    feed: Feed, calls: dict[str, NDArray[Any]], trip_route: Ints, count: int, notices: Notices
) -> NDArray[np.bool_]:
    """Which trips can run; the others are noted with the row that stands against it."""
    trip, arrival = calls["trip"], calls["arrival"]
    flexible = np.zeros(count, dtype=np.bool_)
    flexible[trip[calls["window"] >= 0]] = True
    usable = (trip_route >= 0) & ~flexible
    unknown = calls["stop"] < 0
    notices.add("foreign_key_violation", "stop_times.txt", "stop_id", np.sort(calls["row"][unknown & ~flexible[trip]]))

    def refuse(code: str, field: str, wrong: NDArray[np.bool_]) -> None:
        wrong = wrong & ~flexible[trip]
        usable[trip[wrong]] = False
        notices.add(code, "stop_times.txt", field, np.sort(calls["row"][wrong]))

    first = np.r_[True, trip[1:] != trip[:-1]] if len(trip) else np.zeros(0, dtype=np.bool_)
    last = np.r_[trip[1:] != trip[:-1], True] if len(trip) else first
    refuse("missing_trip_edge", "arrival_time", (first | last) & (arrival < 0))
    refuse("stop_time_with_arrival_before_previous_departure_time", "arrival_time", _goes_back(calls, first))
    refuse("duplicate_key", "stop_sequence", ~first & (calls["sequence"] == np.r_[-2, calls["sequence"][:-1]]))
    few = np.bincount(trip[~unknown], minlength=count) < 2
    rows = feed.rows("trips")
    notices.add("unusable_trip", "trips.txt", "trip_id", rows[few & ~flexible])
    usable &= ~few
    return usable


def _goes_back(calls: dict[str, NDArray[Any]], first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    arrival, departure = calls["arrival"], calls["departure"]
    previous = np.r_[0, departure[:-1]] if len(departure) else departure
    timed = arrival >= 0
    return timed & ((departure < arrival) | (~first & (previous >= 0) & (arrival < previous)))
