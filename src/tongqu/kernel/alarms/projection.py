"""Alarms as a table for indicators; one counts in the window in which it began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tongqu.kernel.alarms import store
from tongqu.kernel.indicators import Projection
from tongqu.kernel.store import Work

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = ("rule", "subject", "cause", "state", "region", "organisation", "home_region")
_NUMBERS = ("id", "time_ms", "severity", "cleared_ms", "acknowledged_ms")


def schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([*((name, pa.int64()) for name in _NUMBERS), *((name, pa.string()) for name in _TEXTS)])


def read(work: Work, from_ms: int, to_ms: int) -> pa.Table:
    """Alarms that began in `[from_ms, to_ms)`, withdrawn ones too: `state` says so."""
    import pyarrow as pa

    rows: list[dict[str, Any]] = store.begun_between(work, from_ms, to_ms)
    return pa.Table.from_pylist(rows, schema=schema())


ALARMS = Projection("alarms.alarms", schema, read)
