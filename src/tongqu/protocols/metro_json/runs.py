"""Departures of single stations linked to trains.

The format tells when trains leave each station and which routing they follow, not which train is which. Trains of one
direction do not overtake each other, so departures of neighbouring stations belong together in their order; how long a
train takes between them is what most pairs say.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Sequence

from tongqu.protocols.metro_json.values import Departure, Direction, Line, Run

SOONEST, LATEST = -2, 6
"""By how many minutes a train may be quicker or slower than most on a stretch."""
SLOWEST_KMH = 25.0


def runs(line: Line) -> list[Run]:
    """All trains of a line, by direction, day group and first departure."""
    found: list[Run] = []
    for direction in line.directions:
        for day in line.days:
            boards = line.departures.get(direction.name, {}).get(day.name, {})
            if boards:
                found += _direction_runs(line, direction, day.name, boards)
    return found


_Key = tuple[int, int]
"""A departure: index of the station in the line, place in its board."""


def _direction_runs(line: Line, direction: Direction, day: str, boards: dict[int, tuple[Departure, ...]]) -> list[Run]:
    after: dict[_Key, _Key] = {}
    taken: set[_Key] = set()
    end_of: dict[_Key, tuple[int, int]] = {}
    stretches: dict[tuple[int, int], int] = {}
    for plan in direction.plans:
        stops = plan.stations
        pairs = list(itertools.pairwise(stops))
        if line.loop and len(stops) == len(direction.order):
            pairs.append((stops[-1], stops[0]))
        for here, there in pairs:
            mine = [(here, n) for n, one in enumerate(boards.get(here, ())) if one.plan == plan.name]
            # on a loop trains change their plan when they come round; elsewhere they keep it
            theirs = [(there, n) for n, one in enumerate(boards.get(there, ())) if line.loop or one.plan == plan.name]
            _link(mine, theirs, boards, after, taken, stretches, _longest_min(line, here, there))
    for plan in direction.plans:
        if line.loop and len(plan.stations) == len(direction.order):
            continue
        last, before = plan.stations[-1], plan.stations[-2]
        minutes = stretches.get((before, last))
        for n, one in enumerate(boards.get(before, ())):
            key = (before, n)
            if one.plan == plan.name and key not in after and minutes is not None:
                end_of[key] = (last, one.minute + minutes)
    return _chains(line, direction, day, boards, after, taken, end_of)


def _link(
    mine: Sequence[_Key],
    theirs: Sequence[_Key],
    boards: dict[int, tuple[Departure, ...]],
    after: dict[_Key, _Key],
    taken: set[_Key],
    stretches: dict[tuple[int, int], int],
    longest_min: float,
) -> None:
    """Link departures of a station with those of the next in their order."""
    if not mine or not theirs:
        return

    def at(key: _Key) -> int:
        return boards[key[0]][key[1]].minute

    stretch = (mine[0][0], theirs[0][0])
    usual = stretches.get(stretch) or _usual([at(key) for key in mine], [at(key) for key in theirs], longest_min)
    if usual is None:
        return
    stretches.setdefault(stretch, usual)
    place = 0
    for key in mine:
        if key in after:
            continue
        while place < len(theirs) and (theirs[place] in taken or at(theirs[place]) - at(key) < max(1, usual + SOONEST)):
            place += 1
        if place == len(theirs):
            break
        if at(theirs[place]) - at(key) <= usual + LATEST:
            after[key] = theirs[place]
            taken.add(theirs[place])
            place += 1


def _longest_min(line: Line, here: int, there: int) -> float:
    """The longest time that a train can need on a stretch: at `SLOWEST_KMH`, and four minutes to stand."""
    first, last = sorted((here, there))
    metres = sum(line.stations[n].distance_m for n in range(first + 1, last + 1))
    if line.loop:
        metres = min(metres, sum(station.distance_m for station in line.stations) - metres)
    return metres / 1000 / SLOWEST_KMH * 60 + 4


def _usual(mine: list[int], theirs: list[int], longest_min: float) -> int | None:
    """The running time that most pairs of departures agree on; of equals the shortest."""
    counts: Counter[int] = Counter()
    begin = 0
    for minute in mine:
        while begin < len(theirs) and theirs[begin] <= minute:
            begin += 1
        counts.update(other - minute for other in theirs[begin : begin + 6] if other - minute <= longest_min)
    if not counts:
        return None
    most = max(counts.values())
    return min(minutes for minutes, count in counts.items() if count >= most * 0.9)


def _chains(
    line: Line,
    direction: Direction,
    day: str,
    boards: dict[int, tuple[Departure, ...]],
    after: dict[_Key, _Key],
    taken: set[_Key],
    end_of: dict[_Key, tuple[int, int]],
) -> list[Run]:
    found: list[Run] = []
    for station in direction.order:
        for n, one in enumerate(boards.get(station, ())):
            key = (station, n)
            if key in taken:
                continue
            calls = [(station, one.minute)]
            while key in after:
                key = after[key]
                calls.append((key[0], boards[key[0]][key[1]].minute))
            ends = end_of.get(key)
            if ends is not None:
                calls.append(ends)
            if len(calls) > 1:
                found.append(Run(line.name, direction.name, day, one.plan, tuple(calls), ends is not None))
    return sorted(found, key=lambda run: (run.calls[0][1], run.calls[0][0]))


def typical_minutes(found: Sequence[Run], begin: int, end: int) -> float | None:
    """Median minutes of trains between two stations of a line, None where none calls at both."""
    spans = []
    for run in found:
        at = dict(run.calls)
        if begin in at and end in at and at[end] > at[begin]:
            spans.append(at[end] - at[begin])
    return statistics.median(spans) if spans else None
