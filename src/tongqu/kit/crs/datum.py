"""GCJ-02 and BD-09: the shifted coordinates of Chinese map services, in and out.

Neither is a datum in the geodetic sense and neither has a published standard; the formulas are those that all open
implementations share. They are for the edge only: nothing inside the platform is kept in them.

Inside a box around China GCJ-02 adds a smooth shift of 100 to 700 m to WGS-84; BD-09 turns and stretches GCJ-02 about
the origin. Both are inverted by iteration until the forward formula meets the given point again, to 1e-9 degree.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of the box in which GCJ-02 shifts; tested on the point that is given."""

_A_M = 6_378_245.0  # Krasovsky ellipsoid, as the shift uses it
_EE = 0.006_693_421_622_965_943
_BD_TURN = np.pi * 3000.0 / 180.0
_CLOSE_DEG = 1e-10
_ROUNDS = 12


class Datum(StrEnum):
    """How a longitude and latitude are to be read. CGCS2000 counts as WGS-84: they differ by centimetres."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class LonLat(NamedTuple):
    """Longitudes and latitudes in degrees."""

    lon: Floats
    lat: Floats


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> LonLat:
    """Degrees in the given datum to degrees in WGS-84; error of the inversion below 1e-9 degree (0.1 mm).

    Within about 0.01 degree of the edge of `BOX` the shift is cut off and has no inverse: there the point keeps
    the side of the edge on which it was given.
    """
    point = _floats(lon, lat)
    if datum is Datum.WGS84:
        return point
    if datum is Datum.BD09:
        point = _solve(_bd09_of_gcj02, point)
    inside = _in_box(point)
    solved = _solve(_shifted, point)
    return LonLat(np.where(inside, solved.lon, point.lon), np.where(inside, solved.lat, point.lat))


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> LonLat:
    """Degrees in WGS-84 to degrees in the given datum."""
    point = _floats(lon, lat)
    if datum is Datum.WGS84:
        return point
    inside = _in_box(point)
    shifted = _shifted(point)
    gcj02 = LonLat(np.where(inside, shifted.lon, point.lon), np.where(inside, shifted.lat, point.lat))
    return gcj02 if datum is Datum.GCJ02 else _bd09_of_gcj02(gcj02)


def _floats(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    return LonLat(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))


def _in_box(point: LonLat) -> NDArray[np.bool_]:
    west, south, east, north = BOX
    return (point.lon >= west) & (point.lon <= east) & (point.lat >= south) & (point.lat <= north)


def _solve(forward: Callable[[LonLat], LonLat], target: LonLat) -> LonLat:
    """The point whose `forward` image is `target`: the shift is so smooth that each round gains three digits."""
    lon, lat = target
    for _ in range(_ROUNDS):
        image = forward(LonLat(lon, lat))
        off_lon, off_lat = target.lon - image.lon, target.lat - image.lat
        lon, lat = lon + off_lon, lat + off_lat
        if not np.any((np.abs(off_lon) > _CLOSE_DEG) | (np.abs(off_lat) > _CLOSE_DEG)):
            break
    return LonLat(lon, lat)


def _shifted(point: LonLat) -> LonLat:
    """WGS-84 to GCJ-02 without the box."""
    x, y = point.lon - 105.0, point.lat - 35.0
    phi = np.radians(point.lat)
    w2 = 1.0 - _EE * np.sin(phi) ** 2
    meridian = _A_M * (1.0 - _EE) / (w2 * np.sqrt(w2))
    parallel = _A_M / np.sqrt(w2) * np.cos(phi)
    return LonLat(
        point.lon + np.degrees(_east_m(x, y) / parallel),
        point.lat + np.degrees(_north_m(x, y) / meridian),
    )


def _waves(angle: Floats, *terms: tuple[float, float]) -> Floats:
    """Sum of `amplitude * sin(angle * pi * frequency)`, times 2/3."""
    total = np.zeros_like(angle)
    for amplitude, frequency in terms:
        total += amplitude * np.sin(angle * np.pi * frequency)
    return total * (2.0 / 3.0)


def _east_m(x: Floats, y: Floats) -> Floats:
    bend = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return bend + _waves(x, (20.0, 6.0), (20.0, 2.0), (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))


def _north_m(x: Floats, y: Floats) -> Floats:
    bend = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return (
        bend
        + _waves(x, (20.0, 6.0), (20.0, 2.0))
        + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    )


def _bd09_of_gcj02(point: LonLat) -> LonLat:
    radius = np.hypot(point.lon, point.lat) + 0.00002 * np.sin(point.lat * _BD_TURN)
    angle = np.arctan2(point.lat, point.lon) + 0.000003 * np.cos(point.lon * _BD_TURN)
    return LonLat(radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006)
