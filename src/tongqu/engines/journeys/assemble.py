"""From the legs of a search to legs a traveller can follow: names, lines on the map, streets, entrances."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from tongqu.engines.journeys.bikes import UNLIMITED, Hire
from tongqu.engines.journeys.catalogue import Catalogue, metres_along
from tongqu.engines.journeys.values import Call, End, Hired, Journey, JourneyLeg, Place, Rental, Ride, Wishes
from tongqu.engines.journeys.walker import Walker, Walks
from tongqu.engines.streets import CYCLE, Path, Stops
from tongqu.engines.transit.changes import LiveCalls
from tongqu.engines.transit.itinerary import Itinerary, Leg
from tongqu.engines.transit.live import Snapshot
from tongqu.engines.transit.router import Live
from tongqu.engines.transit.timetable import Timetable

NO_HIRES: Mapping[int, Hire] = {}


class Assembler:
    """Makes journeys of the itineraries of one timetable."""

    def __init__(self, timetable: Timetable, walker: Walker, catalogue: Catalogue, placed: Stops) -> None:
        self.timetable = timetable
        self.walker = walker
        self.catalogue = catalogue
        self.placed = placed
        self.live: Snapshot | None = None
        self._feed = {name: index for index, name in enumerate(timetable.network.feeds)}
        self._stands = lru_cache(None)(self._stop_stands)
        self._between = lru_cache(50_000)(self._way_between)
        self._to_stop = lru_cache(4_096)(self._way_to_stop)

    def with_live(self, live: Live | None) -> Assembler:
        """The same with the calls of a snapshot; walks that are known stay known."""
        twin = copy.copy(self)
        twin.live = live if isinstance(live, Snapshot) else None
        return twin

    def now(self, feed: int, trip_id: str, day: date) -> LiveCalls | None:
        """The calls of a trip where real-time messages change them."""
        if self.live is None:
            return None
        return self.live.calls(self.timetable.network.feeds[feed], trip_id, day)

    def cancelled(self, feed: int, trip_id: str, day: date) -> bool:
        """Whether real-time messages cancel a trip."""
        return self.live is not None and self.live.cancels(self.timetable.network.feeds[feed], trip_id, day)

    def journey(self, itinerary: Itinerary, origin: Place, destination: Place, walks: tuple[Walks | None, Walks | None],
                access: Mapping[int, Hire] = NO_HIRES, egress: Mapping[int, Hire] = NO_HIRES) -> Journey:  # fmt: skip
        """The journey of an itinerary from place to place.

        Args:
            walks: from the one and to the other; None where none is made.
            access, egress: stops that are reached by a shared bike, or left by one, instead of on foot.
        """
        legs: list[JourneyLeg] = []
        for leg in itinerary.legs:
            if leg.kind == "ride":
                legs.append(self._ride(leg))
                continue
            start, end = leg.origin_stop, leg.destination_stop
            hire = access.get(end) if start < 0 else egress.get(start) if end < 0 else None
            if hire is not None:
                legs += self.hired(hire, leg.departure_ms, origin, destination, start, end)
            else:
                legs.append(self._walk(leg, start, end, origin, destination, walks))
        return Journey(tuple(legs), itinerary.transfers)

    def place_end(self, place: Place) -> End:
        """The end of a leg at a place."""
        return End(place.name, place.lon, place.lat)

    def stop_end(self, stop: int, door: str = "") -> End:
        """The end of a leg at a stop."""
        stands = self._stands(stop)
        return replace(stands, door=door) if door else stands

    def _stop_stands(self, stop: int) -> End:
        network = self.timetable.network
        feed = network.feeds[network.stop_feed[stop]]
        lon, lat = float(network.stop_lon[stop]), float(network.stop_lat[stop])
        return End(
            network.stop_names[stop], lon, lat, stop, network.stops[stop], feed,
            platform=self.catalogue.platforms[stop],
        )  # fmt: skip

    def hired(self, hire: Hire, leave_ms: int, origin: Place, destination: Place, start: int = -1,
              end: int = -1) -> list[JourneyLeg]:  # fmt: skip
        """Walk, bike and walk of a hire, between places, or from a stop (`start`) or to one (`end`)."""
        bikes, stands, profile = hire.bikes, hire.bikes.stands, self.walker.profile
        streets, foot = self.walker.streets, stands.on_foot
        a, b = stands.stops + hire.rented, stands.stops + hire.returned
        here, there = (origin.lon, origin.lat), (destination.lon, destination.lat)
        to = (
            streets.way_to_stop(here, foot, a, profile) if start < 0 else streets.way_between(foot, start, a, profile)
        )  # fmt: skip
        on = (
            streets.way_to_stop(there, foot, b, profile, leaving=True) if end < 0
            else streets.way_between(foot, b, end, profile)
        )  # fmt: skip
        ridden = streets.way_between(stands.by_bike, hire.rented, hire.returned, CYCLE)
        rented, returned = self._station_end(hire, hire.rented), self._station_end(hire, hire.returned)
        first = self.place_end(origin) if start < 0 else self.stop_end(start, self._door(to.door_from))
        last = self.place_end(destination) if end < 0 else self.stop_end(end, self._door(on.door_to))
        places = int(bikes.places[hire.returned])
        rental = Rental(
            bikes.name, int(bikes.vehicles[hire.rented]), None if places == UNLIMITED else places, bikes.as_of_ms
        )
        walk = self._leg(first, rented, leave_ms, hire.walk_s, to)
        ride = self._leg(rented, returned, walk.arrival_ms, hire.cycle_s, ridden)
        ride = replace(ride, kind="bike", rental=rental)
        return [walk, ride, self._leg(returned, last, ride.arrival_ms, hire.walk_on_s, on)]

    def hired_again(self, hired: Hired, start: End, end: End, *, leave_ms: int) -> list[JourneyLeg]:
        """Walk, bike and walk of a hire that was planned before, with its times of then; what is free now is not looked
        at."""
        walker, streets = self.walker.profile, self.walker.streets
        stages = (
            (start, hired.rented, hired.walk_s, walker),
            (hired.rented, hired.returned, hired.cycle_s, CYCLE),
            (hired.returned, end, hired.walk_on_s, walker),
        )
        legs = []
        for a, b, seconds, profile in stages:
            points = (a.lon, a.lat), (b.lon, b.lat)
            way = streets.route(*points, profile) or streets.beeline(*points, profile)
            legs.append(self._leg(a, b, leave_ms, seconds, way))
            leave_ms = legs[-1].arrival_ms
        legs[1] = replace(legs[1], kind="bike", rental=Rental(hired.system))
        return legs

    @staticmethod
    def _station_end(hire: Hire, station: int) -> End:
        stands = hire.bikes.stands
        one = stands.stations[station]
        return End(one.name, one.lon, one.lat, feed=stands.system, station=one.id)

    # walks of a journey that is opened again

    def access(self, origin: Place, ride: JourneyLeg, wishes: Wishes) -> list[JourneyLeg]:
        """The walk to the first ride, so that one is there as it leaves; none from a stop that was chosen itself."""
        if ride.start.stop in origin.stops:
            return []
        way = self._to_stop(origin.lon, origin.lat, ride.start.stop, False)
        seconds = self._walked(way, wishes)
        end = self.stop_end(ride.start.stop, self._door(way.door_to))
        leave = ride.departure_ms - seconds * 1000
        return [self._leg(self.place_end(origin), end, leave, seconds, way)]

    def egress(self, ride: JourneyLeg, destination: Place, wishes: Wishes) -> list[JourneyLeg]:
        """The walk from the last ride; none to a stop that was chosen itself."""
        if ride.end.stop in destination.stops:
            return []
        way = self._to_stop(destination.lon, destination.lat, ride.end.stop, True)
        start = self.stop_end(ride.end.stop, self._door(way.door_from))
        return [self._leg(start, self.place_end(destination), ride.arrival_ms, self._walked(way, wishes), way)]

    def change(self, before: JourneyLeg, after: JourneyLeg) -> JourneyLeg:
        """The walk from one ride to the next, as long as the timetable has it."""
        start, end = before.end.stop, after.start.stop
        way = self._between(start, end)
        told = self.timetable.network.foot.seconds_between(start, end)
        seconds = told if told is not None else max(int(np.ceil(way.duration_s - 1e-3)), 1)
        ends = self.stop_end(start, self._door(way.door_from)), self.stop_end(end, self._door(way.door_to))
        return self._leg(*ends, before.arrival_ms, seconds, way)

    def _walked(self, way: Path, wishes: Wishes) -> int:
        speed = self.walker.pace(wishes.walk_speed_ms)
        return max(int(np.ceil(np.ceil(way.duration_s - 1e-3) / speed - 1e-3)), 1)

    @staticmethod
    def _leg(start: End, end: End, leave_ms: int, seconds: int, way: Path) -> JourneyLeg:
        arrive_ms = leave_ms + seconds * 1000
        return JourneyLeg("walk", start, end, leave_ms, arrive_ms, way.length_m, way.points, way, beeline=way.beeline)

    def _walk(self, leg: Leg, start: int, end: int, origin: Place, destination: Place,
              walks: tuple[Walks | None, Walks | None]) -> JourneyLeg:  # fmt: skip
        if start >= 0 and end >= 0:
            way = self._between(start, end)
        else:
            near, stop = (walks[0], end) if end >= 0 else (walks[1], start)
            assert near is not None, "one walks from or to a place that is no stop"
            way = near.way(stop)
        ends = (
            self.place_end(origin) if start < 0 else self.stop_end(start, self._door(way.door_from)),
            self.place_end(destination) if end < 0 else self.stop_end(end, self._door(way.door_to)),
        )
        return JourneyLeg(
            "walk", *ends, leg.departure_ms, leg.arrival_ms, way.length_m, way.points, way, beeline=way.beeline
        )

    def _way_between(self, start: int, end: int) -> Path:
        return self.walker.streets.way_between(self.placed, start, end, self.walker.profile)

    def _way_to_stop(self, lon: float, lat: float, stop: int, leaving: bool) -> Path:
        return self.walker.streets.way_to_stop((lon, lat), self.placed, stop, self.walker.profile, leaving=leaving)

    def _door(self, door: int) -> str:
        return self.walker.streets.graph.door_ref[door] if door >= 0 else ""

    def _ride(self, leg: Leg) -> JourneyLeg:
        feed = self._feed[leg.feed]
        made = self.ride(
            feed, leg.trip_id, leg.service_day, leg.origin_call, leg.destination_call,
            (leg.departure_ms, leg.arrival_ms), leg.stay_seated, leg.headway_s, leg.live, leg.headsign,
        )  # fmt: skip
        return self.ride_leg(feed, made)

    def ride_leg(self, feed: int, ride: Ride) -> JourneyLeg:
        """The leg of a ride."""
        if self._as_planned(feed, ride):
            line, length_m = self.catalogue.line_drawn(feed, ride.trip_id, ride.origin_call, ride.destination_call)
        else:
            line = np.array([[call.end.lon, call.end.lat] for call in ride.calls])
            length_m = float(metres_along(line)[-1])
        first, last = ride.calls[0], ride.calls[-1]
        return JourneyLeg("ride", first.end, last.end, first.departure_ms, last.arrival_ms, length_m, line, None, ride)

    def _as_planned(self, feed: int, ride: Ride) -> bool:
        """Whether a ride calls where the plan has it call, so that the shape of its trip is its own."""
        if self.live is None or not self.catalogue.has(feed, ride.trip_id):
            return self.live is None
        stops = self.catalogue.calls(feed, ride.trip_id)[0][ride.origin_call : ride.destination_call + 1]
        return [call.end.stop for call in ride.calls] == stops.tolist()

    def ride(
        self, feed: int, trip_id: str, service_day: str, origin_call: int, destination_call: int,
        times_ms: tuple[int, int], stay_seated: bool, headway_s: int, live: bool, headsign: str,
    ) -> Ride:  # fmt: skip
        """What is known of a ride; times along it are the timetable's or the snapshot's, moved as boarding and
        alighting are."""
        day = date(int(service_day[:4]), int(service_day[4:6]), int(service_day[6:8]))
        now = self.now(feed, trip_id, day)
        planned_trip = self.catalogue.has(feed, trip_id)
        if planned_trip:
            line = self.catalogue.line_of(feed, trip_id)
            stops, arrivals, departures = plan = self.catalogue.calls(feed, trip_id)
        if now is not None:
            stops, arrivals, departures = now.stop, now.arrival_s, now.departure_s
        if not planned_trip:
            line, plan = self.catalogue.line(feed, now.line_id if now else ""), (stops, arrivals, departures)
        base = self.catalogue.base_ms(feed, day)
        begin, end = origin_call, destination_call
        planned = base + int(departures[begin]) * 1000, base + int(arrivals[end]) * 1000
        late = times_ms[0] - planned[0], times_ms[1] - planned[1]
        part = slice(begin, end + 1)
        shift: Any = base + late[0]  # of all calls alike, or of each
        if late[0] != late[1]:
            # what is late is made up for, or grows, evenly from boarding to alighting
            late_s = np.round(np.linspace(0, late[1] - late[0], end - begin + 1) / 1000)
            shift = shift + 1000 * late_s.astype(np.int64)
        arrive_ms, leave_ms = (shift + times[part].astype(np.int64) * 1000 for times in (arrivals, departures))
        called = zip(stops[part].tolist(), arrive_ms.tolist(), leave_ms.tolist(), strict=True)
        calls = [Call(self._stands(stop), arrived_ms, left_ms) for stop, arrived_ms, left_ms in called]
        first = Call(calls[0].end, calls[0].arrival_ms, times_ms[0])
        last = Call(calls[-1].end, times_ms[1], calls[-1].departure_ms)
        feed_name = self.timetable.network.feeds[feed]
        behind = None
        if live or now is not None:
            known = begin < len(plan[0]) and plan[0][begin] == stops[begin]
            behind = (times_ms[0] - base) // 1000 - int(plan[2][begin]) if known else 0
        return Ride(
            feed_name, trip_id, service_day, line.id, line.short_name or line.long_name, line.long_name, headsign,
            line.agency, line.route_type, line.colour, line.text_colour, begin, end, (first, *calls[1:-1], last),
            stay_seated, headway_s, behind,
        )  # fmt: skip
