"""The spreadsheet that an operator has, read as courses: a row a stop, in order; the first row of each direction says
when it runs.

    线路 方向 序号 站名 经度 纬度 用时 坐标系 首班 末班 间隔 日期
    1路  去程 1  人民广场 120.60 27.90 0  WGS-84 06:00 22:30 06:30-09:00=6;09:00-17:00=10;12 每日
    1路  去程 2  重庆路口 120.61 27.91 5
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tongqu.domains.travel.courses import DAYS, Course, Halt, Period
from tongqu.kernel.imports import Column, Importer, Outcome
from tongqu.kernel.imports.files.recognise import members
from tongqu.kernel.imports.reading import read
from tongqu.kernel.imports.rows import Bound, Parsed, parse_rows, understand
from tongqu.kernel.store import Work
from tongqu.kit import crs
from tongqu.kit.errors import Invalid, Problem, Refused
from tongqu.kit.geometry.sphere import haversine_m

DIRECTIONS = ("up", "down")
DATUMS = ("wgs84", "gcj02", "bd09")
MODES = {"bus": 3, "metro": 1, "rail": 2, "tram": 0, "ferry": 4, "coach": 200}
SPEED_KMH = {"bus": 18.0, "metro": 36.0, "rail": 80.0, "tram": 18.0, "ferry": 20.0, "coach": 50.0}
"""Where the sheet gives no minutes, stops are as far apart in time as this speed along the straight line asks for."""
DWELL_S = 20
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?")
_PERIOD = re.compile(
    r"(?:(\d{1,2}[:：]\d{2})\s*[-—~～至到]\s*(\d{1,2}[:：]\d{2})\s*[=:：]?\s*)?(\d+(?:\.\d+)?)\s*(?:分钟?|min)?"
)


def clock(text: str) -> int:
    """Seconds of the day of `6:00`, `06:00`, `25:30` (after midnight), in half or full width.

    Raises:
        Invalid: `travel.bad_time`.
    """
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 99, 99)
    if found is None or hours > 36 or minutes > 59 or seconds > 59:
        raise Invalid("travel.bad_time", value=text[:40])
    return hours * 3600 + minutes * 60 + seconds


@dataclass(frozen=True)
class Headway:
    """Minutes between departures in a part of the day; the whole of it without begin and end."""

    begins_s: int | None
    ends_s: int | None
    seconds: int


def headways(text: str) -> tuple[Headway, ...]:
    """Headways by period: `06:30-09:00=6;09:00-17:00=10;12`, the last for the rest of the day.

    Raises:
        Invalid: `travel.bad_headway`: not written so; `travel.zero_headway`; `travel.bad_period`: it ends too soon.
    """
    found = []
    for part in re.split(r"[;；,，\n]", unicodedata.normalize("NFKC", text)):
        if not part.strip():
            continue
        one = _PERIOD.fullmatch(part.strip())
        if one is None:
            raise Invalid("travel.bad_headway", value=part.strip()[:60])
        seconds = round(float(one[3]) * 60)
        if seconds <= 0:
            raise Invalid("travel.zero_headway", value=part.strip()[:60])
        begins, ends = (clock(one[1]), clock(one[2])) if one[1] else (None, None)
        if begins is not None and ends is not None and ends <= begins:
            raise Invalid("travel.bad_period", value=part.strip()[:60])
        found.append(Headway(begins, ends, seconds))
    if not found:
        raise Invalid("travel.bad_headway", value=text[:60])
    return tuple(found)


def _never(_: Work, __: dict[str, Any]) -> Outcome:
    """Rows make a feed together, not one by one."""
    raise Refused("travel.whole_sheet")


LINES = Importer(
    id="transit_lines",
    columns=(
        Column("line", required=True, example="1路", most=40),
        Column("direction", "enum", required=True, options=DIRECTIONS, enum="direction", example="去程"),
        Column("order", "integer", required=True, least=0, most=500, example="1"),
        Column("stop", required=True, example="人民广场", most=100),
        Column("lon", "number", required=True, least=-180, most=180, example="120.600000"),
        Column("lat", "number", required=True, least=-90, most=90, example="27.900000"),
        Column("minutes", "number", least=0, most=2000, example="0"),
        Column("datum", "enum", options=DATUMS, enum="datum", example="WGS-84"),
        Column("first", parse=clock, example="06:00"),
        Column("last", parse=clock, example="22:30"),
        Column("headway", parse=headways, example="06:30-09:00=6;09:00-17:00=10;12", most=300),
        Column("days", "enum", options=tuple(DAYS), enum="days", example="每日"),
        Column("mode", "enum", options=tuple(MODES), enum="mode", example="公交"),
    ),
    permission="travel.edit",
    apply=_never,
)
BOUND = Bound("travel", LINES)


@dataclass(frozen=True)
class Read:
    """What a spreadsheet says.

    Attributes:
        courses: of the lines without a fault.
        problems: what is wrong, by row; a line with a fault is left out whole.
        notes: warnings.
        lines: how many lines the sheet names.
    """

    courses: tuple[Course, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    lines: int


def is_sheet(path: Path, name: str) -> bool:
    """Whether a file is a spreadsheet and no feed: a workbook, or text with the name of a CSV."""
    with path.open("rb") as file:
        head = file.read(4)
    if head != b"PK\x03\x04":
        return name.lower().endswith((".csv", ".txt", ".xls", ".xlsx"))
    return "xl/workbook.xml" in members(path)


def read_courses(path: Path) -> Read:
    """The courses in an .xlsx or CSV file.

    Raises:
        Invalid, TooLarge: the file is no sheet, or its heading lacks a column.
    """
    table = understand(read(path), BOUND)
    problems: list[Problem] = []
    notes = list(table.notes)
    rows: list[Parsed] = []
    for parsed in parse_rows(table, BOUND):
        if [fault.code for fault in parsed.faults] == ["imports.example_row"]:
            continue
        for fault in parsed.faults:
            target = problems if fault.level == "error" else notes
            target.append(Problem(fault.code, fault.field, parsed.number, fault.params))
        rows.append(parsed)
    courses: list[Course] = []
    bad: set[str] = set()
    names = {str(row.values.get("line")) for row in rows if row.values.get("line")}
    for (line, direction), part in _grouped(rows):
        found = list(_faults(part))
        problems += found
        if found or any(row.refused for row in part):
            bad.add(line)
        elif line not in bad:
            courses.append(_course(line, direction, part))
    return Read(
        tuple(course for course in courses if course.line not in bad), tuple(problems), tuple(notes), len(names)
    )


def _grouped(rows: Sequence[Parsed]) -> Iterator[tuple[tuple[str, str], list[Parsed]]]:
    """Rows of one direction of a line; rows without a line belong to the one above them."""
    named: list[tuple[tuple[str, str], Parsed]] = []
    last = ("", DIRECTIONS[0])
    for row in rows:
        last = (row.values.get("line") or last[0], row.values.get("direction") or last[1])
        named.append((last, row))
    order = {key: place for place, key in reversed(list(enumerate(key for key, _ in named)))}
    named.sort(key=lambda one: order[one[0]])
    for key, part in itertools.groupby(named, key=lambda one: one[0]):
        yield key, [row for _, row in part]


def _faults(rows: list[Parsed]) -> Iterator[Problem]:
    """What is wrong with a direction as a whole."""
    good = [row for row in rows if not row.refused]
    if len(good) < 2:
        yield Problem("travel.two_stops", "stop", rows[0].number)
        return
    for row, order in zip(good, itertools.count(good[0].values["order"]), strict=False):
        if row.values["order"] != order:
            yield Problem("travel.stop_missing", "order", row.number, {"expected": order, "found": row.values["order"]})
            break
    minutes = [(row, row.values["minutes"]) for row in good if row.values["minutes"] is not None]
    for (_, before), (row, after) in itertools.pairwise(minutes):
        if after <= before:
            yield Problem("travel.minutes_fall", "minutes", row.number, {"before": before, "value": after})
    head = good[0].values
    for name in ("first", "last", "headway"):
        if head[name] is None:
            yield Problem("travel.first_row_needs", name, good[0].number)
    if head["first"] is not None and head["last"] is not None and head["last"] < head["first"]:
        yield Problem("travel.last_before_first", "last", good[0].number)


def _course(line: str, direction: str, rows: list[Parsed]) -> Course:
    head = rows[0].values
    mode = head["mode"] or "bus"
    points = [_point(row.values) for row in rows]
    seconds = _seconds(rows, points, SPEED_KMH[mode])
    halts = tuple(
        Halt(_stop_id(row.values["stop"], point), row.values["stop"], *point, at)
        for row, point, at in zip(rows, points, seconds, strict=True)
    )
    return Course(
        line=line,
        name=line,
        long_name=f"{halts[0].name}—{halts[-1].name}",
        route_type=MODES[mode],
        direction=DIRECTIONS.index(direction),
        halts=halts,
        periods=_periods(head["first"], head["last"], head["headway"]),
        last_s=head["last"],
        days=head["days"] or "daily",
    )


def _point(values: dict[str, Any]) -> tuple[float, float]:
    lon, lat = values["lon"], values["lat"]
    datum = values["datum"] or "wgs84"
    if datum != "wgs84":
        east, north = crs.to_wgs84(lon, lat, crs.Datum(datum))
        lon, lat = float(east), float(north)
    return round(lon, 6), round(lat, 6)


def _stop_id(name: str, point: tuple[float, float]) -> str:
    """Stops of one name within some ten metres are one stop, whatever line they stand in."""
    return f"{name}@{point[0]:.4f},{point[1]:.4f}"


def _seconds(rows: list[Parsed], points: list[tuple[float, float]], speed_kmh: float) -> list[int]:
    """Seconds from the first stop: as given, between given ones in proportion to distance, else by speed."""
    lon, lat = np.array(points).T
    distance = [0.0, *np.cumsum(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])).tolist()]
    known = {n: round(row.values["minutes"] * 60) for n, row in enumerate(rows) if row.values["minutes"] is not None}
    known.setdefault(0, 0)
    found = []
    for n, gone in enumerate(distance):
        before = max(place for place in known if place <= n)
        after = min((place for place in known if place >= n), default=None)
        if after is None:
            run = (gone - distance[before]) / (speed_kmh / 3.6)
            found.append(known[before] + round(run + DWELL_S * (n - before)))
        elif after == before:
            found.append(known[n])
        else:
            share = (gone - distance[before]) / ((distance[after] - distance[before]) or 1.0)
            found.append(known[before] + round(share * (known[after] - known[before])))
    return [at - found[0] for at in found]


def _periods(first_s: int, last_s: int, given: Iterable[Headway]) -> tuple[Period, ...]:
    """The parts of the day that have a headway of their own, and the rest between first and last departure."""
    given = list(given)
    rest = next((one.seconds for one in given if one.begins_s is None), None)
    own = sorted((one for one in given if one.begins_s is not None), key=lambda one: one.begins_s or 0)
    periods: list[Period] = []
    at = first_s
    for one in own:
        begins, ends = max(one.begins_s or 0, first_s), min(one.ends_s or 0, last_s)
        if ends <= begins:
            continue
        if begins > at:
            periods.append(Period(at, begins, rest or one.seconds))
        periods.append(Period(max(begins, at), ends, one.seconds))
        at = max(at, ends)
    if at < last_s:
        periods.append(Period(at, last_s, rest or (own[-1].seconds if own else last_s - at)))
    return tuple(periods)
