"""Shared bikes on the way to the first stop, from the last one, or all the way: walk, rent, cycle, return, walk.

A bike is rented at a station with vehicles and returned at another of the same system with free places. Vehicles that
stand free in the street are not rented: where they may be left is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tongqu.engines.journeys.values import Place, Wishes
from tongqu.engines.streets import CYCLE, Stops
from tongqu.engines.streets.graph import Flags, Floats, Ints
from tongqu.engines.streets.transfers import whole

if TYPE_CHECKING:
    from tongqu.engines.journeys.walker import Walker
    from tongqu.engines.streets import Streets

MOST_CYCLE_S = 1800
"""Longest time in the saddle; what most systems let one ride without a further charge."""
MOST_WALK_S = 600.0
"""Longest walk between a station and a stop."""
RENT_S, RETURN_S = 60, 30
"""To unlock a bike and to lock it: the defaults of OpenTripPlanner 2 (pickupTime, dropOffTime)."""
UNLIMITED = -1
BOARDED = (0, 4)
"""Kinds of stops (`stops.location_type`) that one boards at: platforms and boarding areas."""


@dataclass(frozen=True)
class BikeStation:
    """A station of shared bikes, degrees WGS 84."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class _Walks:
    """Walks of each station: those of station k are `stop[first[k]:first[k + 1]]`."""

    first: Ints
    stop: Ints
    seconds: Ints


@dataclass(frozen=True)
class Stands:
    """The stations of one system, stood on streets once, and the walks between them and the stops of a timetable.

    Attributes:
        system: code of the feed they come from.
        on_foot: the timetable's stops, and after them the stations.
        by_bike: the stations.
        stops: how many stops there are.
        usable: stations that lie on streets for walking and for cycling; the others are left out.
    """

    system: str
    stations: tuple[BikeStation, ...]
    on_foot: Stops
    by_bike: Stops
    stops: int
    to_stops: _Walks
    from_stops: _Walks
    usable: Flags

    @classmethod
    def of(cls, system: str, stations: Sequence[BikeStation], walker: Walker, placed: Stops, kinds: Ints) -> Stands:
        """Stand stations on the streets of a walker.

        Args:
            placed, kinds: the stops of the timetable, as `Planner.placed`, and what each of them is.
        """
        lon = np.array([one.lon for one in stations], np.float64)
        lat = np.array([one.lat for one in stations], np.float64)
        streets, stops = walker.streets, len(placed)
        on_foot = streets.stops(
            np.concatenate((placed.lon, lon)), np.concatenate((placed.lat, lat)), walker.profile,
            doors_for=walker.doors_for,
        )  # fmt: skip
        by_bike = streets.stops(lon, lat, CYCLE)
        usable = on_foot.inside[stops:] & by_bike.inside
        walks = streets.transfers(on_foot, walker.profile, bound_s=MOST_WALK_S)
        a = np.repeat(np.arange(len(on_foot), dtype=np.int32), np.diff(walks.first))
        b, boarded = walks.to, np.concatenate((np.isin(kinds, BOARDED), np.zeros(len(stations), bool)))
        return cls(
            system, tuple(stations), on_foot, by_bike, stops,
            _walks(a - stops, b, walks.seconds, ~walks.beeline & (a >= stops) & boarded[b], len(stations)),
            _walks(b - stops, a, walks.seconds, ~walks.beeline & (b >= stops) & boarded[a], len(stations)),
            usable,
        )  # fmt: skip


def _walks(station: Ints, stop: Ints, seconds: Ints, kept: Flags, stations: int) -> _Walks:
    station, stop, seconds = station[kept], stop[kept], np.maximum(seconds[kept], 1)
    order = np.lexsort((stop, station))
    first = np.searchsorted(station[order], np.arange(stations + 1)).astype(np.int32)
    return _Walks(first, stop[order], seconds[order])


@dataclass(frozen=True)
class Bikes:
    """What can be rented and returned at each station of a system, as of a moment.

    Attributes:
        vehicles: bikes to rent by station.
        places: free places by station; `UNLIMITED` where there is always one.
    """

    stands: Stands
    name: str
    vehicles: Ints
    places: Ints
    as_of_ms: int

    @property
    def rents(self) -> Flags:
        """Stations that one can rent at."""
        return np.asarray(self.stands.usable & (self.vehicles > 0))

    @property
    def returns(self) -> Flags:
        """Stations that one can return at."""
        return np.asarray(self.stands.usable & ((self.places > 0) | (self.places == UNLIMITED)))


@dataclass(frozen=True)
class Hire:
    """A way with a shared bike, in the order of travel.

    Attributes:
        rented, returned: stations of `bikes`.
        walk_s: to the station; cycle_s: with unlocking and locking; walk_on_s: from the station. Whole seconds.
    """

    bikes: Bikes
    rented: int
    returned: int
    walk_s: int
    cycle_s: int
    walk_on_s: int

    @property
    def seconds(self) -> int:
        return self.walk_s + self.cycle_s + self.walk_on_s


class Hiring:
    """Finds hires on the streets of a walker."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker

    @property
    def streets(self) -> Streets:
        return self.walker.streets

    def near(self, systems: Sequence[Bikes], place: Place, wishes: Wishes, leaving: bool) -> dict[int, Hire]:
        """The quickest hire between a place and each stop: from the place to it, or (leaving) from the stop.

        Both walks keep to the longest walk that was wished for, the one at the stop also to `MOST_WALK_S`, the ride to
        `MOST_CYCLE_S`. One search is made for all stations: where the quickest station to set out from is too far by
        bike, no other is tried for that stop.
        """
        best: dict[int, Hire] = {}
        for bikes in systems:
            for stop, hire in self._near(bikes, place, wishes, leaving).items():
                if stop not in best or hire.seconds < best[stop].seconds:
                    best[stop] = hire
        return best

    def direct(self, systems: Sequence[Bikes], origin: Place, destination: Place, wishes: Wishes) -> Hire | None:
        """The quickest hire from place to place."""
        found = []
        for bikes in systems:
            walk_s = self._walks_at(bikes, origin, wishes, False)
            station, source, cycle_s = self._ridden(bikes, walk_s, False)
            on_s = self._walks_at(bikes, destination, wishes, True)
            for q, p, ride in zip(station.tolist(), source.tolist(), cycle_s.tolist(), strict=True):
                if np.isfinite(on_s[q]):
                    found.append(Hire(bikes, p, q, int(walk_s[p]), ride, int(on_s[q])))
        return min(found, key=lambda hire: hire.seconds, default=None)

    def _near(self, bikes: Bikes, place: Place, wishes: Wishes, leaving: bool) -> dict[int, Hire]:
        at_place = self._walks_at(bikes, place, wishes, leaving)
        station, source, cycle_s = self._ridden(bikes, at_place, leaving)
        walks = bikes.stands.from_stops if leaving else bikes.stands.to_stops
        counts = walks.first[station + 1] - walks.first[station]
        row = np.repeat(np.arange(len(station)), counts)
        at = np.repeat(walks.first[station] - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
        seconds = whole(walks.seconds[at] / self.walker.pace(wishes.walk_speed_ms))
        fits = seconds <= wishes.max_walk_s
        row, stop, seconds = row[fits], walks.stop[at][fits], seconds[fits]
        total = at_place[source[row]].astype(np.int64) + cycle_s[row] + seconds
        order = np.lexsort((total, stop))
        _, firsts = np.unique(stop[order], return_index=True)
        hires = {}
        for k in order[firsts].tolist():
            q, p = int(station[row[k]]), int(source[row[k]])
            here, there = int(at_place[p]), int(seconds[k])
            ends = (q, p, there, int(cycle_s[row[k]]), here) if leaving else (p, q, here, int(cycle_s[row[k]]), there)
            hires[int(stop[k])] = Hire(bikes, *ends)
        return hires

    def _walks_at(self, bikes: Bikes, place: Place, wishes: Wishes, leaving: bool) -> Floats:
        """Whole seconds between a place and each station by street; infinite beyond the longest walk."""
        stands, speed = bikes.stands, self.walker.pace(wishes.walk_speed_ms)
        reached = self.streets.reach(
            (place.lon, place.lat), stands.on_foot, self.walker.profile, bound_s=wishes.max_walk_s * speed,
            leaving=leaving,
        )  # fmt: skip
        kept = (reached.stop >= stands.stops) & ~reached.beeline
        seconds = np.full(len(stands.stations), np.inf)
        seconds[reached.stop[kept] - stands.stops] = np.maximum(whole(reached.duration_s[kept] / speed), 1)
        return seconds

    def _ridden(self, bikes: Bikes, at_place: Floats, leaving: bool) -> tuple[Ints, Ints, Ints]:
        """Stations at the far end of a ride, the station at the near end of each, and the seconds of the ride."""
        near, far = (bikes.returns, bikes.rents) if leaving else (bikes.rents, bikes.returns)
        begin = np.where(near, at_place, np.inf)
        known = np.isfinite(begin)
        if not known.any():
            return (np.zeros(0, np.int32),) * 3
        seconds, source = self.streets.from_several(
            bikes.stands.by_bike, begin, CYCLE, bound_s=float(begin[known].max()) + MOST_CYCLE_S, back=leaving
        )
        station = np.flatnonzero(far & (source >= 0) & (source != np.arange(len(source)))).astype(np.int32)
        source = source[station]
        ride = whole(seconds[station] - begin[source])
        fits = ride <= MOST_CYCLE_S
        return station[fits], source[fits], np.maximum(ride[fits], 1) + RENT_S + RETURN_S


def with_counts(bikes: Bikes, vehicles: Ints, places: Ints, as_of_ms: int) -> Bikes:
    """The same stations with what is free at a later moment."""
    return replace(bikes, vehicles=vehicles, places=places, as_of_ms=as_of_ms)
