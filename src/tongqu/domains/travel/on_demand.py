"""Rides on request (GTFS-Flex) as they are told: numbers for programs, words in both languages for people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tongqu.engines.journeys import Asked, Booking, JourneyLeg, Plan, Planner, Requested
from tongqu.kit.text import text


def rides(found: Plan) -> bool:
    """Whether a plan has a ride on request."""
    return any(leg.requested is not None for one in found.journeys for leg in one.legs)


def reasoned(found: Plan) -> Plan:
    """A plan that does not say why there is no public transport where there is a ride on request: that is some."""
    return replace(found, reason=None) if found.reason is not None and rides(found) else found


def told(planner: Planner, asked: Asked, found: Plan) -> dict[str, Any] | None:
    """What to say of rides on request beside a plan: nothing where no feed has any; else whether there is one, and if
    it was asked for and there is none, why."""
    if planner.on_demand is None:
        return None
    offered = rides(found)
    if offered or not asked.wishes.on_demand:
        return {"offered": offered, "reason": None}
    code = planner.on_demand.why_not(planner.assembler, asked)
    return {"offered": False, "reason": {"code": code, "detail": text(f"travel.on_demand_reasons.{code}")}}


def shown(ride: Requested) -> dict[str, Any]:
    """A ride on request beside the fields of its leg."""
    booking = ride.booking
    return {
        "on_demand": {
            "feed": ride.feed,
            "trip_id": ride.trip_id,
            "service_day": ride.service_day,
            "line_id": ride.line_id,
            "line": ride.line,
            "line_name": ride.line_name,
            "agency": ride.agency,
            "window_ms": list(ride.window_ms),
            "estimate": ride.estimate,
        },
        "booking": {
            "type": booking.kind,
            "until_ms": booking.until_ms,
            "from_ms": booking.from_ms,
            "phone": booking.phone or None,
            "url": booking.url or None,
            "message": booking.message or None,
        },
    }


def sentence(leg: JourneyLeg, ride: Requested, minutes: int) -> dict[str, str]:
    """A ride on request in a sentence of both languages."""
    point = text("travel.words.point")
    return text("travel.words.on_demand", line=ride.line or ride.agency, minutes=minutes, start=leg.start.name or point,
                end=leg.end.name or point)  # fmt: skip


def how_to_book(booking: Booking, zone: ZoneInfo) -> dict[str, str]:
    """Until when and how a ride is booked, in words of both languages."""
    until = datetime.fromtimestamp(booking.until_ms / 1000, zone)
    by = " ".join(part for part in (booking.phone, booking.url) if part)
    return text(f"travel.words.book_{booking.kind}", until=f"{until:%Y-%m-%d %H:%M}", by=by)
