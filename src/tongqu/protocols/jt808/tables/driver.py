"""Recorder, driver card, waybill, CAN bus and transparent data."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import (
    bcd,
    bcd_time,
    blob,
    if_value,
    record,
    repeat,
    text,
    u8,
    u16,
    u32,
    unless_value,
)
from tongqu.protocols.jt808.layout import Layout, Variant
from tongqu.protocols.jt808.message import message
from tongqu.protocols.jt808.tables import words

_FRAME: Final = Layout(u32("can_id", flags=words.CAN_ID), blob("can_data", 8))
# Peripherals of the active-safety supplements: type 0xF7 carries states, 0xF8 descriptions; each entry is a kind,
# the length of what follows, and that. A body that does not read so is left as bytes.
_STATE: Final = Layout(u8("working", codes=words.WORKING), u32("peripheral_alarm", flags=words.PERIPHERAL_ALARM))
_DESCRIPTION: Final = Layout(
    text("company", prefix="B"),
    text("product", prefix="B"),
    text("hardware_version", prefix="B"),
    text("firmware_version", prefix="B"),
    text("device_id", prefix="B"),
    text("user_code", prefix="B"),
)
_TYPE: Final = u8("transparent_type", codes=words.TRANSPARENT)
_PERIPHERAL: Final = u8("peripheral", codes=words.PERIPHERAL)
_STATES: Final = Layout(_PERIPHERAL, record("state", _STATE, prefix="B"))
_DESCRIPTIONS: Final = Layout(_PERIPHERAL, record("description", _DESCRIPTION, prefix="B"))
_PERIPHERALS: Final = Layout(
    _TYPE,
    repeat("peripheral_states", _STATES, prefix="B", when=if_value("transparent_type", 0xF7)),
    repeat("peripherals", _DESCRIPTIONS, prefix="B", when=if_value("transparent_type", 0xF8)),
    blob("data", when=unless_value("transparent_type", 0xF7, 0xF8)),
)

MESSAGES: Final = (
    message(0x8700, "recorder_query", u8("recorder_command"), blob("data")),
    message(0x0700, "recorder_data", u16("reply_serial"), u8("recorder_command"), blob("data"), answers=(0x8700,)),
    message(0x8701, "recorder_setting", u8("recorder_command"), blob("data")),
    message(0x8702, "query_driver"),
    message(0x0701, "waybill", blob("waybill", prefix="I")),
    message(
        0x0702,
        "driver_card",
        u8("card", codes=words.CARD, since=2013),
        bcd_time("time_ms", since=2013),
        u8("card_read", codes=words.CARD_READ, since=2013, optional=True),
        text("driver_name", prefix="B", since=2013, optional=True),
        text("certificate", 20, since=2013, optional=True),
        text("issuer", prefix="B", since=2013, optional=True),
        bcd("valid_until", 4, since=2013, optional=True),
        text("id_number", 20, since=2019, optional=True),
        # 2011 sends name, identity number, certificate and issuer, without state and time.
        text("driver_name", prefix="B", until=2011),
        text("id_number", 20, until=2011),
        text("certificate", 40, until=2011),
        text("issuer", prefix="B", until=2011),
        answers=(0x8702,),
    ),
    message(
        0x0705,
        "can_data",
        u16("count", counts="can_frames"),
        # The printed table gives the list an offset of 8; it is 7.
        bcd("can_time", 5),
        repeat("can_frames", _FRAME, counted_by="count"),
    ),
    message(
        0x0900,
        "transparent_up",
        source="JT/T 808-2019 8.61, T/JSATL 12-2017",
        variants=(Variant(_PERIPHERALS), Variant(Layout(_TYPE, blob("data")))),
    ),
    message(0x8900, "transparent_down", _TYPE, blob("data")),
    message(0x0901, "compressed_data", blob("data", prefix="I")),
)
