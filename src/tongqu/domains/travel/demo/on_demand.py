"""A ride on request where the demo's buses do not go: around the seat of a county at the edge of the capital."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import shapely

from tongqu.domains.travel.zones import OnRequest
from tongqu.kit.geometry.sphere import haversine_m

if TYPE_CHECKING:
    from tongqu.kit.world.values import Region, World

REACH_M = 20_000.0
"""Towns so near to the seat are served with it."""
_MARGIN_DEG, _PLAIN_DEG, _DIGITS = 0.025, 0.002, 4
_PHONE = "0600-0123456"
"""Nobody's: there is no area code 0600, and no number within an area begins with 0."""
_MESSAGE = "请至少提前30分钟拨打电话预约，说明上下车地点和人数。演示服务，电话号码为虚构。"
BEGINS_S, ENDS_S, NOTICE_MIN = 6 * 3600 + 1800, 22 * 3600, 30


def services(world: World) -> list[OnRequest]:
    """The one service, from 6:30 to 22:00 every day; none in a world without a capital with counties."""
    county = _thinnest(world)
    if county is None:
        return []
    short = county.name.zh.rstrip("县区")
    return [
        OnRequest(
            line=f"request-{county.code}",
            name=f"{short}预约公交",
            long_name=f"{county.name.zh}城乡预约公交",
            route_type=3,
            zone_name=f"{county.name.zh}城乡",
            shape=_zone(world, county),
            begins_s=BEGINS_S,
            ends_s=ENDS_S,
            notice_min=NOTICE_MIN,
            phone=_PHONE,
            message=_MESSAGE,
            duration_factor=1.5,
            duration_offset_s=600,
        )
    ]


def _thinnest(world: World) -> Region | None:
    """The county of the capital with the fewest stops of buses; of several the one farthest out."""
    capital = next((place for place in world.places if place.kind == "city" and place.rank == 1), None)
    if capital is None:
        return None
    counties = [
        one for one in world.regions if one.level == "county" and one.code[:4] == capital.region[:4]
    ]  # fmt: skip
    stops = Counter(
        world.regions[region].code
        for line in world.lines
        for region in world.network.edge_region[line.edges[line.stops]].tolist()
    )
    return min(
        counties, key=lambda one: (stops[one.code], -float(haversine_m(*one.centre, capital.lon, capital.lat))),
        default=None,
    )  # fmt: skip


def _zone(world: World, county: Region) -> shapely.Polygon:
    """The seat with the towns near it and what lies between, some kilometres around, within the county."""
    settled = [county.centre] + [
        (place.lon, place.lat)
        for place in world.places
        if place.kind == "town" and place.region == county.code
        and haversine_m(place.lon, place.lat, *county.centre) <= REACH_M
    ]  # fmt: skip
    around = shapely.MultiPoint(settled).convex_hull.buffer(_MARGIN_DEG)
    within = shapely.intersection(around, county.geometry).simplify(_PLAIN_DEG)
    whole = shapely.set_precision(within, 10**-_DIGITS)
    largest = max(shapely.get_parts(whole), key=shapely.area)
    points = [(round(lon, _DIGITS), round(lat, _DIGITS)) for lon, lat in largest.exterior.coords]
    return shapely.Polygon(points)
