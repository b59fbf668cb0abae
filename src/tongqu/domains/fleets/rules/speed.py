"""Too fast: against the limit of the road and of the category, and at night against a share of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.domains.fleets.rules import dated
from tongqu.kernel.geo.limits import RoadLimits, SpeedLimits
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules import Change
from tongqu.kernel.rules.batch import Batch
from tongqu.kernel.rules.logic import Condition, Logic, threshold

COACHES = ("scheduled_coach", "tour_coach")
DANGEROUS = ("dangerous_goods",)
Floats = NDArray[np.float64]
Three = tuple[Floats, Floats, Floats]


class Unknown:
    """Limits where nobody knows roads: of no place."""

    def at(self, lon: Floats, lat: Floats, heading_deg: NDArray[np.int16], time_ms: NDArray[np.int64]) -> RoadLimits:
        return RoadLimits(np.full(len(lon), np.nan), np.zeros(len(lon), dtype=np.bool_))


class Limits:
    """The limit of each row: of the road, of the category, the lower of both (危险货物道路运输安全管理办法 art. 46)."""

    def __init__(self, platform: Platform) -> None:
        known = platform.has(SpeedLimits)
        self._roads: SpeedLimits = platform.service(SpeedLimits) if known else Unknown()  # type: ignore[type-abstract]

    def of(self, batch: Batch) -> Floats:
        """km/h; NaN where no limit is known."""
        road = self._roads.at(batch["lon"], batch["lat"], batch["heading_deg"], batch["time_ms"])
        dangerous = batch.subjects.of_category(DANGEROUS)[batch.slot]
        if not dangerous.any():
            return road.limit_kmh
        at = batch["time_ms"]
        parameter = "fleets.driving.dangerous_goods_limit_kmh"
        fast = dated.numbers(parameter, at, lambda value: float(value["expressway"]))
        slow = dated.numbers(parameter, at, lambda value: float(value["elsewhere"]))
        elsewhere = ~road.expressway & ~np.isnan(road.limit_kmh)  # off the known roads it may be an expressway
        return np.where(dangerous, np.fmin(road.limit_kmh, np.where(elsewhere, slow, fast)), road.limit_kmh)


def describe(one: Any, change: Change) -> Mapping[str, Any]:
    """What an alarm of too high a speed says."""
    if change is Change.RAISED:
        return {"speed_kmh": round(float(one["value"]), 1), "limit_kmh": round(float(one["limit"]), 1)}
    return {"peak_kmh": round(float(one["value"]), 1), "duration_s": int(one["at"] - one["onset"]) // 1000}


def judged(limit: Floats, batch: Batch, tolerance: float) -> Three:
    """Speed, what begins an alarm, what ends it; where no limit is known nothing is too fast."""
    limit = np.where(np.isnan(limit), np.inf, limit)
    return batch["speed_kmh"].astype(np.float64), limit * (1 + tolerance), limit


def _made(platform: Platform, limit_of: Any) -> Condition:
    now = platform.clock.now_ms()
    tolerance = dated.setting("overspeed_tolerance", now)
    return threshold(
        lambda batch: judged(limit_of(batch), batch, tolerance),
        describe,
        raise_ms=dated.seconds("overspeed_s", now),
        clear_ms=30_000,
        gap_ms=dated.seconds("gap_s", now),
    )


def overspeed(platform: Platform) -> Logic:
    """Above the limit of road and category for a while."""
    return _made(platform, Limits(platform).of)


def night_speed(platform: Platform) -> Logic:
    """Passenger vehicles at night above their share of the limit of the day."""
    limits = Limits(platform)

    def limit_of(batch: Batch) -> Floats:
        at = batch["time_ms"]
        counts = dated.within_hours("fleets.driving.night", at) & batch.subjects.of_category(COACHES)[batch.slot]
        if not counts.any():
            return np.full(len(batch), np.nan)
        share = dated.numbers("fleets.driving.night_speed_share", at)
        return np.where(counts, limits.of(batch) * share, np.nan)

    return _made(platform, limit_of)
