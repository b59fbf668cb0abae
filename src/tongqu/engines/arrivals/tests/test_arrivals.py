"""Vehicles are matched to the trips they run, whatever the order of their fixes; forecasts keep to time and are
scored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.engines.arrivals import UNKNOWN_MS, Accuracy, Links, Operation, Plan
from tongqu.engines.arrivals.accuracy import BIN_MS, ENOUGH, HORIZONS_MIN
from tongqu.engines.arrivals.tests import town
from tongqu.engines.arrivals.tests.town import BASE_MS, PER_LAT, STOPS, drive

PLAN = town.plan()
EVERY = {vehicle: vehicle for vehicle in range(PLAN.runs)}
"""Each run has a vehicle of its own, of the same number."""


def followed(fixes: town.Fixes, plan: Plan = PLAN, lines: dict[int, int] | None = None) -> Operation:
    operation = Operation(plan)
    operation.take(*fixes.all(), lines)
    return operation


def held(operation: Operation) -> dict[int, int]:
    found = operation.matched()
    return dict(zip(found.vehicle.tolist(), found.run.tolist(), strict=True))


def truly(fixes: town.Fixes, operation: Operation) -> tuple[int, int, int]:
    """Runs that ended with their true vehicle, with another, and how many there were."""
    vehicle = operation.vehicle_of
    done = np.flatnonzero(operation.finished)
    right = sum(operation.key(int(vehicle[run])) == run for run in done)
    return right, len(done) - right, len(np.unique(fixes.vehicle))


def test_a_bus_on_schedule_has_no_delay() -> None:
    fixes = drive(PLAN, {0: 0}, until_s=400)
    operation = followed(fixes)
    told = operation.forecasts()
    assert held(operation) == {0: 0} and abs(told.delay_ms[0]) <= 1_000
    planned = PLAN.arrival_ms[PLAN.times(0)][told.call]
    assert np.abs(told.arrival_ms - planned).max() <= 5_000  # when it left is known to a few seconds
    passed = operation.arrival_ms[PLAN.times(0)][1 : told.call[0]]
    assert len(passed) >= 5 and np.abs(passed - PLAN.arrival_ms[1 : told.call[0]]).max() <= 1_000


@pytest.mark.parametrize("late_s", [-90.0, 45.0, 240.0, 280.0])
def test_late_and_early_buses_keep_their_trip_and_show_it(late_s: float) -> None:
    operation = followed(drive(PLAN, {3: 3}, {3: late_s}, until_s=1_200), lines={3: 0})
    assert held(operation) == {3: 3}
    assert operation.forecasts().delay_ms[0] / 1000 == pytest.approx(late_s, abs=2)


def test_directions_of_one_street_are_told_apart() -> None:
    operation = followed(drive(PLAN, {0: 0, 1: 1}, until_s=420))
    assert held(operation) == {0: 0, 1: 1}


def test_a_bus_that_turns_off_is_held_to_run_the_other_line() -> None:
    fixes = drive(PLAN, {2: 2}, until_s=750)
    assert held(followed(fixes)) == {2: 2}


def test_a_known_line_decides_where_the_way_cannot() -> None:
    fixes = drive(PLAN, {2: 2}, until_s=480)  # before the lines part
    assert held(followed(fixes, lines={2: 0})) == {2: 0}  # of line 0, four minutes late
    assert held(followed(fixes, lines={2: 1})) == {2: 2}


def test_a_bus_that_leaves_its_line_or_lays_over_runs_nothing() -> None:
    fixes = drive(PLAN, {0: 0}, until_s=700)
    gone = fixes.time_ms > BASE_MS + 360_000
    away = town.Fixes(fixes.vehicle, fixes.time_ms, fixes.lon, np.where(gone, fixes.lat + 400 / PER_LAT, fixes.lat))
    assert held(followed(away)) == {}
    assert held(followed(away.some(np.flatnonzero(~gone)))) == {0: 0}
    waiting = drive(PLAN, {0: 0}, {0: 1_200.0}, until_s=1_190)
    assert held(followed(waiting)) == {}


def test_a_leap_is_passed_over() -> None:
    fixes = drive(PLAN, {0: 0}, until_s=400)
    fixes.lat[20] += 0.05
    clean = followed(drive(PLAN, {0: 0}, until_s=400))
    leapt = followed(fixes)
    assert held(leapt) == {0: 0}
    assert (leapt.arrival_ms == clean.arrival_ms).mean() > 0.95


def test_no_trip_is_held_by_two_vehicles() -> None:
    first = drive(PLAN, {0: 0}, until_s=600)
    second = drive(PLAN, {0: 0}, {0: 20.0}, until_s=600)
    both = [np.concatenate(pair) for pair in zip(first.all(), second.all(), strict=True)]
    both[0][len(first.vehicle) :] = 77
    operation = followed(town.Fixes(*both))
    assert held(operation)[0] == 0 and held(operation).get(77) != 0


@pytest.mark.parametrize("noise_m", [0.0, 8.0, 15.0])
def test_with_noise_trips_are_still_the_true_ones(noise_m: float) -> None:
    random = np.random.default_rng(5)
    late = {vehicle: float(random.uniform(-30, 90)) for vehicle in EVERY}
    right = wrong = runs = 0
    for seed in range(3):
        fixes = drive(PLAN, EVERY, late, noise_m=noise_m, seed=seed)
        found = truly(fixes, followed(fixes))
        right, wrong, runs = right + found[0], wrong + found[1], runs + found[2]
    assert right >= 0.95 * runs and wrong <= 0.02 * runs


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_shuffled_doubled_and_cut_fixes_make_no_difference(data: st.DataObject) -> None:
    fixes = drive(PLAN, {0: 0, 1: 1, 2: 2, 3: 3}, noise_m=8.0, until_s=900)
    plain = followed(fixes)
    assert len(held(plain)) == 2 and plain.finished.sum() == 2
    count = len(fixes.vehicle)
    doubled = data.draw(st.lists(st.integers(0, count - 1), max_size=40))
    mixed = np.random.default_rng(data.draw(st.integers(0, 9))).permutation(
        np.r_[np.arange(count), doubled].astype(int)
    )
    order = mixed[np.argsort(fixes.time_ms[mixed], kind="stable")]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=6)))
    operation = Operation(PLAN)
    for rows in np.split(order, cuts):
        operation.take(*fixes.some(rows).all())
    other = Operation(PLAN)
    other.take(*fixes.some(mixed).all())
    single = Operation(PLAN)
    for row in order.tolist():
        single.take(*fixes.some(np.array([row])).all())
    for one in (operation, other, single):
        assert held(one) == held(plain)
        assert (one.arrival_ms == plain.arrival_ms).all() and (one.departure_ms == plain.departure_ms).all()
        assert (one.forecasts().arrival_ms == plain.forecasts().arrival_ms).all()


@settings(max_examples=15, deadline=None)
@given(st.floats(0.6, 2.5), st.floats(0, 25), st.integers(0, 3), st.integers(300, 2_000))
def test_times_never_go_back_along_a_trip(slow: float, noise_m: float, seed: int, until_s: int) -> None:
    operation = followed(drive(PLAN, EVERY, slow=slow, noise_m=noise_m, seed=seed, until_s=until_s))
    told = operation.forecasts()
    for i, run in enumerate(told.run.tolist()):
        part = slice(told.first[i], told.first[i + 1])
        times = np.column_stack((told.arrival_ms[part], told.departure_ms[part])).ravel()
        assert (np.diff(times) >= 0).all() and (times >= operation.now_ms).all()
        seen = operation.arrival_ms[PLAN.times(run)]
        seen = seen[seen != UNKNOWN_MS]
        assert (np.diff(seen) >= 0).all() and (not len(seen) or seen[-1] <= operation.now_ms + 20_000)


def test_what_earlier_buses_met_is_forecast_for_those_that_follow() -> None:
    """All buses take half as long again as planned: the forecast learns it, the baselines cannot."""
    operation = followed(drive(PLAN, EVERY, slow=1.5, noise_m=5.0))
    error = {one.horizon_min: one for one in operation.accuracy.errors()}[5]
    assert error.arrivals > 50
    assert error.forecast_s < 0.5 * error.last_delay_s < 0.5 * error.schedule_s


def test_a_link_goes_back_to_the_timetable_with_age() -> None:
    links = Links.unknown(2)
    for k in range(6):
        links.learn(0, 60.0 * k, 120.0, 60.0)
    fresh = links.z[0] + links.pace()
    assert 0.5 < fresh < 1.0 and links.z[1] == 0.0
    links.learn(1, 60.0 * 6 + 4 * 3_600.0, 60.0, 60.0)
    links.learn(0, 60.0 * 6 + 4 * 3_600.0, 60.0, 60.0)
    assert abs(links.z[0] + links.pace()) < 0.05


def test_errors_are_those_of_the_forecast_made_so_long_before() -> None:
    operation = followed(drive(PLAN, {0: 0}, until_s=130))
    told = operation.forecasts()
    accuracy = Accuracy()
    made_ms = operation.now_ms
    accuracy.made(told, made_ms)
    call = int(told.call[-1])
    at_ms = made_ms + 10 * 60_000 + 5_000
    accuracy.arrived(0, call, at_ms, at_ms - 30_000)
    (one,) = accuracy.errors()
    assert (one.horizon_min, one.arrivals, one.schedule_s) == (10, 1, 30.0)
    assert one.forecast_s == abs(at_ms - int(told.arrival_ms[-1])) / 1000
    assert one.last_delay_s == abs(at_ms - int(told.last_delay_ms[-1])) / 1000


def test_the_band_holds_eight_errors_of_ten() -> None:
    accuracy, random = Accuracy(), np.random.default_rng(3)
    row = HORIZONS_MIN.index(10)
    errors = random.normal(20_000, 60_000, 4 * ENOUGH)
    for error in errors:
        accuracy.bins[row, round(error / BIN_MS) + accuracy.bins.shape[1] // 2] += 1
    low, high = (int(one[0]) for one in accuracy.band(np.array([600_000])))
    assert low < 0 < high
    assert 0.75 <= ((errors >= low) & (errors <= high)).mean() <= 0.9


def test_a_new_day_keeps_what_was_learnt() -> None:
    first = followed(drive(PLAN, EVERY, slow=1.4))
    second = Operation(PLAN, carry=first)
    assert second.links.pace() == first.links.pace() and (second.links.z == first.links.z).all()
    assert second.accuracy.errors() == first.accuracy.errors() and not second.finished.any()
    assert len(PLAN.ends) == 3 * (STOPS - 1) - 6  # the lines share six links


def test_a_plan_with_times_that_go_back_is_refused() -> None:
    bad = town.run(0, 0.0)
    bad.arrival_ms[3] = bad.arrival_ms[2] - 1
    with pytest.raises(ValueError, match="one time after the other"):
        Plan.of([town.pattern(town.EAST, 0, list(range(STOPS)))], [bad])
