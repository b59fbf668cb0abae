"""Many alarms become few incidents, in whatever order they come, and only what must be seen reaches the desk."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.domains.insight import store
from tongqu.domains.insight.cases import INCIDENT
from tongqu.domains.insight.service import incidents
from tongqu.domains.insight.tables import MEMBER
from tongqu.domains.insight.tests.conftest import FATIGUE, PLACE, SPEEDING, START_MS, SYSTEM, Centre
from tongqu.domains.insight.values import Desk, picture_of
from tongqu.kernel import alarms, cases, events
from tongqu.kernel.alarms.values import Episode, Kind, Subject
from tongqu.kernel.cases import Case
from tongqu.kernel.notify import store as messages

MINUTE = 60_000


def desk(centre: Centre, name: str = "one") -> list[Case]:
    with centre.platform.store.read(centre.actor(name)) as work:
        return cases.still_open(work, [INCIDENT])


def members(centre: Centre, case: Case) -> list[dict[str, Any]]:
    with centre.platform.store.read(SYSTEM) as work:
        return store.members(work, case.id)


def test_one_lesser_alarm_does_not_reach_the_desk_three_vehicles_together_do(centre: Centre) -> None:
    centre.alarm("澜A00001")
    centre.alarm("澜A00002", minutes=1)
    assert desk(centre) == []
    centre.alarm("澜A00003", minutes=2)
    (incident,) = desk(centre)
    assert incident.place == "G9901 K45+200 下行" and incident.region == "990101" and incident.priority == 3
    assert incident.number == "990101-20261124-001"
    assert (incident.data["alarms"], incident.data["subjects"], incident.data["open"]) == (3, 3, 3)
    assert len(members(centre, incident)) == 3


def test_one_vehicle_that_rings_again_and_again_is_not_three(centre: Centre) -> None:
    for minutes in (0, 3, 6, 9):
        centre.alarm("澜A00001", minutes=minutes, ended=minutes + 1)
    assert desk(centre) == []


def test_a_grave_alarm_is_an_incident_by_itself(centre: Centre) -> None:
    centre.alarm(kind=FATIGUE)
    (incident,) = desk(centre)
    assert incident.priority == 2 and incident.data["cause"] == "fatigue"


def test_five_hundred_alarms_of_a_fog_bank_are_one_incident(centre: Centre) -> None:
    with centre.platform.store.write(SYSTEM) as work:
        for number in range(500):
            at = START_MS + number * 1_000
            about = Subject(f"urn:tongqu:vehicle:{number}", f"澜A{number:05d}", region="9901")
            episode = Episode(onset_ms=at, raised_ms=at, lon=120.0, lat=28.0, region="990101")
            alarms.raise_(work, SPEEDING, about, episode, place=PLACE, live=True)
    centre.settle()
    (incident,) = desk(centre)
    assert incident.data["subjects"] == 500 and incident.priority == 2, "many make it one step more pressing"


def test_place_time_and_cause_tell_incidents_apart(centre: Centre) -> None:
    for index, (minutes, kind) in enumerate(((0, FATIGUE), (40, FATIGUE))):
        centre.alarm(f"澜A1000{index}", kind, minutes=minutes)
    assert len(desk(centre)) == 2


def test_an_old_alarm_counts_and_opens_nothing(centre: Centre) -> None:
    centre.alarm(kind=FATIGUE, live=False)
    assert desk(centre) == []
    centre.alarm("澜A00002", kind=FATIGUE, minutes=1)
    (incident,) = desk(centre)
    assert incident.data["alarms"] == 2


def test_an_incident_follows_its_alarms(centre: Centre) -> None:
    for number in range(3):
        centre.alarm(f"澜A0000{number}")
    centre.alarm("澜A00000", ended=5)
    assert desk(centre)[0].data["open"] == 2
    with centre.platform.store.write(SYSTEM) as work:
        alarms.withdraw(work, "test.speeding", "urn:tongqu:vehicle:澜A00001", START_MS)
    centre.settle()
    (incident,) = desk(centre)
    assert (incident.data["alarms"], incident.data["open"], incident.data["withdrawn"]) == (2, 1, 1)
    centre.alarm("澜A00002", ended=9)
    assert desk(centre)[0].data["cleared_ms"] == START_MS + 9 * MINUTE


def test_what_comes_after_an_incident_was_closed_is_another_one(centre: Centre) -> None:
    centre.alarm(kind=FATIGUE)
    (first,) = desk(centre)
    with centre.platform.store.write(centre.actor("one")) as work:
        cases.advance(work, INCIDENT, first.id, "dismiss", data={"reason": "已联系驾驶员休息"})
    assert desk(centre) == []
    centre.alarm(kind=FATIGUE, minutes=5)
    (second,) = desk(centre)
    assert second.id != first.id and second.data["alarms"] == 1
    assert [one["case"] for one in members(centre, first)] == [first.id]


def told(centre: Centre) -> list[events.Event]:
    with centre.platform.store.read(SYSTEM) as work:
        return events.after(work, 0, ["alarms.raised", "alarms.cleared", "alarms.withdrawn", "alarms.amended"], 1000)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 16))
def test_shuffled_and_doubled_events_give_the_same_members(centre: Centre, seed: int) -> None:
    """Every alarm ends as its last revision says, however its news came."""
    for number in range(4):
        centre.alarm(f"澜A0000{number}", settle=False)
        centre.alarm(f"澜A0000{number}", ended=number + 1, settle=False)
    with centre.platform.store.write(SYSTEM) as work:
        alarms.withdraw(work, "test.speeding", "urn:tongqu:vehicle:澜A00003", START_MS)
    news = told(centre) * 2
    random.Random(seed).shuffle(news)
    with centre.platform.store.write(SYSTEM) as work:
        work.execute(MEMBER.delete())
    for event in news:
        with centre.platform.store.write(SYSTEM) as work:
            incidents.on_alarm(work, event)
    states = {}
    with centre.platform.store.read(SYSTEM) as work:
        for number in {event.payload["id"] for event in news}:
            states[store.member(work, number)["subject_name"]] = store.member(work, number)["state"]
    assert states == {"澜A00000": "cleared", "澜A00001": "cleared", "澜A00002": "cleared", "澜A00003": "withdrawn"}


def test_another_city_does_not_see_it_and_the_province_does(centre: Centre) -> None:
    centre.alarm(kind=FATIGUE)
    assert len(desk(centre, "province")) == len(desk(centre)) == 1
    assert desk(centre, "other") == []


def test_an_incident_of_the_first_rank_is_told_at_once(centre: Centre) -> None:
    centre.alarm(kind=Kind("test.sos", 1, "sos"))
    with centre.platform.store.read(SYSTEM) as work:
        unread = {name: messages.unread(work, id, work.now_ms) for name, id in centre.people.items()}
    assert unread == {"one": 1, "two": 1, "other": 0, "province": 0}


def row(severity: int = 3, subject: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "alarm": more.get("onset_ms", 0),
        "rule": "x.y",
        "cause": "c",
        "severity": severity,
        "subject": subject,
        "state": "open",
        "live": True,
        "standing": False,
        "onset_ms": 0,
        "cleared_ms": None,
        "lon": 1.0,
        "lat": 2.0,
        "region": "9901",
        "place": "",
    } | more


LIMITS = Desk(alone_severity=2, together_subjects=3, many_subjects=10)


@pytest.mark.parametrize(
    "group, serious",
    [
        ([row(2)], True),
        ([row(3)], False),
        ([row(2, live=False)], False),
        ([row(4, standing=True)], False),
        ([row(3, str(n)) for n in range(3)], True),
        ([row(3, str(n)) for n in range(2)], False),
        ([row(3, str(n), live=n > 0) for n in range(3)], False),
        ([row(2, state="withdrawn")], False),
        ([row(2, state="withdrawn"), row(3, "b")], False),
    ],
)
def test_what_reaches_the_desk(group: list[dict[str, Any]], serious: bool) -> None:
    assert picture_of(group, LIMITS).serious is serious


def test_the_desk_goes_by_the_rulebook(centre: Centre) -> None:
    assert incidents.desk_of("990101", START_MS) == LIMITS


def test_an_alarm_in_the_middle_of_nowhere_belongs_to_its_subjects_home(centre: Centre) -> None:
    episode = Episode(onset_ms=START_MS, raised_ms=START_MS, lon=125.0, lat=25.0, region="")
    with centre.platform.store.write(SYSTEM) as work:
        about = Subject("urn:tongqu:vehicle:X", "X", region="9901")
        alarms.raise_(work, FATIGUE, about, episode, live=True)
    centre.settle()
    assert [one.region for one in desk(centre)] == ["9901"]
