"""Geometry with height and datum, shapes of regions, and linear referencing by stakes. See README.md."""

from tongqu.kernel.geo.calibration import Mark, plain
from tongqu.kernel.geo.geometry import Bounds, Geometry, VerticalDatum, check, geometry_columns, read_geojson
from tongqu.kernel.geo.index import RegionIndex
from tongqu.kernel.geo.locator import Found, Locator
from tongqu.kernel.geo.routes import (
    NewLine,
    Route,
    RouteLine,
    add_route,
    amend_route,
    find_routes,
    lines_of,
    normal_number,
    put_lines,
    put_marks,
    route,
)
from tongqu.kernel.geo.service import (
    RegionShape,
    end_region_shape,
    put_region_shape,
    region_shape,
    tolerance_deg,
)
from tongqu.kernel.geo.stakes import (
    Direction,
    Stake,
    StakeLocator,
    StakePlace,
    StakeText,
    format_place,
    format_stake,
    parse_place,
    parse_stake,
)

__all__ = [
    "Bounds",
    "Direction",
    "Found",
    "Geometry",
    "Locator",
    "Mark",
    "NewLine",
    "RegionIndex",
    "RegionShape",
    "Route",
    "RouteLine",
    "Stake",
    "StakeLocator",
    "StakePlace",
    "StakeText",
    "VerticalDatum",
    "add_route",
    "amend_route",
    "check",
    "end_region_shape",
    "find_routes",
    "format_place",
    "format_stake",
    "geometry_columns",
    "lines_of",
    "normal_number",
    "parse_place",
    "parse_stake",
    "plain",
    "put_lines",
    "put_marks",
    "put_region_shape",
    "read_geojson",
    "region_shape",
    "route",
    "tolerance_deg",
]
