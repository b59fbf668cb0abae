"""An itinerary as an entry of a calendar (RFC 5545, by icalendar)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tongqu.domains.travel import journeys_shown, on_demand
from tongqu.domains.travel.service.itineraries import Opened
from tongqu.kit.text import text


def entry(found: Opened, itinerary_id: str, zone: ZoneInfo, language: str, now_ms: int) -> bytes:
    """The calendar file of an itinerary: one event, its legs in words."""
    from icalendar import Calendar, Event

    journey = found.journey
    assert journey is not None
    start, end = journey.legs[0].start, journey.legs[-1].end
    lines = []
    for leg in journey.legs:
        at = datetime.fromtimestamp(leg.departure_ms / 1000, zone)
        lines.append(f"{at:%H:%M} {journeys_shown.sentence(leg)[language]}")
        if leg.requested is not None:
            lines.append(on_demand.how_to_book(leg.requested.booking, zone)[language])
    here = text("travel.words.point")[language]
    event = Event()
    event.add("uid", f"{itinerary_id[:60]}@tongqu")
    event.add("dtstamp", datetime.fromtimestamp(now_ms / 1000, UTC))
    event.add("dtstart", datetime.fromtimestamp(journey.departure_ms / 1000, UTC))
    event.add("dtend", datetime.fromtimestamp(journey.arrival_ms / 1000, UTC))
    event.add("summary", f"{start.name or here} → {end.name or here}")
    event.add("location", start.name or f"{start.lat:.5f}, {start.lon:.5f}")
    event.add("geo", (start.lat, start.lon))
    event.add("description", "\n".join(lines))
    calendar = Calendar()
    calendar.add("prodid", "-//Tongqu//travel//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
