"""When vehicles will be at the calls before them.

From where a vehicle is, link by link: the planned time of each link times 1 + g + z (see `links`), both as they will
have faded by the time the vehicle is there, and a part of how much slower than expected this vehicle itself has been.
At a call with a planned stay of `HOLDS_MS` or more, an early vehicle waits for its departure and a late one makes up
time by staying shorter. A link never takes less than `LEAST` of its planned time, so times never go back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.arrivals.follow import NONE, Courses
from tongqu.engines.arrivals.links import FADES_S, LEAST_PLANNED_S, Links
from tongqu.engines.arrivals.plan import Plan, planned_at

HOLDS_MS = 60_000
STAYS_MS = 20_000
LEAST = 0.4
STANDING = 0.75
"""Of a link whose first stop was not left yet, so much is still to come."""
OWN_FADES_S, OWN_PRIOR_S = 600.0, 900.0


@dataclass(frozen=True)
class Forecast:
    """Times of the calls still to come, flat; ms after the plan's `base_ms`.

    Attributes:
        run, vehicle: of each trip that is under way.
        delay_ms: of each, against the plan at its last call, or where it was first seen behind that.
        first: its calls are `first[i]:first[i + 1]` of the arrays below.
        call: position in the pattern. arrival_ms, departure_ms: forecast.
        last_delay_ms: arrival if the delay at the last call stayed as it is: the baseline.
    """

    run: NDArray[np.int32]
    vehicle: NDArray[np.int32]
    delay_ms: NDArray[np.int64]
    first: NDArray[np.int32]
    call: NDArray[np.int32]
    arrival_ms: NDArray[np.int64]
    departure_ms: NDArray[np.int64]
    last_delay_ms: NDArray[np.int64]


def forecast(
    plan: Plan, courses: Courses, links: Links, vehicle: NDArray[np.int32], run: NDArray[np.int32],
    own: NDArray[np.float64], now_ms: int,
) -> Forecast:  # fmt: skip
    """Forecast some vehicles that hold a run.

    Args:
        vehicle, run: which, of equal length. own: how much slower each is than expected, as a part.
        now_ms: after the plan's `base_ms`.
    """
    course = courses.held[vehicle]
    calls = np.diff(plan.run_first)[run]
    to_come = calls - courses.passed[vehicle, course]
    first = np.concatenate(([0], np.cumsum(to_come))).astype(np.int32)
    out = [np.zeros(int(first[-1]), np.int64) for _ in range(3)]
    call = np.zeros(int(first[-1]), np.int32)
    delay = np.zeros(len(run), np.int64)
    _forecast(
        plan.call_first, plan.stop_m, plan.link, plan.run_first, plan.arrival_ms, plan.departure_ms,
        plan.run_pattern, courses, vehicle, course, run, own, first, links.z, links.at_s, links.pace(),
        plan.base_ms / 1000.0, now_ms, delay, call, out[0], out[1], out[2],
    )  # fmt: skip
    return Forecast(run, vehicle, delay, first, call, *out)


@njit(cache=True, nogil=True)
def _forecast(  # type: ignore[no-untyped-def]
    call_first, stop_m, link, run_first, planned_arrival, planned_departure, run_pattern, courses, vehicle, course, run,
    own, first, z, z_at_s, pace, base_s, now_ms, late, call, arrival, departure, last_delay,
):  # fmt: skip
    for i in range(run.size):
        v, c, r = vehicle[i], course[i], run[i]
        p, begin = run_pattern[r], run_first[r]
        k = courses.passed[v, c]
        before = k - 1
        delay = np.int64(0)
        if courses.departure[v, c, before] != NONE and (before == 0 or courses.arrival[v, c, before] == NONE):
            delay = np.int64(courses.departure[v, c, before]) - planned_departure[begin + before]
        elif courses.arrival[v, c, before] != NONE:
            delay = np.int64(courses.arrival[v, c, before]) - planned_arrival[begin + before]
        else:  # it joined behind that call
            delay = courses.begun_ms[v, c] - planned_at(
                stop_m, call_first[p], call_first[p + 1], planned_arrival, planned_departure, begin,
                courses.begun_m[v, c],
            )  # fmt: skip
        late[i] = delay
        leaves = np.float64(now_ms)
        for j in range(first[i], first[i + 1]):
            a = call_first[p] + k - 1
            planned = max(planned_arrival[begin + k] - planned_departure[begin + k - 1], 0.0)
            held = planned_departure[begin + k - 1] - planned_arrival[begin + k - 1] >= HOLDS_MS
            if k > 1 and not held:
                planned = max(planned_arrival[begin + k] - planned_arrival[begin + k - 1], 0.0)
            ahead_s = max((leaves - now_ms) / 1000.0, 0.0)
            fade = np.exp(-(max(base_s + leaves / 1000.0 - z_at_s[link[a]], 0.0)) / FADES_S)
            share = pace + z[link[a]] * fade + own[i] * np.exp(-ahead_s / OWN_FADES_S)
            takes = max(planned + max(planned, LEAST_PLANNED_S * 1000.0) * share, LEAST * planned)
            if j == first[i]:
                if courses.left[v, c] < k and courses.arrival[v, c, k - 1] != NONE and k > 1:
                    at = max(courses.arrival[v, c, k - 1] + takes, courses.seen_ms[v, c] + STANDING * takes)
                else:
                    span = stop_m[a + 1] - stop_m[a]
                    rest = (stop_m[a + 1] - courses.top_m[v, c]) / span if span > 0 else 0.0
                    at = courses.seen_ms[v, c] + min(max(rest, 0.0), 1.0) * takes
                at = max(at, np.float64(now_ms))
            else:
                at = leaves + takes
            stays = max(planned_departure[begin + k] - planned_arrival[begin + k], 0)
            goes = at
            if stays >= HOLDS_MS:
                goes = max(at + min(stays, STAYS_MS), np.float64(planned_departure[begin + k]))
            call[j] = k
            arrival[j], departure[j] = np.int64(at), np.int64(goes)
            last_delay[j] = max(planned_arrival[begin + k] + delay, now_ms)
            leaves = goes
            k += 1
