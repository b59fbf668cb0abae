"""Parameters 0xF364-0xF367 of the active-safety supplements.

A field of all ones means "leave as it is" and is None. Jiangsu and Guangdong are told apart by length. Units of
thresholds and intervals are not checked against the printed supplements, so their names carry none: the values
are the counts on the wire.
"""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import blob, text, u8, u16, u32
from tongqu.protocols.jt808.fields import Field, Number
from tongqu.protocols.jt808.items import Item, item
from tongqu.protocols.jt808.layout import Layout, Variant

_SU: Final = "T/JSATL 12-2017"
_BOTH: Final = "T/JSATL 12-2017, T/GDRTA 002-2020"


def _byte(name: str) -> Number:
    return u8(name, absent=0xFF)


def _word(name: str) -> Number:
    return u16(name, absent=0xFFFF)


def _switches(name: str) -> Number:
    return u32(name, absent=0xFFFFFFFF)


def _evidence(alarm: str, *, threshold: str = "level_speed_kmh") -> tuple[Number, ...]:
    """What a terminal does for one kind of alarm: threshold, video around it, photos, interval of photos."""
    return tuple(_byte(f"{alarm}_{what}") for what in (threshold, "video", "photos", "photo_interval"))


_GENERAL: Final[tuple[Field, ...]] = (
    _byte("enabling_speed_kmh"),
    _byte("volume"),
    _byte("photo_strategy"),
    _word("photo_timed_interval"),
    _word("photo_distance_interval"),
    _byte("photo_count"),
    _byte("photo_interval"),
    _byte("photo_resolution"),
    _byte("video_resolution"),
    _switches("alarm_switches"),
    _switches("event_switches"),
)
_ADAS: Final[tuple[Field, ...]] = (
    *_GENERAL,
    blob("reserved", 1),
    _byte("obstacle_threshold"),
    *_evidence("obstacle"),
    _byte("lane_change_period"),
    _byte("lane_change_count"),
    *_evidence("lane_change"),
    *_evidence("lane_departure"),
    _byte("forward_collision_threshold"),
    *_evidence("forward_collision"),
    _byte("pedestrian_threshold"),
    *_evidence("pedestrian", threshold="enabling_speed_kmh"),
    _byte("headway_threshold"),
    *_evidence("headway"),
    _byte("road_sign_photos"),
    _byte("road_sign_photo_interval"),
)
_DSM: Final[tuple[Field, ...]] = (
    *_GENERAL,
    _word("smoking_judgement"),
    _word("phone_judgement"),
    blob("reserved", 3),
    *_evidence("fatigue"),
    *_evidence("phone"),
    *_evidence("smoking"),
    *_evidence("distraction"),
    *_evidence("driver_abnormal"),
    _byte("identity_trigger"),
)
_GD_ADAS: Final = Layout(*_ADAS, *_evidence("solid_line"), _byte("aisle_pedestrian_level_speed_kmh"))
_GD_DSM: Final = Layout(
    *_DSM,
    _byte("camera_covered_level_speed_kmh"),
    *_evidence("seat_belt"),
    *_evidence("ir_glasses"),
    *_evidence("hands_off"),
    *_evidence("playing_phone"),
    blob("reserved_end", 1),
)
_TPMS: Final = Layout(
    text("tyre_model", 12),
    _word("pressure_unit"),
    _word("normal_pressure"),
    _word("unbalanced_threshold"),
    _word("slow_leak_threshold"),
    _word("low_pressure_threshold"),
    _word("high_pressure_threshold"),
    _word("high_temperature_threshold"),
    _word("voltage_threshold"),
    _word("tyre_report_interval"),
    blob("reserved", 6),
)

SAFETY_PARAMETERS: Final[tuple[Item, ...]] = (
    item(
        0xF364,
        ("adas_parameters", (Variant(_GD_ADAS), Variant(Layout(*_ADAS, blob("reserved_end", 4))))),
        _BOTH,
    ),
    item(
        0xF365,
        ("dsm_parameters", (Variant(_GD_DSM), Variant(Layout(*_DSM, blob("reserved_end", 2))))),
        _BOTH,
    ),
    item(0xF366, ("tpms_parameters", _TPMS), _SU),
    item(0xF367, ("bsd_parameters", Layout(_byte("rear_threshold"), _byte("side_rear_threshold"))), _SU),
    item(0xF370, u8("safety_protocol_version"), "T/GDRTA 002-2020"),
)
