"""One alarm per rule, subject and onset, seen by whom it concerns."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tongqu.kernel import alarms, events
from tongqu.kernel.alarms import AMENDED, CLEARED, RAISED, WITHDRAWN, Episode, Kind, State, Subject, store, stream
from tongqu.kernel.alarms.module import MODULE as ALARMS
from tongqu.kernel.alarms.module import tidy
from tongqu.kernel.alarms.tables import KEPT_DAYS
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kernel.web import stream as sse
from tongqu.kernel.web.caller import Authenticate
from tongqu.kit.errors import Forbidden, NotFound, Refused
from tongqu.kit.time import DAY_MS, ManualClock

SYSTEM = system_actor("test")
SPEED = Kind("fleets.overspeed", 2, "speeding")
CALL = Kind("equipment.emergency", 1, "call", standing=True)
TRUCK = Subject("urn:tongqu:vehicle:t1", "澜A·D12345", "o1", "9901")
BOTH = ("alarms.read", "alarms.acknowledge")


def person(*permissions: str, organisations: tuple[str, ...] = (), region: str | None = None) -> Actor:
    grant = Grant("r", frozenset(permissions), organisations=frozenset(organisations) or None, region=region)
    return Actor("p1", "值班员一", grants=(grant,))


@pytest.fixture
def platform(make_platform: Any) -> Platform:
    made: Platform = make_platform(AUDIT, EVENTS, LAYERS, ALARMS)
    made.provide(stream.AlarmWatch(made))
    return made


@pytest.fixture
def onset(clock: ManualClock) -> int:
    return clock.now_ms() - 60_000


def episode(onset: int, **more: Any) -> Episode:
    about: dict[str, Any] = {"lon": 120.1, "lat": 28.2, "region": "990201", "values": {"speed_kmh": 96.0}}
    return Episode(onset, onset + 30_000, **about | {"evidence": ("77",)} | more)


def told(platform: Platform) -> list[str]:
    with platform.store.read(SYSTEM) as work:
        return [one.type for one in events.after(work, 0, [one.id for one in ALARMS.events])]


def test_telling_the_same_twice_is_one_alarm_and_one_event(platform: Platform, onset: int) -> None:
    for _ in range(2):
        with platform.store.write(SYSTEM) as work:
            first = alarms.raise_(work, SPEED, TRUCK, episode(onset))
    assert first.state is State.OPEN and first.live and told(platform) == [RAISED]
    with platform.store.write(SYSTEM) as work:
        ended = Episode(onset, 0, onset + 50_000, ending={"duration_s": 50}, carried=True)
        again = alarms.clear(work, SPEED.rule, TRUCK.urn, ended)
        late = alarms.raise_(work, SPEED, TRUCK, episode(onset, cleared_ms=onset + 50_000, ending={"duration_s": 50}))
    assert again is not None and again.state is State.CLEARED and late == again
    assert again.values == {"speed_kmh": 96.0, "end": {"duration_s": 50}} and again.raised_ms == first.raised_ms
    assert told(platform) == [RAISED, CLEARED]


def test_an_old_onset_counts_but_does_not_ring(platform: Platform, clock: ManualClock) -> None:
    old = clock.now_ms() - alarms.service.LIVE_MS - 40_000
    with platform.store.write(SYSTEM) as work:
        assert not alarms.raise_(work, SPEED, TRUCK, episode(old)).live
        assert store.waiting(work) == {}
        assert alarms.raise_(work, SPEED, TRUCK, episode(old + 20_000)).live


def test_reconciling_raises_amends_and_withdraws_only_what_differs(platform: Platform, onset: int) -> None:
    with platform.store.write(SYSTEM) as work:
        ended = alarms.raise_(work, SPEED, TRUCK, episode(onset - 900_000, cleared_ms=onset - 800_000))
        wrong = alarms.raise_(work, SPEED, TRUCK, episode(onset))
        right = alarms.raise_(work, SPEED, TRUCK, episode(onset + 1000))
        found = [episode(onset + 1000, cleared_ms=onset + 40_000), episode(onset + 2000)]
        changed = alarms.reconcile(work, SPEED, TRUCK, onset - 1, found)
    assert {(one.onset_ms, one.state) for one in changed} == {
        (wrong.onset_ms, State.WITHDRAWN),
        (right.onset_ms, State.CLEARED),
        (onset + 2000, State.OPEN),
    }
    with platform.store.write(SYSTEM) as work:
        assert alarms.reconcile(work, SPEED, TRUCK, onset - 1, found) == []
        assert store.get(work, ended.id) == ended
        back = alarms.raise_(work, SPEED, TRUCK, episode(onset))
    assert back.id == wrong.id and back.state is State.OPEN
    assert told(platform)[-2:] == [RAISED, AMENDED] and WITHDRAWN in told(platform)


def test_a_call_for_help_stands_until_somebody_has_seen_it(platform: Platform, onset: int) -> None:
    officer = person(*BOTH, region="99")
    with platform.store.write(SYSTEM) as work:
        alarm = alarms.raise_(work, CALL, TRUCK, episode(onset))
    with platform.store.write(SYSTEM) as work:
        assert alarms.reconcile(work, CALL, TRUCK, alarm.raised_ms, []) == [], "what came after does not take it back"
    with platform.store.write(officer) as work:
        seen = alarms.acknowledge(work, alarm.id, "已联系驾驶员")
    assert seen.state is State.CLEARED and seen.acknowledged_name == "值班员一" and seen.note == "已联系驾驶员"
    with platform.store.write(SYSTEM) as work:
        assert alarms.raise_(work, CALL, TRUCK, episode(onset)) == seen, "read anew, it stays closed"
    with platform.store.write(officer) as work, pytest.raises(Refused, match="acknowledged_before"):
        alarms.acknowledge(work, alarm.id)


def test_a_withdrawn_alarm_needs_nobody(platform: Platform, onset: int) -> None:
    with platform.store.write(SYSTEM) as work:
        alarm = alarms.raise_(work, SPEED, TRUCK, episode(onset))
        assert alarms.withdraw(work, SPEED.rule, TRUCK.urn, onset) is not None
        assert alarms.withdraw(work, SPEED.rule, TRUCK.urn, onset) is None
        with pytest.raises(Refused, match="withdrawn"):
            alarms.acknowledge(work, alarm.id)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (person("alarms.read", organisations=("o1",)), True),
        (person("alarms.read", region="9901"), True),
        (person("alarms.read", region="9902"), True),
        (person("alarms.read", region="9903"), False),
        (person("alarms.read", organisations=("o2",)), False),
        (person("telemetry.read", region="99"), False),
    ],
    ids=["owner", "home", "presence", "elsewhere", "other carrier", "no permission"],
)
def test_who_sees_an_alarm(platform: Platform, onset: int, who: Actor, sees: bool) -> None:
    with platform.store.write(SYSTEM) as work:
        alarm = alarms.raise_(work, SPEED, TRUCK, episode(onset))
    with platform.store.write(who) as work:
        if sees:
            assert alarms.get(work, alarm.id) == alarm
            with pytest.raises(Forbidden):
                alarms.acknowledge(work, alarm.id)
        else:
            with pytest.raises(NotFound):
                alarms.get(work, alarm.id)


def test_routes_list_acknowledge_and_refuse(platform: Platform, http: Any, onset: int) -> None:
    platform.provide(lambda _: person(*BOTH, region="9902"), Authenticate)
    with platform.store.write(SYSTEM) as work:
        alarm = alarms.raise_(
            work, SPEED, TRUCK, episode(onset), place=[{"route": "G9901", "text": "G9901 K45+200 下行"}]
        )
        alarms.raise_(
            work, SPEED, replace(TRUCK, urn="urn:tongqu:vehicle:x", region="9903"), episode(onset, region="990301")
        )
    client = http(platform, headers={"X-Tongqu": "1"})
    listed = client.get("/api/v1/alarms", params={"filter.waiting": "1", "filter.region": "9902"}).json()
    assert [one["id"] for one in listed["items"]] == [alarm.id] and listed["total"] == 1
    assert listed["items"][0]["place_text"] == "G9901 K45+200 下行"
    assert client.get("/api/v1/alarms/count").json() == {"total": 1, "by_severity": {"2": 1}}
    one = client.get(f"/api/v1/alarms/{alarm.id}")
    path = f"/api/v1/alarms/{alarm.id}/acknowledge"
    assert client.post(path, json={"note": "x"}, headers={"If-Match": '"old"'}).status_code == 412
    assert client.post(path, json={"note": "x" * 501}).status_code == 422
    assert client.post(path, json={"note": "x"}, headers={"If-Match": one.headers["etag"]}).status_code == 200
    assert client.post(path, json={}).status_code == 409
    assert client.get("/api/v1/alarms/999").status_code == 404
    assert client.get(f"/api/v1/alarms/{10**30}").status_code == 404
    assert client.get("/api/v1/alarms?sort=nonsense").status_code == 422
    assert client.get("/api/v1/alarms/count").json()["total"] == 0


def test_the_stream_goes_on_where_it_was_cut(platform: Platform, onset: int) -> None:
    with platform.store.write(SYSTEM) as work:
        first = alarms.raise_(work, SPEED, TRUCK, episode(onset))
    reader = stream.Reader(platform, person(*BOTH, region="99"), 0)
    stranger = stream.Reader(platform, person(*BOTH, region="98"), 0)

    async def read(reader: stream.Reader, resumed: bool) -> list[dict[str, Any]]:
        turns = iter([False, True])

        async def gone() -> bool:
            return next(turns)

        pieces = [piece async for piece in sse.events(reader, stream.packed, resumed, gone, lambda: reader.actor)]
        return [orjson.loads(one.split(b"data: ")[1]) for one in pieces if b"data: " in one]

    assert [one["id"] for one in asyncio.run(read(reader, False))] == [first.id]
    assert asyncio.run(read(stranger, False)) == []
    with platform.store.write(SYSTEM) as work:
        alarms.clear(work, SPEED.rule, TRUCK.urn, episode(onset, cleared_ms=onset + 45_000))
    platform.service(stream.AlarmWatch)._read_s = -1e9
    again = asyncio.run(read(stream.Reader(platform, reader.actor, first.revision), True))
    assert [(one["id"], one["state"]) for one in again] == [(first.id, "cleared")]
    assert asyncio.run(read(stranger, True)) == []


def test_what_is_too_old_is_forgotten_but_for_what_is_open(platform: Platform, onset: int, clock: ManualClock) -> None:
    with platform.store.write(SYSTEM) as work:
        alarms.raise_(work, SPEED, TRUCK, episode(onset, cleared_ms=onset + 45_000))
        kept = alarms.raise_(work, SPEED, TRUCK, episode(onset + 1))
    clock.advance((KEPT_DAYS + 1) * DAY_MS)
    tidy(platform)
    with platform.store.read(SYSTEM) as work:
        assert [one.id for one in store.changed_since(work, 0, 10)] == [kept.id]
