"""A way through streets as a traveller needs it: its line, its length, and what to do at each corner."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numba import njit

from tongqu.engines.streets import access
from tongqu.engines.streets.graph import Floats, Graph, Ints

Manoeuvre = Literal[
    "depart", "continue", "slight_left", "left", "sharp_left", "slight_right", "right", "sharp_right", "turn_back",
    "stairs", "lift", "ferry", "roundabout", "arrive",
]  # fmt: skip
# change of direction in degrees, to the right positive: up to which it has which name
CORNERS: tuple[tuple[float, Manoeuvre], ...] = (
    (-160, "turn_back"), (-120, "sharp_left"), (-45, "left"), (-20, "slight_left"), (20, "continue"),
    (45, "slight_right"), (120, "right"), (160, "sharp_right"), (181, "turn_back"),
)  # fmt: skip
_LIMITS, _NAMED = zip(*CORNERS, strict=True)
LOOK_M = 12.0  # how far before and after a corner its direction is taken


class Step(NamedTuple):
    """One instruction.

    Attributes:
        street, street_en: name of the street that follows; empty where it has none.
        kind: class of the way (`access.KIND_NAMES`).
        length_m, duration_s: until the next instruction.
        exit: which exit of a roundabout to take, 0 elsewhere.
        at: index into the points of the path.
    """

    manoeuvre: Manoeuvre
    street: str
    street_en: str
    kind: str
    length_m: float
    duration_s: float
    at: int
    exit: int = 0


@dataclass(frozen=True)
class Path:
    """A way from one point to another.

    Attributes:
        points: shape (k, 2): lon, lat, the ends included.
        length_m: of all of it; duration_s: seconds as the search counted them.
        beeline: a straight line, because no streets are known there.
        arcs: the arcs travelled, first and last in part.
        door_from, door_to: index of the entrance it leaves or enters by, -1 if none.
    """

    points: Floats
    length_m: float
    duration_s: float
    steps: tuple[Step, ...]
    beeline: bool = False
    arcs: tuple[int, ...] = ()
    door_from: int = -1
    door_to: int = -1


NATURE = access.STEPS | access.LIFT | access.FERRY
WORDS: tuple[tuple[int, Manoeuvre], ...] = (
    (access.STEPS, "stairs"), (access.LIFT, "lift"), (access.FERRY, "ferry"),
)  # fmt: skip


Travelled = tuple[Ints, float, float]
"""Arcs one after the other; from which share of the first on, up to which share of the last (in their direction)."""


@dataclass(frozen=True)
class Drawn:
    """Arcs travelled as one line.

    Attributes:
        arcs: those of which something is travelled.
        points: (k, 2); length_m: of the streets.
        steps: an instruction where the street's name or nature changes, or the way turns.
    """

    arcs: Ints
    points: Floats
    length_m: float
    steps: tuple[Step, ...]


def draw(graph: Graph, travelled: Travelled, arc_s: Floats, mode: str, shift: int = 0) -> Drawn:
    """The line along arcs, with its instructions.

    Args:
        arc_s: seconds of each arc of the graph.
        shift: how many points of the path stand before the line.
    """
    nature = NATURE | (access.ROUNDABOUT if mode != "walk" else 0)
    arcs, points, at, length_m, duration_s, bends = _line(
        *travelled, graph.point_start, graph.point_lon, graph.point_lat, graph.edge_length_m, arc_s
    )
    stretches, measured = _stretches(
        arcs, at, length_m, duration_s, bends, graph.edge_flags, graph.edge_name, graph.edge_kind, nature
    )
    steps, total = [], 0.0
    for (first, after, place, flags, name, kind), (length, duration, bend) in zip(
        stretches.tolist(), measured.tolist(), strict=True
    ):
        what: Manoeuvre = "depart" if first == 0 else _corner(bend)
        exit_ = 0
        if flags & NATURE:
            what = next(word for flag, word in WORDS if flags & flag)
        if flags & access.ROUNDABOUT and mode != "walk":
            what, exit_ = "roundabout", _exits(graph, arcs[first:after])
        steps.append(Step(
            what, graph.names[name], graph.names_en[name], access.KIND_NAMES[kind], length, duration, place + shift,
            exit_,
        ))  # fmt: skip
        total += length
    steps.append(Step("arrive", "", "", "", 0.0, 0.0, int(at[-1]) + shift))
    return Drawn(arcs, points, total, tuple(steps))


@njit(cache=True, nogil=True)
def _travelled(arcs, share_from, share_to, edge_length_m):  # type: ignore[no-untyped-def]
    """Without arcs of which nothing is left: a point that stands on a corner travels none of one of its edges."""
    kept = np.empty(arcs.size, np.int32)
    count = 0
    begin, end = 0.0, 1.0
    for k in range(arcs.size):
        a = share_from if k == 0 else 0.0
        b = share_to if k == arcs.size - 1 else 1.0
        if edge_length_m[arcs[k] >> 1] * (b - a) > 0.01:
            kept[count] = arcs[k]
            begin = a if count == 0 else begin
            end = b
            count += 1
    if count == 0:
        return arcs[:1].copy(), share_from, share_to if arcs.size == 1 else 1.0
    return kept[:count], begin, end


@njit(cache=True, nogil=True)
def _line(arcs, share_from, share_to, point_start, point_lon, point_lat, edge_length_m, arc_s):  # type: ignore[no-untyped-def]
    """The arcs that are travelled; their points; by arc: at which point it begins (and the last ends), metres, seconds,
    and the change of direction where it begins, to the right positive."""
    arcs, share_from, share_to = _travelled(arcs, share_from, share_to, edge_length_m)
    total = 1
    for k in range(arcs.size):
        total += point_start[(arcs[k] >> 1) + 1] - point_start[arcs[k] >> 1] + 1
    points = np.empty((total, 2))
    at = np.zeros(arcs.size + 1, np.int32)
    bends = np.zeros(arcs.size)
    length_m = np.empty(arcs.size)
    duration_s = np.empty(arcs.size)
    size = 0
    for k in range(arcs.size):
        edge, back = arcs[k] >> 1, arcs[k] & 1
        first, last = point_start[edge], point_start[edge + 1] - 1
        squeeze = np.cos(np.radians(point_lat[first]))
        begin = share_from if k == 0 else 0.0
        end = share_to if k == arcs.size - 1 else 1.0
        length_m[k] = edge_length_m[edge] * max(end - begin, 0.0)
        duration_s[k] = arc_s[arcs[k]] * max(end - begin, 0.0)
        length = 0.0
        if begin > 0.0 or end < 1.0:
            for i in range(first, last):
                length += np.hypot((point_lon[i + 1] - point_lon[i]) * squeeze, point_lat[i + 1] - point_lat[i])
        gone = 0.0
        for n in range(last - first):
            i = first + n if back == 0 else last - n
            j = i + 1 if back == 0 else i - 1
            a, b = 0.0, 1.0
            if length > 0.0:
                step = np.hypot((point_lon[j] - point_lon[i]) * squeeze, point_lat[j] - point_lat[i])
                if step > 0.0:
                    a = min(max((begin * length - gone) / step, 0.0), 1.0)
                    b = min(max((end * length - gone) / step, 0.0), 1.0)
                gone += step
                if (b <= a and not (n == last - first - 1 and size == at[k])) or step == 0.0:
                    continue
            if size == at[k] and (k == 0 or size == 0):
                points[size, 0] = point_lon[i] + a * (point_lon[j] - point_lon[i])
                points[size, 1] = point_lat[i] + a * (point_lat[j] - point_lat[i])
                size += 1
            points[size, 0] = point_lon[i] + b * (point_lon[j] - point_lon[i])
            points[size, 1] = point_lat[i] + b * (point_lat[j] - point_lat[i])
            size += 1
        at[k + 1] = size - 1 if size > 0 else 0
        if k > 0:
            bends[k] = _bend(points, at[k - 1], at[k], at[k + 1])
    return arcs, points[:size], at, length_m, duration_s, bends


@njit(cache=True, nogil=True)
def _bend(points, first, corner, last):  # type: ignore[no-untyped-def]
    """Change of direction at a corner, taken over the last and next metres of the two pieces that meet there."""
    squeeze = np.cos(np.radians(points[corner, 1]))
    i = corner
    while i > first:
        i -= 1
        if (
            np.hypot((points[i, 0] - points[corner, 0]) * squeeze, points[i, 1] - points[corner, 1]) * 111_000.0
            >= LOOK_M
        ):
            break
    j = corner
    while j < last:
        j += 1
        if (
            np.hypot((points[j, 0] - points[corner, 0]) * squeeze, points[j, 1] - points[corner, 1]) * 111_000.0
            >= LOOK_M
        ):
            break
    if i == corner or j == corner:
        return 0.0
    before = np.arctan2((points[corner, 0] - points[i, 0]) * squeeze, points[corner, 1] - points[i, 1])
    after = np.arctan2((points[j, 0] - points[corner, 0]) * squeeze, points[j, 1] - points[corner, 1])
    return (np.degrees(after - before) + 180.0) % 360.0 - 180.0


@njit(cache=True, nogil=True)
def _stretches(arcs, at, length_m, duration_s, bend_deg, edge_flags, edge_name, edge_kind, nature):  # type: ignore[no-untyped-def]
    """Stretches between one instruction and the next: first piece, the one after the last, point, flags, name, kind;
    and metres, seconds, change of direction."""
    n = arcs.size
    stretches = np.empty((n, 6), np.int32)
    measured = np.zeros((n, 3))
    count = 0
    before, name_before = np.int64(0), 0
    for k in range(n):
        edge = arcs[k] >> 1
        flags, name = np.int64(edge_flags[edge]), edge_name[edge]
        due = k == 0
        if k > 0:
            turn = abs(bend_deg[k])
            if name != name_before:
                # a nameless link that runs straight on is no news
                due = turn > 20.0 or name > 0
            else:
                due = turn > (45.0 if name > 0 else 35.0)
            due = (due and before & nature == 0) or (flags ^ before) & nature > 0
        if due:
            stretches[count, 0], stretches[count, 1], stretches[count, 2] = k, n, at[k]
            stretches[count, 3], stretches[count, 4], stretches[count, 5] = flags, name, edge_kind[edge]
            measured[count, 2] = bend_deg[k]
            if count > 0:
                stretches[count - 1, 1] = k
            count += 1
        measured[count - 1, 0] += length_m[k]
        measured[count - 1, 1] += duration_s[k]
        before, name_before = flags, name
    return stretches[:count], measured[:count]


def _corner(turn_deg: float) -> Manoeuvre:
    return _NAMED[bisect_left(_LIMITS, turn_deg)]


def _exits(graph: Graph, arcs: Ints) -> int:
    """Which exit of a roundabout is taken: ways that could be left by until then, and the one that is."""
    count = 0
    for arc in arcs.tolist():
        node = graph.edge_from[arc >> 1] if arc & 1 else graph.edge_to[arc >> 1]
        away = (graph.edge_from == node) & (graph.edge_access & access.DRIVE > 0)
        away |= (graph.edge_to == node) & (graph.edge_access & (2 * access.DRIVE) > 0)
        count += bool((away & (graph.edge_flags & access.ROUNDABOUT == 0)).any())
    return max(count, 1)
