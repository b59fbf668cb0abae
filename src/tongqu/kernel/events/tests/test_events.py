"""Facts are recorded once and reach each subscription once, however they come; the end is the same."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, String, insert, select, update

from tongqu.kernel import events
from tongqu.kernel.events import EventType, Subscription
from tongqu.kernel.events import store as events_store
from tongqu.kernel.events.module import MODULE, check_subscriptions
from tongqu.kernel.events.runner import Runner
from tongqu.kernel.events.tables import EVENT, OFFSET
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Scope, Store, column, metadata, migrate, scoped, system_actor, table
from tongqu.kit.time import ManualClock

SYSTEM = system_actor("test")
MOVED, PARKED = EventType("trips.moved"), EventType("trips.parked")
METADATA = metadata()
STATE = table(
    "trips_state",
    METADATA,
    column("subject", String(40), primary_key=True),
    column("at_ms", BigInteger),
    column("source", String(20)),
    column("type", String(20)),
    column("key", String(20)),
    column("handled", BigInteger),
    scope=Scope(system=True),
)
"""A projection: what each subject was last said to do, and how many events were handled for it."""


def keep_latest(work, event) -> None:
    mine = scoped(work.actor, STATE), STATE.c.subject == event.subject
    old = work.one(select(STATE).where(*mine))
    said = dict(zip(("at_ms", "source", "type", "key"), event.order, strict=True))
    if old is None:
        work.execute(insert(STATE), [said | {"subject": event.subject, "handled": 1}])
        return
    order = (old["at_ms"], old["source"], old["type"], old["key"])
    newer = said if event.order > order else {}
    work.execute(update(STATE).where(*mine).values(**newer, handled=old["handled"] + 1))


def module(*subscriptions: Subscription) -> Module:
    return Module(id="trips", package="tongqu.kernel.events", field="services", subscriptions=subscriptions)


LATEST = Subscription("trips.latest", (MOVED.id, PARKED.id), keep_latest)


@pytest.fixture
def platform(make_platform) -> Platform:
    made = make_platform(MODULE, module(LATEST))
    METADATA.create_all(made.store.engine)
    return made


def record(work, type=MOVED, *, subject="urn:tongqu:vehicle:A", at=100, source="gateway", key="1", **payload):
    return events.record(
        work, type, subject=subject, occurred_at_ms=at, source=source, key=key, payload=payload
    )  # fmt: skip


def test_a_fact_is_recorded_once_by_its_natural_key(platform, clock):
    with platform.store.write(SYSTEM) as work:
        first = record(work, speed_kmh=40)
        assert first.recorded_at_ms == clock.at_ms
        assert first.payload == {"speed_kmh": 40}
        assert record(work, speed_kmh=41) is None
        assert record(work, key="2").seq > first.seq
        assert record(work, PARKED) is not None
        assert record(work, source="partner") is not None
        assert events.after(work, 0, [MOVED.id, PARKED.id], 1) == [first]
        assert len(events.after(work, 0, [MOVED.id])) == 3
        assert [event.type for event in events.about(work, first.subject)].count(PARKED.id) == 1


def test_a_fact_goes_with_the_work_that_makes_it(platform):
    with pytest.raises(ZeroDivisionError), platform.store.write(SYSTEM) as work:
        record(work)
        _ = 1 / 0
    with platform.store.read(SYSTEM) as work:
        assert events.after(work, 0, [MOVED.id]) == []


def test_people_record_facts_but_do_not_read_the_log(platform):
    person = Actor("p", "p")
    with platform.store.write(person) as work:
        assert record(work) is not None
        assert record(work) is None
        assert events.after(work, 0, [MOVED.id]) == []


FACTS = st.lists(
    st.tuples(
        st.sampled_from([MOVED, PARKED]),
        st.sampled_from(["urn:tongqu:vehicle:A", "urn:tongqu:vehicle:B"]),
        st.integers(0, 5),
        st.sampled_from(["gateway", "partner"]),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def replayable(tmp_path_factory):
    """One platform for many plays, each of which begins on empty tables."""
    folder = tmp_path_factory.mktemp("events")
    clock = ManualClock(1_000)
    made = Platform(Settings(folder, ""), clock, Store(f"sqlite:///{folder}/e.db", clock), (MODULE, module(LATEST)))
    migrate(made.store, [MODULE.room])
    METADATA.create_all(made.store.engine)
    yield made
    made.close()


def play(platform: Platform, facts: list, telling: list[int], cuts: set[int]) -> list[dict]:
    """Record facts in an order of telling, with a restart of the runner at each cut; gives the projection."""
    with platform.store.write(SYSTEM) as work:
        for each in (EVENT, OFFSET, STATE):
            work.execute(each.delete())
    runner = Runner(platform)
    for step, number in enumerate(telling):
        type_, subject, at, source = facts[number]
        with platform.store.write(SYSTEM) as work:
            record(work, type_, subject=subject, at=at, source=source, key=str(number))
        if step in cuts:
            runner.run_once()
            runner.stop()
            runner = Runner(platform)
    runner.run_once()
    runner.stop()
    with platform.store.read(SYSTEM) as work:
        return work.rows(select(STATE).order_by(STATE.c.subject))


@settings(max_examples=40, deadline=None)
@given(facts=FACTS, data=st.data())
def test_late_duplicate_and_shuffled_facts_end_in_the_same_state(replayable, facts, data):
    numbers = list(range(len(facts)))
    again = data.draw(st.lists(st.sampled_from(numbers), max_size=6))
    telling = data.draw(st.permutations(numbers + again))
    cuts = data.draw(st.sets(st.integers(0, len(telling)), max_size=3))
    assert play(replayable, facts, telling, cuts) == play(replayable, facts, numbers, set())


def test_each_subscription_gets_its_types_in_order_and_once(make_platform):
    seen: dict[str, list[str]] = {"moved": [], "all": []}
    platform = make_platform(
        MODULE,
        module(
            Subscription("trips.moved", (MOVED.id,), lambda work, event: seen["moved"].append(event.key)),
            Subscription("trips.all", (MOVED.id, PARKED.id), lambda work, event: seen["all"].append(event.key)),
        ),
    )
    runner = Runner(platform)
    with platform.store.write(SYSTEM) as work:
        for number in range(250):
            record(work, PARKED if number % 5 == 0 else MOVED, key=str(number))
    runner.run_once()
    runner.run_once()
    assert seen["all"] == [str(number) for number in range(250)]
    assert seen["moved"] == [str(number) for number in range(250) if number % 5]
    runner.stop()
    Runner(platform).run_once()
    assert len(seen["all"]) == 250, "a restart does not tell again what was handled"


def test_a_failing_handler_holds_up_itself_only_and_leaves_nothing_half_done(make_platform, monkeypatch):
    from tongqu.kernel.events import runner as runner_module

    monkeypatch.setattr(runner_module, "POLL_S", 0.0)
    broken = {"2"}
    done: list[str] = []

    def handle(work, event) -> None:
        keep_latest(work, event)
        if event.key in broken:
            raise ValueError("cannot yet")

    platform = make_platform(
        MODULE,
        module(
            Subscription("trips.fragile", (MOVED.id,), handle),
            Subscription("trips.steady", (MOVED.id,), lambda work, event: done.append(event.key)),
        ),
    )
    METADATA.create_all(platform.store.engine)
    with platform.store.write(SYSTEM) as work:
        for number in range(5):
            record(work, subject=f"urn:tongqu:vehicle:{number}", key=str(number))
    runner = Runner(platform)
    for _ in range(4):
        runner.run_once()
    assert done == ["0", "1", "2", "3", "4"]

    def handled() -> list[str]:
        with platform.store.read(SYSTEM) as work:
            return [row["key"] for row in work.rows(select(STATE).order_by(STATE.c.key))]

    assert handled() == ["0", "1"], "the events before it, and nothing of the failing one"
    with platform.store.read(SYSTEM) as work:
        (row,) = [row for row in events_store.offsets(work) if row["failures"]]
    assert row["subscription"] == "trips.fragile"
    assert "cannot yet" in row["error"]
    (finding,) = check_subscriptions(platform)
    assert (finding.level, finding.code) == ("error", "events.held_up")
    broken.clear()
    runner.run_once()
    assert handled() == ["0", "1", "2", "3", "4"]
    assert [finding.level for finding in check_subscriptions(platform)] == ["ok"]
    runner.stop()


def test_a_failing_event_is_tried_ever_more_seldom(make_platform):
    tries: list[str] = []

    def handle(work, event) -> None:
        tries.append(event.key)
        raise ValueError

    platform = make_platform(MODULE, module(Subscription("trips.broken", (MOVED.id,), handle)))
    with platform.store.write(SYSTEM) as work:
        record(work)
    runner = Runner(platform)
    for _ in range(50):
        runner.run_once()
    runner.stop()
    assert len(tries) == 1, "the next attempt waits"


def test_the_thread_is_woken_by_a_commit_here_and_finds_those_of_others(make_platform, clock):
    arrived: dict[str, threading.Event] = {name: threading.Event() for name in ("here", "there", "old")}
    platform = make_platform(
        MODULE, module(Subscription("trips.any", (MOVED.id,), lambda work, event: arrived[event.key].set()))
    )
    with platform.store.write(SYSTEM) as work:
        record(work, key="old")
    runner = Runner(platform)
    runner.start()
    assert arrived["old"].wait(30)
    with platform.store.write(SYSTEM) as work:
        record(work, key="here")
    assert arrived["here"].wait(30)
    other = Store(platform.store.url, clock)
    with other.write(SYSTEM) as work:
        record(work, key="there")
    other.close()
    assert arrived["there"].wait(30)
    runner.stop()
    assert not runner._thread.is_alive()


def test_a_long_batch_lets_others_write_in_between(make_platform, monkeypatch):
    """A handler slower than the hold time gets a unit of work of its own for each event."""
    from tongqu.kernel.events import runner as runner_module

    monkeypatch.setattr(runner_module, "HOLD_S", -1.0)
    works: list[int] = []
    platform = make_platform(
        MODULE, module(Subscription("trips.slow", (MOVED.id,), lambda work, event: works.append(id(work.connection))))
    )
    with platform.store.write(SYSTEM) as work:
        for number in range(5):
            record(work, key=str(number))
    moves: list[int] = []
    real = events_store.move
    monkeypatch.setattr(
        runner_module.store, "move", lambda work, name, seq, *more: (moves.append(seq), real(work, name, seq, *more))
    )
    runner = Runner(platform)
    assert runner.run_once() == 5
    runner.stop()
    assert moves == [1, 2, 3, 4, 5]
