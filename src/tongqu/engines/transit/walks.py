"""Walks and times to change: from the streets, within stations, along pathways, and by the rules of transfers.txt."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.engines.transit.foot import FootTransfers, Streets, Walker, measured
from tongqu.engines.transit.layout import INF
from tongqu.protocols import gtfs

Ints = NDArray[np.int32]
Arcs = dict[tuple[int, int], tuple[int, bool]]

WALK_M_S = 1.33
STATION_M_S = 1.0
STAIR_S = 0.5
ESCALATOR_M_S = 0.45
LIFT_S = 60
LEAST_S = 1
BOUND_S = 600.0
"""Longest walk between stops."""


@dataclass(frozen=True)
class Walks:
    """What `walks` found; see `Network` for the fields."""

    foot: FootTransfers
    change: Ints
    in_seat: tuple[Ints, Ints]
    not_in_seat: tuple[Ints, Ints]
    notes: dict[str, int]


def walks(
    plans: Sequence[gtfs.Schedule],
    stop_from: NDArray[Any],
    trip_from: NDArray[Any],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    streets: Walker | Streets | FootTransfers | None,
) -> Walks:
    """Put walks together; what is nearer to the publisher goes over what is measured: rules, pathways, streets."""
    stops = len(lon)
    if streets is None:
        base = FootTransfers.none(stops)
    elif isinstance(streets, FootTransfers):
        base = streets
    else:
        kind = np.concatenate([plan.stop_kind for plan in plans])
        base = measured(streets, lon, lat, (kind == 0) | (kind == 4), BOUND_S)
    extra: Arcs = {}
    removed: set[tuple[int, int]] = set()
    change = np.full(stops, -1, dtype=np.int32)
    seats: list[tuple[int, int]] = []
    no_seats: list[tuple[int, int]] = []
    notes: dict[str, int] = {}
    by_streets = set(zip(base.start().tolist(), base.to.tolist(), strict=True))
    for plan, at, trip_at in zip(plans, stop_from.tolist(), trip_from.tolist(), strict=False):
        own = Rules(plan, at, trip_at, lon, lat, by_streets, extra, removed, change, seats, no_seats, notes)
        own.stations()
        own.pathways()
        own.transfers()
    foot = base if not extra and not removed else _merged(base, extra, removed, stops)
    return Walks(foot, change, _pairs(seats), _pairs(no_seats), notes)


def _pairs(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    return np.array([a for a, _ in pairs], np.int32), np.array([b for _, b in pairs], np.int32)


def _merged(base: FootTransfers, extra: Arcs, removed: set[tuple[int, int]], stops: int) -> FootTransfers:
    gone = removed | set(extra)
    pairs = zip(base.start().tolist(), base.to.tolist(), strict=True)
    keep = np.array([pair not in gone for pair in pairs], dtype=np.bool_)
    added = [(a, b, seconds, beeline) for (a, b), (seconds, beeline) in extra.items() if (a, b) not in removed]
    a, b, seconds, beeline = (np.array([row[i] for row in added]) for i in range(4))
    return FootTransfers.of(
        stops,
        np.r_[base.start()[keep], a.astype(np.int32)],
        np.r_[base.to[keep], b.astype(np.int32)],
        np.r_[base.seconds[keep], seconds.astype(np.int32)],
        np.r_[base.beeline[keep], beeline.astype(np.bool_)],
    )


@dataclass
class Rules:
    """The rules of one feed, written into the arcs of the network."""

    plan: gtfs.Schedule
    at: int
    trip_at: int
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    measured: set[tuple[int, int]]
    extra: Arcs
    removed: set[tuple[int, int]]
    change: Ints
    seats: list[tuple[int, int]]
    no_seats: list[tuple[int, int]]
    notes: dict[str, int]

    def stations(self) -> None:
        """Platforms of one station are walked between, as the crow flies where nothing measures it."""
        members: dict[int, list[int]] = {}
        for stop, parent in enumerate(self.plan.stop_parent.tolist()):
            if parent >= 0 and self.plan.stop_kind[stop] == 0:
                members.setdefault(parent, []).append(stop + self.at)
        for platforms in members.values():
            for a in platforms:
                for b in platforms:
                    if a != b and (a, b) not in self.measured:
                        self.extra[a, b] = (self._beeline_s(a, b), True)

    def pathways(self) -> None:
        """Ways through stations, platform to platform, by their traversal times."""
        feed = self.plan.feed
        if not feed.has("pathways", "from_stop_id") or not feed.has("pathways", "to_stop_id"):
            return
        arcs: dict[int, list[tuple[int, int]]] = {}
        for a, b, seconds, both in self._pathway_rows():
            arcs.setdefault(a, []).append((b, seconds))
            if both:
                arcs.setdefault(b, []).append((a, seconds))
        platforms = {stop for stop in arcs if self.plan.stop_kind[stop - self.at] == 0}
        for platform in platforms:
            for other, seconds in _reach(arcs, platform).items():
                if other != platform and other in platforms:
                    self.extra[platform, other] = (max(seconds, LEAST_S), False)

    def _pathway_rows(self) -> list[tuple[int, int, int, bool]]:
        feed, stops = self.plan.feed, list(self.plan.stops)
        a, b = (feed.index("pathways", name, stops).tolist() for name in ("from_stop_id", "to_stop_id"))
        given = feed.numbers("pathways", "traversal_time", -1).tolist()
        length = feed.numbers("pathways", "length", -1.0, np.float64).tolist()
        stairs = np.abs(feed.numbers("pathways", "stair_count", 0)).tolist()
        mode = feed.numbers("pathways", "pathway_mode", 1).tolist()
        both = feed.numbers("pathways", "is_bidirectional", 0).tolist()
        rows = []
        for row in range(feed.count("pathways")):
            if a[row] < 0 or b[row] < 0:
                continue
            if given[row] > 0:
                seconds = given[row]
            elif mode[row] == 5:
                seconds = LIFT_S
            elif stairs[row]:
                seconds = round(stairs[row] * STAIR_S)
            else:
                metres = length[row] if length[row] >= 0 else 0.0
                seconds = round(metres / (ESCALATOR_M_S if mode[row] == 4 else WALK_M_S))
            rows.append((a[row] + self.at, b[row] + self.at, seconds, both[row] == 1))
        return rows

    def transfers(self) -> None:
        """transfers.txt: 0 recommended, 1 timed, 2 takes at least so long, 3 not possible, 4 in-seat, 5 not in-seat."""
        feed, stops, trips = self.plan.feed, list(self.plan.stops), list(self.plan.trips)
        if not feed.has("transfers"):
            return
        kind = feed.numbers("transfers", "transfer_type", 0).tolist()
        least = feed.numbers("transfers", "min_transfer_time", -1).tolist()
        start, to = (feed.index("transfers", name, stops).tolist() for name in ("from_stop_id", "to_stop_id"))
        before, after = (feed.index("transfers", name, trips).tolist() for name in ("from_trip_id", "to_trip_id"))
        narrow = np.zeros(len(kind), dtype=np.bool_)
        for name in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"):
            narrow |= np.array([bool(text) for text in feed.strings("transfers", name)], dtype=np.bool_)
        for row, type_ in enumerate(kind):
            if type_ in (4, 5):
                if before[row] >= 0 and after[row] >= 0:
                    pairs = self.seats if type_ == 4 else self.no_seats
                    pairs.append((before[row] + self.trip_at, after[row] + self.trip_at))
                continue
            if narrow[row]:
                self.notes["transfer_of_single_lines_or_trips"] = (
                    self.notes.get("transfer_of_single_lines_or_trips", 0) + 1
                )
                continue
            for a in self._points(start[row]):
                for b in self._points(to[row]):
                    self._rule(a, b, type_, least[row])

    def _points(self, stop: int) -> list[int]:
        if stop < 0:
            return []
        if self.plan.stop_kind[stop] != 1:
            return [stop + self.at]
        inside = (self.plan.stop_parent == stop) & (self.plan.stop_kind == 0)
        return (np.flatnonzero(inside) + self.at).tolist()

    def _rule(self, a: int, b: int, type_: int, least: int) -> None:
        if type_ == 3:
            if a == b:
                self.change[a] = INF
            self.removed.add((a, b))
        elif a == b:
            if least >= 0 or type_ == 1:
                self.change[a] = max(least, 0)
        elif least >= 0:
            self.extra[a, b] = (max(least, LEAST_S), False)
        elif (a, b) not in self.measured:
            self.extra[a, b] = (self._beeline_s(a, b), True)

    def _beeline_s(self, a: int, b: int) -> int:
        x, y = np.radians(self.lon[[a, b]]), np.radians(self.lat[[a, b]])
        metres = float(np.hypot((x[1] - x[0]) * np.cos(y.mean()), y[1] - y[0])) * 6_371_008.8
        return max(LEAST_S, int(np.ceil(metres / STATION_M_S))) if np.isfinite(metres) else 60


def _reach(arcs: dict[int, list[tuple[int, int]]], start: int) -> dict[int, int]:
    best = {start: 0}
    heap = [(0, start)]
    while heap:
        time, node = heapq.heappop(heap)
        if time > best[node]:
            continue
        for other, seconds in arcs.get(node, ()):
            if time + seconds < best.get(other, 1 << 30):
                best[other] = time + seconds
                heapq.heappush(heap, (time + seconds, other))
    return best
