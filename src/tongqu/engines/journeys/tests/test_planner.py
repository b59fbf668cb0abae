"""The planner on a town of one street and two buses: times by hand, reasons, the slower walker, what is reached."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tongqu.engines.journeys import Catalogue, Place, Planner, Reach, Walker, Wishes
from tongqu.engines.streets import Streets, from_extract
from tongqu.engines.transit import Timetable
from tongqu.protocols import osm

pytestmark = pytest.mark.xdist_group("planner")

STREET = """<osm version="0.6">
  <node id="1" lon="120.000" lat="27.000"/><node id="2" lon="120.100" lat="27.000"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="长街"/></way>
</osm>"""
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,公交,https://example.org,Asia/Shanghai\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
    "w,西站,27.0,120.010\nm,中站,27.0,120.050\nn,新站,27.0,120.052\ne,东站,27.0,120.090\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nr1,A,1,,3\nr2,A,2,,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "d,1,1,1,1,1,1,1,20261101,20261231\n",
    "trips.txt": "route_id,service_id,trip_id,trip_headsign\nr1,d,t1,中站\nr2,d,t2,东站\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,w,1\nt1,08:10:00,08:10:00,m,2\nt2,08:20:00,08:20:00,n,1\nt2,08:30:00,08:30:00,e,2\n",
}
PER_DEGREE_M = 99_230.0  # of longitude at 27° N


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    folder = tmp_path_factory.mktemp("town")
    (folder / "town.osm").write_text(STREET, encoding="utf-8")
    file = folder / "town.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, content in FEED.items():
            made.writestr(name, content)
    streets = Streets(from_extract(osm.read(folder / "town.osm")))
    catalogue = Catalogue.read([file])
    walker = Walker(streets, doors_for=catalogue.metro_stops)
    return Planner(Timetable.from_gtfs([file], streets=walker), walker, catalogue)


def at(planner: Planner, clock: str, day: str = "2026-11-30") -> int:
    return planner.timetable.instant_ms(f"{day}T{clock}")


def walk_s(degrees: float) -> float:
    return degrees * PER_DEGREE_M / 1.33


FROM, TO = Place(120.012, 27.0001, "家"), Place(120.089, 27.0001)


def test_a_journey_is_what_one_works_out_by_hand(planner: Planner) -> None:
    plan = planner.plan(FROM, TO, Wishes(), depart_ms=at(planner, "07:50"))
    (journey,) = plan.journeys
    walk, first, change, second, last = journey.legs
    assert [leg.kind for leg in journey.legs] == ["walk", "ride", "walk", "ride", "walk"]
    assert journey.transfers == 1
    # 11 m to the street at both ends, then along it
    assert walk.duration_s == pytest.approx(walk_s(0.002) + 11.1 / 1.33, abs=2)
    assert walk.arrival_ms == first.departure_ms == at(planner, "08:00")
    assert change.duration_s == pytest.approx(walk_s(0.002), abs=2) and change.way is not None
    assert second.departure_ms == at(planner, "08:20") and second.ride is not None and second.ride.line == "2"
    assert last.duration_s == pytest.approx(walk_s(0.001) + 11.1 / 1.33, abs=2)
    assert walk.start.name == "家" and first.start.name == "西站"
    assert walk.way is not None and walk.way.steps[0].street == "长街"


def test_arriving_by_gives_the_same_journey_as_leaving_when_it_leaves(planner: Planner) -> None:
    (there,) = planner.plan(FROM, TO, Wishes(), depart_ms=at(planner, "07:00")).journeys
    (back,) = planner.plan(FROM, TO, Wishes(), arrive_ms=at(planner, "09:00")).journeys
    assert [leg.departure_ms for leg in there.legs] == [leg.departure_ms for leg in back.legs]


def test_a_slow_walker_leaves_earlier(planner: Planner) -> None:
    (usual,) = planner.plan(FROM, TO, Wishes(), depart_ms=at(planner, "07:50")).journeys
    (slow,) = planner.plan(FROM, TO, Wishes(walk_speed_ms=0.8), depart_ms=at(planner, "07:50")).journeys
    assert slow.legs[0].duration_s == pytest.approx(usual.legs[0].duration_s * 1.33 / 0.8, abs=2)
    assert slow.departure_ms < usual.departure_ms


def test_going_on_foot_is_offered_and_beats_a_ride_that_takes_longer(planner: Planner) -> None:
    near = Place(120.015, 27.0)
    plan = planner.plan(FROM, near, Wishes(), depart_ms=at(planner, "07:50"))
    assert [journey.legs[0].kind for journey in plan.journeys] == ["walk"] and len(plan.journeys[0].legs) == 1


def test_why_there_is_no_journey(planner: Planner) -> None:
    def reason(origin: Place, destination: Place, clock: str = "07:50", day: str = "2026-11-30", **wish: int) -> str:
        found = planner.plan(origin, destination, Wishes(**wish), depart_ms=at(planner, clock, day)).reason  # type: ignore[arg-type]
        return "" if found is None else f"{found.code} {found.which}".strip()

    assert reason(FROM, TO) == ""
    assert reason(FROM, Place(121.0, 28.0)) == "outside_area destination"
    assert reason(Place(120.03, 27.0), TO) == "walk_limit origin"
    assert reason(FROM, TO, day="2027-05-01") == "outside_dates"
    assert reason(FROM, TO, clock="22:00", day="2026-12-31") == "no_service_after"
    assert reason(FROM, TO, max_transfers=0) == "no_connection"
    further = planner.plan(Place(120.03, 27.0), TO, Wishes(), depart_ms=at(planner, "07:50")).reason
    assert further is not None and further.params["stop"] in ("西站", "中站")
    assert further.params["walk_s"] == pytest.approx(walk_s(0.02), abs=3)


def test_places_are_reached_when_journeys_say_so(planner: Planner) -> None:
    leave = at(planner, "07:55")
    places = planner.streets.stops(np.array([120.089, 120.015, 120.07]), np.array([27.0001, 27.0, 27.0]))
    seconds = Reach(planner).place_seconds(FROM, places, Wishes(), leave)
    (journey,) = planner.plan(FROM, TO, Wishes(), depart_ms=leave).journeys
    assert seconds[0] == pytest.approx((journey.arrival_ms - leave) / 1000, abs=2)
    assert seconds[1] == pytest.approx(walk_s(0.003) + 11.1 / 1.33, abs=2)
    areas = Reach(planner).areas(FROM, [5, 40], Wishes(), leave)
    near, far = areas[5].geometry, areas[40].geometry
    assert far.contains(near.buffer(-1e-5)) and far.area > 2 * near.area and areas[40].stops > areas[5].stops
    window = [
        Reach(planner).areas(FROM, [40], Wishes(), leave, window_s=1800, step_s=600, share=share)[40]
        for share in (0, 50, 100)
    ]
    best, middle, worst = (one.geometry.area for one in window)
    assert best >= middle >= worst > 0 and best > worst, "more is reached by the best departure than by every one"
    assert window[0].stops >= window[1].stops >= window[2].stops


def test_a_shape_is_cut_at_the_stops_in_their_order() -> None:
    from tongqu.engines.journeys.catalogue import _along

    loop = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0.001]], float) / 100
    stops = np.array([[0.5, 0.01], [1.01, 0.5], [0.5, 1.01], [-0.01, 0.5]]) / 100
    points, where = _along(loop, stops)
    assert (np.diff(where) > 0).all()
    assert points[where] == pytest.approx(np.array([[0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5]]) / 100, abs=1e-6)


def test_a_feed_in_memory_reads_as_its_file(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in FEED.items():
            made.writestr(name, content)
    (tmp_path / "a.zip").write_bytes(data.getvalue())
    first = Catalogue.read([tmp_path / "a.zip"], cache_folder=tmp_path)
    again = Catalogue.read([tmp_path / "a.zip"], cache_folder=tmp_path)
    assert first.line_of(0, "t2") == again.line_of(0, "t2")
    np.testing.assert_array_equal(first.calls(0, "t1")[1], again.calls(0, "t1")[1])


def test_less_walking_takes_the_bus_that_stops_nearer_though_it_arrives_later(tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("near")
    (folder / "town.osm").write_text(STREET, encoding="utf-8")
    file = folder / "town.zip"
    nearer = {
        "stops.txt": FEED["stops.txt"] + "x,门口,27.0,120.012\n",
        "trips.txt": "route_id,service_id,trip_id,trip_headsign\nr1,d,t1,东站\nr2,d,t2,东站\n",
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,08:05:00,08:05:00,w,1\nt1,08:20:00,08:20:00,e,2\nt2,08:10:00,08:10:00,x,1\nt2,08:30:00,08:30:00,e,2\n",
    }
    with zipfile.ZipFile(file, "w") as made:
        for name, content in (FEED | nearer).items():
            made.writestr(name, content)
    walker = Walker(Streets(from_extract(osm.read(folder / "town.osm"))))
    near = Planner(Timetable.from_gtfs([file], streets=walker), walker, Catalogue.read([file]))
    rides = lambda plan: [one for one in plan.journeys if one.legs[0].kind != "walk" or len(one.legs) > 1]  # noqa: E731
    fast = rides(near.plan(FROM, TO, Wishes(), depart_ms=at(near, "08:00:00")))
    both = rides(near.plan(FROM, TO, Wishes(less_walking=True), depart_ms=at(near, "08:00:00")))
    assert len(fast) == 1 and len(both) == 2
    assert both[0].arrival_ms == fast[0].arrival_ms < both[1].arrival_ms
    assert both[0].walk_s - both[1].walk_s == pytest.approx(walk_s(0.002), abs=2)


def test_a_timetable_on_streets_is_compiled_once(tmp_path: Path) -> None:
    """The next start, with other objects for the same streets, finds what was compiled; other walks do not."""
    file = tmp_path / "town.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, content in FEED.items():
            made.writestr(name, content)
    (tmp_path / "town.osm").write_text(STREET, encoding="utf-8")

    def compiled(**wishes: float) -> set[str]:
        walker = Walker(Streets(from_extract(osm.read(tmp_path / "town.osm"))), **wishes)
        Timetable.from_gtfs([file], streets=walker, cache=tmp_path / "kept")
        return {path.name for path in (tmp_path / "kept").iterdir()}

    first = compiled()
    assert len(first) == 1
    assert compiled() == first
    assert len(compiled(bound_s=300.0)) == 2
