"""A town of two lines that share a street, driven exactly or with disturbances that are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tongqu.engines.arrivals import Pattern, Plan, Run
from tongqu.kit.geometry.geolines import metres_per_degree

BASE_MS = 1_795_406_400_000
LON, LAT = 120.6, 27.9
PER_LON, PER_LAT = (float(one) for one in metres_per_degree(LAT))
STOPS, APART_M, LINK_S = 13, 500.0, 60.0
HEADWAY_S, TRIPS = 600, 6


def point(x: float, y: float) -> tuple[float, float]:
    return LON + x / PER_LON, LAT + y / PER_LAT


def pattern(corners: list[tuple[float, float]], line: int, stops: list[int]) -> Pattern:
    """A way through corners (m) with a stop every 500 m."""
    way = np.array(corners, float)
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(way, axis=0).T))]
    at_m = np.arange(STOPS) * APART_M
    every = np.unique(np.r_[along, at_m])
    x, y = (np.interp(every, along, way[:, k]) for k in (0, 1))
    points = np.array([point(a, b) for a, b in zip(x, y, strict=True)])
    return Pattern(points, np.searchsorted(every, at_m).astype(np.int32), np.array(stops, np.int32), line)


EAST = [(0.0, 0.0), (6_000.0, 0.0)]
BRANCH = [(0.0, 0.0), (3_000.0, 0.0), (3_000.0, 3_000.0)]
"""Shares the first 3 km of the street with EAST."""


def run(pattern_: int, begins_s: float) -> Run:
    times = (BASE_MS + (begins_s + np.arange(STOPS) * LINK_S) * 1000).astype(np.int64)
    return Run(pattern_, times, times)


def plan() -> Plan:
    """Line 0 along EAST and back, line 1 along BRANCH four minutes later; every ten minutes."""
    there, back = list(range(STOPS)), list(range(100, 100 + STOPS))
    branch = there[:7] + list(range(200, 200 + STOPS - 7))
    patterns = [pattern(EAST, 0, there), pattern(EAST[::-1], 0, back), pattern(BRANCH, 1, branch)]
    runs = [run(p, off + k * HEADWAY_S) for k in range(TRIPS) for p, off in ((0, 0.0), (1, 120.0), (2, 240.0))]
    return Plan.of(patterns, runs)


@dataclass
class Fixes:
    vehicle: np.ndarray
    time_ms: np.ndarray
    lon: np.ndarray
    lat: np.ndarray

    def some(self, rows: np.ndarray) -> Fixes:
        return Fixes(self.vehicle[rows], self.time_ms[rows], self.lon[rows], self.lat[rows])

    def all(self) -> tuple[np.ndarray, ...]:
        return self.vehicle, self.time_ms, self.lon, self.lat


def drive(
    plan_: Plan, of: dict[int, int], late_s: dict[int, float] | None = None, slow: float = 1.0, noise_m: float = 0.0,
    seed: int = 1, until_s: float = 9e9, every_s: float = 10.0,
) -> Fixes:  # fmt: skip
    """Vehicles (key: run) that stand at their first stop, then run by the timetable, late and slowed as told."""
    random = np.random.default_rng(seed)
    rows: list[tuple[int, int, float, float]] = []
    for vehicle, run_ in of.items():
        times = plan_.arrival_ms[plan_.times(run_)] / 1000
        begins = times[0] + (late_s or {}).get(vehicle, 0.0)
        told = begins + (times - times[0]) * slow
        p = int(plan_.run_pattern[run_])
        way = slice(int(plan_.ways.start[p]), int(plan_.ways.start[p + 1]))
        stop_m = plan_.stop_m[plan_.calls(p)]
        at = np.arange(begins - 60.0, min(told[-1] + 30.0, until_s), every_s) + vehicle % 7
        along = np.interp(at, told, stop_m)
        lon, lat = (np.interp(along, plan_.ways.along_m[way], one[way]) for one in (plan_.ways.lon, plan_.ways.lat))
        lon += random.normal(0, noise_m, len(at)) / PER_LON
        lat += random.normal(0, noise_m, len(at)) / PER_LAT
        time_ms = (plan_.base_ms + at * 1000).astype(int).tolist()
        rows += zip([vehicle] * len(at), time_ms, lon.tolist(), lat.tolist(), strict=True)
    table = np.array(rows)
    order = np.lexsort((table[:, 0], table[:, 1]))
    return Fixes(table[order, 0].astype(np.int64), table[order, 1].astype(np.int64), table[order, 2], table[order, 3])
