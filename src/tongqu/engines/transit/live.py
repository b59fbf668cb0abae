"""Real time inside the search: immutable snapshots of a timetable with delays, cancellations, skipped and added calls.

A snapshot changes only what the messages change: rows of a pattern get new times in place where they still do not
overtake each other, other rows move into patterns of their own behind the planned ones. Everything else is the planned
day's. A snapshot is swapped by making a new `Router`; searches that run go on with the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Lock
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.transit import layout as sections
from tongqu.engines.transit.bounds import Bounds
from tongqu.engines.transit.layout import INF, MIRROR_S, Layout, boarding, pack
from tongqu.engines.transit.runs import DROP_OFF, PICKUP
from tongqu.engines.transit.timetable import Day, ExtraTrip, Timetable, base_ms

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CallChange:
    """What is known of one call of a planned trip; the call is named by its sequence, else by its stop.

    Attributes:
        sequence: stop_sequence of the call. stop_id: its stop.
        arrival_delay_s, departure_delay_s: seconds late; or
        arrival_ms, departure_ms: the times themselves, UTC ms. One of arrival and departure stands for both.
        skipped: the vehicle does not stop there.
        no_data: nothing is known from here on; the plan holds.
    """

    sequence: int | None = None
    stop_id: str | None = None
    arrival_delay_s: int | None = None
    departure_delay_s: int | None = None
    arrival_ms: int | None = None
    departure_ms: int | None = None
    skipped: bool = False
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class AddedCall:
    """A call of a trip that is not planned so: stop and times in UTC ms."""

    stop_id: str
    arrival_ms: int
    departure_ms: int
    may_board: bool = True
    may_alight: bool = True


@dataclass(frozen=True, slots=True)
class TripChange:
    """What is known of one trip on one service day.

    Attributes:
        trip_id, service_day: which trip. feed: of which feed, where several have the id.
        cancelled: it does not run.
        calls: what is known of its calls; a delay holds for the calls after it until the next one that is named.
        replaced_by: all calls, of a trip that runs otherwise than planned or is not planned at all.
        line_id, headsign: of a trip that is not planned.
        start_s: of a trip by frequency, which departure (seconds of the service day).
    """

    trip_id: str
    service_day: date
    feed: str = ""
    cancelled: bool = False
    calls: tuple[CallChange, ...] = ()
    replaced_by: tuple[AddedCall, ...] = ()
    line_id: str = ""
    headsign: str = ""
    start_s: int | None = None


@dataclass(frozen=True)
class LiveCalls:
    """The calls of a trip as they are now: stops (indices), seconds of the service day, where one may board or alight.

    Attributes:
        line_id, headsign: of a trip that is not planned, else empty.
    """

    stop: Ints
    arrival_s: Ints
    departure_s: Ints
    may_board: NDArray[np.bool_]
    may_alight: NDArray[np.bool_]
    line_id: str = ""
    headsign: str = ""


@dataclass(frozen=True)
class _Row:
    """A changed run in the direction of a layout: its stops with flags and its times."""

    stop: Ints
    flags: Ints
    arrival: Ints
    departure: Ints

    def later(self, seconds: np.int32) -> _Row:
        return replace(self, arrival=self.arrival + seconds, departure=self.departure + seconds)

    def turned(self) -> _Row:
        swapped = ((self.flags & PICKUP) << 1) | ((self.flags & DROP_OFF) >> 1)
        return _Row(self.stop[::-1], swapped[::-1], MIRROR_S - self.departure[::-1], MIRROR_S - self.arrival[::-1])


@dataclass
class Snapshot:
    """A timetable with real-time changes; make it with `of`. Its days are laid out when first asked for.

    Attributes:
        refused: changes that could not be used, and why: ``unknown_trip``, ``not_running``, ``unknown_call``,
            ``unknown_stop``, ``needs_start``, ``too_few_calls``, ``times_go_back``.
        delayed, cancelled, added: how many trips are changed so.
    """

    timetable: Timetable
    refused: tuple[tuple[TripChange, str], ...]
    _changed: dict[tuple[int, date], _Row | None] = field(repr=False)
    _added: tuple[tuple[ExtraTrip, date, _Row], ...] = field(repr=False)
    _table: Bounds = field(repr=False)
    _days: dict[date, Day] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def of(cls, timetable: Timetable, changes: Iterable[TripChange]) -> Snapshot:
        """A snapshot of the timetable; a change that makes no sense is left out and named in `refused`."""
        reader = _Reader(timetable)
        for change in changes:
            reason = reader.take(change)
            if reason:
                reader.refused.append((change, reason))
        rows = [row for row in reader.changed.values() if row is not None] + [row for _, _, row in reader.added]
        bounds = lowered(timetable.network.bounds, rows)
        return cls(timetable, tuple(reader.refused), reader.changed, tuple(reader.added), bounds)

    @property
    def cancelled(self) -> int:
        return sum(row is None for row in self._changed.values())

    @property
    def delayed(self) -> int:
        return sum(row is not None for row in self._changed.values())

    @property
    def added(self) -> int:
        return len(self._added)

    def cancels(self, feed: str, trip_id: str, service_day: date) -> bool:
        """Whether a trip does not run on a service day though it is planned. Of a trip by frequency: never."""
        run = self._single_run(feed, trip_id)
        return run is not None and self._changed.get((run, service_day), self) is None

    def calls(self, feed: str, trip_id: str, service_day: date) -> LiveCalls | None:
        """The calls of a trip that runs otherwise than planned; None where nothing is told of it or it is cancelled."""
        run = self._single_run(feed, trip_id)
        if run is not None:
            row = self._changed.get((run, service_day))
            return None if row is None else _live_calls(row)
        for trip, day, row in self._added:
            if (trip.feed, trip.trip_id, day) == (feed, trip_id, service_day):
                return _live_calls(row, trip)
        return None

    def _single_run(self, feed: str, trip_id: str) -> int | None:
        trip = self.timetable.trip(trip_id, feed)
        if trip is None:
            return None
        runs = self.timetable.runs_of(trip)
        return int(runs[0]) if len(runs) == 1 else None

    def bounds(self) -> Bounds:
        """Least travel times, where a vehicle is faster than ever planned."""
        return self._table

    def day(self, day: date) -> Day:
        """The layout of a day with the changes; the planned one where nothing changes on it or its neighbours."""
        found = self._days.get(day)
        if found is None:
            with self._lock:
                found = self._days.get(day)
                if found is None:
                    found = self._days[day] = self._laid_out(day)
        return found

    def _laid_out(self, day: date) -> Day:
        planned = self.timetable.day(day)
        changed: dict[tuple[int, int], _Row | None] = {}
        added: list[tuple[int, int, _Row]] = []
        extra: list[ExtraTrip] = []
        runs = len(self.timetable.network.runs)
        for which in (-1, 0, 1):
            own = day + timedelta(days=which)
            for (run, on), row in self._changed.items():
                if on == own:
                    changed[run, which] = row if row is None else self._shifted(run, row, own, planned)
            for trip, on, row in self._added:
                if on == own:
                    shift = np.int32((base_ms(own, self.timetable.zone) - planned.base_ms) // 1000)
                    added.append((runs + len(extra), which, row.later(shift)))
                    extra.append(trip)
        if not changed and not added:
            return planned
        turned = {key: None if row is None else row.turned() for key, row in changed.items()}
        return Day(
            day,
            planned.base_ms,
            overlaid(planned.forward, changed, added),
            overlaid(planned.backward, turned, [(run, which, row.turned()) for run, which, row in added]),
            tuple(extra),
            frozenset(key for key, row in changed.items() if row is not None),
        )

    def _shifted(self, run: int, row: _Row, own: date, planned: Day) -> _Row:
        network = self.timetable.network
        zone = ZoneInfo(network.zones[network.runs.feed[run]])
        shift = (base_ms(own, zone) - planned.base_ms) // 1000
        return row.later(np.int32(shift))


class _Reader:
    """Reads changes into rows on the clock of their service day."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self.network = timetable.network
        self.refused: list[tuple[TripChange, str]] = []
        self.changed: dict[tuple[int, date], _Row | None] = {}
        self.added: list[tuple[ExtraTrip, date, _Row]] = []

    def take(self, change: TripChange) -> str:
        """Take a change in; the reason why not, or an empty text."""
        trip = self.timetable.trip(change.trip_id, change.feed)
        if trip is None:
            return self._take_added(change) if change.replaced_by else "unknown_trip"
        run = self._run(trip, change)
        if isinstance(run, str):
            return run
        if change.cancelled:
            self.changed[run, change.service_day] = None
            return ""
        row = self._replaced(change) if change.replaced_by else self._row(run, change)
        if isinstance(row, str):
            return row
        self.changed[run, change.service_day] = row
        return ""

    def _run(self, trip: int, change: TripChange) -> int | str:
        runs, days = self.timetable.runs_of(trip), self.network.service_days
        at = (change.service_day - self.network.first_day).days + 1
        if not len(runs) or not 0 <= at < len(days) or not days[at][self.network.runs.service[runs[0]]]:
            return "not_running"
        if len(runs) == 1 and change.start_s is None:
            return int(runs[0])
        if change.start_s is None:
            return "needs_start"
        begin = self.network.runs.begin_s()[runs]
        found = np.flatnonzero(begin == change.start_s)
        return int(runs[found[0]]) if len(found) else "not_running"

    def _row(self, run: int, change: TripChange) -> _Row | str:
        runs = self.network.runs
        pattern = int(runs.pattern[run])
        part = slice(int(runs.pattern_first[pattern]), int(runs.pattern_first[pattern + 1]))
        first, size = int(runs.call_first[run]), part.stop - part.start
        shift = int(runs.shift_s[run])
        arrival = runs.arrival_s[first : first + size] + np.int32(shift)
        departure = runs.departure_s[first : first + size] + np.int32(shift)
        flags = runs.pattern_flags[part].copy()
        stops = runs.pattern_stop[part]
        base = base_ms(change.service_day, ZoneInfo(self.network.zones[runs.feed[run]]))
        sequence = self.network.call_sequence[first : first + size]
        told: list[tuple[int, CallChange]] = []
        start = 0
        for call in change.calls:
            at = self._call(call, sequence, stops, start)
            if at is None:
                return "unknown_call"
            told.append((at, call))
            start = at + 1
        late, place = 0, 0
        planned_a, planned_d = arrival.copy(), departure.copy()
        for at, call in told:
            arrival[place:at] = planned_a[place:at] + late
            departure[place:at] = planned_d[place:at] + late
            place = at
            if call.skipped:
                flags[at] = 0
            if call.no_data:
                late = 0
            a = _delay(call.arrival_delay_s, call.arrival_ms, base, int(planned_a[at]))
            d = _delay(call.departure_delay_s, call.departure_ms, base, int(planned_d[at]))
            known = [value for value in (a, d) if value is not None] or [late]
            a, d = known[0] if a is None else a, known[-1] if d is None else d
            arrival[at], departure[at] = planned_a[at] + a, planned_d[at] + d
            late, place = d, at + 1
        arrival[place:], departure[place:] = planned_a[place:] + late, planned_d[place:] + late
        return _sensible(_Row(stops, flags, arrival.astype(np.int32), departure.astype(np.int32)))

    def _call(self, call: CallChange, sequence: Ints, stops: Ints, start: int) -> int | None:
        if call.sequence is not None:
            found = np.flatnonzero(sequence == call.sequence)
            return int(found[0]) if len(found) and found[0] >= start else None
        for at in range(start, len(stops)):
            if self.network.stops[stops[at]] == call.stop_id:
                return at
        return None

    def _replaced(self, change: TripChange) -> _Row | str:
        feed = change.feed
        stops = []
        for call in change.replaced_by:
            index = self.timetable.find(f"{feed}:{call.stop_id}" if feed else call.stop_id)
            if index is None:
                return "unknown_stop"
            stops.append(index)
        if len(stops) < 2:
            return "too_few_calls"
        zone = ZoneInfo(self.network.zones[self.network.stop_feed[stops[0]]])
        base = base_ms(change.service_day, zone)
        times = [((call.arrival_ms - base) // 1000, (call.departure_ms - base) // 1000) for call in change.replaced_by]
        flags = [PICKUP * call.may_board | DROP_OFF * call.may_alight for call in change.replaced_by]
        arrival, departure = (np.array([pair[i] for pair in times], dtype=np.int32) for i in range(2))
        arrival[0], departure[-1] = departure[0], arrival[-1]
        return _sensible(_Row(np.array(stops, np.int32), np.array(flags, np.int32), arrival, departure))

    def _take_added(self, change: TripChange) -> str:
        row = self._replaced(change)
        if isinstance(row, str):
            return row
        feed = change.feed or self.network.feeds[self.network.stop_feed[row.stop[0]]]
        self.added.append((ExtraTrip(feed, change.trip_id, change.line_id, change.headsign), change.service_day, row))
        return ""


def _live_calls(row: _Row, trip: ExtraTrip | None = None) -> LiveCalls:
    told = ("", "") if trip is None else (trip.line_id, trip.headsign)
    boards, alights = (row.flags & PICKUP) > 0, (row.flags & DROP_OFF) > 0
    return LiveCalls(row.stop, row.arrival, row.departure, boards, alights, *told)


def _delay(delay_s: int | None, at_ms: int | None, base: int, planned: int) -> int | None:
    if at_ms is not None:
        return (at_ms - base) // 1000 - planned
    return delay_s


def _sensible(row: _Row) -> _Row | str:
    """The row with nobody going back in time; an arrival forecast a little too early waits for the stop before."""
    back = np.any(row.departure < row.arrival) or np.any(row.arrival[1:] < row.departure[:-1])
    if not back:
        return row
    arrival, departure = row.arrival.copy(), row.departure.copy()
    for at in range(len(arrival)):
        if at:
            if departure[at - 1] - arrival[at] > 3600:
                return "times_go_back"
            arrival[at] = max(arrival[at], departure[at - 1])
        departure[at] = max(departure[at], arrival[at])
    return replace(row, arrival=arrival, departure=departure)


def overlaid(
    planned: Layout, changed: dict[tuple[int, int], _Row | None], added: Sequence[tuple[int, int, _Row]]
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
    made: _Row


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

    def build(self, changed: dict[tuple[int, int], _Row | None], added: Sequence[tuple[int, int, _Row]]) -> Layout:
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

    def _pattern(self, pattern: int, changes: dict[int, _Row | None]) -> None:
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
            self._let_go(first + at, _Row(packed >> 2, packed & 3, times_a[at], times_d[at]))
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

    def _let_go(self, row: int, made: _Row) -> None:
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


def lowered(bounds: Bounds, rows: Sequence[_Row]) -> Bounds:
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
