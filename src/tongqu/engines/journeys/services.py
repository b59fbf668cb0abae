"""Services on request of the feeds of a timetable: what is kept of them beside it, and how that is read again."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace

import orjson
import shapely

from tongqu.protocols import gtfs


@dataclass(frozen=True)
class Services:
    """The services on request of one feed.

    Attributes:
        zones: by id.
        rules: booking rules by id.
        trips: calls of each trip that has two or more of them.
        phones: of the agency of each trip, where it has one.
        closed: trips that carry nobody in a wheelchair.
        days: which column of the feed's calendar is the service whose days a booking rule counts.
    """

    zones: dict[str, gtfs.Zone] = field(default_factory=dict)
    rules: dict[str, gtfs.BookingRule] = field(default_factory=dict)
    trips: dict[str, tuple[gtfs.FlexCall, ...]] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    days: dict[str, int] = field(default_factory=dict)


def packed(plan: gtfs.Schedule) -> str:
    """The services of a feed as one text, to be kept with its other facts; empty where it has none."""
    feed = plan.feed
    found = gtfs.flex(feed)
    known = {trip for trip, route in zip(plan.trips, plan.trip_route.tolist(), strict=True) if route >= 0}
    calls = [call for trip, own in found.trips().items() if len(own) > 1 and trip in known for call in own]
    if not calls:
        return ""
    used = {call.trip for call in calls}
    columns = (feed.strings("trips", "trip_id"), feed.strings("trips", "route_id"))
    phones = _phones(feed)
    wheelchairs = dict(zip(columns[0], feed.numbers("trips", "wheelchair_accessible", 0).tolist(), strict=True))
    services = list(plan.calendar.services)
    kept = {
        "zones": [[zone.id, zone.name, shapely.to_wkb(zone.shape, hex=True)] for zone in found.zones],
        "rules": [astuple(rule) for rule in found.rules],
        "calls": [astuple(call) for call in calls],
        "phones": {trip: phones[route] for trip, route in zip(*columns, strict=True)
                   if trip in used and phones.get(route)},
        "closed": [trip for trip, carries in wheelchairs.items() if trip in used and carries == 2],
        "days": {rule.service: services.index(rule.service) for rule in found.rules if rule.service in services},
    }  # fmt: skip
    return orjson.dumps(kept).decode()


def unpacked(text: str) -> Services:
    """The services that a text holds."""
    if not text:
        return Services()
    kept = orjson.loads(text)
    calls: dict[str, list[gtfs.FlexCall]] = {}
    for trip, zones, stops, *rest, estimate in kept["calls"]:
        call = gtfs.FlexCall(trip, tuple(zones), tuple(stops), *rest)
        if estimate is not None:
            call = replace(call, estimate=gtfs.Estimate(*estimate))
        calls.setdefault(trip, []).append(call)
    return Services(
        {id_: gtfs.Zone(id_, name, shapely.from_wkb(shape)) for id_, name, shape in kept["zones"]},
        {rule[0]: gtfs.BookingRule(*rule) for rule in kept["rules"]},
        {trip: tuple(own) for trip, own in calls.items()}, kept["phones"], frozenset(kept["closed"]), kept["days"],
    )  # fmt: skip


def _phones(feed: gtfs.Feed) -> dict[str, str]:
    """The phone of the agency of each route, where one is told."""
    agencies = feed.strings("agency", "agency_id")
    told = dict(zip(agencies, feed.strings("agency", "agency_phone"), strict=True))
    sole = next(iter(told.values())) if len(agencies) == 1 else ""
    routes = zip(feed.strings("routes", "route_id"), feed.strings("routes", "agency_id"), strict=True)
    return {route: told.get(agency) or sole for route, agency in routes}
