"""Trips of all feeds as runs over patterns: what a day's timetable is laid out from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

PICKUP, DROP_OFF = 1, 2


@dataclass(frozen=True)
class Runs:
    """Runs over patterns. A run is a trip, or one departure of a trip that goes by frequency.

    A pattern is a sequence of stops together with whether one may board and alight there; the stops of pattern ``p``
    are ``pattern_first[p]:pattern_first[p + 1]``. The calls of a run begin at ``call_first[run]`` in ``arrival_s`` and
    ``departure_s``; to them ``shift_s[run]`` is added.

    Attributes:
        pattern_flags: 1 one may board, 2 one may alight.
        trip: index of the trip in the timetable.
        service: index of the service in the timetable.
        feed: index of the feed.
        block: vehicle block, -1 for none.
        headway_s: of a run by frequency without exact times; 0 else.
    """

    pattern_first: Ints
    pattern_stop: Ints
    pattern_flags: Ints
    pattern: Ints
    call_first: Ints
    shift_s: Ints
    trip: Ints
    service: Ints
    feed: Ints
    block: Ints
    headway_s: Ints
    arrival_s: Ints
    departure_s: Ints

    def __len__(self) -> int:
        return len(self.pattern)

    def length(self) -> Ints:
        """Calls of each run."""
        return np.diff(self.pattern_first)[self.pattern].astype(np.int32)

    def begin_s(self) -> Ints:
        """Departure of each run from its first stop."""
        return self.departure_s[self.call_first] + self.shift_s

    def end_s(self) -> Ints:
        """Arrival of each run at its last stop."""
        return self.arrival_s[self.call_first + self.length() - 1] + self.shift_s

    def mirrored(self) -> Runs:
        """The same runs with time running backwards: what an arrive-by search looks through.

        Stops are in the opposite order, arrival is minus departure and departure minus arrival, boarding is alighting.
        """
        back = turned(self.pattern_first)
        swapped = ((self.pattern_flags & PICKUP) << 1) | ((self.pattern_flags & DROP_OFF) >> 1)
        calls = self.calls_turned()
        return Runs(
            self.pattern_first, self.pattern_stop[back], swapped[back], self.pattern, self.call_first, -self.shift_s,
            self.trip, self.service, self.feed, self.block, self.headway_s,
            -self.departure_s[calls], -self.arrival_s[calls],
        )  # fmt: skip

    def calls_turned(self) -> NDArray[np.int64]:
        """For each call, the call that takes its place when each trip is turned round."""
        starts = np.unique(self.call_first)
        return turned(np.r_[starts, len(self.arrival_s)])


def turned(first: NDArray[np.integer]) -> NDArray[np.int64]:
    """Indices that turn each part ``first[i]:first[i + 1]`` round."""
    size = np.diff(first).astype(np.int64)
    begin = np.repeat(first[:-1].astype(np.int64), size)
    end = np.repeat(first[1:].astype(np.int64), size)
    return begin + end - 1 - np.arange(len(begin), dtype=np.int64) if len(begin) else np.zeros(0, dtype=np.int64)


def group(stops: Ints, flags: Ints, first: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Put trips with equal stops and flags into one pattern.

    Args:
        stops, flags: of each call; those of trip ``t`` are ``first[t]:first[t + 1]``.

    Returns:
        Pattern of each trip (-1 where it has no calls), and ``pattern_first``, ``pattern_stop``, ``pattern_flags``.
    """
    packed = (stops.astype(np.int64) << 2 | flags).astype(np.int64)
    known: dict[bytes, int] = {}
    pattern = np.full(len(first) - 1, -1, dtype=np.int32)
    sample: list[int] = []
    for trip in range(len(first) - 1):
        begin, end = int(first[trip]), int(first[trip + 1])
        if begin == end:
            continue
        key = packed[begin:end].tobytes()
        found = known.get(key)
        if found is None:
            found = known[key] = len(sample)
            sample.append(trip)
        pattern[trip] = found
    sizes = [int(first[trip + 1] - first[trip]) for trip in sample]
    bounds = np.r_[0, np.cumsum(sizes)].astype(np.int32) if sample else np.zeros(1, dtype=np.int32)
    calls = [np.arange(first[trip], first[trip + 1]) for trip in sample]
    at = np.concatenate(calls) if calls else np.zeros(0, dtype=np.int64)
    return pattern, bounds, stops[at].astype(np.int32), flags[at].astype(np.int32)
