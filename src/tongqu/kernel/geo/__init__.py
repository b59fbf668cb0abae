"""Geometry with height and datum, and the shapes of regions. Linear referencing comes beside them. See README.md."""

from tongqu.kernel.geo.geometry import Bounds, Geometry, VerticalDatum, check, geometry_columns, read_geojson
from tongqu.kernel.geo.index import RegionIndex
from tongqu.kernel.geo.service import (
    RegionShape,
    end_region_shape,
    put_region_shape,
    region_shape,
    tolerance_deg,
)

__all__ = [
    "Bounds",
    "Geometry",
    "RegionIndex",
    "RegionShape",
    "VerticalDatum",
    "check",
    "end_region_shape",
    "geometry_columns",
    "put_region_shape",
    "read_geojson",
    "region_shape",
    "tolerance_deg",
]
