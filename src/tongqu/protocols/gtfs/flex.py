"""Demand-responsive service of a feed (GTFS-Flex): where, when, on which trips, and how it is booked. `flex(feed)`.

Two forms are read. Today's (GTFS Schedule reference, adopted March 2024): `stop_times.location_id` and
`location_group_id`, `location_group_stops.txt`, `trips.safe_duration_factor` and `_offset` (April 2026, seconds). The
draft before it: zones and groups named in `stop_times.stop_id`, members of a group in `location_groups.location_id`,
`mean_duration_factor`, `safe_duration_factor` and `_offset` (minutes) in `stop_times.txt`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.gtfs.feed import Feed
from tongqu.protocols.gtfs.locations import FILE, Fault, Zone, zones

REAL_TIME, SAME_DAY, PRIOR_DAYS = 0, 1, 2
"""booking_type: in real time; up to the same day with notice; up to days before."""
NONE = -1
MOST = 999 * 3600
"""Larger numbers of booking rules are cut to this: no ride is booked a century ahead."""
WINDOW = ("start_pickup_drop_off_window", "end_pickup_drop_off_window")
NEEDED: Mapping[int, tuple[str, ...]] = {
    REAL_TIME: (),
    SAME_DAY: ("prior_notice_duration_min",),
    PRIOR_DAYS: ("prior_notice_last_day", "prior_notice_last_time"),
}
"""What a booking rule of a type must say (booking_rules.txt, conditionally required)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Stops, and in the draft also zones, that are served together (location_groups.txt, location_group_stops.txt)."""

    id: str
    name: str
    stops: tuple[str, ...]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingRule:
    """How a ride is booked (booking_rules.txt). Numbers are `NONE` where nothing is written.

    Attributes:
        kind: `REAL_TIME`, `SAME_DAY` or `PRIOR_DAYS`.
        least_min, most_min: minutes before the ride by which, and from which, it may be booked.
        last_day, last_time_s: days before the service day, and the time of that day, until which it may be booked.
        start_day, start_time_s: likewise from when on.
        service: the service whose days are counted; empty: every day is.
    """

    id: str
    kind: int
    least_min: int = NONE
    most_min: int = NONE
    last_day: int = NONE
    last_time_s: int = NONE
    start_day: int = NONE
    start_time_s: int = NONE
    service: str = ""
    message: str = ""
    pickup_message: str = ""
    drop_off_message: str = ""
    phone: str = ""
    info_url: str = ""
    booking_url: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a ride takes: `factor` times the driving time, and `offset_s` more.

    Attributes:
        kind: `mean` of the draft; `safe`: enough for 95 of 100 rides.
    """

    kind: str
    factor: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class FlexCall:
    """A row of stop_times.txt with a window: where and when a trip fetches people or sets them down.

    Attributes:
        zones, stops: where; one zone, one stop, or the members of a group.
        start_s, end_s: the window, seconds after noon minus 12 h of the service day.
        pickup, drop_off: pickup_type and drop_off_type.
        pickup_rule, drop_off_rule: ids of booking rules, empty for none.
        estimate: None where the feed has none.
    """

    trip: str
    zones: tuple[str, ...]
    stops: tuple[str, ...]
    start_s: int
    end_s: int
    pickup: int
    drop_off: int
    pickup_rule: str = ""
    drop_off_rule: str = ""
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Flex:
    """The demand-responsive service of a feed.

    Attributes:
        calls: of all trips, by trip and in the order of stop_sequence.
        faults: what is left out, and why.
    """

    zones: tuple[Zone, ...] = ()
    groups: tuple[Group, ...] = ()
    rules: tuple[BookingRule, ...] = ()
    calls: tuple[FlexCall, ...] = ()
    faults: tuple[Fault, ...] = ()

    def trips(self) -> dict[str, tuple[FlexCall, ...]]:
        """The calls of each trip."""
        found: dict[str, list[FlexCall]] = {}
        for call in self.calls:
            found.setdefault(call.trip, []).append(call)
        return {trip: tuple(calls) for trip, calls in found.items()}


def flex(feed: Feed) -> Flex:
    """The demand-responsive service of a feed; nothing where no row of stop_times.txt has a window.

    A zone, rule or call that cannot be used is left out with its reason. A call that names a booking rule that is not
    there, or is left out, is left out as well: nobody could say how to book it.
    """
    windows = [feed.numbers("stop_times", name, NONE) for name in WINDOW]
    rows = np.flatnonzero((windows[0] >= 0) | (windows[1] >= 0))
    if not len(rows):
        return Flex()
    feed = _with_rows(feed, rows)
    found, faults = zones(feed.other[FILE]) if FILE in feed.other else ((), ())
    groups = _groups(feed, {zone.id for zone in found})
    rules, wrong = _rules(feed)
    told = [*faults, *wrong]
    calls = _calls(feed, (found, groups, rules), told)
    return Flex(found, groups, rules, tuple(calls), tuple(told))


def _with_rows(feed: Feed, rows: NDArray[np.int64]) -> Feed:
    """The feed with some rows of stop_times.txt only: few have a window where most service is by timetable."""
    typed, written = feed.tables["stop_times"].take(rows), feed.texts["stop_times"]
    texts = replace(written, table=written.table.take(rows), rows=written.rows[rows])
    return replace(
        feed, tables={**feed.tables, "stop_times": typed}, texts={**feed.texts, "stop_times": texts}
    )  # fmt: skip


def _groups(feed: Feed, known_zones: set[str]) -> tuple[Group, ...]:
    """Groups with their members in either form; members that are not there are left out."""
    stops = set(feed.strings("stops", "stop_id"))
    names: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    ids = feed.strings("location_groups", "location_group_id")
    drafted = _texts(feed, "location_groups", "location_id")
    titles = feed.strings("location_groups", "location_group_name")
    for id_, member, title in zip(ids, drafted, titles, strict=True):
        names[id_] = names.get(id_) or title
        members.setdefault(id_, []).append(member)
    pairs = zip(
        feed.strings("location_group_stops", "location_group_id"), feed.strings("location_group_stops", "stop_id"),
        strict=True,
    )  # fmt: skip
    for id_, member in pairs:
        members.setdefault(id_, []).append(member)
    return tuple(
        Group(
            id_, names.get(id_, ""), tuple(dict.fromkeys(one for one in own if one in stops)),
            tuple(dict.fromkeys(one for one in own if one in known_zones and one not in stops)),
        )
        for id_, own in members.items()
        if id_
    )  # fmt: skip


def _rules(feed: Feed) -> tuple[tuple[BookingRule, ...], list[Fault]]:
    names = {
        "least_min": "prior_notice_duration_min", "most_min": "prior_notice_duration_max",
        "last_day": "prior_notice_last_day", "last_time_s": "prior_notice_last_time",
        "start_day": "prior_notice_start_day", "start_time_s": "prior_notice_start_time",
    }  # fmt: skip
    written = {
        "service": "prior_notice_service_id", "message": "message", "pickup_message": "pickup_message",
        "drop_off_message": "drop_off_message", "phone": "phone_number", "info_url": "info_url",
        "booking_url": "booking_url",
    }  # fmt: skip
    numbers = {name: feed.numbers("booking_rules", column, NONE, np.int64) for name, column in names.items()}
    texts = {name: feed.strings("booking_rules", column) for name, column in written.items()}
    kinds = feed.numbers("booking_rules", "booking_type", NONE).tolist()
    found: dict[str, BookingRule] = {}
    faults = []
    for row, (id_, kind) in enumerate(zip(feed.strings("booking_rules", "booking_rule_id"), kinds, strict=True)):
        own = {name: min(max(int(column[row]), NONE), MOST) for name, column in numbers.items()}
        rule = BookingRule(id_, kind, **own, **{name: column[row] for name, column in texts.items()})  # type: ignore[arg-type]
        by_column = {column: own[name] for name, column in names.items()}
        missing = next((column for column in NEEDED.get(kind, ()) if by_column[column] == NONE), None)
        if not id_ or kind not in NEEDED:
            missing = "booking_type" if id_ else "booking_rule_id"
            faults.append(Fault("missing_required_field", "booking_rules.txt", id_, missing))
        elif missing:
            faults.append(Fault(f"missing_{missing}", "booking_rules.txt", id_, missing))
        elif id_ in found:
            faults.append(Fault("duplicate_key", "booking_rules.txt", id_, "booking_rule_id"))
        else:
            found[id_] = rule
    return tuple(found.values()), faults


def _calls(
    feed: Feed, known: tuple[tuple[Zone, ...], tuple[Group, ...], tuple[BookingRule, ...]], faults: list[Fault]
) -> Iterable[FlexCall]:  # fmt: skip
    """The rows, by trip and sequence; one that cannot be used is noted and left out."""
    where = _Where(feed, known[0], known[1])
    rules = {rule.id for rule in known[2]} | {""}
    trips = feed.strings("stop_times", "trip_id")
    sequence = feed.numbers("stop_times", "stop_sequence", NONE, np.int64)
    pickup, drop_off = (feed.numbers("stop_times", name, 0).tolist() for name in ("pickup_type", "drop_off_type"))
    booked = [feed.strings("stop_times", f"{name}_booking_rule_id") for name in ("pickup", "drop_off")]
    starts, ends = (feed.numbers("stop_times", name, NONE).tolist() for name in WINDOW)
    estimates = _Estimates(feed)
    for row in sorted(range(len(trips)), key=lambda row: (trips[row], int(sequence[row]), row)):
        start, end = starts[row], ends[row]
        named = where.of(row)
        rule = next((own[row] for own in booked if own[row] not in rules), None)
        if start < 0 or end < 0:
            faults.append(Fault("missing_pickup_or_drop_off_window", "stop_times.txt", trips[row], "one end of it"))
        elif end <= start:
            faults.append(Fault("invalid_pickup_drop_off_window", "stop_times.txt", trips[row], "it ends before"))
        elif named is None:
            faults.append(Fault("foreign_key_violation", "stop_times.txt", trips[row], where.named(row)))
        elif rule is not None:
            faults.append(Fault("foreign_key_violation", "stop_times.txt", trips[row], rule))
        else:
            yield FlexCall(
                trips[row], *named, start, end, pickup[row], drop_off[row], booked[0][row], booked[1][row],
                estimates.of(row),
            )  # fmt: skip


class _Where:
    """Resolves where a row of stop_times.txt is: a stop, a zone or a group, in today's columns or the draft's."""

    def __init__(self, feed: Feed, found: Iterable[Zone], groups: Iterable[Group]) -> None:
        self.stops = set(feed.strings("stops", "stop_id"))
        self.zones = {zone.id for zone in found}
        self.groups = {group.id: group for group in groups}
        names = ("stop_id", "location_group_id", "location_id")
        self.columns = [feed.strings("stop_times", name) for name in names]

    def named(self, row: int) -> str:
        return next((column[row] for column in reversed(self.columns) if column[row]), "")

    def of(self, row: int) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Zones and stops; None where nothing of that name can be served."""
        stop, group, zone = (column[row] for column in self.columns)
        if zone:
            return ((zone,), ()) if zone in self.zones else None
        if not group and stop in self.stops:
            return (), (stop,)
        if not group and stop in self.zones:
            return (stop,), ()
        own = self.groups.get(group or stop)
        return None if own is None or not (own.zones or own.stops) else (own.zones, own.stops)


class _Estimates:
    """What a feed says of how long a ride takes: the draft's mean, else the safe time of the trip or of the draft."""

    def __init__(self, feed: Feed) -> None:
        by_id = dict(zip(feed.strings("trips", "trip_id"), _durations(feed, "trips", "safe"), strict=True))
        self.safe = [by_id.get(trip, ("", "")) for trip in feed.strings("stop_times", "trip_id")]
        self.draft = {kind: _durations(feed, "stop_times", kind) for kind in ("mean", "safe")}

    def of(self, row: int) -> Estimate | None:
        return (
            _estimate("mean", self.draft["mean"][row], 60.0)
            or _estimate("safe", self.safe[row], 1.0)
            or _estimate("safe", self.draft["safe"][row], 60.0)
        )


def _durations(feed: Feed, file: str, kind: str) -> list[tuple[str, str]]:
    factor, offset = (_texts(feed, file, f"{kind}_duration_{part}") for part in ("factor", "offset"))
    return list(zip(factor, offset, strict=True))


def _estimate(kind: str, written: tuple[str, str], unit_s: float) -> Estimate | None:
    factor, offset = written
    try:
        a, b = float(factor or 1), float(offset or 0) * unit_s
    except ValueError:
        return None
    fine = (factor or offset) and math.isfinite(a) and math.isfinite(b) and a > 0 and abs(b) <= 86_400
    return Estimate(kind, a, b) if fine else None


def _texts(feed: Feed, file: str, column: str) -> list[str]:
    """A column as it was written, also one that the specification does not know; empty texts where it is absent."""
    if file not in feed.texts or column not in feed.texts[file].table.column_names:
        return [""] * feed.count(file)
    cells: list[str | None] = feed.texts[file].table.column(column).to_pylist()
    return [cell or "" for cell in cells]
