"""Measured intervals: true lengths over broken chains, gaps and overlaps by row, overlays that lose and invent
nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.geo.intervals import Interval, Piece, gaps_and_overlaps, length_m, overlay, pieces
from tongqu.kernel.geo.linear import StakeIndex, Track
from tongqu.kernel.geo.tests.test_linear import TWO_CHAINS, index, line, road
from tongqu.kit.errors import Invalid

TRACK: Track = (1, "both", "")


@pytest.fixture(scope="module")
def chained() -> StakeIndex:
    return index(line(road(), *TWO_CHAINS))


@pytest.mark.parametrize(
    ("interval", "length"),
    [
        (Interval(2_000, 3_000, ""), 1_000),
        (Interval(5_000, 7_000, ""), 2_250),  # over the long chain: 250 m of stakes are there twice
        (Interval(12_000, 14_000, ""), 1_600),  # over the short chain: 400 m of stakes are not there
        (Interval(5_800, 6_050, "", "A", "A"), 250),
        (Interval(5_800, 6_050, "", "B", "B"), 250),
        (Interval(5_800, 6_050, ""), 500),
    ],
)
def test_the_length_between_two_stakes_is_not_their_difference(
    chained: StakeIndex, interval: Interval[str], length: float
) -> None:
    assert length_m(chained, TRACK, interval) == pytest.approx(length)


def test_rows_with_gaps_overlaps_and_no_place_are_named(chained: StakeIndex) -> None:
    rows = [Interval(1_000, 2_000, "a"), Interval(2_000, 3_000, "b"), Interval(3_100, 4_000, "c"),
            Interval(3_900, 4_500, "d"), Interval(13_000, 14_000, "e"), Interval(5_000, 4_600, "f"),
            Interval(2_500, 2_600, "g", lane=1)]  # fmt: skip
    found = [(problem.row, problem.code) for problem in gaps_and_overlaps(chained, TRACK, rows)]
    assert found == [
        (5, "geo.no_interval_end"),
        (6, "geo.bad_interval"),
        (3, "geo.interval_gap"),
        (4, "geo.interval_overlap"),
    ]


def test_an_interval_over_an_interruption_has_a_piece_of_each_part() -> None:
    made = index(
        line(road(), *TWO_CHAINS), line(road(2, lon=120.4), TWO_CHAINS[0].__class__(0, 30_000, 30_000), part=1)
    )
    assert [piece.line for piece in pieces(made, TRACK, Interval(20_000, 31_000, ""))] == [0, 1]


def test_an_unknown_track_has_no_place(chained: StakeIndex) -> None:
    with pytest.raises(Invalid):
        pieces(chained, (7, "up", ""), Interval(2_000, 3_000, ""))


STRETCHES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(0, 2)), max_size=8)


@given(STRETCHES, STRETCHES)
def test_an_overlay_holds_at_each_metre_what_both_sets_hold(first: list, second: list) -> None:
    """Compared with asking each metre of both sets, lane by lane."""
    one = [Piece(0, a, a + n, ("one", k), ("both", lane)) for k, (a, n, lane) in enumerate(first)]
    two = [Piece(0, a, a + n, ("two", k), ("both", lane)) for k, (a, n, lane) in enumerate(second)]
    joined = overlay(one, two)
    for metre in range(54):
        here = metre + 0.5
        pairs = {
            (p.value, q.value)
            for p in one for q in two
            if p.from_m < here < p.to_m and q.from_m < here < q.to_m
            and (p.where[1] == q.where[1] or 0 in (p.where[1], q.where[1]))
        }  # fmt: skip
        assert {piece.value for piece in joined if piece.from_m < here < piece.to_m} == pairs
