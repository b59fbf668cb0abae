"""What a simulated terminal does with commands: texts, areas, parameters, tracking. Crossing an area, it alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tongqu.kit.errors import TongquError
from tongqu.protocols import jt808

if TYPE_CHECKING:
    from tongqu.domains.equipment.simulator.terminal import SimulatedTerminal
    from tongqu.protocols.jt808 import Message

OK, UNSUPPORTED = 0, 3
AREA_ALARM = 1 << 20
ENTRY, EXIT = 1 << 3, 1 << 5
"""Area attributes: alarm to the platform on entry, on exit."""
SHAPES = {"circles": 1, "rectangles": 2, "polygon": 3, "route": 4}
RESET_S = 3.0


class Device:
    """The memory of a terminal that has been sent commands.

    Attributes:
        areas: type (1 circle, 2 rectangle, 3 polygon, 4 route) and number to the area as it was set.
        parameters: by name, as the codec calls them.
        texts: the last texts it was shown.
    """

    def __init__(self, terminal: SimulatedTerminal) -> None:
        self.terminal = terminal
        self.areas: dict[tuple[int, int], dict[str, Any]] = {}
        self.parameters: dict[str, Any] = {
            "heartbeat_interval_s": 60,
            "default_interval_s": terminal.interval_ms // 1000,
        }
        self.texts: list[str] = []
        self._inside: set[tuple[int, int]] = set()

    def obey(self, message: Message) -> None:
        """Carry out a command and answer it."""
        answer = ANSWERS.get(message.head.message_id)
        if answer is None or not message.ok:
            self._reply(message, UNSUPPORTED if message.ok else 2)
            return
        try:
            answer(self, message)
        except TongquError:
            self._reply(message, 1)

    def crossing(self, lon: float, lat: float) -> tuple[int, int, int] | None:
        """The area that was entered (0) or left (1) since the last fix and alarms on it: type, number, direction."""
        found = None
        for key, area in self.areas.items():
            inside = _covers(key[0], area, lon, lat)
            if inside == (key in self._inside):
                continue
            (self._inside.add if inside else self._inside.discard)(key)
            if area["area_attributes"] & (ENTRY if inside else EXIT):
                found = (*key, 0 if inside else 1)
        return found

    # answers

    def _reply(self, message: Message, result: int = OK) -> None:
        head = message.head
        self.terminal.send(
            0x0001, head.serial.to_bytes(2, "big") + head.message_id.to_bytes(2, "big") + bytes((result,))
        )

    def _say(self, message_id: int, body: dict[str, Any]) -> None:
        self.terminal.send(message_id, jt808.encode_body(message_id, body, version=self.terminal.identity.version))

    def _text(self, message: Message) -> None:
        self.texts = [*self.texts[-9:], message.body["text"]]
        self._reply(message)

    def _set_areas(self, message: Message) -> None:
        body = message.body
        for name in ("circles", "rectangles"):
            for area in body.get(name, ()):
                self.areas[SHAPES[name], area["area_id"]] = area
        if "points" in body:
            self.areas[3, body["area_id"]] = body
        if "corners" in body:
            self.areas[4, body["route_id"]] = body | {"area_attributes": 0}
        self._reply(message)

    def _delete_areas(self, message: Message) -> None:
        kind = (message.head.message_id - 0x8601) // 2 + 1
        numbers = message.body.get("area_ids", message.body.get("route_ids", ()))
        for key in [key for key in self.areas if key[0] == kind and (not numbers or key[1] in numbers)]:
            del self.areas[key]
            self._inside.discard(key)
        self._reply(message)

    def _query_areas(self, message: Message) -> None:
        kind, wanted = message.body["query_type"], message.body["area_ids"]
        found = [area for key, area in self.areas.items() if key[0] == kind and (not wanted or key[1] in wanted)]
        named = {1: "circle_settings", 2: "rectangle_settings", 3: "polygons", 4: "routes"}.get(kind)
        inner = {1: "circles", 2: "rectangles"}.get(kind)
        if inner is not None:
            found = [{"setting": 0, inner: [area]} for area in found]
        if kind == 4:
            found = [{name: value for name, value in area.items() if name != "area_attributes"} for area in found]
        body: dict[str, Any] = {"query_type": kind, "count": len(found)}
        self._say(0x0608, body | ({named: found} if named else {"area_ids": []}))

    def _set_parameters(self, message: Message) -> None:
        self.parameters |= message.body["parameters"]
        interval_s = self.parameters.get("default_interval_s")
        if isinstance(interval_s, int) and interval_s > 0:
            self.terminal.own_interval_ms = interval_s * 1000
        self._reply(message)

    def _query_parameters(self, message: Message) -> None:
        answer = {"reply_serial": message.head.serial, "parameters": self.parameters}
        self._say(0x0104, answer)

    def _query_some(self, message: Message) -> None:
        trial = jt808.encode_body(0x0104, {"reply_serial": message.head.serial, "parameters": self.parameters})
        wanted, kept, count, at = set(message.body["parameter_ids"]), b"", 0, 3
        while at < len(trial):
            end = at + 5 + trial[at + 4]
            if int.from_bytes(trial[at : at + 4], "big") in wanted:
                kept, count = kept + trial[at:end], count + 1
            at = end
        self.terminal.send(0x0104, trial[:2] + bytes((count,)) + kept)

    def _locate(self, message: Message) -> None:
        self.terminal.send(0x0201, message.head.serial.to_bytes(2, "big") + self.terminal.position_now())

    def _track(self, message: Message) -> None:
        self.terminal.track(message.body["interval_s"], message.body["duration_s"])
        self._reply(message)

    def _control(self, message: Message) -> None:
        self._reply(message)
        if message.body["command"] in (4, 5):
            self.areas.clear()
            self.terminal.restart(RESET_S)

    def _doors(self, message: Message) -> None:
        self.terminal.send(0x0500, message.head.serial.to_bytes(2, "big") + self.terminal.position_now())

    def _attributes(self, message: Message) -> None:
        who = self.terminal.identity
        self._say(
            0x0107,
            {
                "terminal_type": 0b0100,
                "maker": who.maker[:5],
                "model": who.model,
                "terminal_id": who.terminal_id,
                "iccid": who.imei.rjust(20, "0"),
                "hardware_version": "sim",
                "firmware_version": who.software,
                "gnss_modules": 0b11,
                "network_modules": 0b100000,
            },
        )


ANSWERS: dict[int, Callable[[Device, Message], None]] = {
    0x8103: Device._set_parameters,
    0x8104: Device._query_parameters,
    0x8105: Device._control,
    0x8106: Device._query_some,
    0x8107: Device._attributes,
    0x8201: Device._locate,
    0x8202: Device._track,
    0x8300: Device._text,
    0x8500: Device._doors,
    **dict.fromkeys((0x8600, 0x8602, 0x8604, 0x8606), Device._set_areas),
    **dict.fromkeys((0x8601, 0x8603, 0x8605, 0x8607), Device._delete_areas),
    0x8608: Device._query_areas,
}


def _covers(kind: int, area: dict[str, Any], lon: float, lat: float) -> bool:
    if kind == 1:
        return _distance_m(area["longitude_deg"], area["latitude_deg"], lon, lat) <= area["radius_m"]
    if kind == 2:
        across = area["left_longitude_deg"] <= lon <= area["right_longitude_deg"]
        return across and area["bottom_latitude_deg"] <= lat <= area["top_latitude_deg"]
    if kind == 3:
        return _in_polygon([(point["longitude_deg"], point["latitude_deg"]) for point in area["points"]], lon, lat)
    return False


def _distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Distance on a sphere, good for the few kilometres of an area."""
    from math import cos, hypot, radians

    east = radians(other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return 6_371_008.8 * hypot(east, radians(other_lat - lat))


def _in_polygon(ring: list[tuple[float, float]], lon: float, lat: float) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
