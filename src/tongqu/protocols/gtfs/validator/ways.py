"""Transfers, pathways, fares and translations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tongqu.kit.geometry.sphere import haversine_m
from tongqu.protocols.gtfs.spec import FILES
from tongqu.protocols.gtfs.validator import Check

DAY_S = 86_400
TOO_FAR_KM = 10.0
FAR_KM = 2.0


def check(check: Check) -> None:
    """How one changes, walks and pays."""
    if check.feed.has("transfers"):
        _transfers(check)
    if check.feed.has("pathways"):
        _pathways(check)
    if check.feed.has("fare_transfer_rules"):
        _fares(check)
    if check.feed.has("timeframes"):
        _timeframes(check)
    if check.feed.has("translations"):
        _translations(check)


def _transfers(check: Check) -> None:
    feed = check.feed
    ids = feed.strings("stops", "stop_id")
    kind = feed.numbers("stops", "location_type", 0)
    lon, lat = (feed.numbers("stops", name, np.nan, np.float64) for name in ("stop_lon", "stop_lat"))
    ends = [feed.index("transfers", name, ids) for name in ("from_stop_id", "to_stop_id")]
    for stop, name in zip(ends, ("from_stop_id", "to_stop_id"), strict=True):
        wrong = (stop >= 0) & ~np.isin(kind[stop], (0, 1)) if len(kind) else stop > 0
        check.flag("transfer_with_invalid_stop_location_type", "transfers", name, wrong)
    both = (ends[0] >= 0) & (ends[1] >= 0)
    way = np.zeros(len(both))
    a, b = ends[0][both], ends[1][both]
    way[both] = np.nan_to_num(haversine_m(lon[a], lat[a], lon[b], lat[b]) / 1000)
    check.flag("transfer_distance_too_large", "transfers", "to_stop_id", way > TOO_FAR_KM, "from_stop_id")
    check.flag(
        "transfer_distance_above_2_km", "transfers", "to_stop_id", (way > FAR_KM) & (way <= TOO_FAR_KM), "from_stop_id"
    )
    trips = feed.strings("trips", "trip_id")
    routes = feed.strings("trips", "route_id")
    calls: dict[str, set[str]] = {}
    if feed.has("transfers", "from_trip_id") or feed.has("transfers", "to_trip_id"):
        for trip, stop_id in zip(
            feed.strings("stop_times", "trip_id"), feed.strings("stop_times", "stop_id"), strict=True
        ):
            calls.setdefault(trip, set()).add(stop_id)
    for side in ("from", "to"):
        own = feed.index("transfers", f"{side}_trip_id", trips)
        route, stop_ids = feed.strings("transfers", f"{side}_route_id"), feed.strings("transfers", f"{side}_stop_id")
        other = [bool(r) and t >= 0 and routes[t] != r for r, t in zip(route, own.tolist(), strict=True)]
        check.flag(
            "transfer_with_invalid_trip_and_route", "transfers", f"{side}_route_id", np.array(other), f"{side}_trip_id"
        )
        misses = [
            bool(s) and t >= 0 and s not in calls.get(trips[t], ()) for s, t in zip(stop_ids, own.tolist(), strict=True)
        ]
        check.flag(
            "transfer_with_invalid_trip_and_stop", "transfers", f"{side}_stop_id", np.array(misses), f"{side}_trip_id"
        )


def _pathways(check: Check) -> None:
    feed = check.feed
    ids = feed.strings("stops", "stop_id")
    kind = feed.numbers("stops", "location_type", 0)
    a, b = (feed.index("pathways", name, ids) for name in ("from_stop_id", "to_stop_id"))
    mode, both = feed.numbers("pathways", "pathway_mode", 0), feed.numbers("pathways", "is_bidirectional", 0)
    check.flag("pathway_loop", "pathways", "to_stop_id", (a == b) & (a >= 0), "pathway_id")
    check.flag("bidirectional_exit_gate", "pathways", "is_bidirectional", (mode == 7) & (both == 1), "pathway_id")
    for stop, name in ((a, "from_stop_id"), (b, "to_stop_id")):
        check.flag("pathway_to_wrong_location_type", "pathways", name, (stop >= 0) & (kind[stop] == 1), "pathway_id")
    ways = np.zeros(len(ids), dtype=np.int64)
    pairs = {
        (min(x, y), max(x, y)) for x, y in zip(a.tolist(), b.tolist(), strict=True) if x >= 0 and y >= 0 and x != y
    }
    for x, y in pairs:
        ways[x] += 1
        ways[y] += 1
    check.flag("pathway_dangling_generic_node", "stops", "stop_id", (kind == 3) & (ways == 1))
    lifts: NDArray[np.bool_] = np.zeros(len(ids), dtype=np.bool_)
    for stop in (a, b):
        lifts[stop[(mode == 5) & (stop >= 0)]] = True
    check.flag("missing_level_id", "stops", "level_id", lifts & check.empty("stops", "level_id"), "stop_id")


def _fares(check: Check) -> None:
    limit, kind = (check.empty("fare_transfer_rules", name) for name in ("duration_limit", "duration_limit_type"))
    file = "fare_transfer_rules"
    check.flag("fare_transfer_rule_duration_limit_without_type", file, "duration_limit", ~limit & kind)
    check.flag(
        "fare_transfer_rule_duration_limit_type_without_duration_limit", file, "duration_limit_type", limit & ~kind
    )


def _timeframes(check: Check) -> None:
    feed = check.feed
    start, end = (feed.numbers("timeframes", name, -1) for name in ("start_time", "end_time"))
    check.flag("timeframe_only_start_or_end_time_specified", "timeframes", "start_time", (start < 0) != (end < 0))
    late = (start > DAY_S) | (end > DAY_S)
    check.flag("timeframe_start_or_end_time_greater_than_twenty_four_hours", "timeframes", "end_time", late)


def _translations(check: Check) -> None:
    feed = check.feed
    tables = feed.strings("translations", "table_name")
    unknown = np.array([name not in FILES for name in tables], dtype=np.bool_)
    check.flag("translation_unknown_table_name", "translations", "table_name", unknown)
    value, record = (~check.empty("translations", name) for name in ("field_value", "record_id"))
    check.flag("translation_unexpected_value", "translations", "field_value", value & record, "record_id")
