"""Shared bikes and the ride on request of the demo: files as any operator's, which journeys are planned by."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import shapely
from fastapi.testclient import TestClient

from tongqu.domains.travel import demo
from tongqu.domains.travel.demo import bikes, lines, on_demand
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.bikes import BikeShare
from tongqu.domains.travel.service.network import PROVINCE
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, MODULES
from tongqu.domains.travel.tests.planning import planning
from tongqu.engines.streets import cache, province
from tongqu.kernel.jobs.tests.support import application, as_person, fresh_platform
from tongqu.kernel.platform import Platform
from tongqu.kit.geometry.sphere import haversine_m
from tongqu.kit.time import CHINA, HOUR_MS, MINUTE_MS, ManualClock
from tongqu.kit.world.values import World
from tongqu.protocols import gbfs, gtfs
from tongqu.protocols.gtfs.flex import SAME_DAY

pytestmark = [pytest.mark.xdist_group("travel-demo"), pytest.mark.timeout(900)]

DAY = date(2026, 11, 30)
VALID = (DAY - timedelta(days=7), DAY + timedelta(days=7))
ROOT = "http://127.0.0.1:1/x"


def ms(clock: str) -> int:
    return round(datetime.fromisoformat(f"{DAY}T{clock}").replace(tzinfo=CHINA).timestamp() * 1000)


@pytest.fixture(scope="module")
def world() -> World:
    from tongqu.kit.world import world

    return world.make(seed=7, scale=0.05)


@pytest.fixture(scope="module")
def system(world: World) -> bikes.BikeSystem:
    made = bikes.system(world)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def city(world: World) -> bytes:
    return demo.city_feed(world, VALID, "http://127.0.0.1/")


def read(system: bikes.BikeSystem, name: str, at_ms: int) -> Any:
    data = system.file(name, ROOT, at_ms)
    assert data is not None
    return gbfs.read(name, data)


# the files


def test_files_of_the_bikes_are_gbfs_without_a_notice(system: bikes.BikeSystem) -> None:
    at_ms = ms("08:00")
    listed = read(system, "gbfs", at_ms)
    names = {link.name for link in listed.links}
    assert names == {"system_information", "vehicle_types", "station_information", "station_status"}
    for name in ("gbfs", *names):
        file = read(system, name, at_ms)
        assert (file.version, file.skipped, file.notices, file.last_updated_ms) == ("3.0", 0, (), at_ms)
        assert name == "gbfs" or listed.url(name) == f"{ROOT}/{name}.json"
    about = read(system, "system_information", at_ms)
    assert about.name == (("zh", "澜州公共自行车"), ("en", "Lan-zhou Public Bikes"))
    assert system.file("geofencing_zones", ROOT, at_ms) is None


def test_stations_stand_apart_by_the_metro_and_by_stops_of_the_capital(world: World, system: bikes.BikeSystem) -> None:
    told = read(system, "station_information", ms("08:00")).stations
    assert len(told) == bikes.STATIONS and len({one.name for one in told}) == len(told)
    metro = [(one.lon, one.lat) for one in lines.metro_line(world)[0]]
    stops = [
        (world.network.node_lon[node], world.network.node_lat[node])
        for line in world.lines if line.region == "9901"
        for node in world.network.edge_to[line.edges[line.stops]].tolist()
    ]  # fmt: skip
    by_metro = 0
    for one in told:
        others = [other for other in told if other is not one]
        # two places that are shifted alike stay as far apart, but for rounding
        assert min(haversine_m(one.lon, one.lat, other.lon, other.lat) for other in others) > bikes.APART_M - 1
        near_metro = min(haversine_m(one.lon, one.lat, *at) for at in metro) < bikes.NEAR_M + 30
        assert near_metro or min(haversine_m(one.lon, one.lat, *at) for at in stops) < 30
        by_metro += near_metro
    assert 10 <= by_metro < bikes.STATIONS


def test_no_station_holds_less_than_nothing_or_more_than_it_can(system: bikes.BikeSystem) -> None:
    capacity = {one.id: one.capacity for one in read(system, "station_information", 0).stations}
    for hour in range(72):
        for one in read(system, "station_status", ms("00:00") + hour * HOUR_MS).stations:
            assert one.docks is not None and one.vehicles >= 0 and one.docks >= 0
            assert one.vehicles + one.docks == capacity[one.id]


def test_bikes_gather_at_the_metro_by_day_and_little_changes_in_a_minute(system: bikes.BikeSystem) -> None:
    def held(at_ms: int) -> dict[str, int]:
        return {one.id: one.vehicles for one in read(system, "station_status", at_ms).stations}

    metro = [one.id for one in system.stations if one.pull > 0]
    night, morning = held(ms("05:00")), held(ms("09:00"))
    assert sum(morning[one] for one in metro) > sum(night[one] for one in metro)
    assert morning == held(ms("09:00")), "the same moment is told alike"
    before, changed = morning, 0
    for minute in range(1, 31):
        now = held(ms("09:00") + minute * MINUTE_MS)
        # 48 places, a third of them up or down in twenty minutes, at the steepest pi/2 times as fast
        assert max(abs(now[one] - before[one]) for one in now) <= 48 * 0.33 * 2 * 1.6 / 20 + 1
        changed += now != before
        before = now
    assert changed > 20


def test_the_ride_on_request_is_in_the_feed_and_the_validator_finds_no_fault(world: World, city: bytes) -> None:
    feed = gtfs.read(city)
    # what is made of spreadsheets names nobody to write to either
    found = {notice.code for notice in (*gtfs.validate(feed), *gtfs.schedule(feed).notices)}
    assert found <= {"missing_feed_contact_email_and_url"}
    service = gtfs.flex(feed)
    assert service.faults == ()
    (zone,), (rule,) = service.zones, service.rules
    # 云渚县 is the one without buses that lies farthest out; its seat and a town are served, the capital is not
    county = next(one for one in world.regions if one.code == "990106")
    assert zone.name == "云渚县城乡" and county.geometry.buffer(0.01).contains(zone.shape)
    near = {place.name.zh: shapely.Point(place.lon, place.lat) for place in world.places}
    assert zone.shape.contains(near["云渚县"]) and zone.shape.contains(near["梅桁镇"])
    assert not zone.shape.intersects(near["澜州市"])
    for line in world.lines:
        nodes = world.network.edge_to[line.edges[line.stops]]
        assert not shapely.contains_xy(zone.shape, world.network.node_lon[nodes], world.network.node_lat[nodes]).any()
    assert (rule.kind, rule.least_min) == (SAME_DAY, 30)
    assert rule.phone.split("-")[1].startswith("0"), "no number within an area begins with 0"
    ((fetch, drop),) = service.trips().values()
    assert {(one.start_s, one.end_s) for one in (fetch, drop)} == {(int(6.5 * 3600), 22 * 3600)}
    assert fetch.zones == drop.zones == (zone.id,)


# the platform fetches and plans


@contextmanager
def playing(platform: Platform, world: World) -> Iterator[threading.Thread]:
    """The player, as the demo process runs it."""
    cancelled = threading.Event()
    thread = threading.Thread(target=demo.run, args=(platform, world, cancelled))
    thread.start()
    try:
        yield thread
    finally:
        cancelled.set()
        thread.join(5)
    assert not thread.is_alive(), "it ends when it is cancelled"


def wait(until: Callable[[], Any]) -> Any:
    end = time.monotonic() + 60
    while not (found := until()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def address(platform: Platform) -> str:
    with platform.store.read(CHIEF) as work:
        return str(feeds.by_code(work, bikes.CODE)["realtime"].get("gbfs", ""))


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, world: World, city: bytes) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("demo")
    cache.keep(folder / "travel" / "streets" / PROVINCE, province.from_network(world.network, world.roads))
    with planning(
        folder, {"lanjiang-transit": city}, lambda made, network: (BikeShare(made, network, least_s=0.1),),
        ManualClock(ms("10:00")),
    ) as made:  # fmt: skip
        made.service(BikeShare).start()
        with made.store.write(CHIEF) as work:
            feeds.register(work, bikes.CODE, "澜州公共自行车", region="9901")
        yield made


@pytest.fixture(scope="module")
def client(platform: Platform) -> TestClient:
    return as_person(application(platform, *ALL), CHIEF)


def plan(client: TestClient, origin: tuple[float, float], destination: tuple[float, float], **given: Any) -> Any:
    asked = {"from": "{},{},家".format(*origin), "to": "{},{},那儿".format(*destination)} | given
    answer = client.get("travel/plan", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_journey_by_a_bike_of_the_demo(
    platform: Platform, client: TestClient, world: World, system: bikes.BikeSystem
) -> None:
    """Between two stations five kilometres apart by road, which no line joins: a quarter of an hour by bike."""
    named = {one.name.zh: one for one in system.stations}
    here, there = named["霁月西路23站"], named["锦帆西路10站"]
    vehicles, places = here.vehicles(world.seed, ms("10:00")), there.capacity - there.vehicles(world.seed, ms("10:00"))
    assert vehicles > 0 and places > 0
    with playing(platform, world):
        (row,) = wait(lambda: [one for one in client.get("travel/bikes").json()["items"] if len(one["files"]) == 4])
        assert (row["failure"], row["stale"], row["stations"]) == (None, False, bikes.STATIONS)
        assert all(file["skipped"] == 0 and not file["pushed"] for file in row["files"])
        asked = {"depart_at": f"{DAY}T10:00"}
        ends = (here.lon, here.lat), (there.lon, there.lat)
        found = plan(client, *ends, shared_bikes=True, **asked)
        assert found["bikes"]["used"]
        cycled = [leg for journey in found["journeys"] for leg in journey["legs"] if leg["kind"] == "bike"]
        (leg,) = [leg for leg in cycled if (leg["from"]["station_id"], leg["to"]["station_id"]) == (here.id, there.id)]
        # what stands there by the station's own sum; 5 m/s, a minute to unlock, half of one to lock
        assert leg["rental"]["system"] == "澜州公共自行车"
        assert (leg["rental"]["vehicles"], leg["rental"]["places"]) == (vehicles, places)
        assert leg["duration_s"] == pytest.approx(leg["length_m"] / 5 + 90, rel=0.15)
        assert leg["length_m"] > haversine_m(*ends[0], *ends[1])
        without = plan(client, *ends, **asked)
        assert not [leg for journey in without["journeys"] for leg in journey["legs"] if leg["kind"] == "bike"]


def test_a_player_that_comes_again_stands_at_the_same_address(platform: Platform, world: World) -> None:
    seen = []
    for _ in range(2):
        with playing(platform, world):
            wait(lambda: address(platform))
            seen.append(wait(lambda: _got(address(platform))))
    assert seen[0] == seen[1]
    assert _got(address(platform)) is None, "nobody serves when it has ended"


def _got(url: str) -> tuple[str, int] | None:
    try:
        with urlopen(url, timeout=5) as answer:
            return url, len(json.loads(answer.read())["data"]["feeds"])
    except OSError:
        return None


def test_an_address_that_somebody_else_gave_stays(platform: Platform, world: World) -> None:
    def amend(realtime: dict[str, str]) -> None:
        with platform.store.write(CHIEF) as work:
            feeds.amend(work, feeds.by_code(work, bikes.CODE)["id"], realtime=realtime)

    ours, other = address(platform), "https://bikes.example.org/gbfs.json"
    amend({"gbfs": other})
    with playing(platform, world) as thread:
        thread.join(1)
        assert thread.is_alive() and address(platform) == other
    amend({"gbfs": ours})


def test_without_a_feed_or_a_port_of_last_time_the_player_goes_on(tmp_path: Path, world: World) -> None:
    platform = fresh_platform(tmp_path, *MODULES)
    with playing(platform, world) as thread:
        thread.join(1)
        assert thread.is_alive(), "a demo that was filled before bikes has no feed of them"
    platform.close()


def test_a_ride_on_request_from_the_seat_to_a_town(client: TestClient, world: World) -> None:
    named = {place.name.zh: (place.lon, place.lat) for place in world.places}
    found = plan(client, named["云渚县"], named["梅桁镇"], depart_at=f"{DAY}T10:00")
    assert found["on_demand"] == {"offered": True, "reason": None}
    (leg,) = [leg for journey in found["journeys"] for leg in journey["legs"] if leg["kind"] == "on_demand"]
    # asked at ten for ten, with half an hour of notice: fetched at half past
    assert leg["departure_ms"] == ms("10:30") and leg["booking"]["until_ms"] == ms("10:00")
    assert (leg["booking"]["type"], leg["booking"]["phone"]) == ("same_day", on_demand._PHONE)
    assert "30分钟" in leg["booking"]["message"]
    assert (leg["on_demand"]["line"], leg["on_demand"]["estimate"]) == ("云渚预约公交", "safe")
    # ten minutes and half as long again as driving, which nowhere is quicker than 120 km/h
    assert leg["duration_s"] >= 600 + 1.5 * haversine_m(*named["云渚县"], *named["梅桁镇"]) / (120 / 3.6)
    assert not leg["beeline"]
    late = plan(client, named["云渚县"], named["梅桁镇"], depart_at=f"{DAY}T22:30")
    assert late["on_demand"]["reason"]["code"] == "hours"
    away = plan(client, named["云渚县"], named["澜州市"], depart_at=f"{DAY}T10:00")
    assert away["on_demand"]["reason"]["code"] == "area"
