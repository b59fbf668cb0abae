"""Searching a timetable: `Router(timetable).pareto(origin, destination, depart)` and its relatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit import raptor
from tongqu.engines.transit import walking as criteria
from tongqu.engines.transit.access import Access, Accesses
from tongqu.engines.transit.bounds import Bounds
from tongqu.engines.transit.decode import Decoder
from tongqu.engines.transit.itinerary import Answer, Itinerary
from tongqu.engines.transit.layout import INF, MIRROR_S, Layout
from tongqu.engines.transit.timetable import Day, Timetable
from tongqu.engines.transit.workspace import Workspace
from tongqu.kit.errors import Invalid

Ints = NDArray[np.int32]
Moment = datetime | str | int

MOST_TRANSFERS = 12
MOST_JOURNEYS = 4_096


class Live(Protocol):
    """What changes the days of a timetable, such as a snapshot of real-time messages."""

    def day(self, day: date) -> Day: ...
    def bounds(self) -> Bounds: ...


class Router:
    """Searches one timetable, or one snapshot of it; safe to use from several threads.

    Args:
        timetable: what to search.
        live: a snapshot of real-time changes; the timetable as planned where there is none.
    """

    def __init__(self, timetable: Timetable, live: Live | None = None) -> None:
        self.timetable = timetable
        self.live = live
        self._bounds = timetable.network.bounds if live is None else live.bounds()
        self._bounds_back = self._bounds.turned
        self._idle: list[_Room] = []

    def pareto(
        self,
        origin_stop_id: str,
        destination_stop_id: str,
        depart: Moment,
        max_transfers: int = 4,
        change_s: int = 120,
        walking: bool = False,
    ) -> Answer:
        """The journeys that leave at or after a moment: earliest arrival for each number of transfers.

        Args:
            origin_stop_id, destination_stop_id: stops or stations; ``feed:id`` where several feeds have the id.
            depart: a datetime, an ISO text (in the timetable's zone where it has no offset), or UTC ms.
            max_transfers: most changes of vehicle, at most 12.
            change_s: seconds to change at a stop where the timetable gives none.
            walking: also those that arrive later and save walking.

        Raises:
            Invalid: a stop is not there; a number is out of range.
        """
        access, egress = self._ends(origin_stop_id, destination_stop_id)
        return self.search(
            access, egress, depart=depart, max_transfers=max_transfers, change_s=change_s, walking=walking
        )

    def arrive_by(
        self, origin_stop_id: str, destination_stop_id: str, arrive: Moment, max_transfers: int = 4, change_s: int = 120
    ) -> Answer:
        """The journeys that arrive at or before a moment: latest departure for each number of transfers."""
        access, egress = self._ends(origin_stop_id, destination_stop_id)
        return self.search(access, egress, arrive=arrive, max_transfers=max_transfers, change_s=change_s)

    def window(
        self,
        origin_stop_id: str,
        destination_stop_id: str,
        depart: Moment,
        window_s: int = 3600,
        max_transfers: int = 4,
        change_s: int = 120,
    ) -> Answer:
        """The journeys that leave within a window and that none dominates in departure, arrival and transfers."""
        access, egress = self._ends(origin_stop_id, destination_stop_id)
        return self.search(
            access,
            egress,
            depart=depart,
            window_s=window_s,
            max_transfers=max_transfers,
            change_s=change_s,
        )

    def search(
        self,
        access: Sequence[Access],
        egress: Sequence[Access],
        *,
        depart: Moment | None = None,
        arrive: Moment | None = None,
        window_s: int = 0,
        max_transfers: int = 4,
        change_s: int = 120,
        walking: bool = False,
    ) -> Answer:
        """Search between places: from all stops of ``access`` to all stops of ``egress``.

        Args:
            access, egress: stops near the places with the time to reach them; equal stops: the shortest counts.
            depart: leave the place at or after this moment; or
            arrive: be at the destination at or before this moment.
            window_s: with ``depart``, all departures within so many seconds; with ``arrive``, all arrivals within
                so many seconds before.
            max_transfers, change_s, walking: as in `pareto`.

        Raises:
            Invalid: neither or both of ``depart`` and ``arrive``; a number is out of range.
        """
        if (depart is None) == (arrive is None):
            raise Invalid("transit.depart_or_arrive")
        if not 0 <= max_transfers <= MOST_TRANSFERS:
            raise Invalid("transit.out_of_range", field="max_transfers", least=0, most=MOST_TRANSFERS)
        if not 0 <= change_s <= 36_000 or not 0 <= window_s <= 86_400:
            raise Invalid("transit.out_of_range", field="change_s", least=0, most=36_000)
        if not access or not egress:
            return Answer(reason="not_served")
        access, egress = Accesses.of(access), Accesses.of(egress)
        if access.meets(egress):
            return Answer(reason="same_place")
        at_ms = self.timetable.instant_ms(depart if depart is not None else arrive)  # type: ignore[arg-type]
        day = self.timetable.day_of(at_ms)
        if not self.timetable.serves(day):
            return Answer(reason="outside_dates")
        found = self.day(day)
        backwards = arrive is not None
        layout = found.backward if backwards else found.forward
        seconds = (at_ms - found.base_ms) // 1000 if backwards else -((found.base_ms - at_ms) // 1000)
        start = MIRROR_S - seconds if backwards else seconds
        first, last = (egress, access) if backwards else (access, egress)
        room = self._room(layout, max_transfers + 1)
        try:
            count = self._run(room, layout, backwards, first, last, start, window_s, max_transfers, change_s, walking)
            decoder = Decoder(self.timetable, found, backwards, access, egress)
            answers = [decoder.itinerary(room.journeys[row], room.legs[row]) for row in range(count)]
        finally:
            self._idle.append(room)
        if window_s:
            # where a vehicle leaves within the window but leads nowhere, what was found may leave after the window
            reach = window_s * 1000
            answers = [
                one
                for one in answers
                if (one.arrival_ms >= at_ms - reach if backwards else one.departure_ms <= at_ms + reach)
            ]
        if answers:
            return Answer(_ordered(answers))
        return Answer(reason=self._reason(found, access, egress, seconds, backwards))

    def day(self, day: date) -> Day:
        """The layout that is searched for a day."""
        return self.timetable.day(day) if self.live is None else self.live.day(day)

    def one_to_all(self, access: Sequence[Access], depart: Moment, max_transfers: int = 4, change_s: int = 120) -> Ints:
        """Seconds from a departure to the arrival by vehicle at each stop (for the access stops: their access time).

        Stops that are not reached have -1. Walks from the stops to places are for the caller to add.
        """
        at_ms = self.timetable.instant_ms(depart)
        day = self.timetable.day_of(at_ms)
        out = np.full(len(self.timetable.network.stops), INF, dtype=np.int32)
        if access and self.timetable.serves(day):
            found = self.day(day)
            start = -((found.base_ms - at_ms) // 1000)
            room = self._room(found.forward, max_transfers + 1)
            try:
                self._spread(room, found.forward, access, start, max_transfers, change_s, out)
            finally:
                self._idle.append(room)
            return np.where(out >= INF, -1, out - start).astype(np.int32)
        return np.full_like(out, -1)

    def all_within(
        self,
        access: Sequence[Access],
        depart: Moment,
        window_s: int,
        step_s: int = 60,
        percentiles: Sequence[float] = (5, 25, 50, 75, 95),
        max_transfers: int = 4,
        change_s: int = 120,
    ) -> NDArray[np.float64]:
        """Travel times to each stop over the departures of a window, as percentiles.

        Returns:
            ``[percentile, stop]`` in seconds, as `one_to_all` counts them; infinite where so large a share of the
            departures does not get there.
        """
        at_ms = self.timetable.instant_ms(depart)
        samples = []
        for offset in range(0, max(window_s, 1), step_s):
            seconds = self.one_to_all(access, at_ms + offset * 1000, max_transfers, change_s).astype(np.float64)
            seconds[seconds < 0] = np.inf
            samples.append(seconds)
        return np.percentile(np.array(samples), list(percentiles), axis=0, method="higher")

    def warm_up(self, days: Iterable[date] = ()) -> None:
        """Lay out days and run each compiled function once, so that no traveller waits for it."""
        network = self.timetable.network
        wanted = list(days) or [network.first_day]
        for day in wanted:
            self.day(day)
        here = [Access(0, 0)]
        there = [Access(len(network.stops) - 1, 1)]
        noon = self.day(wanted[0]).base_ms + 12 * 3_600_000
        for window_s in (0, 60):
            self.search(here, there, depart=noon, window_s=window_s)
            self.search(here, there, arrive=noon, window_s=window_s)
            self.search(here, there, depart=noon, window_s=window_s, walking=True)
        self.one_to_all(here, noon)

    def _ends(self, origin: str, destination: str) -> tuple[list[Access], list[Access]]:
        """The stops that are meant; at the destination also those from which one walks there."""
        foot = self.timetable.foot_back
        egress = []
        for stop in self.timetable.boarding_points(destination):
            egress.append(Access(stop, 0))
            for arc in range(int(foot.first[stop]), int(foot.first[stop + 1])):
                egress.append(Access(int(foot.to[arc]), int(foot.seconds[arc]), bool(foot.beeline[arc]), stop))
        return [Access(stop, 0) for stop in self.timetable.boarding_points(origin)], egress

    def _run(
        self,
        room: _Room,
        layout: Layout,
        backwards: bool,
        first: Accesses,
        last: Accesses,
        start: int,
        window_s: int,
        max_transfers: int,
        change_s: int,
        walking: bool,
    ) -> int:
        bounds = self._bounds_back if backwards else self._bounds
        sources, source_s, targets, target_s = first.stop, first.seconds, last.stop, last.seconds
        rounds = max_transfers + 1
        if walking:
            return criteria.pareto(
                layout, bounds.table, sources, source_s, start, window_s, targets, target_s, rounds, change_s,
                room.journeys, room.legs,
            )  # fmt: skip
        if window_s:
            return int(
                raptor.window(
                    layout.data, layout.at, bounds.table, room.work, sources, source_s, start, start + window_s,
                    targets, target_s, rounds, change_s, room.journeys, room.legs,
                )
            )  # fmt: skip
        return int(
            raptor.pareto(
                layout.data, layout.at, bounds.table, room.work, sources, source_s, start,
                targets, target_s, rounds, change_s, room.journeys, room.legs,
            )
        )  # fmt: skip

    def _spread(
        self,
        room: _Room,
        layout: Layout,
        access: Sequence[Access],
        start: int,
        max_transfers: int,
        change_s: int,
        out: Ints,
    ) -> None:
        near = Accesses.of(access)
        raptor.spread(
            layout.data,
            layout.at,
            self._bounds.table,
            room.work,
            near.stop,
            near.seconds,
            start,
            max_transfers + 1,
            change_s,
            out,
        )

    def _room(self, layout: Layout, rounds: int) -> _Room:
        """Working memory for one search; that of an earlier search where it fits."""
        while self._idle:
            try:
                room = self._idle.pop()
            except IndexError:
                break
            if room.workspace.fits(layout, len(self._bounds.table), rounds):
                return room
        return _Room(layout, len(self._bounds.table), max(rounds, 5))

    def _reason(
        self, day: Day, access: Sequence[Access], egress: Sequence[Access], seconds: int, backwards: bool
    ) -> str:
        """Why nothing was found."""
        ahead = day.forward if not backwards else day.backward
        first, last = (egress, access) if backwards else (access, egress)
        if (
            not _departures(ahead, first).size
            or not _departures(day.backward if not backwards else day.forward, last).size
        ):
            return "not_served"
        start = MIRROR_S - seconds if backwards else seconds
        later = any((_departures(ahead, [own]) >= start + own.seconds).any() for own in first)
        return "no_connection" if later else "no_service_after"


def _departures(layout: Layout, access: Sequence[Access]) -> Ints:
    from tongqu.engines.transit import layout as sections

    first, pattern, position = (
        layout.section(which) for which in (sections.STOP_FIRST, sections.STOP_PATTERN, sections.STOP_POSITION)
    )
    rows, times, departure = (
        layout.section(which) for which in (sections.ROW_FIRST, sections.TIME_FIRST, sections.DEPARTURE)
    )
    parts = [np.zeros(0, dtype=np.int32)]
    for own in access:
        for entry in range(first[own.stop], first[own.stop + 1]):
            count = int(rows[pattern[entry] + 1] - rows[pattern[entry]])
            begin = int(times[pattern[entry]] + position[entry] * count)
            parts.append(departure[begin : begin + count])
    return np.concatenate(parts)


class _Room:
    """Working memory of one search and the journeys it writes."""

    __slots__ = ("journeys", "legs", "work", "workspace")

    def __init__(self, layout: Layout, clusters: int, rounds: int) -> None:
        self.workspace = Workspace(layout.stops, layout.patterns + layout.patterns // 4 + 64, clusters, rounds)
        self.work: tuple[Any, ...] = self.workspace.arrays()
        self.journeys = np.zeros((MOST_JOURNEYS, 5), dtype=np.int32)
        self.legs = np.zeros((MOST_JOURNEYS, rounds, 6), dtype=np.int32)


def _ordered(answers: list[Itinerary]) -> list[Itinerary]:
    return sorted(answers, key=lambda one: (one.departure_ms, one.arrival_ms, one.transfers))
