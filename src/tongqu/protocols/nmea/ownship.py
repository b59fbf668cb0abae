"""What GPS sentences of the own ship say: GGA and RMC (IEC 61162-1, 8.3.35 and 8.3.69), and the time marks of logs."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from tongqu.protocols.nmea.sentence import Sentence

_CLOCK: Final = re.compile(r"(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?")
_ANGLE: Final = re.compile(r"(\d{2,3})(\d\d(?:\.\d*)?)")
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix of the own ship.

    Attributes:
        clock_ms: milliseconds since midnight UTC.
        day_ms: midnight of its day in UTC ms; None where the sentence has no date (GGA).
        valid: whether the receiver vouches for it.
    """

    clock_ms: int
    day_ms: int | None
    valid: bool
    longitude_deg: float | None
    latitude_deg: float | None
    speed_kn: float | None = None
    course_deg: float | None = None
    altitude_m: float | None = None

    @property
    def time_ms(self) -> int | None:
        return None if self.day_ms is None else self.day_ms + self.clock_ms


def fix_of(sentence: Sentence) -> Fix | None:
    """The fix of a GGA or RMC sentence; None for other sentences, and for fields that are no time or place."""
    fields = sentence.fields
    if sentence.reason is not None or sentence.start != "$":
        return None
    if sentence.kind == "RMC" and len(fields) >= 9:
        clock, day = _clock(fields[0]), _day(fields[8])
        if clock is None or day is None:
            return None
        where = _place(fields[2:6])
        return Fix(clock, day, fields[1] == "A", *where, _number(fields[6]), _number(fields[7]))
    if sentence.kind == "GGA" and len(fields) >= 9:
        clock = _clock(fields[0])
        if clock is None:
            return None
        where = _place(fields[1:5])
        return Fix(clock, None, fields[5] not in ("", "0"), *where, altitude_m=_number(fields[8]))
    return None


def mark_of(sentence: Sentence) -> int | None:
    """UTC ms that a proprietary time mark gives to the sentence behind it: PGHP of type 1; else None."""
    if sentence.kind != "PGHP" or sentence.reason is not None or len(sentence.fields) < 8 or sentence.fields[0] != "1":
        return None
    try:
        year, month, day, hour, minute, second, milliseconds = (int(part) for part in sentence.fields[1:8])
        moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000 + milliseconds if 0 <= milliseconds < 1000 else None


def nearest_day_ms(clock_ms: int, near_ms: int) -> int:
    """The instant with this time of day that lies nearest to another instant."""
    instant = near_ms // _DAY_MS * _DAY_MS + clock_ms
    if instant - near_ms > _DAY_MS // 2:
        return instant - _DAY_MS
    return instant + _DAY_MS if near_ms - instant > _DAY_MS // 2 else instant


def _clock(value: str) -> int | None:
    match = _CLOCK.fullmatch(value)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3]) > 59:
        return None
    fraction = int((match[4] or "0").ljust(3, "0")[:3])
    return ((int(match[1]) * 60 + int(match[2])) * 60 + int(match[3])) * 1000 + fraction


def _day(value: str) -> int | None:
    """Midnight of DDMMYY; years from 80 on are of the last century."""
    if len(value) != 6 or not value.isascii() or not value.isdigit():
        return None
    year = int(value[4:])
    try:
        day = dt.datetime(1900 + year if year >= 80 else 2000 + year, int(value[2:4]), int(value[:2]), tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(day.timestamp()) * 1000


def _place(fields: tuple[str, ...]) -> tuple[float | None, float | None]:
    """Longitude and latitude of four fields: latitude, N or S, longitude, E or W."""
    latitude, longitude = _angle(fields[0], fields[1], "N", "S", 90), _angle(fields[2], fields[3], "E", "W", 180)
    return (longitude, latitude) if latitude is not None and longitude is not None else (None, None)


def _angle(value: str, side: str, plus: str, minus: str, most: int) -> float | None:
    match = _ANGLE.fullmatch(value)
    if match is None or side not in (plus, minus):
        return None
    degrees = int(match[1]) + float(match[2]) / 60
    if degrees > most:
        return None
    return -degrees if side == minus else degrees


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e6 else None
