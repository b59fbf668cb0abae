"""Real time over HTTP: protobuf in, the planner changes at once, whoever follows a journey is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient
from sqlalchemy import insert

from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.service.subscriptions import Watcher
from tongqu.domains.travel.tables import METADATA, PLACE
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, CITY, OTHER, SMALL, zipped
from tongqu.domains.travel.tests.planning import planning
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.time import CHINA
from tongqu.protocols import gtfs_realtime
from tongqu.protocols.gtfs_realtime import Call, Message, Trip, TripUpdate, VehiclePosition

pytestmark = pytest.mark.timeout(600)  # the first test of a machine waits for code to be compiled

DAY = datetime.now(CHINA).date() + timedelta(days=1)
START = f"{DAY:%Y%m%d}"
LINES = SMALL | {
    "stops.txt": SMALL["stops.txt"] + "s4,望汀东站,27.950000,120.700000\n",
    "routes.txt": SMALL["routes.txt"] + "r2,A,2路,重庆路口—望汀东站,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    f"w,1,1,1,1,1,1,1,{DAY - timedelta(days=3):%Y%m%d},{DAY + timedelta(days=10):%Y%m%d}\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nr1,w,t1,0\nr2,w,c1,0\nr2,w,c2,0\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,s1,1\nt1,08:05:00,08:06:00,s2,2\nt1,08:12:00,08:12:00,s3,3\n"
    "c1,08:12:00,08:12:00,s2,1\nc1,08:25:00,08:25:00,s4,2\n"
    "c2,08:42:00,08:42:00,s2,1\nc2,08:55:00,08:55:00,s4,2\n",
}
"""Line 1 meets line 2 at s2: at 08:12, or half an hour later."""


def at(clock: str) -> int:
    return round(datetime.fromisoformat(f"{DAY}T{clock}+08:00").timestamp() * 1000)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    def services(made: Platform, network: Network) -> tuple[Realtime, Watcher]:
        realtime = Realtime(made, network, every_s=0.1)
        return realtime, Watcher(made, realtime)

    with planning(tmp_path, {"wangting": zipped(LINES)}, services) as made:
        yield made


@pytest.fixture
def client(platform: Platform) -> TestClient:
    return as_person(application(platform, *ALL), CHIEF)


@pytest.fixture
def push(client: TestClient) -> Callable[..., dict[str, Any]]:
    """Sends a message as bytes; `age_s` is what its header says."""
    feed = client.get("travel/feeds").json()["items"][0]["id"]

    def send(*updates: TripUpdate, age_s: int = 0, kind: str = "trip_updates", data: bytes | None = None,
             vehicles: tuple[VehiclePosition, ...] = ()) -> dict[str, Any]:  # fmt: skip
        made = data if data is not None else gtfs_realtime.write(message(*updates, age_s=age_s, vehicles=vehicles))
        answer = client.post(f"travel/feeds/{feed}/realtime/{kind}", content=made)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


def message(*updates: TripUpdate, age_s: int = 0, vehicles: tuple[VehiclePosition, ...] = ()) -> Message:
    return Message((time.time_ns() // 10**9 - age_s) * 1000, updates, vehicles)


def cancelled(trip: str) -> TripUpdate:
    return TripUpdate(f"x-{trip}", Trip(trip, start_date=START, relationship="canceled"))


def late(trip: str, stop: str, seconds: int, relationship: str = "scheduled") -> TripUpdate:
    call = Call(stop_id=stop, departure_delay_s=seconds, relationship=relationship)
    return TripUpdate(f"d-{trip}", Trip(trip, start_date=START), (call,))


def plan(client: TestClient, **given: Any) -> dict[str, Any]:
    asked = {"from": "stop:wangting:s1", "to": "stop:wangting:s4", "depart_at": f"{DAY}T07:50", "modes": "transit"}
    answer = client.get("travel/plan", params=asked | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def trips(found: dict[str, Any]) -> set[str]:
    return {leg["ride"]["trip_id"] for one in found["journeys"] for leg in one["legs"] if leg["kind"] == "ride"}


def arrivals(found: dict[str, Any]) -> list[int]:
    return [one["arrival_ms"] for one in found["journeys"]]


def test_a_cancelled_trip_is_never_offered(client: TestClient, push: Callable[..., Any]) -> None:
    assert trips(plan(client)) == {"t1", "c1"} and arrivals(plan(client)) == [at("08:25")]
    push(cancelled("c1"))
    for asked in ({}, {"window_min": 120}, {"step_free": True}, {"arrive_by": f"{DAY}T10:00", "depart_at": None}):
        found = plan(client, **asked)
        assert trips(found) == {"t1", "c2"} and arrivals(found) == [at("08:55")], asked
    push()  # a full message without it: it runs again
    assert trips(plan(client)) == {"t1", "c1"}


def test_a_delay_holds_for_the_calls_after_it_and_a_skipped_stop_is_not_boarded(
    client: TestClient, push: Callable[..., Any]
) -> None:
    push(late("c1", "s2", 240))
    ride = plan(client)["journeys"][0]["legs"][-1]
    assert (ride["departure_ms"], ride["arrival_ms"]) == (at("08:16"), at("08:29"))
    assert ride["ride"]["delay_s"] == 240
    push(TripUpdate("s", Trip("c1", start_date=START), (Call(stop_id="s2", relationship="skipped"),)))
    assert trips(plan(client)) == {"t1", "c2"}


def test_an_added_trip_is_ridden_and_its_itinerary_opened_again(client: TestClient, push: Callable[..., Any]) -> None:
    calls = (Call(stop_id="s1", departure_ms=at("07:55")), Call(stop_id="s4", arrival_ms=at("08:10")))
    push(TripUpdate("n", Trip("extra", "r2", start_date=START, relationship="added"), calls))
    (best,) = [one for one in plan(client)["journeys"] if one["arrival_ms"] == at("08:10")]
    assert best["legs"][-1]["ride"]["trip_id"] == "extra" and best["legs"][-1]["ride"]["line"] == "2路"
    assert client.get(f"travel/itineraries/{best['id']}").json()["state"] == "as_planned"
    push()
    assert client.get(f"travel/itineraries/{best['id']}").json()["state"] == "gone"


def test_a_message_without_a_date_means_the_run_nearest_to_its_times(
    client: TestClient, push: Callable[..., Any]
) -> None:
    push(TripUpdate("d", Trip("c1"), (Call(stop_id="s2", departure_ms=at("08:15")),)))
    assert arrivals(plan(client)) == [at("08:28")]


def follow(client: TestClient, **given: Any) -> dict[str, Any]:
    itinerary = plan(client)["journeys"][0]["id"]
    answer = client.post("travel/subscriptions", json={"itinerary": itinerary} | given)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        (cancelled("c1"), "cancelled"),
        (late("t1", "s1", 600), "missed"),
        (TripUpdate("s", Trip("c1", start_date=START), (Call(stop_id="s2", relationship="skipped"),)), "skipped"),
    ],
)
def test_whoever_follows_a_broken_journey_is_told_with_another_to_take(
    client: TestClient, push: Callable[..., Any], update: TripUpdate, reason: str
) -> None:
    follow(client)
    assert client.get("notify/inbox").json()["items"] == []
    begun = time.monotonic()
    push(update)
    told = client.get("notify/inbox").json()["items"]  # the message is there when the push is answered
    print(f"told {time.monotonic() - begun:.3f} s after the message was sent")  # noqa: T201 (measured, not asserted)
    assert [one["template"] for one in told] == [f"travel.journey_{reason}"]
    assert all("{" not in told[0][part][lang] for part in ("title", "text") for lang in ("zh", "en"))
    (row,) = client.get("travel/subscriptions").json()["items"]
    assert row["state"] == reason
    instead = client.get(f"travel/itineraries/{row['notices'][0]['instead']}").json()
    assert instead["state"] == "as_planned" and instead["journey"]["arrival_ms"] == at("08:55")
    push(update)
    assert len(client.get("notify/inbox").json()["items"]) == 1, "the same news again is none"
    push()
    assert client.get("travel/subscriptions").json()["items"][0]["state"] == "watching"


def test_being_late_is_told_beyond_the_threshold(client: TestClient, push: Callable[..., Any]) -> None:
    follow(client, threshold_s=300)
    push(late("c1", "s2", 240))
    assert client.get("notify/inbox").json()["items"] == []
    push(late("c1", "s2", 540))
    assert client.get("notify/inbox").json()["items"][0]["template"] == "travel.journey_late"


def test_a_journey_is_followed_by_its_own_person_alone(client: TestClient, platform: Platform) -> None:
    row = follow(client)
    other = as_person(application(platform, *ALL), OTHER)
    assert other.get("travel/subscriptions").json()["items"] == []
    assert other.delete(f"travel/subscriptions/{row['id']}").status_code == 404
    assert (
        other.post("travel/subscriptions", json={"itinerary": row["itinerary"], "endpoint": "NOSUCH"}).status_code
        == 404
    )
    assert client.delete(f"travel/subscriptions/{row['id']}").status_code == 204
    assert client.get("travel/subscriptions").json()["items"] == []


def test_a_malformed_entity_is_skipped_and_counted_and_the_feed_stays(
    client: TestClient, push: Callable[..., Any]
) -> None:
    good = gtfs_realtime.write(message(cancelled("c1"), cancelled("nothing")))
    state = push(data=good + bytes([0x12, 3, 0xFF, 0xFF, 0xFF]))
    assert (state["taken"], state["entities"], state["skipped"]) == (True, 2, 1)
    assert [one["code"] for one in state["notices"]] == ["unreadable_entity"]
    assert [(one["reason"], one["trips"]) for one in state["refused"]] == [("unknown_trip", ["nothing"])]
    assert trips(plan(client)) == {"t1", "c2"}
    feed = client.get("travel/feeds").json()["items"][0]["id"]
    wrong = client.post(f"travel/feeds/{feed}/realtime/trip_updates", content=b"<html>no</html>")
    assert wrong.status_code == 422
    assert trips(plan(client)) == {"t1", "c2"}, "what was known stays"


def test_a_stale_feed_is_flagged_and_an_older_message_is_not_taken(
    client: TestClient, push: Callable[..., Any]
) -> None:
    push(cancelled("c1"), age_s=301)
    (flag,) = plan(client)["realtime"]
    assert flag["stale"] and flag["age_s"] >= 301
    push(cancelled("c1"), age_s=20)
    (state,) = client.get("travel/realtime").json()["items"]
    assert not state["stale"] and state["age_s"] >= 20
    assert push(age_s=100)["taken"] is False
    assert trips(plan(client)) == {"t1", "c2"}


def test_addresses_are_fetched_and_what_a_server_breaks_keeps_what_was_known(
    client: TestClient, platform: Platform
) -> None:
    served: dict[str, Any] = {"data": gtfs_realtime.write(message(cancelled("c1"))), "tag": '"1"', "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            same = self.headers.get("If-None-Match") == served["tag"]
            served["asked"].append(304 if same else 200)
            self.send_response(304 if same else 200)
            self.send_header("ETag", served["tag"])
            self.end_headers()
            if not same:
                self.wfile.write(served["data"])

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        feed = client.get("travel/feeds").json()["items"][0]["id"]
        url = f"http://127.0.0.1:{server.server_port}/tu.pb"
        set_ = client.put(f"travel/feeds/{feed}/realtime", json={"trip_updates": url}, headers={"If-Match": "*"})
        assert set_.status_code == 200, set_.text
        platform.service(Realtime).start()
        until_true(lambda: trips(plan(client)) == {"t1", "c2"})
        until_true(lambda: 304 in served["asked"])
        served |= {"data": b"\xff\xff", "tag": '"2"'}
        until_true(lambda: client.get("travel/realtime").json()["items"][0]["failure"] is not None)
        assert trips(plan(client)) == {"t1", "c2"}
    finally:
        server.shutdown()
        server.server_close()


def until_true(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_board_shows_real_times_and_how_far_the_bus_is(client: TestClient, push: Callable[..., Any]) -> None:
    push(late("t1", "s1", 120), cancelled("c1"))
    vehicle = VehiclePosition("v", Trip("t1"), "bus 7", "7", 120.6, 27.9, stop_id="s1")
    push(kind="vehicle_positions", vehicles=(vehicle,))
    board = client.get("travel/boards/wangting:s2", params={"at": f"{DAY}T08:00"}).json()
    first, gone, second = board["departures"]
    assert (first["trip_id"], first["departure_ms"], first["delay_s"]) == ("t1", at("08:08"), 120)
    assert (first["stops_away"], first["minutes_away"], first["line"]) == (1, 8, "1路")
    assert (second["trip_id"], second["live"], second["stops_away"]) == ("c2", False, None)
    assert (gone["trip_id"], gone["state"], gone["departure_ms"]) == ("c1", "cancelled", at("08:12"))
    assert (first["state"], second["state"], first["mode"]) == ("runs", "runs", "bus")
    assert (board["lon"], board["lat"]) == (120.61, 27.91)
    assert client.get("travel/boards/NOSUCH").status_code == 404


def test_a_board_says_where_a_trip_does_not_stop_and_lists_nothing_where_it_ends(
    client: TestClient, push: Callable[..., Any]
) -> None:
    push(TripUpdate("s", Trip("c1", start_date=START), (Call(stop_id="s2", relationship="skipped"),)))
    states = {
        one["trip_id"]: one["state"]
        for one in client.get("travel/boards/wangting:s2", params={"at": f"{DAY}T08:00"}).json()["departures"]
    }
    assert states == {"t1": "runs", "c1": "skipped", "c2": "runs"}
    assert client.get("travel/boards/wangting:s4", params={"at": f"{DAY}T08:00"}).json()["departures"] == []


def test_what_is_known_is_given_on_where_a_feed_is_open(client: TestClient, push: Callable[..., Any]) -> None:
    assert client.get("travel/open-data/wangting/trip-updates.pb").status_code == 404
    update = replace(cancelled("c1"), id="x")
    push(update)
    feed = client.get("travel/feeds").json()["items"][0]["id"]
    form = {"condition": "unconditional", "licence": "CC BY 4.0"}
    assert client.patch(f"travel/feeds/{feed}", json=form, headers={"If-Match": "*"}).status_code == 200
    given = client.get("travel/open-data/wangting/trip-updates.pb")
    assert given.headers["content-type"] == "application/x-protobuf"
    assert gtfs_realtime.read(given.content).trip_updates == (update,)
    assert client.get("travel/open-data/wangting/alerts.pb").status_code == 404


def test_only_who_may_edit_a_feed_pushes(client: TestClient, platform: Platform) -> None:
    feed = client.get("travel/feeds").json()["items"][0]["id"]
    for actor in (CITY, OTHER):
        answer = as_person(application(platform, *ALL), actor).post(
            f"travel/feeds/{feed}/realtime/trip_updates", content=gtfs_realtime.write(message(cancelled("c1")))
        )
        assert answer.status_code == 404
    assert trips(plan(client)) == {"t1", "c1"}


def test_a_webhook_that_was_named_is_told_instead_of_the_person_and_no_other_is(
    client: TestClient, platform: Platform, push: Callable[..., Any]
) -> None:
    for title in ("named", "other"):
        form = {"title": title, "url": "http://127.0.0.1:9/", "region": "99"}
        assert client.post("notify/endpoints", json=form).status_code == 201
    ids = {row["title"]: row["id"] for row in client.get("notify/endpoints").json()["items"]}
    follow(client, endpoint=ids["named"])
    push(cancelled("c1"))
    assert client.get("notify/inbox").json()["items"] == []
    counts = {title: len(client.get(f"notify/endpoints/{id}/deliveries").json()["items"]) for title, id in ids.items()}
    assert counts == {"named": 1, "other": 0}


def test_tables_are_those_of_the_migrations(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables}
        )
        assert compare_metadata(context, METADATA) == []


def test_a_capture_of_a_real_agency_is_taken_flagged_as_stale_and_changes_nothing_here(
    client: TestClient, push: Callable[..., Any], data_dir: Path
) -> None:
    capture = (data_dir / "travel/gtfs-rt/king-county-metro-1.pbf").read_bytes()
    state = push(kind="vehicle_positions", data=capture)
    assert state["taken"] and state["stale"] and state["entities"] == len(gtfs_realtime.read(capture).vehicles)
    assert trips(plan(client)) == {"t1", "c1"}


def test_a_board_is_found_by_the_id_of_a_place(client: TestClient, platform: Platform) -> None:
    feed = client.get("travel/feeds").json()["items"][0]["id"]
    row = {"id": "p1", "source": f"feed:{feed}", "kind": "stop", "ref": "s2", "name": "重庆路口", "search": "||",
           "initials": "", "weight": 1, "lon": 120.61, "lat": 27.91}  # fmt: skip
    with platform.store.write(system_actor("test")) as work:
        work.execute(insert(PLACE), [row])
    board = client.get("travel/boards/p1", params={"at": f"{DAY}T08:00"}).json()
    assert (board["name"], [one["trip_id"] for one in board["departures"]]) == ("重庆路口", ["t1", "c1", "c2"])
