"""Hours and days of China (+08:00, no summer time since 1991), as windows."""

from __future__ import annotations

from collections.abc import Iterator

from tongqu.kernel.indicators.values import Period, Window
from tongqu.kit.time import DAY_MS, HOUR_MS

OFFSET_MS = 8 * HOUR_MS
LENGTH_MS: dict[Period, int] = {"hour": HOUR_MS, "day": DAY_MS}


def window_at(period: Period, at_ms: int) -> Window:
    """The window that an instant lies in."""
    length = LENGTH_MS[period]
    begin = at_ms - (at_ms + OFFSET_MS) % length
    return Window(period, begin, begin + length)


def windows_between(period: Period, from_ms: int, to_ms: int) -> Iterator[Window]:
    """The windows that have something in common with `[from_ms, to_ms)`, by time."""
    window = window_at(period, from_ms)
    while window.from_ms < to_ms:
        yield window
        window = window_at(period, window.to_ms)
