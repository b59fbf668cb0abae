"""What vehicles are held against: the patterns of some service days with their ways, and the trips that run on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.journeys.catalogue import Catalogue
from tongqu.kit.geometry import geolines
from tongqu.kit.geometry.geolines import GeoLines

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

AT_STOP_M = 20.0
"""Within so much of a stop, along its line, a vehicle is at it; less where stops stand closer together."""
AT_FIRST_M = 120.0
"""So far it must have come to have left the first stop: buses lay over somewhere about it."""


@dataclass(frozen=True)
class Pattern:
    """A way with stops in an order.

    Attributes:
        points: longitude and latitude, (p, 2) with p >= 2; at: which of them each call is.
        stop: a number for the stop of each call; equal stops of different patterns have equal numbers.
        line: a number for its line (GTFS route).
    """

    points: Floats
    at: Ints
    stop: Ints
    line: int


@dataclass(frozen=True)
class Run:
    """A trip on a service day: its pattern, and arrival and departure at each call in UTC ms."""

    pattern: int
    arrival_ms: Longs
    departure_ms: Longs


@dataclass(frozen=True)
class Plan:
    """Patterns and runs in flat arrays; made by `Plan.of`.

    Attributes:
        base_ms: what times are counted from, UTC ms.
        ways: one line for each pattern.
        call_first: calls of pattern p are `call_first[p]:call_first[p + 1]` of the arrays below.
        stop_m: where each call is along its way; from `arrive_m` to `leave_m` a vehicle is at it.
        stop, link: stop of each call, and the link to the next call (-1 at the last). A link is a pair of stops;
            patterns that share the pair share the link.
        ends: first and last stop of each link, (k, 2).
        line: of each pattern.
        run_pattern, run_first: of run r: its pattern; times of its calls are `run_first[r]:run_first[r + 1]` of
            `arrival_ms` and `departure_ms`, after `base_ms`.
        pattern_run, pattern_run_first: runs by pattern, in the order of their first departure.
    """

    base_ms: int
    ways: GeoLines
    call_first: Ints
    stop_m: Floats
    arrive_m: Floats
    leave_m: Floats
    stop: Ints
    link: Ints
    ends: Ints
    line: Ints
    run_pattern: Ints
    run_first: Longs
    arrival_ms: Longs
    departure_ms: Longs
    pattern_run: Ints
    pattern_run_first: Ints

    @classmethod
    def of(cls, patterns: Sequence[Pattern], runs: Sequence[Run]) -> Plan:
        """Lay patterns and their runs out.

        Raises:
            ValueError: there is no pattern or no run; a pattern has fewer than two calls; a run has other calls than
                its pattern; times of a run go back.
        """
        if not patterns or not runs:
            raise ValueError("a plan needs a pattern and a run")
        if any(len(one.stop) < 2 or len(one.at) != len(one.stop) for one in patterns):
            raise ValueError("a pattern needs two calls, each on its way")
        for run in runs:
            told = np.column_stack((run.arrival_ms, run.departure_ms)).ravel()
            if len(run.arrival_ms) != len(patterns[run.pattern].stop) or (np.diff(told) < 0).any():
                raise ValueError("a run needs one time after the other for each call of its pattern")
        ways = geolines.pack([one.points for one in patterns])
        stop_m = [ways.along_m[ways.start[p] + one.at] for p, one in enumerate(patterns)]
        call_first = np.cumsum([0, *(len(one.stop) for one in patterns)]).astype(np.int32)
        reach = [_reach(along) for along in stop_m]
        stop = np.concatenate([one.stop for one in patterns]).astype(np.int32)
        ends, link = _links(stop, call_first)
        run_pattern = np.array([one.pattern for one in runs], np.int32)
        base_ms = int(min(one.departure_ms[0] for one in runs))
        first_departure = np.array([one.departure_ms[0] for one in runs])
        order = np.lexsort((first_departure, run_pattern)).astype(np.int32)
        return cls(
            base_ms=base_ms,
            ways=ways,
            call_first=call_first,
            stop_m=np.concatenate(stop_m),
            arrive_m=np.concatenate([a - r for a, r in zip(stop_m, reach, strict=True)]),
            leave_m=np.concatenate([np.r_[a[0] + AT_FIRST_M, (a + r)[1:]] for a, r in zip(stop_m, reach, strict=True)]),
            stop=stop,
            link=link,
            ends=ends,
            line=np.array([one.line for one in patterns], np.int32),
            run_pattern=run_pattern,
            run_first=np.cumsum([0, *(len(one.arrival_ms) for one in runs)]).astype(np.int64),
            arrival_ms=np.concatenate([one.arrival_ms for one in runs]).astype(np.int64) - base_ms,
            departure_ms=np.concatenate([one.departure_ms for one in runs]).astype(np.int64) - base_ms,
            pattern_run=order,
            pattern_run_first=np.searchsorted(run_pattern[order], np.arange(len(patterns) + 1)).astype(np.int32),
        )

    @property
    def runs(self) -> int:
        return len(self.run_pattern)

    @property
    def most_calls(self) -> int:
        return int(np.diff(self.call_first).max())

    def calls(self, pattern: int) -> slice:
        """Where the calls of a pattern stand."""
        return slice(int(self.call_first[pattern]), int(self.call_first[pattern + 1]))

    def times(self, run: int) -> slice:
        """Where the times of a run stand."""
        return slice(int(self.run_first[run]), int(self.run_first[run + 1]))


@njit(cache=True, nogil=True)
def planned_at(stop_m, first, last, arrival, departure, time_first, at_m):  # type: ignore[no-untyped-def]
    """When a run is planned to be at a place of its way, also between stops; at a stop, its departure.

    Args:
        first, last: the calls of its pattern are `stop_m[first:last]`. time_first: its times begin here.
    """
    if at_m <= stop_m[first]:
        return np.int64(departure[time_first])
    low, high = first, last - 1
    while low < high:
        middle = (low + high) // 2
        if stop_m[middle] <= at_m:
            low = middle + 1
        else:
            high = middle
    span = stop_m[low] - stop_m[low - 1]
    share = min((at_m - stop_m[low - 1]) / span, 1.0) if span > 0 else 1.0
    left = departure[time_first + low - 1 - first]
    return np.int64(left + share * (arrival[time_first + low - first] - left))


def _reach(along: Floats) -> Floats:
    """How far a stop reaches before and behind it: not beyond half the way to its neighbours."""
    gap = np.diff(along)
    return np.asarray(np.minimum(AT_STOP_M, np.minimum(np.r_[gap, np.inf], np.r_[np.inf, gap]) / 2))


def _links(stop: Ints, call_first: Ints) -> tuple[Ints, Ints]:
    pairs = np.column_stack((stop, np.r_[stop[1:], -1]))
    inner = np.ones(len(stop), np.bool_)
    inner[call_first[1:] - 1] = False
    ends, number = np.unique(pairs[inner], axis=0, return_inverse=True)
    link = np.full(len(stop), -1, np.int32)
    link[inner] = number.ravel()
    return ends.astype(np.int32), link


def plan_of_feed(
    catalogue: Catalogue, feed: int, days: Sequence[date], wanted: Callable[[str], bool] = lambda _: True
) -> tuple[Plan, list[tuple[str, date]], list[str]] | None:
    """The plan of a feed on some service days.

    Args:
        wanted: which trips (ids) may be meant.

    Returns:
        The plan, trip id and service day of each run, and the line (route id) of each number; None where nothing runs.
    """
    facts = catalogue.feeds[feed]
    numbers: dict[tuple[str, int, bytes], int] = {}
    patterns: list[Pattern] = []
    runs: list[Run] = []
    names: list[tuple[str, date]] = []
    lines: dict[str, int] = {}
    for trip, trip_id in enumerate(facts.trips):
        served = [day for day in days if catalogue.runs(feed, trip_id, day)] if wanted(trip_id) else []
        if not served:
            continue
        stops, arrival_s, departure_s = catalogue.calls(feed, trip_id)
        if len(stops) < 2 or (np.diff(np.column_stack((arrival_s, departure_s)).ravel()) < 0).any():
            continue
        line_id = catalogue.line_of(feed, trip_id).id
        key = line_id, int(facts.trip_shape[trip]), stops.tobytes()
        if key not in numbers:
            points, at, _ = catalogue.way(feed, trip_id)
            if len(points) < 2 or not np.isfinite(points).all():
                continue
            numbers[key] = len(patterns)
            line = lines.setdefault(line_id, len(lines))
            patterns.append(Pattern(points, at, stops.astype(np.int32), line))
        for day in served:
            base = catalogue.base_ms(feed, day)
            times = (base + told.astype(np.int64) * 1000 for told in (arrival_s, departure_s))
            runs.append(Run(numbers[key], *times))
            names.append((trip_id, day))
    if not runs:
        return None
    return Plan.of(patterns, runs), names, list(lines)
