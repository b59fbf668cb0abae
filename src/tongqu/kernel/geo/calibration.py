"""Calibration: which stake stands where along a line. The length of a line never decides; marks do.

A mark (校核点) ties a way along the line to a stake. Where the stakes jump, it has two: the one that a traveller with
rising stakes arrives at (来向桩号) and the one that goes on from there (去向桩号). Arriving above going on is a long
broken chain (长链): the stakes between occur twice. Below is a short one (短链): the stakes between do not occur.
Between two marks stakes rise evenly; before the first and after the last they go on metre by metre. Source: JTG/T C10
(路线勘测), 断链; practice of road registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tongqu.kit.errors import Invalid, Problem

MARK_SOURCES = ("surveyed", "milestone", "estimated")
"""A surveyed mark, a kilometre stone of a map, or one taken from the length of the line, which is no measurement."""

SAME_M = 0.01
"""Marks nearer than this are at one place."""

SLACK_M, SLACK = 50.0, 0.1
"""Stakes between two marks may differ from the way between them by the larger of these (metres, part of the way)
before they
are flagged: real lines are digitised coarsely, but a broken chain that nobody declared shows so. Ours, not a
standard's."""


@dataclass(frozen=True)
class Mark:
    """A mark on a line.

    Attributes:
        along_m: way from the start of the line, which runs with rising stakes.
        back_m: stake arrived at; ahead_m: stake that goes on. Equal but at a broken chain.
        source: one of `MARK_SOURCES`.
    """

    along_m: float
    back_m: float
    ahead_m: float
    source: str = "surveyed"

    @property
    def chain(self) -> Literal["long", "short"] | None:
        """Which broken chain it is."""
        if abs(self.back_m - self.ahead_m) < SAME_M:
            return None
        return "long" if self.back_m > self.ahead_m else "short"


@dataclass(frozen=True)
class Span:
    """A part of a line along which stakes rise evenly; `reach` counts the parts between broken chains."""

    from_m: float
    to_m: float
    from_stake_m: float
    to_stake_m: float
    reach: int


@dataclass(frozen=True)
class Reach:
    """What lies between two broken chains of one line, or its ends: its stakes are without gap and without
    repetition."""

    line: int
    low_m: float
    high_m: float


def plain(along_m: float, stake_m: float, source: str = "surveyed") -> Mark:
    """A mark where stakes go on as they came."""
    return Mark(along_m, stake_m, stake_m, source)


def check_marks(marks: Sequence[Mark], length_m: float) -> tuple[list[Mark], list[Problem]]:
    """Marks in the order of the line, and what is odd about them but no contradiction.

    Raises:
        Invalid: `geo.bad_calibration` with a problem for each contradiction: `geo.mark_off_line`, `geo.mark_twice`,
            `geo.stake_decreasing`, `geo.stake_negative`.
    """
    ordered = sorted(marks, key=lambda mark: mark.along_m)
    wrong: list[Problem] = []
    odd: list[Problem] = []
    for number, mark in enumerate(ordered):
        if not -1.0 <= mark.along_m <= length_m + 1.0:
            wrong.append(_at("geo.mark_off_line", mark, length_m=round(length_m, 1)))
        if min(mark.back_m, mark.ahead_m) < 0:
            wrong.append(_at("geo.stake_negative", mark))
        if number:
            wrong_here, odd_here = _step(ordered[number - 1], mark)
            wrong += wrong_here
            odd += odd_here
    if ordered and ordered[0].back_m - ordered[0].along_m < -SLACK_M:
        wrong.append(_at("geo.stake_negative", ordered[0]))
    if wrong:
        raise Invalid("geo.bad_calibration", field="marks", problems=wrong[:100])
    held = [_held(mark, length_m) for mark in ordered]
    if held and held[0].back_m < SAME_M:  # no stake comes before K0: it stands at the start of the line
        held[0] = Mark(0.0, held[0].back_m, held[0].ahead_m, held[0].source)
    return held, odd


def _step(before: Mark, mark: Mark) -> tuple[list[Problem], list[Problem]]:
    way, rise = mark.along_m - before.along_m, mark.back_m - before.ahead_m
    if way < SAME_M:
        return [_at("geo.mark_twice", mark)], []
    if rise <= 0:
        return [_at("geo.stake_decreasing", mark, before_m=round(before.ahead_m, 2))], []
    slack = max(SLACK_M, SLACK * way)
    if abs(rise - way) <= slack:
        return [], []
    code = "geo.stake_gap" if rise > way else "geo.stake_overlap"
    return [], [_at(code, mark, before_m=round(before.ahead_m, 2), by_m=round(abs(rise - way), 1))]


def _held(mark: Mark, length_m: float) -> Mark:
    return Mark(min(max(mark.along_m, 0.0), length_m), mark.back_m, mark.ahead_m, mark.source)


def _at(code: str, mark: Mark, **params: object) -> Problem:
    return Problem(
        code, "marks", params={"along_m": round(mark.along_m, 1), "stake_m": round(mark.back_m, 2), **params}
    )


def spans(marks: Sequence[Mark], length_m: float) -> list[Span]:
    """The parts of a line between its marks, from end to end; none without marks.

    Args:
        marks: as `check_marks` gives them.
    """
    if not marks:
        return []
    made: list[Span] = []
    reach, first = 0, marks[0]
    if first.along_m > SAME_M:
        made.append(Span(0.0, first.along_m, max(first.back_m - first.along_m, 0.0), first.back_m, reach))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        if made and mark.chain:
            reach += 1
        end = length_m if following is None else following.along_m
        if end - mark.along_m > SAME_M:
            to = mark.ahead_m + end - mark.along_m if following is None else following.back_m
            made.append(Span(mark.along_m, end, mark.ahead_m, to, reach))
    return made


def reaches_of(line: int, parts: Sequence[Span]) -> list[Reach]:
    """The reaches of a line, in its order."""
    made: list[Reach] = []
    for number in sorted({part.reach for part in parts}):
        inside = [part for part in parts if part.reach == number]
        made.append(Reach(line, inside[0].from_stake_m, inside[-1].to_stake_m))
    return made
