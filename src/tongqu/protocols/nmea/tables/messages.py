"""Texts, binary messages and what runs the link: types 6 to 8, 10, 12 to 16, 20, 22, 23, 25, 26."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.nmea.fields import Field, data, flag, repeat, spare, tail_text, u
from tongqu.protocols.nmea.message import MessageTable, When
from tongqu.protocols.nmea.tables import words
from tongqu.protocols.nmea.tables.common import area, layout, message

_ADDRESSEE: Final = (u("sequence", 2), u("destination_mmsi", 30), flag("retransmit"), spare(1))
_APPLICATION: Final = (u("area_code", 10), u("function", 6), data())
_RECEIPTS: Final = repeat("receipts", 4, u("mmsi", 30), u("sequence", 2))
_SLOTS: Final = repeat("slots", 4, u("offset", 12), u("count", 4), u("timeout_min", 3), u("increment", 11))


def _bit(name: str, at: int, value: int) -> When:
    return When(name, at, 1, value, value)


def _channels(*fields: Field) -> tuple[Field, ...]:
    return (
        spare(2),
        u("channel_a", 12),
        u("channel_b", 12),
        u("transceive", 4),
        flag("low_power"),
        *fields,
        flag("addressed"),
        flag("band_a"),
        flag("band_b"),
        u("zone_size", 3),
        spare(23),
    )


def _slot_binary(type: int, name: str, tail: tuple[Field, ...], least: int) -> MessageTable:
    """Types 25 and 26: with or without a destination and the id of an application."""
    layouts = []
    for addressed in (0, 1):
        for structured in (0, 1):
            fields: tuple[Field, ...] = (flag("addressed"), flag("structured"))
            fields += (u("destination_mmsi", 30),) if addressed else ()
            fields += (u("application", 16),) if structured else ()
            fields += (data(tail=sum(field.width for field in tail)), *tail)
            when = (_bit("addressed", 38, addressed), _bit("structured", 39, structured))
            layouts.append(layout(*fields, when=when))
    return MessageTable(type, name, tuple(layouts), least)


MESSAGES: Final = (
    message(6, "addressed_binary", *_ADDRESSEE, *_APPLICATION, least=88),
    message(7, "binary_acknowledge", spare(2), _RECEIPTS, least=72),
    message(8, "binary_broadcast", spare(2), *_APPLICATION, least=56),
    message(10, "utc_inquiry", spare(2), u("destination_mmsi", 30), spare(2), least=70),
    message(12, "addressed_safety_text", *_ADDRESSEE, tail_text("text", 156), least=72),
    message(13, "safety_acknowledge", spare(2), _RECEIPTS, least=72),
    message(14, "safety_text", spare(2), tail_text("text", 161), least=40),
    message(
        15,
        "interrogation",
        spare(2),
        u("mmsi_1", 30),
        u("type_1_1", 6),
        u("offset_1_1", 12),
        spare(2),
        u("type_1_2", 6),
        u("offset_1_2", 12),
        spare(2),
        u("mmsi_2", 30),
        u("type_2_1", 6),
        u("offset_2_1", 12),
        spare(2),
        least=88,
    ),
    message(
        16,
        "assignment",
        spare(2),
        u("mmsi_1", 30),
        u("offset_1", 12),
        u("increment_1", 10),
        u("mmsi_2", 30),
        u("offset_2", 12),
        u("increment_2", 10),
        least=92,
    ),
    message(20, "link_management", spare(2), _SLOTS, least=70),
    MessageTable(
        22,
        "channel_management",
        (
            layout(
                *_channels(u("destination_1_mmsi", 30), spare(5), u("destination_2_mmsi", 30), spare(5)),
                when=(_bit("addressed", 139, 1),),
            ),
            layout(*_channels(*area("north_east"), *area("south_west")), when=(_bit("addressed", 139, 0),)),
        ),
        least=145,
    ),
    message(
        23,
        "group_assignment",
        spare(2),
        *area("north_east"),
        *area("south_west"),
        u("station_type", 4, codes=words.STATION),
        u("ship_type", 8, codes=words.SHIP_TYPE),
        spare(22),
        u("transceive", 2),
        u("interval", 4),
        u("quiet_min", 4),
        spare(6),
        least=154,
    ),
    _slot_binary(25, "single_slot_binary", (), least=40),
    _slot_binary(26, "multiple_slot_binary", (u("radio", 20),), least=60),
)
