"""Photos, sound and video of JT/T 808: events, upload, shooting, stored media."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd_time, blob, record, repeat, u8, u16, u32
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.message import message
from tongqu.protocols.jt808.tables import words
from tongqu.protocols.jt808.tables.position import BASIC_BLOCK

_CHANNEL: Final = u8("channel")
_KIND: Final = u8("media_type", codes=words.MEDIA)
_EVENT: Final = u8("media_event", codes=words.MEDIA_EVENT)
_WHAT: Final = (u32("media_id"), _KIND, u8("media_format", codes=words.MEDIA_FORMAT), _EVENT, _CHANNEL)
_STORED: Final = Layout(u32("media_id"), _KIND, _CHANNEL, _EVENT, record("position", BASIC_BLOCK))
_SEARCH: Final = (_KIND, _CHANNEL, _EVENT, bcd_time("start_time_ms"), bcd_time("end_time_ms"))
_DELETE: Final = u8("delete", codes=words.DELETE)

MESSAGES: Final = (
    message(0x0800, "media_event", *_WHAT),
    # 2011 has no position before the data.
    message(0x0801, "media_upload", *_WHAT, record("position", BASIC_BLOCK, since=2013), blob("data")),
    message(
        0x8800,
        "media_upload_reply",
        u32("media_id"),
        repeat("part_indexes", u16("part_index"), prefix="B", optional=True),
        answers=(0x0801,),
    ),
    message(
        0x8801,
        "shoot",
        _CHANNEL,
        u16("shots", codes=words.SHOT),
        u16("interval_s"),
        u8("save", codes=words.SAVE),
        u8("photo_resolution"),
        u8("photo_quality"),
        u8("brightness"),
        u8("contrast"),
        u8("saturation"),
        u8("chroma"),
    ),
    message(
        0x0805,
        "shoot_reply",
        u16("reply_serial"),
        u8("shooting", codes=words.SHOOTING),
        u16("count", counts="media_ids", optional=True),
        repeat("media_ids", u32("media_id"), counted_by="count"),
        answers=(0x8801,),
    ),
    message(0x8802, "search_media", *_SEARCH),
    message(
        0x0802,
        "search_media_reply",
        u16("reply_serial"),
        repeat("media", _STORED, prefix="H"),
        answers=(0x8802,),
    ),
    message(0x8803, "upload_stored_media", *_SEARCH, _DELETE),
    message(
        0x8804,
        "record_sound",
        u8("recording", codes=words.RECORDING),
        u16("recording_s"),
        u8("save", codes=words.SAVE),
        u8("sampling", codes=words.SAMPLING),
    ),
    message(0x8805, "upload_one_media", u32("media_id"), _DELETE, source="JT/T 808-2019 8.59"),
)
