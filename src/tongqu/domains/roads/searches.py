"""Stakes and routes in the search box: `G9901 K45+200` is a place, `G9901` and `澜望高速` are routes."""

from __future__ import annotations

from tongqu.kernel import geo, things
from tongqu.kernel.geo import Route, Stake, format_place, format_stake, parse_place, places_on, view_of
from tongqu.kernel.store import Work
from tongqu.kernel.things import Hit, Search
from tongqu.kit.errors import Invalid
from tongqu.kit.ids import urn
from tongqu.kit.regions import covers
from tongqu.kit.text import text

MOST_ROUTES = 8


def find_stake(work: Work, q: str, limit: int) -> list[Hit]:
    """The places of a stake; on a number that stands in several counties, those of each."""
    try:
        given = parse_place(q)
    except Invalid:
        return []
    if given.number is None:
        return []
    hits: list[Hit] = []
    routes = geo.find_routes(work, given.number)
    if given.region:
        routes = [route for route in routes if covers(given.region, route.region) or covers(route.region, given.region)]
    for route in routes[:MOST_ROUTES]:
        for place in places_on(view_of(work, route.id), route, given.stake, given.direction).places:
            hits.append(_hit(route, place.stake_m, place.branch, place.prefix, place.direction, place.lon, place.lat))
    return hits[:limit]


def find_route(work: Work, q: str, limit: int) -> list[Hit]:
    """Routes by number or part of their name; the hit leads to its first stake."""
    wanted = things.normalised(q)
    if len(wanted) < 2:
        return []
    found = [
        route
        for route in geo.all_routes(work)
        if route.number.casefold().startswith(wanted)
        or wanted in things.normalised(route.name)
        or wanted in things.normalised(route.name_en or "")
    ]
    found.sort(key=lambda route: (route.number.casefold() != wanted, route.number, route.region))
    return [_route_hit(work, route) for route in found[:limit]]


def _route_hit(work: Work, route: Route) -> Hit:
    lines = geo.lines_of(work, route.id)
    start = lines[0].geometry.shape.interpolate(0.5, normalized=True) if lines else None
    return Hit(
        urn("route", route.id),
        "route",
        f"{route.number} {route.name}",
        route.region,
        route.region,
        None if start is None else start.x,
        None if start is None else start.y,
        text("roads.kinds.route"),
    )


def _hit(
    route: Route, stake_m: float, branch: str, prefix: str, direction: geo.Direction, lon: float, lat: float
) -> Hit:
    stake = Stake(stake_m, prefix, branch)
    written = format_stake(stake.stake_m, stake.prefix, stake.branch)
    local = f"{route.id}:{direction}:{written.replace('+', '-')}"
    return Hit(
        urn("stake", local),
        "stake",
        format_place(route.number, written, direction),
        route.name,
        route.region,
        lon,
        lat,
        text("roads.kinds.stake"),
    )


SEARCHES = (Search("roads.stakes", find_stake), Search("roads.routes", find_route))
