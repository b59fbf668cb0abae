"""The plane in which the province is made, and the way to longitude and latitude.

The plane is Mercator on the sphere, scaled to true length at `LAT0`: conformal, so shapes and angles are
right, and an image that is regular in it is regular in Web Mercator. Lengths are exact only after `along`,
which measures on the ellipsoid (GRS 80, the ellipsoid of CGCS2000).

x runs east and y north, both in metres from the south-west corner.
"""

from __future__ import annotations

import numpy as np

from tongqu.kit.world.values import Bounds, Floats

LON0, LAT0 = 120.6, 27.9
WIDTH_M, HEIGHT_M = 270_000.0, 210_000.0

_SPHERE_M = 6_378_137.0
_SCALE = _SPHERE_M * float(np.cos(np.radians(LAT0)))
_Y0 = float(np.arctanh(np.sin(np.radians(LAT0))))


def to_lonlat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Plane metres to degrees."""
    lon = LON0 + np.degrees((np.asarray(x) - WIDTH_M / 2) / _SCALE)
    lat = np.degrees(np.arcsin(np.tanh(_Y0 + (np.asarray(y) - HEIGHT_M / 2) / _SCALE)))
    return lon, lat


def to_plane(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees to plane metres."""
    x = WIDTH_M / 2 + np.radians(np.asarray(lon) - LON0) * _SCALE
    y = HEIGHT_M / 2 + (np.arctanh(np.sin(np.radians(lat))) - _Y0) * _SCALE
    return x, y


def lonlat_array(xy: Floats) -> Floats:
    """An (n, 2) array of plane points as an (n, 2) array of lon, lat, rounded to 1e-7 degree (1 cm)."""
    lon, lat = to_lonlat(xy[:, 0], xy[:, 1])
    return np.asarray(np.round(np.column_stack((lon, lat)), 7), np.float64)


def plane_bounds() -> Bounds:
    """West, south, east, north of the whole plane in degrees."""
    lon, lat = to_lonlat(np.array([0.0, WIDTH_M]), np.array([0.0, HEIGHT_M]))
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])
