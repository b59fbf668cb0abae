"""All movers at a moment of the past: what the live view gave then, wherever the rows lie by now."""

from __future__ import annotations

import random

import pytest

from tongqu.kernel.telemetry.movers import MOVING, STALE
from tongqu.kernel.telemetry.tests.house import NOON, over
from tongqu.kernel.telemetry.tests.test_api import Desk
from tongqu.kit.time import HOUR_MS, MINUTE_MS

S = 1000
ALL = over(everywhere=True)


@pytest.fixture
def desk(house):
    return Desk(house)


def picture(desk, at_ms, actor=None, **params):
    """(time, lon) by label at a moment."""
    answer = desk.get("movers", actor, at=at_ms, **params)
    columns = answer["columns"]
    assert answer["at_ms"] == at_ms and answer["count"] == len(columns["urn"])
    return {
        label: (time, round(lon, 4))
        for label, time, lon in zip(columns["label"], columns["time_ms"], columns["lon"], strict=True)
    }


def newest(sent, at_ms, reach_ms=HOUR_MS):
    """The rule: of each mover the newest fix at or before the moment, if it is not older than the reach."""
    found = {}
    for name, time, lon in sent:
        if at_ms - reach_ms <= time <= at_ms and time > found.get(name, (0,))[0]:
            found[name] = (time, lon)
    return found


def test_a_picture_is_the_newest_fix_of_each_mover_whether_fresh_settled_late_or_sealed(house, desk):
    dice = random.Random(7)
    movers = [house.pair(f"V{i}") for i in range(12)]
    sent = []
    for hour in range(3):
        house.clock.at_ms = NOON + (hour + 1) * HOUR_MS
        for step in range(40):
            for i, (vehicle, terminal) in enumerate(movers):
                if dice.random() < (0.1 if i > 8 else 0.8):
                    time, lon = (
                        NOON + hour * HOUR_MS + step * 75 * S + i,
                        round(119 + hour / 20 + step / 1000 + i / 10000, 4),
                    )
                    house.fix(terminal.key, (time, lon, 30.0), refill=True)
                    sent.append((vehicle.name, time, lon))
        house.catch_up()
        house.clock.advance(20 * MINUTE_MS)
        house.telemetry.writer.settle_now()
        house.telemetry.keep()
    late = (NOON + 17 * S, 119.001)
    house.fix(movers[0][1].key, (*late, 30.0), refill=True)
    house.catch_up()
    sent.append((movers[0][0].name, *late))
    for _ in range(25):
        at_ms = NOON + dice.randrange(0, 3 * HOUR_MS + 20 * MINUTE_MS, S)
        assert picture(desk, at_ms) == newest(sent, at_ms), at_ms
    assert picture(desk, NOON + 17 * S)[movers[0][0].name] == late
    assert picture(desk, NOON - HOUR_MS) == {}


def test_the_present_and_what_is_to_come_are_the_live_picture(house, desk):
    _, terminal = house.pair("V")
    house.fix(terminal.key, (NOON - S, 119.0, 30.0))
    house.catch_up()
    now = desk.get("movers")
    assert desk.get("movers", at=NOON) == now == desk.get("movers", at=NOON + HOUR_MS)


def test_states_are_those_of_the_moment(house, desk):
    _, terminal = house.pair("V")
    house.fix(terminal.key, (NOON, 119.0, 30.0), refill=True)
    house.catch_up()
    house.clock.at_ms = NOON + 2 * HOUR_MS
    assert desk.get("movers", at=NOON + MINUTE_MS)["columns"]["state"] == [MOVING]
    assert desk.get("movers", at=NOON + 6 * MINUTE_MS)["columns"]["state"] == [STALE]


def test_suspicious_fixes_are_in_no_picture(house, desk):
    _, terminal = house.pair("V")
    house.fix(terminal.key, (NOON, 119.0, 30.0), refill=True)
    house.fix(terminal.key, (NOON + 30 * S, 0.0, 0.0), refill=True)
    house.catch_up()
    house.clock.at_ms = NOON + HOUR_MS
    assert picture(desk, NOON + MINUTE_MS) == {"V": (NOON, 119.0)}


def test_a_mover_stands_for_what_was_fitted_to_it_then(house, desk):
    first, second = house.vehicle("A"), house.vehicle("B")
    terminal = house.terminal("t")
    house.fit(terminal, first, 0, NOON + 10 * MINUTE_MS)
    house.fit(terminal, second, NOON + 10 * MINUTE_MS)
    house.clock.at_ms = NOON + HOUR_MS
    for minute in (5, 15):
        house.fix(terminal.key, (NOON + minute * MINUTE_MS, 119.0 + minute / 100, 30.0), refill=True)
    house.catch_up()
    assert picture(desk, NOON + 6 * MINUTE_MS) == {"A": (NOON + 5 * MINUTE_MS, 119.05)}
    both = {"A": (NOON + 5 * MINUTE_MS, 119.05), "B": (NOON + 15 * MINUTE_MS, 119.15)}
    assert picture(desk, NOON + 16 * MINUTE_MS) == both


def test_who_saw_it_then_sees_it_now_and_nobody_else(house, desk):
    """Presence is of the moment: a stranger's vehicle is seen for the time it was in our county, also by name."""
    house.clock.at_ms = NOON + HOUR_MS
    vehicle, terminal = house.pair("V", region="980101")
    house.fix(terminal.key, (NOON, 118.5, 30.5), (NOON + 20 * MINUTE_MS, 119.5, 30.5), refill=True)
    house.catch_up()
    ours, theirs = over("991810"), over("991910")
    seen_first, seen_then = {"V": (NOON, 118.5)}, {"V": (NOON + 20 * MINUTE_MS, 119.5)}
    assert picture(desk, NOON + MINUTE_MS, ours) == seen_first and picture(desk, NOON + MINUTE_MS, theirs) == {}
    assert picture(desk, NOON + 25 * MINUTE_MS, ours) == {}
    assert picture(desk, NOON + 25 * MINUTE_MS, theirs) == seen_then
    assert picture(desk, NOON + MINUTE_MS, over("98")) == seen_first
    keys = str(vehicle.key)
    assert desk.get("movers/labels", ours, keys=keys, at=NOON + MINUTE_MS)[keys]["label"] == "V"
    assert desk.get("movers/labels", ours, keys=keys, at=NOON + 25 * MINUTE_MS) == {}
    assert desk.get("movers/labels", ours, keys=keys) == {}


def test_filters_hold_for_the_past(house, desk):
    for name, lon, category in (("A", 118.5, "bus"), ("B", 119.5, "tank")):
        _, terminal = house.pair(name, category=category)
        house.fix(terminal.key, (NOON, lon, 30.5), refill=True)
    house.catch_up()
    house.clock.at_ms = NOON + HOUR_MS
    at = NOON + MINUTE_MS
    assert set(picture(desk, at, bbox="118,30,119,31")) == {"A"}
    assert set(picture(desk, at, region="991910")) == {"B"}
    assert set(picture(desk, at)) == {"A", "B"}


@pytest.mark.parametrize("at", ["-1", "yesterday", str(10**18)])
def test_a_moment_that_is_none_is_refused(house, desk, at):
    assert desk.get("movers", status=422, at=at)["code"]
