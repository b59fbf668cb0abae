"""Routes of navigation, below `/navigation`: ships, base stations and aids, receivers, frames. All are read only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from tongqu.domains.navigation import schemas, service, store, views
from tongqu.domains.navigation.tables import RECEIVER, SHIP, STATION
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, tagged

READ = "navigation.read"


def router() -> APIRouter:
    """All routes of the domain."""
    routes = APIRouter(prefix="/navigation", tags=["navigation"])

    @routes.get("/ships")
    def list_ships(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Ships, the last heard first; `q` finds part of a name, call sign, MMSI or IMO number."""
        return _page(caller, SHIP, query, schemas.ShipRow)

    @routes.get("/ships/{ship_id}")
    def get_ship(ship_id: str, caller: Caller = needs(READ)) -> Response:
        """Particulars and voyage of a ship by her MMSI, with the words for her codes."""
        with caller.read() as work:
            return tagged(views.ship(service.ship(work, ship_id)))

    @routes.get("/ships/{ship_id}/messages")
    def list_messages(ship_id: str, caller: Caller = needs(READ)) -> Response:
        """The last message of each type that she sent, every field explained, newest first."""
        with caller.read() as work:
            return json_response({"items": service.last_messages(work, service.ship(work, ship_id))})

    @routes.get("/stations")
    def list_stations(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Base stations and aids to navigation, the last heard first."""
        return _page(caller, STATION, query, schemas.StationRow)

    @routes.get("/receivers")
    def list_receivers(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Receivers with their counts of lines, sentences, messages, and of those refused or heard twice."""
        return _page(caller, RECEIVER, query, schemas.ReceiverRow)

    @routes.get("/overview")
    def overview(caller: Caller = needs(READ)) -> Response:
        """How many ships, base stations and aids there are, and what came from all receivers."""
        with caller.read() as work:
            return json_response(store.counted(work))

    @routes.get("/frames/{frame}")
    def explain_frame(frame: str, caller: Caller = needs(READ)) -> Response:
        """A message as it was logged, every field explained."""
        with caller.read() as work:
            return json_response(views.frame(work, caller.platform, frame))

    return routes


def _page(caller: Caller, table: Any, query: Any, model: Any) -> Response:
    with caller.read() as work:
        page = store.listed(work, table, query)
    fields = model.model_fields
    return json_response(as_list(page) | {"items": [{name: row[name] for name in fields} for row in page.items]})
