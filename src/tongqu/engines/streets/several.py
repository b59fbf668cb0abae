"""From several starts at once, each with a head start: how soon one is where, and from which of them."""

from __future__ import annotations

import numpy as np

from tongqu.engines.streets import search
from tongqu.engines.streets.graph import Floats, Ints
from tongqu.engines.streets.prepared import Ends, Prepared
from tongqu.engines.streets.stops import Stops


def spread(
    prepared: Prepared, placed: Stops, begin_s: Floats, bound_s: float, back: bool = False
) -> tuple[Floats, Ints]:
    """How soon one is at each stop when setting out from the best of some of them.

    Args:
        placed: stood on the streets of the same profile.
        begin_s: what has passed when one sets out from each; infinite where one cannot.
        bound_s: nothing later than this is looked for.
        back: the other way round: how long before a goal one has to be at each stop, `begin_s` being what is still to
            come at each where one may arrive.

    Returns:
        seconds (infinite where there is no way) and the stop one set out from (-1). A stop is reached from itself only
        where there is nothing sooner than the way round a block.
    """
    seconds, source = np.full(len(placed), np.inf), np.full(len(placed), -1, np.int32)
    point_s = begin_s[placed.owner] + placed.off_s
    if not np.isfinite(point_s).any():
        return seconds, source
    ends, goals = (placed.arriving, placed.leaving) if back else (placed.leaving, placed.arriving)
    point, state, seed_s = _seeds(ends, point_s)
    steps = prepared.back if back else prepared.steps
    time, via = search.spread(steps.start, steps.to, steps.seconds, state, seed_s, float(bound_s))
    by_point, which = search.at_points(time, goals.state, goals.seconds, goals.start, placed.off_s, float(bound_s))
    reached = np.flatnonzero(which >= 0)
    from_point = np.full(len(by_point), -1, np.int32)
    from_point[reached] = point[search.seeds_of(steps.origin, via, goals.state[which[reached]])]
    _along_edges(prepared, placed, point_s, bound_s, back, by_point, from_point)
    # points of one stop stand together; the soonest of them speaks for it
    for p in np.flatnonzero(np.isfinite(by_point)).tolist():
        stop = placed.owner[p]
        if by_point[p] < seconds[stop]:
            seconds[stop], source[stop] = by_point[p], placed.owner[from_point[p]]
    return seconds, source


def _seeds(ends: Ends, point_s: Floats) -> tuple[Ints, Ints, Floats]:
    kept = np.isfinite(point_s[ends.point])
    point = ends.point[kept]
    return point, ends.state[kept], ends.seconds[kept] + point_s[point]


def _along_edges(
    prepared: Prepared, placed: Stops, point_s: Floats, bound_s: float, back: bool, by_point: Floats, from_point: Ints
) -> None:
    """Lower the seconds of points that share an edge with a start: between them no node is passed."""
    edge, share = placed.spots.edge, placed.spots.share
    for p in np.flatnonzero(np.isfinite(point_s)).tolist():
        for q in np.flatnonzero(edge == edge[p]).tolist():
            if placed.owner[q] == placed.owner[p]:
                continue
            shares = (float(share[q]), float(share[p])) if back else (float(share[p]), float(share[q]))
            then = point_s[p] + prepared.direct_s(int(edge[p]), *shares) + placed.off_s[q]
            if then < by_point[q] and then <= bound_s:
                by_point[q], from_point[q] = then, p
