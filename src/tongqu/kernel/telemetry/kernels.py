"""Numeric loops of telemetry: binding, duplicates within a batch, judging a fix, latest value, packing live frames.

All are `nogil`: the writer and the live view run beside the web process's own thread.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ZERO, JUMP, FUTURE, STALE, NOT_FIXED, OUT_OF_RANGE = 1, 2, 4, 8, 16, 32
REFILL = 256
METERS_PER_DEGREE = 111_194.93  # of a sphere of 6 371 km
CONFIRM = 3  # so many fixes in a row that agree with each other are a new place, not a jump


@njit(cache=True, nogil=True)
def bind(source_slots, time_ms, start, subject, begin, end):  # type: ignore[no-untyped-def]
    """Slot of what each source was fitted to at each time; its own slot where nothing."""
    out = np.empty(len(source_slots), dtype=np.int32)
    for i in range(len(source_slots)):
        slot = source_slots[i]
        out[i] = slot
        if slot < 0:
            continue
        for b in range(start[slot], start[slot + 1]):
            if begin[b] <= time_ms[i] < end[b]:
                out[i] = subject[b]
                break
    return out


@njit(cache=True, nogil=True)
def _mix(source, time_ms, key):  # type: ignore[no-untyped-def]
    h = np.uint64(source) * np.uint64(0x9E3779B97F4A7C15)
    h ^= np.uint64(time_ms) + np.uint64(0xBF58476D1CE4E5B9) + (h << np.uint64(6)) + (h >> np.uint64(2))
    h ^= key
    h ^= h >> np.uint64(31)
    h *= np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True)
def first_of_each(source, time_ms, key):  # type: ignore[no-untyped-def]
    """True at the first row of each natural key (source, time, key), False at its repetitions."""
    count = len(source)
    size = 16
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, dtype=np.int64)
    mask = np.uint64(size - 1)
    first = np.ones(count, dtype=np.bool_)
    for i in range(count):
        at = _mix(source[i], time_ms[i], key[i]) & mask
        while table[at] >= 0:
            j = table[at]
            if source[j] == source[i] and time_ms[j] == time_ms[i] and key[j] == key[i]:
                first[i] = False
                break
            at = (at + np.uint64(1)) & mask
        if first[i]:
            table[at] = i
    return first


@njit(cache=True, nogil=True)
def distance_m(lon_a, lat_a, lon_b, lat_b):  # type: ignore[no-untyped-def]
    """Distance of two near points on a sphere (equirectangular), in metres."""
    east = (lon_b - lon_a) * np.cos(np.radians((lat_a + lat_b) / 2))
    return METERS_PER_DEGREE * np.sqrt(east * east + (lat_b - lat_a) ** 2)


@njit(cache=True, nogil=True)
def judge(  # type: ignore[no-untyped-def]
    slots, time_ms, received_ms, lon, lat, status, fixed_mask, jump_kmh, last_ms, last_lon, last_lat, doubt, limits, out
):
    """Set the suspicion flags of rows, in the order in which they arrived.

    Args:
        slots: slot of the source of each row.
        fixed_mask: bits of `status` that must be set, for each row.
        jump_kmh: speed above which a way is a jump, for each row.
        last_ms, last_lon, last_lat: last good fix of each source; updated.
        doubt: shape (slots, 4): time, lon, lat, count of the last jumps in a row; updated.
        limits: future in ms, stale in ms.
        out: flags; the bits are added. A refill, marked as one, is not stale.
    """
    future_ms, stale_ms = limits
    for i in range(len(slots)):
        x, y = lon[i], lat[i]
        flags = 0
        if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):  # also true for NaN
            flags |= OUT_OF_RANGE
        elif x == 0.0 and y == 0.0:
            flags |= ZERO
        if time_ms[i] > received_ms[i] + future_ms:
            flags |= FUTURE
        elif time_ms[i] < received_ms[i] - stale_ms and not out[i] & REFILL:
            flags |= STALE
        if status[i] & fixed_mask[i] != fixed_mask[i]:
            flags |= NOT_FIXED
        s = slots[i]
        if flags == 0 and s >= 0 and time_ms[i] > last_ms[s]:
            if last_ms[s] > 0 and _speed_kmh(last_ms[s], last_lon[s], last_lat[s], time_ms[i], x, y) > jump_kmh[i]:
                agrees = (
                    doubt[s, 3] > 0
                    and time_ms[i] > doubt[s, 0]
                    and _speed_kmh(doubt[s, 0], doubt[s, 1], doubt[s, 2], time_ms[i], x, y) <= jump_kmh[i]
                )
                doubt[s, 3] = doubt[s, 3] + 1 if agrees else 1
                doubt[s, 0], doubt[s, 1], doubt[s, 2] = time_ms[i], x, y
                if doubt[s, 3] < CONFIRM:
                    flags |= JUMP
            if flags == 0:
                last_ms[s], last_lon[s], last_lat[s] = time_ms[i], x, y
                doubt[s, 3] = 0
        out[i] |= flags


@njit(cache=True, nogil=True)
def _speed_kmh(from_ms, lon_a, lat_a, to_ms, lon_b, lat_b):  # type: ignore[no-untyped-def]
    """Speed between two fixes; times less than a second apart count as a second."""
    return distance_m(lon_a, lat_a, lon_b, lat_b) / max((to_ms - from_ms) / 1000.0, 1.0) * 3.6


@njit(cache=True, nogil=True)
def newest(slots, time_ms, ok, current_ms):  # type: ignore[no-untyped-def]
    """Row that becomes the latest value of each slot, -1 where the slot keeps its own; and the slots that change."""
    best = np.full(len(current_ms), -1, dtype=np.int64)
    changed = np.empty(len(slots), dtype=np.int32)
    count = 0
    for i in range(len(slots)):
        s = slots[i]
        if s < 0 or not ok[i]:
            continue
        if best[s] < 0:
            if time_ms[i] > current_ms[s]:
                best[s] = i
                changed[count] = s
                count += 1
        elif time_ms[i] >= time_ms[best[s]]:
            best[s] = i
    return best, changed[:count]


@njit(cache=True, nogil=True)
def raise_marks(slots, time_ms, marks):  # type: ignore[no-untyped-def]
    """Raise the newest time of each source."""
    for i in range(len(slots)):
        if slots[i] >= 0 and time_ms[i] > marks[slots[i]]:
            marks[slots[i]] = time_ms[i]


@njit(cache=True, nogil=True)
def in_box(members, lon_e7, lat_e7, west, south, east, north):  # type: ignore[no-untyped-def]
    """Members (indices) whose position lies in a box; one with west > east goes over the 180th meridian."""
    out = np.empty(len(members), dtype=np.int64)
    count = 0
    over = west > east
    for k in range(len(members)):
        i = members[k]
        x, y = lon_e7[i], lat_e7[i]
        if y < south or y > north:
            continue
        inside = (x >= west or x <= east) if over else (west <= x <= east)
        if inside:
            out[count] = i
            count += 1
    return out[:count]


@njit(cache=True, nogil=True)
def difference(view, changed_at, since, known):  # type: ignore[no-untyped-def]
    """What a client must be told: slots in view that changed after `since` or are new to it, and those to remove.

    `known` (what the client has) becomes the view.
    """
    send = np.empty(len(view), dtype=np.int64)
    sent = 0
    now = np.zeros(len(known), dtype=np.bool_)
    for k in range(len(view)):
        i = view[k]
        now[i] = True
        if changed_at[i] > since or not known[i]:
            send[sent] = i
            sent += 1
    gone = np.empty(len(known), dtype=np.int64)
    left = 0
    for i in range(len(known)):
        if known[i] and not now[i]:
            gone[left] = i
            left += 1
        known[i] = now[i]
    return send[:sent], gone[:left]


@njit(cache=True, nogil=True)
def cells(members, lon_e7, lat_e7, alarm_level, west, south, cell_e7, columns, rows):  # type: ignore[no-untyped-def]
    """Counts of members and of those with an alarm on a grid, each of length columns * rows, row by row from south."""
    counts = np.zeros(columns * rows, dtype=np.uint32)
    alarms = np.zeros(columns * rows, dtype=np.uint32)
    for k in range(len(members)):
        i = members[k]
        x = (np.int64(lon_e7[i]) - west) // cell_e7
        y = (np.int64(lat_e7[i]) - south) // cell_e7
        if 0 <= x < columns and 0 <= y < rows:
            counts[y * columns + x] += 1
            if alarm_level[i] > 0:
                alarms[y * columns + x] += 1
    return counts, alarms
