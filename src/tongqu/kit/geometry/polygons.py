"""Which of many polygons holds each of many points: even-odd rule over edges sorted into bands of y.

A polygon of n edges is cut into about sqrt(n) horizontal bands, and each band lists the edges that touch it;
a point is tested only against the edges of its band (PNPOLY, Franklin 1970, with an index). Polygons are found
through a uniform grid over their bounding boxes. A point on an edge belongs to one of two adjacent polygons,
never to both: the half-open rule y0 <= y < y1 and x < crossing decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
_CELLS = 64


@dataclass(frozen=True)
class Polygons:
    """Polygons packed for many queries; made by `pack`.

    Attributes:
        edges: (e, 4) x0, y0, x1, y1 grouped by polygon and band (an edge is listed in each band it touches).
        band_start: offsets into `edges` for all bands of all polygons.
        first_band: (n + 1) offsets of each polygon into `band_start`.
        boxes: (n, 4) west, south, east, north.
        cell_start, cell_polygon: polygons whose box touches each cell of a 64 x 64 grid over `extent`.
    """

    edges: Floats
    band_start: Ints
    first_band: Ints
    boxes: Floats
    extent: Floats
    cell_start: Ints
    cell_polygon: Ints

    def __len__(self) -> int:
        return len(self.boxes)


def pack(polygons: Sequence[Sequence[Floats]]) -> Polygons:
    """Pack polygons given as sequences of rings, each ring an (n, 2) array; closed or not, any direction.

    Holes and further parts are further rings: the even-odd rule tells them apart.

    Raises:
        ValueError: if a ring has fewer than three points or a coordinate is not finite.
    """
    blocks: list[Floats] = []
    counts: list[int] = []
    first_band = [0]
    boxes = np.empty((len(polygons), 4))
    for k, rings in enumerate(polygons):
        edges = _edges(rings)
        boxes[k] = (*edges[:, :2].min(axis=0), *edges[:, :2].max(axis=0))
        bands = max(1, int(np.sqrt(len(edges))))
        low, high = _bands_of(edges, boxes[k], bands)
        repeat = high - low + 1
        row = np.repeat(np.arange(len(edges)), repeat)
        band = np.arange(repeat.sum()) - np.repeat(np.cumsum(repeat) - repeat, repeat) + low[row]
        order = np.argsort(band, kind="stable")
        blocks.append(edges[row[order]])
        counts.extend(np.bincount(band, minlength=bands).tolist())
        first_band.append(first_band[-1] + bands)
    edges = np.vstack(blocks) if blocks else np.empty((0, 4))
    band_start = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    extent = np.array((*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))) if blocks else np.zeros(4)
    return Polygons(edges, band_start, np.array(first_band, np.int32), boxes, extent, *_cells(boxes, extent))


def _edges(rings: Sequence[Floats]) -> Floats:
    parts = []
    for ring in rings:
        ring = np.asarray(ring, float)
        if not np.isfinite(ring).all():
            raise ValueError("a ring has a coordinate that is not finite")
        if len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
            ring = ring[:-1]
        if len(ring) < 3:
            raise ValueError("a ring needs at least three points")
        parts.append(np.hstack((ring, np.roll(ring, -1, axis=0))))
    if not parts:
        raise ValueError("a polygon needs at least one ring")
    return np.vstack(parts)


def _bands_of(edges: Floats, box: Floats, bands: int) -> tuple[Ints, Ints]:
    height = max(box[3] - box[1], 1e-300)
    at = (edges[:, [1, 3]] - box[1]) / height * bands
    index = np.clip(np.floor(at), 0, bands - 1).astype(np.int32)
    return index.min(axis=1), index.max(axis=1)


def _cells(boxes: Floats, extent: Floats) -> tuple[Ints, Ints]:
    size = np.maximum(extent[2:] - extent[:2], 1e-300)
    low = np.clip((boxes[:, :2] - extent[:2]) / size * _CELLS, 0, _CELLS - 1).astype(int)
    high = np.clip((boxes[:, 2:] - extent[:2]) / size * _CELLS, 0, _CELLS - 1).astype(int)
    lists: list[list[int]] = [[] for _ in range(_CELLS * _CELLS)]
    for k, ((c0, r0), (c1, r1)) in enumerate(zip(low, high, strict=True)):
        for r in range(r0, r1 + 1):
            for c in range(c0, c1 + 1):
                lists[r * _CELLS + c].append(k)
    start = np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(np.int32)
    return start, np.array([k for one in lists for k in one], np.int32)


@njit(cache=True, nogil=True)
def _holds(edges, band_start, first_band, boxes, k, x, y):  # type: ignore[no-untyped-def]
    if x < boxes[k, 0] or x > boxes[k, 2] or y < boxes[k, 1] or y > boxes[k, 3]:
        return False
    bands = first_band[k + 1] - first_band[k]
    height = max(boxes[k, 3] - boxes[k, 1], 1e-300)
    band = min(max(int(np.floor((y - boxes[k, 1]) / height * bands)), 0), bands - 1) + first_band[k]
    odd = False
    for e in range(band_start[band], band_start[band + 1]):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if (y0 <= y) != (y1 <= y):
            # always from the lower end up: the same edge seen from its other side gives the same crossing
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            if x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                odd = not odd
    return odd


@njit(cache=True, nogil=True)
def _first(edges, band_start, first_band, boxes, extent, cell_start, cell_polygon, x, y):  # type: ignore[no-untyped-def]
    out = np.full(x.size, -1, np.int32)
    fx = _CELLS / max(extent[2] - extent[0], 1e-300)
    fy = _CELLS / max(extent[3] - extent[1], 1e-300)
    for i in range(x.size):
        if not (extent[0] <= x[i] <= extent[2] and extent[1] <= y[i] <= extent[3]):
            continue
        c = min(int((x[i] - extent[0]) * fx), _CELLS - 1)
        r = min(int((y[i] - extent[1]) * fy), _CELLS - 1)
        for j in range(cell_start[r * _CELLS + c], cell_start[r * _CELLS + c + 1]):
            if _holds(edges, band_start, first_band, boxes, cell_polygon[j], x[i], y[i]):
                out[i] = cell_polygon[j]
                break
    return out


@njit(cache=True, nogil=True)
def _pairs(edges, band_start, first_band, boxes, extent, cell_start, cell_polygon, x, y):  # type: ignore[no-untyped-def]
    points, polygons = [np.int32(0) for _ in range(0)], [np.int32(0) for _ in range(0)]
    fx = _CELLS / max(extent[2] - extent[0], 1e-300)
    fy = _CELLS / max(extent[3] - extent[1], 1e-300)
    for i in range(x.size):
        if not (extent[0] <= x[i] <= extent[2] and extent[1] <= y[i] <= extent[3]):
            continue
        c = min(int((x[i] - extent[0]) * fx), _CELLS - 1)
        r = min(int((y[i] - extent[1]) * fy), _CELLS - 1)
        for j in range(cell_start[r * _CELLS + c], cell_start[r * _CELLS + c + 1]):
            if _holds(edges, band_start, first_band, boxes, cell_polygon[j], x[i], y[i]):
                points.append(np.int32(i))
                polygons.append(np.int32(cell_polygon[j]))
    return np.array(points, np.int32), np.array(polygons, np.int32)


def _arguments(polygons: Polygons, x: Floats, y: Floats) -> tuple[object, ...]:
    p = polygons
    x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
    return p.edges, p.band_start, p.first_band, p.boxes, p.extent, p.cell_start, p.cell_polygon, x, y


def first_holding(polygons: Polygons, x: Floats, y: Floats) -> Ints:
    """For each point the lowest index of a polygon that holds it, or -1. NaN points are in none."""
    if not len(polygons):
        return np.full(len(x), -1, np.int32)
    result: Ints = _first(*_arguments(polygons, x, y))
    return result


def all_holding(polygons: Polygons, x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """All pairs (point, polygon) where the polygon holds the point, ordered by point, then polygon."""
    if not len(polygons):
        return np.empty(0, np.int32), np.empty(0, np.int32)
    points, holding = _pairs(*_arguments(polygons, x, y))
    return points, holding
