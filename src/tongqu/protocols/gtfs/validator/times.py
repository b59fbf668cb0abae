"""Trips, their calls and their lines on the map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kit.geometry.sphere import haversine_m
from tongqu.protocols.gtfs.schedule import fill_times
from tongqu.protocols.gtfs.validator import Check

FAR_KM = 10.0
SHAPE_M = 100.0
SPEEDS_KMH = {0: 100.0, 1: 150.0, 2: 500.0, 3: 150.0, 4: 80.0, 5: 30.0, 6: 50.0, 7: 50.0, 11: 150.0, 12: 150.0}
OTHER_KMH = 200.0


def check(check: Check) -> None:
    """What runs, when, and whether it can."""
    feed = check.feed
    if feed.has("trips"):
        _trips(check)
    if feed.has("stop_times") and feed.has("trips"):
        _calls(check)
        _speeds(check)
        _blocks(check)
    if feed.has("shapes"):
        _shapes(check)
    if feed.has("frequencies"):
        _frequencies(check)


def _trips(check: Check) -> None:
    feed = check.feed
    count = np.bincount(check.calls["trip"], minlength=feed.count("trips"))
    flexible = np.zeros(feed.count("trips"), dtype=np.bool_)
    flexible[check.calls["trip"][check.calls["window"] >= 0]] = True
    check.flag("unused_trip", "trips", "trip_id", count == 0)
    check.flag("unusable_trip", "trips", "trip_id", (count < 2) & ~flexible)


def _calls(check: Check) -> None:
    calls = check.calls
    arrival, departure, first, last = (calls[name] for name in ("arrival", "departure", "first", "last"))
    timed = calls["window"] < 0
    at = calls["at"]
    no_arrival = check.empty("stop_times", "arrival_time")[at]
    no_departure = check.empty("stop_times", "departure_time")[at]
    check.flag_calls(
        "stop_time_with_only_arrival_or_departure_time", "arrival_time", no_arrival != no_departure, "stop_sequence"
    )
    check.flag_calls(
        "missing_trip_edge", "arrival_time", (first | last) & no_arrival & no_departure & timed, "stop_sequence"
    )
    point = check.feed.numbers("stop_times", "timepoint", -1)[at]
    check.flag_calls(
        "stop_time_timepoint_without_times",
        "timepoint",
        (point == 1) & (no_arrival | no_departure) & timed,
        "stop_sequence",
    )
    if check.feed.has("stop_times", "timepoint"):
        missing = check.empty("stop_times", "timepoint")[at] & ~(no_arrival & no_departure)
        check.flag_calls("missing_timepoint_value", "timepoint", missing, "stop_sequence")
    known = departure >= 0
    place = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1)) if len(known) else np.zeros(0, np.int64)
    before = np.r_[-1, place[:-1]] if len(place) else place
    same = (before >= 0) & (calls["trip"][np.maximum(before, 0)] == calls["trip"]) if len(place) else known
    back = same & (arrival >= 0) & (arrival < departure[np.maximum(before, 0)])
    check.flag_calls("stop_time_with_arrival_before_previous_departure_time", "arrival_time", back, "stop_sequence")
    distance = calls["distance"]
    with np.errstate(invalid="ignore"):
        falls = np.r_[False, np.diff(distance) <= 0] & ~first if len(distance) else known
    check.flag_calls("decreasing_or_equal_stop_time_distance", "shape_dist_traveled", falls, "stop_sequence")


def _speeds(check: Check) -> None:
    """Faster than vehicles of the kind go, from stop to stop and over more than 10 km; minutes may be rounded."""
    feed, calls = check.feed, check.calls
    stop, trip = calls["stop"], calls["trip"]
    if not len(stop) or not feed.has("stops"):
        return
    lon, lat = (
        feed.numbers("stops", name, np.nan, np.float64)[np.maximum(stop, 0)] for name in ("stop_lon", "stop_lat")
    )
    route = feed.index("trips", "route_id", feed.strings("routes", "route_id"))
    kinds = feed.numbers("routes", "route_type", -1)
    limits = np.array([SPEEDS_KMH.get(int(kind), OTHER_KMH) for kind in kinds] or [OTHER_KMH])
    limit = limits[np.maximum(route[trip], 0)] if len(kinds) else np.full(len(trip), OTHER_KMH)
    step = np.r_[0.0, haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) / 1000]
    step[calls["first"] | (stop < 0)] = 0
    step = np.nan_to_num(step)
    arrival, departure, _ = fill_times(trip, calls["arrival"], calls["departure"], calls["distance"])
    before = np.r_[0, departure[:-1]]
    whole = (arrival % 60 == 0) & (before % 60 == 0)
    seconds = arrival - before + np.where(whole, 60, 0)
    given = (calls["arrival"] >= 0) & ~calls["first"] & (np.r_[-1, calls["departure"][:-1]] >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        fast = given & (step > 0) & (step / np.maximum(seconds, 1) * 3600 > limit)
    check.flag_calls("fast_travel_between_consecutive_stops", "arrival_time", fast, "stop_sequence")
    _far(check, np.cumsum(step), limit)


def _far(check: Check, along: NDArray[np.float64], limit: NDArray[np.float64]) -> None:
    """Between timepoints more than 10 km apart; one finding for each trip."""
    calls = check.calls
    at = np.flatnonzero(calls["arrival"] >= 0)
    wrong = np.zeros(len(along), dtype=np.bool_)
    a, b = at[:-1], at[1:]
    same = calls["trip"][a] == calls["trip"][b]
    way = along[b] - along[a]
    seconds = calls["arrival"][b] - calls["departure"][a] + 60
    fast = same & (way > FAR_KM) & (way / np.maximum(seconds, 1) * 3600 > limit[b])
    hit = b[fast]
    wrong[hit[np.unique(calls["trip"][hit], return_index=True)[1]]] = True
    check.flag_calls("fast_travel_between_far_stops", "arrival_time", wrong, "stop_sequence")


def _blocks(check: Check) -> None:
    """Two trips of one vehicle at one time on one day."""
    feed, calls = check.feed, check.calls
    if not feed.has("trips", "block_id"):
        return
    block = feed.strings("trips", "block_id")
    service = feed.index("trips", "service_id", list(check.calendar.services))
    begin, end = _ends(calls, len(block))
    order = sorted((t for t in range(len(block)) if block[t] and begin[t] >= 0), key=lambda t: (block[t], begin[t]))
    days = check.calendar.runs
    wrong = np.zeros(len(block), dtype=np.bool_)
    for place, trip in enumerate(order):
        for other in order[place + 1 :]:
            if block[other] != block[trip] or begin[other] >= end[trip]:
                break
            if service[trip] >= 0 and service[other] >= 0 and (days[:, service[trip]] & days[:, service[other]]).any():
                wrong[other] = True
    check.flag("block_trips_with_overlapping_stop_times", "trips", "block_id", wrong, "trip_id")


def _ends(calls: dict[str, NDArray[Any]], trips: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    begin, end = np.full(trips, -1, np.int32), np.full(trips, -1, np.int32)
    begin[calls["trip"][calls["first"]]] = calls["departure"][calls["first"]]
    end[calls["trip"][calls["last"]]] = calls["arrival"][calls["last"]]
    return begin, end


def _shapes(check: Check) -> None:
    feed = check.feed
    ids = [name for name in dict.fromkeys(feed.strings("shapes", "shape_id")) if name]
    shape = feed.index("shapes", "shape_id", ids)
    sequence = feed.numbers("shapes", "shape_pt_sequence", -1, np.int64)
    lon, lat = (feed.numbers("shapes", name, np.nan, np.float64) for name in ("shape_pt_lon", "shape_pt_lat"))
    distance = feed.numbers("shapes", "shape_dist_traveled", np.nan, np.float64)
    order = np.lexsort((sequence, shape))
    own, d, x, y = shape[order], distance[order], lon[order], lat[order]
    next_ = np.r_[False, own[1:] == own[:-1]]
    with np.errstate(invalid="ignore"):
        step = np.r_[np.nan, np.diff(d)]
        moved = np.r_[False, (np.diff(x) != 0) | (np.diff(y) != 0)]
        for code, hit in (
            ("decreasing_shape_distance", next_ & (step < 0)),
            ("equal_shape_distance_same_coordinates", next_ & (step == 0) & ~moved),
            ("equal_shape_distance_diff_coordinates", next_ & (step == 0) & moved),
        ):
            wrong = np.zeros(len(shape), dtype=np.bool_)
            wrong[order[hit]] = True
            check.flag(code, "shapes", "shape_dist_traveled", wrong, "shape_id", "shape_pt_sequence")
    check.flag(
        "single_shape_point", "shapes", "shape_id", np.bincount(shape[shape >= 0], minlength=len(ids))[shape] == 1
    )
    used = set(feed.strings("trips", "shape_id"))
    first = np.zeros(len(shape), dtype=np.bool_)
    first[np.unique(shape, return_index=True)[1]] = True
    check.flag(
        "unused_shape",
        "shapes",
        "shape_id",
        first & np.array([name not in used for name in feed.strings("shapes", "shape_id")]),
    )
    _against_shapes(check, ids, own, d, x, y)


def _against_shapes(
    check: Check, ids: list[str], own: NDArray[Any], distance: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> None:
    """Trips longer than their shape, and stops far from it (once for each stop and shape)."""
    import shapely

    feed, calls = check.feed, check.calls
    trip_shape = feed.index("trips", "shape_id", ids)
    longest = np.full(len(ids), np.nan)
    starts = np.flatnonzero(np.r_[True, own[1:] != own[:-1]]) if len(own) else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], len(own)]
    for begin, end in zip(starts, ends, strict=True):
        if own[begin] >= 0:
            longest[own[begin]] = distance[end - 1]
    shape = trip_shape[calls["trip"]]
    with np.errstate(invalid="ignore"):
        beyond = calls["last"] & (shape >= 0) & (calls["distance"] > longest[np.maximum(shape, 0)] + 0.01)
    check.flag_calls("trip_distance_exceeds_shape_distance", "shape_dist_traveled", beyond, "stop_sequence")
    usable = (shape >= 0) & (calls["stop"] >= 0)
    pairs = np.unique(np.column_stack((shape[usable], calls["stop"][usable])), axis=0)
    lon, lat = (feed.numbers("stops", name, np.nan, np.float64) for name in ("stop_lon", "stop_lat"))
    scale = float(np.cos(np.radians(np.nanmean(lat)))) if len(lat) and np.isfinite(lat).any() else 1.0
    far = np.zeros(feed.count("stops"), dtype=np.bool_)
    for begin, end in zip(starts, ends, strict=True):
        stops = pairs[pairs[:, 0] == own[begin], 1]
        good = np.isfinite(x[begin:end]) & np.isfinite(y[begin:end])
        stops = stops[np.isfinite(lon[stops]) & np.isfinite(lat[stops])]
        if len(stops) and good.sum() > 1:
            line = shapely.LineString(np.column_stack((x[begin:end] * scale, y[begin:end]))[good])
            degrees = shapely.distance(line, shapely.points(lon[stops] * scale, lat[stops]))
            far[stops[degrees * 111_195 > SHAPE_M]] = True
    check.flag("stop_too_far_from_shape", "stops", "stop_id", far, "stop_name")


def _frequencies(check: Check) -> None:
    feed = check.feed
    start, end = feed.numbers("frequencies", "start_time", -1), feed.numbers("frequencies", "end_time", -1)
    both = (start >= 0) & (end >= 0)
    check.flag(
        "start_and_end_range_out_of_order", "frequencies", "end_time", both & (end < start), "trip_id", "start_time"
    )
    check.flag("start_and_end_range_equal", "frequencies", "end_time", both & (end == start), "trip_id", "start_time")
    trip = feed.index("frequencies", "trip_id", feed.strings("trips", "trip_id"))
    order = np.lexsort((start, trip))
    over = np.zeros(len(start), dtype=np.bool_)
    a, b = order[:-1], order[1:]
    over[b] = (trip[a] == trip[b]) & (trip[a] >= 0) & (start[b] < end[a])
    check.flag("overlapping_frequency", "frequencies", "start_time", over, "trip_id")
