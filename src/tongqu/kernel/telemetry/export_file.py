"""The Parquet file of an export: rows with the names of things, as far as an actor sees them.

What a row belongs to is read from the registry's bindings of today, so a binding that was corrected after a row was
sealed counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry.directory import View, region_range
from tongqu.kernel.telemetry.history import parquet
from tongqu.kernel.telemetry.sight import COUNTY_DIGITS, sight_of
from tongqu.kit.time import CHINA, HOUR_MS, iso

PLAIN = (
    "time_ms", "lon", "lat", "altitude_m", "speed_kmh", "heading_deg", "alarm", "status", "mileage_km", "region",
    "flags", "received_ms", "key",
)  # fmt: skip
MEMORY = "1GB"


@dataclass(frozen=True)
class Order:
    """What is wanted: rows with `from_ms <= time_ms < to_ms`, of things that were in a region (None: anywhere)."""

    from_ms: int
    to_ms: int
    region: str | None = None

    def file_name(self) -> str:
        begin, end = (iso(at, CHINA)[:16].replace(":", "").replace("-", "") for at in (self.from_ms, self.to_ms))
        return f"positions-{self.region or 'all'}-{begin}-{end}.parquet"


def write(
    files: Sequence[Path],
    view: View,
    actor: Actor,
    permission: str,
    order: Order,
    target: Path,
    scratch: Path,
    progress: Callable[[float], None] = lambda _: None,
) -> int:
    """Write the rows of files that an actor sees, sorted by thing and time within each hour; gives how many.

    Columns: `urn`, `label`, `category` of the thing, `source` (URN of what sent the fix), `time` (UTC) and `time_ms`,
    then the values with their units as suffix, `flags` as in `rows.Flag`, `key` (hash of the basic block) and `frame`
    (opens the frame as long as the log keeps it).
    """
    database = duckdb.connect(config={"memory_limit": MEMORY, "threads": "1", "temp_directory": str(scratch / "spill")})
    try:
        for name, table in _tables(view, actor, permission).items():
            database.register(name, table)
        query = _query(files, view, actor, permission, order)
        hours = _hours(database, files, order)
        schema = database.execute(query + " LIMIT 0", [0, 0]).to_arrow_table().schema
        rows = 0
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for number, hour in enumerate(hours):
                progress(number / len(hours))
                span = [max(hour, order.from_ms), min(hour + HOUR_MS, order.to_ms)]
                for batch in database.execute(query, span).to_arrow_reader(100_000):
                    progress((number + 0.5) / len(hours))
                    writer.write_batch(batch)
                    rows += batch.num_rows
        return rows
    finally:
        database.close()


def _tables(view: View, actor: Actor, permission: str) -> dict[str, pa.Table]:
    """Things and bindings as tables to join with."""
    sources = np.repeat(np.arange(len(view)), np.diff(view.binding_start))
    categories = np.array([code for _, code in view.categories], dtype=object)
    return {
        "thing": pa.table({
            "key": view.key,
            "urn": pa.array(view.urn.tolist(), pa.string()),
            "label": pa.array(view.label.tolist(), pa.string()),
            "category": pa.array(categories[view.category].tolist(), pa.string()),
            "home": view.home,
            "seen": sight_of(actor, view, permission).home,
        }),
        "binding": pa.table({
            "source": view.key[sources],
            "subject": view.key[view.binding_subject],
            "from_ms": view.binding_from,
            "to_ms": view.binding_to,
        }),
    }  # fmt: skip


def _query(files: Sequence[Path], view: View, actor: Actor, permission: str, order: Order) -> str:
    sight = sight_of(actor, view, permission)
    present = " OR ".join(f"(r.region >= {low} AND r.region < {high})" for low, high in sight.presence) or "false"
    conditions = ["true" if sight.all else f"(coalesce(t.seen, false) OR {present})"]
    if order.region:
        low, high = region_range(order.region, COUNTY_DIGITS)
        home_low, home_high = region_range(order.region)
        conditions.append(
            f"(r.region >= {low} AND r.region < {high} "
            f"OR r.region = 0 AND t.home >= {home_low} AND t.home < {home_high})"
        )
    values = ", ".join(f"r.{name}" for name in PLAIN)
    source = parquet(*files) if files else "(SELECT * FROM thing WHERE false)"
    return f"""
        SELECT coalesce(t.urn, '') AS urn, coalesce(t.label, '') AS label, coalesce(t.category, '') AS category,
            coalesce(s.urn, '') AS source, make_timestamptz(r.time_ms * 1000) AS time, {values},
            CAST(r.log_offset AS VARCHAR) AS frame
        FROM {source} AS r
        LEFT JOIN binding AS b ON b.source = r.source AND r.time_ms >= b.from_ms AND r.time_ms < b.to_ms
        LEFT JOIN thing AS t ON t.key = coalesce(b.subject, r.source)
        LEFT JOIN thing AS s ON s.key = r.source
        WHERE r.time_ms >= ? AND r.time_ms < ? AND {" AND ".join(conditions)}
        ORDER BY urn, r.time_ms, r.log_offset"""


def _hours(database: duckdb.DuckDBPyConnection, files: Sequence[Path], order: Order) -> list[int]:
    """The hours that have rows."""
    if not files:
        return []
    found: list[tuple[Any, ...]] = database.execute(
        f"SELECT DISTINCT (time_ms // {HOUR_MS}) * {HOUR_MS} AS hour FROM {parquet(*files)} "
        f"WHERE time_ms >= {order.from_ms} AND time_ms < {order.to_ms} ORDER BY hour"
    ).fetchall()
    return [int(hour) for (hour,) in found]
