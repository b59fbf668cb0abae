"""Units of work: all or nothing, in the order of asking, one state throughout."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from sqlalchemy import Integer, String, func, insert, select, update

from tongqu.kernel.store import Scope, Store, column, insert_new, metadata, system_actor, table
from tongqu.kernel.store.work import FairLock
from tongqu.kit.time import ManualClock

METADATA = metadata()
COUNT = table(
    "count",
    METADATA,
    column("id", Integer, primary_key=True),
    column("name", String(20), unique=True),
    column("value", Integer),
    scope=Scope(open=True),
)
SYSTEM = system_actor("test")


@pytest.fixture
def records(tmp_path) -> Store:
    made = Store(f"sqlite:///{tmp_path}/w.db", ManualClock(1_000))
    METADATA.create_all(made.engine)
    yield made
    made.close()


def rows(records: Store) -> int:
    with records.read(SYSTEM) as work:
        return work.scalar(select(func.count()).select_from(COUNT))


def test_an_error_leaves_nothing(records):
    called = []
    with pytest.raises(ZeroDivisionError), records.write(SYSTEM) as work:
        work.execute(insert(COUNT), [{"name": "a", "value": 1}])
        work.after_commit(lambda: called.append(1))
        _ = 1 / 0
    assert rows(records) == 0
    assert called == []
    with records.write(SYSTEM) as work:
        work.execute(insert(COUNT), [{"name": "a", "value": 1}])
    assert rows(records) == 1


def test_an_inner_part_can_fail_alone(records):
    with records.write(SYSTEM) as work:
        work.execute(insert(COUNT), [{"name": "a", "value": 1}])
        with pytest.raises(ZeroDivisionError), work.connection.begin_nested():
            work.execute(insert(COUNT), [{"name": "b", "value": 1}])
            _ = 1 / 0
        work.execute(insert(COUNT), [{"name": "c", "value": 1}])
    with records.read(SYSTEM) as work:
        assert work.execute(select(COUNT.c.name).order_by(COUNT.c.name)).scalars().all() == ["a", "c"]


def test_actions_follow_the_commit_once_and_their_faults_do_not_undo_it(records, caplog):
    order = []

    def note() -> None:
        order.append(rows(records))

    def fail() -> None:
        raise RuntimeError("cannot wake")

    with caplog.at_level(logging.ERROR), records.write(SYSTEM) as work:
        for action in (note, fail, note):
            work.after_commit(action)
        work.as_system("inner").after_commit(lambda: order.append("inner"))
        work.execute(insert(COUNT), [{"name": "a", "value": 1}])
        assert order == []
    assert order == [1, "inner"]
    assert "cannot wake" in caplog.text


def test_a_reading_unit_sees_one_state_and_cannot_write(records):
    with records.write(SYSTEM) as work:
        work.execute(insert(COUNT), [{"name": "a", "value": 1}])
    with records.read(SYSTEM) as reading:
        assert reading.scalar(select(COUNT.c.value)) == 1
        with records.write(SYSTEM) as work:
            work.execute(update(COUNT).values(value=2))
        assert reading.scalar(select(COUNT.c.value)) == 1
        with pytest.raises(RuntimeError, match="asked to write"):
            reading.execute(update(COUNT).values(value=3))
    with records.read(SYSTEM) as reading:
        assert reading.scalar(select(COUNT.c.value)) == 2


def test_one_inside_another_is_refused_instead_of_waiting_for_itself(records):
    with (
        records.write(SYSTEM) as work,
        pytest.raises(RuntimeError, match="inside another"),
        records.write(SYSTEM),
    ):
        work.scalar(select(1))
    with records.write(SYSTEM):
        pass


def test_no_update_is_lost_between_threads_and_processes_of_one_file(records):
    """Two stores on one file stand for two processes; each thread reads and then writes."""
    other = Store(records.url, ManualClock(0))
    with records.write(SYSTEM) as work:
        work.execute(insert(COUNT), [{"name": "a", "value": 0}])

    def add(store: Store) -> None:
        for _ in range(10):
            with store.write(SYSTEM) as work:
                value = work.scalar(select(COUNT.c.value))
                work.execute(update(COUNT).values(value=value + 1))

    threads = [threading.Thread(target=add, args=(store,)) for store in (records, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    with records.read(SYSTEM) as work:
        assert work.scalar(select(COUNT.c.value)) == 60


def _waiting(lock: FairLock, count: int) -> None:
    while len(lock._waiting) < count:
        time.sleep(0.001)


def test_turns_are_given_in_the_order_of_asking():
    lock, order, threads = FairLock(), [], []

    def take(number: int) -> None:
        with lock:
            order.append(number)

    with lock:
        for number in range(20):
            threads.append(threading.Thread(target=take, args=(number,)))
            threads[-1].start()
            _waiting(lock, number + 1)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_a_turn_that_is_given_up_is_not_lost(monkeypatch):
    """An interrupt hits one that waits: before its turn it leaves the queue, after it the next one comes on."""
    lock = FairLock()
    real = threading.Event.wait
    hit = threading.Event()

    def interrupted(self, timeout=None):
        if threading.current_thread().name == "early":
            raise KeyboardInterrupt
        if threading.current_thread().name == "late":
            real(self, timeout)
            raise KeyboardInterrupt
        return real(self, timeout)

    def take(done: list) -> None:
        try:
            with lock:
                done.append(threading.current_thread().name)
        except KeyboardInterrupt:
            hit.set()

    done: list[str] = []
    monkeypatch.setattr(threading.Event, "wait", interrupted)
    with lock:
        early = threading.Thread(target=take, args=(done,), name="early")
        early.start()
        early.join()
        late = threading.Thread(target=take, args=(done,), name="late")
        late.start()
        _waiting(lock, 1)
        last = threading.Thread(target=take, args=(done,), name="last")
        last.start()
        _waiting(lock, 2)
    late.join()
    last.join()
    assert done == ["last"]


def test_insert_new_takes_a_row_once(records):
    with records.write(SYSTEM) as work:
        first = insert_new(work, COUNT, {"name": "a", "value": 1}, unique=("name",), give=COUNT.c.id)
        assert first is not None
        assert insert_new(work, COUNT, {"name": "a", "value": 2}, unique=("name",), give=COUNT.c.id) is None
        assert work.scalar(select(COUNT.c.value)) == 1


def test_everything_in_a_unit_happens_at_one_instant(records):
    with records.write(SYSTEM) as work:
        before = work.now_ms
        records.clock.advance(500)
        assert work.now_ms == before == work.as_system("x").now_ms == 1_000


def test_broken_text_can_be_read_where_it_must_be_named(records):
    with records.write(SYSTEM) as work:
        work.connection.exec_driver_sql("INSERT INTO count (name, value) VALUES (CAST(X'61FF62' AS TEXT), 1)")
    with records.read(SYSTEM) as work:
        with work.broken_text():
            name = work.scalar(select(COUNT.c.name))
        assert name.encode("utf-8", "surrogateescape") == b"a\xffb"
