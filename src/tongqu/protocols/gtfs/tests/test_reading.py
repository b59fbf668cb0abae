"""Reading feeds: real ones with their counts, and each way in which a file can be written badly."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid, TooLarge
from tongqu.protocols import gtfs

MINIMAL = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,公交,https://a.cn,Asia/Shanghai\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n1,一,30.1,120.1\n2,二,30.2,120.2\n3,三,30.3,120.3\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,A,1路,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,S,T\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "S,1,1,1,1,1,0,0,20261123,20261129\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T,25:30:00,25:30:00,1,1\nT,,,2,2\nT,25:50:00,25:50:00,3,3\n",
}


def packed(files: dict[str, str | bytes], folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return buffer.getvalue()


def codes(feed: gtfs.Feed) -> dict[str, int]:
    return {notice.code: notice.total for notice in feed.notices}


def test_porto_alegres_bus_feed_has_all_its_empty_times_filled(data_dir):
    feed = gtfs.read(data_dir / "travel/poa/poa_eptc.zip")
    plan = gtfs.schedule(feed)
    assert (len(plan.stops), len(plan.trips), len(plan.call_stop)) == (3_986, 2_374, 130_019)
    assert int(plan.call_filled.sum()) == 125_271
    assert (plan.call_arrival_s >= 0).all()
    assert len(plan.calendar.services) == 115
    assert codes(feed) == {"invalid_color": 115}


def test_porto_alegres_metro_feed(data_dir):
    feed = gtfs.read(data_dir / "travel/poa/poa_trensurb.zip")
    plan = gtfs.schedule(feed)
    assert (len(plan.stops), len(plan.trips), len(plan.calendar.services)) == (24, 1_248, 3)
    assert feed.strings("agency", "agency_name") == ["TRENSURB"]


def test_filled_times_lie_between_their_timepoints_in_order(data_dir):
    plan = gtfs.schedule(
        gtfs.read(data_dir / "travel/gtfs-rt/bullrunner-gtfs-timepoints-only-legacy-exact-times-1.zip")
    )
    assert int(plan.call_filled.sum()) == 330
    for trip in range(len(plan.trips)):
        calls = plan.calls(trip)
        assert (np.diff(plan.call_arrival_s[calls]) >= 0).all()


def test_a_time_beyond_midnight_belongs_to_its_service_day():
    plan = gtfs.schedule(gtfs.read(packed(MINIMAL)))
    assert plan.call_arrival_s.tolist() == [91_800, 92_400, 93_000]
    assert plan.call_filled.tolist() == [False, True, False]


def test_empty_times_follow_the_distance_where_it_is_given():
    stop_times = (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n"
        "T,8:00:00,8:00:00,1,1,0\nT,,,2,2,900\nT,8:10:00,8:10:00,3,3,1000\n"
    )
    plan = gtfs.schedule(gtfs.read(packed(MINIMAL | {"stop_times.txt": stop_times})))
    assert plan.call_arrival_s.tolist() == [28_800, 28_800 + 540, 28_800 + 600]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 600), st.integers(0, 3)), min_size=2, max_size=12), st.booleans()
)
def test_filling_agrees_with_the_formula_written_plainly(calls, with_distance):
    times, clock = [], 0
    for index, (given_, gap, _) in enumerate(calls):
        clock += gap
        times.append(clock if given_ or index in (0, len(calls) - 1) else -1)
    steps = np.cumsum([float(step) for _, _, step in calls])
    distance = steps if with_distance else np.full(len(calls), np.nan)
    at = np.array(times, dtype=np.int32)
    arrival, departure, filled = gtfs.fill_times(np.zeros(len(at), np.int32), at, at, distance)
    known = [index for index, time in enumerate(times) if time >= 0]
    for low, high in pairwise(known):
        for place in range(low + 1, high):
            share = (place - low) / (high - low)
            if with_distance and steps[high] > steps[low]:
                share = (steps[place] - steps[low]) / (steps[high] - steps[low])
            assert arrival[place] == int(times[low] + (times[high] - times[low]) * share + 1e-9)
    assert filled.tolist() == [time < 0 for time in times]
    assert (arrival == departure).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n\r\n"),
        lambda text: text.replace(",", " , "),
    ],
    ids=["bom", "crlf", "no last newline", "blank rows", "bom, crlf and blank rows", "spaces"],
)
def test_however_the_lines_are_written_the_feed_is_the_same(change):
    feed = gtfs.read(packed({name: change(text).encode() for name, text in MINIMAL.items()}))
    plain = gtfs.read(packed(MINIMAL))
    for name, table in plain.tables.items():
        assert feed.tables[name].equals(table), name


def test_files_in_a_folder_of_the_zip_are_found_and_strays_named():
    feed = gtfs.read(packed({**MINIMAL, "notes.md": "x", "__MACOSX/stops.txt": "x"}, folder="export/gtfs/"))
    assert feed.inner == "export/gtfs/"
    assert feed.count("stops") == 3
    assert feed.strays == ("export/gtfs/notes.md",)


def test_a_newline_within_quotes_is_part_of_the_name():
    stops = 'stop_id,stop_name,stop_lat,stop_lon\n1,"一\n号, ""东""",30.1,120.1\n2,二,x,120.2\n'
    feed = gtfs.read(packed(MINIMAL | {"stops.txt": stops}))
    assert feed.strings("stops", "stop_name") == ['一\n号, "东"', "二"]
    assert [notice.samples[0]["row"] for notice in feed.notices if notice.code == "invalid_float"] == [3]


def test_short_and_long_rows_are_noted_by_row_and_kept():
    stops = "stop_id,stop_name,stop_lat,stop_lon\n1,一,30.1\n2,二,30.2,120.2,9\n3,三,30.3,120.3\n"
    feed = gtfs.read(packed(MINIMAL | {"stops.txt": stops}))
    assert feed.strings("stops", "stop_id") == ["1", "2", "3"]
    assert [(notice.code, notice.rows) for notice in feed.notices] == [("invalid_row_length", (2, 3))]


def test_cells_that_cannot_be_read_are_null_and_noted():
    routes = "route_id,route_short_name,route_type,route_color\nR,1,99,FF00\nQ,2,bus,00FF00\n"
    calls = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT,8h,8:00:00,1,1\nT,08:70:00,9:00:00,2,-4\n"
    feed = gtfs.read(packed(MINIMAL | {"routes.txt": routes, "stop_times.txt": calls}))
    assert codes(feed) == {
        "invalid_color": 1,
        "unexpected_enum_value": 1,
        "invalid_integer": 1,
        "invalid_time": 2,
        "number_out_of_range": 1,
    }
    assert feed.tables["stop_times"].column("arrival_time").to_pylist() == [None, None]


def test_a_feed_in_another_encoding_is_noted_where_it_first_shows():
    feed = gtfs.read(packed(MINIMAL | {"stops.txt": MINIMAL["stops.txt"].replace("一", "北京").encode("gb18030")}))
    assert [(notice.code, notice.rows) for notice in feed.notices] == [("invalid_character", (2,))]
    assert feed.count("stops") == 3


def test_a_call_at_a_stop_that_is_not_there_leaves_the_trip_running():
    calls = MINIMAL["stop_times.txt"].replace(",2,2", ",none,2")
    plan = gtfs.schedule(gtfs.read(packed(MINIMAL | {"stop_times.txt": calls})))
    assert [(notice.code, notice.rows) for notice in plan.notices] == [("foreign_key_violation", (3,))]
    assert plan.call_stop.tolist() == [0, 2]


def test_a_trip_without_calls_and_one_that_goes_back_do_not_run():
    trips = "route_id,service_id,trip_id\nR,S,T\nR,S,none\nR,S,back\n"
    calls = MINIMAL["stop_times.txt"] + "back,9:00:00,9:00:00,1,1\nback,8:59:59,9:10:00,2,2\n"
    plan = gtfs.schedule(gtfs.read(packed(MINIMAL | {"trips.txt": trips, "stop_times.txt": calls})))
    assert np.diff(plan.trip_first).tolist() == [3, 0, 0]
    assert {notice.code: notice.rows for notice in plan.notices} == {
        "stop_time_with_arrival_before_previous_departure_time": (6,),
        "unusable_trip": (3,),
    }


def test_days_of_a_service_are_its_weekdays_and_exceptions():
    dates = "service_id,date,exception_type\nS,20261124,2\nS,20261128,1\nX,20261202,1\n"
    calendar = gtfs.services(gtfs.read(packed(MINIMAL | {"calendar_dates.txt": dates})))
    assert calendar.services == ("S", "X")
    days = [calendar.runs[:, 0].tolist(), calendar.runs[:, 1].tolist()]
    assert days[0] == [True, False, True, True, True, True, False, False, False, False]
    assert days[1] == [False] * 9 + [True]
    assert not calendar.on(calendar.last.replace(year=2030)).any()


def test_bombs_are_refused_by_what_they_say_and_by_what_they_hold():
    bomb = packed({**MINIMAL, "shapes.txt": b"0" * (60 << 20)})
    with pytest.raises(TooLarge, match=r"gtfs\.bomb"):
        gtfs.read(bomb)
    with pytest.raises(TooLarge, match=r"gtfs\.unpacks_too_large"):
        gtfs.read(packed(MINIMAL), limits=gtfs.Limits(total_bytes=200))
    with pytest.raises(TooLarge, match=r"gtfs\.too_many_files"):
        gtfs.read(packed(MINIMAL), limits=gtfs.Limits(files=3))


def test_what_is_no_feed_is_refused(data_dir, tmp_path):
    with pytest.raises(Invalid, match=r"gtfs\.no_feed"):
        gtfs.read(data_dir / "travel/gtfs-rt/badgtfs.zip")
    whole = packed(MINIMAL)
    with pytest.raises(Invalid, match=r"gtfs\.not_a_zip"):
        gtfs.read(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match=r"gtfs\.no_such_file"):
        gtfs.read(tmp_path / "absent.zip")


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_otherwise_than_by_refusing(noise):
    for content in (noise, packed({**MINIMAL, "stops.txt": noise, "stop_times.txt": noise})):
        try:
            gtfs.schedule(gtfs.read(content))
        except Invalid as refusal:
            assert refusal.code in ("gtfs.not_a_zip", "gtfs.no_feed", "gtfs.file_damaged")
