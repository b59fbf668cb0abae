"""What stands along a road, and the classes of roads. Names stand in the catalogues under `options`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tongqu.kernel import things


class FacilityKind(StrEnum):
    """Kinds of things along a road."""

    TOLL_STATION = "toll_station"
    GANTRY = "gantry"
    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    SERVICE_AREA = "service_area"
    MESSAGE_SIGN = "message_sign"
    CAMERA = "camera"
    WEATHER_STATION = "weather_station"


class RoadClass(StrEnum):
    """Administrative classes of roads, and what is none: roads of towns, ramps, roads within sites."""

    EXPRESSWAY = "expressway"
    TRUNK = "trunk"
    PROVINCIAL = "provincial"
    COUNTY = "county"
    TOWNSHIP = "township"
    ARTERIAL = "arterial"
    STREET = "street"
    RAMP = "ramp"
    ACCESS = "access"


@dataclass(frozen=True)
class FacilityStyle:
    """How a kind is drawn: colour token, letter that tells it without colour, and the zoom from which it is drawn."""

    kind: FacilityKind
    colour: str
    letter: str
    min_zoom: int


STYLES = (
    FacilityStyle(FacilityKind.TOLL_STATION, "@category-1", "T", 9),
    FacilityStyle(FacilityKind.SERVICE_AREA, "@category-4", "P", 9),
    FacilityStyle(FacilityKind.TUNNEL, "@category-8", "U", 10),
    FacilityStyle(FacilityKind.BRIDGE, "@category-2", "B", 10),
    FacilityStyle(FacilityKind.GANTRY, "@category-7", "G", 12),
    FacilityStyle(FacilityKind.MESSAGE_SIGN, "@category-5", "M", 11),
    FacilityStyle(FacilityKind.WEATHER_STATION, "@category-3", "W", 10),
    FacilityStyle(FacilityKind.CAMERA, "@category-6", "C", 12),
)
STRETCHES = frozenset({FacilityKind.BRIDGE, FacilityKind.TUNNEL})
"""Kinds that reach from one stake to another."""

FACILITY_CODES = tuple(kind.value for kind in FacilityKind)
CLASS_CODES = tuple(one.value for one in RoadClass)
THING_KINDS = {kind.value: things.Kind(kind.value, unique=("code",)) for kind in FacilityKind}
KINDS = tuple(THING_KINDS.values())
