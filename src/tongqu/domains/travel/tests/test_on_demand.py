"""Rides on request over HTTP: the Downtowner of Aspen, as its feed of 2020 has it in the draft form of GTFS-Flex.

One zone, fetched and set down at the door; in winter (26 November to 14 April) from 8 to 23, off season (15 April to 24
November) from 11 to 23; booked by phone or app as one rides; the mean ride takes the driving time and nine minutes.
"""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pyproj
import pytest
from fastapi.testclient import TestClient

from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, SMALL, zipped
from tongqu.domains.travel.tests.planning import planning
from tongqu.engines.transit.checker import Checker
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.platform import Platform
from tongqu.kit.time import ManualClock

pytestmark = [pytest.mark.xdist_group("travel-on-demand"), pytest.mark.timeout(600)]

DENVER = ZoneInfo("America/Denver")
HOTEL, LIBRARY, AIRPORT = (-106.8290, 39.1930), (-106.8120, 39.1850), (-106.8700, 39.2200)
"""Two doors in the zone, and one beyond it."""
WINTER, OFF_SEASON = "2021-01-15", "2021-05-10"
WINTER_TRIP, OFF_SEASON_TRIP = "t_1289257_b_28352_tn_0", "t_1289262_b_29084_tn_0"


def ms(day: str, clock: str) -> int:
    return round(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=DENVER).timestamp() * 1000)


def written(point: tuple[float, float], name: str = "") -> str:
    return f"{point[0]},{point[1]},{name}"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[Platform]:
    feed = (data_dir / "travel/gtfs-samples/aspen-flex-on-demand.zip").read_bytes()
    with planning(tmp_path_factory.mktemp("aspen"), {"aspen": feed}, clock=ManualClock(ms(WINTER, "07:30"))) as made:
        yield made


@pytest.fixture(scope="module")
def client(platform: Platform) -> TestClient:
    return as_person(application(platform, *ALL), CHIEF)


@pytest.fixture
def ask(platform: Platform, client: TestClient) -> Callable[..., dict[str, Any]]:
    """Asks at a moment for a journey of that moment."""

    def run(day: str, clock: str, origin: tuple[float, float] = HOTEL, destination: tuple[float, float] = LIBRARY,
            **given: Any) -> dict[str, Any]:  # fmt: skip
        platform.clock.at_ms = ms(day, given.pop("now", clock))
        asked = {"from": written(origin, "酒店"), "to": written(destination), "depart_at": f"{day}T{clock}"} | given
        answer = client.get("travel/plan", params={name: value for name, value in asked.items() if value})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return run


def straight_m() -> float:
    return float(pyproj.Geod(ellps="WGS84").line_length(*zip(HOTEL, LIBRARY, strict=True))) * 1.3


def confirm(journey: dict[str, Any], day: str, leaves: str, trip: str, opens: str) -> None:
    (leg,) = journey["legs"]
    # no streets are known: a straight line times 1.3, at 30 km/h, and the nine minutes of the feed
    seconds = straight_m() / (30 / 3.6) + 9 * 60
    assert leg["kind"] == "on_demand" and leg["beeline"] and journey["beeline"]
    assert leg["departure_ms"] == journey["departure_ms"] == ms(day, leaves)
    assert leg["duration_s"] == pytest.approx(seconds, abs=2)
    assert leg["length_m"] == pytest.approx(straight_m(), rel=5e-3)
    assert leg["line"] == [pytest.approx(HOTEL), pytest.approx(LIBRARY)]
    own = leg["on_demand"]
    assert (own["trip_id"], own["service_day"]) == (trip, day.replace("-", ""))
    assert (own["line"], own["agency"], own["estimate"]) == ("Downtowner", "City of Aspen", "mean")
    assert own["window_ms"] == [ms(day, opens), ms(day, "23:00")]
    booking = leg["booking"]
    assert booking["message"].startswith("The Downtowner provides free door-to-door transportation")
    assert booking | {"message": None} == {
        "type": "real_time", "until_ms": ms(day, leaves), "from_ms": None, "phone": "877-230-6045",
        "url": "https://www.cityofaspen.com/270/Downtowner", "message": None,
    }  # fmt: skip


def checked(leg: dict[str, Any], feed: Path) -> list[str]:
    """What who shares no code with the planner says of a leg."""
    own = leg["on_demand"]
    plain = SimpleNamespace(
        kind="on_demand", origin_stop_id=None, destination_stop_id=None, departure_ms=leg["departure_ms"],
        arrival_ms=leg["arrival_ms"], feed=feed.stem, trip_id=own["trip_id"], service_day=own["service_day"],
        origin_call=0, destination_call=1, until_ms=leg["booking"]["until_ms"], points=(HOTEL, LIBRARY),
    )  # fmt: skip
    return Checker([feed]).check(SimpleNamespace(legs=[plain], transfers=0))


def test_a_golden_journey_asked_before_the_service_opens(
    ask: Callable[..., Any], client: TestClient, data_dir: Path
) -> None:
    found = ask(WINTER, "07:30")
    (journey,) = found["journeys"]
    confirm(journey, WINTER, "08:00", WINTER_TRIP, "08:00")
    assert checked(journey["legs"][0], data_dir / "travel/gtfs-samples/aspen-flex-on-demand.zip") == []
    assert found["reason"] is None, "a ride on request is public transport"
    assert found["on_demand"] == {"offered": True, "reason": None} and found["zone"] == "America/Denver"
    words = journey["legs"][0]["words"]
    assert "Downtowner" in words["zh"] and "酒店" in words["zh"] and "Downtowner" in words["en"]
    assert "{" not in words["zh"] + words["en"]
    opened = client.get(f"travel/itineraries/{journey['id']}").json()
    assert opened["state"] == "as_planned"
    confirm(opened["journey"], WINTER, "08:00", WINTER_TRIP, "08:00")
    calendar = client.get(f"travel/itineraries/{journey['id']}/calendar.ics", params={"language": "en"})
    plain = calendar.text.replace("\r\n ", "")
    assert "DTSTART:20210115T150000Z" in plain and "877-230-6045" in plain and "Downtowner" in plain
    (again,) = client.get(f"travel/itineraries/{journey['id']}/alternatives").json()["journeys"]
    confirm(again, WINTER, "08:00", WINTER_TRIP, "08:00")


@pytest.mark.parametrize(
    ("day", "clock", "leaves", "trip", "opens"),
    [
        (WINTER, "12:34", "12:34", WINTER_TRIP, "08:00"),
        (OFF_SEASON, "10:00", "11:00", OFF_SEASON_TRIP, "11:00"),
        ("2021-04-14", "10:00", "10:00", WINTER_TRIP, "08:00"),
        ("2021-04-15", "10:00", "11:00", OFF_SEASON_TRIP, "11:00"),
        ("2021-03-14", "07:30", "08:00", WINTER_TRIP, "08:00"),
    ],
    ids=["open", "off season", "last day of winter", "first day off season", "clocks change"],
)
def test_it_leaves_at_once_or_when_it_opens(
    ask: Callable[..., Any], day: str, clock: str, leaves: str, trip: str, opens: str
) -> None:
    (journey,) = ask(day, clock)["journeys"]
    confirm(journey, day, leaves, trip, opens)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"clock": "23:30"}, "hours"),
        ({"clock": "05:59"}, "hours"),
        ({"clock": "22:50"}, "hours"),
        ({"clock": "12:00", "destination": AIRPORT}, "area"),
        ({"clock": "12:00", "origin": AIRPORT}, "area"),
        ({"clock": "12:00", "now": "23:30"}, "booking"),
        ({"clock": "12:00", "destination": (-106.8291, 39.1930)}, "walk"),
        ({"clock": "12:00", "day": "2021-11-25"}, "hours"),
        ({"clock": "12:00", "day": "2020-11-25"}, "hours"),
    ],
    ids=["closed", "opens in more than two hours", "closes before it arrives", "to beyond the zone",
         "from beyond the zone", "asked too late", "next door", "after the feed", "before the feed"],
)  # fmt: skip
def test_it_is_not_offered_and_says_why(ask: Callable[..., Any], given: dict[str, Any], why: str) -> None:
    found = ask(given.pop("day", WINTER), given.pop("clock"), **given)
    assert found["journeys"] == [] and found["reason"] is not None
    assert not found["on_demand"]["offered"] and found["on_demand"]["reason"]["code"] == why
    assert found["on_demand"]["reason"]["detail"]["zh"] and found["on_demand"]["reason"]["detail"]["en"]


def test_arriving_by_a_moment_one_is_there_at_it(ask: Callable[..., Any]) -> None:
    (journey,) = ask(WINTER, "18:00", depart_at=None, arrive_by=f"{WINTER}T18:00", now="12:00")["journeys"]
    assert journey["arrival_ms"] == ms(WINTER, "18:00")
    leg = journey["legs"][0]
    assert leg["booking"]["until_ms"] == leg["departure_ms"]


def test_whoever_leaves_it_out_gets_none_and_it_may_be_all_one_asks_for(ask: Callable[..., Any]) -> None:
    left_out = ask(WINTER, "12:00", modes="transit,walk")
    assert left_out["journeys"] == [] and left_out["on_demand"] == {"offered": False, "reason": None}
    assert left_out["reason"]["code"] == "not_served"
    alone = ask(WINTER, "12:00", modes="on_demand")
    assert len(alone["journeys"]) == 1 and alone["reason"] is None


def test_an_itinerary_whose_trip_no_longer_runs_is_gone(ask: Callable[..., Any], client: TestClient) -> None:
    (journey,) = ask(WINTER, "12:00")["journeys"]
    squeezed = base64.urlsafe_b64decode(journey["id"][2:] + "==")
    held = json.loads(zlib.decompress(squeezed))
    direct = held[5]
    begins = ms(WINTER, "12:00") // 1000
    assert direct[:8] == ["on_demand", begins, "aspen", WINTER_TRIP, "20210115", 0, 1, begins]

    def state(own: list[Any]) -> Any:
        packed = zlib.compress(json.dumps([*held[:5], own, *held[6:]]).encode())
        answer = client.get(f"travel/itineraries/j1{base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}")
        return answer.json()["state"] if answer.status_code == 200 else answer.json()["code"]

    assert state(direct) == "as_planned"
    assert state([*direct[:4], "20210515", *direct[5:]]) == "gone", "in May the trip of winter does not run"
    assert state([*direct[:3], "other", *direct[4:]]) == "gone"
    for bent in (direct[:-1], [*direct[:4], "2021", *direct[5:]], [*direct[:-2], direct[-1], direct[-2]],
                 [*direct[:5], "x", *direct[6:]], [*direct[:5], 1, 1, *direct[7:]]):  # fmt: skip
        assert state(bent) == "travel.bad_itinerary", bent


def test_where_no_feed_has_any_nothing_is_said_of_it(tmp_path: Path) -> None:
    asked = {"from": "120.600,27.900", "to": "120.620,27.920", "depart_at": "2026-11-30T07:50"}
    with planning(tmp_path, {"bus": zipped(SMALL)}) as made:
        found = as_person(application(made, *ALL), CHIEF).get("travel/plan", params=asked).json()
        assert found["on_demand"] is None and found["journeys"]
        assert made.service(Network).active().planner.on_demand is None


def test_the_feed_is_the_one_described(data_dir: Path) -> None:
    with zipfile.ZipFile(data_dir / "travel/gtfs-samples/aspen-flex-on-demand.zip") as archive:
        zone = json.loads(archive.read("locations.geojson"))["features"][0]["geometry"]["coordinates"][0]
        times = archive.read("stop_times.txt").decode()
    assert times.count("08:00:00,23:00:00,1,9.00") == times.count("11:00:00,23:00:00,1,9.00") == 2
    for (x, y), inside in ((HOTEL, True), (LIBRARY, True), (AIRPORT, False)):
        crossed = [
            (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax) for (ax, ay), (bx, by) in pairwise(zone)
        ]
        assert sum(crossed) % 2 == int(inside)
