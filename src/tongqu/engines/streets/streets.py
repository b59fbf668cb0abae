"""Streets: snapping, times, ways, walks between stops, what can be reached. One object for all profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from tongqu.engines.streets import build, cache, isochrones, paths, province, search, several, stops, transfers
from tongqu.engines.streets.graph import Floats, Graph, Ints
from tongqu.engines.streets.paths import Path
from tongqu.engines.streets.prepared import Ends, Prepared, Spots
from tongqu.engines.streets.profiles import WALK, Profile
from tongqu.engines.streets.stops import Stops
from tongqu.engines.streets.transfers import FootTransfers
from tongqu.kit.geometry import degrees
from tongqu.kit.world.values import Network, Road

NO_STATES = np.empty(0, np.int32)
NO_SECONDS = np.empty(0, np.float64)


@dataclass(frozen=True)
class Reached:
    """Stops within a bound of a point.

    Attributes:
        stop: indices, ascending; duration_s: whole seconds, rounded up.
        beeline: by straight line, because the point or the stop lies where no streets are known.
    """

    stop: Ints
    duration_s: Ints
    beeline: np.ndarray


class Streets:
    """The streets of an area.

    ```python
    streets = Streets.from_osm("city.osm.pbf", cache=folder)
    way = streets.route((120.61, 27.91), (120.63, 27.90), WALK)
    stops = streets.stops(lon, lat)
    walks = streets.transfers(stops, bound_s=600)
    ```
    """

    def __init__(self, graph: Graph, *, cache_folder: FilePath | None = None, key: str = "") -> None:
        self.graph = graph
        self._cache = cache_folder
        self._key = key
        self._prepared: dict[Profile, Prepared] = {}
        # one question stands the same two points many times
        self._stood = lru_cache(8192)(self._stand)

    @property
    def key(self) -> str:
        """Hash of what the streets were made from; empty where that is not known."""
        return self._key

    @classmethod
    def from_osm(cls, path: FilePath | str, *, cache_folder: FilePath | str | None = None) -> Streets:
        """Streets of a `.osm.pbf`. With a cache folder the graph is kept there and read again in no time.

        Raises:
            Invalid: as `build.read`.
        """
        folder = None if cache_folder is None else FilePath(cache_folder)
        key = cache.key_of(FilePath(path)) if folder is not None else ""
        graph = cache.load_graph(folder, key) if folder is not None else None
        if graph is None:
            graph = build.read(path)
            if folder is not None:
                cache.keep_graph(folder, key, graph)
        return cls(graph, cache_folder=folder, key=key)

    @classmethod
    def from_network(cls, network: Network, roads: Sequence[Road]) -> Streets:
        """Streets of the demo province (`World.network`, `World.roads`)."""
        return cls(province.from_network(network, roads))

    def with_doors(self, doors: Sequence[tuple[str, str, float, float]]) -> Streets:
        """The same streets with further entrances of stations: letter, station, longitude, latitude."""
        if not doors:
            return self
        graph = replace(
            self.graph,
            door_lon=np.concatenate((self.graph.door_lon, [door[2] for door in doors])),
            door_lat=np.concatenate((self.graph.door_lat, [door[3] for door in doors])),
            door_ref=(*self.graph.door_ref, *(door[0] for door in doors)),
            door_station=(*self.graph.door_station, *(door[1] for door in doors)),
        )
        return Streets(graph, cache_folder=self._cache, key=self._key)

    def prepared(self, profile: Profile = WALK) -> Prepared:
        """The graph made ready for a profile; kept."""
        if profile not in self._prepared:
            self._prepared[profile] = Prepared(self.graph, profile)
        return self._prepared[profile]

    def stand(self, lon: float, lat: float, profile: Profile = WALK) -> Spots:
        """Stand one point on the nearest street within the profile's reach; `.inside` says whether there is one."""
        return self._stood(lon, lat, profile)

    def _stand(self, lon: float, lat: float, profile: Profile) -> Spots:
        return self.prepared(profile).stand(np.array([lon]), np.array([lat]))

    # ways

    def route(self, origin: tuple[float, float], destination: tuple[float, float], profile: Profile = WALK, *,
              bound_s: float = np.inf) -> Path | None:  # fmt: skip
        """The quickest way between two points (lon, lat), or None if there is none within the bound."""
        prepared = self.prepared(profile)
        a, b = self.stand(*origin, profile), self.stand(*destination, profile)
        if not (a.inside[0] and b.inside[0]):
            return None
        return _way(prepared, _Side(a, prepared.off_s(a)), _Side(b, prepared.off_s(b)), bound_s)

    def beeline(self, origin: tuple[float, float], destination: tuple[float, float], profile: Profile = WALK) -> Path:
        """A straight way where no streets are known, longer by the profile's factor."""
        points = np.array([origin, destination], np.float64)
        gap = stops.metres(points[0, 0], points[0, 1], points[1, 0], points[1, 1])
        length = float(gap) * profile.beeline_factor
        return Path(points, length, length / profile.walk_speed_ms, (), beeline=True)

    def way_to_stop(self, point: tuple[float, float], placed: Stops, stop: int, profile: Profile = WALK, *,
                    leaving: bool = False) -> Path:  # fmt: skip
        """The way that `reach` counted: from a point to a stop, or (leaving) from the stop to the point."""
        prepared = self.prepared(profile)
        spot = self.stand(*point, profile)
        at = (float(placed.lon[stop]), float(placed.lat[stop]))
        one, other = _Side(spot, prepared.off_s(spot)), _side(placed, stop)
        way = None
        if spot.inside[0] and placed.inside[stop]:
            way = _way(prepared, other, one, np.inf) if leaving else _way(prepared, one, other, np.inf)
        if way is not None:
            return way
        return self.beeline(at, point, profile) if leaving else self.beeline(point, at, profile)

    def way_between(self, placed: Stops, a: int, b: int, profile: Profile = WALK) -> Path:
        """The way that `transfers` counted between two stops."""
        way = None
        if placed.inside[a] and placed.inside[b]:
            way = _way(self.prepared(profile), _side(placed, a), _side(placed, b), np.inf)
        ends = [(float(placed.lon[stop]), float(placed.lat[stop])) for stop in (a, b)]
        return way if way is not None else self.beeline(ends[0], ends[1], profile)

    # times

    def times(
        self, origins: Floats, destinations: Floats, profile: Profile = WALK, *, bound_s: float = np.inf
    ) -> Floats:
        """Seconds from each origin to each destination; infinite where there is no way within the bound.

        Args:
            origins, destinations: shape (n, 2) and (m, 2): lon, lat.
        """
        prepared = self.prepared(profile)
        origins, destinations = np.atleast_2d(origins), np.atleast_2d(destinations)
        to = prepared.stand(destinations[:, 0], destinations[:, 1])
        of = prepared.stand(origins[:, 0], origins[:, 1])
        arriving, leaving = prepared.arriving(to), prepared.leaving(of)
        off_from, off_to = prepared.off_s(of), prepared.off_s(to)
        matrix = np.full((len(of), len(to)), np.inf)
        for p in np.flatnonzero(of.inside).tolist():
            part = slice(leaving.start[p], leaving.start[p + 1])
            time = self._spread(prepared, leaving.state[part], leaving.seconds[part] + off_from[p], bound_s)
            matrix[p], _ = search.at_points(time, arriving.state, arriving.seconds, arriving.start, off_to, bound_s)
            for q in np.flatnonzero(to.edge == of.edge[p]).tolist():
                direct = prepared.direct_s(int(of.edge[p]), float(of.share[p]), float(to.share[q]))
                direct += off_from[p] + off_to[q]
                if direct <= min(bound_s, matrix[p, q]):
                    matrix[p, q] = direct
        return matrix

    def from_several(self, placed: Stops, begin_s: Floats, profile: Profile, *, bound_s: float,
                     back: bool = False) -> tuple[Floats, Ints]:  # fmt: skip
        """How soon one is at each of some stops, setting out from the best of them; see `several.spread`."""
        return several.spread(self.prepared(profile), placed, begin_s, bound_s, back)

    @staticmethod
    def _spread(prepared: Prepared, state: Ints, seconds: Floats, bound_s: float, *, back: bool = False) -> Floats:
        steps = prepared.back if back else prepared.steps
        time, _ = search.spread(
            steps.start, steps.to, steps.seconds, state, seconds, float(bound_s), NO_STATES, NO_SECONDS
        )
        return np.asarray(time)

    # areas

    def isochrones(self, point: tuple[float, float], minutes: Sequence[float],
                   profile: Profile = WALK) -> dict[float, Any]:  # fmt: skip
        """Areas (shapely, degrees) reached from a point within each of the given minutes; none if it lies outside."""
        spot = self.stand(*point, profile)
        return isochrones.areas(self.prepared(profile), spot, minutes) if spot.inside[0] else {}

    # stops

    def stops(self, lon: Floats, lat: Floats, profile: Profile = WALK, **doors: object) -> Stops:
        """Stand stops on streets; see `stops.stand` for doors."""
        return stops.stand(self.prepared(profile), lon, lat, **doors)  # type: ignore[arg-type]

    def transfers(self, placed: Stops, profile: Profile = WALK, *, bound_s: float = 600.0) -> FootTransfers:
        """Walks between all stops within the bound; kept in the cache folder if there is one."""
        key = cache.key_of_stops(self._key, placed.lon, placed.lat, placed.owner, profile, bound_s)
        found = cache.load_transfers(self._cache, key) if self._cache is not None else None
        if found is None:
            found = transfers.between(self.prepared(profile), placed, bound_s)
            if self._cache is not None:
                cache.keep_transfers(self._cache, key, found)
        return found

    def reach(self, point: tuple[float, float], placed: Stops, profile: Profile = WALK, *, bound_s: float,
              leaving: bool = False) -> Reached:  # fmt: skip
        """Stops from which a point is reached (leaving), or that are reached from it, within the bound."""
        prepared = self.prepared(profile)
        spot = self.stand(*point, profile)
        straight = np.ones(len(placed), bool)
        seconds = np.full(len(placed), np.inf)
        crow: Ints = np.arange(len(placed), dtype=np.int32)
        if spot.inside[0]:
            straight, crow = ~placed.inside, placed.outsiders
            seconds = self._street_seconds(prepared, spot, placed, bound_s, leaving)
        per_lon, per_lat = degrees.metres_per_degree(point[1])
        gap = np.hypot((placed.lon[crow] - point[0]) * per_lon, (placed.lat[crow] - point[1]) * per_lat)
        seconds[crow] = gap * profile.beeline_factor / profile.walk_speed_ms
        near = np.flatnonzero(seconds <= bound_s)
        return Reached(near.astype(np.int32), transfers.whole(seconds[near]), straight[near])

    def _street_seconds(self, prepared: Prepared, spot: Spots, placed: Stops, bound_s: float, leaving: bool) -> Floats:
        """Seconds between a spot and every stop, by street; infinite beyond the bound."""
        off = float(prepared.off_s(spot)[0])
        mine = prepared.arriving(spot) if leaving else prepared.leaving(spot)
        theirs = placed.leaving if leaving else placed.arriving
        time = self._spread(prepared, mine.state, mine.seconds + off, bound_s, back=leaving)
        by_point, _ = search.at_points(time, theirs.state, theirs.seconds, theirs.start, placed.off_s, bound_s)
        for q in np.flatnonzero(placed.spots.edge == spot.edge[0]).tolist():
            ends = (float(placed.spots.share[q]), float(spot.share[0]))
            direct = prepared.direct_s(int(spot.edge[0]), *(ends if leaving else ends[::-1]))
            by_point[q] = min(by_point[q], direct + off + placed.off_s[q])
        return placed.by_stop(by_point)


@dataclass(frozen=True)
class _Side:
    """One end of a way: the points it may begin or end at, and what lies between them and the end itself."""

    spots: Spots
    off_s: Floats
    lon: float | None = None  # of the stop, where that is not the spot's own point
    lat: float | None = None
    door: Ints | None = None


def _side(placed: Stops, stop: int) -> _Side:
    part = placed.points_of(stop)
    of = placed.spots
    spots = Spots(of.lon[part], of.lat[part], of.edge[part], of.share[part], of.off_m[part])
    return _Side(spots, placed.off_s[part], float(placed.lon[stop]), float(placed.lat[stop]), placed.door[part])


def _way(prepared: Prepared, a: _Side, b: _Side, bound_s: float) -> Path | None:
    """The quickest way between two ends, with its line and instructions."""
    leaving, arriving = prepared.leaving(a.spots), prepared.arriving(b.spots)
    seed_owner, sink_owner = _owners(leaving), _owners(arriving)
    seed_s = leaving.seconds + a.off_s[seed_owner]
    sink_s = arriving.seconds + b.off_s[sink_owner]
    steps = prepared.steps
    time, via = search.spread(
        steps.start, steps.to, steps.seconds, leaving.state, seed_s, float(bound_s), arriving.state, sink_s
    )
    best, sink = np.inf, -1
    if len(sink_s):
        totals = time[arriving.state] + sink_s
        sink = int(np.argmin(totals))
        best = float(totals[sink])
    direct, p, q = _direct(prepared, a, b)
    if direct <= best and direct <= bound_s:
        edge, start, end = int(a.spots.edge[p]), float(a.spots.share[p]), float(b.spots.share[q])
        arc = 2 * edge if end >= start else 2 * edge + 1
        shares = (start, end) if end >= start else (1 - start, 1 - end)
        return _assemble(prepared, a, b, p, q, [(arc, *shares)], direct)
    if not best <= bound_s:
        return None
    p, q, travelled = _trace(prepared, via, leaving, arriving, seed_owner, sink_owner, sink)
    parts = [(arc, 0.0, 1.0) for arc in travelled]
    parts[0] = (travelled[0], _share(a.spots, p, travelled[0]), 1.0)
    parts[-1] = (travelled[-1], parts[-1][1] if len(parts) == 1 else 0.0, _share(b.spots, q, travelled[-1]))
    return _assemble(prepared, a, b, p, q, parts, best)


def _trace(prepared: Prepared, via: Ints, leaving: Ends, arriving: Ends, seed_owner: Ints, sink_owner: Ints,
           sink: int) -> tuple[int, int, list[int]]:  # fmt: skip
    """Points used at both ends, and all arcs from the one to the other."""
    steps = prepared.steps
    arcs: list[int] = []
    state = int(arriving.state[sink])
    while via[state] >= 0:
        step = int(via[state])
        arcs.append(int(steps.arc[step]))
        state = int(np.searchsorted(steps.start, step, side="right")) - 1
    seed = -1 - int(via[state])
    if prepared.by_turn:
        # a seed stands behind its first turn: the state is the second arc travelled
        travelled = [int(leaving.arc[seed]), state, *reversed(arcs)]
    else:
        travelled = [int(leaving.arc[seed]), *reversed(arcs), int(arriving.arc[sink])]
    return int(seed_owner[seed]), int(sink_owner[sink]), travelled


def _direct(prepared: Prepared, a: _Side, b: _Side) -> tuple[float, int, int]:
    """The quickest way along one edge, if two points share one."""
    best = (np.inf, -1, -1)
    for p, q in np.argwhere(a.spots.edge[:, None] == b.spots.edge[None, :]).tolist():
        if a.spots.edge[p] >= 0:
            seconds = prepared.direct_s(int(a.spots.edge[p]), float(a.spots.share[p]), float(b.spots.share[q]))
            best = min(best, (seconds + float(a.off_s[p] + b.off_s[q]), p, q))
    return best


def _owners(ends: Ends) -> Ints:
    return np.repeat(np.arange(len(ends.start) - 1, dtype=np.int32), np.diff(ends.start))


def _share(spots: Spots, point: int, arc: int) -> float:
    """How far along an arc (in its direction) a point stands."""
    share = float(spots.share[point])
    return 1.0 - share if arc & 1 else share


def _assemble(prepared: Prepared, a: _Side, b: _Side, p: int, q: int, parts: list[tuple[int, float, float]],
              seconds: float) -> Path:  # fmt: skip
    graph = prepared.graph
    # a point that stands on a corner leaves nothing of one of its edges: that is no stretch to speak of
    sizes = graph.edge_length_m[[arc >> 1 for arc, _, _ in parts]]
    kept = [part for part, size in zip(parts, sizes.tolist(), strict=True) if (part[2] - part[1]) * size > 0.01]
    kept = kept or parts[:1]
    arcs = np.array([arc for arc, _, _ in kept], np.int32)
    way = paths.trace(graph, arcs, kept[0][1], kept[-1][2], prepared.arc_s)
    first = [[a.spots.lon[p], a.spots.lat[p]]]
    last = [[b.spots.lon[q], b.spots.lat[q]]]
    if a.lon is not None and (a.lon, a.lat) != (first[0][0], first[0][1]):
        first.insert(0, [a.lon, a.lat])
    if b.lon is not None and (b.lon, b.lat) != (last[0][0], last[0][1]):
        last.append([b.lon, b.lat])
    points = np.vstack((first, way.points, last))
    walked = (float(a.off_s[p]) + float(b.off_s[q])) * prepared.profile.walk_speed_ms
    return Path(
        points,
        float(way.length_m.sum()) + walked,
        seconds,
        paths.describe(graph, way, prepared.profile.mode, len(first)),
        arcs=tuple(arcs.tolist()),
        door_from=-1 if a.door is None else int(a.door[p]),
        door_to=-1 if b.door is None else int(b.door[q]),
    )
