"""What is compiled ahead can be run at all, and a metro whose entrances the feed knows can be planned with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tongqu.domains.travel.compiling import _osm, compile_search
from tongqu.domains.travel.courses import Agency, Course, Halt, Period, Station, feed_of
from tongqu.engines.journeys import Catalogue, Place, Planner, Walker, Wishes
from tongqu.engines.streets import WALK, Streets
from tongqu.engines.transit import Timetable


def test_everything_is_compiled_without_a_fault() -> None:
    compile_search()


def test_entrances_of_a_feed_stand_beside_its_platforms(tmp_path: Path) -> None:
    """Stations and entrances are no stops that one boards at: walks are measured for the platforms alone."""
    stations = [
        Station("a", "A", 120.6005, 27.9, (("A", 120.6006, 27.9001), ("B", 120.6004, 27.9001))),
        Station("b", "B", 120.611, 27.9052, (("A", 120.6111, 27.9053),)),
    ]
    halts = tuple(Halt(f"{one.id}-p", one.name, one.lon, one.lat, 300 * n, one.id) for n, one in enumerate(stations))
    course = Course("m", "M", "A—B", 1, 0, halts, (Period(0, 86_400, 600),))
    feed = tmp_path / "metro.zip"
    feed.write_bytes(
        feed_of(Agency("A", "http://127.0.0.1/"), [course], (date(2026, 1, 5), date(2026, 1, 7)), stations)
    )
    (tmp_path / "town.osm").write_text(_osm(), encoding="utf-8")
    catalogue = Catalogue.read([feed])
    streets = Streets.from_osm(tmp_path / "town.osm").with_doors(catalogue.doors)
    walker = Walker(streets, WALK, 600.0, catalogue.metro_stops)
    timetable = Timetable.from_gtfs([feed], streets=walker)
    planner = Planner(timetable, walker, catalogue)
    noon = timetable.day(date(2026, 1, 6)).base_ms + 12 * 3_600_000
    found = planner.plan(Place(120.6, 27.9), Place(120.612, 27.906), Wishes(), depart_ms=noon)
    assert found
