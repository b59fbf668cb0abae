"""Rides on request in a town of one street: times by a hand's sum, checked by who shares no code with the planner."""

from __future__ import annotations

import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tongqu.engines.journeys import Asked, Catalogue, Journey, JourneyLeg, Place, Planner, Reopened, Walker, Wishes
from tongqu.engines.streets import Graph, Streets, from_extract
from tongqu.engines.transit import Timetable
from tongqu.engines.transit.checker import Checker
from tongqu.protocols import osm

pytestmark = pytest.mark.xdist_group("planner")

STREET = """<osm version="0.6">
  <node id="1" lon="120.000" lat="27.000"/><node id="2" lon="120.100" lat="27.000"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="maxspeed" v="45"/></way>
</osm>"""
DRIVES_MS = 45 * 0.8 / 3.6
"""A car reaches four fifths of the limit (profile DRIVE)."""


def box(west: float, east: float) -> list[list[float]]:
    return [[west, 26.99], [east, 26.99], [east, 27.01], [west, 27.01], [west, 26.99]]


def zone(id_: str, *rings: list[list[float]]) -> dict[str, object]:
    return {"type": "Feature", "id": id_, "properties": {}, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


HOLE = [[120.024, 26.999], [120.024, 27.001], [120.026, 27.001], [120.026, 26.999], [120.024, 26.999]]
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone,agency_phone\n"
    "A,村镇公交,https://example.org,Asia/Shanghai,0577-1\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nk1,村口,27.0,120.072\nk2,卫生院,27.0,120.092\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    "near,A,约车,,3\nvillage,A,村村通,,3\nnight,A,夜间,,3\nalone,A,单程,,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "d,1,1,1,1,1,1,1,20261101,20261231\noffice,1,1,1,1,1,0,0,20261101,20261231\n",
    "calendar_dates.txt": "service_id,date,exception_type\nd,20261210,2\n",
    "trips.txt": "route_id,service_id,trip_id,wheelchair_accessible,safe_duration_factor,safe_duration_offset\n"
    "near,d,near,2,,\nnear,d,slow,2,3,300\nvillage,d,village,1,2,120\nnight,d,night,,1,0\nalone,d,alone,,,\n",
    "stop_times.txt": "arrival_time,departure_time,trip_id,stop_sequence,stop_id,location_id,location_group_id,"
    "pickup_type,drop_off_type,start_pickup_drop_off_window,end_pickup_drop_off_window,"
    "pickup_booking_rule_id,drop_off_booking_rule_id\n"
    ",,near,1,,west,,2,1,08:00:00,20:00:00,half,half\n,,near,2,,west,,1,2,08:00:00,20:00:00,half,half\n"
    ",,slow,1,,west,,2,1,09:00:00,19:00:00,half,half\n,,slow,2,,west,,1,2,09:00:00,19:00:00,half,half\n"
    ",,village,1,,west,,2,1,09:00:00,18:00:00,before,before\n"
    ",,village,2,,,group,1,2,09:00:00,18:00:00,before,before\n"
    ",,night,1,,west,,2,1,22:00:00,26:00:00,now,now\n,,night,2,,west,,1,2,22:00:00,26:00:00,now,now\n"
    ",,alone,1,,west,,2,2,00:00:00,24:00:00,now,now\n",
    "location_groups.txt": "location_group_id,location_group_name\ngroup,村站\n",
    "location_group_stops.txt": "location_group_id,stop_id\ngroup,k1\ngroup,k2\n",
    "locations.geojson": json.dumps({
        "type": "FeatureCollection", "features": [zone("west", box(120.0, 120.06), HOLE), zone("far", box(121, 121.1))],
    }),
    "booking_rules.txt": "booking_rule_id,booking_type,prior_notice_duration_min,prior_notice_duration_max,"
    "prior_notice_last_day,prior_notice_last_time,prior_notice_start_day,prior_notice_start_time,"
    "prior_notice_service_id,message,phone_number,info_url,booking_url\n"
    "half,1,30,600,,,,,,提前半小时,0577-2,https://example.org/info,\n"
    "before,2,,,1,17:00:00,7,08:00:00,office,,,,https://example.org/book\nnow,0,,,,,,,,,,,\n",
}  # fmt: skip
HOME, SHOP = Place(120.005, 27.0, "家"), Place(120.055, 27.0, "店")
CLINIC = Place(120.094, 27.0, "诊所")
WISH = Wishes(on_demand=True)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("request") / "town.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, content in FEED.items():
            made.writestr(name, content)
    return file


def made(feed: Path, streets: Streets, kept: Path | None = None) -> Planner:
    catalogue = Catalogue.read([feed], cache_folder=kept)
    walker = Walker(streets)
    return Planner(Timetable.from_gtfs([feed], streets=walker), walker, catalogue)


@pytest.fixture(scope="module")
def planner(feed: Path) -> Planner:
    (feed.parent / "town.osm").write_text(STREET, encoding="utf-8")
    # the second time the services come from what was kept
    made(feed, Streets(Graph.empty()), feed.parent / "kept")
    return made(feed, Streets(from_extract(osm.read(feed.parent / "town.osm"))), feed.parent / "kept")


def gap_m(planner: Planner, a: float, b: float) -> float:
    """Metres along the street, which is a tenth of a degree long."""
    return abs(a - b) * float(planner.streets.graph.edge_length_m.sum()) / 0.1


def whole(seconds: float) -> int:
    return math.ceil(seconds - 1e-3)


def at(planner: Planner, clock: str, day: str = "2026-11-30") -> int:
    return planner.timetable.instant_ms(f"{day}T{clock}")


def asked(planner: Planner, origin: Place, destination: Place, clock: str, *, now: str = "", day: str = "2026-11-30",
          wishes: Wishes = WISH, arrive: bool = False) -> list[Journey]:  # fmt: skip
    moment = at(planner, clock, day)
    own = planner.asked_at(at(planner, *reversed(now.split("T"))) if now else moment)
    plan = own.plan(origin, destination, wishes, **{"arrive_ms" if arrive else "depart_ms": moment})
    return [one for one in plan.journeys if any(leg.requested for leg in one.legs)]


def ridden(journey: Journey) -> JourneyLeg:
    (leg,) = [leg for leg in journey.legs if leg.requested is not None]
    return leg


def check(feed: Path, planner: Planner, journey: Journey, /, **bent: object) -> list[str]:
    """What an independent checker says of a journey, with driving times by the sum above."""
    legs = []
    for leg in journey.legs:
        own = leg.requested
        more = {} if own is None else {
            "feed": own.feed, "trip_id": own.trip_id, "service_day": own.service_day, "origin_call": own.calls[0],
            "destination_call": own.calls[1], "until_ms": own.booking.until_ms,
            "points": ((leg.start.lon, leg.start.lat), (leg.end.lon, leg.end.lat)),
        } | bent  # fmt: skip
        ends = {"origin_stop_id": leg.start.stop_id or None, "destination_stop_id": leg.end.stop_id or None}
        times = {"departure_ms": leg.departure_ms, "arrival_ms": leg.arrival_ms}
        legs.append(SimpleNamespace(**({"kind": leg.kind} | ends | times | more)))
    checker = Checker([feed], drive=lambda a, b: gap_m(planner, a[0], b[0]) / DRIVES_MS)
    return checker.check(SimpleNamespace(legs=legs, transfers=journey.transfers))


def test_one_is_fetched_at_the_door_half_an_hour_after_it_is_booked(planner: Planner, feed: Path) -> None:
    (journey,) = asked(planner, HOME, SHOP, "10:00")
    (leg,) = journey.legs
    seconds = whole(gap_m(planner, HOME.lon, SHOP.lon) / DRIVES_MS * 1.5 + 120)
    assert (leg.kind, leg.departure_ms, leg.duration_s) == ("on_demand", at(planner, "10:30"), seconds)
    assert leg.length_m == pytest.approx(gap_m(planner, HOME.lon, SHOP.lon), rel=1e-3) and not leg.beeline
    own = leg.requested
    assert own is not None and (own.feed, own.trip_id, own.service_day, own.line) == (
        "town",
        "near",
        "20261130",
        "约车",
    )
    assert own.window_ms == (at(planner, "08:00"), at(planner, "20:00")) and own.estimate == "guess"
    assert (own.booking.kind, own.booking.until_ms) == ("same_day", at(planner, "10:00"))
    assert own.booking.from_ms == at(planner, "00:30"), "ten hours before the ride"
    assert (own.booking.phone, own.booking.url) == ("0577-2", "https://example.org/info")
    assert check(feed, planner, journey) == []


def test_booked_in_time_one_is_fetched_when_one_wishes_or_when_the_window_opens(planner: Planner, feed: Path) -> None:
    (journey,) = asked(planner, HOME, SHOP, "10:00", now="2026-11-30T08:00")
    assert journey.departure_ms == at(planner, "10:00") and check(feed, planner, journey) == []
    (early,) = asked(planner, HOME, SHOP, "06:30", now="2026-11-29T12:00")
    assert early.departure_ms == at(planner, "08:00") and check(feed, planner, early) == []
    assert asked(planner, HOME, SHOP, "05:59", now="2026-11-29T12:00") == [], "more than two hours before it opens"


def test_one_is_set_down_before_the_window_closes(planner: Planner) -> None:
    seconds = whole(gap_m(planner, HOME.lon, SHOP.lon) / DRIVES_MS * 1.5 + 120)
    last = at(planner, "20:00") - seconds * 1000
    own = planner.asked_at(at(planner, "12:00"))
    for leave, offered in ((last, ["near"]), (last + 1000, [])):
        found = own.plan(HOME, SHOP, WISH, depart_ms=leave).journeys
        trips = [leg.requested.trip_id for one in found for leg in one.legs if leg.requested is not None]
        assert [trip for trip in trips if trip == "near"] == offered


def test_arriving_by_a_moment_one_leaves_as_late_as_may_be(planner: Planner, feed: Path) -> None:
    seconds = whole(gap_m(planner, HOME.lon, SHOP.lon) / DRIVES_MS * 1.5 + 120)
    (journey,) = asked(planner, HOME, SHOP, "12:00", now="2026-11-30T09:00", arrive=True)
    assert journey.arrival_ms == at(planner, "12:00") and journey.duration_s == seconds
    assert check(feed, planner, journey) == []
    late = [one for one in asked(planner, HOME, SHOP, "21:00", now="2026-11-30T09:00", arrive=True)
            if ridden(one).requested.trip_id == "near"]  # fmt: skip
    assert late[0].arrival_ms == at(planner, "20:00")
    assert asked(planner, HOME, SHOP, "12:00", now="2026-11-30T11:30", arrive=True) == [], "too late to be booked"


def test_a_window_goes_on_after_midnight(planner: Planner, feed: Path) -> None:
    (journey,) = asked(planner, HOME, SHOP, "01:00", day="2026-12-01")
    own = ridden(journey).requested
    assert (own.trip_id, own.service_day) == ("night", "20261130") and check(feed, planner, journey) == []
    assert journey.departure_ms == at(planner, "01:00", "2026-12-01") == own.booking.until_ms
    assert own.booking.phone == "0577-1", "the agency's, where the rule has none"
    assert journey.duration_s == whole(gap_m(planner, HOME.lon, SHOP.lon) / DRIVES_MS)


def test_from_the_stop_of_a_group_one_walks(planner: Planner, feed: Path) -> None:
    (journey,) = asked(planner, HOME, CLINIC, "10:00", now="2026-11-27T16:59")
    ride, walk = journey.legs
    assert (ride.kind, walk.kind, ride.end.stop_id) == ("on_demand", "walk", "k2")
    assert ride.duration_s == whole(gap_m(planner, HOME.lon, 120.092) / DRIVES_MS * 2 + 120)
    assert walk.duration_s == whole(gap_m(planner, 120.092, CLINIC.lon) / 1.33)
    assert walk.departure_ms == ride.arrival_ms and ride.requested.estimate == "safe"
    assert check(feed, planner, journey) == []
    assert asked(planner, HOME, CLINIC, "10:00", now="2026-11-27T16:59", wishes=replace(WISH, max_walk_s=100)) == []
    # 111 m beside the street: 226 m as the crow flies, but 310 m on foot
    beside = Place(CLINIC.lon, 27.001)
    for most_s, legs in ((200, 0), (260, 2)):
        found = asked(planner, HOME, beside, "10:00", now="2026-11-27T16:59", wishes=replace(WISH, max_walk_s=most_s))
        assert sum(len(one.legs) for one in found) == legs
    (back,) = asked(planner, HOME, CLINIC, "12:00", now="2026-11-27T16:59", arrive=True)
    assert back.arrival_ms == at(planner, "12:00")


def test_before_a_weekend_one_books_on_the_last_working_day(planner: Planner) -> None:
    monday = "2026-11-30"
    (journey,) = asked(planner, HOME, CLINIC, "10:00", now="2026-11-27T17:00", day=monday)
    booking = ridden(journey).requested.booking
    assert (booking.kind, booking.url) == ("prior_days", "https://example.org/book")
    assert booking.until_ms == at(planner, "17:00", "2026-11-27"), "Friday, for only working days count"
    assert booking.from_ms == at(planner, "08:00", "2026-11-19"), "seven working days before Monday"
    assert asked(planner, HOME, CLINIC, "10:00", now="2026-11-27T17:01", day=monday) == []
    question = Asked(HOME, CLINIC, WISH, at(planner, "10:00"), None, at(planner, "17:01", "2026-11-27"))
    assert planner.on_demand.why_not(planner.assembler, question) == "booking"


@pytest.mark.parametrize(
    ("origin", "destination", "clock", "day", "why"),
    [
        (HOME, Place(120.2, 27.0), "10:00", "2026-11-30", "area"),
        (HOME, Place(120.025, 27.0), "10:00", "2026-11-30", "area"),
        (HOME, Place(121.05, 27.0), "10:00", "2026-11-30", "area"),
        (HOME, SHOP, "10:00", "2026-12-10", "hours"),
        (HOME, SHOP, "10:00", "2027-01-01", "hours"),
        (HOME, SHOP, "03:00", "2026-11-30", "hours"),
        (HOME, Place(120.0051, 27.0), "10:00", "2026-11-30", "walk"),
    ],
    ids=["outside", "in the hole", "zone of no trip", "exception", "after the calendar", "closed", "next door"],
)
def test_it_is_not_offered_and_says_why(
    planner: Planner, origin: Place, destination: Place, clock: str, day: str, why: str
) -> None:
    assert asked(planner, origin, destination, clock, day=day) == []
    moment = at(planner, clock, day)
    assert planner.on_demand.why_not(planner.assembler, Asked(origin, destination, WISH, moment, None, moment)) == why


def test_whoever_does_not_ask_for_it_or_cannot_board_it_gets_none(planner: Planner) -> None:
    assert asked(planner, HOME, SHOP, "10:00", wishes=Wishes()) == []
    assert asked(planner, HOME, SHOP, "10:00", wishes=replace(WISH, step_free=True)) == [], "near takes no wheelchairs"
    assert asked(planner, HOME, SHOP, "23:00", wishes=replace(WISH, step_free=True)), "of night nothing is told"


def test_where_no_streets_are_known_it_goes_straight_and_says_so(feed: Path) -> None:
    planner = made(feed, Streets(Graph.empty()))
    (journey,) = asked(planner, HOME, SHOP, "10:00")
    (leg,) = journey.legs
    degree_m = math.pi / 180 * 6_371_008.8 * math.cos(math.radians(27))
    assert leg.beeline and leg.length_m == pytest.approx(0.05 * degree_m * 1.3, rel=2e-3)
    assert leg.duration_s == pytest.approx(leg.length_m / (30 / 3.6) * 1.5 + 120, abs=1)
    assert asked(planner, HOME, Place(120.0051, 27.0), "10:00") == [], "one walks straight as well"


def test_a_ride_is_opened_again_as_long_as_it_holds(planner: Planner) -> None:
    (journey,) = asked(planner, HOME, SHOP, "10:00")
    held = Reopened.read(Reopened.write(journey))
    state, again = planner.on_demand.again(planner.assembler, HOME, SHOP, held, WISH)
    assert state == "as_planned" and again.legs[0].requested == journey.legs[0].requested
    assert (again.departure_ms, again.arrival_ms) == (journey.departure_ms, journey.arrival_ms)

    def state_of(origin: Place = HOME, **bent: object) -> str:
        return planner.on_demand.again(planner.assembler, origin, SHOP, replace(held, **bent), WISH)[0]

    assert state_of(set_down_ms=held.set_down_ms + 1000) == "changed"
    day = held.day.replace(month=12, day=10)
    for bent in ({"day": day}, {"trip_id": "gone"}, {"feed": "gone"}, {"last": 7}, {"fetched_ms": at(planner, "20:01")},
                 {"origin": Place(120.2, 27.0)}):  # fmt: skip
        assert state_of(**bent) == "gone"


def test_of_a_line_the_trip_is_given_that_arrives_first_or_leaves_last(planner: Planner) -> None:
    for arrive in (False, True):
        (journey,) = asked(planner, HOME, SHOP, "12:00", now="2026-11-30T09:00", arrive=arrive)
        assert ridden(journey).requested.trip_id == "near", "slow takes three times as long as driving"


def test_the_checker_finds_what_is_bent(planner: Planner, feed: Path) -> None:
    (journey,) = asked(planner, HOME, SHOP, "10:00")
    here, there = (HOME.lon, HOME.lat), (SHOP.lon, SHOP.lat)
    for bent, finding in (
        ({"points": (here, (120.2, 27.0))}, "does not come to (120.2"),
        ({"points": ((120.025, 27.0), there)}, "does not come to (120.025"),
        ({"service_day": "20261210"}, "day: near does not run"),
        ({"service_day": "20261129"}, "is not on the way"),
        ({"until_ms": at(planner, "10:01")}, "is booked until"),
        ({"origin_call": 1, "destination_call": 0}, "has no such calls"),
        ({"destination_call": 2}, "has no such calls"),
        ({"trip_id": "night"}, "is not on the way"),
        ({"trip_id": "slow"}, "takes"),
        ({"trip_id": "alone"}, "has no such calls"),
        ({"trip_id": "none"}, "trip: "),
        ({"feed": "none"}, "trip: "),
        ({"departure_ms": journey.departure_ms + 1000}, "takes"),
        ({"departure_ms": journey.arrival_ms}, "takes no time"),
    ):
        assert any(finding in one for one in check(feed, planner, journey, **bent)), bent
