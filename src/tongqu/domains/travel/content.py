"""What a feed has to show: its figures, its stops and lines on the map, the places it names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.domains.travel import words
from tongqu.domains.travel.modes import mode_of
from tongqu.domains.travel.urns import stop_urn
from tongqu.kernel.geo import check
from tongqu.kernel.layers import Feature
from tongqu.kit.errors import TongquError
from tongqu.kit.geometry.sphere import haversine_m
from tongqu.protocols import gtfs

KINDS = {0: "stop", 1: "station", 2: "entrance"}
_LINE_ZOOM = {"rail": 6, "metro": 8, "air": 5, "ferry": 7, "coach": 7, "tram": 9}


@dataclass(frozen=True)
class Content:
    """A feed read for showing.

    Attributes:
        plan: the feed with references resolved.
        day: the day its figures speak of: the busiest of its first seven days, None where nothing runs.
        departures: departures at each stop on that day.
        trips: trips of each route on that day.
        modes: mode of each route; stop_modes: the mode with most departures at each stop, empty where none.
    """

    plan: gtfs.Schedule
    day: date | None
    departures: NDArray[np.int64]
    trips: NDArray[np.int64]
    modes: tuple[str, ...]
    stop_modes: tuple[str, ...]

    @classmethod
    def of(cls, plan: gtfs.Schedule) -> Content:
        """Count what runs on the busiest of the first seven days."""
        types = plan.feed.numbers("routes", "route_type", 3)
        modes = tuple(mode_of(int(kind)) for kind in types)
        day, runs = _busiest(plan)
        used = runs & (np.diff(plan.trip_first) > 0)
        trips = np.bincount(plan.trip_route[used], minlength=len(plan.routes)) if used.any() else _zeros(plan.routes)
        trip_of_call = np.repeat(np.arange(len(plan.trips)), np.diff(plan.trip_first))
        on = used[trip_of_call]
        departures = np.bincount(plan.call_stop[on], minlength=len(plan.stops)).astype(np.int64)
        return cls(plan, day, departures, trips.astype(np.int64), modes, _stop_modes(plan, trip_of_call, modes))

    @property
    def valid(self) -> tuple[date | None, date | None]:
        """First and last day on which anything runs."""
        return self.plan.calendar.first, self.plan.calendar.last

    def figures(self) -> dict[str, Any]:
        """Counts for the publisher: stops, stations, lines, trips, kilometres, and those of one day."""
        plan, kinds = self.plan, self.plan.stop_kind
        length = _trip_lengths_km(plan)
        day_km = float(length[self._running()].sum())
        return {
            "stops": int((kinds == 0).sum()),
            "stations": int((kinds == 1).sum()),
            "entrances": int((kinds == 2).sum()),
            "lines": len(plan.routes),
            "trips": len(plan.trips),
            "calls": len(plan.call_stop),
            "filled_times": int(plan.call_filled.sum()),
            "line_km": round(_line_km(plan, length), 1),
            "day": self.day.isoformat() if self.day else None,
            "day_trips": int(self.trips.sum()),
            "day_km": round(day_km, 1),
            "modes": {mode: self.modes.count(mode) for mode in sorted(set(self.modes))},
            "bounds": self.bounds(),
        }

    def bounds(self) -> list[float] | None:
        """West, south, east, north of the stops in degrees."""
        lon, lat = self.plan.stop_lon, self.plan.stop_lat
        good = np.isfinite(lon) & np.isfinite(lat) & ((lon != 0) | (lat != 0))
        if not good.any():
            return None
        return [float(lon[good].min()), float(lat[good].min()), float(lon[good].max()), float(lat[good].max())]

    def places(self, feed_id: str, feed_name: str, region: str) -> list[dict[str, Any]]:
        """What of the feed a traveller can type: stops, stations, entrances. Platforms of a station stand behind it."""
        plan = self.plan
        names = plan.feed.strings("stops", "stop_name")
        rows = []
        for index, stop in enumerate(plan.stops):
            kind, where = KINDS.get(int(plan.stop_kind[index])), self._where(index)
            name = names[index].strip() or self._parent_name(index, names)
            if kind is None or where is None or not name or (kind == "stop" and plan.stop_parent[index] >= 0):
                continue
            typed = words.typed(name)
            rows.append(
                {
                    "id": f"{feed_id}:{index}",
                    "source": f"feed:{feed_id}",
                    "kind": kind,
                    "ref": stop[:120],
                    "name": name[:200],
                    "name_en": None,
                    "detail": feed_name[:300],
                    "search": typed.whole,
                    "initials": typed.initials[:200],
                    "weight": int(self._weight(index)),
                    "lon": where[0],
                    "lat": where[1],
                    "region": region,
                }
            )
        return rows

    def stops(self, code: str) -> Iterator[Feature]:
        """Stops as features; ids begin with the feed's code."""
        names = self.plan.feed.strings("stops", "stop_name")
        for index, stop in enumerate(self.plan.stops):
            where, kind = self._where(index), KINDS.get(int(self.plan.stop_kind[index]))
            if where is None or kind not in ("stop", "station"):
                continue
            mode = self._mode(index)
            properties = {
                "name": names[index] or None,
                "feed": code,
                "kind": kind,
                "departures": int(self.departures[index]),
                "stop": stop,
                "urn": stop_urn(code, stop),
            }
            zoom = 10 if mode in ("rail", "metro", "air", "ferry") else 12
            yield Feature(
                f"{code}:{stop}", check(shapely.Point(where)), mode, properties, zoom, -int(self._weight(index))
            )

    def lines(self, code: str) -> Iterator[Feature]:
        """One line for each route and direction: its most frequent course."""
        plan = self.plan
        short = plan.feed.strings("routes", "route_short_name")
        long = plan.feed.strings("routes", "route_long_name")
        shapes = _Shapes(plan)
        for (route, direction), trip in _typical_trips(plan).items():
            points = shapes.points(trip)
            if len(points) < 2:
                continue
            try:
                geometry = check(shapely.LineString(points))
            except TongquError:  # a course that is no line is noted by the validator and not drawn
                continue
            mode = self.modes[route]
            properties = {
                "name": short[route] or long[route] or plan.routes[route],
                "feed": code,
                "trips": int(self.trips[route]),
                "route": plan.routes[route],
                "direction": int(direction),
            }
            yield Feature(
                f"{code}:{plan.routes[route]}:{direction}", geometry, mode, properties, _LINE_ZOOM.get(mode, 10)
            )

    def _running(self) -> NDArray[np.bool_]:
        if self.day is None:
            return np.zeros(len(self.plan.trips), dtype=np.bool_)
        return _trips_on(self.plan, self.day)

    def _where(self, index: int) -> tuple[float, float] | None:
        lon, lat = float(self.plan.stop_lon[index]), float(self.plan.stop_lat[index])
        if math.isfinite(lon) and math.isfinite(lat) and (lon or lat) and abs(lon) <= 180 and abs(lat) <= 90:
            return lon, lat
        return None

    def _parent_name(self, index: int, names: list[str]) -> str:
        parent = int(self.plan.stop_parent[index])
        return names[parent].strip() if parent >= 0 else ""

    def _weight(self, index: int) -> int:
        """Departures of a stop, of a station those of its platforms."""
        own = int(self.departures[index])
        return own + int(self.departures[self.plan.stop_parent == index].sum()) if self._is_station(index) else own

    def _is_station(self, index: int) -> bool:
        return int(self.plan.stop_kind[index]) == 1

    def _mode(self, index: int) -> str:
        if self._is_station(index):
            below = [self.stop_modes[int(i)] for i in np.flatnonzero(self.plan.stop_parent == index)]
            return next((mode for mode in below if mode), "other")
        return self.stop_modes[index] or "other"


class _Shapes:
    """Courses of trips: by their shape, else from stop to stop."""

    def __init__(self, plan: gtfs.Schedule) -> None:
        self._plan = plan
        self._of: dict[int, NDArray[np.float64]] = {}
        feed = plan.feed
        if feed.count("shapes"):
            lon = feed.numbers("shapes", "shape_pt_lon", np.nan, np.float64)
            lat = feed.numbers("shapes", "shape_pt_lat", np.nan, np.float64)
            order = feed.numbers("shapes", "shape_pt_sequence", 0)
            ids = np.array(feed.strings("shapes", "shape_id"), dtype=object)
            names, first = np.unique(ids.astype(str), return_inverse=True)
            good = np.isfinite(lon) & np.isfinite(lat)
            rows = np.lexsort((order, first))
            rows = rows[good[rows]]
            starts = np.searchsorted(first[rows], np.arange(len(names) + 1))
            points = np.column_stack((lon[rows], lat[rows]))
            self._named = {str(name): points[starts[i] : starts[i + 1]] for i, name in enumerate(names)}
        else:
            self._named = {}
        self._ids = self._shape_ids()

    def _shape_ids(self) -> list[str]:
        return self._plan.feed.strings("trips", "shape_id")

    def points(self, trip: int) -> NDArray[np.float64]:
        """Longitudes and latitudes of a trip's course, without repetitions."""
        found = self._named.get(self._ids[trip]) if self._ids[trip] else None
        if found is None or len(found) < 2:
            stops = self._plan.call_stop[self._plan.calls(trip)]
            found = np.column_stack((self._plan.stop_lon[stops], self._plan.stop_lat[stops]))
            found = found[np.isfinite(found).all(axis=1) & (found != 0).any(axis=1)]
        if len(found) < 2:
            return np.zeros((0, 2))
        moved = np.r_[True, (np.diff(found, axis=0) != 0).any(axis=1)]
        return np.asarray(found[moved], dtype=np.float64)


def _zeros(names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.zeros(len(names), dtype=np.int64)


def _trips_on(plan: gtfs.Schedule, day: date) -> NDArray[np.bool_]:
    runs = plan.calendar.on(day)
    known = plan.trip_service >= 0
    found = np.zeros(len(plan.trips), dtype=np.bool_)
    found[known] = runs[plan.trip_service[known]]
    return found & (np.diff(plan.trip_first) > 0)


def _busiest(plan: gtfs.Schedule) -> tuple[date | None, NDArray[np.bool_]]:
    first = plan.calendar.first
    if first is None:
        return None, np.zeros(len(plan.trips), dtype=np.bool_)
    days = [first + timedelta(days=number) for number in range(7)]
    best = max(days, key=lambda day: int(_trips_on(plan, day).sum()))
    return best, _trips_on(plan, best)


def _stop_modes(plan: gtfs.Schedule, trip_of_call: NDArray[np.int64], modes: tuple[str, ...]) -> tuple[str, ...]:
    names = sorted(set(modes))
    number = np.array([names.index(mode) for mode in modes], dtype=np.int64)
    if not len(plan.call_stop) or not len(names):
        return ("",) * len(plan.stops)
    route = plan.trip_route[trip_of_call]
    counts = np.zeros((len(plan.stops), len(names)), dtype=np.int64)
    good = route >= 0
    np.add.at(counts, (plan.call_stop[good], number[route[good]]), 1)
    best = counts.argmax(axis=1)
    return tuple(names[int(best[i])] if counts[i].any() else "" for i in range(len(plan.stops)))


def _trip_lengths_km(plan: gtfs.Schedule) -> NDArray[np.float64]:
    """Length of each trip from stop to stop along great circles, in km."""
    lon, lat = plan.stop_lon[plan.call_stop], plan.stop_lat[plan.call_stop]
    if len(lon) < 2:
        return np.zeros(len(plan.trips))
    step = np.nan_to_num(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) / 1000)
    trip = np.repeat(np.arange(len(plan.trips)), np.diff(plan.trip_first))
    step[trip[1:] != trip[:-1]] = 0
    return np.bincount(trip[1:], weights=step, minlength=len(plan.trips))


def _typical_trips(plan: gtfs.Schedule) -> dict[tuple[int, int], int]:
    """For each route and direction the longest of the trips whose course (shape, else stops) most trips have."""
    length = np.diff(plan.trip_first)
    shapes = plan.feed.strings("trips", "shape_id")
    seen: dict[tuple[int, int], dict[Any, list[int]]] = {}
    for trip in range(len(plan.trips)):
        route = int(plan.trip_route[trip])
        calls = plan.calls(trip)
        if route < 0 or calls.start == calls.stop:
            continue
        course = shapes[trip] or plan.call_stop[calls].tobytes()
        seen.setdefault((route, int(plan.trip_direction[trip])), {}).setdefault(course, []).append(trip)
    return {key: max(max(courses.values(), key=len), key=lambda t: int(length[t])) for key, courses in seen.items()}


def _line_km(plan: gtfs.Schedule, lengths: NDArray[np.float64]) -> float:
    return float(sum(lengths[trip] for trip in _typical_trips(plan).values()))
