"""A way between two ends on streets: searched, read off the search, and put together with its line and instructions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tongqu.engines.streets import paths, search
from tongqu.engines.streets.graph import Floats, Ints
from tongqu.engines.streets.paths import Path
from tongqu.engines.streets.prepared import Ends, Prepared, Spots
from tongqu.engines.streets.stops import Stops

Part = tuple[int, float, float]
"""An arc, and the shares of it (in its direction) between which it is travelled."""


@dataclass(frozen=True)
class Side:
    """One end of a way: the points it may begin or end at, and what lies between them and the end itself."""

    spots: Spots
    off_s: Floats
    lon: float | None = None  # of the stop, where that is not the spot's own point
    lat: float | None = None
    door: Ints | None = None


def side_of(placed: Stops, stop: int) -> Side:
    """A stop as an end."""
    part = placed.points_of(stop)
    of = placed.spots
    spots = Spots(of.lon[part], of.lat[part], of.edge[part], of.share[part], of.off_m[part])
    return Side(spots, placed.off_s[part], float(placed.lon[stop]), float(placed.lat[stop]), placed.door[part])


def quickest(prepared: Prepared, a: Side, b: Side, bound_s: float) -> Path | None:
    """The quickest way between two ends, or None if there is none within the bound."""
    leaving, arriving = prepared.leaving(a.spots), prepared.arriving(b.spots)
    seed_owner, sink_owner = _owners(leaving), _owners(arriving)
    seed_s = leaving.seconds + a.off_s[seed_owner]
    sink_s = arriving.seconds + b.off_s[sink_owner]
    direct, p, q = along_edge(prepared, a, b)
    time, via = _searched(prepared, leaving, seed_s, arriving, sink_s, min(bound_s, direct))
    best, sink = np.inf, -1
    if len(sink_s):
        totals = time[arriving.state] + sink_s
        sink = int(np.argmin(totals))
        best = float(totals[sink])
    if direct <= best and direct <= bound_s:
        return assemble(prepared, a, b, p, q, [part_of_edge(a.spots, p, b.spots, q)], direct)
    if not best <= bound_s:
        return None
    arcs, seed = search.travelled(prepared.steps.start, prepared.steps.arc, via, arriving.state[sink])
    travelled = [int(leaving.arc[seed]), *arcs[::-1].tolist()]
    if prepared.by_turn:
        # a seed stands behind its first turn: its state is the second arc travelled
        travelled.insert(1, int(leaving.state[seed]))
    else:
        travelled.append(int(arriving.arc[sink]))
    p, q = int(seed_owner[seed]), int(sink_owner[sink])
    return assemble(prepared, a, b, p, q, between(travelled, a.spots, p, b.spots, q), best)


def _searched(prepared: Prepared, leaving: Ends, seed_s: Floats, arriving: Ends, sink_s: Floats,
              bound_s: float) -> tuple[Floats, Ints]:  # fmt: skip
    steps, sinks = prepared.steps, arriving.state
    if prepared.by_turn or not len(sinks):
        return search.spread(  # type: ignore[no-any-return]
            steps.start, steps.to, steps.seconds, leaving.state, seed_s, float(bound_s), sinks, sink_s
        )
    x, y, least_s = prepared.plane
    goal_x, goal_y = float(x[sinks].mean()), float(y[sinks].mean())
    around_m = float(np.hypot(x[sinks] - goal_x, y[sinks] - goal_y).max()) + 1e-6
    return search.toward(  # type: ignore[no-any-return]
        steps.start, steps.to, steps.seconds, leaving.state, seed_s, float(bound_s), sinks, sink_s,
        x, y, goal_x, goal_y, around_m, least_s,
    )  # fmt: skip


def along_edge(prepared: Prepared, a: Side, b: Side) -> tuple[float, int, int]:
    """The quickest way along one edge, and the points it leads between; infinite where no two points share one."""
    best = (np.inf, -1, -1)
    for p, q in np.argwhere(a.spots.edge[:, None] == b.spots.edge[None, :]).tolist():
        if a.spots.edge[p] >= 0:
            seconds = prepared.direct_s(int(a.spots.edge[p]), float(a.spots.share[p]), float(b.spots.share[q]))
            best = min(best, (seconds + float(a.off_s[p] + b.off_s[q]), p, q))
    return best


def part_of_edge(a: Spots, p: int, b: Spots, q: int) -> Part:
    """The part of one edge between two points on it."""
    edge, start, end = int(a.edge[p]), float(a.share[p]), float(b.share[q])
    return (2 * edge, start, end) if end >= start else (2 * edge + 1, 1 - start, 1 - end)


def between(travelled: list[int], a: Spots, p: int, b: Spots, q: int) -> list[Part]:
    """The parts of arcs that are travelled from a point on the first of them to one on the last."""
    parts = [(arc, 0.0, 1.0) for arc in travelled]
    parts[0] = (travelled[0], _share(a, p, travelled[0]), 1.0)
    parts[-1] = (travelled[-1], parts[-1][1] if len(parts) == 1 else 0.0, _share(b, q, travelled[-1]))
    return parts


def _owners(ends: Ends) -> Ints:
    return np.repeat(np.arange(len(ends.start) - 1, dtype=np.int32), np.diff(ends.start))


def _share(spots: Spots, point: int, arc: int) -> float:
    """How far along an arc (in its direction) a point stands."""
    share = float(spots.share[point])
    return 1.0 - share if arc & 1 else share


def assemble(prepared: Prepared, a: Side, b: Side, p: int, q: int, parts: list[tuple[int, float, float]],
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
