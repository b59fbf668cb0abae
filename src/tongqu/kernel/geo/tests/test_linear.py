"""Linear referencing: stakes count by calibration, over broken chains, and lead back to the same point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from tongqu.kernel.geo import linear
from tongqu.kernel.geo.calibration import Mark, check_marks, plain, spans
from tongqu.kit.errors import Invalid
from tongqu.kit.geometry import geolines

GEOD = Geod(ellps="GRS80")


def road(seed: int = 1, lon: float = 120.0, lat: float = 27.5, points: int = 800) -> np.ndarray:
    """A winding road of some 20 km that never comes near itself."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 0.2, points)
    return np.column_stack((lon + x, lat + 0.01 * np.sin(x * 40 + seed) + rng.normal(0, 2e-6, points)))


def length_of(points: np.ndarray) -> float:
    return float(geolines.lengths_m(points[:, 0], points[:, 1])[-1])


def line(points: np.ndarray, *marks: Mark, direction: str = "both", part: int = 0, route: int = 1) -> linear.Line:
    held, _ = check_marks(marks, length_of(points))
    return linear.Line(10 * route + part, route, direction, "", part, points, tuple(held))  # type: ignore[arg-type]


def index(*lines: linear.Line) -> linear.StakeIndex:
    made = linear.build(lines)
    assert made is not None
    return made


TWO_CHAINS = (plain(0, 1_000), Mark(5_000, 6_050, 5_800), Mark(12_000, 12_900, 13_300), plain(18_000, 19_310))
"""A long chain of 250 m, a short one of 400 m, and stretches that are a little longer or shorter than stakes say."""


def test_chainage_is_calibrated_not_measured() -> None:
    """Between two marks stakes rise evenly, however long the line is; beyond them metre by metre."""
    points = road()
    made = index(line(points, plain(1_000, 20_000), plain(3_000, 22_100)))
    stakes, _ = made.stakes_at(0, [0, 1_000, 2_000, 3_000, 3_500])
    assert stakes == pytest.approx([19_000, 20_000, 21_050, 22_100, 22_600])


def test_a_stake_of_a_long_chain_has_two_answers_and_one_of_a_short_chain_none() -> None:
    made = index(line(road(), *TWO_CHAINS))
    twice = made.answers(0, 5_900.0)
    assert [answer.branch for answer in twice] == [1, 2]
    assert [answer.along_m for answer in twice] == pytest.approx([5_000 * 4_900 / 5_050, 5_000 + 100 * 7_000 / 7_100])
    assert made.answers(0, 13_100.0) == []
    assert len(made.answers(0, 9_000.0)) == 1
    assert made.answers(0, 999.0) == [] and made.answers(0, 99_000.0) == []


def test_the_ends_of_a_chain_belong_to_it() -> None:
    made = index(line(road(), *TWO_CHAINS))
    assert [a.along_m for a in made.answers(0, 12_900.0)] == pytest.approx([12_000.0])
    assert [a.along_m for a in made.answers(0, 13_300.0)] == pytest.approx([12_000.0])
    assert len(made.answers(0, 6_050.0)) == len(made.answers(0, 5_800.0)) == 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_000_000))
def test_point_to_stake_and_back_is_the_same_place(seed: int) -> None:
    """On a route with two broken chains, 250 points an example, 10,000 in all: within 0.5 m (and far below)."""
    rng = np.random.default_rng(seed)
    long_m, short_m = rng.uniform(20, 900, 2)
    stretch = rng.uniform(0.97, 1.03, 3)
    first, second = rng.uniform(3_000, 8_000), rng.uniform(11_000, 16_000)
    back = 500 + first * stretch[0]
    ahead = back - long_m
    arrives = ahead + (second - first) * stretch[1]
    goes_on = arrives + short_m
    points = road(seed % 7)
    end = length_of(points)
    marks = (plain(0, 500), Mark(first, back, ahead), Mark(second, arrives, goes_on),
             plain(end, goes_on + (end - second) * stretch[2]))  # fmt: skip
    made = index(line(points, *marks))
    along = rng.uniform(0, end, 250)
    lon, lat = np.transpose([made.lines.at(0, value) for value in along])
    found = made.locate(lon, lat)
    x, y, answers = made.points(found.track, found.stake_m, found.branch)
    _, _, apart = GEOD.inv(lon, lat, x, y)
    assert apart.max() < 0.5 and apart.max() < 1e-3
    overlap = (found.stake_m >= ahead) & (found.stake_m <= back)
    assert (answers == np.where(overlap, 2, 1)).all()
    assert (found.branch == np.where(overlap, np.where(along < first, 1, 2), 0)).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50))
def test_beside_the_road_the_distance_has_its_side(seed: int, aside_m: float) -> None:
    """Points set off to the right of rising stakes by so many metres say so, and lie at the same stake."""
    straight = np.column_stack((np.linspace(120, 120.1, 11), np.full(11, 27.5)))
    made = index(line(straight, plain(0, 0)))
    along = np.random.default_rng(seed).uniform(100, 9_000)
    lon, lat = made.lines.at(0, along)
    x, y, _ = GEOD.fwd(lon, lat, 180.0, aside_m)
    found = made.locate([x], [y])
    assert found.offset_m[0] == pytest.approx(aside_m, abs=0.01)
    assert found.stake_m[0] == pytest.approx(along, abs=0.1)


def test_carriageways_answer_each_for_itself() -> None:
    points = road()
    other = points + np.array((0.0, 0.0003))
    made = index(line(points, plain(0, 0), direction="up"), line(other, plain(0, 0), direction="down", part=1))
    places = made.near(*made.lines.at(1, 7_000.0), reach_m=60.0)
    assert [made.tracks[track][1] for track in places.track] == ["up", "down"]


def test_an_interrupted_route_goes_on_in_its_second_part() -> None:
    """Two parts of one track: stakes between them have no place, those of each part have one."""
    first, second = road(), road(2, lon=120.4)
    end = length_of(first)
    made = index(line(first, plain(0, 0)), line(second, plain(0, end + 5_000), part=1))
    assert [len(made.answers(0, stake)) for stake in (end - 1, end + 2_000, end + 6_000)] == [1, 0, 1]


def test_lines_without_marks_have_no_stakes() -> None:
    assert linear.build([linear.Line(1, 1, "both", "", 0, road(), ())]) is None


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ((plain(0, 1_000), plain(1_000, 900)), "geo.stake_decreasing"),
        ((plain(0, 1_000), plain(1_000, 1_000)), "geo.stake_decreasing"),
        ((plain(0, 1_000), plain(0.001, 1_100)), "geo.mark_twice"),
        ((plain(90_000, 1_000),), "geo.mark_off_line"),
        ((plain(0, -5.0),), "geo.stake_negative"),
        ((plain(5_000, 100.0),), "geo.stake_negative"),
    ],
)
def test_contradictions_are_refused(marks: tuple[Mark, ...], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_marks(marks, 20_000.0)
    assert refused.value.code == "geo.bad_calibration"
    assert code in {problem.code for problem in refused.value.problems}


def test_gaps_and_overlaps_that_nobody_declared_are_flagged() -> None:
    _, odd = check_marks((plain(0, 0), plain(1_000, 1_500), plain(2_000, 2_100), plain(3_000, 3_120)), 3_000.0)
    assert [(problem.code, problem.params["by_m"]) for problem in odd] == [
        ("geo.stake_gap", 500.0),
        ("geo.stake_overlap", 400.0),
    ]
    assert check_marks(TWO_CHAINS, 20_000.0)[1] == []


def test_no_stake_comes_before_the_first() -> None:
    """K0 a few metres into the line stands at its start; a later mark leaves the way before it to rise from K0."""
    held, _ = check_marks((plain(7.0, 0.0), plain(1_000.0, 1_000.0)), 2_000.0)
    first = spans(held, 2_000.0)[0]
    assert (first.from_m, first.from_stake_m) == (0.0, 0.0)
    held, _ = check_marks((plain(1_020.0, 1_000.0),), 2_000.0)
    assert spans(held, 2_000.0)[0].from_stake_m == 0.0


def test_spans_cover_the_line_from_end_to_end() -> None:
    parts = spans(TWO_CHAINS, 20_000.0)
    assert [part.from_m for part in parts] == [0, 5_000, 12_000, 18_000]
    assert parts[-1].to_m == 20_000 and [part.reach for part in parts] == [0, 1, 2, 2]


def test_a_broken_chain_at_an_end_breaks_nothing() -> None:
    parts = spans((Mark(0, 700, 0), plain(1_000, 1_000), Mark(2_000, 2_000, 5_000)), 2_000.0)
    assert [part.reach for part in parts] == [0, 0]
    assert parts[0].from_stake_m == 0 and parts[-1].to_stake_m == 2_000
