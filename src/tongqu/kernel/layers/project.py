"""From stored features to the rows of the projection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from tongqu.kernel.layers import generalise, mercator
from tongqu.kernel.layers.declare import Layer
from tongqu.kernel.layers.store.projection import ARROW_TYPES, AS_STORED

_OF_FEATURE = (
    ("feature", pa.string()),
    ("class", pa.string()),
    ("rank", pa.int32()),
    ("min_zoom", pa.int32()),
    ("organisation", pa.string()),
    ("region", pa.string()),
    ("valid_from_ms", pa.int64()),
    ("valid_to_ms", pa.int64()),
)
_SIDES = ("west", "south", "east", "north")


def declared(layer: Layer) -> str:
    """A short text that differs when the rows of a layer would be made otherwise."""
    facts = (
        layer.min_zoom, layer.max_zoom, dict(layer.properties), layer.merge, layer.density_below, generalise.VERSION
    )  # fmt: skip
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def projected(
    layer: Layer, features: Iterable[dict[str, Any]]
) -> tuple[pa.Table, tuple[float, float, float, float] | None]:
    """Rows of all levels of a layer, and the bounds of all its features in degrees.

    Args:
        features: rows of the table of features.
    """
    stored = list(features)
    attributes = _attributes(layer, stored)
    degrees = np.asarray(shapely.force_2d(shapely.from_wkb([row["geometry"] for row in stored])))
    everyone = np.arange(len(stored))
    whole = generalise.Drawn(everyone, everyone < 0, np.full(len(stored), generalise.UNCUT), degrees)
    parts = [_rows(layer, AS_STORED, whole, attributes)]
    plane = np.asarray(mercator.project(degrees))
    min_zoom = np.array([row["min_zoom"] for row in stored], dtype=np.int64)
    group = _groups(layer, attributes) if layer.merge else None
    is_point = np.asarray(shapely.get_type_id(plane) == 0)
    apart = _kept_apart(attributes) if layer.density_below and is_point.any() else None
    for level in generalise.LEVELS:
        if level.first <= layer.max_zoom and level.last >= layer.min_zoom and len(stored):
            dense = is_point if apart is not None and level.last < layer.density_below else None
            drawn = generalise.drawn(level, plane, min_zoom, group, dense)
            parts.append(_rows(layer, level.number, drawn, attributes))
            if dense is not None and apart is not None:
                cells = generalise.counted(level, np.flatnonzero(dense), plane, apart)
                parts.append(_cells(layer, level.number, cells, attributes))
    box = None
    if len(stored):
        west, south, east, north = (float(edge) for edge in shapely.total_bounds(degrees))
        box = west, south, east, north
    return pa.concat_tables(parts), box


def _attributes(layer: Layer, stored: list[dict[str, Any]]) -> pa.Table:
    """All columns of the features but their geometry."""
    named = {"class": "kind"}
    columns = {name: pa.array([row[named.get(name, name)] for row in stored], kind) for name, kind in _OF_FEATURE}
    properties = [orjson.loads(row["properties"]) for row in stored]
    for name, kind in layer.properties.items():
        columns[f"p_{name}"] = pa.array([one.get(name) for one in properties], ARROW_TYPES[kind])
    return pa.table(columns)


def _groups(layer: Layer, attributes: pa.Table) -> NDArray[np.int64]:
    """A number for each feature, equal where lines may be joined: same owner, time and merged properties."""
    merged = ["class" if name == "class" else f"p_{name}" for name in layer.merge]
    owners = ["organisation", "region"] if not layer.open else []
    columns = [attributes[name].to_pylist() for name in (*merged, *owners, "min_zoom", "valid_from_ms", "valid_to_ms")]
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)], dtype=np.int64)


def _rows(layer: Layer, level: int, drawn: generalise.Drawn, attributes: pa.Table) -> pa.Table:
    rows = attributes.take(pa.array(drawn.feature, pa.int64()))
    if drawn.joined.any():
        rows = _only_shared(layer, rows, drawn.joined)
    box = shapely.bounds(drawn.shape).reshape(-1, 4)
    more: dict[str, Any] = {
        "level": pa.array(np.full(len(rows), level), pa.int32()),
        "cell": pa.array(drawn.cell, pa.int64()),
        "points": pa.array(np.zeros(len(rows)), pa.int64()),
        **{side: pa.array(box[:, number], pa.float64()) for number, side in enumerate(_SIDES)},
        "wkb": pa.array(shapely.to_wkb(drawn.shape), pa.binary()),
    }
    for name, column in more.items():
        rows = rows.append_column(name, column)
    return rows


def _kept_apart(attributes: pa.Table) -> NDArray[np.int64]:
    """A number for each feature, equal where two are seen by the same and for the same time."""
    columns = [attributes[name].to_pylist() for name in ("organisation", "region", "valid_from_ms", "valid_to_ms")]
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)], dtype=np.int64)


def _cells(layer: Layer, level: int, cells: generalise.Cells, attributes: pa.Table) -> pa.Table:
    """Cells of density as rows: whose they are and when from the features in them, the rest left out."""
    drawn = generalise.Drawn(
        cells.feature, np.ones(len(cells.feature), np.bool_), np.full(len(cells.feature), generalise.UNCUT), cells.shape
    )
    rows = _only_shared(layer, _rows(layer, level, drawn, attributes), drawn.joined)
    for name, column in (
        ("points", pa.array(cells.points, pa.int64())),
        ("min_zoom", pa.array(np.zeros(len(rows)), pa.int32())),
    ):
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _only_shared(layer: Layer, rows: pa.Table, joined: NDArray[np.bool_]) -> pa.Table:
    """Take from joined lines what may differ among the features in them."""
    differing = {"feature", "class", *(f"p_{name}" for name in layer.properties)}
    differing -= {"class" if name == "class" else f"p_{name}" for name in layer.merge}
    for name in sorted(differing):
        column = rows[name]
        kept = pc.if_else(pa.array(~joined), column, pa.scalar(None, column.type))
        rows = rows.set_column(rows.column_names.index(name), name, kept)
    return rows
