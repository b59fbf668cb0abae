"""Journeys over HTTP on Porto Alegre: real streets and feeds, answers checked, reasons given, ids opened again."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, MODULES, zipped
from tongqu.domains.travel.tests.planning import planning, put_live, wait_ready
from tongqu.kernel.jobs.tests.support import application, as_person, fresh_platform

# the first test of a machine waits for code to be compiled
pytestmark = [pytest.mark.xdist_group("travel-journeys"), pytest.mark.timeout(900)]

CENTRE, PUC, OUTSIDE = "-51.2287,-30.0277", "-51.1730,-30.0594", "-51.10,-30.05"
NOON = "2019-05-13T13:00"  # the feed holds the trips of midday


@pytest.fixture(scope="module")
def porto_alegre(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("travel")
    (folder / "travel/streets").mkdir(parents=True)
    shutil.copy(data_dir / "travel/poa/poa_osm.pbf", folder / "travel/streets/poa.osm.pbf")
    live = {code: (data_dir / f"travel/poa/poa_{code}.zip").read_bytes() for code in ("eptc", "trensurb")}
    with planning(folder, live) as made:
        yield as_person(application(made, *ALL), CHIEF)


def ask(client: TestClient, origin: str = CENTRE, destination: str = PUC, **given: Any) -> dict[str, Any]:
    answer = client.get("travel/plan", params={"from": origin, "to": destination, "depart_at": NOON} | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_journeys_are_whole_from_door_to_door(porto_alegre: TestClient) -> None:
    found = ask(porto_alegre)
    assert found["reason"] is None and any(one["transfers"] == 0 for one in found["journeys"])
    assert any(leg["kind"] == "ride" for one in found["journeys"] for leg in one["legs"])
    for one in found["journeys"]:
        assert one["fare"] is None
        legs = one["legs"]
        assert legs[0]["line"][0] == pytest.approx([-51.2287, -30.0277], abs=2e-6)
        assert legs[-1]["line"][-1] == pytest.approx([-51.1730, -30.0594], abs=2e-6)
        for before, after in pairwise(legs):
            assert before["arrival_ms"] <= after["departure_ms"]
            assert (before["to"]["lon"], before["to"]["lat"]) == (after["from"]["lon"], after["from"]["lat"])
            # a ride is drawn on its street, a stop stands beside it
            assert before["line"][-1] == pytest.approx(after["line"][0], abs=2e-3)
        for leg in legs:
            assert leg["arrival_ms"] > leg["departure_ms"]
            assert leg["words"]["zh"] and leg["words"]["en"] and "{" not in leg["words"]["zh"]
            if leg["kind"] == "walk" and not leg["beeline"]:
                walked = sum(step["duration_s"] for step in leg["steps"])
                assert walked <= leg["duration_s"] + len(leg["steps"])


def test_arriving_by_is_in_time_and_leaves_no_earlier_than_it_must(porto_alegre: TestClient) -> None:
    found = ask(porto_alegre, depart_at=None, arrive_by="2019-05-13T14:30")
    rides = [one for one in found["journeys"] if any(leg["kind"] == "ride" for leg in one["legs"])]
    assert rides and all(one["arrival_ms"] <= found["arrive_ms"] for one in rides)
    latest = max(one["departure_ms"] for one in rides)
    again = ask(porto_alegre, depart_at=str(latest))
    assert min(one["arrival_ms"] for one in again["journeys"]) <= found["arrive_ms"]


def test_an_itinerary_is_the_same_when_it_is_opened_again(porto_alegre: TestClient) -> None:
    for one in ask(porto_alegre, modes="transit,walk,cycle", window_min=30)["journeys"]:
        opened = porto_alegre.get(f"travel/itineraries/{one['id']}").json()
        assert opened["state"] == "as_planned"
        assert opened["journey"] == one
    calendar = porto_alegre.get(f"travel/itineraries/{one['id']}/calendar.ics")
    assert calendar.headers["content-type"].startswith("text/calendar") and b"BEGIN:VEVENT" in calendar.content
    there = porto_alegre.get(f"travel/itineraries/{one['id']}/alternatives").json()
    assert there["journeys"]


@pytest.mark.parametrize("wrong", ["j1", "j1AAAA", "x", "j1" + "A" * 5000, "j1eJyLjgUAARUAuQ"])
def test_what_is_no_itinerary_is_refused(porto_alegre: TestClient, wrong: str) -> None:
    answer = porto_alegre.get(f"travel/itineraries/{wrong}")
    assert answer.status_code == 422 and answer.json()["code"] == "travel.bad_itinerary"


def test_no_journey_is_explained(porto_alegre: TestClient) -> None:
    def code(**given: Any) -> tuple[str, str]:
        reason = ask(porto_alegre, **given)["reason"]
        assert "{" not in reason["detail"]["zh"] and "{" not in reason["detail"]["en"]
        return reason["code"], reason["detail"]["en"]

    assert code(depart_at="2024-05-13T08:00")[0] == "outside_dates"
    assert "2019-12-31" in code(depart_at="2024-05-13T08:00")[1]
    assert code(origin="-50.0,-29.0")[0] == "outside_area"
    assert code(max_walk_min=1)[0] == "walk_limit"
    # the buses' calendar ends in July, the metro's at the end of the year
    assert code(depart_at="2019-12-31T23:30")[0] == "not_served"


def test_stops_outside_the_streets_are_reached_by_the_straight_line_and_say_so(porto_alegre: TestClient) -> None:
    told = porto_alegre.get("travel/network").json()
    assert told["ready"] and told["stops"] == 4_010
    assert 0.40 < told["stops_outside_streets"] / told["stops"] < 0.43
    found = ask(porto_alegre, destination=OUTSIDE)
    rides = [one for one in found["journeys"] if len(one["legs"]) > 1]
    assert rides and all(one["beeline"] and one["legs"][-1]["beeline"] for one in rides)


def test_input_that_makes_no_sense_is_refused(porto_alegre: TestClient) -> None:
    def code(**given: Any) -> str:
        params = {"from": CENTRE, "to": PUC, "depart_at": NOON} | given
        answer = porto_alegre.get("travel/plan", params=params)
        assert answer.status_code in (404, 422), answer.text
        return str(answer.json()["code"])

    assert code(**{"from": "-30.0277,-51.2287"}) == "travel.swapped"
    assert code(**{"from": "nan,1"}) == "travel.bad_place"
    assert code(**{"from": "stop:eptc:no such stop"}) == "travel.unknown_place"
    assert code(depart_at="tomorrow") == "travel.bad_time"
    for moment in ("9999-12-31T23:30", str(10**18)):
        assert code(depart_at=moment) == "travel.bad_time", "the end of all calendars"
    assert code(arrive_by=NOON) == "travel.two_moments"
    assert code(modes="broom") == "travel.bad_mode"


def test_a_place_is_called_as_it_is_written(porto_alegre: TestClient) -> None:
    found = ask(porto_alegre, **{"from": f"{CENTRE}, Centro \n Histórico "})
    assert found["from"]["name"] == "Centro Histórico"
    opened = porto_alegre.get(f"travel/itineraries/{found['journeys'][0]['id']}").json()
    assert opened["from"]["name"] == "Centro Histórico", "and every channel that opens the journey calls it so"


def test_step_free_takes_no_stairs(porto_alegre: TestClient) -> None:
    found = ask(porto_alegre, step_free=True, max_walk_min=25)
    steps = [step for one in found["journeys"] for leg in one["legs"] for step in leg.get("steps", ())]
    assert steps and not any(step["manoeuvre"] == "stairs" for step in steps)


def test_areas_and_places_reached(porto_alegre: TestClient) -> None:
    params = {"from": CENTRE, "minutes": "15,30", "depart_at": NOON}
    areas = porto_alegre.get("travel/isochrones", params=params)
    assert [one["properties"]["minutes"] for one in areas.json()["features"]] == [30, 15]
    near = areas.json()["features"][1]["properties"]
    assert near["area_km2"] > 1 and near["stops"] > 10

    def largest(**given: Any) -> dict[str, Any]:
        found = porto_alegre.get("travel/isochrones", params=params | given).json()["features"][0]
        return dict(found["properties"])

    best, worst = (largest(window_min=30, percentile=share) for share in (0, 100))
    assert best["area_km2"] > worst["area_km2"], "not every departure is the best one"
    assert largest(mode="walk")["stops"] is None
    places = [[-51.2287, -30.0277, 10], [-51.1730, -30.0594, 5], [-50.0, -29.0, 1]]
    body = {"origin": CENTRE, "places": places, "minutes": [5, 75], "depart_at": NOON, "window_min": 30}
    reached = porto_alegre.post("travel/accessibility", json=body).json()
    (_, middle, _) = reached["percentiles"]
    assert middle["duration_s"][2] is None and middle["duration_s"][0] < 60 < middle["duration_s"][1]
    assert [one["weight"] for one in middle["within"]] == [10, 15]


def test_a_version_made_live_is_planned_with_at_once_and_without_streets(tmp_path: Path) -> None:
    from tongqu.domains.travel.tests.conftest import SMALL

    platform = fresh_platform(tmp_path, *MODULES)
    network = Network(platform)
    platform.provide(network)
    client = as_person(application(platform, *ALL), "nobody")
    waiting = client.get("travel/plan", params={"from": "120.6,27.9", "to": "120.62,27.92"})
    assert (waiting.status_code, waiting.json()["code"]) == (503, "travel.no_timetable")
    network.start()
    put_live(platform, "wangting", zipped(SMALL))
    wait_ready(network)
    asked = {"from": "120.6001,27.9001", "to": "120.6199,27.9199", "depart_at": "2026-11-30T07:50"}
    first = client.get("travel/plan", params=asked).json()
    ride = next(leg for one in first["journeys"] for leg in one["legs"] if leg["kind"] == "ride")
    assert ride["ride"]["line"] == "1路" and ride["departure_ms"] == 1_795_996_800_000
    earlier = SMALL["stop_times.txt"].replace("t1,08:00:00,08:00:00", "t1,07:58:00,07:58:00")
    earlier = earlier.replace("t1,08:12:00,08:12:00", "t1,08:10:00,08:10:00")
    later = SMALL | {"stop_times.txt": earlier}
    put_live(platform, "wangting-2", zipped(later))
    until = time.monotonic() + 60
    while json.dumps(client.get("travel/network").json().get("feeds")) != '["wangting", "wangting-2"]':
        assert time.monotonic() < until
        time.sleep(0.05)
    second = client.get("travel/plan", params=asked).json()
    assert second["network"] != first["network"]
    assert (
        min(leg["departure_ms"] for one in second["journeys"] for leg in one["legs"] if leg["kind"] == "ride")
        == 1_795_996_800_000 - 120_000
    )
    platform.close()
