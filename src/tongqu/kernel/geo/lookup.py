"""Points to regions: a grid answers for all cells that no border crosses, the polygons themselves for the rest.

A border cell is one that any edge of any shape touches; every other cell lies wholly in one region (or in none), so
its middle speaks for it. With about a million cells some 2 % of a province are border cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from tongqu.kit.geometry.polygons import Polygons, first_holding, pack

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

SIDE = 1024
_BORDER = -1


@dataclass(frozen=True)
class Lookup:
    """Regions of points, for the shapes of one moment.

    Attributes:
        polygons: the shapes, the smallest regions (longest codes) first.
        codes: code of each polygon as an integer, and a last 0 for "none".
        west, south, per_lon, per_lat: corner of the grid, and cells per degree.
        cells: SIDE x SIDE indices into `codes`, rows from the south; `_BORDER` where polygons must be asked.
    """

    polygons: Polygons
    codes: Codes
    west: float
    south: float
    per_lon: float
    per_lat: float
    cells: NDArray[np.int16]

    def find(self, lon: Floats, lat: Floats) -> Codes:
        """Code of the smallest region that holds each point, 0 for none; NaN is in none."""
        out, borders = _find(self.cells, self.codes, self.west, self.south, self.per_lon, self.per_lat, lon, lat)
        if borders:
            rest = np.flatnonzero(out == _BORDER)
            out[rest] = self.codes[first_holding(self.polygons, lon[rest], lat[rest])]
        return out


def build(shapes: Sequence[tuple[str, Any]]) -> Lookup | None:
    """A lookup over (code, shapely polygon) pairs; None where there are none."""
    if not shapes:
        return None
    smallest_first = sorted(shapes, key=lambda pair: (-len(pair[0]), pair[0]))
    polygons = pack([_rings(shape) for _, shape in smallest_first])
    codes = np.array([int(code) for code, _ in smallest_first] + [0], dtype=np.int32)
    west, south, east, north = (float(value) for value in polygons.extent)
    per_lon, per_lat = SIDE / (east - west), SIDE / (north - south)
    cells = np.zeros((SIDE, SIDE), dtype=np.int16)
    _mark_borders(cells, polygons.edges, west, south, per_lon, per_lat)
    row, column = np.nonzero(cells != _BORDER)
    lon, lat = (column + 0.5) / per_lon + west, (row + 0.5) / per_lat + south
    inside = first_holding(polygons, lon.astype(np.float64), lat.astype(np.float64))
    cells[row, column] = np.where(inside < 0, len(smallest_first), inside)
    return Lookup(polygons, codes, west, south, per_lon, per_lat, cells)


def _rings(shape: Any) -> list[Floats]:
    return [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(shape))]


@njit(cache=True, nogil=True)
def _mark_borders(cells, edges, west, south, per_lon, per_lat):  # type: ignore[no-untyped-def]
    """Mark every cell that an edge touches, with a hair's breadth to spare for rounding."""
    side, hair = cells.shape[0], 1e-6
    for e in range(edges.shape[0]):
        x0, y0 = (edges[e, 0] - west) * per_lon, (edges[e, 1] - south) * per_lat
        x1, y1 = (edges[e, 2] - west) * per_lon, (edges[e, 3] - south) * per_lat
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = (x1 - x0) / (y1 - y0) if y1 > y0 else 0.0
        for row in range(max(int(y0 - hair), 0), min(int(y1 + hair), side - 1) + 1):
            low = x0 + (max(row - hair, y0) - y0) * slope
            high = x0 + (min(row + 1 + hair, y1) - y0) * slope if y1 > y0 else x1
            first, last = min(low, high) - hair, max(low, high) + hair
            for column in range(max(int(first), 0), min(int(last), side - 1) + 1):
                cells[row, column] = _BORDER


@njit(cache=True, nogil=True)
def _find(cells, codes, west, south, per_lon, per_lat, lon, lat):  # type: ignore[no-untyped-def]
    out = np.zeros(lon.size, np.int32)
    side, borders = cells.shape[0], 0
    for i in range(lon.size):
        column, row = (lon[i] - west) * per_lon, (lat[i] - south) * per_lat
        if column >= 0.0 and row >= 0.0 and column <= side and row <= side:
            cell = cells[min(int(row), side - 1), min(int(column), side - 1)]
            if cell == _BORDER:
                borders += 1
                out[i] = _BORDER
            else:
                out[i] = codes[cell]
    return out, borders
