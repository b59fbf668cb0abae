"""Settling: what has arrived goes, sorted by source and time, into the table of its hour or into the late rows.

In the same transaction the latest values and the marks of the sources are saved, so that after a restart `fresh` holds
exactly the rows that came after them.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from tongqu.kernel.telemetry.history import EVER, History, hour_table, insert, set_state
from tongqu.kernel.telemetry.rows import DDL, Rows
from tongqu.kit.arrow import to_arrow
from tongqu.kit.time import HOUR_MS, hour_of

SETTLE_ROWS = 2_000_000
"""Rows that wait in the order of arrival before they are sorted."""
ORDER = "ORDER BY source, time_ms, log_offset"


def first_open_hour(now_ms: int, seal_after_ms: int) -> int:
    """Start of the first hour that is not closed: it ended less than `seal_after_ms` ago, or has not ended."""
    return hour_of(now_ms - seal_after_ms)


def settle(history: History, now_ms: int, seal_after_ms: int, latest: Rows | None, marks: pa.Table | None) -> int:
    """Empty `fresh` into sorted tables; gives how many rows moved.

    Args:
        latest: newest good row of each subject, with all rows of `fresh` in it; None leaves what was saved.
        marks: state of the sources that changed since the last time (columns of table `mark`).
    """
    with history.writing() as cursor:
        state = dict(cursor.execute("SELECT name, value FROM state").fetchall())
        first = max(first_open_hour(now_ms, seal_after_ms), state.get("closed_before", 0))
        last = hour_of(now_ms) + HOUR_MS
        moved = 0
        hours = f"SELECT (time_ms // {HOUR_MS}) * {HOUR_MS} AS hour, count(*) FROM fresh GROUP BY hour ORDER BY hour"
        late = 0
        for hour, count in cursor.execute(hours).fetchall():
            moved += count
            if first <= hour <= last:
                _to_hour(cursor, hour, count)
            else:
                late += count
        if late:
            condition = f"NOT (time_ms >= {first} AND time_ms < {last + HOUR_MS})"
            _append(cursor, f"late_{state.get('late', 0)}", "late", EVER, condition, late)
        if moved:
            cursor.execute("DROP TABLE fresh")
            cursor.execute(f"CREATE TABLE fresh {DDL}")
        if latest is not None:
            cursor.execute("DELETE FROM latest")
            insert(cursor, "latest", to_arrow(latest))
        if marks is not None and len(marks):
            _save_marks(cursor, marks)
        set_state(cursor, "settled_ms", now_ms)
        return moved


def _to_hour(cursor: duckdb.DuckDBPyConnection, hour: int, count: int) -> None:
    span = (hour, hour + HOUR_MS)
    _append(cursor, hour_table(hour), "hot", span, f"time_ms >= {span[0]} AND time_ms < {span[1]}", count)


def _append(
    cursor: duckdb.DuckDBPyConnection, table: str, kind: str, span: tuple[int, int], condition: str, count: int
) -> None:
    known = cursor.execute('UPDATE part SET "rows" = "rows" + ? WHERE name = ?', [count, table]).fetchall()[0][0]
    if not known:
        cursor.execute(f"CREATE TABLE {table} {DDL}")
        cursor.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)", [table, kind, *span, *EVER, count])
    cursor.execute(f"INSERT INTO {table} SELECT * FROM fresh WHERE {condition} {ORDER}")


def _save_marks(cursor: duckdb.DuckDBPyConnection, marks: pa.Table) -> None:
    cursor.register("marks", marks)
    cursor.execute("DELETE FROM mark WHERE source IN (SELECT source FROM marks)")
    cursor.unregister("marks")
    insert(cursor, "mark", marks)
