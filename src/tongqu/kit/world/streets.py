"""Streets of towns: lines traced through a field of directions at even distances.

The field (Chen, Esch, Wonka, Müller & Zhang, Interactive procedural street modeling, SIGGRAPH 2008) blends a grid
along the main road, rings and radii around the centre and the banks of rivers; arterials are traced first and far
apart (Jobard & Lefer, evenly spaced streamlines, 1997), streets fill the blocks between them. A line that comes
near a parallel one joins it, so blocks close.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit

from tongqu.kit.geometry import lines as geometry
from tongqu.kit.world import contour, names, paths
from tongqu.kit.world.noise import fractal
from tongqu.kit.world.relief import KM, Field, Terrain
from tongqu.kit.world.roads import Town
from tongqu.kit.world.values import Bytes, Floats, Geometry, Name, RoadClass
from tongqu.kit.world.ways import Layout, runs

MASK_M = 40.0
FIELD_M = 120.0
STRIDE_M = 20.0
CITY_M = 1_500.0  # towns with at least this radius grow over the terrain and have arterials
DRY, WET = 1, 2
_RINGS_KM = {"990101": (2.6, 5.2), "990201": (3.2,), "990301": (1.7,)}


@dataclass(frozen=True)
class Built:
    """The built-up ground of a town: `reach` is above 0 inside."""

    town: Town
    area: Geometry
    x0: float
    y0: float
    reach: Field


@njit(cache=True, nogil=True)
def _direction(cos2, sin2, x, y, family):  # type: ignore[no-untyped-def]
    height, width = cos2.shape
    c = min(max(x / FIELD_M - 0.5, 0.0), width - 1.001)
    r = min(max(y / FIELD_M - 0.5, 0.0), height - 1.001)
    ic, ir = int(c), int(r)
    u, v = c - ic, r - ir
    a = (cos2[ir, ic] * (1 - u) + cos2[ir, ic + 1] * u) * (1 - v) + (
        cos2[ir + 1, ic] * (1 - u) + cos2[ir + 1, ic + 1] * u
    ) * v
    b = (sin2[ir, ic] * (1 - u) + sin2[ir, ic + 1] * u) * (1 - v) + (
        sin2[ir + 1, ic] * (1 - u) + sin2[ir + 1, ic + 1] * u
    ) * v
    angle = 0.5 * np.arctan2(b, a) + family * np.pi / 2
    return np.cos(angle), np.sin(angle)


@njit(cache=True, nogil=True)
def _mask_at(mask, x, y):  # type: ignore[no-untyped-def]
    r, c = int(y / MASK_M), int(x / MASK_M)
    if x < 0 or y < 0 or r >= mask.shape[0] or c >= mask.shape[1]:
        return 0
    return mask[r, c]


@njit(cache=True, nogil=True)
def _closest(head, following, px, py, owner, family, x, y, reach, cell, skip):  # type: ignore[no-untyped-def]
    """Nearest stored point of a family within reach that belongs to another line; -1 if none."""
    best, at = reach * reach, -1
    rows, columns = head.shape[1], head.shape[2]
    r0, r1 = int((y - reach) / cell), int((y + reach) / cell)
    c0, c1 = int((x - reach) / cell), int((x + reach) / cell)
    for r in range(max(r0, 0), min(r1, rows - 1) + 1):
        for c in range(max(c0, 0), min(c1, columns - 1) + 1):
            k = head[family, r, c]
            while k >= 0:
                if owner[k] != skip:
                    d = (px[k] - x) ** 2 + (py[k] - y) ** 2
                    if d < best:
                        best, at = d, k
                k = following[k]
    return at


@njit(cache=True, nogil=True)
def _store(head, following, px, py, owner, count, family, x, y, line, cell):  # type: ignore[no-untyped-def]
    r, c = int(y / cell), int(x / cell)
    if count >= px.size or r < 0 or c < 0 or r >= head.shape[1] or c >= head.shape[2]:
        return count
    px[count], py[count], owner[count] = x, y, line
    following[count] = head[family, r, c]
    head[family, r, c] = count
    return count + 1


@njit(cache=True, nogil=True)
def _trace(  # type: ignore[no-untyped-def]
    out, cos2, sin2, mask, head, following, px, py, owner, family, x, y, sign, apart, cell, bridge, longest
):
    """One half of a line from a seed. Returns the number of points written to `out`."""
    dx, dy = _direction(cos2, sin2, x, y, family)
    dx, dy = dx * sign, dy * sign
    n, dry, wet = 0, 0, 0.0
    x0, y0 = x, y
    while n < out.shape[0] - 1 and n * STRIDE_M < longest:
        here = _mask_at(mask, x, y)
        if here != WET:  # over water a bridge goes straight on
            mx, my = _direction(cos2, sin2, x + dx * STRIDE_M / 2, y + dy * STRIDE_M / 2, family)
            if mx * dx + my * dy < 0:
                mx, my = -mx, -my
            if mx * dx + my * dy < 0.5:  # the field breaks off here
                break
            dx, dy = mx, my
        x, y = x + dx * STRIDE_M, y + dy * STRIDE_M
        at = _mask_at(mask, x, y)
        if at == 0:
            break
        if at == WET:
            wet += STRIDE_M
            if wet > bridge:
                n = dry
                break
        else:
            wet = 0.0
        out[n, 0], out[n, 1] = x, y
        n += 1
        if at == DRY:
            dry = n
            near = _closest(head, following, px, py, owner, family, x, y, 0.5 * apart, cell, -2)
            if near >= 0:
                out[n, 0], out[n, 1] = px[near], py[near]
                return n + 1
            if n * STRIDE_M > 4 * apart and (x - x0) ** 2 + (y - y0) ** 2 < (0.6 * apart) ** 2:
                out[n, 0], out[n, 1] = x0, y0
                return n + 1
    return dry


@njit(cache=True, nogil=True)
def _grow(  # type: ignore[no-untyped-def]
    cos2, sin2, mask, seeds, head, following, px, py, owner, count, first_line, apart, cell, bridge, shortest, longest
):
    """Trace lines of both families from the seeds, each `apart` from its like."""
    points = [np.empty((0, 2))]
    points.pop()
    a, b = np.empty((4000, 2)), np.empty((4000, 2))
    line = first_line
    for s in range(seeds.shape[0]):
        x, y = seeds[s, 0], seeds[s, 1]
        if _mask_at(mask, x, y) != DRY:
            continue
        for family in range(2):
            if _closest(head, following, px, py, owner, family, x, y, 0.92 * apart, cell, -2) >= 0:
                continue
            na = _trace(
                a, cos2, sin2, mask, head, following, px, py, owner, family, x, y, 1.0, apart, cell, bridge, longest
            )
            nb = _trace(
                b, cos2, sin2, mask, head, following, px, py, owner, family, x, y, -1.0, apart, cell, bridge, longest
            )
            if (na + nb) * STRIDE_M < shortest:
                continue
            whole = np.empty((na + nb + 1, 2))
            for k in range(nb):
                whole[k] = b[nb - 1 - k]
            whole[nb, 0], whole[nb, 1] = x, y
            whole[nb + 1 :] = a[:na]
            for k in range(na + nb + 1):
                count = _store(head, following, px, py, owner, count, family, whole[k, 0], whole[k, 1], line, cell)
            points.append(whole)
            line += 1
    return points, count, line


def built_up(terrain: Terrain, layout: Layout, town: Town, seed: int) -> Built:
    """Where a town has grown: near its centre, along the flat, not far over water."""
    half = town.radius_m * 1.5 + 400
    cell = 125.0 if town.radius_m >= CITY_M else 50.0
    n = int(2 * half / cell)
    x0, y0 = town.x - half, town.y - half
    gx, gy = np.meshgrid(x0 + (np.arange(n) + 0.5) * cell, y0 + (np.arange(n) + 0.5) * cell)
    luck = fractal(gx, gy, seed=seed + 91, wave_m=town.radius_m * 0.8, octaves=4, gain=0.55)
    if town.radius_m < CITY_M:
        reach = town.radius_m * (1 + 0.9 * luck) - np.hypot(gx - town.x, gy - town.y)
    else:
        height = np.maximum(terrain.height.at(gx, gy), 0) / cell
        wet = layout.is_wet(np.column_stack((gx.ravel(), gy.ravel()))).reshape(gx.shape)
        cost = np.exp(1.1 * luck) * np.where(wet, 2.2, 1.0) + np.where(terrain.coast.at(gx, gy) < -150, 50.0, 0.0)
        start = np.array([(n // 2) * n + n // 2], np.int32)
        price, _, _, _ = paths.spread(cost, height, 26.0, 40.0, start, paths.EVERYWHERE)
        reach = town.radius_m - price.reshape(gx.shape) * cell
    field = Field(np.minimum(reach, 400.0), cell)
    area = contour.areas_above(field, 0.0, smallest_m2=1e5, tolerance_m=12, smooth=2)
    return Built(town, shapely.transform(area, lambda a: a + np.array((x0, y0))), x0, y0, field)


def _window(layout: Layout, built: Built) -> Bytes:
    rows = int(built.reach.values.shape[0] * built.reach.cell_m / MASK_M)
    gx, gy = np.meshgrid((np.arange(rows) + 0.5) * MASK_M, (np.arange(rows) + 0.5) * MASK_M)
    inside = built.reach.at(gx, gy) > 0
    mask = np.where(inside, DRY, 0).astype(np.uint8)
    points = np.column_stack((gx[inside] + built.x0, gy[inside] + built.y0))
    mask[inside] = np.where(layout.is_wet(points), WET, DRY)
    return mask


def _field(built: Built, roads: list[Floats], rivers: list[Floats], seed: int) -> tuple[Floats, Floats]:
    """cos and sin of twice the direction, on a grid of `FIELD_M` from the window's corner."""
    town = built.town
    n = int(built.reach.values.shape[0] * built.reach.cell_m / FIELD_M)
    gx, gy = np.meshgrid(built.x0 + (np.arange(n) + 0.5) * FIELD_M, built.y0 + (np.arange(n) + 0.5) * FIELD_M)
    main = _heading_near(roads, town) if roads else 0.3
    turn = 0.9 * fractal(gx, gy, seed=seed + 92, wave_m=max(4 * KM, town.radius_m), octaves=2)
    cos2, sin2 = np.cos(2 * (main + turn)), np.sin(2 * (main + turn))
    if town.seat in _RINGS_KM:
        dx, dy = gx - town.x, gy - town.y
        angle = np.arctan2(dy, dx)
        weight = 2.2 * np.exp(-(((np.hypot(dx, dy)) / (0.5 * town.radius_m)) ** 2))
        cos2, sin2 = cos2 + weight * np.cos(2 * angle), sin2 + weight * np.sin(2 * angle)
    for river in rivers:
        if not _near_parts(river, built):
            continue
        packed = geometry.pack([river], cell=500.0)
        feet = geometry.nearest(packed, gx.ravel(), gy.ravel(), reach=1_500.0)
        near = feet.line >= 0
        tangent = np.gradient(river, axis=0)
        along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(river, axis=0).T))))
        k = np.clip(np.searchsorted(along, feet.along[near]), 0, len(river) - 1)
        angle = np.arctan2(tangent[k, 1], tangent[k, 0])
        weight = 3.0 * np.exp(-((feet.distance[near] / 700.0) ** 2))
        flat_c, flat_s = cos2.ravel(), sin2.ravel()
        flat_c[near] += weight * np.cos(2 * angle)
        flat_s[near] += weight * np.sin(2 * angle)
        cos2, sin2 = flat_c.reshape(gx.shape), flat_s.reshape(gx.shape)
    return cos2, sin2


def _heading_near(roads: list[Floats], town: Town) -> float:
    """Direction of the longest stretch of road near the centre."""
    total = 0j
    for road in roads:
        step = np.diff(road, axis=0)
        near = np.hypot(road[:-1, 0] - town.x, road[:-1, 1] - town.y) < max(600.0, 0.3 * town.radius_m)
        total += np.sum((step[near, 0] + 1j * step[near, 1]) ** 2 / np.maximum(np.hypot(*step[near].T), 1e-6))
    return float(np.angle(total) / 2) if total else 0.3


def _rings(built: Built, mask: Bytes, seed: int) -> list[Floats]:
    """Ring roads of a city, cut where they leave the built-up ground."""
    town = built.town
    found = []
    for radius_km in _RINGS_KM.get(town.seat, ()):
        angle = np.linspace(0, 2 * np.pi, int(radius_km * 320) + 1)
        wobble = fractal(np.cos(angle) * radius_km, np.sin(angle) * radius_km, seed=seed + 93, wave_m=2.0, octaves=2)
        radius = radius_km * KM * (1 + 0.22 * wobble)
        ring = np.column_stack((town.x + radius * np.cos(angle), town.y + 0.86 * radius * np.sin(angle)))
        c, r = ((ring - (built.x0, built.y0)) / MASK_M).astype(int).T
        ok = (c >= 0) & (r >= 0) & (c < mask.shape[1]) & (r < mask.shape[0])
        inside = np.zeros(len(ring), bool)
        inside[ok] = mask[r[ok], c[ok]] > 0
        if inside.all():
            found.append(ring)
            continue
        start = int(np.argmin(inside))
        ring, inside = np.roll(ring[:-1], -start, axis=0), np.roll(inside[:-1], -start)
        found.extend(ring[a:b] for a, b in runs(inside) if b - a > 60)
    return found


def _seeds(built: Built, spacing: float, rng: np.random.Generator) -> Floats:
    """Seeds on a jittered grid, from the centre outwards."""
    half = built.town.radius_m * 1.5 + 400
    n = int(2 * half / spacing)
    gx, gy = np.meshgrid((np.arange(n) + 0.5) * spacing, (np.arange(n) + 0.5) * spacing)
    points = np.column_stack((gx.ravel(), gy.ravel())) + rng.uniform(-0.4, 0.4, (n * n, 2)) * spacing
    far = np.hypot(*(points - half).T)
    return points[np.argsort(far, kind="stable")]


def make(layout: Layout, built: Built, roads: list[Floats], rivers: list[Floats], seed: int) -> None:
    """Lay the streets of one town."""
    town = built.town
    city = town.radius_m >= CITY_M
    mask = _window(layout, built)
    corner = np.array((built.x0, built.y0))
    near = [part for road in roads for part in _near_parts(road, built)]
    cos2, sin2 = _field(built, near, rivers, seed)
    rng = np.random.default_rng((seed, int(town.x), int(town.y)))
    apart = 300.0 if city else 230.0
    cell = 250.0
    n = int(np.ceil(mask.shape[0] * MASK_M / cell)) + 1
    room = 400_000 if town.radius_m > 3 * KM else 60_000
    head, following = np.full((2, n, n), -1, np.int32), np.empty(room, np.int32)
    px, py, owner = np.empty(room), np.empty(room), np.empty(room, np.int32)
    rings = _rings(built, mask, seed)
    count = 0
    for line in [contour.resample(part, 25.0) for part in [*near, *rings]]:
        count = _keep_clear(cos2, sin2, head, following, px, py, owner, count, line - corner, cell)
    arterials = list(rings)
    line_id = 0
    if city:
        store = (head, following, px, py, owner)
        wide = 820.0 if town.radius_m > 3 * KM else 700.0
        found, count, line_id = _grow(
            cos2, sin2, mask, _seeds(built, 400.0, rng), *store, count, 0, wide, cell, 900.0, 900.0, 30e3
        )
        arterials += [part + corner for part in found]
    streets, _, _ = _grow(cos2, sin2, mask, _seeds(built, 140.0, rng), head, following, px, py, owner, count, line_id,
                          apart, cell, 0.0, 260.0, 5e3)  # fmt: skip
    _lay(layout, town, arterials, [part + corner for part in streets])


@njit(cache=True, nogil=True)
def _keep_clear(cos2, sin2, head, following, px, py, owner, count, line, cell):  # type: ignore[no-untyped-def]
    """Store an existing road in the family it runs with."""
    for k in range(line.shape[0] - 1):
        dx, dy = line[k + 1, 0] - line[k, 0], line[k + 1, 1] - line[k, 1]
        fx, fy = _direction(cos2, sin2, line[k, 0], line[k, 1], 0)
        family = 0 if abs(dx * fx + dy * fy) > 0.7071 * np.hypot(dx, dy) else 1
        count = _store(head, following, px, py, owner, count, family, line[k, 0], line[k, 1], -1, cell)
    return count


def _near_parts(road: Floats, built: Built) -> list[Floats]:
    half = built.town.radius_m * 1.5 + 400
    x, y = built.town.x, built.town.y
    if (
        road[:, 0].min() > x + half
        or road[:, 0].max() < x - half
        or road[:, 1].min() > y + half
        or road[:, 1].max() < y - half
    ):
        return []
    inside = (np.abs(road[:, 0] - x) < half) & (np.abs(road[:, 1] - y) < half)
    return [road[a:b] for a, b in runs(inside) if b - a > 2]


def _lay(layout: Layout, town: Town, arterials: list[Floats], streets: list[Floats]) -> None:
    region = town.county[:4]
    for k, line in enumerate(arterials):
        name = names.street_name(town.seat, k)
        road = layout.book.add("", name, RoadClass.ARTERIAL, region)
        limit = 70.0 if k < len(_RINGS_KM.get(town.seat, ())) else 60.0
        layout.add(_slim(line), road, RoadClass.ARTERIAL, limit, sigma_m=200.0)
    zh, en = f"{town.name.zh}城区道路" if town.seat else f"{town.name.zh}街道", f"Streets of {town.name.en}"
    road = layout.book.add("", Name(zh, en), RoadClass.STREET, region)
    for line in streets:
        layout.add(_slim(line), road, RoadClass.STREET, 40.0 if town.seat else 30.0, sigma_m=150.0)


def _slim(line: Floats) -> Floats:
    """Fewer points, evenly spaced first so that altitudes can be smoothed along them."""
    smooth = contour.gaussian(contour.resample(line, 30.0), 1.2)
    if len(smooth) < 4:
        return smooth
    keep = geometry.simplify(smooth[:, 0], smooth[:, 1], 0.8)
    keep[::3] = True
    return smooth[keep]
