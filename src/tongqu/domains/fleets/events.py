"""What fleets tells the rest of the house. Payloads carry no personal data: a driver's event names the URN only."""

from __future__ import annotations

from tongqu.kernel.events import EventType

ENTERPRISE_REGISTERED = EventType("fleets.enterprise_registered")
ENTERPRISE_AMENDED = EventType("fleets.enterprise_amended")
ENTERPRISE_RETIRED = EventType("fleets.enterprise_retired")
VEHICLE_REGISTERED = EventType("fleets.vehicle_registered")
VEHICLE_AMENDED = EventType("fleets.vehicle_amended")
VEHICLE_RETIRED = EventType("fleets.vehicle_retired")
DRIVER_REGISTERED = EventType("fleets.driver_registered")
DRIVER_AMENDED = EventType("fleets.driver_amended")
DRIVER_RETIRED = EventType("fleets.driver_retired")
AREA_MADE = EventType("fleets.area_made")
AREA_ENDED = EventType("fleets.area_ended")

ALL = (
    ENTERPRISE_REGISTERED,
    ENTERPRISE_AMENDED,
    ENTERPRISE_RETIRED,
    VEHICLE_REGISTERED,
    VEHICLE_AMENDED,
    VEHICLE_RETIRED,
    DRIVER_REGISTERED,
    DRIVER_AMENDED,
    DRIVER_RETIRED,
    AREA_MADE,
    AREA_ENDED,
)
