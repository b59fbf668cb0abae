"""From the log to the alarm: rules follow the writer, take back what was wrong, and go on after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tongqu.kernel import things
from tongqu.kernel.alarms import store as alarms
from tongqu.kernel.alarms import withdraw
from tongqu.kernel.alarms.module import MODULE as ALARMS
from tongqu.kernel.alarms.values import Alarm, State
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.rules import Rule, store
from tongqu.kernel.rules.live import RuleRunner
from tongqu.kernel.rules.logic import Silence, threshold
from tongqu.kernel.rules.module import MODULE as RULES
from tongqu.kernel.rules.replay import compare
from tongqu.kernel.store import migrate
from tongqu.kernel.telemetry.tests.house import NOON, SYSTEM, House

S = 1000


def _say(one: Any, change: Any) -> dict[str, Any]:
    return {"value": float(one["value"])}


def _speed(batch: Any) -> tuple[Any, Any, Any]:
    speed = batch["speed_kmh"].astype(float)
    return speed, speed * 0 + 80.0, speed * 0 + 80.0


FAST = (Rule("toys.fast", lambda _: None, severity=2), threshold(_speed, _say, raise_ms=10 * S, gap_ms=60 * S))  # type: ignore[arg-type,return-value]
MUTE = (Rule("toys.mute", lambda _: None), Silence(lambda b: b["speed_kmh"] > 0, _say, limit_ms=300 * S))  # type: ignore[arg-type,return-value]


class Office:
    """A telemetry house with rules."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        rooms = [module.room for module in (EVENTS, LAYERS, ALARMS, RULES) if module.room is not None]
        migrate(self.house.store, rooms)
        self.truck, self.terminal = self.house.pair("truck", organisation="o1", region="9901")
        self.other, self.second = self.house.pair("other", region="9902")
        self.runner = self._open()

    def _open(self) -> RuleRunner:
        runner = RuleRunner(self.house.platform, [FAST, MUTE])
        self.house.telemetry.writer.followers.append(runner.follow)
        runner.resume()
        return runner

    def crash(self) -> None:
        """All that is in memory is gone; rows, alarms and what was kept remain."""
        self.house.reopen()
        self.runner = self._open()

    def fix(self, *fixes: tuple[int, int], terminal: things.Thing | None = None, refill: bool = False) -> None:
        """Fixes of (second, km/h), arrived."""
        source = (terminal or self.terminal).key
        rows = [(NOON + at * S, 120.5, 28.5, 12, 90, 0, 2, 1.0, speed) for at, speed in fixes]
        self.house.clock.at_ms = max(self.house.clock.at_ms, NOON + max(at for at, _ in fixes) * S)
        self.house.fix(source, *rows, refill=refill)
        self.house.catch_up()
        while self.runner.turn():
            pass

    def alarms(self) -> list[Alarm]:
        with self.house.store.read(SYSTEM) as work:
            return sorted(alarms.changed_since(work, 0, 1000), key=lambda one: (one.rule, one.onset_ms))

    def seen(self) -> list[tuple[str, str, int, int | None]]:
        """Rule, state, onset and end in seconds of each alarm."""
        end = lambda one: None if one.cleared_ms is None else (one.cleared_ms - NOON) // S  # noqa: E731
        return [(one.rule, one.state.value, (one.onset_ms - NOON) // S, end(one)) for one in self.alarms()]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.house.close()


def test_a_row_becomes_an_alarm_with_its_frames_as_evidence(office: Office) -> None:
    office.fix((0, 90), (5, 92), (10, 91))
    (alarm,) = office.alarms()
    assert (alarm.rule, alarm.subject, alarm.subject_name) == ("toys.fast", str(office.truck.urn), "truck")
    assert (alarm.organisation, alarm.home_region, alarm.region) == ("o1", "9901", "992008")
    assert alarm.live and alarm.state is State.OPEN and alarm.onset_ms == NOON and alarm.values == {"value": 92.0}
    frames = [office.house.telemetry.frame(one) for one in alarm.evidence]
    assert {one.source for one in frames} == {office.terminal.key}
    office.fix((12, 70))
    assert office.seen() == [("toys.fast", "cleared", 0, 12)]


def test_a_refilled_row_takes_back_what_never_was(office: Office) -> None:
    office.fix((0, 90), (10, 90))
    office.fix((5, 60), refill=True)
    assert office.seen() == [("toys.fast", "withdrawn", 0, None)]
    office.fix((8, 90), (20, 90), refill=True)
    assert office.seen() == [("toys.fast", "withdrawn", 0, None), ("toys.fast", "open", 8, None)]


def test_silence_rings_by_the_time_of_others_and_is_filled_by_a_refill(office: Office) -> None:
    office.fix((0, 50))
    office.fix((301, 0), terminal=office.second)
    assert office.seen() == [("toys.mute", "open", 300, None)]
    office.fix(*[(at, 50) for at in range(30, 300, 30)], refill=True)
    assert office.seen() == [("toys.mute", "withdrawn", 300, None)]


def test_after_a_crash_the_same_rows_give_the_same_alarms_and_nothing_twice(office: Office) -> None:
    office.fix((0, 90), (5, 92), (10, 91))
    with office.house.store.read(SYSTEM) as work:
        assert len(store.newest(work)) == 1, "states are kept with the first alarms"
    office.fix((14, 70), (20, 90), (31, 90))
    before = office.alarms()
    office.crash()
    assert office.alarms() == before
    office.fix((33, 60))
    assert office.seen() == [("toys.fast", "cleared", 0, 14), ("toys.fast", "cleared", 20, 33)]
    office.crash()
    office.fix((21, 60), refill=True)
    assert office.seen() == [("toys.fast", "cleared", 0, 14), ("toys.fast", "withdrawn", 20, 33)]


def test_what_was_missed_while_rules_stood_still_is_read_from_the_history(office: Office) -> None:
    office.fix((0, 50))
    office.house.telemetry.writer.followers.clear()
    office.fix((10, 90), (20, 95))
    office.house.telemetry.writer.followers.append(office.runner.follow)
    office.fix((22, 90))
    assert office.seen() == [("toys.fast", "open", 10, None)]


def test_a_binding_that_is_corrected_moves_the_alarms(office: Office) -> None:
    loose = office.house.terminal("loose")
    office.fix((0, 90), (10, 90), terminal=loose)
    assert office.seen() == [], "a terminal on nothing is no vehicle"
    truck = office.house.vehicle("found")
    office.house.fit(loose, truck, NOON - 1000)
    office.house.catch_up()
    assert office.runner.turn(), "no row comes after the correction"
    assert not office.runner.turn()
    (alarm,) = office.alarms()
    assert (alarm.subject, alarm.onset_ms, alarm.state) == (str(truck.urn), NOON, State.OPEN)


def test_replay_says_whether_the_alarms_agree(office: Office) -> None:
    office.fix((0, 90), (5, 92), (10, 91), (14, 70))
    office.fix((2, 90), (16, 88), (30, 88), refill=True)
    office.fix((400, 0), terminal=office.second)
    report = compare(office.house.platform, office.runner.engine.rules, 0, NOON + 10**9)
    assert report.agrees and report.rows == 8 and report.alarms == len(office.alarms()) == 3
    with office.house.store.write(SYSTEM) as work:
        withdraw(work, "toys.fast", str(office.truck.urn), NOON)
    report = compare(office.house.platform, office.runner.engine.rules, 0, NOON + 10**9)
    assert not report.agrees and [one.what for one in report.differences] == ["missing"]
