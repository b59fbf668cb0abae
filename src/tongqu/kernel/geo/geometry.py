"""Geometry as the platform keeps it: a shape in longitude and latitude, and the vertical datum of its heights.

`read_geojson` and `check` are the door: what comes in is valid, in range, and has a datum for its heights, or is
refused with the place of the first thing that is wrong. `geometry_columns` are the columns of a table that holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
import shapely
from sqlalchemy import Column, Float, LargeBinary, String

from tongqu.kernel.store import column
from tongqu.kit import crs
from tongqu.kit.errors import Invalid, Problem

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

TYPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


class VerticalDatum(StrEnum):
    """What heights count from."""

    NATIONAL_1985 = "national_1985"  # 1985国家高程基准 (GB/T 22021), EPSG:5737
    YELLOW_SEA_1956 = "yellow_sea_1956"  # 1956年黄海高程系, EPSG:5736
    ELLIPSOID = "ellipsoid"  # 大地高 over the CGCS2000 ellipsoid, EPSG:4480
    CHART = "chart"  # 理论最低潮面, depths of charts (GB 12327)


@dataclass(frozen=True)
class Geometry:
    """A shape in EPSG:4326 / CGCS2000 and the datum of its heights.

    Attributes:
        shape: a shapely geometry, longitude first; heights in metres if it has any.
        vertical: what the heights count from; None for a shape without heights.

    Raises:
        Invalid: `geo.no_vertical_datum`: heights without a datum mean nothing.
    """

    shape: Any
    vertical: VerticalDatum | None = None

    def __post_init__(self) -> None:
        if self.shape.has_z and self.vertical is None:
            raise Invalid("geo.no_vertical_datum", field="vertical")

    @property
    def bounds(self) -> Bounds:
        west, south, east, north = self.shape.bounds
        return west, south, east, north

    @property
    def wkb(self) -> bytes:
        """ISO WKB, little endian, with heights if there are any."""
        return bytes(shapely.to_wkb(self.shape, flavor="iso", byte_order=1))

    def as_columns(self) -> dict[str, Any]:
        """Values of the columns that `geometry_columns` makes."""
        west, south, east, north = self.bounds
        return {
            "geometry": self.wkb,
            "vertical": self.vertical,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
        }

    @classmethod
    def of_columns(cls, row: Mapping[str, Any]) -> Geometry:
        """The geometry of a row of a table with `geometry_columns`."""
        vertical = row["vertical"]
        return cls(shapely.from_wkb(row["geometry"]), None if vertical is None else VerticalDatum(vertical))

    def as_geojson(self, tolerance_deg: float = 0.0) -> dict[str, Any]:
        """The shape as a GeoJSON geometry (RFC 7946), simplified to the tolerance, to 1e-7 degree."""
        shape = self.shape.simplify(tolerance_deg) if tolerance_deg > 0 else self.shape
        rounded = shapely.transform(shape, lambda xy: xy.round(7), include_z=False)
        return dict(orjson.loads(shapely.to_geojson(rounded)))


def geometry_columns() -> list[Column[Any]]:
    """The columns of a table that holds one geometry a row: WKB, vertical datum, bounding box in degrees."""
    box: list[Column[Any]] = [column(side, Float) for side in ("west", "south", "east", "north")]
    return [column("geometry", LargeBinary), column("vertical", String(20), nullable=True), *box]


def read_geojson(
    value: Any,
    *,
    datum: crs.Datum = crs.Datum.WGS84,
    vertical: VerticalDatum | None = None,
    types: frozenset[str] = TYPES,
    field: str = "geometry",
) -> Geometry:
    """A checked geometry from a GeoJSON geometry object.

    Args:
        value: parsed JSON.
        datum: how its longitudes and latitudes are to be read; converted to WGS-84.
        vertical: datum of its heights; heights are left out without it, since GeoJSON does not say theirs.
        types: the types of geometry that are taken.
        field: name of the field, the begin of the path to the place of an error.

    Raises:
        Invalid: `geo.bad_geometry`, with one problem for each thing that is wrong and its place.
    """
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in types:
        raise _refusal(Problem("geo.wrong_type", field=field, params={"type": kind, "known": ", ".join(sorted(types))}))
    problems = list(_coordinate_problems(value, field))
    if problems:
        raise Invalid("geo.bad_geometry", field=problems[0].field, problems=problems[:20])
    try:
        shape = shapely.from_geojson(orjson.dumps(value))
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise _refusal(Problem("geo.unreadable", field=field, params={"reason": str(error)})) from error
    if vertical is None:
        shape = shapely.force_2d(shape)
    return check(shape, datum=datum, vertical=vertical, field=field)


def check(
    shape: Any,
    *,
    datum: crs.Datum = crs.Datum.WGS84,
    vertical: VerticalDatum | None = None,
    field: str = "geometry",
) -> Geometry:
    """A checked geometry from a shapely one.

    Raises:
        Invalid: `geo.bad_geometry`, its problem naming what is wrong and where.
    """
    if shape is None or shape.is_empty:
        raise _refusal(Problem("geo.empty", field=field))
    if not _box_is_plain(shape):
        xy = shapely.get_coordinates(shape)
        codes = crs.faults(xy[:, 0], xy[:, 1])
        wrong = codes.nonzero()[0]
        if len(wrong):
            first = int(wrong[0])
            raise _refusal(_fault(crs.sanity.FAULTS[codes[first]], xy[first, 0], xy[first, 1], field))
    if not shape.is_valid:
        raise _refusal(_reason(shapely.is_valid_reason(shape), field))
    if datum is not crs.Datum.WGS84:
        shape = shapely.transform(shape, lambda xy: _shifted(xy, datum))
    return Geometry(shape, vertical)


def _box_is_plain(shape: Any) -> bool:
    """Whether the bounding box alone shows that no coordinate is at fault (NaN, which it hides, is invalid to GEOS)."""
    west, south, east, north = shape.bounds
    in_range = west >= -180 and east <= 180 and south >= -90 and north <= 90
    return bool(in_range and not (west <= 0 <= east and south <= 0 <= north))


def _shifted(xy: Any, datum: crs.Datum) -> Any:
    point = crs.to_wgs84(xy[:, 0], xy[:, 1], datum)
    xy[:, 0], xy[:, 1] = point.lon, point.lat
    return xy


def _refusal(problem: Problem) -> Invalid:
    return Invalid("geo.bad_geometry", field=problem.field, problems=[problem])


_PLACE = re.compile(r"(?P<what>.*)\[(?P<lon>\S+) (?P<lat>\S+).*\]")
_REASONS = {
    "Self-intersection": "geo.self_intersection",
    "Ring Self-intersection": "geo.ring_self_intersection",
    "Hole lies outside shell": "geo.hole_outside",
    "Holes are nested": "geo.nested_holes",
    "Nested shells": "geo.nested_shells",
    "Duplicate Rings": "geo.duplicate_rings",
    "Interior is disconnected": "geo.disconnected",
    "Too few points in geometry component": "geo.too_few_points",
}


def _reason(reason: str, field: str) -> Problem:
    found = _PLACE.fullmatch(reason)
    what = found["what"] if found else reason
    place = {"lon": float(found["lon"]), "lat": float(found["lat"])} if found else {"lon": None, "lat": None}
    return Problem(_REASONS.get(what, "geo.invalid_shape"), field=field, params={"reason": what, **place})


def _fault(fault: crs.Fault | None, lon: float, lat: float, path: str) -> Problem:
    return Problem(f"geo.{fault}", field=path, params={"lon": float(lon), "lat": float(lat)})


def _coordinate_problems(value: dict[str, Any], path: str) -> Iterator[Problem]:
    """What is wrong with single positions and rings of a GeoJSON geometry, each with its path."""
    if value["type"] == "GeometryCollection":
        parts = value.get("geometries")
        if not isinstance(parts, list):
            yield Problem("geo.no_coordinates", field=f"{path}.geometries")
            return
        for index, part in enumerate(parts):
            if isinstance(part, dict) and part.get("type") in TYPES:
                yield from _coordinate_problems(part, f"{path}.geometries[{index}]")
            else:
                yield Problem("geo.no_coordinates", field=f"{path}.geometries[{index}]")
        return
    coordinates = value.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        yield Problem("geo.no_coordinates", field=f"{path}.coordinates")
        return
    yield from _positions(coordinates, f"{path}.coordinates", "Polygon" in value["type"])


def _positions(node: list[Any], path: str, rings: bool) -> Iterator[Problem]:
    if node and all(isinstance(part, int | float) for part in node):
        if len(node) < 2:
            yield Problem("geo.no_coordinates", field=path)
        elif fault := crs.fault_of(node[0], node[1]):
            yield _fault(fault, node[0], node[1], path)
        return
    if not all(isinstance(part, list) for part in node):
        yield Problem("geo.no_coordinates", field=path)
        return
    is_ring = rings and node and node[0] and all(isinstance(part, int | float) for part in node[0])
    if is_ring and (len(node) < 4 or node[0] != node[-1]):
        yield Problem("geo.open_ring", field=f"{path}[{len(node) - 1}]")
    for index, part in enumerate(node):
        yield from _positions(part, f"{path}[{index}]", rings)
