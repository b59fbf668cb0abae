"""Measured intervals: what holds from stake to stake on a route, on one side or lane of it; and their overlay.

An interval is kept by stakes, as it was measured, and worked with by its ways along lines: over a broken chain the
difference of two stakes is not the length between them, and a stake that is there twice needs its letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Literal, TypeVar

from tongqu.kernel.geo.linear import Answer, StakeIndex, Track
from tongqu.kernel.geo.stakes import BRANCHES, format_stake
from tongqu.kit.errors import Invalid, Problem

Value = TypeVar("Value")
Other = TypeVar("Other")
Side = Literal["left", "right", "both", "median"]
TOUCH_M = 0.5
"""Intervals that end and begin within this of each other touch: stakes are written to the metre."""


@dataclass(frozen=True)
class Interval(Generic[Value]):
    """Something that holds between two stakes of a track.

    Attributes:
        from_m, to_m: stakes; from_branch, to_branch: their letters where a long chain gives them twice.
        side: of the road, seen along rising stakes; lane: counted from the middle of the road, 0 for all.
    """

    from_m: float
    to_m: float
    value: Value
    from_branch: str = ""
    to_branch: str = ""
    side: Side = "both"
    lane: int = 0

    @property
    def where(self) -> tuple[Side, int]:
        return self.side, self.lane


@dataclass(frozen=True)
class Piece(Generic[Value]):
    """A part of one line: `line` is its index in the `StakeIndex`, the ways run with rising stakes."""

    line: int
    from_m: float
    to_m: float
    value: Value
    where: tuple[Side, int] = ("both", 0)

    @property
    def length_m(self) -> float:
        return self.to_m - self.from_m


def pieces(index: StakeIndex, track: Track, interval: Interval[Value]) -> list[Piece[Value]]:
    """The parts of lines that an interval covers, in the order of the track.

    Without letters it begins at the first place of its first stake and ends at the last place of its last one, so a
    long chain that lies within is wholly covered.

    Raises:
        Invalid: `geo.bad_interval` where it does not rise, `geo.no_interval_end` where a stake of it has no place.
    """
    number = index.track_index(track)
    start = _end(index, number, interval.from_m, interval.from_branch, 0)
    stop = _end(index, number, interval.to_m, interval.to_branch, -1)
    if (stop.line, stop.along_m) <= (start.line, start.along_m):
        first, last = format_stake(interval.from_m), format_stake(interval.to_m)
        raise Invalid("geo.bad_interval", field="to", first=first, last=last)
    made = []
    for line in range(start.line, stop.line + 1):
        length = float(index.lines.along_m[index.lines.start[line + 1] - 1])
        low = start.along_m if line == start.line else 0.0
        high = stop.along_m if line == stop.line else length
        made.append(Piece(line, low, high, interval.value, interval.where))
    return made


def length_m(index: StakeIndex, track: Track, interval: Interval[Value]) -> float:
    """Calibrated length of an interval in metres: what a long chain holds twice counts twice, what a short one leaves
    out does not count.

    Raises:
        Invalid: as `pieces`.
    """
    total = 0.0
    for piece in pieces(index, track, interval):
        for span in range(index.span_start[piece.line], index.span_start[piece.line + 1]):
            low = max(piece.from_m, float(index.span_from[span]))
            high = min(piece.to_m, float(index.span_to[span]))
            if high > low:
                way = float(index.span_to[span] - index.span_from[span])
                total += (high - low) / way * float(index.span_high[span] - index.span_low[span])
    return total


def overlay(first: Iterable[Piece[Value]], second: Iterable[Piece[Other]]) -> list[Piece[tuple[Value, Other]]]:
    """The parts where pieces of two sets lie on each other, with the values of both.

    Sides and lanes meet where they are equal or where one of them is of the whole road.
    """
    by_line: dict[int, list[Piece[Other]]] = {}
    for other in second:
        by_line.setdefault(other.line, []).append(other)
    made = []
    for piece in first:
        for other in by_line.get(piece.line, ()):
            low, high = max(piece.from_m, other.from_m), min(piece.to_m, other.to_m)
            where = _common(piece.where, other.where)
            if high > low and where is not None:
                made.append(Piece(piece.line, low, high, (piece.value, other.value), where))
    return sorted(made, key=lambda piece: (piece.line, piece.from_m, piece.to_m, piece.where))


def gaps_and_overlaps(index: StakeIndex, track: Track, intervals: Sequence[Interval[Value]]) -> list[Problem]:
    """What is wrong with a set that should cover its stretch once, row by row (1-based, as given): `geo.interval_gap`
    and `geo.interval_overlap` between neighbours on one side and lane; and rows that cannot be placed, as `pieces`
    says."""
    problems: list[Problem] = []
    placed: list[tuple[int, Piece[Value]]] = []
    for row, interval in enumerate(intervals, 1):
        try:
            placed += [(row, piece) for piece in pieces(index, track, interval)]
        except Invalid as error:
            problems.append(Problem(error.code, error.field, row, error.params))
    placed.sort(key=lambda pair: (pair[1].where, pair[1].line, pair[1].from_m))
    for (_, before), (row, piece) in pairwise(placed):
        if before.where != piece.where or before.line != piece.line:
            continue
        apart = piece.from_m - before.to_m
        if abs(apart) > TOUCH_M:
            code = "geo.interval_gap" if apart > 0 else "geo.interval_overlap"
            stake, branch = index.stakes_at(piece.line, [piece.from_m])
            name = format_stake(float(stake[0]), "", BRANCHES[int(branch[0])])
            problems.append(Problem(code, "from", row, {"stake": name, "by_m": round(abs(apart), 1)}))
    return problems


def _end(index: StakeIndex, track: int, stake_m: float, branch: str, default: int) -> Answer:
    answers = index.answers(track, stake_m) if track >= 0 else []
    if branch:
        answers = [answer for answer in answers if answer.branch == BRANCHES.index(branch)]
    if not answers:
        raise Invalid("geo.no_interval_end", field="from", stake=format_stake(stake_m, "", branch))
    return answers[default]


def _common(one: tuple[Side, int], other: tuple[Side, int]) -> tuple[Side, int] | None:
    side = one[0] if other[0] in ("both", one[0]) else other[0] if one[0] == "both" else None
    lane = one[1] if other[1] in (0, one[1]) else other[1] if one[1] == 0 else None
    return None if side is None or lane is None else (side, lane)
