"""Web Mercator tiles (EPSG:3857): the plane in which tiles are made."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

HALF_M = 20_037_508.342789244
"""Half the side of the world in Web Mercator, metres."""
EXTENT = 4096
"""Units of a tile's side (Mapbox Vector Tile specification 2.1)."""
BUFFER = 64
"""Units by which features reach over a tile's edge, so that lines and names meet."""
PIXELS = 512
"""Pixels of a tile's side as MapLibre draws it."""

_RADIUS_M = 6_378_137.0
_MOST_LAT = 85.051_128_779_806_6


class Tile(NamedTuple):
    """A tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return self.z >= 0 and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        side = side_m(self.z)
        west, north = self.x * side - HALF_M, HALF_M - self.y * side
        return west, north - side, west + side, north

    def above(self, z: int) -> Tile:
        """The tile of a smaller zoom that holds this one."""
        return Tile(z, self.x >> (self.z - z), self.y >> (self.z - z))


def side_m(z: int) -> float:
    """Side of a tile in metres of Web Mercator."""
    return 2 * HALF_M / (1 << z)


def pixel_m(z: int) -> float:
    return side_m(z) / PIXELS


def project(shapes: Any) -> Any:
    """Shapely geometries in longitude and latitude to Web Mercator."""
    return shapely.transform(shapes, _project)


def project_point(lon: float, lat: float) -> tuple[float, float]:
    x, y = _project(np.array([[lon, lat]]))[0]
    return float(x), float(y)


def tile_at(lon: float, lat: float, z: int) -> Tile:
    """The tile of a zoom that a point lies in."""
    x, y = project_point(lon, lat)
    return Tile(z, int((x + HALF_M) // side_m(z)), int((HALF_M - y) // side_m(z)))


def tiles_within(bounds: tuple[float, float, float, float], z: int) -> list[Tile]:
    """The tiles of a zoom that a box in degrees (west, south, east, north) reaches into."""
    west, south, east, north = bounds
    first, last = tile_at(west, north, z), tile_at(east, south, z)
    return [Tile(z, x, y) for y in range(first.y, last.y + 1) for x in range(first.x, last.x + 1)]


def _project(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    lat = np.radians(np.clip(xy[:, 1], -_MOST_LAT, _MOST_LAT))
    return np.column_stack((np.radians(xy[:, 0]) * _RADIUS_M, np.arctanh(np.sin(lat)) * _RADIUS_M))
