"""Time: UTC milliseconds inside, a real zone at the edge. No clock of its own: a clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType, Protocol
from zoneinfo import ZoneInfo

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted."""

CHINA = ZoneInfo("Asia/Shanghai")
SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now_ms(self) -> Instant: ...


@dataclass
class ManualClock:
    """A clock that stands where it is put: for tests, replays and simulations."""

    at_ms: int = 0

    def now_ms(self) -> Instant:
        return Instant(self.at_ms)

    def advance(self, ms: int) -> None:
        self.at_ms += ms


def iso(at_ms: int, zone: ZoneInfo = CHINA) -> str:
    """ISO 8601 with offset, to the millisecond: `2026-11-23T10:32:20.000+08:00`."""
    return datetime.fromtimestamp(at_ms / 1000, zone).isoformat(timespec="milliseconds")


def parse_iso(text: str, zone: ZoneInfo = CHINA) -> Instant:
    """Instant of an ISO 8601 text; one without an offset is read in `zone`.

    Raises:
        ValueError: the text is no ISO 8601 time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return Instant(round(moment.astimezone(UTC).timestamp() * 1000))


def hour_of(at_ms: int) -> int:
    """Start of the UTC hour an instant lies in, in ms."""
    return at_ms - at_ms % HOUR_MS
