"""A second kind of frame for the tests: proves that telemetry knows no wire format.

A toy frame is `b"T" + n` and n fixes of `<q d d H h I I d B`: time, lon, lat, altitude, heading, alarm, status,
mileage, speed in km/h. `b"H"` is a heartbeat, `b"!"` makes the decoder fail, anything else is refused.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np

from tongqu.kernel.telemetry.stream import Stream
from tongqu.kit.arrow import Decoded, Frames

FIX = struct.Struct("<qddHhIIdB")
TOY = Stream("toys.toy", 77, f"{__name__}:decode", fixed_mask=2, alarm_levels=(0xFF, 0xFF00, 0xFF0000))
NAMES = ("time_ms", "lon", "lat", "altitude_m", "heading_deg", "alarm", "status", "mileage_km", "speed_kmh")


def frame(*fixes, refill: bool = False) -> bytes:
    """A frame with fixes (time_ms, lon, lat) or longer."""
    rest = (12, 90, 0, 2, 1234.5, 36)
    body = b"".join(FIX.pack(*(tuple(fix) + rest[len(fix) - 3 :])) for fix in fixes)
    return (b"R" if refill else b"T") + bytes((len(fixes),)) + body


def decode(frames: Frames) -> Decoded:
    rows, keys, refill, of, bad, reasons = [], [], [], [], [], []
    for i in range(len(frames)):
        raw = frames.raw(i)
        if raw[:1] == b"!":
            raise ZeroDivisionError("the toy is broken")
        if raw[:1] == b"H":
            continue
        if raw[:1] not in b"TR" or len(raw) != 2 + raw[1] * FIX.size:
            bad.append(i)
            reasons.append("toy")
            continue
        for at in range(2, len(raw), FIX.size):
            block = raw[at : at + FIX.size]
            rows.append(FIX.unpack(block))
            keys.append(int.from_bytes(hashlib.sha256(block).digest()[:8], "little"))
            refill.append(raw[:1] == b"R")
            of.append(i)
    table = list(zip(*rows, strict=True)) if rows else [()] * len(NAMES)
    columns = {name: np.array(values) for name, values in zip(NAMES, table, strict=True)}
    columns["source"] = frames.source[np.array(of, dtype=np.int32)]
    columns["key"] = np.array(keys, dtype=np.uint64)
    columns["refill"] = np.array(refill, dtype=bool)
    return Decoded(columns, np.array(of, dtype=np.int32), np.array(bad, dtype=np.int32), reasons)
