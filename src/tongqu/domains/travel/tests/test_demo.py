"""The demo's public transport is a feed as any other: without an error, with lines that can be travelled."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tongqu.domains.travel.content import Content
from tongqu.domains.travel.courses import Agency, feed_of
from tongqu.domains.travel.demo import lines
from tongqu.engines.arrivals import Operation, plan_of_feed
from tongqu.engines.journeys import Catalogue
from tongqu.kit.time import CHINA
from tongqu.kit.world import drive
from tongqu.kit.world.values import World
from tongqu.protocols import gtfs

pytestmark = pytest.mark.xdist_group("travel-demo")

AGENCY, VALID = Agency("澜江公共交通", "http://127.0.0.1/"), (date(2026, 11, 1), date(2027, 10, 31))


@pytest.fixture(scope="module")
def province() -> World:
    from tongqu.kit.world import world

    return world.make(seed=7, scale=0.05)


def test_buses_metro_and_coaches_are_a_feed_without_errors(province: World) -> None:
    stations, metro = lines.metro_line(province)
    made = feed_of(AGENCY, [*lines.bus_lines(province), *metro, *lines.coach_lines(province)], VALID, stations)
    plan = gtfs.schedule(gtfs.read(made))
    found = (*plan.feed.notices, *plan.notices, *gtfs.validate(plan.feed, VALID[0]))
    assert not [notice for notice in found if notice.severity == "error"]
    figures = Content.of(plan).figures()
    assert figures["modes"]["metro"] == 1 and figures["modes"]["bus"] == len(province.lines)
    assert figures["modes"]["coach"] > 10 and figures["stations"] == len(stations) > 10
    for trip in range(len(plan.trips)):
        times = plan.call_departure_s[plan.calls(trip)]
        assert (np.diff(times) > 0).all()


def test_the_same_province_has_the_same_timetable(province: World) -> None:
    first, second = (feed_of(AGENCY, list(lines.bus_lines(province)), VALID) for _ in range(2))
    assert first == second


def test_buses_of_the_demo_are_matched_to_trips_of_their_line(province: World, tmp_path: Path) -> None:
    """They keep no timetable; each runs the nearest departure of its line that is free, and arrivals are forecast."""
    (tmp_path / "bus.zip").write_bytes(feed_of(AGENCY, list(lines.bus_lines(province)), VALID))
    found = plan_of_feed(Catalogue.read([tmp_path / "bus.zip"]), 0, [VALID[0]])
    assert found is not None
    plan, _, names = found
    begin = datetime(VALID[0].year, VALID[0].month, VALID[0].day, 8, tzinfo=CHINA)
    state = drive.start(province, 7, round(begin.timestamp() * 1000))
    buses = np.array([k for k, one in enumerate(province.fleet.vehicles) if one.category == "city_bus"])
    operation, right, matched = Operation(plan), 0, 0
    for step in range(1, 361):
        at_ms = round((begin + timedelta(seconds=10 * step)).timestamp() * 1000)
        fixes = drive.advance(state, at_ms)
        operation.take(buses, np.full(len(buses), at_ms), fixes.lon[buses], fixes.lat[buses])
        now = operation.matched()
        for vehicle, run in zip(now.vehicle.tolist(), now.run.tolist(), strict=True):
            line = names[int(plan.line[plan.run_pattern[run]])]
            right += line == f"bus-{int(state.cars.line[vehicle])}"
            matched += 1
    driving = drive.fixes(state).driving[buses].sum()
    assert right / matched > 0.9
    assert len(operation.matched()) >= 0.5 * driving
    told = operation.forecasts()
    assert len(told.call) and (told.arrival_ms >= operation.now_ms).all()
    assert {one.horizon_min for one in operation.accuracy.errors()} >= {2, 5, 10}
