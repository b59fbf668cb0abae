"""GBFS: shared bicycles, their stations and what is free now, as JSON bytes and as values. See README.md.

Usable alone::

    from tongqu.protocols import gbfs
    found = gbfs.read_discovery(data).url("station_status")
    status = gbfs.read_station_status(data)   # a malformed station is left out and noted
"""

from __future__ import annotations

from tongqu.kit.text import register

register("gbfs", "tongqu.protocols.gbfs")

from tongqu.protocols.gbfs.envelope import MOST_BYTES  # noqa: E402 (texts first)
from tongqu.protocols.gbfs.reading import (  # noqa: E402
    FILES,
    read,
    read_discovery,
    read_station_information,
    read_station_status,
    read_system_information,
    read_vehicle_status,
    read_vehicle_types,
)
from tongqu.protocols.gbfs.values import (  # noqa: E402
    BICYCLES,
    Discovery,
    File,
    Link,
    Notice,
    Station,
    StationInformation,
    StationState,
    StationStatus,
    SystemInformation,
    Texts,
    Vehicle,
    VehicleStatus,
    VehicleType,
    VehicleTypes,
    in_language,
)

__all__ = [
    "BICYCLES",
    "FILES",
    "MOST_BYTES",
    "Discovery",
    "File",
    "Link",
    "Notice",
    "Station",
    "StationInformation",
    "StationState",
    "StationStatus",
    "SystemInformation",
    "Texts",
    "Vehicle",
    "VehicleStatus",
    "VehicleType",
    "VehicleTypes",
    "in_language",
    "read",
    "read_discovery",
    "read_station_information",
    "read_station_status",
    "read_system_information",
    "read_vehicle_status",
    "read_vehicle_types",
]
