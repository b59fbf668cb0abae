"""Simulated buses on a plan: what a gateway would hear, and what was true. Used by `arrivals.py`.

The disturbance is made of places and causes, not of links, and knows nothing of filters:

- congestion is a field over the map: cells of 700 m whose slowness is a random walk with knots every 25 minutes (linear
  between), a rush hour that grows and fades over the hours, and incidents of a few hundred metres to two kilometres
  that begin at once and dissolve over up to 90 minutes; every bus that comes through meets the same;
- traffic lights stand along each way, some 400 m apart, with a cycle and a phase of their own;
- a stop is served or not, the stay is lognormal and grows with the time since the last bus of the line stopped there;
- each line's timetable is wrong by its own constant factor, each driver is quicker or slower by some per cent;
- vehicles run one trip after the other, of one line: who arrives late sets out late; some trips are not run at all;
- positions: correlated and white noise, lost fixes, leaps of kilometres, clocks of fixes at odd seconds; some buses
  leave their line for a while, some drive about without a trip, and all drive from their last stop to their next first
  one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from tongqu.engines.arrivals import Plan
from tongqu.kit.geometry.geolines import metres_per_degree

CELL_M, KNOT_S = 700.0, 1_500.0
STEP_M = 80.0
FIX_S = 15.0


@dataclass
class World:
    """Congestion: how many times longer driving takes at a place (m east, m north) and time (s after the base)."""

    random: np.random.Generator
    hours: float
    west: float
    south: float
    columns: int
    rows: int
    cells: np.ndarray = field(init=False)
    incidents: list[tuple[float, float, float, float, float, float]] = field(init=False)

    def __post_init__(self) -> None:
        knots = int(self.hours * 3600 / KNOT_S) + 3
        steps = self.random.normal(0, 0.16, (self.rows, self.columns, knots))
        walk = np.zeros_like(steps)
        walk[:, :, 0] = self.random.normal(0, 0.25, (self.rows, self.columns))
        for k in range(1, knots):  # it wanders, and is drawn back a little
            walk[:, :, k] = 0.85 * walk[:, :, k - 1] + steps[:, :, k]
        self.cells = np.exp(walk)
        draw = self.random.uniform
        self.incidents = [
            (draw(0, self.columns) * CELL_M, draw(0, self.rows) * CELL_M, draw(300, 2_000), draw(0, self.hours) * 3600,
             draw(1_200, 5_400), draw(0.4, 1.6))
            for _ in range(int(self.columns * self.rows * self.hours / 120))
        ]  # fmt: skip

    def slowness(self, x: float, y: float, t: float) -> float:
        column = min(max(int(x / CELL_M), 0), self.columns - 1)
        row = min(max(int(y / CELL_M), 0), self.rows - 1)
        at = max(t, 0.0) / KNOT_S
        k = min(int(at), self.cells.shape[2] - 2)
        share = min(at - k, 1.0)
        found = self.cells[row, column, k] * (1 - share) + self.cells[row, column, k + 1] * share
        found *= 1.0 + 0.15 * math.sin(math.pi * min(max(t / 3600 / self.hours, 0.0), 1.0)) ** 2
        for ix, iy, reach, begun, lasts, strength in self.incidents:
            if begun < t < begun + lasts and (x - ix) ** 2 + (y - iy) ** 2 < reach * reach:
                found += strength * (1 - (t - begun) / lasts)
        return max(float(found), 0.45)


@dataclass
class Truth:
    """What happened: vehicle of each run (-1: not run), arrivals by run and call (s after the base, or NaN)."""

    vehicle: np.ndarray
    arrival_s: np.ndarray
    departure_s: np.ndarray
    ended_s: np.ndarray


@dataclass
class Heard:
    """Fixes in order of time; `run` is the trip that was truly run then, -1 for none."""

    vehicle: np.ndarray
    time_ms: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    run: np.ndarray


class Town:
    """Buses of a plan."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.random = np.random.default_rng(seed)
        ways = plan.ways
        per_lon, per_lat = metres_per_degree(float(ways.lat.mean()))
        self.scale = float(per_lon), float(per_lat)
        self.west, self.south = float(ways.lon.min()), float(ways.lat.min())
        self.x, self.y = (ways.lon - self.west) * self.scale[0], (ways.lat - self.south) * self.scale[1]
        hours = (float(plan.arrival_ms.max()) / 3_600_000) + 1.5
        columns, rows = int(self.x.max() / CELL_M) + 1, int(self.y.max() / CELL_M) + 1
        self.world = World(self.random, hours, 0.0, 0.0, columns, rows)
        self.wrong = np.exp(self.random.normal(0.0, 0.07, int(plan.line.max()) + 1))
        self.lights: dict[int, np.ndarray] = {}
        self.last_at: dict[tuple[int, int], float] = {}

    def run(self) -> tuple[Heard, Truth]:
        plan = self.plan
        truth = Truth(
            np.full(plan.runs, -1), *(np.full(len(plan.arrival_ms), np.nan) for _ in range(2)), np.zeros(plan.runs)
        )
        traces: dict[int, list[tuple[float, float, float, int]]] = {}
        free: list[tuple[float, float, float, float, int, int]] = []  # planned end, real end, x, y, vehicle, line
        order = np.argsort(plan.departure_ms[plan.run_first[:-1]], kind="stable")
        drivers: list[float] = []
        for run in order.tolist():
            if self.random.random() < 0.02:
                continue
            part = plan.times(run)
            begins = plan.departure_ms[part.start] / 1000
            pattern = int(plan.run_pattern[run])
            a = int(plan.ways.start[pattern])
            here = float(self.x[a]), float(self.y[a])
            line = int(plan.line[pattern])
            fit = [
                one for one in free
                if one[5] == line and one[0] < begins - 240 and math.hypot(one[2] - here[0], one[3] - here[1]) < 400
            ]  # fmt: skip
            if fit:
                chosen = max(fit)
                free.remove(chosen)
                ready, vehicle = chosen[1] + self.random.uniform(90, 240), chosen[4]
            else:
                ready, vehicle = -math.inf, len(drivers)
                drivers.append(float(np.exp(self.random.normal(0, 0.05))))
            late = self.random.exponential(60.0) if self.random.random() < 0.75 else -self.random.uniform(0, 45)
            trace = traces.setdefault(vehicle, [])
            leaves = max(begins + late, ready)
            if not trace:
                trace.append((leaves - self.random.uniform(120, 600), *here, -1))
            trace.append((max(leaves - 60.0, trace[-1][0] + 1.0), *here, -1))
            leaves = max(leaves, trace[-1][0] + 1.0)
            ended = self.drive(run, leaves, drivers[vehicle], trace, truth)
            truth.vehicle[run], truth.ended_s[run] = vehicle, ended
            told = float(plan.arrival_ms[part.stop - 1]) / 1000, ended, trace[-1][1], trace[-1][2]
            free.append((*told, vehicle, line))
        for _ in range(len(drivers) // 20):  # others drive about
            traces[len(traces)] = self.roam()
        return self.heard(traces), truth

    def drive(self, run: int, leaves: float, driver: float, trace: list, truth: Truth) -> float:
        plan, random = self.plan, self.random
        pattern = int(plan.run_pattern[run])
        calls, times = plan.calls(pattern), plan.times(run)
        stop_m = plan.stop_m[calls]
        a, b = int(plan.ways.start[pattern]), int(plan.ways.start[pattern + 1])
        along = plan.ways.along_m[a:b]
        if pattern not in self.lights:
            own = np.random.default_rng(int(pattern) + 991)
            at = np.cumsum(own.exponential(400.0, int(along[-1] / 200) + 2) + 60.0)
            self.lights[pattern] = np.column_stack((at, own.uniform(50, 100, len(at)), own.uniform(0, 100, len(at))))
        lights = self.lights[pattern]
        factor = 0.60 * driver * float(self.wrong[plan.line[pattern]])
        off = (
            random.integers(0, max(len(stop_m) - 8, 1)) if random.random() < 0.02 else -1
        )  # leaves its line for a while
        t, trace_run = leaves, run
        truth.departure_s[times.start] = truth.arrival_s[times.start] = t
        trace.append(
            (t, float(np.interp(stop_m[0], along, self.x[a:b])), float(np.interp(stop_m[0], along, self.y[a:b])), run)
        )
        light = int(np.searchsorted(lights[:, 0], stop_m[0]))
        for k in range(len(stop_m) - 1):
            planned = max(plan.arrival_ms[times.start + k + 1] - plan.departure_ms[times.start + k], 5_000) / 1000
            span = float(stop_m[k + 1] - stop_m[k])
            pieces = max(int(span / STEP_M), 1)
            aside = 300.0 if off >= 0 and off <= k < off + 5 else 0.0
            for piece in range(1, pieces + 1):
                s = float(stop_m[k]) + span * piece / pieces
                px, py = float(np.interp(s, along, self.x[a:b])), float(np.interp(s, along, self.y[a:b]))
                t += planned / pieces * factor * self.world.slowness(px, py, t)
                while light < len(lights) and lights[light, 0] <= s:
                    phase = (t + lights[light, 2]) % lights[light, 1]
                    red = 0.42 * lights[light, 1]
                    if phase < red:
                        trace.append((t, px + aside, py + aside, trace_run))
                        t += red - phase
                    light += 1
                trace.append((t, px + aside, py + aside, trace_run))
            truth.arrival_s[times.start + k + 1] = t
            if k + 1 < len(stop_m) - 1:
                key = int(plan.line[pattern]), int(plan.stop[calls.start + k + 1])
                gap = t - self.last_at.get(key, t - 600)
                if random.random() < 0.55:
                    t += min(float(random.lognormal(2.5, 0.6)) * (0.6 + 0.4 * min(max(gap, 0) / 600, 3.0)), 120.0)
                    self.last_at[key] = t
                    trace.append((t, px, py, trace_run))
                truth.departure_s[times.start + k + 1] = t
        return t

    def roam(self) -> list:
        """A bus without a trip: pieces of ways, some of them backwards."""
        trace, t = [], float(self.random.uniform(0, 3_600))
        for _ in range(6):
            p = int(self.random.integers(len(self.plan.ways)))
            a, b = int(self.plan.ways.start[p]), int(self.plan.ways.start[p + 1])
            first = int(self.random.integers(a, max(b - 40, a + 1)))
            rows = np.arange(first, min(first + 40, b))
            rows = rows[::-1] if self.random.random() < 0.5 else rows
            for row in rows.tolist():
                way = 0.0 if not trace else math.hypot(self.x[row] - trace[-1][1], self.y[row] - trace[-1][2])
                t += way / 8.0 + 0.5
                trace.append((t, float(self.x[row]), float(self.y[row]), -1))
        return trace

    def heard(self, traces: dict) -> Heard:
        columns: list[list[np.ndarray]] = [[], [], [], [], []]
        for vehicle, trace in traces.items():
            told = np.array(trace, float)
            told = told[np.argsort(told[:, 0], kind="stable")]
            at = np.arange(told[0, 0] + self.random.uniform(0, FIX_S), told[-1, 0] + 300.0, FIX_S)
            at = at[self.random.random(len(at)) > 0.01]
            x, y = np.interp(at, told[:, 0], told[:, 1]), np.interp(at, told[:, 0], told[:, 2])
            run = told[np.clip(np.searchsorted(told[:, 0], at), 0, len(told) - 1), 3]
            run[at > told[-1, 0]] = -1
            drift = np.zeros((len(at), 2))
            for k in range(1, len(at)):
                drift[k] = 0.9 * drift[k - 1] + self.random.normal(0, 2.6, 2)
            noise = drift + self.random.normal(0, 4.0, (len(at), 2))
            leap = self.random.random(len(at)) < 0.001
            noise[leap] += self.random.normal(0, 2_000.0, (int(leap.sum()), 2))
            lon = self.west + (x + noise[:, 0]) / self.scale[0]
            lat = self.south + (y + noise[:, 1]) / self.scale[1]
            made = (np.full(len(at), vehicle), self.plan.base_ms + (at * 1000).astype(np.int64), lon, lat, run)
            for column, values in zip(columns, made, strict=True):
                column.append(values)
        joined = [np.concatenate(column) for column in columns]
        order = np.lexsort((joined[0], joined[1]))
        return Heard(*(column[order] for column in joined[:4]), joined[4][order].astype(np.int64))
