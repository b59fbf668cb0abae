"""Captures to play: recorded sessions (JSON), hex lines, raw streams, GPX tracks; each also gzipped.

Every reader gives frames from a terminal with the second at which each is due.
"""

from __future__ import annotations

import gzip
import json
import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongqu.domains.equipment.simulator import wire
from tongqu.domains.equipment.simulator.values import Fix
from tongqu.kit.errors import Invalid
from tongqu.kit.time import parse_iso
from tongqu.protocols import jt808

GAP_S = 1.0
"""Between frames of which nothing is known."""
EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a capture and when it is due, in seconds from the first."""

    at_s: float
    raw: bytes


def read(path: Path, *, phone: str, version: int = 2019, begin_ms: int | None = None) -> list[Step]:
    """The terminal's frames of a capture.

    Args:
        phone: identity for a track, which has none.
        version: edition in which a track is told.
        begin_ms: move the times of a track so that it begins then; None leaves them.

    Raises:
        Invalid: `equipment.not_a_capture`.
    """
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except OSError as error:
        raise Invalid("equipment.not_a_capture", file=path.name, reason=str(error)) from error
    kind = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    try:
        if kind == ".gpx":
            return track(data, phone=phone, version=version, begin_ms=begin_ms)
        steps = READERS.get(kind, _hex_lines)(data)
    except (ValueError, KeyError, TypeError, ElementTree.ParseError) as error:
        raise Invalid("equipment.not_a_capture", file=path.name, reason=f"{error}") from error
    if not steps:
        raise Invalid("equipment.not_a_capture", file=path.name, reason="no frame in it")
    return steps


def _session(data: bytes) -> list[Step]:
    """`{"frames": [{"dir": "up" | "down", "hex": ..., "at_ms"?: ...}]}`: what came from the terminal."""
    frames = [frame for frame in json.loads(data)["frames"] if frame.get("dir", "up") == "up"]
    if frames and all("at_ms" in frame for frame in frames):
        first = frames[0]["at_ms"]
        return [Step((frame["at_ms"] - first) / 1000, bytes.fromhex(frame["hex"])) for frame in frames]
    return timed(bytes.fromhex(frame["hex"]) for frame in frames)


def _hex_lines(data: bytes) -> list[Step]:
    """A frame a line, with the seconds since the first before it if they are known; # begins a remark."""
    steps, frames = [], []
    for line in data.decode("ascii").splitlines():
        words = line.split("#")[0].split()
        if len(words) == 2:
            steps.append(Step(float(words[0]), bytes.fromhex(words[1])))
        elif words:
            frames.append(bytes.fromhex("".join(words)))
    return steps or timed(frames)


def _stream(data: bytes) -> list[Step]:
    """Recorded bytes of a connection; what is no frame is left out."""
    return timed(chunk.raw for chunk in jt808.Splitter().feed(data) if chunk.ok)


READERS: dict[str, Callable[[bytes], list[Step]]] = {".json": _session, ".bin": _stream, ".raw": _stream}


def timed(frames: Iterable[bytes]) -> list[Step]:
    """Give frames their times by the positions among them; the others lie evenly between."""
    raws = list(frames)
    known = {index: at_ms / 1000 for index, raw in enumerate(raws) if (at_ms := _fix_time(raw)) is not None}
    steps, last = [], 0.0
    times = _between(known, len(raws)) if len(known) > 1 else [index * GAP_S for index in range(len(raws))]
    for raw, at_s in zip(raws, times, strict=True):
        last = max(last, at_s - times[0])  # a refill carries old times: order goes over time
        steps.append(Step(last, raw))
    return steps


def _fix_time(raw: bytes) -> int | None:
    head = jt808.peek(raw)
    if head.message_id != wire.LOCATION or not head.ok:
        return None
    positions = jt808.positions_of(jt808.decode_head(head))
    return int(positions[0]["time_ms"]) if positions else None


def _between(known: dict[int, float], count: int) -> list[float]:
    indices = sorted(known)
    times = []
    for index in range(count):
        before = max((one for one in indices if one <= index), default=None)
        after = min((one for one in indices if one >= index), default=None)
        if before is None or after is None:
            nearest = indices[0] if before is None else indices[-1]
            times.append(known[nearest] + (index - nearest) * GAP_S)
        elif before == after:
            times.append(known[index])
        else:
            share = (index - before) / (after - before)
            times.append(known[before] + share * (known[after] - known[before]))
    return times


# tracks


def track(data: bytes, *, phone: str, version: int, begin_ms: int | None) -> list[Step]:
    """A GPX 1.1 track as the reports of a terminal: a 0x0200 for each point, at its time."""
    points = list(_points(ElementTree.fromstring(data)))
    if not points:
        raise ValueError("no timed track point in it")
    header = wire.Header(phone, version)
    shift_ms = 0 if begin_ms is None else begin_ms - points[0][0]
    seconds = wire.Seconds()
    steps, mileage_m, heading = [], 0.0, 0.0
    for number, (at_ms, lon, lat, altitude_m) in enumerate(points):
        speed_kmh = 0.0
        if number:
            before_ms, before_lon, before_lat, _ = points[number - 1]
            metres, towards = _way(before_lon, before_lat, lon, lat)
            mileage_m += metres
            heading = towards if metres > 1 else heading
            speed_kmh = metres * 3600 / (at_ms - before_ms) if at_ms > before_ms else 0.0
        fix = Fix(lon, lat, altitude_m, min(speed_kmh, 300.0), heading, mileage_m / 1000)
        body = wire.position(fix, seconds.bcd(at_ms + shift_ms))
        raw = header.frame(wire.LOCATION, (number + 10) & 0xFFFF, body)
        steps.append(Step((at_ms - points[0][0]) / 1000, raw))
    return steps


def _points(root: Any) -> Iterable[tuple[int, float, float, float]]:
    for point in root.iter():
        if point.tag.rpartition("}")[2] != "trkpt":
            continue
        found = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in point}
        if found.get("time"):
            yield (
                parse_iso(found["time"].replace("Z", "+00:00")),
                float(point.get("lon")),
                float(point.get("lat")),
                float(found.get("ele") or 0),
            )


def _way(lon1: float, lat1: float, lon2: float, lat2: float) -> tuple[float, float]:
    """Metres between two points on a sphere, and the direction in degrees from north."""
    north = math.radians(lat2 - lat1)
    east = math.radians(lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return EARTH_M * math.hypot(north, east), math.degrees(math.atan2(east, north)) % 360
