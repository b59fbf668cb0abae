"""Shifted coordinates, zones and sanity of coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tongqu.kit import crs
from tongqu.kit.crs import Datum, Fault, GaussZone, LocalFrame
from tongqu.kit.crs.datum import BOX

# Pairs (lon, lat) that the open implementations of the shift publish with their tests.
WGS84_GCJ02 = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
GCJ02_BD09 = ((116.404, 39.915), (116.41036949371029, 39.92133699351022))


@pytest.mark.parametrize(("wgs84", "gcj02"), WGS84_GCJ02)
def test_gcj02_meets_the_published_pairs(wgs84, gcj02):
    assert crs.from_wgs84(*wgs84, Datum.GCJ02) == pytest.approx(gcj02, abs=1e-9)
    assert crs.to_wgs84(*gcj02, Datum.GCJ02) == pytest.approx(wgs84, abs=1e-9)


def test_bd09_meets_the_published_pair():
    gcj02, bd09 = GCJ02_BD09
    wgs84 = crs.to_wgs84(*bd09, Datum.BD09)
    assert crs.from_wgs84(*wgs84, Datum.GCJ02) == pytest.approx(gcj02, abs=1e-9)
    assert crs.from_wgs84(*wgs84, Datum.BD09) == pytest.approx(bd09, abs=1e-9)


inside = st.tuples(st.floats(BOX[0] + 0.05, BOX[2] - 0.05), st.floats(BOX[1] + 0.05, BOX[3] - 0.05))


@given(inside, st.sampled_from([Datum.GCJ02, Datum.BD09]))
def test_shift_and_back_is_the_same_point(point, datum):
    shifted = crs.from_wgs84(*point, datum)
    assert np.hypot(shifted.lon - point[0], shifted.lat - point[1]) > 1e-5
    assert crs.to_wgs84(*shifted, datum) == pytest.approx(point, abs=1e-9)


def test_arrays_and_the_world_outside_the_box():
    lon, lat = np.array([121.5, -104.99, 2.35]), np.array([31.2, 39.74, 48.85])
    shifted = crs.from_wgs84(lon, lat, Datum.GCJ02)
    assert shifted.lon[0] != lon[0]
    assert shifted.lon[1:].tolist() == lon[1:].tolist()
    assert crs.to_wgs84(*shifted, Datum.GCJ02).lat == pytest.approx(lat, abs=1e-9)


@pytest.mark.parametrize("lat", [18.0, 27.9, 30.0, 53.0])
def test_northing_on_the_central_meridian_is_the_meridian_arc(lat):
    zone = GaussZone(40)
    easting, northing = zone.project(120.0, lat)
    _, _, arc_m = Geod(ellps="GRS80").inv(120.0, 0.0, 120.0, lat)
    assert float(easting) == pytest.approx(40_500_000, abs=1e-4)
    assert float(northing) == pytest.approx(arc_m, abs=1e-3)


def test_zones_and_their_codes():
    assert (crs.zone_of(120.6), crs.zone_of(118.49), crs.zone_of(118.5)) == (40, 39, 40)
    assert GaussZone(25).epsg == 4513
    assert GaussZone(45, prefixed=False).epsg == 4554
    assert GaussZone.of_epsg(4549) == GaussZone(40, prefixed=False)
    assert float(GaussZone(40, prefixed=False).project(120.6, 27.9)[0]) < 1e6
    for wrong in (4512, 4555, 4326):
        with pytest.raises(ValueError, match="3-degree zone"):
            GaussZone.of_epsg(wrong)
    with pytest.raises(ValueError, match="zone"):
        crs.zone_of(2.3)


@given(st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_local_frame_loses_nothing(x_m, y_m):
    frame = LocalFrame.around(120.61, 27.93)
    assert (frame.easting_m % 1000, frame.northing_m % 1000) == (0, 0)
    assert frame.to_local(*frame.to_lonlat(x_m, y_m)) == pytest.approx((x_m, y_m), abs=1e-5)


def test_faults():
    lon = [np.nan, 31.2, 200.0, 0.0, 121.5, 31.2]
    lat = [1.0, 121.5, 10.0, 0.0, 31.2, 30.0]
    assert [crs.sanity.FAULTS[code] for code in crs.faults(lon, lat)] == [
        Fault.NOT_A_NUMBER,
        Fault.SWAPPED,
        Fault.OUT_OF_RANGE,
        Fault.ZERO,
        None,
        None,
    ]
    assert crs.fault_of(float("inf"), 0.0) is Fault.NOT_A_NUMBER
