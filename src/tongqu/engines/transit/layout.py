"""A day's runs laid out for the search: patterns split so that no run overtakes another, times in flat arrays.

All arrays of a day lie in one block of int32, so that a compiled function is handed two arrays instead of twenty and a
day can be kept on disk as one file. `SECTIONS` names what lies where.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.transit.foot import FootTransfers
from tongqu.engines.transit.runs import PICKUP, Runs

Ints = NDArray[np.int32]

INF = np.int32(1 << 30)

MIRROR_S = 1 << 22
"""A search backwards in time counts seconds down from here, so that its clock is never negative."""

SECTIONS = (
    "pattern_first",  # stops of pattern p are pattern_first[p]:pattern_first[p + 1]
    "pattern_stop",  # stop << 2 | alight << 1 | board
    "pattern_cluster",  # cluster of the stop, for the lower bounds
    "row_first",  # rows (runs) of pattern p are row_first[p]:row_first[p + 1]
    "time_first",  # times of pattern p begin here
    "arrival",  # run by run: time_first + row * stops + position
    "departure",  # stop by stop: time_first + position * rows + row
    "stop_first",  # where stop s can be boarded: stop_first[s]:stop_first[s + 1]
    "stop_pattern",
    "stop_position",
    "next_row",  # row of the trip that the same vehicle serves next, -1 for none
    "row_pattern",
    "foot_first",
    "foot_to",
    "foot_s",
    "change",  # seconds to change at the stop; -1 as asked by the traveller; INF forbidden
    "cluster",  # cluster of each stop
)
(PATTERN_FIRST, PATTERN_STOP, PATTERN_CLUSTER, ROW_FIRST, TIME_FIRST, ARRIVAL, DEPARTURE, STOP_FIRST, STOP_PATTERN,
 STOP_POSITION, NEXT_ROW, ROW_PATTERN, FOOT_FIRST, FOOT_TO, FOOT_S, CHANGE, CLUSTER) = range(len(SECTIONS))  # fmt: skip

IN_SEAT = 3
"""How many trips of one vehicle a traveller may stay seated through after the first."""


@dataclass(frozen=True)
class Layout:
    """One day's timetable in one direction of time.

    Attributes:
        data: all arrays, one after the other (int32).
        at: section ``i`` of `SECTIONS` is ``data[at[i]:at[i + 1]]``.
        run: the run of each row, index into the timetable's runs.
        shift_s: what is added to the run's times to be on this day's clock.
        day: which service day of the row: -1 yesterday's, 0 today's, 1 tomorrow's.
    """

    data: Ints
    at: NDArray[np.int64]
    run: Ints
    shift_s: Ints
    day: Ints

    def section(self, index: int) -> Ints:
        """One array of the day."""
        return self.data[int(self.at[index]) : int(self.at[index + 1])]

    @cached_property
    def rows(self) -> Rows:
        """Its rows, one by one."""
        return Rows(self)

    @property
    def stops(self) -> int:
        return len(self.section(CHANGE))

    @property
    def patterns(self) -> int:
        return len(self.section(ROW_FIRST)) - 1


class Rows:
    """Rows of a layout as a search names them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.pattern_first, self.pattern_stop = layout.section(PATTERN_FIRST), layout.section(PATTERN_STOP)
        self.row_first, self.time_first = layout.section(ROW_FIRST), layout.section(TIME_FIRST)
        self.arrivals, self.departures = layout.section(ARRIVAL), layout.section(DEPARTURE)
        self.row_pattern, self.next_row = layout.section(ROW_PATTERN), layout.section(NEXT_ROW)

    def length(self, row: int) -> int:
        """Stops of the row's pattern."""
        pattern = self.row_pattern[row]
        return int(self.pattern_first[pattern + 1] - self.pattern_first[pattern])

    def stop(self, row: int, position: int) -> int:
        return int(self.pattern_stop[self.pattern_first[self.row_pattern[row]] + position]) >> 2

    def arrival(self, row: int, position: int) -> int:
        pattern = self.row_pattern[row]
        own = row - self.row_first[pattern]
        return int(self.arrivals[self.time_first[pattern] + own * self.length(row) + position])

    def departure(self, row: int, position: int) -> int:
        pattern = self.row_pattern[row]
        rows = self.row_first[pattern + 1] - self.row_first[pattern]
        return int(self.departures[self.time_first[pattern] + position * rows + row - self.row_first[pattern]])


def pack(sections: list[NDArray[Any]]) -> tuple[Ints, NDArray[np.int64]]:
    """Put the sections into one block."""
    at = np.zeros(len(sections) + 1, dtype=np.int64)
    np.cumsum([len(section) for section in sections], out=at[1:])
    return np.concatenate([section.astype(np.int32, copy=False) for section in sections]), at


@dataclass(frozen=True)
class Place:
    """What of the network does not depend on the day: walks, times to change, clusters of stops."""

    foot: FootTransfers
    change: Ints
    cluster: Ints


def lay_out(runs: Runs, run: Ints, shift_s: Ints, day: Ints, follows: Ints, place: Place) -> Layout:
    """Lay out the runs of a day.

    Args:
        runs: all runs.
        run, shift_s, day: the runs that run (an instance each), their shift and service day.
        follows: for each instance the instance its vehicle serves next and in which one may stay seated; -1 for none.
        place: walks, times to change, clusters.
    """
    key, first, length, arrival, departure = _in_seat(runs, run, shift_s, follows)
    begin = departure[first]
    end = arrival[first + length - 1]
    order = np.lexsort((end, begin, key))
    part = np.zeros(len(run), dtype=np.int32)
    parts = int(_split(order.astype(np.int64), key, first, length, arrival, departure, part)) if len(run) else 0
    order = order[np.argsort(part[order], kind="stable")]
    rows = np.bincount(part, minlength=parts)
    row_first = np.r_[0, np.cumsum(rows)].astype(np.int32)
    head = order[row_first[:-1]] if parts else np.zeros(0, dtype=np.int64)
    sections = _sections(runs, run, shift_s, order, row_first, head, place)
    place_of = np.full(len(run) + 1, -1, dtype=np.int32)
    place_of[order] = np.arange(len(order), dtype=np.int32)
    sections[NEXT_ROW] = place_of[follows[order]]
    sections[ROW_PATTERN] = np.repeat(np.arange(parts, dtype=np.int32), rows)
    data, at = pack(sections)
    return Layout(data, at, run[order], runs.shift_s[run[order]] + shift_s[order], day[order])


def _sections(
    runs: Runs,
    run: Ints,
    shift_s: Ints,
    order: NDArray[np.int64],
    row_first: Ints,
    head: NDArray[np.int64],
    place: Place,
) -> list[NDArray[Any]]:
    base = runs.pattern[run[head]]
    length = np.diff(runs.pattern_first)[base].astype(np.int64)
    pattern_first = np.r_[0, np.cumsum(length)]
    at = np.repeat(runs.pattern_first[base].astype(np.int64) - pattern_first[:-1], length) + np.arange(
        pattern_first[-1]
    )
    stop, flags = runs.pattern_stop[at], runs.pattern_flags[at]
    rows = np.diff(row_first).astype(np.int64)
    time_first = np.r_[0, np.cumsum(length * rows)]
    arrival, departure = np.empty(time_first[-1], np.int32), np.empty(time_first[-1], np.int32)
    fill(
        row_first, pattern_first, time_first, runs.call_first[run[order]], (runs.shift_s[run] + shift_s)[order],
        runs.arrival_s, runs.departure_s, arrival, departure,
    )  # fmt: skip
    stop_first, stop_pattern, stop_position = boarding(len(place.change), pattern_first, stop, flags)
    return [
        pattern_first, stop << 2 | flags, place.cluster[stop], row_first, time_first, arrival, departure,
        stop_first, stop_pattern, stop_position, np.zeros(0), np.zeros(0),
        place.foot.first, place.foot.to, place.foot.seconds, place.change, place.cluster,
    ]  # fmt: skip


def boarding(stops: int, pattern_first: NDArray[Any], stop: Ints, flags: Ints) -> tuple[Ints, Ints, Ints]:
    """Where each stop can be boarded: pattern and position, by stop; the last stop of a pattern is none."""
    length = np.diff(pattern_first)
    pattern = np.repeat(np.arange(len(length), dtype=np.int32), length)
    position = (np.arange(len(stop)) - np.repeat(pattern_first[:-1], length)).astype(np.int32)
    usable = np.flatnonzero((flags & PICKUP > 0) & (position < np.repeat(length, length) - 1))
    order = usable[np.argsort(stop[usable], kind="stable")]
    first = np.r_[0, np.cumsum(np.bincount(stop[order], minlength=stops))].astype(np.int32)
    return first, pattern[order], position[order]


def _in_seat(runs: Runs, run: Ints, shift_s: Ints, follows: Ints) -> tuple[Ints, NDArray[np.int64], Ints, Ints, Ints]:
    """Key, first call, length and times of each instance by which it is compared with others of its pattern.

    Where the vehicle goes on and the traveller may stay seated, the calls of the trips that follow are part of the
    comparison: two runs are alike only if they go on alike, and one overtakes another also if it does so later.
    """
    length = runs.length()
    if not (follows >= 0).any():
        shift = runs.shift_s[run] + shift_s
        first, sizes, arrival, departure = _copied(runs, run, shift, length)
        return runs.pattern[run], first, sizes, arrival, departure
    shift = runs.shift_s[run] + shift_s
    known: dict[tuple[int, ...], int] = {}
    key = np.empty(len(run), dtype=np.int32)
    parts_a: list[Ints] = []
    parts_d: list[Ints] = []
    sizes_l: list[int] = []
    for instance in range(len(run)):
        chain = [instance]
        while follows[chain[-1]] >= 0 and len(chain) <= IN_SEAT:
            chain.append(int(follows[chain[-1]]))
        name = tuple(int(runs.pattern[run[i]]) for i in chain)
        key[instance] = known.setdefault(name, len(known))
        for i in chain:
            part = slice(int(runs.call_first[run[i]]), int(runs.call_first[run[i]]) + int(length[run[i]]))
            parts_a.append(runs.arrival_s[part] + shift[i])
            parts_d.append(runs.departure_s[part] + shift[i])
        sizes_l.append(sum(int(length[run[i]]) for i in chain))
    sizes = np.array(sizes_l, dtype=np.int32)
    first = np.r_[0, np.cumsum(sizes)[:-1]].astype(np.int64)
    return key, first, sizes, np.concatenate(parts_a), np.concatenate(parts_d)


def _copied(runs: Runs, run: Ints, shift: Ints, length: Ints) -> tuple[NDArray[np.int64], Ints, Ints, Ints]:
    sizes = length[run]
    first = np.r_[0, np.cumsum(sizes.astype(np.int64))[:-1]] if len(run) else np.zeros(0, dtype=np.int64)
    at = np.repeat(runs.call_first[run] - first, sizes) + np.arange(int(sizes.sum()))
    extra = np.repeat(shift, sizes)
    return first, sizes, runs.arrival_s[at] + extra, runs.departure_s[at] + extra


@njit(cache=True, nogil=True)
def _split(order, key, first, length, arrival, departure, part):  # type: ignore[no-untyped-def]
    """Give each instance the first part of its pattern whose last run it does not overtake at any stop."""
    count = len(order)
    last = np.empty(count, dtype=np.int64)
    parts = 0
    begin = 0
    while begin < count:
        own = key[order[begin]]
        open_ = parts
        index = begin
        while index < count and key[order[index]] == own:
            this = order[index]
            found = -1
            for candidate in range(open_, parts):
                other = last[candidate]
                fits = True
                for call in range(length[this]):
                    if (
                        arrival[first[this] + call] < arrival[first[other] + call]
                        or departure[first[this] + call] < departure[first[other] + call]
                    ):
                        fits = False
                        break
                if fits:
                    found = candidate
                    break
            if found < 0:
                found = parts
                parts += 1
            last[found] = this
            part[this] = found
            index += 1
        begin = index
    return parts


@njit(cache=True, nogil=True)
def fill(row_first, pattern_first, time_first, call_first, shift, arrival_s, departure_s, arrival, departure):  # type: ignore[no-untyped-def]
    """Write the times of each pattern: arrivals run by run, departures stop by stop."""
    for pattern in range(len(row_first) - 1):
        rows = row_first[pattern + 1] - row_first[pattern]
        stops = pattern_first[pattern + 1] - pattern_first[pattern]
        base = time_first[pattern]
        for row in range(rows):
            instance = row_first[pattern] + row
            for position in range(stops):
                call = call_first[instance] + position
                arrival[base + row * stops + position] = arrival_s[call] + shift[instance]
                departure[base + position * rows + row] = departure_s[call] + shift[instance]
