"""Real time inside the search: immutable snapshots of a timetable with delays, cancellations, skipped and added calls.

A snapshot changes only what the messages change: rows of a pattern get new times in place where they still do not
overtake each other, other rows move into patterns of their own behind the planned ones. Everything else is the planned
day's. A snapshot is swapped by making a new `Router`; searches that run go on with the old one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit.bounds import Bounds
from tongqu.engines.transit.changes import CallChange, LiveCalls, TripChange
from tongqu.engines.transit.overlay import ChangedRow, lowered, overlaid
from tongqu.engines.transit.runs import DROP_OFF, PICKUP
from tongqu.engines.transit.timetable import Day, ExtraTrip, Timetable, base_ms

Ints = NDArray[np.int32]


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
    _changed: dict[tuple[int, date], ChangedRow | None] = field(repr=False)
    _added: tuple[tuple[ExtraTrip, date, ChangedRow], ...] = field(repr=False)
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
        changed: dict[tuple[int, int], ChangedRow | None] = {}
        added: list[tuple[int, int, ChangedRow]] = []
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

    def _shifted(self, run: int, row: ChangedRow, own: date, planned: Day) -> ChangedRow:
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
        self.changed: dict[tuple[int, date], ChangedRow | None] = {}
        self.added: list[tuple[ExtraTrip, date, ChangedRow]] = []

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

    def _row(self, run: int, change: TripChange) -> ChangedRow | str:
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
        return _sensible(ChangedRow(stops, flags, arrival.astype(np.int32), departure.astype(np.int32)))

    def _call(self, call: CallChange, sequence: Ints, stops: Ints, start: int) -> int | None:
        if call.sequence is not None:
            found = np.flatnonzero(sequence == call.sequence)
            return int(found[0]) if len(found) and found[0] >= start else None
        for at in range(start, len(stops)):
            if self.network.stops[stops[at]] == call.stop_id:
                return at
        return None

    def _replaced(self, change: TripChange) -> ChangedRow | str:
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
        return _sensible(ChangedRow(np.array(stops, np.int32), np.array(flags, np.int32), arrival, departure))

    def _take_added(self, change: TripChange) -> str:
        row = self._replaced(change)
        if isinstance(row, str):
            return row
        feed = change.feed or self.network.feeds[self.network.stop_feed[row.stop[0]]]
        self.added.append((ExtraTrip(feed, change.trip_id, change.line_id, change.headsign), change.service_day, row))
        return ""


def _live_calls(row: ChangedRow, trip: ExtraTrip | None = None) -> LiveCalls:
    told = ("", "") if trip is None else (trip.line_id, trip.headsign)
    boards, alights = (row.flags & PICKUP) > 0, (row.flags & DROP_OFF) > 0
    return LiveCalls(row.stop, row.arrival, row.departure, boards, alights, *told)


def _delay(delay_s: int | None, at_ms: int | None, base: int, planned: int) -> int | None:
    if at_ms is not None:
        return (at_ms - base) // 1000 - planned
    return delay_s


def _sensible(row: ChangedRow) -> ChangedRow | str:
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
