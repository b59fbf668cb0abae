"""Alarms of one happening share a key; others do not."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.alarms.grouping import STAKE_M, TIME_MS, Member, belong, incident_of

FIRST = Member("urn:tongqu:vehicle:a", "fog", 1_000_000, 120.0, 28.0, "G9901@99", 45_200.0)
OTHER = replace(FIRST, subject="urn:tongqu:vehicle:b")


def test_near_in_time_place_and_cause_is_one_incident() -> None:
    key = incident_of(FIRST, [])
    known = [replace(FIRST, incident=key)]
    near = replace(OTHER, onset_ms=FIRST.onset_ms + TIME_MS, stake_m=45_200.0 + STAKE_M)
    assert incident_of(near, known) == key
    assert incident_of(replace(near, onset_ms=near.onset_ms + 1), known) != key
    assert incident_of(replace(near, stake_m=near.stake_m + 1), known) != key
    assert incident_of(replace(near, route="X101@990101"), known) != key
    assert incident_of(replace(near, cause="speeding"), known) != key


def test_off_the_routes_distance_decides() -> None:
    here = replace(FIRST, route="")
    assert belong(here, replace(OTHER, route="", lat=28.0 + 1_900 / 111_195))
    assert not belong(here, replace(OTHER, route="", lat=28.0 + 2_100 / 111_195))


def test_one_subject_is_one_incident_wherever_it_goes() -> None:
    assert belong(FIRST, replace(FIRST, stake_m=90_000.0, lon=121.0, onset_ms=FIRST.onset_ms + 60_000))


def test_alarms_chain_and_the_earliest_gives_the_key() -> None:
    first = replace(FIRST, incident="early")
    second = replace(OTHER, stake_m=48_000.0, onset_ms=FIRST.onset_ms + 1, incident="late")
    assert incident_of(replace(OTHER, subject="c", stake_m=47_000.0), [second, first]) == "early"
    assert incident_of(replace(OTHER, subject="c", stake_m=50_500.0), [second, first]) == "late"


@given(st.permutations(range(6)))
def test_the_order_of_what_is_known_does_not_matter(order: list[int]) -> None:
    known = [replace(OTHER, subject=str(i), stake_m=45_000.0 + 900 * i, incident=f"k{i}", onset_ms=i) for i in range(6)]
    assert incident_of(replace(FIRST, onset_ms=3), [known[i] for i in order]) == "k0"
