"""Pieces of road to lines of a route: joined where they meet, told apart by carriageway, turned the way stakes rise.

Pieces that are driven both ways make lines of both directions; one-way pieces make carriageways, of which the ones that
lead with rising stakes are `up` and the others `down`. Where nothing tells how stakes rise they are taken to rise
from north to south or from east to west, as national roads are numbered (GB/T 917; not checked against its text),
round a ring clockwise; marks that fall turn a line later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.geo import Direction
from tongqu.kit.geometry import geolines

Floats = NDArray[np.float64]
_DECIMALS = 7
"""Ends that agree to a centimetre meet."""

_BEND = 0.2
"""Pieces go on into each other unless they bend by more than a hundred degrees: a carriageway that turns back at the
end of its road becomes another one. Cosine of the angle between the ways from where they meet."""


@dataclass(frozen=True)
class Piece:
    """A piece of road: points (n, 2) in degrees, in the direction of travel if it is one-way."""

    points: Floats
    oneway: bool = False


@dataclass(frozen=True)
class Joined:
    """A line of a route, in the direction of rising stakes."""

    points: Floats
    direction: Direction

    @property
    def length_m(self) -> float:
        return float(geolines.lengths_m(self.points[:, 0], self.points[:, 1])[-1])


def join(pieces: Sequence[Piece]) -> list[Joined]:
    """Lines of a route from its pieces: `both` before `up` before `down`, each in the order of rising stakes."""
    both = _chains([piece.points for piece in pieces if not piece.oneway], directed=False)
    single = _chains([piece.points for piece in pieces if piece.oneway], directed=True)
    if not both and not single:
        return []
    axis = _axis(np.vstack([*both, *single]))
    guide = max([*both, *single], key=_length)
    guide = guide if _rises(guide, axis) else guide[::-1]
    lines = [Joined(_along(guide, line, axis), "both") for line in both]
    for line in single:
        turned = _along(guide, line, axis)
        lines.append(Joined(turned, "up" if np.array_equal(turned, line) else "down"))
    order = {"both": 0, "up": 1, "down": 2}
    return sorted(lines, key=lambda line: (order[line.direction], float(line.points[len(line.points) // 2] @ axis)))


def _length(points: Floats) -> float:
    return float(geolines.lengths_m(points[:, 0], points[:, 1])[-1])


def _axis(points: Floats) -> Floats:
    """South, or west where the route is wider than it is high."""
    width, height = np.ptp(points[:, 0]) * np.cos(np.radians(points[0, 1])), np.ptp(points[:, 1])
    return np.array((0.0, -1.0)) if height >= width else np.array((-1.0, 0.0))


def _rises(points: Floats, axis: Floats) -> bool:
    """Whether a line leads along an axis, or round a ring clockwise."""
    step = points[-1] - points[0]
    if float(np.hypot(step[0] * np.cos(np.radians(points[0, 1])), step[1])) * 111_000 < _length(points) / 20:
        x, y = points[:, 0] - points[0, 0], points[:, 1] - points[0, 1]
        return bool(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) < 0)
    return bool(step @ axis > 0)


def _along(guide: Floats, line: Floats, axis: Floats) -> Floats:
    """A line turned the way its guide leads: by where its quarters come on the guide, or by its own lead far from
    it."""
    if line is guide or np.array_equal(line, guide[::-1]):
        return guide
    packed = geolines.pack([guide])
    at = np.linspace(0, len(line) - 1, 9).astype(int)
    feet = geolines.nearest(packed, line[at, 0], line[at, 1], reach_m=400.0)
    near = feet.along_m[feet.line >= 0]
    steps = np.diff(near)
    if len(steps) and np.sum(np.sign(steps)) != 0:
        return line if np.sum(np.sign(steps)) > 0 else line[::-1]
    return line if _rises(line, axis) else line[::-1]


def _chains(pieces: Sequence[Floats], *, directed: bool) -> list[Floats]:
    """Pieces joined end to end. Where more than two meet, those two go on that bend least; the others begin there."""
    pieces = [piece for piece in pieces if len(piece) > 1]
    ends: dict[tuple[float, float], list[tuple[int, bool]]] = {}
    for number, piece in enumerate(pieces):
        ends.setdefault(_key(piece[0]), []).append((number, True))
        ends.setdefault(_key(piece[-1]), []).append((number, False))
    partner: dict[tuple[int, bool], tuple[int, bool]] = {}
    for meeting in ends.values():
        for one, other in _pairs(pieces, meeting, directed):
            partner[one], partner[other] = other, one
    lines: list[Floats] = []
    used: set[int] = set()
    starts = [(number, True) for number in range(len(pieces)) if (number, True) not in partner]
    starts += [(number, False) for number in range(len(pieces)) if (number, False) not in partner and not directed]
    for start in [*starts, *((number, True) for number in range(len(pieces)))]:
        if start[0] in used:
            continue
        lines.append(_walk(pieces, start, partner, used))
    return lines


def _walk(
    pieces: Sequence[Floats], start: tuple[int, bool], partner: dict[tuple[int, bool], tuple[int, bool]], used: set[int]
) -> Floats:
    parts: list[Floats] = []
    at: tuple[int, bool] | None = start
    while at is not None and at[0] not in used:
        number, forwards = at
        used.add(number)
        points = pieces[number] if forwards else pieces[number][::-1]
        parts.append(points if not parts else points[1:])
        at = partner.get((number, not forwards))
    return np.vstack(parts)


def _pairs(
    pieces: Sequence[Floats], meeting: list[tuple[int, bool]], directed: bool
) -> list[tuple[tuple[int, bool], tuple[int, bool]]]:
    """Which ends that meet go on into each other, the straightest first; a directed one only head to tail."""
    if len(meeting) < 2:
        return []
    leads = [_lead(pieces[number], begins) for number, begins in meeting]
    options = sorted(
        (float(leads[a] @ leads[b]), a, b)
        for a in range(len(meeting))
        for b in range(a + 1, len(meeting))
        if meeting[a][0] != meeting[b][0] and not (directed and meeting[a][1] == meeting[b][1])
    )
    options = [option for option in options if option[0] < _BEND]
    taken: set[int] = set()
    pairs = []
    for _, a, b in options:
        if a not in taken and b not in taken:
            taken |= {a, b}
            pairs.append((meeting[a], meeting[b]))
    return pairs


def _lead(points: Floats, begins: bool) -> Floats:
    """Unit vector from an end into its piece."""
    a, b = (points[0], points[1]) if begins else (points[-1], points[-2])
    step = (b - a) * (np.cos(np.radians(a[1])), 1.0)
    size = float(np.hypot(*step))
    return step / size if size > 0 else step


def _key(point: Floats) -> tuple[float, float]:
    return round(float(point[0]), _DECIMALS), round(float(point[1]), _DECIMALS)
