"""A thousand queries on Porto Alegre's feeds: each answer is checked, and arriving by mirrors departing at."""

from __future__ import annotations

from datetime import date

import numpy as np

from tongqu.engines.transit import CallChange, Router, Snapshot, TripChange
from tongqu.engines.transit.checker import Checker

DAY = date(2019, 5, 13)
QUERIES = 1_000


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
