"""Traffic: on the roads, at sane speeds, by the hour, and the same for a seed."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from tongqu.kit.geometry import lines
from tongqu.kit.world import drive
from tongqu.kit.world.carriers import CATEGORIES
from tongqu.kit.world.values import RoadClass, World

pytestmark = pytest.mark.xdist_group("world")

NINE = 1_760_490_000_000  # 2025-10-15 09:00 in Asia/Shanghai
HOUR = 3_600_000
PER_DEGREE = (98_200.0, 110_830.0)


@pytest.fixture(scope="module")
def roads(province: World) -> lines.Lines:
    net = province.network
    return lines.pack([net.line(e) for e in range(net.edges)], cell=200.0, scale=PER_DEGREE)


def test_an_hour_on_the_roads_at_sane_speeds(province: World, roads: lines.Lines) -> None:
    net = province.network
    state = drive.start(province, 7, NINE)
    before = drive.fixes(state)
    first = before
    honest = np.array([not v.speeds for v in province.fleet.vehicles])
    hazardous = np.array([v.category == "dangerous_goods" for v in province.fleet.vehicles])
    top = np.array([v.top_speed_kmh for v in province.fleet.vehicles])
    for second in range(1, 3_601):
        now = drive.advance(state, NINE + 1_000 * second)
        assert np.all(now.speed_kmh[honest] <= now.limit_kmh[honest] * 1.05)
        assert np.all(now.speed_kmh[honest] <= top[honest] * 1.001)
        moved = np.hypot((now.lon - before.lon) * PER_DEGREE[0], (now.lat - before.lat) * PER_DEGREE[1])
        assert moved.max() < 45  # 160 km/h: nobody jumps
        gone = (now.mileage_km - before.mileage_km) * 1000
        assert gone.min() >= -1e-3
        assert np.all(moved <= gone + 7.0)  # a turn from the right side of one road to that of the next
        if second % 300 == 0:
            feet = lines.nearest(roads, now.lon, now.lat, reach=50.0)
            assert feet.distance.max() < 4.0
            assert np.all(now.edge < net.edges)
            motorway = now.road_class == RoadClass.EXPRESSWAY
            assert np.all(now.speed_kmh[hazardous] <= np.where(motorway, 80, 60)[hazardous] + 0.5)
        before = now
    driven = before.mileage_km - first.mileage_km
    assert (driven > 1).mean() > 0.5
    busy = driven[before.driving & first.driving]
    assert 8 < np.median(busy) < 80
    assert before.driving.mean() > 0.4
    for code in CATEGORIES:
        mine = np.array([v.category == code for v in province.fleet.vehicles])
        assert driven[mine].max() > 5, code


def test_what_is_compiled_ahead_is_what_a_world_runs(province: World) -> None:
    state = drive.start(province, 7, NINE)
    for arrays in (state.streets, state.cars):
        assert numba.typeof(arrays) == numba.typeof(drive.specimen(type(arrays)))


def test_headings_follow_the_movement(province: World) -> None:
    state = drive.start(province, 7, NINE)
    a = drive.advance(state, NINE + 60_000)
    b = drive.advance(state, NINE + 61_000)
    straight = (a.edge == b.edge) & (b.speed_kmh > 30)
    course = np.degrees(np.arctan2((b.lon - a.lon) * PER_DEGREE[0], (b.lat - a.lat) * PER_DEGREE[1])) % 360
    off = np.abs((b.heading_deg - course + 180) % 360 - 180)[straight]
    assert straight.sum() > 200
    assert np.quantile(off, 0.95) < 12
    assert b.heading_deg.min() >= 0
    assert b.heading_deg.max() < 360


def test_nights_are_quiet(province: World) -> None:
    day = drive.fixes(drive.start(province, 7, NINE))
    night = drive.fixes(drive.start(province, 7, NINE - 6 * HOUR))
    assert night.driving.sum() < 0.5 * day.driving.sum()
    buses = np.array([v.category == "city_bus" for v in province.fleet.vehicles])
    assert night.driving[buses].mean() < 0.2 < 0.6 < day.driving[buses].mean()


def test_traffic_settles_at_the_level_of_the_hour(province: World) -> None:
    """Started at three in the night, the morning comes."""
    state = drive.start(province, 7, NINE - 6 * HOUR)
    night = drive.fixes(state).driving.mean()
    morning = drive.advance(state, NINE - 2 * HOUR).driving.mean()
    assert morning > 1.5 * night


def test_the_same_seed_drives_the_same_way_whatever_the_rhythm_of_asking(province: World) -> None:
    one, two = drive.start(province, 7, NINE), drive.start(province, 7, NINE)
    for second in range(1, 121):
        a = drive.advance(one, NINE + 1_000 * second)
    b = drive.advance(two, NINE + 120_000)
    for left, right in zip(a, b, strict=True):
        assert np.array_equal(left, right)
    other = drive.advance(drive.start(province, 8, NINE), NINE + 120_000)
    assert not np.array_equal(other.lon, b.lon)


def test_a_fix_is_the_callers_to_keep(province: World) -> None:
    state = drive.start(province, 7, NINE)
    kept = drive.advance(state, NINE + 1_000)
    copy = [column.copy() for column in kept]
    drive.advance(state, NINE + 30_000)
    for left, right in zip(kept, copy, strict=True):
        assert np.array_equal(left, right)


def test_time_runs_forward(province: World) -> None:
    state = drive.start(province, 7, NINE)
    with pytest.raises(ValueError, match="forward"):
        drive.advance(state, NINE - 1)


def test_buses_stop_where_their_line_stops(province: World) -> None:
    state = drive.start(province, 7, NINE)
    buses = np.flatnonzero([v.category == "city_bus" for v in province.fleet.vehicles])
    lines_of = state.cars.line[buses]
    assert (lines_of >= 0).all()
    stops = {line.id: set(line.edges[line.stops].tolist()) for line in province.lines}
    stood = 0
    for second in range(1, 400):
        now = drive.advance(state, NINE + 1_000 * second)
        for k, line in zip(buses[::5], lines_of[::5], strict=True):
            if state.cars.mode[k] == 2:
                stood += 1
                assert int(now.edge[k]) in stops[int(line)]
                assert now.speed_kmh[k] == 0
    assert stood > 100


def test_lights_hold_some_and_let_them_go(province: World) -> None:
    state = drive.start(province, 7, NINE)
    net = province.network
    held = np.zeros(len(province.fleet.vehicles))
    for second in range(1, 200):
        now = drive.advance(state, NINE + 1_000 * second)
        waiting = now.driving & (now.speed_kmh < 0.5) & net.node_signal[net.edge_to[now.edge]]
        held = np.where(waiting, held + 1, 0)
        assert held.max() < 130
        if second == 100:
            assert waiting.sum() > 5


def test_long_journeys_rest_at_service_areas(province: World) -> None:
    state = drive.start(province, 7, NINE)
    net = province.network
    service = np.zeros(net.edges, bool)
    motorway = np.zeros(net.nodes, bool)
    motorway[net.edge_from[net.edge_class == RoadClass.EXPRESSWAY]] = True
    service[(net.edge_class == RoadClass.ACCESS) & motorway[net.edge_from]] = True
    rested = np.zeros(len(province.fleet.vehicles), bool)
    for minute in range(1, 91):
        now = drive.advance(state, NINE + 60_000 * minute)
        rested |= service[now.edge] & (now.speed_kmh == 0)
    assert rested.sum() >= 5
