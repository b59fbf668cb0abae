"""What comes in as geometry is right, or is refused with the place of what is wrong."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.geo import Geometry, VerticalDatum, check, read_geojson
from tongqu.kit import crs
from tongqu.kit.errors import Invalid

SQUARE = [[120.0, 28.0], [120.1, 28.0], [120.1, 28.1], [120.0, 28.1], [120.0, 28.0]]
BOW = [[120.0, 28.0], [120.2, 28.2], [120.2, 28.0], [120.0, 28.2], [120.0, 28.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def refused(value, **options):
    with pytest.raises(Invalid) as caught:
        read_geojson(value, **options)
    assert caught.value.status == 422
    return caught.value.problems


def test_a_bow_tie_is_refused_where_it_crosses():
    (problem,) = refused(polygon(BOW))
    assert problem.code == "geo.self_intersection"
    assert (problem.params["lon"], problem.params["lat"]) == pytest.approx((120.1, 28.1))
    assert "120.1, 28.1" in problem.as_dict()["detail"]["zh"]


def test_an_open_ring_is_refused_at_its_last_point():
    (problem,) = refused(polygon(SQUARE, SQUARE[:-1]))
    assert (problem.code, problem.field) == ("geo.open_ring", "geometry.coordinates[1][3]")


@pytest.mark.parametrize(
    ("point", "code"),
    [([28.0, 120.0], "geo.swapped"), ([190.0, 28.0], "geo.out_of_range"), ([0, 0], "geo.zero")],
)
def test_a_wrong_position_is_refused_with_its_path(point, code):
    line = {"type": "LineString", "coordinates": [[120.0, 28.0], point]}
    (problem,) = refused(line, field="route")
    assert (problem.code, problem.field) == (code, "route.coordinates[1]")


def test_each_wrong_position_is_named():
    line = {"type": "LineString", "coordinates": [[200, 28], [120, 28], [120, 100]]}
    assert [problem.field for problem in refused(line)] == ["geometry.coordinates[0]", "geometry.coordinates[2]"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "geo.wrong_type"),
        ({"type": "Circle"}, "geo.wrong_type"),
        ({"type": "Point"}, "geo.no_coordinates"),
        ({"type": "Point", "coordinates": []}, "geo.no_coordinates"),
        ({"type": "Point", "coordinates": ["120", "28"]}, "geo.no_coordinates"),
        ({"type": "LineString", "coordinates": [[120.0, 28.0], None]}, "geo.no_coordinates"),
        ({"type": "LineString", "coordinates": [120.0, 28.0]}, "geo.unreadable"),
        ({"type": "GeometryCollection"}, "geo.no_coordinates"),
        ({"type": "GeometryCollection", "geometries": [7]}, "geo.no_coordinates"),
        (polygon(SQUARE, [[121, 28], [121.01, 28], [121, 28.01], [121, 28]]), "geo.hole_outside"),
    ],
)
def test_what_is_no_geometry_is_refused(value, code):
    assert refused(value)[0].code == code


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=12,
    ),
    st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection"]),
)
def test_no_rubbish_comes_through(coordinates, kind):
    value = {"type": kind, "coordinates": coordinates, "geometries": coordinates}
    try:
        assert read_geojson(value).shape.is_valid
    except Invalid as error:
        assert error.problems


def test_heights_need_a_datum_and_keep_it():
    shape = shapely.Point(120.0, 28.0, 31.25)
    with pytest.raises(Invalid, match="no_vertical_datum"):
        check(shape)
    point = check(shape, vertical=VerticalDatum.NATIONAL_1985)
    again = Geometry.of_columns(point.as_columns())
    assert (again.shape.z, again.vertical) == (31.25, VerticalDatum.NATIONAL_1985)
    assert not read_geojson({"type": "Point", "coordinates": [120.0, 28.0, 31.25]}).shape.has_z


def test_shifted_coordinates_come_in_labelled():
    shape = shapely.LineString([[120.0, 28.0], [120.1, 28.1]])
    kept = check(shape, datum=crs.Datum.GCJ02).shape
    lon, lat = crs.from_wgs84(*kept.coords.xy, crs.Datum.GCJ02)
    assert (*lon, *lat) == pytest.approx((120.0, 120.1, 28.0, 28.1), abs=1e-8)
    assert kept.coords[0] != (120.0, 28.0)


def test_geojson_is_generalised_to_its_tolerance():
    wiggly = shapely.LineString([(120 + i * 1e-4, 28 + (i % 2) * 1e-6) for i in range(100)])
    assert len(Geometry(wiggly).as_geojson()["coordinates"]) == 100
    assert len(Geometry(wiggly).as_geojson(1e-5)["coordinates"]) == 2


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([(120.0, 28.0), (float("nan"), 28.1), (120.2, 28.0)], None),
        ([(120.0, 28.0), (28.1, 120.1), (120.2, 28.0)], "geo.swapped"),
        ([(120.0, 28.0), (0.0, 0.0), (120.2, 28.0)], "geo.zero"),
        ([(120.0, 28.0), (float("inf"), 28.0)], "geo.not_a_number"),
    ],
)
def test_shapes_from_programs_are_checked_as_well(points, code):
    with pytest.raises(Invalid) as caught:
        check(shapely.LineString(points))
    (problem,) = caught.value.problems
    assert problem.code == code or (code is None and problem.code.startswith("geo."))
