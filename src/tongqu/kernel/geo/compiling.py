"""What the first fix of a vehicle asks of geo, compiled ahead over one square and one road."""

from __future__ import annotations

import numpy as np
import shapely

from tongqu.kernel.geo.limits import SegmentLimits
from tongqu.kernel.geo.lookup import build
from tongqu.kit.geometry.polygons import all_holding


def compile_geo() -> None:
    """Regions of points, polygons that hold them, limits of roads; numba keeps what was compiled on disk."""
    one, lon, lat = np.ones(1), np.full(1, 0.5), np.full(1, 0.5)
    lookup = build([("11", shapely.box(0, 0, 1, 1))])
    assert lookup is not None
    lookup.find(lon, lat)
    all_holding(lookup.polygons, lon, lat)
    limits = SegmentLimits(0 * one, lat, one, lat, 60 * one, np.zeros(1, dtype=np.bool_))
    limits.at(lon, lat, np.full(1, 90, np.int16), np.zeros(1, np.int64))
