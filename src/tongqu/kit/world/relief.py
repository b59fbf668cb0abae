"""The shape of the land: coast, uplift and rivers that cut their valleys.

Mountains that are only noise have no valleys a road could follow. So the land is lifted by a map of uplift
and worn by its own rivers: the stream power law dz/dt = U - K A^m S, solved implicitly from the sea upwards
(Braun & Willett, Geomorphology 180-181, 2013), with flow over pits by priority flood (Barnes, Lehman & Mulla,
Computers & Geosciences 62, 2014). Where uplift is kept low the wide valley of the 澜江 and its delta form.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.kit.world import frame
from tongqu.kit.world.noise import fractal
from tongqu.kit.world.values import Floats, Ints

COARSE_M = 500.0
MIDDLE_M = 250.0
FINE_M = 125.0
KM = 1000.0
HIGHEST_M = 1550.0

# The composition, in km from the south-west corner. Noise bends every line of it.
COAST_KM = ((148, -20), (151, 8), (166, 30), (172, 52), (190, 66), (187, 80), (192, 100), (203, 112), (214, 128),
            (220, 150), (216, 172), (205, 190), (208, 230))  # fmt: skip
BAY_KM = ((160, 96.5, 1.0), (168, 95.5, 1.7), (175, 94, 3.0), (182, 92, 5.2), (192, 90, 8.0), (206, 88, 12.0))
RIVER_KM = ((26, 66), (48, 78), (70, 93), (96, 92), (116, 97), (136, 93), (152, 97), (168, 96))
TRIBUTARY_KM = ((52, 168), (62, 150), (69, 133), (80, 116), (90, 98))
NORTH_RIVER_KM = ((122, 182), (130, 160), (134, 134), (142, 112), (150, 98))
SOUTH_RIVER_KM = ((108, 22), (118, 44), (128, 62), (140, 76), (154, 88))
ISLANDS_KM = ((218, 104, 5.5), (226, 96, 3.6), (213, 92, 2.4), (229, 111, 2.8), (200, 58, 4.2), (207, 50, 2.4),
              (192, 36, 2.6), (233, 138, 4.0), (238, 128, 2.2), (222, 84, 1.6), (186, 22, 1.8), (240, 100, 1.7),
              (208, 74, 1.5))  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A scalar on cell centres, rows from south to north, in the plane."""

    values: Floats
    cell_m: float

    def at(self, x: Floats, y: Floats) -> Floats:
        """Bilinear value at plane points; beyond the edge the edge's value."""
        return _bilinear(self.values, np.ravel(x) / self.cell_m - 0.5, np.ravel(y) / self.cell_m - 0.5).reshape(
            np.shape(x)
        )


@dataclass(frozen=True)
class Terrain:
    """What the other parts of the world build on.

    Attributes:
        coast: signed distance-like field in metres, above 0 on land, at `FINE_M`.
        height: metres above sea level at `FINE_M`, negative on the sea floor.
        middle: heights at `MIDDLE_M`, worn by rivers.
        receiver: for each cell of `middle` the cell it drains to, itself in the sea.
        order: cells of `middle` from the sea upwards.
        catchment_km2: area that drains through each cell of `middle`.
    """

    coast: Field
    height: Field
    middle: Field
    receiver: Ints
    order: Ints
    catchment_km2: Floats


@njit(cache=True, nogil=True)
def _bilinear(values, column, row):  # type: ignore[no-untyped-def]
    out = np.empty(column.size)
    height, width = values.shape
    for i in range(column.size):
        c = min(max(column[i], 0.0), width - 1.001)
        r = min(max(row[i], 0.0), height - 1.001)
        ic, ir = int(c), int(r)
        u, v = c - ic, r - ir
        low = values[ir, ic] * (1 - u) + values[ir, ic + 1] * u
        high = values[ir + 1, ic] * (1 - u) + values[ir + 1, ic + 1] * u
        out[i] = low * (1 - v) + high * v
    return out


@njit(cache=True, nogil=True)
def distance_to_lines(x: Floats, y: Floats, points: Floats, starts: Ints) -> tuple[Floats, Floats, Floats]:
    """Distance from each point to the nearest of several polylines.

    Returns:
        distance; signed side (above 0 to the left of the direction of drawing); value of the third column of
        `points` interpolated at the foot.
    """
    distance = np.full(x.size, 1e18)
    side = np.zeros(x.size)
    value = np.zeros(x.size)
    for line in range(starts.size - 1):
        for k in range(starts[line], starts[line + 1] - 1):
            ax, ay = points[k, 0], points[k, 1]
            ex, ey = points[k + 1, 0] - ax, points[k + 1, 1] - ay
            length2 = ex * ex + ey * ey
            for i in range(x.size):
                px, py = x[i] - ax, y[i] - ay
                t = min(1.0, max(0.0, (px * ex + py * ey) / length2))
                dx, dy = px - t * ex, py - t * ey
                d = dx * dx + dy * dy
                if d < distance[i]:
                    distance[i] = d
                    side[i] = ex * py - ey * px
                    value[i] = points[k, 2] * (1 - t) + points[k + 1, 2] * t
    return np.sqrt(distance), side, value


@njit(cache=True, nogil=True)
def drain(z: Floats, sea: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
    """Receiver of each cell, the cells from the sea upwards, and the level water stands at (priority flood).

    A filled pit slopes a little, unevenly, or its outflow would be a ruled line.
    """
    height, width = z.shape
    receiver = np.full(height * width, -1, np.int32)
    order = np.empty(height * width, np.int32)
    level = np.full(height * width, np.inf)
    heap = [(0.0, 0)]
    heap.pop()
    for cell in range(height * width):
        if sea.flat[cell]:
            level[cell] = z.flat[cell]
            receiver[cell] = cell
    count = 0
    for r in range(height):
        for c in range(width):
            cell = r * width + c
            if not sea[r, c]:
                continue
            shore = False
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    if 0 <= r + dr < height and 0 <= c + dc < width and not sea[r + dr, c + dc]:
                        shore = True
            if shore:
                heapq.heappush(heap, (level[cell], cell))
            else:
                order[count] = cell
                count += 1
    while len(heap) > 0:
        lev, cell = heapq.heappop(heap)
        order[count] = cell
        count += 1
        r, c = cell // width, cell % width
        if receiver[cell] != cell and z[r, c] >= lev:
            # not in a pit: down the steepest slope, among cells that are already drained
            steepest = 0.0
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    rr, cc = r + dr, c + dc
                    if (dr != 0 or dc != 0) and 0 <= rr < height and 0 <= cc < width:
                        other = rr * width + cc
                        slope = (lev - level[other]) / (1.4142135 if dr * dc != 0 else 1.0)
                        if slope > steepest:
                            steepest = slope
                            receiver[cell] = other
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                rr, cc = r + dr, c + dc
                if 0 <= rr < height and 0 <= cc < width:
                    other = rr * width + cc
                    if receiver[other] < 0:
                        receiver[other] = cell
                        level[other] = max(z[rr, cc], lev + 0.01 + 0.04 * ((other * 2654435761 >> 7) & 1023) / 1024)
                        heapq.heappush(heap, (level[other], other))
    return receiver, order, level


@njit(cache=True, nogil=True)
def accumulate(receiver: Ints, order: Ints, cell_area: float) -> Floats:
    """Area that drains through each cell, its own included, in the unit of `cell_area`."""
    area = np.full(receiver.size, cell_area)
    for k in range(order.size - 1, -1, -1):
        cell = order[k]
        if receiver[cell] != cell:
            area[receiver[cell]] += area[cell]
    return area


@njit(cache=True, nogil=True)
def _wear(z, sea, uplift, cell_m, steps, power, smooth):  # type: ignore[no-untyped-def]
    """Lift and erode `z` in place for `steps` long steps of implicit stream power and a little creep."""
    height, width = z.shape
    for _ in range(steps):
        receiver, order, level = drain(z, sea)
        area = accumulate(receiver, order, cell_m * cell_m)
        for k in range(order.size):
            cell = order[k]
            down = receiver[cell]
            if down == cell:
                continue
            r, c = cell // width, cell % width
            rd, cd = down // width, down % width
            step = cell_m * (1.4142135 if r != rd and c != cd else 1.0)
            f = power * np.sqrt(area[cell]) / step
            lifted = max(z[r, c], level[cell]) + uplift[r, c]
            if lifted > z[rd, cd]:
                z[r, c] = (lifted + f * z[rd, cd]) / (1.0 + f)
            else:
                z[r, c] = lifted
        old = z.copy()
        for r in range(1, height - 1):
            for c in range(1, width - 1):
                if not sea[r, c]:
                    around = (old[r - 1, c] + old[r + 1, c] + old[r, c - 1] + old[r, c + 1]) / 4
                    z[r, c] += smooth * (around - old[r, c])


def grid(cell_m: float) -> tuple[Floats, Floats]:
    """Plane coordinates of the cell centres, rows from south to north."""
    x = (np.arange(round(frame.WIDTH_M / cell_m)) + 0.5) * cell_m
    y = (np.arange(round(frame.HEIGHT_M / cell_m)) + 0.5) * cell_m
    gx, gy = np.meshgrid(x, y)
    return gx, gy


def spline(points: Floats, step: float) -> Floats:
    """Centripetal-like Catmull-Rom curve through `points` (n, k), about one point per `step`."""
    points = np.asarray(points, float)
    if len(points) < 3:
        return points
    padded = np.vstack((2 * points[0] - points[1], points, 2 * points[-1] - points[-2]))
    out = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        n = max(1, int(np.hypot(*(p2 - p1)[:2]) / step))
        t = (np.arange(n) / n)[:, None]
        out.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    out.append(points[-1:])
    return np.vstack(out)


def _lines(*lines_km: tuple[tuple[float, ...], ...]) -> tuple[Floats, Ints]:
    """Several lines in km as one array of points with a third column, and where each starts."""
    parts = []
    for line in lines_km:
        points = np.array([(*p, 0.0) if len(p) == 2 else p for p in line], float) * KM
        parts.append(spline(points, 4 * KM))
    starts = np.cumsum([0] + [len(p) for p in parts]).astype(np.int32)
    return np.vstack(parts), starts


def _bend(x: Floats, y: Floats, seed: int, wave_m: float, by_m: float) -> tuple[Floats, Floats]:
    dx = fractal(x, y, seed=seed, wave_m=wave_m, octaves=3)
    dy = fractal(x, y, seed=seed + 1, wave_m=wave_m, octaves=3)
    return x + by_m * dx, y + by_m * dy


def coast_field(x: Floats, y: Floats, seed: int) -> Floats:
    """Roughly the distance to the coast in metres, above 0 on land; its zero is the coast line."""
    shape = x.shape
    wx, wy = _bend(x, y, seed + 11, 48 * KM, 24 * KM)
    points, starts = _lines(COAST_KM)
    distance, side, _ = distance_to_lines(wx.ravel(), wy.ravel(), points, starts)
    land = np.where(side > 0, distance, -distance).reshape(shape)
    land += 24 * KM * fractal(x, y, seed=seed + 12, wave_m=21 * KM, octaves=7, gain=0.6)
    bx, by = _bend(x, y, seed + 13, 18 * KM, 7 * KM)
    points, starts = _lines(BAY_KM)
    distance, _, width = distance_to_lines(bx.ravel(), by.ravel(), points, starts)
    bay = (distance - width).reshape(shape) + 2.2 * KM * fractal(x, y, seed=seed + 14, wave_m=9 * KM, octaves=6)
    land = _soft_min(land, bay, 1.2 * KM)
    ix, iy = _bend(x, y, seed + 15, 12 * KM, 8 * KM)
    ragged = 5 * KM * fractal(x, y, seed=seed + 16, wave_m=6 * KM, octaves=5)
    for cx, cy, radius in ISLANDS_KM:
        island = radius * KM - np.hypot(ix - cx * KM, (iy - cy * KM) * 1.25) + ragged
        land = np.maximum(land, island)
    return land


def _soft_min(a: Floats, b: Floats, k: float) -> Floats:
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b * (1 - h) + a * h - k * h * (1 - h)


def _ramp(v: Floats, low: float | Floats, high: float | Floats) -> Floats:
    t = np.clip((v - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _uplift(x: Floats, y: Floats, coast: Floats, seed: int) -> Floats:
    """How much each place rises: mountains in the west, hills along the coast, nothing in the wide valleys."""
    wx, wy = _bend(x, y, seed + 21, 40 * KM, 10 * KM)
    west = _ramp(-wx, -150 * KM, -40 * KM)
    north = _ramp(wy, 118 * KM, 190 * KM) * _ramp(-wx, -215 * KM, -120 * KM)
    south = _ramp(-wy, -78 * KM, -8 * KM) * 0.8
    rise = (
        0.12
        + 0.9 * west
        + 0.5 * north
        + 0.5 * south
        + 0.3 * _ramp(fractal(x, y, seed=seed + 24, wave_m=30 * KM), -0.1, 0.4)
    )
    rise *= 0.25 + 1.5 * fractal(x, y, seed=seed + 22, wave_m=42 * KM, octaves=4, ridged=True)
    rise *= _ramp(coast, -2 * KM, 12 * KM) * 0.7 + 0.3
    vx, vy = _bend(x, y, seed + 23, 22 * KM, 5 * KM)
    flat, shape = (vx.ravel(), vy.ravel()), x.shape
    main, _, _ = distance_to_lines(*flat, *_lines(RIVER_KM))
    others, _, _ = distance_to_lines(*flat, *_lines(TRIBUTARY_KM, NORTH_RIVER_KM, SOUTH_RIVER_KM))
    plain = 2.0 * KM + 15 * KM * _ramp(x, 45 * KM, 165 * KM)  # half width of the plain grows downstream
    rise *= _ramp(main.reshape(shape), 0.15 * plain, 1.6 * plain)
    rise *= 0.15 + 0.85 * _ramp(others.reshape(shape), 0.2 * KM, 11 * KM)
    for cx, cy, radius in ((69, 134, 6.0), (116, 99, 15.0), (188, 112, 9.0)):
        rise *= 0.05 + 0.95 * _ramp(np.hypot(vx - cx * KM, vy - cy * KM), 0.5 * radius * KM, 1.5 * radius * KM)
    tilt = 0.05 * np.minimum(main.reshape(shape) / plain, 1.5) + 0.02 * np.minimum(others.reshape(shape) / (9 * KM), 1)
    return np.maximum(rise, tilt)


def upsample(values: Floats, factor: int) -> Floats:
    """Cubic B-spline interpolation to cells `factor` times smaller: smooth, without blocks."""

    def along_rows(v: Floats) -> Floats:
        n = v.shape[0]
        position = (np.arange(n * factor) + 0.5) / factor - 0.5
        base = np.floor(position).astype(int)
        t = (position - base)[:, None]
        weights = ((1 - t) ** 3 / 6, (3 * t**3 - 6 * t**2 + 4) / 6, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6, t**3 / 6)
        out = np.zeros((n * factor, v.shape[1]))
        for k, weight in enumerate(weights):
            out += weight * v[np.clip(base + k - 1, 0, n - 1)]
        return out

    return np.ascontiguousarray(along_rows(along_rows(values).T).T)


def make(seed: int) -> Terrain:
    """Terrain for a seed; about 4 s on one core."""
    coast = coast_field(*grid(MIDDLE_M), seed)
    rough_coast = coast.reshape(coast.shape[0] // 2, 2, coast.shape[1] // 2, 2).mean(axis=(1, 3))
    z, uplift = _young(rough_coast, seed)
    z, uplift = upsample(z, 2), np.maximum(upsample(uplift, 2), 0)
    sea = coast <= 0
    z *= 1 + 0.10 * fractal(*grid(MIDDLE_M), seed=seed + 32, wave_m=2.4 * KM, octaves=3)
    z = np.where(sea, 0.0, np.maximum(z, 0.5))
    _wear(z, sea, uplift * 18.0, MIDDLE_M, 5, 0.35, 0.03)
    z *= HIGHEST_M / np.quantile(z, 0.9995)
    receiver, order, _ = drain(z, sea)
    catchment = accumulate(receiver, order, (MIDDLE_M / KM) ** 2)
    return Terrain(*_refine(z, coast, seed), Field(z, MIDDLE_M), receiver, order, catchment)


def _young(coast: Floats, seed: int) -> tuple[Floats, Floats]:
    """Heights and uplift on the coarse grid after most of the wear."""
    x, y = grid(COARSE_M)
    sea = coast <= 0
    uplift = _uplift(x, y, coast, seed)
    z = 60 * fractal(x, y, seed=seed + 31, wave_m=24 * KM, octaves=6) + 0.0006 * np.maximum(coast, 0) + 30
    z = np.where(sea, 0.0, np.maximum(z, 1.0) + 25 * uplift)
    _wear(z, sea, uplift * 18.0, COARSE_M, 34, 0.35, 0.02)
    return z, uplift


def _refine(z: Floats, coast: Floats, seed: int) -> tuple[Field, Field]:
    """Coast and heights on the fine grid, with the detail that 250 m cells cannot hold."""
    x, y = grid(FINE_M)
    coast = upsample(coast, 2) + 60 * fractal(x, y, seed=seed + 43, wave_m=0.8 * KM, octaves=2)
    height = upsample(z, 2)
    height += np.clip(height / 400, 0, 1) * 26 * fractal(x, y, seed=seed + 41, wave_m=0.9 * KM, octaves=3)
    land = 1.5 + np.maximum(height, 0) * _ramp(coast, 0, 2.5 * KM) + 6 * _ramp(coast, 0, 3 * KM)
    cliffs = np.maximum(0, fractal(x, y, seed=seed + 42, wave_m=7 * KM, octaves=4))
    land += 55 * _ramp(coast, 0, 1.4 * KM) * cliffs
    floor = -60 * (1 - np.exp(np.minimum(coast, 0) / (18 * KM)))
    return Field(coast, FINE_M), Field(np.where(coast > 0, land, floor), FINE_M)
