"""Texts, questions, menus, phone and vehicle control."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import repeat, text, u8, u16
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.meaning import When
from tongqu.protocols.jt808.message import message
from tongqu.protocols.jt808.tables import words
from tongqu.protocols.jt808.tables.position import POSITION

_2013: Final = "JT/T 808-2013"
_EVENT: Final = Layout(u8("event_id"), text("event", prefix="B"))
_ANSWER: Final = Layout(u8("answer_id"), text("answer", prefix="H"))
_MENU: Final = Layout(u8("information_type"), text("information", prefix="H"))
_CONTACT: Final = Layout(
    u8("contact_flag", codes=words.CONTACT), text("phone_number", prefix="B"), text("contact", prefix="B")
)
_CONTROL: Final = Layout(u16("control_id"), u8("control_value"))
# A 2019 vehicle control counts its controls with a WORD. One codec in use leaves the count out; a body of three
# bytes cannot have one, so it is read as that single control.
_ONE: Final = When(body_size=3)
_MANY: Final = When(body_size=3, negate=True)

MESSAGES: Final = (
    message(
        0x8300,
        "text_message",
        u8("text_flags", flags=words.TEXT),
        u8("text_type", codes=words.TEXT_TYPE, since=2019),
        text("text"),
    ),
    message(
        0x8301,
        "set_events",
        u8("list_setting", codes=words.LIST_SETTING),
        repeat("events", _EVENT, prefix="B", optional=True),
        source=_2013,
    ),
    message(0x0301, "event_report", u8("event_id"), source=_2013),
    message(
        0x8302,
        "question",
        u8("question_flags", flags=words.TEXT),
        text("question", prefix="B"),
        repeat("answers", _ANSWER),
        source=_2013,
    ),
    message(0x0302, "question_answer", u16("reply_serial"), u8("answer_id"), source=_2013, answers=(0x8302,)),
    message(
        0x8303,
        "set_information_menu",
        u8("menu_setting", codes=words.MENU_SETTING),
        repeat("menu", _MENU, prefix="B", optional=True),
        source=_2013,
    ),
    message(
        0x0303,
        "information_subscription",
        u8("information_type"),
        u8("subscription", codes=words.SUBSCRIPTION),
        source=_2013,
    ),
    message(0x8304, "information", u8("information_type"), text("information", prefix="H"), source=_2013),
    message(0x8400, "call_back", u8("call", codes=words.CALL), text("phone_number", 20, short=True)),
    message(
        0x8401,
        "set_phone_book",
        u8("menu_setting", codes=words.MENU_SETTING),
        repeat("contacts", _CONTACT, prefix="B", optional=True),
    ),
    message(
        0x8500,
        "vehicle_control",
        u8("control_flags", flags=words.CONTROL, until=2013),
        repeat("controls", _CONTROL, prefix="H", since=2019, when=_MANY),
        repeat("controls", _CONTROL, since=2019, when=_ONE),
    ),
    message(0x0500, "vehicle_control_reply", u16("reply_serial"), *POSITION, answers=(0x8500,)),
)
