"""What this room declares of whole files: spreadsheets, GPX tracks, GeoJSON. What reads them is loaded with a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tongqu.kernel.imports.loader import Loader
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.layers import Layer, LayerType, Legend, PropertyType
from tongqu.kernel.telemetry.stream import Stream
from tongqu.kernel.things import Kind

LOAD, SEE = "imports.load", "imports.shapes"
RECORDER = Kind("recorder", moving=True)
TRACKS_NUMBER = 40
TRACKS_STREAM = Stream(
    "imports.tracks", TRACKS_NUMBER, "tongqu.kernel.imports.files.tracks:decode", source_kind=RECORDER.id
)
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_GEOJSON = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Feature)"')
_COLOUR = "@place-service"

SHAPES = Layer(
    id="imports.shapes",
    group="network",
    type=LayerType.MVT,
    order=700,
    properties={"name": PropertyType.TEXT, "file": PropertyType.TEXT},
    read=SEE,
    style=(
        {"id": "fill", "type": "fill", "source-layer": "imports.shapes", "filter": ["==", ["geometry-type"], "Polygon"],
         "paint": {"fill-color": _COLOUR, "fill-opacity": 0.15}},
        {"id": "line", "type": "line", "source-layer": "imports.shapes",
         "paint": {"line-color": _COLOUR, "line-width": 2}},
        {"id": "point", "type": "circle", "source-layer": "imports.shapes",
         "filter": ["==", ["geometry-type"], "Point"], "paint": {"circle-color": _COLOUR, "circle-radius": 4}},
    ),
    legend=(Legend("shape", _COLOUR, "line"),),
)  # fmt: skip


def is_spreadsheet(path: Path, head: bytes) -> float:
    """A workbook by its first members, a CSV by its ending and by being text."""
    if head.startswith(b"PK\x03\x04"):
        return 0.9 if b"[Content_Types].xml" in head or b"xl/" in head else 0.0
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return 0.6  # an old workbook: its reader says what to do
    if path.suffix.lower() not in _TEXT_SUFFIXES:
        return 0.0
    return 0.5 if path.suffix.lower() in (".csv", ".tsv") else 0.15


def is_gpx(_: Path, head: bytes) -> float:
    text = head.decode("utf-8", "replace").lower()
    if "<gpx" not in text:
        return 0.0
    return 0.95 if "topografix.com/gpx" in text else 0.7


def is_geojson(_: Path, head: bytes) -> float:
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return 0.0
    return 0.8 if _GEOJSON.search(head) else 0.0


def _load_spreadsheet(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    from tongqu.kernel.imports.files import spreadsheets

    return spreadsheets.load(context, path, options)


def _load_tracks(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    from tongqu.kernel.imports.files import tracks

    return tracks.load(context, path, options)


def _load_shapes(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    from tongqu.kernel.imports.files import shapes

    return shapes.load(context, path, options)


LOADERS = (
    Loader("imports.spreadsheet", is_spreadsheet, _load_spreadsheet, permission=LOAD, suffixes=(".xlsx", ".csv")),
    Loader("imports.tracks", is_gpx, _load_tracks, permission=LOAD, suffixes=(".gpx",)),
    Loader("imports.shapes", is_geojson, _load_shapes, permission=LOAD, suffixes=(".geojson", ".json")),
)
