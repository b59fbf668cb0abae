"""Attachments of active-safety alarms: T/JSATL 12-2017 and T/GDRTA 002-2020.

Both supplements share the ids; the identifiers differ in length (16 and 40 bytes). The Guangdong layout exists
under the 2019 header only.
"""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import blob, record, repeat, text, u8, u16, u32
from tongqu.protocols.jt808.fields import Field
from tongqu.protocols.jt808.layout import Layout, Variant
from tongqu.protocols.jt808.message import message
from tongqu.protocols.jt808.tables import words
from tongqu.protocols.jt808.tables.extras import IDENTIFIER_GD, IDENTIFIER_SU

_SOURCE: Final = "T/JSATL 12-2017, T/GDRTA 002-2020"
_FILE: Final = Layout(text("file_name", prefix="B"), u32("file_bytes"))
_FILE_INFO: Final = (text("file_name", prefix="B"), u8("file_type", codes=words.FILE_TYPE), u32("file_bytes"))
_RANGE: Final = Layout(u32("range_offset"), u32("range_bytes"))


def _both(su: tuple[Field, ...], gd: tuple[Field, ...]) -> tuple[Variant, ...]:
    return (Variant(Layout(*gd), since=2019, dialect="gd"), Variant(Layout(*su), dialect="su"))


def _list(terminal: int, identifier: Layout) -> tuple[Field, ...]:
    return (
        text("terminal_id", terminal),
        record("identifier", identifier),
        text("alarm_number", 32),
        u8("attachment_info", codes=words.ATTACHMENT_INFO),
        repeat("files", _FILE, prefix="B"),
    )


def _request(identifier: Layout) -> tuple[Field, ...]:
    return (
        text("server", prefix="B"),
        u16("tcp_port"),
        u16("udp_port"),
        record("identifier", identifier),
        text("alarm_number", 32),
        blob("reserved", 16),
    )


MESSAGES: Final = (
    message(
        0x1210,
        "attachment_list",
        source=_SOURCE,
        variants=_both(_list(7, IDENTIFIER_SU), _list(30, IDENTIFIER_GD)),
    ),
    message(0x1211, "attachment_file", *_FILE_INFO, source=_SOURCE),
    message(0x1212, "attachment_sent", *_FILE_INFO, source=_SOURCE),
    message(
        0x9208,
        "attachment_request",
        source=_SOURCE,
        variants=_both(_request(IDENTIFIER_SU), _request(IDENTIFIER_GD)),
    ),
    message(
        0x9212,
        "attachment_reply",
        text("file_name", prefix="B"),
        u8("file_type", codes=words.FILE_TYPE),
        u8("uploaded", codes=words.UPLOADED),
        repeat("missing_ranges", _RANGE, prefix="B"),
        source=_SOURCE,
        answers=(0x1212,),
    ),
)
