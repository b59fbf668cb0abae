"""Planning door to door: access by streets, rides by timetable, egress by streets, and the way on foot beside them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tongqu.engines.journeys.assemble import Assembler
from tongqu.engines.journeys.bikes import BOARDED, Bikes, BikeStation, Hire, Hiring, Stands
from tongqu.engines.journeys.catalogue import Catalogue
from tongqu.engines.journeys.on_demand import Asked, OnDemand
from tongqu.engines.journeys.values import Journey, JourneyLeg, Place, Plan, Reason, Wishes
from tongqu.engines.journeys.walker import Walker, Walks
from tongqu.engines.streets import CYCLE, DRIVE, Path, Profile, Streets
from tongqu.engines.streets.stops import metres
from tongqu.engines.streets.transfers import whole
from tongqu.engines.transit.access import Access, Accesses
from tongqu.engines.transit.itinerary import Itinerary
from tongqu.engines.transit.router import Live, Router
from tongqu.engines.transit.timetable import Timetable

FAR_S = 3600  # how far is looked for a stop when there is none within the walk that was asked for
WALK_WORTH_S = 120  # so much less walking makes a later journey worth being listed
AREA_S = 7200  # beyond a walk of this, a place lies outside the area altogether


class Planner:
    """Answers where, when and how, for one timetable on its streets; safe to use from several threads.

    Args:
        timetable: compiled with `walker`.
        walker: how people walk between stops, and the streets.
        catalogue: what the feeds say about lines; the same feeds in the same order.
        live: a snapshot of real-time messages, if there is one.
    """

    def __init__(self, timetable: Timetable, walker: Walker, catalogue: Catalogue, live: Live | None = None) -> None:
        self.timetable = timetable
        self.walker = walker
        self.catalogue = catalogue
        self.router = Router(timetable, live)
        network = timetable.network
        self.placed = walker.place(network.stop_lon, network.stop_lat)
        self._boarded = np.isin(network.stop_kind, BOARDED)
        self.assembler = Assembler(timetable, walker, catalogue, self.placed).with_live(live)
        self.hiring = Hiring(walker)
        self.bikes: tuple[Bikes, ...] = ()
        self.on_demand = OnDemand.of(catalogue)
        self.asked_ms: int | None = None

    @property
    def streets(self) -> Streets:
        return self.walker.streets

    def stands(self, system: str, stations: Sequence[BikeStation]) -> Stands:
        """Stations of shared bikes stood on the streets; once for all that is told of them later."""
        return Stands.of(system, stations, self.walker, self.placed, self.timetable.network.stop_kind)

    def with_bikes(self, bikes: Sequence[Bikes]) -> Planner:
        """The same planner with what there is to rent now, for those who wish for it."""
        twin = copy.copy(self)
        twin.bikes = tuple(bikes)
        return twin

    def asked_at(self, now_ms: int) -> Planner:
        """The same planner for who asks at a moment: what must be booked before it is not offered."""
        twin = copy.copy(self)
        twin.asked_ms = now_ms
        return twin

    def with_live(self, live: Live | None) -> Planner:
        """The same planner on another snapshot of real-time messages."""
        twin = copy.copy(self)
        twin.router = Router(self.timetable, live)
        twin.assembler = self.assembler.with_live(live)
        return twin

    def plan(self, origin: Place, destination: Place, wishes: Wishes, *, depart_ms: int | None = None,
             arrive_ms: int | None = None) -> Plan:  # fmt: skip
        """Journeys that leave at or after a moment, or arrive at or before one.

        Of the journeys by public transport, those are given that no other beats in departure, arrival and
        transfers (with `less_walking` also in walking, by `WALK_WORTH_S` at least), and that save time or walking
        over going on foot.
        """
        if (depart_ms is None) == (arrive_ms is None):
            raise ValueError("one of depart_ms and arrive_ms")
        direct = self._direct(origin, destination, wishes, depart_ms, arrive_ms)
        if not wishes.transit:
            return Plan(tuple(direct), None if direct else self._outside(origin, destination) or Reason("walk_limit"))
        walks = self._walks(origin, wishes, False), self._walks(destination, wishes, True)
        access, hired_there = self._or_hired(self._stops(origin, walks[0], wishes), origin, wishes, False)
        egress, hired_back = self._or_hired(self._stops(destination, walks[1], wishes), destination, wishes, True)
        reason = self._unreached(origin, access, "origin") or self._unreached(destination, egress, "destination")
        if reason is not None:
            return Plan(tuple(direct), reason)
        answer = self.router.search(
            access, egress, depart=depart_ms, arrive=arrive_ms, window_s=wishes.window_s,
            max_transfers=wishes.max_transfers, change_s=wishes.change_s, walking=wishes.less_walking,
        )  # fmt: skip
        if not len(answer):
            return Plan(tuple(direct), self._why(answer.reason or "no_connection", depart_ms or arrive_ms or 0))
        on_foot = next((journey for journey in direct if [leg.kind for leg in journey.legs] == ["walk"]), None)
        worth = [one for one in answer if on_foot is None or one.duration_s < on_foot.duration_s
                 or one.walk_s < on_foot.walk_s]  # fmt: skip
        if wishes.less_walking:
            worth = _worth_walking_less(worth, arrive_ms is not None)
        rides = [self.assembler.journey(one, origin, destination, walks, hired_there, hired_back) for one in worth]
        by_bike = next((journey for journey in direct if _hires(journey)), None)
        if by_bike is not None:
            # who rents a bike anyway does not ride as well unless that is quicker
            rides = [one for one in rides if not _hires(one) or one.duration_s < by_bike.duration_s]
        if arrive_ms is None:
            listed = sorted([*rides, *direct], key=lambda one: (one.arrival_ms, one.transfers, one.walk_s))
        else:
            listed = sorted([*rides, *direct], key=lambda one: (-one.departure_ms, one.transfers, one.walk_s))
        return Plan(tuple(listed))

    def near(self, place: Place, wishes: Wishes, leaving: bool) -> Sequence[Access]:
        """Stops near a place with the time to reach them; the stops themselves if a station was chosen."""
        return self._stops(place, self._walks(place, wishes, leaving), wishes)

    def _walks(self, place: Place, wishes: Wishes, leaving: bool) -> Walks | None:
        """Walks between a place and the stops near it; None where one is at a stop already."""
        if place.stops:
            return None
        # walks are searched at the walker's speed, and a slower traveller takes longer for each of them
        bound_s = wishes.max_walk_s * self.walker.pace(wishes.walk_speed_ms)
        return self.walker.walks((place.lon, place.lat), self.placed, bound_s, leaving)

    def _stops(self, place: Place, walks: Walks | None, wishes: Wishes) -> Sequence[Access]:
        if walks is None:
            return [Access(stop, 0) for stop in place.stops]
        reached = walks.reached
        kept = self._boarded[reached.stop]
        walked_s = np.maximum(whole(reached.duration_s[kept] / self.walker.pace(wishes.walk_speed_ms)), 1)
        return Accesses(reached.stop[kept], walked_s, reached.beeline[kept])

    # why not

    def _outside(self, origin: Place, destination: Place) -> Reason | None:
        for which, place in (("origin", origin), ("destination", destination)):
            if not place.stops and not self.streets.stand(place.lon, place.lat, self.walker.profile).inside[0]:
                west, south, east, north = self.streets.graph.bounds
                return Reason("outside_area", which, {"west": west, "south": south, "east": east, "north": north})
        return None

    def _unreached(self, place: Place, near: Sequence[Access], which: str) -> Reason | None:
        """Why there is no stop near a place: it lies outside the area, or the walk is longer than was asked for."""
        if near:
            return None
        lon, lat = self.timetable.network.stop_lon, self.timetable.network.stop_lat
        gap = metres(place.lon, place.lat, lon, lat)
        nearest = int(np.nanargmin(gap))
        params = {"stop": self.timetable.network.stop_names[nearest], "distance_m": round(float(gap[nearest]))}
        inside = bool(self.streets.stand(place.lon, place.lat, self.walker.profile).inside[0])
        if not inside and gap[nearest] > AREA_S * self.walker.profile.walk_speed_ms:
            return Reason("outside_area", which, params)
        anyhow = Wishes(walk_speed_ms=self.walker.profile.walk_speed_ms, max_walk_s=FAR_S)
        further = Accesses.of(self.near(place, anyhow, which == "destination"))
        if further:
            best = further[int(further.seconds.argmin())]
            params = {"stop": self.timetable.network.stop_names[best.stop], "walk_s": best.seconds}
        return Reason("walk_limit", which, params)

    def _why(self, code: str, at_ms: int) -> Reason:
        if code == "outside_dates":
            network = self.timetable.network
            return Reason(code, params={"first_day": str(network.first_day), "last_day": str(network.last_day)})
        return Reason(code, params={"at_ms": at_ms})

    # directly

    def _direct(self, origin: Place, destination: Place, wishes: Wishes, depart_ms: int | None,
                arrive_ms: int | None) -> list[Journey]:  # fmt: skip
        found = []
        gap = float(metres(origin.lon, origin.lat, np.float64(destination.lon), np.float64(destination.lat)))  # type: ignore[arg-type]
        for mode in wishes.direct:
            profile = {"walk": wishes.profile, "cycle": CYCLE, "drive": DRIVE}[mode]
            bound = float(wishes.max_direct_s)
            if mode == "walk" and gap / profile.walk_speed_ms > bound:
                continue
            way = self._way(origin, destination, profile, bound if mode == "walk" else np.inf)
            if way is None:
                continue
            seconds = max(int(np.ceil(way.duration_s - 1e-3)), 1)
            leave = depart_ms if depart_ms is not None else (arrive_ms or 0) - seconds * 1000
            leg = JourneyLeg(
                mode, self.assembler.place_end(origin), self.assembler.place_end(destination), leave,
                leave + seconds * 1000, way.length_m, way.points, way, beeline=way.beeline,
            )  # fmt: skip
            found.append(Journey((leg,), 0))
        found += self._direct_hire(origin, destination, wishes, depart_ms, arrive_ms)
        if self.on_demand is None or not wishes.on_demand:
            return found
        asked = Asked(origin, destination, wishes, depart_ms, arrive_ms, self.asked_ms)
        return found + [
            one for one in self.on_demand.direct(self.assembler, asked) if not self._walks_sooner(asked, one)
        ]

    # by shared bike

    def _systems(self, wishes: Wishes) -> tuple[Bikes, ...]:
        """What a traveller may rent: nothing for who cannot manage a step."""
        return self.bikes if wishes.shared_bikes and not wishes.step_free else ()

    def _or_hired(self, walks: Sequence[Access], place: Place, wishes: Wishes,
                  leaving: bool) -> tuple[Sequence[Access], dict[int, Hire]]:  # fmt: skip
        """Stops near a place, on foot or by shared bike, whichever is sooner; and those where it is the bike."""
        systems = self._systems(wishes)
        if not systems:
            return walks, {}
        on_foot = {one.stop: one for one in walks}
        hires = {
            stop: hire
            for stop, hire in self.hiring.near(systems, place, wishes, leaving).items()
            if stop not in on_foot or hire.seconds < on_foot[stop].seconds
        }
        kept = [one for one in walks if one.stop not in hires]
        return kept + [Access(stop, hire.seconds) for stop, hire in hires.items()], hires

    def _direct_hire(self, origin: Place, destination: Place, wishes: Wishes, depart_ms: int | None,
                     arrive_ms: int | None) -> list[Journey]:  # fmt: skip
        """The way by shared bike, where it is sooner than walking."""
        systems = self._systems(wishes)
        hire = self.hiring.direct(systems, origin, destination, wishes) if systems else None
        if hire is None or hire.seconds > wishes.max_direct_s:
            return []
        on_foot = self._way(origin, destination, wishes.profile, float(hire.seconds))
        if on_foot is not None and np.ceil(on_foot.duration_s - 1e-3) <= hire.seconds:
            return []
        leave = depart_ms if depart_ms is not None else (arrive_ms or 0) - hire.seconds * 1000
        return [Journey(tuple(self.assembler.hired(hire, leave, origin, destination)), 0)]

    def _walks_sooner(self, asked: Asked, journey: Journey) -> bool:
        """Whether walking all the way takes no longer than a journey; by straight line where no streets are known."""
        ends, profile = (asked.origin, asked.destination), asked.wishes.profile
        way = self._way(*ends, profile, float(journey.duration_s))
        if way is None and not all(self.streets.stand(end.lon, end.lat, self.walker.profile).inside[0] for end in ends):
            (a, b), (c, d) = ((end.lon, end.lat) for end in ends)
            way = self.streets.beeline((a, b), (c, d), profile)
        return way is not None and bool(np.ceil(way.duration_s - 1e-3) <= journey.duration_s)

    def _way(self, origin: Place, destination: Place, profile: Profile, bound_s: float) -> Path | None:
        a, b = (origin.lon, origin.lat), (destination.lon, destination.lat)
        # the walker's own profile is prepared; another speed of the same walk is a matter of scale
        base = self.walker.profile
        if profile.mode == "walk" and profile != base and profile.step_free == base.step_free:
            factor = base.walk_speed_ms / profile.walk_speed_ms
            way = self.streets.route(a, b, base, bound_s=bound_s / factor)
            return None if way is None else replace(way, duration_s=way.duration_s * factor)
        return self.streets.route(a, b, profile, bound_s=bound_s)


def _hires(journey: Journey) -> bool:
    return any(leg.rental is not None for leg in journey.legs)


def _worth_walking_less(found: Sequence[Itinerary], arriving: bool) -> list[Itinerary]:
    """Those that are listed: in the order of their times, each saves walking or a transfer over all listed before it.

    Args:
        arriving: the moment asked about is that of arrival, so the latest departure comes first.
    """
    listed: list[Itinerary] = []
    for one in sorted(
        found, key=lambda one: (-one.departure_ms if arriving else one.arrival_ms, one.transfers, one.walk_s)
    ):
        beaten = any(
            other.transfers <= one.transfers
            and other.walk_s < one.walk_s + WALK_WORTH_S
            and (arriving or other.departure_ms >= one.departure_ms)
            for other in listed
        )
        if not beaten:
            listed.append(one)
    return listed
