"""From the rows and positions that a search writes to itineraries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit.itinerary import Itinerary, Leg
from tongqu.engines.transit.layout import MIRROR_S
from tongqu.engines.transit.raptor import (
    JOURNEY_RIDES,
    JOURNEY_SOURCE,
    JOURNEY_TARGET,
    LEG_ALIGHTED_AT,
    LEG_BOARDED_AT,
    LEG_BOARDED_ROW,
    LEG_ROW,
)
from tongqu.engines.transit.timetable import Day, ExtraTrip, Timetable

if TYPE_CHECKING:
    from tongqu.engines.transit.access import Accesses

Ints = NDArray[np.int32]


Piece = tuple[int, int, int]
"""Row, position boarded, position alighted, in the direction of the layout."""


class Decoder:
    """Makes itineraries of the journeys of one search."""

    def __init__(self, timetable: Timetable, day: Day, backwards: bool, access: Accesses, egress: Accesses) -> None:
        self.timetable = timetable
        self.network = timetable.network
        self.day = day
        self.backwards = backwards
        self.rows = (day.backward if backwards else day.forward).rows
        self.access, self.egress = access, egress

    def itinerary(self, journey: Ints, legs: Ints) -> Itinerary:
        """The itinerary of one row of a search's journeys."""
        rides = [self._pieces(legs[index]) for index in range(int(journey[JOURNEY_RIDES]))]
        first, last = int(journey[JOURNEY_SOURCE]), int(journey[JOURNEY_TARGET])
        made = [[self._ride(piece, index > 0) for index, piece in enumerate(pieces)] for pieces in rides]
        if self.backwards:
            made = [self._turned(pieces) for pieces in reversed(rides)]
            first, last = last, first
        ends = [(own[0].origin_stop, own[-1].destination_stop) for own in made]
        out: list[Leg] = []
        start = self.access.to(first)
        first_walk = self._walk(first, ends[0][0])
        leave = made[0][0].departure_ms - (first_walk[0] + start.seconds) * 1000
        if start.seconds:
            place = None if start.place < 0 else start.place
            out.append(self._walk_leg(place, first, leave, start.seconds, start.beeline))
        if first != ends[0][0]:
            out.append(self._walk_leg(first, ends[0][0], leave + start.seconds * 1000, *first_walk))
        for index, own in enumerate(made):
            out += own
            here = ends[index][1]
            there = ends[index + 1][0] if index + 1 < len(made) else last
            if here != there:
                out.append(self._walk_leg(here, there, own[-1].arrival_ms, *self._walk(here, there)))
        finish = self.egress.to(last)
        if finish.seconds:
            place = None if finish.place < 0 else finish.place
            out.append(self._walk_leg(last, place, out[-1].arrival_ms, finish.seconds, finish.beeline))
        return Itinerary(tuple(out), len(made) - 1, self.timetable.zone)

    def _pieces(self, leg: Ints) -> list[Piece]:
        """The rows a traveller sits in from boarding to alighting; several where he stays seated."""
        row, last = int(leg[LEG_BOARDED_ROW]), int(leg[LEG_ROW])
        position = int(leg[LEG_BOARDED_AT])
        pieces: list[Piece] = []
        while row != last:
            pieces.append((row, position, self.rows.length(row) - 1))
            row, position = int(self.rows.next_row[row]), 0
        return [*pieces, (row, position, int(leg[LEG_ALIGHTED_AT]))]

    def _ride(self, piece: Piece, seated: bool) -> Leg:
        row, boarded, alighted = piece
        rows = self.rows
        times = rows.departure(row, boarded), rows.arrival(row, alighted)
        return self._leg(row, boarded, alighted, rows.stop(row, boarded), rows.stop(row, alighted), times, seated)

    def _turned(self, pieces: list[Piece]) -> list[Leg]:
        """The rides of a search backwards, in the direction of travel."""
        legs = []
        for index, (row, boarded, alighted) in enumerate(reversed(pieces)):
            size = self.rows.length(row)
            times = MIRROR_S - self.rows.arrival(row, alighted), MIRROR_S - self.rows.departure(row, boarded)
            stops = self.rows.stop(row, alighted), self.rows.stop(row, boarded)
            legs.append(self._leg(row, size - 1 - alighted, size - 1 - boarded, *stops, times, index > 0))
        return legs

    def _leg(
        self, row: int, boarded: int, alighted: int, start: int, end: int, times: tuple[int, int], seated: bool
    ) -> Leg:
        layout, network = self.rows.layout, self.network
        run, which = int(layout.run[row]), int(layout.day[row])
        extra = run - len(network.runs)
        if extra >= 0:
            feed, trip_id, line_id, headsign = _named(self.day.extra[extra])
        else:
            trip = int(network.runs.trip[run])
            feed, trip_id = network.feeds[network.trip_feed[trip]], network.trips[trip]
            line_id = network.lines[network.trip_line[trip]]
            headsign = network.headsigns[network.trip_headsign[trip]]
        service_day = self.day.day + timedelta(days=which)
        return Leg(
            kind="ride",
            origin_stop_id=network.stops[start],
            destination_stop_id=network.stops[end],
            origin_stop=start,
            destination_stop=end,
            departure_ms=self.day.base_ms + times[0] * 1000,
            arrival_ms=self.day.base_ms + times[1] * 1000,
            feed=feed,
            trip_id=trip_id,
            line_id=line_id,
            headsign=headsign,
            service_day=service_day.strftime("%Y%m%d"),
            origin_call=boarded,
            destination_call=alighted,
            headway_s=0 if extra >= 0 else int(network.runs.headway_s[run]),
            stay_seated=seated,
            live=extra >= 0 or (run, which) in self.day.live,
        )

    def _walk(self, start: int, end: int) -> tuple[int, bool]:
        if start == end:
            return 0, False
        foot = self.network.foot
        arcs = slice(int(foot.first[start]), int(foot.first[start + 1]))
        at = arcs.start + int(np.flatnonzero(foot.to[arcs] == end)[0])
        return int(foot.seconds[at]), bool(foot.beeline[at])

    def _walk_leg(self, start: int | None, end: int | None, leave_ms: int, seconds: int, beeline: bool) -> Leg:
        names = self.network.stops
        return Leg(
            kind="walk",
            origin_stop_id=None if start is None else names[start],
            destination_stop_id=None if end is None else names[end],
            origin_stop=-1 if start is None else start,
            destination_stop=-1 if end is None else end,
            departure_ms=leave_ms,
            arrival_ms=leave_ms + seconds * 1000,
            beeline=beeline,
        )


def _named(trip: ExtraTrip) -> tuple[str, str, str, str]:
    return trip.feed, trip.trip_id, trip.line_id, trip.headsign
