"""Journeys as they are sent: numbers for programs, words in both languages for people."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tongqu.domains.travel import alerts, on_demand
from tongqu.domains.travel.modes import mode_of
from tongqu.domains.travel.service import itineraries
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.pricing import fare_of
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.engines.journeys import End, Journey, JourneyLeg, Place, Reason, Ride, Wishes
from tongqu.engines.streets import Step, words
from tongqu.kernel.platform import Platform
from tongqu.kit.text import text


def journey(platform: Platform, one: Journey, origin: Place, destination: Place, wishes: Wishes, *,
            known_as: str | None = None) -> dict[str, Any]:  # fmt: skip
    """A journey with its id, legs and words."""
    return {
        "id": known_as or itineraries.id_of(one, origin, destination, wishes),
        "departure_ms": one.departure_ms,
        "arrival_ms": one.arrival_ms,
        "duration_s": one.duration_s,
        "transfers": one.transfers,
        "walk_s": one.walk_s,
        "walk_m": round(one.walk_m),
        "beeline": any(leg.beeline for leg in one.legs),
        "fare": fare_of(platform, one),
        "legs": [
            _leg(leg, one, order) | ({"notices": _notices(platform, leg)} if leg.ride is not None else {})
            for order, leg in enumerate(one.legs)
        ],
    }


def _notices(platform: Platform, leg: JourneyLeg) -> list[dict[str, Any]]:
    """Alerts that hold while a ride lasts and concern its line, its trip, or where one boards and alights."""
    active = platform.service(Network).live_now() if platform.has(Realtime) else None
    if active is None:
        return []
    known = platform.service(Realtime).alerts(active.planner)
    run = alerts.run_of(active.planner, leg) if known else None
    return [] if run is None else [alerts.shown(*one) for one in known.of_run(run, leg.departure_ms, leg.arrival_ms)]


def _leg(leg: JourneyLeg, whole: Journey, order: int) -> dict[str, Any]:
    line = np.round(leg.line, 6)
    shown: dict[str, Any] = {
        "kind": leg.kind,
        "from": _end(leg.start),
        "to": _end(leg.end),
        "departure_ms": leg.departure_ms,
        "arrival_ms": leg.arrival_ms,
        "duration_s": leg.duration_s,
        "length_m": round(leg.length_m),
        "beeline": leg.beeline,
        "words": sentence(leg),
        "line": line,
    }
    if order:
        shown["wait_s"] = max((leg.departure_ms - whole.legs[order - 1].arrival_ms) // 1000, 0)
    if leg.way is not None:
        points = line.tolist()
        shown["steps"] = [_step(step, *points[min(step.at, len(points) - 1)]) for step in leg.way.steps]
    if leg.ride is not None:
        shown["ride"] = _ride(leg.ride)
    if leg.rental is not None:
        known = leg.rental.as_of_ms is not None
        shown["rental"] = {
            "system": leg.rental.system,
            "vehicles": leg.rental.vehicles if known else None,
            "places": leg.rental.places if known else None,
            "as_of_ms": leg.rental.as_of_ms,
        }
    if leg.requested is not None:
        shown |= on_demand.shown(leg.requested)
    return shown


@lru_cache(65_536)  # one stop is shown at many calls; nobody changes what is given here
def _end(end: End) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": end.name, "lon": round(end.lon, 6), "lat": round(end.lat, 6)}
    if end.stop >= 0:
        shown |= {"stop_id": end.stop_id, "feed": end.feed}
    if end.station:
        shown |= {"station_id": end.station, "feed": end.feed}
    if end.door:
        shown["entrance"] = end.door
    if end.platform:
        shown["platform"] = end.platform
    return shown


def _step(step: Step, lon: float, lat: float) -> dict[str, Any]:
    return {
        "manoeuvre": step.manoeuvre,
        "words": words.instruction(step),
        "street": step.street,
        "length_m": round(step.length_m),
        "duration_s": round(step.duration_s),
        "lon": lon,
        "lat": lat,
    }


def _ride(ride: Ride) -> dict[str, Any]:
    return {
        "feed": ride.feed,
        "trip_id": ride.trip_id,
        "service_day": ride.service_day,
        "line_id": ride.line_id,
        "line": ride.line,
        "line_name": ride.line_name,
        "headsign": ride.headsign,
        "agency": ride.agency,
        "mode": mode_of(ride.route_type),
        "colour": f"#{ride.colour}" if _is_colour(ride.colour) else None,
        "text_colour": f"#{ride.text_colour}" if _is_colour(ride.text_colour) else None,
        "stay_seated": ride.stay_seated,
        "headway_s": ride.headway_s,
        "delay_s": ride.delay_s,
        "calls": [
            {"arrival_ms": call.arrival_ms, "departure_ms": call.departure_ms, **_end(call.end)} for call in ride.calls
        ],
    }


def _is_colour(code: str) -> bool:
    return len(code) == 6 and all(letter in "0123456789abcdefABCDEF" for letter in code)


def minutes(seconds: int) -> int:
    """Whole minutes, at least one: what one says of a duration."""
    return max(round(seconds / 60), 1)


def sentence(leg: JourneyLeg) -> dict[str, str]:
    """A leg in a sentence of both languages."""
    start, end = _named(leg.start), _named(leg.end)
    if leg.ride is not None:
        ride = leg.ride
        key = "stay" if ride.stay_seated else "ride" if ride.headsign else "ride_plain"
        return text(f"travel.words.{key}", line=ride.line, headsign=ride.headsign, start=start, end=end,
                    stops=len(ride.calls) - 1, minutes=minutes(leg.duration_s))  # fmt: skip
    if leg.rental is not None:
        return text("travel.words.bike", system=leg.rental.system, start=start, end=end,
                    metres=round(leg.length_m), minutes=minutes(leg.duration_s))  # fmt: skip
    if leg.requested is not None:
        return on_demand.sentence(leg, leg.requested, minutes(leg.duration_s))
    kind = leg.kind if leg.kind in ("cycle", "drive") else "walk"
    target = "to_door" if leg.end.door and leg.end.name else "to_stop" if leg.end.name else "to_end"
    door = leg.end.door or leg.start.door
    if not leg.end.door and leg.start.door:
        target = "from_door"
    key = f"travel.words.{kind}_{target}" if kind == "walk" else f"travel.words.{kind}"
    named = leg.end.name if target == "to_door" else end
    return text(key, metres=round(leg.length_m), minutes=minutes(leg.duration_s), end=named, door=door)


def _named(end: End) -> str | dict[str, str]:
    """The name of an end, with its platform in words of both languages where one is told."""
    return text("travel.words.at_platform", stop=end.name, platform=end.platform) if end.platform else end.name


def reason(why: Reason | None) -> dict[str, Any] | None:
    """Why there is no journey, in words."""
    if why is None:
        return None
    where = f"_{why.which}" if why.which else ""
    nearest = "_near" if "walk_s" in why.params else ""
    params = dict(why.params)
    if "walk_s" in params:
        params["minutes"] = minutes(params["walk_s"])
    return {
        "code": why.code,
        "which": why.which or None,
        "params": why.params,
        "detail": text(f"travel.reasons.{why.code}{where}{nearest}", **params),
    }
