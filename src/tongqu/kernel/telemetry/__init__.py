"""Telemetry: typed streams with a durable front door, latest value, history, live view, quarantine. See README.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tongqu.kernel.telemetry.commit import GroupCommit, front_door
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.stream import Stream

if TYPE_CHECKING:
    from tongqu.kernel.telemetry.ingest import RegionLocator
    from tongqu.kernel.telemetry.movers import MoversView
    from tongqu.kernel.telemetry.service import Frame, Telemetry

_OWNER = {"Frame": "service", "MoversView": "movers", "RegionLocator": "ingest", "Telemetry": "service"}
"""What needs DuckDB and numba is loaded when it is asked for: the gateway has no use for either."""


def __getattr__(name: str) -> Any:
    if name not in _OWNER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_OWNER[name]}"), name)


__all__ = ["Frame", "GroupCommit", "LogWriter", "MoversView", "RegionLocator", "Stream", "Telemetry", "front_door"]
