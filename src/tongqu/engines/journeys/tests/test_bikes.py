"""Shared bikes on a town of one street: times by a hand's sum, checked by who shares no code with the planner."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tongqu.engines.journeys import Bikes, BikeStation, Catalogue, Journey, Place, Planner, Walker, Wishes, with_counts
from tongqu.engines.journeys.tests.test_planner import FEED, PER_DEGREE_M, STREET
from tongqu.engines.streets import Streets, from_extract
from tongqu.engines.transit import Timetable
from tongqu.engines.transit.checker import BikeRules, Checker
from tongqu.engines.transit.itinerary import Leg
from tongqu.protocols import osm

pytestmark = pytest.mark.xdist_group("planner")

HOME, WORK = Place(120.032, 27.0, "家"), Place(120.096, 27.0, "厂")
STATIONS = (
    BikeStation("home", "家门口", 120.031, 27.0),
    BikeStation("half", "半路", 120.022, 27.0),
    BikeStation("west", "西站旁", 120.011, 27.0),
    BikeStation("works", "厂门口", 120.0955, 27.0),
    BikeStation("east", "东站旁", 120.0905, 27.0),
)
AT = {one.id: one.lon for one in STATIONS}
STOPS = {"w": 120.010, "m": 120.050, "n": 120.052, "e": 120.090}
WISH = Wishes(shared_bikes=True, max_walk_s=600, max_direct_s=900)
ALL_THE_WAY = replace(WISH, max_direct_s=3600)
RENT_S, RETURN_S = 60, 30


def whole(seconds: float) -> int:
    return math.ceil(seconds - 1e-3)


def gap_m(a: float, b: float) -> float:
    """Metres along the street, which runs along a parallel."""
    return abs(a - b) * METRES[0]


def walk_s(a: float, b: float) -> int:
    return max(whole(gap_m(a, b) / 1.33), 1)


def ride_s(a: str, b: str) -> int:
    return whole(gap_m(AT[a], AT[b]) / 5.0) + RENT_S + RETURN_S


METRES = [PER_DEGREE_M]


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bikes") / "town.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, content in FEED.items():
            made.writestr(name, content)
    return file


@pytest.fixture(scope="module")
def planner(feed: Path) -> Planner:
    (feed.parent / "town.osm").write_text(STREET, encoding="utf-8")
    streets = Streets(from_extract(osm.read(feed.parent / "town.osm")))
    METRES[0] = float(streets.graph.edge_length_m.sum()) / 0.1  # the street is a tenth of a degree long
    catalogue = Catalogue.read([feed])
    walker = Walker(streets, doors_for=catalogue.metro_stops)
    return Planner(Timetable.from_gtfs([feed], streets=walker), walker, catalogue)


@pytest.fixture(scope="module")
def bikes(planner: Planner) -> Bikes:
    stands = planner.stands("town", STATIONS)
    assert stands.usable.all()
    return Bikes(stands, "城里单车", np.full(5, 3, np.int32), np.full(5, 3, np.int32), 1_000)


@pytest.fixture(scope="module")
def check(feed: Path) -> Callable[[Journey, Bikes], list[str]]:
    """What an independent checker, with times by the sums above, says of a journey."""

    def run(journey: Journey, bikes: Bikes) -> list[str]:
        def name(end) -> str | None:
            return f"bike:{end.station}" if end.station else end.stop_id or None

        legs = []
        for leg in journey.legs:
            ride = leg.ride
            more = {} if ride is None else {
                "feed": ride.feed, "trip_id": ride.trip_id, "service_day": ride.service_day,
                "origin_call": ride.origin_call, "destination_call": ride.destination_call,
            }  # fmt: skip
            legs.append(Leg(leg.kind, name(leg.start), name(leg.end), leg.departure_ms, leg.arrival_ms, **more))
        where = {f"bike:{one}": lon for one, lon in AT.items()} | STOPS
        access = {}
        if journey.legs[0].start.stop < 0:
            access[name(journey.legs[0].end)] = walk_s(HOME.lon, where[name(journey.legs[0].end)])
        if journey.legs[-1].end.stop < 0:
            access[name(journey.legs[-1].start)] = walk_s(WORK.lon, where[name(journey.legs[-1].start)])
        stations = [f"bike:{one.id}" for one in STATIONS]
        rules = BikeRules(
            {one for one, many in zip(stations, bikes.vehicles, strict=True) if many > 0},
            {one for one, many in zip(stations, bikes.places, strict=True) if many},
            lambda a, b: ride_s(a.removeprefix("bike:"), b.removeprefix("bike:")),
            1800 + RENT_S + RETURN_S,
        )  # fmt: skip
        checker = Checker([feed], walk=lambda a, b: walk_s(where[a], where[b]), access=access, bikes=rules)
        plain = type("Plain", (), {"legs": legs, "transfers": journey.transfers})
        return checker.check(plain)

    return run


def at(planner: Planner, clock: str) -> int:
    return planner.timetable.instant_ms(f"2026-11-30T{clock}")


def kinds(journey: Journey) -> list[str]:
    return [leg.kind for leg in journey.legs]


def with_ride(journeys: tuple[Journey, ...]) -> list[Journey]:
    return [one for one in journeys if one.rides]


def counted(bikes: Bikes, vehicles: dict[str, int] | None = None, places: dict[str, int] | None = None) -> Bikes:
    def numbers(given: dict[str, int] | None) -> np.ndarray:
        return np.array([(given or {}).get(one.id, 3) for one in STATIONS], np.int32)

    return with_counts(bikes, numbers(vehicles), numbers(places), 2_000)


def test_bike_to_the_first_stop_and_from_the_last_one(planner: Planner, bikes: Bikes, check) -> None:
    plan = planner.with_bikes([bikes]).plan(HOME, WORK, WISH, depart_ms=at(planner, "07:30"))
    (journey,) = with_ride(plan.journeys)
    assert kinds(journey) == ["walk", "bike", "walk", "ride", "walk", "ride", "walk", "bike", "walk"]
    walk, bike, on = journey.legs[:3]
    assert (bike.start.station, bike.end.station) == ("home", "west") and bike.start.feed == "town"
    assert (walk.duration_s, bike.duration_s, on.duration_s) == (
        walk_s(HOME.lon, AT["home"]), ride_s("home", "west"), walk_s(AT["west"], STOPS["w"])
    )  # fmt: skip
    assert on.arrival_ms == journey.legs[3].departure_ms == at(planner, "08:00"), "one leaves no sooner than one must"
    assert bike.length_m == pytest.approx(gap_m(AT["home"], AT["west"]), abs=1)
    assert bike.line[0] == pytest.approx((AT["home"], 27.0), abs=1e-5)
    assert bike.line[-1] == pytest.approx((AT["west"], 27.0), abs=1e-5)
    assert bike.rental is not None and (bike.rental.system, bike.rental.vehicles) == ("城里单车", 3)
    assert (journey.legs[-2].start.station, journey.legs[-2].end.station) == ("east", "works")
    assert check(journey, bikes) == []
    arriving = planner.with_bikes([bikes]).plan(HOME, WORK, WISH, arrive_ms=at(planner, "09:00"))
    assert [leg.departure_ms for leg in with_ride(arriving.journeys)[0].legs] == [
        leg.departure_ms for leg in journey.legs
    ]


def test_nothing_changes_for_who_does_not_wish_for_it(planner: Planner, bikes: Bikes) -> None:
    renting = planner.with_bikes([bikes])
    for wishes in (replace(WISH, shared_bikes=False), replace(WISH, step_free=True)):
        assert renting.plan(HOME, WORK, wishes, depart_ms=at(planner, "07:30")) == planner.plan(
            HOME, WORK, wishes, depart_ms=at(planner, "07:30")
        )
    reason = renting.plan(HOME, WORK, replace(WISH, shared_bikes=False), depart_ms=at(planner, "07:30")).reason
    assert reason is not None and reason.code == "walk_limit"


def test_a_station_without_bikes_is_not_rented_from_and_a_full_one_not_returned_to(
    planner: Planner, bikes: Bikes, check
) -> None:
    wishes = replace(WISH, max_walk_s=1000)  # from half way it is 15 minutes on foot to either end
    for now, rented, returned in (
        (counted(bikes, vehicles={"home": 0}), "half", "west"),
        (counted(bikes, places={"west": 0}), "home", "half"),
    ):
        hire = planner.hiring.near([now], HOME, wishes, False).get(planner.timetable.stop("w"))
        if returned == "half":
            assert hire is None, "from there it is further to the stop than one walks from a station"
            continue
        assert hire is not None and (STATIONS[hire.rented].id, STATIONS[hire.returned].id) == (rented, returned)
        plan = planner.with_bikes([now]).plan(HOME, WORK, wishes, depart_ms=at(planner, "07:00"))
        (journey,) = with_ride(plan.journeys)
        assert check(journey, now) == []
        assert check(journey, counted(bikes, vehicles={rented: 0})) != []
        assert check(journey, counted(bikes, places={returned: 0})) != []
    none = counted(bikes, vehicles=dict.fromkeys(AT, 0))
    plan = planner.with_bikes([none]).plan(HOME, WORK, WISH, depart_ms=at(planner, "07:30"))
    assert all("bike" not in kinds(one) for one in plan.journeys)


def test_unlimited_places_are_places(planner: Planner, bikes: Bikes) -> None:
    now = counted(bikes, places=dict.fromkeys(AT, -1))
    (journey,) = with_ride(planner.with_bikes([now]).plan(HOME, WORK, WISH, depart_ms=at(planner, "07:30")).journeys)
    assert journey.legs[1].rental is not None and journey.legs[1].rental.places is None


def test_a_bike_is_taken_only_where_it_is_sooner_than_walking(planner: Planner, bikes: Bikes) -> None:
    near = Place(120.0115, 27.0)  # 150 m from the stop
    plan = planner.with_bikes([bikes]).plan(near, WORK, WISH, depart_ms=at(planner, "07:30"))
    assert all("bike" not in kinds(one)[:3] for one in plan.journeys) and with_ride(plan.journeys)


def test_the_whole_way_by_bike(planner: Planner, bikes: Bikes, check) -> None:
    there = Place(120.096, 27.0)
    plan = planner.with_bikes([bikes]).plan(
        HOME, there, replace(ALL_THE_WAY, transit=False), depart_ms=at(planner, "07:30")
    )
    (journey,) = [one for one in plan.journeys if "bike" in kinds(one)]
    assert kinds(journey) == ["walk", "bike", "walk"] and journey.departure_ms == at(planner, "07:30")
    assert (journey.legs[1].start.station, journey.legs[1].end.station) == ("home", "works")
    expected = walk_s(HOME.lon, AT["home"]) + ride_s("home", "works") + walk_s(AT["works"], there.lon)
    assert journey.duration_s == expected and check(journey, bikes) == []
    for before, after in pairwise(journey.legs):
        assert before.arrival_ms == after.departure_ms
    both = planner.with_bikes([bikes]).plan(HOME, there, ALL_THE_WAY, depart_ms=at(planner, "07:30"))
    assert [kinds(one) for one in both.journeys if "bike" in kinds(one)] == [["walk", "bike", "walk"]], (
        "no ride as well"
    )
    close = Place(120.0305, 27.0)
    plan = planner.with_bikes([bikes]).plan(HOME, close, replace(WISH, transit=False), depart_ms=at(planner, "07:30"))
    assert [kinds(one) for one in plan.journeys] == [["walk"]]


def test_nobody_cycles_beyond_the_bound(planner: Planner, bikes: Bikes) -> None:
    from tongqu.engines.journeys import bikes as room

    hire = planner.hiring.direct([bikes], HOME, WORK, WISH)
    assert hire is not None and hire.cycle_s <= room.MOST_CYCLE_S + RENT_S + RETURN_S
    room.MOST_CYCLE_S, kept = 600, room.MOST_CYCLE_S
    try:
        assert planner.hiring.direct([bikes], HOME, WORK, WISH) is None  # 6.4 km take 21 minutes
        assert planner.hiring.near([bikes], HOME, WISH, False), "to the west it is 7 minutes"
    finally:
        room.MOST_CYCLE_S = kept


def test_a_slow_walker_takes_longer_to_the_station_and_no_longer_on_the_bike(planner: Planner, bikes: Bikes) -> None:
    usual = planner.hiring.near([bikes], HOME, WISH, False)
    slow = planner.hiring.near([bikes], HOME, replace(WISH, walk_speed_ms=0.665), False)
    stop = planner.timetable.stop("w")
    assert abs(slow[stop].walk_s - 2 * usual[stop].walk_s) <= 1 and slow[stop].cycle_s == usual[stop].cycle_s
    assert abs(slow[stop].walk_on_s - 2 * usual[stop].walk_on_s) <= 1


def test_a_bike_goes_back_to_its_own_system(planner: Planner, bikes: Bikes) -> None:
    one = counted(bikes, places=dict.fromkeys(AT, 0))
    other = replace(counted(bikes, vehicles=dict.fromkeys(AT, 0)), name="别家")
    assert planner.hiring.direct([one, other], HOME, WORK, WISH) is None
    assert planner.hiring.near([one, other], HOME, WISH, False) == {}
