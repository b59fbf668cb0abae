"""A way through streets as a traveller needs it: its line, its length, and what to do at each corner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tongqu.engines.streets import access
from tongqu.engines.streets.graph import Floats, Graph

Manoeuvre = Literal[
    "depart", "continue", "slight_left", "left", "sharp_left", "slight_right", "right", "sharp_right", "turn_back",
    "stairs", "lift", "ferry", "roundabout", "arrive",
]  # fmt: skip
# change of direction in degrees, to the right positive: up to which it has which name
CORNERS: tuple[tuple[float, Manoeuvre], ...] = (
    (-160, "turn_back"), (-120, "sharp_left"), (-45, "left"), (-20, "slight_left"), (20, "continue"),
    (45, "slight_right"), (120, "right"), (160, "sharp_right"), (181, "turn_back"),
)  # fmt: skip
LOOK_M = 12.0  # how far before and after a corner its direction is taken


@dataclass(frozen=True)
class Step:
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


@dataclass(frozen=True)
class Piece:
    """A stretch of one arc: its points and seconds."""

    arc: int
    points: Floats
    length_m: float
    duration_s: float


def piece(graph: Graph, arc: int, share_from: float, share_to: float, arc_s: float) -> Piece:
    """The stretch of an arc between two shares of it (in the direction of travel)."""
    line = graph.line(arc >> 1)
    if arc & 1:
        line = line[::-1]
    length = float(graph.edge_length_m[arc >> 1])
    if share_from > 0.0 or share_to < 1.0:
        line = _cut(line, share_from, share_to)
    part = max(share_to - share_from, 0.0)
    return Piece(arc, line, length * part, arc_s * part)


def _cut(line: Floats, share_from: float, share_to: float) -> Floats:
    squeeze = np.cos(np.radians(line[0, 1]))
    steps = np.hypot(np.diff(line[:, 0]) * squeeze, np.diff(line[:, 1]))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    a, b = share_from * along[-1], share_to * along[-1]
    inner = line[(along > a) & (along < b)]
    ends = [[np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])] for at in (a, b)]
    return np.vstack((ends[:1], inner, ends[1:]))


def describe(graph: Graph, pieces: list[Piece], mode: str) -> tuple[Step, ...]:
    """Instructions along pieces: a new one where the street's name or nature changes, or the way turns."""
    if not pieces:
        return ()
    runs: list[list[int]] = []
    for k in range(len(pieces)):
        if runs and not _breaks(graph, pieces[k - 1], pieces[k], mode):
            runs[-1].append(k)
        else:
            runs.append([k])
    offsets = np.concatenate(([0], np.cumsum([len(part.points) - 1 for part in pieces])))
    steps = []
    for order, run in enumerate(runs):
        first = pieces[run[0]]
        edge = first.arc >> 1
        what: Manoeuvre = "depart" if order == 0 else _corner(pieces, run[0])
        flags = int(graph.edge_flags[edge])
        for flag, word in ((access.STEPS, "stairs"), (access.LIFT, "lift"), (access.FERRY, "ferry")):
            if flags & flag:
                what = word  # type: ignore[assignment]
        exit_ = 0
        if flags & access.ROUNDABOUT and mode != "walk":
            what, exit_ = "roundabout", _exits(graph, pieces, run)
        name = int(graph.edge_name[edge])
        steps.append(Step(
            what, graph.names[name], graph.names_en[name], access.KIND_NAMES[graph.edge_kind[edge]],
            sum(pieces[k].length_m for k in run), sum(pieces[k].duration_s for k in run), int(offsets[run[0]]), exit_,
        ))  # fmt: skip
    steps.append(Step("arrive", "", "", "", 0.0, 0.0, int(offsets[-1])))
    return tuple(steps)


def shifted(step: Step, points: int) -> Step:
    """The same instruction for a line with so many more points in front."""
    return replace(step, at=step.at + points)


NATURE = access.STEPS | access.LIFT | access.FERRY


def _breaks(graph: Graph, before: Piece, after: Piece, mode: str) -> bool:
    a, b = before.arc >> 1, after.arc >> 1
    nature = NATURE | (access.ROUNDABOUT if mode != "walk" else 0)
    if (graph.edge_flags[a] ^ graph.edge_flags[b]) & nature:
        return True
    if graph.edge_flags[a] & nature:
        return False
    turn = abs(bend(before.points, after.points))
    if graph.edge_name[a] != graph.edge_name[b]:
        # a nameless link that runs straight on is no news to someone on foot
        return turn > 20 or bool(graph.edge_name[b])
    return turn > (45 if graph.edge_name[a] else 35)


def _corner(pieces: list[Piece], k: int) -> Manoeuvre:
    turn = bend(pieces[k - 1].points, pieces[k].points)
    return next(word for limit, word in CORNERS if turn <= limit)


def _exits(graph: Graph, pieces: list[Piece], run: list[int]) -> int:
    """Which exit of the roundabout is taken: ways that could be left by until then, and the one that is."""
    count = 0
    for k in run:
        node = graph.edge_to[pieces[k].arc >> 1] if not pieces[k].arc & 1 else graph.edge_from[pieces[k].arc >> 1]
        away = (graph.edge_from == node) & (graph.edge_access & access.DRIVE > 0)
        away |= (graph.edge_to == node) & (graph.edge_access & (2 * access.DRIVE) > 0)
        count += bool((away & (graph.edge_flags & access.ROUNDABOUT == 0)).any())
    return max(count, 1)


def bend(before: Floats, after: Floats) -> float:
    """Change of direction from the end of one line to the start of another: degrees, to the right positive."""
    return (_bearing(after, False) - _bearing(before, True) + 180.0) % 360.0 - 180.0


def _bearing(line: Floats, at_end: bool) -> float:
    """Direction over the last or first metres of a line, degrees clockwise from north."""
    squeeze = float(np.cos(np.radians(line[0, 1])))
    xy = (line - line[-1 if at_end else 0]) * (squeeze, 1.0) * 111_000.0
    far = np.hypot(xy[:, 0], xy[:, 1])
    order = range(len(line) - 2, -1, -1) if at_end else range(1, len(line))
    k = next((k for k in order if far[k] >= LOOK_M), 0 if at_end else len(line) - 1)
    dx, dy = (-xy[k] if at_end else xy[k]).tolist()
    return float(np.degrees(np.arctan2(dx, dy)))
