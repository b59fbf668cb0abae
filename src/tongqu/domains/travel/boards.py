"""Departures at stops, with real times, what does not leave, and how far away the vehicle is (实时公交)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from tongqu.domains.travel.modes import mode_of
from tongqu.engines.journeys import Planner
from tongqu.engines.transit import layout as sections
from tongqu.protocols.gtfs_realtime import VehiclePosition

BOARD = 1  # bit of a packed stop: one may board there


@dataclass(frozen=True)
class Departure:
    """A vehicle that can be boarded, or was to be.

    Attributes:
        planned_ms: by the timetable; None of a trip that is not planned so. live: a real-time message tells the time.
        state: `runs`; `cancelled`: the trip does not run; `skipped`: it runs and does not stop here.
        stops_away: how many stops the vehicle is before this one, where its position is known; 0: it is here.
    """

    stop: int
    feed: str
    trip_id: str
    service_day: date
    line: str
    mode: str
    headsign: str
    departure_ms: int
    planned_ms: int | None
    live: bool
    state: str = "runs"
    stops_away: int | None = None
    vehicle: VehiclePosition | None = None


Found = dict[tuple[int, int, int], tuple[int, int, int]]
"""By run, day before (0) or after and position of the call: stop, second of departure, position."""


def departures(
    planner: Planner, stops: Sequence[int], from_ms: int, until_ms: int, most: int,
    vehicles: Mapping[tuple[str, str], VehiclePosition],
) -> list[Departure]:  # fmt: skip
    """What leaves from stops in a span of time, the earliest first, with what was to leave and does not.

    Args:
        stops: indices. vehicles: positions by feed and trip.
    """
    timetable, live = planner.timetable, planner.assembler.live
    day = timetable.day_of(from_ms)
    if not timetable.serves(day):
        return []
    held = timetable.day(day) if live is None else live.day(day)
    span = (from_ms - held.base_ms) // 1000, (until_ms - held.base_ms) // 1000
    found = _found(held.forward, stops, *span)
    told = [_departure(planner, key, value, held.base_ms, day, vehicles) for key, value in _first(found, most)]
    if live is not None:
        planned = _found(timetable.day(day).forward, stops, *span)
        gone = {key: value for key, value in planned.items() if key not in found}
        told += [
            _departure(planner, key, value, held.base_ms, day, {}, state)
            for key, value in _first(gone, most)
            if (state := _why_not(planner, key, day)) is not None
        ]
    return sorted(told, key=lambda one: one.departure_ms)[:most]


def _first(found: Found, most: int) -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
    return sorted(found.items(), key=lambda one: (one[1][1], one[0]))[:most]


def _found(layout: Any, stops: Sequence[int], begin: int, end: int) -> Found:
    """Calls at stops where one may board, that leave between two seconds of a day; where a trip ends nothing leaves."""
    part = layout.section
    pattern_first, row_first = part(sections.PATTERN_FIRST), part(sections.ROW_FIRST)
    packed, times, time_first = part(sections.PATTERN_STOP), part(sections.DEPARTURE), part(sections.TIME_FIRST)
    found: Found = {}
    for stop in stops:
        for at in np.flatnonzero((packed >> 2 == stop) & ((packed & BOARD) > 0)).tolist():
            pattern = int(np.searchsorted(pattern_first, at, side="right")) - 1
            first, rows = int(row_first[pattern]), int(row_first[pattern + 1] - row_first[pattern])
            position = at - int(pattern_first[pattern])
            if at + 1 == int(pattern_first[pattern + 1]):
                continue
            base = int(time_first[pattern]) + position * rows
            own = times[base : base + rows]
            for row in np.flatnonzero((own >= begin) & (own <= end)).tolist():
                key = int(layout.run[first + row]), int(layout.day[first + row]), position
                found[key] = stop, int(own[row]), position
    return found


def _why_not(planner: Planner, key: tuple[int, int, int], day: date) -> str | None:
    """Why a planned departure is not among those of now; None where it only leaves at another time."""
    run, which, position = key
    network = planner.timetable.network
    feed, trip_id = int(network.runs.feed[run]), network.trips[int(network.runs.trip[run])]
    service_day = day + timedelta(days=which)
    if planner.assembler.cancelled(feed, trip_id, service_day):
        return "cancelled"
    now = planner.assembler.now(feed, trip_id, service_day)
    skipped = now is not None and position < len(now.may_board) and not now.may_board[position]
    return "skipped" if skipped else None


def _departure(
    planner: Planner, key: tuple[int, int, int], value: tuple[int, int, int], base_ms: int, day: date,
    vehicles: Mapping[tuple[str, str], VehiclePosition], state: str = "runs",
) -> Departure:  # fmt: skip
    run, which, _ = key
    stop, at_s, position = value
    network, catalogue = planner.timetable.network, planner.catalogue
    service_day = day + timedelta(days=which)
    if run >= len(network.runs):
        assert planner.assembler.live is not None  # only a snapshot adds trips
        extra = planner.assembler.live.day(day).extra[run - len(network.runs)]
        feed, trip_id, headsign = extra.feed, extra.trip_id, extra.headsign
    else:
        trip = int(network.runs.trip[run])
        feed, trip_id = network.feeds[network.runs.feed[run]], network.trips[trip]
        headsign = ""
    index = network.feeds.index(feed)
    now = planner.assembler.now(index, trip_id, service_day)
    planned: int | None = base_ms + at_s * 1000
    known = catalogue.has(index, trip_id)
    if now is not None:
        planned = None
        if known:
            stops, _, times = catalogue.calls(index, trip_id)
            if position < len(stops) and stops[position] == stop:
                planned = catalogue.base_ms(index, service_day) + int(times[position]) * 1000
    line = catalogue.line_of(index, trip_id) if known else catalogue.line(index, now.line_id if now else "")
    calls = now.stop if now is not None else catalogue.calls(index, trip_id)[0]
    ends = network.stop_names[int(calls[-1])]
    vehicle = vehicles.get((feed, trip_id))
    away = None if vehicle is None else _stops_away(planner, index, trip_id, vehicle, calls.tolist(), position)
    if away is None or away < 0:
        vehicle = away = None
    return Departure(
        stop, feed, trip_id, service_day, line.short_name or line.long_name or line.id, mode_of(line.route_type),
        headsign or ends, base_ms + at_s * 1000, planned, now is not None, state, away, vehicle,
    )  # fmt: skip


def _stops_away(
    planner: Planner, feed: int, trip_id: str, vehicle: VehiclePosition, calls: list[int], position: int
) -> int | None:
    """Stops between a vehicle and a call: it is at, or goes to, the stop that its message names."""
    network = planner.timetable.network
    if vehicle.stop_id:
        names = [network.stops[stop] for stop in calls]
        here = [k for k, name in enumerate(names) if name == vehicle.stop_id]
        if here:
            return position - min(here, key=lambda k: abs(position - k))
    trip = planner.timetable.trip(trip_id, network.feeds[feed])
    if vehicle.stop_sequence is None or trip is None:
        return None
    run = int(planner.timetable.runs_of(trip)[0])
    first = int(network.runs.call_first[run])
    sequence = network.call_sequence[first : first + len(calls)]
    found = np.flatnonzero(sequence == vehicle.stop_sequence)
    return position - int(found[0]) if len(found) else None
