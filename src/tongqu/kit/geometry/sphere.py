"""Ways on the sphere: quick, and within 0.6 % of the ellipsoid."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG 1980)."""


def haversine_m(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> NDArray[np.float64]:
    """Distances in metres between points in degrees, on the sphere of mean radius (Sinnott 1984)."""
    x1, y1, x2, y2 = (np.radians(np.asarray(value, dtype=np.float64)) for value in (lon, lat, to_lon, to_lat))
    chord = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(np.sqrt(chord), 1.0)))
