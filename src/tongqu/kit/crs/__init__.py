"""Coordinate systems at the edge of the platform; inside, everything is EPSG:4326 / CGCS2000. See README.md."""

from tongqu.kit.crs.datum import Datum, from_wgs84, to_wgs84
from tongqu.kit.crs.gauss import GaussZone, LocalFrame, zone_of
from tongqu.kit.crs.sanity import Fault, fault_of, faults

__all__ = [
    "Datum",
    "Fault",
    "GaussZone",
    "LocalFrame",
    "fault_of",
    "faults",
    "from_wgs84",
    "to_wgs84",
    "zone_of",
]
