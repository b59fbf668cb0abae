"""Positions: 0x0200 and all that carries one."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd_time, items, repeat, u8, u16, u32
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.message import message
from tongqu.protocols.jt808.tables import words
from tongqu.protocols.jt808.tables.extras import EXTRAS

BASIC: Final = (
    u32("alarm", flags=words.ALARM),
    u32("status", flags=words.STATUS),
    u32("latitude_deg", scale=1e-6, sign=words.SOUTH),
    u32("longitude_deg", scale=1e-6, sign=words.WEST),
    u16("altitude_m"),
    u16("speed_kmh", scale=0.1),
    u16("heading_deg"),
    bcd_time("time_ms", strict=True),
)
"""The basic block of 28 bytes. The printed tables give the time an offset of 21; it is 22."""
POSITION: Final = (*BASIC, items("extras", EXTRAS, profiled=True))
BASIC_BLOCK: Final = Layout(*BASIC)

MESSAGES: Final = (
    message(0x0200, "location_report", *POSITION, source="JT/T 808-2019 8.12"),
    message(0x8201, "location_query"),
    message(0x0201, "location_query_reply", u16("reply_serial"), *POSITION, answers=(0x8201,)),
    message(0x8202, "temporary_tracking", u16("interval_s"), u32("duration_s")),
    message(0x8203, "confirm_alarm", u16("alarm_serial"), u32("confirmed_alarms", flags=words.CONFIRM)),
    message(
        0x0704,
        "location_batch",
        u16("count", counts="positions"),
        u8("batch_type", codes=words.BATCH),
        repeat("positions", Layout(*POSITION), counted_by="count", sized="H", salvage=True),
    ),
)
