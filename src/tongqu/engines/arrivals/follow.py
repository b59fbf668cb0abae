"""Vehicles on the ways of patterns: for each of them, which ways it may be on, how far along it is, what it has passed.

A vehicle has several courses at a time: suppositions that it runs along a pattern. One begins where the vehicle is near
the first stop of a pattern, or, while it runs no trip, anywhere near a way. The fix is projected on the part of the way
that can have been reached since; a course ends when the vehicle goes back along it (so directions of one street are
told apart), or is away from it for a while. What remains is decided by `assign`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.arrivals.plan import Plan
from tongqu.kit.geometry.geolines import foot_of_segment
from tongqu.kit.geometry.sphere import EARTH_RADIUS_M

NONE = np.int32(-(1 << 31))
"""A time that is not known."""
COURSES = 32
"""Suppositions about one vehicle at a time."""
REACH_M = 45.0
"""A way further off is not the vehicle's: 15 m of noise, half a street, and a stop bay."""
NEAR_M = 35.0
BACK_M = 120.0
AWAY_MS, AWAY_FIXES = 60_000, 4
"""A course ends when the vehicle is away from it for so long and so many fixes."""
GAP_MS = 900_000
"""After so long without a fix, nothing that was supposed holds."""
FASTEST_MPS = 25.0
JUMP_MPS, JUMP_M, JUMPS = 42.0, 250.0, 4
"""A fix that no bus can have reached is passed over, unless so many in a row say the same."""
START_M = 80.0
"""So near the first stop a course begins at the first stop."""
APART_M = 300.0
FORWARD_COST = 0.03
"""A foot so many metres further off for each metre along the way is as good: of two passes the nearer one."""
MOST_CORRECTION_MS, MOST_FIRST_MS = 4_000.0, 30_000.0
_PER_DEGREE = np.radians(1.0) * EARTH_RADIUS_M


class Grid(NamedTuple):
    """The ways of a plan for compiled loops; see `GeoLines`."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    start: NDArray[np.int32]
    along: NDArray[np.float64]
    line: NDArray[np.int32]
    per_lon: NDArray[np.float64]
    per_lat: NDArray[np.float64]
    west: float
    south: float
    cell_lon: float
    cell_lat: float
    columns: int
    rows: int
    cell_start: NDArray[np.int32]
    cell_segment: NDArray[np.int32]
    call_first: NDArray[np.int32]
    stop_m: NDArray[np.float64]
    arrive_m: NDArray[np.float64]
    leave_m: NDArray[np.float64]
    pattern_line: NDArray[np.int32]

    @classmethod
    def of(cls, plan: Plan) -> Grid:
        w = plan.ways
        return cls(w.lon, w.lat, w.start, w.along_m, w.line, w.per_lon, w.per_lat, w.west, w.south, w.cell_lon,
                   w.cell_lat, w.columns, w.rows, w.cell_start, w.cell_segment, plan.call_first, plan.stop_m,
                   plan.arrive_m, plan.leave_m, plan.line)  # fmt: skip


class Courses(NamedTuple):
    """What is supposed of v vehicles, `COURSES` each; times are ms after the plan's `base_ms`.

    Attributes:
        pattern: -1 for a free place. along_m: where the vehicle was seen last; top_m: the furthest it came.
        begun_m, begun_ms: where and when the course began; seen_ms: last seen on it.
        missed: fixes in a row that were away from it. offset_m: mean distance from the way, of late. passed, left:
            calls arrived at and left (or lying behind).
        arrival, departure: (v, COURSES, calls), `NONE` where not known.
        last_ms, last_lon, last_lat, jumps: (v) the last fix that was taken, and jumps since.
        since_ms: (v) the first fix since the last gap. line: (v) the line it is known to run, -1 for any.
        ran: (v) the line of the last trip that it ran, -1 for none.
        held: (v) the course of the trip that it runs, -1 for none.
    """

    pattern: NDArray[np.int32]
    along_m: NDArray[np.float64]
    top_m: NDArray[np.float64]
    begun_m: NDArray[np.float64]
    begun_ms: NDArray[np.int64]
    seen_ms: NDArray[np.int64]
    missed: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    passed: NDArray[np.int32]
    left: NDArray[np.int32]
    arrival: NDArray[np.int32]
    departure: NDArray[np.int32]
    last_ms: NDArray[np.int64]
    last_lon: NDArray[np.float64]
    last_lat: NDArray[np.float64]
    jumps: NDArray[np.int32]
    since_ms: NDArray[np.int64]
    line: NDArray[np.int32]
    ran: NDArray[np.int32]
    held: NDArray[np.int32]

    @classmethod
    def empty(cls, vehicles: int, calls: int) -> Courses:
        two, three = (vehicles, COURSES), (vehicles, COURSES, calls)
        return cls(
            np.full(two, -1, np.int32), np.zeros(two), np.zeros(two), np.zeros(two), np.zeros(two, np.int64),
            np.zeros(two, np.int64), np.zeros(two, np.int32), np.zeros(two), np.zeros(two, np.int32),
            np.zeros(two, np.int32),
            np.full(three, NONE, np.int32), np.full(three, NONE, np.int32), np.full(vehicles, -(1 << 62), np.int64),
            np.zeros(vehicles), np.zeros(vehicles), np.zeros(vehicles, np.int32), np.zeros(vehicles, np.int64),
            np.full(vehicles, -1, np.int32), np.full(vehicles, -1, np.int32), np.full(vehicles, -1, np.int32),
        )  # fmt: skip

    def grown(self, vehicles: int) -> Courses:
        """The same with room for more vehicles."""
        more = Courses.empty(vehicles - len(self.held), self.arrival.shape[2])
        both: list[tuple[Any, Any]] = list(zip(self, more, strict=True))
        return Courses(*(np.concatenate(pair) for pair in both))


@njit(cache=True, nogil=True)
def follow(grid: Grid, courses: Courses, vehicle, time_ms, lon, lat):  # type: ignore[no-untyped-def]
    """Take fixes in, in the order of their time; one that is not after the vehicle's last is passed over.

    Args:
        vehicle: row of `courses` for each fix. time_ms: after the plan's `base_ms`.

    Returns:
        How many fixes were taken.
    """
    taken = 0
    for i in range(vehicle.size):
        v, t, x, y = vehicle[i], time_ms[i], lon[i], lat[i]
        if t <= courses.last_ms[v] or not (abs(x) <= 180.0 and abs(y) < 90.0):
            continue
        gap = t - courses.last_ms[v]
        if gap > GAP_MS:
            _forget(courses, v, t)
        else:
            east = (x - courses.last_lon[v]) * _PER_DEGREE * np.cos(np.radians(y))
            way = np.hypot(east, (y - courses.last_lat[v]) * _PER_DEGREE)
            if way > JUMP_M and way > JUMP_MPS * gap / 1000.0:
                courses.jumps[v] += 1
                if courses.jumps[v] < JUMPS:
                    continue
                _forget(courses, v, t)
        courses.last_ms[v], courses.last_lon[v], courses.last_lat[v], courses.jumps[v] = t, x, y, 0
        taken += 1
        for c in range(COURSES):
            if courses.pattern[v, c] >= 0 and not _ended(grid, courses, v, c):
                _go_on(grid, courses, v, c, t, x, y)
        _begin(grid, courses, v, t, x, y)
    return taken


@njit(cache=True, nogil=True)
def _forget(courses, v, t):  # type: ignore[no-untyped-def]
    courses.pattern[v, :] = -1
    courses.held[v] = -1
    courses.since_ms[v] = t


@njit(cache=True, nogil=True, inline="always")
def _ended(grid, courses, v, c):  # type: ignore[no-untyped-def]
    """Whether the last call of a course was reached."""
    p = courses.pattern[v, c]
    return courses.passed[v, c] >= grid.call_first[p + 1] - grid.call_first[p]


@njit(cache=True, nogil=True)
def _go_on(grid, courses, v, c, t, x, y):  # type: ignore[no-untyped-def]
    """Project a fix on the part of a way that can have been reached, and note what was passed."""
    p, here = courses.pattern[v, c], courses.along_m[v, c]
    low = here - BACK_M - 60.0
    high = here + FASTEST_MPS * (t - courses.seen_ms[v, c]) / 1000.0 + 100.0
    first, last = grid.start[p], grid.start[p + 1] - 1
    s = first + max(np.searchsorted(grid.along[first : last + 1], low) - 1, 0)
    best, at, off = np.inf, 0.0, 0.0
    while s < last and grid.along[s] <= high:
        share, d2, _, _, _ = foot_of_segment(grid.lon, grid.lat, grid.per_lon, grid.per_lat, s, x, y)
        if d2 <= REACH_M * REACH_M:
            along = grid.along[s] + share * (grid.along[s + 1] - grid.along[s])
            d = np.sqrt(d2)
            cost = d + FORWARD_COST * abs(along - here)
            if cost < best and low <= along <= high:
                best, at, off = cost, along, d
        s += 1
    if best == np.inf:
        courses.missed[v, c] += 1
        if courses.missed[v, c] >= AWAY_FIXES and t - courses.seen_ms[v, c] >= AWAY_MS:
            courses.pattern[v, c] = -1
        return
    if at < courses.top_m[v, c] - BACK_M:
        courses.pattern[v, c] = -1
        return
    if at > courses.top_m[v, c]:
        _pass(grid, courses, v, c, at, t)
        courses.top_m[v, c] = at
    courses.along_m[v, c], courses.seen_ms[v, c], courses.missed[v, c] = at, t, 0
    courses.offset_m[v, c] += 0.1 * (off - courses.offset_m[v, c])


@njit(cache=True, nogil=True)
def _pass(grid, courses, v, c, at, t):  # type: ignore[no-untyped-def]
    """Times at the calls between the furthest place so far and a new one, by even motion between the two fixes.

    A vehicle is at a stop from `arrive_m` to `leave_m`; what it needs for the metres between those and the stop itself
    is taken off again, at most four seconds (thirty at the first stop).
    """
    p, top, before = courses.pattern[v, c], courses.top_m[v, c], courses.seen_ms[v, c]
    first, calls = grid.call_first[p], grid.call_first[p + 1] - grid.call_first[p]
    pace = (t - before) / (at - top)  # ms per m
    while courses.passed[v, c] < calls and grid.arrive_m[first + courses.passed[v, c]] <= at:
        k = courses.passed[v, c]
        spare = min((grid.stop_m[first + k] - grid.arrive_m[first + k]) * pace, MOST_CORRECTION_MS)
        at_k = before + (grid.arrive_m[first + k] - top) * pace + spare
        if k > 0 and courses.departure[v, c, k - 1] != NONE:
            at_k = max(at_k, float(courses.departure[v, c, k - 1]))
        elif k > 0 and courses.arrival[v, c, k - 1] != NONE:
            at_k = max(at_k, float(courses.arrival[v, c, k - 1]))
        courses.arrival[v, c, k] = np.int32(at_k)
        courses.passed[v, c] += 1
        _leave(grid, courses, v, c, at, top, before, pace, calls)
    _leave(grid, courses, v, c, at, top, before, pace, calls)


@njit(cache=True, nogil=True)
def _leave(grid, courses, v, c, at, top, before, pace, calls):  # type: ignore[no-untyped-def]
    first = grid.call_first[courses.pattern[v, c]]
    while courses.left[v, c] < min(courses.passed[v, c], calls - 1) and grid.leave_m[first + courses.left[v, c]] <= at:
        k = courses.left[v, c]
        most = MOST_CORRECTION_MS if k > 0 else MOST_FIRST_MS
        spare = min((grid.leave_m[first + k] - grid.stop_m[first + k]) * pace, most)
        at_k = before + (grid.leave_m[first + k] - top) * pace - spare
        if courses.arrival[v, c, k] != NONE:
            at_k = max(at_k, float(courses.arrival[v, c, k]))
        courses.departure[v, c, k] = np.int32(at_k)
        courses.left[v, c] += 1
        if k == 0:  # a second stop close by may have seemed to be reached while it stood at the first
            for j in range(1, courses.passed[v, c]):
                courses.arrival[v, c, j] = max(courses.arrival[v, c, j], np.int32(at_k))


@njit(cache=True, nogil=True)
def _begin(grid, courses, v, t, x, y):  # type: ignore[no-untyped-def]
    """Begin courses at the places of ways that a fix is near to."""
    reach_lat = NEAR_M / 110_574.0  # a degree of latitude is never shorter
    reach_lon = NEAR_M / (111_319.5 * np.cos(np.radians(y)))
    c0 = max(int(np.floor((x - reach_lon - grid.west) / grid.cell_lon)), 0)
    c1 = min(int(np.floor((x + reach_lon - grid.west) / grid.cell_lon)), grid.columns - 1)
    r0 = max(int(np.floor((y - reach_lat - grid.south) / grid.cell_lat)), 0)
    r1 = min(int(np.floor((y + reach_lat - grid.south) / grid.cell_lat)), grid.rows - 1)
    for r in range(r0, r1 + 1):
        for c in range(c0, c1 + 1):
            for j in range(grid.cell_start[r * grid.columns + c], grid.cell_start[r * grid.columns + c + 1]):
                s = grid.cell_segment[j]
                p = grid.line[s]
                if courses.line[v] >= 0 and grid.pattern_line[p] != courses.line[v]:
                    continue
                share, d2, _, _, _ = foot_of_segment(grid.lon, grid.lat, grid.per_lon, grid.per_lat, s, x, y)
                if d2 > NEAR_M * NEAR_M:
                    continue
                along = grid.along[s] + share * (grid.along[s + 1] - grid.along[s])
                at_start = along <= grid.stop_m[grid.call_first[p]] + START_M
                if at_start or courses.held[v] < 0:
                    _put(grid, courses, v, p, along, at_start, np.sqrt(d2), t)


@njit(cache=True, nogil=True)
def _put(grid, courses, v, p, along, at_start, off, t):  # type: ignore[no-untyped-def]
    """Begin a course unless there is one about here already; one that begins at a first stop may take a weak place."""
    place, least = -1, np.inf
    for c in range(COURSES):
        if courses.pattern[v, c] < 0:
            if least > -1.0:
                place, least = c, -1.0
            continue
        if courses.pattern[v, c] == p and abs(courses.along_m[v, c] - along) < APART_M:
            if courses.begun_ms[v, c] == t and off < courses.offset_m[v, c]:  # the nearer foot of one approach
                _start(grid, courses, v, c, p, along, off, t)
            return
        if at_start and c != courses.held[v]:
            covered = courses.top_m[v, c] - courses.begun_m[v, c]
            first = grid.call_first[courses.pattern[v, c]]
            if courses.begun_m[v, c] > grid.stop_m[first] + START_M and covered < least:
                place, least = c, covered
    if place >= 0:
        _start(grid, courses, v, place, p, along, off, t)


@njit(cache=True, nogil=True)
def _start(grid, courses, v, c, p, along, off, t):  # type: ignore[no-untyped-def]
    courses.pattern[v, c] = p
    courses.along_m[v, c] = courses.top_m[v, c] = courses.begun_m[v, c] = along
    courses.begun_ms[v, c] = courses.seen_ms[v, c] = t
    courses.offset_m[v, c], courses.missed[v, c] = off, 0
    courses.arrival[v, c, :] = NONE
    courses.departure[v, c, :] = NONE
    first, calls = grid.call_first[p], grid.call_first[p + 1] - grid.call_first[p]
    passed = left = 0
    while passed < calls - 1 and (passed == 0 or grid.arrive_m[first + passed] <= along):
        passed += 1
    while along > grid.stop_m[first] + START_M and left < passed and grid.leave_m[first + left] < along:
        left += 1
    courses.passed[v, c], courses.left[v, c] = passed, left
    if left == 0:
        courses.arrival[v, c, 0] = t
