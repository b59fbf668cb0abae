"""Contours of a grid as polygons, and smoothing of lines."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from tongqu.kit.geometry import contours
from tongqu.kit.world.relief import Field
from tongqu.kit.world.values import Floats, Geometry, Ints


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
    points, starts = contours.rings(padded, level)
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
