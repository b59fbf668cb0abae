"""`locations.geojson`: the zones in which one may be picked up or set down on request.

Source: GTFS Schedule reference, Files, locations.geojson (adopted March 2024); RFC 7946 for the geometry.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

import shapely

FILE = "locations.geojson"


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: its id, what people call it, its shape in degrees WGS 84 (a shapely Polygon or MultiPolygon)."""

    id: str
    name: str
    shape: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a part of the flexible service of a feed cannot be used.

    Attributes:
        code: the code name of the canonical validator.
        file: the file it stands in.
        id: of the feature, rule or trip; its place in the file where it has none.
        reason: what exactly is wrong, for who mends the file.
    """

    code: str
    file: str
    id: str
    reason: str = ""


class _Wrong(Exception):
    """A feature that cannot be used: code and reason."""


def zones(data: bytes) -> tuple[tuple[Zone, ...], tuple[Fault, ...]]:
    """The zones of a `locations.geojson`, and what is wrong with the features that are none.

    A broken feature is left out, the others live. What is no feature collection at all has no zones.
    """
    faults: list[Fault] = []
    try:
        whole = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_Keys)
        if not isinstance(whole, _Keys):
            raise _Wrong("malformed_json", "no object")
        if whole.get("type") != "FeatureCollection":
            missing = "type" not in whole
            code = "missing_required_element" if missing else "unsupported_geo_json_type"
            raise _Wrong(code, "type" if missing else str(whole["type"])[:80])
        features = whole.get("features")
        if not isinstance(features, list):
            raise _Wrong("missing_required_element", "features")
    except (ValueError, RecursionError) as error:
        return (), (Fault("malformed_json", FILE, "", str(error)[:200]),)
    except _Wrong as wrong:
        return (), (Fault(wrong.args[0], FILE, "", wrong.args[1]),)
    faults += [Fault("geo_json_duplicated_element", FILE, "", key) for key in whole.repeated]
    found: dict[str, Zone] = {}
    for index, feature in enumerate(features):
        try:
            zone = _zone(feature)
            if zone.id in found:
                raise _Wrong("duplicate_geo_json_key", "id")
            found[zone.id] = zone
        except _Wrong as wrong:
            known = feature.get("id") if isinstance(feature, dict) else None
            faults.append(Fault(wrong.args[0], FILE, str(index if known is None else known), wrong.args[1]))
    return tuple(found.values()), tuple(faults)


class _Keys(dict[str, Any]):
    """A JSON object that remembers which of its keys were written twice (the last one counts)."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = sorted({name for name in names if names.count(name) > 1}) if len(self) < len(names) else []


def _zone(feature: Any) -> Zone:
    if not isinstance(feature, _Keys):
        raise _Wrong("unsupported_feature_type", "no object")
    for name in ("type", "id", "geometry"):
        if feature.get(name) in (None, ""):
            raise _Wrong("missing_required_element", name)
    if feature["type"] != "Feature":
        raise _Wrong("unsupported_feature_type", str(feature["type"])[:80])
    if feature.repeated:
        raise _Wrong("geo_json_duplicated_element", ", ".join(feature.repeated))
    properties = feature.get("properties")
    called = properties.get("stop_name") if isinstance(properties, dict) else None
    return Zone(str(feature["id"]), str(called or ""), _shape(feature["geometry"]))


def _shape(geometry: Any) -> Any:
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type") if isinstance(geometry, dict) else "none"
        raise _Wrong("unsupported_geometry_type", str(kind)[:80])
    if "coordinates" not in geometry:
        raise _Wrong("missing_required_element", "coordinates")
    written = geometry["coordinates"]
    parts = [written] if geometry["type"] == "Polygon" else written
    if not isinstance(parts, list) or not parts:
        raise _Wrong("invalid_geometry", "no polygon")
    made = [_polygon(part) for part in parts]
    shape = made[0] if len(made) == 1 else shapely.MultiPolygon(made)
    if not shape.is_valid:
        raise _Wrong("invalid_geometry", shapely.is_valid_reason(shape)[:200])
    return shape


def _polygon(rings: Any) -> Any:
    if not isinstance(rings, list) or not rings:
        raise _Wrong("invalid_geometry", "a polygon without a ring")
    shell, *holes = [_ring(ring) for ring in rings]
    return shapely.Polygon(shell, holes)


def _ring(ring: Any) -> list[tuple[float, float]]:
    """A closed ring of four or more positions (RFC 7946 3.1.6)."""
    if not isinstance(ring, list) or len(ring) < 4:
        raise _Wrong("invalid_geometry", "a ring of fewer than four positions")
    points = []
    for position in ring:
        if not isinstance(position, list) or len(position) < 2:
            raise _Wrong("invalid_geometry", "a position without two numbers")
        lon, lat = position[:2]
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (lon, lat))
        # a number beyond what a float holds is no longitude either
        if not numbers or not (abs(lon) <= 180 and abs(lat) <= 90) or not math.isfinite(lon + lat):
            raise _Wrong("invalid_geometry", f"no place on earth: {str(position[:2])[:80]}")
        points.append((float(lon), float(lat)))
    if points[0] != points[-1]:
        raise _Wrong("invalid_geometry", "a ring that is not closed")
    return points
