"""The numeric loops against plain definitions of the same thing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel.telemetry import kernels
from tongqu.kernel.telemetry.rows import Flag

small = st.integers(0, 4)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(small, small, st.sampled_from([0, 1, 2**63, 2**64 - 1])), max_size=60))
def test_first_of_each_is_a_set(rows):
    table = np.array(rows, dtype=np.uint64).reshape(-1, 3)
    first = kernels.first_of_each(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2].copy())
    seen, expected = set(), []
    for row in rows:
        expected.append(row not in seen)
        seen.add(row)
    assert first.tolist() == expected


def judged(fixes, received_ms=None, status=3, mask=2, jump_kmh=350.0):
    """Flags of fixes (time_s, lon, lat) of one source, one after the other."""
    count = len(fixes)
    time_ms = np.array([1_000 * fix[0] for fix in fixes], dtype=np.int64)
    state = np.zeros(1, np.int64), np.zeros(1), np.zeros(1), np.zeros((1, 4))
    out = np.zeros(count, np.uint16)
    kernels.judge(
        np.zeros(count, np.int32),
        time_ms,
        time_ms if received_ms is None else np.array(received_ms, dtype=np.int64),
        np.array([fix[1] for fix in fixes], dtype=float),
        np.array([fix[2] for fix in fixes], dtype=float),
        np.full(count, status, np.uint32),
        np.full(count, mask, np.uint32),
        np.full(count, jump_kmh),
        *state,
        np.array([300_000.0, 86_400_000.0]),
        out,
    )
    return [Flag(int(flag)) for flag in out]


def test_a_jump_is_faster_than_350_kmh():
    # 0.001 degree of latitude are 111.2 m: in one second 400 km/h, in two 200 km/h
    assert judged([(100, 119.0, 30.0), (101, 119.0, 30.001)]) == [Flag(0), Flag.JUMP]
    assert judged([(100, 119.0, 30.0), (102, 119.0, 30.001)]) == [Flag(0), Flag(0)]


def test_what_a_jump_is_belongs_to_the_stream():
    assert judged([(100, 119.0, 30.0), (102, 119.0, 30.001)], jump_kmh=185.2) == [Flag(0), Flag.JUMP]


def test_one_outlier_is_flagged_and_the_next_fix_is_good():
    assert judged([(100, 119.0, 30.0), (101, 120.0, 31.0), (102, 119.0, 30.0001)]) == [Flag(0), Flag.JUMP, Flag(0)]


def test_a_new_place_is_believed_once_three_fixes_agree():
    ferry = [(100, 119.0, 30.0)] + [(101 + i, 121.0, 31.0 + i * 1e-5) for i in range(5)]
    assert judged(ferry) == [Flag(0), Flag.JUMP, Flag.JUMP, Flag(0), Flag(0), Flag(0)]


def test_a_late_fix_is_no_jump():
    assert judged([(1000, 119.0, 30.0), (10, 120.0, 31.0), (1001, 119.0, 30.0)]) == [Flag(0)] * 3


@pytest.mark.parametrize(
    ("lon", "lat", "flag"),
    [
        (0.0, 0.0, Flag.ZERO),
        (0.0, 30.0, Flag(0)),
        (181.0, 30.0, Flag.OUT_OF_RANGE),
        (119.0, -90.5, Flag.OUT_OF_RANGE),
        (float("nan"), 30.0, Flag.OUT_OF_RANGE),
    ],
)
def test_places_that_cannot_be(lon, lat, flag):
    assert judged([(100, lon, lat)]) == [flag]


def test_times_that_cannot_be():
    day = 86_400_000
    assert judged([(1000, 119.0, 30.0)], [1_000_000 - 300_000]) == [Flag(0)]
    assert judged([(1000, 119.0, 30.0)], [1_000_000 - 300_001]) == [Flag.FUTURE]
    assert judged([(1000, 119.0, 30.0)], [1_000_000 + day]) == [Flag(0)]
    assert judged([(1000, 119.0, 30.0)], [1_000_001 + day]) == [Flag.STALE]


def test_a_fix_that_the_receiver_does_not_claim():
    assert judged([(100, 119.0, 30.0)], status=1) == [Flag.NOT_FIXED]
    assert judged([(100, 119.0, 30.0)], status=1, mask=0) == [Flag(0)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(1, 6), st.booleans()), max_size=30))
def test_newest_is_the_last_row_with_the_greatest_time(rows):
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    current = np.array([3, 0, 9, 2], dtype=np.int64)
    best, changed = kernels.newest(table[:, 0].astype(np.int32), table[:, 1].copy(), table[:, 2] == 1, current)
    for slot in range(4):
        mine = [(time, i) for i, (s, time, ok) in enumerate(rows) if s == slot and ok and time > current[slot]]
        assert best[slot] == (max(mine)[1] if mine else -1)
        assert (slot in changed) == bool(mine)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1800, 1800), st.integers(-90, 90)), max_size=40),
    st.tuples(st.integers(-1800, 1800), st.integers(-90, 90), st.integers(-1800, 1800), st.integers(-90, 90)),
)
def test_in_box(points, box):
    lon, lat = (np.array([p[i] for p in points], dtype=np.int32) for i in (0, 1))
    west, south, east, north = box
    found = kernels.in_box(np.arange(len(points)), lon, lat, west, south, east, north).tolist()

    def inside(x, y):
        across = west <= x <= east if west <= east else not east < x < west
        return across and south <= y <= north

    assert found == [i for i, point in enumerate(points) if inside(*point)]


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 19)), st.sets(st.integers(0, 19)), st.sets(st.integers(0, 19)))
def test_difference_brings_a_client_from_what_it_has_to_what_is(view, had, changed):
    known = np.array([i in had for i in range(20)])
    changed_at = np.array([5 if i in changed else 3 for i in range(20)])
    send, gone = kernels.difference(np.array(sorted(view), dtype=np.int64), changed_at, 4, known)
    assert set(send) == {i for i in view if i in changed or i not in had}
    assert set(gone) == had - view
    assert set(np.flatnonzero(known)) == view


def test_cells_count_movers_and_alarms():
    lon, lat = np.array([0, 9, 10, 25], np.int32), np.array([0, 0, 19, 5], np.int32)
    counts, alarms = kernels.cells(np.arange(4), lon, lat, np.array([0, 2, 1, 3], np.uint8), 0, 0, 10, 2, 2)
    assert counts.tolist() == [2, 0, 0, 1] and alarms.tolist() == [1, 0, 0, 1]
