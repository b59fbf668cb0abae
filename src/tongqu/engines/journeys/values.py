"""What a traveller asks and what he is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tongqu.engines.streets import Path, Profile

Kind = Literal["walk", "ride", "cycle", "drive", "bike", "on_demand"]
"""`cycle`: on one's own bicycle, all the way; `bike`: on a shared one, from station to station; `on_demand`: by a
vehicle that is booked."""


@dataclass(frozen=True)
class Place:
    """Where someone starts or wants to go: a point, or the stops of a station (then the point is its own).

    Attributes:
        stops: indices of the stops meant, if a stop or station was chosen; they cost no walk.
        name: what to call it; empty for a mere point.
    """

    lon: float
    lat: float
    name: str = ""
    stops: tuple[int, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """How someone wants to travel.

    Attributes:
        max_walk_s: longest walk to the first stop and from the last one, each.
        max_direct_s: longest way on foot that is offered instead of riding.
        direct: modes offered from door to door.
        transit: whether to ride at all.
        less_walking: whether journeys are offered that arrive later and save walking.
        shared_bikes: whether bikes may be rented on the way to the first stop, from the last one, or all the way. With
            `less_walking` the time on one counts like walking.
        on_demand: whether a vehicle may be booked from door to door, where a feed has such a service.
    """

    walk_speed_ms: float = 1.33
    step_free: bool = False
    max_walk_s: int = 900
    max_direct_s: int = 3600
    max_transfers: int = 4
    change_s: int = 120
    window_s: int = 0
    transit: bool = True
    less_walking: bool = False
    shared_bikes: bool = False
    on_demand: bool = False
    direct: tuple[Literal["walk", "cycle", "drive"], ...] = ("walk",)

    @property
    def profile(self) -> Profile:
        return Profile(speed_ms=self.walk_speed_ms, step_free=self.step_free, walk_speed_ms=self.walk_speed_ms)


@dataclass(frozen=True)
class End:
    """One end of a leg.

    Attributes:
        stop: index of the stop, -1 for a place.
        door: letter on the sign of the entrance used, empty if there is none.
        platform: what stands on the sign of the platform, empty where nothing is told.
        station: id of a station of shared bikes; then `feed` is its system's code.
    """

    name: str
    lon: float
    lat: float
    stop: int = -1
    stop_id: str = ""
    feed: str = ""
    door: str = ""
    platform: str = ""
    station: str = ""


class Call(NamedTuple):
    """A stop on the way of a ride."""

    end: End
    arrival_ms: int
    departure_ms: int


@dataclass(frozen=True)
class Ride:
    """What a traveller needs to know of the vehicle he boards.

    Attributes:
        calls: boarding, the stops passed, alighting.
        delay_s: behind the timetable when boarding, where real-time data say so; None without any.
        headway_s: on lines that go by frequency.
    """

    feed: str
    trip_id: str
    service_day: str
    line_id: str
    line: str
    line_name: str
    headsign: str
    agency: str
    route_type: int
    colour: str
    text_colour: str
    origin_call: int
    destination_call: int
    calls: tuple[Call, ...]
    stay_seated: bool = False
    headway_s: int = 0
    delay_s: int | None = None


@dataclass(frozen=True)
class Rental:
    """What a traveller needs to know of a shared bike.

    Attributes:
        system: name of the system to rent from.
        vehicles: bikes at the station where one is rented; places: free where it is returned, None without a limit.
        as_of_ms: when that was told; None where nothing is known of it now.
    """

    system: str
    vehicles: int = 0
    places: int | None = None
    as_of_ms: int | None = None


@dataclass(frozen=True)
class Hired:
    """A way with a shared bike as it was once planned: from station to station, and the seconds of its three parts."""

    feed: str
    system: str
    rented: End
    returned: End
    walk_s: int
    cycle_s: int
    walk_on_s: int

    @property
    def seconds(self) -> int:
        return self.walk_s + self.cycle_s + self.walk_on_s

    @classmethod
    def read(cls, values: Sequence[Any]) -> Hired:
        """From `feed, system, id, name, lon, lat, id, name, lon, lat` and three numbers of seconds.

        Raises:
            ValueError, TypeError: it is none.
        """
        feed, system, *rest = values
        a, b, seconds = rest[:4], rest[4:8], [int(part) for part in rest[8:]]
        if len(seconds) != 3 or not all(0 < part <= 86_400 for part in seconds):
            raise ValueError("three parts, each of a second or more")
        ends = [
            End(str(name), float(lon), float(lat), feed=str(feed), station=str(of)) for of, name, lon, lat in (a, b)
        ]  # fmt: skip
        if not all(abs(end.lon) <= 180 and abs(end.lat) <= 90 for end in ends):
            raise ValueError("a station lies on earth")
        return cls(str(feed), str(system), ends[0], ends[1], *seconds)


@dataclass(frozen=True)
class Booking:
    """How a ride on request is booked.

    Attributes:
        kind: `real_time`, `same_day`, `prior_days`.
        until_ms: the last moment to book it; from_ms: the first, None where none is told.
        phone, url, message: as the feed has them, empty where it has none.
    """

    kind: str
    until_ms: int
    from_ms: int | None = None
    phone: str = ""
    url: str = ""
    message: str = ""


@dataclass(frozen=True)
class Requested:
    """What a traveller needs to know of a ride on request.

    Attributes:
        calls: which of the trip's calls one is fetched at and set down at.
        window_ms: between which moments one is fetched.
        estimate: where the duration comes from: `mean` and `safe` of the feed, `guess` where it tells none.
    """

    feed: str
    trip_id: str
    service_day: str
    line_id: str
    line: str
    line_name: str
    agency: str
    calls: tuple[int, int]
    window_ms: tuple[int, int]
    estimate: str
    booking: Booking


@dataclass(frozen=True)
class JourneyLeg:
    """A walk or a ride. `way` is the street's path of a walk; `line` the points of any leg, lon and lat."""

    kind: Kind
    start: End
    end: End
    departure_ms: int
    arrival_ms: int
    length_m: float
    line: Any
    way: Path | None = None
    ride: Ride | None = None
    beeline: bool = False
    rental: Rental | None = None
    requested: Requested | None = None

    @property
    def duration_s(self) -> int:
        return (self.arrival_ms - self.departure_ms) // 1000


@dataclass(frozen=True)
class Journey:
    """An option. Waiting is the time between legs."""

    legs: tuple[JourneyLeg, ...]
    transfers: int

    @property
    def departure_ms(self) -> int:
        return self.legs[0].departure_ms

    @property
    def arrival_ms(self) -> int:
        return self.legs[-1].arrival_ms

    @property
    def duration_s(self) -> int:
        return (self.arrival_ms - self.departure_ms) // 1000

    @property
    def walk_s(self) -> int:
        return sum(leg.duration_s for leg in self.legs if leg.kind == "walk")

    @property
    def walk_m(self) -> float:
        return sum(leg.length_m for leg in self.legs if leg.kind == "walk")

    @property
    def rides(self) -> tuple[JourneyLeg, ...]:
        return tuple(leg for leg in self.legs if leg.ride is not None)


@dataclass(frozen=True)
class Reason:
    """Why there is no journey by public transport.

    Attributes:
        code: `outside_area`, `walk_limit`, `outside_dates`, `no_service_after`, `no_connection`, `not_served`,
            `same_place`, `no_timetable`.
        which: `origin` or `destination` where one of them is to blame.
        params: what a person needs to know about it.
    """

    code: str
    which: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """An answer: journeys by arrival, and why there are none by public transport if there are none."""

    journeys: tuple[Journey, ...]
    reason: Reason | None = None
    notes: tuple[str, ...] = ()
