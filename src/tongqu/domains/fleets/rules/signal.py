"""The device itself: it falls silent on the road, or its positions jump about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongqu.domains.fleets.rules import dated
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules import Change
from tongqu.kernel.rules.logic import Logic, Rate, Silence
from tongqu.kernel.telemetry.rows import Flag

DRIFTING = int(Flag.JUMP | Flag.ZERO)


def _offline(one: Any, change: Change) -> Mapping[str, Any]:
    if change is Change.RAISED:
        return {"silent_s": int(one["limit"])}
    return {"silent_s": int(one["value"])}


def offline(platform: Platform) -> Logic:
    """No fix for too long after one in motion."""
    now = platform.clock.now_ms()
    moving_kmh = dated.setting("moving_kmh", now)
    return Silence(lambda batch: batch["speed_kmh"] >= moving_kmh, _offline, limit_ms=dated.seconds("offline_s", now))


def _drift(one: Any, change: Change) -> Mapping[str, Any]:
    return {"fixes": int(one["value"])} if change is Change.RAISED else {}


def drift(platform: Platform) -> Logic:
    """Several jumps within a while."""
    now = platform.clock.now_ms()
    return Rate(
        lambda batch: (batch["flags"] & DRIFTING) > 0,
        _drift,
        count=round(dated.setting("drift_fixes", now)),
        window_ms=dated.seconds("drift_s", now),
    )
