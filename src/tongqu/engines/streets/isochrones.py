"""What can be reached within so many minutes: a field of times over a grid, and its contours as areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.streets import search
from tongqu.engines.streets.graph import Floats
from tongqu.engines.streets.prepared import Prepared, Spots
from tongqu.kit.geometry import contours, degrees

CELL_M = 40.0
ASIDE_M = 80.0  # what lies this far from a street that is reached is reached too, walked
LARGEST_CELLS = 4_000_000


@dataclass(frozen=True)
class Field:
    """Seconds at the corners of a grid, rows from south to north; infinite where nothing leads within the bound.

    Attributes:
        west, south: degrees of the first corner; step_lon, step_lat: degrees between corners.
    """

    seconds: Floats
    west: float
    south: float
    step_lon: float
    step_lat: float
    bound_s: float

    def area(self, within_s: float) -> Any:
        """The area reached within so many seconds, as a valid shapely (multi)polygon in degrees."""
        late = self.bound_s + 600.0  # finite, or no contour could be drawn towards what is not reached
        values = -np.minimum(np.pad(self.seconds, 1, constant_values=np.inf), late)
        points, starts = contours.rings(values, -float(within_s) - 1e-6)
        points = (points - 1.0) * (self.step_lon, self.step_lat) + (self.west, self.south)
        rings = [shapely.LinearRing(points[a:b]) for a, b in pairwise(starts) if b - a >= 4]
        if not rings:
            return shapely.MultiPolygon()
        area = shapely.build_area(shapely.GeometryCollection(rings))
        return shapely.make_valid(shapely.simplify(area, self.step_lat / 4))


def start_times(prepared: Prepared, state_s: Floats) -> Floats:
    """Seconds at the start of each arc, from the seconds of a search's states."""
    if prepared.by_turn:
        return np.where(np.isfinite(state_s), state_s, np.inf) - np.where(
            np.isfinite(prepared.arc_s), prepared.arc_s, 0.0
        )
    seconds = state_s[prepared.arc_from]
    return np.asarray(np.where(prepared.node_block[prepared.arc_from], np.inf, seconds))


def spread(prepared: Prepared, spots: Spots, start_s: Floats, bound_s: float) -> Floats:
    """Seconds of every state when one starts from several points at once, each at its own time."""
    leaving = prepared.leaving(spots)
    seed = leaving.seconds + (start_s + prepared.off_s(spots))[leaving.point]
    steps = prepared.steps
    time, _ = search.spread(steps.start, steps.to, steps.seconds, leaving.state, seed, float(bound_s))
    return np.asarray(time)


def spread_limited(prepared: Prepared, spots: Spots, start_s: Floats, walk_s: float) -> Floats:
    """As `spread`, without a bound on the whole but none later than a walk of `walk_s` after the latest start."""
    late = float(start_s.max(initial=0.0)) + walk_s
    return spread(prepared, spots, start_s, late)


def field(prepared: Prepared, spots: Spots, start_s: Floats, bound_s: float, *, cell_m: float = CELL_M) -> Field:
    """Times around several starts: on streets by search, beside them and around each start on foot.

    Args:
        spots: where it starts; start_s: seconds that have passed there already.
    """
    (made,) = fields(prepared, [(spots, start_s)], bound_s, cell_m=cell_m)
    return made


def fields(
    prepared: Prepared, starts: Sequence[tuple[Spots, Floats]], bound_s: float, *, cell_m: float = CELL_M
) -> list[Field]:
    """As `field`, once for each of several starts (departures of a window), all over the same grid."""
    reached = [_reached(prepared, spots, start_s, bound_s) for spots, start_s in starts]
    lon = np.concatenate([one.lon for one in reached])
    lat = np.concatenate([one.lat for one in reached])
    per_lon, per_lat = (float(part) for part in degrees.metres_per_degree(float(lat.mean())))
    margin = ASIDE_M + 6 * cell_m
    west, south = lon.min() - margin / per_lon, lat.min() - margin / per_lat
    columns = int((lon.max() - west) * per_lon + margin) // int(cell_m) + 2
    rows = int((lat.max() - south) * per_lat + margin) // int(cell_m) + 2
    while columns * rows * len(starts) > LARGEST_CELLS:
        cell_m, columns, rows = cell_m * 2, columns // 2 + 1, rows // 2 + 1
    graph = prepared.graph
    return [
        Field(
            _stamp(
                one.arcs, one.share, one.times, prepared.arc_s, graph.point_start, graph.point_lon, graph.point_lat,
                spots.lon, spots.lat, start_s.astype(np.float64), float(west), float(south), per_lon, per_lat,
                float(cell_m), rows, columns, float(bound_s), prepared.profile.walk_speed_ms,
            ),
            float(west), float(south), cell_m / per_lon, cell_m / per_lat, float(bound_s),
        )
        for one, (spots, start_s) in zip(reached, starts, strict=True)
    ]  # fmt: skip


def percentile(of: Sequence[Field], share: float) -> Field:
    """The times that no more than a share (0 to 100) of some fields over one grid stay below."""
    seconds = np.percentile(np.stack([one.seconds for one in of]), share, axis=0, method="higher")
    return replace(of[0], seconds=seconds)


@dataclass(frozen=True)
class _Reached:
    """Arcs that are reached, where on them and when one begins, and the places that they lie between."""

    arcs: NDArray[np.int32]
    share: Floats
    times: Floats
    lon: Floats
    lat: Floats


def _reached(prepared: Prepared, spots: Spots, start_s: Floats, bound_s: float) -> _Reached:
    state_s = spread(prepared, spots, start_s, bound_s)
    begin = start_times(prepared, state_s)
    arcs = np.flatnonzero(begin < bound_s).astype(np.int32)
    graph = prepared.graph
    # from where one stands on an edge both parts of it are walked, too
    standing = np.flatnonzero(spots.inside)
    there = (start_s + prepared.off_s(spots))[standing]
    ahead, behind = 2 * spots.edge[standing], 2 * spots.edge[standing] + 1
    share = np.concatenate((np.zeros(len(arcs)), spots.share[standing], 1.0 - spots.share[standing]))
    times = np.concatenate((begin[arcs], there, there))
    arcs = np.concatenate((arcs, ahead, behind)).astype(np.int32)
    open_ = np.isfinite(prepared.arc_s[arcs])
    arcs, share, times = arcs[open_], share[open_], times[open_]
    edges = arcs >> 1
    lon = np.concatenate((graph.node_lon[graph.edge_from[edges]], graph.node_lon[graph.edge_to[edges]], spots.lon))
    lat = np.concatenate((graph.node_lat[graph.edge_from[edges]], graph.node_lat[graph.edge_to[edges]], spots.lat))
    return _Reached(arcs, share, times, lon, lat)


@njit(cache=True, nogil=True)
def _around(seconds, x, y, at_s, cell, bound_s, speed):  # type: ignore[no-untyped-def]
    """Lower the times of the grid's corners around a point that is reached at `at_s`."""
    rows, columns = seconds.shape
    for r in range(max(int((y - ASIDE_M) / cell), 0), min(int((y + ASIDE_M) / cell) + 2, rows)):
        for c in range(max(int((x - ASIDE_M) / cell), 0), min(int((x + ASIDE_M) / cell) + 2, columns)):
            gap = np.hypot(c * cell - x, r * cell - y)
            then = at_s + gap / speed
            if gap <= ASIDE_M and then < seconds[r, c] and then <= bound_s:
                seconds[r, c] = then


@njit(cache=True, nogil=True)
def _stamp(  # type: ignore[no-untyped-def]
    arcs, share, times, arc_s, point_start, point_lon, point_lat, lon, lat, start_s, west, south, per_lon, per_lat,
    cell, rows, columns, bound_s, speed,
):  # fmt: skip
    seconds = np.full((rows, columns), np.inf)
    for p in range(lon.size):
        _around(seconds, (lon[p] - west) * per_lon, (lat[p] - south) * per_lat, start_s[p], cell, bound_s, speed)
    for k in range(arcs.size):
        arc = arcs[k]
        first, last = point_start[arc >> 1], point_start[(arc >> 1) + 1] - 1
        length = 0.0
        for i in range(first, last):
            length += np.hypot((point_lon[i + 1] - point_lon[i]) * per_lon, (point_lat[i + 1] - point_lat[i]) * per_lat)
        if length <= 0.0:
            continue
        rate = arc_s[arc] / length
        gone = -share[k] * length
        for n in range(last - first):
            i = first + n if arc & 1 == 0 else last - n
            j = i + 1 if arc & 1 == 0 else i - 1
            ax, ay = (point_lon[i] - west) * per_lon, (point_lat[i] - south) * per_lat
            bx, by = (point_lon[j] - west) * per_lon, (point_lat[j] - south) * per_lat
            part = np.hypot(bx - ax, by - ay)
            pieces = int(part / cell * 2) + 1
            for q in range(pieces + 1):
                here = gone + part * q / pieces
                then = times[k] + here * rate
                if here < 0.0:
                    continue
                if then > bound_s:
                    break
                _around(seconds, ax + (bx - ax) * q / pieces, ay + (by - ay) * q / pieces, then, cell, bound_s, speed)
            gone += part
    return seconds


def areas(prepared: Prepared, spots: Spots, minutes: Sequence[float]) -> dict[float, Any]:
    """Areas reached from a point within each of the given minutes, the larger ones holding the smaller."""
    reach = field(prepared, spots, np.zeros(len(spots)), max(minutes) * 60.0)
    return {one: reach.area(one * 60.0) for one in minutes}
