"""Checks rides on request against a feed, for `checker`: it reads the files in plain Python and shares no code with the
planner.

A leg has `trip_id`, `origin_call` and `destination_call` (which of the trip's rows with a window), `points` (where one
is fetched and set down, lon and lat), `departure_ms`, `arrival_ms`, and `until_ms` until when it is said to be booked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Drive = Callable[[Point, Point], float]
AT_STOP_DEGREES = 1e-5
UNTOLD_FACTOR, UNTOLD_S = 1.5, 120


@dataclass
class OnRequest:
    """The rides on request of one feed.

    Args:
        rows: the rows of a file by its name; zones: the bytes of locations.geojson.
        trips: rows of trips.txt by id.
        base_ms: noon minus 12 h of a day; runs: whether a service runs on a day.
    """

    rows: Callable[[str], list[dict[str, str]]]
    zones: Callable[[], bytes]
    trips: Mapping[str, dict[str, str]]
    base_ms: Callable[[date], int]
    runs: Callable[[str, date], bool]

    def check(self, leg: Any, day: date, drive: Drive | None) -> list[str]:
        """What is wrong with a leg of a service day."""
        seconds = (leg.arrival_ms - leg.departure_ms) / 1000
        if seconds <= 0:
            return ["duration: a ride on request takes no time"]
        calls = self._calls.get(leg.trip_id, [])
        if not 0 <= leg.origin_call < leg.destination_call < len(calls):
            return [f"on_demand: {leg.trip_id} has no such calls"]
        start, end = calls[leg.origin_call], calls[leg.destination_call]
        wrong = []
        if start.get("pickup_type") == "1" or end.get("drop_off_type") == "1":
            wrong.append(f"on_demand: {leg.trip_id} does not carry from the one call to the other")
        for row, point, at_ms in ((start, leg.points[0], leg.departure_ms), (end, leg.points[1], leg.arrival_ms)):
            if not self._serves(row, point):
                wrong.append(f"on_demand: {leg.trip_id} does not come to {point}")
            opens, closes = (_seconds(row[f"{name}_pickup_drop_off_window"]) for name in ("start", "end"))
            if not opens * 1000 <= at_ms - self.base_ms(day) <= closes * 1000:
                wrong.append(f"on_demand: {leg.trip_id} is not on the way at {at_ms}")
        until = min(
            self._until_ms(rule, day, leg.departure_ms)
            for rule in (start.get("pickup_booking_rule_id"), end.get("drop_off_booking_rule_id"))
        )
        if leg.until_ms != until:
            wrong.append(f"on_demand: {leg.trip_id} is booked until {until}, not {leg.until_ms}")
        if drive is not None:
            expected = self._takes_s(leg.trip_id, start, drive(*leg.points))
            if seconds != expected:
                wrong.append(f"on_demand: {leg.trip_id} takes {expected} s, not {seconds}")
        return wrong

    @cached_property
    def _calls(self) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = {}
        for row in self.rows("stop_times.txt"):
            if row.get("start_pickup_drop_off_window"):
                found.setdefault(row["trip_id"], []).append(row)
        return {trip: sorted(own, key=lambda row: int(row["stop_sequence"])) for trip, own in found.items()}

    @cached_property
    def _shapes(self) -> dict[str, list[list[list[Point]]]]:
        """Polygons of each zone, each a list of rings."""
        data = self.zones()
        shapes = {}
        for one in json.loads(data)["features"] if data else []:
            parts = one["geometry"]["coordinates"]
            shapes[str(one["id"])] = parts if one["geometry"]["type"] == "MultiPolygon" else [parts]
        return shapes

    @cached_property
    def _stops(self) -> dict[str, Point]:
        return {row["stop_id"]: (float(row["stop_lon"]), float(row["stop_lat"])) for row in self.rows("stops.txt")
                if row.get("stop_lon")}  # fmt: skip

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, column in (("location_group_stops.txt", "stop_id"), ("location_groups.txt", "location_id")):
            for row in self.rows(name):
                found.setdefault(row["location_group_id"], []).append(row.get(column, ""))
        return found

    def _serves(self, row: dict[str, str], point: Point) -> bool:
        named = row.get("location_id") or row.get("location_group_id") or row.get("stop_id") or ""
        return any(self._at(place, point) for place in [named, *self._members.get(named, [])])

    def _at(self, place: str, point: Point) -> bool:
        if place in self._stops and place not in self._shapes:
            return math.dist(self._stops[place], point) <= AT_STOP_DEGREES
        return any(
            _inside(rings[0], point) and not any(_inside(hole, point) for hole in rings[1:])
            for rings in self._shapes.get(place, [])
        )

    def _until_ms(self, id_: str | None, day: date, departure_ms: int) -> int:
        """The last moment at which a rule lets a ride be booked."""
        rule = next((row for row in self.rows("booking_rules.txt") if id_ and row["booking_rule_id"] == id_), {})
        if rule.get("booking_type") != "2":
            return departure_ms - 60_000 * int(rule.get("prior_notice_duration_min") or 0)
        left, at, service = int(rule["prior_notice_last_day"]), day, rule.get("prior_notice_service_id")
        while left:
            at -= timedelta(days=1)
            left -= not service or self.runs(service, at)
        return self.base_ms(at) + 1000 * _seconds(rule["prior_notice_last_time"])

    def _takes_s(self, trip: str, row: dict[str, str], drive_s: float) -> int:
        """Whole seconds of a ride: the draft's mean, the safe time of the trip or the draft, or what is guessed."""
        for source, kind, unit_s in ((row, "mean", 60), (self.trips[trip], "safe", 1), (row, "safe", 60)):
            factor, offset = (source.get(f"{kind}_duration_{part}", "") for part in ("factor", "offset"))
            if factor or offset:
                return math.ceil(float(factor or 1) * drive_s + float(offset or 0) * unit_s - 1e-3)
        return math.ceil(UNTOLD_FACTOR * drive_s + UNTOLD_S - 1e-3)


def _inside(ring: list[Point], point: Point) -> bool:
    """Whether a point lies within a ring: a ray from it crosses the ring an odd number of times."""
    x, y = point
    odd = False
    for (ax, ay, *_), (bx, by, *_) in pairwise(ring):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            odd = not odd
    return odd


def _seconds(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)
