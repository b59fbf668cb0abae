"""Positions of our own buses become trips, forecasts and GTFS Realtime, and the planner uses them at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.operation import Operator
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.service.subscriptions import Watcher
from tongqu.domains.travel.tables import Condition
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, CITY, MODULES, SMALL, zipped
from tongqu.domains.travel.tests.planning import put_live, wait_ready
from tongqu.kernel import things
from tongqu.kernel.jobs.tests.support import application, as_person, fresh_platform, person
from tongqu.kernel.module import Module
from tongqu.kernel.store import system_actor
from tongqu.kernel.telemetry.rows import Flag, empty
from tongqu.kernel.telemetry.service import Options, Telemetry
from tongqu.kernel.things import Kind
from tongqu.kit.time import CHINA, Instant
from tongqu.protocols import gtfs_realtime

pytestmark = pytest.mark.timeout(600)  # the first test of a machine waits for code to be compiled

VEHICLE = Kind("vehicle", moving=True, categories=(things.Category("city_bus", "category-4"),))
FLEET = Module("toys", "tongqu.kernel.telemetry.tests", "platform", kinds=(VEHICLE,))
WATCHER = person("p-watcher", "travel.read", "telemetry.read", region="99")
SYSTEM = system_actor("test")
TODAY = datetime.now(CHINA).date()
BUSES = SMALL | {
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    f"w,1,1,1,1,1,1,1,{TODAY - timedelta(days=3):%Y%m%d},{TODAY + timedelta(days=10):%Y%m%d}\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nr1,w,t1,0\nr1,w,t2,0\nr1,w,t3,1\n",
}
S1, S2 = (120.600, 27.900), (120.610, 27.910)
LATE_S = 240


class Noonish:
    """A clock that stands at a time of today."""

    at_ms = 0

    def now_ms(self) -> Instant:
        return Instant(self.at_ms)


def at(clock: str) -> int:
    return round(datetime.fromisoformat(f"{TODAY}T{clock}+08:00").timestamp() * 1000)


class Depot:
    """A platform with a bus of 望汀市 and one of 澜州市, and a feed of 望汀市 that its buses run."""

    def __init__(self, folder: Path) -> None:
        self.platform = fresh_platform(folder, *MODULES, FLEET)
        self.clock = Noonish()
        self.clock.at_ms = at("08:00")
        self.platform.clock = self.clock
        with self.platform.store.write(SYSTEM) as work:
            about: dict[str, Any] = {"valid_from_ms": 0, "category": "city_bus"}
            self.bus = things.mint(work, VEHICLE, "望D·00001", id="bus", region="990201", **about)
            self.other = things.mint(work, VEHICLE, "澜D·00002", id="other", region="990101", **about)
        telemetry = Telemetry(self.platform, Options(threads=1, memory_mb=300))
        telemetry.prepare()
        telemetry.directory.refresh()
        network = Network(self.platform)
        realtime = Realtime(self.platform, network, every_s=60)
        self.platform.provide(telemetry)
        self.operator = Operator(self.platform, network, realtime)
        for service in (network, realtime, Watcher(self.platform, realtime), self.operator):
            self.platform.provide(service)
        network.start()
        put_live(self.platform, "wangting", zipped(BUSES))
        with self.platform.store.write(CHIEF) as work:
            self.feed = feeds.by_code(work, "wangting")["id"]
            feeds.amend(
                work,
                self.feed,
                operated=True,
                region="9902",
                condition=Condition.UNCONDITIONAL.value,
                licence="CC BY 4.0",
            )
        wait_ready(network)

    def rows(self, key: int, until: str, *, begins: str = "08:04:00", flags: int = 0) -> dict[str, Any]:
        """A bus that stands at s1 until it begins, and then needs five minutes to s2."""
        begin = at(begins)
        times = np.arange(at("08:00"), at(until), 10_000)
        share = np.clip((times - begin) / 300_000, 0.0, 1.0)
        rows = empty(len(times))
        rows["subject"][:] = rows["source"][:] = key
        rows["time_ms"][:], rows["received_ms"][:], rows["flags"][:] = times, times, flags
        rows["lon"][:] = S1[0] + share * (S2[0] - S1[0])
        rows["lat"][:] = S1[1] + share * (S2[1] - S1[1])
        return rows

    def drive(self, key: int, until: str, **about: Any) -> None:
        self.clock.at_ms = at(until)
        self.operator.look()
        self.operator.take(self.rows(key, until, **about))
        self.operator.tell()


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    made = Depot(tmp_path)
    yield made
    made.platform.close()


@pytest.fixture
def client(depot: Depot) -> TestClient:
    return as_person(application(depot.platform, *ALL, WATCHER), WATCHER)


def test_the_planner_knows_at_once_that_our_bus_is_late(depot: Depot, client: TestClient) -> None:
    asked = {"from": "stop:wangting:s2", "to": "stop:wangting:s3", "depart_at": f"{TODAY}T08:05", "modes": "transit"}
    assert client.get("travel/plan", params=asked).json()["journeys"][0]["legs"][0]["departure_ms"] == at("08:06")
    depot.drive(depot.bus.key, "08:07")
    leg = client.get("travel/plan", params=asked).json()["journeys"][0]["legs"][0]
    assert leg["ride"]["trip_id"] == "t1" and abs(leg["ride"]["delay_s"] - LATE_S) <= 60
    board = client.get("travel/boards/wangting:s2", params={"at": f"{TODAY}T08:07"}).json()["departures"][0]
    assert board["live"] and board["trip_id"] == "t1" and board["stops_away"] == 0
    assert {one["kind"] for one in client.get("travel/realtime").json()["items"]} == {"operation"}
    assert not client.get("travel/realtime").json()["items"][0]["refused"]


def test_the_operator_sees_who_runs_what(depot: Depot, client: TestClient) -> None:
    depot.drive(depot.bus.key, "08:07")
    told = client.get(f"travel/feeds/{depot.feed}/operation").json()
    (one,) = told["vehicles"]
    assert one["vehicle"] == {"urn": str(depot.bus.urn), "label": "望D·00001"}
    assert (one["trip_id"], one["line"], one["next_stop"]) == ("t1", "1路", "重庆路口")
    assert abs(one["delay_s"] - LATE_S) <= 10 and 0.2 < one["done"] < 0.5
    assert one["arrival_low_ms"] < one["arrival_ms"] < one["arrival_high_ms"]
    assert abs(one["arrival_ms"] - at("08:09")) < 60_000


def test_errors_stand_beside_both_baselines(depot: Depot, client: TestClient) -> None:
    depot.drive(depot.bus.key, "08:10")
    errors = client.get(f"travel/feeds/{depot.feed}/operation").json()["errors"]
    assert [one["horizon_min"] for one in errors] == [2]
    assert errors[0]["arrivals"] == 1 and errors[0]["forecast_s"] < errors[0]["schedule_s"]
    assert {"forecast_s", "schedule_s", "last_delay_s"} < errors[0].keys()


def test_who_may_not_see_the_vehicle_is_not_told_its_name(depot: Depot) -> None:
    depot.drive(depot.bus.key, "08:07")
    city = as_person(application(depot.platform, *ALL, WATCHER), CITY)  # without telemetry.read
    answer = city.get(f"travel/feeds/{depot.feed}/operation")
    assert answer.json()["vehicles"][0]["vehicle"] is None and "望D" not in answer.text


def test_the_public_message_names_no_vehicle(depot: Depot, client: TestClient) -> None:
    depot.drive(depot.bus.key, "08:07")
    updates = client.get("travel/open-data/wangting/trip-updates.pb").content
    positions = client.get("travel/open-data/wangting/vehicle-positions.pb").content
    for data in (updates, positions):
        assert "望D".encode() not in data and b"urn:" not in data and str(depot.bus.urn).encode() not in data
    message = gtfs_realtime.read(updates, now_ms=at("08:07"))
    (update,) = message.trip_updates
    assert update.trip.trip_id == "t1" and [call.stop_sequence for call in update.calls] == [1, 2, 3]
    times = [moment for call in update.calls for moment in (call.arrival_ms, call.departure_ms)]
    assert None not in times and times == sorted(times)
    (position,) = gtfs_realtime.read(positions, now_ms=at("08:07")).vehicles
    assert position.stop_id == "s2" and position.status == "in_transit_to" and not position.vehicle


def test_buses_of_another_city_and_doubtful_fixes_run_nothing(depot: Depot, client: TestClient) -> None:
    depot.drive(depot.other.key, "08:07")
    depot.drive(depot.bus.key, "08:07", flags=int(Flag.JUMP))
    assert client.get(f"travel/feeds/{depot.feed}/operation").json()["vehicles"] == []


def test_a_feed_that_others_run_has_no_operation(depot: Depot, client: TestClient) -> None:
    depot.drive(depot.bus.key, "08:07")
    with depot.platform.store.write(CHIEF) as work:
        feeds.amend(work, depot.feed, operated=False)
    assert client.get(f"travel/feeds/{depot.feed}/operation").status_code == 404
    depot.operator.look()
    assert client.get("travel/realtime").json()["items"] == []


def test_the_writer_is_followed_in_a_thread_of_its_own(depot: Depot, client: TestClient) -> None:
    depot.clock.at_ms = at("08:07")
    depot.operator.follow(depot.rows(depot.bus.key, "08:07"), 0, 1)
    depot.operator.turn()
    assert len(client.get(f"travel/feeds/{depot.feed}/operation").json()["vehicles"]) == 1
