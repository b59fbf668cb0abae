"""Which alarms are one incident: same cause, near in time, and near in place or of the same subject.

Pure functions. An alarm joins the incident of the earliest alarm it belongs with; else it begins one of its own. Alarms
chain: a fog bank that moves along a road stays one incident, since each alarm need only be near one of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, radians

TIME_MS = 15 * 60_000
STAKE_M = 3_000.0
PLACE_M = 2_000.0
_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Member:
    """What grouping needs of an alarm.

    Attributes:
        route: number and region of the route it is on, empty off the routes.
        stake_m: chainage there.
        incident: its key, empty if it has none yet.
    """

    subject: str
    cause: str
    onset_ms: int
    lon: float
    lat: float
    route: str = ""
    stake_m: float = 0.0
    incident: str = ""


def belong(one: Member, other: Member) -> bool:
    """Whether two alarms are of one incident: within a quarter of an hour, and on one route within 3 km of stakes, or
    off the routes within 2 km, or of one subject."""
    if one.cause != other.cause or abs(one.onset_ms - other.onset_ms) > TIME_MS:
        return False
    if one.subject == other.subject:
        return True
    if one.route and other.route:
        return one.route == other.route and abs(one.stake_m - other.stake_m) <= STAKE_M
    return distance_m(one, other) <= PLACE_M


def distance_m(one: Member, other: Member) -> float:
    """Distance on a sphere, good for a few kilometres."""
    east = (one.lon - other.lon) * cos(radians((one.lat + other.lat) / 2))
    return hypot(east, one.lat - other.lat) * _M_PER_DEGREE


def incident_of(alarm: Member, recent: Iterable[Member]) -> str:
    """The key of the incident that an alarm belongs to: of the earliest alarm it belongs with, else a new one."""
    near = [one for one in recent if one.incident and belong(alarm, one)]
    if near:
        return min(near, key=lambda one: (one.onset_ms, one.incident)).incident
    return f"{alarm.cause}-{alarm.onset_ms}-{alarm.subject.rpartition(':')[2]}"
