"""Contours of a grid as polygons, and smoothing of lines."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numba import njit

from tongqu.kit.world.relief import Field
from tongqu.kit.world.values import Floats, Geometry, Ints

# Marching squares: for the 16 cases of corners above the level (bit 0 south-west, 1 south-east, 2 north-east,
# 3 north-west) up to two directed segments between sides (0 south, 1 east, 2 north, 3 west), high on the left.
_SEGMENTS = np.array(
    [(-1, -1, -1, -1), (0, 3, -1, -1), (1, 0, -1, -1), (1, 3, -1, -1), (2, 1, -1, -1), (0, 3, 2, 1), (2, 0, -1, -1),
     (2, 3, -1, -1), (3, 2, -1, -1), (0, 2, -1, -1), (1, 0, 3, 2), (1, 2, -1, -1), (3, 1, -1, -1), (0, 1, -1, -1),
     (3, 0, -1, -1), (-1, -1, -1, -1)], np.int8)  # fmt: skip


@njit(cache=True, nogil=True)
def _rings(values, level):  # type: ignore[no-untyped-def]
    """Closed contour rings of a grid whose border is below the level: points (column, row), and ring starts."""
    height, width = values.shape
    size = height * width
    following = np.full(2 * size, -1, np.int32)  # side -> next side; a side is its cell corner, east or north
    crossings = 0
    for r in range(height - 1):
        for c in range(width - 1):
            case = 0
            if values[r, c] > level:
                case |= 1
            if values[r, c + 1] > level:
                case |= 2
            if values[r + 1, c + 1] > level:
                case |= 4
            if values[r + 1, c] > level:
                case |= 8
            if case == 0 or case == 15:
                continue
            sides = (r * width + c, size + r * width + c + 1, (r + 1) * width + c, size + r * width + c)
            for k in range(0, 4, 2):
                if _SEGMENTS[case, k] >= 0:
                    following[sides[_SEGMENTS[case, k]]] = sides[_SEGMENTS[case, k + 1]]
                    crossings += 1
    points = np.empty((crossings, 2))
    starts = [0]
    n = 0
    for first in range(2 * size):
        side = first
        if following[side] < 0:
            continue
        while following[side] >= 0:
            corner = side % size
            r, c = corner // width, corner % width
            a = values[r, c]
            if side < size:
                points[n, 0] = c + (level - a) / (values[r, c + 1] - a)
                points[n, 1] = r
            else:
                points[n, 0] = c
                points[n, 1] = r + (level - a) / (values[r + 1, c] - a)
            n += 1
            following[side], side = -1, following[side]
        starts.append(n)
    return points[:n], np.array(starts)


def chaikin(points: Floats, times: int = 1, closed: bool = False) -> Floats:
    """Corner cutting; an open line keeps its ends."""
    for _ in range(times):
        a, b = (points, np.roll(points, -1, axis=0)) if closed else (points[:-1], points[1:])
        cut = np.empty((2 * len(a), points.shape[1]))
        cut[0::2] = 0.75 * a + 0.25 * b
        cut[1::2] = 0.25 * a + 0.75 * b
        points = cut if closed else np.vstack((points[:1], cut[1:-1], points[-1:]))
    return points


def areas_above(field: Field, level: float, *, smallest_m2: float, tolerance_m: float, smooth: int = 1) -> Geometry:
    """The area in the plane where `field` is above `level`, as a valid (multi)polygon.

    Rings smaller than `smallest_m2` are dropped, holes too.
    """
    padded = np.pad(field.values, 1, constant_values=min(level - 1e-3, float(field.values.min()) - 1e-3))
    # the rim must stand just beyond the edge, not half a cell in: the value fades over a sliver only
    points, starts = _rings(padded, level)
    points = np.clip((points - 0.5) * field.cell_m, 0, None)
    points[:, 0] = np.minimum(points[:, 0], field.values.shape[1] * field.cell_m)
    points[:, 1] = np.minimum(points[:, 1], field.values.shape[0] * field.cell_m)
    rings: list[Any] = []
    for a, b in pairwise(starts):
        if b - a < 4:
            continue
        ring = shapely.LinearRing(chaikin(points[a:b], smooth, closed=True))
        if shapely.area(shapely.polygons(ring)) >= smallest_m2:
            rings.append(ring)
    if not rings:
        return shapely.MultiPolygon()
    area = shapely.build_area(shapely.GeometryCollection(rings))
    return shapely.make_valid(shapely.simplify(area, tolerance_m))


def resample(points: Floats, step: float) -> Floats:
    """Points at equal steps of about `step` along a line; ends are kept. Further columns are interpolated."""
    lengths = np.hypot(*np.diff(points[:, :2], axis=0).T)
    keep = np.concatenate(([True], lengths > 1e-6))
    points = points[keep]
    along = np.concatenate(([0.0], np.cumsum(lengths[keep[1:]])))
    n = max(2, round(along[-1] / step) + 1)
    at = np.linspace(0, along[-1], n)
    return np.column_stack([np.interp(at, along, points[:, k]) for k in range(points.shape[1])])


def gaussian(points: Floats, sigma: float) -> Floats:
    """Smooth an equally spaced line by a Gaussian of `sigma` points; its ends stay where they are."""
    radius = int(min(3 * sigma, len(points) - 1))
    if radius < 1:
        return points
    # point reflection at the ends: the smoothed line still passes through them
    head = 2 * points[0] - points[radius:0:-1]
    tail = 2 * points[-1] - points[-2 : -radius - 2 : -1]
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.vstack((head, points, tail))
    return np.column_stack([np.convolve(padded[:, k], kernel, mode="valid") for k in range(points.shape[1])])


def starts_of(parts: list[Floats]) -> Ints:
    """Start offsets of parts in their concatenation."""
    return np.cumsum([0] + [len(p) for p in parts]).astype(np.int32)
