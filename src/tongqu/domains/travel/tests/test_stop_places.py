"""A NeTEx file is loaded: its station and quays are found, and a plan names the quay that it gives."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tongqu.domains.travel import loaders, sites
from tongqu.domains.travel.compiling import _osm
from tongqu.domains.travel.courses import Agency, Course, Halt, Period, Station, feed_of
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.sites import FeedStop, Sites
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, EVERY, zipped
from tongqu.domains.travel.tests.planning import planning, wait_ready
from tongqu.domains.travel.tests.test_realtime import DAY
from tongqu.engines.journeys import Catalogue, Place, Planner, Walker, Wishes
from tongqu.engines.streets import WALK, Streets
from tongqu.engines.transit import Timetable
from tongqu.kernel.imports.files import run
from tongqu.kernel.imports.files.recognise import recognise
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.jobs.context import Reporter
from tongqu.kernel.jobs.tests.support import application, as_person, person
from tongqu.kernel.platform import Platform
from tongqu.kit.errors import Forbidden, Invalid
from tongqu.protocols.netex import Entrance, Point, Quay, StopPlace

pytestmark = pytest.mark.timeout(600)

KEEPER = person("p-keeper", *EVERY, "travel.network", region="99")
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,Rail,https://example.org,Europe/Zurich\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,platform_code\n"
    "Parent8503000,Zürich HB,47.3781,8.5402,1,,\n"
    "8503000:0:10,Zürich HB,47.3786,8.5363,,Parent8503000,\n"
    "hb-low,Zürich HB,47.378528,8.536753,,,\n"
    "hb-signed,Zürich HB,47.3787,8.5365,,,7\n"
    "uster,Uster,47.3500,8.7170,,,\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nS5,A,S5,,2\nS9,A,S9,,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    f"w,1,1,1,1,1,1,1,{DAY - timedelta(days=3):%Y%m%d},{DAY + timedelta(days=10):%Y%m%d}\n",
    "trips.txt": "route_id,service_id,trip_id\nS5,w,t1\nS9,w,t2\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,8503000:0:10,1\nt1,08:20:00,08:20:00,uster,2\n"
    "t2,09:00:00,09:00:00,hb-low,1\nt2,09:20:00,09:20:00,uster,2\n",
}
"""Two trains: one from a platform that the feed names as NeTEx does, one from a platform known by name and place."""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with planning(tmp_path, {"rail": zipped(FEED)}, lambda made, network: (Realtime(made, network),)) as made:
        yield made


@pytest.fixture
def client(platform: Platform) -> TestClient:
    return as_person(application(platform, *ALL, KEEPER), KEEPER)


@pytest.fixture
def load(platform: Platform, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Loads a file as `tongqu load` does."""

    def take(path: Path, **options: str) -> dict[str, Any]:
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        context = JobContext(platform, KEEPER, "j", 1, 7, folder, Reporter(platform, "j", 1))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return run.load(context, path, path.name, None, {"region": "99", **options}, sha256)

    return take


@pytest.fixture
def hb(data_dir: Path) -> Path:
    return data_dir / "travel/netex/netex-zuerich-hb.xml"


def plan(client: TestClient, at: str) -> list[dict[str, Any]]:
    asked = {"from": "8.5400,47.3780,Home", "to": "stop:rail:uster", "depart_at": f"{DAY}T{at}", "modes": "transit"}
    answer = client.get("travel/plan", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["journeys"][0]["legs"]


def until(holds: Callable[[], bool]) -> None:
    last = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.05)


def matched(client: TestClient) -> bool:
    return bool(client.get("travel/network").json()["stop_places"]["matched"])


def test_a_plan_names_the_quay_that_netex_gives_and_walks_to_it(
    client: TestClient, platform: Platform, load: Callable[..., dict[str, Any]], hb: Path
) -> None:
    walk, ride = plan(client, "07:30")
    assert "platform" not in ride["from"] and walk["line"][-1] == pytest.approx([8.5363, 47.3786])
    report = load(hb)
    assert report["loader"] == "travel.netex" and report["problems"] == []
    assert report["taken"] == {"stop_places": 1, "quays": 25, "places": 26}
    until(lambda: matched(client))
    wait_ready(platform.service(Network))
    walk, ride = plan(client, "07:30")
    assert (ride["ride"]["line"], ride["from"]["platform"]) == ("S5", "10")
    assert walk["line"][-1] == pytest.approx([8.536528, 47.378833])
    assert "10 站台" in ride["words"]["zh"] and "platform 10" in ride["words"]["en"]
    assert "platform 10" in walk["words"]["en"]
    by_name = plan(client, "08:30")[1]
    assert (by_name["ride"]["line"], by_name["from"]["platform"]) == ("S9", "33")
    assert "platform" not in by_name["to"]
    told = client.get("travel/network").json()["stop_places"]
    assert told == {"sources": ["netex-zuerich-hb"], "matched": 4, "stops": 4}


def test_the_station_and_its_quays_are_found_and_have_boards(
    client: TestClient, load: Callable[..., dict[str, Any]], hb: Path
) -> None:
    assert client.get("travel/places", params={"q": "Tsüri"}).json()["items"] == []
    load(hb)
    until(lambda: matched(client))
    for typed in ("Zürich HB", "zurigo", "Tsüri"):
        assert client.get("travel/places", params={"q": typed}).json()["items"][0]["ref"] == "ch:2:StopPlace:8503000"
    (quay,) = client.get("travel/places", params={"q": "zurich hb 10"}).json()["items"]
    assert (quay["kind"], quay["name"], quay["lon"]) == ("quay", "Zürich HB 10", 8.536528)
    station = client.get("travel/places", params={"q": "Zürich HB"}).json()["items"][0]
    when = {"at": f"{DAY}T07:50", "minutes": 120}
    for place, lines in ((station, ["S5", "S9"]), (quay, ["S5"])):
        board = client.get(f"travel/boards/{place['id']}", params=when).json()
        assert [one["line"] for one in board["departures"]] == lines
    assert board["departures"][0]["platform"] == "10"


def test_a_source_is_replaced_by_its_next_file_and_given_up(
    client: TestClient, platform: Platform, load: Callable[..., dict[str, Any]], hb: Path, tmp_path: Path
) -> None:
    load(hb, source="Swiss")
    until(lambda: matched(client))
    renamed = tmp_path / "later.xml"
    renamed.write_bytes(hb.read_bytes().replace("Zürich HB".encode(), b"Turicum HB"))
    load(renamed, source="Swiss")
    names = [one["name"] for one in client.get("travel/places", params={"q": "Turicum"}).json()["items"]]
    assert "Turicum HB" in names
    assert client.get("travel/network").json()["stop_places"]["sources"] == ["swiss"]
    assert as_person(application(platform, *ALL, KEEPER), CHIEF).delete("travel/stop-places/swiss").status_code == 403
    assert client.delete("travel/stop-places/..%2Fswiss").status_code == 404
    assert client.delete("travel/stop-places/other").status_code == 404
    assert client.delete("travel/stop-places/swiss").status_code == 204
    assert client.get("travel/places", params={"q": "Turicum"}).json()["items"] == []
    until(lambda: not matched(client))
    wait_ready(platform.service(Network))
    assert "platform" not in plan(client, "07:30")[1]["from"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data[:-60], "kit.broken_xml"),
        (lambda data: data.replace(b"<PublicationDelivery", b"<!DOCTYPE a><PublicationDelivery"), "kit.xml_doctype"),
        (lambda data: data.replace(b"<StopPlace ", b"<Stop ").replace(b"</StopPlace>", b"</Stop>"), "outside"),
        (lambda data: data.replace(b"1978-10-01T00:00:00</FromDate>", b"1978-10-01T00:00:00</FromDate>"
                                   b"<ToDate>2001-01-01T00:00:00</ToDate>"), "travel.no_stop_places"),
    ],
)  # fmt: skip
def test_a_file_that_is_broken_changes_nothing(
    client: TestClient, load: Callable[..., dict[str, Any]], hb: Path, tmp_path: Path, change: Any, code: str
) -> None:
    load(hb)
    broken = tmp_path / "netex-zuerich-hb.xml"
    broken.write_bytes(change(hb.read_bytes()))
    with pytest.raises(Invalid) as caught:
        load(broken)
    assert caught.value.code == (code if code != "outside" else "travel.no_stop_places")
    assert all("{" not in said for said in caught.value.detail.values())
    assert client.get("travel/places", params={"q": "Tsüri"}).json()["items"][0]["kind"] == "station"


def test_the_file_is_recognised_and_only_for_who_keeps_the_network(
    platform: Platform, hb: Path, tmp_path: Path
) -> None:
    assert recognise(platform, KEEPER, hb, hb.name).loader is loaders.NETEX
    with pytest.raises(Forbidden):
        recognise(platform, CHIEF, hb, hb.name)
    other = tmp_path / "other.xml"
    other.write_text("<gpx/>")
    assert loaders.recognise_netex(other, b"<gpx/>") == 0


# matching

HALL = StopPlace(
    "x:StopPlace:1", "人民广场", private_code="100", point=Point(120.6005, 27.9),
    quays=(Quay("x:Quay:1:1", public_code="1", point=Point(120.6005, 27.9)),
           Quay("x:Quay:1:2", public_code="2", point=Point(120.6007, 27.9))),
    entrances=(Entrance("x:Entrance:1", public_code="B2", point=Point(120.6002, 27.90001)),),
)  # fmt: skip
STOP = FeedStop("a-p", ("人民广场",), 120.60051, 27.9, "0", "")


@pytest.mark.parametrize(
    ("stop", "quay", "by"),
    [
        (STOP, "1", "name"),
        (replace(STOP, platform="2"), "2", "name"),
        (replace(STOP, lon=120.6006), "", "name"),  # between two quays: neither
        (replace(STOP, lon=120.61), None, ""),  # a kilometre away: another of the same name
        (replace(STOP, names=("西湖",)), None, ""),
        (replace(STOP, id="100:0:2", names=("西湖",)), "2", "id"),
        (replace(STOP, id="1:2", names=("西湖",)), "2", "id"),
        (replace(STOP, id="100:0:2", names=(), lon=121.0), None, ""),  # the identifier of something far away
        (replace(STOP, id="x:StopPlace:1", names=()), "1", "id"),
    ],
)
def test_a_stop_is_a_quay_by_identifier_by_sign_or_by_where_it_stands(
    stop: FeedStop, quay: str | None, by: str
) -> None:
    found = Sites([HALL]).match(stop)
    if quay is None:
        assert found is None
    else:
        assert found is not None and (found.quay.public_code if found.quay else "", found.by) == (quay, by)


def test_a_feeds_own_sign_stands_and_its_other_columns_stay() -> None:
    head = "\ufeffstop_id,stop_name,stop_lat,stop_lon,platform_code,zone\r\n"
    written = head + 'a-p,人民广场,27.9,120.60051,9A,z\r\nb,"x, y",1,2,,\r\n'
    assert sites.enrich(written.encode(), Sites([HALL])).text is None, "9A is no quay of it"
    signed = written.replace("9A", "")
    assert sites.enrich(signed.encode(), Sites([HALL])).text == (
        'stop_id,stop_name,stop_lat,stop_lon,platform_code,zone\na-p,人民广场,27.9,120.6005,1,z\nb,"x, y",1,2,,\n'
    )


def test_a_walk_ends_at_the_entrance_that_netex_gives(tmp_path: Path) -> None:
    stations = [Station("a", "人民广场", 120.6005, 27.9, ()), Station("b", "望汀港", 120.611, 27.9052, ())]
    halts = tuple(Halt(f"{one.id}-p", one.name, one.lon, one.lat, 300 * n, one.id) for n, one in enumerate(stations))
    course = Course("m", "M", "M", 1, 0, halts, (Period(0, 86_400, 600),))
    source, target = tmp_path / "source.zip", tmp_path / "made" / "metro.zip"
    days = (date(2026, 1, 5), date(2026, 1, 7))
    source.write_bytes(feed_of(Agency("A", "http://127.0.0.1/"), [course], days, stations))
    (tmp_path / "town.osm").write_text(_osm(), encoding="utf-8")
    matches = sites.enriched(source, target, Sites([HALL]))
    assert {match.stop.id for match in matches} == {"a", "a-p"}
    catalogue = Catalogue.read([target])
    streets = Streets.from_osm(tmp_path / "town.osm").with_doors([*catalogue.doors, *sites.doors_of(matches)])
    walker = Walker(streets, WALK, 600.0, catalogue.metro_stops)
    timetable = Timetable.from_gtfs([target], streets=walker)
    noon = timetable.day(days[0]).base_ms + 12 * 3_600_000
    found = Planner(timetable, walker, catalogue).plan(
        Place(120.6, 27.9), Place(120.612, 27.906), Wishes(), depart_ms=noon
    )
    walk, ride = next(one for one in found.journeys if one.rides).legs[:2]
    assert (walk.end.door, ride.start.platform) == ("B2", "1")
