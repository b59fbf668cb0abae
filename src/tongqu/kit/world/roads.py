"""Trunk, provincial and county roads: cheapest ways over the terrain, smoothed into road lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely

from tongqu.kit.geometry import lines as geometry
from tongqu.kit.world import contour, names, paths, plan
from tongqu.kit.world.noise import fractal
from tongqu.kit.world.regions import Partition
from tongqu.kit.world.relief import COARSE_M, KM, MIDDLE_M, Terrain, grid
from tongqu.kit.world.values import Bytes, Floats, Geometry, Ints, Name, RoadClass
from tongqu.kit.world.water import PlaneWater
from tongqu.kit.world.ways import Layout

LIMITS_KMH = {RoadClass.TRUNK: 80.0, RoadClass.PROVINCIAL: 70.0, RoadClass.COUNTY: 50.0}
MOUNTAIN_LIMITS_KMH = {RoadClass.TRUNK: 60.0, RoadClass.PROVINCIAL: 50.0, RoadClass.COUNTY: 40.0}
GRADE = 22.0  # a slope of 4.5 % doubles the price of a cell
TUNNEL = 60.0
REUSE = 0.5  # price of a cell that has a road already


@dataclass(frozen=True)
class Town:
    """A settlement in the plane. `seat` is the county code if it is a county's seat, else empty."""

    name: Name
    county: str
    x: float
    y: float
    seat: str
    radius_m: float


@dataclass
class Ground:
    """Grids of 250 m on which roads are laid, and the roads laid so far."""

    cost: Floats
    height: Floats
    labels: Ints
    used: Bytes
    lines: list[Floats] = field(default_factory=list)
    shapes: list[Geometry] = field(default_factory=list)  # the same lines for shapely

    def cell(self, x: float, y: float) -> int:
        rows, columns = self.cost.shape
        c = min(max(int(x / MIDDLE_M), 0), columns - 1)
        r = min(max(int(y / MIDDLE_M), 0), rows - 1)
        return r * columns + c

    def mark(self, points: Floats) -> None:
        """Note a road that others may join."""
        self.lines.append(points)
        self.shapes.append(shapely.LineString(points))
        fine = contour.resample(points, MIDDLE_M / 3)
        rows, columns = self.cost.shape
        c = np.clip((fine[:, 0] / MIDDLE_M).astype(int), 0, columns - 1)
        r = np.clip((fine[:, 1] / MIDDLE_M).astype(int), 0, rows - 1)
        for dr in (-1, 0, 1):  # a way in the next cell is still on this road
            for dc in (-1, 0, 1):
                self.used[np.clip(r + dr, 0, rows - 1), np.clip(c + dc, 0, columns - 1)] = 1


def ground(terrain: Terrain, water: PlaneWater, partition: Partition, seed: int) -> Ground:
    """The grids of a terrain: sea and lakes closed, rivers dear, shores avoided."""
    x, y = grid(MIDDLE_M)
    # uneven ground, or roads over a plain would be ruled lines
    cost = np.exp(1.6 * fractal(x, y, seed=seed + 72, wave_m=4.5 * KM, octaves=3)) + np.clip(
        (450 - terrain.coast.at(x, y)) / 150, 0, 6
    )
    cost[terrain.coast.at(x, y) < 60] = np.inf
    for stream in water.streams:
        line = contour.resample(stream.points, MIDDLE_M / 2)
        c, r = (line[:, :2] / MIDDLE_M).astype(int).T
        ok = (c >= 0) & (r >= 0) & (c < x.shape[1]) & (r < x.shape[0])
        price = 1.5 + line[:, 2] / 12.0
        cost[r[ok], c[ok]] = np.maximum(cost[r[ok], c[ok]], price[ok])
    lakes = shapely.unary_union([lake.area.buffer(200) for lake in water.lakes])
    shapely.prepare(lakes)
    cost[shapely.contains_xy(lakes, x, y)] = np.inf
    labels = np.repeat(np.repeat(partition.labels, 2, 0), 2, 1)
    foreign = np.isin(labels, [k for k, code in enumerate(partition.counties) if not code.startswith("99")])
    cost[foreign] *= 1.3
    height = np.maximum(terrain.height.at(x, y), 0) / MIDDLE_M
    return Ground(cost, height, labels, np.zeros(cost.shape, np.uint8))


def towns(terrain: Terrain, water: PlaneWater, partition: Partition, seed: int) -> list[Town]:
    """Seats first, then smaller towns: on flat ground, near rivers, closer together in the plains."""
    found = [
        Town(c.name, c.code, *partition.seats[c.code], c.code, plan.TOWN_RADIUS_KM.get(c.code, 2.0) * KM)
        for c in plan.COUNTIES
    ]
    x, y = grid(COARSE_M)
    z = terrain.height.at(x, y)
    slope = np.hypot(*np.gradient(z, COARSE_M))
    rivers = geometry.pack([s.points[:, :2] for s in water.streams], cell=2 * KM)
    coast = terrain.coast.at(x, y)
    own = np.isin(partition.labels, [k for k, c in enumerate(partition.counties) if c.startswith("99")])
    good = own & (coast > 900) & (slope < 0.09) & (z < 1000)
    cx, cy, cz, cs = x[good], y[good], z[good], slope[good]
    luck = fractal(cx, cy, seed=seed + 71, wave_m=2.3 * KM, octaves=3)
    to_river = np.minimum(geometry.nearest(rivers, cx, cy, reach=12 * KM).distance / KM, 12)
    score = 26 * cs + 0.10 * np.abs(to_river - 0.8) + cz / 1800 - 0.8 * luck
    apart = 8.5 * KM + 8.0 * KM * np.clip(cz / 400, 0, 1)
    wet = shapely.union_all([water.rivers, *(lake.area for lake in water.lakes)])
    shapely.prepare(wet)
    label = partition.labels[good]
    here = np.array([(t.x, t.y) for t in found])
    room = np.array([7 * KM + t.radius_m for t in found])
    for k in np.argsort(score, kind="stable"):
        if score[k] > 2.0 or len(found) >= len(plan.COUNTIES) + len(names.TOWNS):
            break
        far = np.hypot(here[:, 0] - cx[k], here[:, 1] - cy[k])
        if np.any(far < np.maximum(room, apart[k])) or shapely.dwithin(wet, shapely.Point(cx[k], cy[k]), 250):
            continue
        name = names.TOWNS[len(found) - len(plan.COUNTIES)]
        found.append(Town(name, partition.counties[label[k]], float(cx[k]), float(cy[k]), "", 700.0))
        here = np.vstack((here, (cx[k], cy[k])))
        room = np.append(room, apart[k])
    return found


@dataclass(frozen=True)
class _Price:
    """What changes the cost of cells for one road: roads that are there already, another county, the sea."""

    reuse: float = 1.0
    county: int = -1
    sea: float = np.inf


def _way_cells(ground: Ground, start: int, goals: Bytes, window: tuple[int, int, int, int], price: _Price) -> list[int]:
    """Cells of the cheapest way from `start` to the first of `goals`, looked for inside a window only."""
    rows, columns = ground.cost.shape
    r0, r1, c0, c1 = max(window[0], 0), min(window[1], rows), max(window[2], 0), min(window[3], columns)
    part = (slice(r0, r1), slice(c0, c1))
    cost = np.where(np.isinf(ground.cost[part]), price.sea, ground.cost[part])
    cost = cost * np.where(ground.used[part] > 0, price.reuse, 1.0)
    if price.county >= 0:
        cost *= np.where(ground.labels[part] == price.county, 1.0, 40.0)
    inside = np.ascontiguousarray(goals.reshape(rows, columns)[part])
    seed = np.array([(start // columns - r0) * (c1 - c0) + start % columns - c0], np.int32)
    height = np.ascontiguousarray(ground.height[part])
    _, parent, _, reached = paths.spread(cost, height, GRADE, TUNNEL, seed, inside.ravel())
    if reached < 0:
        return []
    return [(cell // (c1 - c0) + r0) * columns + cell % (c1 - c0) + c0 for cell in paths.trace(parent, reached)]


def _between(ground: Ground, a: tuple[float, float], b: tuple[float, float], price: _Price) -> list[int]:
    columns = ground.cost.shape[1]
    ca, cb = ground.cell(*a), ground.cell(*b)
    goals = np.zeros(ground.cost.size, np.uint8)
    goals[cb] = 1
    rows_, columns_ = sorted((ca // columns, cb // columns)), sorted((ca % columns, cb % columns))
    margin = 40 + (rows_[1] - rows_[0] + columns_[1] - columns_[0]) // 6
    window = (rows_[0] - margin, rows_[1] + margin, columns_[0] - margin, columns_[1] + margin)
    return _way_cells(ground, ca, goals, window, price)


def smooth_line(points: Floats, sigma_m: float, step_m: float, seed: int, steep: Floats | None = None) -> Floats:
    """Turn a line of cells into a road line; `steep` (0..1 per point) lets it wind in the mountains."""
    table = points if steep is None else np.column_stack((points, steep))
    fine = contour.resample(table, step_m)
    line = contour.gaussian(fine[:, :2], sigma_m / step_m)
    if steep is not None and len(line) > 4:
        tangent = np.gradient(line, axis=0)
        tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
        n = np.arange(len(line))
        hold = np.clip(np.minimum(n, n[::-1]) * step_m / 400.0, 0, 1)
        wind = fractal(line[:, 0], line[:, 1], seed=seed + 81, wave_m=0.75 * KM, octaves=2) * 230.0 * fine[:, 2] * hold
        line = line + np.column_stack((-tangent[:, 1], tangent[:, 0])) * wind[:, None]
        line = contour.gaussian(line, 0.8)
    return line


def _join(ground: Ground, x: float, y: float, reach: float = 700.0) -> Floats:
    """The point of an existing road nearest to (x, y), or the point itself if there is none."""
    if ground.shapes:
        point = shapely.Point(x, y)
        tree = shapely.STRtree(ground.shapes)
        k = tree.query_nearest(point, max_distance=reach, all_matches=False)
        if len(k):
            return shapely.get_coordinates(shapely.shortest_line(ground.shapes[k[0]], point))[0]
    return np.array((x, y))


def lay(ground: Ground, cells: list[int], a: Floats, b: Floats, *, sigma_m: float, seed: int) -> list[Floats]:
    """Lines of those parts of a way that are not on a road yet; their ends lie on the roads they join."""
    if len(cells) < 2:
        return []
    columns = ground.cost.shape[1]
    used = ground.used.ravel()[cells].astype(bool)
    xy = np.column_stack((np.array(cells) % columns + 0.5, np.array(cells) // columns + 0.5)) * MIDDLE_M
    laid = []
    k = 0
    while k < len(cells):
        if used[k] and not (k == 0 and not used[1]):
            k += 1
            continue
        first = k
        while k + 1 < len(cells) and not used[k + 1]:
            k += 1
        start = a if first == 0 else _join(ground, *xy[first - 1])
        end = b if k + 1 >= len(cells) else _join(ground, *xy[k + 1])
        middle = xy[first + 1 : k + 1] if first == 0 else xy[first : k + 1]
        points = np.vstack((start, middle, end))
        if shapely.length(shapely.LineString(points)) > 400:
            steep = _steepness(ground, points)
            laid.append(smooth_line(points, sigma_m, 70.0, seed, steep))
        k += 1
    for line in laid:
        ground.mark(line)
    return laid


def _steepness(ground: Ground, points: Floats) -> Floats:
    c = np.clip((points[:, 0] / MIDDLE_M).astype(int), 1, ground.cost.shape[1] - 2)
    r = np.clip((points[:, 1] / MIDDLE_M).astype(int), 1, ground.cost.shape[0] - 2)
    h = ground.height
    slope = np.hypot(h[r, c + 1] - h[r, c - 1], h[r + 1, c] - h[r - 1, c]) / 2
    return np.clip((slope - 0.02) / 0.12, 0, 1)


def limit_of(road_class: RoadClass, steep: float) -> float:
    """Posted limit: lower where the road climbs and winds."""
    return (MOUNTAIN_LIMITS_KMH if steep > 0.3 else LIMITS_KMH)[road_class]


def _lay_all(ground: Ground, layout: Layout, lines: list[Floats], road: int, road_class: RoadClass) -> None:
    cut = 1e9 if road_class == RoadClass.COUNTY else 38.0
    for line in lines:
        limit = limit_of(road_class, float(_steepness(ground, line).mean()))
        layout.add(line, road, road_class, limit, sigma_m=260.0, cut_m=cut)


def long_roads(ground: Ground, layout: Layout, partition: Partition, seed: int) -> None:
    """Trunk and provincial roads along the routes of `plan.ROUTES`, each by way of its seats."""
    for route in plan.ROUTES:
        road = layout.book.add(route.number, route.name, route.road_class, route.region)
        stops = [
            partition.seats[stop] if isinstance(stop, str) else (stop[0] * KM, stop[1] * KM) for stop in route.stops
        ]
        for a, b in pairwise(stops):
            cells = _between(ground, a, b, _Price(reuse=REUSE))
            laid = lay(ground, cells, _join(ground, *a), _join(ground, *b), sigma_m=420.0, seed=seed)
            _lay_all(ground, layout, laid, road, route.road_class)


def county_roads(ground: Ground, layout: Layout, settled: list[Town], partition: Partition, seed: int) -> None:
    """One road from each small town to the network, and cross links; numbered within the county."""
    next_number = dict.fromkeys(partition.counties, 0)
    for town in (t for t in settled if not t.seat):
        county = partition.counties.index(town.county)
        lines = []
        here = np.array((town.x, town.y))
        start = ground.cell(town.x, town.y)
        if not ground.used.ravel()[start]:
            lines += _to_network(ground, start, here, county, seed)
        other = None
        for other in _neighbour_towns(settled, town):
            cells = _between(ground, (town.x, town.y), (other.x, other.y), _Price(reuse=0.6, county=county))
            ends = _join(ground, town.x, town.y), _join(ground, other.x, other.y)
            lines += lay(ground, cells, *ends, sigma_m=300.0, seed=seed)
        if lines:
            number = names.county_number(town.county, next_number[town.county])
            next_number[town.county] += 1
            title = names.county_road_name(town.name, other.name if other else None, town.county)
            road = layout.book.add(number, title, RoadClass.COUNTY, town.county)
            _lay_all(ground, layout, lines, road, RoadClass.COUNTY)


def _to_network(ground: Ground, start: int, here: Floats, county: int, seed: int) -> list[Floats]:
    columns = ground.cost.shape[1]
    r, c = start // columns, start % columns
    for reach, sea in ((60, np.inf), (160, np.inf), (160, 14.0)):  # at last an island gets a bridge
        price = _Price(county=county, sea=sea)
        cells = _way_cells(ground, start, ground.used.ravel(), (r - reach, r + reach, c - reach, c + reach), price)
        if cells:
            end = _join(ground, (cells[-1] % columns + 0.5) * MIDDLE_M, (cells[-1] // columns + 0.5) * MIDDLE_M)
            return lay(ground, cells, here, end, sigma_m=300.0, seed=seed)
    return []


def _neighbour_towns(settled: list[Town], town: Town) -> list[Town]:
    """The two nearest towns or seats of the same county within 24 km."""
    others = [t for t in settled if t.county == town.county and t is not town]
    others = [t for t in others if np.hypot(t.x - town.x, t.y - town.y) < 24 * KM]
    return sorted(others, key=lambda t: (t.x - town.x) ** 2 + (t.y - town.y) ** 2)[:2]
