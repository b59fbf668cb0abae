"""Values of a metro's timetable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Station:
    """A station of a line; `distance_m` is that from the station before (of a loop's first: from its last)."""

    name: str
    distance_m: int
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A routing that trains of a direction follow.

    Attributes:
        stations: indices of the line's stations in the order of travel, at which the train stops.
        carriages: how many, 0 as the line.
    """

    name: str
    stations: tuple[int, ...]
    carriages: int = 0


@dataclass(frozen=True)
class Direction:
    """A direction of a line: its order of stations, and its plans; the first plan is that of trains without another."""

    name: str
    order: tuple[int, ...]
    plans: tuple[Plan, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayGroup:
    """Days of one timetable: weekdays (1 Monday to 7), or single days."""

    name: str
    weekdays: tuple[int, ...]
    dates: tuple[date, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A train that leaves a station: minutes after midnight of the service day, and the plan it follows."""

    minute: int
    plan: str


@dataclass(frozen=True)
class Line:
    """A line. `departures[direction][day group][station index]` are in order of time."""

    name: str
    colour: str
    aliases: tuple[str, ...]
    stations: tuple[Station, ...]
    loop: bool
    loop_last_minutes: int
    directions: tuple[Direction, ...]
    days: tuple[DayGroup, ...]
    departures: dict[str, dict[str, dict[int, tuple[Departure, ...]]]]

    @property
    def track_km(self) -> float:
        return sum(station.distance_m for station in self.stations) / 1000


@dataclass(frozen=True)
class Transfer:
    """The walk between two lines in a station, or between two stations.

    Attributes:
        minutes: by the data, to the half minute.
        distance_m, stairs: None where not known.
        limited: it holds at some times only.
    """

    from_station: str
    from_line: str
    from_direction: str
    to_station: str
    to_line: str
    to_direction: str
    minutes: float
    distance_m: int | None = None
    stairs: int | None = None
    limited: bool = False


@dataclass(frozen=True)
class City:
    """A city's metro. `transfers` holds both ways."""

    name: str
    lines: tuple[Line, ...]
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True)
class Run:
    """A train: the stations it calls at by their index in the line, with minutes after midnight of the service day.

    Attributes:
        arrives_only: the last minute is not of the timetable, but of the running time of other trains.
    """

    line: str
    direction: str
    days: str
    plan: str
    calls: tuple[tuple[int, int], ...]
    arrives_only: bool = False
