"""Sealing: closed tables become Parquet files, sorted by source and time, and the manifest says so.

A file is written under a temporary name, synced, renamed, its folder synced; then one transaction puts it into the
manifest and drops the table it came from. A crash before that transaction leaves a file that the manifest does not
name: `clean` removes it at the next start and the table is sealed again. Rows that come for a closed hour are gathered
in a late table and make a further file; many small files of a day are merged.

Each file holds at most `CHUNK_ROWS` rows of a range of sources, so that a track opens one small file for each hour.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tongqu.kernel.telemetry.history import History, Part, parquet, parts, set_state
from tongqu.kernel.telemetry.settle import ORDER, first_open_hour
from tongqu.kit.time import DAY_MS, HOUR_MS

log = logging.getLogger("tongqu.telemetry")

CHUNK_ROWS = 2_000_000
SMALL_ROWS = 100_000
OWN_FILE_ROWS = 10_000
MERGE_FROM = 16
GRACE_S = 60.0


class Ending(Exception):
    """The process ends; half a sealing is no sealing."""


@dataclass
class Sealer:
    """Seals what is closed.

    Args:
        history: whose tables and files.
        seal_after_ms: an hour is closed when it ended so long ago.
        late_after_ms: late rows are sealed when they have waited so long, or when there are `CHUNK_ROWS` of them.
        pace: pauses as long as the work took, times this, so that sealing leaves the processor to others.
        ending: set when the process ends; what is not sealed by then is sealed after the next start.
    """

    history: History
    seal_after_ms: int
    late_after_ms: int = 15 * 60_000
    pace: float = 1.0
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._doomed: list[tuple[float, Path]] = []

    def due(self, now_ms: int) -> bool:
        """Whether an hour has closed since the last time, so that `fresh` should be settled before `run`."""
        return first_open_hour(now_ms, self.seal_after_ms) > self.history.get("closed_before")

    def run(self, now_ms: int) -> int:
        """Seal all that is closed; gives how many rows went into files."""
        self._close(now_ms)
        sealed = 0
        with self.history.reading() as cursor:
            current = f"late_{self.history.get('late')}"
            tables = [part for part in parts(cursor) if part.kind in ("hot", "late") and part.name != current]
            closed = self.history.get("closed_before")
        for part in tables:
            if part.kind == "late" or part.to_ms <= closed:
                sealed += self._seal(part.name, [part.name], self._groups(part))
        self._merge()
        self._bury()
        return sealed

    def _close(self, now_ms: int) -> None:
        """Say what is closed from now on: `settle` adds nothing to it any more."""
        with self.history.writing() as cursor:
            state = dict(cursor.execute("SELECT name, value FROM state").fetchall())
            closed = first_open_hour(now_ms, self.seal_after_ms)
            if closed > state.get("closed_before", 0):
                set_state(cursor, "closed_before", closed)
            late = state.get("late", 0)
            row = cursor.execute('SELECT "rows" FROM part WHERE name = ?', [f"late_{late}"]).fetchone()
            if row is None:
                set_state(cursor, "late_since_ms", now_ms)
            elif row[0] >= CHUNK_ROWS or now_ms - state.get("late_since_ms", 0) >= self.late_after_ms:
                set_state(cursor, "late", late + 1)
                set_state(cursor, "late_since_ms", now_ms)

    def _groups(self, part: Part) -> list[tuple[int, int]]:
        """Spans of time that get files of their own: the hour, or the day where late rows of an hour are few."""
        if part.kind == "hot":
            return [(part.from_ms, part.to_ms)]
        count = f"SELECT (time_ms // {HOUR_MS}) * {HOUR_MS} AS hour, count(*) FROM {part.name} GROUP BY hour"
        hours = dict(self.history.cursor.execute(count).fetchall())
        large = [(hour, hour + HOUR_MS) for hour, rows in hours.items() if rows >= OWN_FILE_ROWS]
        days = {hour - hour % DAY_MS for hour, rows in hours.items() if rows < OWN_FILE_ROWS}
        return sorted(large) + sorted(
            span for day in days for span in _around(day, [begin for begin, _ in large if day <= begin < day + DAY_MS])
        )

    def _seal(self, label: str, tables: Sequence[str], groups: Iterable[tuple[int, int]]) -> int:
        """Write the rows of tables to files and put these in their place."""
        made: list[Part] = []
        source = " UNION ALL ".join(f"SELECT * FROM {table}" for table in tables)
        for begin, end in groups:
            for name, first, last in self._chunks(source, begin, end, label):
                made += self._write(source, begin, end, name, first, last)
        with self.history.writing() as cursor:
            for table in tables:
                cursor.execute("DELETE FROM part WHERE name = ?", [table])
                cursor.execute(f"DROP TABLE {table}")
            _add_parts(cursor, made)
        return sum(part.rows for part in made)

    def _chunks(self, source: str, begin: int, end: int, label: str) -> Iterator[tuple[str, int, int]]:
        """Names and ranges of sources of the files that the rows of a span go to."""
        per_source = self.history.cursor.execute(
            f"SELECT source, count(*) FROM ({source}) WHERE time_ms >= {begin} AND time_ms < {end} "
            "GROUP BY source ORDER BY source"
        ).fetchall()
        folder = _folder(begin, end)
        first, rows, number = None, 0, 0
        for position, (key, count) in enumerate(per_source):
            first = key if first is None else first
            rows += count
            if rows >= CHUNK_ROWS or position == len(per_source) - 1:
                yield f"{folder}/{label}-{begin // HOUR_MS}-{number}.parquet", first, key
                first, rows, number = None, 0, number + 1

    def _write(self, source: str, begin: int, end: int, name: str, first: int, last: int) -> list[Part]:
        started = time.monotonic()
        where = f"source BETWEEN {first} AND {last} AND time_ms >= {begin} AND time_ms < {end}"
        rows = f"SELECT * FROM ({source}) WHERE {where}"
        cursor = self.history.cursor
        facts = cursor.execute(
            f"SELECT count(*), min(time_ms), max(time_ms), max(received_ms) FROM ({rows})"
        ).fetchone()
        assert facts is not None
        path = self.history.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".writing")
        quoted = str(temporary).replace("'", "''")
        cursor.execute(f"COPY ({rows} {ORDER}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
        _sync(temporary)
        temporary.rename(path)
        for folder in (path.parent, path.parent.parent, self.history.files):
            _sync(folder)
        self._rest(started)
        return [Part(name, "file", facts[1], facts[2] + 1, first, last, facts[0], path.stat().st_size, facts[3])]

    def _rest(self, started: float) -> None:
        if self.ending.wait(self.pace * (time.monotonic() - started)):
            raise Ending

    def _merge(self) -> None:
        """Make one file of many small ones of a day."""
        with self.history.reading() as cursor:
            small = [part for part in parts(cursor) if part.kind == "file" and part.rows < SMALL_ROWS]
        days: dict[int, list[Part]] = {}
        for part in small:
            days.setdefault(part.from_ms - part.from_ms % DAY_MS, []).append(part)
        for day, members in days.items():
            if len(members) >= MERGE_FROM:
                self._merge_day(day, members)

    def _merge_day(self, day: int, members: list[Part]) -> None:
        source = " UNION ALL ".join(f"SELECT * FROM {self.history.table_of(part)}" for part in members)
        number = self.history.get("merged") + 1
        end = max(day + DAY_MS, max(part.to_ms for part in members))
        made: list[Part] = []
        for name, first, last in self._chunks(source, day, end, f"merged_{number}"):
            made += self._write(source, day, end, name, first, last)
        self._replace(members, made, merged=number)

    def _replace(self, old: Sequence[Part], new: Sequence[Part], *, merged: int | None = None) -> None:
        with self.history.writing() as cursor:
            for part in old:
                cursor.execute("DELETE FROM part WHERE name = ?", [part.name])
            _add_parts(cursor, new)
            if merged is not None:
                set_state(cursor, "merged", merged)
        at = time.monotonic() + GRACE_S
        self._doomed += [(at, self.history.files / part.name) for part in old]

    def expire(self, received_before_ms: int) -> int:
        """Give up sealed rows that were all received before an instant; gives how many rows."""
        with self.history.reading() as cursor:
            old = [part for part in parts(cursor) if part.kind == "file" and part.received_ms < received_before_ms]
        if old:
            self._replace(old, [])
        return sum(part.rows for part in old)

    def _bury(self) -> None:
        """Delete replaced files once no reader can still be at them."""
        now = time.monotonic()
        for at, path in self._doomed:
            if at <= now:
                path.unlink(missing_ok=True)
        self._doomed = [(at, path) for at, path in self._doomed if at > now]


def clean(history: History) -> list[Path]:
    """Remove files that the manifest does not name; gives them. A new history takes the files it finds instead."""
    with history.reading() as cursor:
        named = {part.name for part in parts(cursor) if part.kind == "file"}
    found = [path for path in history.files.rglob("*") if path.is_file()]
    strange = [path for path in found if path.relative_to(history.files).as_posix() not in named]
    if history.is_new and strange:
        adopt(history, [path for path in strange if path.suffix == ".parquet"])
        strange = [path for path in strange if path.suffix != ".parquet"]
    for path in strange:
        log.warning("removing %s: no complete part of the history", path)
        path.unlink()
    return strange


def adopt(history: History, paths: Sequence[Path]) -> None:
    """Put files of an earlier history, whose DuckDB file was lost, into the manifest."""
    made = []
    for path in paths:
        facts = history.cursor.execute(
            "SELECT min(time_ms), max(time_ms) + 1, min(source), max(source), count(*), max(received_ms) "
            f"FROM {parquet(path)}"
        ).fetchone()
        assert facts is not None
        begin, end, first, last, rows, received_ms = facts
        name = path.relative_to(history.files).as_posix()
        made.append(Part(name, "file", begin, end, first, last, rows, path.stat().st_size, received_ms))
    if not made:
        return
    with history.writing() as cursor:
        _add_parts(cursor, made)
        cursor.execute(  # what is older than these must be looked up, or the log would store it twice
            f"INSERT INTO mark SELECT source, max(time_ms), 0, 0, 0 FROM {parquet(*paths)} GROUP BY source"
        )
    log.warning("took %d sealed files of an earlier history over", len(made))


def _add_parts(cursor: object, made: Sequence[Part]) -> None:
    for part in made:
        values = [getattr(part, name) for name in Part.__dataclass_fields__]
        cursor.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)  # type: ignore[attr-defined]


def _around(day: int, hours: Sequence[int]) -> list[tuple[int, int]]:
    """The spans of a day without some of its hours."""
    edges = [day, *(edge for hour in sorted(hours) for edge in (hour, hour + HOUR_MS)), day + DAY_MS]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin < end]


def _folder(begin: int, end: int) -> str:
    at = datetime.fromtimestamp(begin / 1000, UTC)
    hour = f"/hour={at:%H}" if end - begin <= HOUR_MS else "/hour=late"
    return f"date={at:%Y-%m-%d}{hour}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
