"""Hours of the day: long coaches stand from two to five, and nobody drives a coach more than eight hours a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.domains.fleets.rules import dated
from tongqu.domains.fleets.rules.speed import COACHES
from tongqu.kernel import rulebooks
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules import Change
from tongqu.kernel.rules.batch import Batch
from tongqu.kernel.rules.logic import Condition, Logic, Measure, Window
from tongqu.kit.time import DAY_MS, MINUTE_MS


def _coach_stop(one: Any, change: Change) -> Mapping[str, Any]:
    if change is Change.RAISED:
        return {"speed_kmh": round(float(one["value"]), 1)}
    return {"duration_s": int(one["at"] - one["onset"]) // 1000}


def coach_stop(platform: Platform) -> Logic:
    """Coaches that drive between two and five, beyond what it takes to reach a place to stop."""
    now = platform.clock.now_ms()
    moving_kmh = dated.setting("moving_kmh", now)

    def look(batch: Batch) -> Measure:
        forbidden = dated.within_hours("fleets.driving.coach_stop", batch["time_ms"])
        forbidden &= batch.subjects.of_category(COACHES)[batch.slot]
        speed = batch["speed_kmh"].astype(np.float64)
        on = forbidden & (speed >= moving_kmh)
        return Measure(on, ~on, speed, np.zeros(len(batch)))

    return Condition(
        look,
        _coach_stop,
        raise_ms=dated.seconds("coach_stop_s", now),
        clear_ms=10 * MINUTE_MS,
        gap_ms=dated.seconds("gap_s", now),
    )


def _day_driving(one: Any, change: Change) -> Mapping[str, Any]:
    return {"driven_s": int(one["value"]), "limit_s": int(one["limit"])} if change is Change.RAISED else {}


def day_driving(platform: Platform) -> Logic:
    """Coaches that drive more than eight hours of a calendar day."""
    now = platform.clock.now_ms()
    moving_kmh = dated.setting("moving_kmh", now)

    def amount(batch: Batch) -> NDArray[np.float64]:
        coach = batch.subjects.of_category(COACHES)[batch.slot]
        return (coach & (batch["speed_kmh"] >= moving_kmh)).astype(np.float64)

    limit = float(rulebooks.value_of("fleets.driving.day_driving_s", None, now))
    return Window(
        amount, _day_driving, limit=limit, period_ms=DAY_MS, phase_ms=dated.CHINA_MS, gap_ms=dated.seconds("gap_s", now)
    )
