"""Rows of the kind `positions`: their columns in memory, in DuckDB and in sealed Parquet files.

A row belongs to its source (the terminal). Which thing the source was fitted to is dated and may be corrected later,
so the `subject` column is what was known when the row was stored; answers go by the bindings of `directory`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
Rows = Mapping[str, Column]
"""Column name to array, all of one length."""

COLUMNS: dict[str, tuple[str, type[np.generic]]] = {
    "source": ("BIGINT", np.int64),
    "time_ms": ("BIGINT", np.int64),
    "key": ("UBIGINT", np.uint64),
    "subject": ("BIGINT", np.int64),
    "received_ms": ("BIGINT", np.int64),
    "lon": ("DOUBLE", np.float64),
    "lat": ("DOUBLE", np.float64),
    "altitude_m": ("INTEGER", np.int32),
    "speed_kmh": ("FLOAT", np.float32),
    "heading_deg": ("SMALLINT", np.int16),
    "alarm": ("UINTEGER", np.uint32),
    "status": ("UINTEGER", np.uint32),
    "mileage_km": ("DOUBLE", np.float64),
    "region": ("INTEGER", np.int32),
    "flags": ("USMALLINT", np.uint16),
    "stream": ("USMALLINT", np.uint16),
    "log_offset": ("BIGINT", np.int64),
}
"""Name to type in DuckDB and numpy. Degrees in EPSG:4326, times in UTC ms, `region` a county code as a number (0 none),
`key` a hash by the stream's decoder that tells reports of one source and time apart, `log_offset` where the frame
stands in the log."""

DECODED = ("source", "time_ms", "lon", "lat", "altitude_m", "speed_kmh", "heading_deg", "alarm", "status", "mileage_km")
"""Columns that a decoder gives and that are stored as they are; it gives `key` and `refill` besides."""

NATURAL_KEY = ("source", "time_ms", "key")
DDL = "(" + ", ".join(f"{name} {sql}" for name, (sql, _) in COLUMNS.items()) + ")"


class Flag(IntFlag):
    """What is to be known of a row besides its values."""

    ZERO = 1
    JUMP = 2
    FUTURE = 4
    STALE = 8
    NOT_FIXED = 16
    OUT_OF_RANGE = 32
    REFILL = 256


SUSPICIOUS = int(Flag.ZERO | Flag.JUMP | Flag.FUTURE | Flag.STALE | Flag.NOT_FIXED | Flag.OUT_OF_RANGE)
"""Rows with one of these are kept, and stay out of the latest value."""


def empty(count: int = 0) -> dict[str, Column]:
    """Rows full of zeros."""
    return {name: np.zeros(count, dtype=kind) for name, (_, kind) in COLUMNS.items()}


def take(rows: Rows, which: Column) -> dict[str, Column]:
    """Some of the rows, by index or mask."""
    return {name: column[which] for name, column in rows.items()}


def join(parts: list[Rows]) -> dict[str, Column]:
    """Rows of several parts, one after the other."""
    if not parts:
        return empty()
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
