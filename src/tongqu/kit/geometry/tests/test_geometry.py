"""Geometry against shapely (GEOS) as an independent witness."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kit.geometry import lines, polygons


def star(seed: int, corners: int, cx: float, cy: float, radius: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.2, 1.0, corners)
    return np.column_stack((cx + reach * np.cos(angle), cy + reach * np.sin(angle)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(3, 400))
def test_points_in_stars_as_geos_says(seed: int, corners: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [star(seed + k, corners, *rng.uniform(0, 4, 2), 2.0) for k in range(7)]
    x, y = rng.uniform(-2, 6, (2, 500))
    packed = polygons.pack([[shape] for shape in shapes])
    truth = np.array([shapely.contains_xy(shapely.Polygon(shape), x, y) for shape in shapes])
    points, holding = polygons.all_holding(packed, x, y)
    mine = np.zeros_like(truth)
    mine[holding, points] = True
    assert np.array_equal(mine, truth)
    first = polygons.first_holding(packed, x, y)
    assert np.array_equal(first, np.where(truth.any(axis=0), truth.argmax(axis=0), -1))


def test_hole_and_second_part() -> None:
    box = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], float)
    packed = polygons.pack([[box, box * 0.4 + 3, box + 20]])
    at = np.array([1.0, 5.0, 25.0, 15.0])
    assert polygons.first_holding(packed, at, at).tolist() == [0, -1, 0, -1]


def test_point_on_a_shared_border_is_in_exactly_one_polygon() -> None:
    rng = np.random.default_rng(3)
    border = np.column_stack((rng.uniform(4, 6, 50), np.linspace(0, 10, 50)))
    left = np.vstack(([0.0, 0.0], border, [0.0, 10.0]))
    right = np.vstack(([10.0, 0.0], border, [10.0, 10.0]))
    packed = polygons.pack([[left], [right]])
    t = rng.uniform(0, 1, 49)
    on = border[:-1] + t[:, None] * np.diff(border, axis=0)
    points, _ = polygons.all_holding(packed, on[:, 0], on[:, 1])
    assert np.array_equal(np.bincount(points, minlength=49), np.ones(49))


@pytest.mark.parametrize("rings", [[], [np.zeros((2, 2))], [np.array([(0, 0), (1, np.nan), (1, 1)])]])
def test_impossible_polygons_are_refused(rings: list) -> None:
    with pytest.raises(ValueError, match="ring"):
        polygons.pack([rings])


def test_not_a_number_is_nowhere() -> None:
    packed = polygons.pack([[np.array([(0, 0), (1, 0), (1, 1.0)])]])
    assert polygons.first_holding(packed, np.array([np.nan, 0.9]), np.array([0.5, 0.5])).tolist() == [-1, 0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.05, 3.0))
def test_nearest_line_as_geos_says(seed: int, cell: float) -> None:
    rng = np.random.default_rng(seed)
    shapes = [np.cumsum(rng.normal(0, 0.4, (rng.integers(2, 30), 2)), axis=0) + rng.uniform(0, 5, 2) for _ in range(9)]
    packed = lines.pack(shapes, cell=cell)
    x, y = rng.uniform(-1, 6, (2, 200))
    feet = lines.nearest(packed, x, y, reach=1.5)
    geos = np.array([shapely.distance(shapely.LineString(s), shapely.points(x, y)) for s in shapes])
    near = geos.min(axis=0) <= 1.5
    assert np.array_equal(feet.line >= 0, near)
    assert np.allclose(feet.distance[near], geos.min(axis=0)[near])
    for i in np.flatnonzero(near)[:40]:
        foot = shapely.line_interpolate_point(shapely.LineString(shapes[feet.line[i]]), feet.along[i])
        assert np.allclose((foot.x, foot.y), (feet.x[i], feet.y[i]), atol=1e-9)


def test_nearest_in_degrees_measures_metres() -> None:
    packed = lines.pack([np.array([(120.0, 28.0), (120.1, 28.0)])], cell=500, scale=(98_000.0, 110_800.0))
    feet = lines.nearest(packed, np.array([120.05]), np.array([28.001]), reach=1000)
    assert feet.distance[0] == pytest.approx(110.8)
    assert feet.along[0] == pytest.approx(4900)
    assert feet.x[0] == pytest.approx(120.05)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.0, 2.0))
def test_simplified_line_stays_within_tolerance(seed: int, tolerance: float) -> None:
    points = np.cumsum(np.random.default_rng(seed).normal(0, 1, (200, 2)), axis=0)
    keep = lines.simplify(points[:, 0], points[:, 1], tolerance)
    assert keep[0] and keep[-1]
    simple = shapely.LineString(points[keep])
    assert shapely.distance(simple, shapely.points(points)).max() <= tolerance + 1e-9
    if tolerance == 0:
        assert keep.all()
