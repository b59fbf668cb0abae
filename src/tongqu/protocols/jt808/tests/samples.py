"""Frames and bodies that several tests use."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tongqu.protocols import jt808

PHONE_2013 = "013800138000"
PHONE_2019 = "00000000013800138000"
TIME_MS = 1_700_000_000_000

POSITION: dict[str, Any] = {
    "alarm": 0,
    "status": 3,
    "latitude_deg": 31.234567,
    "longitude_deg": 121.456789,
    "altitude_m": 12,
    "speed_kmh": 45.6,
    "heading_deg": 123,
    "time_ms": TIME_MS,
    "extras": {
        "mileage_km": 12345.6,
        "fuel_l": 33.3,
        "recorder_speed_kmh": 45.0,
        "signals": 0,
        "signal_strength": 20,
        "satellites": 9,
    },
}


def position(**changes: Any) -> dict[str, Any]:
    """A plausible position with some values changed."""
    return {**POSITION, **changes}


def frame(message_id: int = 0x0200, body: Any = None, *, version: int = 2019, serial: int = 1, **options: Any) -> bytes:
    """The one frame of a message."""
    phone = PHONE_2019 if version == 2019 else PHONE_2013
    (raw,) = jt808.encode(
        message_id, position() if body is None else body, phone=phone, serial=serial, version=version, **options
    )
    return raw


def sealed(inside: bytes) -> bytes:
    """A raw frame around header and body written by hand, with a right checksum."""
    check = 0
    for byte in inside:
        check ^= byte
    escaped = (inside + bytes([check])).replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
    return b"\x7e" + escaped + b"\x7e"


def real_frames(data_dir: Path) -> list[dict[str, Any]]:
    """The 138 frames with their expected decoding."""
    with gzip.open(data_dir / "vehicles" / "jt808_1078_frames.json.gz") as file:
        return json.load(file)["frames"]


def real_session(data_dir: Path) -> list[dict[str, Any]]:
    """The 60 frames of one session, in order."""
    return json.loads((data_dir / "vehicles" / "jt808_session_subiao.json").read_text())["frames"]
