"""Who a ship is and where she goes: types 5 and 24 (M.1371-5, annex 8, 3.3 and 3.22)."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.nmea.fields import Field, flag, spare, text, u
from tongqu.protocols.nmea.message import MessageTable, When
from tongqu.protocols.nmea.tables import words
from tongqu.protocols.nmea.tables.common import EPFD, SIZE, layout, message

_PART: Final = u("part", 2)
_CRAFT: Final = When("mmsi", 8, 30, 980_000_000, 989_999_999)
"""A craft of a mother ship, by its number."""


def _part(number: int) -> When:
    return When("part", 38, 2, number, number)


def _part_b(*fields: Field) -> tuple[Field, ...]:
    return (
        _PART,
        u("ship_type", 8, codes=words.SHIP_TYPE),
        text("vendor_id", 3),
        u("model", 4),
        u("serial", 20),
        text("call_sign", 7),
        *fields,
        EPFD,
        spare(2),
    )


MESSAGES: Final = (
    message(
        5,
        "particulars_and_voyage",
        u("ais_version", 2),
        u("imo", 30, absent=0),
        text("call_sign", 7),
        text("name", 20),
        u("ship_type", 8, codes=words.SHIP_TYPE),
        *SIZE,
        EPFD,
        u("eta_month", 4, absent=0),
        u("eta_day", 5, absent=0),
        u("eta_hour", 5, absent=24),
        u("eta_minute", 6, absent=60),
        u("draught_m", 8, per=10, absent=0),
        text("destination", 20),
        flag("dte"),
        spare(1),
        least=302,
    ),
    MessageTable(
        24,
        "class_b_particulars",
        (
            layout(_PART, text("name", 20), spare(8), when=(_part(0),)),
            layout(*_part_b(u("mothership_mmsi", 30)), when=(_part(1), _CRAFT)),
            layout(*_part_b(*SIZE), when=(_part(1),)),
            layout(_PART, when=()),
        ),
        least=160,
    ),
)
