"""The demo's public transport is a feed as any other: without an error, with lines that can be travelled."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tongqu.domains.travel import demo
from tongqu.domains.travel.content import Content
from tongqu.domains.travel.courses import Agency, feed_of
from tongqu.kit.world.values import World
from tongqu.protocols import gtfs

AGENCY, VALID = Agency("澜江公共交通", "http://127.0.0.1/"), (date(2026, 11, 1), date(2027, 10, 31))


@pytest.fixture(scope="module")
def province() -> World:
    from tongqu.kit.world import world

    return world.make(seed=7, scale=0.05)


def test_buses_metro_and_coaches_are_a_feed_without_errors(province: World) -> None:
    stations, metro = demo.metro_line(province)
    made = feed_of(AGENCY, [*demo.bus_lines(province), *metro, *demo.coach_lines(province)], VALID, stations)
    plan = gtfs.schedule(gtfs.read(made))
    assert not [notice for notice in (*plan.feed.notices, *plan.notices) if notice.severity == "error"]
    figures = Content.of(plan).figures()
    assert figures["modes"]["metro"] == 1 and figures["modes"]["bus"] == len(province.lines)
    assert figures["modes"]["coach"] > 10 and figures["stations"] == len(stations) > 10
    for trip in range(len(plan.trips)):
        times = plan.call_departure_s[plan.calls(trip)]
        assert (np.diff(times) > 0).all()


def test_the_same_province_has_the_same_timetable(province: World) -> None:
    first, second = (feed_of(AGENCY, list(demo.bus_lines(province)), VALID) for _ in range(2))
    assert first == second
