"""HTTP of stakes: the stake of a point, the places of a stake."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tongqu.kernel.geo.locator import Locator
from tongqu.kernel.geo.routes import Route
from tongqu.kernel.geo.schemas import PlaceHere, RouteHere, StakeAnswer, StakesHere
from tongqu.kernel.geo.stakes import Direction, StakePlace, format_place, format_stake, parse_place
from tongqu.kernel.web import Caller, signed_in
from tongqu.kit import crs
from tongqu.kit.errors import Invalid, detail

WITHIN_M = 60.0
MOST_M = 2_000.0


def router() -> APIRouter:
    api = APIRouter()

    @api.get("/stakes")
    def stakes(
        lon: Annotated[float, Query()],
        lat: Annotated[float, Query()],
        datum: Annotated[crs.Datum, Query(description="how lon and lat are to be read")] = crs.Datum.WGS84,
        within_m: Annotated[float, Query(gt=0, le=MOST_M)] = WITHIN_M,
        at_ms: Annotated[int | None, Query(description="the moment, UTC ms; now by default")] = None,
        caller: Caller = signed_in(),
    ) -> StakesHere:
        """The places on routes within a distance of a point, nearest first."""
        fault = crs.fault_of(lon, lat)
        if fault is not None and fault is not crs.Fault.ZERO:
            raise Invalid(f"geo.{fault}", field="lon", lon=lon, lat=lat)
        x, y = (float(value) for value in crs.to_wgs84(lon, lat, datum))
        found = caller.platform.service(Locator).locate(x, y, within_m, at_ms=at_ms)
        return StakesHere(lon=x, lat=y, places=[place_here(place) for place in found])

    @api.get("/stakes/find")
    def find(
        q: Annotated[str, Query(min_length=2, max_length=80, description="`X101 K3+200`")],
        region: Annotated[str | None, Query(max_length=12, description="where it is asked from")] = None,
        direction: Annotated[Direction | None, Query()] = None,
        at_ms: Annotated[int | None, Query(description="the moment, UTC ms; now by default")] = None,
        caller: Caller = signed_in(),
    ) -> StakeAnswer:
        """The places of a stake: two, one, or none with the reason; or the routes it may mean, to be asked about."""
        given = parse_place(q)
        if direction is not None and given.direction is None:
            given = type(given)(given.stake, given.number, given.region, direction)
        found = caller.platform.service(Locator).find(given, region=region, at_ms=at_ms)
        reason = found.reason
        return StakeAnswer(
            places=[place_here(place) for place in found.places],
            routes=[route_here(route) for route in found.routes],
            code=None if reason is None else reason.code,
            reason=None if reason is None else detail(reason.code, reason.params),
        )

    return api


def place_here(place: StakePlace) -> PlaceHere:
    """A place as it goes to the page."""
    stake = format_stake(place.stake_m, place.prefix, place.branch)
    return PlaceHere(
        route=place.route,
        number=place.number,
        region=place.region,
        stake_m=round(place.stake_m, 3),
        stake=stake,
        branch=place.branch,
        prefix=place.prefix,
        direction=place.direction,
        offset_m=round(place.offset_m, 2),
        side=place.side,
        lon=round(place.lon, 8),
        lat=round(place.lat, 8),
        estimated=place.estimated,
        text={lang: format_place(place.number, stake, place.direction, lang) for lang in ("zh", "en")},
    )


def route_here(route: Route) -> RouteHere:
    return RouteHere(id=route.id, number=route.number, region=route.region, name=route.name, name_en=route.name_en)
