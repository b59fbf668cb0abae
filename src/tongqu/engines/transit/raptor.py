"""The search: RAPTOR in rounds of one more ride each, over the flat arrays of a day.

Delling, Pajor, Werneck: Round-Based Public Transit Routing (ALENEX 2012). What is added here: a run is left as soon as
its arrival plus the lower bound to the destination cannot beat what was found (`bounds`), which also ends most later
rounds at their first stop; a window of departures is searched from the latest to the earliest with labels kept
(rRAPTOR); travellers stay seated where the vehicle goes on as another trip.

A label of round ``k`` at a stop is the earliest arrival there by vehicle with ``k`` rides. ``ready`` is when the
traveller can board at a stop: after the time to change, or after a walk from a stop where he arrived by vehicle.

Where a loop is hot its indices are unsigned: a signed one is looked at for being counted from the end, each time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

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
)

# rows of the result of a search, one column for each round
FOUND_AT, FOUND_STOP = range(2)


@njit(cache=True, nogil=True)
def aim(bounds, work, data, at, targets, target_s):  # type: ignore[no-untyped-def]
    """Set the destination: seconds from each target stop to it, and the least seconds from each cluster to it."""
    (_, _, _, _, _, _, _, _, _, _, _, egress, bound, ahead, _, best, found) = work
    cluster = data[at[CLUSTER] : at[CLUSTER + 1]]
    best[:] = INF
    found[:] = INF
    if len(targets) == 0:
        bound[:] = 0
        ahead[:] = 0
        return
    bound[:] = INF >> 1
    for index in range(len(targets)):
        stop, extra = targets[index], target_s[index]
        if extra < egress[stop]:
            egress[stop] = extra
        row = bounds[cluster[stop]]
        for other in range(len(bound)):
            value = np.int32(row[other]) + extra
            if value < bound[other]:
                bound[other] = value
    for stop in range(len(ahead)):
        ahead[stop] = bound[cluster[stop]]


@njit(cache=True, nogil=True)
def forget(work, targets, last_round, everything):  # type: ignore[no-untyped-def]
    """Take back the labels of a search; with ``everything`` also what a window keeps, and the destination."""
    (arrival, ready, _, _, _, _, best_arrival, best_ready, touched, counts, _, egress, _, _, _, _, _) = work
    for round_ in range(last_round + 1):
        for index in range(counts[2 * round_]):
            stop = touched[2 * round_, index]
            arrival[round_, stop] = INF
            if everything:
                best_arrival[0, stop] = INF
        for index in range(counts[2 * round_ + 1]):
            stop = touched[2 * round_ + 1, index]
            ready[round_, stop] = INF
            if everything:
                best_ready[0, stop] = INF
        counts[2 * round_] = 0
        counts[2 * round_ + 1] = 0
    if everything:
        for index in range(len(targets)):
            egress[targets[index]] = INF


@njit(cache=True, nogil=True)
def ride(data, at, work, sources, source_s, rounds, change_s, window):  # type: ignore[no-untyped-def]
    """Search from the sources with at most ``rounds`` rides; returns the last round that was begun.

    Args:
        sources, source_s: stops where the traveller can board, and from when.
        change_s: time to change at a stop where the stop gives none.
        window: whether labels of later departures are kept by round (rRAPTOR).
    """
    (arrival, ready, row_of, boarded_row, boarded_at, walked_from, best_arrival, best_ready, touched, counts,
     queue, egress, bound, ahead, kept, best, found) = work  # fmt: skip
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
    queued, from_position, to_position = queue[0], queue[1], queue[2]

    found[:] = INF
    for index in range(len(sources)):
        stop, time = sources[index], source_s[index]
        if time < ready[0, stop] and time < best_ready[0, stop]:
            if ready[0, stop] == INF:
                touched[1, counts[1]] = stop
                counts[1] += 1
            ready[0, stop] = time
            walked_from[0, stop] = -1
            for level in range(rounds + 1 if window else 1):
                if best_ready[level, stop] <= time:
                    break
                best_ready[level, stop] = time

    last = 0
    for round_ in range(1, rounds + 1):
        last = round_
        own = round_ if window else 0
        end = rounds + 1 if window else 1
        goal = best[own]
        ready_before = ready[round_ - 1]
        arrival_now = arrival[round_]
        arrival_best = best_arrival[own]
        reached = touched[2 * round_]
        reached_count = 0

        # patterns that can be boarded where the round before got to, each from its first such stop to its last
        count = 0
        for index in range(counts[2 * round_ - 1]):
            stop = touched[2 * round_ - 1, index]
            if ready_before[stop] + ahead[stop] >= goal:
                ready_before[stop] = INF
                continue
            for entry in range(stop_first[stop], stop_first[stop + 1]):
                pattern, position = stop_pattern[entry], stop_position[entry]
                if to_position[pattern] < 0:
                    queued[count] = pattern
                    count += 1
                    from_position[pattern] = position
                    to_position[pattern] = position
                elif position < from_position[pattern]:
                    from_position[pattern] = position
                elif position > to_position[pattern]:
                    to_position[pattern] = position

        seated = 0
        for index in range(count):
            pattern = queued[index]
            position = from_position[pattern]
            boardable_to = to_position[pattern]
            from_position[pattern] = INF
            to_position[pattern] = -1
            stops_at = pattern_first[pattern]
            stops = pattern_first[pattern + 1] - stops_at
            rows = row_first[pattern + 1] - row_first[pattern]
            times_at = time_first[pattern]
            row = rows
            aboard = False
            boarded = -1
            while position < stops:
                packed = pattern_stop[np.uint32(stops_at + position)]
                stop = np.uint32(packed >> 2)
                if aboard:
                    time = arrivals[np.uint32(times_at + row * stops + position)]
                    if time + bound[np.uint32(pattern_cluster[np.uint32(stops_at + position)])] >= goal:
                        aboard = False
                    elif packed & 2 and time < arrival_best[stop]:
                        if arrival_now[stop] == INF:
                            reached[reached_count] = stop
                            reached_count += 1
                        arrival_now[stop] = time
                        row_of[round_, stop] = row_first[pattern] + row
                        boarded_row[round_, stop] = row_first[pattern] + row
                        boarded_at[round_, stop] = boarded
                        for level in range(own, end):
                            if best_arrival[level, stop] <= time:
                                break
                            best_arrival[level, stop] = time
                        if time + egress[stop] < goal:
                            goal = time + egress[stop]
                            found[FOUND_AT, round_] = goal
                            found[FOUND_STOP, round_] = stop
                if not aboard and position > boardable_to:
                    break
                if packed & 1 and ready_before[stop] < INF and row > 0:
                    time = ready_before[stop]
                    here = times_at + position * rows
                    if departures[np.uint32(here + row - 1)] >= time:
                        low, high = 0, row - 1
                        while low < high:
                            middle = (low + high) >> 1
                            if departures[np.uint32(here + middle)] >= time:
                                high = middle
                            else:
                                low = middle + 1
                        row = low
                        aboard = True
                        boarded = position
                position += 1
            if aboard and next_row[row_first[pattern] + row] >= 0:
                queue[3, seated] = pattern
                queued[seated] = row_first[pattern] + row
                # the queue before `index` has been read: its places hold the rows in which travellers stay seated
                from_position[pattern] = boarded
                seated += 1

        for index in range(seated):
            boarding = queued[index]
            boarded = from_position[queue[3, index]]
            from_position[queue[3, index]] = INF
            row = next_row[boarding]
            aboard = True
            while row >= 0 and aboard:
                pattern = row_pattern[row]
                stops_at = pattern_first[pattern]
                stops = pattern_first[pattern + 1] - stops_at
                times_at = time_first[pattern] + (row - row_first[pattern]) * stops
                for position in range(1, stops):
                    packed = pattern_stop[stops_at + position]
                    stop = packed >> 2
                    time = arrivals[times_at + position]
                    if time + bound[pattern_cluster[stops_at + position]] >= goal:
                        aboard = False
                        break
                    if packed & 2 and time < arrival_best[stop]:
                        if arrival_now[stop] == INF:
                            reached[reached_count] = stop
                            reached_count += 1
                        arrival_now[stop] = time
                        row_of[round_, stop] = row
                        boarded_row[round_, stop] = boarding
                        boarded_at[round_, stop] = boarded
                        for level in range(own, end):
                            if best_arrival[level, stop] <= time:
                                break
                            best_arrival[level, stop] = time
                        if time + egress[stop] < goal:
                            goal = time + egress[stop]
                            found[FOUND_AT, round_] = goal
                            found[FOUND_STOP, round_] = stop
                row = next_row[row]

        # changing at the same stop, and walking to others
        ready_now = ready[round_]
        ready_best = best_ready[own]
        marked = touched[2 * round_ + 1]
        marked_count = 0
        for index in range(reached_count):
            stop = reached[index]
            time = arrival_now[stop]
            changed = change_s if change[stop] < 0 else change[stop]
            if changed < INF:
                later = time + changed
                if later < ready_best[stop] and later + ahead[stop] < goal:
                    if ready_now[stop] == INF:
                        marked[marked_count] = stop
                        marked_count += 1
                    ready_now[stop] = later
                    walked_from[round_, stop] = -1
                    for level in range(own, end):
                        if best_ready[level, stop] <= later:
                            break
                        best_ready[level, stop] = later
            # most walks lead nowhere: they are sorted out without a branch for each
            walks = 0
            for arc in range(np.uint32(foot_first[stop]), np.uint32(foot_first[stop + 1])):
                other, later = np.uint32(foot_to[arc]), time + foot_s[arc]
                kept[np.uint32(walks)] = arc
                walks += (later < ready_best[other]) & (later + ahead[other] < goal)
            for index_of in range(walks):
                arc = kept[index_of]
                other, later = foot_to[arc], time + foot_s[arc]
                if ready_now[other] == INF:
                    marked[marked_count] = other
                    marked_count += 1
                ready_now[other] = later
                walked_from[round_, other] = stop
                for level in range(own, end):
                    if best_ready[level, other] <= later:
                        break
                    best_ready[level, other] = later
        counts[2 * round_] = reached_count
        counts[2 * round_ + 1] = marked_count
        for level in range(own, end):
            if best[level] <= goal:
                break
            best[level] = goal
        if marked_count == 0:
            break
    return last


LEG_BOARDED_ROW, LEG_BOARDED_AT, LEG_ROW, LEG_ALIGHTED_AT, LEG_STOP, LEG_WALKED_TO = range(6)
JOURNEY_RIDES, JOURNEY_ARRIVAL, JOURNEY_TARGET, JOURNEY_SOURCE, JOURNEY_START = range(5)


@njit(cache=True, nogil=True)
def collect(data, at, work, start, last, journeys, legs, count):  # type: ignore[no-untyped-def]
    """Write the journeys of the last search as rows of ``journeys`` and ``legs``; returns how many there are now.

    A leg is: row boarded, position boarded, row alighted from (another one where the traveller stayed seated), position
    alighted, stop alighted, stop he then walks to (the same, where he does not).
    """
    (arrival, _, row_of, boarded_row, boarded_at, walked_from, _, _, _, _, _, _, _, _, _, _, found) = work
    pattern_first = data[at[PATTERN_FIRST] : at[PATTERN_FIRST + 1]]
    pattern_stop = data[at[PATTERN_STOP] : at[PATTERN_STOP + 1]]
    row_first = data[at[ROW_FIRST] : at[ROW_FIRST + 1]]
    time_first = data[at[TIME_FIRST] : at[TIME_FIRST + 1]]
    arrivals = data[at[ARRIVAL] : at[ARRIVAL + 1]]
    row_pattern = data[at[ROW_PATTERN] : at[ROW_PATTERN + 1]]
    for rides in range(1, last + 1):
        if found[FOUND_AT, rides] >= INF or count >= len(journeys):
            continue
        stop, walked = found[FOUND_STOP, rides], -1
        journeys[count, JOURNEY_RIDES] = rides
        journeys[count, JOURNEY_ARRIVAL] = found[FOUND_AT, rides]
        journeys[count, JOURNEY_TARGET] = stop
        journeys[count, JOURNEY_START] = start
        for round_ in range(rides, 0, -1):
            alighted = stop if walked < 0 else walked
            row = row_of[round_, alighted]
            boarded = boarded_row[round_, alighted]
            position = boarded_at[round_, alighted]
            pattern = row_pattern[row]
            first, stops = pattern_first[pattern], pattern_first[pattern + 1] - pattern_first[pattern]
            times = time_first[pattern] + (row - row_first[pattern]) * stops
            alighted_at = position + 1 if row == boarded else 1
            while pattern_stop[first + alighted_at] >> 2 != alighted or (
                arrivals[times + alighted_at] != arrival[round_, alighted]
            ):
                alighted_at += 1
            leg = legs[count, round_ - 1]
            leg[LEG_BOARDED_ROW], leg[LEG_BOARDED_AT] = boarded, position
            leg[LEG_ROW], leg[LEG_ALIGHTED_AT] = row, alighted_at
            leg[LEG_STOP], leg[LEG_WALKED_TO] = alighted, stop
            stop = pattern_stop[pattern_first[row_pattern[boarded]] + position] >> 2
            walked = walked_from[round_ - 1, stop]
        journeys[count, JOURNEY_SOURCE] = stop
        count += 1
    return count


@njit(cache=True, nogil=True)
def pareto(  # type: ignore[no-untyped-def]
    data,
    at,
    bounds,
    work,
    sources,
    source_s,
    start,
    targets,
    target_s,
    rounds,
    change_s,
    journeys,
    legs,
):
    """Journeys from one departure, earliest arrival for each number of rides that brings an earlier one."""
    aim(bounds, work, data, at, targets, target_s)
    last = ride(data, at, work, sources, source_s + start, rounds, change_s, False)
    count = collect(data, at, work, start, last, journeys, legs, 0)
    forget(work, targets, last, True)
    return count


@njit(cache=True, nogil=True)
def starts(data, at, sources, source_s, begin, end):  # type: ignore[no-untyped-def]
    """When one must leave, between ``begin`` and ``end``, to catch a run at one of the sources; latest first."""
    row_first = data[at[ROW_FIRST] : at[ROW_FIRST + 1]]
    time_first = data[at[TIME_FIRST] : at[TIME_FIRST + 1]]
    departures = data[at[DEPARTURE] : at[DEPARTURE + 1]]
    stop_first = data[at[STOP_FIRST] : at[STOP_FIRST + 1]]
    stop_pattern = data[at[STOP_PATTERN] : at[STOP_PATTERN + 1]]
    stop_position = data[at[STOP_POSITION] : at[STOP_POSITION + 1]]
    marks = np.zeros(end - begin + 1, dtype=np.bool_)
    for index in range(len(sources)):
        stop, walk = sources[index], source_s[index]
        for entry in range(stop_first[stop], stop_first[stop + 1]):
            pattern, position = stop_pattern[entry], stop_position[entry]
            rows = row_first[pattern + 1] - row_first[pattern]
            here = time_first[pattern] + position * rows
            for row in range(rows):
                leave = departures[here + row] - walk
                if begin <= leave <= end:
                    marks[leave - begin] = True
    return np.flatnonzero(marks)[::-1] + begin


@njit(cache=True, nogil=True)
def window(  # type: ignore[no-untyped-def]
    data, at, bounds, work, sources, source_s, begin, end, targets, target_s, rounds, change_s,
    journeys, legs,
):  # fmt: skip
    """Journeys that leave between ``begin`` and ``end`` and that none dominates in departure, arrival and rides."""
    aim(bounds, work, data, at, targets, target_s)
    count = 0
    for start in starts(data, at, sources, source_s, begin, end):
        last = ride(data, at, work, sources, source_s + start, rounds, change_s, True)
        count = collect(data, at, work, start, last, journeys, legs, count)
        forget(work, targets, last, False)
    work[6][:] = INF
    work[7][:] = INF
    forget(work, targets, 0, True)
    return count


@njit(cache=True, nogil=True)
def spread(data, at, bounds, work, sources, source_s, start, rounds, change_s, out):  # type: ignore[no-untyped-def]
    """Earliest arrival by vehicle at every stop (INF where there is none); the sources from when they are reached."""
    nothing = np.zeros(0, dtype=np.int32)
    aim(bounds, work, data, at, nothing, nothing)
    last = ride(data, at, work, sources, source_s + start, rounds, change_s, False)
    out[:] = work[6][0]
    for index in range(len(sources)):
        out[sources[index]] = min(out[sources[index]], source_s[index] + start)
    forget(work, nothing, last, True)
