"""From the files of a city to its lines, departures and transfers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tongqu.kit.errors import Invalid, TooLarge
from tongqu.protocols.metro_json import json5
from tongqu.protocols.metro_json.values import City, DayGroup, Departure, Direction, Line, Plan, Station, Transfer

MOST_BYTES = 64 << 20
_NO_LINE = ("metadata", "carriage_types", "fare_rules")
NIGHT = 180
"""Times before three in the morning belong to the service day before."""


def read(path: Path | str) -> City:
    """Read a city from a zip or a folder of JSON5 files.

    Raises:
        Invalid: `metro_json.no_city`: no line in it; `metro_json.bad_file`: a file is no JSON5 or lacks what it needs.
        TooLarge: `metro_json.too_large`.
    """
    files = dict(_files(Path(path)))
    lines = []
    for name, content in sorted(files.items()):
        if name not in _NO_LINE and isinstance(content, Mapping) and "timetable" in content:
            lines.append(_guarded(name, content))
    if not lines:
        raise Invalid("metro_json.no_city", name=Path(path).name)
    about = files.get("metadata") or {}
    transfers = tuple(_transfers(about))
    return City(str(about.get("city_name", "")), tuple(lines), transfers)


def _files(path: Path) -> Iterator[tuple[str, Any]]:
    if path.is_dir():
        for found in sorted(path.rglob("*.json5")):
            if "maps" not in found.parts:
                yield found.stem, _parse(found.name, found.read_bytes())
        return
    try:
        with zipfile.ZipFile(path) as packed:
            wanted = [i for i in packed.infolist() if i.filename.endswith(".json5") and "/maps/" not in i.filename]
            if sum(one.file_size for one in wanted) > MOST_BYTES:
                raise TooLarge("metro_json.too_large", most_mb=MOST_BYTES >> 20)
            for one in wanted:
                yield Path(one.filename).stem, _parse(one.filename, packed.read(one))
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise Invalid("metro_json.bad_zip", name=path.name, reason=str(error)) from error


def _parse(name: str, data: bytes) -> Any:
    try:
        return json5.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise Invalid("metro_json.bad_file", name=name, reason=str(error)[:200]) from error


def _guarded(name: str, content: Mapping[str, Any]) -> Line:
    try:
        return _line(content)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Invalid("metro_json.bad_file", name=name, reason=f"{type(error).__name__}: {error}") from error


def _line(content: Mapping[str, Any]) -> Line:
    stations = tuple(_stations(content))
    index = {station.name: number for number, station in enumerate(stations)}
    loop = bool(content.get("loop", False))
    directions = tuple(_direction(name, told, index, loop) for name, told in content["train_routes"].items())
    days = tuple(_days(name, told) for name, told in content["date_groups"].items())
    departures: dict[str, dict[str, dict[int, tuple[Departure, ...]]]] = {}
    first_plan = {direction.name: direction.plans[0].name for direction in directions}
    for station, by_direction in content["timetable"].items():
        for direction, by_day in by_direction.items():
            for day, told in by_day.items():
                found = _departures(told, first_plan[direction])
                departures.setdefault(direction, {}).setdefault(day, {})[index[station]] = found
    return Line(
        name=content["name"],
        colour=content.get("color", ""),
        aliases=tuple(content.get("aliases", ())),
        stations=stations,
        loop=loop,
        loop_last_minutes=int(content.get("loop_last_segment", 0)),
        directions=directions,
        days=days,
        departures=departures,
    )


def _stations(content: Mapping[str, Any]) -> Iterator[Station]:
    if "stations" in content:
        for one in content["stations"]:
            yield Station(one["name"], int(one.get("dist", 0)), tuple(one.get("aliases", ())))
        return
    for name, distance in zip(content["station_names"], [0, *content["station_dists"]], strict=False):
        yield Station(name, int(distance))


def _direction(name: str, told: Mapping[str, Any], index: Mapping[str, int], loop: bool) -> Direction:
    order = tuple(range(len(index)))
    if told.get("reversed", False):
        order = order[::-1]
    plans = tuple(_plan(plan, spec, order, index, loop) for plan, spec in told.items() if isinstance(spec, Mapping))
    if not plans:
        raise ValueError(f"the direction {name} has no routing")
    return Direction(name, order, plans, tuple(told.get("aliases", ())))


def _plan(name: str, spec: Mapping[str, Any], order: tuple[int, ...], index: Mapping[str, int], loop: bool) -> Plan:
    if "stations" in spec:
        stops = tuple(index[station] for station in spec["stations"])
    else:
        begin = order.index(index[spec["starts_with"]]) if "starts_with" in spec else 0
        end = order.index(index[spec["ends_with"]]) if "ends_with" in spec else len(order) - 1
        around = order[begin:] + order[: end + 1] if loop and end < begin else order[begin : end + 1]
        skipped = {index[station] for station in spec.get("skip", ())}
        stops = tuple(station for station in around if station not in skipped)
    return Plan(name, stops, int(spec.get("carriage_num", 0)))


def _days(name: str, told: Mapping[str, Any]) -> DayGroup:
    return DayGroup(
        name,
        tuple(told.get("weekday", range(1, 8))),
        tuple(date.fromisoformat(day) for day in told.get("dates", ())),
        date.fromisoformat(told["from"]) if "from" in told else None,
        date.fromisoformat(told["until"]) if "until" in told else None,
    )


def _departures(told: Mapping[str, Any], first_plan: str) -> tuple[Departure, ...]:
    minutes = sorted(minute for part in told["schedule"] for minute in _schedule(part))
    plan_of = dict.fromkeys(minutes, first_plan)
    for rule in told.get("filters", ()):
        for minute in _filtered(minutes, rule):
            plan_of[minute] = rule["plan"]
    return tuple(Departure(minute, plan_of[minute]) for minute in minutes)


def _schedule(part: Mapping[str, Any]) -> Iterator[int]:
    if "trains" in part:
        yield from (_minute(time) for time in part["trains"])
        return
    at = _minute(part["first_train"])
    yield at
    for delta in _deltas(part["delta"]):
        at += delta
        yield at


def _deltas(spec: list[Any]) -> Iterator[int]:
    for one in spec:
        if isinstance(one, list):
            times, inner = one
            for _ in range(int(times)):
                yield from _deltas(inner)
        else:
            yield int(one)


def _filtered(minutes: list[int], rule: Mapping[str, Any]) -> list[int]:
    """The departures that a filter names."""
    if "trains" in rule:
        named = {_minute(time) for time in rule["trains"]}
        return [minute for minute in minutes if minute in named]
    begin = _minute(rule["first_train"]) if "first_train" in rule else minutes[0]
    after = [minute for minute in minutes if minute >= begin]
    picked = after[:: int(rule.get("skip_trains", 0)) + 1]
    if "count" in rule:
        return picked[: int(rule["count"])]
    if "until" in rule:
        until = _minute(rule["until"])
        return [minute for minute in picked if minute <= until]
    return picked


def _minute(time: str) -> int:
    hours, minutes = (int(part) for part in time.split(":"))
    found = hours * 60 + minutes
    return found + 1440 if found < NIGHT else found


def _transfers(about: Mapping[str, Any]) -> Iterator[Transfer]:
    for station, told in about.get("transfers", {}).items():
        yield from _both_ways(station, station, told)
    for one in about.get("virtual_transfers", ()):
        yield from _both_ways(one["from_station"], one["to_station"], one["times"])


def _both_ways(station: str, other: str, told: list[Mapping[str, Any]]) -> Iterator[Transfer]:
    given = {(one["from"], one["to"]) for one in told}
    for one in told:
        found = Transfer(
            station, one["from"], one.get("from_direction", ""), other, one["to"], one.get("to_direction", ""),
            float(one["minutes"]), one.get("distance"), one.get("stairs"), bool(one.get("apply_time")),
        )  # fmt: skip
        yield found
        if (one["to"], one["from"]) not in given:
            yield Transfer(
                other, found.to_line, found.to_direction, station, found.from_line, found.from_direction,
                found.minutes, found.distance_m, found.stairs, found.limited,
            )  # fmt: skip
