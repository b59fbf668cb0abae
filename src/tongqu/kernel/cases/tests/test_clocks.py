"""Deadlines follow from what was done: right at midnight +08:00, over holidays, while suspended; each told once."""

from __future__ import annotations

from typing import Any

import pytest

from tongqu.kernel import cases, events, identity
from tongqu.kernel.cases import escalation, store
from tongqu.kernel.cases.clocks import Clock
from tongqu.kernel.cases.tests.conftest import CITY, DEFECT, EDITOR, START_MS
from tongqu.kernel.cases.tests.test_cases import SYSTEM, found, take
from tongqu.kernel.notify import store as messages
from tongqu.kernel.platform import Platform
from tongqu.kernel.rulebooks import Status
from tongqu.kernel.store import Query
from tongqu.kit.time import DAY_MS, HOUR_MS, ManualClock, iso, parse_iso


def clocks(platform: Platform, case: str) -> dict[str, Clock]:
    with platform.store.read(SYSTEM) as work:
        standing = cases.get(work, DEFECT, case)
        orders = store.supervisions(work, [case])[case]
        found = cases.clocks_of(DEFECT, standing, cases.history(work, standing), orders, work.now_ms)
    return {clock.limit: clock for clock in found}


def at(clock: ManualClock, time: str) -> None:
    clock.at_ms = parse_iso(time)


def test_a_clock_of_hours_is_overdue_at_its_last_instant_and_not_before(platform: Platform, clock: ManualClock) -> None:
    case = found(platform)
    clock.at_ms = START_MS + 2 * HOUR_MS - 1
    assert clocks(platform, case)["first_look"].state == "running"
    clock.advance(1)
    assert clocks(platform, case)["first_look"].state == "overdue"
    take(platform, case, "plan")
    assert clocks(platform, case)["first_look"].state == "missed"


@pytest.mark.parametrize(
    "planned, due",
    [
        ("2026-09-29T10:00:00+08:00", "2026-10-13T00:00:00+08:00"),  # over National Day, Saturday the 10th worked
        ("2026-11-24T23:59:59.999+08:00", "2026-12-02T00:00:00+08:00"),
        ("2026-11-25T00:00:00+08:00", "2026-12-03T00:00:00+08:00"),
    ],
)
def test_a_clock_of_working_days(platform: Platform, clock: ManualClock, planned: str, due: str) -> None:
    at(clock, planned)
    case = found(platform)
    take(platform, case, "plan")
    running = clocks(platform, case)["repair"]
    assert iso(running.due_ms) == iso(parse_iso(due)) and running.status is Status.CROSS_CHECKED
    clock.at_ms = running.due_ms - 1
    assert clocks(platform, case)["repair"].state == "running"
    clock.advance(1)
    assert clocks(platform, case)["repair"].state == "overdue"


def test_a_deadline_in_a_year_whose_holidays_are_not_known_says_so(platform: Platform, clock: ManualClock) -> None:
    at(clock, "2027-02-03T10:00+08:00")
    case = found(platform)
    take(platform, case, "plan")
    running = clocks(platform, case)["repair"]
    # 4 and then 9, 10, 11, 12: the eve and three days of Spring Festival 2027 fall on 5 to 8 February
    assert iso(running.due_ms).startswith("2027-02-13T00:00") and running.status is Status.UNVERIFIED


def test_a_suspended_clock_has_no_end_and_goes_on_where_it_stood(platform: Platform, clock: ManualClock) -> None:
    case = found(platform)
    take(platform, case, "plan")
    assert iso(clocks(platform, case)["repair"].due_ms).startswith("2026-12-02")
    at(clock, "2026-11-26T10:00+08:00")
    take(platform, case, "wait")
    clock.advance(60 * DAY_MS)
    standing = clocks(platform, case)["repair"]
    assert standing.state == "standing" and standing.due_ms is None
    at(clock, "2026-11-30T09:00+08:00")
    take(platform, case, "go_on")
    # counted: Wed 25; stood still on 26 and 27; then Mon 30, 1, 2, 3
    assert iso(clocks(platform, case)["repair"].due_ms).startswith("2026-12-04T00:00")


def test_the_day_of_service_ends_a_clock_not_the_day_of_writing(platform: Platform, clock: ManualClock) -> None:
    with platform.store.write(SYSTEM) as work:
        case = cases.open_case(work, DEFECT, title="x", region="990101")
        store.change(work, case.id, {"state": "accepted"})
    due = clocks(platform, case.id)["decide"].due_ms
    assert iso(due).startswith("2027-02-23T00:00")  # the 90th day is 22 February 2027, a Monday
    clock.at_ms = due + DAY_MS
    assert clocks(platform, case.id)["decide"].state == "overdue"
    take(platform, case.id, "serve", served_ms=due - 1)
    assert clocks(platform, case.id)["decide"].state == "met"


def test_clocks_nobody_ended_lapse_with_their_case(platform: Platform) -> None:
    case = found(platform)
    take(platform, case, "plan")
    take(platform, case, "drop", note="重复")
    assert {name: one.state for name, one in clocks(platform, case).items()} == {
        "first_look": "met",
        "repair": "lapsed",
        "decide": "met",
    }


def overdue_events(platform: Platform) -> list[dict[str, Any]]:
    with platform.store.read(SYSTEM) as work:
        return [one.payload for one in events.after(work, 0, ["cases.overdue"], 100)]


def test_what_is_overdue_is_recorded_and_told_exactly_once(platform: Platform, clock: ManualClock) -> None:
    with platform.store.write(SYSTEM) as work:
        identity.add_regions(work, [identity.Region("99", "省", "P", "province", None)])
        identity.add_regions(work, [identity.Region("9901", "市", "C", "city", "99")])
        identity.add_regions(work, [identity.Region("990101", "县", "D", "county", "9901")])
        ids = {}
        for name, over in (("county", "990101"), ("city", "9901"), ("city2", "9901"), ("province", "99")):
            made = identity.add_person(work, login=name, name=name, organisation=None, region=over, password="a" * 30)
            identity.grant(work, made.id, "duty_officer", region=over)
            ids[name] = made.id
    case = found(platform)
    with platform.store.write(CITY) as work:
        cases.supervise(work, DEFECT, case, "city", START_MS + HOUR_MS, "限期")
    for _ in range(3):
        escalation.run(platform)
    assert overdue_events(platform) == []
    clock.at_ms = START_MS + HOUR_MS
    for _ in range(3):
        escalation.run(platform)
    assert [one["step"] for one in overdue_events(platform)] == ["supervision"]
    clock.at_ms = START_MS + 2 * HOUR_MS
    for _ in range(3):
        escalation.run(platform)
    assert [one["step"] for one in overdue_events(platform)] == ["supervision", "first_look"]
    with platform.store.read(SYSTEM) as work:
        lines = cases.history(work, cases.get(work, DEFECT, case))
        told = {name: messages.unread(work, id, clock.at_ms) for name, id in ids.items()}
        box = messages.inbox(work, ids["county"], clock.at_ms, Query()).items
    assert [one.name for one in lines if one.kind == "overdue"] == ["supervision", "first_look"]
    # the county's own duty officer and the administration above, not two levels up
    assert told == {"county": 2, "city": 2, "city2": 2, "province": 0}
    assert box[0]["params"]["number"] == "990101病害〔2026〕1号"


def test_two_processes_that_look_at_once_still_record_once(platform: Platform, clock: ManualClock) -> None:
    case = found(platform)
    clock.at_ms = START_MS + 3 * HOUR_MS
    types = {DEFECT.id: DEFECT}
    with platform.store.read(store.PLATFORM) as work:
        late = escalation.overdue(work, types)
    outcomes = []
    for _ in range(2):  # both found it before either wrote
        with platform.store.write(store.PLATFORM) as work:
            outcomes += [escalation.escalate(work, *one) for one in late]
    assert outcomes == [True, False]
    take(platform, case, "plan")
    with platform.store.write(store.PLATFORM) as work:
        assert escalation.overdue(work, types) == []
    assert len(overdue_events(platform)) == 1


def test_a_report_that_is_due_again_and_again(platform: Platform) -> None:
    """A step that both ends and begins a limit starts it anew."""
    from tongqu.kernel.cases import CaseType, Entry, Limit, Step

    again = CaseType(
        id="desk.again",
        states=("open", "done"),
        final=("done",),
        read="desk.read",
        steps=(Step("report", ("open",), "open", "desk.edit"), Step("end", ("open",), "done", "desk.edit")),
        limits=(Limit("next", ("open", "report"), ("report", "end"), 1, "hours"),),
    )
    with platform.store.write(EDITOR) as work:
        case = cases.open_case(work, again, title="x", region="9901")

    def entry(seq: int, name: str, minutes: int) -> Entry:
        return Entry(
            seq, case.id, "step", name, "open", "open", START_MS + minutes * 60_000, 0, "", "", None, None, "", {}, ""
        )

    taken = [entry(1, "open", 0), entry(2, "report", 50), entry(3, "report", 115), entry(4, "end", 116)]
    runs = cases.clocks_of(again, case, taken, [], START_MS + 10 * HOUR_MS)
    assert [(run.began, run.state) for run in runs] == [("1", "met"), ("2", "missed"), ("3", "met")]
