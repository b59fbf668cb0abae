"""A way between two ends on streets: searched, read off the search, and put together with its line and instructions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from tongqu.engines.streets import paths, search
from tongqu.engines.streets.graph import Floats, Ints
from tongqu.engines.streets.paths import Path, Travelled
from tongqu.engines.streets.prepared import Ends, Prepared, Spots
from tongqu.engines.streets.stops import Stops


@dataclass(frozen=True, slots=True)
class Foot:
    """The point that a way begins or ends at, and the end itself.

    Attributes:
        lon, lat: of the point; edge, share: where it stands; off_s: seconds between the street and the end.
        stop: longitude and latitude of the stop, where it is not the point.
        door: index of the entrance, -1 where there is none.
    """

    lon: float
    lat: float
    edge: int
    share: float
    off_s: float
    stop: tuple[float, float] | None = None
    door: int = -1

    def share_of(self, arc: int) -> float:
        """How far along an arc (in its direction) the point stands."""
        return 1.0 - self.share if arc & 1 else self.share


def foot_of(spots: Spots, point: int, off_s: float) -> Foot:
    """A point that is the end itself."""
    return Foot(
        float(spots.lon[point]), float(spots.lat[point]), int(spots.edge[point]), float(spots.share[point]), off_s
    )  # fmt: skip


def foot_of_stop(placed: Stops, point: int) -> Foot:
    """A point of a stop."""
    spots, owner = placed.spots, placed.owner[point]
    here, stop = ((float(of.lon[k]), float(of.lat[k])) for of, k in ((spots, point), (placed, owner)))
    return Foot(
        *here, int(spots.edge[point]), float(spots.share[point]), float(placed.off_s[point]),
        None if stop == here else stop, int(placed.door[point]),
    )  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One end of a way: the points it may begin or end at."""

    spots: Spots
    feet: tuple[Foot, ...]

    @classmethod
    def of(cls, spot: Spots, off_s: float) -> Side:
        """A single point."""
        return cls(spot, (foot_of(spot, 0, off_s),))

    @classmethod
    def of_stop(cls, placed: Stops, stop: int) -> Side:
        """A stop with its doors."""
        part, of = placed.points_of(stop), placed.spots
        spots = Spots(of.lon[part], of.lat[part], of.edge[part], of.share[part], of.off_m[part])
        return cls(spots, tuple(foot_of_stop(placed, point) for point in range(part.start, part.stop)))


def quickest(prepared: Prepared, a: Side, b: Side, bound_s: float) -> Path | None:
    """The quickest way between two ends, or None if there is none within the bound."""
    leaving, arriving = prepared.leaving(a.spots), prepared.arriving(b.spots)
    seed_owner, sink_owner = leaving.point, arriving.point
    seed_s = leaving.seconds + np.array([foot.off_s for foot in a.feet])[seed_owner]
    sink_s = arriving.seconds + np.array([foot.off_s for foot in b.feet])[sink_owner]
    direct, beside = _along_edge(prepared, a, b)
    best, sink = np.inf, -1
    if len(sink_s):
        time, via = _searched(prepared, leaving, seed_s, arriving, sink_s, min(bound_s, direct))
        totals = time[arriving.state] + sink_s
        sink = int(np.argmin(totals))
        best = float(totals[sink])
    if beside is not None and direct <= best and direct <= bound_s:
        return assemble(prepared, *beside, part_of_edge(*beside), direct)
    if not (best <= bound_s and np.isfinite(best)):
        return None
    arcs, seed = search.travelled(prepared.steps.origin, prepared.steps.arc, via, arriving.state[sink])
    # a seed that turns stands behind its first turn: its state is the second arc travelled
    second = leaving.state[seed : seed + 1] if prepared.by_turn else arcs[:0]
    last = arcs[:0] if prepared.by_turn else arriving.arc[sink : sink + 1]
    travelled = np.concatenate((leaving.arc[seed : seed + 1], second, arcs[::-1], last))
    ends = a.feet[seed_owner[seed]], b.feet[sink_owner[sink]]
    return assemble(prepared, *ends, between(travelled, *ends), best)


def _searched(prepared: Prepared, leaving: Ends, seed_s: Floats, arriving: Ends, sink_s: Floats,
              bound_s: float) -> tuple[Floats, Ints]:  # fmt: skip
    steps, sinks = prepared.steps, arriving.state
    x, y, least_s = prepared.plane
    goal_x, goal_y = float(x[sinks].mean()), float(y[sinks].mean())
    around_m = float(np.hypot(x[sinks] - goal_x, y[sinks] - goal_y).max()) + 1e-6
    return search.toward(
        steps.start, steps.to, steps.seconds, leaving.state, seed_s, float(bound_s), sinks, sink_s,
        x, y, goal_x, goal_y, around_m, least_s,
    )  # fmt: skip


def _along_edge(prepared: Prepared, a: Side, b: Side) -> tuple[float, tuple[Foot, Foot] | None]:
    """The quickest way along one edge, and the points it leads between; infinite where no two points share one."""
    found: tuple[float, tuple[Foot, Foot] | None] = (np.inf, None)
    for p, q in product(a.feet, b.feet):
        if p.edge == q.edge >= 0:
            seconds = prepared.direct_s(p.edge, p.share, q.share) + p.off_s + q.off_s
            if seconds < found[0]:
                found = seconds, (p, q)
    return found


def part_of_edge(a: Foot, b: Foot) -> Travelled:
    """The part of one edge between two points on it."""
    if b.share >= a.share:
        return np.array([2 * a.edge], np.int32), a.share, b.share
    return np.array([2 * a.edge + 1], np.int32), 1.0 - a.share, 1.0 - b.share


def between(arcs: Ints, a: Foot, b: Foot) -> Travelled:
    """Arcs that are travelled from a point on the first of them to one on the last."""
    return arcs, a.share_of(int(arcs[0])), b.share_of(int(arcs[-1]))


def assemble(prepared: Prepared, a: Foot, b: Foot, travelled: Travelled, seconds: float) -> Path:
    """What was travelled from one end to another, as a way."""
    first = [(a.lon, a.lat)] if a.stop is None else [a.stop, (a.lon, a.lat)]
    last = [(b.lon, b.lat)] if b.stop is None else [(b.lon, b.lat), b.stop]
    way = paths.draw(prepared.graph, travelled, prepared.arc_s, prepared.profile.mode, len(first))
    return Path(
        np.concatenate((first, way.points, last)),
        way.length_m + (a.off_s + b.off_s) * prepared.profile.walk_speed_ms,
        seconds,
        way.steps,
        arcs=tuple(way.arcs.tolist()),
        door_from=a.door,
        door_to=b.door,
    )
