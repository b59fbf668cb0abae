"""The ships of the demo: sixty, seeded, on the lanes of its sea, at its quays and anchorages; they speak real AIS."""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from tongqu.domains.navigation import service
from tongqu.domains.navigation.gateway.server import LISTENER, PORT
from tongqu.domains.navigation.lanes import Lane, Waters, waters
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.world.values import World
from tongqu.protocols import nmea

log = logging.getLogger("tongqu.demo")
ACTOR = system_actor("demo")
SHIPS = 60
KNOT_MS = 1852 / 3600
VOYAGE_S, AID_S, BASE_S, RETRY_S = 60.0, 30.0, 10.0, 3.0
BASE_MMSI, FIRST_AID = 4_130_099, 994_131_001
_FIRST = ("OCEAN", "EASTERN", "HARBOUR", "GOLDEN", "SILVER", "NORTHERN", "PACIFIC", "CORAL", "AMBER", "JADE")
_LAST = ("STAR", "HOPE", "PEARL", "VOYAGER", "CRANE", "BREEZE", "HORIZON", "GLORY", "TIDE", "LOTUS")
_GOALS = ("WANGTING", "SHANGHAI", "NINGBO", "BUSAN", "KAOHSIUNG", "QINGDAO", "HONG KONG", "SINGAPORE")
_KINDS = (
    (70, 180, 28),
    (70, 120, 18),
    (80, 183, 32),
    (60, 95, 17),
    (30, 32, 7),
    (52, 30, 10),
    (37, 14, 4),
    (40, 40, 11),
)
"""Type of ship, length and beam in metres."""


@dataclass
class Ship:
    """A ship of the demo.

    Attributes:
        lane: where she sails; None if she lies still at `place`.
        speed_kn: while she sails.
        from_m: where on her lane she was at the beginning; she turns at both ends.
    """

    mmsi: int
    name: str
    call_sign: str
    imo: int
    kind: tuple[int, int, int]
    class_b: bool
    lane: Lane | None
    place: tuple[float, float]
    speed_kn: float
    from_m: float
    destination: str
    moored: bool

    @property
    def every_s(self) -> float:
        """Reporting interval; ships at rest speak more often than the standard's three minutes, to be seen."""
        return 30.0 if self.lane is None else 6.0 if not self.class_b else 15.0

    def state(self, seconds: float) -> dict[str, Any]:
        """Fields of her position report, `seconds` after the beginning."""
        if self.lane is None:
            lon, lat = self.place
            return {"longitude_deg": lon, "latitude_deg": lat, "speed_kn": 0.0, "heading_deg": self.mmsi * 7 % 360}
        length = max(self.lane.length_m, 1.0)
        way = (self.from_m + self.speed_kn * KNOT_MS * seconds) % (2 * length)
        lon, lat, bearing = self.lane.at(min(way, 2 * length - way))
        bearing = bearing if way < length else (bearing + 180) % 360
        course = round(bearing, 1) % 360
        return {
            "longitude_deg": lon,
            "latitude_deg": lat,
            "speed_kn": self.speed_kn,
            "course_deg": course,
            "heading_deg": round(course) % 360,
        }

    def position(self, seconds: float, utc_s: int) -> list[str]:
        body = self.state(seconds) | {"second": utc_s % 60, "accuracy": True}
        if self.class_b:
            return nmea.encode(18, self.mmsi, body | {"carrier_sense": True}, channel="B")
        status = 0 if self.lane is not None else 5 if self.moored else 1
        return nmea.encode(1, self.mmsi, body | {"status": status, "turn_deg_min": 0.0}, channel="A")

    def particulars(self, sequence: int) -> list[str]:
        ship_type, length, beam = self.kind
        size = {
            "to_bow_m": length * 3 // 4,
            "to_stern_m": length - length * 3 // 4,
            "to_port_m": beam // 2,
            "to_starboard_m": beam - beam // 2,
        }
        if self.class_b:
            part_b = {"part": 1, "ship_type": ship_type, "call_sign": self.call_sign, **size}
            return nmea.encode(24, self.mmsi, {"part": 0, "name": self.name}) + nmea.encode(24, self.mmsi, part_b)
        voyage = {
            "imo": self.imo,
            "call_sign": self.call_sign,
            "name": self.name,
            "ship_type": ship_type,
            "draught_m": round(length / 22, 1),
            "destination": self.destination,
            "eta_month": 12,
            "eta_day": 1 + self.mmsi % 28,
            "eta_hour": self.mmsi % 24,
            "eta_minute": 0,
            "epfd": 1,
            **size,
        }
        return nmea.encode(5, self.mmsi, voyage, sequence=sequence)


def ships(sea: Waters, seed: int) -> list[Ship]:
    """The same ships for the same sea and seed."""
    chance = random.Random(seed)
    made = []
    for number in range(SHIPS):
        kind = _KINDS[number % len(_KINDS)]
        class_b = kind[1] < 35
        still = number % 4 == 3
        moored = still and number % 8 == 3
        berth = sea.berths[number % len(sea.berths)]
        if moored or not sea.anchorages:
            place = (berth[0] + chance.uniform(-0.002, 0.002), berth[1] + chance.uniform(-0.0005, 0.0005))
        else:
            place = sea.anchorages[chance.randrange(len(sea.anchorages))]
        lane = None if still or not sea.lanes else sea.lanes[number % len(sea.lanes)]
        digits = f"9{number * 37 % 10}{number:02d}{number * 13 % 100:02d}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=True)) % 10
        made.append(
            Ship(
                mmsi=413_990_000 + number,
                name=f"{_FIRST[number % 10]} {_LAST[number // 6 % 10]}",
                call_sign=f"BX{number:04d}",
                imo=int(f"{digits}{check}"),
                kind=kind,
                class_b=class_b,
                lane=lane,
                place=place,
                speed_kn=round(chance.uniform(6, 18), 1),
                from_m=chance.uniform(0, 2 * lane.length_m) if lane else 0.0,
                destination=_GOALS[number % len(_GOALS)],
                moored=moored,
            )
        )
    return made


def fill(platform: Platform, world: World) -> None:
    """Enter the receiver of the demo: it stands at the port, so its ships belong to the port's city."""
    sea = waters(world)
    if sea is None:
        return
    name = f"{sea.port_name} AIS 岸站"
    with platform.store.write(ACTOR) as work:
        service.receiver(work, "tcp", "127.0.0.1", region=sea.region, name=name)


def run(platform: Platform, world: World, cancelled: threading.Event) -> None:
    """Sail until cancelled; a gateway that is not there yet or goes away is called again."""
    sea = waters(world)
    if sea is None:
        cancelled.wait()
        return
    settings = platform.settings
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    fleet = ships(sea, world.seed)
    begin_s = time.time()
    while not cancelled.is_set():
        try:
            with socket.create_connection((host, settings.ports.get(LISTENER, PORT)), timeout=10) as connection:
                _talk(connection, fleet, sea, begin_s, cancelled)
        except OSError as error:
            log.info("the AIS gateway does not answer, trying again: %s", error)
        cancelled.wait(RETRY_S)


def _talk(
    connection: socket.socket, fleet: list[Ship], sea: Waters, begin_s: float, cancelled: threading.Event
) -> None:
    """Send what is due, four times a second."""
    position_at = {ship.mmsi: number * 0.05 for number, ship in enumerate(fleet)}
    particulars_at = {ship.mmsi: number * 0.2 for number, ship in enumerate(fleet)}
    started = time.monotonic()
    aid_at, base_at, sequence = 0.0, 0.0, 0
    while not cancelled.wait(0.25):
        now = time.monotonic() - started
        at_s = time.time()
        lines: list[str] = []
        for ship in fleet:
            if now >= position_at[ship.mmsi]:
                position_at[ship.mmsi] = now + ship.every_s
                lines += ship.position(at_s - begin_s, int(at_s))
            if now >= particulars_at[ship.mmsi]:
                particulars_at[ship.mmsi] = now + VOYAGE_S
                sequence = (sequence + 1) % 10
                lines += ship.particulars(sequence)
        if now >= aid_at:
            aid_at = now + AID_S
            lines += _aids(sea, int(at_s))
        if now >= base_at:
            base_at = now + BASE_S
            lines += _base(sea, at_s)
        if lines:
            connection.sendall("".join(f"{line}\r\n" for line in lines).encode("ascii"))


def _aids(sea: Waters, utc_s: int) -> list[str]:
    """Fairway buoys on the first lane; the last one has drifted off."""
    if not sea.lanes:
        return []
    lines = []
    lane = sea.lanes[0]
    for number in range(6):
        lon, lat, _ = lane.at(2500.0 * (number + 1))
        body = {
            "aid_type": 24 + number % 2,
            "name": f"WT FAIRWAY {number + 1}",
            "longitude_deg": lon,
            "latitude_deg": lat,
            "second": utc_s % 60,
            "off_position": number == 5,
            "virtual": number == 4,
            "epfd": 1,
        }
        lines += nmea.encode(21, FIRST_AID + number, body)
    return lines


def _base(sea: Waters, at_s: float) -> list[str]:
    utc = time.gmtime(at_s)
    lon, lat = sea.berths[0]
    body = {
        "year": utc.tm_year,
        "month": utc.tm_mon,
        "day": utc.tm_mday,
        "hour": utc.tm_hour,
        "minute": utc.tm_min,
        "second": utc.tm_sec,
        "longitude_deg": lon,
        "latitude_deg": lat,
        "accuracy": True,
        "epfd": 7,
    }
    return nmea.encode(4, BASE_MMSI, body)
