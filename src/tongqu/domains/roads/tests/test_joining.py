"""Pieces of road become lines: joined end to end, told apart by carriageway, turned the way stakes rise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.domains.roads.joining import Piece, join
from tongqu.domains.roads.tests.conftest import road
from tongqu.kit.geometry import geolines


@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 398), min_size=1, max_size=12, unique=True))
def test_pieces_in_any_order_and_direction_are_the_road_again(random, cuts) -> None:  # type: ignore[no-untyped-def]
    whole = road()
    ends = [0, *sorted(cuts), 399]
    pieces = [whole[a : b + 1] for a, b in pairwise(ends)]
    pieces = [piece[::-1] if random.random() < 0.5 else piece for piece in pieces]
    random.shuffle(pieces)
    (line,) = join([Piece(piece) for piece in pieces])
    assert line.direction == "both" and np.array_equal(line.points, whole)


def test_carriageways_are_told_apart_and_both_rise_the_same_way() -> None:
    """The second carriageway is driven east, against rising stakes: it is kept in their order and called down."""
    west, east = road(), road(lat=27.5003)[::-1]
    up, down = join([Piece(east, True), Piece(west[:200], True), Piece(west[199:], True)])
    assert (up.direction, down.direction) == ("up", "down")
    assert np.array_equal(up.points, west) and np.array_equal(down.points, east[::-1])


def test_a_carriageway_that_turns_back_becomes_the_other_one() -> None:
    west = road()
    east = np.vstack((west[-1], road(lat=27.5003)[::-1]))
    assert sorted(line.direction for line in join([Piece(west, True), Piece(east, True)])) == ["down", "up"]


def test_a_ring_rises_clockwise() -> None:
    turn = np.linspace(0, 2 * np.pi, 100)
    ring = np.column_stack((120 + 0.1 * np.cos(turn), 27.5 + 0.1 * np.sin(turn)))
    (line,) = join([Piece(ring)])
    x, y = line.points[:, 0] - 120, line.points[:, 1] - 27.5
    assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) < 0


def test_at_a_fork_the_straightest_goes_on() -> None:
    main = np.array([(120.0, 27.5), (119.99, 27.5)])
    on, off = np.array([(119.99, 27.5), (119.98, 27.5)]), np.array([(119.99, 27.5), (119.989, 27.49)])
    lengths = sorted(round(line.length_m) for line in join([Piece(off), Piece(main), Piece(on)]))
    straight = geolines.lengths_m(np.array([120.0, 119.98]), np.array([27.5, 27.5]))[-1]
    assert lengths[1] == pytest.approx(straight, abs=1)


def test_no_pieces_are_no_lines() -> None:
    assert join([]) == []
