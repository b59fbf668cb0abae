"""The clock of the API process: runs what modules have scheduled.

Due times are stored, so a restart runs nothing twice. A due time that passed while nothing was up is caught up once,
not as often as it was missed.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tongqu.kernel.jobs import store
from tongqu.kernel.jobs.kinds import Schedule
from tongqu.kernel.platform import Platform

log = logging.getLogger("tongqu.jobs")
TICK_S = 0.5
AT_ONCE = 2


@dataclass
class ScheduleRunner:
    """Runs the schedules of all modules in a few threads; a schedule never overlaps itself."""

    platform: Platform
    schedules: Sequence[Schedule]
    _stop: threading.Event = field(default_factory=threading.Event)
    _busy: set[str] = field(default_factory=set)
    _pool: ThreadPoolExecutor | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="schedule")
        self._thread = threading.Thread(target=self._run, name="schedules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more and wait for what is running."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._stop.wait(TICK_S):
            for schedule in self.due():
                self._busy.add(schedule.id)
                assert self._pool is not None
                self._pool.submit(self._run_one, schedule)

    def due(self) -> list[Schedule]:
        """Take the schedules whose time has come; each is taken once however many runners there are."""
        now_ms = self.platform.clock.now_ms()
        with self.platform.store.read(store.PLATFORM) as work:
            stored = store.schedules(work)
        ready = [
            one
            for one in self.schedules
            if one.id not in self._busy and (one.id not in stored or stored[one.id]["due_ms"] <= now_ms)
        ]
        return [one for one in ready if self._take(one)]

    def _take(self, schedule: Schedule) -> bool:
        period_ms = round(schedule.every_s * 1000)
        with self.platform.store.write(store.PLATFORM) as work:
            stored = store.schedules(work).get(schedule.id)
            if stored is None:
                store.add_schedule(work, schedule.id, work.now_ms + period_ms)
                return False
            missed = max(0, work.now_ms - stored["due_ms"]) // period_ms
            following = stored["due_ms"] + (missed + 1) * period_ms
            return stored["due_ms"] <= work.now_ms and store.take_schedule(
                work, schedule.id, stored["due_ms"], following
            )

    def _run_one(self, schedule: Schedule) -> None:
        error = None
        try:
            schedule.run(self.platform)
        except Exception:
            error = traceback.format_exc()[-4000:]
            log.exception("schedule %s", schedule.id)
        finally:
            with self.platform.store.write(store.PLATFORM) as work:
                store.end_schedule(work, schedule.id, error)
            self._busy.discard(schedule.id)
