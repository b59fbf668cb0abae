"""Areas and routes: circles, rectangles, polygons, routes, their deletion and query.

Times of an area may have an empty date and mean every day; they then stay digits. South and west stand in the
attribute bits of the area, for a route in those of each segment, behind the coordinates they belong to.
"""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd_time, if_bit, if_value, repeat, text, u8, u16, u32, unless_value
from tongqu.protocols.jt808.fields import Field, Number
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.message import MessageTable, message
from tongqu.protocols.jt808.tables import words


def _latitude(name: str = "latitude_deg", *, flags: str = "area_attributes", bit: int = 6) -> Number:
    return u32(name, scale=1e-6, sign=(flags, bit))


def _longitude(name: str = "longitude_deg", *, flags: str = "area_attributes", bit: int = 7) -> Number:
    return u32(name, scale=1e-6, sign=(flags, bit))


_HEAD: Final = (u32("area_id"), u16("area_attributes", flags=words.AREA))
_TIMES: Final = (
    bcd_time("start_time_ms", when=if_bit("area_attributes", 0)),
    bcd_time("end_time_ms", when=if_bit("area_attributes", 0)),
)
_LIMITED: Final = if_bit("area_attributes", 1)
_SPEED: Final = (u16("max_speed_kmh", when=_LIMITED), u8("overspeed_s", when=_LIMITED))
_NIGHT: Final = (u16("night_max_speed_kmh", when=_LIMITED, since=2019), text("area_name", prefix="H", since=2019))

_CIRCLE: Final = Layout(*_HEAD, _latitude(), _longitude(), u32("radius_m"), *_TIMES, *_SPEED, *_NIGHT)
_RECTANGLE: Final = Layout(
    *_HEAD,
    _latitude("top_latitude_deg"),
    _longitude("left_longitude_deg"),
    _latitude("bottom_latitude_deg"),
    _longitude("right_longitude_deg"),
    *_TIMES,
    *_SPEED,
    *_NIGHT,
)
_POINT: Final = Layout(_latitude(), _longitude())
_CORNER: Final = Layout(
    u32("corner_id"),
    u32("segment_id"),
    _latitude(flags="segment_attributes", bit=2),
    _longitude(flags="segment_attributes", bit=3),
    u8("width_m"),
    u8("segment_attributes", flags=words.SEGMENT),
    u16("too_long_s", when=if_bit("segment_attributes", 0)),
    u16("too_short_s", when=if_bit("segment_attributes", 0)),
    u16("max_speed_kmh", when=if_bit("segment_attributes", 1)),
    u8("overspeed_s", when=if_bit("segment_attributes", 1)),
    u16("night_max_speed_kmh", when=if_bit("segment_attributes", 1), since=2019),
)
_SET: Final = u8("setting", codes=words.SETTING)
_CIRCLES: Final = (_SET, repeat("circles", _CIRCLE, prefix="B"))
_RECTANGLES: Final = (_SET, repeat("rectangles", _RECTANGLE, prefix="B"))
_POLYGON: Final = (*_HEAD, *_TIMES, *_SPEED, repeat("points", _POINT, prefix="H"), *_NIGHT)
_ROUTE: Final = (
    u32("route_id"),
    u16("route_attributes", flags=words.ROUTE),
    bcd_time("start_time_ms", when=if_bit("route_attributes", 0)),
    bcd_time("end_time_ms", when=if_bit("route_attributes", 0)),
    repeat("corners", _CORNER, prefix="H"),
    text("area_name", prefix="H", since=2019),
)


def _delete(id: int, name: str, ids: str, one: str) -> MessageTable:
    """Deletion of areas by id; no id means all."""
    return message(id, name, repeat(ids, u32(one), prefix="B"))


def _queried(name: str, fields: tuple[Field, ...], kind: int) -> Field:
    return repeat(name, Layout(*fields), counted_by="count", when=if_value("query_type", kind))


MESSAGES: Final = (
    message(0x8600, "set_circles", *_CIRCLES),
    _delete(0x8601, "delete_circles", "area_ids", "area_id"),
    message(0x8602, "set_rectangles", *_RECTANGLES),
    _delete(0x8603, "delete_rectangles", "area_ids", "area_id"),
    message(0x8604, "set_polygon", *_POLYGON),
    _delete(0x8605, "delete_polygons", "area_ids", "area_id"),
    message(0x8606, "set_route", *_ROUTE),
    _delete(0x8607, "delete_routes", "route_ids", "route_id"),
    message(
        0x8608,
        "query_areas",
        u8("query_type", codes=words.QUERY_TYPE),
        repeat("area_ids", u32("area_id"), prefix="I"),
    ),
    # The printed layout cannot carry areas; by its own text the reply holds bodies of the setting messages.
    message(
        0x0608,
        "areas_reply",
        u8("query_type", codes=words.QUERY_TYPE),
        u32("count"),
        _queried("circle_settings", _CIRCLES, 1),
        _queried("rectangle_settings", _RECTANGLES, 2),
        _queried("polygons", _POLYGON, 3),
        _queried("routes", _ROUTE, 4),
        repeat("area_ids", u32("area_id"), counted_by="count", when=unless_value("query_type", 1, 2, 3, 4)),
        answers=(0x8608,),
    ),
)
