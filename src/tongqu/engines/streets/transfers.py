"""Walking between stops, precomputed to a bound: what a timetable search needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tongqu.engines.streets import search
from tongqu.engines.streets.graph import Flags, Floats, Ints
from tongqu.engines.streets.prepared import Prepared
from tongqu.engines.streets.stops import Stops
from tongqu.kit.geometry import degrees


@dataclass(frozen=True)
class FootTransfers:
    """Walks from stop a are `to[first[a]:first[a + 1]]` (ascending), none to itself.

    Attributes:
        seconds: whole seconds, rounded up: a walk is never shorter than its street says.
        beeline: by straight line and a factor, because one of the two stops lies where no streets are known.
    """

    first: Ints
    to: Ints
    seconds: Ints
    beeline: Flags

    def __len__(self) -> int:
        return len(self.to)


def whole(seconds: Floats) -> Ints:
    """Seconds rounded up to whole ones (a thousandth over is not another second)."""
    return np.ceil(np.asarray(seconds) - 1e-3).astype(np.int32)


def between(prepared: Prepared, stops: Stops, bound_s: float) -> FootTransfers:
    """All walks between stops that take no longer than the bound."""
    n = len(stops)
    steps, profile = prepared.steps, prepared.profile
    there = stops.arriving_at
    start, to, seconds = search.spread_each(
        steps.start, steps.to, steps.seconds, stops.leaving.state, stops.leaving.seconds, stops.leaving.start,
        there.start, there.point, there.seconds, stops.off_s, stops.owner, n,
        stops.spots.edge, stops.spots.share, prepared.edge_s, float(bound_s),
    )  # fmt: skip
    walks = [np.repeat(np.arange(n, dtype=np.int32), np.diff(start)), to, seconds, np.zeros(len(to), bool)]
    if not stops.inside.all():
        per_lon, per_lat = degrees.metres_per_degree(float(stops.lat.mean()))
        reach = bound_s * profile.walk_speed_ms / profile.beeline_factor
        a, b, gap = _near(stops.lon * per_lon, stops.lat * per_lat, stops.inside, reach)
        straight = (a, b, gap * profile.beeline_factor / profile.walk_speed_ms, np.ones(len(a), bool))
        walks = [np.concatenate(pair) for pair in zip(walks, straight, strict=True)]
    origin, to, seconds, beeline = walks
    order = np.lexsort((to, origin))
    first = np.searchsorted(origin[order], np.arange(n + 1)).astype(np.int32)
    return FootTransfers(first, to[order].astype(np.int32), whole(seconds[order]), beeline[order])


@njit(cache=True, nogil=True)
def _near(x, y, inside, reach):  # type: ignore[no-untyped-def]
    """Pairs within reach of each other of which at least one is not inside, and their distance."""
    n = x.size
    column = np.floor((x - x.min()) / reach).astype(np.int64)
    row = np.floor((y - y.min()) / reach).astype(np.int64)
    columns = column.max() + 2
    cell = row * columns + column
    order = np.argsort(cell, kind="mergesort")
    sorted_cell = cell[order]
    a = np.empty(1024, np.int32)
    b = np.empty(1024, np.int32)
    gap = np.empty(1024)
    total = 0
    for i in range(n):
        for r in range(row[i] - 1, row[i] + 2):
            first = np.searchsorted(sorted_cell, r * columns + column[i] - 1)
            for k in range(first, n):
                if sorted_cell[k] > r * columns + column[i] + 1:
                    break
                j = order[k]
                d = np.hypot(x[i] - x[j], y[i] - y[j])
                if j == i or d > reach or (inside[i] and inside[j]):
                    continue
                if total == a.size:
                    a = np.concatenate((a, np.empty(total, np.int32)))
                    b = np.concatenate((b, np.empty(total, np.int32)))
                    gap = np.concatenate((gap, np.empty(total)))
                a[total], b[total], gap[total] = i, j, d
                total += 1
    return a[:total], b[:total], gap[:total]
