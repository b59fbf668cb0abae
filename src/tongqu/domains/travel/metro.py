"""A metro that comes in its city's JSON5 format as a GTFS feed: platforms by line and direction, walks between them.

The format has no coordinates, so the stops have none: the feed answers from station to station, and stands on no map.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

from tongqu.protocols import gtfs, metro_json

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Row = dict[str, Any]


def feed_of(city: metro_json.City, address: str, valid: tuple[date, date], zone: str = "Asia/Shanghai") -> bytes:
    """The feed as the bytes of a zip.

    Args:
        address: web address of the operator, which GTFS asks for.
        valid: first and last day of the days that the format gives by weekday.
    """
    runs = {line.name: metro_json.runs(line) for line in city.lines}
    tables: dict[str, list[Row]] = {
        "agency": [
            {
                "agency_id": "1",
                "agency_name": city.name,
                "agency_url": address,
                "agency_timezone": zone,
                "agency_lang": "zh",
            }
        ],
        "stops": list(_stops(city)),
        "routes": [
            {
                "route_id": line.name,
                "agency_id": "1",
                "route_short_name": line.name,
                "route_type": 1,
                "route_color": line.colour.lstrip("#"),
            }
            for line in city.lines
        ],
        "calendar": [],
        "calendar_dates": [],
        "trips": [],
        "stop_times": [],
        "transfers": list(_transfers(city)),
    }
    for line in city.lines:
        _days(tables, line, valid)
        _trips(tables, line, runs[line.name])
    return gtfs.write({name: rows for name, rows in tables.items() if rows})


def platform(line: str, direction: str, station: str) -> str:
    """Id of the stop where trains of a direction call; the station's own id is its name."""
    return f"{line}|{direction}|{station}"


def _stops(city: metro_json.City) -> Iterator[Row]:
    names = dict.fromkeys(station.name for line in city.lines for station in line.stations)
    for name in names:
        yield {"stop_id": name, "stop_name": name, "location_type": 1}
    for line in city.lines:
        for direction in line.directions:
            for station in line.stations:
                yield {
                    "stop_id": platform(line.name, direction.name, station.name),
                    "stop_name": station.name,
                    "location_type": 0,
                    "parent_station": station.name,
                    "platform_code": f"{line.name} {direction.name}",
                }


def _days(tables: dict[str, list[Row]], line: metro_json.Line, valid: tuple[date, date]) -> None:
    for group in line.days:
        service = f"{line.name}|{group.name}"
        if group.dates:
            tables["calendar_dates"] += (
                {"service_id": service, "date": day, "exception_type": 1} for day in group.dates
            )
            continue
        first, last = max(group.first or valid[0], valid[0]), min(group.last or valid[1], valid[1])
        runs = {name: int(number in group.weekdays) for number, name in enumerate(_WEEKDAYS, 1)}
        tables["calendar"].append({"service_id": service, **runs, "start_date": first, "end_date": last})


def _trips(tables: dict[str, list[Row]], line: metro_json.Line, runs: list[metro_json.Run]) -> None:
    number = {direction.name: place for place, direction in enumerate(line.directions)}
    for count, run in enumerate(runs):
        trip = f"{line.name}|{run.direction}|{run.days}|{count}"
        tables["trips"].append(
            {
                "route_id": line.name,
                "service_id": f"{line.name}|{run.days}",
                "trip_id": trip,
                "trip_headsign": line.stations[run.calls[-1][0]].name,
                "trip_short_name": run.plan,
                "direction_id": number[run.direction],
            }
        )
        gone = 0
        for place, (station, minute) in enumerate(run.calls):
            if place:
                gone += metres_between(line, run.calls[place - 1][0], station)
            tables["stop_times"].append(
                {
                    "trip_id": trip,
                    "arrival_time": minute * 60,
                    "departure_time": minute * 60,
                    "stop_id": platform(line.name, run.direction, line.stations[station].name),
                    "stop_sequence": place,
                    "shape_dist_traveled": gone / 1000,
                }
            )


def metres_between(line: metro_json.Line, here: int, there: int) -> int:
    """Metres of track between two stations of a line; around a loop the shorter way."""
    first, last = sorted((here, there))
    metres = sum(line.stations[n].distance_m for n in range(first + 1, last + 1))
    return min(metres, sum(station.distance_m for station in line.stations) - metres) if line.loop else metres


def _transfers(city: metro_json.City) -> Iterator[Row]:
    """Walks that hold at all times, between the platforms of each direction they are said of."""
    directions = {line.name: [direction.name for direction in line.directions] for line in city.lines}
    seen: set[tuple[str, str]] = set()
    for one in city.transfers:
        if one.limited or one.from_line not in directions or one.to_line not in directions:
            continue
        starts = [one.from_direction] if one.from_direction else directions[one.from_line]
        ends = [one.to_direction] if one.to_direction else directions[one.to_line]
        for start, end in itertools.product(starts, ends):
            pair = (platform(one.from_line, start, one.from_station), platform(one.to_line, end, one.to_station))
            if pair in seen:
                continue
            seen.add(pair)
            yield {
                "from_stop_id": pair[0],
                "to_stop_id": pair[1],
                "transfer_type": 2,
                "min_transfer_time": round(one.minutes * 60),
            }
