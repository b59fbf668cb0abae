"""GTFS Realtime: trip updates, vehicle positions and alerts, as bytes and as values. See README.md.

Usable alone::

    from tongqu.protocols import gtfs_realtime
    message = gtfs_realtime.read(data)        # entities that cannot be read are left out and noted
    data = gtfs_realtime.write(message)
"""

from __future__ import annotations

from tongqu.kit.text import register

register("gtfs_realtime", "tongqu.protocols.gtfs_realtime")

from tongqu.protocols.gtfs_realtime.reading import MOST_BYTES, read  # noqa: E402 (texts first)
from tongqu.protocols.gtfs_realtime.values import (  # noqa: E402
    Alert,
    Call,
    Message,
    Notice,
    Selector,
    Trip,
    TripUpdate,
    VehiclePosition,
)
from tongqu.protocols.gtfs_realtime.writing import write  # noqa: E402

__all__ = [
    "MOST_BYTES",
    "Alert",
    "Call",
    "Message",
    "Notice",
    "Selector",
    "Trip",
    "TripUpdate",
    "VehiclePosition",
    "read",
    "write",
]
