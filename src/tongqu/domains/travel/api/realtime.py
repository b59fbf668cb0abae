"""Routes of what is now: messages pushed, their state, departures, journeys that are followed, messages given on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tongqu.domains.travel import alerts, boards
from tongqu.domains.travel.api.open_data import PORTAL, day_of
from tongqu.domains.travel.service import feeds, journeys, subscriptions
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.notices import SITUATIONS
from tongqu.domains.travel.service.realtime import Realtime
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.store import subscriptions as kept
from tongqu.domains.travel.tables import Condition
from tongqu.engines.journeys import End
from tongqu.kernel import identity
from tongqu.kernel.web import Caller, anyone, body_of, json_response, needs, signed_in
from tongqu.kit.errors import Forbidden, Invalid, NotFound
from tongqu.protocols import gtfs_realtime
from tongqu.protocols.gtfs_realtime import Message

READ, EDIT = "travel.read", "travel.edit"
Kind = Literal["trip_updates", "vehicle_positions", "alerts", "situations"]
_FILES = {"trip-updates": "trip_updates", "vehicle-positions": "vehicle_positions", "alerts": "alerts"}
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
            "application/xml": {"schema": {"type": "string"}},
        },
    }
}


class SubscriptionForm(BaseModel):
    """A journey to follow."""

    model_config = ConfigDict(extra="forbid")

    itinerary: Annotated[str, Field(min_length=3, max_length=4_000)]
    threshold_s: Annotated[int, Field(ge=60, le=7_200)] = subscriptions.THRESHOLD_S
    endpoint: Annotated[str | None, Field(max_length=16)] = None


def add(routes: APIRouter) -> None:
    _messages(routes)
    _boards(routes)
    _subscriptions(routes)
    _open(routes)


def _messages(routes: APIRouter) -> None:
    @routes.get("/realtime")
    def get_realtime(caller: Caller = needs(READ)) -> Response:
        """Of each feed and kind: its age, entities, what was skipped, updates that mean nothing, notices."""
        with caller.read() as work:
            seen = [row["feed_code"] for row in store.live(work)]
        return json_response({"items": caller.platform.service(Realtime).told(seen)})

    @routes.post("/feeds/{feed_id}/realtime/{kind}", openapi_extra=_BYTES)
    async def push_realtime(feed_id: str, kind: Kind, request: Request, caller: Caller = needs(EDIT)) -> Response:
        """A GTFS Realtime message as protobuf bytes, or situations as a SIRI-SX delivery in XML (`application/xml`); it
        is in force when this answers.

        What cannot be read of it is skipped and counted. An older message than the last one is not taken.
        """

        def look() -> str:
            with caller.read() as work:
                feed = feeds.get(work, feed_id)
                identity.require(work, EDIT, feed["organisation"], feed["region"])
                return str(feed["code"])

        code = await run_in_threadpool(look)
        _check_type(kind, request.headers.get("content-type", ""))
        data = await body_of(request, gtfs_realtime.MOST_BYTES, "gtfs_realtime.too_large")
        if not data:
            raise Invalid("imports.empty")
        realtime = caller.platform.service(Realtime)
        _, taken = await run_in_threadpool(realtime.take, code, kind, data)
        state = next(one for one in realtime.told([code]) if one["kind"] == kind)
        return json_response(state | {"taken": taken})


def _check_type(kind: str, written: str) -> None:
    """XML is sent as situations, and nothing else is; a publisher that names no type is believed."""
    media = written.partition(";")[0].strip().lower()
    is_xml = media in ("application/xml", "text/xml") or media.endswith("+xml")
    if media and media != "application/octet-stream" and is_xml != (kind == SITUATIONS):
        raise Invalid("travel.wrong_media_type", field="content-type", value=media[:80], kind=kind)


def _boards(routes: APIRouter) -> None:
    @routes.get("/boards/{stop}")
    def get_board(
        stop: str,
        minutes: Annotated[int, Query(ge=1, le=720)] = 60,
        at: Annotated[str | None, Query(max_length=40)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 40,
        caller: Caller = anyone(per_minute=240),
    ) -> Response:
        """Departures from a stop or station (`FEED:ID`, or the id of a place), with real times where they are told, and
        how many minutes and stops away the vehicle is. `state` is `runs`, or `cancelled` or `skipped` of what was to
        leave and does not. `notices`: alerts that concern the stop or what leaves from it; a departure says which of
        them concern it, by their place in the list."""
        from tongqu.domains.travel.api.journeys import moment_of

        active = caller.platform.service(Network).active()
        now_ms = moment_of(active, at, "at") if at else caller.platform.clock.now_ms()
        stops, name = journeys.stops_of(caller.platform, active, stop)
        realtime = caller.platform.service(Realtime)
        found = boards.departures(
            active.planner, stops, now_ms, now_ms + minutes * 60_000, limit, realtime.vehicles()
        )  # fmt: skip
        told, concerned = alerts.on_board(
            realtime.alerts(active.planner), active.planner, stops, found, now_ms, now_ms + minutes * 60_000
        )
        return json_response({
            "name": name,
            "lon": round(float(active.planner.timetable.network.stop_lon[stops[0]]), 6),
            "lat": round(float(active.planner.timetable.network.stop_lat[stops[0]]), 6),
            "at_ms": now_ms,
            "zone": str(active.planner.timetable.zone),
            "realtime": realtime.flags(),
            "notices": [alerts.shown(*one) for one in told],
            "departures": [
                _departure(active.planner.assembler.stop_end(one.stop), one, now_ms)
                | {"notices": which}
                for one, which in zip(found, concerned, strict=True)
            ],
        })  # fmt: skip


def _departure(end: End, one: boards.Departure, now_ms: int) -> dict[str, Any]:
    late = None if one.planned_ms is None or not one.live else (one.departure_ms - one.planned_ms) // 1000
    return {
        "stop": end.name,
        "platform": end.platform or None,
        "feed": one.feed,
        "trip_id": one.trip_id,
        "service_day": f"{one.service_day:%Y%m%d}",
        "line": one.line,
        "mode": one.mode,
        "headsign": one.headsign,
        "departure_ms": one.departure_ms,
        "planned_ms": one.planned_ms,
        "live": one.live,
        "state": one.state,
        "delay_s": late,
        "minutes_away": max((one.departure_ms - now_ms) // 60_000, 0),
        "stops_away": one.stops_away,
        "vehicle": None
        if one.vehicle is None
        else {"lon": round(one.vehicle.lon, 6), "lat": round(one.vehicle.lat, 6)},
    }


def _subscriptions(routes: APIRouter) -> None:
    @routes.get("/subscriptions")
    def list_subscriptions(caller: Caller = signed_in()) -> Response:
        """Journeys that the caller follows, with what was told of each."""
        with caller.read() as work:
            rows = kept.of_person(work, caller.actor.id)
        return json_response({"items": [_subscription(row) for row in rows]})

    @routes.post("/subscriptions", status_code=201)
    def subscribe(form: SubscriptionForm, caller: Caller = signed_in()) -> Response:
        """Be told when a journey does not hold: a trip is cancelled, a change missed, a stop skipped, or it arrives
        later than `threshold_s` after what is told now; with another journey to take. `endpoint`: a webhook of the
        caller's is told instead."""
        planner = caller.platform.service(Network).active().planner
        journeys.opened(caller.platform, form.itinerary)
        with caller.write() as work:
            row = subscriptions.subscribe(
                work, planner, form.itinerary, threshold_s=form.threshold_s, endpoint=form.endpoint
            )
        watcher, realtime = caller.platform.service(subscriptions.Watcher), caller.platform.service(Realtime)
        watcher.look(planner, realtime.changes)
        with caller.read() as work:
            row = kept.one(work, caller.actor.id, row["id"]) or row
        return json_response(_subscription(row), 201)

    @routes.delete("/subscriptions/{subscription_id}", status_code=204)
    def unsubscribe(subscription_id: str, caller: Caller = signed_in()) -> Response:
        with caller.write() as work:
            subscriptions.end(work, subscription_id)
        return Response(status_code=204)


def _subscription(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("person", "told")}


def _open(routes: APIRouter) -> None:
    @routes.get("/open-data/{code}/{file}.pb")
    def get_open_realtime(
        code: str, file: Literal["trip-updates", "vehicle-positions", "alerts"], caller: Caller = anyone()
    ) -> Response:
        """What is known of now of a feed that is open without condition, as GTFS Realtime."""
        with caller.platform.store.read(PORTAL) as work:
            feed = feeds.by_code(work, code)
        if feed["condition"] == Condition.NOT_OPEN.value or not feed["active"]:
            raise NotFound("travel.unknown_feed", id=code)
        if feed["condition"] != Condition.UNCONDITIONAL.value:
            raise Forbidden("travel.on_request", name=feed["name"])
        kind = _FILES[file]
        entities, at_ms = caller.platform.service(Realtime).of_feed(code, kind)
        if at_ms is None:
            raise NotFound("travel.no_realtime", name=feed["name"])
        field = {"trip_updates": "trip_updates", "vehicle_positions": "vehicles", "alerts": "alerts"}[kind]
        data = gtfs_realtime.write(Message(at_ms, **{field: tuple(entities)}))  # type: ignore[arg-type]
        with caller.platform.store.write(PORTAL) as work:
            store.count_use(work, feed["id"], day_of(work.now_ms), kind)
        return Response(data, media_type="application/x-protobuf")
