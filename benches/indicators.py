"""An indicator over 30 days x 10,000 vehicles of sealed Parquet, by the function that the worker runs.

The rows are made, in the layout that sealing gives them: a file for each hour, sorted by source and time, all columns
of the history, zstd. One row for each vehicle and minute of driving, three hours a day each: 54 M rows. (Terminals of
JT/T 808 report every 30 s by default: this is every other report, and vehicles that do not move send nothing.) The
figure is that of the whole time by owner and region: read, joined with the bindings of 10,000 terminals, grouped.
Nothing is kept between runs but what the operating system caches.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
from bench import Row, repeat, report

from tongqu.domains.equipment.indicators import INDICATORS
from tongqu.kernel.indicators.sources import BINDINGS, THINGS, Source, observed, tables_of
from tongqu.kernel.indicators.values import Window
from tongqu.kernel.rulebooks import value_of
from tongqu.kernel.telemetry.rows import COLUMNS
from tongqu.kit.text import register
from tongqu.kit.time import DAY_MS, HOUR_MS

VEHICLES, DAYS, HOURS_A_DAY = 10_000, 30, 3
BEGIN = 1_764_000_000_000 // DAY_MS * DAY_MS - 8 * HOUR_MS
MOST_S = 2.0


def make(folder: Path) -> tuple[list[Path], int]:
    """The files; gives them and how many rows they hold."""
    database = duckdb.connect(config={"threads": "2"})
    database.execute("SET enable_progress_bar = false")
    database.execute("SELECT setseed(0.7)")
    columns = {
        "source": "v + 20000",
        "time_ms": "m * 60000 + v % 60000",
        "key": "hash(v, m)",
        "subject": "v",
        "received_ms": "m * 60000 + v % 60000 + 800",
        "lon": "118 + v % 100 / 50 + m / 1000",
        "lat": "30 + v % 77 / 50 + random() / 1000",
        "altitude_m": "12",
        "speed_kmh": "20 + random() * 60",
        "heading_deg": "v % 360",
        "alarm": "0",
        "status": "3",
        "mileage_km": "1000 + m",
        "region": "990100 + v % 20",
        "flags": "CASE WHEN random() < 0.004 THEN 2 ELSE 0 END",
        "stream": "1",
        "log_offset": "v * 100 + m",
    }
    assert set(columns) == set(COLUMNS)
    selected = ", ".join(f"CAST({how} AS {COLUMNS[name][0]}) AS {name}" for name, how in columns.items())
    shifts = 24 // HOURS_A_DAY
    for shift in range(shifts):
        database.execute(
            f"CREATE TABLE shift_{shift} AS SELECT {selected} FROM range({VEHICLES}) AS a(v), range(60) AS b(m) "
            f"WHERE v % {shifts} = {shift} ORDER BY source, time_ms"
        )
    files = []
    for hour in range(24 * DAYS):
        begin = BEGIN + hour * HOUR_MS
        path = folder / f"{hour:04}.parquet"
        database.execute(
            f"COPY (SELECT * REPLACE (time_ms + {begin} AS time_ms, received_ms + {begin} AS received_ms) "
            f"FROM shift_{hour % shifts}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
        )
        files.append(path)
    rows = database.execute(f"SELECT count(*) FROM read_parquet('{folder}/*.parquet')").fetchone()[0]
    database.close()
    return files, int(rows)


def main() -> int:
    register("equipment", "tongqu.domains.equipment")
    by_id = {one.id.split(".")[1]: one for one in INDICATORS}
    window = Window("day", BEGIN, BEGIN + DAYS * DAY_MS)
    keys = list(range(VEHICLES))
    texts = [f"urn:tongqu:vehicle:{key}" for key in keys]
    fixed = ["vehicle"] * VEHICLES
    owners = [f"ORG{key % 200:03}" for key in keys]
    regions = [f"9901{key % 20:02}" for key in keys]
    zero, none = [0] * VEHICLES, [None] * VEHICLES
    things = pa.table([keys, texts, fixed, texts, fixed, owners, regions, zero, none], schema=THINGS)
    sources = [key + 20_000 for key in keys]
    bindings = pa.table([sources, keys, zero, [1 << 60] * VEHICLES], schema=BINDINGS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin = time.perf_counter()
        files, count = make(folder)
        made_s = time.perf_counter() - begin
        size = sum(path.stat().st_size for path in files)
        counted: dict[str, int] = {}

        def figure(which: str) -> float:
            indicator = by_id[which]
            started = time.perf_counter()
            source = Source(folder, memory_mb=2048, threads=2)
            source.put("things", things)
            source.put("bindings", bindings)
            source.look_at(window, files)
            numbers = {one: value_of(one, None, BEGIN) for one in indicator.parameters}
            rows = indicator.rows(tables_of(indicator, {}, numbers), window)
            counted[which] = source.fetch(observed(indicator, rows)).num_rows
            source.close()
            return time.perf_counter() - started

        runs = {which: repeat(partial(figure, which)) for which in ("data_quality", "online_rate")}
    titles = {"data_quality": "data quality over 30 days", "online_rate": "online rate over 30 days"}
    rows_out = [
        Row(titles[which], MOST_S, runs[which], "s", better="lower", note=f"{counted[which]} observations")
        for which in runs
    ]
    rows_out.append(Row("the files were made in", None, made_s, "s", better="lower"))
    data = f"{count:,} made rows of {VEHICLES:,} vehicles over {DAYS} days, {len(files)} files, {size / 1e6:,.0f} MB"
    return report(rows_out, data=data)


if __name__ == "__main__":
    sys.exit(main())
