"""Places by what a traveller types. For everybody: the names of stops are public."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from tongqu.domains.travel.service import places
from tongqu.kernel.store import system_actor
from tongqu.kernel.web import Caller, anyone
from tongqu.kit.errors import Invalid

TRAVELLER = system_actor("travel.places")


def add(routes: APIRouter) -> None:
    @routes.get("/places")
    def find_places(
        q: Annotated[str, Query(max_length=100)],
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
        lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
        lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
        caller: Caller = anyone(per_minute=240),
    ) -> dict[str, Any]:
        """Stops, stations and other places by 汉字, pinyin, initials or another language; a point prefers near ones."""
        if (lon is None) != (lat is None):
            raise Invalid("travel.half_a_point", field="lon" if lon is None else "lat")
        near = None if lon is None or lat is None else (lon, lat)
        with caller.platform.store.read(TRAVELLER) as work:
            return {"items": places.find(work, q, limit, near=near)}

    @routes.get("/places/near")
    def places_near(
        lon: Annotated[float, Query(ge=-180, le=180)],
        lat: Annotated[float, Query(ge=-90, le=90)],
        within_m: Annotated[float, Query(gt=0, le=5_000)] = 500,
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
        caller: Caller = anyone(per_minute=240),
    ) -> dict[str, Any]:
        """Places near a point, the nearest first."""
        with caller.platform.store.read(TRAVELLER) as work:
            return {"items": places.around(work, lon, lat, within_m, limit)}

    @routes.get("/places/{place_id}")
    def get_place(place_id: str, caller: Caller = anyone()) -> dict[str, Any]:
        """A place by its id."""
        with caller.platform.store.read(TRAVELLER) as work:
            return places.get(work, place_id)
