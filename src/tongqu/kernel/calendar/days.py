"""What a day is: worked or not, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from tongqu.kernel.rulebooks import Status, parameter_of
from tongqu.kit.errors import Refused
from tongqu.kit.time import CHINA

HOLIDAYS = "calendar.holidays.days"


@dataclass(frozen=True)
class Day:
    """A day in China.

    Attributes:
        date: of the calendar.
        working: whether offices work; swapped days (调休) counted.
        status: cross-checked where a year's notice is known, unverified where only the law's thirteen days or the
            weekend are.
    """

    date: date
    working: bool
    status: Status


def midnight_ms(day: date) -> int:
    """The instant at which a day begins, +08:00."""
    return round(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp() * 1000)


def day_at(at_ms: int) -> date:
    """The day in China that an instant lies in."""
    return datetime.fromtimestamp(at_ms / 1000, CHINA).date()


@cache
def day_of(day: date) -> Day:
    """Whether a day is worked, after the notices of the State Council's General Office on holidays.

    Source: the library chinesecalendar, which transcribes the notices of 2004 onwards; for years it does not know the
    rulebook `calendar.holidays.days`; else weekends alone.
    """
    import chinese_calendar

    try:
        return Day(day, chinese_calendar.is_workday(day), Status.CROSS_CHECKED)
    except NotImplementedError:
        pass
    weekend = day.weekday() >= 5
    try:
        entry = parameter_of(HOLIDAYS, None, midnight_ms(day))
    except Refused:
        return Day(day, not weekend, Status.UNVERIFIED)
    written = day.isoformat()
    working = written in entry.value["worked"] or (not weekend and written not in entry.value["off"])
    return Day(day, working, entry.status)


def next_day(day: date) -> date:
    return day + timedelta(days=1)
