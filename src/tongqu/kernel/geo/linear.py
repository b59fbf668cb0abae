"""Points to stakes and stakes to points, over flat arrays: all lines of all routes at one moment.

A track is what stakes count along: one route, one direction, one alignment. It has one or more lines (a route that is
interrupted has several), each line has spans between its marks, and reaches between its broken chains. The letter of a
stake that occurs more than once is its reach's place among those of the track that hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from tongqu.kernel.geo.calibration import Mark, spans
from tongqu.kernel.geo.stakes import Direction
from tongqu.kit.geometry import geolines
from tongqu.kit.geometry.geolines import GeoLines

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Letters = NDArray[np.int8]
Track = tuple[int, Direction, str]
"""Route, direction, prefix of the alignment."""

_HAIR_M = 1e-6
ANY = -1
"""A stake without a letter, asked for in whatever reach it is first."""


@dataclass(frozen=True)
class Line:
    """A line of a route as the index takes it: points (n, 2) in the direction of rising stakes, and its marks."""

    id: int
    route: int
    direction: Direction
    prefix: str
    part: int
    points: Floats
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Places:
    """Places on tracks for points, as arrays.

    Attributes:
        line: index of the line, -1 where no calibrated route is within reach.
        track: index into `StakeIndex.tracks`, -1 for none.
        stake_m: chainage; branch: letter's number in `stakes.BRANCHES`, 0 for none.
        along_m: way along the line.
        offset_m: distance, positive to the right of rising stakes.
        lon, lat: the place on the line.
    """

    line: Ints
    track: Ints
    stake_m: Floats
    branch: Letters
    along_m: Floats
    offset_m: Floats
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True)
class Answer:
    """One place that a stake names: letter's number, index of the line, way along it, and the point."""

    branch: int
    line: int
    along_m: float
    lon: float
    lat: float


@dataclass(frozen=True)
class StakeIndex:
    """All calibrated lines of all routes at one moment; made by `build`.

    Attributes:
        lines: their geometry; ids: their keys in the store.
        tracks: route, direction and prefix of each track, sorted; line_track: track of each line.
        estimated: lines with a mark that was not measured.
        span_start: offsets of the lines into the spans; span_from, span_to: way along the line; span_low, span_high:
        stakes;
            span_reach: index of the reach.
        track_start: offsets of the tracks into the reaches, which are in the order of travel with rising stakes;
            reach_low, reach_high: their stakes; reach_span: offsets of the reaches into the spans.
    """

    lines: GeoLines
    ids: Ints
    tracks: tuple[Track, ...]
    line_track: Ints
    estimated: NDArray[np.bool_]
    span_start: Ints
    span_from: Floats
    span_to: Floats
    span_low: Floats
    span_high: Floats
    span_line: Ints
    span_reach: Ints
    track_start: Ints
    reach_low: Floats
    reach_high: Floats
    reach_span: Ints

    def locate(
        self, lon: ArrayLike, lat: ArrayLike, heading_deg: ArrayLike | None = None, *, reach_m: float = 60.0
    ) -> Places:
        """The best place of each point; of near carriageways the one that leads where the point is heading."""
        heading = None if heading_deg is None else np.asarray(heading_deg, np.float64)
        x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        return self._places(geolines.nearest(self.lines, x, y, heading, reach_m=reach_m))

    def near(self, lon: float, lat: float, *, reach_m: float = 60.0) -> Places:
        """All places of one point within reach, nearest first."""
        return self._places(geolines.near(self.lines, lon, lat, reach_m=reach_m))

    def stakes_at(self, line: int, along_m: ArrayLike) -> tuple[Floats, Letters]:
        """Stakes of ways along a line, and their letters."""
        along = np.atleast_1d(np.asarray(along_m, np.float64))
        return self._stakes(np.full(len(along), line, np.int32), along)

    def points(
        self, track: ArrayLike, stake_m: ArrayLike, branch: ArrayLike
    ) -> tuple[Floats, Floats, NDArray[np.int8]]:
        """Longitude and latitude of stakes, NaN where there is none, and how many places each stake has.

        Args:
            track: indices into `tracks`.
            branch: numbers of letters; `ANY` takes the first place.
        """
        g = self.lines
        lon, lat, answers = _points(
            g.lon, g.lat, g.along_m, g.start, self.span_from, self.span_to, self.span_low, self.span_high,
            self.span_line, self.track_start, self.reach_low, self.reach_high, self.reach_span,
            np.asarray(track, np.int32), np.asarray(stake_m, np.float64), np.asarray(branch, np.int8),
        )  # fmt: skip
        return lon, lat, answers

    def answers(self, track: int, stake_m: float) -> list[Answer]:
        """All places that a stake names on a track, in the order of travel with rising stakes."""
        reaches = [
            reach
            for reach in range(self.track_start[track], self.track_start[track + 1])
            if self.reach_low[reach] - _HAIR_M <= stake_m <= self.reach_high[reach] + _HAIR_M
        ]
        found = []
        for letter, reach in enumerate(reaches, 1):
            span = _span_of.py_func(self.span_high, self.reach_span[reach], self.reach_span[reach + 1], stake_m)
            part = (stake_m - self.span_low[span]) / (self.span_high[span] - self.span_low[span])
            along = float(self.span_from[span] + part * (self.span_to[span] - self.span_from[span]))
            line = int(self.span_line[span])
            found.append(Answer(letter if len(reaches) > 1 else 0, line, along, *self.lines.at(line, along)))
        return found

    def track_index(self, track: Track) -> int:
        """Index of a track, -1 if it has no calibrated line."""
        low, high = 0, len(self.tracks)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.tracks[middle] < track else (low, middle)
        return low if low < len(self.tracks) and self.tracks[low] == track else -1

    def _places(self, feet: geolines.Feet) -> Places:
        stake, branch = self._stakes(feet.line, feet.along_m)
        track = np.where(feet.line < 0, np.int32(-1), self.line_track[feet.line])
        return Places(feet.line, track, stake, branch, feet.along_m, feet.offset_m, feet.lon, feet.lat)

    def _stakes(self, line: Ints, along_m: Floats) -> tuple[Floats, Letters]:
        stake, branch = _stakes(
            self.span_start, self.span_from, self.span_to, self.span_low, self.span_high,
            self.span_reach, self.line_track, self.track_start, self.reach_low, self.reach_high, line, along_m,
        )  # fmt: skip
        return stake, branch


def build(lines: Sequence[Line]) -> StakeIndex | None:
    """An index over lines; those without marks are left out: their stakes are not known. None if no line is left."""
    order = sorted(
        (line for line in lines if line.marks),
        key=lambda line: (line.route, line.direction, line.prefix, line.part, line.id),
    )
    if not order:
        return None
    ways = [{"both": geolines.EITHER, "up": geolines.ALONG, "down": geolines.AGAINST}[line.direction] for line in order]
    packed = geolines.pack([line.points for line in order], ways)
    tracks = sorted({(line.route, line.direction, line.prefix) for line in order})
    number = {track: index for index, track in enumerate(tracks)}
    line_track = [number[line.route, line.direction, line.prefix] for line in order]
    span_start, reach_span, track_start = [0], [0], [0] * (len(tracks) + 1)
    rows: list[tuple[float, float, float, float, int, int]] = []
    for index, line in enumerate(order):
        length = float(packed.along_m[packed.start[index + 1] - 1])
        parts = spans(line.marks, length)
        for place, part in enumerate(parts):
            if place == 0 or part.reach != parts[place - 1].reach:
                reach_span.append(len(rows))
                track_start[line_track[index] + 1] += 1
            reach = len(reach_span) - 2
            rows.append((part.from_m, part.to_m, part.from_stake_m, part.to_stake_m, index, reach))
        span_start.append(len(rows))
    reach_span = [*reach_span[1:], len(rows)]
    table = np.array(rows, np.float64).reshape(-1, 6)
    reach_at = np.array(reach_span, np.int32)
    low, high = np.ascontiguousarray(table[:, 2]), np.ascontiguousarray(table[:, 3])
    return StakeIndex(
        packed, np.array([line.id for line in order], np.int32), tuple(tracks), np.array(line_track, np.int32),
        np.array([any(mark.source == "estimated" for mark in line.marks) for line in order]),
        np.array(span_start, np.int32), np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]), low, high,
        table[:, 4].astype(np.int32), table[:, 5].astype(np.int32), np.cumsum(track_start).astype(np.int32),
        low[reach_at[:-1]], high[reach_at[1:] - 1], reach_at,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _span_of(upper, first, end, value):  # type: ignore[no-untyped-def]
    """The first of some ascending spans whose upper end reaches a value; the last one if none does."""
    low, high = first, end - 1
    while low < high:
        middle = (low + high) // 2
        if upper[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _stakes(  # type: ignore[no-untyped-def]
    span_start, span_from, span_to, span_low, span_high, span_reach, line_track, track_start, reach_low, reach_high,
    line, along,
):  # fmt: skip
    stake = np.full(line.size, np.nan)
    branch = np.zeros(line.size, np.int8)
    for i in range(line.size):
        if line[i] < 0:
            continue
        span = _span_of(span_to, span_start[line[i]], span_start[line[i] + 1], along[i])
        part = (along[i] - span_from[span]) / (span_to[span] - span_from[span])
        s = span_low[span] + min(max(part, 0.0), 1.0) * (span_high[span] - span_low[span])
        stake[i] = s
        track, mine = line_track[line[i]], span_reach[span]
        before, holding = 0, 0
        for reach in range(track_start[track], track_start[track + 1]):
            if reach == mine or reach_low[reach] - 1e-6 <= s <= reach_high[reach] + 1e-6:
                holding += 1
                if reach < mine:
                    before += 1
        if holding > 1:
            branch[i] = before + 1
    return stake, branch


@njit(cache=True, nogil=True)
def _points(  # type: ignore[no-untyped-def]
    lon, lat, along, start, span_from, span_to, span_low, span_high, span_line, track_start, reach_low, reach_high,
    reach_span, track, stake, branch,
):  # fmt: skip
    n = track.size
    x = np.full(n, np.nan)
    y = np.full(n, np.nan)
    answers = np.zeros(n, np.int8)
    for i in range(n):
        if track[i] < 0:
            continue
        s, count, chosen = stake[i], 0, -1
        for reach in range(track_start[track[i]], track_start[track[i] + 1]):
            if reach_low[reach] - 1e-6 <= s <= reach_high[reach] + 1e-6:
                count += 1
                if chosen < 0 and (branch[i] <= 0 or branch[i] == count):
                    chosen = reach
        answers[i] = count
        if chosen < 0:
            continue
        span = _span_of(span_high, reach_span[chosen], reach_span[chosen + 1], s)
        part = min(max((s - span_low[span]) / (span_high[span] - span_low[span]), 0.0), 1.0)
        m = span_from[span] + part * (span_to[span] - span_from[span])
        line = span_line[span]
        k = max(_span_of(along, start[line], start[line + 1], m), start[line] + 1)
        step = along[k] - along[k - 1]
        t = (m - along[k - 1]) / step if step > 0 else 0.0
        x[i] = lon[k - 1] + t * (lon[k] - lon[k - 1])
        y[i] = lat[k - 1] + t * (lat[k] - lat[k - 1])
    return x, y, answers
