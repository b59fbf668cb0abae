"""One search around a point, in one direction: how soon each stop is reached, and the way to each, read off the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tongqu.engines.streets import search, stops, ways
from tongqu.engines.streets.graph import Flags, Floats, Ints
from tongqu.engines.streets.paths import Path
from tongqu.engines.streets.prepared import Prepared, Spots
from tongqu.engines.streets.stops import Stops
from tongqu.engines.streets.transfers import whole
from tongqu.kit.geometry import degrees

_NO_STATES = np.empty(0, np.int32)
_NO_SECONDS = np.empty(0, np.float64)


@dataclass(frozen=True)
class Reached:
    """Stops within a bound of a point.

    Attributes:
        stop: indices, ascending; duration_s: whole seconds, rounded up.
        beeline: by straight line, because the point or the stop lies where no streets are known.
    """

    stop: Ints
    duration_s: Ints
    beeline: Flags


class Around:
    """What lies around a point; made by `Streets.around`.

    Args:
        point: lon, lat; spot: where it stands on the streets.
        bound_s: nothing further away is looked for.
        leaving: the other way round: from what lies around to the point.
    """

    def __init__(
        self, prepared: Prepared, point: tuple[float, float], spot: Spots, bound_s: float, leaving: bool
    ) -> None:
        self.prepared = prepared
        self.point = point
        self.bound_s = float(bound_s)
        self.leaving = leaving
        self._side = ways.Side(spot, prepared.off_s(spot))
        self._steps = prepared.back if leaving else prepared.steps
        self._seeds = prepared.arriving(spot) if leaving else prepared.leaving(spot)
        seed_s = self._seeds.seconds + self._side.off_s[0]
        self._time, self._via = search.spread(
            self._steps.start, self._steps.to, self._steps.seconds, self._seeds.state, seed_s, self.bound_s,
            _NO_STATES, _NO_SECONDS,
        )  # fmt: skip

    @property
    def inside(self) -> bool:
        """Whether the point stands on a street."""
        return bool(self._side.spots.inside[0])

    def reach(self, placed: Stops) -> Reached:
        """The stops within the bound."""
        profile, spot = self.prepared.profile, self._side.spots
        if self.inside:
            seconds, crow = self._by_street(placed), placed.outsiders
        else:
            seconds, crow = np.full(len(placed), np.inf), np.arange(len(placed), dtype=np.int32)
        straight = np.zeros(len(placed), bool)
        if len(crow):
            per_lon, per_lat = degrees.metres_per_degree(self.point[1])
            lon, lat = placed.lon[crow] - spot.lon[0], placed.lat[crow] - spot.lat[0]
            seconds[crow] = np.hypot(lon * per_lon, lat * per_lat) * profile.beeline_factor / profile.walk_speed_ms
            straight[crow] = True
        near = np.flatnonzero(seconds <= self.bound_s).astype(np.int32)
        return Reached(near, whole(seconds[near]), straight[near])

    def _by_street(self, placed: Stops) -> Floats:
        """Seconds between the point and every stop, by street; infinite beyond the bound."""
        theirs, spot = placed.leaving if self.leaving else placed.arriving, self._side.spots
        edge = int(spot.edge[0])
        seconds: Floats = _at_stops(
            self._time, theirs.state, theirs.seconds, theirs.start, placed.off_s, placed.owner, len(placed),
            placed.spots.edge, placed.spots.share, edge, float(spot.share[0]), float(self._side.off_s[0]),
            self.prepared.edge_s[edge], self.leaving,
        )  # fmt: skip
        return seconds

    def way(self, placed: Stops, stop: int) -> Path:
        """The way that `reach` counted: from the point to a stop, or (leaving) from the stop to the point.

        Raises:
            ValueError: the profile is searched by turn, where a way cannot be read off backwards.
        """
        if self.prepared.by_turn:
            raise ValueError("ways around a point are those of people who walk")
        other = ways.side_of(placed, stop)
        found = self._read_off(placed, stop, other) if self.inside and placed.inside[stop] else None
        if found is not None:
            return found
        ends = (self.point, (float(placed.lon[stop]), float(placed.lat[stop])))
        return stops.beeline(*(ends[::-1] if self.leaving else ends), self.prepared.profile)

    def _read_off(self, placed: Stops, stop: int, other: ways.Side) -> Path | None:
        theirs = placed.leaving if self.leaving else placed.arriving
        a, b = (other, self._side) if self.leaving else (self._side, other)
        direct, p, q = ways.along_edge(self.prepared, a, b)
        first = placed.points_of(stop).start
        points = slice(theirs.start[first], theirs.start[first + len(other.spots)])
        owner = np.repeat(np.arange(len(other.spots)), np.diff(theirs.start[first : first + len(other.spots) + 1]))
        totals = self._time[theirs.state[points]] + theirs.seconds[points] + other.off_s[owner]
        best = int(np.argmin(totals)) if len(totals) else -1
        if best < 0 or direct <= totals[best]:
            if direct > self.bound_s:
                return None
            return ways.assemble(
                self.prepared, a, b, p, q, [ways.part_of_edge(a.spots, p, b.spots, q)], direct
            )  # fmt: skip
        if totals[best] > self.bound_s:
            return None
        arcs, seed = search.travelled(self._steps.start, self._steps.arc, self._via, theirs.state[points][best])
        mine, last = int(self._seeds.arc[seed]), int(theirs.arc[points][best])
        travelled = [last, *arcs.tolist(), mine] if self.leaving else [mine, *arcs[::-1].tolist(), last]
        p, q = (int(owner[best]), 0) if self.leaving else (0, int(owner[best]))
        parts = ways.between(travelled, a.spots, p, b.spots, q)
        return ways.assemble(self.prepared, a, b, p, q, parts, float(totals[best]))


@njit(cache=True, nogil=True)
def _at_stops(  # type: ignore[no-untyped-def]
    time, state, seconds, start, off_s, owner, stops, point_edge, point_share, edge, share, own_off_s, edge_s, leaving,
):  # fmt: skip
    """Seconds to each stop by the best of its points, from the times of states or along the edge of the search's
    start."""
    least = np.full(stops, np.inf)
    for p in range(owner.size):
        best = np.inf
        for k in range(start[p], start[p + 1]):
            best = min(best, time[state[k]] + seconds[k])
        if point_edge[p] == edge:
            gap = share - point_share[p] if leaving else point_share[p] - share
            along = 0.0 if gap == 0.0 else gap * edge_s[0] if gap > 0.0 else -gap * edge_s[1]
            best = min(best, along + own_off_s)
        least[owner[p]] = min(least[owner[p]], best + off_s[p])
    return least
