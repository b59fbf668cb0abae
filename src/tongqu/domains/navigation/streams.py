"""The stream of AIS: records of the segment log to rows of positions, in bulk."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.telemetry import Stream
from tongqu.kit.arrow import Decoded, Frames

AIS_NUMBER = 3
FIXED, ACCURATE, OWN = 1, 2, 4
STATUS_SHIFT = 8
DISTRESS = 1
KNOT_KMH = 1.852
JUMP_KN = 100.0
_MINUTE_MS = 60_000
_DISTRESS_FROM, _DISTRESS_TO = 970_000_000, 975_000_000
_MIX = np.uint64(0x9E3779B97F4A7C15)


def positions(frames: Frames) -> Decoded:
    """All position reports of the frames; messages without a position give no row.

    The time of a row is the UTC second of the report in the minute nearest to when it was heard (TAG block of the
    record, else receipt), so that two receivers give one report one time; a report without a second has the second in
    which it was heard. `status`: bit 0 a position is there, 1 accurate, 2 own ship, from bit 8 on the navigational
    status (15 where a report has none). `alarm` 1 is AIS-SART, man overboard or EPIRB. The key is a hash of all fields
    but the repeat indicator, so that what a repeater sends again is no second row.
    """
    from tongqu.protocols.nmea import bulk

    read = bulk.decode_frames(frames)
    parts = [_rows(frames, read.tables[name]) for name in ("positions", "extended")]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(columns["frame"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    frame = columns.pop("frame").astype(np.int32)
    reasons = [bulk.REASONS[code] for code in read.rejects[:, 2].tolist()]
    return Decoded(columns, frame, read.rejects[:, 0].astype(np.int32), reasons)


def _rows(frames: Frames, table: Any) -> dict[str, NDArray[Any]]:
    given = table.columns
    there = np.isfinite(given["longitude_deg"]) & np.isfinite(given["latitude_deg"])
    frame = table.chunk[there].astype(np.int64)
    column = {name: values[there] for name, values in given.items()}
    heard_ms = np.where(table.time_ms[there] > 0, table.time_ms[there], frames.received_ms[frame])
    second = column["second"].astype(np.int64) if "second" in column else np.full(len(frame), -1, np.int64)
    speed_kmh = np.nan_to_num(column["speed_kn"]) * KNOT_KMH
    course, heading = column["course_deg"], column["heading_deg"].astype(np.float64)
    shown = np.where((heading >= 0) & (heading < 360), heading, np.where(course < 360, np.round(course), -1))
    status = column["status"] if "status" in column else np.full(len(frame), -1, np.int8)
    altitude = column["altitude_m"] if "altitude_m" in column else np.zeros(len(frame), np.int32)
    mmsi = column["mmsi"]
    return {
        "frame": frame,
        "source": frames.source[frame],
        "time_ms": fix_ms(heard_ms, second),
        "lon": column["longitude_deg"],
        "lat": column["latitude_deg"],
        "altitude_m": np.maximum(altitude, 0).astype(np.int32),
        "speed_kmh": speed_kmh.astype(np.float32),
        "heading_deg": np.where(shown == 360, 0, np.nan_to_num(shown, nan=-1)).astype(np.int16),
        "alarm": ((mmsi >= _DISTRESS_FROM) & (mmsi < _DISTRESS_TO)).astype(np.uint32) * DISTRESS,
        "status": _status(column, status, table.own[there]),
        "mileage_km": np.full(len(frame), np.nan),
        "key": _key(column),
        "refill": np.abs(frames.received_ms[frame] - heard_ms) > _MINUTE_MS,
    }


def fix_ms(heard_ms: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """UTC ms of a report from its second and when it was heard; the second of hearing where it has none."""
    at = heard_ms // _MINUTE_MS * _MINUTE_MS + second * 1000
    at = np.where(at - heard_ms > _MINUTE_MS // 2, at - _MINUTE_MS, at)
    at = np.where(heard_ms - at > _MINUTE_MS // 2, at + _MINUTE_MS, at)
    return np.where((second >= 0) & (second < 60), at, heard_ms // 1000 * 1000).astype(np.int64)


def _status(column: dict[str, NDArray[Any]], status: NDArray[Any], own: NDArray[np.bool_]) -> NDArray[np.uint32]:
    word = np.full(len(status), FIXED, np.uint32)
    word |= np.where(column["accuracy"] == 1, ACCURATE, 0).astype(np.uint32)
    word |= np.where(own, OWN, 0).astype(np.uint32)
    navigational = np.where(status >= 0, status, 15).astype(np.uint32)
    return word | navigational << np.uint32(STATUS_SHIFT)


def _key(column: dict[str, NDArray[Any]]) -> NDArray[np.uint64]:
    """A hash of all numbers of a report but the repeat indicator."""
    key = np.zeros(len(column["mmsi"]), np.uint64)
    for name, values in column.items():
        if name == "repeat" or values.dtype.kind == "S":
            continue
        bits = values.view(np.uint64) if values.dtype == np.float64 else values.astype(np.int64).view(np.uint64)
        key = (key ^ bits) * _MIX
        key ^= key >> np.uint64(29)
    return key


STREAMS = (
    Stream(
        "navigation.ais",
        AIS_NUMBER,
        "tongqu.domains.navigation.streams:positions",
        fixed_mask=FIXED,
        alarm_levels=(0, 0, DISTRESS),
        source_kind="ship",
        jump_kmh=JUMP_KN * KNOT_KMH,
    ),
)
