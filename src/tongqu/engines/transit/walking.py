"""The search with walking as a third criterion: labels in bags, round by round, over the same arrays as `raptor`.

Delling, Pajor, Werneck: Round-Based Public Transit Routing (ALENEX 2012), section 4 (McRAPTOR). A label is a time and
the seconds walked until then; it is left out where another at the same stop is no later and has walked no more with no
more rides. At the destination labels of later departures count too, which makes a window of departures one search
after the other. It is some ten times the work of `raptor`, so it is done on demand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.transit.layout import (
    ARRIVAL,
    CHANGE,
    CLUSTER,
    DEPARTURE,
    FOOT_FIRST,
    FOOT_S,
    FOOT_TO,
    INF,
    NEXT_ROW,
    PATTERN_CLUSTER,
    PATTERN_FIRST,
    PATTERN_STOP,
    ROW_FIRST,
    ROW_PATTERN,
    STOP_FIRST,
    STOP_PATTERN,
    STOP_POSITION,
    TIME_FIRST,
    Layout,
)
from tongqu.engines.transit.raptor import (
    JOURNEY_ARRIVAL,
    JOURNEY_RIDES,
    JOURNEY_SOURCE,
    JOURNEY_START,
    JOURNEY_TARGET,
    LEG_ALIGHTED_AT,
    LEG_BOARDED_AT,
    LEG_BOARDED_ROW,
    LEG_ROW,
    LEG_STOP,
    LEG_WALKED_TO,
    starts,
)

Ints = NDArray[np.int32]

# columns of a label
(TIME, WALK, ROUND, PARENT, STOP, NEXT, BOARDED_ROW, BOARDED_AT, ALIGHTED_ROW, ALIGHTED_AT) = range(10)
# lists of labels by stop: arrived by vehicle, ready to board
ARRIVED, READY = range(2)
# columns of an entry of a vehicle's bag
_ROW, _WALKED, _FROM, _AT, _BOARDED = range(5)
FULL = -1
"""Given back where the room was too small."""


@dataclass
class Bags:
    """Labels of one search at a time.

    Attributes:
        label: a row each: time, seconds walked, rides, the label it came of, stop, the next label of the same list, the
            ride (row and position boarded and alighted).
        head: first label of each list and stop, -1 for none.
        goal: what is known of the destination: time, seconds walked, rides, label (-1: of a later departure).
        aboard: entries of the bag of a vehicle.
    """

    stops: int
    patterns: int
    labels: int = 1 << 16
    label: Ints = field(init=False)
    head: Ints = field(init=False)
    marked: Ints = field(init=False)
    queue: Ints = field(init=False)
    goal: Ints = field(init=False)
    aboard: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.label = np.zeros((self.labels, ALIGHTED_AT + 1), np.int32)
        self.head = np.full((2, self.stops), -1, np.int32)
        self.marked = np.zeros((2, self.stops + 1), np.int32)
        self.queue = np.full((3, self.patterns + 1), -1, np.int32)
        self.goal = np.zeros((self.labels >> 4, 4), np.int32)
        self.aboard = np.zeros((self.labels >> 4, 5), np.int32)


@njit(cache=True, nogil=True)
def _beaten(label, at, time, walk):  # type: ignore[no-untyped-def]
    """Whether a label of a list is no later and has walked no more."""
    while at >= 0:
        if label[at, TIME] <= time and label[at, WALK] <= walk:
            return True
        at = label[at, NEXT]
    return False


@njit(cache=True, nogil=True)
def _reached(goal, goals, time, walk, rides):  # type: ignore[no-untyped-def]
    """Whether the destination is known to be reached no later, with no more walking and no more rides."""
    for index in range(goals):  # noqa: SIM110 - numba has no generators
        if goal[index, 0] <= time and goal[index, 1] <= walk and goal[index, 2] <= rides:
            return True
    return False


@njit(cache=True, nogil=True)
def _keep(label, head, stop, new):  # type: ignore[no-untyped-def]
    """Put a label at the head of a list; those it beats leave the list, though what came of them stays."""
    before = -1
    at = head[stop]
    while at >= 0:
        after = label[at, NEXT]
        if label[new, TIME] <= label[at, TIME] and label[new, WALK] <= label[at, WALK]:
            if before < 0:
                head[stop] = after
            else:
                label[before, NEXT] = after
        else:
            before = at
        at = after
    label[new, NEXT] = head[stop]
    head[stop] = new


@njit(cache=True, nogil=True)
def _made(label, state, time, walk, rides, parent, stop):  # type: ignore[no-untyped-def]
    """A new label, in no list yet; there is room for it."""
    new = state[0]
    state[0] += 1
    label[new, TIME], label[new, WALK], label[new, ROUND] = time, walk, rides
    label[new, PARENT], label[new, STOP] = parent, stop
    return new


@njit(cache=True, nogil=True)
def _alight(label, head, goal, marked, egress, state, stop, time, entry, aboard, row, at, round_):  # type: ignore[no-untyped-def]
    """Take note that a vehicle gets to a stop; False where there is no room. `state` counts labels, goals, stops."""
    walk = aboard[entry, _WALKED]
    if _beaten(label, head[ARRIVED, stop], time, walk):
        return True
    if state[0] >= len(label) or state[1] >= len(goal):
        return False
    new = _made(label, state, time, walk, round_, aboard[entry, _FROM], stop)
    label[new, BOARDED_ROW], label[new, BOARDED_AT] = aboard[entry, _BOARDED], aboard[entry, _AT]
    label[new, ALIGHTED_ROW], label[new, ALIGHTED_AT] = row, at
    first = head[ARRIVED, stop]
    if first < 0 or label[first, ROUND] != round_:
        marked[ARRIVED, state[2]] = stop
        state[2] += 1
    _keep(label, head[ARRIVED], stop, new)
    extra = egress[stop]
    if extra < INF and not _reached(goal, state[1], time + extra, walk + extra, round_):
        kept = 0
        for index in range(state[1]):
            worse = goal[index, 0] >= time + extra and goal[index, 1] >= walk + extra
            if goal[index, 3] < 0 or goal[index, 2] < round_ or not worse:
                goal[kept] = goal[index]
                kept += 1
        goal[kept, 0], goal[kept, 1], goal[kept, 2], goal[kept, 3] = time + extra, walk + extra, round_, new
        state[1] = kept + 1
    return True


@njit(cache=True, nogil=True)
def _board(aboard, count, row, first, walk, parent, at):  # type: ignore[no-untyped-def]
    """Let a traveller into the bag of a vehicle; how many are in it afterwards. Runs of a pattern never overtake."""
    for index in range(count):
        if aboard[index, _ROW] <= row and aboard[index, _WALKED] <= walk:
            return count
    kept = 0
    for index in range(count):
        if not (row <= aboard[index, _ROW] and walk <= aboard[index, _WALKED]):
            if kept != index:
                aboard[kept] = aboard[index]
            kept += 1
    if kept >= len(aboard):
        return FULL
    aboard[kept, _ROW], aboard[kept, _WALKED], aboard[kept, _FROM] = row, walk, parent
    aboard[kept, _AT], aboard[kept, _BOARDED] = at, first + row
    return kept + 1


@njit(cache=True, nogil=True)
def _ready(label, head, marked, goal, state, bound, stop, time, walk, parent, round_):  # type: ignore[no-untyped-def]
    """Take note that one can board at a stop; False where there is no room."""
    if _beaten(label, head[READY, stop], time, walk):
        return True
    if _reached(goal, state[1], time + bound, walk, round_ + 1):
        return True
    if state[0] >= len(label):
        return False
    new = _made(label, state, time, walk, round_, parent, stop)
    first = head[READY, stop]
    if first < 0 or label[first, ROUND] != round_:
        marked[READY, state[3]] = stop
        state[3] += 1
    _keep(label, head[READY], stop, new)
    return True


@njit(cache=True, nogil=True)
def _search(data, at, bound, egress, bags, sources, source_s, start, rounds, change_s, state):  # type: ignore[no-untyped-def]
    """All journeys from one departure, into ``goal``; False where there is no room."""
    label, head, marked, queue, goal, aboard = bags
    pattern_first = data[at[PATTERN_FIRST] : at[PATTERN_FIRST + 1]]
    pattern_stop = data[at[PATTERN_STOP] : at[PATTERN_STOP + 1]]
    pattern_cluster = data[at[PATTERN_CLUSTER] : at[PATTERN_CLUSTER + 1]]
    row_first = data[at[ROW_FIRST] : at[ROW_FIRST + 1]]
    time_first = data[at[TIME_FIRST] : at[TIME_FIRST + 1]]
    arrivals = data[at[ARRIVAL] : at[ARRIVAL + 1]]
    departures = data[at[DEPARTURE] : at[DEPARTURE + 1]]
    stop_first = data[at[STOP_FIRST] : at[STOP_FIRST + 1]]
    stop_pattern = data[at[STOP_PATTERN] : at[STOP_PATTERN + 1]]
    stop_position = data[at[STOP_POSITION] : at[STOP_POSITION + 1]]
    next_row = data[at[NEXT_ROW] : at[NEXT_ROW + 1]]
    row_pattern = data[at[ROW_PATTERN] : at[ROW_PATTERN + 1]]
    foot_first = data[at[FOOT_FIRST] : at[FOOT_FIRST + 1]]
    foot_to = data[at[FOOT_TO] : at[FOOT_TO + 1]]
    foot_s = data[at[FOOT_S] : at[FOOT_S + 1]]
    change = data[at[CHANGE] : at[CHANGE + 1]]
    cluster = data[at[CLUSTER] : at[CLUSTER + 1]]
    state[3] = 0
    for index in range(len(sources)):
        stop, walk = sources[index], source_s[index]
        if not _ready(label, head, marked, goal, state, bound[cluster[stop]], stop, start + walk, walk, -1, 0):
            return False
    for round_ in range(1, rounds + 1):
        count = 0
        for index in range(state[3]):
            stop = marked[READY, index]
            for entry in range(stop_first[stop], stop_first[stop + 1]):
                pattern, position = stop_pattern[entry], stop_position[entry]
                if queue[1, pattern] < 0:
                    queue[0, count] = pattern
                    count += 1
                    queue[1, pattern], queue[2, pattern] = position, position
                else:
                    queue[1, pattern] = min(queue[1, pattern], position)
                    queue[2, pattern] = max(queue[2, pattern], position)
        state[2] = 0
        room = True
        for index in range(count):
            pattern = queue[0, index]
            position, boardable_to = queue[1, pattern], queue[2, pattern]
            queue[1, pattern] = -1
            if not room:
                continue
            stops_at = pattern_first[pattern]
            stops = pattern_first[pattern + 1] - stops_at
            rows = row_first[pattern + 1] - row_first[pattern]
            times_at = time_first[pattern]
            inside = 0
            while position < stops and (inside or position <= boardable_to):
                packed = pattern_stop[stops_at + position]
                stop = packed >> 2
                least = bound[pattern_cluster[stops_at + position]]
                kept = 0
                for entry in range(inside):
                    time = arrivals[times_at + aboard[entry, _ROW] * stops + position]
                    if _reached(goal, state[1], time + least, aboard[entry, _WALKED], round_):
                        continue
                    if packed & 2:
                        room = room and _alight(
                            label, head, goal, marked, egress, state, stop, time, entry, aboard,
                            aboard[entry, _BOARDED], position, round_,
                        )  # fmt: skip
                    if kept != entry:
                        aboard[kept] = aboard[entry]
                    kept += 1
                inside = kept
                if packed & 1 and position < stops - 1:
                    here = times_at + position * rows
                    own = head[READY, stop]
                    while own >= 0 and room:
                        time = label[own, TIME]
                        if label[own, ROUND] == round_ - 1 and rows and departures[here + rows - 1] >= time:
                            low, high = 0, rows - 1
                            while low < high:
                                middle = (low + high) >> 1
                                if departures[here + middle] >= time:
                                    high = middle
                                else:
                                    low = middle + 1
                            inside = _board(aboard, inside, low, row_first[pattern], label[own, WALK], own, position)
                            if inside == FULL:
                                room, inside = False, 0
                        own = label[own, NEXT]
                position += 1
            # who may stay seated: the vehicle goes on as another trip
            for entry in range(inside):
                row = next_row[aboard[entry, _BOARDED]]
                while row >= 0 and room:
                    onward = row_pattern[row]
                    first = pattern_first[onward]
                    calls = pattern_first[onward + 1] - first
                    begin = time_first[onward] + (row - row_first[onward]) * calls
                    for step in range(1, calls):
                        packed = pattern_stop[first + step]
                        time = arrivals[begin + step]
                        if packed & 2 and room:
                            room = _alight(
                                label, head, goal, marked, egress, state, packed >> 2, time, entry, aboard, row, step,
                                round_,
                            )  # fmt: skip
                    row = next_row[row]
        if not room:
            return False
        state[3] = 0
        for index in range(state[2]):
            stop = marked[ARRIVED, index]
            changed = change_s if change[stop] < 0 else change[stop]
            own = head[ARRIVED, stop]
            while own >= 0 and label[own, ROUND] == round_:
                time, walk = label[own, TIME], label[own, WALK]
                if changed < INF and not _ready(
                    label, head, marked, goal, state, bound[cluster[stop]], stop, time + changed, walk, own, round_
                ):
                    return False
                for arc in range(foot_first[stop], foot_first[stop + 1]):
                    other, taken = foot_to[arc], foot_s[arc]
                    if not _ready(
                        label, head, marked, goal, state, bound[cluster[other]], other, time + taken, walk + taken,
                        own, round_,
                    ):  # fmt: skip
                        return False
                own = label[own, NEXT]
        if state[3] == 0:
            break
    return True


@njit(cache=True, nogil=True)
def _written(label, goal, goals, start, journeys, legs, count):  # type: ignore[no-untyped-def]
    """Write what was found for a departure as journeys; how many there are now."""
    for index in range(goals):
        rides, own = goal[index, 2], goal[index, 3]
        if own < 0 or count >= len(journeys):
            continue
        goal[index, 3] = -1
        journeys[count, JOURNEY_RIDES], journeys[count, JOURNEY_ARRIVAL] = rides, goal[index, 0]
        journeys[count, JOURNEY_TARGET], journeys[count, JOURNEY_START] = label[own, STOP], start
        to = label[own, STOP]
        for ride in range(rides - 1, -1, -1):
            leg = legs[count, ride]
            leg[LEG_BOARDED_ROW], leg[LEG_BOARDED_AT] = label[own, BOARDED_ROW], label[own, BOARDED_AT]
            leg[LEG_ROW], leg[LEG_ALIGHTED_AT] = label[own, ALIGHTED_ROW], label[own, ALIGHTED_AT]
            leg[LEG_STOP], leg[LEG_WALKED_TO] = label[own, STOP], to
            boarding = label[own, PARENT]
            to, own = label[boarding, STOP], label[boarding, PARENT]
        journeys[count, JOURNEY_SOURCE] = to
        count += 1
    return count


@njit(cache=True, nogil=True)
def _all(  # type: ignore[no-untyped-def]
    data, at, bound, egress, bags, sources, source_s, moments, rounds, change_s, journeys, legs
):
    """One search after the other, the latest departure first; how many journeys, or `FULL`."""
    label, head, _, _, goal, _ = bags
    state = np.zeros(4, dtype=np.int32)  # labels, goals, stops arrived at, stops ready
    count = 0
    for start in moments:
        state[0] = 0
        head[:] = -1
        if not _search(data, at, bound, egress, bags, sources, source_s, start, rounds, change_s, state):
            return FULL
        count = _written(label, goal, state[1], start, journeys, legs, count)
    return count


def pareto(
    layout: Layout,
    bounds: NDArray[np.uint16],
    sources: Ints,
    source_s: Ints,
    start: int,
    window_s: int,
    targets: Ints,
    target_s: Ints,
    rounds: int,
    change_s: int,
    journeys: Ints,
    legs: NDArray[np.int32],
) -> int:
    """Journeys that none beats in arrival, rides and seconds walked (and departure, in a window).

    What is walked: to the first stop, between stops, and from the last one.

    Args:
        layout: of the day.
        bounds: least seconds between clusters.
        sources, source_s: stops where one can board, and how long the walk to each takes.
        start: when the traveller leaves; window_s: or up to so much later.
        targets, target_s: stops where one may get off, and how long the walk from each takes.
        rounds: most rides.
        change_s: time to change at a stop where the stop gives none.
        journeys, legs: written as `raptor.collect` does.

    Returns:
        How many journeys there are.
    """
    cluster = layout.section(CLUSTER)
    egress = np.full(layout.stops, INF, dtype=np.int32)
    np.minimum.at(egress, targets, target_s)
    bound = (bounds[cluster[targets]].astype(np.int32) + target_s[:, None]).min(axis=0)
    moments: Any = np.array([start])
    if window_s:
        moments = starts(layout.data, layout.at, sources, source_s, start, start + window_s)
    labels = 1 << 16
    while True:
        bags = Bags(layout.stops, layout.patterns, labels)
        count = int(
            _all(
                layout.data, layout.at, bound, egress,
                (bags.label, bags.head, bags.marked, bags.queue, bags.goal, bags.aboard),
                sources, source_s, moments.astype(np.int64), rounds, change_s, journeys, legs,
            )
        )  # fmt: skip
        if count != FULL or labels >= 1 << 24:
            return max(count, 0)
        labels <<= 2
