"""Sea, rivers and reservoirs, read off the terrain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from tongqu.kit.world import contour, frame, names
from tongqu.kit.world.noise import fractal
from tongqu.kit.world.relief import KM, MIDDLE_M, Field, Terrain
from tongqu.kit.world.values import Floats, Geometry, Name

CHANNEL_KM2 = 70.0  # a catchment this large has a river on the map
SHORTEST_M = 9_000.0
TOGETHER_M = 1_100.0  # a tributary this near to a larger river has met it
DAMS = 3
ANCHOR_KM = (98.0, 94.0)  # the 澜江 is the river that passes here


@dataclass(frozen=True)
class Stream:
    """A river in the plane: points with half width as third column, from the source down."""

    name: Name
    points: Floats
    order: int
    catchment_km2: float


@dataclass(frozen=True)
class Reservoir:
    name: Name
    area: Geometry
    level_m: float


@dataclass(frozen=True)
class PlaneWater:
    """Water in plane coordinates: disjoint areas, and the lines of the rivers."""

    sea: Geometry
    rivers: Geometry
    streams: tuple[Stream, ...]
    lakes: tuple[Reservoir, ...]


def _donors(terrain: Terrain) -> dict[int, list[int]]:
    """For each cell with a river the cells upstream that have one too, largest first."""
    area = terrain.catchment_km2
    wet = np.flatnonzero(area >= CHANNEL_KM2)
    wet = wet[terrain.receiver[wet] != wet]
    donors: dict[int, list[int]] = {}
    for cell in wet[np.argsort(-area[wet], kind="stable")]:
        donors.setdefault(int(terrain.receiver[cell]), []).append(int(cell))
    return donors


def _courses(terrain: Terrain) -> list[tuple[float, list[int]]]:
    """Rivers as cells from the mouth up, with their catchment; the 澜江 first, then by catchment."""
    donors = _donors(terrain)
    area, receiver = terrain.catchment_km2, terrain.receiver
    course = _main_stem(terrain, donors)
    courses = [(float(area[course[1]]), course)]
    on_stem = set(course)
    pending = [up for cell in course for up in donors.get(cell, ()) if up not in on_stem]
    for mouth, ups in donors.items():
        if receiver[mouth] == mouth and mouth != course[0]:
            pending.extend(up for up in ups if area[up] >= 1.5 * CHANNEL_KM2)
    while pending:
        pending.sort(key=lambda cell: area[cell])
        cell = pending.pop()
        course = [int(receiver[cell]), cell]
        while course[-1] in donors:
            first, *others = donors[course[-1]]
            pending.extend(others)
            course.append(first)
        courses.append((float(area[cell]), course))
    return courses


def _main_stem(terrain: Terrain, donors: dict[int, list[int]]) -> list[int]:
    """Cells of the river that flows past `ANCHOR_KM`, from its mouth up, whatever joins it further down."""
    height, width = terrain.middle.values.shape
    c, r = (round(v * KM / MIDDLE_M) for v in ANCHOR_KM)
    window = terrain.catchment_km2.reshape(height, width)[r - 24 : r + 24, c - 24 : c + 24]
    dr, dc = np.unravel_index(np.argmax(window), window.shape)
    course = [int((r - 24 + dr) * width + c - 24 + dc)]
    while terrain.receiver[course[-1]] != course[-1]:
        course.append(int(terrain.receiver[course[-1]]))
    course.reverse()
    while course[-1] in donors:
        course.append(donors[course[-1]][0])
    return course


def half_width_m(catchment_km2: Floats) -> Floats:
    """Half width of a river, by the usual square-root law of hydraulic geometry."""
    return 2.3 * np.sqrt(catchment_km2) - 8.0


def _streams(terrain: Terrain, seed: int) -> list[Stream]:
    width = terrain.middle.values.shape[1]
    heights = terrain.middle.values.ravel()
    done: list[Floats] = []
    streams: list[Stream] = []
    for catchment, course in _courses(terrain):
        cells = np.array(course[::-1])
        points = np.column_stack(
            ((cells % width + 0.5) * MIDDLE_M, (cells // width + 0.5) * MIDDLE_M, terrain.catchment_km2[cells])
        )
        points[-1, 2] = points[-2, 2]  # the sea cell at the mouth gathers other rivers too
        tributary = False
        if done:
            points, tributary = _until_met(points, done)
        if len(points) * MIDDLE_M < SHORTEST_M:
            continue
        line = contour.gaussian(contour.resample(points, 200.0), 3.2)
        line = _meander(line, np.interp(line[:, 1], *_steepness(points, heights[cells[: len(points)]])), seed)
        line = contour.gaussian(contour.resample(line, 150.0), 1.5)
        line[:, 2] = np.maximum(half_width_m(np.maximum.accumulate(line[:, 2])), 9.0)
        done.append(line[:, :2])
        name = names.RIVERS[len(streams)] if len(streams) < len(names.RIVERS) else Name("", "")
        streams.append(Stream(name, line, 2 if tributary else 1, catchment))
    return streams


def _steepness(points: Floats, height: Floats) -> tuple[Floats, Floats]:
    """How freely the river may swing, 0..1, as a function of its y (sorted for interpolation)."""
    slope = np.abs(np.gradient(height)) / MIDDLE_M
    free = np.clip(1 - slope / 0.004, 0, 1)
    order = np.argsort(points[:, 1], kind="stable")
    return points[order, 1], free[order]


def _meander(line: Floats, free: Floats, seed: int) -> Floats:
    """Swing the line sideways where the valley is flat; ends keep their place."""
    tangent = np.gradient(line[:, :2], axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    swing = fractal(line[:, 0], line[:, 1], seed=seed + 51, wave_m=4.2 * KM, octaves=3)
    n = np.arange(len(line))
    hold = np.clip(np.minimum(n, n[::-1]) / 12.0, 0, 1)
    by = 1_300.0 * swing * free * hold * np.clip(half_width_m(line[:, 2]) / 90.0, 0.35, 1)
    out = line.copy()
    out[:, 0] -= tangent[:, 1] * by
    out[:, 1] += tangent[:, 0] * by
    return out


def _until_met(points: Floats, done: list[Floats]) -> tuple[Floats, bool]:
    """Cut a course where it first comes near a larger river, and lead it into that river."""
    larger = shapely.MultiLineString([shapely.LineString(line) for line in done])
    shapely.prepare(larger)
    near = shapely.dwithin(larger, shapely.points(points[:, :2]), TOGETHER_M)
    if not near.any():
        return points, False
    first = int(np.argmax(near))
    if first < 3:
        return points[:0], True
    meeting = shapely.get_coordinates(shapely.shortest_line(larger, shapely.Point(points[first, :2])))[0]
    return np.vstack((points[: first + 1], (*meeting, points[first, 2]))), True


def ribbon(line: Floats) -> Geometry:
    """Area of a line whose third column is its half width."""
    tangent = np.gradient(line[:, :2], axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    normal = np.column_stack((-tangent[:, 1], tangent[:, 0])) * line[:, 2:3]
    ring = np.vstack((line[:, :2] + normal, (line[:, :2] - normal)[::-1]))
    end = shapely.Point(line[-1, :2]).buffer(line[-1, 2], quad_segs=6)
    # buffer(0) drops the small loops that the inside of a tight bend makes
    return shapely.union(shapely.make_valid(shapely.Polygon(ring)).buffer(0), end)


def _dams(terrain: Terrain, streams: list[Stream], seed: int) -> list[Reservoir]:
    """Reservoirs behind dams where a dam of 50 m drowns the most without drowning too much."""
    height, width = terrain.middle.values.shape
    z = terrain.middle.values.ravel()
    area = terrain.catchment_km2
    low = np.flatnonzero((z < 700) & (terrain.receiver != np.arange(len(z))))
    low = low[np.argsort(terrain.receiver[low], kind="stable")]
    first = np.searchsorted(terrain.receiver[low], np.arange(len(z) + 1))
    sites = np.flatnonzero((area > 180) & (area < 900) & (z > 70) & (z < 420))
    sites = sites[(sites % width > 0.16 * width) & (sites // width > 0.14 * height) & (sites // width < 0.86 * height)]
    best: list[tuple[float, int, set[int], float]] = []
    for site in sites[:: max(1, len(sites) // 160)]:
        level = z[site] + 52.0
        drowned: set[int] = set()
        todo = [int(site)]
        while todo and len(drowned) < 1500:
            cell = todo.pop()
            drowned.add(cell)
            todo.extend(up for up in low[first[cell] : first[cell + 1]].tolist() if z[up] < level)
        km2 = len(drowned) * (MIDDLE_M / KM) ** 2
        if 9 < km2 < 60:
            best.append((-km2, int(site), drowned, level))
    lakes: list[Reservoir] = []
    taken: list[tuple[int, int]] = []
    for _, site, drowned, level in sorted(best, key=lambda b: (b[0], b[1])):
        r, c = site // width, site % width
        if any(np.hypot(r - rr, c - cc) * MIDDLE_M < 30 * KM for rr, cc in taken):
            continue
        lakes.append(Reservoir(names.LAKES[len(lakes)], _shore(terrain, drowned, level), float(level)))
        taken.append((r, c))
        if len(lakes) == DAMS:
            break
    return lakes


def _shore(terrain: Terrain, drowned: set[int], level: float) -> Geometry:
    """Outline of the drowned cells: the contour of depth, held to those cells."""
    width = terrain.middle.values.shape[1]
    cells = np.array(sorted(drowned))
    rows, columns = cells // width, cells % width
    r0, c0 = rows.min() - 3, columns.min() - 3
    depth = np.full((rows.max() - r0 + 4, columns.max() - c0 + 4), -30.0)
    depth[rows - r0, columns - c0] = level - terrain.middle.values[rows, columns] + 4
    padded = np.maximum(depth, -30)
    smooth = Field(_blur(np.repeat(np.repeat(padded, 2, 0), 2, 1)), MIDDLE_M / 2)
    area = contour.areas_above(smooth, 0.0, smallest_m2=2e5, tolerance_m=15, smooth=2)
    area = shapely.affinity.translate(area, c0 * MIDDLE_M, r0 * MIDDLE_M)
    return max(shapely.get_parts(area), key=lambda part: part.area)


def _blur(values: Floats) -> Floats:
    for axis in (0, 1):
        values = (np.roll(values, 1, axis) + np.roll(values, -1, axis) + 2 * values) / 4
    return values


def make(terrain: Terrain, seed: int) -> PlaneWater:
    """Sea, rivers and lakes of a terrain, in the plane."""
    everything = shapely.box(0, 0, frame.WIDTH_M, frame.HEIGHT_M)
    land = contour.areas_above(terrain.coast, 0.0, smallest_m2=1.5e5, tolerance_m=12)
    sea = shapely.difference(everything, land)
    streams = _streams(terrain, seed)
    lakes = _dams(terrain, streams, seed)
    rivers = shapely.unary_union([ribbon(s.points) for s in streams])
    rivers = shapely.difference(rivers, shapely.unary_union([sea, *(lake.area for lake in lakes)]))
    parts = [p for p in shapely.get_parts(rivers) if p.geom_type == "Polygon" and p.area > 2e4]
    return PlaneWater(sea, shapely.simplify(shapely.MultiPolygon(parts), 4.0), tuple(streams), tuple(lakes))
