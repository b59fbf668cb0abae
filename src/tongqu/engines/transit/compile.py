"""Feeds to one network: ids to indices, trips to runs, walks and times to change, lower bounds; kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit import bounds as bounding
from tongqu.engines.transit.foot import Beeline, FootTransfers, Streets, Walker
from tongqu.engines.transit.runs import DROP_OFF, PICKUP, Runs, group
from tongqu.engines.transit.walks import walks
from tongqu.kit.errors import Invalid
from tongqu.protocols import gtfs

if TYPE_CHECKING:
    from tongqu.engines.transit.timetable import Network

Ints = NDArray[np.int32]
Span = tuple[date, date]

FORMAT = 2
"""Number of the layout of the files in the cache; raise it when `Network` changes."""

_DAY = timedelta(days=1)

FREQUENCY_RUNS = 100_000
"""Departures one row of frequencies.txt may stand for; a headway of a second over a day is no timetable."""


def span_of(dates: date | str | Iterable[date | str] | None) -> Span | None:
    """First and last of some days, given as days or as ISO texts (``2019-05-13`` or ``20190513``)."""
    if dates is None:
        return None
    several = [dates] if isinstance(dates, date | str) else list(dates)
    try:
        days = [day if isinstance(day, date) else date.fromisoformat(day) for day in several]
    except ValueError as error:
        raise Invalid("transit.bad_date", field="dates") from error
    if not days:
        raise Invalid("transit.bad_date", field="dates")
    return min(days), max(days)


def network(
    files: list[Path], span: Span | None, streets: Walker | Streets | FootTransfers | None, cache: Path | None
) -> Network:
    """Read and compile, or read what was compiled before."""
    walked = _fingerprint(streets)
    kept = None
    if cache is not None and walked:
        hashes = [gtfs.open_source(file).sha256 for file in files]
        kept = cache / f"{_key(hashes, span, walked)}.transit"
    if kept is not None and kept.exists():
        from tongqu.engines.transit.storage import load

        return load(kept)
    made = compiled([gtfs.schedule(gtfs.read(file)) for file in files], span, streets)
    if kept is not None:
        from tongqu.engines.transit.storage import save

        save(made, kept)
    return made


def _key(hashes: list[str], span: Span | None, walked: str) -> str:
    """Name of what comes of these feeds, days and walks."""
    days = None if span is None else [day.isoformat() for day in span]
    return hashlib.sha256(json.dumps([FORMAT, hashes, days, walked]).encode()).hexdigest()[:32]


def _fingerprint(streets: Walker | Streets | FootTransfers | None) -> str:
    """What tells walks apart; an empty text where nothing does, so that nothing is kept."""
    if isinstance(streets, FootTransfers):
        parts = (streets.first, streets.to, streets.seconds)
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
    named = getattr(streets, "fingerprint", None) or getattr(streets, "key", None)
    if named is None and (streets is None or isinstance(streets, Beeline)):
        named = repr(streets)
    return str(named or "")


def compiled(
    plans: Sequence[gtfs.Schedule], span: Span | None, streets: Walker | Streets | FootTransfers | None
) -> Network:
    """Compile resolved feeds into one network."""
    from tongqu.engines.transit.timetable import Network

    first_day, service_days = _days(plans, span)
    names = _feed_names(plans)
    stop_from = np.r_[0, np.cumsum([len(plan.stops) for plan in plans])]
    trip_from = np.r_[0, np.cumsum([len(plan.trips) for plan in plans])]
    lon = np.concatenate([plan.stop_lon for plan in plans])
    lat = np.concatenate([plan.stop_lat for plan in plans])
    runs = _runs(plans, stop_from, trip_from)
    given = walks(plans, stop_from, trip_from, lon, lat, streets)
    lines, trip_line = _joined([(plan.routes, plan.trip_route) for plan in plans])
    headsigns, trip_headsign = _texts([plan.feed.strings("trips", "trip_headsign") for plan in plans])
    seats = given.in_seat
    seated = _seats(plans, runs, seats, len(lon))
    edges = bounding.edges(runs, given.foot, seated)
    return Network(
        feeds=names,
        zones=tuple(plan.zone for plan in plans),
        stops=tuple(stop for plan in plans for stop in plan.stops),
        stop_names=tuple(name for plan in plans for name in plan.feed.strings("stops", "stop_name")),
        stop_feed=np.repeat(np.arange(len(plans), dtype=np.int32), np.diff(stop_from)),
        stop_lon=lon,
        stop_lat=lat,
        stop_parent=np.concatenate(
            [
                np.where(plan.stop_parent >= 0, plan.stop_parent + at, -1)
                for plan, at in zip(plans, stop_from, strict=False)
            ]
        ).astype(np.int32),
        stop_kind=np.concatenate([plan.stop_kind for plan in plans]).astype(np.int32),
        trips=tuple(trip for plan in plans for trip in plan.trips),
        trip_feed=np.repeat(np.arange(len(plans), dtype=np.int32), np.diff(trip_from)),
        trip_line=trip_line,
        lines=lines,
        trip_headsign=trip_headsign,
        headsigns=headsigns,
        runs=runs,
        call_sequence=np.concatenate([plan.call_sequence for plan in plans]).astype(np.int32),
        services=tuple(service for plan in plans for service in plan.calendar.services),
        first_day=first_day,
        service_days=service_days,
        in_seat=seats,
        not_in_seat=given.not_in_seat,
        foot=given.foot,
        change=given.change,
        bounds=bounding.bounds(edges, bounding.clusters(lon, lat, bounding.most_clusters(edges))),
        notes=given.notes,
    )


def _feed_names(plans: Sequence[gtfs.Schedule]) -> tuple[str, ...]:
    names: list[str] = []
    for plan in plans:
        name, number = plan.feed.name, 2
        while name in names:
            name, number = f"{plan.feed.name}-{number}", number + 1
        names.append(name)
    return tuple(names)


def _days(plans: Sequence[gtfs.Schedule], span: Span | None) -> tuple[date, NDArray[np.bool_]]:
    """First day served, and which service runs on each day from the day before it to the day after the last."""
    firsts = [plan.calendar.first for plan in plans if plan.calendar.first is not None]
    lasts = [plan.calendar.last for plan in plans if plan.calendar.last is not None]
    if not firsts:
        raise Invalid("transit.no_service")
    first, last = (min(firsts), max(lasts)) if span is None else span
    if span is not None and (last + _DAY < min(firsts) or first - _DAY > max(lasts)):
        raise Invalid("transit.outside_dates", first=str(min(firsts)), last=str(max(lasts)))
    days = [first + timedelta(days=offset) for offset in range(-1, (last - first).days + 2)]
    return first, np.array([np.concatenate([plan.calendar.on(day) for plan in plans]) for day in days])


def _runs(plans: Sequence[gtfs.Schedule], stop_from: NDArray[Any], trip_from: NDArray[Any]) -> Runs:
    stops = np.concatenate([plan.call_stop + at for plan, at in zip(plans, stop_from, strict=False)])
    flags = np.concatenate(
        [np.where(plan.call_pickup == 1, 0, PICKUP) | np.where(plan.call_drop_off == 1, 0, DROP_OFF) for plan in plans]
    )
    counts = np.concatenate([np.diff(plan.trip_first) for plan in plans])
    first = np.r_[0, np.cumsum(counts)].astype(np.int32)
    arrival = np.concatenate([plan.call_arrival_s for plan in plans]).astype(np.int32)
    departure = np.concatenate([plan.call_departure_s for plan in plans]).astype(np.int32)
    running = np.flatnonzero(counts)
    arrival[first[running]] = departure[first[running]]
    departure[first[running + 1] - 1] = arrival[first[running + 1] - 1]
    pattern, pattern_first, pattern_stop, pattern_flags = group(stops, flags, first)
    service_from = np.r_[0, np.cumsum([len(plan.calendar.services) for plan in plans])]
    block_from = np.r_[0, np.cumsum([len(plan.blocks) for plan in plans])]
    service = np.concatenate(
        [np.where(p.trip_service >= 0, p.trip_service + at, -1) for p, at in zip(plans, service_from, strict=False)]
    )
    block = np.concatenate(
        [np.where(p.trip_block >= 0, p.trip_block + at, -1) for p, at in zip(plans, block_from, strict=False)]
    )
    feed = np.repeat(np.arange(len(plans)), np.diff(trip_from))
    trip, shift, headway = _departures(plans, trip_from, first, departure, running[service[running] >= 0])
    return Runs(
        pattern_first, pattern_stop, pattern_flags, pattern[trip], first[trip], shift, trip,
        service[trip].astype(np.int32), feed[trip].astype(np.int32),
        np.where(headway > 0, -1, block[trip]).astype(np.int32), headway, arrival, departure,
    )  # fmt: skip


def _departures(
    plans: Sequence[gtfs.Schedule], trip_from: NDArray[Any], first: Ints, departure: Ints, running: NDArray[Any]
) -> tuple[Ints, Ints, Ints]:
    """One run for each trip, and one for each departure of a trip that goes by frequency.

    Without exact times a departure is set at each headway from the start on, and the run says its headway: the vehicle
    comes within that time, and no connection to it is promised to the minute.
    """
    by_frequency: dict[int, list[tuple[int, int, int, int]]] = {}
    for plan, base in zip(plans, trip_from, strict=False):
        trips = plan.feed.index("frequencies", "trip_id", list(plan.trips))
        columns = [
            plan.feed.numbers("frequencies", name, -1).tolist() for name in ("start_time", "end_time", "headway_secs")
        ]
        exact = plan.feed.numbers("frequencies", "exact_times", 0).tolist()
        for trip, start, end, headway, fixed in zip(trips.tolist(), *columns, exact, strict=True):
            if trip >= 0 and headway > 0 and 0 <= start < end and (end - start) // headway < FREQUENCY_RUNS:
                by_frequency.setdefault(trip + int(base), []).append((start, end, headway, fixed))
    trip_l: list[int] = []
    shift_l: list[int] = []
    headway_l: list[int] = []
    for trip in running.tolist():
        rows = by_frequency.get(trip)
        if rows is None:
            trip_l.append(trip)
            shift_l.append(0)
            headway_l.append(0)
            continue
        begin = int(departure[first[trip]])
        for start, end, headway, fixed in rows:
            for leave in range(start, end, headway):
                trip_l.append(trip)
                shift_l.append(leave - begin)
                headway_l.append(0 if fixed else headway)
    return np.array(trip_l, np.int32), np.array(shift_l, np.int32), np.array(headway_l, np.int32)


def _joined(parts: list[tuple[tuple[str, ...], Ints]]) -> tuple[tuple[str, ...], Ints]:
    names: list[str] = []
    indices: list[Ints] = []
    for own, index in parts:
        indices.append(np.where(index >= 0, index + len(names), -1).astype(np.int32))
        names += own
    return tuple(names), np.concatenate(indices)


def _texts(columns: list[list[str]]) -> tuple[tuple[str, ...], Ints]:
    known: dict[str, int] = {}
    index = [known.setdefault(text, len(known)) for column in columns for text in column]
    return tuple(known), np.array(index, dtype=np.int32)


def _seats(plans: Sequence[gtfs.Schedule], runs: Runs, in_seat: tuple[Ints, Ints], stops: int) -> tuple[Ints, Ints]:
    """Pairs of stops between which one may be carried while a vehicle changes from trip to trip (for the bounds)."""
    if not len(in_seat[0]):
        empty = np.zeros(0, dtype=np.int32)
        return empty, empty
    size = int(max(in_seat[0].max(), in_seat[1].max(), runs.trip.max() if len(runs) else 0)) + 1
    first, last = np.full(size, -1, dtype=np.int32), np.full(size, -1, dtype=np.int32)
    first[runs.trip] = runs.pattern_stop[runs.pattern_first[runs.pattern]]
    last[runs.trip] = runs.pattern_stop[runs.pattern_first[runs.pattern + 1] - 1]
    start, to = last[in_seat[0]], first[in_seat[1]]
    known = (start >= 0) & (to >= 0)
    return start[known], to[known]


def follows(network: Network, run: Ints, day: Ints) -> Ints:
    """For each run of a day the run that its vehicle serves next and in which one may stay seated; -1 for none.

    That is the next trip of the same block on the same service day that starts where the last one ended, and what
    transfers.txt says with type 4; not what it forbids with type 5.
    """
    runs = network.runs
    result = np.full(len(run), -1, dtype=np.int32)
    ruled = dict(zip(network.in_seat[0].tolist(), network.in_seat[1].tolist(), strict=True))
    forbidden = set(zip(network.not_in_seat[0].tolist(), network.not_in_seat[1].tolist(), strict=True))
    if ruled:
        at = {(int(runs.trip[r]), int(d)): i for i, (r, d) in enumerate(zip(run, day, strict=True))}
        for (trip, which), index in at.items():
            result[index] = at.get((ruled.get(trip, -1), which), -1)
    blocked = np.flatnonzero(runs.block[run] >= 0)
    if not len(blocked):
        return result
    own = run[blocked]
    begin, end = runs.begin_s()[own], runs.end_s()[own]
    order = np.lexsort((end, begin, runs.block[own], day[blocked]))
    starts = runs.pattern_stop[runs.pattern_first[runs.pattern[own]]]
    stops = runs.pattern_stop[runs.pattern_first[runs.pattern[own] + 1] - 1]
    for a, b in pairwise(order):
        same = runs.block[own[a]] == runs.block[own[b]] and day[blocked[a]] == day[blocked[b]]
        if not same or end[a] > begin[b] or stops[a] != starts[b] or result[blocked[a]] >= 0:
            continue
        if (int(runs.trip[own[a]]), int(runs.trip[own[b]])) not in forbidden:
            result[blocked[a]] = blocked[b]
    return result
