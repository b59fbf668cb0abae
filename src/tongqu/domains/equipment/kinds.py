"""Kinds of commands: for each its inputs, the message it becomes on the wire, and what counts as its answer.

Source: JT/T 808-2013 and -2019, clause 8 (0x8103-0x8107, 0x8201, 0x8202, 0x8300, 0x8500, 0x8600-0x8608).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tongqu.domains.equipment.inputs import Input
from tongqu.domains.equipment.inputs import checked as check_inputs
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.text import text
from tongqu.protocols import jt808

Values = dict[str, Any]
Wire = tuple[int, dict[str, Any]]
MOST_POINTS = 1000
SHAPES = ("circle", "rectangle", "polygon", "route")
CONTROLS = {
    "wireless_upgrade": 1,
    "connect_server": 2,
    "power_off": 3,
    "reset": 4,
    "factory_settings": 5,
    "close_data": 6,
    "close_all_wireless": 7,
}
APPEND = 1


@dataclass(frozen=True)
class Kind:
    """A kind of command.

    Attributes:
        id: name; its title stands in the catalogue under `commands.{id}`.
        inputs: what a form asks for.
        wire: `(values, edition) -> (message id, body)`.
        answer: id of the message that carries what was asked for; 0 if the general reply 0x0001 is all there is.
        since: first edition of the standard that has it.
        check: what must hold between inputs, beyond each of them.
    """

    id: str
    inputs: tuple[Input, ...]
    wire: Callable[[Values, int], Wire]
    answer: int = 0
    since: int = 2011
    check: Callable[[Values], list[Problem]] | None = None

    def described(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": text(f"equipment.commands.{self.id}"),
            "since": self.since,
            "fields": [one.described() for one in self.inputs],
        }


def checked(kind: str, values: Mapping[str, Any]) -> Values:
    """The values of a form for a kind, checked down to the last byte: it can be put on the wire in both editions.

    Raises:
        Invalid: with a problem for each field.
    """
    one = KINDS[kind]
    taken = check_inputs(one.inputs, values)
    problems = one.check(taken) if one.check is not None else []
    if problems:
        raise Invalid("equipment.command", problems=problems, field=problems[0].field)
    trial = numbered(kind, taken, 1)
    for edition in (2013, 2019):
        if edition >= one.since:
            message_id, body = one.wire(trial, edition)
            jt808.encode(message_id, body, phone="1", serial=0, version=edition)
    return taken


def numbered(kind: str, values: Values, number: int) -> Values:
    """The values of a new area with a number of its own, unless they have one."""
    if "area_id" in values or all(one.name != "area_id" for one in KINDS[kind].inputs):
        return values
    return values | {"area_id": number}


# texts


def _text(values: Values, edition: int) -> Wire:
    flags = values["urgent"] << 0 | values["display"] << 2 | values["speak"] << 3 | values["advertising"] << 4
    body: dict[str, Any] = {"text_flags": flags, "text": values["text"]}
    if edition >= 2019:
        body["text_type"] = {"notice": 1, "service": 2}[values["text_type"]]
    return 0x8300, body


# areas

_AREA = (
    Input("area_id", "integer", least=1, most=0xFFFFFFFF),
    Input("area_name", "text", default="", most=200),
    Input("entry_alarm", "boolean", default=True),
    Input("exit_alarm", "boolean", default=True),
    Input("from_ms", "time", least=0),
    Input("to_ms", "time", least=0),
)
_SPEED = (
    Input("max_speed_kmh", "integer", least=1, most=240, unit="km/h"),
    Input("overspeed_s", "integer", default=10, least=1, most=255, unit="s"),
    Input("night_max_speed_kmh", "integer", least=1, most=240, unit="km/h"),
)


def _alarms(values: Values) -> int:
    """Attribute bits 2-5: alarm on entry and exit, to the driver and to the platform."""
    return 0b0011 * values["entry_alarm"] << 2 | 0b1100 * values["exit_alarm"] << 2


def _times(values: Values) -> dict[str, Any]:
    """Both times, or none: an open end is written as no time."""
    if "from_ms" not in values and "to_ms" not in values:
        return {}
    return {"start_time_ms": values.get("from_ms"), "end_time_ms": values.get("to_ms")}


def _limits(values: Values, edition: int) -> dict[str, Any]:
    if "max_speed_kmh" not in values:
        return {}
    limits = {"max_speed_kmh": values["max_speed_kmh"], "overspeed_s": values["overspeed_s"]}
    if edition >= 2019:
        limits["night_max_speed_kmh"] = values.get("night_max_speed_kmh", values["max_speed_kmh"])
    return limits


def _area(values: Values, edition: int) -> dict[str, Any]:
    times, limits = _times(values), _limits(values, edition)
    named = {"area_name": values["area_name"]} if edition >= 2019 else {}
    head = {"area_id": values["area_id"], "area_attributes": _alarms(values) | bool(times) | bool(limits) << 1}
    return head | times | limits | named


def _circle(values: Values, edition: int) -> Wire:
    place = {
        "latitude_deg": values["latitude_deg"],
        "longitude_deg": values["longitude_deg"],
        "radius_m": values["radius_m"],
    }
    return 0x8600, {"setting": APPEND, "circles": [_area(values, edition) | place]}


def _rectangle(values: Values, edition: int) -> Wire:
    place = {
        "top_latitude_deg": values["north_deg"],
        "left_longitude_deg": values["west_deg"],
        "bottom_latitude_deg": values["south_deg"],
        "right_longitude_deg": values["east_deg"],
    }
    return 0x8602, {"setting": APPEND, "rectangles": [_area(values, edition) | place]}


def _polygon(values: Values, edition: int) -> Wire:
    points = [{"latitude_deg": lat, "longitude_deg": lon} for lon, lat in values["points"]]
    return 0x8604, _area(values, edition) | {"points": points}


def _route(values: Values, edition: int) -> Wire:
    limits, times = _limits(values, edition), _times(values)
    corners = [
        {
            "corner_id": number,
            "segment_id": number,
            "latitude_deg": lat,
            "longitude_deg": lon,
            "width_m": values["width_m"],
            "segment_attributes": bool(limits) << 1,
            **limits,
        }
        for number, (lon, lat) in enumerate(values["points"], 1)
    ]
    body = {"route_id": values["area_id"], "route_attributes": _alarms(values) | bool(times), "corners": corners}
    return 0x8606, body | times | ({"area_name": values["area_name"]} if edition >= 2019 else {})


def _delete(values: Values, _: int) -> Wire:
    position = SHAPES.index(values["shape"])
    return 0x8601 + 2 * position, {("route_ids" if position == 3 else "area_ids"): values["area_ids"]}


def _query_areas(values: Values, _: int) -> Wire:
    return 0x8608, {"query_type": SHAPES.index(values["shape"]) + 1, "area_ids": values["area_ids"]}


def _ordered(values: Values) -> list[Problem]:
    """Pairs that have an order."""
    pairs = (("from_ms", "to_ms"), ("west_deg", "east_deg"), ("south_deg", "north_deg"))
    return [
        Problem("equipment.order", field=high, params={"low": low, "high": high})
        for low, high in pairs
        if low in values and high in values and values[low] >= values[high]
    ]


# parameters and the rest


def _query_parameters(values: Values, _: int) -> Wire:
    if values["parameter_ids"]:
        return 0x8106, {"parameter_ids": values["parameter_ids"]}
    return 0x8104, {}


def _control(values: Values, _: int) -> Wire:
    return 0x8105, {"command": CONTROLS[values["control"]], "command_parameters": values["parameters_text"]}


def _doors(values: Values, edition: int) -> Wire:
    if edition >= 2019:
        return 0x8500, {"controls": [{"control_id": 1, "control_value": int(values["lock"])}]}
    return 0x8500, {"control_flags": int(values["lock"])}


def _longitude(name: str) -> Input:
    return Input(name, "number", required=True, least=-180, most=180, unit="°")


def _latitude(name: str) -> Input:
    return Input(name, "number", required=True, least=-90, most=90, unit="°")


_SHAPE = Input("shape", "enum", required=True, options=SHAPES)
_IDS = Input("area_ids", "ids", default=(), least=0, most=125)

KINDS: dict[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind(
            "text",
            (
                Input("text", "text", required=True, least=1, most=1024),
                Input("text_type", "enum", default="notice", options=("notice", "service")),
                Input("urgent", "boolean", default=False),
                Input("display", "boolean", default=True),
                Input("speak", "boolean", default=True),
                Input("advertising", "boolean", default=False),
            ),
            _text,
        ),
        Kind(
            "circle",
            (
                _longitude("longitude_deg"),
                _latitude("latitude_deg"),
                Input("radius_m", "integer", required=True, least=1, most=1_000_000, unit="m"),
                *_AREA,
                *_SPEED,
            ),
            _circle,
            check=_ordered,
        ),
        Kind(
            "rectangle",
            (
                _longitude("west_deg"),
                _latitude("south_deg"),
                _longitude("east_deg"),
                _latitude("north_deg"),
                *_AREA,
                *_SPEED,
            ),
            _rectangle,
            check=_ordered,
        ),
        Kind(
            "polygon",
            (Input("points", "points", required=True, least=3, most=MOST_POINTS), *_AREA, *_SPEED),
            _polygon,
            check=_ordered,
        ),
        Kind(
            "route",
            (
                Input("points", "points", required=True, least=2, most=MOST_POINTS),
                Input("width_m", "integer", default=50, least=1, most=255, unit="m"),
                *_AREA,
                *_SPEED,
            ),
            _route,
            check=_ordered,
        ),
        Kind("delete_areas", (_SHAPE, _IDS), _delete),
        Kind("query_areas", (_SHAPE, _IDS), _query_areas, answer=0x0608, since=2019),
        Kind(
            "set_parameters",
            (Input("parameters", "values", required=True),),
            lambda values, _: (0x8103, {"parameters": values["parameters"]}),
        ),
        Kind(
            "query_parameters",
            (Input("parameter_ids", "ids", default=(), least=0, most=255),),
            _query_parameters,
            answer=0x0104,
        ),
        Kind("locate", (), lambda _, __: (0x8201, {}), answer=0x0201),
        Kind(
            "track",
            (
                Input("interval_s", "integer", required=True, least=0, most=0xFFFF, unit="s"),
                Input("duration_s", "integer", default=600, least=0, most=0xFFFFFFFF, unit="s"),
            ),
            lambda values, _: (0x8202, {"interval_s": values["interval_s"], "duration_s": values["duration_s"]}),
        ),
        Kind(
            "control",
            (
                Input("control", "enum", required=True, options=tuple(CONTROLS)),
                Input("parameters_text", "text", default="", most=900),
            ),
            _control,
        ),
        Kind("doors", (Input("lock", "boolean", required=True),), _doors, answer=0x0500),
        Kind("attributes", (), lambda _, __: (0x8107, {}), answer=0x0107, since=2013),
    )
}
