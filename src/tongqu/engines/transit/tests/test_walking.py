"""Walking as a third criterion: against trying everything, and beside the search without it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.engines.transit import Router
from tongqu.engines.transit.checker import Checker
from tongqu.engines.transit.tests.feeds import DAY, beaten, faults, oracle_walking, worlds

pytestmark = pytest.mark.xdist_group("transit-walking")

ends = st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(lambda pair: pair[0] != pair[1])


@settings(max_examples=150, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 1), st.integers(0, 3), st.sampled_from((0, 60, 120)))
def test_answers_are_those_of_trying_everything(tmp_path_factory, world, pair, minute, transfers, change_s):
    router = Router(world.timetable())
    base = router.timetable.day(date.fromisoformat(DAY)).base_ms
    at = base + minute * 60_000
    answer = router.pareto(f"s{pair[0]}", f"s{pair[1]}", at, transfers, change_s, walking=True)
    assert sorted(((one.arrival_ms - base) // 1000, one.transfers, one.walk_s) for one in answer) == sorted(
        oracle_walking(world, *pair, minute * 60, transfers, change_s)
    )
    assert faults(world, answer, tmp_path_factory.mktemp("feed"), change_s) == []


@settings(max_examples=40, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 61), st.integers(1, 60))
def test_a_window_holds_what_none_of_its_departures_beats(world, pair, minute, width):
    router = Router(world.timetable())
    base = router.timetable.day(date.fromisoformat(DAY)).base_ms
    origin, target = (router.timetable.boarding_points(f"s{stop}") for stop in pair)
    assert len(origin) == len(target) == 1
    access, egress = router._ends(f"s{pair[0]}", f"s{pair[1]}")
    answer = router.search(access, egress, depart=base + minute * 60_000, window_s=width * 60, walking=True)
    of = lambda one: (-one.departure_ms, one.arrival_ms, one.transfers, one.walk_s)  # noqa: E731
    singles = set()
    for step in range(width + 1):
        at = base + (minute + step) * 60_000
        found = router.pareto(f"s{pair[0]}", f"s{pair[1]}", at, walking=True)
        singles |= {of(one) for one in found if one.departure_ms <= base + (minute + width) * 60_000}
    assert {of(one) for one in answer} >= {one for one in singles if not beaten(one, singles)}
    assert not [one for one in answer if beaten(of(one), singles)]


@settings(max_examples=60, deadline=None)
@given(worlds(), ends, st.integers(0, 24 * 60 - 1))
def test_arriving_by_gives_the_latest_departure_for_so_much_walking(world, pair, minute):
    router = Router(world.timetable())
    base = router.timetable.day(date.fromisoformat(DAY)).base_ms
    access, egress = router._ends(f"s{pair[0]}", f"s{pair[1]}")
    for one in router.pareto(f"s{pair[0]}", f"s{pair[1]}", base + minute * 60_000, walking=True):
        back = router.search(access, egress, arrive=one.arrival_ms, walking=True)
        if back.reason == "outside_dates":
            continue
        fitting = [other for other in back if other.transfers <= one.transfers and other.walk_s <= one.walk_s]
        assert fitting
        assert max(other.departure_ms for other in fitting) >= one.departure_ms


def test_porto_alegre(porto_alegre):
    """What is found with walking holds what is found without it, and saves walking for a later arrival."""
    router, checker, asked = porto_alegre
    saved = 0
    for origin, target, at in asked[:150]:
        fast, all_of = router.pareto(origin, target, at), router.pareto(origin, target, at, walking=True)
        ways = {(one.arrival_ms, one.transfers, one.walk_s) for one in all_of}
        assert len(ways) == len(all_of)
        assert not [way for way in ways if beaten(way, ways)]
        for one in fast:
            assert min(way[0] for way in ways if way[1] <= one.transfers) == one.arrival_ms
        for one in all_of:
            assert checker.check(one) == []
        saved += len(all_of) - len(fast)
    assert saved > 0


@pytest.fixture(scope="module")
def porto_alegre(feeds, timetable, asked):
    network = timetable.network
    at = {stop: index for index, stop in enumerate(network.stops)}
    checker = Checker(feeds, walk=lambda a, b: network.foot.seconds_between(at[a], at[b]))
    return Router(timetable), checker, asked
