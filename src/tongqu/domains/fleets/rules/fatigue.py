"""Driving without rest: a state machine per vehicle that is exact to the second.

Driving is what lies between a fix in motion and the next fix; resting likewise after a fix at a stand. A stop shorter
than the rest neither counts as driving nor ends it; a rest that is long enough begins anew (道路交通安全法实施条例
art. 62). A gap between fixes counts as driving if the vehicle was moved in it, else as rest, and the alarm says how
much of the time was such. A driver who is relieved by another (a duty that is known) begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.domains.fleets.rules import dated
from tongqu.domains.fleets.rules.speed import COACHES
from tongqu.kernel.platform import Platform
from tongqu.kernel.rules import Change, Transition
from tongqu.kernel.rules.batch import Batch
from tongqu.kernel.rules.kernels import CLEARED, IDLE, OPEN, OUT, RAISED
from tongqu.kernel.rules.logic import Logic, State, Timeless, transitions

FATIGUE = np.dtype([
    ("phase", "i1"), ("moving", "i1"), ("counts", "i1"), ("onset", "i8"), ("last", "i8"), ("driven", "i8"),
    ("rest", "i8"), ("gaps", "i8"), ("driver", "i8"), ("lon", "f8"), ("lat", "f8"), ("region", "i4"), ("first", "i8"),
])  # fmt: skip


class DriversOnDuty(Protocol):
    """Who drives: the service of the API process that knows duties."""

    def at(self, subject: NDArray[np.int64], time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """A number for the driver of each vehicle at each time, 0 where nobody knows."""
        ...


@njit(cache=True, nogil=True)
def _rested(out, n, s, state, at, offset):  # type: ignore[no-untyped-def]
    """End an alarm that is open, and begin anew."""
    if state[s].phase == OPEN:
        out[n].slot = s
        out[n].change = CLEARED
        out[n].onset = state[s].onset
        out[n].at = at
        out[n].value = state[s].driven / 1000.0
        out[n].limit = state[s].gaps / 1000.0
        out[n].lon = state[s].lon
        out[n].lat = state[s].lat
        out[n].region = state[s].region
        out[n].first = offset
        out[n].latest = offset
        out[n].tag = 0
        n += 1
    state[s].phase = IDLE
    state[s].driven = 0
    state[s].gaps = 0
    state[s].first = offset
    return n


@njit(cache=True, nogil=True)
def drive(  # type: ignore[no-untyped-def]
    slot, time, moving, counts, driver, limit, rest, lon, lat, region, offset, state, gap_ms, moved_m, out
):
    """`limit` and `rest` in seconds hold for the time that ends with their row; `counts` says where driving counts."""
    n = 0
    for i in range(slot.size):
        s = slot[i]
        t = time[i]
        before = state[s].last
        if before == 0:
            state[s].first = offset[i]
        elif driver[i] != 0 and state[s].driver != 0 and driver[i] != state[s].driver:
            n = _rested(out, n, s, state, before, offset[i])
            state[s].rest = 0
        if before > 0:
            dt = t - before
            driving = state[s].moving == 1
            gap = dt > gap_ms
            if gap:
                east = (lon[i] - state[s].lon) * np.cos(np.radians(lat[i]))
                driving = np.hypot(east, lat[i] - state[s].lat) * 111_195.0 >= moved_m
            if driving:
                state[s].rest = 0
                if state[s].counts == 1:
                    so_far = state[s].driven
                    state[s].driven = so_far + dt
                    if gap:
                        state[s].gaps += dt
                    most = np.int64(limit[i] * 1000.0)
                    if state[s].phase == IDLE and state[s].driven > most:
                        state[s].phase = OPEN
                        state[s].onset = max(before + most - so_far, before)
                        out[n].slot = s
                        out[n].change = RAISED
                        out[n].onset = state[s].onset
                        out[n].at = t
                        out[n].value = most / 1000.0
                        out[n].limit = state[s].gaps / 1000.0
                        out[n].lon = lon[i]
                        out[n].lat = lat[i]
                        out[n].region = region[i]
                        out[n].first = state[s].first
                        out[n].latest = offset[i]
                        out[n].tag = 0
                        n += 1
            else:
                state[s].rest += dt
                if state[s].rest >= np.int64(rest[i] * 1000.0) and (state[s].driven > 0 or state[s].phase == OPEN):
                    n = _rested(out, n, s, state, t - state[s].rest, offset[i])
        if driver[i] != 0:
            state[s].driver = driver[i]
        state[s].moving = moving[i]
        state[s].counts = counts[i]
        state[s].last = t
        state[s].lon = lon[i]
        state[s].lat = lat[i]
        state[s].region = region[i]
    return n


def describe(one: Any, change: Change) -> Mapping[str, Any]:
    """What an alarm says: hours driven, and how much of it lies in gaps between fixes."""
    hours = {"driven_s": int(one["value"]), "gap_s": int(one["limit"])}
    hours |= {"driven_min": hours["driven_s"] // 60, "gap_min": hours["gap_s"] // 60}
    return hours if change is Change.RAISED else hours | {"over_s": int(one["at"] - one["onset"]) // 1000}


Mask = Callable[[Batch], NDArray[np.bool_]]


@dataclass(frozen=True)
class Fatigue(Timeless):
    """Driving beyond a limit without a rest.

    Args:
        limit: rulebook parameter of the seconds that may be driven.
        counts: which rows begin time that counts.
        duty: who drives, None where nobody knows.
        moving_kmh, gap_ms, moved_m: settings of the platform.
    """

    limit: str
    counts: Mask
    duty: DriversOnDuty | None
    moving_kmh: float
    gap_ms: int
    moved_m: float
    state: np.dtype[Any] = FATIGUE

    def step(self, state: State, batch: Batch) -> tuple[State, list[Transition]]:
        at = batch["time_ms"]
        nobody = np.zeros(len(batch), dtype=np.int64)
        driver = nobody if self.duty is None else self.duty.at(batch.subjects.key[batch.slot], at)
        out = np.empty(2 * len(batch) + 2, dtype=OUT)
        count = drive(
            batch.slot, at, (batch["speed_kmh"] >= self.moving_kmh).astype(np.int8),
            self.counts(batch).astype(np.int8), driver, dated.numbers(self.limit, at),
            dated.numbers("fleets.driving.rest_s", at), batch["lon"], batch["lat"], batch["region"],
            batch["log_offset"], state, self.gap_ms, self.moved_m, out,
        )  # fmt: skip
        return state, transitions(out[:count], batch.subjects, describe)


def _made(platform: Platform, limit: str, counts: Mask) -> Logic:
    now = platform.clock.now_ms()
    duty = platform.service(DriversOnDuty) if platform.has(DriversOnDuty) else None  # type: ignore[type-abstract]
    return Fatigue(
        f"fleets.driving.{limit}",
        counts,
        duty,
        dated.setting("moving_kmh", now),
        dated.seconds("gap_s", now),
        dated.setting("gap_moved_m", now),
    )


def fatigue(platform: Platform) -> Logic:
    """Four hours of driving want a rest of twenty minutes."""
    return _made(platform, "continuous_driving_s", lambda batch: np.ones(len(batch), dtype=np.bool_))


def night_fatigue(platform: Platform) -> Logic:
    """Passenger vehicles at night: two hours."""

    def counts(batch: Batch) -> NDArray[np.bool_]:
        night = dated.within_hours("fleets.driving.night", batch["time_ms"])
        return night & batch.subjects.of_category(COACHES)[batch.slot]

    return _made(platform, "night_continuous_driving_s", counts)
