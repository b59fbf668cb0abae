"""Polylines in longitude and latitude: the nearest line for many points, and all lines near one point.

Feet and distances are taken in the tangent plane at each segment, with the metres per degree of its own latitude, so
one index may span a whole country: over the some hundred metres in which a road is looked for, that plane differs from
the ellipsoid by less than a millimetre. Ways along a line are lengths on the ellipsoid (GRS 80).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.kit.geometry.degrees import metres_per_degree

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Ways = NDArray[np.int8]

HEADING_COST_M = 30.0
"""What a line that leads straight against a heading is held to be further away; half of it where it leads across."""

_MOST_CELLS = 4_000_000
_CELL_M = 150.0

EITHER, ALONG, AGAINST = 0, 1, 2
"""Which way a line is travelled: both, in the order of its points, against it."""


@dataclass(frozen=True)
class GeoLines:
    """Lines packed for many queries; made by `pack`. p points, n lines.

    Attributes:
        lon, lat: of all points, degrees; start: (n + 1) offsets of the lines.
        along_m: distance from the start of its line for each point.
        way: how each line is travelled, `EITHER`, `ALONG` or `AGAINST`.
        line: line of each point's segment (the last point of a line begins none: -1).
        per_lon, per_lat: metres per degree at the middle of each point's segment.
        west, south, cell_lon, cell_lat, columns, rows: a uniform grid; cell_start, cell_segment: the segments that
            touch each cell.
    """

    lon: Floats
    lat: Floats
    start: Ints
    along_m: Floats
    way: Ways
    line: Ints
    per_lon: Floats
    per_lat: Floats
    west: float
    south: float
    cell_lon: float
    cell_lat: float
    columns: int
    rows: int
    cell_start: Ints
    cell_segment: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    def at(self, line: int, along_m: float) -> tuple[float, float]:
        """The point of a line at a distance from its start, held within its ends: lon, lat."""
        a, b = int(self.start[line]), int(self.start[line + 1])
        part = self.along_m[a:b]
        return float(np.interp(along_m, part, self.lon[a:b])), float(np.interp(along_m, part, self.lat[a:b]))

    def cut(self, line: int, from_m: float, to_m: float) -> Floats:
        """The points of a line between two distances from its start, ends included: (k, 2)."""
        a, b = int(self.start[line]), int(self.start[line + 1])
        low, high = min(from_m, to_m), max(from_m, to_m)
        inside = (self.along_m[a:b] > low) & (self.along_m[a:b] < high)
        middle = np.column_stack((self.lon[a:b][inside], self.lat[a:b][inside]))
        return np.vstack((self.at(line, low), middle, self.at(line, high)))


@dataclass(frozen=True)
class Feet:
    """Feet of points on lines.

    Attributes:
        line: index of the line, -1 where none is within reach.
        along_m: way along the line.
        offset_m: distance, positive to the right of the line's direction.
        lon, lat: the foot.
    """

    line: Ints
    along_m: Floats
    offset_m: Floats
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.line)


def lengths_m(lon: Floats, lat: Floats) -> Floats:
    """Way along one line for each of its points, in metres, from 0."""
    per_lon, per_lat = metres_per_degree((lat[:-1] + lat[1:]) / 2)
    return np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(lon) * per_lon, np.diff(lat) * per_lat))))


def pack(lines: Sequence[Floats], way: Sequence[int] | None = None) -> GeoLines:
    """Pack lines, each an (n, 2) array of longitude and latitude with n >= 2.

    Args:
        way: how each line is travelled; `EITHER` if not given.

    Raises:
        ValueError: there is no line, one has fewer than two points, or a coordinate is not finite.
    """
    if not lines or any(len(line) < 2 for line in lines):
        raise ValueError("each line needs at least two points")
    start = np.cumsum([0] + [len(line) for line in lines]).astype(np.int32)
    points = np.vstack([np.asarray(line, np.float64)[:, :2] for line in lines])
    if not np.isfinite(points).all():
        raise ValueError("a line has a coordinate that is not finite")
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    line = np.repeat(np.arange(len(lines), dtype=np.int32), np.diff(start))
    line[start[1:] - 1] = -1
    per_lon, per_lat = metres_per_degree(np.append((lat[:-1] + lat[1:]) / 2, lat[-1]))
    steps = np.hypot(np.diff(lon) * per_lon[:-1], np.diff(lat) * per_lat[:-1])
    steps[start[1:-1] - 1] = 0.0
    total = np.concatenate(([0.0], np.cumsum(steps)))
    along = total - np.repeat(total[start[:-1]], np.diff(start))
    ways = np.zeros(len(lines), np.int8) if way is None else np.asarray(way, np.int8)
    west, south = float(lon.min()), float(lat.min())
    middle = metres_per_degree(float((lat.min() + lat.max()) / 2))
    width, height = (float(lon.max()) - west) * float(middle[0]), (float(lat.max()) - south) * float(middle[1])
    cell = max(_CELL_M, math.sqrt(width * height / _MOST_CELLS), width / 60_000, height / 60_000)
    columns, rows = int(width / cell) + 1, int(height / cell) + 1
    cell_lon, cell_lat = cell / float(middle[0]), cell / float(middle[1])
    cells = _cells(lon, lat, line, west, south, cell_lon, cell_lat, columns, rows)
    return GeoLines(lon, lat, start, along, ways, line, per_lon, per_lat, west, south, cell_lon, cell_lat, columns,
                    rows, *cells)  # fmt: skip


@njit(cache=True, nogil=True)
def _cells(lon, lat, line, west, south, cell_lon, cell_lat, columns, rows):  # type: ignore[no-untyped-def]
    """Segments by the cells they touch, with a hair's breadth to spare, as start offsets and a list."""
    hair = 1e-6
    count = np.zeros(columns * rows + 1, np.int32)
    listed = np.empty(0, np.int32)
    for turn in range(2):
        for s in range(line.size - 1):
            if line[s] < 0:
                continue
            x0, y0 = (lon[s] - west) / cell_lon, (lat[s] - south) / cell_lat
            x1, y1 = (lon[s + 1] - west) / cell_lon, (lat[s + 1] - south) / cell_lat
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            slope = (x1 - x0) / (y1 - y0) if y1 > y0 else 0.0
            for row in range(max(int(y0 - hair), 0), min(int(y1 + hair), rows - 1) + 1):
                low = x0 + (max(row - hair, y0) - y0) * slope
                high = x0 + (min(row + 1 + hair, y1) - y0) * slope if y1 > y0 else x1
                first, last = min(low, high) - hair, max(low, high) + hair
                for column in range(max(int(first), 0), min(int(last), columns - 1) + 1):
                    if turn == 0:
                        count[row * columns + column + 1] += 1
                    else:
                        listed[count[row * columns + column]] = s
                        count[row * columns + column] += 1
        if turn == 0:
            count = np.cumsum(count).astype(np.int32)
            listed = np.empty(count[-1], np.int32)
    # filling moved each start to its end: move them back
    start = np.empty_like(count)
    start[0] = 0
    start[1:] = count[:-1]
    return start, listed


@njit(cache=True, nogil=True, inline="always")
def foot_of_segment(lon, lat, per_lon, per_lat, s, x, y):  # type: ignore[no-untyped-def]
    """The foot of a point on segment s, in the plane tangent at it; for compiled loops over `GeoLines`.

    Returns:
        Part of the segment up to the foot (0 to 1), squared distance in m2, whether the point lies on the right, and
        the segment's way east and north in m.
    """
    kx, ky = per_lon[s], per_lat[s]
    ex, ey = (lon[s + 1] - lon[s]) * kx, (lat[s + 1] - lat[s]) * ky
    px, py = (x - lon[s]) * kx, (y - lat[s]) * ky
    length2 = ex * ex + ey * ey
    t = 0.0
    if length2 > 0:
        t = min(1.0, max(0.0, (px * ex + py * ey) / length2))
    dx, dy = px - t * ex, py - t * ey
    return t, dx * dx + dy * dy, py * ex - px * ey < 0.0, ex, ey


@njit(cache=True, nogil=True)
def _nearest(  # type: ignore[no-untyped-def]
    lon, lat, along, way, line, per_lon, per_lat, west, south, cell_lon, cell_lat, columns, rows, cell_start,
    cell_segment, x, y, heading, reach, heading_cost,
):  # fmt: skip
    n = x.size
    found = np.full(n, -1, np.int32)
    at = np.full(n, np.nan)
    offset = np.full(n, np.nan)
    fx = np.full(n, np.nan)
    fy = np.full(n, np.nan)
    reach_lat = reach / 110_574.0  # a degree of latitude is never shorter
    reach2 = reach * reach
    for i in range(n):
        if not (abs(x[i]) <= 180.0 and abs(y[i]) < 90.0):
            continue
        reach_lon = reach / (111_319.5 * np.cos(np.radians(y[i])))
        c0, c1 = (x[i] - reach_lon - west) / cell_lon, (x[i] + reach_lon - west) / cell_lon
        r0, r1 = (y[i] - reach_lat - south) / cell_lat, (y[i] + reach_lat - south) / cell_lat
        if c1 < 0 or r1 < 0 or c0 >= columns or r0 >= rows:
            continue
        wants = not np.isnan(heading[i])
        east, north = 0.0, 0.0
        if wants:
            east, north = np.sin(np.radians(heading[i])), np.cos(np.radians(heading[i]))
        best = np.inf
        for r in range(max(int(r0), 0), min(int(r1), rows - 1) + 1):
            for c in range(max(int(c0), 0), min(int(c1), columns - 1) + 1):
                for j in range(cell_start[r * columns + c], cell_start[r * columns + c + 1]):
                    s = cell_segment[j]
                    t, d2, right, ex, ey = foot_of_segment(lon, lat, per_lon, per_lat, s, x[i], y[i])
                    if d2 > reach2:
                        continue
                    d = np.sqrt(d2)
                    cost = d
                    if wants:
                        length = np.hypot(ex, ey)
                        agree = (ex * east + ey * north) / length if length > 0 else 1.0
                        if way[line[s]] == 2:
                            agree = -agree
                        elif way[line[s]] == 0:
                            agree = abs(agree)
                        cost += heading_cost * (1.0 - agree) / 2.0
                    if cost < best:
                        best = cost
                        found[i] = line[s]
                        at[i] = along[s] + t * (along[s + 1] - along[s])
                        offset[i] = d if right else -d
                        fx[i] = lon[s] + t * (lon[s + 1] - lon[s])
                        fy[i] = lat[s] + t * (lat[s + 1] - lat[s])
    return found, at, offset, fx, fy


def nearest(
    lines: GeoLines, lon: Floats, lat: Floats, heading_deg: Floats | None = None, *, reach_m: float = 60.0
) -> Feet:
    """Foot of each point on the line that fits it best: the nearest one, or of near ones that which leads its way.

    Args:
        lon, lat: degrees, of equal length; NaN and what is out of range has no foot.
        heading_deg: clockwise from north, NaN where it is not known: against it a line counts as `HEADING_COST_M`
            further away, across it as half of that.
        reach_m: how far a line may be.
    """
    x, y = np.ascontiguousarray(lon, np.float64), np.ascontiguousarray(lat, np.float64)
    heading = np.full(len(x), np.nan) if heading_deg is None else np.ascontiguousarray(heading_deg, np.float64)
    g = lines
    return Feet(
        *_nearest(
            g.lon, g.lat, g.along_m, g.way, g.line, g.per_lon, g.per_lat, g.west, g.south, g.cell_lon, g.cell_lat,
            g.columns, g.rows, g.cell_start, g.cell_segment, x, y, heading, float(reach_m), HEADING_COST_M,
        )
    )  # fmt: skip


def near(lines: GeoLines, lon: float, lat: float, *, reach_m: float = 60.0) -> Feet:
    """Feet of one point on all lines within reach, nearest first; a line that comes by more than once has each foot."""
    none = Feet(np.empty(0, np.int32), *(np.empty(0) for _ in range(4)))
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return none
    per_lon, per_lat = metres_per_degree(lat)
    dx, dy = reach_m / float(per_lon), reach_m / float(per_lat)
    segments = _segments_in(lines, lon - dx, lat - dy, lon + dx, lat + dy)
    rows = []
    for s in segments:
        t, d2, right, _, _ = foot_of_segment.py_func(lines.lon, lines.lat, lines.per_lon, lines.per_lat, s, lon, lat)
        if d2 <= reach_m * reach_m:
            rows.append((int(s), float(t), float(np.sqrt(d2)), bool(right)))
    passes: list[tuple[int, float, float, bool]] = []
    for row in sorted(rows, key=lambda row: (row[2], row[0])):
        # segments that follow each other within reach are one pass of the line; only its nearest foot counts
        if not any(_one_pass(lines, row[:2], kept[:2], reach_m) for kept in passes):
            passes.append(row)
    if not passes:
        return none
    s = np.array([row[0] for row in passes])
    t = np.array([row[1] for row in passes])

    def at(values: Floats) -> Floats:
        return values[s] + t * (values[s + 1] - values[s])

    offset = np.array([row[2] if row[3] else -row[2] for row in passes])
    return Feet(lines.line[s], at(lines.along_m), offset, at(lines.lon), at(lines.lat))


def _one_pass(g: GeoLines, foot: tuple[int, float], other: tuple[int, float], reach_m: float) -> bool:
    here, there = (g.along_m[s] + t * (g.along_m[s + 1] - g.along_m[s]) for s, t in (foot, other))
    return bool(g.line[foot[0]] == g.line[other[0]] and abs(here - there) <= 4 * reach_m)


def _segments_in(g: GeoLines, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
    c0, c1 = (int(np.floor((x - g.west) / g.cell_lon)) for x in (west, east))
    r0, r1 = (int(np.floor((y - g.south) / g.cell_lat)) for y in (south, north))
    if c1 < 0 or c0 >= g.columns:
        return np.empty(0, np.int64)
    parts = []
    for r in range(max(r0, 0), min(r1, g.rows - 1) + 1):
        first, last = r * g.columns + max(c0, 0), r * g.columns + min(c1, g.columns - 1)
        parts.append(g.cell_segment[g.cell_start[first] : g.cell_start[last + 1]])
    return np.unique(np.concatenate(parts)).astype(np.int64) if parts else np.empty(0, np.int64)
