"""Departures at stops, with real times, and how far away the vehicle is (实时公交)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tongqu.engines.journeys import Planner
from tongqu.engines.transit import layout as sections
from tongqu.protocols.gtfs_realtime import VehiclePosition

BOARD = 1  # bit of a packed stop: one may board there


@dataclass(frozen=True)
class Departure:
    """A vehicle that can be boarded.

    Attributes:
        planned_ms: by the timetable; None of a trip that is not planned so. live: a real-time message tells the time.
        stops_away: how many stops the vehicle is before this one, where its position is known; 0: it is here.
    """

    stop: int
    feed: str
    trip_id: str
    service_day: date
    line: str
    headsign: str
    departure_ms: int
    planned_ms: int | None
    live: bool
    stops_away: int | None = None
    vehicle: VehiclePosition | None = None


def departures(
    planner: Planner, stops: Sequence[int], from_ms: int, until_ms: int, most: int,
    vehicles: Mapping[tuple[str, str], VehiclePosition],
) -> list[Departure]:  # fmt: skip
    """What leaves from stops in a span of time, the earliest first; a cancelled trip and a skipped stop are not there.

    Args:
        stops: indices. vehicles: positions by feed and trip.
    """
    timetable = planner.timetable
    day = timetable.day_of(from_ms)
    if not timetable.serves(day):
        return []
    held = timetable.day(day) if planner.assembler.live is None else planner.assembler.live.day(day)
    layout = held.forward
    part = layout.section
    begin, end = (from_ms - held.base_ms) // 1000, (until_ms - held.base_ms) // 1000
    pattern_first, row_first = part(sections.PATTERN_FIRST), part(sections.ROW_FIRST)
    packed, times, time_first = part(sections.PATTERN_STOP), part(sections.DEPARTURE), part(sections.TIME_FIRST)
    found: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for stop in stops:
        for at in np.flatnonzero((packed >> 2 == stop) & ((packed & BOARD) > 0)).tolist():
            pattern = int(np.searchsorted(pattern_first, at, side="right")) - 1
            first, rows = int(row_first[pattern]), int(row_first[pattern + 1] - row_first[pattern])
            position = at - int(pattern_first[pattern])
            base = int(time_first[pattern]) + position * rows
            own = times[base : base + rows]
            for row in np.flatnonzero((own >= begin) & (own <= end)).tolist():
                key = int(layout.run[first + row]), int(layout.day[first + row]), position
                found[key] = stop, int(own[row]), position
    listed = sorted(found.items(), key=lambda one: (one[1][1], one[0]))[:most]
    return [_departure(planner, key, value, held.base_ms, day, vehicles) for key, value in listed]


def _departure(
    planner: Planner, key: tuple[int, int, int], value: tuple[int, int, int], base_ms: int, day: date,
    vehicles: Mapping[tuple[str, str], VehiclePosition],
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
        stop, feed, trip_id, service_day, line.short_name or line.long_name or line.id, headsign or ends,
        base_ms + at_s * 1000, planned, now is not None, away, vehicle,
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
