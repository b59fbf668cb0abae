"""The state machines of conditions, one pass over the rows of a batch each.

All are of the form `(rows, state) -> (state, transitions)`: the state array (one record per subject) is changed in
place, transitions are written to `out`, and how many is given back. Rows come by subject and time, so the result does
not depend on how the rows were cut into batches. That is what makes live and replay agree.
"""

from __future__ import annotations

import numpy as np
from numba import njit

RAISED, CLEARED, WITHDRAWN = 1, 2, 3
IDLE, PENDING, OPEN = 0, 1, 2

_PLACE = [("lon", "f8"), ("lat", "f8"), ("region", "i4")]
OUT = np.dtype([
    ("slot", "i4"), ("change", "i1"), ("onset", "i8"), ("at", "i8"), ("value", "f8"), ("limit", "f8"), *_PLACE,
    ("first", "i8"), ("latest", "i8"), ("tag", "i8"),
])  # fmt: skip
"""A transition: value is the peak, tag whatever the rule gave with the row, first and latest are log offsets."""

CONDITION = np.dtype([
    ("phase", "i1"), ("onset", "i8"), ("last", "i8"), ("off", "i8"), ("value", "f8"), ("limit", "f8"), *_PLACE,
    ("first", "i8"), ("latest", "i8"), ("tag", "i8"),
])  # fmt: skip
SILENCE = np.dtype([("phase", "i1"), ("armed", "i1"), ("onset", "i8"), ("last", "i8"), *_PLACE, ("latest", "i8")])
RING = 16
RATE = np.dtype([
    ("phase", "i1"), ("head", "i1"), ("onset", "i8"), ("last", "i8"), ("times", "i8", (RING,)), *_PLACE,
    ("first", "i8"), ("latest", "i8"),
])  # fmt: skip
WINDOW = np.dtype([
    ("phase", "i1"), ("window", "i8"), ("sum", "f8"), ("rate", "f8"), ("onset", "i8"), ("last", "i8"), *_PLACE,
    ("latest", "i8"),
])  # fmt: skip


@njit(cache=True, nogil=True)
def _say(out, n, s, change, state, at, latest):  # type: ignore[no-untyped-def]
    out[n].slot = s
    out[n].change = change
    out[n].onset = state[s].onset
    out[n].at = at
    out[n].value = state[s].value
    out[n].limit = state[s].limit
    out[n].lon = state[s].lon
    out[n].lat = state[s].lat
    out[n].region = state[s].region
    out[n].first = state[s].first
    out[n].latest = latest
    out[n].tag = state[s].tag
    return n + 1


@njit(cache=True, nogil=True)
def condition(  # type: ignore[no-untyped-def]
    slot, time, on, off, value, limit, tag, lon, lat, region, offset, state, raise_ms, clear_ms, gap_ms, out
):
    """A condition that must hold for a while to count, and must have ended for a while to be over.

    `on` begins it, `off` ends it; where neither is said (hysteresis) it stays what it is, but one that has not lasted
    long enough begins anew. After a gap longer than `gap_ms` nothing is known: an open one ends at the last row before.
    A row with another tag ends the one and begins the other.
    """
    n = 0
    for i in range(slot.size):
        s = slot[i]
        t = time[i]
        phase = state[s].phase
        if phase != IDLE and t - state[s].last > gap_ms:
            if phase == OPEN:
                end = state[s].off if state[s].off > 0 else state[s].last
                n = _say(out, n, s, CLEARED, state, end, state[s].latest)
            phase = IDLE
        if phase == OPEN and on[i] and tag[i] != state[s].tag:
            n = _say(out, n, s, CLEARED, state, t, offset[i])
            phase = IDLE
        if phase == PENDING and (not on[i] or tag[i] != state[s].tag):
            phase = IDLE
        if phase == IDLE and on[i]:
            phase = PENDING
            state[s].onset = t
            state[s].value = value[i]
            state[s].limit = limit[i]
            state[s].lon = lon[i]
            state[s].lat = lat[i]
            state[s].region = region[i]
            state[s].first = offset[i]
            state[s].tag = tag[i]
            state[s].off = 0
        if phase != IDLE and on[i] and value[i] > state[s].value:
            state[s].value = value[i]
        if phase == PENDING and t - state[s].onset >= raise_ms:
            phase = OPEN
            state[s].off = 0
            n = _say(out, n, s, RAISED, state, t, offset[i])
        elif phase == OPEN:
            if off[i]:
                if state[s].off == 0:
                    state[s].off = t
                if t - state[s].off >= clear_ms:
                    n = _say(out, n, s, CLEARED, state, state[s].off, offset[i])
                    phase = IDLE
            else:
                state[s].off = 0
        state[s].phase = phase
        state[s].last = t
        state[s].latest = offset[i]
    return n


@njit(cache=True, nogil=True)
def _silent(out, n, s, change, state, at, latest):  # type: ignore[no-untyped-def]
    out[n].slot = s
    out[n].change = change
    out[n].onset = state[s].onset
    out[n].at = at
    out[n].value = (at - state[s].last) / 1000.0
    out[n].limit = (state[s].onset - state[s].last) / 1000.0
    out[n].lon = state[s].lon
    out[n].lat = state[s].lat
    out[n].region = state[s].region
    out[n].first = state[s].latest
    out[n].latest = latest
    out[n].tag = 0
    return n + 1


@njit(cache=True, nogil=True)
def silence(slot, time, armed, lon, lat, region, offset, state, limit_ms, out):  # type: ignore[no-untyped-def]
    """No row for too long after one that says there should be some. A row that came late shows that there was none."""
    n = 0
    for i in range(slot.size):
        s = slot[i]
        t = time[i]
        gap = t - state[s].last
        if state[s].phase == OPEN:
            n = _silent(out, n, s, CLEARED if gap >= limit_ms else WITHDRAWN, state, t, offset[i])
        elif state[s].armed and gap >= limit_ms:
            state[s].onset = state[s].last + limit_ms
            n = _silent(out, n, s, RAISED, state, state[s].onset, state[s].latest)
            n = _silent(out, n, s, CLEARED, state, t, offset[i])
        state[s].phase = IDLE
        state[s].armed = armed[i]
        state[s].last = t
        state[s].lon = lon[i]
        state[s].lat = lat[i]
        state[s].region = region[i]
        state[s].latest = offset[i]
    return n


@njit(cache=True, nogil=True)
def silent_by(state, watermark_ms, limit_ms, out):  # type: ignore[no-untyped-def]
    """Subjects that have been silent for too long by the newest time of all rows."""
    n = 0
    for s in range(state.size):
        if state[s].armed and state[s].phase == IDLE and watermark_ms - state[s].last >= limit_ms:
            state[s].onset = state[s].last + limit_ms
            state[s].phase = OPEN
            n = _silent(out, n, s, RAISED, state, state[s].onset, state[s].latest)
    return n


@njit(cache=True, nogil=True)
def rate(slot, time, event, lon, lat, region, offset, state, count, window_ms, out):  # type: ignore[no-untyped-def]
    """So many events within a time; over when there was none for as long. At most `RING` events are counted."""
    n = 0
    for i in range(slot.size):
        s = slot[i]
        t = time[i]
        if state[s].phase == OPEN and t - state[s].last >= window_ms:
            n = _burst(out, n, s, CLEARED, state, state[s].last, offset[i], count)
            state[s].phase = IDLE
            for k in range(count):
                state[s].times[k] = 0
        if event[i]:
            head = state[s].head
            oldest = state[s].times[head]
            state[s].times[head] = t
            state[s].head = (head + 1) % count
            earliest = state[s].times[state[s].head]
            if state[s].phase == IDLE:
                if oldest == 0 or t - oldest > window_ms:
                    state[s].lon = lon[i]
                    state[s].lat = lat[i]
                    state[s].region = region[i]
                    state[s].first = offset[i]
                if earliest > 0 and t - earliest <= window_ms:
                    state[s].onset = earliest
                    state[s].phase = OPEN
                    n = _burst(out, n, s, RAISED, state, t, offset[i], count)
            state[s].last = t
            state[s].latest = offset[i]
    return n


@njit(cache=True, nogil=True)
def _burst(out, n, s, change, state, at, latest, count):  # type: ignore[no-untyped-def]
    out[n].slot = s
    out[n].change = change
    out[n].onset = state[s].onset
    out[n].at = at
    out[n].value = count
    out[n].limit = count
    out[n].lon = state[s].lon
    out[n].lat = state[s].lat
    out[n].region = state[s].region
    out[n].first = state[s].first
    out[n].latest = latest
    out[n].tag = 0
    return n + 1


@njit(cache=True, nogil=True)
def window(  # type: ignore[no-untyped-def]
    slot, time, amount, lon, lat, region, offset, state, limit, period_ms, phase_ms, gap_ms, out
):
    """A sum over windows of fixed length (a day): `amount` per second counts from its row to the next.

    Over when the window ends. What a row says belongs to the windows its time lies in, split at their border.
    """
    n = 0
    for i in range(slot.size):
        s = slot[i]
        t = time[i]
        begin = state[s].last
        if begin > 0 and t - begin <= gap_ms and state[s].rate > 0.0:
            at = begin
            while at < t:
                number = (at + phase_ms) // period_ms
                upto = min((number + 1) * period_ms - phase_ms, t)
                n = _turn(out, n, s, state, number, period_ms, phase_ms, offset[i])
                before = state[s].sum
                state[s].sum += (upto - at) / 1000.0 * state[s].rate
                if state[s].phase == IDLE and state[s].sum > limit:
                    state[s].onset = at + np.int64(np.floor((limit - before) / state[s].rate * 1000.0))
                    state[s].phase = OPEN
                    n = _full(out, n, s, RAISED, state, t, limit, offset[i])
                at = upto
        n = _turn(out, n, s, state, (t + phase_ms) // period_ms, period_ms, phase_ms, offset[i])
        if state[s].phase == IDLE:
            state[s].lon = lon[i]
            state[s].lat = lat[i]
            state[s].region = region[i]
        state[s].rate = amount[i]
        state[s].last = t
        state[s].latest = offset[i]
    return n


@njit(cache=True, nogil=True)
def _turn(out, n, s, state, number, period_ms, phase_ms, latest):  # type: ignore[no-untyped-def]
    """Go on to another window; what was too much in the last one is over with it."""
    if number != state[s].window:
        if state[s].phase == OPEN:
            end = (state[s].window + 1) * period_ms - phase_ms
            n = _full(out, n, s, CLEARED, state, end, 0.0, latest)
        state[s].phase = IDLE
        state[s].window = number
        state[s].sum = 0.0
    return n


@njit(cache=True, nogil=True)
def _full(out, n, s, change, state, at, limit, latest):  # type: ignore[no-untyped-def]
    out[n].slot = s
    out[n].change = change
    out[n].onset = state[s].onset
    out[n].at = at
    out[n].value = state[s].sum
    out[n].limit = limit
    out[n].lon = state[s].lon
    out[n].lat = state[s].lat
    out[n].region = state[s].region
    out[n].first = state[s].latest
    out[n].latest = latest
    out[n].tag = 0
    return n + 1
