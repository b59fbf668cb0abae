"""Routes of a traveller: plan a journey, open it again, take it into a calendar; and reach, for an authority."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from tongqu.domains.travel import calendars, journeys_shown
from tongqu.domains.travel.service import journeys, reach, stop_places, streets
from tongqu.domains.travel.service.network import Active, Network
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.engines.journeys import Place, Plan, Wishes
from tongqu.kernel.platform import Platform
from tongqu.kernel.web import Caller, anyone, json_response, needs
from tongqu.kit.crs import Datum
from tongqu.kit.errors import Invalid

READ, NETWORK = "travel.read", "travel.network"
Mode = Literal["transit", "walk", "cycle", "drive"]
MODES = (*get_args(Mode), "on_demand")
Written = Annotated[str, Query(max_length=200)]
Moment = Annotated[str | None, Query(max_length=40)]


def add(routes: APIRouter) -> None:
    _planning(routes)
    _itineraries(routes)
    _network(routes)
    _reach(routes)


def _planning(routes: APIRouter) -> None:
    @routes.get("/plan")
    def plan_journey(
        origin: Annotated[str, Query(alias="from", max_length=200)],
        destination: Annotated[str, Query(alias="to", max_length=200)],
        depart_at: Moment = None,
        arrive_by: Moment = None,
        window_min: Annotated[int, Query(ge=0, le=720)] = 0,
        modes: Annotated[str, Query(max_length=40)] = "transit,walk,on_demand",
        step_free: bool = False,
        less_walking: bool = False,
        shared_bikes: bool = False,
        max_walk_min: Annotated[int, Query(ge=1, le=60)] = 15,
        max_transfers: Annotated[int, Query(ge=0, le=8)] = 4,
        change_min: Annotated[int, Query(ge=0, le=30)] = 2,
        walk_speed_ms: Annotated[float, Query(ge=0.4, le=3.0)] = 1.33,
        datum: Datum = Datum.WGS84,
        caller: Caller = anyone(per_minute=60),
    ) -> Response:
        """Journeys door to door: none of them is beaten in departure, arrival and transfers by another.

        `less_walking` gives also those that arrive later and save two minutes of walking or more.

        `shared_bikes` lets a shared bike be rented on the way to the first stop, from the last one, or all the way;
        where none can be, `bikes` says why.

        `on_demand` among the modes offers rides that are booked (GTFS-Flex), from door to door, as long as they can be;
        its leg has `booking`. Where a feed has such a service and none is offered, `on_demand` says why.

        `from`, `to`: `lon,lat` or `lon,lat,name`, `stop:FEED:ID`, `place:ID` or a name. `depart_at`, `arrive_by`:
        ISO 8601, in the timetable's zone where it has no offset; now if neither is given. `datum`: of written points
        (`gcj02`, `bd09`).
        Where there is no journey by public transport, `reason` says why. The header `Server-Timing` (W3C) tells the
        milliseconds from the question as it was read to the answer as it is sent.
        """
        begun = time.perf_counter()
        active = caller.platform.service(Network).active()
        chosen = _modes(modes)
        wishes = Wishes(
            walk_speed_ms=walk_speed_ms, step_free=step_free, max_walk_s=max_walk_min * 60,
            max_transfers=max_transfers, change_s=change_min * 60, window_s=window_min * 60,
            less_walking=less_walking, shared_bikes=shared_bikes, transit="transit" in chosen,
            on_demand="on_demand" in chosen,
            direct=tuple(mode for mode in chosen if mode in ("walk", "cycle", "drive")),  # type: ignore[misc]
        )  # fmt: skip
        depart_ms, arrive_ms = _moments(caller, active, depart_at, arrive_by)
        question = journeys.Question(
            journeys.place_of(caller.platform, active, origin, "from", datum),
            journeys.place_of(caller.platform, active, destination, "to", datum),
            wishes, depart_ms, arrive_ms,
        )  # fmt: skip
        answer = json_response(_answered(caller, active, question))
        answer.headers["Server-Timing"] = f"plan;dur={(time.perf_counter() - begun) * 1000:.2f}"
        return answer


def _answered(caller: Caller, active: Active, question: journeys.Question) -> dict[str, Any]:
    bikes, told = journeys.bikes_for(caller.platform, question)
    found = journeys.plan(caller.platform, question, bikes)
    requested = journeys.on_demand_told(caller.platform, question, found)
    return _answer(caller, active, question, found) | {"bikes": told, "on_demand": requested}


def _answer(caller: Caller, active: Active, question: journeys.Question, found: Plan) -> dict[str, Any]:
    return {
        "from": _place(question.origin),
        "to": _place(question.destination),
        "depart_ms": question.depart_ms,
        "arrive_ms": question.arrive_ms,
        "zone": str(active.planner.timetable.zone),
        "network": active.version,
        "realtime": realtime_flags(caller.platform),
        "journeys": [
            journeys_shown.journey(caller.platform, one, question.origin, question.destination, question.wishes)
            for one in found.journeys
        ],
        "reason": journeys_shown.reason(found.reason),
    }


def realtime_flags(platform: Platform) -> list[dict[str, Any]]:
    """How old the real-time messages are that an answer rests on."""
    return platform.service(Realtime).flags() if platform.has(Realtime) else []


def _place(place: Place) -> dict[str, Any]:
    return {"name": place.name, "lon": round(place.lon, 6), "lat": round(place.lat, 6)}


def _modes(written: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(word.strip() for word in written.split(",") if word.strip()))
    wrong = [word for word in chosen if word not in MODES]
    if wrong or not chosen:
        raise Invalid("travel.bad_mode", field="modes", value=wrong[0] if wrong else written)
    return chosen


def _moments(
    caller: Caller, active: Active, depart_at: str | None, arrive_by: str | None
) -> tuple[int | None, int | None]:
    if depart_at and arrive_by:
        raise Invalid("travel.two_moments", field="arrive_by")
    if arrive_by:
        return None, moment_of(active, arrive_by, "arrive_by")
    return (moment_of(active, depart_at, "depart_at") if depart_at else caller.platform.clock.now_ms()), None


def moment_of(active: Active, written: str, field: str) -> int:
    """A moment as it is written in a question, UTC ms."""
    text = written.strip().replace(" ", "+")  # a plus that was not escaped in the address
    timetable = active.planner.timetable
    try:
        at_ms = timetable.instant_ms(int(text) if text.isdigit() and len(text) > 10 else text)
        timetable.day_of(at_ms)  # at the ends of all calendars there is no day to look in
        return at_ms
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid("travel.bad_time", field=field, value=written) from error


def _itineraries(routes: APIRouter) -> None:
    @routes.get("/itineraries/{itinerary_id}")
    def get_itinerary(itinerary_id: str, caller: Caller = anyone(per_minute=240)) -> Response:
        """An itinerary by its id, on the timetable of now: `as_planned`, `changed`, `broken` or `gone`."""
        found = journeys.opened(caller.platform, itinerary_id)
        shown = None
        if found.journey is not None:
            shown = journeys_shown.journey(
                caller.platform, found.journey, found.origin, found.destination, found.wishes, known_as=itinerary_id
            )
        body = {"id": itinerary_id, "state": found.state, "lost_trips": list(found.lost), "journey": shown,
                "from": _place(found.origin), "to": _place(found.destination),
                "realtime": realtime_flags(caller.platform)}  # fmt: skip
        return json_response(body)

    @routes.get("/itineraries/{itinerary_id}/alternatives")
    def get_alternatives(itinerary_id: str, caller: Caller = anyone(per_minute=60)) -> Response:
        """What there is instead: journeys between the same places that leave from the same moment on."""
        found = journeys.opened(caller.platform, itinerary_id)
        active = caller.platform.service(Network).active()
        wishes = replace(found.wishes, window_s=1800)
        question = journeys.Question(found.origin, found.destination, wishes, found.departure_ms - 900_000, None)
        return json_response(_answered(caller, active, question))

    @routes.get("/itineraries/{itinerary_id}/calendar.ics")
    def get_calendar(itinerary_id: str, language: Literal["zh", "en"] = "zh", caller: Caller = anyone()) -> Response:
        """An itinerary as an entry of a calendar (RFC 5545)."""
        found = journeys.opened(caller.platform, itinerary_id)
        if found.journey is None:
            raise Invalid("travel.itinerary_gone", field="itinerary_id")
        zone = caller.platform.service(Network).active().planner.timetable.zone
        made = calendars.entry(found, itinerary_id, zone, language, caller.platform.clock.now_ms())
        return Response(
            made, media_type="text/calendar", headers={"Content-Disposition": 'attachment; filename="journey.ics"'}
        )


class StreetsForm(BaseModel):
    """An extract that was uploaded."""

    document: str = Field(max_length=40)


def _network(routes: APIRouter) -> None:
    @routes.get("/network")
    def get_network(caller: Caller = anyone()) -> Response:
        """What journeys are planned on: feeds, days, stops, streets; how far it is where it is being made ready."""
        network = caller.platform.service(Network)
        return json_response(streets.told(network))

    @routes.post("/streets", status_code=202)
    def use_streets(form: StreetsForm, caller: Caller = needs(NETWORK)) -> Response:
        """Use an uploaded OpenStreetMap extract (`.osm.pbf`) as the streets; a file that cannot be read is refused."""
        return json_response(streets.use(caller.platform, caller.actor, form.document), 202)

    @routes.delete("/stop-places/{code}", status_code=204)
    def give_up_stop_places(code: str, caller: Caller = needs(NETWORK)) -> Response:
        """Forget the stop places of a source (`tongqu load` of NeTEx); `network` names the sources there are."""
        stop_places.give_up(caller.platform, caller.actor, code)
        return Response(status_code=204)


class ReachForm(BaseModel):
    """Places to be reached, each `[lon, lat]` or `[lon, lat, weight]`; the weight is people, jobs, beds."""

    origin: str = Field(max_length=200)
    places: list[Annotated[list[float], Field(min_length=2, max_length=3)]] = Field(min_length=1, max_length=20_000)
    minutes: list[Annotated[int, Field(ge=1, le=180)]] = Field(default=[30, 45, 60], min_length=1, max_length=6)
    depart_at: str | None = Field(default=None, max_length=40)
    window_min: int = Field(default=60, ge=0, le=240)
    step_min: int = Field(default=10, ge=1, le=60)
    percentiles: list[Annotated[float, Field(ge=0, le=100)]] = Field(default=[25, 50, 75], min_length=1, max_length=5)


def _reach(routes: APIRouter) -> None:
    @routes.get("/isochrones")
    def get_isochrones(
        origin: Annotated[str, Query(alias="from", max_length=200)],
        minutes: Annotated[str, Query(max_length=40)] = "15,30,45",
        mode: Mode = "transit",
        depart_at: Moment = None,
        window_min: Annotated[int, Query(ge=0, le=240)] = 0,
        step_min: Annotated[int, Query(ge=5, le=60)] = 10,
        percentile: Annotated[float, Query(ge=0, le=100)] = 50,
        datum: Datum = Datum.WGS84,
        caller: Caller = needs(READ),
    ) -> Response:
        """Areas reached within each of the given minutes, as GeoJSON, the largest first.

        `window_min`: over the departures of a window, every `step_min`; a place is reached where `percentile` of 100
        of them take no longer. Without it, by the one departure.
        """
        active = caller.platform.service(Network).active()
        place = journeys.place_of(caller.platform, active, origin, "from", datum)
        depart_ms, _ = _moments(caller, active, depart_at, None)
        return json_response(reach.areas(
            active, place, reach.minutes_of(minutes), mode, depart_ms or 0, window_min * 60, step_min * 60, percentile
        ))  # fmt: skip

    @routes.post("/accessibility")
    def get_accessibility(form: ReachForm, caller: Caller = needs(READ)) -> Response:
        """Travel times to places over the departures of a window, as percentiles, and how much is reached within."""
        active = caller.platform.service(Network).active()
        place = journeys.place_of(caller.platform, active, form.origin, "origin")
        depart_ms, _ = _moments(caller, active, form.depart_at, None)
        return json_response(reach.accessibility(
            active, place, form.places, form.minutes, depart_ms or 0, form.window_min * 60, form.step_min * 60,
            form.percentiles,
        ))  # fmt: skip
