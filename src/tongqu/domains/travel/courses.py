"""A timetable from what an operator without GTFS has: stops in order, first and last departure, headway by period.

`feed_of(plans)` makes a complete GTFS feed of it, trip by trip, so that every trip has a name of its own for real time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongqu.domains.travel.zones import OnRequest, tables_of, zones_file
from tongqu.protocols import gtfs

DAYS = {
    "daily": "1111111",
    "workdays": "1111100",
    "weekends": "0000011",
}
"""Days of a service, Monday first."""


@dataclass(frozen=True)
class Halt:
    """A stop in the order of a line.

    Attributes:
        seconds: from the first stop to the departure here, by the timetable.
        station: id of the station it is a platform of, empty for a stop of its own.
    """

    id: str
    name: str
    lon: float
    lat: float
    seconds: int
    station: str = ""


@dataclass(frozen=True)
class Period:
    """Departures from the first stop: from `begins_s` on, every `headway_s` seconds, until just before `ends_s`.

    Seconds count from noon minus 12 h of the day and may exceed 24 h.
    """

    begins_s: int
    ends_s: int
    headway_s: int


@dataclass(frozen=True)
class Course:
    """One direction of a line on some days.

    Attributes:
        line: id of the line; `name` as it is called, `long_name` its ends.
        route_type: GTFS route_type.
        direction: 0 or 1.
        days: key of `DAYS`.
        periods: in order; `last_s` departs besides, if no period reaches it.
        shape: longitude and latitude of its way, empty to draw from stop to stop.
    """

    line: str
    name: str
    long_name: str
    route_type: int
    direction: int
    halts: tuple[Halt, ...]
    periods: tuple[Period, ...]
    last_s: int | None = None
    days: str = "daily"
    shape: tuple[tuple[float, float], ...] = ()

    def departures(self) -> list[int]:
        """Departures from the first stop in seconds, without repetitions."""
        found = {at for period in self.periods for at in range(period.begins_s, period.ends_s, period.headway_s)}
        if self.last_s is not None:
            found = {at for at in found if at < self.last_s} | {self.last_s}
        return sorted(found)


@dataclass(frozen=True)
class Station:
    """A station with entrances: letter, longitude, latitude."""

    id: str
    name: str
    lon: float
    lat: float
    entrances: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class Agency:
    """Who runs the lines."""

    name: str
    url: str
    zone: str = "Asia/Shanghai"
    language: str = "zh"


def feed_of(
    agency: Agency,
    courses: Sequence[Course],
    valid: tuple[date, date],
    stations: Iterable[Station] = (),
    on_request: Sequence[OnRequest] = (),
) -> bytes:
    """A GTFS feed as the bytes of a zip. Equal plans give equal bytes."""
    tables: dict[str, Rows] = {
        "agency": [
            {
                "agency_id": "1",
                "agency_name": agency.name,
                "agency_url": agency.url,
                "agency_timezone": agency.zone,
                "agency_lang": agency.language,
            }
        ],
        "stops": _stops(courses, stations),
        "routes": _routes(courses),
        "calendar": _calendar({one.days for one in (*courses, *on_request)}, valid),
        **_trips(courses),
        "feed_info": [
            {
                "feed_publisher_name": agency.name,
                "feed_publisher_url": agency.url,
                "feed_lang": agency.language,
                "feed_start_date": f"{valid[0]:%Y%m%d}",
                "feed_end_date": f"{valid[1]:%Y%m%d}",
                "feed_version": f"{valid[0]:%Y%m%d}",
            }
        ],
    }
    for name, rows in tables_of(on_request).items():
        tables[name] = [*tables.get(name, ()), *rows]
    return gtfs.write(tables, zones_file(on_request))


Rows = list[dict[str, Any]]


def _stops(courses: Sequence[Course], stations: Iterable[Station]) -> Rows:
    rows: dict[str, dict[str, Any]] = {}
    for station in stations:
        rows[station.id] = _stop(station.id, station.name, station.lon, station.lat, 1)
        for letter, lon, lat in station.entrances:
            row = _stop(f"{station.id}:{letter}", f"{station.name}{letter}口", lon, lat, 2, station.id)
            rows[row["stop_id"]] = row
    for course in courses:
        for halt in course.halts:
            rows.setdefault(halt.id, _stop(halt.id, halt.name, halt.lon, halt.lat, 0, halt.station))
    return list(rows.values())


def _stop(stop_id: str, name: str, lon: float, lat: float, kind: int, parent: str = "") -> dict[str, Any]:
    return {
        "stop_id": stop_id,
        "stop_name": name,
        "stop_lat": f"{lat:.6f}",
        "stop_lon": f"{lon:.6f}",
        "location_type": kind,
        "parent_station": parent,
    }


def _routes(courses: Sequence[Course]) -> Rows:
    rows: dict[str, dict[str, Any]] = {}
    for course in courses:
        rows.setdefault(
            course.line,
            {
                "route_id": course.line,
                "agency_id": "1",
                "route_short_name": course.name,
                "route_long_name": course.long_name,
                "route_type": course.route_type,
            },
        )
    return list(rows.values())


def _calendar(days: set[str], valid: tuple[date, date]) -> Rows:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return [
        {"service_id": code}
        | dict(zip(names, DAYS[code], strict=True))
        | {"start_date": f"{valid[0]:%Y%m%d}", "end_date": f"{valid[1]:%Y%m%d}"}
        for code in sorted(days)
    ]


def _trips(courses: Sequence[Course]) -> dict[str, Rows]:
    trips: Rows = []
    times: Rows = []
    shapes: Rows = []
    for course in courses:
        key = f"{course.line}-{course.direction}-{course.days}"
        if course.shape:
            shapes += (
                {"shape_id": key, "shape_pt_lat": f"{lat:.6f}", "shape_pt_lon": f"{lon:.6f}", "shape_pt_sequence": n}
                for n, (lon, lat) in enumerate(course.shape)
            )
        for begins_s in course.departures():
            trip = f"{key}-{gtfs.format_time(begins_s).replace(':', '')[:4]}"
            trips.append(
                {
                    "route_id": course.line,
                    "service_id": course.days,
                    "trip_id": trip,
                    "trip_headsign": course.halts[-1].name,
                    "direction_id": course.direction,
                    "shape_id": key if course.shape else "",
                }
            )
            times += (
                {
                    "trip_id": trip,
                    "arrival_time": begins_s + halt.seconds,
                    "departure_time": begins_s + halt.seconds,
                    "stop_id": halt.id,
                    "stop_sequence": number,
                }
                for number, halt in enumerate(course.halts)
            )
    return {"trips": trips, "stop_times": times} | ({"shapes": shapes} if shapes else {})
