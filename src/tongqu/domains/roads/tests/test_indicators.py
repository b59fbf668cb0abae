"""Each figure of traffic equals what plain Python makes of the exported positions."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean

import pytest
import shapely

from tongqu.domains.roads import store
from tongqu.domains.roads.indicators import CONGESTED, INDICATORS, PROJECTIONS
from tongqu.domains.roads.module import MODULE as ROADS
from tongqu.kernel import geo
from tongqu.kernel.geo import NewLine, check, plain
from tongqu.kernel.geo.module import MODULE as GEO
from tongqu.kernel.indicators import Window
from tongqu.kernel.indicators.findings import problem_of
from tongqu.kernel.indicators.service import Asked, described
from tongqu.kernel.indicators.tests.observatory import Observatory
from tongqu.kernel.module import Module
from tongqu.kernel.rulebooks import value_of
from tongqu.kernel.store import migrate
from tongqu.kernel.telemetry.tests.house import NOON, TERMINAL, VEHICLE
from tongqu.kernel.telemetry.tests.toy import TOY
from tongqu.kit import text
from tongqu.kit.time import HOUR_MS

MINUTE = 60_000
HOUR, NEXT = Window("hour", NOON, NOON + HOUR_MS), Window("hour", NOON + HOUR_MS, NOON + 2 * HOUR_MS)
SPEED, CONGESTION = INDICATORS
SUSPICIOUS = 1 | 2 | 4 | 8 | 16 | 32
WEST, EAST = 118.0, 118.4
LAT = {"X101 (990303)": 30.5, "X102 (990303)": 30.6, "X101 (990101)": 30.7}
LIMIT = {30.5: 60.0, 30.6: 80.0}


def line(lat):
    return check(shapely.LineString([(EAST, lat), (WEST, lat)]))


def link(source, lat, limit):
    return {
        "source": source, "origin": f"w{lat}", "road_class": "county", "number": None, "name": None, "oneway": False,
        "limit_kmh": limit, "limit_back_kmh": None, "lanes": None, "bridge": False, "tunnel": False, "toll": False,
        "length_m": 1.0, **line(lat).as_columns(),
    }  # fmt: skip


def add_network(house):
    """Three straight roads, two of one number; limits are posted on two of them."""
    with house.work() as work:
        for name, lat in LAT.items():
            number, _, region = name.partition(" ")
            route = geo.add_route(work, number, region.strip("()"), "试线", road_class="county", source="test")
            geo.put_lines(work, route.id, [NewLine(line(lat), marks=(plain(0, 0),))])
        row = {"name": "net", "kind": "test", "region": None, "digest": "", "made_ms": None, "taken_ms": 0,
               "active": True, "links": 2, "routes": 3}  # fmt: skip
        source = store.add_source(work, row)
        store.add_links(work, [link(source, lat, limit) for lat, limit in LIMIT.items()])


@pytest.fixture
def observatory(tmp_path):
    """Two hours of vehicles on three roads, beside them, held up, unlocated, and of two carriers."""
    text.register("roads", ROADS.package)
    toys = Module("toys", "tongqu.kernel.telemetry.tests", "platform", streams=(TOY,), kinds=(VEHICLE, TERMINAL),
                  projections=PROJECTIONS, indicators=INDICATORS)  # fmt: skip
    made = Observatory(tmp_path, toys)
    house = made.house
    migrate(house.store, [GEO.room, ROADS.room])
    add_network(house)
    house.clock.advance(2 * HOUR_MS)
    fast = house.pair("fast", region="990101", organisation="ORG1")[1]
    slow = house.pair("slow", region="990101", organisation="ORG2")[1]
    both = house.pair("both", region="990202", organisation="ORG2")[1]
    beside = house.pair("beside", region="990202", organisation="ORG1")[1]
    for i in range(110):
        at, lon = NOON + i * MINUTE, WEST + 0.003 * (i + 1)
        house.fix(fast.key, (at, lon, 30.5, 12, 90, 0, 2, 1.0, 50 + i % 9))
        house.fix(slow.key, (at, lon, 30.5 + 0.0001, 12, 90, 0, 0 if i % 11 == 3 else 2, 1.0, 8 + i % 40))
        lat = 30.6 if i % 7 < 4 else 30.7
        house.fix(both.key, (at, EAST - 0.003 * (i + 1), lat, 12, 270, 0, 2, 1.0, 40 + i % 3 if lat < 30.65 else 70))
        house.fix(beside.key, (at, lon, 30.5 + 0.001, 12, 90, 0, 2, 1.0, 5))
    house.catch_up()
    house.clock.advance(HOUR_MS)
    house.telemetry.writer.settle_now()
    house.telemetry.keep()
    made.compute()
    yield made
    house.close()


def on_roads(observatory, window=HOUR):
    """Good exported rows by road and vehicle; on straight roads along a parallel the nearest is told by latitude."""
    found = defaultdict(list)
    for row in observatory.exported(window.from_ms, window.to_ms):
        near = [name for name, lat in LAT.items() if abs(row["lat"] - lat) * 111_195 <= 30]
        if near and not row["flags"] & SUSPICIOUS:
            found[near[0], row["label"]].append(row)
    return found


@pytest.mark.parametrize("window", [HOUR, NEXT])
def test_mean_speed_of_each_road_and_hour(observatory, window):
    found = on_roads(observatory, window)
    assert {road for road, _ in found} == set(LAT) and not any(label == "beside" for _, label in found)
    for road in LAT:
        speeds = [row["speed_kmh"] for (on, _), rows in found.items() if on == road for row in rows]
        assert observatory.figure(SPEED, window, asked=Asked(key=road)) == pytest.approx(fmean(speeds))
    every = [row["speed_kmh"] for rows in found.values() for row in rows]
    assert observatory.figure(SPEED, window) == pytest.approx(fmean(every))


@pytest.mark.parametrize("window", [HOUR, NEXT])
def test_congestion_of_each_road_with_limits_and_hour(observatory, window):
    ratio = value_of(CONGESTED, None, NOON)
    slow = {
        (road, label): fmean(row["speed_kmh"] for row in rows) < ratio * LIMIT[LAT[road]]
        for (road, label), rows in on_roads(observatory, window).items()
        if LAT[road] in LIMIT
    }
    assert set(slow.values()) == {True, False}
    for road in {road for road, _ in slow}:
        held = [value for (on, _), value in slow.items() if on == road]
        assert observatory.figure(CONGESTION, window, asked=Asked(key=road)) == pytest.approx(100 * fmean(held))
    assert observatory.figure(CONGESTION, window, asked=Asked(key="X101 (990101)")) is None
    assert {(row["road"], row["label"]): bool(row["numerator"]) for row in observatory.rows(CONGESTION, window)} == slow


def test_every_figure_is_the_sum_of_the_rows_it_opens(observatory):
    narrowed = (Asked(), Asked(region="9901"), Asked(organisation="ORG2"), Asked(key="X101 (990303)"))
    for indicator in INDICATORS:
        assert problem_of(observatory.house.platform, indicator) is None
        for asked in narrowed:
            rows = observatory.rows(indicator, HOUR, asked)
            top, bottom = (sum(row[name] for row in rows) for name in ("numerator", "denominator"))
            assert bottom > 0
            assert observatory.figure(indicator, HOUR, asked=asked) == pytest.approx(indicator.scale * top / bottom)


def test_a_changed_network_changes_the_figures(observatory):
    assert observatory.compute()["windows"] == 0
    with observatory.house.work() as work:
        (known,) = [route for route in geo.all_routes(work) if (route.number, route.region) == ("X102", "990303")]
        geo.put_lines(work, known.id, [NewLine(line(30.9), marks=(plain(0, 0),))])
    observatory.house.clock.advance(10_000)
    assert observatory.compute()["changed"] > 0
    assert observatory.figure(SPEED, HOUR, asked=Asked(key="X102 (990303)")) is None
    assert observatory.figure(SPEED, HOUR, asked=Asked(key="X101 (990303)")) is not None


def test_the_threshold_prints_its_status():
    (number,) = described(CONGESTION, NOON)["parameters"]
    assert (number["id"], number["status"]) == (CONGESTED, "unverified") and number["source"]
