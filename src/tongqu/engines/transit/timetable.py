"""A timetable: the feeds of a region as one network, and the layout of each day on demand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit import compile as compiling
from tongqu.engines.transit.bounds import Bounds
from tongqu.engines.transit.foot import FootTransfers, Streets, Walker
from tongqu.engines.transit.layout import MIRROR_S, Layout, Place, lay_out
from tongqu.engines.transit.runs import Runs
from tongqu.kit.errors import Invalid

Ints = NDArray[np.int32]
DAYS_KEPT = 16
DAY_S = 90_000
"""The longest day: 25 hours, when clocks go back."""


@dataclass(frozen=True)
class Network:
    """What of a timetable does not depend on the day.

    Attributes:
        feeds, zones: name and time zone of each feed.
        stops: stop ids; ``stop_feed`` says of which feed.
        stop_parent: the station a stop lies in, -1 for none.
        stop_kind: location_type.
        trips, lines, headsigns: ids and texts; ``trip_line``, ``trip_headsign`` point to them.
        runs: trips as runs over patterns. call_sequence: stop_sequence of each of their calls.
        services: names, each once for its feed; ``service_days[day, service]`` from the day before ``first_day`` to the
            day after the last that is served.
        in_seat: pairs (trip, trip that goes on in the same vehicle by a rule of transfers.txt, type 4).
        not_in_seat: pairs for which a rule says that one must leave the vehicle (type 5).
        foot: walks between stops. change: seconds to change at each stop, -1 for the traveller's own.
        bounds: least travel times.
        notes: what of the feeds is left out of the search, by name, and how often.
    """

    feeds: tuple[str, ...]
    zones: tuple[str, ...]
    stops: tuple[str, ...]
    stop_names: tuple[str, ...]
    stop_feed: Ints
    stop_lon: NDArray[np.float64]
    stop_lat: NDArray[np.float64]
    stop_parent: Ints
    stop_kind: Ints
    trips: tuple[str, ...]
    trip_feed: Ints
    trip_line: Ints
    lines: tuple[str, ...]
    trip_headsign: Ints
    headsigns: tuple[str, ...]
    runs: Runs
    call_sequence: Ints
    services: tuple[str, ...]
    first_day: date
    service_days: NDArray[np.bool_]
    in_seat: tuple[Ints, Ints]
    not_in_seat: tuple[Ints, Ints]
    foot: FootTransfers
    change: Ints
    bounds: Bounds
    notes: dict[str, int]

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=len(self.service_days) - 3)


@dataclass(frozen=True, slots=True)
class ExtraTrip:
    """A trip that is not in the timetable but runs, by a real-time message."""

    feed: str
    trip_id: str
    line_id: str
    headsign: str


@dataclass(frozen=True)
class Day:
    """One service day with its neighbours, laid out for the search forwards and backwards in time.

    Attributes:
        day: the day whose clock is used.
        base_ms: noon minus 12 h of that day in the first feed's zone, UTC ms; times are seconds after it.
        extra: trips that are not in the timetable; a row's run behind the timetable's runs counts into them.
        live: (run, service day against this one) of the trips with real-time times.
        forward, backward: the layouts; in ``backward`` the clock counts down from `MIRROR_S`.
    """

    day: date
    base_ms: int
    forward: Layout
    backward: Layout
    extra: tuple[ExtraTrip, ...] = ()
    live: frozenset[tuple[int, int]] = frozenset()


@dataclass
class Timetable:
    """The timetable of one or several feeds.

    Days are laid out when first asked for (some milliseconds) and the last sixteen are kept; `prepare` does it ahead.
    """

    network: Network
    _days: dict[date, Day] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def from_gtfs(
        cls,
        paths: Path | str | Iterable[Path | str],
        dates: date | str | Iterable[date | str] | None = None,
        streets: Walker | Streets | FootTransfers | None = None,
        cache: Path | str | None = None,
    ) -> Timetable:
        """Read feeds and compile them into one network.

        Args:
            paths: zips or folders of GTFS.
            dates: the days to be served; all from the first to the last of these; all of the feeds where none is given.
            streets: the street engine or another `Walker`, or the walks themselves; none: only the feeds' transfers.
            cache: a folder in which the compiled network is kept; read from there where the same feeds, days and walks
                were compiled before.

        Raises:
            Invalid: a path is no feed; none of the days lies within the feeds.
        """
        files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
        return cls(compiling.network(files, compiling.span_of(dates), streets, None if cache is None else Path(cache)))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the first feed: that of departures and arrivals."""
        return ZoneInfo(self.network.zones[0])

    @cached_property
    def _place(self) -> dict[str, list[int]]:
        place: dict[str, list[int]] = {}
        for index, stop in enumerate(self.network.stops):
            place.setdefault(stop, []).append(index)
            feed = self.network.feeds[self.network.stop_feed[index]]
            place.setdefault(f"{feed}:{stop}", []).append(index)
        return place

    @cached_property
    def foot_back(self) -> FootTransfers:
        """The walks that lead to each stop."""
        return self.network.foot.turned()

    def stop(self, stop_id: str) -> int:
        """Index of a stop by its id; where several feeds have it, by ``feed:id``.

        Raises:
            Invalid: no stop has the id, or several feeds have.
        """
        found = self._place.get(stop_id, [])
        if len(found) == 1:
            return found[0]
        raise Invalid("transit.ambiguous_stop" if found else "transit.no_such_stop", stop=stop_id)

    def find(self, stop_id: str) -> int | None:
        """Index of a stop by its id, or None where none or several have it."""
        found = self._place.get(stop_id, [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _trips(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, trip in enumerate(self.network.trips):
            found.setdefault(trip, []).append(index)
        return found

    def trip(self, trip_id: str, feed: str = "") -> int | None:
        """Index of a trip by its id (and feed), or None where none or several have it."""
        network = self.network
        found = [t for t in self._trips.get(trip_id, []) if not feed or network.feeds[network.trip_feed[t]] == feed]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _runs_by_trip(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.network.runs.trip, kind="stable").astype(np.int32)
        return order, self.network.runs.trip[order]

    def runs_of(self, trip: int) -> Ints:
        """The runs of a trip: one, or one for each departure of a trip by frequency."""
        order, trips = self._runs_by_trip
        return order[np.searchsorted(trips, trip) : np.searchsorted(trips, trip, side="right")]

    def boarding_points(self, stop_id: str) -> list[int]:
        """The stops a traveller means by an id: the stop itself, or the stops of a station."""
        index = self.stop(stop_id)
        if self.network.stop_kind[index] == 1:
            return [int(child) for child in np.flatnonzero(self.network.stop_parent == index)
                    if self.network.stop_kind[child] in (0, 4)]  # fmt: skip
        return [index]

    def instant_ms(self, moment: datetime | str | int) -> int:
        """UTC ms of a moment; one without an offset is read in the timetable's zone."""
        if isinstance(moment, int):
            return moment
        value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if value.tzinfo is None:
            value = value.replace(tzinfo=self.zone)
        return round(value.timestamp() * 1000)

    def day_of(self, at_ms: int) -> date:
        """The service day whose clock shows an instant between 0 and 24 h."""
        day = datetime.fromtimestamp(at_ms / 1000, self.zone).date()
        if at_ms < base_ms(day, self.zone):
            return day - timedelta(days=1)
        return day + timedelta(days=1) if at_ms >= base_ms(day + timedelta(days=1), self.zone) else day

    def serves(self, day: date) -> bool:
        """Whether the day lies within the timetable."""
        return self.network.first_day <= day <= self.network.last_day

    def day(self, day: date) -> Day:
        """The layout of a day."""
        found = self._days.get(day)
        if found is None:
            with self._lock:
                found = self._days.get(day)
                if found is None:
                    found = lay_out_day(self.network, day)
                    while len(self._days) >= DAYS_KEPT:
                        self._days.pop(next(iter(self._days)))
                    self._days[day] = found
        return found

    def prepare(self, days: Iterable[date]) -> None:
        """Lay out days ahead of the first search."""
        for day in days:
            self.day(day)


@lru_cache(4_096)
def base_ms(day: date, zone: ZoneInfo) -> int:
    """Noon minus 12 h of a day in a zone, UTC ms: what GTFS times are measured from."""
    noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)
    return round((noon - timedelta(hours=12)).timestamp() * 1000)


def running(network: Network, day: date, backwards: bool = False) -> tuple[Ints, Ints, Ints]:
    """Runs of three service days that may be met on a day's clock.

    Forwards these are yesterday's that go past midnight, today's and tomorrow's; backwards yesterday's, today's and
    those of tomorrow that begin within today.

    Returns their index, the shift of their service day against the day's clock in seconds, and the day (-1, 0, 1).
    """
    runs, base = network.runs, base_ms(day, ZoneInfo(network.zones[0]))
    parts: list[tuple[Ints, Ints, Ints]] = []
    begin, end = runs.begin_s(), runs.end_s()
    for offset in (-1, 0, 1):
        at = (day - network.first_day).days + offset + 1
        if not 0 <= at < len(network.service_days):
            continue
        shift = np.array(
            [(base_ms(day + timedelta(days=offset), ZoneInfo(zone)) - base) // 1000 for zone in network.zones], np.int32
        )
        active = np.flatnonzero(network.service_days[at][runs.service])
        own = shift[runs.feed[active]]
        if offset < 0 and not backwards:
            met = end[active] + own >= 0
        elif offset > 0 and backwards:
            met = begin[active] + own <= DAY_S
        else:
            met = np.ones(len(active), dtype=np.bool_)
        active, own = active[met], own[met]
        parts.append((active.astype(np.int32), own, np.full(len(active), offset, dtype=np.int32)))
    if not parts:
        empty = np.zeros(0, dtype=np.int32)
        return empty, empty, empty
    return tuple(np.concatenate([part[index] for part in parts]) for index in range(3))  # type: ignore[return-value]


def lay_out_day(network: Network, day: date) -> Day:
    """Lay out a day in both directions of time."""
    run, shift, which = running(network, day)
    place = Place(network.foot, network.change, network.bounds.cluster)
    forward = lay_out(network.runs, run, shift, which, compiling.follows(network, run, which), place)
    run, shift, which = running(network, day, backwards=True)
    follows = compiling.follows(network, run, which)
    before = np.full(len(run), -1, dtype=np.int32)
    going_on = np.flatnonzero(follows >= 0)
    before[follows[going_on]] = going_on
    back = Place(network.foot.turned(), network.change, network.bounds.cluster)
    backward = lay_out(network.runs.mirrored(), run, MIRROR_S - shift, which, before, back)
    return Day(day, base_ms(day, ZoneInfo(network.zones[0])), forward, backward)
