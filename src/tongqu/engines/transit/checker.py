"""Checks itineraries against the feeds. It shares no code with the search and reads the feeds in plain Python.

It answers for each itinerary a list of findings (empty: nothing wrong); each begins with one of `RULES`.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tongqu.engines.transit.on_request import Drive, OnRequest

RULES = {
    "empty": "an itinerary has legs, the first is not after the last",
    "place": "each leg begins where the one before ended",
    "order": "no leg begins before the one before ended",
    "trip": "the trip is in the feed and calls at both stops in this order",
    "day": "the trip runs on the service day",
    "times": "departure and arrival are those of the timetable",
    "boarding": "one may board at the first stop and alight at the last",
    "change": "the time to change is kept, and the change is not forbidden",
    "walk": "a walk takes as long as the streets or the rules say",
    "bike": "a bike is rented where there is one, returned elsewhere where there is place, and takes its time",
    "on_demand": "one is fetched and set down where and when a trip on request serves, may book it, and takes its time",
    "seated": "the vehicle goes on as the next trip",
    "duration": "nobody travels in no time",
    "transfers": "transfers are the rides less one, where one did not stay seated",
}

Walk = Callable[[str, str], int | None]


@dataclass(frozen=True)
class BikeRules:
    """What is known of shared bikes; stations are named as the legs name them, apart from all stops.

    Attributes:
        rents, returns: stations with a bike to rent, with a place to return one.
        ride: seconds from station to station with all that belongs to it; None where there is no way.
        most_s: no ride takes longer.
    """

    rents: Container[str]
    returns: Container[str]
    ride: Walk
    most_s: int


@dataclass
class _Feed:
    zone: ZoneInfo
    calls: dict[str, list[tuple[str, int, int, str, str]]]
    trips: dict[str, dict[str, str]]
    calendar: dict[str, dict[str, str]]
    exceptions: dict[tuple[str, str], str]
    frequencies: dict[str, list[dict[str, str]]]
    transfers: list[dict[str, str]]
    parent: dict[str, str]


@dataclass
class Checker:
    """Checks itineraries of one or several feeds.

    Args:
        paths: the feeds' zips or folders, in the order in which the timetable was made of them.
        walk: seconds of the walk between two stops where no rule of the feed says it; None where there is no walk.
        access: seconds between a place and a stop, for the walks at the ends; not looked at where none is given.
        change_s: the time to change that was asked for.
        live: real-time calls of a trip: ``(feed, trip_id, service_day) -> [(stop_id, arrival_ms, departure_ms)]``; None
            where the trip runs as planned, an empty list where it does not run.
        bikes: of legs of the kind `bike`; without it none is right.
        drive: seconds by car between two points, for how long a ride on request takes; not looked at without it.
    """

    paths: Iterable[Path | str]
    walk: Walk | None = None
    access: Mapping[str, int] | None = None
    change_s: int = 120
    live: Callable[[str, str, str], list[tuple[str, int, int]] | None] | None = None
    bikes: BikeRules | None = None
    drive: Drive | None = None
    _on_request: dict[str, OnRequest] = field(init=False, default_factory=dict)
    _feeds: dict[str, _Feed] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.paths:
            name, number = Path(path).stem if Path(path).is_file() else Path(path).name, 2
            while name in self._feeds:
                name, number = f"{Path(path).stem}-{number}", number + 1
            feed = self._feeds[name] = _read(Path(path))
            self._on_request[name] = _on_request(Path(path), feed)

    def check(self, itinerary: Any) -> list[str]:
        """What is wrong with an itinerary."""
        legs = list(itinerary.legs)
        if not legs or legs[-1].arrival_ms < legs[0].departure_ms:
            return ["empty"]
        wrong: list[str] = []
        if legs[-1].arrival_ms == legs[0].departure_ms:
            wrong.append("duration: the journey takes no time")
        for before, after in pairwise(legs):
            if before.destination_stop_id != after.origin_stop_id:
                wrong.append(f"place: {before.destination_stop_id} then {after.origin_stop_id}")
            if after.departure_ms < before.arrival_ms:
                wrong.append(f"order: {after.departure_ms} before {before.arrival_ms}")
        kinds = {"ride": self._ride, "bike": self._bike, "on_demand": self._on_demand}
        for leg in legs:
            wrong += kinds.get(leg.kind, self._walk)(leg)
        rides = [leg for leg in legs if leg.kind == "ride"]
        if not rides and all(leg.kind not in ("bike", "on_demand") for leg in legs):
            wrong.append("empty: no ride")
        if itinerary.transfers != max(sum(not leg.stay_seated for leg in rides) - 1, 0):
            wrong.append(f"transfers: {itinerary.transfers}")
        for index, leg in enumerate(legs):
            if leg.kind == "ride" and index and legs[index - 1].kind == "ride":
                wrong += self._seated(legs[index - 1], leg) if leg.stay_seated else self._change(legs[index - 1], leg)
        return wrong

    def _ride(self, leg: Any) -> list[str]:
        feed = self._feeds.get(leg.feed)
        if feed is None or leg.trip_id not in feed.trips:
            return [f"trip: {leg.feed} {leg.trip_id} is not there"]
        live = self.live(leg.feed, leg.trip_id, leg.service_day) if self.live else None
        if live is not None:
            return _live_ride(leg, live)
        wrong: list[str] = []
        day = date(int(leg.service_day[:4]), int(leg.service_day[4:6]), int(leg.service_day[6:]))
        if not _runs(feed, feed.trips[leg.trip_id]["service_id"], day):
            wrong.append(f"day: {leg.trip_id} does not run on {leg.service_day}")
        calls = feed.calls[leg.trip_id]
        a, b = leg.origin_call, leg.destination_call
        if not 0 <= a < b < len(calls) or calls[a][0] != leg.origin_stop_id or calls[b][0] != leg.destination_stop_id:
            return [
                *wrong,
                f"trip: {leg.trip_id} does not call at {leg.origin_stop_id} and then {leg.destination_stop_id}",
            ]
        if calls[a][3] == "1" and not leg.stay_seated:
            wrong.append(f"boarding: nobody boards {leg.trip_id} at {leg.origin_stop_id}")
        if calls[b][4] == "1" and b < len(calls) - 1:
            wrong.append(f"boarding: nobody alights from {leg.trip_id} at {leg.destination_stop_id}")
        base = _base_ms(day, feed.zone)
        leave, arrive = (leg.departure_ms - base) / 1000, (leg.arrival_ms - base) / 1000
        shift = leave - calls[a][2]
        if arrive - calls[b][1] != shift or not _departs(feed, leg.trip_id, calls[0][2], shift):
            wrong.append(
                f"times: {leg.trip_id} leaves {calls[a][2]} and arrives {calls[b][1]}, not {leave} and {arrive}"
            )
        if leave == arrive and calls[a][2] != calls[b][1]:
            wrong.append("duration: a ride takes no time")
        return wrong

    def _walk(self, leg: Any) -> list[str]:
        seconds = (leg.arrival_ms - leg.departure_ms) / 1000
        if seconds <= 0:
            return ["duration: a walk takes no time"]
        if leg.origin_stop_id is None or leg.destination_stop_id is None:
            stop = leg.destination_stop_id or leg.origin_stop_id
            if self.access is not None and self.access.get(stop) != seconds:
                return [f"walk: {stop} is {self.access.get(stop)} s away, not {seconds}"]
            return []
        told = self._told_s(leg.origin_stop_id, leg.destination_stop_id)
        expected = self.walk(leg.origin_stop_id, leg.destination_stop_id) if told is None and self.walk else told
        if told == -1 or expected != seconds:
            return [f"walk: {leg.origin_stop_id} to {leg.destination_stop_id} takes {expected} s, not {seconds}"]
        return []

    def _bike(self, leg: Any) -> list[str]:
        rules, (a, b) = self.bikes, (leg.origin_stop_id, leg.destination_stop_id)
        if rules is None or a is None or b is None or a == b:
            return [f"bike: none goes from {a} to {b}"]
        wrong = [] if a in rules.rents else [f"bike: there is none to rent at {a}"]
        wrong += [] if b in rules.returns else [f"bike: there is no place at {b}"]
        seconds, expected = (leg.arrival_ms - leg.departure_ms) / 1000, rules.ride(a, b)
        if seconds != expected or seconds > rules.most_s:
            wrong.append(f"bike: {a} to {b} takes {expected} s and {rules.most_s} s at most, not {seconds}")
        return wrong

    def _on_demand(self, leg: Any) -> list[str]:
        feed = self._feeds.get(leg.feed)
        if feed is None or leg.trip_id not in feed.trips:
            return [f"trip: {leg.feed} {leg.trip_id} is not there"]
        day = date(int(leg.service_day[:4]), int(leg.service_day[4:6]), int(leg.service_day[6:]))
        wrong = self._on_request[leg.feed].check(leg, day, self.drive)
        if not _runs(feed, feed.trips[leg.trip_id]["service_id"], day):
            wrong.append(f"day: {leg.trip_id} does not run on {leg.service_day}")
        return wrong

    def _told_s(self, a: str, b: str) -> int | None:
        """What transfers.txt says of a change between two stops: seconds, -1 not possible, None nothing."""
        told: int | None = None
        for feed in self._feeds.values():
            for row in feed.transfers:
                if any(row.get(name) for name in ("from_trip_id", "to_trip_id", "from_route_id", "to_route_id")):
                    continue
                ends = (a, feed.parent.get(a)), (b, feed.parent.get(b))
                if row.get("from_stop_id") not in ends[0] or row.get("to_stop_id") not in ends[1]:
                    continue
                if row.get("transfer_type") == "3":
                    return -1
                if row.get("min_transfer_time"):
                    told = int(row["min_transfer_time"]) if a == b else max(1, int(row["min_transfer_time"]))
                elif row.get("transfer_type") == "1" and a == b:
                    told = 0
        return told

    def _change(self, before: Any, after: Any) -> list[str]:
        told = self._told_s(before.destination_stop_id, after.origin_stop_id)
        needed = self.change_s if told is None else told
        if needed < 0:
            return [f"change: forbidden at {after.origin_stop_id}"]
        gap = (after.departure_ms - before.arrival_ms) / 1000
        return [] if gap >= needed else [f"change: {gap} s at {after.origin_stop_id}, {needed} s are needed"]

    def _seated(self, before: Any, after: Any) -> list[str]:
        feed = self._feeds.get(after.feed)
        if feed is None or before.feed != after.feed or before.service_day != after.service_day:
            return ["seated: another feed or day"]
        a, b = before.trip_id, after.trip_id
        rules = {
            row.get("transfer_type")
            for row in feed.transfers
            if (row.get("from_trip_id"), row.get("to_trip_id")) == (a, b)
        }
        blocks = feed.trips[a].get("block_id"), feed.trips[b].get("block_id")
        linked = "4" in rules or (blocks[0] and blocks[0] == blocks[1] and "5" not in rules)
        whole = before.destination_call == len(feed.calls[a]) - 1 and after.origin_call == 0
        return [] if linked and whole else [f"seated: {a} does not go on as {b}"]


def _live_ride(leg: Any, calls: list[tuple[str, int, int]]) -> list[str]:
    if not calls:
        return [f"day: {leg.trip_id} is cancelled"]
    boards = [i for i, call in enumerate(calls) if call[0] == leg.origin_stop_id and call[2] == leg.departure_ms]
    alights = [i for i, call in enumerate(calls) if call[0] == leg.destination_stop_id and call[1] == leg.arrival_ms]
    if not boards or not alights or boards[0] >= alights[-1]:
        return [f"times: {leg.trip_id} does not call so in the messages"]
    return []


def _base_ms(day: date, zone: ZoneInfo) -> int:
    noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)
    return int(noon.timestamp() * 1000) - 12 * 3_600_000


def _runs(feed: _Feed, service: str, day: date) -> bool:
    written = day.strftime("%Y%m%d")
    exception = feed.exceptions.get((service, written))
    if exception:
        return exception == "1"
    row = feed.calendar.get(service)
    if row is None or not row["start_date"] <= written <= row["end_date"]:
        return False
    return row[day.strftime("%A").lower()] == "1"


def _departs(feed: _Feed, trip_id: str, first: int, shift: float) -> bool:
    rows = feed.frequencies.get(trip_id)
    if not rows:
        return shift == 0
    leave = first + shift
    return any(
        _seconds(row["start_time"]) <= leave < _seconds(row["end_time"])
        and (leave - _seconds(row["start_time"])) % int(row["headway_secs"]) == 0
        for row in rows
    )


def _seconds(text: str) -> int:
    hours, minutes, seconds = text.strip().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def _read(path: Path) -> _Feed:
    agency = _rows(path, "agency.txt")
    stops = _rows(path, "stops.txt")
    known = {row["stop_id"] for row in stops}
    calls: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for row in _rows(path, "stop_times.txt"):
        calls.setdefault(row["trip_id"], []).append((int(row["stop_sequence"]), row))
    frequencies: dict[str, list[dict[str, str]]] = {}
    for row in _rows(path, "frequencies.txt"):
        frequencies.setdefault(row["trip_id"], []).append(row)
    return _Feed(
        zone=ZoneInfo(agency[0]["agency_timezone"]),
        calls={
            trip: _timed([row for _, row in sorted(own, key=lambda pair: pair[0])], known)
            for trip, own in calls.items()
        },
        trips={row["trip_id"]: row for row in _rows(path, "trips.txt")},
        calendar={row["service_id"]: row for row in _rows(path, "calendar.txt")},
        exceptions={
            (row["service_id"], row["date"]): row["exception_type"] for row in _rows(path, "calendar_dates.txt")
        },
        frequencies=frequencies,
        transfers=_rows(path, "transfers.txt"),
        parent={row["stop_id"]: row["parent_station"] for row in stops if row.get("parent_station")},
    )


def _timed(rows: list[dict[str, str]], known: set[str]) -> list[tuple[str, int, int, str, str]]:
    """Calls with their times; empty ones between two timepoints by distance where it is given, else by position."""
    arrival = [
        _seconds(row["arrival_time"] or row["departure_time"]) if row["arrival_time"] or row["departure_time"] else -1
        for row in rows
    ]
    departure = [
        _seconds(row["departure_time"] or row["arrival_time"]) if row["arrival_time"] or row["departure_time"] else -1
        for row in rows
    ]
    timed = [i for i, value in enumerate(arrival) if value >= 0]
    for low, high in pairwise(timed):
        way = [rows[i].get("shape_dist_traveled") for i in range(low, high + 1)]
        metres = [float(text) for text in way if text]
        fine = len(metres) == len(way) and metres == sorted(metres) and metres[-1] > metres[0]
        for i in range(low + 1, high):
            share = (metres[i - low] - metres[0]) / (metres[-1] - metres[0]) if fine else (i - low) / (high - low)
            arrival[i] = departure[i] = departure[low] + int((arrival[high] - departure[low]) * share + 1e-9)
    return [
        (row["stop_id"], arrival[i], departure[i], row.get("pickup_type") or "0", row.get("drop_off_type") or "0")
        for i, row in enumerate(rows)
        if row["stop_id"] in known
    ]


def _on_request(path: Path, feed: _Feed) -> OnRequest:
    return OnRequest(
        rows=lambda name: _rows(path, name),
        zones=lambda: _data(path, "locations.geojson"),
        trips=feed.trips,
        base_ms=lambda day: _base_ms(day, feed.zone),
        runs=lambda service, day: _runs(feed, service, day),
    )


def _rows(path: Path, name: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(_data(path, name).decode("utf-8-sig")), restval="")
    return [
        {key.strip(): (value or "").strip() for key, value in row.items() if key}
        for row in reader
        if any(value for key, value in row.items() if key)
    ]


def _data(path: Path, name: str) -> bytes:
    """The bytes of a file of a feed; none where it is absent."""
    if path.is_dir():
        found = sorted(path.rglob(name))
        return found[0].read_bytes() if found else b""
    with zipfile.ZipFile(path) as archive:
        entries = sorted((n for n in archive.namelist() if n.split("/")[-1] == name and "__MACOSX" not in n), key=len)
        return archive.read(entries[0]) if entries else b""
