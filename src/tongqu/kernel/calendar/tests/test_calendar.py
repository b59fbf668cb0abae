"""Deadlines are right at midnight +08:00, over holidays and swapped days, and while a clock stands still."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.calendar import day_at, day_of, ends_ms, midnight_ms
from tongqu.kernel.rulebooks import Status
from tongqu.kit import text
from tongqu.kit.time import DAY_MS, HOUR_MS, iso, parse_iso

text.register("calendar", "tongqu.kernel.calendar")


@pytest.mark.parametrize(
    "day, working",
    [
        ("2025-10-08", False),  # 国庆、中秋 2025: 1 to 8 October off, 28 September and 11 October worked
        ("2025-09-28", True),
        ("2025-10-11", True),
        ("2025-10-09", True),
        ("2026-02-14", True),  # 春节 2026: 15 to 23 February off, the Saturdays 14 and 28 worked
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-01-04", True),
        ("2026-09-20", True),
        ("2026-10-10", True),
        ("2026-11-28", False),
        ("2026-11-30", True),
    ],
)
def test_the_notices_of_the_state_council(day: str, working: bool) -> None:
    found = day_of(date.fromisoformat(day))
    assert found.working is working and found.status is Status.CROSS_CHECKED


def test_a_year_whose_notice_is_not_known_is_flagged() -> None:
    spring, monday = day_of(date(2027, 2, 8)), day_of(date(2027, 3, 1))
    assert not spring.working and monday.working
    assert spring.status is monday.status is Status.UNVERIFIED
    far = day_of(date(2040, 1, 2))
    assert far.working and far.status is Status.UNVERIFIED


@pytest.mark.parametrize(
    "begin, amount, unit, end",
    [
        # the day of the event is not counted, whether it is its first or its last millisecond
        ("2026-11-24T00:00:00+08:00", 1, "days", "2026-11-26T00:00:00+08:00"),
        ("2026-11-24T23:59:59.999+08:00", 1, "days", "2026-11-26T00:00:00+08:00"),
        ("2026-11-25T00:00:00+08:00", 1, "days", "2026-11-27T00:00:00+08:00"),
        # still the 24th in UTC, already the 25th in China
        ("2026-11-24T16:00:00+00:00", 1, "days", "2026-11-27T00:00:00+08:00"),
        # five working days from a Thursday: Fri, Mon, Tue, Wed, Thu
        ("2026-11-19T10:00:00+08:00", 5, "working_days", "2026-11-27T00:00:00+08:00"),
        # over National Day 2026 (1 to 7 October off, Saturday 10 worked): 30 Sep, 8, 9, 10, 12
        ("2026-09-29T10:00:00+08:00", 5, "working_days", "2026-10-13T00:00:00+08:00"),
        # a Sunday that is worked counts: Sun 20, Mon 21
        ("2026-09-19T10:00:00+08:00", 2, "working_days", "2026-09-22T00:00:00+08:00"),
        # 15 natural days to 9 October; 7 days that would end on 6 October, a holiday, end with the 8th
        ("2026-09-24T10:00:00+08:00", 15, "days", "2026-10-10T00:00:00+08:00"),
        ("2026-09-29T10:00:00+08:00", 7, "days", "2026-10-09T00:00:00+08:00"),
        # hours run through nights and holidays
        ("2026-10-01T23:30:00+08:00", 1, "hours", "2026-10-02T00:30:00+08:00"),
        ("2026-12-31T23:59:30+08:00", 2, "minutes", "2027-01-01T00:01:30+08:00"),
        ("2026-11-24T09:00:00+08:00", 0, "days", "2026-11-25T00:00:00+08:00"),
    ],
)
def test_when_a_period_ends(begin: str, amount: float, unit: str, end: str) -> None:
    found = ends_ms(parse_iso(begin), amount, unit)
    assert iso(found) == iso(parse_iso(end))


@pytest.mark.parametrize(
    "unit, stop, go, end",
    [
        ("hours", "2026-11-24T10:00+08:00", "2026-11-24T10:30+08:00", "2026-11-24T11:30+08:00"),
        ("hours", "2026-11-24T12:00+08:00", "2026-11-24T13:00+08:00", "2026-11-24T11:00+08:00"),
        ("hours", "2026-11-24T10:00+08:00", None, None),
        ("days", "2026-11-25T10:00+08:00", "2026-11-27T09:00+08:00", "2026-12-01T00:00+08:00"),
        ("working_days", "2026-11-25T10:00+08:00", "2026-11-27T09:00+08:00", "2026-12-01T00:00+08:00"),
        ("days", "2026-11-25T00:00+08:00", "2026-11-25T23:59+08:00", "2026-11-27T00:00+08:00"),
        ("days", "2026-11-27T00:00+08:00", None, "2026-11-27T00:00+08:00"),
        ("days", "2026-11-26T23:59+08:00", None, None),
    ],
)
def test_a_clock_that_stands_still(unit: str, stop: str, go: str | None, end: str | None) -> None:
    amount = 2
    stands = [(parse_iso(stop), None if go is None else parse_iso(go))]
    found = ends_ms(parse_iso("2026-11-24T09:00+08:00"), amount, unit, stands)
    assert (None if found is None else iso(found)) == (None if end is None else iso(parse_iso(end)))


BEGINS = st.integers(midnight_ms(date(2025, 1, 1)), midnight_ms(date(2026, 6, 1)))


@given(BEGINS, st.integers(1, 30))
def test_working_days_end_at_a_midnight_after_exactly_that_many_worked_days(begin: int, amount: int) -> None:
    end = ends_ms(begin, amount, "working_days")
    assert (end + 8 * HOUR_MS) % DAY_MS == 0
    first, last = day_at(begin).toordinal() + 1, day_at(end - 1).toordinal()
    worked = [n for n in range(first, last + 1) if day_of(date.fromordinal(n)).working]
    assert len(worked) == amount and worked[-1] == last


@given(BEGINS, st.integers(1, 40), st.integers(0, 40 * 24), st.integers(0, 20 * 24), st.sampled_from(["hours", "days"]))
def test_standing_still_never_brings_an_end_nearer(begin: int, amount: int, after: int, hours: int, unit: str) -> None:
    stop = begin + after * HOUR_MS
    plain, stood = ends_ms(begin, amount, unit), ends_ms(begin, amount, unit, [(stop, stop + hours * HOUR_MS)])
    assert stood >= plain
    if stop >= plain:
        assert stood == plain
