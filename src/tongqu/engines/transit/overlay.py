"""A planned day with some rows changed: in place where they still do not overtake, else in patterns of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.transit import layout as sections
from tongqu.engines.transit.bounds import Bounds
from tongqu.engines.transit.layout import INF, MIRROR_S, Layout, boarding, pack
from tongqu.engines.transit.runs import DROP_OFF, PICKUP

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class ChangedRow:
    """A changed run in the direction of a layout: its stops with flags and its times."""

    stop: Ints
    flags: Ints
    arrival: Ints
    departure: Ints

    def later(self, seconds: np.int32) -> ChangedRow:
        return replace(self, arrival=self.arrival + seconds, departure=self.departure + seconds)

    def turned(self) -> ChangedRow:
        swapped = ((self.flags & PICKUP) << 1) | ((self.flags & DROP_OFF) >> 1)
        return ChangedRow(
            self.stop[::-1], swapped[::-1], MIRROR_S - self.departure[::-1], MIRROR_S - self.arrival[::-1]
        )


def overlaid(
    planned: Layout, changed: dict[tuple[int, int], ChangedRow | None], added: Sequence[tuple[int, int, ChangedRow]]
) -> Layout:
    """The layout of a day with changed, removed and added rows.

    Args:
        changed: (run, service day) to its new row, or None where it does not run.
        added: run (a number behind the planned ones), service day, row.
    """
    return _Overlay(planned).build(changed, added)


class _Loose(NamedTuple):
    """A row that moves to the patterns behind the planned ones; ``row`` is where it stood, -1 for an added trip."""

    run: int
    shift_s: int
    day: int
    row: int
    made: ChangedRow


class _Overlay:
    """Works on copies of the arrays of a layout."""

    def __init__(self, planned: Layout) -> None:
        self.planned = planned
        self.parts: list[NDArray[Any]] = [planned.section(index) for index in range(len(sections.SECTIONS))]
        self.arrival = self.parts[sections.ARRIVAL].copy()
        self.departure = self.parts[sections.DEPARTURE].copy()
        self.origin = np.arange(len(planned.run), dtype=np.int64)
        self.run, self.shift, self.day = planned.run.copy(), planned.shift_s.copy(), planned.day.copy()
        self.loose: list[_Loose] = []

    def build(
        self, changed: dict[tuple[int, int], ChangedRow | None], added: Sequence[tuple[int, int, ChangedRow]]
    ) -> Layout:
        planned = self.planned
        wanted = np.array(sorted({run for run, _ in changed}), dtype=np.int32)
        hit = np.flatnonzero(np.isin(planned.run, wanted))
        rows = {row: (int(planned.run[row]), int(planned.day[row])) for row in hit.tolist()}
        rows = {row: key for row, key in rows.items() if key in changed}
        patterns: dict[int, list[int]] = {}
        for row in rows:
            patterns.setdefault(int(self.parts[sections.ROW_PATTERN][row]), []).append(row)
        for pattern, own in patterns.items():
            self._pattern(pattern, {row: changed[rows[row]] for row in own})
        for run, which, made in added:
            self.loose.append(_Loose(run, 0, which, -1, made))
        return self._joined()

    def _pattern(self, pattern: int, changes: dict[int, ChangedRow | None]) -> None:
        """Put the rows of one pattern in order again; what does not fit goes to patterns of its own."""
        first, last = (int(self.parts[sections.ROW_FIRST][pattern + i]) for i in (0, 1))
        begin, end = (int(self.parts[sections.PATTERN_FIRST][pattern + i]) for i in (0, 1))
        size, rows = end - begin, last - first
        base = int(self.parts[sections.TIME_FIRST][pattern])
        packed = self.parts[sections.PATTERN_STOP][begin:end]
        arrival = self.arrival[base : base + rows * size].reshape(rows, size)
        departure = self.departure[base : base + rows * size].reshape(size, rows)
        times_a, times_d = arrival.copy(), departure.T.copy()
        keep = np.ones(rows, dtype=np.bool_)
        for row, change in changes.items():
            at = row - first
            alike = (
                change is not None
                and len(change.stop) == size
                and bool(np.array_equal(change.stop << 2 | change.flags, packed))
            )
            if change is not None and alike:
                times_a[at], times_d[at] = change.arrival, change.departure
            else:
                keep[at] = False
                if change is not None:
                    self._let_go(row, change)
        kept = np.flatnonzero(keep)
        kept = kept[np.lexsort((times_a[kept, -1], times_d[kept, 0]))]
        stay = _in_order(times_a, times_d, kept)
        for at in kept[~stay].tolist():
            self._let_go(first + at, ChangedRow(packed >> 2, packed & 3, times_a[at], times_d[at]))
        order = kept[stay]
        if not len(order):
            arrival[:], departure[:] = INF, -INF
            self.origin[first:last] = -1
            return
        order = np.concatenate([order, np.full(rows - len(order), order[-1])])
        arrival[:] = times_a[order]
        departure[:] = times_d[order].T
        self.origin[first:last] = first + order
        for own, before in (
            (self.run, self.planned.run),
            (self.shift, self.planned.shift_s),
            (self.day, self.planned.day),
        ):
            own[first:last] = before[first + order]

    def _let_go(self, row: int, made: ChangedRow) -> None:
        """Move a planned row to the patterns behind."""
        planned = self.planned
        self.loose.append(_Loose(int(planned.run[row]), int(planned.shift_s[row]), int(planned.day[row]), row, made))

    def _joined(self) -> Layout:
        """The planned patterns and those of the loose rows behind them."""
        parts = self.parts
        groups = self._groups()
        heads = [own[0].made for own in groups]
        sizes = np.array([len(head.stop) for head in heads], dtype=np.int64)
        counts = np.array([len(own) for own in groups], dtype=np.int64)
        pattern_first = _extended(parts[sections.PATTERN_FIRST], sizes)
        own_stops = [head.stop << 2 | head.flags for head in heads]
        stop = np.concatenate([parts[sections.PATTERN_STOP], *own_stops]).astype(np.int32)
        row_first = _extended(parts[sections.ROW_FIRST], counts)
        time_first = _extended(parts[sections.TIME_FIRST], counts * sizes)
        arrival = np.concatenate([self.arrival, *[one.made.arrival for own in groups for one in own]])
        departure = np.concatenate(
            [self.departure, *[np.stack([one.made.departure for one in own]).T.ravel() for own in groups]]
        )
        loose = [one for own in groups for one in own]
        run = np.r_[self.run, [one.run for one in loose]].astype(np.int32)
        shift = np.r_[self.shift, [one.shift_s for one in loose]].astype(np.int32)
        day = np.r_[self.day, [one.day for one in loose]].astype(np.int32)
        origin = np.r_[self.origin, [one.row for one in loose]].astype(np.int64)
        cluster = parts[sections.CLUSTER]
        made = list(parts)
        made[sections.PATTERN_FIRST], made[sections.PATTERN_STOP] = pattern_first, stop
        made[sections.PATTERN_CLUSTER] = cluster[stop >> 2]
        made[sections.ROW_FIRST], made[sections.TIME_FIRST] = row_first, time_first
        made[sections.ARRIVAL], made[sections.DEPARTURE] = arrival, departure
        if groups:
            at = boarding(len(cluster), pattern_first, stop >> 2, stop & 3)
            made[sections.STOP_FIRST], made[sections.STOP_PATTERN], made[sections.STOP_POSITION] = at
            made[sections.ROW_PATTERN] = np.repeat(np.arange(len(row_first) - 1, dtype=np.int32), np.diff(row_first))
        made[sections.NEXT_ROW] = self._next(origin, made)
        data, bounds = pack(made)
        return Layout(data, bounds, run, shift, day)

    def _groups(self) -> list[list[_Loose]]:
        """Loose rows by their stops, split so that none overtakes another."""
        by_stops: dict[bytes, list[_Loose]] = {}
        for one in self.loose:
            row = one.made
            by_stops.setdefault((row.stop << 2 | row.flags).tobytes(), []).append(one)
        groups: list[list[_Loose]] = []
        for own in by_stops.values():
            open_: list[list[_Loose]] = []
            for one in sorted(own, key=lambda one: (int(one.made.departure[0]), int(one.made.arrival[-1]))):
                for group in open_:
                    last = group[-1].made
                    if (last.arrival <= one.made.arrival).all() and (last.departure <= one.made.departure).all():
                        group.append(one)
                        break
                else:
                    open_.append([one])
            groups += open_
        return groups

    def _next(self, origin: NDArray[np.int64], made: list[NDArray[Any]]) -> Ints:
        """Where vehicles go on; not where the next trip is gone or leaves before this one is there."""
        planned = self.parts[sections.NEXT_ROW]
        result = np.full(len(origin), -1, dtype=np.int32)
        if not (planned >= 0).any():
            return result
        place = np.full(len(planned) + 1, -1, dtype=np.int64)
        known = np.flatnonzero(origin >= 0)
        place[origin[known[::-1]]] = known[::-1]
        after = np.where(origin >= 0, planned[np.maximum(origin, 0)], -1)
        target = place[after]
        pattern = made[sections.ROW_PATTERN]
        size = np.diff(made[sections.PATTERN_FIRST])
        rows = np.diff(made[sections.ROW_FIRST])
        at = np.arange(len(origin))
        own = at - made[sections.ROW_FIRST][pattern]
        end = made[sections.ARRIVAL][made[sections.TIME_FIRST][pattern] + own * size[pattern] + size[pattern] - 1]
        begin = made[sections.DEPARTURE][made[sections.TIME_FIRST][pattern] + own]
        fine = (after >= 0) & (target >= 0) & (rows[pattern] > 0)
        fine &= end <= begin[np.maximum(target, 0)]
        result[fine] = target[fine]
        return result


def _extended(first: NDArray[Any], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([first.astype(np.int64), first[-1] + np.cumsum(sizes)])


@njit(cache=True, nogil=True)
def _in_order(arrival, departure, order):  # type: ignore[no-untyped-def]
    """Which rows, taken in order, overtake none of those taken before."""
    stay = np.zeros(len(order), dtype=np.bool_)
    last = -1
    for index in range(len(order)):
        row = order[index]
        fits = True
        if last >= 0:
            for call in range(arrival.shape[1]):
                if arrival[row, call] < arrival[last, call] or departure[row, call] < departure[last, call]:
                    fits = False
                    break
        if fits:
            stay[index] = True
            last = row
    return stay


def lowered(bounds: Bounds, rows: Sequence[ChangedRow]) -> Bounds:
    """Bounds that also hold where a vehicle is faster between two stops than the bound between them."""
    faster: dict[tuple[int, int], int] = {}
    for row in rows:
        a, b = bounds.cluster[row.stop[:-1]], bounds.cluster[row.stop[1:]]
        seconds = np.maximum(row.arrival[1:] - row.departure[:-1], 0)
        for at in np.flatnonzero(seconds < bounds.table[b, a]).tolist():
            key = int(a[at]), int(b[at])
            faster[key] = min(faster.get(key, 1 << 30), int(seconds[at]))
    if not faster:
        return bounds
    table = bounds.table.copy()
    exact = len(table) == len(bounds.cluster)
    for (start, end), least in faster.items():
        _lower(table, start, end, least, exact)
    return Bounds(bounds.cluster, table)


@njit(cache=True, nogil=True)
def _lower(table, start, end, seconds, exact):  # type: ignore[no-untyped-def]
    """Take an edge from cluster ``start`` to cluster ``end`` into a table of least times."""
    count = len(table)
    before = table[start].copy()
    for target in range(count):
        rest = np.int32(table[target, end]) + seconds
        if exact and rest >= table[target, start]:
            continue
        row = table[target]
        for source in range(count):
            value = rest + before[source]
            if value < row[source]:
                row[source] = value
