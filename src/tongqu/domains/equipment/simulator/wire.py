"""The frames a simulated terminal sends all the time, packed by hand; everything else goes through the codec."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from tongqu.domains.equipment.simulator.values import Fix
from tongqu.protocols.jt808.wire import bcd_of_time, wrap

LOCATION, BATCH, HEARTBEAT = 0x0200, 0x0704, 0x0002
_BASIC = Struct(">IIIIHHH6s")
_ITEMS = Struct(">BBIBBHBBHBBIBBBBBB")
_SOUTH, _WEST = 1 << 2, 1 << 3
BATCH_MOST = 17
"""Positions of this size that fit into one frame of 1,023 bytes."""


def position(fix: Fix, bcd: bytes, crossing: tuple[int, int, int] | None = None) -> bytes:
    """Body of a 0x0200: the basic block and the items 01 02 03 25 30 31, and 12 where an area was crossed.

    Args:
        bcd: time of the fix, BCD YYMMDDhhmmss in GMT+8.
        crossing: type of the area, its number, 0 in or 1 out.
    """
    status = fix.status | (_SOUTH if fix.lat < 0 else 0) | (_WEST if fix.lon < 0 else 0)
    speed = round(fix.speed_kmh * 10)
    body = _BASIC.pack(
        fix.alarm,
        status,
        round(abs(fix.lat) * 1e6),
        round(abs(fix.lon) * 1e6),
        round(fix.altitude_m) & 0xFFFF,
        speed,
        round(fix.heading_deg) % 360,
        bcd,
    ) + _ITEMS.pack(
        0x01, 4, round(fix.mileage_km * 10) & 0xFFFFFFFF,
        0x02, 2, round(fix.fuel_l * 10) & 0xFFFF,
        0x03, 2, speed,
        0x25, 4, 0,
        0x30, 1, 27,
        0x31, 1, 16,
    )  # fmt: skip
    if crossing is not None:
        kind, number, out = crossing
        body += bytes((0x12, 6, kind)) + number.to_bytes(4, "big") + bytes((out,))
    return body


def batch(bodies: Sequence[bytes], refill: bool) -> bytes:
    """Body of a 0x0704: {count WORD, type BYTE, {length WORD, body} × count}."""
    parts = [len(bodies).to_bytes(2, "big"), b"\x01" if refill else b"\x00"]
    for body in bodies:
        parts += (len(body).to_bytes(2, "big"), body)
    return b"".join(parts)


class Header:
    """Makes frames of one identity."""

    __slots__ = ("_flag", "_phone")

    def __init__(self, phone: str, version: int) -> None:
        long = version >= 2019
        self._flag = 0x4000 if long else 0
        self._phone = (b"\x01" if long else b"") + bytes.fromhex(phone.rjust(20 if long else 12, "0"))

    def frame(self, message_id: int, serial: int, body: bytes) -> bytes:
        """One raw frame; the body must fit."""
        head = message_id.to_bytes(2, "big") + (len(body) | self._flag).to_bytes(2, "big")
        return wrap(head + self._phone + serial.to_bytes(2, "big") + body)


class Seconds:
    """The BCD time of the last second asked for: thousands of terminals share it."""

    def __init__(self) -> None:
        self._second, self._bcd = -1, b""

    def bcd(self, at_ms: int) -> bytes:
        if (second := at_ms // 1000) != self._second:
            self._second, self._bcd = second, bcd_of_time(second * 1000)
        return self._bcd
