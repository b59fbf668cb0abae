"""What a search answers: itineraries of legs, with times as instants and in the timetable's zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of a journey: a ride, or a walk.

    Attributes:
        kind: ``ride`` or ``walk``.
        origin_stop_id, destination_stop_id: stops; None at the open end of a walk from or to a place that is no stop.
        origin_stop, destination_stop: the same as indices into the timetable's stops; -1 at an open end.
        departure_ms, arrival_ms: UTC ms.
        feed, trip_id, line_id, headsign: of a ride.
        service_day: of a ride, the day in its feed's calendar that the trip belongs to, ``YYYYMMDD``.
        origin_call, destination_call: of a ride, position of boarding and alighting among the trip's calls, from 0.
        headway_s: of a ride on a line that goes by frequency, the interval at which one comes; 0 where times are fixed.
        stay_seated: this ride goes on in the vehicle of the one before.
        beeline: of a walk, it was measured as the crow flies.
        live: of a ride, its times are real-time ones.
    """

    kind: str
    origin_stop_id: str | None
    destination_stop_id: str | None
    departure_ms: int
    arrival_ms: int
    origin_stop: int = -1
    destination_stop: int = -1
    feed: str = ""
    trip_id: str = ""
    line_id: str = ""
    headsign: str = ""
    service_day: str = ""
    origin_call: int = -1
    destination_call: int = -1
    headway_s: int = 0
    stay_seated: bool = False
    beeline: bool = False
    live: bool = False

    @property
    def duration_s(self) -> int:
        return (self.arrival_ms - self.departure_ms) // 1000


@dataclass(frozen=True, slots=True)
class Itinerary:
    """A journey; `departure` and `arrival` in the timetable's zone, `transfers` counts changes of vehicle."""

    legs: tuple[Leg, ...]
    transfers: int
    zone: ZoneInfo

    @property
    def departure_ms(self) -> int:
        return self.legs[0].departure_ms

    @property
    def arrival_ms(self) -> int:
        return self.legs[-1].arrival_ms

    @property
    def departure(self) -> datetime:
        return datetime.fromtimestamp(self.departure_ms / 1000, self.zone)

    @property
    def arrival(self) -> datetime:
        return datetime.fromtimestamp(self.arrival_ms / 1000, self.zone)

    @property
    def duration_s(self) -> int:
        return (self.arrival_ms - self.departure_ms) // 1000

    @property
    def walk_s(self) -> int:
        """Seconds on foot."""
        return sum(leg.duration_s for leg in self.legs if leg.kind == "walk")

    @property
    def rides(self) -> tuple[Leg, ...]:
        return tuple(leg for leg in self.legs if leg.kind == "ride")


class Answer(Sequence[Itinerary]):
    """The Pareto set of a search; where it is empty, `reason` says why.

    Reasons: ``outside_dates`` (the day is not in the timetable), ``no_service_after`` (nothing leaves the origin any
    more), ``not_served`` (nothing ever stops there to board or alight), ``no_connection`` (not with so many changes),
    ``same_place``.
    """

    def __init__(self, itineraries: Sequence[Itinerary] = (), reason: str | None = None) -> None:
        self.itineraries = tuple(itineraries)
        self.reason = reason if not self.itineraries else None

    def __len__(self) -> int:
        return len(self.itineraries)

    @overload
    def __getitem__(self, index: int) -> Itinerary: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Itinerary, ...]: ...
    def __getitem__(self, index: int | slice) -> Itinerary | tuple[Itinerary, ...]:
        return self.itineraries[index]

    def __iter__(self) -> Iterator[Itinerary]:
        return iter(self.itineraries)

    def __repr__(self) -> str:
        return f"Answer({list(self.itineraries)!r}, reason={self.reason!r})"
