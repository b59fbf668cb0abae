"""Polylines: nearest point of many lines for many points, and simplification. Plane coordinates, any unit.

For longitude and latitude give the metres per degree as `scale`: over the few kilometres in which a nearest
point is looked for, the plane with those scales differs from the ellipsoid by less than one part in 10,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Lines:
    """Lines packed for many queries; made by `pack`.

    Attributes:
        points: (p, 2) of all lines, already multiplied by `scale`; start: (n + 1) offsets of the lines.
        along: distance from the start of its line for each point.
        segment_line: line of each point's segment (the last point of a line begins none: -1).
        origin, cell, shape: a uniform grid; cell_start, cell_segment: segments that touch each cell.
    """

    points: Floats
    start: Ints
    along: Floats
    segment_line: Ints
    scale: tuple[float, float]
    origin: Floats
    cell: float
    shape: tuple[int, int]
    cell_start: Ints
    cell_segment: Ints

    def __len__(self) -> int:
        return len(self.start) - 1


@dataclass(frozen=True)
class Feet:
    """Feet of points on lines: line index (-1: none within reach), distance, way along the line, the point."""

    line: Ints
    distance: Floats
    along: Floats
    x: Floats
    y: Floats


def pack(lines: Sequence[Floats], *, cell: float, scale: tuple[float, float] = (1.0, 1.0)) -> Lines:
    """Pack lines, each an (n, 2) array with n >= 2.

    Args:
        cell: size of the index's cells after scaling; about the distance usually searched is best.
        scale: factors for x and y that make them metres.

    Raises:
        ValueError: if there is no line or a line has fewer than two points.
    """
    if not lines or any(len(line) < 2 for line in lines):
        raise ValueError("each line needs at least two points")
    start = np.cumsum([0] + [len(line) for line in lines]).astype(np.int32)
    return pack_flat(np.vstack([np.asarray(line, float)[:, :2] for line in lines]), start, cell=cell, scale=scale)


def pack_flat(points: Floats, start: Ints, *, cell: float, scale: tuple[float, float] = (1.0, 1.0)) -> Lines:
    """The same for points that already stand in one (p, 2) array; line i is `points[start[i]:start[i + 1]]`."""
    if len(start) < 2 or (np.diff(start) < 2).any():
        raise ValueError("each line needs at least two points")
    points = np.ascontiguousarray(points * scale)
    steps = np.concatenate(([0.0], np.hypot(*np.diff(points, axis=0).T)))
    steps[start[:-1]] = 0.0
    total = np.cumsum(steps)
    along = total - np.repeat(total[start[:-1]], np.diff(start))
    owner = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    owner[start[1:] - 1] = -1
    origin = points.min(axis=0)
    columns, rows = (int(v) for v in np.floor((points.max(axis=0) - origin) / cell) + 1)
    cells = _cells(points, owner, origin, cell, columns, rows)
    return Lines(points, start, along, owner, scale, origin, cell, (rows, columns), *cells)


@njit(cache=True, nogil=True)
def _cells(points, owner, origin, cell, columns, rows):  # type: ignore[no-untyped-def]
    """Segments by the cells of their bounding box, as start offsets and a list."""
    count = np.zeros(columns * rows + 1, np.int32)
    listed = np.empty(0, np.int32)
    for turn in range(2):
        for s in range(owner.size - 1):
            if owner[s] < 0:
                continue
            ax, bx = (points[s, 0] - origin[0]) / cell, (points[s + 1, 0] - origin[0]) / cell
            ay, by = (points[s, 1] - origin[1]) / cell, (points[s + 1, 1] - origin[1]) / cell
            for r in range(int(min(ay, by)), int(max(ay, by)) + 1):
                for c in range(int(min(ax, bx)), int(max(ax, bx)) + 1):
                    if turn == 0:
                        count[r * columns + c + 1] += 1
                    else:
                        listed[count[r * columns + c]] = s
                        count[r * columns + c] += 1
        if turn == 0:
            count = np.cumsum(count).astype(np.int32)
            listed = np.empty(count[-1], np.int32)
    # filling moved each start to its end: move them back
    start = np.empty_like(count)
    start[0] = 0
    start[1:] = count[:-1]
    return start, listed


@njit(cache=True, nogil=True)
def _nearest(  # type: ignore[no-untyped-def]
    points, along, owner, origin, cell, rows, columns, cell_start, cell_segment, x, y, reach
):
    n = x.size
    line = np.full(n, -1, np.int32)
    distance = np.full(n, np.inf)
    at = np.full(n, np.nan)
    fx = np.full(n, np.nan)
    fy = np.full(n, np.nan)
    for i in range(n):
        if not (np.isfinite(x[i]) and np.isfinite(y[i])):
            continue
        best = reach * reach
        c0, r0 = int(np.floor((x[i] - origin[0]) / cell)), int(np.floor((y[i] - origin[1]) / cell))
        # rings of cells outwards, until no nearer segment can be in a further ring
        for ring in range(int(reach / cell) + 2):
            if ring > 1 and (ring - 1) * cell > np.sqrt(best):
                break
            for r in range(max(r0 - ring, 0), min(r0 + ring, rows - 1) + 1):
                whole = abs(r - r0) == ring
                c = c0 - ring
                while c <= c0 + ring:
                    if 0 <= c < columns:
                        for j in range(cell_start[r * columns + c], cell_start[r * columns + c + 1]):
                            s = cell_segment[j]
                            ax, ay = points[s, 0], points[s, 1]
                            ex, ey = points[s + 1, 0] - ax, points[s + 1, 1] - ay
                            length2 = ex * ex + ey * ey
                            t = 0.0
                            if length2 > 0:
                                t = min(1.0, max(0.0, ((x[i] - ax) * ex + (y[i] - ay) * ey) / length2))
                            px, py = ax + t * ex, ay + t * ey
                            d2 = (x[i] - px) ** 2 + (y[i] - py) ** 2
                            if d2 < best or (d2 == best and line[i] < 0):
                                best = d2
                                line[i] = owner[s]
                                at[i] = along[s] + t * np.sqrt(length2)
                                fx[i], fy[i] = px, py
                    c += 1 if whole or ring == 0 else 2 * ring
        if line[i] >= 0:
            distance[i] = np.sqrt(best)
    return line, distance, at, fx, fy


def nearest(lines: Lines, x: Floats, y: Floats, *, reach: float) -> Feet:
    """Foot of each point on the nearest line within `reach` (in scaled units)."""
    p = lines
    sx, sy = p.scale
    line, distance, at, fx, fy = _nearest(
        p.points, p.along, p.segment_line, p.origin, p.cell, *p.shape, p.cell_start, p.cell_segment,
        np.asarray(x, np.float64) * sx, np.asarray(y, np.float64) * sy, float(reach))  # fmt: skip
    return Feet(line, distance, at, fx / sx, fy / sy)


@njit(cache=True, nogil=True)
def _keep(x, y, tolerance):  # type: ignore[no-untyped-def]
    n = x.size
    keep = np.zeros(n, np.bool_)
    keep[0] = keep[n - 1] = True
    todo = [(0, n - 1)]
    while len(todo) > 0:
        a, b = todo.pop()
        ex, ey = x[b] - x[a], y[b] - y[a]
        length2 = ex * ex + ey * ey
        worst, at = tolerance * tolerance, -1
        for k in range(a + 1, b):
            t = 0.0
            if length2 > 0:
                t = min(1.0, max(0.0, ((x[k] - x[a]) * ex + (y[k] - y[a]) * ey) / length2))
            d2 = (x[k] - x[a] - t * ex) ** 2 + (y[k] - y[a] - t * ey) ** 2
            if d2 > worst:
                worst, at = d2, k
        if at >= 0:
            keep[at] = True
            todo.append((a, at))
            todo.append((at, b))
    return keep


def simplify(x: Floats, y: Floats, tolerance: float) -> NDArray[np.bool_]:
    """Which points of a line to keep so that it moves by at most `tolerance` (Douglas & Peucker 1973).

    The ends are always kept. Distance is to the segment, so loops and spikes are kept too.
    """
    x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
    if len(x) < 3:
        return np.ones(len(x), np.bool_)
    result: NDArray[np.bool_] = _keep(x, y, float(tolerance))
    return result
