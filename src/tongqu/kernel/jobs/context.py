"""What a running job has in its hands: the platform, its actor, progress, cancel, log, a folder."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tongqu.kernel.jobs import store
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor

PACE_S = 0.25
MAX_LOG_LINES = 2_000
MAX_LINE = 4_000


class Cancelled(Exception):
    """Raised inside a job that should end; the job passes it on."""


@dataclass
class Reporter:
    """Writes a job's progress and log at most four times a second, and looks as often whether it should end.

    A thread of its own does it, so that a job may report from within a unit of work and lose no time.
    """

    platform: Platform
    job_id: str
    attempt: int
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _ending: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _news: dict[str, Any] = field(default_factory=dict)
    _lines: list[tuple[int, str, str]] = field(default_factory=list)
    _line_count: int = 0
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"job-{self.job_id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def progress(self, fraction: float, message_key: str | None, params: dict[str, Any]) -> None:
        news: dict[str, Any] = {"progress": min(1.0, max(0.0, fraction))}
        if message_key is not None:
            news |= {"message_key": message_key, "message_params": params}
        with self._guard:
            self._news |= news

    def log(self, level: str, text: str) -> None:
        with self._guard:
            self._line_count += 1
            if self._line_count < MAX_LOG_LINES:
                self._lines.append((self.platform.clock.now_ms(), level, text[:MAX_LINE]))
            elif self._line_count == MAX_LOG_LINES:
                self._lines.append((self.platform.clock.now_ms(), "warning", "log is full; later lines are dropped"))

    def _run(self) -> None:
        while True:
            last = self._ending.wait(PACE_S)
            self._look()
            self._write()
            if last:
                return

    def _look(self) -> None:
        with self.platform.store.read(store.PLATFORM) as work:
            if store.cancel_wanted(work, self.job_id, self.attempt):
                self._cancelled.set()

    def _write(self) -> None:
        with self._guard:
            news, lines = self._news, self._lines
            self._news, self._lines = {}, []
        if not news and not lines:
            return
        with self.platform.store.write(store.PLATFORM) as work:
            if news:
                store.write_running(work, self.job_id, self.attempt, news)
            store.add_log(work, self.job_id, lines)


class LogHandler(logging.Handler):
    """Puts what the house's loggers say into the log of the job."""

    def __init__(self, write: Callable[[str, str], None]) -> None:
        super().__init__(logging.INFO)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record.levelname.lower(), self.format(record))


@dataclass(frozen=True)
class JobContext:
    """What a job's function gets.

    Attributes:
        platform: of this process; nothing is started in it but what the job starts.
        actor: who submitted the job, with the rights of that moment; open units of work in its name.
        job_id: id of the job.
        attempt: 1, or 2 where an earlier process died.
        seed: of whatever is random in the job.
        folder: for files of this attempt; removed when it ends.
    """

    platform: Platform
    actor: Actor
    job_id: str
    attempt: int
    seed: int
    folder: Path
    reporter: Reporter

    def progress(self, fraction: float, message_key: str | None = None, **params: Any) -> None:
        """Say how much is done (0 to 1) and, by a key of the catalogues, what is going on. Cheap."""
        self.reporter.progress(fraction, message_key, params)

    def log(self, text: str, level: str = "info") -> None:
        """Write a line into the job's log."""
        self.reporter.log(level, text)

    def cancelled(self) -> bool:
        """Whether the job should end now. Cheap: ask it at least four times a second."""
        return self.reporter.cancelled

    def check(self) -> None:
        """End the job if somebody wants that.

        Raises:
            Cancelled: to be passed on.
        """
        if self.reporter.cancelled:
            raise Cancelled

    def random(self) -> Random:
        """A fresh random generator of this job's seed."""
        return Random(self.seed)
