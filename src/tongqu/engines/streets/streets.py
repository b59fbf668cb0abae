"""Streets: snapping, times, ways, walks between stops, what can be reached. One object for all profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from tongqu.engines.streets import build, cache, isochrones, province, search, several, stops, transfers, ways
from tongqu.engines.streets.around import Around, Reached
from tongqu.engines.streets.graph import Floats, Graph, Ints
from tongqu.engines.streets.paths import Path
from tongqu.engines.streets.prepared import Prepared, Spots
from tongqu.engines.streets.profiles import WALK, Profile
from tongqu.engines.streets.stops import Stops
from tongqu.engines.streets.transfers import FootTransfers
from tongqu.engines.streets.ways import Side
from tongqu.kit.world.values import Network, Road


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
        return ways.quickest(prepared, self._side(prepared, a), self._side(prepared, b), bound_s)

    @staticmethod
    def _side(prepared: Prepared, spot: Spots) -> Side:
        return Side.of(spot, float(prepared.off_s(spot)[0]))

    def beeline(self, origin: tuple[float, float], destination: tuple[float, float], profile: Profile = WALK) -> Path:
        """A straight way where no streets are known, longer by the profile's factor."""
        return stops.beeline(origin, destination, profile)

    def way_to_stop(self, point: tuple[float, float], placed: Stops, stop: int, profile: Profile = WALK, *,
                    leaving: bool = False) -> Path:  # fmt: skip
        """The way that `reach` counted: from a point to a stop, or (leaving) from the stop to the point."""
        prepared = self.prepared(profile)
        spot = self.stand(*point, profile)
        at = (float(placed.lon[stop]), float(placed.lat[stop]))
        one, other = self._side(prepared, spot), Side.of_stop(placed, stop)
        way = None
        if spot.inside[0] and placed.inside[stop]:
            way = ways.quickest(prepared, *((other, one) if leaving else (one, other)), np.inf)
        if way is not None:
            return way
        return self.beeline(at, point, profile) if leaving else self.beeline(point, at, profile)

    def way_between(self, placed: Stops, a: int, b: int, profile: Profile = WALK) -> Path:
        """The way that `transfers` counted between two stops."""
        way = None
        if placed.inside[a] and placed.inside[b]:
            way = ways.quickest(self.prepared(profile), Side.of_stop(placed, a), Side.of_stop(placed, b), np.inf)
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
        steps, matrix = prepared.steps, np.full((len(of), len(to)), np.inf)
        for p in np.flatnonzero(of.inside).tolist():
            part = slice(leaving.start[p], leaving.start[p + 1])
            seed_s = leaving.seconds[part] + off_from[p]
            time, _ = search.spread(
                steps.start, steps.to, steps.seconds, leaving.state[part], seed_s, float(bound_s)
            )  # fmt: skip
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

    def around(self, point: tuple[float, float], profile: Profile = WALK, *, bound_s: float,
               leaving: bool = False) -> Around:  # fmt: skip
        """One search around a point, or (leaving) towards it: what lies within the bound, and the ways there."""
        return Around(self.prepared(profile), point, self.stand(*point, profile), bound_s, leaving)

    def reach(self, point: tuple[float, float], placed: Stops, profile: Profile = WALK, *, bound_s: float,
              leaving: bool = False) -> Reached:  # fmt: skip
        """Stops from which a point is reached (leaving), or that are reached from it, within the bound."""
        return self.around(point, profile, bound_s=bound_s, leaving=leaving).reach(placed)
