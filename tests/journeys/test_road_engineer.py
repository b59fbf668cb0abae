"""Journey 3: a road engineer loads a network, calibrates a route, and asks stakes both ways."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyogrio
import pytest
import shapely
from running import Running
from shell import tongqu

pytestmark = [pytest.mark.needs("equipment", "fleets", "insight", "roads"), pytest.mark.xdist_group("demo")]

EAST, NORTH = 120.77, 27.111
"""Where the engineer's own road begins: where the demo has none. It leads west, 9.9 km to a tenth of a degree."""


@pytest.fixture(scope="module")
def engineer(demo: Running) -> Iterator[httpx.Client]:
    client = demo.client("admin")
    yield client
    client.close()


def find(client: httpx.Client, q: str, **more: str) -> dict[str, Any]:
    return dict(client.get("geo/stakes/find", params={"q": q, **more}).raise_for_status().json())


def stakes(client: httpx.Client, lon: float, lat: float, **more: Any) -> list[dict[str, Any]]:
    return list(client.get("geo/stakes", params={"lon": lon, "lat": lat, **more}).raise_for_status().json()["places"])


def own_road(folder: Path, *, cpg: str = "GBK", lat: float = NORTH) -> Path:
    """X999 of 990201 as a Shapefile in GBK: two stretches whose stakes do not agree where they meet."""
    lon = EAST - np.linspace(0, 0.1, 21)
    shapes = [shapely.LineString([(x, lat) for x in part]) for part in (lon[:11], lon[10:])]
    names = np.array(["测试县道", "测试县道"], object)
    columns = [np.array(["X999990201"] * 2, object), names, np.array(["K0+000", "K4+700"], object),
               np.array(["K4+950", "K9+650"], object)]  # fmt: skip
    path = folder / "own.shp"
    pyogrio.raw.write(path, shapely.to_wkb(np.array(shapes, object)), columns, ["LXBM", "LXMC", "QDZH", "ZDZH"],
                      geometry_type="LineString", crs="EPSG:4490", driver="ESRI Shapefile", encoding="GBK")  # fmt: skip
    path.with_suffix(".cpg").write_text(cpg)
    return path


def test_an_extract_is_recognised_and_taken_in(demo: Running, engineer: httpx.Client, data_dir: Path) -> None:
    path = data_dir / "roads" / "osm" / "liechtenstein-latest.osm.pbf"
    done = tongqu("load", path, "--option", "region=99", "--data", demo.data)
    assert done.returncode == 0, done.stdout + done.stderr
    (source,) = engineer.get("roads/sources", params={"q": "liechtenstein"}).json()["items"]
    assert source["links"] > 2_000 and source["routes"] >= 4
    (route,) = engineer.get("roads/routes", params={"q": "L191"}).json()["items"]
    assert route["calibrated"] is False
    assert find(engineer, "L191 K1+000")["code"] == "geo.not_calibrated"


def test_half_an_extract_is_refused(demo: Running, data_dir: Path, tmp_path: Path) -> None:
    whole = (data_dir / "roads" / "osm" / "liechtenstein-latest.osm.pbf").read_bytes()
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(whole[: len(whole) // 2])
    done = tongqu("load", half, "--option", "region=99", "--data", demo.data)
    assert done.returncode == 1 and "osm.cut_short" in done.stderr


def test_a_shapefile_in_gbk_brings_a_route_with_a_broken_chain(
    demo: Running, engineer: httpx.Client, tmp_path: Path
) -> None:
    """K4+950 arrives and K4+700 goes on: the report says so, and K4+800 is there twice, 250 m apart."""
    done = tongqu("load", own_road(tmp_path, cpg="UTF-8"), "--data", demo.data)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = engineer.get("roads/routes", params={"q": "X999"}).json()["items"]
    assert (row["name"], row["first_stake"], row["last_stake"]) == ("测试县道", "K0+000", "K9+650")
    twice = find(engineer, "X999 K4+800")["places"]
    assert [place["stake"] for place in twice] == ["K4+800A", "K4+800B"]
    assert (twice[0]["lon"] - twice[1]["lon"]) * 99_100 == pytest.approx(250, abs=5)
    for place in twice:
        here = stakes(engineer, place["lon"], place["lat"])[0]
        assert (here["stake"], here["branch"]) == (place["stake"], place["branch"])


def test_a_shapefile_without_its_dbf_is_refused(demo: Running, tmp_path: Path) -> None:
    path = own_road(tmp_path)
    archive = tmp_path / "torn.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for suffix in (".shp", ".shx", ".prj"):
            made.write(path.with_suffix(suffix), f"own{suffix}")
    done = tongqu("load", archive, "--data", demo.data)
    assert done.returncode == 1 and "roads.no_dbf" in done.stderr


def test_the_engineer_calibrates_anew_and_what_stands_there_moves(engineer: httpx.Client) -> None:
    (row,) = engineer.get("roads/routes", params={"q": "X999"}).json()["items"]
    body = {"kind": "camera", "name": "测试摄像机", "number": "X999", "stake": "K2+000"}
    camera = engineer.post("roads/facilities", json=body).raise_for_status().json()
    line = engineer.get(f"roads/routes/{row['id']}").json()["lines"][0]
    marks = [{"along_m": 0, "stake": "K1"}, {"along_m": line["length_m"] - 1, "stake": "K10+900"}]
    address = f"roads/routes/{row['id']}/lines/{line['id']}/marks"
    assert engineer.put(address, json={"marks": marks}).raise_for_status().json()["problems"] == []
    moved = engineer.get(f"roads/facilities/{camera['id']}").json()
    assert moved["stake"] == "K2+000" and (moved["lon"] - camera["lon"]) * 99_100 == pytest.approx(1_000, abs=15)
    assert find(engineer, "X999 K0+500")["code"] == "geo.beyond_end"
    engineer.post(f"roads/facilities/{camera['id']}/retire", json={}).raise_for_status()


def test_stakes_are_asked_both_ways(engineer: httpx.Client) -> None:
    up, down = find(engineer, "G9901 K45+200")["places"]
    assert (up["text"]["zh"], down["text"]["zh"]) == ("G9901 K45+200 上行", "G9901 K45+200 下行")
    assert stakes(engineer, up["lon"], up["lat"])[0]["stake"] == "K45+200"
    assert [place["stake"] for place in find(engineer, "G9901 K60+000 上行")["places"]] == ["K60+000A", "K60+000B"]
    none = find(engineer, "G9901 K130+500 上行")
    assert none["places"] == [] and none["code"] == "geo.in_short_chain"
    asked = find(engineer, "X101 K3+200")
    assert asked["code"] == "geo.which_region" and {route["region"] for route in asked["routes"]} == {
        "990104",
        "990303",
    }
    assert len(find(engineer, "X101 K3+200", region="990104")["places"]) == 1


def test_the_search_box_jumps_to_a_stake(engineer: httpx.Client) -> None:
    hits = engineer.get("search", params={"q": "G9901 K45+200"}).raise_for_status().json()["items"]
    assert hits[0]["kind"] == "stake" and hits[0]["lon"] is not None


def test_what_stands_along_a_road_is_placed_by_stake(engineer: httpx.Client) -> None:
    """Each kind of the demo stands within metres of where its route has its stake."""
    (route,) = engineer.get("roads/routes", params={"q": "G9901"}).json()["items"]
    items = engineer.get(f"roads/routes/{route['id']}/along").raise_for_status().json()["items"]
    kinds = {item["kind"] for item in items}
    assert {"toll_station", "gantry", "tunnel", "bridge", "message_sign", "camera", "weather_station"} <= kinds
    for item in items[:: max(1, len(items) // 10)]:
        near = stakes(engineer, item["lon"], item["lat"], within_m=30)
        mine = [place for place in near if place["route"] == route["id"]]
        assert any(abs(place["stake_m"] - item["stake_m"]) < 1 for place in mine), item["name"]


def test_layers_of_stakes_and_facilities_are_drawn(engineer: httpx.Client) -> None:
    layers = {layer["id"] for layer in engineer.get("layers").raise_for_status().json()}
    assert {"roads.stakes", "roads.facilities"} <= layers
