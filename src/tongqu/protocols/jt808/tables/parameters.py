"""Parameters of a terminal (0x8103, 0x0104): id DWORD, length BYTE, value.

0x0075-0x007C are those of JT/T 1078-2016, 0xF364-0xF367 those of the active-safety supplements. As everywhere,
a value counts as standard only if its length fits.
"""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd, blob, repeat, text, u8, u16, u32
from tongqu.protocols.jt808.items import Item, ItemSet, item
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.tables import words
from tongqu.protocols.jt808.tables.safety_parameters import SAFETY_PARAMETERS

_1078: Final = "JT/T 1078-2016"

_STREAMS: Final = tuple(
    field
    for stream in ("live", "stored")
    for field in (
        u8(f"{stream}_rate_mode", codes=words.RATE_MODE),
        u8(f"{stream}_resolution", codes=words.RESOLUTION),
        u16(f"{stream}_key_frame_interval"),
        u8(f"{stream}_frame_rate_fps"),
        u32(f"{stream}_bit_rate_kbps"),
    )
)
_AV: Final = Layout(*_STREAMS, u16("osd"), u8("audio_output"))
_CHANNEL: Final = Layout(u8("physical_channel"), u8("channel"), u8("channel_kind"), u8("ptz_connected"))
_CHANNELS: Final = Layout(
    u8("av_channel_count"),
    u8("audio_channel_count"),
    u8("video_channel_count"),
    repeat("channels", _CHANNEL),
)
_CHANNEL_VIDEO: Final = Layout(repeat("channels", Layout(u8("channel"), *_STREAMS, u16("osd")), prefix="B"))
_WAKE_UP: Final = Layout(
    u8("wake_up_mode", flags=words.WAKE_UP_MODE),
    u8("wake_up_condition", flags=words.WAKE_UP_CONDITION),
    u8("wake_up_days", flags=words.WEEKDAYS),
    u8("wake_up_periods", flags=words.WAKE_UP_PERIODS),
    *(bcd(f"{what}_hhmm_{period}", 2) for period in range(1, 5) for what in ("wake", "sleep")),
)

_PHONES: Final = (
    "monitor_phone",
    "reset_phone",
    "factory_reset_phone",
    "monitor_sms_phone",
    "alarm_sms_phone",
)
_MASKS: Final = ("alarm_mask", "alarm_sms_switch", "alarm_shoot_switch", "alarm_store_switch", "key_alarms")

ITEMS: Final[tuple[Item, ...]] = (
    item(0x0001, u32("heartbeat_interval_s")),
    item(0x0002, u32("tcp_timeout_s")),
    item(0x0003, u32("tcp_retries")),
    item(0x0004, u32("udp_timeout_s")),
    item(0x0005, u32("udp_retries")),
    item(0x0006, u32("sms_timeout_s")),
    item(0x0007, u32("sms_retries")),
    item(0x0010, text("main_apn")),
    item(0x0011, text("main_apn_user")),
    item(0x0012, text("main_apn_password")),
    item(0x0013, text("main_server")),
    item(0x0014, text("backup_apn")),
    item(0x0015, text("backup_apn_user")),
    item(0x0016, text("backup_apn_password")),
    item(0x0017, text("backup_server")),
    item(0x0018, u32("server_tcp_port")),
    item(0x0019, u32("server_udp_port")),
    item(0x001A, text("card_server")),
    item(0x001B, u32("card_server_tcp_port")),
    item(0x001C, u32("card_server_udp_port")),
    item(0x001D, text("card_backup_server")),
    item(0x0020, u32("report_strategy", codes=words.REPORT_STRATEGY)),
    item(0x0021, u32("report_scheme", codes=words.REPORT_SCHEME)),
    item(0x0022, u32("logged_out_interval_s")),
    item(0x0023, text("slave_apn")),
    item(0x0024, text("slave_apn_user")),
    item(0x0025, text("slave_apn_password")),
    item(0x0026, text("slave_backup_server")),
    item(0x0027, u32("sleep_interval_s")),
    item(0x0028, u32("alarm_interval_s")),
    item(0x0029, u32("default_interval_s")),
    item(0x002C, u32("default_distance_m")),
    item(0x002D, u32("logged_out_distance_m")),
    item(0x002E, u32("sleep_distance_m")),
    item(0x002F, u32("alarm_distance_m")),
    item(0x0030, u32("corner_angle_deg")),
    item(0x0031, u16("fence_radius_m")),
    item(0x0032, ("illegal_driving_period", Layout(bcd("start_hhmm", 2), bcd("end_hhmm", 2)))),
    *(item(0x0040 + at, text(name)) for at, name in enumerate(_PHONES)),
    item(0x0045, u32("pickup", codes=words.PICKUP)),
    item(0x0046, u32("longest_call_s")),
    item(0x0047, u32("longest_calls_of_month_s")),
    item(0x0048, text("listen_phone")),
    item(0x0049, text("privileged_sms_phone")),
    *(item(0x0050 + at, u32(name, flags=words.ALARM)) for at, name in enumerate(_MASKS)),
    item(0x0055, u32("max_speed_kmh")),
    item(0x0056, u32("overspeed_s")),
    item(0x0057, u32("continuous_driving_s")),
    item(0x0058, u32("daily_driving_s")),
    item(0x0059, u32("minimum_rest_s")),
    item(0x005A, u32("longest_stop_s")),
    item(0x005B, u16("overspeed_warning_kmh", scale=0.1)),
    item(0x005C, u16("fatigue_warning_s")),
    item(0x005D, u16("collision_setting")),
    item(0x005E, u16("rollover_setting")),
    item(0x0064, u32("timed_photo")),
    item(0x0065, u32("distance_photo")),
    item(0x0070, u32("image_quality")),
    item(0x0071, u32("brightness")),
    item(0x0072, u32("contrast")),
    item(0x0073, u32("saturation")),
    item(0x0074, u32("chroma")),
    item(0x0075, ("av_parameters", _AV), _1078),
    item(0x0076, ("av_channels", _CHANNELS), _1078),
    item(0x0077, ("channel_video", _CHANNEL_VIDEO), _1078),
    item(
        0x0079,
        ("special_recording", Layout(u8("storage_share_pct"), u8("recording_min"), u8("recorded_before_min"))),
        _1078,
    ),
    item(0x007A, u32("video_alarm_mask", flags=words.VIDEO_ALARM), _1078),
    item(0x007B, ("image_analysis", Layout(u8("passenger_limit"), u8("fatigue_threshold"))), _1078),
    item(0x007C, ("wake_up", _WAKE_UP), _1078),
    item(0x0080, u32("odometer_km", scale=0.1)),
    item(0x0081, u16("province")),
    item(0x0082, u16("city")),
    item(0x0083, text("plate")),
    item(0x0084, u8("plate_colour", codes=words.PLATE_COLOUR)),
    item(0x0090, u8("gnss_mode", flags=words.GNSS)),
    item(0x0091, u8("gnss_baud_rate")),
    item(0x0092, u8("gnss_output_rate")),
    item(0x0093, u32("gnss_sampling_s")),
    item(0x0094, u8("gnss_upload_mode")),
    item(0x0095, u32("gnss_upload_setting")),
    item(0x0100, u32("can_1_sampling_ms")),
    item(0x0101, u16("can_1_upload_s")),
    item(0x0102, u32("can_2_sampling_ms")),
    item(0x0103, u16("can_2_upload_s")),
    item(0x0110, blob("can_id_sampling", 8)),
    *SAFETY_PARAMETERS,
)
PARAMETERS: Final = ItemSet(ITEMS, id_size=4)
