"""Situations over HTTP: SIRI-SX in, the leg it concerns carries the notice in its period, until it is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tongqu.domains.travel import situations
from tongqu.domains.travel.alerts import Names
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.situations import CAUSES, EFFECTS, SEVERITIES, Held, alerts_of
from tongqu.domains.travel.tests.conftest import ALL, CITY
from tongqu.domains.travel.tests.test_realtime import DAY, START, at, client, plan, platform, until_true
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.platform import Platform
from tongqu.kit import text
from tongqu.protocols import gtfs_realtime, siri
from tongqu.protocols.gtfs_realtime import Alert, Message, Selector, Trip
from tongqu.protocols.siri.tests.messages import delivery, line, situation, stop_point

__all__ = ["client", "platform"]  # fixtures of the real-time tests: two lines that meet at s2
pytestmark = pytest.mark.timeout(600)

XML = {"Content-Type": "application/xml; charset=utf-8"}
Push = Callable[..., dict[str, Any]]


@pytest.fixture
def feed(client: TestClient) -> str:
    return str(client.get("travel/feeds").json()["items"][0]["id"])


@pytest.fixture
def push(client: TestClient, feed: str) -> Push:
    """Sends a delivery as its publisher would."""

    def send(*told: str, data: bytes | None = None, **given: Any) -> dict[str, Any]:
        made = delivery(*told, **{"at": now(), **given}) if data is None else data
        answer = client.post(f"travel/feeds/{feed}/realtime/situations", content=made, headers=XML)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


def now(seconds: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def clock(written: str) -> str:
    """A moment of the day that is planned for, as SIRI writes it."""
    return f"{DAY}T{written}:00+08:00"


def rides(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [leg for leg in found["journeys"][0]["legs"] if leg["kind"] == "ride"]


def told(found: dict[str, Any]) -> list[list[str]]:
    """Ids of the notices of each ride."""
    return [[one["id"] for one in leg["notices"]] for leg in rides(found)]


def test_a_real_situation_is_told_on_its_line_in_its_period_and_not_once_it_is_closed(
    client: TestClient, push: Push, data_dir: Path
) -> None:
    real = (data_dir / "travel/netex/siri-sx.xml").read_bytes()
    ours = real.replace(b"it:apb:Line:80120_.24a", b"it:apb:Line:r1")  # the line of a feed that the test knows
    ours = ours.replace(b"2024-11-30T13:08:00+01:00", clock("08:30").encode())
    ours = ours.replace(b"2024-11-27T11:48:04.308988Z", now().encode())
    assert told(plan(client)) == [[], []]
    state = push(data=ours)
    assert (state["taken"], state["entities"], state["skipped"], state["unmatched"]) == (True, 1, 0, [])
    first, second = rides(plan(client))
    (notice,), nothing = first["notices"], second["notices"]
    assert (first["ride"]["line_id"], notice["id"], nothing) == ("r1", "STA:2024-3443167", [])
    assert notice["header"]["en"] == "The busroute: 120 obstacle on the track"
    assert notice["description"]["en"].endswith("Change to another line")
    # trips of a line are cancelled: that is not the whole line
    assert (notice["effect"], notice["cause"], notice["severity"]) == ("reduced_service", "other_cause", "warning")
    assert all(notice[part][language] for part in ("effect_words", "cause_words") for language in ("zh", "en"))
    itinerary = plan(client)["journeys"][0]["id"]
    opened = client.get(f"travel/itineraries/{itinerary}").json()
    assert told({"journeys": [opened["journey"]]}) == [["STA:2024-3443167"], []]
    after = plan(client, depart_at=f"{DAY + timedelta(days=1)}T07:50")
    assert told(after) == [[], []], "its period is over"
    closed = ours.replace(b"<Progress>published", b"<Progress>closed").replace(b"<Version>6", b"<Version>7")
    assert push(data=closed)["entities"] == 0
    assert told(plan(client)) == [[], []]


def test_addresses_are_fetched_and_a_broken_answer_keeps_what_was_known(
    client: TestClient, platform: Platform, feed: str
) -> None:
    served: dict[str, Any] = {"data": delivery(situation(affects=line("r1")), at=now(-60)), "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served["asked"].append(self.headers.get("Accept", ""))
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.end_headers()
            self.wfile.write(served["data"])

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/sx"
        put = client.put(f"travel/feeds/{feed}/realtime", json={"situations": url}, headers={"If-Match": "*"})
        assert put.status_code == 200, put.text
        platform.service(Realtime).start()
        until_true(lambda: told(plan(client)) == [["P:S1"], []])
        assert served["asked"][0].startswith("application/xml")
        served["data"] = served["data"][:-30]
        until_true(lambda: client.get("travel/realtime").json()["items"][0]["failure"] is not None)
        assert told(plan(client)) == [["P:S1"], []]
        served["data"] = delivery(at=now())  # all there is: none
        until_true(lambda: told(plan(client)) == [[], []])
    finally:
        server.shutdown()
        server.server_close()


def test_a_stop_that_is_closed_is_told_to_who_boards_or_alights_there(client: TestClient, push: Push) -> None:
    push(situation(affects=stop_point("ch:2:Quay:s4"), conditions=("stopCancelled",)))
    assert told(plan(client)) == [[], ["P:S1"]]
    assert rides(plan(client))[1]["notices"][0]["effect"] == "no_service"
    assert told(plan(client, to="stop:wangting:s3")) == [[]]
    push(situation(affects=stop_point("s2"), conditions=("stopCancelled",)))
    assert told(plan(client)) == [["P:S1"], ["P:S1"]], "one changes there"
    assert told(plan(client, to="stop:wangting:s3")) == [[]], "the bus only passes there"


def test_a_line_without_service_and_only_some_stops_of_it(client: TestClient, push: Push) -> None:
    push(situation(affects=line("r2"), conditions=("noService",)))
    assert [one["effect"] for one in rides(plan(client))[1]["notices"]] == ["no_service"]
    push(situation(affects=line("r1", ("s3",))))
    assert told(plan(client)) == [[], []]
    assert told(plan(client, to="stop:wangting:s3")) == [["P:S1"]]


def test_a_journey_and_an_operator(client: TestClient, push: Push) -> None:
    ref = f"<DataFrameRef>{DAY}</DataFrameRef><DatedVehicleJourneyRef>c1</DatedVehicleJourneyRef>"
    framed = f"<FramedVehicleJourneyRef>{ref}</FramedVehicleJourneyRef>"
    affects = f"<VehicleJourneys><AffectedVehicleJourney>{framed}</AffectedVehicleJourney></VehicleJourneys>"
    push(situation(affects=affects, conditions=("tripCancellation",)))
    assert told(plan(client)) == [[], ["P:S1"]]
    assert rides(plan(client))[1]["notices"][0]["effect"] == "no_service"
    assert told(plan(client, depart_at=f"{DAY + timedelta(days=1)}T07:50")) == [[], []]
    push(
        situation(affects="<Operators><AffectedOperator><OperatorRef>x:A</OperatorRef></AffectedOperator></Operators>")
    )
    assert told(plan(client)) == [["P:S1"], ["P:S1"]]
    push(situation(affects="<Operators><AllOperators/></Operators>"))
    assert told(plan(client)) == [["P:S1"], ["P:S1"]]


def test_newer_editions_replace_and_older_ones_that_come_late_do_not(client: TestClient, push: Push) -> None:
    adds = {"head": "<SubscriptionRef>1</SubscriptionRef>"}
    push(situation("A", affects=line("r1"), version=2), **adds)
    push(situation("B", affects=line("r2")), **adds)
    assert told(plan(client)) == [["P:A"], ["P:B"]]
    push(situation("A", affects=line("r2"), version=1), at=now(-600), **adds)
    assert told(plan(client)) == [["P:A"], ["P:B"]]
    push(situation("A", version=3, progress="closed"), at=now(-300), **adds)
    push(situation("A", affects=line("r1"), version=2), **adds)
    assert told(plan(client)) == [[], ["P:B"]]
    push(situation("C", affects=line("r1")))  # an answer to a request is all there is
    assert told(plan(client)) == [["P:C"], []]
    assert push(situation("B", affects=line("r2")), at=now(-600))["taken"] is False


def test_what_is_malformed_is_counted_and_what_concerns_nothing_here_is_named(client: TestClient, push: Push) -> None:
    state = push(situation("A", affects=line("r1")), situation("B", start="soon"), situation("C", affects=line("r99")))
    assert (state["entities"], state["skipped"], state["unmatched"]) == (2, 1, ["P:C"])
    assert [(one["code"], one["entity"]) for one in state["notices"]] == [("bad_time", "B")]
    assert told(plan(client)) == [["P:A"], []]


def test_a_board_tells_what_concerns_the_stop_and_what_leaves(client: TestClient, push: Push) -> None:
    elsewhere = situation("C", affects=line("r1", ("s3",)))
    push(situation("A", affects=stop_point("s2")), situation("B", affects=line("r2")), elsewhere)
    board = client.get("travel/boards/wangting:s2", params={"at": f"{DAY}T08:00"}).json()
    assert [one["id"] for one in board["notices"]] == ["P:A", "P:B"]
    assert {one["trip_id"]: one["notices"] for one in board["departures"]} == {"t1": [], "c1": [1], "c2": [1]}


def test_alerts_of_gtfs_realtime_are_told_alike(client: TestClient, feed: str) -> None:
    alert = Alert("a1", ((at("08:00"), at("08:10")),), (Selector(route_id="r1"),), "weather", "detour",
                  (("zh", "绕行"),), (), "https://example.org", "info")  # fmt: skip
    other = Alert("a2", (), (Selector(trip=Trip("c1", start_date=START)),), "strike", "no_service", (("", "x"),), ())
    sent = gtfs_realtime.write(Message(at("00:00"), alerts=(alert, other)))
    assert client.post(f"travel/feeds/{feed}/realtime/alerts", content=sent).status_code == 200
    first, second = rides(plan(client))
    assert [(one["id"], one["effect"], one["severity"], one["url"]) for one in first["notices"]] == [
        ("a1", "detour", "info", "https://example.org")
    ]
    assert [(one["id"], one["header"]) for one in second["notices"]] == [("a2", {"und": "x"})]


def test_situations_are_given_on_as_alerts_with_the_feeds_own_ids(client: TestClient, push: Push, feed: str) -> None:
    push(situation(affects=line("it:Line:r1"), conditions=("diverted",)), situation("B", affects=line("other")))
    form = {"condition": "unconditional", "licence": "CC BY 4.0"}
    assert client.patch(f"travel/feeds/{feed}", json=form, headers={"If-Match": "*"}).status_code == 200
    (alert,) = gtfs_realtime.read(client.get("travel/open-data/wangting/alerts.pb").content).alerts
    assert (alert.id, alert.effect, alert.concerns) == ("P:S1", "detour", (Selector(route_id="r1"),))


@pytest.mark.parametrize(
    ("data", "kind", "media", "code"),
    [
        (b"<html>no</html>", "situations", "application/xml", "siri.no_delivery"),
        (b"<Siri>", "situations", "text/xml", "kit.broken_xml"),
        (b"", "situations", "application/xml", "imports.empty"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "situations", "application/xml", "kit.xml_doctype"),
        (delivery(), "situations", "application/x-protobuf", "travel.wrong_media_type"),
        (delivery(), "alerts", "application/xml", "travel.wrong_media_type"),
    ],
)
def test_what_is_no_delivery_is_refused_and_what_was_known_stays(
    client: TestClient, push: Push, feed: str, data: bytes, kind: str, media: str, code: str
) -> None:
    push(situation(affects=line("r1")))
    answer = client.post(f"travel/feeds/{feed}/realtime/{kind}", content=data, headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert all(answer.json()["detail"].values())
    assert told(plan(client)) == [["P:S1"], []]


def test_only_who_may_edit_a_feed_sends_situations(client: TestClient, platform: Platform, feed: str) -> None:
    stranger = as_person(application(platform, *ALL), CITY)
    sent = delivery(situation(affects=line("r1")))
    assert stranger.post(f"travel/feeds/{feed}/realtime/situations", content=sent, headers=XML).status_code == 404
    assert told(plan(as_person(application(platform, *ALL), CITY))) == [[], []]


# without HTTP


def test_every_word_that_is_mapped_is_told_in_both_languages() -> None:
    enums = gtfs_enums()
    for mapped, told_, room in ((EFFECTS, enums["Effect"], "effects"), (CAUSES, enums["Cause"], "causes")):
        assert set(mapped) <= told_
        assert all(text.has(f"travel.{room}.{one}") for one in told_)
        words = [word for each in mapped.values() for word in each]
        assert len(words) == len(set(words)), "a word means one thing"
    assert set(SEVERITIES) <= enums["SeverityLevel"]


def gtfs_enums() -> dict[str, set[str]]:
    from google.transit import gtfs_realtime_pb2 as pb

    enums = {"Effect": pb.Alert.Effect, "Cause": pb.Alert.Cause, "SeverityLevel": pb.Alert.SeverityLevel}
    return {name: {one.lower() for one, _ in enum.items()} for name, enum in enums.items()}


def test_consequences_that_differ_become_alerts_of_their_own() -> None:
    two = "".join(
        f"<Consequence><Condition>{word}</Condition><Affects>{affects}</Affects></Consequence>"
        for word, affects in (("noService", line("r1")), ("diverted", line("r2")), ("diverted", line("r2")))
    )
    (one,) = siri.read(delivery(situation(extra=f"<Consequences>{two}</Consequences>"))).situations
    assert [(alert.id, alert.effect, alert.concerns[0].route_id) for alert in alerts_of(one)] == [
        ("P:S1", "no_service", "r1"),
        ("P:S1#2", "detour", "r2"),
    ]


@pytest.mark.parametrize(
    ("ids", "ref", "meant"),
    [
        (("80120", "80121"), "it:apb:Line:80120", "80120"),
        (("it:apb:80120", "x"), "80120", "it:apb:80120"),
        (("NSR:Quay:58366", "NSR:Quay:58367"), "RUT:StopPlace:58366", "NSR:Quay:58366"),
        (("ch:1:sloid:3000:6:10",), "ch:1:sloid:7000:1:10", None),
        (("a:1234", "b:1234"), "c:1234", None),
        (("a:1234", "b:1234"), "b:1234", "b:1234"),
        (("80120",), "80121", None),
    ],
)
def test_a_reference_means_an_id_or_its_last_part_but_never_one_of_several(
    ids: tuple[str, ...], ref: str, meant: str | None
) -> None:
    assert Names(ids).find(ref) == meant


EDITIONS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(1, 4)), unique=True, min_size=1, max_size=8
)  # a version of a situation says one thing only


@given(EDITIONS, st.randoms())
def test_in_whatever_order_editions_come_the_same_holds_in_the_end(
    editions: list[tuple[str, int]], random: Any
) -> None:
    made = [situation(name, version=n, progress="closed" if n % 2 == 0 else "open") for name, n in editions]
    adds = "<SubscriptionRef>1</SubscriptionRef>"

    def end(order: list[str]) -> Held:
        held = Held()
        for one in order:
            held = held.after(siri.read(delivery(one, head=adds)), 0)
        return held

    shuffled = made * 2
    random.shuffle(shuffled)
    newest = {name: max(n for other, n in editions if other == name) for name, _ in editions}
    assert end(shuffled).situations == end(made).situations
    assert {one.number for one in end(shuffled).situations.values()} == {k for k, n in newest.items() if n % 2}


def test_pages_of_one_delivery_add_up_and_what_is_long_over_is_forgotten() -> None:
    more = {"head": "<MoreData>true</MoreData>"}
    held = Held().after(siri.read(delivery(situation("A"), **more)), 0)
    held = held.after(siri.read(delivery(situation("B"))), 0)
    assert set(held.situations) == {"P:A", "P:B"}
    held = held.after(siri.read(delivery(situation("C", end="2021-01-02T00:00:00Z"))), at("12:00"))
    assert set(held.situations) == set()


def test_versions_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(situations, "KEPT_VERSIONS", 3)
    adds = {"head": "<SubscriptionRef>1</SubscriptionRef>"}
    held = Held().after(siri.read(delivery(*(situation(str(n)) for n in range(9)), **adds)), 0)
    assert list(held.versions) == ["P:6", "P:7", "P:8"]
