"""The writer: one thread that turns the log into rows, and rows into latest values.

It reads the log from the offset that was committed with the last rows, so what a crash interrupts is done again, and
nothing is done twice. If rows cannot be stored, the same rows are tried again; the log holds what comes meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.telemetry.directory import FOREVER, Directory, View
from tongqu.kernel.telemetry.history import History
from tongqu.kernel.telemetry.inbox import NO_FRAME, Intake, TakenIn, waiting
from tongqu.kernel.telemetry.ingest import Ingest, Prepared
from tongqu.kernel.telemetry.latest import Latest
from tongqu.kernel.telemetry.reader import LogReader
from tongqu.kernel.telemetry.rows import COLUMNS, SUSPICIOUS, Rows, empty
from tongqu.kernel.telemetry.settle import SETTLE_ROWS, settle
from tongqu.kernel.telemetry.sources import Sources
from tongqu.kit.time import Clock

log = logging.getLogger("tongqu.telemetry")

POLL_S = 0.05
COMMIT_EVERY_S = 0.25
BULK_BYTES = 4 << 20
DIRECTORY_EVERY_S = 0.5
SETTLE_EVERY_S = 600.0
RETRY_S = 1.0
INBOX_EVERY_S = 0.5


@dataclass
class Counts:
    """What the writer has done since it started."""

    records: int = 0
    rows: int = 0
    repeated: int = 0
    refused: int = 0
    commits: int = 0
    error: str = ""
    last_received_ms: int = 0
    last_commit_s: float = 0.0
    at: float = field(default_factory=time.monotonic)


Follower = Callable[[Rows, int, int], None]
"""Told of rows that are committed, with the log offsets they came from: `(rows, from, to)`; it must only take note."""


class Writer:
    """Owns the rows on their way in.

    Attributes:
        offset: up to where the log has been turned into rows.
        counts: for health and benches.
        followers: told of each batch of rows once it is committed, in this thread.
    """

    def __init__(
        self,
        reader: LogReader,
        ingest: Ingest,
        history: History,
        directory: Directory,
        sources: Sources,
        latest: Latest,
        clock: Clock,
        *,
        seal_after_ms: int,
        settle_rows: int = SETTLE_ROWS,
        inbox_folder: Path | None = None,
    ) -> None:
        self._reader = reader
        self._ingest = ingest
        self._history = history
        self._directory = directory
        self._sources = sources
        self._latest = latest
        self._clock = clock
        self._seal_after_ms = seal_after_ms
        self._settle_rows = settle_rows
        self._inbox_folder = inbox_folder
        self._intake: Intake | None = None
        self._looked_at = 0.0
        self._fresh_rows = 0
        self._settled_at = time.monotonic()
        self._asked_directory = 0.0
        self._calls: list[tuple[Callable[[], None], threading.Event]] = []
        self._calls_guard = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.counts = Counts()
        self.followers: list[Follower] = []
        self.offset = history.get("offset")

    def load(self) -> None:
        """Take up what was saved: latest values, marks of the sources, and the rows that came after both."""
        self._directory.refresh()
        self._sources.load(self._history)
        for table in ("latest", "fresh"):
            saved = self._history.cursor.execute(f"SELECT * FROM {table}").fetchnumpy()
            rows = {name: np.asarray(saved[name], dtype=kind) for name, (_, kind) in COLUMNS.items()}
            self._show(rows)
            self._fresh_rows = len(rows["source"])
        self._latest.fix_ms = self._latest.moved_ms = 0
        self.offset = self._history.get("offset")

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="telemetry-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand; everything else waits in the log."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def has_rows(self, source: int) -> bool:
        """Whether any row of a source was ever stored."""
        return self._sources.has_rows(source)

    def settle_now(self, wait_s: float = 60.0) -> bool:
        """Have the writer settle what is fresh; gives whether it has within the time."""
        if self._thread is None:
            self._settle()
            return True
        done = threading.Event()
        with self._calls_guard:
            self._calls.append((self._settle, done))
        return done.wait(wait_s)

    def step(self) -> int:
        """Turn the next piece of the log into rows; gives how many bytes of it, 0 if there is nothing."""
        chunk = self._reader.read(self.offset)
        if chunk is None:
            return 0
        self._follow_directory()
        prepared = self._ingest.prepare(chunk)
        self._store(prepared)
        done = prepared.offset - self.offset if self.offset else prepared.offset - chunk.offset
        before, self.offset = self.offset, prepared.offset
        self._count(prepared)
        self._show(prepared.rows, self._clock.now_ms())
        for told in self.followers:
            told(prepared.rows, before, prepared.offset)
        if self._fresh_rows >= self._settle_rows:
            self._settle()
        return done

    def catch_up(self) -> None:
        """Turn all of the log that there is into rows."""
        while self.step():
            pass

    def _run(self) -> None:
        while not self._ending.is_set():
            started = time.monotonic()
            try:
                self._serve_calls()
                if time.monotonic() - self._settled_at >= SETTLE_EVERY_S:
                    self._settle()
                done = self.step()
                self._take_some()
                if not done:
                    self._follow_directory()
            except Exception as error:
                self._failed(error)
                self._ending.wait(RETRY_S)
                continue
            if done < BULK_BYTES:
                pause = POLL_S if not done else COMMIT_EVERY_S - (time.monotonic() - started)
                self._ending.wait(max(pause, 0.0))

    def _take_some(self) -> None:
        """Take the next piece of what jobs have handed in, between two pieces of the live log."""
        if self._intake is None:
            now = time.monotonic()
            if self._inbox_folder is None or now - self._looked_at < INBOX_EVERY_S:
                return
            self._looked_at = now
            folder = waiting(self._inbox_folder)
            if folder is None:
                return
            self._intake = Intake(folder)
        if not self._take_piece(self._intake):
            self._intake = None

    def take_in(self, folder: Path) -> TakenIn:
        """Make rows of the frames in a folder of the inbox; for a platform at rest."""
        intake = Intake(folder)
        while self._take_piece(intake):
            pass
        return intake.counts

    def _take_piece(self, intake: Intake) -> bool:
        """One piece of a folder; gives whether there may be more."""
        chunk = intake.reader.read(intake.offset)
        if chunk is None:
            intake.finish()
            return False
        self._asked_directory = 0.0
        self._follow_directory()
        prepared = self._ingest.prepare(chunk)
        prepared.rows["log_offset"][:] = NO_FRAME
        self._store(replace(prepared, refused=None, offset=self._history.get("offset")))
        refused = 0 if prepared.refused is None else len(prepared.refused)
        intake.add(len(prepared.source_slots), prepared.repeated, refused, prepared.offset)
        self.counts.rows += len(prepared.source_slots)
        self._show(prepared.rows, self._clock.now_ms())
        if self._fresh_rows >= self._settle_rows:
            self._settle()
        return True

    def _failed(self, error: Exception) -> None:
        if self.counts.error != str(error):
            log.error("telemetry is not stored, the log keeps it until it can be", exc_info=error)
        self.counts.error = str(error)
        if isinstance(error, duckdb.FatalException):
            self._history.reopen()

    def _serve_calls(self) -> None:
        with self._calls_guard:
            calls, self._calls = self._calls, []
        for call, done in calls:
            call()
            done.set()

    def _store(self, prepared: Prepared) -> None:
        """Commit; tried again until it works, since judging these rows a second time could come out otherwise."""
        while True:
            try:
                self._history.commit(prepared.rows, prepared.refused, prepared.offset)
            except duckdb.Error as error:
                self._failed(error)
                if self._ending.wait(RETRY_S):
                    raise
            else:
                self.counts.error = ""
                break
        self._sources.stored(prepared.source_slots, prepared.rows["time_ms"])
        self._fresh_rows += len(prepared.source_slots)

    def _count(self, prepared: Prepared) -> None:
        counts = self.counts
        counts.records += prepared.records
        counts.rows += len(prepared.source_slots)
        counts.repeated += prepared.repeated
        counts.refused += 0 if prepared.refused is None else len(prepared.refused)
        counts.commits += 1
        counts.last_received_ms = max(counts.last_received_ms, prepared.received_ms)
        counts.at = time.monotonic()

    def _show(self, rows: Rows, now_ms: int = 0) -> None:
        """Let rows into the latest values, by what their sources were fitted to at their time."""
        view = self._directory.view
        self._latest.ensure(len(view))
        subjects = view.subjects(view.slots(rows["source"]), rows["time_ms"])
        self._latest.update(subjects, rows, now_ms)

    def _follow_directory(self) -> None:
        now = time.monotonic()
        if now - self._asked_directory < DIRECTORY_EVERY_S:
            return
        self._asked_directory = now
        before = self._directory.view
        touched = self._directory.refresh()
        if touched:
            self._rebind(touched, before)

    def _rebind(self, touched: set[int], before: View) -> None:
        """Put the latest values right where bindings of sources that have rows were changed."""
        view = self._directory.view
        self._latest.ensure(len(view))
        subjects: set[int] = set()
        for source in touched:
            slot = view.slot(source)
            if slot < 0 or not self._sources.has_rows(source):
                continue
            subjects.add(slot)
            for known in (before, view):
                if slot < len(known):
                    subjects.update(view.slot(one.subject) for one in known.bindings_of(slot))
        slots = np.array(sorted(slot for slot in subjects if slot >= 0), dtype=np.int32)
        if len(slots):
            self._latest.replace(slots, newest_rows(self._history, view, slots))

    def _settle(self) -> None:
        settle(
            self._history,
            self._clock.now_ms(),
            self._seal_after_ms,
            self._latest.known(),
            self._sources.changed(),
        )
        self._sources.saved()
        self._fresh_rows = 0
        self._settled_at = time.monotonic()


def newest_rows(history: History, view: View, slots: NDArray[np.int32]) -> Rows:
    """The newest good row of each subject by its bindings, from the history; time 0 where there is none."""
    wanted, owner = [], []
    for position, slot in enumerate(slots):
        for one in view.sources_of(int(slot), 0, FOREVER):
            wanted.append(one)
            owner.append(position)
    found = history.last_rows(wanted, SUSPICIOUS)
    place = {(source, begin): position for (source, begin, _), position in zip(wanted, owner, strict=True)}
    begins: dict[int, list[tuple[int, int, int]]] = {}
    for source, begin, end in wanted:
        begins.setdefault(source, []).append((begin, end, place[source, begin]))
    rows = empty(len(slots))
    for i in range(len(found["source"])):
        source, at = int(found["source"][i]), int(found["time_ms"][i])
        position = next(where for begin, end, where in begins[source] if begin <= at < end)
        if at > rows["time_ms"][position]:
            for name in COLUMNS:
                rows[name][position] = found[name][i]
    return rows
