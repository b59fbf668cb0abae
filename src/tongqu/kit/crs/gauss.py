"""CGCS2000 3-degree Gauss-Krüger zones, and a local origin that keeps engineering coordinates lossless.

Zones and their EPSG codes: GB/T 17798 / EPSG 4513 (zone 25, easting with the zone number before it) to 4533, and 4534
(central meridian 75° E, easting without it) to 4554. Axis order is always easting, northing (pyproj `always_xy`),
whatever the authority's own order is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

FIRST_ZONE, LAST_ZONE = 25, 45
_EPSG_PREFIXED = 4513
_EPSG_PLAIN = 4534
_CGCS2000 = 4490


def zone_of(lon: float) -> int:
    """Number of the 3-degree zone that a longitude lies in.

    Raises:
        ValueError: outside the zones of China (73.5° to 136.5° E).
    """
    zone = int(np.floor(lon / 3.0 + 0.5))
    if not FIRST_ZONE <= zone <= LAST_ZONE:
        raise ValueError(f"longitude {lon} lies in no 3-degree zone of CGCS2000")
    return zone


@dataclass(frozen=True)
class GaussZone:
    """A 3-degree zone of CGCS2000.

    Attributes:
        zone: 25 to 45; its central meridian is three times that.
        prefixed: eastings carry the zone number before them (`40 500 000`), as most surveys give them.
    """

    zone: int
    prefixed: bool = True

    def __post_init__(self) -> None:
        if not FIRST_ZONE <= self.zone <= LAST_ZONE:
            raise ValueError(f"CGCS2000 has no 3-degree zone {self.zone}")

    @classmethod
    def of_epsg(cls, epsg: int) -> GaussZone:
        """The zone of an EPSG code.

        Raises:
            ValueError: the code is none of the 3-degree zones.
        """
        for first, prefixed in ((_EPSG_PREFIXED, True), (_EPSG_PLAIN, False)):
            if 0 <= epsg - first <= LAST_ZONE - FIRST_ZONE:
                return cls(epsg - first + FIRST_ZONE, prefixed)
        raise ValueError(f"EPSG:{epsg} is no 3-degree zone of CGCS2000")

    @property
    def epsg(self) -> int:
        return (_EPSG_PREFIXED if self.prefixed else _EPSG_PLAIN) + self.zone - FIRST_ZONE

    @property
    def central_meridian_deg(self) -> int:
        return 3 * self.zone

    def project(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees to easting and northing in metres."""
        return _transform(self.epsg, lon, lat, inverse=False)

    def unproject(self, easting_m: ArrayLike, northing_m: ArrayLike) -> tuple[Floats, Floats]:
        """Easting and northing in metres to degrees."""
        return _transform(self.epsg, easting_m, northing_m, inverse=True)


@dataclass(frozen=True)
class LocalFrame:
    """Metres from a local origin in a zone: numbers small enough that single precision keeps the millimetre.

    The origin is kept in whole metres, so adding and taking it away is exact in double precision to 1e-9 m.

    Attributes:
        zone: the zone that the coordinates are projected in.
        easting_m, northing_m: the origin, whole metres.
        height_m: the origin's height, whole metres, in the vertical datum of the data.
    """

    zone: GaussZone
    easting_m: int
    northing_m: int
    height_m: int = 0

    @classmethod
    def around(cls, lon: float, lat: float) -> LocalFrame:
        """A frame with its origin at the kilometre south-west of a point.

        Raises:
            ValueError: the point lies in no zone.
        """
        zone = GaussZone(zone_of(lon))
        easting, northing = zone.project(lon, lat)
        return cls(zone, int(easting // 1000) * 1000, int(northing // 1000) * 1000)

    def to_local(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees to metres east and north of the origin."""
        easting, northing = self.zone.project(lon, lat)
        return easting - self.easting_m, northing - self.northing_m

    def to_lonlat(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Metres east and north of the origin to degrees."""
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        return self.zone.unproject(x + self.easting_m, y + self.northing_m)


def _transform(epsg: int, x: ArrayLike, y: ArrayLike, *, inverse: bool) -> tuple[Floats, Floats]:
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    first, second = _transformer(epsg).transform(xs, ys, direction="INVERSE" if inverse else "FORWARD")
    return np.asarray(first), np.asarray(second)


@cache
def _transformer(epsg: int) -> Any:
    from pyproj import Transformer  # its database is opened only by who projects

    return Transformer.from_crs(_CGCS2000, epsg, always_xy=True)
