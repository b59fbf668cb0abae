"""The tables that indicators read: their columns, as Ibis sees them and as DuckDB makes them of files and Arrow.

`positions`: the columns of telemetry's rows (`telemetry.rows.COLUMNS`) and `thing`, the key of what the source was
fitted to at that time by the bindings of today, or of the source itself.
`things`: key, urn, kind, name, category, organisation, region, valid_from_ms, valid_to_ms (null: still there).
`bindings`: source, subject (keys), from_ms, to_ms.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import pyarrow as pa

from tongqu.kernel import things
from tongqu.kernel.indicators.values import Indicator, Projection, Tables, Window
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kernel.telemetry.history import parquet
from tongqu.kernel.telemetry.rows import COLUMNS, DDL, SUSPICIOUS

if TYPE_CHECKING:
    from tongqu.kernel.things import Relation, Thing

FITTED_TO = "fitted_to"
FOREVER = (1 << 63) - 1
_IBIS = {
    "BIGINT": "int64", "UBIGINT": "uint64", "DOUBLE": "float64", "INTEGER": "int32", "FLOAT": "float32",
    "SMALLINT": "int16", "UINTEGER": "uint32", "USMALLINT": "uint16",
}  # fmt: skip
POSITIONS = {**{name: _IBIS[sql] for name, (sql, _) in COLUMNS.items() if name != "subject"}, "thing": "int64"}
THINGS = pa.schema([
    ("key", pa.int64()), ("urn", pa.string()), ("kind", pa.string()), ("name", pa.string()),
    ("category", pa.string()), ("organisation", pa.string()), ("region", pa.string()),
    ("valid_from_ms", pa.int64()), ("valid_to_ms", pa.int64()),
])  # fmt: skip
BINDINGS = pa.schema([("source", pa.int64()), ("subject", pa.int64()), ("from_ms", pa.int64()), ("to_ms", pa.int64())])

FIXES = ("thing", "time_ms", "lon", "lat", "speed_kmh", "heading_deg")
"""What a projection of positions gets of each good fix."""
_FIXES_AT_ONCE = 500_000


class Registry:
    """Follows the registry of things; its tables are made anew where something changed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._revision = 0
        self._things: dict[int, Thing] = {}
        self._bindings: dict[int, Relation] = {}
        self._tables: tuple[pa.Table, pa.Table] = (THINGS.empty_table(), BINDINGS.empty_table())

    def tables(self, work: Work) -> tuple[pa.Table, pa.Table]:
        """Things and bindings as they are now; `work` acts for the platform."""
        with self._guard:
            changes = things.changed_since(work, self._revision)
            if changes.revision != self._revision:
                self._things |= {thing.key: thing for thing in changes.things}
                fitted = (relation for relation in changes.relations if relation.relation == FITTED_TO)
                self._bindings |= {relation.id: relation for relation in fitted}
                self._tables = (self._as_things(), self._as_bindings())
                self._revision = changes.revision
            return self._tables

    def _as_things(self) -> pa.Table:
        kept = self._things.values()
        return pa.table([[getattr(thing, name) for thing in kept] for name in THINGS.names], schema=THINGS)

    def _as_bindings(self) -> pa.Table:
        kept = self._bindings.values()
        columns: list[list[Any]] = [
            [relation.subject_key for relation in kept],
            [relation.object_key for relation in kept],
            [relation.from_ms for relation in kept],
            [FOREVER if relation.to_ms is None else relation.to_ms for relation in kept],
        ]
        return pa.table(columns, schema=BINDINGS)


@dataclass
class Source:
    """A DuckDB of its own over what was handed over, with one window's tables at a time.

    Args:
        scratch: where it may spill.
        memory_mb, threads: of DuckDB.
    """

    scratch: Path
    memory_mb: int = 1024
    threads: int = 2
    _database: duckdb.DuckDBPyConnection = field(init=False)
    _records: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        settings = {"memory_limit": f"{self.memory_mb}MB", "threads": str(self.threads)}
        self._database = duckdb.connect(config={**settings, "temp_directory": str(self.scratch / "spill")})
        self._database.execute("SET enable_progress_bar = false")

    def close(self) -> None:
        self._database.close()

    def put(self, name: str, table: pa.Table) -> None:
        """Give a table a name; of one with a column `time_ms` only the rows of the window are seen."""
        if "time_ms" in table.column_names:
            self._records.append(name)
            name = f"all_{name}"
        self._database.register(name, table)

    def look_at(self, window: Window, files: Sequence[Path], tables: Iterable[pa.Table] = ()) -> None:
        """Make `positions` the rows of a window out of files and tables of rows, and records those of the window."""
        places = [parquet(*files)] if files else []
        for number, table in enumerate(tables):
            self._database.register(f"unsealed_{number}", table)
            places.append(f"unsealed_{number}")
        within = f"time_ms >= {window.from_ms} AND time_ms < {window.to_ms}"
        for name in self._records:
            self._database.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM all_{name} WHERE {within}")
        names = ", ".join(f"p.{name}" for name in COLUMNS if name != "subject")
        union = " UNION ALL BY NAME ".join(f"SELECT * FROM {place}" for place in places)
        if not places:
            self._database.execute(f"CREATE TEMP TABLE IF NOT EXISTS no_rows {DDL}")
            union = "SELECT * FROM no_rows"
        during = f"(SELECT * FROM bindings WHERE from_ms < {window.to_ms} AND to_ms > {window.from_ms})"
        when = "" if self._bound_throughout(window, during) else "AND p.time_ms >= b.from_ms AND p.time_ms < b.to_ms"
        self._database.execute(
            f"CREATE OR REPLACE TEMP VIEW positions AS SELECT {names}, coalesce(b.subject, p.source) AS thing "
            f"FROM ({union}) AS p LEFT JOIN {during} AS b ON b.source = p.source {when} WHERE {within}"
        )

    def _bound_throughout(self, window: Window, during: str) -> bool:
        """Whether each source was fitted to one thing for all of the window, so that no row's time matters."""
        found = self._database.execute(
            f"SELECT count(*) = count(DISTINCT source) "
            f"AND coalesce(bool_and(from_ms <= {window.from_ms} AND to_ms >= {window.to_ms}), true) FROM {during}"
        ).fetchone()
        return bool(found and found[0])

    def derive(self, platform: Platform, wanted: Iterable[Projection]) -> None:
        """Make the tables that are reckoned from the window's positions; after `look_at`."""
        for projection in wanted:
            if projection.of_positions is None:
                continue
            fixes = self._database.execute(
                f"SELECT {', '.join(FIXES)} FROM positions WHERE flags & {SUSPICIOUS} = 0"
            ).to_arrow_reader(_FIXES_AT_ONCE)
            made = [projection.of_positions(platform, pa.Table.from_batches([batch])) for batch in fixes]
            whole = pa.concat_tables([projection.schema().empty_table(), *made])
            self._database.register(table_name(projection.id), whole)

    def fetch(self, expression: ibis.Table) -> pa.Table:
        """The rows of an expression over the tables."""
        return _plain(self._database.execute(sql_of(expression)).to_arrow_table())


def _plain(table: pa.Table) -> pa.Table:
    """Whole numbers that DuckDB sums up in 128 bits as 64, so that they are plain numbers everywhere."""
    for position, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            kind = pa.int64() if column.type.scale == 0 else pa.float64()
            table = table.set_column(position, column.name, table[column.name].cast(kind))
    return table


def tables_of(
    indicator: Indicator, projections: dict[str, Projection], parameters: dict[str, Any] | None = None
) -> Tables:
    """What an indicator's functions get."""
    return Tables(
        positions=ibis.table(POSITIONS, name="positions"),
        things=ibis.table(ibis.Schema.from_pyarrow(THINGS), name="things"),
        bindings=ibis.table(ibis.Schema.from_pyarrow(BINDINGS), name="bindings"),
        parameters=parameters or {},
        others={
            name: ibis.table(ibis.Schema.from_pyarrow(projections[name].schema()), name=table_name(name))
            for name in indicator.projections
        },
    )


def table_name(projection: str) -> str:
    return projection.replace(".", "_")


def sql_of(expression: ibis.Table) -> str:
    """The query of DuckDB that an expression is."""
    return str(ibis.to_sql(expression, dialect="duckdb"))


def observed(indicator: Indicator, rows: ibis.Table) -> ibis.Table:
    """The observations of rows: numerator and denominator by whose they are and by the grain."""
    sums = {"numerator": rows.numerator.sum().cast("float64")}
    if indicator.ratio:
        sums["denominator"] = rows.denominator.sum().cast("float64")
    return rows.group_by(["organisation", "region", *indicator.grain]).aggregate(**sums, rows=rows.count())
