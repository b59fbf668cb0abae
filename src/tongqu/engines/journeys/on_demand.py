"""Services on request (GTFS-Flex) from door to door: who is fetched where and when, and until when that is booked.

A traveller rides with one trip from a call to a later one of its calls. Within a zone he is fetched and set down at his
door; where a call has stops he walks to the nearest, or from it. He is fetched within the window of the first call, and
set down within that of the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from tongqu.engines.journeys.booking import Terms
from tongqu.engines.journeys.services import Services, unpacked
from tongqu.engines.journeys.values import End, Journey, JourneyLeg, Place, Requested, Wishes
from tongqu.engines.streets import DRIVE, Path
from tongqu.engines.streets.stops import metres
from tongqu.protocols.gtfs import Estimate, FlexCall

if TYPE_CHECKING:
    from tongqu.engines.journeys.assemble import Assembler
    from tongqu.engines.journeys.catalogue import Catalogue
    from tongqu.engines.streets import Streets

HORIZON_S = 7200
"""How long before or after the moment asked about a service is looked for that is closed at it."""
GUESS = Estimate("guess", 1.5, 120.0)
"""Where a feed says nothing of the duration: half as long again as driving, for others are fetched on the way, and two
minutes to get in and out. A guess: today's specification has feeds tell it (safe_duration_factor and _offset)."""
BEELINE_MS = 30 / 3.6
"""Driving in town where no streets are known, over a straight line times the profile's factor: the limit of streets
that people live in."""
FAR_S = 3600
NOT_OFFERED = 1


@dataclass(frozen=True)
class Asked:
    """A question: places, wishes, one of the two moments, and the moment at which it is asked (None: booking is not
    looked at)."""

    origin: Place
    destination: Place
    wishes: Wishes
    depart_ms: int | None = None
    arrive_ms: int | None = None
    now_ms: int | None = None


@dataclass(frozen=True)
class Reopened:
    """A ride on request as it was once planned."""

    feed: str
    trip_id: str
    day: date
    first: int
    last: int
    fetched_ms: int
    set_down_ms: int

    @classmethod
    def read(cls, values: Sequence[Any]) -> Reopened:
        """From feed, trip, day (`YYYYMMDD`), two calls and two moments in seconds.

        Raises:
            ValueError, TypeError: it is none.
        """
        feed, trip, day, *rest = values
        first, last, fetched_s, set_down_s = rest
        if not all(isinstance(one, int) for one in rest):
            raise TypeError("whole numbers")
        if not 0 <= first < last or not 0 < set_down_s - fetched_s <= 86_400 or not 0 <= fetched_s < 1 << 40:
            raise ValueError("a later call, a later moment")
        at = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
        return cls(str(feed), str(trip), at, first, last, fetched_s * 1000, set_down_s * 1000)

    @staticmethod
    def write(journey: Journey) -> list[Any]:
        """What `read` takes, of the ride on request of a journey; empty where it has none."""
        leg = next((leg for leg in journey.legs if leg.requested is not None), None)
        if leg is None or leg.requested is None:
            return []
        own = leg.requested
        return [own.feed, own.trip_id, own.service_day, *own.calls, leg.departure_ms // 1000, leg.arrival_ms // 1000]


@dataclass(frozen=True)
class _Trip:
    """A trip on request: its feed, and its calls."""

    feed: int
    id: str
    calls: tuple[FlexCall, ...]
    closed: bool


@dataclass(frozen=True)
class _Option:
    """A way to be carried: from a call of a trip (`first`) to another; at stops where that is needed, -1 at a door."""

    trip: _Trip
    first: int
    last: int
    start_stop: int
    end_stop: int

    @property
    def fetch(self) -> FlexCall:
        return self.trip.calls[self.first]

    @property
    def drop(self) -> FlexCall:
        return self.trip.calls[self.last]


@dataclass(frozen=True)
class _Drawn:
    """The legs of an option with times from zero on, and what they take."""

    option: _Option
    legs: tuple[JourneyLeg, ...]
    walk_s: int
    ride_s: int
    walk_on_s: int


class OnDemand:
    """The services on request of the feeds of a catalogue, by where they go."""

    def __init__(self, catalogue: Catalogue, services: dict[int, Services]) -> None:
        self.catalogue = catalogue
        self.services = services
        self.terms = {feed: Terms(catalogue, feed, own) for feed, own in services.items()}
        self.trips = [
            _Trip(feed, trip, calls, trip in own.closed)
            for feed, own in services.items()
            for trip, calls in own.trips.items()
        ]
        self._stop = {
            feed: {stop: int(catalogue.stop_from[feed]) + index for index, stop in enumerate(facts.stops)}
            for feed, facts in enumerate(catalogue.feeds)
            if feed in services
        }
        zones = [(feed, zone) for feed, own in services.items() for zone in own.zones.values()]
        self._zones = shapely.STRtree([zone.shape for _, zone in zones])
        self._zone_calls: list[list[tuple[int, int]]] = [[] for _ in zones]
        numbers = {(feed, zone.id): index for index, (feed, zone) in enumerate(zones)}
        stop_calls: dict[int, list[tuple[int, int]]] = {}
        for index, trip in enumerate(self.trips):
            for order, call in enumerate(trip.calls):
                for zone in call.zones:
                    self._zone_calls[numbers[trip.feed, zone]].append((index, order))
                for stop in call.stops:
                    stop_calls.setdefault(self._stop[trip.feed][stop], []).append((index, order))
        self._stop_calls = stop_calls
        self._stops = np.array(sorted(stop_calls), np.int64)
        at = np.concatenate([np.column_stack((facts.stop_lon, facts.stop_lat)) for facts in catalogue.feeds])
        self._stop_at = at[self._stops]

    @classmethod
    def of(cls, catalogue: Catalogue) -> OnDemand | None:
        """The services of a catalogue; None where no feed has any, and then nothing costs anything."""
        found = {feed: unpacked(facts.on_request) for feed, facts in enumerate(catalogue.feeds) if facts.on_request}
        return cls(catalogue, found) if found else None

    # questions

    def direct(self, assembler: Assembler, asked: Asked) -> list[Journey]:
        """Journeys by a ride on request, the best of each line: that arrives first, or leaves last.

        The ride begins at the moment asked about or when the window opens, within `HORIZON_S` of it, and only where it
        can still be booked.
        """
        best: dict[tuple[int, str], Journey] = {}
        ways: dict[tuple[int, int], Path] = {}
        for option in self._options(asked):
            days = self._days(asked, option.trip)
            drawn = self._drawn(assembler, asked, option, ways) if days else None
            if drawn is None:
                continue
            key = option.trip.feed, self.catalogue.line_of(option.trip.feed, option.trip.id).id
            for day in days:
                fetched_ms = self._fetched_ms(asked, drawn, day)
                if fetched_ms is None:
                    continue
                journey = self._timed(assembler, drawn, day, fetched_ms)
                if key not in best or _better(journey, best[key], asked):
                    best[key] = journey
        return list(best.values())

    def why_not(self, assembler: Assembler, asked: Asked) -> str:
        """Why there is none.

        Returns:
            `area`: no service goes from here to there; `hours`: none is open then; `booking`: it had to be booked
            before; `walk`: walking takes no longer.
        """
        if next(self._options(asked), None) is None:
            return "area"
        if self.direct(assembler, asked):
            return "walk"
        return "booking" if self.direct(assembler, replace(asked, now_ms=None)) else "hours"

    def again(self, assembler: Assembler, origin: Place, destination: Place, held: Reopened,
              wishes: Wishes) -> tuple[str, Journey | None]:  # fmt: skip
        """A ride as it was once planned, and its state: `as_planned`; `changed`: it takes another time; `gone`.

        Whether it can still be booked is not looked at: it may have been.
        """
        feeds = assembler.timetable.network.feeds
        feed = feeds.index(held.feed) if held.feed in feeds else -1
        asked = Asked(origin, destination, replace(wishes, max_walk_s=FAR_S), depart_ms=held.fetched_ms)
        option = next(
            (
                one for one in self._options(asked)
                if (one.trip.feed, one.trip.id, one.first, one.last) == (feed, held.trip_id, held.first, held.last)
            ),
            None,
        )  # fmt: skip
        if option is None or not self.catalogue.runs(feed, held.trip_id, held.day):
            return "gone", None
        drawn = self._drawn(assembler, asked, option, {})
        base = self.catalogue.base_ms(feed, held.day)
        start, end = base + option.fetch.start_s * 1000, base + option.fetch.end_s * 1000
        if drawn is None or not start <= held.fetched_ms <= end:
            return "gone", None
        journey = self._timed(assembler, drawn, held.day, held.fetched_ms)
        ride = next(leg for leg in journey.legs if leg.requested is not None)
        return ("as_planned" if ride.arrival_ms == held.set_down_ms else "changed"), journey

    # where

    def _options(self, asked: Asked) -> Iterator[_Option]:
        """Pairs of calls of one trip: one is fetched at the first and set down at the second."""
        here, there = self._at(asked.origin, asked.wishes), self._at(asked.destination, asked.wishes)
        for index in here.keys() & there.keys():
            trip = self.trips[index]
            if trip.closed and asked.wishes.step_free:
                continue
            for first, start in here[index].items():
                for last, end in there[index].items():
                    if first < last and NOT_OFFERED not in (trip.calls[first].pickup, trip.calls[last].drop_off):
                        yield _Option(trip, first, last, start, end)

    def _at(self, place: Place, wishes: Wishes) -> dict[int, dict[int, int]]:
        """Calls that serve a place, by trip, each with the stop to be at; -1 where one is fetched at the door."""
        found: dict[int, dict[int, int]] = {}
        for zone in self._zones.query(shapely.Point(place.lon, place.lat), predicate="intersects").tolist():
            for trip, call in self._zone_calls[zone]:
                found.setdefault(trip, {})[call] = -1
        gap = metres(place.lon, place.lat, self._stop_at[:, 0], self._stop_at[:, 1])
        near = np.flatnonzero(gap <= wishes.max_walk_s * wishes.walk_speed_ms)
        for stop in self._stops[near[np.argsort(gap[near], kind="stable")]].tolist():
            for trip, call in self._stop_calls[stop]:
                found.setdefault(trip, {}).setdefault(call, stop)
        return found

    def _drawn(self, assembler: Assembler, asked: Asked, option: _Option,
               ways: dict[tuple[int, int], Path]) -> _Drawn | None:  # fmt: skip
        """The legs of an option, from zero on; None where the walk to a stop is longer than was wished for.

        Args:
            ways: driven between the same ends for another option.
        """
        start = self._end(assembler, asked.origin, option.start_stop)
        end = self._end(assembler, asked.destination, option.end_stop)
        ends = option.start_stop, option.end_stop
        if ends not in ways:
            ways[ends] = driven(assembler.walker.streets, (start.lon, start.lat), (end.lon, end.lat))
        way = ways[ends]
        estimate = option.fetch.estimate or GUESS
        ride_s = max(int(np.ceil(estimate.factor * way.duration_s + estimate.offset_s - 1e-3)), 1)
        ride = JourneyLeg("on_demand", start, end, 0, ride_s * 1000, way.length_m, way.points, beeline=way.beeline)
        to = assembler.access(asked.origin, ride, asked.wishes) if option.start_stop >= 0 else []
        on = assembler.egress(ride, asked.destination, asked.wishes) if option.end_stop >= 0 else []
        if any(leg.duration_s > asked.wishes.max_walk_s for leg in (*to, *on)):
            return None
        walks = sum(leg.duration_s for leg in to), sum(leg.duration_s for leg in on)
        return _Drawn(option, (*to, ride, *on), walks[0], ride_s, walks[1])

    @staticmethod
    def _end(assembler: Assembler, place: Place, stop: int) -> End:
        return assembler.place_end(place) if stop < 0 else assembler.stop_end(stop)

    # when

    def _days(self, asked: Asked, trip: _Trip) -> list[date]:
        """Service days around the moment asked about on which a trip runs: windows go on after midnight, and what opens
        soon may be tomorrow's."""
        moment = asked.depart_ms if asked.depart_ms is not None else asked.arrive_ms or 0
        facts = self.catalogue.feeds[trip.feed]
        try:
            today = datetime.fromtimestamp(moment / 1000, ZoneInfo(facts.zone)).toordinal()
        except (ValueError, OverflowError, OSError):  # beyond all calendars
            return []
        known = range(facts.first_day, facts.first_day + len(facts.runs))
        days = [date.fromordinal(today + shift) for shift in (-1, 0, 1) if today + shift in known]
        return [day for day in days if self.catalogue.runs(trip.feed, trip.id, day)]

    def _fetched_ms(self, asked: Asked, drawn: _Drawn, day: date) -> int | None:
        """When one is fetched on a service day: as soon as may be, or, where the arrival was asked for, as late; None
        where the windows, the horizon or the booking leave no moment."""
        option, ride_ms = drawn.option, drawn.ride_s * 1000
        base = self.catalogue.base_ms(option.trip.feed, day)
        earliest = base + max(option.fetch.start_s * 1000, option.drop.start_s * 1000 - ride_ms)
        latest = base + min(option.fetch.end_s * 1000, option.drop.end_s * 1000 - ride_ms)
        booked = self.terms[option.trip.feed].earliest_ms((option.fetch, option.drop), day, asked.now_ms)
        if booked is None:
            return None
        earliest = max(earliest, booked)
        if asked.depart_ms is not None:
            there = asked.depart_ms + drawn.walk_s * 1000
            fetched = max(earliest, there)
            return fetched if fetched <= min(latest, there + HORIZON_S * 1000) else None
        there = (asked.arrive_ms or 0) - drawn.walk_on_s * 1000 - ride_ms
        fetched = min(latest, there)
        return fetched if fetched >= max(earliest, there - HORIZON_S * 1000) else None

    def _timed(self, assembler: Assembler, drawn: _Drawn, day: date, fetched_ms: int) -> Journey:
        """The journey in which one is fetched at a moment of a service day."""
        option = drawn.option
        trip, calls = option.trip, (option.fetch, option.drop)
        line, base = self.catalogue.line_of(trip.feed, trip.id), self.catalogue.base_ms(trip.feed, day)
        requested = Requested(
            assembler.timetable.network.feeds[trip.feed], trip.id, day.strftime("%Y%m%d"), line.id,
            line.short_name or line.long_name, line.long_name, line.agency, (option.first, option.last),
            (base + option.fetch.start_s * 1000, base + option.fetch.end_s * 1000),
            (option.fetch.estimate or GUESS).kind, self.terms[trip.feed].booking(trip.id, calls, day, fetched_ms),
        )  # fmt: skip
        legs = [
            replace(
                leg, departure_ms=leg.departure_ms + fetched_ms, arrival_ms=leg.arrival_ms + fetched_ms,
                requested=requested if leg.kind == "on_demand" else None,
            )
            for leg in drawn.legs
        ]  # fmt: skip
        return Journey(tuple(legs), 0)


def driven(streets: Streets, start: tuple[float, float], end: tuple[float, float]) -> Path:
    """The way by car between two points; a straight line at `BEELINE_MS` where no streets are known."""
    way = streets.route(start, end, DRIVE)
    if way is None:
        straight = streets.beeline(start, end, DRIVE)
        way = replace(straight, duration_s=straight.length_m / BEELINE_MS)
    return way


def _better(one: Journey, other: Journey, asked: Asked) -> bool:
    if asked.depart_ms is not None:
        return one.arrival_ms < other.arrival_ms
    return one.departure_ms > other.departure_ms
