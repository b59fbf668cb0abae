"""When a period ends: the day of the event is not counted, standing still does not count, the end is a midnight +08:00.

Source: 行政处罚法 art. 85 (periods of up to seven days in it are working days), 民事诉讼法 art. 85 (the day on which a
period begins is not counted; one that ends on a holiday ends with the first day after it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tongqu.kernel.calendar.days import day_at, day_of, midnight_ms, next_day
from tongqu.kernel.rulebooks import value_of
from tongqu.kit.time import HOUR_MS, MINUTE_MS

Unit = Literal["minutes", "hours", "days", "working_days"]
Stand = tuple[int, int | None]
"""A time during which a clock stands still: from, to; None where it still does."""
ROLLS = "calendar.periods.last_day_rolls"
_LENGTHS = {"minutes": MINUTE_MS, "hours": HOUR_MS}


def ends_ms(begin_ms: int, amount: float, unit: Unit, stands: Sequence[Stand] = ()) -> int | None:
    """The first instant at which a period is over; None while its clock stands still before its end.

    Minutes and hours run on; the time they stand still is added. Days and working days are whole days after the day
    of the event; a day counts if the clock runs at its end, so the day on which it stops does not and the day on which
    it goes on does.

    Args:
        begin_ms: the event, UTC ms.
        amount: how long; whole for days.
        unit: of the amount.
        stands: in order, not overlapping, none before `begin_ms`.
    """
    if unit in _LENGTHS:
        return _run(begin_ms, round(amount * _LENGTHS[unit]), stands)
    return _count(begin_ms, round(amount), unit == "working_days", stands)


def _run(begin_ms: int, length_ms: int, stands: Sequence[Stand]) -> int | None:
    due = begin_ms + length_ms
    for stop, go in stands:
        if due <= stop:
            break
        if go is None:
            return None
        due += go - stop
    return due


def _count(begin_ms: int, amount: int, working: bool, stands: Sequence[Stand]) -> int | None:
    day = day_at(begin_ms)
    left = amount
    while left > 0:
        day = next_day(day)
        standing = _standing(midnight_ms(next_day(day)), stands)
        if standing == "for ever":
            return None
        if standing == "no" and (not working or day_of(day).working):
            left -= 1
    if not working and value_of(ROLLS, None, begin_ms):
        while not day_of(day).working:
            day = next_day(day)
    return midnight_ms(next_day(day))


def _standing(at_ms: int, stands: Sequence[Stand]) -> Literal["no", "yes", "for ever"]:
    for stop, go in stands:
        if stop < at_ms and go is None:
            return "for ever"
        if stop < at_ms and go is not None and at_ms <= go:
            return "yes"
    return "no"
