"""A ride on request from what an operator without GTFS has: a zone, hours, how it is booked. Rows of GTFS-Flex.

Today's form (GTFS Schedule reference, adopted March 2024; safe durations April 2026): `stop_times.location_id`, zones
in `locations.geojson`, `booking_rules.txt`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from tongqu.protocols.gtfs.flex import SAME_DAY
from tongqu.protocols.gtfs.locations import FILE

_NOT, _BOOKED = 1, 2
"""pickup_type and drop_off_type: not available; by phoning the agency."""


@dataclass(frozen=True)
class OnRequest:
    """A service that fetches people at their door within a zone, and sets them down there.

    Attributes:
        line: id of the line and of its zone; `name` as it is called, `long_name` where it is.
        route_type: GTFS route_type.
        zone_name: what people call the zone.
        shape: the zone, a valid shapely Polygon in degrees WGS 84.
        begins_s, ends_s: its hours, seconds after noon minus 12 h of the day.
        notice_min: minutes before the ride by which it is booked.
        duration_factor, duration_offset_s: so many times the driving time and so much more are enough for 95 of 100
            rides.
        days: key of `courses.DAYS`.
    """

    line: str
    name: str
    long_name: str
    route_type: int
    zone_name: str
    shape: Any = field(repr=False)
    begins_s: int
    ends_s: int
    notice_min: int
    phone: str
    message: str
    duration_factor: float
    duration_offset_s: int
    days: str = "daily"

    @property
    def zone(self) -> str:
        return f"{self.line}-zone"

    @property
    def rule(self) -> str:
        return f"{self.line}-booking"


Rows = list[dict[str, Any]]


def tables_of(services: Sequence[OnRequest]) -> dict[str, Rows]:
    """Rows of each service by file; nothing without services."""
    if not services:
        return {}
    return {
        "routes": [_route(one) for one in services],
        "trips": [_trip(one) for one in services],
        "stop_times": [_call(one, number) for one in services for number in (0, 1)],
        "booking_rules": [_booking(one) for one in services],
    }


def zones_file(services: Sequence[OnRequest]) -> dict[str, bytes]:
    """`locations.geojson` by its name; nothing without services."""
    if not services:
        return {}
    features = [
        {
            "type": "Feature",
            "id": one.zone,
            "properties": {"stop_name": one.zone_name},
            "geometry": shapely.geometry.mapping(one.shape),
        }
        for one in services
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return {FILE: json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()}


def _route(one: OnRequest) -> dict[str, Any]:
    return {
        "route_id": one.line,
        "agency_id": "1",
        "route_short_name": one.name,
        "route_long_name": one.long_name,
        "route_type": one.route_type,
    }


def _trip(one: OnRequest) -> dict[str, Any]:
    return {
        "route_id": one.line,
        "service_id": one.days,
        "trip_id": f"{one.line}-{one.days}",
        "trip_headsign": one.zone_name,
        "safe_duration_factor": one.duration_factor,
        "safe_duration_offset": one.duration_offset_s,
    }


def _call(one: OnRequest, number: int) -> dict[str, Any]:
    """The first call fetches people, the second sets them down, both all over the zone."""
    return {
        "trip_id": f"{one.line}-{one.days}",
        "location_id": one.zone,
        "stop_sequence": number,
        "start_pickup_drop_off_window": one.begins_s,
        "end_pickup_drop_off_window": one.ends_s,
        "pickup_type": _NOT if number else _BOOKED,
        "drop_off_type": _BOOKED if number else _NOT,
        "drop_off_booking_rule_id" if number else "pickup_booking_rule_id": one.rule,
    }


def _booking(one: OnRequest) -> dict[str, Any]:
    return {
        "booking_rule_id": one.rule,
        "booking_type": SAME_DAY,
        "prior_notice_duration_min": one.notice_min,
        "message": one.message,
        "phone_number": one.phone,
    }
