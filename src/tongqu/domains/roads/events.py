"""What roads tells the rest of the house."""

from __future__ import annotations

from tongqu.kernel.events import EventType

NETWORK_LOADED = EventType("roads.network_loaded")
ROUTE_CALIBRATED = EventType("roads.route_calibrated")
FACILITY_REGISTERED = EventType("roads.facility_registered")
FACILITY_AMENDED = EventType("roads.facility_amended")
FACILITY_RETIRED = EventType("roads.facility_retired")

ALL = (NETWORK_LOADED, ROUTE_CALIBRATED, FACILITY_REGISTERED, FACILITY_AMENDED, FACILITY_RETIRED)
