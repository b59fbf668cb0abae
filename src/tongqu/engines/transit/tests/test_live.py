"""Real time: a search on a snapshot answers what a search on a timetable planned so would answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.engines.transit import AddedCall, CallChange, Router, Snapshot, TripChange
from tongqu.engines.transit.tests.feeds import DAY, Trip, World, worlds

TODAY = date.fromisoformat(DAY)
ends = st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(lambda pair: pair[0] != pair[1])
moves = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(("late", "cancelled", "skipped", "recovers")), st.integers(1, 40)),
    min_size=1, max_size=4, unique_by=lambda move: move[0],
)  # fmt: skip


def changed(trip: Trip, kind: str, minutes: int) -> tuple[Trip | None, TripChange]:
    """The trip as it runs then, and the message that says so."""
    change = TripChange("", TODAY)
    late = minutes * 60
    if kind == "cancelled":
        return None, replace(change, cancelled=True)
    if kind == "late":
        calls = tuple((s, a + late, d + late, p, q) for s, a, d, p, q in trip.calls)
        return replace(trip, calls=calls), replace(change, calls=(CallChange(sequence=0, departure_delay_s=late),))
    if kind == "skipped":
        at = len(trip.calls) // 2
        calls = tuple((s, a, d, p and i != at, q and i != at) for i, (s, a, d, p, q) in enumerate(trip.calls))
        return replace(trip, calls=calls), replace(change, calls=(CallChange(sequence=at, skipped=True),))
    first = trip.calls[0]
    wait = min(late, max(0, trip.calls[1][1] - first[2]))
    calls = ((first[0], first[1] + wait, first[2] + wait, *first[3:]), *trip.calls[1:])
    told = (CallChange(sequence=0, departure_delay_s=wait), CallChange(sequence=1, arrival_delay_s=0))
    return replace(trip, calls=calls), replace(change, calls=told)


@settings(max_examples=60, deadline=None)
@given(worlds(blocks=False), moves, ends, st.integers(0, 24 * 60 - 1))
def test_a_snapshot_answers_as_if_it_had_been_planned_so(world, moves, pair, minute):
    timetable = world.timetable()
    trips, changes = list(world.trips), []
    for index, kind, minutes in moves:
        if index >= len(world.trips) or 1 not in world.trips[index].days:
            continue
        trip = world.trips[index]
        other, change = changed(trip, kind, minutes)
        trips[index] = replace(trip, days=trip.days - {1})
        changes.append(replace(change, trip_id=f"t{index}"))
        if other is not None:
            trips.append(replace(other, days=frozenset({1})))
    snapshot = Snapshot.of(timetable, changes)
    assert snapshot.refused == ()
    origin, target = f"s{pair[0]}", f"s{pair[1]}"
    at = timetable.day(TODAY).base_ms + minute * 60_000
    planned = World(world.stops, tuple(trip for trip in trips if trip.days), world.walks)
    expected = Router(planned.timetable()).pareto(origin, target, at) if planned.trips else ()
    live, asked = Router(timetable, snapshot), Router(timetable)
    assert values(live.pareto(origin, target, at)) == values(expected)
    back = Router(planned.timetable()).arrive_by(origin, target, at) if planned.trips else ()
    assert values(live.arrive_by(origin, target, at)) == values(back)
    assert values(asked.pareto(origin, target, at)) == values(Router(world.timetable()).pareto(origin, target, at))


def values(answer) -> list[tuple[int, int]]:
    return sorted((one.arrival_ms, one.transfers) for one in answer)


def line(*calls: tuple[int, int], block: str = "") -> Trip:
    return Trip(tuple((stop, time, time, True, True) for stop, time in calls), frozenset({1}), block)


WORLD = World(3, (line((0, 36_000), (1, 36_600)), line((1, 36_900), (2, 37_500)), line((1, 40_000), (2, 41_000))))


def routed(*changes: TripChange, world: World = WORLD):
    timetable = world.timetable()
    snapshot = Snapshot.of(timetable, changes)
    base = timetable.day(TODAY).base_ms
    return snapshot, Router(timetable, snapshot).pareto("s0", "s2", base + 36_000_000), base


def test_a_delay_breaks_the_connection_and_the_next_one_is_taken():
    _, answer, base = routed()
    assert [(one.arrival_ms - base) // 1000 for one in answer] == [37_500]
    late = TripChange("t0", TODAY, calls=(CallChange(stop_id="s1", arrival_delay_s=400),))
    snapshot, answer, base = routed(late)
    assert [(one.arrival_ms - base) // 1000 for one in answer] == [41_000]
    assert answer[0].legs[0].live
    assert not answer[0].legs[1].live
    assert (snapshot.delayed, snapshot.cancelled, snapshot.added) == (1, 0, 0)


def test_a_cancelled_trip_is_never_offered():
    _, answer, _ = routed(TripChange("t1", TODAY, cancelled=True))
    assert [[leg.trip_id for leg in one.legs] for one in answer] == [["t0", "t2"]]
    assert not routed(TripChange("t0", TODAY, cancelled=True))[1]


def test_times_given_as_instants_count_from_the_service_day():
    _, _, base = routed()
    late = TripChange("t0", TODAY, calls=(CallChange(sequence=1, arrival_ms=base + 36_700_000),))
    _, answer, _ = routed(late)
    assert [(leg.arrival_ms - base) // 1000 for leg in answer[0].legs] == [36_700, 37_500]


def test_an_added_trip_and_a_replaced_one_are_ridden():
    _, _, base = routed()
    calls = (AddedCall("s0", 0, base + 36_100_000), AddedCall("s2", base + 36_500_000, 0))
    extra = TripChange("new", TODAY, replaced_by=calls, line_id="X", headsign="加班")
    snapshot, answer, _ = routed(extra)
    assert snapshot.added == 1
    assert [(one.transfers, one.legs[0].trip_id, one.legs[0].line_id) for one in answer] == [(0, "new", "X")]
    _, answer, _ = routed(replace(extra, trip_id="t0"))
    assert [(one.transfers, one.legs[0].trip_id) for one in answer] == [(0, "t0")]


def test_who_stays_seated_does_not_arrive_before_the_late_vehicle_does():
    world = World(3, (line((0, 36_000), (1, 36_600), block="a"), line((1, 36_600), (2, 37_200), block="a")))
    assert routed(world=world)[1][0].transfers == 0
    late = TripChange("t0", TODAY, calls=(CallChange(sequence=0, departure_delay_s=900),))
    assert not routed(late, world=world)[1]
    both = TripChange("t1", TODAY, calls=(CallChange(sequence=0, departure_delay_s=900),))
    _, answer, base = routed(late, both, world=world)
    assert [(one.transfers, (one.arrival_ms - base) // 1000) for one in answer] == [(0, 38_100)]


def test_what_makes_no_sense_is_refused_and_named_and_the_rest_holds():
    wrong = (
        TripChange("nothing", TODAY, cancelled=True),
        TripChange("t1", date(2026, 12, 24), cancelled=True),
        TripChange("t1", TODAY, calls=(CallChange(sequence=9, arrival_delay_s=60),)),
        TripChange("x", TODAY, replaced_by=(AddedCall("s0", 0, 0), AddedCall("nowhere", 0, 0))),
        TripChange("y", TODAY, replaced_by=(AddedCall("s0", 0, 0),)),
        TripChange("t2", TODAY, calls=(CallChange(sequence=1, arrival_delay_s=-9_000),)),
    )
    snapshot, answer, base = routed(*wrong, TripChange("t1", TODAY, cancelled=True))
    assert [reason for _, reason in snapshot.refused] == [
        "unknown_trip", "not_running", "unknown_call", "unknown_stop", "too_few_calls", "times_go_back",
    ]  # fmt: skip
    assert [(one.arrival_ms - base) // 1000 for one in answer] == [41_000]
