"""Demand-responsive service (GTFS-Flex): zones, windows, booking rules.

Source: GTFS Schedule reference, stop_times.txt, booking_rules.txt, locations.geojson (adopted March 2024).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tongqu.protocols.gtfs.flex import NEEDED, PRIOR_DAYS, REAL_TIME, SAME_DAY
from tongqu.protocols.gtfs.locations import FILE, Zone, zones
from tongqu.protocols.gtfs.validator import Check

START, END = "start_pickup_drop_off_window", "end_pickup_drop_off_window"
LEAST, MOST = "prior_notice_duration_min", "prior_notice_duration_max"
LAST_DAY, LAST_TIME = "prior_notice_last_day", "prior_notice_last_time"
START_DAY, START_TIME = "prior_notice_start_day", "prior_notice_start_time"
SERVICE = "prior_notice_service_id"
GEOGRAPHIES = ("stop_id", "location_group_id", "location_id")
FORBIDDEN = {
    REAL_TIME: (
        "forbidden_real_time_booking_field_value",
        (LEAST, MOST, LAST_DAY, LAST_TIME, START_DAY, START_TIME, SERVICE),
    ),
    SAME_DAY: ("forbidden_same_day_booking_field_value", (LAST_DAY, LAST_TIME, SERVICE)),
    PRIOR_DAYS: ("forbidden_prior_day_booking_field_value", (LEAST, MOST)),
}
"""What a booking rule of a type must not say."""
DRIVER = 3
"""pickup_type: arranged with the driver."""


def check(check: Check) -> None:
    """Where and when one is fetched on request, and how that is booked."""
    feed = check.feed
    found: tuple[Zone, ...] = ()
    if FILE in feed.other:
        found, faults = zones(feed.other[FILE])
        for fault in faults:
            check.notices.add(fault.code, FILE, samples=[{"feature": fault.id, "reason": fault.reason}])
    if feed.has("stop_times"):
        _names(check, found)
        _windows(check)
        _ways_of_boarding(check)
    if feed.has("booking_rules"):
        _rules(check)


def _names(check: Check, found: Iterable[Zone]) -> None:
    """One id names one place, and a row of stop_times.txt one of a stop, a group and a zone that is there."""
    feed = check.feed
    stops, groups = feed.strings("stops", "stop_id"), set(feed.strings("location_groups", "location_group_id"))
    zone_ids = {zone.id for zone in found}
    twice = sorted((zone_ids & {*stops, *groups}) | (groups & set(stops)) - {""})
    for name in twice:
        check.notices.add("duplicate_geography_id", FILE if name in zone_ids else "location_groups.txt",
                          samples=[{"id": name}])  # fmt: skip
    named = [~check.empty("stop_times", column) for column in GEOGRAPHIES]
    check.flag("forbidden_geography_id", "stop_times", "location_id", np.sum(named, axis=0) > 1, *GEOGRAPHIES)
    if feed.has("stop_times", "location_id"):
        there = pc.is_in(
            feed.tables["stop_times"].column("location_id"), value_set=pa.array(sorted(zone_ids), pa.string())
        )
        check.flag("foreign_key_violation", "stop_times", "location_id", named[2] & ~np.asarray(there), "trip_id")
    measured = ~check.empty("stop_times", "shape_dist_traveled") & ~named[0] & (named[1] | named[2])
    check.flag("forbidden_shape_dist_traveled", "stop_times", "shape_dist_traveled", measured, "trip_id")


def _windows(check: Check) -> None:
    feed = check.feed
    start, end = (~check.empty("stop_times", name) for name in (START, END))
    placed = ~check.empty("stop_times", "location_group_id") | ~check.empty("stop_times", "location_id")
    half = (start != end) | (placed & ~start & ~end)
    check.flag("missing_pickup_or_drop_off_window", "stop_times", START, half, END, "trip_id")
    begins, ends = (feed.numbers("stop_times", name, -1) for name in (START, END))
    wrong = (begins >= 0) & (ends >= 0) & (ends <= begins)
    check.flag("invalid_pickup_drop_off_window", "stop_times", END, wrong, START, "trip_id")
    timed = ~check.empty("stop_times", "arrival_time") | ~check.empty("stop_times", "departure_time")
    check.flag("forbidden_arrival_or_departure_time", "stop_times", "arrival_time", (start | end) & timed, "trip_id")


def _ways_of_boarding(check: Check) -> None:
    """Within a window one is not fetched by timetable, nor by a word to the driver; what is booked says how."""
    feed = check.feed
    windowed = ~check.empty("stop_times", START) | ~check.empty("stop_times", END)
    pickup, drop_off = (feed.numbers("stop_times", name, 0) for name in ("pickup_type", "drop_off_type"))
    check.flag("forbidden_pickup_type", "stop_times", "pickup_type", windowed & np.isin(pickup, (0, DRIVER)), "trip_id")
    check.flag("forbidden_drop_off_type", "stop_times", "drop_off_type", windowed & (drop_off == 0), "trip_id")
    for kind, column in ((pickup, "pickup_booking_rule_id"), (drop_off, "drop_off_booking_rule_id")):
        unsaid = (kind == 2) & check.empty("stop_times", column)
        check.flag("missing_pickup_drop_off_booking_rule_id", "stop_times", column, unsaid, "trip_id")


def _rules(check: Check) -> None:
    feed = check.feed
    kind = feed.numbers("booking_rules", "booking_type", -1)
    said = {name: ~check.empty("booking_rules", name) for name in FORBIDDEN[REAL_TIME][1]}

    def flag(code: str, column: str, wrong: NDArray[np.bool_]) -> None:
        check.flag(code, "booking_rules", column, wrong, "booking_rule_id")

    for own, columns in NEEDED.items():
        for column in columns:
            flag(f"missing_{column}", column, (kind == own) & ~said[column])
    for own, (code, columns) in FORBIDDEN.items():
        wrong = (kind == own) & np.any([said[column] for column in columns], axis=0)
        flag(code, "booking_type", wrong)
    least, most, last, first = (
        feed.numbers("booking_rules", name, -1, np.int64) for name in (LEAST, MOST, LAST_DAY, START_DAY)
    )
    flag("invalid_prior_notice_duration_min", LEAST, said[LEAST] & said[MOST] & (most < least))
    flag("forbidden_prior_notice_start_day", START_DAY, said[START_DAY] & said[MOST])
    flag("forbidden_prior_notice_start_time", START_TIME, said[START_TIME] & ~said[START_DAY])
    flag("missing_prior_notice_start_time", START_TIME, said[START_DAY] & ~said[START_TIME])
    flag("prior_notice_last_day_after_start_day", LAST_DAY, said[LAST_DAY] & said[START_DAY] & (last > first))
