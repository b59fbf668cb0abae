"""What a new version of a feed changes: lines, stops, kilometres, trips a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from tongqu.kit.geometry.sphere import haversine_m
from tongqu.protocols.gtfs.schedule import Schedule

NEAR_M = 1.0


@dataclass(frozen=True)
class Line:
    """A line on a day of service.

    Attributes:
        trips: trips on the day; those by frequency count once for each departure.
        vehicle_km: kilometres of its trips, along the shape where there is one, else from stop to stop.
        stops: ids of the stops it serves.
    """

    id: str
    name: str
    trips: int
    vehicle_km: float
    stops: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """Two versions side by side.

    Attributes:
        days: the day of each version that is compared.
        lines_added, lines_removed, lines_changed: ids; changed are those with other stops, trips or kilometres (by more
            than a hundredth).
        stops_added, stops_removed, stops_renamed: ids.
        stops_moved: id to metres.
        before, after: each line on its day.
    """

    days: tuple[date, date]
    lines_added: tuple[str, ...]
    lines_removed: tuple[str, ...]
    lines_changed: tuple[str, ...]
    stops_added: tuple[str, ...]
    stops_removed: tuple[str, ...]
    stops_renamed: tuple[str, ...]
    stops_moved: Mapping[str, float]
    before: Mapping[str, Line]
    after: Mapping[str, Line]

    @property
    def trips(self) -> tuple[int, int]:
        """Trips on the day, before and after."""
        return sum(line.trips for line in self.before.values()), sum(line.trips for line in self.after.values())

    @property
    def vehicle_km(self) -> tuple[float, float]:
        """Vehicle kilometres on the day, before and after."""
        return (
            sum(line.vehicle_km for line in self.before.values()),
            sum(line.vehicle_km for line in self.after.values()),
        )


def difference(before: Schedule, after: Schedule, day: date | None = None) -> Difference:
    """Compare two versions of a feed.

    Args:
        day: the day on which trips and kilometres are counted; where none is given, or a version has no service then,
            the version's first weekday with the most trips.
    """
    days = _day(before, day), _day(after, day)
    old, new = lines_on(before, days[0]), lines_on(after, days[1])
    changed = [name for name in old.keys() & new.keys() if _differs(old[name], new[name])]
    places = [_places(plan) for plan in (before, after)]
    both = places[0].keys() & places[1].keys()
    moved = {name: _metres(places[0][name], places[1][name]) for name in both}
    return Difference(
        days=days,
        lines_added=tuple(sorted(new.keys() - old.keys())),
        lines_removed=tuple(sorted(old.keys() - new.keys())),
        lines_changed=tuple(sorted(changed)),
        stops_added=tuple(sorted(places[1].keys() - places[0].keys())),
        stops_removed=tuple(sorted(places[0].keys() - places[1].keys())),
        stops_renamed=tuple(sorted(name for name in both if places[0][name][2] != places[1][name][2])),
        stops_moved={name: metres for name, metres in sorted(moved.items()) if metres > NEAR_M},
        before=old,
        after=new,
    )


def lines_on(plan: Schedule, day: date) -> dict[str, Line]:
    """Each line of a feed on a day; lines without a trip then are there with none."""
    feed = plan.feed
    weight = _departures(plan) * plan.calendar.on(day)[plan.trip_service] * (plan.trip_service >= 0)
    metres = _kilometres(plan)
    names = feed.strings("routes", "route_short_name"), feed.strings("routes", "route_long_name")
    stops: list[set[str]] = [set() for _ in plan.routes]
    for trip in np.flatnonzero(np.diff(plan.trip_first)):
        stops[plan.trip_route[trip]].update(plan.stops[stop] for stop in plan.call_stop[plan.calls(int(trip))])
    usable = plan.trip_route >= 0
    trips = np.bincount(plan.trip_route[usable], weights=weight[usable], minlength=len(plan.routes))
    km = np.bincount(plan.trip_route[usable], weights=(weight * metres)[usable], minlength=len(plan.routes))
    return {
        line: Line(line, names[0][i] or names[1][i], int(trips[i]), float(km[i]), frozenset(stops[i]))
        for i, line in enumerate(plan.routes)
    }


def _departures(plan: Schedule) -> np.ndarray[Any, Any]:
    """How often each trip leaves on a day it runs."""
    count = (np.diff(plan.trip_first) > 0).astype(np.int64)
    feed = plan.feed
    trip = feed.index("frequencies", "trip_id", list(plan.trips))
    start, end, headway = (feed.numbers("frequencies", name, -1) for name in ("start_time", "end_time", "headway_secs"))
    fine = (trip >= 0) & (headway > 0) & (end > start)
    often = np.zeros(len(count), dtype=np.int64)
    np.add.at(often, trip[fine], -(-(end[fine] - start[fine]) // headway[fine]))
    return np.where((often > 0) & (count > 0), often, count)


def _kilometres(plan: Schedule) -> np.ndarray[Any, Any]:
    """Length of each trip: of its shape, else from stop to stop."""
    lon, lat = plan.stop_lon[plan.call_stop], plan.stop_lat[plan.call_stop]
    step = np.nan_to_num(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) / 1000)
    along = np.r_[0.0, np.cumsum(step)] if len(lon) else np.zeros(1)
    first, last = plan.trip_first[:-1], np.maximum(plan.trip_first[1:] - 1, 0)
    beeline = np.where(plan.trip_first[1:] > first, along[last] - along[np.minimum(first, len(along) - 1)], 0.0)
    feed = plan.feed
    shape = feed.index("shapes", "shape_id", list(plan.shapes))
    order = np.lexsort((feed.numbers("shapes", "shape_pt_sequence", -1, np.int64), shape))
    x, y = (feed.numbers("shapes", name, np.nan, np.float64)[order] for name in ("shape_pt_lon", "shape_pt_lat"))
    own = shape[order]
    same = (own[1:] == own[:-1]) & (own[1:] >= 0)
    km = np.nan_to_num(haversine_m(x[:-1], y[:-1], x[1:], y[1:]) / 1000) * same if len(own) else np.zeros(0)
    length = np.bincount(own[1:][same], weights=km[same], minlength=len(plan.shapes)) if len(own) else np.zeros(0)
    has = plan.trip_shape >= 0
    return np.where(has & (length[plan.trip_shape] > 0), length[plan.trip_shape], beeline) if len(length) else beeline


def _day(plan: Schedule, wanted: date | None) -> date:
    calendar = plan.calendar
    if calendar.first is None:
        return wanted or date(1970, 1, 1)
    if wanted is not None and calendar.on(wanted).any():
        return wanted
    weight = np.bincount(plan.trip_service[plan.trip_service >= 0], minlength=len(calendar.services))
    counts = calendar.runs @ weight
    weekdays = (np.arange(len(counts)) + calendar.first.weekday()) % 7 < 5
    best = np.where(weekdays, counts, -1) if counts[weekdays].any() else counts
    return date.fromordinal(calendar.first.toordinal() + int(np.argmax(best)))


def _differs(a: Line, b: Line) -> bool:
    return a.stops != b.stops or a.trips != b.trips or abs(a.vehicle_km - b.vehicle_km) > 0.01 * max(a.vehicle_km, 1e-9)


def _places(plan: Schedule) -> dict[str, tuple[float, float, str]]:
    names = plan.feed.strings("stops", "stop_name")
    return {stop: (float(plan.stop_lon[i]), float(plan.stop_lat[i]), names[i]) for i, stop in enumerate(plan.stops)}


def _metres(a: tuple[float, float, str], b: tuple[float, float, str]) -> float:
    return float(np.nan_to_num(haversine_m(*a[:2], *b[:2])))
