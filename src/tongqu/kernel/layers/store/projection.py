"""The DuckDB file that tiles are made from: one table a layer, rebuilt from the record store when its version differs.

It holds nothing that is not in the record store: a file that cannot be opened is thrown away and made anew. One
process owns it. A rebuilt layer gets a new table and is switched to in one transaction; readers of the old one finish.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tongqu.kernel.layers.declare import Layer, PropertyType
from tongqu.kernel.layers.generalise import UNCUT, cell_of, density_cell_m, level_of
from tongqu.kernel.layers.mercator import BUFFER, EXTENT, Tile
from tongqu.kernel.layers.visible import Visible

log = logging.getLogger("tongqu.layers")

AS_STORED = -1
"""Level of the rows that keep geometry in degrees as it is stored."""

ARROW_TYPES = {
    PropertyType.TEXT: pa.string(),
    PropertyType.INTEGER: pa.int64(),
    PropertyType.NUMBER: pa.float64(),
    PropertyType.BOOLEAN: pa.bool_(),
}
_WORLD = "{min_x: -20037508.35, min_y: -20037508.35, max_x: 20037508.35, max_y: 20037508.35}::BOX_2D"
_STATE = """CREATE TABLE IF NOT EXISTS state (
    layer VARCHAR PRIMARY KEY, version BIGINT, declared VARCHAR, build BIGINT, features BIGINT,
    west DOUBLE, south DOUBLE, east DOUBLE, north DOUBLE, before BIGINT)"""
_FORMAT = 3
"""Counts up when what the file holds is made otherwise, so that older files are made anew."""
_DAMAGED = (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException)


@dataclass(frozen=True)
class Built:
    """A layer as it stands in the projection.

    Attributes:
        version: of the stored layer it was made from; `declared`: of its declaration.
        build: number of its table, unique in the file.
        bounds: west, south, east, north in degrees of all features; None without any.
        changes_ms: sorted moments at which some feature begins or ends to be valid.
    """

    layer: str
    version: int
    declared: str
    build: int
    features: int
    bounds: tuple[float, float, float, float] | None
    changes_ms: tuple[int, ...]


class Projection:
    """The file, opened.

    Args:
        path: of the DuckDB file.
        threads: of DuckDB; tiles are small, many are made beside each other.
    """

    def __init__(self, path: Path, threads: int = 2) -> None:
        self._local = threading.local()
        self._connection = _opened(path, threads)

    def close(self) -> None:
        self._connection.close()

    def built(self) -> dict[str, Built]:
        """All layers that are there."""
        rows = self._cursor().execute("SELECT * FROM state").fetchall()
        return {row[0]: self._built(row) for row in rows}

    def _built(self, row: Sequence[Any]) -> Built:
        layer, version, declared, build, features, *box, _ = row
        changes = f"""SELECT DISTINCT unnest([valid_from_ms, valid_to_ms]) AS moment FROM {_table(build)}
            WHERE level = {AS_STORED} ORDER BY moment"""
        moments = [moment for (moment,) in self._cursor().execute(changes).fetchall() if moment]
        bounds = None if box[0] is None else (box[0], box[1], box[2], box[3])
        return Built(layer, version, declared, build, features, bounds, tuple(moments))

    def replace(
        self, layer: Layer, version: int, declared: str, rows: pa.Table, box: tuple[float, float, float, float] | None
    ) -> Built:
        """Put all rows of a layer in the place of those before.

        Args:
            rows: columns level, cell, points (0 but for cells of density), feature, class, rank, min_zoom,
                organisation, region, valid_from_ms, valid_to_ms, west, south, east, north (in the unit of the level),
                wkb, and `p_{name}` for each property.
        """
        cursor = self._cursor()
        cursor.register("staged", rows)
        try:
            cursor.execute("BEGIN")
            # counted in a table: a kill sets a sequence back that was read outside a transaction with changes
            build = _first(cursor.execute("UPDATE builds SET last = last + 1 RETURNING last"))
            cursor.execute(
                f"""CREATE TABLE {_table(build)} AS SELECT * EXCLUDE (wkb), ST_GeomFromWKB(wkb) AS geom FROM staged
                ORDER BY level, cell, ST_Hilbert((west + east) / 2, (south + north) / 2, {_WORLD})"""
            )
            old = cursor.execute("SELECT build, before FROM state WHERE layer = ?", [layer.id]).fetchone()
            features = int((rows["level"].to_numpy() == AS_STORED).sum())
            cursor.execute("DELETE FROM state WHERE layer = ?", [layer.id])
            state = [layer.id, version, declared, build, features, *(box or (None,) * 4), old[0] if old else 0]
            cursor.execute("INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", state)
            if old is not None:  # the table before stays for those who are reading it, the one before that goes
                cursor.execute(f"DROP TABLE IF EXISTS {_table(old[1])}")
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        finally:
            cursor.unregister("staged")
        return self._built(state)

    def forget(self, layer: str) -> None:
        """Drop a layer that nobody declares any more."""
        cursor = self._cursor()
        found = cursor.execute("DELETE FROM state WHERE layer = ? RETURNING build, before", [layer]).fetchone()
        for build in found or ():
            cursor.execute(f"DROP TABLE IF EXISTS {_table(build)}")

    def tile(self, layer: Layer, built: Built, tile: Tile, seen: Visible, at_ms: int) -> bytes:
        """A vector tile of what is seen of a layer at a moment, empty bytes if nothing is there."""
        level = level_of(tile.z)
        west, south, east, north = tile.bounds_m
        reach = (east - west) * BUFFER / EXTENT
        dense = tile.z < layer.density_below
        names = ("geom", "id", "class", *layer.properties, *(("count",) if dense else ()))
        members = ", ".join(f"{_quoted(name)}: {_quoted(name)}" for name in names)
        here = f"""level = $level AND west <= $east AND east >= $west AND south <= $north AND north >= $south
            AND valid_from_ms <= $at_ms AND (valid_to_ms IS NULL OR valid_to_ms > $at_ms) AND {seen.sql}"""
        drawn = f"""SELECT feature AS id, class, {_properties(layer)} {"NULL::BIGINT AS count, rank," if dense else ""}
                ST_AsMVTGeom(geom, ST_Extent(ST_TileEnvelope($z, $x, $y)), {EXTENT}, {BUFFER}, true) AS geom
            FROM {_table(built.build)}
            WHERE points = 0 AND (cell = {UNCUT} OR cell = $cell) AND min_zoom <= $z AND {here}
            ORDER BY rank, feature"""
        if dense:
            drawn = f"({drawn}) UNION ALL BY NAME ({_density(built, tile, here)})"
        statement = f"""SELECT ST_AsMVT({{{members}}}, $layer, {EXTENT}, 'geom') FROM ({drawn})
            WHERE geom IS NOT NULL"""
        parameters = {
            "layer": layer.id,
            "z": tile.z,
            "x": tile.x,
            "y": tile.y,
            "level": level.number,
            "cell": cell_of(tile.above(level.first)),
            "west": west - reach,
            "south": south - reach,
            "east": east + reach,
            "north": north + reach,
            "at_ms": at_ms,
            **seen.parameters,
        }
        found = self._cursor().execute(statement, parameters).fetchone()
        return b"" if found is None or found[0] is None else bytes(found[0])

    def features(
        self,
        layer: Layer,
        built: Built,
        seen: Visible,
        at_ms: int,
        *,
        box: tuple[float, float, float, float] | None = None,
        feature: str | None = None,
        after: str = "",
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Features as they are stored, by id: `id`, `class`, properties, geometry as GeoJSON text, validity."""
        conditions = ["feature > $after", seen.sql]
        parameters: dict[str, Any] = {"after": after, "at_ms": at_ms, "limit": limit, **seen.parameters}
        if box is not None:
            conditions.append("west <= $east AND east >= $west AND south <= $north AND north >= $south")
            parameters |= dict(zip(("west", "south", "east", "north"), box, strict=True))
        if feature is not None:
            conditions.append("feature = $feature")
            parameters["feature"] = feature
        statement = f"""SELECT feature AS id, class, {_properties(layer)}
                valid_from_ms, valid_to_ms, ST_AsGeoJSON(geom) AS geometry
            FROM {_table(built.build)}
            WHERE level = {AS_STORED} AND valid_from_ms <= $at_ms AND (valid_to_ms IS NULL OR valid_to_ms > $at_ms)
                AND {" AND ".join(conditions)}
            ORDER BY feature LIMIT $limit"""
        cursor = self._cursor().execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of this thread's own: DuckDB runs one statement at a time on each."""
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._connection.cursor()
        return cursor


def _opened(path: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """The file, new where it is of another format or cannot be read."""
    connection = None
    try:
        connection = _connected(path, threads)
        connection.execute("CREATE TABLE IF NOT EXISTS format (number INTEGER)")
        formats = connection.execute("SELECT number FROM format").fetchall()
        if formats in ([], [(_FORMAT,)]):
            if not formats:
                connection.execute("INSERT INTO format VALUES (?)", [_FORMAT])
                connection.execute(_STATE)
                connection.execute("CREATE TABLE builds AS SELECT 0::BIGINT AS last")
            connection.execute("SELECT * FROM state").fetchall()
            return connection
        log.info("layers projection is of format %s and is made anew", formats)
    except _DAMAGED as error:
        if "set lock" in str(error):  # another process has it: that is no reason to throw it away
            raise
        log.warning("layers projection %s cannot be read and is made anew: %s", path, error)
    if connection is not None:
        connection.close()
    for stale in (path, path.with_name(path.name + ".wal")):
        stale.unlink(missing_ok=True)
    return _opened(path, threads)


def _connected(path: Path, threads: int) -> duckdb.DuckDBPyConnection:
    from duckdb_extensions import import_extension

    connection = duckdb.connect(str(path), config={"threads": threads, "memory_limit": "1GB"})
    import_extension("spatial", con=connection)
    connection.load_extension("spatial")
    return connection


def _table(build: int) -> str:
    return f"features_{int(build)}"


def _density(built: Built, tile: Tile, here: str) -> str:
    """Points of a tile, counted by cells of its zoom: those of the level, four of which may be one."""
    side = density_cell_m(tile.z)
    cells = f"""SELECT floor(west / {side}) AS column_, floor(south / {side}) AS row_, sum(points) AS points
        FROM {_table(built.build)} WHERE points > 0 AND {here} GROUP BY column_, row_"""
    middle = f"ST_Point((column_ + 0.5) * {side}, (row_ + 0.5) * {side})"
    return f"""SELECT NULL::VARCHAR AS id, 'density' AS class, CAST(points AS BIGINT) AS count,
            ST_AsMVTGeom({middle}, ST_Extent(ST_TileEnvelope($z, $x, $y)), {EXTENT}, {BUFFER}, true) AS geom
        FROM ({cells}) ORDER BY points"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _properties(layer: Layer) -> str:
    """The properties as columns of a query, each with a comma after it."""
    return "".join(f"{_quoted(f'p_{name}')} AS {_quoted(name)}, " for name in layer.properties)


def _first(cursor: duckdb.DuckDBPyConnection) -> int:
    row = cursor.fetchone()
    return 0 if row is None else int(row[0])
