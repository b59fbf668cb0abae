"""GPX: the recorded tracks of a file (Topografix GPX 1.0 and 1.1), point by point.

Only `<trk>` is read: way points and planned routes are no fixes. A document type is refused before anything is parsed,
so no entity is ever expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tongqu.kit.errors import Invalid


@dataclass(frozen=True)
class TrackPoint:
    """A point of a track as the file has it; what is missing or unreadable is None.

    Attributes:
        track: number of the track in the file, from 1.
        number: number of the point in the file, from 1.
        speed_kmh, heading_deg: from GPX 1.0 elements or the track point extension of Garmin.
    """

    track: int
    track_name: str
    number: int
    lon: float | None
    lat: float | None
    time_ms: int | None
    altitude_m: float | None
    speed_kmh: float | None
    heading_deg: float | None


def points(path: Path) -> Iterator[TrackPoint]:
    """The points of all tracks, in the order of the file.

    Raises:
        Invalid: `imports.xml_doctype`, `imports.broken_xml` with the line.
    """
    with path.open("rb") as opened:
        if b"<!DOCTYPE" in opened.read(1 << 16):
            raise Invalid("imports.xml_doctype")
    track, number, name = 0, 0, ""
    try:
        for event, element in ElementTree.iterparse(path, ("start", "end")):
            tag = _local(element.tag)
            if event == "start" and tag == "trk":
                track, name = track + 1, ""
            elif event == "end" and tag == "trkpt":
                number += 1
                yield _point(element, track, name, number)
                element.clear()
            elif event == "end" and tag == "name" and not name and track:
                name = (element.text or "").strip()[:80]
            elif event == "end" and tag in ("trkseg", "trk", "wpt", "rte"):
                element.clear()
    except ElementTree.ParseError as error:
        raise Invalid("imports.broken_xml", row=error.position[0], line=error.position[0], reason=str(error)) from error


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _point(element: Any, track: int, name: str, number: int) -> TrackPoint:
    found = {_local(child.tag): child.text for child in element.iter() if child is not element}
    speed = _number(found.get("speed"))
    return TrackPoint(
        track=track,
        track_name=name,
        number=number,
        lon=_number(element.get("lon")),
        lat=_number(element.get("lat")),
        time_ms=_time(found.get("time")),
        altitude_m=_number(found.get("ele")),
        speed_kmh=None if speed is None else speed * 3.6,
        heading_deg=_number(found.get("course")),
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _time(text: str | None) -> int | None:
    """UTC ms of an xsd:dateTime; one without a zone is UTC, as GPX 1.1 says."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
