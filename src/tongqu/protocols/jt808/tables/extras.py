"""Items of a position report: JT/T 808, JT/T 1078 and the active-safety supplements of Jiangsu and Guangdong.

Real devices send 0x05, 0x14-0x18, 0x64 and 0x65 with other lengths and meanings: an id counts as standard only
if its length fits. The Guangdong layouts (identifier of 40 bytes) exist under the 2019 header only; the Jiangsu
ones (16 bytes) come under either, so the length decides.
"""

from __future__ import annotations

from typing import Final

from tongqu.protocols.jt808.declare import bcd_time, blob, record, repeat, text, u8, u16, u32, unless_value
from tongqu.protocols.jt808.items import Item, ItemSet, item
from tongqu.protocols.jt808.layout import Layout, Variant
from tongqu.protocols.jt808.tables import words

_808_2013: Final = "JT/T 808-2013"
_808_2019: Final = "JT/T 808-2019"
_1078: Final = "JT/T 1078-2016"
_SAFETY: Final = "T/JSATL 12-2017, T/GDRTA 002-2020"

IDENTIFIER_SU: Final = Layout(
    text("terminal_id", 7), bcd_time("time_ms"), u8("sequence"), u8("attachment_count"), blob("reserved", 1)
)
IDENTIFIER_GD: Final = Layout(
    text("terminal_id", 30), bcd_time("time_ms"), u8("sequence"), u8("attachment_count"), blob("reserved", 2)
)

_PLACE: Final = (
    u8("speed_kmh"),
    u16("altitude_m"),
    u32("latitude_deg", scale=1e-6),
    u32("longitude_deg", scale=1e-6),
    bcd_time("time_ms"),
    u16("vehicle_status", flags=words.SAFETY_VEHICLE),
)


def _adas(identifier: Layout) -> Layout:
    return Layout(
        u32("alarm_id"),
        u8("phase", codes=words.PHASE),
        u8("adas_type", codes=words.ADAS),
        u8("level", codes=words.LEVEL),
        u8("front_speed_kmh"),
        u8("front_distance_s", scale=0.1),
        u8("departure_side", codes=words.DEPARTURE),
        u8("road_sign", codes=words.ROAD_SIGN),
        u8("road_sign_value"),
        *_PLACE,
        record("identifier", identifier),
    )


def _dsm(identifier: Layout) -> Layout:
    return Layout(
        u32("alarm_id"),
        u8("phase", codes=words.PHASE),
        u8("dsm_type", codes=words.DSM),
        u8("level", codes=words.LEVEL),
        u8("fatigue_degree"),
        blob("reserved", 4),
        *_PLACE,
        record("identifier", identifier),
    )


def _tpms(identifier: Layout) -> Layout:
    tyre = Layout(
        u8("tyre_position"),
        u16("tyre_alarm", flags=words.TYRE_ALARM),
        u16("pressure_kpa"),
        u16("temperature_c"),
        u16("battery_pct"),
    )
    return Layout(
        u32("alarm_id"),
        u8("phase", codes=words.PHASE),
        *_PLACE,
        record("identifier", identifier),
        repeat("tyres", tyre, prefix="B"),
    )


def _bsd(identifier: Layout) -> Layout:
    return Layout(
        u32("alarm_id"),
        u8("phase", codes=words.PHASE),
        u8("bsd_type", codes=words.BSD),
        *_PLACE,
        record("identifier", identifier),
    )


def _both(su: Layout, gd: Layout) -> tuple[Variant, ...]:
    return (Variant(gd, since=2019, dialect="gd"), Variant(su, dialect="su"))


_AREA: Final = Layout(u8("area_type", codes=words.AREA_TYPE), u32("area_id", when=unless_value("area_type", 0)))
_CROSSED: Final = Layout(u8("area_type", codes=words.AREA_TYPE), u32("area_id"), u8("crossing", codes=words.CROSSING))
_SEGMENT: Final = Layout(u32("segment_id"), u16("travel_time_s"), u8("segment_result", codes=words.SEGMENT_RESULT))
_ABNORMAL: Final = Layout(u16("abnormal_type", flags=words.ABNORMAL_DRIVING), u8("fatigue_degree"))
_ANALOG: Final = Layout(u16("analog_1"), u16("analog_0"))

ITEMS: Final[tuple[Item, ...]] = (
    item(0x01, u32("mileage_km", scale=0.1), _808_2013),
    item(0x02, u16("fuel_l", scale=0.1), _808_2013),
    item(0x03, u16("recorder_speed_kmh", scale=0.1), _808_2013),
    item(0x04, u16("event_to_confirm"), _808_2013),
    item(0x05, repeat("tyre_pressures", u8("tyre_pressure", absent=0xFF), times=30), _808_2019),
    item(0x06, u16("cabin_temperature_c", sign_bit=15), _808_2019),
    item(0x11, ("overspeed_area", _AREA), _808_2013),
    item(0x12, ("crossed_area", _CROSSED), _808_2013),
    item(0x13, ("segment_time", _SEGMENT), _808_2013),
    item(0x14, u32("video_alarm", flags=words.VIDEO_ALARM), _1078),
    item(0x15, u32("video_lost_channels"), _1078),
    item(0x16, u32("video_covered_channels"), _1078),
    item(0x17, u16("storage_faults"), _1078),
    item(0x18, ("abnormal_driving", _ABNORMAL), _1078),
    item(0x25, u32("signals", flags=words.SIGNALS), _808_2013),
    item(0x2A, u16("io_status", flags=words.IO), _808_2013),
    item(0x2B, ("analog", _ANALOG), _808_2013),
    item(0x30, u8("signal_strength"), _808_2013),
    item(0x31, u8("satellites"), _808_2013),
    item(0x64, ("adas", _both(_adas(IDENTIFIER_SU), _adas(IDENTIFIER_GD))), _SAFETY),
    item(0x65, ("dsm", _both(_dsm(IDENTIFIER_SU), _dsm(IDENTIFIER_GD))), _SAFETY),
    item(0x66, ("tpms", _both(_tpms(IDENTIFIER_SU), _tpms(IDENTIFIER_GD))), _SAFETY),
    item(0x67, ("bsd", _both(_bsd(IDENTIFIER_SU), _bsd(IDENTIFIER_GD))), _SAFETY),
)
EXTRAS: Final = ItemSet(ITEMS)

GUANGDONG_ITEMS: Final = (
    item(0xF1, u32("installation_faults"), "T/GDRTA 002-2020"),
    item(0xF2, u32("algorithm_faults"), "T/GDRTA 002-2020"),
)
"""Only for devices known to follow the Guangdong supplement: to others these ids are private."""
