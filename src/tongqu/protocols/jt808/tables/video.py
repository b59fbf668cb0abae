"""Commands of JT/T 1078-2016 that travel in frames of JT/T 808. The streams themselves are another protocol."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd_time, repeat, text, u8, u16, u32, u64
from tongqu.protocols.jt808.fields import Field
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.message import MessageTable, message
from tongqu.protocols.jt808.tables import words

_1078: Final = "JT/T 1078-2016"
_CHANNEL: Final = u8("channel")
_START: Final = bcd_time("start_time_ms")
_END: Final = bcd_time("end_time_ms")
_SERVER: Final = (text("server", prefix="B"), u16("tcp_port"), u16("udp_port"))
_RESOURCE: Final = (
    u64("alarms_64", flags=words.ALARM_64),
    u8("av_resource", codes=words.AV_RESOURCE),
    u8("av_stream", codes=words.AV_STREAM),
    u8("av_storage", codes=words.AV_STORAGE),
)
_FILE: Final = Layout(_CHANNEL, _START, _END, *_RESOURCE, u32("file_bytes"))


def _lens(id: int, name: str, field: Field) -> MessageTable:
    return message(id, name, _CHANNEL, field, source=_1078)


MESSAGES: Final = (
    message(0x9003, "query_av_attributes", source=_1078),
    message(
        0x1003,
        "av_attributes",
        u8("audio_coding"),
        u8("audio_channels"),
        u8("audio_sampling"),
        u8("audio_depth"),
        u16("audio_frame_bytes"),
        u8("audio_output"),
        u8("video_coding"),
        u8("max_audio_channels"),
        u8("max_video_channels"),
        source=_1078,
        answers=(0x9003,),
    ),
    message(0x1005, "passenger_count", _START, _END, u16("boarded"), u16("alighted"), source=_1078),
    message(
        0x9101,
        "start_live_video",
        *_SERVER,
        _CHANNEL,
        u8("av_data", codes=words.AV_DATA),
        u8("stream", codes=words.STREAM),
        source=_1078,
    ),
    message(
        0x9102,
        "control_live_video",
        _CHANNEL,
        u8("stream_control", codes=words.STREAM_CONTROL),
        u8("av_close", codes=words.AV_CLOSE),
        u8("stream", codes=words.STREAM),
        source=_1078,
    ),
    message(0x9105, "live_video_loss", _CHANNEL, u8("packet_loss_pct"), source=_1078),
    message(
        0x9201,
        "start_playback",
        *_SERVER,
        _CHANNEL,
        u8("av_resource", codes=words.AV_RESOURCE),
        u8("av_stream", codes=words.AV_STREAM),
        u8("av_storage", codes=words.AV_STORAGE),
        u8("playback", codes=words.PLAYBACK),
        u8("playback_speed"),
        _START,
        _END,
        source=_1078,
    ),
    message(
        0x9202,
        "control_playback",
        _CHANNEL,
        u8("playback_control", codes=words.PLAYBACK_CONTROL),
        u8("playback_speed"),
        bcd_time("playback_time_ms"),
        source=_1078,
    ),
    message(0x9205, "query_recordings", _CHANNEL, _START, _END, *_RESOURCE, source=_1078),
    message(
        0x1205,
        "recordings",
        u16("reply_serial"),
        repeat("recordings", _FILE, prefix="I"),
        source=_1078,
        answers=(0x9205, 0x9201),
    ),
    message(
        0x9206,
        "upload_recording",
        text("server", prefix="B"),
        u16("ftp_port"),
        text("user", prefix="B"),
        text("password", prefix="B"),
        text("upload_path", prefix="B"),
        _CHANNEL,
        _START,
        _END,
        *_RESOURCE,
        u8("download", flags=words.DOWNLOAD),
        source=_1078,
    ),
    message(
        0x1206,
        "upload_recording_result",
        u16("reply_serial"),
        u8("file_result", codes=words.FILE_RESULT),
        source=_1078,
        answers=(0x9206,),
    ),
    message(
        0x9207,
        "control_upload",
        u16("alarm_serial"),
        u8("upload_control", codes=words.UPLOAD_CONTROL),
        source=_1078,
    ),
    message(0x9301, "ptz_turn", _CHANNEL, u8("ptz", codes=words.PTZ), u8("ptz_speed"), source=_1078),
    _lens(0x9302, "ptz_focus", u8("focus", codes=words.LARGER)),
    _lens(0x9303, "ptz_aperture", u8("aperture", codes=words.LARGER)),
    _lens(0x9304, "ptz_wiper", u8("wiper", codes=words.START)),
    _lens(0x9305, "ptz_infrared", u8("infrared", codes=words.START)),
    _lens(0x9306, "ptz_zoom", u8("zoom", codes=words.LARGER)),
)
