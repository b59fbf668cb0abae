"""The worker process: takes jobs from the queue and watches over the process of each.

It ends a job that is cancelled, takes too long or needs too much memory, and it settles what becomes of one whose
process died: once more, then failed with the reason. Jobs of a worker that is itself gone are found by their silent
heartbeat.
"""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.child import Order
from tongqu.kernel.jobs.service import MAX_ATTEMPTS
from tongqu.kernel.jobs.tables import State
from tongqu.kernel.jobs.version import code_version
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.errors import TongquError
from tongqu.kit.ids import new_id

log = logging.getLogger("tongqu.jobs")

TICK_S = 0.2
BEAT_S = 2.0
SILENT_MS = 15_000
GRACE_S = 0.6
KEPT_OUTPUT = 8_000


@dataclass
class Running:
    """A job whose process is alive, or was when it was last looked at."""

    job: dict[str, Any]
    process: subprocess.Popen[bytes]
    folder: Path
    output: Path
    started_s: float
    cancel_seen_s: float | None = None

    @property
    def id(self) -> str:
        return str(self.job["id"])

    def kill(self) -> None:
        """End the process and all it has started; nothing where it has ended by itself."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def memory_mb(self) -> float:
        """Resident memory of the process and its children; 0 when it is gone."""
        try:
            process = psutil.Process(self.process.pid)
            family = [process, *process.children(recursive=True)]
            return sum(member.memory_info().rss for member in family) / 2**20
        except psutil.Error:
            return 0.0


@dataclass
class Worker:
    """Takes jobs and runs up to `slots` at a time."""

    platform: Platform
    slots: int = 2
    name: str = field(default_factory=lambda: f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id(6)}")
    running: list[Running] = field(default_factory=list)
    _beaten_s: float = 0.0

    @property
    def folder(self) -> Path:
        return self.platform.settings.data / "jobs"

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; jobs that are running then go back to the queue."""
        while not stop.is_set():
            if not self.step():
                stop.wait(TICK_S)
        self.give_back()

    def step(self) -> bool:
        """Look after the running jobs and begin at most one; whether there is more to do at once."""
        for one in list(self.running):
            self._look_after(one)
        self._beat()
        return len(self.running) < self.slots and self._begin_next()

    def give_back(self) -> None:
        """End all processes; their jobs are queued again as if this attempt had not been."""
        for one in self.running:
            one.kill()
            with self.platform.store.write(store.PLATFORM) as work:
                again = {"state": State.QUEUED.value, "worker": None, "attempt": one.job["attempt"] - 1}
                store.write_running(work, one.id, one.job["attempt"], again)
            self._clear(one)
        self.running.clear()

    def _begin_next(self) -> bool:
        with self.platform.store.read(store.PLATFORM) as work:
            if store.oldest_queued(work) is None:
                return False
        with self.platform.store.write(store.PLATFORM) as work:
            waiting = store.oldest_queued(work)
            job = None if waiting is None else store.claim(work, waiting, self.name, code_version())
        if job is None:
            return False
        self.running.append(self._start(job))
        return True

    def _start(self, job: dict[str, Any]) -> Running:
        folder = self.folder / job["id"] / str(job["attempt"])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        output = self.folder / job["id"] / f"{job['attempt']}.out"
        settings = self.platform.settings
        order = Order(settings, settings.options["platform_factory"], job, folder, sys.path)
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "tongqu.kernel.jobs.child"],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=folder,
            )
        assert process.stdin is not None
        try:
            process.stdin.write(orjson.dumps(order.path) + b"\n" + pickle.dumps(order))
            process.stdin.flush()  # and stays open: its end tells the process that the worker is gone
        except BrokenPipeError:
            log.warning("the process of job %s died at its start", job["id"])
        return Running(job, process, folder, output, time.monotonic())

    def _look_after(self, one: Running) -> None:
        if one.process.poll() is not None:
            self._end(one, self._died(one))
            return
        now = time.monotonic()
        with self.platform.store.read(store.PLATFORM) as work:
            wanted = store.cancel_wanted(work, one.id, one.job["attempt"])
        if wanted and one.cancel_seen_s is None:
            one.cancel_seen_s = now
        if one.cancel_seen_s is not None and now - one.cancel_seen_s >= GRACE_S:
            self._end(one, {"state": State.CANCELLED.value})
        elif now - one.started_s > one.job["time_limit_s"]:
            self._end(one, _failed("jobs.time_limit", seconds=one.job["time_limit_s"]))
        elif (used := one.memory_mb()) > one.job["memory_mb"]:
            self._end(one, _failed("jobs.memory_limit", used_mb=round(used), memory_mb=one.job["memory_mb"]))

    def _died(self, one: Running) -> dict[str, Any]:
        """What becomes of a job whose process has ended, should it have written no outcome itself."""
        if one.job["attempt"] < MAX_ATTEMPTS:
            return {"state": State.QUEUED.value, "worker": None}
        return _failed("jobs.process_died", exit=_exit_name(one.process.returncode))

    def _end(self, one: Running, outcome: dict[str, Any]) -> None:
        """Make sure that the process is gone, and write the outcome unless the job wrote its own before."""
        one.kill()
        self.running.remove(one)
        with self.platform.store.write(store.PLATFORM) as work:
            if store.write_running(work, one.id, one.job["attempt"], _dated(work, outcome)):
                self._keep_output(work, one, outcome)
        self._clear(one)

    def _keep_output(self, work: Work, one: Running, outcome: dict[str, Any]) -> None:
        said = one.output.read_bytes()[-KEPT_OUTPUT:].decode(errors="replace").strip() if one.output.is_file() else ""
        code = outcome["error"]["code"] if outcome.get("error") else outcome["state"]
        log.warning("job %s (%s), attempt %s: %s", one.id, one.job["kind"], one.job["attempt"], code)
        lines = [(work.now_ms, "warning", f"attempt {one.job['attempt']} ended from outside: {code}")]
        if one.process.returncode is not None:
            lines.append((work.now_ms, "warning", f"process: {_exit_name(one.process.returncode)}"))
        if said:
            lines.append((work.now_ms, "output", said))
        store.add_log(work, one.id, [(int(at_ms), level, text) for at_ms, level, text in lines])

    def _clear(self, one: Running) -> None:
        shutil.rmtree(self.folder / one.id, ignore_errors=True)

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten_s < BEAT_S:
            return
        self._beaten_s = now
        if self.running:
            with self.platform.store.write(store.PLATFORM) as work:
                store.beat(work, [one.id for one in self.running], self.name)
        reap(self.platform, self.name)


def reap(platform: Platform, myself: str = "") -> list[str]:
    """Settle jobs whose worker fell silent: once more, then failed. Gives their ids."""
    before_ms = platform.clock.now_ms() - SILENT_MS
    with platform.store.read(store.PLATFORM) as work:
        if not store.silent_since(work, before_ms):
            return []
    settled = []
    with platform.store.write(store.PLATFORM) as work:
        for job in store.silent_since(work, before_ms):
            if job["worker"] == myself:
                continue
            again = job["attempt"] < MAX_ATTEMPTS and not job["cancel_requested"]
            outcome: dict[str, Any] = {"state": State.QUEUED.value, "worker": None}
            if not again:
                outcome = {"state": State.CANCELLED.value} if job["cancel_requested"] else _failed("jobs.worker_died")
            if store.write_running(work, job["id"], job["attempt"], _dated(work, outcome)):
                store.add_log(work, job["id"], [(work.now_ms, "warning", f"worker {job['worker']} fell silent")])
                settled.append(job["id"])
    return settled


def _failed(code: str, **params: Any) -> dict[str, Any]:
    return {"state": State.FAILED.value, "error": TongquError(code, **params).as_problem()}


def _dated(work: Work, outcome: dict[str, Any]) -> dict[str, Any]:
    return outcome if outcome["state"] == State.QUEUED.value else {**outcome, "finished_ms": work.now_ms}


def _exit_name(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def main(platform: Platform) -> None:
    """Run the worker until the process is told to end (SIGTERM, SIGINT)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    slots = int(platform.settings.options.get("jobs.slots", "2"))
    Worker(platform, slots).run(stop)
