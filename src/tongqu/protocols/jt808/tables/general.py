"""Replies, heartbeat, time, resend, registration, parameters, attributes and upgrade of a terminal."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd, bcd_time, blob, if_value, items, repeat, text, u8, u16, u32
from tongqu.protocols.jt808.fields import Field
from tongqu.protocols.jt808.message import message
from tongqu.protocols.jt808.tables import words
from tongqu.protocols.jt808.tables.parameters import PARAMETERS

_REPLY: Final = (u16("reply_serial"), u16("reply_message_id", refers=True), u8("result", codes=words.REPLY))
# The printed table gives the count an offset of 4; it is 2. 2013 counts with a BYTE, 2019 with a WORD.
_RESEND: Final = (
    u16("first_serial"),
    repeat("part_indexes", u16("part_index"), prefix="B", until=2013),
    repeat("part_indexes", u16("part_index"), prefix="H", since=2019),
)


def _device(maker_2019: int) -> tuple[Field, ...]:
    """Maker, model and terminal id. 2019 prints 11 bytes of maker in 0x0100 and 5 in 0x0107."""
    return (
        text("maker", 5, until=2013),
        text("maker", maker_2019, since=2019),
        text("model", 8, until=2011),
        text("model", 20, since=2013, until=2013),
        text("model", 30, since=2019),
        text("terminal_id", 7, until=2013),
        text("terminal_id", 30, since=2019),
    )


MESSAGES: Final = (
    message(0x0001, "terminal_reply", *_REPLY),
    message(0x8001, "platform_reply", *_REPLY),
    message(0x0002, "heartbeat"),
    message(0x0003, "unregister"),
    message(0x0004, "time_query", source="JT/T 808-2019 8.4"),
    message(0x8004, "time_reply", bcd_time("time_ms", utc=True), answers=(0x0004,)),
    message(0x0005, "terminal_resend_request", *_RESEND, source="JT/T 808-2019 8.7"),
    message(0x8003, "platform_resend_request", *_RESEND),
    message(
        0x0100,
        "register",
        u16("province"),
        u16("city"),
        *_device(11),
        u8("plate_colour", codes=words.PLATE_COLOUR),
        text("plate"),
        source="JT/T 808-2019 8.8",
    ),
    message(
        0x8100,
        "register_reply",
        u16("reply_serial"),
        u8("registered", codes=words.REGISTERED),
        text("auth_code", when=if_value("registered", 0)),
        answers=(0x0100,),
    ),
    message(
        0x0102,
        "authenticate",
        text("auth_code", until=2013),
        text("auth_code", prefix="B", since=2019),
        text("imei", 15, since=2019),
        text("software_version", 20, since=2019),
    ),
    message(0x8103, "set_parameters", items("parameters", PARAMETERS, prefix="B")),
    message(0x8104, "query_parameters"),
    message(0x8106, "query_some_parameters", repeat("parameter_ids", u32("parameter_id"), prefix="B")),
    message(
        0x0104,
        "parameters_reply",
        u16("reply_serial"),
        items("parameters", PARAMETERS, prefix="B"),
        answers=(0x8104, 0x8106),
    ),
    message(0x8105, "terminal_control", u8("command", codes=words.COMMAND), text("command_parameters")),
    message(0x8107, "query_attributes"),
    message(
        0x0107,
        "attributes_reply",
        u16("terminal_type", flags=words.TERMINAL),
        *_device(5),
        bcd("iccid", 10),
        text("hardware_version", prefix="B"),
        text("firmware_version", prefix="B"),
        u8("gnss_modules", flags=words.GNSS),
        u8("network_modules", flags=words.NETWORK),
        answers=(0x8107,),
    ),
    message(
        0x8108,
        "upgrade",
        u8("upgrade_type", codes=words.UPGRADE),
        text("maker", 5),
        text("version", prefix="B"),
        blob("data", prefix="I"),
    ),
    message(0x0108, "upgrade_result", u8("upgrade_type", codes=words.UPGRADE), u8("upgraded", codes=words.UPGRADED)),
    message(0x8A00, "platform_rsa_key", u32("rsa_exponent"), blob("rsa_modulus", 128)),
    message(0x0A00, "terminal_rsa_key", u32("rsa_exponent"), blob("rsa_modulus", 128)),
)
