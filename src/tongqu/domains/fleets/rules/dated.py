"""Numbers of the rulebooks for rows of any time: each row is judged by what held on its day."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel import rulebooks
from tongqu.kit.errors import Refused
from tongqu.kit.time import DAY_MS, HOUR_MS, MINUTE_MS

CHINA_MS = 8 * HOUR_MS
Times = NDArray[np.int64]


@cache
def on_day(parameter: str, day: int) -> Any:
    """The value that holds on a day of China (days since 1970), None where none does."""
    try:
        return rulebooks.value_of(parameter, None, day * DAY_MS - CHINA_MS)
    except Refused:
        return None


def numbers(parameter: str, time_ms: Times, read: Callable[[Any], float] = float) -> NDArray[np.float64]:
    """A number for each time; infinite where none holds.

    Args:
        read: takes the number out of the parameter's value.
    """
    days = (time_ms + CHINA_MS) // DAY_MS
    out = np.empty(len(days))
    for day in np.unique(days).tolist():
        value = on_day(parameter, day)
        out[days == day] = np.inf if value is None else read(value)
    return out


def within_hours(parameter: str, time_ms: Times) -> NDArray[np.bool_]:
    """Which times lie in the hours `{from, to}` of a parameter, over midnight too; `to` is exclusive."""
    local = time_ms + CHINA_MS
    days, at = local // DAY_MS, local % DAY_MS
    inside = np.zeros(len(days), dtype=np.bool_)
    for day in np.unique(days).tolist():
        hours = on_day(parameter, day)
        if hours is None:
            continue
        begin, end = _ms(hours["from"]), _ms(hours["to"])
        mine = days == day
        inside |= mine & ((begin <= at) & (at < end) if begin <= end else (at >= begin) | (at < end))
    return inside


def setting(name: str, at_ms: int) -> float:
    """A setting of this platform (`supervision.toml`)."""
    return float(rulebooks.value_of(f"fleets.supervision.{name}", None, at_ms))


def seconds(name: str, at_ms: int) -> int:
    """A duration of `supervision.toml` in ms."""
    return round(setting(name, at_ms) * 1000)


def _ms(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR_MS + int(minutes) * MINUTE_MS
