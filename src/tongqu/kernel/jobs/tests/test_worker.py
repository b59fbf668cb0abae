"""A job runs in a process of its own and ends in one of the final states whatever happens to that process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tongqu.kernel.jobs import JobKind, service, store, submit
from tongqu.kernel.jobs.tests import support
from tongqu.kernel.jobs.tests.support import job_row, person, run_until, working
from tongqu.kernel.jobs.worker import SILENT_MS, Worker, reap
from tongqu.kernel.platform import Platform
from tongqu.kit.time import ManualClock

WANG = person("p1", "test.run", organisations=["o1"], region="9902")
FINAL = {"done", "failed", "cancelled"}


def put(platform: Platform, kind: JobKind, **params: object) -> str:
    with platform.store.write(WANG) as work:
        return submit(work, kind, dict(params), title_key="jobs.title")


def ended(platform: Platform, job: str):
    return lambda: job_row(platform, job)["state"] in FINAL


def logged(platform: Platform, job: str) -> str:
    with platform.store.read(WANG) as work:
        return "\n".join(line["text"] for line in store.log_of(work, job, 0, 1000))


def test_a_job_records_what_it_needs_to_be_run_again(platform: Platform) -> None:
    job = put(platform, support.ADD, numbers=[1, 2, 3])
    with working(platform) as worker:
        run_until(worker, ended(platform, job))
    row = job_row(platform, job)
    assert (row["state"], row["progress"], row["result"]["total"]) == ("done", 1.0, 6)
    assert row["result"]["actor"] == WANG.id
    assert row["result"]["seed"] == row["seed"]
    assert row["input_hash"] == service.input_hash("test.add", {"numbers": [1, 2, 3]}, {})
    assert row["code_version"].startswith("0.")
    assert row["created_ms"] <= row["started_ms"] <= row["finished_ms"]
    assert row["message_key"] == "jobs.options.State.running"
    assert "added 3 numbers" in logged(platform, job)
    assert not (platform.settings.data / "jobs" / job).exists(), "its folder is removed"


def test_equal_inputs_have_an_equal_seed_and_result(platform: Platform) -> None:
    first, second = put(platform, support.ADD, numbers=[4]), put(platform, support.ADD, numbers=[4])
    with working(platform) as worker:
        run_until(worker, lambda: ended(platform, first)() and ended(platform, second)())
    assert first != second
    assert job_row(platform, first)["result"] == job_row(platform, second)["result"]


def test_an_error_of_ours_keeps_its_code_and_both_languages(platform: Platform) -> None:
    job = put(platform, support.REFUSE)
    with working(platform) as worker:
        run_until(worker, ended(platform, job))
    row = job_row(platform, job)
    assert (row["state"], row["attempt"], row["error"]["code"]) == ("failed", 1, "jobs.key_reused")
    assert set(row["error"]["detail"]) == {"zh", "en"}


def test_a_crash_is_reported_with_a_reference_and_its_traceback_stands_in_the_log(platform: Platform) -> None:
    job = put(platform, support.CRASH)
    with working(platform) as worker:
        run_until(worker, ended(platform, job))
    row = job_row(platform, job)
    assert (row["state"], row["error"]["code"]) == ("failed", "jobs.crashed")
    assert row["error"]["reference"] in row["error"]["detail"]["en"]
    assert "one over nothing" in logged(platform, job)


@pytest.mark.parametrize(("last", "state", "attempts"), [(1, "done", 2), (2, "failed", 2)])
def test_a_job_whose_process_dies_runs_once_more_and_no_oftener(
    platform: Platform, last: int, state: str, attempts: int
) -> None:
    job = put(platform, support.DIE, last=last)
    with working(platform) as worker:
        run_until(worker, ended(platform, job))
    row = job_row(platform, job)
    assert (row["state"], row["attempt"]) == (state, attempts)
    said = logged(platform, job)
    assert "SIGKILL" in said
    assert "about to die" in said, "what the process printed is kept"
    if state == "failed":
        assert row["error"]["code"] == "jobs.process_died"


def test_a_polite_job_ends_by_itself_when_cancelled(platform: Platform) -> None:
    job = put(platform, support.WAIT, seconds=60)
    with working(platform) as worker:
        run_until(worker, lambda: job_row(platform, job)["progress"] == 0.5)
        with platform.store.write(WANG) as work:
            service.cancel(work, job)
        run_until(worker, ended(platform, job), seconds=20)
    row = job_row(platform, job)
    assert (row["state"], row["error"], row["result"]) == ("cancelled", None, None)


def test_a_deaf_job_is_ended_with_its_children_when_cancelled(platform: Platform) -> None:
    job = put(platform, support.DEAF, seconds=60)
    with working(platform) as worker:
        run_until(worker, lambda: "child" in logged(platform, job))
        child = int(logged(platform, job).split("child ")[1].split()[0])
        with platform.store.write(WANG) as work:
            service.cancel(work, job)
        run_until(worker, ended(platform, job), seconds=20)
        assert job_row(platform, job)["state"] == "cancelled"
        run_until(worker, lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie", 10)


def test_a_queued_job_is_cancelled_at_once(platform: Platform) -> None:
    job = put(platform, support.WAIT, seconds=60)
    with platform.store.write(WANG) as work:
        assert service.cancel(work, job)["state"] == "cancelled"
    with working(platform) as worker:
        assert not worker.step()


def test_limits_of_time_and_memory_end_a_job_with_the_reason(platform: Platform) -> None:
    slow, fat = put(platform, support.SLOW, seconds=60), put(platform, support.SWELL, mb=800)
    with working(platform) as worker:
        run_until(worker, lambda: ended(platform, slow)() and ended(platform, fat)())
    assert job_row(platform, slow)["error"]["code"] == "jobs.time_limit"
    assert job_row(platform, fat)["error"]["code"] == "jobs.memory_limit"


def test_a_worker_that_stops_puts_its_jobs_back(platform: Platform) -> None:
    job = put(platform, support.WAIT, seconds=60)
    worker = Worker(platform)
    run_until(worker, lambda: job_row(platform, job)["progress"] == 0.5)
    process = worker.running[0].process
    worker.give_back()
    assert process.poll() is not None
    assert (job_row(platform, job)["state"], job_row(platform, job)["attempt"]) == ("queued", 0)


def test_jobs_of_a_silent_worker_run_once_more_then_fail(platform: Platform) -> None:
    job = put(platform, support.ADD, numbers=[1])
    clock = ManualClock(platform.clock.now_ms())
    platform.clock = platform.store.clock = clock
    for attempt, state in ((1, "queued"), (2, "failed")):
        with platform.store.write(store.PLATFORM) as work:
            claimed = store.claim(work, job, f"gone-{attempt}", "v")
        assert claimed is not None
        assert claimed["attempt"] == attempt
        clock.advance(SILENT_MS - 1)
        assert reap(platform) == [], "a heartbeat younger than the limit is no death"
        clock.advance(2)
        assert reap(platform) == [job]
        assert job_row(platform, job)["state"] == state
    assert job_row(platform, job)["error"]["code"] == "jobs.worker_died"


def test_an_attempt_that_lost_its_job_writes_nothing_any_more(platform: Platform) -> None:
    job = put(platform, support.ADD, numbers=[1])
    with platform.store.write(store.PLATFORM) as work:
        store.claim(work, job, "first", "v")
        store.write_running(work, job, 1, {"state": "queued", "worker": None})
        store.claim(work, job, "second", "v")
    with platform.store.write(store.PLATFORM) as work:
        assert not store.write_running(work, job, 1, {"state": "done"})
        assert store.cancel_wanted(work, job, 1), "and it is told to end"
        assert not store.cancel_wanted(work, job, 2)


def test_two_workers_never_take_the_same_job(platform: Platform) -> None:
    job = put(platform, support.ADD, numbers=[1])
    with platform.store.write(store.PLATFORM) as work:
        assert store.claim(work, job, "a", "v") is not None
        assert store.claim(work, job, "b", "v") is None


def test_the_process_of_a_job_does_not_outlive_a_killed_worker(platform: Platform) -> None:
    job = put(platform, support.WAIT, seconds=60)
    script = (
        "import sys, pickle; from tongqu.kernel.jobs.tests.support import make_platform;"
        "from tongqu.kernel.jobs import worker;"
        "worker.main(make_platform(pickle.loads(bytes.fromhex(sys.argv[1]))))"
    )
    import pickle

    worker = subprocess.Popen([sys.executable, "-c", script, pickle.dumps(platform.settings).hex()])
    try:
        until = time.monotonic() + 60
        while job_row(platform, job)["progress"] != 0.5:
            assert time.monotonic() < until
            time.sleep(0.05)
        children = psutil.Process(worker.pid).children()
        assert len(children) == 1
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    children[0].wait(20)
    assert job_row(platform, job)["state"] == "running", "until its heartbeat is missed"
