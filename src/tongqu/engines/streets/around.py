"""One search around a point, in one direction: how soon each stop is reached, and the way to each, read off it."""

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

ALONG_EDGE, BEELINE = -1, -2  # where a way passes no state of the search


@dataclass(frozen=True)
class Reached:
    """Stops within a bound of a point.

    Attributes:
        stop: indices, ascending; duration_s: whole seconds, rounded up.
        beeline: by straight line, because the point or the stop lies where no streets are known.
        ways: for `Around.way`: of each the point it is entered or left by, the seconds, the place in the search (or
            `ALONG_EDGE`, `BEELINE`), and which of the arcs there leads on.
    """

    stop: Ints
    duration_s: Ints
    beeline: Flags
    ways: tuple[Ints, Floats, Ints, Ints]


class Around:
    """What lies around a point; made by `Streets.around`. It takes as long as there is much within the bound.

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
        self.spot = spot
        self.bound_s = float(bound_s)
        self.leaving = leaving
        self.inside = bool(spot.inside[0])
        self._off_s = float(prepared.off_s(spot)[0])
        self._steps = prepared.back if leaving else prepared.steps
        self._seeds = prepared.arriving(spot) if leaving else prepared.leaving(spot)
        with prepared.scratch() as memory:
            self._found = search.explore(
                self._steps.start, self._steps.origin, self._steps.to, self._steps.seconds, self._seeds.state,
                self._seeds.seconds + self._off_s, self.bound_s, *memory,
            )  # fmt: skip

    def reach(self, placed: Stops) -> Reached:
        """The stops within the bound."""
        states, seconds, _, _ = self._found
        theirs = placed.leaving_for if self.leaving else placed.arriving_at
        order, edges = placed.along_edges
        edge, profile = int(self.spot.edge[0]), self.prepared.profile
        per_lon, per_lat = degrees.metres_per_degree(self.point[1])
        per_m = profile.beeline_factor / profile.walk_speed_ms
        found = _stops_near(
            states, seconds, theirs.start, theirs.point, theirs.seconds, placed.off_s, placed.owner, len(placed),
            order, edges, placed.spots.share, edge, float(self.spot.share[0]), self._off_s,
            self.prepared.edge_s, self.leaving, self.inside,
            placed.outsiders, placed.lon, placed.lat, *self.point, float(per_lon * per_m), float(per_lat * per_m),
            self.bound_s,
        )  # fmt: skip
        stop, point, exact_s, place, entry = found
        return Reached(stop, whole(exact_s), place == BEELINE, (point, exact_s, place, entry))

    def way(self, placed: Stops, reached: Reached, stop: int) -> Path:
        """The way that `reach` counted: from the point to a stop, or (leaving) from the stop to the point.

        Args:
            reached: by this search, of the same stops; stop: one of them.

        Raises:
            ValueError: the profile is searched by turn, where a way cannot be read off backwards.
        """
        if self.prepared.by_turn:
            raise ValueError("ways around a point are those of people who walk")
        row = int(np.searchsorted(reached.stop, stop))
        point, seconds, place, entry = (column[row].item() for column in reached.ways)
        if place == BEELINE:
            here, there = self.point, (float(placed.lon[stop]), float(placed.lat[stop]))
            return stops.beeline(*((there, here) if self.leaving else (here, there)), self.prepared.profile)
        mine, other = ways.foot_of(self.spot, 0, self._off_s), ways.foot_of_stop(placed, point)
        a, b = (other, mine) if self.leaving else (mine, other)
        if place == ALONG_EDGE:
            return ways.assemble(self.prepared, a, b, ways.part_of_edge(a, b), seconds)
        _, _, by, before = self._found
        arcs, seed = search.back_to_seed(self._steps.arc, by, before, place)
        own = self._seeds.arc[seed : seed + 1]
        theirs = (placed.leaving_for if self.leaving else placed.arriving_at).arc[entry : entry + 1]
        arcs = np.concatenate((theirs, arcs, own) if self.leaving else (own, arcs[::-1], theirs))
        return ways.assemble(self.prepared, a, b, ways.between(arcs, a, b), seconds)


@njit(cache=True, nogil=True)
def _stops_near(  # type: ignore[no-untyped-def]
    states, seconds, start, point, add_s, off_s, owner, stops, order, edges, shares, edge, share, own_off_s, edge_s,
    leaving, inside, outsiders, lon, lat, own_lon, own_lat, s_per_lon, s_per_lat, bound_s,
):  # fmt: skip
    """The stops within the bound, ascending, with the columns of `Reached.ways`.

    Args:
        states, seconds: of the search; start, point, add_s: points by state, and what lies between the two.
        off_s, owner: of points; order, edges, shares: points in the order of their edges.
        edge, share, own_off_s: where the search's own point stands; inside: whether it stands on a street at all.
        outsiders: stops that are reached by straight line only.
    """
    best = np.full(stops, np.inf)
    by = np.empty(stops, np.int32)
    place = np.empty(stops, np.int32)
    entry = np.empty(stops, np.int32)
    for i in range(states.size):
        for k in range(start[states[i]], start[states[i] + 1]):
            p = point[k]
            then = seconds[i] + add_s[k] + off_s[p]
            if then < best[owner[p]] and then <= bound_s:
                best[owner[p]], by[owner[p]], place[owner[p]], entry[owner[p]] = then, p, i, k
    if inside:
        for k in range(np.searchsorted(edges, edge), np.searchsorted(edges, edge, side="right")):
            p = order[k]
            gap = share - shares[p] if leaving else shares[p] - share
            along = 0.0 if gap == 0.0 else gap * edge_s[edge, 0] if gap > 0.0 else -gap * edge_s[edge, 1]
            then = own_off_s + along + off_s[p]
            if then <= best[owner[p]] and then <= bound_s:
                best[owner[p]], by[owner[p]], place[owner[p]], entry[owner[p]] = then, p, ALONG_EDGE, -1
    for k in range(outsiders.size if inside else stops):
        q = outsiders[k] if inside else k
        then = ((lon[q] - own_lon) * s_per_lon) ** 2 + ((lat[q] - own_lat) * s_per_lat) ** 2
        if then <= bound_s * bound_s:
            best[q], by[q], place[q], entry[q] = np.sqrt(then), -1, BEELINE, -1
    near = np.empty(stops, np.int32)
    count = 0
    for q in range(stops):
        if best[q] < np.inf:
            near[count] = q
            count += 1
    near = near[:count]
    return near, by[near], best[near], place[near], entry[near]
