"""What feeds say about lines, trips, stops and shapes, for showing a journey to a person."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit

from tongqu.engines.journeys.services import packed
from tongqu.engines.streets import cache
from tongqu.engines.streets.graph import Flags, Floats, Ints
from tongqu.engines.transit.timetable import base_ms
from tongqu.kit.geometry import degrees
from tongqu.protocols import gtfs

METRO = (1, 2)  # route types that one boards in stations with entrances: metro and railway
ENTRANCE = 2  # location_type
LETTER = re.compile(r"([A-Z]\d{0,2})(?:\s*出?入?口)?$")
FORMAT = 4  # raise it when what is kept changes


@dataclass(frozen=True)
class Line:
    """A line as passengers know it."""

    id: str
    short_name: str
    long_name: str
    agency: str
    route_type: int
    colour: str
    text_colour: str
    agency_id: str = ""


@dataclass(frozen=True)
class Facts:
    """What is kept of one feed, flat; see `protocols.gtfs.Schedule` for the arrays.

    Attributes:
        platforms: platform_code of each stop, empty where there is none.
        doors: entrances of stations: letter, station, longitude, latitude.
        lines: fields of `Line`, one list a line.
        first_day: ordinal of the first row of `runs`, 0 where there is no calendar.
        shape_from: points of shape s are `shape_points[shape_from[s]:shape_from[s + 1]]`.
        on_request: services on request, as `services.packed` keeps them; empty where there are none.
    """

    zone: str
    stops: tuple[str, ...]
    stop_lon: Floats
    stop_lat: Floats
    platforms: tuple[str, ...]
    doors: tuple[tuple[str, str, float, float], ...]
    lines: tuple[tuple[str | int, ...], ...]
    trips: tuple[str, ...]
    trip_route: Ints
    trip_service: Ints
    trip_shape: Ints
    trip_first: Ints
    call_stop: Ints
    call_arrival_s: Ints
    call_departure_s: Ints
    first_day: int
    runs: Flags
    shape_from: Ints
    shape_points: Floats
    on_request: str = ""


class Catalogue:
    """Lines, trips, calls and shapes of the feeds of one timetable, in the same order of feeds."""

    def __init__(self, feeds: Sequence[Facts]) -> None:
        self.feeds = tuple(feeds)
        self.stop_from = np.concatenate(([0], np.cumsum([len(facts.stops) for facts in feeds]))).astype(np.int32)
        self._trips = [{trip: index for index, trip in enumerate(facts.trips)} for facts in feeds]
        self._lines = [[Line(*fields) for fields in facts.lines] for facts in feeds]  # type: ignore[arg-type]
        self._drawn: dict[tuple[int, int, int], tuple[Floats, Ints, Floats]] = {}

    @classmethod
    def read(cls, paths: Sequence[Path | str], *, cache_folder: Path | str | None = None) -> Catalogue:
        """Read feeds from their files; what is kept of them from the cache folder where it was read before."""
        return cls([_facts_of(Path(path), None if cache_folder is None else Path(cache_folder)) for path in paths])

    @cached_property
    def metro_stops(self) -> list[int]:
        """Stops (indices over all feeds) that metro and railway trains call at: one enters them by doors."""
        found: list[int] = []
        for feed, facts in enumerate(self.feeds):
            types = np.array([line.route_type for line in self._lines[feed]] or [3])
            served = np.isin(types[facts.trip_route], METRO)
            trip_of_call = np.repeat(np.arange(len(facts.trips)), np.diff(facts.trip_first))
            found += (np.unique(facts.call_stop[served[trip_of_call]]) + self.stop_from[feed]).tolist()
        return found

    @property
    def doors(self) -> list[tuple[str, str, float, float]]:
        """Entrances that the feeds know: letter, station, longitude, latitude."""
        return [(str(a), str(b), float(x), float(y)) for facts in self.feeds for a, b, x, y in facts.doors]

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """What stands on the sign of each platform, over all feeds (`3`, `B`); empty where nothing is told."""
        return tuple(code for facts in self.feeds for code in facts.platforms)

    def lines(self, feed: int) -> list[Line]:
        """The lines of a feed."""
        return self._lines[feed]

    def has(self, feed: int, trip_id: str) -> bool:
        """Whether a feed has a trip."""
        return 0 <= feed < len(self.feeds) and trip_id in self._trips[feed]

    def line_of(self, feed: int, trip_id: str) -> Line:
        """The line a trip runs on."""
        return self._lines[feed][int(self.feeds[feed].trip_route[self._trips[feed][trip_id]])]

    def line(self, feed: int, line_id: str) -> Line:
        """A line by its id; one without a name where the feed does not know it."""
        known = next((line for line in self._lines[feed] if line.id == line_id), None)
        return known or Line(line_id, "", "", "", 3, "", "")

    def calls(self, feed: int, trip_id: str) -> tuple[Ints, Ints, Ints]:
        """Stops (indices over all feeds), arrivals and departures of a trip, seconds after noon minus 12 h."""
        facts = self.feeds[feed]
        part = self._calls(feed, self._trips[feed][trip_id])
        return facts.call_stop[part] + self.stop_from[feed], facts.call_arrival_s[part], facts.call_departure_s[part]

    def runs(self, feed: int, trip_id: str, day: date) -> bool:
        """Whether a trip runs on a service day."""
        facts = self.feeds[feed]
        row = day.toordinal() - facts.first_day
        service = int(facts.trip_service[self._trips[feed][trip_id]])
        return bool(0 <= row < len(facts.runs) and service >= 0 and facts.runs[row, service])

    def base_ms(self, feed: int, day: date) -> int:
        """Noon minus 12 h of a service day in the zone of its feed, UTC ms."""
        return base_ms(day, ZoneInfo(self.feeds[feed].zone))

    def line_drawn(self, feed: int, trip_id: str, origin_call: int, destination_call: int) -> tuple[Floats, float]:
        """Points of a ride and its length in metres: its shape between two calls, or straight lines between stops."""
        points, at, along_m = self.way(feed, trip_id)
        first, last = int(at[origin_call]), int(at[destination_call])
        return points[first : last + 1], float(along_m[last] - along_m[first])

    def way(self, feed: int, trip_id: str) -> tuple[Floats, Ints, Floats]:
        """Points of a whole trip, its calls among them, which of the points each call is, and metres from the first
        point to each; not to be changed."""
        facts = self.feeds[feed]
        trip = self._trips[feed][trip_id]
        stops = facts.call_stop[self._calls(feed, trip)]
        # trips that follow one shape over the same stops are drawn alike
        key = (feed, int(facts.trip_shape[trip]), hash(stops.tobytes()))
        if key not in self._drawn:
            if len(self._drawn) > 20_000:
                self._drawn.clear()
            points, at = self._draw(facts, trip, stops)
            self._drawn[key] = points, at, metres_along(points)
        return self._drawn[key]

    def _calls(self, feed: int, trip: int) -> slice:
        facts = self.feeds[feed]
        return slice(int(facts.trip_first[trip]), int(facts.trip_first[trip + 1]))

    @staticmethod
    def _draw(facts: Facts, trip: int, stops: Ints) -> tuple[Floats, Ints]:
        """Points of a whole trip with its stops among them, and where each stop is."""
        here = np.column_stack((facts.stop_lon[stops], facts.stop_lat[stops]))
        shape = int(facts.trip_shape[trip])
        if shape >= 0:
            points = facts.shape_points[facts.shape_from[shape] : facts.shape_from[shape + 1]]
            if len(points) > 1:
                return _along(points, here)
        return here, np.arange(len(stops), dtype=np.int32)


def metres_along(points: Floats) -> Floats:
    """Metres from the first of some points (lon, lat) to each; one whose position is not known is passed over."""
    known = np.isfinite(points).all(axis=1)
    metres = np.zeros(len(points))
    metres[known] = degrees.along(points[known, 0], points[known, 1])
    return np.maximum.accumulate(metres)


def _facts_of(path: Path, folder: Path | None) -> Facts:
    kept = None
    if folder is not None and path.is_file():
        digest = hashlib.sha256(f"catalogue {FORMAT}".encode() + path.read_bytes()).hexdigest()[:32]
        kept = folder / f"catalogue-{digest}.npz"
        fields = cache.load(kept)
        if fields is not None:
            return Facts(**fields)
    facts = facts_of(gtfs.schedule(gtfs.read(path)))
    if kept is not None:
        cache.keep(kept, facts)
    return facts


def facts_of(plan: gtfs.Schedule) -> Facts:
    """What is kept of a feed."""
    shapes = _shapes(plan)
    drawn = [shapes.get(shape, np.empty((0, 2))) for shape in plan.shapes]
    calendar = plan.calendar
    return Facts(
        zone=plan.zone,
        stops=plan.stops,
        stop_lon=plan.stop_lon,
        stop_lat=plan.stop_lat,
        platforms=tuple(code or "" for code in plan.feed.strings("stops", "platform_code")),
        doors=tuple(_doors(plan)),
        lines=tuple(_lines(plan)),
        trips=plan.trips,
        trip_route=plan.trip_route,
        trip_service=plan.trip_service,
        trip_shape=plan.trip_shape,
        trip_first=plan.trip_first,
        call_stop=plan.call_stop,
        call_arrival_s=plan.call_arrival_s,
        call_departure_s=plan.call_departure_s,
        first_day=0 if calendar.first is None else calendar.first.toordinal(),
        runs=calendar.runs,
        shape_from=np.concatenate(([0], np.cumsum([len(part) for part in drawn]))).astype(np.int32),
        shape_points=np.vstack([np.empty((0, 2)), *drawn]),
        on_request=packed(plan),
    )


def _doors(plan: gtfs.Schedule) -> list[tuple[str, str, float, float]]:
    """Entrances with the letter that ends their name (`人民广场A口`, `Central, exit B2`)."""
    names = plan.feed.strings("stops", "stop_name")
    found = []
    for stop in np.flatnonzero((plan.stop_kind == ENTRANCE) & (plan.stop_parent >= 0)).tolist():
        letter = LETTER.search(names[stop] or "")
        station = names[int(plan.stop_parent[stop])] or ""
        found.append((letter[1] if letter else "", station, float(plan.stop_lon[stop]), float(plan.stop_lat[stop])))
    return found


def _lines(plan: gtfs.Schedule) -> list[tuple[str | int, ...]]:
    routes, agencies = plan.feed.tables.get("routes"), plan.feed.tables.get("agency")
    rows = {row["route_id"]: row for row in routes.to_pylist()} if routes is not None else {}
    names = (
        {row.get("agency_id") or "": row.get("agency_name") or "" for row in agencies.to_pylist()} if agencies else {}
    )
    sole, only = next(iter(names.items())) if len(names) == 1 else ("", "")
    found: list[tuple[str | int, ...]] = []
    for route in plan.routes:
        row = rows.get(route, {})
        kind = row.get("route_type")
        found.append((
            route, row.get("route_short_name") or "", row.get("route_long_name") or "",
            names.get(row.get("agency_id") or "", only), 3 if kind is None else int(kind),
            row.get("route_color") or "", row.get("route_text_color") or "", row.get("agency_id") or sole,
        ))  # fmt: skip
    return found


def _shapes(plan: gtfs.Schedule) -> dict[str, Floats]:
    table = plan.feed.tables.get("shapes")
    if table is None or not table.num_rows:
        return {}
    table = table.sort_by([("shape_id", "ascending"), ("shape_pt_sequence", "ascending")])
    ids = np.asarray(table["shape_id"].to_pylist(), object)
    lon = table["shape_pt_lon"].to_numpy(zero_copy_only=False).astype(np.float64)
    lat = table["shape_pt_lat"].to_numpy(zero_copy_only=False).astype(np.float64)
    good = np.isfinite(lon) & np.isfinite(lat)
    ids, lon, lat = ids[good], lon[good], lat[good]
    cuts = np.flatnonzero(ids[1:] != ids[:-1]) + 1
    starts = np.concatenate(([0], cuts))
    points = np.column_stack((lon, lat))
    return {str(ids[a]): part for a, part in zip(starts.tolist(), np.split(points, cuts), strict=True)}


def _along(shape: Floats, stops: Floats) -> tuple[Floats, Ints]:
    """The shape with the foot of each stop put in, in order: a stop is never looked for behind the one before."""
    squeeze = float(np.cos(np.radians(shape[0, 1])))
    points, at = _with_feet(shape[:, 0] * squeeze, shape[:, 1], stops[:, 0] * squeeze, stops[:, 1])
    points[:, 0] /= squeeze
    return points, at


@njit(cache=True, nogil=True)
def _with_feet(x, y, stop_x, stop_y):  # type: ignore[no-untyped-def]
    segments = x.size - 1
    points = np.empty((x.size + stop_x.size, 2))
    at = np.empty(stop_x.size, np.int32)
    share = np.empty(segments)
    gap = np.empty(segments)
    here, passed, count = 0, 0.0, 0
    for order in range(stop_x.size):
        best = here
        for k in range(here, segments):
            dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
            t = ((stop_x[order] - x[k]) * dx + (stop_y[order] - y[k]) * dy) / max(dx * dx + dy * dy, 1e-18)
            t = min(max(t, passed if k == here else 0.0), 1.0)
            share[k] = t
            gap[k] = (x[k] + t * dx - stop_x[order]) ** 2 + (y[k] + t * dy - stop_y[order]) ** 2
            if gap[k] < gap[best]:
                best = k
        found = best
        if order < stop_x.size - 1:
            # the first place that is nearly as near as the nearest: a loop passes a stop's street twice
            most = (np.sqrt(gap[best]) + 2e-4) ** 2
            found = here
            while found < best and gap[found] > most:
                found += 1
        # within that approach, the nearest
        while found + 1 < segments and gap[found + 1] < gap[found]:
            found += 1
        for k in range(here + 1, found + 1):
            points[count, 0], points[count, 1] = x[k], y[k]
            count += 1
        points[count, 0] = x[found] + share[found] * (x[found + 1] - x[found])
        points[count, 1] = y[found] + share[found] * (y[found + 1] - y[found])
        at[order] = count
        count += 1
        here, passed = found, share[found]
    return points[:count], at
