"""Roads over HTTP: routes with calibration, what lies along them, the search box, limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from tongqu.domains.roads import store
from tongqu.domains.roads.searches import find_route, find_stake
from tongqu.domains.roads.service import network
from tongqu.domains.roads.tests.conftest import ALL, CHIEF, CITY, READER, ROOT, road
from tongqu.domains.roads.values import Network, NewLink
from tongqu.kernel.geo import Mark, Route, check, plain
from tongqu.kernel.geo.limits import SpeedLimits
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.platform import Platform


@pytest.fixture
def app(platform: Platform) -> Any:
    return application(platform, *ALL)


def test_a_route_shows_its_stakes_and_broken_chains(app: Any, add_route: Callable[..., Route]) -> None:
    route = add_route("X101", "990303", plain(0, 0), Mark(5_000, 5_000, 4_700))
    client = as_person(app, READER)
    (row,) = client.get("roads/routes").json()["items"]
    assert (row["first_stake"], row["calibrated"], row["length_km"]) == ("K0+000", True, pytest.approx(20.8, abs=1))
    shown = client.get(f"roads/routes/{route.id}").json()
    (chain,) = shown["lines"][0]["chains"]
    assert (chain["chain"], chain["back"], chain["ahead"]) == ("long", "K5+000", "K4+700")
    shape = client.get(f"roads/routes/{route.id}/shape").json()
    assert shape["features"][0]["geometry"]["type"] == "LineString"
    assert client.get("roads/routes/77").status_code == 404


def test_calibrating_by_points_answers_with_what_is_odd(app: Any, add_route: Callable[..., Route]) -> None:
    route = add_route()
    client = as_person(app, CHIEF)
    line = client.get(f"roads/routes/{route.id}").json()["lines"][0]
    address = f"roads/routes/{route.id}/lines/{line['id']}/marks"
    lon, lat = road()[100]
    marks = [{"along_m": 0, "stake": "K10"}, {"lon": lon, "lat": lat, "stake": "K17+000"}]
    answer = client.put(address, json={"marks": marks})
    assert [problem["code"] for problem in answer.json()["problems"]] == ["geo.stake_gap"]
    found = client.get("geo/stakes/find", params={"q": "X101 K17+000"}).json()["places"][0]
    assert (found["lon"], found["lat"]) == (pytest.approx(lon, abs=1e-4), pytest.approx(lat, abs=1e-4))
    falling = client.put(address, json={"marks": [marks[1], {"along_m": 20_000, "stake": "K3"}]})
    assert falling.status_code == 422 and falling.json()["problems"][0]["code"] == "geo.stake_decreasing"
    off = client.put(address, json={"marks": [{"lon": 121.0, "lat": 28.0, "stake": "K1"}]})
    assert off.json()["problems"][0]["code"] == "roads.mark_far_off"
    assert client.put(address, json={"marks": [{"stake": "K1"}]}).status_code == 422
    assert as_person(app, CITY).put(address, json={"marks": marks}).status_code == 403
    assert as_person(app, READER).put(address, json={"marks": marks}).status_code == 403


def test_facilities_are_registered_found_changed_and_retired(app: Any, add_route: Callable[..., Route]) -> None:
    route = add_route()
    client = as_person(app, CHIEF)
    body = {"kind": "camera", "name": "甲", "number": "X101", "stake": "K3+200", "code": "C-1"}
    made = client.post("roads/facilities", json=body)
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["stake"], row["region"], row["direction"]) == ("K3+200", "990303", "both")
    for q in ("甲", "c-1", "X101 K3+200"):
        assert client.get("roads/facilities", params={"q": q}).json()["total"] == 1, q
    along = client.get(f"roads/routes/{route.id}/along", params={"from_m": 3_000, "to_m": 4_000}).json()
    assert [item["id"] for item in along["items"]] == [row["id"]]
    address = f"roads/facilities/{row['id']}"
    tag = client.get(address).headers["ETag"]
    changed = client.patch(address, json={"stake": "K4+000"}, headers={"If-Match": tag}).json()
    assert changed["stake"] == "K4+000" and changed["lon"] < row["lon"]
    assert client.patch(address, json={"name": "x"}, headers={"If-Match": tag}).status_code == 412
    assert client.post(f"{address}/retire", json={}).json()["active"] is False
    assert client.patch(address, json={"name": "x"}).status_code == 409
    assert as_person(app, CITY).get(address).status_code == 404


def test_the_search_box_jumps_to_stakes_and_routes(platform: Platform, add_route: Callable[..., Route]) -> None:
    add_route()
    add_route("X101", "990104", points=road(lon=121.0))
    with platform.store.read(READER) as work:
        hits = find_stake(work, "x101k3+200", 10)
        assert [hit.region for hit in hits] == ["990104", "990303"] and all(hit.lon for hit in hits)
        assert hits[0].urn.endswith("K3-200") and hits[0].title == "X101 K3+200"
        assert [hit.title for hit in find_stake(work, "X101 (990303) K3+200", 10)] == ["X101 K3+200"]
        assert find_stake(work, "K3+200", 10) == find_stake(work, "澜A12345", 10) == []
        assert len(find_route(work, "x10", 10)) == 2 and find_route(work, "试线", 1)[0].kind == "route"


def links(*rows: tuple[Any, ...]) -> tuple[NewLink, ...]:
    return tuple(
        NewLink(
            f"w{n}", road_class, check(shapely.LineString(points)), oneway=oneway, limit_kmh=ahead, limit_back_kmh=back
        )
        for n, (road_class, points, oneway, ahead, back) in enumerate(rows)
    )


def test_limits_hold_on_the_road_that_leads_the_way(platform: Platform) -> None:
    """By road and way: an expressway's carriageway, a road with a limit each way, and nothing where nothing is
    known."""
    made = links(
        ("expressway", [(120.0, 27.0), (120.0, 27.1)], True, 120.0, None),
        ("county", [(120.2, 27.0), (120.2, 27.1)], False, 60.0, 40.0),
        ("county", [(120.4, 27.0), (120.4, 27.1)], False, 50.0, None),
        ("street", [(120.6, 27.0), (120.6, 27.1)], False, None, None),
    )
    network.take(platform, ROOT, Network("n", "test", "", made, ()))
    lon = np.array([120.0, 120.0, 120.2, 120.2, 120.4, 120.6, 120.8])
    heading = np.array([0, 180, 0, 180, 180, 0, 0], np.int16)
    found = platform.service(SpeedLimits).at(lon, np.full(7, 27.05), heading, np.zeros(7, np.int64))  # type: ignore[type-abstract]
    assert np.array_equal(found.limit_kmh, [120, np.nan, 60, 40, 50, np.nan, np.nan], equal_nan=True)
    assert found.expressway.tolist() == [True, False, False, False, False, False, False]


def test_a_run_that_broke_off_counts_for_nothing(platform: Platform) -> None:
    """Links of a run that ended half way are there but do not count; the next run clears them."""
    good = links(("county", [(120.2, 27.0), (120.2, 27.1)], False, 60.0, 60.0))
    broken = Network("n", "test", "", good * 700, ())

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.take(platform, ROOT, broken, stop)
    with platform.store.read(ROOT) as work:
        assert store.links_of_class(work) == {} and store.limited_links(work) == []
    network.take(platform, ROOT, Network("n", "test", "", good, ()))
    with platform.store.read(ROOT) as work:
        assert store.links_of_class(work)["county"][0] == 1 and len(store.sources(work)) == 1
