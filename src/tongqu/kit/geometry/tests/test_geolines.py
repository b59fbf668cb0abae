"""Lines in longitude and latitude: compared with the geodesics of pyproj, and with trying every segment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from tongqu.kit.geometry import geolines

GEOD = Geod(ellps="GRS80")


def wiggle(lon: float, lat: float, points: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack(
        (lon + np.cumsum(rng.normal(3e-4, 3e-4, points)), lat + np.cumsum(rng.normal(0, 3e-4, points)))
    )


@pytest.mark.parametrize("lat", [-30.0, 0.0, 28.0, 47.1, 60.0])
def test_ways_along_a_line_are_geodesic_lengths(lat: float) -> None:
    line = wiggle(9.5, lat, 400, 3)
    ours = geolines.lengths_m(line[:, 0], line[:, 1])[-1]
    assert ours == pytest.approx(GEOD.line_length(line[:, 0], line[:, 1]), rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-60.0, 0.0, 28.0, 65.0]))
def test_the_foot_is_the_nearest_point_of_all_segments(seed: int, lat: float) -> None:
    """No point of any line, sampled densely, is nearer than the foot that was found."""
    lines = [wiggle(120 + k / 500, lat, 30, seed + k) for k in range(5)]
    packed = geolines.pack(lines)
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(120, 120.01, 20), lat + rng.uniform(-2e-3, 2e-3, 20)
    feet = geolines.nearest(packed, x, y, reach_m=2_000.0)
    assert (feet.line >= 0).all()
    dense = np.vstack([np.column_stack([np.interp(np.linspace(0, len(line) - 1, 4_000), range(len(line)), line[:, k])
                                        for k in (0, 1)]) for line in lines])  # fmt: skip
    for k in range(20):
        _, _, apart = GEOD.inv(np.full(len(dense), x[k]), np.full(len(dense), y[k]), dense[:, 0], dense[:, 1])
        assert abs(feet.offset_m[k]) <= apart.min() + 0.01
        _, _, foot = GEOD.inv(x[k], y[k], feet.lon[k], feet.lat[k])
        assert abs(feet.offset_m[k]) == pytest.approx(foot, abs=0.02)


def test_right_of_the_line_is_positive() -> None:
    north = geolines.pack([np.array([(120.0, 28.0), (120.0, 28.01)])])
    feet = geolines.nearest(north, np.array([120.0002, 119.9998]), np.array([28.005, 28.005]))
    assert feet.offset_m[0] > 19 and feet.offset_m[1] < -19


def test_beyond_reach_and_beyond_sense_there_is_no_foot() -> None:
    line = geolines.pack([np.array([(120.0, 28.0), (120.0, 28.01)])])
    x = np.array([120.001, np.nan, 500.0, -179.0, 120.0])
    y = np.array([28.005, 28.0, 28.0, -89.0, 91.0])
    assert geolines.nearest(line, x, y, reach_m=60.0).line.tolist() == [-1] * 5
    assert len(geolines.near(line, float("nan"), 28.0)) == 0 and len(geolines.near(line, -100.0, 60.0)) == 0


def test_a_heading_chooses_the_carriageway_that_leads_there() -> None:
    """Two carriageways 20 m apart: the point lies nearer to the southbound one and drives north."""
    east, west = [np.array([(lon, 28.0), (lon, 28.01)]) for lon in (120.0002, 120.0)]
    both = geolines.pack([east, west], [geolines.ALONG, geolines.AGAINST])
    x, y = np.array([120.00008] * 3), np.array([28.005] * 3)
    assert geolines.nearest(both, x, y, np.array([np.nan, 0.0, 180.0])).line.tolist() == [1, 0, 1]


def test_near_gives_each_line_once_and_a_loop_twice() -> None:
    loop = np.array([(120.0, 28.0), (120.02, 28.0), (120.02, 28.0002), (120.0, 28.0002)])
    across = np.array([(120.003, 27.99), (120.003, 28.01)])
    feet = geolines.near(geolines.pack([loop, across]), 120.003, 28.0001, reach_m=60.0)
    assert sorted(feet.line.tolist()) == [0, 0, 1]


def test_cut_has_the_length_that_was_asked_for() -> None:
    line = wiggle(120, 28, 100, 5)
    packed = geolines.pack([line])
    part = packed.cut(0, 1_200.0, 300.0)
    assert geolines.lengths_m(part[:, 0], part[:, 1])[-1] == pytest.approx(900.0, abs=1e-3)


@pytest.mark.parametrize("lines", [[], [np.zeros((1, 2))], [np.array([(0.0, 0.0), (np.nan, 1.0)])]])
def test_what_is_no_line_is_refused(lines: list[np.ndarray]) -> None:
    with pytest.raises(ValueError):
        geolines.pack(lines)
