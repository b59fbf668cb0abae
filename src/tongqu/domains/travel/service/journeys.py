"""The verbs of a traveller: plan, open again. What is asked is read here, whatever form it came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tongqu.domains.travel import bikes, on_demand
from tongqu.domains.travel.service import itineraries, places
from tongqu.domains.travel.service.bikes import BikeShare
from tongqu.domains.travel.service.network import Active, Network
from tongqu.engines.journeys import Asked, Bikes, Place, Plan, Planner, Wishes
from tongqu.engines.transit import Timetable
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.crs import Datum, to_wgs84
from tongqu.kit.errors import Invalid, NotFound

TRAVELLER = system_actor("travel.journeys")


@dataclass(frozen=True)
class Question:
    """A question as it was understood."""

    origin: Place
    destination: Place
    wishes: Wishes
    depart_ms: int | None
    arrive_ms: int | None


def place_of(platform: Platform, active: Active, written: str, field: str, datum: Datum = Datum.WGS84) -> Place:
    """A place as it is written in a question: `lon,lat` or `lon,lat,name`, `stop:FEED:ID`, `place:ID`, or a name.

    Args:
        datum: of a written point; Chinese maps give GCJ-02 or BD-09.

    Raises:
        Invalid: `travel.bad_place`, `travel.swapped` when longitude and latitude seem exchanged.
        NotFound: `travel.unknown_place`.
    """
    text = written.strip()
    head, _, rest = text.partition(":")
    if head == "stop" and rest:
        return _stop(active.planner.timetable, rest, field)
    point = _point(text)
    if point is not None:
        return _located(active, *point, field, datum)
    with platform.store.read(TRAVELLER) as work:
        if head == "place" and rest:
            row = places.get(work, rest)
            return Place(row["lon"], row["lat"], row["name"])
        found = [row for row in places.find(work, text, 1) if not row.get("guess")]
    if not found:
        raise NotFound("travel.unknown_place", field=field, id=text)
    return Place(found[0]["lon"], found[0]["lat"], found[0]["name"])


def stops_of(platform: Platform, active: Active, written: str) -> tuple[list[int], str]:
    """Where one boards at a stop or station (`FEED:ID`), or at a place by its id; and its name.

    Raises:
        NotFound: `travel.unknown_place`.
    """
    timetable = active.planner.timetable
    names: tuple[str, ...] = (written.removeprefix("stop:"),)
    if timetable.find(names[0]) is None:
        with platform.store.read(TRAVELLER) as work:
            names = places.stops_of(work, written, active.sites)
    found = [_stop(timetable, name, "stop") for name in names]
    return list(dict.fromkeys(stop for place in found for stop in place.stops)), found[0].name


def _point(text: str) -> tuple[float, float, str] | None:
    parts = text.split(",", 2)
    try:
        return float(parts[0]), float(parts[1]), " ".join(parts[2].split())[:80] if len(parts) > 2 else ""
    except (ValueError, IndexError):
        return None


def _located(active: Active, lon: float, lat: float, name: str, field: str, datum: Datum) -> Place:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        if -90 <= lon <= 90 and -180 <= lat <= 180:
            raise Invalid("travel.swapped", field=field, lon=lon, lat=lat)
        raise Invalid("travel.bad_place", field=field, value=f"{lon},{lat}")
    west, south, east, north = active.planner.placed.around
    if not (west <= lon <= east and south <= lat <= north) and west <= lat <= east and south <= lon <= north:
        raise Invalid("travel.swapped", field=field, lon=lon, lat=lat)
    point = to_wgs84(lon, lat, datum)
    return Place(float(point.lon), float(point.lat), name)


def _stop(timetable: Timetable, written: str, field: str) -> Place:
    network = timetable.network
    try:
        stop, points = timetable.stop(written), timetable.boarding_points(written)
    except Invalid as error:
        raise NotFound("travel.unknown_place", field=field, id=written) from error
    return Place(float(network.stop_lon[stop]), float(network.stop_lat[stop]), network.stop_names[stop], tuple(points))


def bikes_for(platform: Platform, question: Question) -> tuple[list[Bikes], dict[str, Any] | None]:
    """Shared bikes that may be rented on the way, and what to say of them; nothing where they are not wished for."""
    if not question.wishes.shared_bikes:
        return [], None
    if not platform.has(BikeShare):
        return [], {"used": False, "reason": bikes.reason("none"), "systems": []}
    moment = question.depart_ms if question.depart_ms is not None else question.arrive_ms or 0
    found, told = platform.service(BikeShare).to_rent(platform.service(Network).active().planner, moment)
    if question.wishes.step_free:
        return [], told | {"used": False, "reason": bikes.reason("step_free")}
    return found, told


def plan(platform: Platform, question: Question, bikes: Sequence[Bikes] = ()) -> Plan:
    """Answer a question.

    Args:
        bikes: what may be rented (`bikes_for`).

    Raises:
        Unavailable: as `Network.planner`.
    """
    planner = _planner(platform, question)
    if bikes:
        planner = planner.with_bikes(bikes)
    return on_demand.reasoned(planner.plan(
        question.origin, question.destination, question.wishes, depart_ms=question.depart_ms,
        arrive_ms=question.arrive_ms,
    ))  # fmt: skip


def on_demand_told(platform: Platform, question: Question, found: Plan) -> dict[str, Any] | None:
    """What to say of rides on request beside a plan; nothing where no feed has any."""
    planner = _planner(platform, question)
    if planner.on_demand is None:
        return None
    asked = Asked(
        question.origin, question.destination, question.wishes, question.depart_ms, question.arrive_ms,
        planner.asked_ms,
    )  # fmt: skip
    return on_demand.told(planner, asked, found)


def _planner(platform: Platform, question: Question) -> Planner:
    planner = platform.service(Network).planner(question.wishes.step_free)
    return planner if planner.on_demand is None else planner.asked_at(platform.clock.now_ms())


def opened(platform: Platform, itinerary_id: str) -> itineraries.Opened:
    """An itinerary by its id, on the timetable of now.

    Raises:
        Invalid: `travel.bad_itinerary`.
        Unavailable: as `Network.planner`.
    """
    held = itineraries.wishes_of(itinerary_id)
    planner = platform.service(Network).planner(held[2].step_free)
    stops = len(planner.placed)
    if any(stop >= stops or stop < 0 for place in held[:2] for stop in place.stops):
        raise Invalid("travel.bad_itinerary", field="itinerary_id")
    return itineraries.open_again(planner, held)
