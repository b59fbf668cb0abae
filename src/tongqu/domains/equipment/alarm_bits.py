"""The alarm word of a position report as rules: which of its bits are alarms of the platform, and how grave they are.

An alarm begins where its bit begins (an edge), not with each report that carries it. Two kinds of bits end differently
(JT/T 808-2019 table 24): most stay set until their cause ends, and so does the alarm. Those marked in the table are
cleared by the terminal once it has the reply: they say that something happened, so their alarms stand until a person
has seen them. Warnings to the driver alone (bits 13, 14, 17) are no alarms of the platform. Bit 3 was a warning before
2019 and bit 31 an alarm of 2013 only; a row does not carry the edition, so bit 3 is read as 2019 says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tongqu.kernel.rules import Rule

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform
    from tongqu.kernel.rules.logic import Logic


@dataclass(frozen=True)
class AlarmBit:
    """A bit: its name in the catalogue of the standard, severity (1 the gravest to 4) and cause; `replied`: cleared by
    the reply."""

    bit: int
    name: str
    severity: int
    cause: str
    replied: bool = False


BITS = (
    AlarmBit(0, "emergency", 1, "call", replied=True),
    AlarmBit(1, "overspeed", 4, "speeding"),
    AlarmBit(2, "fatigue", 3, "fatigue"),
    AlarmBit(3, "dangerous_driving", 3, "driving"),
    AlarmBit(4, "gnss_fault", 4, "device"),
    AlarmBit(5, "gnss_antenna_cut", 3, "device"),
    AlarmBit(6, "gnss_antenna_short", 3, "device"),
    AlarmBit(7, "undervoltage", 4, "device"),
    AlarmBit(8, "power_cut", 3, "device"),
    AlarmBit(9, "display_fault", 4, "device"),
    AlarmBit(10, "tts_fault", 4, "device"),
    AlarmBit(11, "camera_fault", 4, "device"),
    AlarmBit(12, "ic_card_fault", 4, "device"),
    AlarmBit(15, "illegal_driving", 3, "driving"),
    AlarmBit(16, "tyre_pressure_warning", 3, "device"),
    AlarmBit(18, "daily_driving_exceeded", 3, "fatigue"),
    AlarmBit(19, "stopped_too_long", 4, "stop"),
    AlarmBit(20, "area_crossed", 4, "area", replied=True),
    AlarmBit(21, "route_crossed", 4, "route", replied=True),
    AlarmBit(22, "segment_time", 4, "route", replied=True),
    AlarmBit(23, "off_route", 3, "route"),
    AlarmBit(24, "speed_sensor_fault", 4, "device"),
    AlarmBit(25, "fuel_abnormal", 3, "fuel"),
    AlarmBit(26, "stolen", 1, "theft"),
    AlarmBit(27, "illegal_ignition", 2, "theft", replied=True),
    AlarmBit(28, "illegal_movement", 2, "theft", replied=True),
    AlarmBit(29, "collision", 1, "collision"),
    AlarmBit(30, "rollover", 1, "collision"),
    AlarmBit(31, "illegal_door_opening", 3, "driving", replied=True),
)


def _make(one: AlarmBit) -> Callable[[Platform], Logic]:
    def make(platform: Platform) -> Logic:
        from tongqu.domains.equipment.rules import Edge

        return Edge(1 << one.bit, stands=one.replied)

    return make


RULES = tuple(
    Rule(
        f"equipment.{one.name}",
        _make(one),
        kinds=("vehicle", "terminal"),
        severity=one.severity,
        cause=one.cause,
        standing=one.replied,
    )
    for one in BITS
)
