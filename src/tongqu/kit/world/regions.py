"""The province, its cities and counties: grown from their seats over the terrain, so that borders follow ridges.

All borders and the coast are noded together on a grid of 1e-7 degree and turned into faces once, so neighbours
share the very same points: no gap, no overlap (OGC coverage).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.kit.geometry import degrees
from tongqu.kit.geometry import lines as geometry
from tongqu.kit.world import contour, frame, paths, plan
from tongqu.kit.world.noise import fractal
from tongqu.kit.world.relief import COARSE_M, KM, Field, Terrain, grid
from tongqu.kit.world.values import Floats, Geometry, Ints, Name, Region
from tongqu.kit.world.water import PlaneWater

STRIP_M = 17_000.0  # how much of the neighbour province is drawn
GRID_DEG = 1e-7
SLIVER_KM2 = 3.0


@dataclass(frozen=True)
class Partition:
    """Regions, and what the makers of roads and towns need of them in the plane.

    Attributes:
        seats: plane position of each county's seat by code.
        labels: index into `counties` for each cell of the coarse grid, sea included.
        counties: county codes, those of the neighbour last.
        land: the province's land in degrees; drawn: with the strip of the neighbour.
    """

    regions: tuple[Region, ...]
    seats: dict[str, tuple[float, float]]
    labels: Ints
    counties: tuple[str, ...]
    land: Geometry
    drawn: Geometry


def place_seats(terrain: Terrain, water: PlaneWater) -> dict[str, tuple[float, float]]:
    """Seats near their wanted place on flat ground, by a river if there is one, not in water."""
    x, y = grid(COARSE_M)
    z = terrain.height.at(x, y)
    gy, gx = np.gradient(z, COARSE_M)
    slope = np.hypot(gx, gy)
    coast = terrain.coast.at(x, y)
    big = geometry.pack([s.points[:, :2] for s in water.streams if s.points[:, 2].max() > 25], cell=2 * KM)
    wet = shapely.union_all([water.sea, water.rivers, *(lake.area for lake in water.lakes)])
    shapely.prepare(wet)
    seats = {}
    for county in plan.COUNTIES:
        wx, wy = county.x_km * KM, county.y_km * KM
        near = np.hypot(x - wx, y - wy) < county.search_km * KM
        cx, cy = x[near], y[near]
        far = np.hypot(cx - wx, cy - wy) / KM
        to_river = np.minimum(geometry.nearest(big, cx, cy, reach=8 * KM).distance / KM, 8)
        score = 55 * slope[near] + 0.16 * far + 0.5 * np.abs(np.clip(to_river, 0, 6) - 1.2) + 0.0012 * z[near]
        score += np.where(coast[near] < 2.2 * KM, 3.0, 0.0)
        for k in np.argsort(score, kind="stable"):
            if not shapely.dwithin(wet, shapely.Point(cx[k], cy[k]), 350.0):
                seats[county.code] = (float(cx[k]), float(cy[k]))
                break
    return seats


def _labels(terrain: Terrain, seats: dict[str, tuple[float, float]], seed: int) -> tuple[Ints, tuple[str, ...]]:
    x, y = grid(COARSE_M)
    z = np.maximum(terrain.height.at(x, y), 0)
    wiggle = np.exp(4.0 * fractal(x, y, seed=seed + 61, wave_m=11 * KM, octaves=6, gain=0.65))
    cost = wiggle * (1 + z / 220) * np.where(terrain.coast.at(x, y) > 0, 1.0, 0.7)
    rows, columns = cost.shape
    seeds: list[int] = []
    owners: list[int] = []
    for k, county in enumerate(plan.COUNTIES):
        sx, sy = seats[county.code]
        # a seat of weight starts with ground around it, so a district stays as compact as it should
        around = np.hypot(x - sx, y - sy) <= county.head_start_km * KM
        if not county.code.startswith("99"):
            around |= _beyond(x, y, seed) & (terrain.coast.at(x, y) > 0) & (_nearest_neighbour(x, y, seats) == k)
        cells = np.flatnonzero(around.ravel())
        seeds.extend(cells.tolist())
        owners.extend([k] * len(cells))
    _, _, owner, _ = paths.spread(cost, z / COARSE_M, 4.0, 1e9, np.array(seeds, np.int32), paths.EVERYWHERE)
    return np.array(owners, np.int32)[owner].reshape(rows, columns), tuple(c.code for c in plan.COUNTIES)


def _beyond(x: Floats, y: Floats, seed: int) -> NDArray[np.bool_]:
    """The rim of the plane that is the neighbour's whatever happens: some 10 km, uneven."""
    rim = np.minimum(np.minimum(x, frame.HEIGHT_M - y), y)
    return rim < 9 * KM * (1 + 1.2 * fractal(x, y, seed=seed + 63, wave_m=24 * KM, octaves=4))


def _nearest_neighbour(x: Floats, y: Floats, seats: dict[str, tuple[float, float]]) -> Ints:
    """For each cell the index of the nearest county that is not the province's own."""
    far = [np.full(x.shape, np.inf) if c.code.startswith("99") else np.hypot(x - seats[c.code][0], y - seats[c.code][1])
           for c in plan.COUNTIES]  # fmt: skip
    return np.argmin(np.array(far), axis=0).astype(np.int32)


def _borders(labels: Ints) -> list[Floats]:
    """Border lines between cells of different label as smooth lines that meet at shared ends."""
    links: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def link(a: tuple[int, int], b: tuple[int, int]) -> None:
        links.setdefault(a, []).append(b)
        links.setdefault(b, []).append(a)

    for r, c in zip(*np.nonzero(labels[:, 1:] != labels[:, :-1]), strict=True):
        link((r, c + 1), (r + 1, c + 1))
    for r, c in zip(*np.nonzero(labels[1:] != labels[:-1]), strict=True):
        link((r + 1, c), (r + 1, c + 1))
    ends = {v for v, others in links.items() if len(others) != 2}
    used: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    lines: list[Floats] = []

    def walk(first: tuple[int, int], second: tuple[int, int]) -> None:
        line = [first, second]
        used.update(((first, second), (second, first)))
        while line[-1] not in ends and line[-1] != first:
            step = next(n for n in links[line[-1]] if n != line[-2])
            used.update(((line[-1], step), (step, line[-1])))
            line.append(step)
        lines.append(np.array([(c, r) for r, c in line], float) * COARSE_M)

    for start in [*sorted(ends), *sorted(links)]:
        for other in links[start]:
            if (start, other) not in used:
                walk(start, other)
    smooth = []
    for line in lines:
        fine = contour.gaussian(contour.resample(line, 250.0), 3.2) if len(line) > 3 else line
        smooth.append(contour.resample(fine, 330.0))
    return smooth


def _faces(borders: list[Floats], land: Geometry) -> list[Geometry]:
    """Faces of borders and coast, in degrees, with shared points."""
    rim = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * (frame.WIDTH_M, frame.HEIGHT_M)
    lines = [shapely.LineString(frame.lonlat_array(b)) for b in [*borders, rim]]
    coast = shapely.boundary(shapely.transform(land, frame.lonlat_array))
    noded = shapely.union_all([*lines, coast], grid_size=GRID_DEG)
    return list(shapely.get_parts(shapely.polygonize(list(shapely.get_parts(noded)))))


def make(terrain: Terrain, water: PlaneWater, seed: int) -> Partition:
    """Grow and outline the regions."""
    seats = place_seats(terrain, water)
    labels, counties = _labels(terrain, seats, seed)
    everything = shapely.box(0, 0, frame.WIDTH_M, frame.HEIGHT_M)
    land = shapely.difference(everything, water.sea)
    strip = _strip(labels, counties, seed)
    lines = _borders(labels) + [
        np.asarray(r.coords) for p in shapely.get_parts(strip) for r in (p.exterior, *p.interiors)
    ]
    faces = _faces(lines, land)
    inside = np.array([shapely.get_coordinates(f.representative_point())[0] for f in faces])
    px, py = frame.to_plane(inside[:, 0], inside[:, 1])
    shapely.prepare(land)
    shapely.prepare(strip)
    dry = shapely.contains_xy(land, px, py)
    drawn = shapely.contains_xy(strip, px, py)
    column = np.clip((px / COARSE_M).astype(int), 0, labels.shape[1] - 1)
    row = np.clip((py / COARSE_M).astype(int), 0, labels.shape[0] - 1)
    label = labels[row, column]
    _drop_slivers(faces, dry, label)
    _keep_islands_whole(faces, dry, label, counties)
    own = np.array([code.startswith("99") for code in counties])
    areas: dict[str, Geometry] = {}
    for k, code in enumerate(counties):
        mine = [f for f, keep in zip(faces, dry & (label == k) & (own[k] | drawn), strict=True) if keep]
        areas[code] = shapely.coverage_union_all(mine)
    regions = _tree(areas, seats)
    province = next(r.geometry for r in regions if r.code == "99")
    every = shapely.coverage_union_all([r.geometry for r in regions if r.level == "province"])
    return Partition(regions, seats, labels, counties, province, every)


def _drop_slivers(faces: list[Geometry], dry: NDArray[np.bool_], label: Ints) -> None:
    """Give the knots that smoothed borders tie to the neighbour with the longest common border, in place."""
    small = np.array([_km2(f) < SLIVER_KM2 for f in faces])
    tree = shapely.STRtree(faces)
    for k in np.flatnonzero(small & dry):
        near = [n for n in tree.query(faces[k]).tolist() if n != k and dry[n] and not small[n]]
        common = [shapely.length(shapely.intersection(faces[k].boundary, faces[n].boundary)) for n in near]
        if common and max(common) > 0:
            label[k] = label[near[int(np.argmax(common))]]


def _keep_islands_whole(faces: list[Geometry], dry: NDArray[np.bool_], label: Ints, counties: tuple[str, ...]) -> None:
    """Give each island to the one county of the province that has most of it, in place."""
    land = shapely.coverage_union_all([f for f, keep in zip(faces, dry, strict=True) if keep])
    parts = sorted(shapely.get_parts(land), key=lambda p: -p.area)
    own = np.array([code.startswith("99") for code in counties])
    inside = shapely.points([f.representative_point().coords[0] for f in faces])
    for island in parts[1:]:
        here = np.flatnonzero(dry & shapely.intersects(island, inside))
        size = np.zeros(len(counties))
        for k in here:
            size[label[k]] += faces[k].area
        if np.any(size[own] > 0):
            label[here] = int(np.argmax(np.where(own, size, -1)))


def _strip(labels: Ints, counties: tuple[str, ...], seed: int) -> Geometry:
    """The ground within about `STRIP_M` of the province, in the plane, with an uneven smooth edge."""
    x, y = grid(COARSE_M)
    own = np.isin(labels, [k for k, code in enumerate(counties) if code.startswith("99")])
    cells = np.flatnonzero(own.ravel()).astype(np.int32)
    far, _, _, _ = paths.spread(np.ones(own.shape), np.zeros(own.shape), 0.0, 0.0, cells, paths.EVERYWHERE)
    edge = STRIP_M * (1 + 0.8 * fractal(x, y, seed=seed + 62, wave_m=30 * KM, octaves=3))
    field = Field(edge - far.reshape(own.shape) * COARSE_M, COARSE_M)
    return contour.areas_above(field, 0.0, smallest_m2=1e8, tolerance_m=30, smooth=2)


def _tree(areas: dict[str, Geometry], seats: dict[str, tuple[float, float]]) -> tuple[Region, ...]:
    """Provinces, cities and counties with their figures, parents before children."""
    counties = [_county(c, areas[c.code], seats[c.code]) for c in plan.COUNTIES]
    cities = [_group(code, name, "city", [c for c in counties if c.code[:4] == code]) for code, name in plan.CITIES]
    provinces = [
        _group(code, name, "province", [c for c in counties if c.code[:2] == code]) for code, name in plan.PROVINCES
    ]
    order = []
    for province in provinces:
        order.append(province)
        order.extend(c for c in cities if c.parent == province.code)
        order.extend(c for c in counties if c.code.startswith(province.code))
    return tuple(order)


def _county(county: plan.County, area: Geometry, seat: tuple[float, float]) -> Region:
    lon, lat = frame.to_lonlat(np.array(seat[0]), np.array(seat[1]))
    centre = (round(float(lon), 6), round(float(lat), 6))
    return Region(county.code, county.name, "county", county.code[:4], area, centre, area.bounds, _km2(area))


def _group(code: str, name: Name, level: str, members: list[Region]) -> Region:
    area = shapely.coverage_union_all([m.geometry for m in members])
    parent = code[:2] if level == "city" else None
    return Region(code, name, level, parent, area, members[0].centre, area.bounds, _km2(area))


def _km2(area: Geometry) -> float:
    """Area on the ellipsoid, to the accuracy of the middle latitude of each part."""
    total = 0.0
    for part in shapely.get_parts(area):
        per_lon, per_lat = degrees.metres_per_degree(part.centroid.y)
        total += part.area * float(per_lon) * float(per_lat) / 1e6
    return round(total, 1)
