"""A vehicle whose terminal tells how it was driven, and the alarms that come of it."""

from __future__ import annotations

from typing import Any

import httpx
from shell import until
from terminal import POSITION, Terminal, fix, now_ms

from tongqu.protocols import jt808

BATCH, MOST = 0x0704, 20
HOUR_S, MINUTE_S = 3600, 60
KM_DEG = 0.0102
"""A kilometre in degrees of longitude, a little generous."""


def fit(office: httpx.Client, phone: str, vehicle: dict[str, Any]) -> str:
    """Fit a terminal to a vehicle since yesterday, so that what it refills is the vehicle's; gives its id."""
    terminal = until(lambda: office.get("equipment/terminals", params={"q": phone}).json()["items"])[0]
    body = {"vehicle": vehicle["urn"], "from_ms": now_ms() - 24 * HOUR_S * 1000}
    office.post(f"equipment/terminals/{terminal['id']}/bindings", json=body).raise_for_status()
    return str(terminal["id"])


def batch(fixes: list[dict[str, Any]], refill: bool) -> bytes:
    """Body of 0x0704."""
    bodies = [jt808.encode_body(POSITION, one, version=2019) for one in fixes]
    parts = [len(body).to_bytes(2, "big") + body for body in bodies]
    return len(parts).to_bytes(2, "big") + bytes((refill,)) + b"".join(parts)


def say(terminal: Terminal, fixes: list[dict[str, Any]], refill: bool = False) -> None:
    for first in range(0, len(fixes), MOST):
        assert terminal.result(BATCH, batch(fixes[first : first + MOST], refill)) == 0


def drive(end_ms: int, from_s: int, to_s: int, begin_km: float, speed_kmh: float = 60.0) -> list[dict[str, Any]]:
    """A fix a minute, so many seconds before the end, a kilometre apart; at a stand if the speed is 0."""
    found = []
    for number, before_s in enumerate(range(from_s, to_s, -MINUTE_S)):
        km = begin_km + (number if speed_kmh else 0)
        where = {"longitude_deg": round(118.0 + km * KM_DEG, 6), "latitude_deg": 28.0, "extras": {}}
        found.append(fix(time_ms=end_ms - before_s * 1000, speed_kmh=speed_kmh, heading_deg=90, **where))
    return found


def alarms(office: httpx.Client, vehicle: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    query = {"filter.subject": vehicle["urn"], "filter.rule": rule}
    return list(office.get("alarms", params=query).json()["items"])
