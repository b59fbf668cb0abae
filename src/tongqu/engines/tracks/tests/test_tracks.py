"""Ways agree with the ellipsoid, stops with their definition taken literally, and trips fill what lies between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from tongqu.engines.tracks import find_stops, find_trips, measure, pack
from tongqu.kit.geometry.sphere import haversine_m

GEOD = Geod(ellps="WGS84")


def walk(seed: int, count: int, things: int = 3) -> tuple[np.ndarray, ...]:
    """Fixes of things that stand now and then."""
    random = np.random.default_rng(seed)
    moving = random.random(count) < 0.5
    moving = np.repeat(moving[:: max(1, count // 10)], max(1, count // 10))[:count]
    moving = np.resize(moving, count)
    lon = 118 + np.cumsum(np.where(moving, random.normal(0, 1e-3, count), random.normal(0, 1e-6, count)))
    lat = 30 + np.cumsum(np.where(moving, random.normal(0, 1e-3, count), random.normal(0, 1e-6, count)))
    time_ms = np.cumsum(random.integers(1, 120_000, count))
    return random.integers(0, things, count), time_ms, lon, lat


def test_ways_agree_with_the_ellipsoid():
    thing, time_ms, lon, lat = walk(1, 500, things=1)
    fixes = pack(thing, time_ms, lon, lat)
    ways = measure(fixes)
    azimuth, _, metres = GEOD.inv(fixes.lon[:-1], fixes.lat[:-1], fixes.lon[1:], fixes.lat[1:])
    assert np.isnan(ways.distance_m[0]) and np.isnan(ways.speed_kmh[0])
    assert ways.distance_m[1:] == pytest.approx(metres, rel=6e-3, abs=1e-3)
    long = np.array(metres) > 50
    turned = (ways.heading_deg[1:] - np.array(azimuth) + 180) % 360 - 180
    assert np.abs(turned[long]).max() < 0.5
    seconds = np.diff(fixes.time_ms) / 1000
    assert ways.speed_kmh[1:] == pytest.approx(ways.distance_m[1:] / seconds * 3.6)


def test_fixes_are_sorted_and_know_where_they_were():
    thing, time_ms, lon, lat = walk(2, 200)
    shuffled = np.random.default_rng(0).permutation(200)
    fixes = pack(thing[shuffled], time_ms[shuffled], lon[shuffled], lat[shuffled])
    assert (fixes.lon == lon[shuffled][fixes.order]).all()
    for i in range(len(fixes.thing)):
        assert (np.diff(fixes.time_ms[fixes.start[i] : fixes.start[i + 1]]) >= 0).all()


def test_two_places_at_one_time():
    ways = measure(pack([1, 1, 1], [0, 0, 0], [118, 118, 119], [30, 30, 30]))
    assert ways.speed_kmh[1:].tolist() == [0.0, np.inf]


def literal_stops(fixes, diameter_m, duration_s):
    """The definition word for word, with distances on the sphere."""
    found = []
    for thing in range(len(fixes.thing)):
        anchor, end = int(fixes.start[thing]), int(fixes.start[thing + 1])
        while anchor < end - 1:
            reached = anchor
            while reached + 1 < end and all(
                haversine_m(fixes.lon[j], fixes.lat[j], fixes.lon[reached + 1], fixes.lat[reached + 1]) <= diameter_m
                for j in range(anchor, reached + 1)
            ):
                reached += 1
            if fixes.time_ms[reached] - fixes.time_ms[anchor] >= duration_s * 1000:
                found.append((anchor, reached))
                anchor = reached + 1
            else:
                anchor += 1
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_stops_are_what_the_definition_says(seed):
    fixes = pack(*walk(seed, 120))
    stops = find_stops(fixes, diameter_m=97.0, duration_s=180)
    assert list(zip(stops.first.tolist(), stops.last.tolist(), strict=True)) == literal_stops(fixes, 97.0, 180)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_stops_and_trips_do_not_overlap_and_leave_no_long_way_out(seed):
    fixes = pack(*walk(seed, 200))
    ways = measure(fixes)
    stops = find_stops(fixes, diameter_m=50, duration_s=120)
    trips = find_trips(fixes, ways, stops, gap_s=100)
    inside = np.zeros(len(fixes), dtype=int)
    for first, last in zip(stops.first, stops.last, strict=True):
        inside[first + 1 : last + 1] += 1
    counted = np.zeros(len(fixes), dtype=int)
    for first, last, metres in zip(trips.first, trips.last, trips.length_m, strict=True):
        counted[first + 1 : last + 1] += 1
        assert metres == pytest.approx(ways.distance_m[first + 1 : last + 1].sum())
        assert np.diff(fixes.time_ms[first : last + 1]).max() <= 100_000
    way = np.isfinite(ways.distance_m)
    gap = np.nan_to_num(ways.duration_s) > 100
    moved = np.nan_to_num(ways.distance_m) > 0
    assert (inside + counted <= 1).all()
    assert (inside + counted == 1)[way & ~gap & moved].all(), "every way that is no gap is in a stop or a trip"


@pytest.mark.parametrize("wrong", [{"diameter_m": 0, "duration_s": 1}, {"diameter_m": 1, "duration_s": 0}])
def test_stops_without_size_are_refused(wrong):
    with pytest.raises(ValueError, match="above zero"):
        find_stops(pack([1], [0], [118], [30]), **wrong)


def test_nothing_gives_nothing():
    fixes = pack([], [], [], [])
    ways = measure(fixes)
    stops = find_stops(fixes, diameter_m=10, duration_s=10)
    assert len(fixes) == len(stops) == len(find_trips(fixes, ways, stops, gap_s=1)) == 0
    with pytest.raises(ValueError, match="not finite"):
        pack([1], [0], [np.nan], [30])
