"""From matched vehicles to GTFS Realtime: trip updates, vehicle positions, and what an operator wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tongqu.engines.arrivals import UNKNOWN_MS, Operation
from tongqu.engines.journeys import Planner
from tongqu.protocols.gtfs_realtime import Call, Message, Trip, TripUpdate, VehiclePosition

Where = tuple[int, float, float, float, int]
"""The latest fix of a vehicle: UTC ms, longitude, latitude, km/h, heading."""


@dataclass(frozen=True)
class Told:
    """What is known of a vehicle that runs a trip.

    Attributes:
        vehicle: key of the thing. call: position of the next call; it stands there where `standing`.
        delay_ms: at the last call. arrival_ms: forecast at the next call; low_ms, high_ms: P10 and P90 of it.
        done: part of the way.
    """

    vehicle: int
    trip_id: str
    service_day: date
    line: str
    stop: int
    call: int
    standing: bool
    delay_ms: int
    arrival_ms: int
    low_ms: int
    high_ms: int
    done: float
    seen_ms: int


def messages(
    planner: Planner, feed: str, operation: Operation, trips: Sequence[tuple[str, date]], where: Mapping[int, Where],
    now_ms: int,
) -> tuple[tuple[Told, ...], Message]:  # fmt: skip
    """What vehicles of a feed do, and the message that tells it. The message does not name a vehicle.

    Args:
        trips: trip id and service day of each run. where: latest fix of each vehicle by its key.
        now_ms: no call still to come is forecast for before it.
    """
    plan, matched = operation.plan, operation.matched()
    told = operation.forecasts(now_ms)
    lead = told.arrival_ms - (now_ms - plan.base_ms)
    low, high = operation.accuracy.band(lead)
    found: list[Told] = []
    updates: list[TripUpdate] = []
    vehicles: list[VehiclePosition] = []
    index = planner.timetable.network.feeds.index(feed)
    for i, run in enumerate(matched.run.tolist()):
        trip_id, day = trips[run]
        part = slice(int(told.first[i]), int(told.first[i + 1]))
        if part.start == part.stop:
            continue
        sequences, stops = _calls(planner, feed, trip_id)
        line = planner.catalogue.line_of(index, trip_id)
        trip = Trip(trip_id, line.id, start_date=f"{day:%Y%m%d}")
        name = f"{trip_id}@{day:%Y%m%d}"
        seen = int(matched.seen_ms[i])
        times = _times(operation, run, told.call[part].tolist(), told.arrival_ms[part], told.departure_ms[part])
        calls = tuple(
            Call(sequences[call], planner.timetable.network.stops[stops[call]], arrival, departure_ms=departure)
            for call, arrival, departure in times
        )
        delay = int(told.delay_ms[i])
        updates.append(TripUpdate(name, trip, calls, timestamp_ms=seen, delay_s=round(delay / 1000)))
        call, key = int(matched.next_call[i]), int(matched.vehicle[i])
        if key in where:
            _, lon, lat, speed_kmh, heading = where[key]
            status = "stopped_at" if matched.standing[i] else "in_transit_to"
            vehicles.append(VehiclePosition(
                name, trip, "", "", lon, lat, float(heading), round(speed_kmh / 3.6, 1), sequences[call],
                planner.timetable.network.stops[stops[call]], status, seen,
            ))  # fmt: skip
        arrival = plan.base_ms + int(told.arrival_ms[part.start])
        along = plan.stop_m[plan.calls(int(plan.run_pattern[run]))]
        found.append(Told(
            key, trip_id, day, line.short_name or line.long_name or line.id, stops[call], call,
            bool(matched.standing[i]), delay, arrival, arrival + int(low[part.start]), arrival + int(high[part.start]),
            float(np.clip((matched.along_m[i] - along[0]) / max(along[-1] - along[0], 1.0), 0.0, 1.0)), seen,
        ))  # fmt: skip
    return tuple(found), Message(now_ms, tuple(updates), tuple(vehicles))


def _calls(planner: Planner, feed: str, trip_id: str) -> tuple[list[int], list[int]]:
    """stop_sequence and stop of each call of a trip."""
    timetable = planner.timetable
    network = timetable.network
    trip = timetable.trip(trip_id, feed)
    assert trip is not None  # trips of the plan are those of this timetable
    run = int(timetable.runs_of(trip)[0])
    stops = planner.catalogue.calls(network.feeds.index(feed), trip_id)[0].tolist()
    first = int(network.runs.call_first[run])
    return network.call_sequence[first : first + len(stops)].tolist(), stops


def _times(
    operation: Operation, run: int, call: list[int], arrival: np.ndarray, departure: np.ndarray
) -> list[tuple[int, int, int]]:
    """Call, arrival and departure (UTC ms): those passed as they were observed, then those to come; none goes back."""
    plan, part = operation.plan, operation.plan.times(run)
    known: list[tuple[int, int, int]] = []
    for k in range(call[0]):
        at, left = int(operation.arrival_ms[part.start + k]), int(operation.departure_ms[part.start + k])
        if at != UNKNOWN_MS or left != UNKNOWN_MS:
            known.append((k, left if at == UNKNOWN_MS else at, at if left == UNKNOWN_MS else left))
    known += zip(call, arrival.tolist(), departure.tolist(), strict=True)
    times, last = [], -(1 << 62)
    for k, at, left in known:
        at = max(at, last)
        last = max(left, at)
        times.append((k, plan.base_ms + at, plan.base_ms + last))
    return times
