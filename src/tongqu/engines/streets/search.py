"""Shortest times from a few starts over flat arrays (Dijkstra 1959), bounded. Compiled; arrays in, arrays out.

A state is a node (walking), or an arc that has been travelled (where turns count). The steps that leave state s are
`step_to[step_start[s]:step_start[s + 1]]`, `step_s` is what each takes, in seconds.

Where a loop is hot its indices are unsigned: a signed one is looked at for being counted from the end, each time.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    """Put an item on a binary heap; gives the new size.

    The heap must have room: a search that looks at each state once pushes no more often than there are steps and seeds.
    An array that may grow would be slower by half.
    """
    at = np.uint32(size)
    while at > 0:
        up = np.uint32(at - 1) >> np.uint32(1)
        if keys[up] <= key:
            break
        keys[at], items[at] = keys[up], items[up]
        at = up
    keys[at], items[at] = key, item
    return size + 1


@njit(cache=True, nogil=True)
def sift(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the first of a heap away (the caller has read it); gives the new size."""
    size -= 1
    key, item = keys[size], items[size]
    at = np.uint32(0)
    while True:
        down = np.uint32(2 * at + 1)
        if down >= size:
            break
        if down + 1 < size and keys[np.uint32(down + 1)] < keys[down]:
            down = np.uint32(down + 1)
        if keys[down] >= key:
            break
        keys[at], items[at] = keys[down], items[down]
        at = down
    keys[at], items[at] = key, item
    return size


@njit(cache=True, nogil=True)
def spread(step_start, step_to, step_s, seed_state, seed_s, bound_s):  # type: ignore[no-untyped-def]
    """Seconds to every state within the bound, and the step by which each was reached.

    Args:
        seed_state, seed_s: where it starts, and what has passed by then.

    Returns:
        time (infinite where not reached), via (index of the step, -1 - k for seed k, or the smallest integer).
    """
    n = step_start.size - 1
    time = np.full(n, np.inf)
    via = np.full(n, np.iinfo(np.int32).min, np.int32)
    keys = np.empty(step_to.size + seed_state.size)
    items = np.empty(keys.size, np.int32)
    size = 0
    for k in range(seed_state.size):
        s = seed_state[k]
        if seed_s[k] < time[s] and seed_s[k] <= bound_s:
            time[s] = seed_s[k]
            via[s] = -1 - k
            size = push(keys, items, size, seed_s[k], s)
    while size > 0:
        key = keys[0]
        s = items[0]
        size = sift(keys, items, size)
        if key > time[s]:
            continue
        for j in range(step_start[s], step_start[s + 1]):
            t = step_to[j]
            then = key + step_s[j]
            if then < time[t] and then <= bound_s:
                time[t] = then
                via[t] = j
                size = push(keys, items, size, then, t)
    return time, via


@njit(cache=True, nogil=True)
def explore(  # type: ignore[no-untyped-def]
    step_start, step_origin, step_to, step_s, seed_state, seed_s, bound_s,
    time, via, slot, states, touched, keys, items,
):  # fmt: skip
    """The states within the bound, the nearest first; takes as long as there are such states, however many others.

    Args:
        time, via, slot, states, touched, keys, items: working memory (`Prepared.scratch`), `time` infinite; so it is
            left behind.

    Returns:
        state; seconds to it; the step by which it was reached (-1 - k for seed k); where the state before it stands
        here (-1 for a seed).
    """
    count = known = size = 0
    for k in range(seed_state.size):
        s = seed_state[k]
        if seed_s[k] < time[s] and seed_s[k] <= bound_s:
            if time[s] == np.inf:
                touched[known] = s
                known += 1
            time[s] = seed_s[k]
            via[s] = -1 - k
            size = push(keys, items, size, seed_s[k], s)
    while size > 0:
        key = keys[0]
        s = np.uint32(items[0])
        size = sift(keys, items, size)
        if key > time[s]:
            continue
        states[count] = s
        slot[s] = count
        count += 1
        for j in range(np.uint32(step_start[s]), np.uint32(step_start[np.uint32(s + 1)])):
            t = np.uint32(step_to[j])
            then = key + step_s[j]
            if then < time[t] and then <= bound_s:
                if time[t] == np.inf:
                    touched[known] = t
                    known += 1
                time[t] = then
                via[t] = j
                size = push(keys, items, size, then, t)
    seconds = np.empty(count)
    by = np.empty(count, np.int32)
    before = np.full(count, -1, np.int32)
    for i in range(count):
        s = states[i]
        seconds[i] = time[s]
        by[i] = via[s]
        if via[s] >= 0:
            before[i] = slot[step_origin[via[s]]]
    for i in range(known):
        time[touched[i]] = np.inf
    return states[:count].copy(), seconds, by, before


@njit(cache=True, nogil=True)
def back_to_seed(step_arc, by, before, place):  # type: ignore[no-untyped-def]
    """Arcs by which a state that `explore` found was reached, the last first, and the seed they lead back to."""
    count = 0
    i = place
    while before[i] >= 0:
        i = before[i]
        count += 1
    seed = -1 - by[i]
    arcs = np.empty(count, np.int32)
    i = place
    for k in range(count):
        arcs[k] = step_arc[by[i]]
        i = before[i]
    return arcs, seed


@njit(cache=True, nogil=True)
def toward(  # type: ignore[no-untyped-def]
    step_start, step_to, step_s, seed_state, seed_s, bound_s, sink_state, sink_s,
    x, y, goal_x, goal_y, around_m, least_s,
):  # fmt: skip
    """`spread` towards sinks that lie together: states are looked at in the order of what a way by them takes at least
    (Hart, Nilsson, Raphael 1968), until no later one can lead to the best of the sinks any sooner.

    Args:
        sink_state, sink_s: states that end it, and what is still to be added there (may be negative).
        x, y: of each state in metres, never further apart than they are.
        goal_x, goal_y, around_m: a circle that holds all sinks.
        least_s: the least that a metre takes.
    """
    n = step_start.size - 1
    time = np.full(n, np.inf)
    via = np.full(n, np.iinfo(np.int32).min, np.int32)
    keys = np.empty(step_to.size + seed_state.size)
    items = np.empty(keys.size, np.int32)
    size = 0
    for k in range(seed_state.size):
        s = seed_state[k]
        if seed_s[k] < time[s]:
            time[s] = seed_s[k]
            via[s] = -1 - k
            left = max(np.hypot(x[s] - goal_x, y[s] - goal_y) - around_m, 0.0) * least_s
            size = push(keys, items, size, seed_s[k] + left, s)
    best = bound_s
    added = min(sink_s.min(), 0.0) if sink_s.size > 0 else 0.0
    while size > 0:
        key = keys[0]
        s = items[0]
        size = sift(keys, items, size)
        if key + added > best:
            break
        here = time[s]
        if key > here + max(np.hypot(x[s] - goal_x, y[s] - goal_y) - around_m, 0.0) * least_s:
            continue
        for k in range(sink_state.size):
            if sink_state[k] == s and here + sink_s[k] < best:
                best = here + sink_s[k]
        for j in range(step_start[s], step_start[s + 1]):
            t = step_to[j]
            then = here + step_s[j]
            if then < time[t]:
                left = max(np.hypot(x[t] - goal_x, y[t] - goal_y) - around_m, 0.0) * least_s
                if then + left + added <= best:
                    time[t] = then
                    via[t] = j
                    size = push(keys, items, size, then + left, t)
    return time, via


@njit(cache=True, nogil=True)
def travelled(step_origin, step_arc, via, state):  # type: ignore[no-untyped-def]
    """Arcs by which a state was reached, the last first, and the seed they lead back to."""
    count = 0
    s = state
    while via[s] >= 0:
        s = step_origin[via[s]]
        count += 1
    arcs = np.empty(count, np.int32)
    seed = -1 - via[s]
    s = state
    for k in range(count):
        arcs[k] = step_arc[via[s]]
        s = step_origin[via[s]]
    return arcs, seed


@njit(cache=True, nogil=True)
def at_points(time, sink_state, sink_s, sink_start, off_s, bound_s):  # type: ignore[no-untyped-def]
    """Seconds to each point from the times of its sinks, and which sink it is (-1: not within the bound)."""
    n = sink_start.size - 1
    seconds = np.full(n, np.inf)
    which = np.full(n, -1, np.int32)
    for p in range(n):
        for k in range(sink_start[p], sink_start[p + 1]):
            then = time[sink_state[k]] + sink_s[k] + off_s[p]
            if then < seconds[p] and then <= bound_s:
                seconds[p] = then
                which[p] = k
    return seconds, which


@njit(cache=True, nogil=True)
def seeds_of(step_origin, via, states):  # type: ignore[no-untyped-def]
    """The seed of `spread` that each of some states was reached from; -1 where it was not reached."""
    seeds = np.full(states.size, -1, np.int32)
    for i in range(states.size):
        s = states[i]
        while via[s] >= 0:
            s = step_origin[via[s]]
        if via[s] > np.iinfo(np.int32).min:
            seeds[i] = -1 - via[s]
    return seeds


@njit(cache=True, nogil=True)
def along_edges(start_edge, start_share, start_s, point_edge, point_share, off_s, edge_s, seconds):  # type: ignore[no-untyped-def]
    """Lower the seconds of points that share an edge with a start: between them no node is passed.

    Args:
        start_edge: ascending; start_s: when one is on the street there.
        seconds: to each point; changed in place.
    """
    for p in range(point_edge.size):
        e = point_edge[p]
        if e < 0:
            continue
        for i in range(np.searchsorted(start_edge, e), start_edge.size):
            if start_edge[i] != e:
                break
            gap = point_share[p] - start_share[i]
            then = start_s[i] + off_s[p] + (gap * edge_s[e, 0] if gap >= 0 else -gap * edge_s[e, 1])
            seconds[p] = min(seconds[p], then)


@njit(cache=True, nogil=True)
def spread_each(  # type: ignore[no-untyped-def]
    step_start, step_to, step_s, seed_state, seed_s, seed_start, sink_of_start, sink_of, sink_s, off_s,
    owner, owners, point_edge, point_share, edge_s, bound_s,
):  # fmt: skip
    """Times from each point to all others within the bound, as CSR by the owner of the points.

    Args:
        seed_state, seed_s, seed_start: seeds of point p are at `seed_start[p]:seed_start[p + 1]`.
        sink_of_start, sink_of, sink_s: by state, the points that can be reached from it and what is added.
        owner, owners: whose point it is (a station may have several), and how many owners there are.
        point_edge, point_share, edge_s: for points of one edge: which, how far along, and seconds along and against.

    Returns:
        start (owners + 1), to (owner), seconds; sorted by owner.
    """
    states = step_start.size - 1
    points = owner.size
    time = np.full(states, np.inf)
    touched = np.empty(states, np.int32)
    best = np.full(owners, np.inf)
    found = np.empty(owners, np.int32)
    start = np.zeros(owners + 1, np.int64)
    to = np.empty(1024, np.int32)
    seconds = np.empty(1024)
    keys = np.empty(step_to.size + seed_state.size)
    items = np.empty(keys.size, np.int32)
    by_edge = np.argsort(point_edge)
    sorted_edge = point_edge[by_edge]
    total = 0
    p = 0
    order = np.argsort(owner, kind="mergesort")
    for a in range(owners):
        count = 0
        while p < points and owner[order[p]] == a:
            q = order[p]
            p += 1
            if point_edge[q] < 0:
                continue
            size = 0
            n = 0
            for k in range(seed_start[q], seed_start[q + 1]):
                s = seed_state[k]
                t = seed_s[k] + off_s[q]
                if t < time[s] and t <= bound_s:
                    if time[s] == np.inf:
                        touched[n] = s
                        n += 1
                    time[s] = t
                    size = push(keys, items, size, t, s)
            while size > 0:
                key = keys[0]
                s = items[0]
                size = sift(keys, items, size)
                if key > time[s]:
                    continue
                for j in range(sink_of_start[s], sink_of_start[s + 1]):
                    r = sink_of[j]
                    b = owner[r]
                    then = key + sink_s[j] + off_s[r]
                    if then <= bound_s and then < best[b]:
                        if best[b] == np.inf:
                            found[count] = b
                            count += 1
                        best[b] = then
                for j in range(step_start[s], step_start[s + 1]):
                    t2 = step_to[j]
                    then = key + step_s[j]
                    if then < time[t2] and then <= bound_s:
                        if time[t2] == np.inf:
                            touched[n] = t2
                            n += 1
                        time[t2] = then
                        size = push(keys, items, size, then, t2)
            for i in range(n):
                time[touched[i]] = np.inf
            # along the same edge, without passing one of its ends
            e = point_edge[q]
            for i in range(np.searchsorted(sorted_edge, e), points):
                r = by_edge[i]
                if point_edge[r] != e:
                    break
                gap = point_share[r] - point_share[q]
                then = (gap * edge_s[e, 0] if gap >= 0 else -gap * edge_s[e, 1]) + off_s[q] + off_s[r]
                b = owner[r]
                if then <= bound_s and then < best[b]:
                    if best[b] == np.inf:
                        found[count] = b
                        count += 1
                    best[b] = then
        listed = np.sort(found[:count])
        while total + count > to.size:
            to = np.concatenate((to, np.empty(to.size, np.int32)))
            seconds = np.concatenate((seconds, np.empty(seconds.size)))
        for i in range(count):
            b = listed[i]
            if b != a:
                to[total] = b
                seconds[total] = best[b]
                total += 1
            best[b] = np.inf
        start[a + 1] = total
    return start, to[:total], seconds[:total]


@njit(cache=True, nogil=True)
def parts(start, to):  # type: ignore[no-untyped-def]
    """Label of the strongly connected part of each state (Tarjan 1972, without recursion)."""
    n = start.size - 1
    label = np.full(n, -1, np.int32)
    order = np.full(n, -1, np.int32)
    low = np.zeros(n, np.int32)
    at = start[:-1].copy()
    path = np.empty(n, np.int32)  # states whose steps are being followed
    open_ = np.empty(n, np.int32)  # states whose part is not known yet
    waiting = 0
    count = 0
    found = 0
    for first in range(n):
        if order[first] >= 0:
            continue
        depth = 1
        path[0] = first
        order[first] = low[first] = count
        count += 1
        open_[waiting] = first
        waiting += 1
        while depth > 0:
            s = path[depth - 1]
            if at[s] < start[s + 1]:
                t = to[at[s]]
                at[s] += 1
                if order[t] < 0:
                    order[t] = low[t] = count
                    count += 1
                    open_[waiting] = t
                    waiting += 1
                    path[depth] = t
                    depth += 1
                elif label[t] < 0:
                    low[s] = min(low[s], order[t])
                continue
            depth -= 1
            if depth > 0:
                low[path[depth - 1]] = min(low[path[depth - 1]], low[s])
            if low[s] == order[s]:
                while True:
                    waiting -= 1
                    t = open_[waiting]
                    label[t] = found
                    if t == s:
                        break
                found += 1
    return label


@njit(cache=True, nogil=True)
def turns(arc_from, arc_to, arc_s, node_block, out_start, out_arc, ban_key):  # type: ignore[no-untyped-def]
    """Steps from arc to arc: every turn that is not forbidden; back the same way only where nothing else leads on."""
    n = arc_from.size
    start = np.zeros(n + 1, np.int32)
    to = np.empty(0, np.int32)
    for turn in range(2):
        total = 0
        for a in range(n):
            if arc_s[a] < np.inf:
                onward = 0
                # before a barrier one can only turn back
                last = out_start[arc_to[a]] if node_block[arc_to[a]] else out_start[arc_to[a] + 1]
                for k in range(out_start[arc_to[a]], last):
                    b = out_arc[k]
                    if arc_s[b] == np.inf or b == (a ^ 1):
                        continue
                    onward += 1
                    at = np.searchsorted(ban_key, a * np.int64(n) + b)
                    if at < ban_key.size and ban_key[at] == a * np.int64(n) + b:
                        continue
                    if turn:
                        to[total] = b
                    total += 1
                if onward == 0 and arc_s[a ^ 1] < np.inf:
                    if turn:
                        to[total] = a ^ 1
                    total += 1
            start[a + 1] = total
        if turn == 0:
            to = np.empty(total, np.int32)
    return start, to
