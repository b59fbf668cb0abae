"""Bits and codes that the tables refer to. Labels stand in the catalogue under `flags` and `codes`."""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.meaning import Bit, Codes, bits

ALARM: Final = bits(
    "alarm",
    {
        0: "emergency",
        1: "overspeed",
        2: "fatigue",
        3: (Bit("danger_warning", until=2013), Bit("dangerous_driving", since=2019)),
        4: "gnss_fault",
        5: "gnss_antenna_cut",
        6: "gnss_antenna_short",
        7: "undervoltage",
        8: "power_cut",
        9: "display_fault",
        10: "tts_fault",
        11: "camera_fault",
        12: Bit("ic_card_fault", since=2013),
        13: Bit("overspeed_warning", since=2013),
        14: Bit("fatigue_warning", since=2013),
        15: Bit("illegal_driving", since=2019),
        16: Bit("tyre_pressure_warning", since=2019),
        17: Bit("right_turn_blind_zone", since=2019),
        18: "daily_driving_exceeded",
        19: "stopped_too_long",
        20: "area_crossed",
        21: "route_crossed",
        22: "segment_time",
        23: "off_route",
        24: "speed_sensor_fault",
        25: "fuel_abnormal",
        26: "stolen",
        27: "illegal_ignition",
        28: "illegal_movement",
        29: "collision",
        30: "rollover",
        31: Bit("illegal_door_opening", since=2013, until=2013),
    },
)
CLEARED_BY_REPLY: Final = 1 << 0 | 1 << 3 | 1 << 20 | 1 << 21 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 31
"""Alarm bits that a terminal clears when it has the reply; the others stay until their cause ends (2013 layout)."""
CLEARED_BY_REPLY_2019: Final = 1 << 0 | 1 << 20 | 1 << 21 | 1 << 22 | 1 << 27 | 1 << 28
"""The same for 2019, where bit 3 is a lasting alarm and bit 31 is reserved."""

STATUS: Final = bits(
    "status",
    {
        0: "acc_on",
        1: "fixed",
        2: "south",
        3: "west",
        4: "out_of_service",
        5: "coordinates_encrypted",
        6: Bit("forward_collision_warning", since=2019),
        7: Bit("lane_departure_warning", since=2019),
        8: Bit("load", since=2013, width=2, labelled=(0, 1, 2, 3)),
        10: "fuel_circuit_cut",
        11: "electric_circuit_cut",
        12: "doors_locked",
        13: Bit("door_1_open", since=2013),
        14: Bit("door_2_open", since=2013),
        15: Bit("door_3_open", since=2013),
        16: Bit("door_4_open", since=2013),
        17: Bit("door_5_open", since=2013),
        18: Bit("gps_used", since=2013),
        19: Bit("beidou_used", since=2013),
        20: Bit("glonass_used", since=2013),
        21: Bit("galileo_used", since=2013),
        22: Bit("moving", since=2019),
    },
)
SOUTH: Final = ("status", 2)
WEST: Final = ("status", 3)

CONFIRM: Final = bits(
    "alarm",
    {
        0: "emergency",
        3: (Bit("danger_warning", until=2013), Bit("dangerous_driving", since=2019)),
        20: "area_crossed",
        21: "route_crossed",
        22: "segment_time",
        27: "illegal_ignition",
        28: "illegal_movement",
    },
)
VIDEO_ALARM: Final = bits(
    "video_alarm",
    {
        0: "signal_lost",
        1: "signal_covered",
        2: "storage_fault",
        3: "other_video_fault",
        4: "overcrowded",
        5: "abnormal_driving",
        6: "special_recording_full",
    },
)
ALARM_64: Final = bits(
    "alarm",
    dict(ALARM.bits)
    | {32 + at: tuple(Bit(f"video_{b.name}") for b in table) for at, table in VIDEO_ALARM.bits.items()},
)
ABNORMAL_DRIVING: Final = bits("abnormal_driving", {0: "fatigue", 1: "phone", 2: "smoking"})
SIGNALS: Final = bits(
    "signals",
    {
        0: "low_beam",
        1: "high_beam",
        2: "right_turn",
        3: "left_turn",
        4: "brake",
        5: "reverse",
        6: "fog_lamp",
        7: "clearance_lamp",
        8: "horn",
        9: "air_conditioner",
        10: "neutral",
        11: "retarder",
        12: "abs_working",
        13: "heater",
        14: "clutch",
    },
)
IO: Final = bits("io", {0: "deep_sleep", 1: "sleep"})
AREA: Final = bits(
    "area",
    {
        0: "by_time",
        1: "speed_limited",
        2: "entry_alarm_driver",
        3: "entry_alarm_platform",
        4: "exit_alarm_driver",
        5: "exit_alarm_platform",
        6: "south",
        7: "west",
        8: "doors_forbidden",
        14: "modem_off_inside",
        15: "collect_gnss_detail",
    },
)
ROUTE: Final = bits(
    "route",
    {
        0: "by_time",
        2: "entry_alarm_driver",
        3: "entry_alarm_platform",
        4: "exit_alarm_driver",
        5: "exit_alarm_platform",
    },
)
SEGMENT: Final = bits("segment", {0: "time_limited", 1: "speed_limited", 2: "south", 3: "west"})
TEXT: Final = bits(
    "text",
    {
        0: "urgent",
        2: "display",
        3: "speak",
        4: "advertising_screen",
        5: "can_fault",
    },
)
CONTROL: Final = bits("control", {0: "lock_doors"})
TERMINAL: Final = bits(
    "terminal",
    {
        0: "passenger",
        1: "dangerous_goods",
        2: "freight",
        3: "taxi",
        6: "disk_recorder",
        7: "split_unit",
        8: Bit("trailer", since=2019),
    },
)
GNSS: Final = bits("gnss", {0: "gps", 1: "beidou", 2: "glonass", 3: "galileo"})
NETWORK: Final = bits(
    "network", {0: "gprs", 1: "cdma", 2: "td_scdma", 3: "wcdma", 4: "cdma2000", 5: "td_lte", 7: "other"}
)
SAFETY_VEHICLE: Final = bits(
    "safety_vehicle",
    {0: "acc_on", 1: "left_turn", 2: "right_turn", 3: "wiper", 4: "brake", 5: "card_inserted", 10: "fixed"},
)
TYRE_ALARM: Final = bits(
    "tyre_alarm",
    {
        0: "timed_report",
        1: "pressure_high",
        2: "pressure_low",
        3: "temperature_high",
        4: "sensor_fault",
        5: "unbalanced",
        6: "slow_leak",
        7: "battery_low",
    },
)
PERIPHERAL_ALARM: Final = bits(
    "peripheral_alarm",
    {
        0: "camera",
        1: "main_storage",
        2: "second_storage",
        3: "infrared",
        4: "speaker",
        5: "battery",
        10: "communication",
        11: "positioning",
    },
)
ATTRIBUTES: Final = bits(
    "attributes",
    {
        0: Bit("body_length", width=10),
        10: Bit("encryption", width=3, labelled=(0, 1)),
        13: "sub_packet",
        14: "version_2019",
    },
)
DOWNLOAD: Final = bits("download", {0: "wifi", 1: "lan", 2: "mobile"})
CAN_ID: Final = bits("can_id", {29: "averaged", 30: "extended", 31: "channel_2"})

REPLY: Final = Codes("reply", {0: "ok", 1: "failed", 2: "bad_message", 3: "unsupported", 4: "alarm_confirmed"})
REGISTERED: Final = Codes(
    "registered",
    {0: "ok", 1: "vehicle_registered", 2: "no_such_vehicle", 3: "terminal_registered", 4: "no_such_terminal"},
)
PLATE_COLOUR: Final = Codes(
    "plate_colour", {0: "none", 1: "blue", 2: "yellow", 3: "black", 4: "white", 5: "green", 9: "other"}
)
COMMAND: Final = Codes(
    "command",
    {
        1: "wireless_upgrade",
        2: "connect_server",
        3: "power_off",
        4: "reset",
        5: "factory_settings",
        6: "close_data",
        7: "close_all_wireless",
    },
)
UPGRADE: Final = Codes("upgrade", {0: "terminal", 12: "card_reader", 52: "gnss_module"})
UPGRADED: Final = Codes("upgraded", {0: "ok", 1: "failed", 2: "cancelled"})
BATCH: Final = Codes("batch", {0: "normal", 1: "refill"})
AREA_TYPE: Final = Codes("area_type", {0: "none", 1: "circle", 2: "rectangle", 3: "polygon", 4: "segment"})
QUERY_TYPE: Final = Codes("query_type", {0: "ids", 1: "circle", 2: "rectangle", 3: "polygon", 4: "route"})
CROSSING: Final = Codes("crossing", {0: "in", 1: "out"})
SEGMENT_RESULT: Final = Codes("segment_result", {0: "too_short", 1: "too_long"})
SETTING: Final = Codes("setting", {0: "update", 1: "append", 2: "modify"})
LIST_SETTING: Final = Codes("list_setting", {0: "delete_all", 1: "update", 2: "append", 3: "modify", 4: "delete_some"})
MENU_SETTING: Final = Codes("menu_setting", {0: "delete_all", 1: "update", 2: "append", 3: "modify"})
TEXT_TYPE: Final = Codes("text_type", {1: "notice", 2: "service"})
SUBSCRIPTION: Final = Codes("subscription", {0: "cancel", 1: "order"})
CALL: Final = Codes("call", {0: "ordinary", 1: "listen"})
CONTACT: Final = Codes("contact", {1: "incoming", 2: "outgoing", 3: "both"})
CARD: Final = Codes("card", {1: "inserted", 2: "removed"})
CARD_READ: Final = Codes("card_read", {0: "ok", 1: "key", 2: "locked", 3: "pulled", 4: "bad_data"})
MEDIA: Final = Codes("media", {0: "image", 1: "audio", 2: "video"})
MEDIA_FORMAT: Final = Codes("media_format", {0: "jpeg", 1: "tif", 2: "mp3", 3: "wav", 4: "wmv"})
MEDIA_EVENT: Final = Codes(
    "media_event",
    {
        0: "platform",
        1: "timer",
        2: "robbery",
        3: "collision",
        4: "door_open",
        5: "door_close",
        6: "moving_off",
        7: "distance",
    },
)
SHOT: Final = Codes("shot", {0: "stop", 0xFFFF: "record"})
SAVE: Final = Codes("save", {0: "upload", 1: "store"})
DELETE: Final = Codes("delete", {0: "keep", 1: "delete"})
SHOOTING: Final = Codes("shooting", {0: "ok", 1: "failed", 2: "no_channel"})
RECORDING: Final = Codes("recording", {0: "stop", 1: "start"})
SAMPLING: Final = Codes("sampling", {0: "khz_8", 1: "khz_11", 2: "khz_23", 3: "khz_32"})
TRANSPARENT: Final = Codes(
    "transparent",
    {
        0x00: "gnss",
        0x0B: "ic_card",
        0x41: "serial_1",
        0x42: "serial_2",
        0xF7: "peripheral_states",
        0xF8: "peripheral_descriptions",
    },
)
PERIPHERAL: Final = Codes("peripheral", {0x64: "adas", 0x65: "dsm", 0x66: "tpms", 0x67: "bsd"})
WORKING: Final = Codes("working", {1: "normal", 2: "standby", 3: "upgrading", 4: "fault", 16: "disconnected"})
PHASE: Final = Codes("phase", {0: "not_available", 1: "start", 2: "end"})
LEVEL: Final = Codes("level", {1: "level_1", 2: "level_2"})
ADAS: Final = Codes(
    "adas",
    {
        0x01: "forward_collision",
        0x02: "lane_departure",
        0x03: "headway",
        0x04: "pedestrian",
        0x05: "frequent_lane_change",
        0x06: "sign_exceeded",
        0x07: "obstacle",
        0x10: "sign_recognised",
        0x11: "snapshot",
        0x12: "solid_line_change",
        0x13: "aisle_pedestrian",
    },
)
DEPARTURE: Final = Codes("departure", {1: "left", 2: "right"})
ROAD_SIGN: Final = Codes("road_sign", {1: "speed_limit", 2: "height_limit", 3: "weight_limit"})
DSM: Final = Codes(
    "dsm",
    {
        0x01: "fatigue",
        0x02: "phone_call",
        0x03: "smoking",
        0x04: "distraction",
        0x05: "driver_abnormal",
        0x08: "driving_over_time",
        0x0A: "seat_belt",
        0x0B: "ir_blocking_glasses",
        0x0C: "both_hands_off",
        0x0D: "playing_phone",
        0x10: "snapshot",
        0x11: "driver_change",
    },
)
BSD: Final = Codes("bsd", {1: "rear_approach", 2: "left_rear", 3: "right_rear"})
ATTACHMENT_INFO: Final = Codes("attachment_info", {0: "new", 1: "again"})
FILE_TYPE: Final = Codes("file_type", {0: "image", 1: "audio", 2: "video", 3: "text", 4: "other"})
UPLOADED: Final = Codes("uploaded", {0: "complete", 1: "resend"})
FILE_RESULT: Final = Codes("file_result", {0: "ok", 1: "failed"})
REPORT_STRATEGY: Final = Codes("report_strategy", {0: "time", 1: "distance", 2: "both"})
REPORT_SCHEME: Final = Codes("report_scheme", {0: "acc", 1: "login_and_acc"})
PICKUP: Final = Codes("pickup", {0: "automatic", 1: "acc_automatic"})
RATE_MODE: Final = Codes("rate_mode", {0: "cbr", 1: "vbr", 2: "abr"})
RESOLUTION: Final = Codes("resolution", {0: "qcif", 1: "cif", 2: "wcif", 3: "d1", 4: "wd1", 5: "p720", 6: "p1080"})
AV_DATA: Final = Codes("av_data", {0: "av", 1: "video", 2: "talk", 3: "listen", 4: "broadcast", 5: "transparent"})
STREAM: Final = Codes("stream", {0: "main", 1: "sub"})
STREAM_CONTROL: Final = Codes("stream_control", {0: "close", 1: "switch", 2: "pause", 3: "resume", 4: "close_talk"})
AV_CLOSE: Final = Codes("av_close", {0: "both", 1: "audio", 2: "video"})
AV_RESOURCE: Final = Codes("av_resource", {0: "av", 1: "audio", 2: "video", 3: "video_or_av"})
AV_STREAM: Final = Codes("av_stream", {0: "any", 1: "main", 2: "sub"})
AV_STORAGE: Final = Codes("av_storage", {0: "any", 1: "main", 2: "disaster"})
PLAYBACK: Final = Codes("playback", {0: "normal", 1: "fast", 2: "key_back", 3: "key_frame", 4: "single_frame"})
PLAYBACK_CONTROL: Final = Codes(
    "playback_control", {0: "start", 1: "pause", 2: "end", 3: "fast", 4: "key_back", 5: "drag", 6: "key_frame"}
)
UPLOAD_CONTROL: Final = Codes("upload_control", {0: "pause", 1: "resume", 2: "cancel"})
PTZ: Final = Codes("ptz", {0: "stop", 1: "up", 2: "down", 3: "left", 4: "right"})
LARGER: Final = Codes("larger", {0: "larger", 1: "smaller"})
START: Final = Codes("start", {0: "stop", 1: "start"})
WAKE_UP_MODE: Final = bits("wake_up_mode", {0: "condition", 1: "timed", 2: "manual"})
WAKE_UP_CONDITION: Final = bits("wake_up_condition", {0: "emergency", 1: "collision", 2: "door_open"})
WEEKDAYS: Final = bits(
    "weekdays",
    {0: "monday", 1: "tuesday", 2: "wednesday", 3: "thursday", 4: "friday", 5: "saturday", 6: "sunday"},
)
WAKE_UP_PERIODS: Final = bits("wake_up_periods", {n: f"period_{n + 1}" for n in range(4)})
