"""Trips: what lies between stops, cut where nothing was heard for long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.tracks.fixes import Fixes, Floats, Longs
from tongqu.engines.tracks.stops import Stops
from tongqu.engines.tracks.ways import Ways


@dataclass(frozen=True)
class Trips:
    """Trips by thing and time.

    Attributes:
        thing: index of the thing in `Fixes.thing`.
        first, last: rows of the first and last fix; a trip begins with the last fix of the stop before it and ends with
            the first of the one after.
        from_ms, to_ms: times of these.
        length_m: sum of the ways.
        fastest_kmh: greatest mean speed of a way.
    """

    thing: NDArray[np.int32]
    first: Longs
    last: Longs
    from_ms: Longs
    to_ms: Longs
    length_m: Floats
    fastest_kmh: Floats

    def __len__(self) -> int:
        return len(self.first)


def find_trips(fixes: Fixes, ways: Ways, stops: Stops, *, gap_s: float, least_m: float = 0.0) -> Trips:
    """Cut tracks into trips at stops and at gaps.

    Args:
        gap_s: two fixes further apart in time belong to different trips.
        least_m: shorter trips are left out.

    Raises:
        ValueError: a gap that is not positive.
    """
    if gap_s <= 0:
        raise ValueError("a gap is longer than nothing")
    found = _trips(
        fixes.start, fixes.time_ms, ways.distance_m, ways.speed_kmh, stops.first, stops.last,
        int(gap_s * 1000), float(least_m),
    )  # fmt: skip
    return Trips(*found)


@njit(cache=True, nogil=True)
def _trips(start, time_ms, distance, speed, stop_first, stop_last, gap_ms, least):  # type: ignore[no-untyped-def]
    count = len(time_ms)
    thing_of = np.empty(count, np.int32)
    first_of, last_of = np.empty(count, np.int64), np.empty(count, np.int64)
    length_of, fastest_of = np.empty(count), np.empty(count)
    found, stop = 0, 0
    for thing in range(len(start) - 1):
        end = start[thing + 1]
        i = start[thing]
        while i < end - 1:
            while stop < len(stop_first) and stop_last[stop] <= i:
                stop += 1
            if stop < len(stop_first) and stop_first[stop] <= i:
                i = stop_last[stop]
                continue
            halt = stop_first[stop] if stop < len(stop_first) and stop_first[stop] < end else end - 1
            begin, metres, fastest = i, 0.0, 0.0
            while i < halt and time_ms[i + 1] - time_ms[i] <= gap_ms:
                i += 1
                metres += distance[i]
                if np.isfinite(speed[i]):
                    fastest = max(fastest, speed[i])
            if i > begin and metres >= least and metres > 0:
                thing_of[found], first_of[found], last_of[found] = thing, begin, i
                length_of[found], fastest_of[found] = metres, fastest
                found += 1
            if i < halt or i == begin:
                i += 1
    first, last = first_of[:found].copy(), last_of[:found].copy()
    return (
        thing_of[:found].copy(), first, last, time_ms[first], time_ms[last], length_of[:found].copy(),
        fastest_of[:found].copy(),
    )  # fmt: skip
