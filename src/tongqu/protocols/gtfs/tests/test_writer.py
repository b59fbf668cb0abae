"""A feed written is the feed read; what is mended, and what a new version changes."""

from __future__ import annotations

from datetime import date

import pytest

from tongqu.protocols import gtfs
from tongqu.protocols.gtfs.tests.feeds import CLEAN, packed, with_line, with_text


def test_tables_set_back_to_a_zip_are_the_same_tables(data_dir):
    for path in ("poa/poa_trensurb", "gtfs-samples/sample-feed-1"):
        feed = gtfs.read(data_dir / f"travel/{path}.zip")
        again = gtfs.read(gtfs.write(feed.tables))
        for name, table in feed.tables.items():
            if table.num_rows:
                assert again.tables[name].select(table.column_names).equals(table), name


def test_values_are_written_as_the_specification_says():
    rows = [{"trip_id": "T", "arrival_time": 91_800, "departure_time": "25:31:00", "stop_id": "1", "stop_sequence": 1}]
    days = [{"service_id": "S", "date": date(2026, 11, 28), "exception_type": 1}]
    stops = [{"stop_id": "1", "stop_name": 'a "b", c\nd', "stop_lat": 30.5, "stop_lon": None, "own": "x"}]
    feed = gtfs.read(gtfs.write({"stop_times": rows, "calendar_dates": days, "stops": stops, "shapes": []}))
    assert feed.tables["stop_times"].to_pylist() == [rows[0] | {"departure_time": 91_860}]
    assert feed.tables["calendar_dates"].to_pylist() == days
    assert feed.strings("stops", "stop_name") == ['a "b", c\nd']
    assert feed.texts["stops"].table.column("own").to_pylist() == ["x"]
    assert "shapes" not in feed.tables
    assert gtfs.write({"stops": stops}) == gtfs.write({"stops": stops})


def test_porto_alegres_mended_feed_has_no_error_and_the_filled_times(data_dir):
    feed = gtfs.read(data_dir / "travel/poa/poa_eptc.zip")
    data, done = gtfs.mended(feed)
    assert {(m.rule, m.cells) for m in done} == {("colours", 115), ("empty_times", 125_271)}
    again = gtfs.read(data)
    assert [notice.code for notice in gtfs.validate(again) if notice.severity == "error"] == []
    before, after = gtfs.schedule(feed), gtfs.schedule(again)
    assert (after.call_arrival_s == before.call_arrival_s).all()
    assert not after.call_filled.any()


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("routes.txt", "0055AA", "#05a", "colours"),
        ("stop_times.txt", "08:05:00,08:05:00", "8:05,8：05", "times"),
        ("calendar.txt", "20261101,20261231", "2026-11-01,2026年12月31日", "days"),
    ],
)
def test_usual_slips_are_mended(file, old, new, rule):
    feed = gtfs.read(packed(with_text(file, old, new)))
    assert feed.notices
    data, done = gtfs.mended(feed)
    assert {mending.rule for mending in done} == {rule}
    again, clean = gtfs.read(data), gtfs.read(packed(CLEAN))
    assert again.notices == ()
    name = file.removesuffix(".txt")
    if rule != "colours":
        assert again.tables[name].equals(clean.tables[name])
    else:
        assert again.strings("routes", "route_color") == ["0055AA"]


def test_what_is_not_sure_is_left_as_it_is():
    feed = gtfs.read(packed(with_text("stop_times.txt", "08:05:00,08:05:00", "soon,soon")))
    data, done = gtfs.mended(feed)
    assert done == ()
    assert gtfs.read(data).texts["stop_times"].table.equals(feed.texts["stop_times"].table)


def test_a_difference_names_lines_stops_kilometres_and_trips():
    before = gtfs.schedule(gtfs.read(packed(CLEAN)))
    files = with_line("routes.txt", "N,A,夜,3,0055AA,FFFFFF") | {
        "stops.txt": CLEAN["stops.txt"].replace("二站", "新站").replace("30.12", "30.13") + "4,四,30.14,120.10\n",
        "trips.txt": CLEAN["trips.txt"] + "N,S,V,,\n",
        "stop_times.txt": CLEAN["stop_times.txt"] + "V,10:00:00,10:00:00,1,1\nV,10:30:00,10:30:00,4,2\n",
        "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nV,22:00:00,24:00:00,1800\n",
    }
    seen = gtfs.difference(before, gtfs.schedule(gtfs.read(packed(files))), date(2026, 11, 25))
    assert (seen.lines_added, seen.lines_removed, seen.lines_changed) == (("N",), (), ())
    assert (seen.stops_added, seen.stops_removed, seen.stops_renamed) == (("4",), (), ("2",))
    assert list(seen.stops_moved) == ["3"]
    assert seen.stops_moved["3"] == pytest.approx(1_112, abs=1)
    assert seen.trips == (2, 6)
    assert seen.vehicle_km[0] == pytest.approx(2 * 2.224, abs=0.01)
    assert seen.after["N"].vehicle_km == pytest.approx(4 * 4.448, abs=0.01)
    gone = gtfs.difference(gtfs.schedule(gtfs.read(packed(files))), before)
    assert gone.lines_removed == ("N",)
    assert gone.stops_removed == ("4",)
