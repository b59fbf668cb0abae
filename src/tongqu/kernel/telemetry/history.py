"""The history of rows: DuckDB for what is recent, Parquet for sealed hours, one manifest for both.

Rows pass three places. `fresh` takes them in the order of arrival. `settle` moves them, sorted by source and time, into
the table of their hour (`hot_{hour}`) or, where that hour is closed already, into a `late_{n}` table. `sealing` writes
closed tables to Parquet. A reader takes the list of parts from the manifest in the same transaction in which it reads
them, so it sees every row exactly once, whatever moves meanwhile.

Why sorted runs: with 36 million rows in the order of arrival (10 000 sources at 1 Hz for an hour) one track took 80 ms
on two idle cores; from runs of 2 million sorted rows it takes 3 ms, and the look-up of duplicates 2 ms; sorting costs
0.2 s of processor time per million rows.

The file belongs to one process. Each thread has its own cursor; writing transactions take turns (`writing`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tongqu.kernel.telemetry.rows import COLUMNS, DDL, NATURAL_KEY, Rows
from tongqu.kit.arrow import to_arrow
from tongqu.kit.time import DAY_MS, HOUR_MS

PICTURE = ("source", "time_ms", "lon", "lat", "speed_kmh", "heading_deg", "alarm", "region", "stream", "log_offset")
"""Columns that a picture of all movers needs."""
LOOK_BACK = 48
"""Hours with rows in which the newest row of a source is looked for when its binding changes."""
QUARANTINE_DDL = """(id BIGINT, stream USMALLINT, received_ms BIGINT, source BIGINT, reason VARCHAR, remote VARCHAR,
    size INTEGER, raw BLOB)"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS state (name VARCHAR, value BIGINT);
CREATE TABLE IF NOT EXISTS fresh {DDL};
CREATE TABLE IF NOT EXISTS part (name VARCHAR, kind VARCHAR, from_ms BIGINT, to_ms BIGINT, min_source BIGINT,
    max_source BIGINT, "rows" BIGINT, bytes BIGINT, received_ms BIGINT);
CREATE TABLE IF NOT EXISTS latest {DDL};
CREATE TABLE IF NOT EXISTS mark (source BIGINT, newest_ms BIGINT, last_ms BIGINT, last_lon DOUBLE, last_lat DOUBLE);
CREATE TABLE IF NOT EXISTS quarantine {QUARANTINE_DDL};
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A place where rows are.

    Attributes:
        name: of a table (`fresh`, `hot`, `late`) or the path of a file below the folder of the history (`file`).
        from_ms, to_ms: its rows have times in `[from_ms, to_ms)`.
        min_source, max_source: its rows are of sources in this range.
    """

    name: str
    kind: str
    from_ms: int
    to_ms: int
    min_source: int
    max_source: int
    rows: int
    bytes: int
    received_ms: int

    def may_hold(self, from_ms: int, to_ms: int, source: int | None = None) -> bool:
        """Whether rows of that time (and source) can be in it."""
        if self.from_ms >= to_ms or self.to_ms <= from_ms:
            return False
        return source is None or self.min_source <= source <= self.max_source


EVER = (-(1 << 62), 1 << 62)


def fresh_part() -> Part:
    return Part("fresh", "fresh", *EVER, *EVER, 0, 0, 0)


class History:
    """Owner of the DuckDB file and of the folder with sealed files.

    Args:
        folder: holds `telemetry.duckdb` and `positions/`.
        memory_mb: how much DuckDB may use; beyond it spills to disk.
        threads: of DuckDB.
    """

    def __init__(self, folder: Path, *, memory_mb: int = 1024, threads: int = 1) -> None:
        self.folder = folder
        self.files = folder / "positions"
        self.files.mkdir(parents=True, exist_ok=True)
        self._path = folder / "telemetry.duckdb"
        self._options = {"memory_limit": f"{memory_mb}MB", "threads": str(threads)}
        self.is_new = not self._path.exists()
        self.turn = threading.RLock()
        self._open()

    def _open(self) -> None:
        self._local = threading.local()
        self._database = duckdb.connect(str(self._path))
        for name, value in self._options.items():
            self._database.execute(f"SET {name} = '{value}'")
        self._database.execute("SET checkpoint_threshold = '256MB'")
        self._database.execute("SET parquet_metadata_cache = true")
        self._database.execute(f"SET temp_directory = '{_quoted(self.folder / 'spill')}'")
        self._database.execute(_SCHEMA)

    def reopen(self) -> None:
        """Open the file again after an error that DuckDB does not survive."""
        with self.turn:
            self._database.close()
            self._open()

    def close(self) -> None:
        self._database.close()

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The cursor of the calling thread."""
        found: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if found is None:
            found = self._local.cursor = self._database.cursor()
        return found

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A transaction that writes: all of it or nothing; one at a time."""
        cursor = self.cursor
        with self.turn:
            cursor.execute("BEGIN")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A transaction that sees one state of manifest and rows throughout."""
        cursor = self.cursor
        cursor.execute("BEGIN")
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK")

    def get(self, name: str, default: int = 0) -> int:
        """A number of the state: `offset` is where in the log to read on."""
        row = self.cursor.execute("SELECT value FROM state WHERE name = ?", [name]).fetchone()
        return default if row is None else int(row[0])

    def commit(self, rows: Rows, refused: pa.Table | None, offset: int) -> None:
        """Store rows, refused frames and the log offset behind them, all or nothing.

        Args:
            rows: none of them stored already (`stored`), none twice.
            refused: rows of the quarantine, or None.
            offset: where to read on in the log after a restart.
        """
        with self.writing() as cursor:
            if len(rows["source"]):
                insert(cursor, "fresh", to_arrow({name: rows[name] for name in COLUMNS}))
            if refused is not None and len(refused):
                insert(cursor, "quarantine", refused)
            set_state(cursor, "offset", offset)

    def stored(self, rows: Rows) -> NDArray[np.bool_]:
        """Which of these rows are stored already, by natural key. Looks only where rows of their times can be."""
        found = np.zeros(len(rows["source"]), dtype=np.bool_)
        if not len(found):
            return found
        source, time_ms = rows["source"], rows["time_ms"]
        with self.reading() as cursor:
            for table, which in self._places(parts(cursor), source, time_ms):
                asked = {name: rows[name][which] for name in NATURAL_KEY} | {"i": which}
                cursor.register("asked", pa.table(asked))
                here = cursor.execute(
                    f"SELECT DISTINCT asked.i FROM asked JOIN {table} AS h "
                    "ON h.source = asked.source AND h.time_ms = asked.time_ms AND h.key = asked.key"
                ).fetchnumpy()["i"]
                cursor.unregister("asked")
                found[here] = True
        return found

    def _places(
        self, known: Sequence[Part], source: NDArray[np.int64], time_ms: NDArray[np.int64]
    ) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Where rows of these sources and times can be, for FROM: each table, and all files at once."""
        files, in_files = [], np.zeros(len(source), dtype=np.bool_)
        for part in known:
            inside = (time_ms >= part.from_ms) & (time_ms < part.to_ms)
            inside &= (source >= part.min_source) & (source <= part.max_source)
            if part.kind == "file" and inside.any():
                files.append(self.files / part.name)
                in_files |= inside
            elif part.kind != "file" and inside.any():
                yield part.name, np.flatnonzero(inside)
        if files:
            yield parquet(*files), np.flatnonzero(in_files)

    def table_of(self, part: Part) -> str:
        """How a part is named in FROM."""
        if part.kind != "file":
            return part.name
        return parquet(self.files / part.name)

    def rows_of(
        self, wanted: Sequence[tuple[int, int, int]], columns: Sequence[str], *, order: str = "time_ms, log_offset"
    ) -> dict[str, NDArray[Any]]:
        """Rows of sources in times `[from, to)`, in the order of time.

        Args:
            wanted: (source, from_ms, to_ms), none of them overlapping.
            columns: names of `rows.COLUMNS`.
        """
        names = ", ".join(columns)
        with self.reading() as cursor:
            pieces = [
                f"SELECT {names}, time_ms AS t_, log_offset AS o_ FROM {self.table_of(part)} "
                f"WHERE source = {int(source)} AND time_ms >= {int(begin)} AND time_ms < {int(end)}"
                for part in parts(cursor)
                for source, begin, end in wanted
                if part.may_hold(begin, end, source)
            ]
            if not pieces:
                return {name: np.zeros(0, dtype=COLUMNS[name][1]) for name in columns}
            query = f"SELECT {names} FROM ({' UNION ALL '.join(pieces)}) ORDER BY t_, o_"
            return plain(cursor.execute(query).fetchnumpy())

    def rows_of_frame(self, source: int, offset: int, received_ms: int) -> dict[str, NDArray[Any]]:
        """The rows that came of a frame, if they are not older than a month (a refill may be)."""
        rows = self.rows_of([(source, received_ms - 30 * DAY_MS, received_ms + DAY_MS)], ("region", "log_offset"))
        return {name: column[rows["log_offset"] == offset] for name, column in rows.items()}

    def last_rows(self, wanted: Sequence[tuple[int, int, int]], suspicious: int) -> dict[str, NDArray[Any]]:
        """The newest row without a suspicion flag of each (source, from_ms, to_ms), where there is one.

        Parts are asked from the newest back, each only for what has not been found yet, `LOOK_BACK` hours at most.
        """
        open_ = pa.table({
            "source": pa.array([one[0] for one in wanted], pa.int64()),
            "from_ms": pa.array([one[1] for one in wanted], pa.int64()),
            "to_ms": pa.array([one[2] for one in wanted], pa.int64()),
            "i": pa.array(range(len(wanted)), pa.int64()),
        })  # fmt: skip
        found: list[pa.Table] = []
        names = ", ".join(f"h.{name}" for name in COLUMNS)
        with self.reading() as cursor:
            groups: dict[int, list[Part]] = {}
            for part in parts(cursor):
                groups.setdefault(-1 if part.kind in ("fresh", "late") else part.from_ms, []).append(part)
            early, sealed = groups.pop(-1, []), sorted(groups.items(), reverse=True)
            groups_back = [early + (sealed[0][1] if sealed else []), *(members for _, members in sealed[1:])]
            for group in groups_back[:LOOK_BACK]:
                if not len(open_):
                    break
                cursor.register("open_", open_)
                union = " UNION ALL ".join(f"SELECT * FROM {self.table_of(part)}" for part in group)
                got = cursor.execute(
                    f"SELECT {names}, open_.i FROM ({union}) AS h JOIN open_ ON h.source = open_.source "
                    f"AND h.time_ms >= open_.from_ms AND h.time_ms < open_.to_ms WHERE h.flags & {suspicious} = 0 "
                    "QUALIFY row_number() OVER (PARTITION BY open_.i ORDER BY h.time_ms DESC, h.log_offset DESC) = 1"
                ).to_arrow_table()
                cursor.unregister("open_")
                found.append(got.drop_columns("i"))
                open_ = open_.filter(pa.compute.invert(pa.compute.is_in(open_["i"], got["i"])))
        return from_arrow(pa.concat_tables(found)) if found else from_arrow(None)

    def newest_before(self, at_ms: int, reaches_ms: Sequence[int], suspicious: int) -> dict[str, NDArray[Any]]:
        """The newest row of each source at or before an instant, without a suspicion flag; columns `PICTURE`.

        Most sources report often, so little time is read at first, and more of it only for those not found yet.

        Args:
            at_ms: the instant.
            reaches_ms: how far back to look in turn, rising.
        """
        found = [pa.table({name: pa.array([], pa.from_numpy_dtype(COLUMNS[name][1])) for name in PICTURE})]
        fields = ", ".join(f"{name} := {name}" for name in PICTURE)
        end = at_ms + 1
        with self.reading() as cursor:
            known = parts(cursor)
            newest = "SELECT count(*) FROM mark WHERE newest_ms >= ?"
            (at_most,) = cursor.execute(newest, [at_ms - reaches_ms[-1]]).fetchone() or (0,)
            for reach in reaches_ms:
                begin = at_ms - reach
                pieces = [
                    f"SELECT {', '.join(PICTURE)} FROM {self.table_of(part)} WHERE time_ms >= {begin} "
                    f"AND time_ms < {end} AND flags & {suspicious} = 0"
                    for part in known
                    if part.may_hold(begin, end)
                ]
                if pieces:
                    cursor.register("done", pa.concat_tables([table.select(["source"]) for table in found]))
                    rows = cursor.execute(
                        f"SELECT unnest(arg_max(struct_pack({fields}), (time_ms, log_offset))) FROM "
                        f"({' UNION ALL '.join(pieces)}) WHERE source NOT IN (SELECT source FROM done) GROUP BY source"
                    ).to_arrow_table()
                    cursor.unregister("done")
                    found.append(rows)
                if sum(map(len, found)) >= at_most > 0:
                    break
                end = begin
        rows = pa.concat_tables(found)
        return {name: rows[name].to_numpy() for name in PICTURE}


def insert(cursor: duckdb.DuckDBPyConnection, table: str, rows: Any) -> None:
    """Append Arrow rows to a table."""
    cursor.register("incoming", rows)
    try:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM incoming")
    finally:
        cursor.unregister("incoming")


def set_state(cursor: duckdb.DuckDBPyConnection, name: str, value: int) -> None:
    if not cursor.execute("UPDATE state SET value = ? WHERE name = ?", [value, name]).fetchall()[0][0]:
        cursor.execute("INSERT INTO state VALUES (?, ?)", [name, value])


def parts(cursor: duckdb.DuckDBPyConnection) -> list[Part]:
    """All places where rows are, in this transaction."""
    rows = cursor.execute("SELECT * FROM part ORDER BY from_ms, name").fetchall()
    return [fresh_part(), *(Part(*row) for row in rows)]


def plain(columns: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """DuckDB's numpy columns without their masks: no column of ours has nulls."""
    return {name: np.asarray(getattr(column, "data", column)) if np.ma.isMaskedArray(column) else np.asarray(column)
            for name, column in columns.items()}  # fmt: skip


def from_arrow(table: pa.Table | None) -> dict[str, NDArray[Any]]:
    """Rows as columns."""
    if table is None:
        return {name: np.zeros(0, dtype=kind) for name, (_, kind) in COLUMNS.items()}
    return {name: table[name].to_numpy().astype(kind, copy=False) for name, (_, kind) in COLUMNS.items()}


def hour_table(hour_ms: int) -> str:
    return f"hot_{hour_ms // HOUR_MS}"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def parquet(*paths: Path) -> str:
    """Files as a table in FROM. The folder names are for people and other tools: no columns are made of them."""
    names = ", ".join(f"'{_quoted(path)}'" for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false)"
