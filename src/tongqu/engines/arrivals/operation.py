"""Positions in, trips and forecasts out: the parts of the engine put together. The clock is that of the fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tongqu.engines.arrivals.accuracy import Accuracy
from tongqu.engines.arrivals.assign import SILENT_MS, pairs_of, settled
from tongqu.engines.arrivals.follow import NONE, Courses, Grid, follow
from tongqu.engines.arrivals.forecast import HOLDS_MS, OWN_FADES_S, OWN_PRIOR_S, Forecast, forecast
from tongqu.engines.arrivals.links import Links
from tongqu.engines.arrivals.plan import Plan

SETTLE_MS = 15_000
"""So often, by the time of the fixes, it is decided anew who runs what."""
UNKNOWN_MS = int(NONE)
NEVER = -(1 << 62)


@dataclass(frozen=True)
class Matched:
    """Vehicles that run a trip now, by run.

    Attributes:
        vehicle: as it was given. run: index in the plan.
        along_m: on its way. next_call: position of the call it goes to; it stands there where `standing`.
        seen_ms: UTC. How late they are is told by `Forecast.delay_ms`, of the same runs in the same order.
    """

    vehicle: NDArray[np.int64]
    run: NDArray[np.int32]
    along_m: NDArray[np.float64]
    next_call: NDArray[np.int32]
    standing: NDArray[np.bool_]
    seen_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.run)


class Operation:
    """Follows vehicles over one plan.

    Attributes:
        arrival_ms, departure_ms: what was observed, by run and call as in the plan, `UNKNOWN_MS` where it was not;
            after the plan's `base_ms`.
        run_of, vehicle_of: the run each vehicle holds and the vehicle of each run, rows of vehicles; -1 for none.
        links, accuracy: what was learnt; give them to the operation over the next plan (`carry`).
    """

    def __init__(self, plan: Plan, *, carry: Operation | None = None) -> None:
        self.plan = plan
        self.arrival_ms = np.full(len(plan.arrival_ms), NONE, np.int32)
        self.departure_ms = np.full(len(plan.arrival_ms), NONE, np.int32)
        self.vehicle_of = np.full(plan.runs, -1, np.int32)
        self.finished = np.zeros(plan.runs, np.bool_)
        self.run_of = np.full(0, -1, np.int32)
        self.own_s = np.zeros((0, 2))
        self.own_at_s = np.zeros(0)
        self.accuracy: Accuracy = Accuracy() if carry is None else carry.accuracy
        self.links: Links = Links.unknown(len(plan.ends)) if carry is None else _carried(carry, plan)
        if carry is not None:
            for run in range(carry.plan.runs):
                self.accuracy.ended(run)
        self.now_ms = NEVER
        self._grid = Grid.of(plan)
        self._courses = Courses.empty(0, plan.most_calls)
        self._row: dict[int, int] = {}
        self._key = np.zeros(0, np.int64)
        self._heard = np.zeros(plan.runs, np.int32)

    # taking in

    def take(
        self, vehicle: ArrayLike, time_ms: ArrayLike, lon: ArrayLike, lat: ArrayLike,
        lines: Mapping[int, int] | None = None,
    ) -> int:  # fmt: skip
        """Take fixes in. How they are cut into batches makes no difference, as long as these come in order of time.

        Args:
            vehicle: any numbers. time_ms: UTC. lon, lat: degrees.
            lines: the line (number of the plan) of vehicles that are known to run it.

        Returns:
            How many fixes were taken: those that are older than the vehicle's last, doubled, or jumps are not.
        """
        keys, times = np.asarray(vehicle, np.int64), np.asarray(time_ms, np.int64) - self.plan.base_ms
        x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        order = np.lexsort((y, x, keys, times))
        keys, times, x, y = keys[order], times[order], x[order], y[order]
        rows = self._rows(keys)
        for key, line in (lines or {}).items():
            if key in self._row:
                self._courses.line[self._row[key]] = line
        taken, begin = 0, 0
        while begin < len(times):
            first = int(times[begin])
            if self.now_ms == NEVER:
                self.now_ms = first
            if first // SETTLE_MS > self.now_ms // SETTLE_MS:  # it is decided at the last full quarter minute before it
                self.now_ms = first // SETTLE_MS * SETTLE_MS
                self.settle()
            end = int(np.searchsorted(times, (self.now_ms // SETTLE_MS + 1) * SETTLE_MS))
            part = slice(begin, end)
            taken += follow(self._grid, self._courses, rows[part], times[part], x[part], y[part])
            self.now_ms = max(self.now_ms, int(times[end - 1]))
            begin = end
        return taken

    def _rows(self, keys: NDArray[np.int64]) -> NDArray[np.int32]:
        unique, inverse = np.unique(keys, return_inverse=True)
        new = [key for key in unique.tolist() if key not in self._row]
        for key in new:
            self._row[key] = len(self._row)
        if new:
            self._key = np.r_[self._key, np.array(new, np.int64)]
        if len(self._row) > len(self.run_of):
            room = max(2 * len(self.run_of), len(self._row), 16)
            more = room - len(self.run_of)
            self._courses = self._courses.grown(room)
            self.run_of = np.r_[self.run_of, np.full(more, -1, np.int32)]
            self.own_s = np.vstack((self.own_s, np.zeros((more, 2))))
            self.own_at_s = np.r_[self.own_at_s, np.zeros(more)]
        return np.array([self._row[key] for key in unique.tolist()], np.int32)[inverse.ravel()]

    # deciding

    def settle(self) -> None:
        """Decide who runs what by now, and learn from what was passed since."""
        self._end()
        pairs = pairs_of(self.plan, self._courses, self.run_of, ~self.finished, self.now_ms)
        chosen = {vehicle: (course, run) for vehicle, course, run in settled(self.plan, pairs)}
        for vehicle in np.flatnonzero(self.run_of >= 0).tolist():
            if chosen.get(vehicle, (-1, -1)) != (int(self._courses.held[vehicle]), int(self.run_of[vehicle])):
                self._release(vehicle)
        for vehicle, (course, run) in chosen.items():
            if self.run_of[vehicle] < 0:
                self.run_of[vehicle], self._courses.held[vehicle] = run, course
                self.vehicle_of[run] = vehicle
                self.own_s[vehicle] = 0.0
        self._learn()
        for vehicle in np.flatnonzero(self.run_of >= 0).tolist():
            if self._is_over(vehicle, int(self._courses.held[vehicle])):
                self._finish(vehicle)
        told = self.forecasts()
        self.accuracy.made(told, self.now_ms)

    def _is_over(self, vehicle: int, course: int) -> bool:
        part = self.plan.calls(int(self._courses.pattern[vehicle, course]))
        return bool(self._courses.passed[vehicle, course] >= part.stop - part.start)

    def _end(self) -> None:
        """Let go of vehicles that are silent or have lost their way, and of courses that came to nothing."""
        courses = self._courses
        for vehicle in np.flatnonzero(self.run_of >= 0).tolist():
            held = int(courses.held[vehicle])
            lost = held < 0 or courses.pattern[vehicle, held] != self.plan.run_pattern[self.run_of[vehicle]]
            if lost or self.now_ms - courses.last_ms[vehicle] > SILENT_MS:
                self._release(vehicle)
        vehicles, places = np.nonzero(courses.pattern >= 0)
        pattern = courses.pattern[vehicles, places]
        over = courses.passed[vehicles, places] >= np.diff(self.plan.call_first)[pattern]
        over &= courses.held[vehicles] != places
        over &= self.now_ms - courses.seen_ms[vehicles, places] > SETTLE_MS
        courses.pattern[vehicles[over], places[over]] = -1

    def _release(self, vehicle: int) -> None:
        """A vehicle does not run its trip after all: what was observed of the trip is not true."""
        run = int(self.run_of[vehicle])
        self.vehicle_of[run], self.run_of[vehicle], self._courses.held[vehicle] = -1, -1, -1
        part = self.plan.times(run)
        self.arrival_ms[part] = self.departure_ms[part] = NONE
        self._heard[run] = 0
        self.accuracy.ended(run)

    def _finish(self, vehicle: int) -> None:
        run, course = int(self.run_of[vehicle]), int(self._courses.held[vehicle])
        self.finished[run] = True
        self._courses.ran[vehicle] = self.plan.line[self.plan.run_pattern[run]]
        self.run_of[vehicle] = self._courses.held[vehicle] = -1
        self._courses.pattern[vehicle, course] = -1
        self.accuracy.ended(run)

    # learning

    def _learn(self) -> None:
        """Take what held vehicles have passed into the records, the links and the errors, in order of time."""
        passed: list[tuple[int, int, int, int]] = []
        courses, plan = self._courses, self.plan
        for vehicle in np.flatnonzero(self.run_of >= 0).tolist():
            run, course = int(self.run_of[vehicle]), int(courses.held[vehicle])
            part, upto = plan.times(run), int(courses.passed[vehicle, course])
            self.arrival_ms[part][:upto] = courses.arrival[vehicle, course, :upto]
            left = int(courses.left[vehicle, course])
            self.departure_ms[part][:left] = courses.departure[vehicle, course, :left]
            for call in range(int(self._heard[run]), upto):
                if self.arrival_ms[part.start + call] != NONE:
                    passed.append((int(self.arrival_ms[part.start + call]), run, call, vehicle))
            self._heard[run] = upto
        for at_ms, run, call, vehicle in sorted(passed):
            first = int(plan.run_first[run])
            if call:
                self.accuracy.arrived(run, call, at_ms, int(plan.arrival_ms[first + call]))
                self._learn_link(run, call - 1, vehicle)

    def _learn_link(self, run: int, call: int, vehicle: int) -> None:
        """From a call to the next; where a vehicle stays at the call as planned, from its departure on."""
        plan, at = self.plan, int(self.plan.run_first[run]) + call
        holds = call == 0 or plan.departure_ms[at] - plan.arrival_ms[at] >= HOLDS_MS
        begun = self.departure_ms[at] if holds else self.arrival_ms[at]
        if begun == NONE:
            return
        planned = plan.arrival_ms[at + 1] - (plan.departure_ms[at] if holds else plan.arrival_ms[at])
        observed_s, planned_s = (int(self.arrival_ms[at + 1]) - int(begun)) / 1000.0, float(planned) / 1000.0
        link = int(plan.link[int(plan.call_first[plan.run_pattern[run]]) + call])
        at_s = (plan.base_ms + int(self.arrival_ms[at + 1])) / 1000.0
        late_s = self.links.learn(link, at_s, observed_s, planned_s)
        fade = float(np.exp(-max(at_s - self.own_at_s[vehicle], 0.0) / OWN_FADES_S))
        self.own_s[vehicle] = self.own_s[vehicle] * fade + (late_s, planned_s)
        self.own_at_s[vehicle] = at_s

    # telling

    def _held(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        run = np.flatnonzero(self.vehicle_of >= 0).astype(np.int32)
        vehicle = self.vehicle_of[run]
        held = self.run_of[vehicle] == run
        return vehicle[held], run[held]

    def forecasts(self, now_ms: int | None = None) -> Forecast:
        """Forecasts for the vehicles that run a trip, at an instant (UTC ms), or at the last fix."""
        vehicle, run = self._held()
        at = self.now_ms if now_ms is None else now_ms - self.plan.base_ms
        own = self.own_s[vehicle, 0] / (self.own_s[vehicle, 1] + OWN_PRIOR_S)
        return forecast(self.plan, self._courses, self.links, vehicle, run, own, at)

    def matched(self) -> Matched:
        """Who runs what, as it was settled last."""
        vehicle, run = self._held()
        courses, course = self._courses, self._courses.held[vehicle]
        passed, left = courses.passed[vehicle, course], courses.left[vehicle, course]
        standing = left < passed
        next_call = np.where(standing, passed - 1, passed).astype(np.int32)
        return Matched(
            self._key[vehicle], run, courses.along_m[vehicle, course], next_call, standing,
            self.plan.base_ms + courses.seen_ms[vehicle, course],
        )  # fmt: skip

    def key(self, vehicle: int) -> int:
        """The number by which a row of a vehicle was given."""
        return int(self._key[vehicle])


def _carried(carry: Operation, plan: Plan) -> Links:
    known = {pair: row for row, pair in enumerate(map(tuple, carry.plan.ends.tolist()))}
    rows = [known.get((int(a), int(b)), -1) for a, b in plan.ends.tolist()]
    return carry.links.taken_over(np.array(rows, np.int64))
