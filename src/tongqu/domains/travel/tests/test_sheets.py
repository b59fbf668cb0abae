"""The spreadsheet an operator has: what it says becomes a timetable, what is wrong is told by row."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tongqu.domains.travel.courses import Agency, Course, Halt, Period, feed_of
from tongqu.domains.travel.sheets import clock, headways, read_courses
from tongqu.kit import crs
from tongqu.kit.errors import Invalid
from tongqu.protocols import gtfs

HEAD = (
    "线路",
    "方向",
    "序号",
    "站名",
    "经度",
    "纬度",
    "用时（分）",
    "坐标系",
    "首班",
    "末班",
    "间隔（分）",
    "日期",
    "方式",
)
GOOD = (
    ("1路", "去程", 1, "人民广场", 120.60, 27.90, 0, None, "06:00", "08:00", "07:00-07:30=10;20", "每日", "公交"),
    ("1路", "去程", 2, "重庆路口", 120.61, 27.91, None),
    ("1路", "去程", 3, "望汀港", 120.62, 27.92, 10),
)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in (HEAD, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(tmp_path: Path, *rows: tuple[Any, ...]) -> Any:
    path = tmp_path / "lines.xlsx"
    path.write_bytes(workbook(*rows))
    return read_courses(path)


def changed(row: int, column: str, value: Any) -> tuple[tuple[Any, ...], ...]:
    rows = [list(one) + [None] * (len(HEAD) - len(one)) for one in GOOD]
    rows[row][HEAD.index(column)] = value
    return tuple(tuple(one) for one in rows)


def test_first_last_and_headways_give_every_departure(tmp_path: Path) -> None:
    found = read(tmp_path, *GOOD)
    assert not found.problems
    (course,) = found.courses
    at = [seconds // 60 for seconds in course.departures()]
    assert at == [360, 380, 400, 420, 430, 440, 450, 470, 480]  # every 20 min, 7:00-7:30 every 10, the last at 8:00
    assert [halt.seconds for halt in course.halts] == [0, 300, 600]  # the middle stop lies half way


def test_the_feed_that_is_made_reads_back(tmp_path: Path) -> None:
    courses = read(tmp_path, *GOOD).courses
    plan = gtfs.schedule(
        gtfs.read(feed_of(Agency("望汀公交", "http://127.0.0.1/"), courses, (date(2026, 1, 1), date(2026, 12, 31))))
    )
    assert not [notice for notice in (*plan.feed.notices, *plan.notices) if notice.severity == "error"]
    assert (len(plan.stops), len(plan.routes), len(plan.trips)) == (3, 1, 9)
    assert sorted(int(plan.call_departure_s[plan.calls(trip)][0]) for trip in range(9)) == courses[0].departures()


def test_labelled_coordinates_are_brought_back(tmp_path: Path) -> None:
    east, north = crs.from_wgs84(120.60, 27.90, crs.Datum.GCJ02)
    rows = changed(0, "经度", float(east))
    rows = ((*rows[0][:5], float(north), *rows[0][6:7], "GCJ-02", *rows[0][8:]), *rows[1:])
    (course,) = read(tmp_path, *rows).courses
    assert (course.halts[0].lon, course.halts[0].lat) == pytest.approx((120.60, 27.90), abs=2e-6)


@pytest.mark.parametrize(
    ("row", "column", "value", "code", "number"),
    [
        (0, "间隔（分）", "0", "travel.zero_headway", 2),
        (0, "间隔（分）", "often", "travel.bad_headway", 2),
        (0, "间隔（分）", "09:00-07:00=5", "travel.bad_period", 2),
        (0, "首班", "六点半", "travel.bad_time", 2),
        (0, "首班", "06:75", "travel.bad_time", 2),
        (0, "首班", None, "travel.first_row_needs", 2),
        (0, "末班", "05:00", "travel.last_before_first", 2),
        (1, "序号", 5, "travel.stop_missing", 3),
        (1, "站名", None, "imports.required", 3),
        (1, "纬度", 127.9, "imports.out_of_range", 3),
        (2, "用时（分）", 0, "travel.minutes_fall", 4),
    ],
)
def test_what_is_wrong_is_told_by_row_and_the_line_left_out(
    tmp_path: Path, row: int, column: str, value: Any, code: str, number: int
) -> None:
    other = tuple(("2路", *one[1:]) for one in GOOD)
    found = read(tmp_path, *changed(row, column, value), *other)
    assert (code, number) in {(problem.code, problem.row) for problem in found.problems}
    assert [course.line for course in found.courses] == ["2路"]
    assert found.lines == 2


def test_a_sheet_becomes_a_version(receive: Callable[..., Any], check: Callable[..., Any]) -> None:
    version = check(receive(workbook(*GOOD)), activate=True)
    assert (version["state"], version["figures"]["trips"]) == ("active", 9)


@given(st.integers(0, 36), st.integers(0, 59))
def test_times_read_as_written(hours: int, minutes: int) -> None:
    assert clock(f"{hours}:{minutes:02}") == clock(f"{hours:02}：{minutes:02}:00") == hours * 3600 + minutes * 60


@given(st.text(max_size=30))
def test_any_text_is_a_headway_or_refused(text: str) -> None:
    try:
        assert all(one.seconds > 0 for one in headways(text))
    except Invalid as error:
        assert error.code in ("travel.bad_headway", "travel.zero_headway", "travel.bad_period", "travel.bad_time")


@given(
    st.integers(0, 80_000), st.integers(1, 20_000), st.integers(1, 3_000), st.one_of(st.none(), st.integers(0, 90_000))
)
def test_departures_keep_their_period(begins: int, long: int, headway: int, last: int | None) -> None:
    halts = (Halt("a", "a", 0, 0, 0), Halt("b", "b", 0, 1, 60))
    course = Course("1", "1", "a-b", 3, 0, halts, (Period(begins, begins + long, headway),), last)
    found = course.departures()
    assert found == sorted(set(found))
    if last is not None:
        assert found[-1] == last
    assert all(begins <= at < begins + long or at == last for at in found)
