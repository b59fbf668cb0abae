"""Which trip each vehicle runs: courses that have shown enough are held against the runs of their pattern.

The cost of a pair is what speaks against it, as of a negative log-likelihood: how late the vehicle began against the
plan (departures are late like an exponential, early like half a normal distribution), how far it is off the way, that
it joined in the middle; less what it has covered. The cheapest pair is taken, then the next whose vehicle and trip are
both free: no trip is held by two vehicles, no vehicle holds two. What is held already is held on to, unless another
pair is clearly better. At last the vehicles that left the first stop of a pattern are given their runs in the order in
which they left: as the cost of being late is convex, no other order of the same vehicles and runs costs less (Monge
1781).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.arrivals.follow import NONE, START_M, Courses
from tongqu.engines.arrivals.plan import Plan, planned_at

SHOWN_M, SHOWN_JOINED_M = 300.0, 1_500.0
"""What a vehicle has to cover before it is held to run a trip; more where it joined the way in the middle."""
LATE_MS, EARLY_MS = 240_000.0, 90_000.0
"""Scale of late and of early departures."""
MOST_LATE_MS, MOST_EARLY_MS = 2_700_000.0, 600_000.0
OFFSET_M = 20.0
JOINED, JOINED_FIRST = 4.0, 1.0
"""What speaks against a course that joined in the middle, and against one that was there when the first fix came."""
COVERED_M, MOST_COVERED_M = 1_000.0, 4_000.0
KEPT = 2.0
SAME_LINE = 1.5
"""What speaks for the line that the vehicle ran before: buses mostly stay on their line."""
CLEAR, CLEAR_M = 1.0, 2_500.0
"""Between patterns that have their way in common and speak so equally, nothing is chosen before so many metres."""
MISSED = 2
FIRST_MS = 90_000
SILENT_MS = 600_000


@dataclass(frozen=True)
class Pairs:
    """Vehicles, their courses, the runs they may run, what speaks against it, whether that can be told by now, and when
    the first stop was left (-1: it was not seen)."""

    vehicle: NDArray[np.int32]
    course: NDArray[np.int32]
    run: NDArray[np.int32]
    cost: NDArray[np.float64]
    shown: NDArray[np.bool_]
    left_ms: NDArray[np.int64]


def pairs_of(plan: Plan, courses: Courses, run_of: NDArray[np.int32], free: NDArray[np.bool_], now_ms: int) -> Pairs:
    """All pairs that may be.

    Args:
        run_of: (v) the run each vehicle holds, -1 for none. free: which runs were not finished yet.
        now_ms: after the plan's `base_ms`.
    """
    return Pairs(*_pairs(
        courses, plan.call_first, plan.stop_m, plan.pattern_run, plan.pattern_run_first, plan.run_first,
        plan.arrival_ms, plan.departure_ms, plan.line, run_of, free, now_ms,
    ))  # fmt: skip


@njit(cache=True, nogil=True)
def _pairs(  # type: ignore[no-untyped-def]
    courses,
    call_first,
    stop_m,
    pattern_run,
    pattern_run_first,
    run_first,
    arrival,
    departure,
    line,
    run_of,
    free,
    now_ms,
):
    vehicle, course = [np.int32(0) for _ in range(0)], [np.int32(0) for _ in range(0)]
    runs, costs = [np.int32(0) for _ in range(0)], [0.0 for _ in range(0)]
    shown, left = [True for _ in range(0)], [np.int64(0) for _ in range(0)]
    for v in range(courses.pattern.shape[0]):
        if now_ms - courses.last_ms[v] > SILENT_MS:
            continue
        for c in range(courses.pattern.shape[1]):
            p = courses.pattern[v, c]
            if p < 0 or courses.missed[v, c] > MISSED:
                continue
            first = call_first[p]
            at_start = courses.begun_m[v, c] <= stop_m[first] + START_M
            covered = courses.top_m[v, c] - max(courses.begun_m[v, c], stop_m[first])
            # a short pattern is shown by less
            enough = min(SHOWN_M if at_start else SHOWN_JOINED_M, 0.5 * (stop_m[call_first[p + 1] - 1] - stop_m[first]))
            if covered < enough:
                continue
            cost = courses.offset_m[v, c] / OFFSET_M - min(covered, MOST_COVERED_M) / COVERED_M
            begun, at_m = courses.begun_ms[v, c], courses.begun_m[v, c]
            if at_start and courses.departure[v, c, 0] != NONE:
                begun, at_m = np.int64(courses.departure[v, c, 0]), stop_m[first]
            if not at_start:
                cost += JOINED if begun > courses.since_ms[v] + FIRST_MS else JOINED_FIRST
            if courses.ran[v] >= 0 and courses.ran[v] == line[p]:
                cost -= SAME_LINE
            for j in range(pattern_run_first[p], pattern_run_first[p + 1]):
                r = pattern_run[j]
                if not free[r]:
                    continue
                late = begun - planned_at(stop_m, first, call_first[p + 1], arrival, departure, run_first[r], at_m)
                if late > MOST_LATE_MS or late < -MOST_EARLY_MS:
                    continue
                against = late / LATE_MS if late >= 0 else 0.5 * (late / EARLY_MS) ** 2
                if run_of[v] == r and courses.held[v] == c:
                    against -= KEPT
                vehicle.append(np.int32(v))
                course.append(np.int32(c))
                runs.append(np.int32(r))
                shown.append(covered >= CLEAR_M or run_of[v] >= 0)
                costs.append(cost + against)
                left.append(np.int64(begun) if at_start else np.int64(-1))
    return (
        np.array(vehicle, np.int32), np.array(course, np.int32), np.array(runs, np.int32), np.array(costs),
        np.array(shown, np.bool_), np.array(left, np.int64),
    )  # fmt: skip


def settled(plan: Plan, pairs: Pairs) -> list[tuple[int, int, int]]:
    """The pairs that hold: vehicle, course, run; the cheapest first, each vehicle and run once."""
    vehicles: set[int] = set()
    runs: set[int] = set()
    found: list[tuple[int, int, int]] = []
    order = np.lexsort((pairs.course, pairs.run, pairs.vehicle, pairs.cost))
    waits = _unclear(pairs, order)
    begun: dict[int, list[tuple[int, int, int]]] = {}
    for vehicle, course, run, shown, left in zip(
        pairs.vehicle[order].tolist(), pairs.course[order].tolist(), pairs.run[order].tolist(),
        pairs.shown[order].tolist(), pairs.left_ms[order].tolist(), strict=True,
    ):  # fmt: skip
        if vehicle not in vehicles and run not in runs:
            vehicles.add(vehicle)
            if shown or vehicle not in waits:
                runs.add(run)
                found.append((vehicle, course, run))
                if left >= 0:
                    begun.setdefault(int(plan.run_pattern[run]), []).append((left, vehicle, run))
    leaves = plan.departure_ms[plan.run_first[:-1]]
    in_turn: dict[int, int] = {}
    for each in begun.values():
        planned = sorted((run for _, _, run in each), key=lambda run: (leaves[run], run))
        in_turn |= {vehicle: run for (_, vehicle, _), run in zip(sorted(each), planned, strict=True)}
    return [(vehicle, course, in_turn.get(vehicle, run)) for vehicle, course, run in found]


def _unclear(pairs: Pairs, order: NDArray[np.intp]) -> set[int]:
    """Vehicles whose two best courses speak about equally."""
    best: dict[int, tuple[int, float]] = {}
    unclear: set[int] = set()
    for vehicle, course, cost in zip(
        pairs.vehicle[order].tolist(), pairs.course[order].tolist(), pairs.cost[order].tolist(), strict=True
    ):
        first = best.setdefault(vehicle, (course, cost))
        if course != first[0] and cost < first[1] + CLEAR:
            unclear.add(vehicle)
    return unclear
