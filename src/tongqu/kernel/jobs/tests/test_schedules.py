"""Schedules run when they are due: once, also over a restart, and never over themselves."""

from __future__ import annotations

from tongqu.kernel.jobs import Schedule, store
from tongqu.kernel.jobs.schedules import ScheduleRunner
from tongqu.kernel.platform import Platform
from tongqu.kit.time import ManualClock


def runner(platform: Platform, *schedules: Schedule) -> ScheduleRunner:
    return ScheduleRunner(platform, schedules)


def test_a_restart_does_not_run_it_twice_and_missed_times_are_caught_up_once(platform: Platform) -> None:
    clock = ManualClock(1_000_000)
    platform.clock = platform.store.clock = clock
    hourly = Schedule("test.hourly", 3600, lambda _: None)
    assert runner(platform, hourly).due() == [], "its first time is a period from now"
    clock.advance(3_599_999)
    assert runner(platform, hourly).due() == []
    clock.advance(1)
    assert runner(platform, hourly).due() == [hourly]
    assert runner(platform, hourly).due() == [], "another process, or the same after a restart"
    clock.advance(5 * 3_600_000 + 7)
    assert runner(platform, hourly).due() == [hourly]
    assert runner(platform, hourly).due() == []
    clock.advance(3_600_000 - 7)
    assert runner(platform, hourly).due() == [hourly], "and it keeps its beat"


def test_a_failure_is_kept_and_the_next_time_comes_all_the_same(platform: Platform) -> None:
    clock = ManualClock(1_000_000)
    platform.clock = platform.store.clock = clock
    calls = []

    def fail(_: Platform) -> None:
        calls.append(1)
        raise ValueError("no luck")

    failing = Schedule("test.failing", 1, fail)
    here = runner(platform, failing)
    here.due()
    clock.advance(1000)
    for one in here.due():
        here._run_one(one)
    with platform.store.read(store.PLATFORM) as work:
        row = store.schedules(work)["test.failing"]
    assert "no luck" in row["error"]
    clock.advance(1000)
    assert here.due() == [failing]
    assert calls == [1]


def test_the_runner_runs_in_the_background_and_stops(platform: Platform) -> None:
    import threading

    ran = threading.Event()
    often = Schedule("test.often", 0.01, lambda _: ran.set())
    here = runner(platform, often)
    here.start()
    assert ran.wait(20)
    here.stop()
    assert here._thread is not None
    assert not here._thread.is_alive()
