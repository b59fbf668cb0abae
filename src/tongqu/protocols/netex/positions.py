"""Positions of NeTEx (LocationStructure): longitude and latitude in WGS 84, or gml:pos in a named reference system."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from tongqu.kit.xml import words
from tongqu.protocols.netex.values import Point

_CODE = re.compile(r"(?:.*[^\d])?(\d{4,6})", re.DOTALL)
_CRS84 = re.compile(r".*\bCRS:?84", re.IGNORECASE)
_NAMED = {"WGS84": 4326, "WGS 84": 4326}
_WGS84 = 4326
_BACK = 0.01  # metres, or degrees of geographic systems


class BadPosition(Exception):
    """A position that says nothing; `code` is that of the notice."""

    def __init__(self, code: str, value: str) -> None:
        self.code = code
        self.value = value
        super().__init__(code)


def point_of(location: Element | None, default_crs: str) -> Point | None:
    """The point that a `Location` tells; None where there is none.

    `Longitude` and `Latitude` are WGS 84 always (NeTEx, LocationStructure). The numbers of `gml:pos` stand in the order
    of the axes of their system (for EPSG:4326 latitude first, for EPSG:2056 easting first), which its `srsName` names,
    else that of the location, else the DefaultLocationSystem of the frame: a code of EPSG as number, name, URN or
    address, or CRS84. They are projected to WGS 84 (PROJ, without grids from the network).

    Raises:
        BadPosition: `bad_position`: numbers that are none or lie nowhere on earth; `no_crs`: a `gml:pos` whose system
            is not told; `unknown_crs`.
    """
    if location is None:
        return None
    altitude = _number(words(location.find("Altitude")))
    lon, lat = words(location.find("Longitude")), words(location.find("Latitude"))
    if lon or lat:
        return _checked(_number(lon), _number(lat), altitude, f"{lon}, {lat}")
    position = location.find("pos")
    written = words(position)
    if position is None or not written:
        return None
    crs = position.get("srsName") or location.get("srsName") or default_crs
    numbers = [_number(part) for part in written.split()]
    if len(numbers) not in (2, 3) or numbers[0] is None or numbers[1] is None:
        raise BadPosition("bad_position", written)
    first, second = numbers[0], numbers[1]
    if not crs:
        raise BadPosition("no_crs", written)
    if _CRS84.fullmatch(crs.strip()):
        return _checked(first, second, altitude, written)
    x, y = _projected(_code(crs), first, second, crs)
    return _checked(x, y, altitude if len(numbers) == 2 else numbers[2], written)


def _checked(lon: float | None, lat: float | None, altitude_m: float | None, written: str) -> Point:
    if lon is None or lat is None or not (abs(lon) <= 180 and abs(lat) <= 90) or (lon == 0 and lat == 0):
        raise BadPosition("bad_position", written)
    return Point(round(lon, 7), round(lat, 7), altitude_m)


def _number(written: str) -> float | None:
    try:
        found = float(written)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _code(crs: str) -> int:
    named = _NAMED.get(crs.strip().upper())
    found = _CODE.fullmatch(crs.strip())
    if named is None and found is None:
        raise BadPosition("unknown_crs", crs)
    return named if named is not None else int(found[1])  # type: ignore[index]


def _projected(epsg: int, first: float, second: float, crs: str) -> tuple[float, float]:
    if epsg == _WGS84:
        return second, first
    transformer = _transformer(epsg)
    if transformer is None:
        raise BadPosition("unknown_crs", crs)
    lat, lon = transformer.transform(first, second)
    # numbers beyond a system's reach come out infinite, or somewhere on its edge: they do not lead back
    again = transformer.transform(lat, lon, direction="INVERSE")
    if not all(abs(a - b) <= _BACK for a, b in zip(again, (first, second), strict=True)):
        return math.inf, math.inf
    return float(lon), float(lat)


@lru_cache(maxsize=64)
def _transformer(epsg: int) -> Any:
    from pyproj import Transformer  # its database is opened only by who projects
    from pyproj.exceptions import ProjError

    try:
        return Transformer.from_crs(epsg, _WGS84)
    except ProjError:
        return None
