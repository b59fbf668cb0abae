"""Shapes and places over HTTP."""

from __future__ import annotations

import pytest
import shapely

from tongqu.kernel.geo import check, put_region_shape
from tongqu.kernel.store import system_actor
from tongqu.kit import crs


@pytest.fixture(autouse=True)
def regions(store):
    with store.write(system_actor("test")) as work:
        put_region_shape(work, "990101", check(shapely.Point(120.5, 28.5).buffer(0.3, quad_segs=200)))


def test_shape_is_generalised_by_zoom_and_cached(client):
    fine, coarse = (client.get("/api/v1/geo/regions/990101/shape", params={"zoom": zoom}) for zoom in (22, 6))
    points = [len(answer.json()["geometry"]["coordinates"][0]) for answer in (fine, coarse)]
    assert points[0] == 801
    assert 4 < points[1] < 40
    assert fine.headers["content-type"] == "application/geo+json"
    assert fine.json()["properties"]["level"] == "county"
    tag = {"If-None-Match": fine.headers["etag"]}
    assert client.get("/api/v1/geo/regions/990101/shape", params={"zoom": 22}, headers=tag).status_code == 304
    assert client.get("/api/v1/geo/regions/990101/shape", params={"zoom": 21}, headers=tag).status_code == 200


def test_a_region_without_shape_is_a_problem(client):
    answer = client.get("/api/v1/geo/regions/990102/shape")
    assert (answer.status_code, answer.json()["code"]) == (404, "geo.no_shape")
    assert client.get("/api/v1/geo/regions/99a/shape").json()["code"] == "geo.bad_region"


def test_where_reads_and_gives_all_systems(client):
    lon, lat = (float(value) for value in crs.from_wgs84(120.5, 28.5, crs.Datum.BD09))
    here = client.get("/api/v1/geo/where", params={"lon": lon, "lat": lat, "datum": "bd09"}).json()
    assert (here["lon"], here["lat"]) == pytest.approx((120.5, 28.5), abs=1e-8)
    assert here["bd09"] == pytest.approx((lon, lat), abs=1e-7)
    assert (here["datum"], here["region"]) == ("wgs84", "990101")
    assert [region["level"] for region in here["regions"]] == ["province", "city", "county"]
    assert (here["zone"]["epsg"], int(here["zone"]["easting_m"] // 1e6)) == (4528, 40)


def test_where_outside_of_all(client):
    here = client.get("/api/v1/geo/where", params={"lon": 2.35, "lat": 48.85}).json()
    assert (here["region"], here["regions"], here["zone"]) == (None, [], None)
    assert here["gcj02"] == [2.35, 48.85]


def test_where_refuses_what_is_no_place(client):
    answer = client.get("/api/v1/geo/where", params={"lon": 28.5, "lat": 120.5})
    assert (answer.status_code, answer.json()["code"]) == (422, "geo.swapped")
    assert client.get("/api/v1/geo/where", params={"lon": "nan", "lat": 1}).json()["code"] == "geo.not_a_number"
    assert client.get("/api/v1/geo/where", params={"lon": 1, "lat": 1, "datum": "wgs72"}).status_code == 422
