"""Shared bikes over HTTP: GBFS of 2.3 and 3.0 is fetched from a server, and the plan says walk, bike, walk, ride."""

from __future__ import annotations

import json
import math
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyproj
import pytest
from fastapi.testclient import TestClient

from tongqu.domains.travel import layers
from tongqu.domains.travel.service import feeds, fetching
from tongqu.domains.travel.service.bikes import BikeShare
from tongqu.domains.travel.service.network import PROVINCE
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, CITY, OTHER, zipped
from tongqu.domains.travel.tests.planning import planning
from tongqu.engines.streets import cache, from_extract
from tongqu.kernel import layers as drawing
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.platform import Platform
from tongqu.kit.time import CHINA
from tongqu.protocols import osm

pytestmark = [pytest.mark.xdist_group("travel-bikes"), pytest.mark.timeout(600)]

LAT = 27.0
STREET = """<osm version="0.6">
  <node id="1" lon="120.000" lat="27.000"/><node id="2" lon="120.100" lat="27.000"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="长街"/></way>
</osm>"""
HOME = 120.032
STATIONS = {"home": 120.031, "beside": 120.030, "west": 120.011, "further": 120.013}
"""Two stations near the place one sets out from, two near the stop; beyond the bus there is none."""
STOP = 120.010
NOW = datetime.now(CHINA)
LEAVES = NOW.replace(second=0, microsecond=0) + timedelta(minutes=45)
"""The bus leaves within the hour, for what is free now says nothing of later."""


def clock(moment: datetime) -> str:
    """A time of the service day of today: after midnight it goes on beyond 24."""
    minutes = int((moment - NOW.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() // 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,公交,https://example.org,Asia/Shanghai\n",
    "stops.txt": f"stop_id,stop_name,stop_lat,stop_lon\nw,西站,27.0,{STOP}\ne,东站,27.0,120.090\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nr1,A,1,,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    f"d,1,1,1,1,1,1,1,{NOW - timedelta(days=2):%Y%m%d},{NOW + timedelta(days=5):%Y%m%d}\n",
    "trips.txt": "route_id,service_id,trip_id,trip_headsign\nr1,d,t1,东站\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    f"t1,{clock(LEAVES)},{clock(LEAVES)},w,1\n"
    f"t1,{clock(LEAVES + timedelta(minutes=12))},{clock(LEAVES + timedelta(minutes=12))},e,2\n",
}


# the system of bikes, as it writes its files


def file_of(version: str, name: str, data: Any, at_s: float) -> bytes:
    stamp: Any = round(at_s) if version == "2.3" else datetime.fromtimestamp(round(at_s), UTC).isoformat()
    return json.dumps({"version": version, "last_updated": stamp, "ttl": 60, "data": data}).encode()


def written(version: str, url: str, vehicles: dict[str, int], docks: dict[str, int], at_s: float) -> dict[str, bytes]:
    """The files of the system in a version of GBFS."""
    old = version == "2.3"
    names = ("system_information", "station_information", "station_status", "vehicle_types")
    links = {"feeds": [{"name": name, "url": f"{url}/{name}.json"} for name in names]}
    title = "城里单车" if old else [{"text": "城里单车", "language": "zh"}, {"text": "Town bikes", "language": "en"}]
    stations = [
        {"station_id": one, "name": one if old else [{"text": one, "language": "zh"}], "lon": lon, "lat": LAT}
        for one, lon in STATIONS.items()
    ]
    count = "num_bikes_available" if old else "num_vehicles_available"
    states = [
        {"station_id": one, count: vehicles.get(one, 3), "num_docks_available": docks.get(one, 3),
         "is_installed": True, "is_renting": True, "is_returning": True,
         "last_reported": round(at_s) if old else datetime.fromtimestamp(round(at_s), UTC).isoformat()}
        for one in STATIONS
    ]  # fmt: skip
    states.append({"station_id": "broken", count: -1})
    kinds = [{"vehicle_type_id": "bike", "form_factor": "bicycle", "propulsion_type": "human"}]
    told = {
        "gbfs": {"zh": links} if old else links,
        "system_information": {"system_id": "town", "name": title, "language": "zh", "timezone": "Asia/Shanghai"},
        "station_information": {"stations": stations},
        "station_status": {"stations": states},
        "vehicle_types": {"vehicle_types": kinds},
    }
    return {f"{name}.json": file_of(version, name, data, at_s) for name, data in told.items()}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An HTTP server: its address, and its files by path."""
    files: dict[str, bytes] = {}

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = files.get(self.path.lstrip("/"))
            self.send_response(404 if data is None else 200)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", files
    running.shutdown()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("bikes")
    (folder / "town.osm").write_text(STREET, encoding="utf-8")
    cache.keep(folder / "travel" / "streets" / PROVINCE, from_extract(osm.read(folder / "town.osm")))
    share = lambda made, network: (BikeShare(made, network, least_s=0.1),)  # noqa: E731
    with planning(folder, {"town": zipped(FEED)}, share) as made:
        made.service(BikeShare).start()
        with made.store.write(CITY) as work:
            feeds.register(work, "town-bikes", "城里单车", region="9902")
        yield made


@pytest.fixture(scope="module")
def client(platform: Platform) -> TestClient:
    return as_person(application(platform, *ALL), CHIEF)


@pytest.fixture(scope="module")
def feed(client: TestClient) -> str:
    return next(row["id"] for row in client.get("travel/feeds").json()["items"] if row["code"] == "town-bikes")


def forget(client: TestClient, platform: Platform, feed: str) -> None:
    """No address, and nothing known."""
    assert client.put(f"travel/feeds/{feed}/realtime", json={}).status_code == 200
    share = platform.service(BikeShare)
    until = time.monotonic() + 30
    while share._sources:
        assert time.monotonic() < until
        time.sleep(0.02)
    share.systems.clear()


@pytest.fixture
def publish(
    client: TestClient, platform: Platform, feed: str, server: tuple[str, dict[str, bytes]]
) -> Iterator[Callable[..., None]]:
    """Lets the server publish the system, and waits until it was fetched."""
    url, files = server
    counter = iter(range(1000))

    def run(version: str, vehicles: dict[str, int] | None = None, docks: dict[str, int] | None = None,
            age_s: float = 0) -> dict[str, Any]:  # fmt: skip
        forget(client, platform, feed)
        files.clear()
        root = f"{url}/{next(counter)}"
        own = written(version, root, vehicles or {}, docks or {}, time.time() - age_s)
        files.update({f"{root.removeprefix(url)[1:]}/{name}": data for name, data in own.items()})
        answer = client.put(f"travel/feeds/{feed}/realtime", json={"gbfs": f"{root}/gbfs.json"})
        assert answer.status_code == 200, answer.text
        until = time.monotonic() + 60
        while True:
            for row in client.get("travel/bikes").json()["items"]:
                if len(row["files"]) == 4:
                    return row
            assert time.monotonic() < until
            time.sleep(0.02)

    yield run
    forget(client, platform, feed)


def plan(client: TestClient, **given: Any) -> dict[str, Any]:
    asked = {"from": f"{HOME},{LAT},家", "to": "stop:town:e", "shared_bikes": True}
    answer = client.get("travel/plan", params=asked | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


# a sum of its own


def gap_m(a: float, b: float) -> float:
    """Metres between two places of the street, on the ellipsoid."""
    return float(pyproj.Geod(ellps="WGS84").line_length([a, b], [LAT, LAT]))


def expected_s(rented: str, returned: str) -> tuple[float, float, float]:
    """Seconds to the station, on the bike with a minute to unlock and half of one to lock, and to the stop."""
    a, b = STATIONS[rented], STATIONS[returned]
    return gap_m(HOME, a) / 1.33, gap_m(a, b) / 5.0 + 60 + 30, gap_m(b, STOP) / 1.33


def confirm(journey: dict[str, Any], rented: str, returned: str) -> None:
    legs = journey["legs"]
    assert [leg["kind"] for leg in legs] == ["walk", "bike", "walk", "ride"]
    assert (legs[1]["from"]["station_id"], legs[1]["to"]["station_id"]) == (rented, returned)
    for leg, seconds in zip(legs, expected_s(rented, returned), strict=False):
        assert leg["duration_s"] == pytest.approx(seconds, abs=3)
    leaves = round(LEAVES.timestamp() * 1000)
    assert legs[2]["arrival_ms"] == legs[3]["departure_ms"] == leaves and legs[3]["arrival_ms"] == leaves + 720_000
    assert legs[3]["ride"]["trip_id"] == "t1"
    for before, after in pairwise(legs):
        assert before["arrival_ms"] == after["departure_ms"]
        assert before["line"][-1] == pytest.approx(after["line"][0], abs=1e-5)
    assert legs[1]["length_m"] == pytest.approx(gap_m(STATIONS[rented], STATIONS[returned]), abs=3)


@pytest.mark.parametrize("version", ["3.0", "2.3"])
def test_a_golden_journey_walk_bike_walk_ride(client: TestClient, publish: Callable[..., Any], version: str) -> None:
    state = publish(version)
    assert state["stations"] == 4 and state["failure"] is None and not state["stale"]
    (status,) = [one for one in state["files"] if one["name"] == "station_status"]
    assert (status["version"], status["skipped"], status["pushed"]) == (version, 1, False)
    assert [(one["code"], one["entity"]) for one in status["notices"]] == [("bad_count", "broken")]
    found = plan(client)
    assert found["bikes"]["used"] and found["reason"] is None
    (journey,) = found["journeys"]
    confirm(journey, "home", "west")
    bike = journey["legs"][1]
    assert bike["rental"] | {"as_of_ms": 0} == {"system": "城里单车", "vehicles": 3, "places": 3, "as_of_ms": 0}
    assert "城里单车" in bike["words"]["zh"] and "home" in bike["words"]["en"] and "{" not in bike["words"]["zh"]
    opened = client.get(f"travel/itineraries/{journey['id']}").json()
    assert opened["state"] == "as_planned"
    confirm(opened["journey"], "home", "west")
    assert opened["journey"]["legs"][1]["rental"]["vehicles"] is None, "what was free then is not what is free now"
    assert client.get(f"travel/itineraries/{journey['id']}/calendar.ics").status_code == 200
    assert client.get(f"travel/itineraries/{journey['id']}/alternatives").status_code == 200


def test_an_empty_station_is_not_rented_from_and_a_full_one_not_returned_to(
    client: TestClient, publish: Callable[..., Any]
) -> None:
    publish("3.0", vehicles={"home": 0}, docks={"west": 0})
    (journey,) = plan(client)["journeys"]
    confirm(journey, "beside", "further")
    publish("2.3", vehicles=dict.fromkeys(STATIONS, 0))
    found = plan(client)
    assert found["journeys"] == [] and found["reason"]["code"] == "walk_limit" and found["bikes"]["used"]


def test_stale_availability_is_not_used_and_flagged(client: TestClient, publish: Callable[..., Any]) -> None:
    publish("3.0", age_s=60 + 300 + 5)
    found = plan(client)
    assert found["journeys"] == [] and not found["bikes"]["used"]
    assert found["bikes"]["reason"]["code"] == "stale" and found["bikes"]["systems"][0]["stale"]
    assert found["bikes"]["reason"]["detail"]["zh"] and found["bikes"]["reason"]["detail"]["en"]
    publish("3.0", age_s=60 + 300 - 30)
    assert plan(client)["bikes"]["used"]


def test_who_does_not_ask_for_it_or_asks_too_far_ahead_gets_none(
    client: TestClient, publish: Callable[..., Any]
) -> None:
    publish("3.0")
    assert plan(client, shared_bikes=False)["bikes"] is None and plan(client, shared_bikes=False)["journeys"] == []
    later = plan(client, depart_at=str(round((time.time() + 2 * 3600) * 1000)))
    assert later["bikes"]["reason"]["code"] == "ahead" and not later["bikes"]["used"]
    assert plan(client, step_free=True)["bikes"]["reason"]["code"] == "step_free"


def test_files_pushed_count_at_once_and_an_older_one_is_not_taken(
    client: TestClient, platform: Platform, feed: str
) -> None:
    forget(client, platform, feed)
    assert plan(client)["bikes"]["reason"]["code"] == "none"
    now = time.time()
    own = written("3.0", "http://nowhere", {}, {}, now)
    for name in ("station_information", "station_status"):
        answer = client.post(f"travel/feeds/{feed}/gbfs/{name}", content=own[f"{name}.json"])
        assert answer.status_code == 200 and answer.json()["taken"], answer.text
    (journey,) = plan(client)["journeys"]
    confirm(journey, "home", "west")
    older = written("3.0", "http://nowhere", dict.fromkeys(STATIONS, 0), {}, now - 60)["station_status.json"]
    assert client.post(f"travel/feeds/{feed}/gbfs/station_status", content=older).json()["taken"] is False
    assert len(plan(client)["journeys"]) == 1
    rows = client.get(f"travel/feeds/{feed}/bikes").json()["items"]
    assert {(row["id"], row["vehicles"], row["places"]) for row in rows} == {(one, 3, 3) for one in STATIONS}
    time.sleep(0.3)
    until = time.monotonic() + 30
    while True:
        with platform.store.read(CHIEF) as work:
            # drawn before the second file came, a station says nothing of its vehicles yet
            drawn = {
                one.id: (one.kind, one.properties.get("vehicles"), one.properties.get("urn"))
                for one in drawing.drawn(work, layers.BIKES)
            }
        urn = "urn:tongqu:bike_station:town-bikes:"
        if drawn == {f"town-bikes:{one}": ("bikes", 3, f"{urn}{one}") for one in STATIONS}:
            break
        assert time.monotonic() < until, drawn
        time.sleep(0.05)


def test_a_file_of_a_time_to_come_is_not_used_and_holds_up_none_after_it(
    client: TestClient, platform: Platform, feed: str
) -> None:
    forget(client, platform, feed)
    now = time.time()
    own = written("3.0", "http://nowhere", {}, {}, now)
    ahead = written("3.0", "http://nowhere", {}, {}, now + 86_400)["station_status.json"]
    client.post(f"travel/feeds/{feed}/gbfs/station_information", content=own["station_information.json"])
    client.post(f"travel/feeds/{feed}/gbfs/station_status", content=ahead)
    assert plan(client)["bikes"]["reason"]["code"] == "stale"
    assert client.post(f"travel/feeds/{feed}/gbfs/station_status", content=own["station_status.json"]).json()["taken"]
    assert plan(client)["bikes"]["used"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("station_status", b"", "imports.empty"),
        ("station_status", b"<html>", "gbfs.no_json"),
        ("station_information", b'{"data": 3}', "gbfs.no_data"),
        ("station_information", b'{"data": {}}', "gbfs.no_list"),
    ],
)
def test_what_is_no_gbfs_is_refused_and_what_was_known_stays(
    client: TestClient, feed: str, name: str, data: bytes, code: str
) -> None:
    answer = client.post(f"travel/feeds/{feed}/gbfs/{name}", content=data)
    assert answer.status_code == 422 and answer.json()["code"] == code and answer.json()["detail"]["zh"]


def test_an_unknown_file_is_refused(client: TestClient, feed: str) -> None:
    assert client.post(f"travel/feeds/{feed}/gbfs/geofencing_zones", content=b"{}").status_code == 422


def test_whoever_is_elsewhere_neither_sees_nor_tells(platform: Platform, client: TestClient, feed: str) -> None:
    other = as_person(application(platform, *ALL), OTHER)
    own = written("3.0", "http://nowhere", {}, {}, time.time())
    assert other.post(f"travel/feeds/{feed}/gbfs/station_status", content=own["station_status.json"]).status_code == 404
    assert other.get(f"travel/feeds/{feed}/bikes").status_code == 404
    assert other.get("travel/bikes").json()["items"] == []


@pytest.mark.parametrize("sample", ["helsinki", "lillestrombysykkel", "duplicate-stations-v3"])
def test_real_captures_are_fetched_flagged_as_stale_and_not_used(
    client: TestClient, platform: Platform, feed: str, server: tuple[str, dict[str, bytes]], data_dir: Path, sample: str
) -> None:
    url, files = server
    forget(client, platform, feed)
    archive = zipfile.ZipFile(data_dir / "travel" / "gbfs" / "gbfs-samples.zip")
    names = [name for name in archive.namelist() if name.startswith(f"{sample}/")]
    files.update({name: archive.read(name) for name in names})
    links = files[f"{sample}/gbfs.json"].decode().replace("file:src/test/resources/gbfs", url)
    files[f"{sample}/gbfs.json"] = links.encode()
    client.put(f"travel/feeds/{feed}/realtime", json={"gbfs": f"{url}/{sample}/gbfs.json"})
    until = time.monotonic() + 60
    while not (rows := [row for row in client.get("travel/bikes").json()["items"] if len(row["files"]) >= 3]):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert rows[0]["stale"] and rows[0]["stations"] >= 3
    found = plan(client)
    assert found["bikes"]["reason"]["code"] == "stale" and found["journeys"] == []
    forget(client, platform, feed)


def test_a_feed_that_cannot_be_fetched_says_why(
    client: TestClient, platform: Platform, feed: str, server: tuple[str, dict[str, bytes]]
) -> None:
    forget(client, platform, feed)
    client.put(f"travel/feeds/{feed}/realtime", json={"gbfs": f"{server[0]}/nothing/gbfs.json"})
    until = time.monotonic() + 30
    while not any(row["failure"] for row in client.get("travel/bikes").json()["items"]):
        assert time.monotonic() < until
        time.sleep(0.02)
    (row,) = client.get("travel/bikes").json()["items"]
    assert row["failure"] == "HTTP 404"
    forget(client, platform, feed)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://example.org/x.json", True),
        ("https://cdn.example.com/x.json", True),
        ("http://127.0.0.1/x.json", False),
        ("http://localhost/x.json", False),
        ("http://10.0.0.1/x.json", False),
        ("http://169.254.169.254/latest", False),
        ("http://[::1]/x.json", False),
        ("http://intranet/x.json", False),
        ("http://localhost./x.json", False),
        ("http://127.1/x.json", False),
        ("http://2130706433/x.json", False),
        ("http://0x7f.0.0.1/x.json", False),
        ("file:///etc/passwd", False),
        ("http://[bad/x.json", False),
        ("", False),
    ],
)
def test_a_fetched_file_leads_nowhere_into_our_own_surroundings(url: str, may: bool) -> None:
    assert fetching.may_follow("https://example.org/gbfs.json", url) is may


def test_an_id_with_a_bent_hire_is_refused(client: TestClient) -> None:
    import base64
    import zlib

    place = [120.0, 27.0, "", []]
    good = [0, "f", "s", "a", "A", 120.0, 27.0, "b", "B", 120.01, 27.0, 60, 100, 60]
    for hires in ([good[:-1]], [[*good[:-1], -5]], [[*good[:5], math.pi * 100, *good[6:]]], 7, [[9]]):
        packed = [place, place, 1.33, 0, [], ["bike", 1_800_000_000], 0, hires]
        itinerary = "j1" + base64.urlsafe_b64encode(zlib.compress(json.dumps(packed).encode())).rstrip(b"=").decode()
        answer = client.get(f"travel/itineraries/{itinerary}")
        assert answer.status_code == 422 and answer.json()["code"] == "travel.bad_itinerary"
