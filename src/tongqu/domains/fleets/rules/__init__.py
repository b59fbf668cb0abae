"""Stream rules of dynamic supervision. What makes them is loaded where they run: it brings numba."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from tongqu.kernel.rules import Rule

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform
    from tongqu.kernel.rules.logic import Logic


def _made_by(module: str, name: str) -> Callable[[Platform], Logic]:
    def make(platform: Platform) -> Logic:
        logic: Logic = getattr(import_module(f"{__name__}.{module}"), name)(platform)
        return logic

    return make


def _rule(name: str, module: str, severity: int, cause: str, *rulebook: str, suspicious: bool = False) -> Rule:
    return Rule(
        f"fleets.{name}",
        _made_by(module, name),
        severity=severity,
        cause=cause,
        rulebook=tuple(f"fleets.{one}" for one in rulebook),
        suspicious=suspicious,
    )


RULES = (
    _rule(
        *("overspeed", "speed", 3, "speeding"),
        *("driving.dangerous_goods_limit_kmh", "supervision.overspeed_tolerance", "supervision.overspeed_s"),
    ),
    _rule("night_speed", "speed", 3, "speeding", "driving.night", "driving.night_speed_share"),
    _rule("fatigue", "fatigue", 2, "fatigue", "driving.continuous_driving_s", "driving.rest_s"),
    _rule("night_fatigue", "fatigue", 2, "fatigue", "driving.night_continuous_driving_s", "driving.rest_s"),
    _rule("coach_stop", "hours", 2, "night", "driving.coach_stop", "supervision.coach_stop_s"),
    _rule("day_driving", "hours", 3, "fatigue", "driving.day_driving_s"),
    _rule("entered", "areas", 3, "area", "supervision.area_s"),
    _rule("left", "areas", 3, "area", "supervision.area_s"),
    _rule("off_route", "areas", 2, "route", "supervision.off_route_s"),
    _rule("area_speed", "areas", 3, "conditions", "supervision.overspeed_tolerance", "supervision.area_s"),
    _rule("offline", "signal", 3, "outage", "supervision.offline_s"),
    _rule("drift", "signal", 4, "drift", "supervision.drift_fixes", "supervision.drift_s", suspicious=True),
)
