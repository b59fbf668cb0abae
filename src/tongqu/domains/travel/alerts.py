"""Alerts and what they concern: matched to the feeds that are live, found for a ride or a departure, put into words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tongqu.domains.travel.boards import Departure
from tongqu.engines.journeys import JourneyLeg, Planner
from tongqu.kit.text import text
from tongqu.protocols.gtfs_realtime import Alert, Selector

LEAST_PART = 4
"""Letters that the last parts of two prefixed ids must have at least to be taken as the same: `10` ends too many."""
_Key = tuple[str, str, str]  # feed, what, id


class Names:
    """The ids of one kind that a feed has, found as they are or by their last part."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = frozenset(ids)
        self._last: dict[str, list[str]] = defaultdict(list)
        for one in self.ids:
            self._last[_last(one)].append(one)

    def find(self, ref: str) -> str | None:
        """The id of the feed that a publisher's reference means; None where it has none, or several might be meant.

        `it:apb:Line:80120` means `80120`, and `80120` means `it:apb:80120`. Two ids with different prefixes are the
        same where their last part is of `LEAST_PART` letters or more and no other id of the feed ends in it.
        """
        if ref in self.ids:
            return ref
        last = _last(ref)
        if last in self.ids:
            return last
        ends = self._last.get(last, [])
        if len(ends) != 1 or (last != ref and len(last) < LEAST_PART):
            return None
        return ends[0]


def _last(ref: str) -> str:
    return ref.rpartition(":")[2]


class FeedNames:
    """What a live feed calls its lines, stops, trips and agencies."""

    def __init__(self, planner: Planner, feed: str) -> None:
        index = planner.timetable.network.feeds.index(feed)
        facts, lines = planner.catalogue.feeds[index], planner.catalogue.lines(index)
        self.lines = Names(line.id for line in lines)
        self.agencies = Names(line.agency_id for line in lines if line.agency_id)
        self.stops = Names(facts.stops)
        self.trips = Names(facts.trips)

    def matched(self, alert: Alert) -> Alert:
        """The alert with the feed's own ids; what it concerns that the feed has not is left out."""
        concerns = [found for one in alert.concerns for found in self._selectors(one)]
        return replace(alert, concerns=tuple(dict.fromkeys(concerns)))

    def _selectors(self, one: Selector) -> list[Selector]:
        if one == Selector():  # everything there is
            return [Selector(agency_id=agency) for agency in sorted(self.agencies.ids)]
        found = one
        for field, names in (("route_id", self.lines), ("stop_id", self.stops), ("agency_id", self.agencies)):
            if ref := getattr(one, field):
                known = names.find(ref)
                if known is None:
                    return []
                found = replace(found, **{field: known})
        if one.trip is not None and one.trip.trip_id:
            trip = self.trips.find(one.trip.trip_id)
            if trip is None:
                return []
            found = replace(found, trip=replace(one.trip, trip_id=trip))
        return [found]


@dataclass(frozen=True)
class Run:
    """What of a vehicle's run alerts may concern; `stops` are those one boards or alights at, and their stations."""

    feed: str
    trip_id: str
    service_day: str
    line_id: str
    route_type: int
    agency_id: str
    stops: frozenset[str]


class Alerts:
    """The alerts of all feeds, found by what they concern.

    Args:
        told: by feed, with the feed's own ids.
    """

    def __init__(self, told: Mapping[str, Iterable[Alert]]) -> None:
        self._by: dict[_Key, list[tuple[Selector, str, Alert]]] = defaultdict(list)
        for feed, alerts in told.items():
            for alert in alerts:
                for one in alert.concerns:
                    self._by[(feed, *_narrowest(one))].append((one, feed, alert))

    def __bool__(self) -> bool:
        return bool(self._by)

    def of_run(self, run: Run, begin_ms: int, end_ms: int) -> list[tuple[str, Alert]]:
        """Alerts that hold at some time between two moments and concern a run: feed and alert."""
        keys = [("trip", run.trip_id), ("route", run.line_id), ("agency", run.agency_id), ("type", str(run.route_type)),
                *(("stop", stop) for stop in sorted(run.stops))]  # fmt: skip
        return self._found(run.feed, keys, lambda one: _concerns(one, run), begin_ms, end_ms)

    def of_stops(self, feed: str, stops: Collection[str], begin_ms: int, end_ms: int) -> list[tuple[str, Alert]]:
        """Alerts that concern stops themselves, whatever runs there."""
        keys = [("stop", stop) for stop in sorted(stops)]
        return self._found(feed, keys, lambda one: one == Selector(stop_id=one.stop_id), begin_ms, end_ms)

    def _found(self, feed: str, keys: Sequence[tuple[str, str]], fits: Any, begin_ms: int, end_ms: int
               ) -> list[tuple[str, Alert]]:  # fmt: skip
        found: dict[Alert, str] = {}
        for key in keys:
            for one, of, alert in self._by.get((feed, *key), ()):
                if fits(one) and holds(alert, begin_ms, end_ms):
                    found.setdefault(alert, of)
        return [(of, alert) for alert, of in found.items()]


def _narrowest(one: Selector) -> tuple[str, str]:
    """By which of its parts a selector is looked up: all runs it fits have that part."""
    if one.trip is not None and one.trip.trip_id:
        return "trip", one.trip.trip_id
    if one.stop_id:
        return "stop", one.stop_id
    if one.route_id or (one.trip is not None and one.trip.route_id):
        return "route", one.route_id or (one.trip.route_id if one.trip else "")
    return ("agency", one.agency_id) if one.agency_id else ("type", str(one.route_type))


def _concerns(one: Selector, run: Run) -> bool:
    trip = one.trip
    return (
        (not one.route_id or one.route_id == run.line_id)
        and (not one.stop_id or one.stop_id in run.stops)
        and (not one.agency_id or one.agency_id == run.agency_id)
        and (one.route_type is None or one.route_type == run.route_type)
        and (trip is None or not trip.trip_id or trip.trip_id == run.trip_id)
        and (trip is None or not trip.route_id or trip.route_id == run.line_id)
        and (trip is None or not trip.start_date or trip.start_date == run.service_day)
    )


def holds(alert: Alert, begin_ms: int, end_ms: int) -> bool:
    """Whether an alert holds at some time between two moments; one without a period always does."""
    return not alert.active or any(
        (start is None or start <= end_ms) and (end is None or end >= begin_ms) for start, end in alert.active
    )


def run_of(planner: Planner, leg: JourneyLeg) -> Run | None:
    """What alerts may concern of a leg; None of one that rides nothing."""
    ride = leg.ride
    if ride is None:
        return None
    line = planner.catalogue.line(planner.timetable.network.feeds.index(ride.feed), ride.line_id)
    ends = (ride.calls[0].end.stop, ride.calls[-1].end.stop)
    return Run(
        ride.feed, ride.trip_id, ride.service_day, ride.line_id, ride.route_type, line.agency_id,
        with_stations(planner, ends),
    )  # fmt: skip


def with_stations(planner: Planner, stops: Iterable[int]) -> frozenset[str]:
    """Ids of stops and of the stations they lie in."""
    network = planner.timetable.network
    found = [*stops]
    found += [int(network.stop_parent[stop]) for stop in found]
    return frozenset(network.stops[stop] for stop in found if stop >= 0)


def on_board(
    alerts: Alerts, planner: Planner, stops: Sequence[int], departures: Sequence[Departure], from_ms: int, until_ms: int
) -> tuple[list[tuple[str, Alert]], list[list[int]]]:
    """Alerts for a board of stops (indices): those of the stops themselves first, then those of what leaves; and for
    each departure which of the latter concern it, by their place."""
    network, catalogue = planner.timetable.network, planner.catalogue
    found: dict[tuple[str, Alert], int] = {}
    for feed in dict.fromkeys(network.feeds[network.stop_feed[stop]] for stop in stops):
        own = [stop for stop in stops if network.feeds[network.stop_feed[stop]] == feed]
        for one in alerts.of_stops(feed, with_stations(planner, own), from_ms, until_ms):
            found.setdefault(one, len(found))
    of_stops = len(found)
    concerned = []
    for one in departures:
        index = network.feeds.index(one.feed)
        line = catalogue.line_of(index, one.trip_id) if catalogue.has(index, one.trip_id) else catalogue.line(index, "")
        run = Run(one.feed, one.trip_id, f"{one.service_day:%Y%m%d}", line.id, line.route_type, line.agency_id,
                  with_stations(planner, (one.stop,)))  # fmt: skip
        places = (found.setdefault(each, len(found)) for each in alerts.of_run(run, one.departure_ms, one.departure_ms))
        concerned.append([place for place in places if place >= of_stops])
    return list(found), concerned


def shown(feed: str, alert: Alert) -> dict[str, Any]:
    """An alert as it is sent: texts by the publisher's languages (`und` where none is told), effect and cause in words
    of both languages."""
    return {
        "feed": feed,
        "id": alert.id,
        "effect": alert.effect,
        "effect_words": text(f"travel.effects.{alert.effect}"),
        "cause": alert.cause,
        "cause_words": text(f"travel.causes.{alert.cause}"),
        "severity": alert.severity.removesuffix("_severity"),
        "header": {language or "und": told for language, told in alert.header},
        "description": {language or "und": told for language, told in alert.description},
        "url": alert.url if alert.url.startswith(("http://", "https://")) else None,
        "active": [[start, end] for start, end in alert.active],
    }
