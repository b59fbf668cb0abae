"""Lanes of the demo's sea: from the quays of its port to the open water, found on a grid of the sea."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.kit.world.values import World

CELL_M = 900.0
KEEP_OFF_M = 350.0
EXITS = 8
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Lane:
    """A way over water, from the port out: longitude and latitude of its points, and metres from its beginning."""

    points: NDArray[np.float64]
    along_m: NDArray[np.float64]

    @property
    def length_m(self) -> float:
        return float(self.along_m[-1])

    def at(self, metres: float) -> tuple[float, float, float]:
        """Longitude, latitude and bearing at a distance from the beginning."""
        s = min(max(metres, 0.0), self.length_m)
        index = min(int(np.searchsorted(self.along_m, s, side="right")) - 1, len(self.points) - 2)
        index = max(index, 0)
        span = max(self.along_m[index + 1] - self.along_m[index], 1e-9)
        share = (s - self.along_m[index]) / span
        a, b = self.points[index], self.points[index + 1]
        lon, lat = a + (b - a) * share
        east, north = (b[0] - a[0]) * math.cos(math.radians(lat)), b[1] - a[1]
        return float(lon), float(lat), math.degrees(math.atan2(east, north)) % 360


@dataclass(frozen=True)
class Waters:
    """What ships of the demo need to know of their sea.

    Attributes:
        lanes: ways from the port to the open sea.
        berths: places at the quays.
        anchorages: places off the lanes where ships wait.
        region: code of the port's city.
    """

    lanes: tuple[Lane, ...]
    berths: tuple[tuple[float, float], ...]
    anchorages: tuple[tuple[float, float], ...]
    region: str
    port_name: str


def waters(world: World) -> Waters | None:
    """Lanes, berths and anchorages of the demo's first port by the sea; None where there is none."""
    ports = sorted((place for place in world.places if place.kind == "port"), key=lambda place: (place.rank, place.id))
    sea = shapely.intersection(world.water.sea, shapely.box(*world.bounds))
    if not ports or sea.is_empty:
        return None
    port = min(ports, key=lambda place: (place.rank, sea.distance(shapely.Point(place.lon, place.lat))))
    quays = [place for place in world.places if place.kind == "terminal" and _near(place, port)]
    grid = _Grid(world, sea)
    start = grid.nearest(port.lon, port.lat)
    if start is None:
        return None
    cost, before = grid.ways(start)
    lanes = tuple(grid.lane(before, end) for end in grid.exits(cost))
    berths = tuple(_afloat(sea, place.lon, place.lat) for place in (quays or [port]))
    return Waters(lanes, berths, grid.anchorages(cost), port.region[:4], port.name.zh)


def _near(place: Any, port: Any) -> bool:
    return abs(place.lon - port.lon) < 0.1 and abs(place.lat - port.lat) < 0.1


def _afloat(sea: Any, lon: float, lat: float) -> tuple[float, float]:
    """The nearest place with water under it, a ship's breadth off."""
    line = shapely.get_coordinates(shapely.shortest_line(shapely.Point(lon, lat), sea))
    off = line[1] - line[0]
    size = float(np.hypot(*off))
    point = line[1] + (off / size * 0.0008 if size > 0 else 0)
    return float(point[0]), float(point[1])


class _Grid:
    """The sea as cells that keep off the shore."""

    def __init__(self, world: World, sea: Any) -> None:
        west, south, east, north = sea.bounds
        lat = (south + north) / 2
        self.dx = CELL_M / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
        self.dy = CELL_M / METRES_PER_DEGREE
        self.west, self.south = west, south
        self.columns, self.rows = int((east - west) / self.dx) + 1, int((north - south) / self.dy) + 1
        x = west + (np.arange(self.columns) + 0.5) * self.dx
        y = south + (np.arange(self.rows) + 0.5) * self.dy
        lon, lats = np.meshgrid(x, y)
        safe = shapely.buffer(sea, -KEEP_OFF_M / METRES_PER_DEGREE)
        shapely.prepare(safe)
        self.wet = shapely.contains_xy(safe, lon.ravel(), lats.ravel())
        self.lon, self.lat = lon.ravel(), lats.ravel()

    def nearest(self, lon: float, lat: float) -> int | None:
        """The wet cell nearest to a place."""
        wet = np.flatnonzero(self.wet)
        if not len(wet):
            return None
        far = np.hypot((self.lon[wet] - lon) / self.dx, (self.lat[wet] - lat) / self.dy)
        return int(wet[int(np.argmin(far))])

    def ways(self, start: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Cells from `start` and the cell before, for each cell (infinite and -1 where no way leads)."""
        cost = np.full(len(self.wet), np.inf)
        before = np.full(len(self.wet), -1, np.int64)
        cost[start] = 0
        waiting = [(0.0, start)]
        while waiting:
            so_far, cell = heapq.heappop(waiting)
            if so_far > cost[cell]:
                continue
            row, column = divmod(cell, self.columns)
            for down in (-1, 0, 1):
                for right in (-1, 0, 1):
                    if not (0 <= row + down < self.rows and 0 <= column + right < self.columns) or down == right == 0:
                        continue
                    other = cell + down * self.columns + right
                    step = so_far + math.hypot(down, right)
                    if self.wet[other] and step < cost[other]:
                        cost[other], before[other] = step, cell
                        heapq.heappush(waiting, (step, other))
        return cost, before

    def exits(self, cost: NDArray[np.float64]) -> list[int]:
        """Ends of lanes: the farthest cells on all sides, apart from each other."""
        reached = np.flatnonzero(np.isfinite(cost))
        found: list[int] = []
        for cell in reached[np.argsort(-cost[reached], kind="stable")].tolist():
            apart = all(
                math.hypot((self.lon[cell] - self.lon[one]) / self.dx, (self.lat[cell] - self.lat[one]) / self.dy) > 18
                for one in found
            )
            if apart and cost[cell] > 12:
                found.append(cell)
            if len(found) == EXITS:
                break
        return found or reached[-1:].tolist()

    def lane(self, before: NDArray[np.int64], end: int) -> Lane:
        cells = [end]
        while before[cells[-1]] >= 0:
            cells.append(int(before[cells[-1]]))
        points = np.column_stack((self.lon[cells], self.lat[cells]))[::-1]
        points = points[:1].repeat(2, axis=0) if len(points) == 1 else points
        return _lane(_smooth(points))

    def anchorages(self, cost: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
        """Places four to nine cells from the port's entrance, every third one."""
        found = np.flatnonzero((cost > 4) & (cost < 9))[::3]
        return tuple((float(self.lon[cell]), float(self.lat[cell])) for cell in found[:40].tolist())


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of the grid rounded off; the ends keep their place."""
    out = points.copy()
    for _ in range(3):
        out[1:-1] = (out[:-2] + 2 * out[1:-1] + out[2:]) / 4
    return out


def _lane(points: NDArray[np.float64]) -> Lane:
    steps = np.diff(points, axis=0)
    steps[:, 0] *= np.cos(np.radians(points[:-1, 1]))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]) * METRES_PER_DEGREE)))
    return Lane(points, along)
