"""Limits are those of the road a vehicle is on and of the way it heads."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.geo.limits import SegmentLimits

M = 1 / 111_195.0
#                 east 120   west 90    ramp beside, east 40   north 60
X0 = np.array([120.00, 120.02, 120.00, 120.01])
Y0 = np.array([28.00, 28.00, 28.00 + 20 * M, 28.00])
X1 = np.array([120.02, 120.00, 120.02, 120.01])
Y1 = np.array([28.00, 28.00, 28.00 + 20 * M, 28.02])
ROADS = SegmentLimits(X0, Y0, X1, Y1, np.array([120.0, 90.0, 40.0, 60.0]), np.array([True, True, False, False]))


def at(lon: float, lat: float, heading: int) -> tuple[float, bool]:
    found = ROADS.at(np.array([lon]), np.array([lat]), np.array([heading], np.int16), np.zeros(1, np.int64))
    return float(found.limit_kmh[0]), bool(found.expressway[0])


def test_the_way_one_heads_decides() -> None:
    assert at(120.005, 28.0 - 5 * M, 88) == (120.0, True)
    assert at(120.005, 28.0 - 5 * M, 272) == (90.0, True)
    assert at(120.01, 28.01, 2) == (60.0, False)
    assert np.isnan(at(120.01, 28.01, 182)[0]), "a way nobody may go has no limit"


def test_where_two_roads_are_near_the_higher_limit_counts() -> None:
    assert at(120.005, 28.0 + 15 * M, 90) == (120.0, True)
    assert at(120.005, 28.0 + 40 * M, 90) == (40.0, False)


def test_far_from_roads_nothing_is_known() -> None:
    for lon, lat in ((120.005, 28.0 - 31 * M), (119.0, 28.0), (120.005, 60.0), (float("nan"), 28.0)):
        assert np.isnan(at(lon, lat, 90)[0])
    nothing = SegmentLimits(*[np.zeros(0)] * 5, np.zeros(0, np.bool_))
    assert np.isnan(nothing.at(X0, Y0, np.zeros(4, np.int16), np.zeros(4, np.int64)).limit_kmh).all()


@given(st.floats(119.995, 120.025), st.floats(27.999, 28.021), st.integers(0, 359))
def test_it_agrees_with_distances_measured_otherwise(lon: float, lat: float, heading: int) -> None:
    shrink = np.cos(np.radians(28.01))
    here = shapely.Point(lon * shrink, lat)
    fits = []
    for x0, y0, x1, y1, limit in zip(X0, Y0, X1, Y1, (120.0, 90.0, 40.0, 60.0), strict=True):
        far_m = shapely.LineString([(x0 * shrink, y0), (x1 * shrink, y1)]).distance(here) / M
        way = np.degrees(np.arctan2((x1 - x0) * shrink, y1 - y0))
        turn = abs((way - heading + 180) % 360 - 180)
        if abs(far_m - 30) < 0.1 or abs(turn - 45) < 0.01:
            return
        if far_m <= 30 and turn <= 45:
            fits.append(limit)
    limit = at(lon, lat, heading)[0]
    assert np.isnan(limit) if not fits else limit == max(fits)
