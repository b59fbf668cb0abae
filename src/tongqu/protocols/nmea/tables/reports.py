"""Positions and base stations: types 1 to 4, 9, 11, 17, 18, 19, 21, 27 (M.1371-5, annex 8, 3.1 to 3.25)."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.nmea.fields import Turn, data, flag, spare, tail_text, text, u
from tongqu.protocols.nmea.message import MessageTable
from tongqu.protocols.nmea.tables import words
from tongqu.protocols.nmea.tables.common import (
    ACCURACY,
    COARSE,
    COURSE,
    EPFD,
    FINE,
    HEADING,
    RAIM,
    SECOND,
    SIZE,
    SPEED,
    message,
)


def _class_a(type: int, name: str) -> MessageTable:
    return message(
        type,
        name,
        u("status", 4, codes=words.STATUS),
        Turn(name="turn_deg_min", width=8, signed=True, absent=-128),
        SPEED,
        ACCURACY,
        *FINE,
        COURSE,
        HEADING,
        SECOND,
        u("maneuver", 2, codes=words.MANEUVER),
        spare(3),
        RAIM,
        u("radio", 19),
        least=149,
    )


def _station(type: int, name: str) -> MessageTable:
    return message(
        type,
        name,
        u("year", 14, absent=0),
        u("month", 4, absent=0),
        u("day", 5, absent=0),
        u("hour", 5, absent=24),
        u("minute", 6, absent=60),
        u("second", 6, absent=60),
        ACCURACY,
        *FINE,
        EPFD,
        spare(10),
        RAIM,
        u("radio", 19),
        least=149,
    )


_CLASS_B: Final = (u("reserved", 8), SPEED, ACCURACY, *FINE, COURSE, HEADING, SECOND)

MESSAGES: Final = (
    _class_a(1, "position_scheduled"),
    _class_a(2, "position_assigned"),
    _class_a(3, "position_response"),
    _station(4, "base_station"),
    message(
        9,
        "sar_aircraft",
        u("altitude_m", 12, absent=4095),
        u("speed_kn", 10, absent=1023),
        ACCURACY,
        *FINE,
        COURSE,
        SECOND,
        u("reserved", 8),
        flag("dte"),
        spare(3),
        flag("assigned"),
        RAIM,
        u("radio", 20),
        least=148,
    ),
    _station(11, "utc_response"),
    message(17, "differential_corrections", spare(2), *COARSE, spare(5), data(), least=80),
    message(
        18,
        "position_class_b",
        *_CLASS_B,
        u("regional", 2),
        flag("carrier_sense"),
        flag("display"),
        flag("dsc"),
        flag("band"),
        flag("message_22"),
        flag("assigned"),
        RAIM,
        u("radio", 20),
        least=148,
    ),
    message(
        19,
        "position_class_b_extended",
        *_CLASS_B,
        u("regional", 4),
        text("name", 20),
        u("ship_type", 8, codes=words.SHIP_TYPE),
        *SIZE,
        EPFD,
        RAIM,
        flag("dte"),
        flag("assigned"),
        spare(4),
        least=301,
    ),
    message(
        21,
        "aid_to_navigation",
        u("aid_type", 5, codes=words.AID),
        text("name", 20),
        ACCURACY,
        *FINE,
        *SIZE,
        EPFD,
        SECOND,
        flag("off_position"),
        u("regional", 8),
        RAIM,
        flag("virtual"),
        flag("assigned"),
        spare(1),
        tail_text("name_extension", 16),
        least=271,
    ),
    message(
        27,
        "position_long_range",
        ACCURACY,
        RAIM,
        u("status", 4, codes=words.STATUS),
        *COARSE,
        u("speed_kn", 6, absent=63),
        u("course_deg", 9, absent=511),
        flag("not_gnss"),
        spare(1),
        least=94,
    ),
)
