"""A thousand queries on Porto Alegre's feeds: each answer is checked, and arriving by mirrors departing at."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tongqu.engines.transit import Beeline, CallChange, Router, Snapshot, Timetable, TripChange
from tongqu.engines.transit.checker import Checker

DAY = date(2019, 5, 13)
QUERIES = 1_000


@pytest.fixture(scope="module")
def feeds(data_dir):
    return [data_dir / "travel/poa/poa_eptc.zip", data_dir / "travel/poa/poa_trensurb.zip"]


@pytest.fixture(scope="module")
def timetable(feeds):
    return Timetable.from_gtfs(feeds, dates=["2019-05-13", "2019-05-14"], streets=Beeline(reach_m=200))


@pytest.fixture(scope="module")
def asked(timetable):
    """Origin, destination, departure in ms: busy stops of both feeds, 5:00 to 23:00."""
    network, random = timetable.network, np.random.default_rng(13)
    runs = network.runs
    calls = np.bincount(runs.pattern_stop, minlength=len(network.stops))
    busy = np.flatnonzero(calls >= 2)
    names = [f"{network.feeds[network.stop_feed[stop]]}:{network.stops[stop]}" for stop in busy]
    pairs = random.choice(len(names), (QUERIES, 2))
    base = timetable.day(DAY).base_ms
    minutes = random.integers(5 * 60, 23 * 60, QUERIES).tolist()
    return [
        (names[a], names[b], base + m * 60_000) for (a, b), m in zip(pairs.tolist(), minutes, strict=True) if a != b
    ]


def checker(feeds, timetable, **how) -> Checker:
    network = timetable.network
    at = {stop: index for index, stop in enumerate(network.stops)}
    return Checker(feeds, walk=lambda a, b: network.foot.seconds_between(at[a], at[b]), **how)


def test_every_answer_passes_the_checker_and_is_mirrored_by_arriving_by(feeds, timetable, asked):
    router, check = Router(timetable), checker(feeds, timetable)
    answered = mirrored = 0
    for origin, target, at in asked:
        for one in router.pareto(origin, target, at):
            answered += 1
            assert check.check(one) == []
            back = router.arrive_by(origin, target, one.arrival_ms)
            if back.reason == "outside_dates":
                continue
            fitting = [other for other in back if other.transfers <= one.transfers]
            assert max(other.departure_ms for other in fitting) >= one.departure_ms
            for other in fitting:
                assert other.arrival_ms <= one.arrival_ms
                assert check.check(other) == []
            mirrored += 1
    assert answered > QUERIES
    assert mirrored >= 1_000


def test_a_cancelled_trip_is_never_offered_and_late_ones_are_ridden_as_they_run(feeds, timetable, asked):
    network = timetable.network
    random = np.random.default_rng(14)
    today = network.service_days[1]
    trips = [t for t in range(len(network.trips)) if today[network.runs.service[timetable.runs_of(t)[0]]]]
    chosen = random.choice(trips, 600, replace=False).tolist()
    gone = {network.trips[trip] for trip in chosen[:200]}
    changes = [TripChange(name, DAY, cancelled=True) for name in sorted(gone)]
    for trip in chosen[200:]:
        late = CallChange(sequence=int(network.call_sequence[network.runs.call_first[timetable.runs_of(trip)[0]]]),
                          departure_delay_s=60 * int(random.integers(1, 20)))  # fmt: skip
        changes.append(TripChange(network.trips[trip], DAY, calls=(late,)))
    snapshot = Snapshot.of(timetable, changes)
    assert snapshot.refused == ()
    router, planned = Router(timetable, snapshot), Router(timetable)
    late_legs = 0
    for origin, target, at in asked[:300]:
        for one in router.pareto(origin, target, at):
            for leg in one.rides:
                assert not (leg.trip_id in gone and leg.service_day == "20190513")
                late_legs += leg.live
            assert one.departure_ms >= at
    assert late_legs > 50
    assert planned.pareto(*asked[0]).itineraries == Router(timetable).pareto(*asked[0]).itineraries
