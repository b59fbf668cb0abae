"""Ingest: how many positions a second go from raw frames to stored rows, durably, once each.

A process of its own plays the gateway: it appends to the log and syncs each group. The owner's writer checks the log
(CRC), decodes in bulk, removes duplicates, binds, judges, and commits rows with their log offset. Time runs from the
first append until the last row is committed. The hot hour already holds `--hot` million rows, and 2 % of the frames are
repetitions (half of them old).

    python benches/ingest.py --frames 3000000 --hot 20
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from bench import Row, Stopwatch, report
from house import STREAM, House, frames, house

from tongqu.kernel.telemetry.history import hour_table
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.rows import COLUMNS, DDL
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kit.time import HOUR_MS, ManualClock

SOURCES = 10_000
GROUP = 2_000
REPEATED = 50  # one frame in so many comes twice


def feed(
    folder: Path, terminals: np.ndarray, begin_ms: int, count: int, rate: float, done: Any, variants: int = 50
) -> None:
    """The gateway's part: `count` frames of all terminals, second by second, in groups that are each synced.

    Args:
        rate: frames a second, 0 for as many as go.
        variants: so many different places the terminals are at.
    """
    log = LogWriter(folder, ManualClock(begin_ms))
    keys, sent, second, started = terminals.tolist(), 0, 0, time.monotonic()
    old: list[tuple[int, int, bytes]] = []
    cpu = time.process_time()
    while sent < count:
        at = begin_ms + second * 1000
        made = frames(at, variants)
        for number, key in enumerate(keys):
            raw = made[number % len(made)]
            log.append(STREAM.number, key, at + 300, raw)
            sent += 1
            if number % REPEATED == 0:
                log.append(STREAM.number, key, at + 310, raw)
                old.append((key, at + 320, raw))
                if len(old) > 20_000:
                    log.append(STREAM.number, *old[number % 10_000])
            if number % GROUP == 0:
                log.flush()
                if rate:
                    time.sleep(max(0.0, started + sent / rate - time.monotonic()))
        log.flush()
        second += 1
    log.close()
    done.put(time.process_time() - cpu)


def prefill(telemetry: Telemetry, terminals: np.ndarray, hour: int, millions: float) -> None:
    """Put rows of the beginning of the hour into its table, as settling would have."""
    rows = round(millions * 1e6)
    if not rows:
        return
    low, count, seconds = int(terminals.min()), len(terminals), max(1, rows // len(terminals))
    with telemetry.history.writing() as cursor:
        table = hour_table(hour)
        cursor.execute(f"CREATE TABLE {table} {DDL}")
        cursor.execute(
            f"""INSERT INTO {table} SELECT {low} + s, {hour} + t * 1000, hash(s, t), {low} + s, {hour} + t * 1000 + 300,
            118 + s / 1e5, 29 + t / 1e4, 12, 40, s % 360, 0, 3, 12345.6, 990101, 0, {STREAM.number}, s * 100 + t
            FROM range({count}) a(s), range({seconds}) b(t) ORDER BY t // 200, s, t"""
        )
        cursor.execute(
            "INSERT INTO part VALUES (?, 'hot', ?, ?, ?, ?, ?, 0, 0)",
            [table, hour, hour + HOUR_MS, -(1 << 62), 1 << 62, count * seconds],
        )


def measure(home: House, begin_ms: int, count: int, rate: float = 0.0) -> dict[str, float]:
    telemetry = home.platform.service(Telemetry)
    counts = telemetry.writer.counts
    before = (counts.rows, counts.repeated)
    context = multiprocessing.get_context("spawn")
    done = context.Queue()
    arguments = (home.platform.settings.log, home.terminals, begin_ms, count, rate, done)
    process = context.Process(target=feed, args=arguments, daemon=True)
    end = telemetry.reader.end or 0
    process.start()
    while (telemetry.reader.end or 0) <= end:
        time.sleep(0.001)
    with Stopwatch() as watch:
        worst_lag = 0.0
        while process.is_alive() or telemetry.lag()[0]:
            time.sleep(0.01)
            worst_lag = max(worst_lag, telemetry.lag()[1])
    process.join()
    rows = counts.rows - before[0]
    if rows < count:
        raise SystemExit(f"{count - rows} rows are missing")
    return {
        "rows": rows,
        "repeated": counts.repeated - before[1],
        "wall_s": watch.wall_s,
        "cpu_s": watch.cpu_s,
        "feeder_cpu_s": done.get(),
    }


def sqlite_rows_per_s(count: int) -> float:
    """The peer: ready-made rows into SQLite (WAL, synchronous FULL), unique by the same key, 10 000 a commit."""
    key = np.random.default_rng(1).integers(0, 1 << 62, count).tolist()
    rest = (4, 5, 119.0, 30.0, 12, 40.0, 90, 0, 3, 12345.6, 990101, 0, 1, 6)
    rows = [(number % SOURCES, number // SOURCES, key[number], *rest) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(f"{folder}/peer.db", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(f"CREATE TABLE position {DDL[:-1]}, PRIMARY KEY (source, time_ms, key)) WITHOUT ROWID")
        started = time.perf_counter()
        for begin in range(0, count, 10_000):
            database.execute("BEGIN")
            marks = ", ".join("?" * len(COLUMNS))
            database.executemany(f"INSERT OR IGNORE INTO position VALUES ({marks})", rows[begin : begin + 10_000])
            database.execute("COMMIT")
        return count / (time.perf_counter() - started)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=3_000_000)
    parser.add_argument("--hot", type=float, default=20.0, help="million rows the hot hour already holds")
    parser.add_argument("--live-seconds", type=int, default=30)
    parser.add_argument("--runs", type=int, default=3)
    options, _ = parser.parse_known_args()
    with house(SOURCES) as home:
        telemetry = Telemetry(home.platform)
        home.platform.provide(telemetry)
        telemetry.start()
        hour = int(time.time() * 1000) // HOUR_MS * HOUR_MS
        prefill(telemetry, home.terminals, hour, options.hot)
        measure(home, hour - 3 * HOUR_MS, SOURCES)  # compile and warm up
        each = options.frames // SOURCES * 1000
        bulk = [measure(home, hour + 2_000_000 - (run + 1) * each, options.frames) for run in range(options.runs)]
        live = measure(home, int(time.time() * 1000), 10_000 * options.live_seconds, rate=10_000)
    rows = [
        Row(
            "durable ingest: log, fsync, CRC, decode, de-duplication, commit",
            150_000,
            [run["rows"] / run["wall_s"] for run in bulk],
            "positions/s",
            peer=("SQLite, rows only", sqlite_rows_per_s(1_000_000)),
            note=f"{bulk[0]['repeated']:,.0f} repetitions removed in {bulk[0]['rows']:,.0f} rows; "
            f"the hot hour held {options.hot:g} M rows before",
        ),
        Row(
            "processor time of the owner, bulk",
            None,
            [run["cpu_s"] / run["rows"] * 1e6 for run in bulk],
            "CPU-s per million",
            better="lower",
        ),
        Row(
            "processor time of the owner at 10 k frames/s",
            30,
            live["cpu_s"] / live["rows"] * 1e6,
            "CPU-s per million",
            better="lower",
            note="writer, polling of the registry and commits; no requests meanwhile",
        ),
    ]
    return report(
        rows,
        data=f"{options.frames:,} JT/T 808 0x0200 frames of six items, {SOURCES:,} terminals at 1 Hz, 2 % repetitions "
        "and 1 % old refills besides",
        peer="SQLite 3 WAL (synchronous FULL), natural key as primary key: ready-made rows, no log, no decoding",
    )


if __name__ == "__main__":
    sys.exit(main())
