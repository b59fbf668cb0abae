"""Lower bounds of travel time between all stops: with them a search leaves out what cannot be better any more.

The bound from stop to stop is the shortest way over the fastest run between consecutive stops and over the walks, as if
every vehicle left at once. Stops are taken together into clusters where there are too many for a square table; a
bound between clusters is the least between their stops, so it stays a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.transit.foot import FootTransfers
from tongqu.engines.transit.runs import Runs

Ints = NDArray[np.int32]

CLUSTERS = 4_096
WORK = 250_000_000
"""Edges that are looked at for the table, at most: about as many steps of the search as take a second or two."""
FAR = np.uint16(65_535)


@dataclass(frozen=True)
class Bounds:
    """Least seconds from stop to stop.

    Attributes:
        cluster: cluster of each stop.
        table: ``table[to, from]`` between clusters, seconds, at most 65,535 (which stands for that or more).
    """

    cluster: Ints
    table: NDArray[np.uint16]

    @cached_property
    def turned(self) -> Bounds:
        """For a search backwards in time."""
        return Bounds(self.cluster, np.ascontiguousarray(self.table.T))


@dataclass(frozen=True)
class Edges:
    """Least seconds between neighbouring stops; edges that begin at stop ``s`` are ``first[s]:first[s + 1]``."""

    first: Ints
    to: Ints
    seconds: Ints

    @classmethod
    def of(cls, stops: int, start: Ints, to: Ints, seconds: Ints) -> Edges:
        order = np.lexsort((seconds, to, start))
        a, b, t = start[order], to[order], np.maximum(seconds[order], 0)
        keep = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])] if len(a) else np.zeros(0, dtype=np.bool_)
        first = np.r_[0, np.cumsum(np.bincount(a[keep], minlength=stops))].astype(np.int32)
        return cls(first, b[keep].astype(np.int32), t[keep].astype(np.int32))

    def start(self) -> Ints:
        """The stop each edge begins at."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=np.int32), np.diff(self.first))


def edges(runs: Runs, foot: FootTransfers, seated: tuple[Ints, Ints]) -> Edges:
    """The fastest run between consecutive stops, the walks, and where a vehicle carries one to its next trip."""
    length = runs.length()
    trips, once = np.unique(runs.call_first, return_index=True)
    sizes = length[once].astype(np.int64)
    total = int(sizes.sum())
    at = (
        np.repeat(trips - np.r_[0, np.cumsum(sizes)[:-1]], sizes) + np.arange(total) if total else np.zeros(0, np.int64)
    )
    pattern_at = runs.pattern_first[runs.pattern[once]]
    stop_at = np.repeat(pattern_at - np.r_[0, np.cumsum(sizes)[:-1]], sizes) + np.arange(total) if total else at
    stop = runs.pattern_stop[stop_at]
    inner = np.ones(total, dtype=np.bool_)
    if total:
        inner[np.cumsum(sizes) - 1] = False
    here = np.flatnonzero(inner)
    ride = runs.arrival_s[at[here + 1]] - runs.departure_s[at[here]] if total else np.zeros(0, np.int32)
    none = np.zeros(len(seated[0]), dtype=np.int32)
    return Edges.of(
        len(foot.first) - 1,
        np.concatenate([stop[here], foot.start(), seated[0]]),
        np.concatenate([stop[here + 1] if total else here.astype(np.int32), foot.to, seated[1]]),
        np.concatenate([ride, foot.seconds, none]),
    )


def clusters(lon: NDArray[np.float64], lat: NDArray[np.float64], most: int = CLUSTERS) -> Ints:
    """Put neighbouring stops into at most ``most`` clusters: halves of halves, by longitude or latitude."""
    count = len(lon)
    if count <= most:
        return np.arange(count, dtype=np.int32)
    x, y = np.nan_to_num(lon), np.nan_to_num(lat)
    parts = [np.arange(count)]
    while len(parts) * 2 <= most:
        halves = []
        for part in parts:
            along = x if np.ptp(x[part]) >= np.ptp(y[part]) else y
            ordered = part[np.argsort(along[part], kind="stable")]
            halves += [ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]]
        parts = halves
    cluster = np.zeros(count, dtype=np.int32)
    for number, part in enumerate(parts):
        cluster[part] = number
    return cluster


def most_clusters(edges: Edges) -> int:
    """How many clusters can be afforded over so many edges."""
    return int(np.clip(WORK // max(len(edges.to), 1), 256, CLUSTERS))


def bounds(edges: Edges, cluster: Ints) -> Bounds:
    """The table of least travel times over the edges (a Dijkstra search backwards from each cluster)."""
    back = Edges.of(len(edges.first) - 1, edges.to, edges.start(), edges.seconds)
    count = int(cluster.max()) + 1 if len(cluster) else 0
    order = np.argsort(cluster, kind="stable").astype(np.int32)
    member_first = np.r_[0, np.cumsum(np.bincount(cluster, minlength=count))].astype(np.int32)
    table = np.full((count, count), FAR, dtype=np.uint16)
    _search(back.first, back.to, back.seconds, cluster, member_first, order, table)
    return Bounds(cluster, table)


@njit(cache=True, nogil=True)
def _search(first, to, seconds, cluster, member_first, member, table):  # type: ignore[no-untyped-def]
    """One search from each cluster; a heap of (time, stop) in two arrays."""
    stops = len(cluster)
    best = np.full(stops, 1 << 30, dtype=np.int32)
    heap_time = np.empty(len(to) + stops + 1, dtype=np.int32)
    heap_stop = np.empty(len(to) + stops + 1, dtype=np.int32)
    for target in range(len(member_first) - 1):
        best[:] = 1 << 30
        size = 0
        for index in range(member_first[target], member_first[target + 1]):
            best[member[index]] = 0
            heap_time[size] = 0
            heap_stop[size] = member[index]
            size += 1
        while size:
            time, stop = heap_time[0], heap_stop[0]
            size -= 1
            moved_time, moved_stop = heap_time[size], heap_stop[size]
            hole = 0
            while True:
                child = 2 * hole + 1
                if child >= size:
                    break
                if child + 1 < size and heap_time[child + 1] < heap_time[child]:
                    child += 1
                if heap_time[child] >= moved_time:
                    break
                heap_time[hole], heap_stop[hole] = heap_time[child], heap_stop[child]
                hole = child
            heap_time[hole], heap_stop[hole] = moved_time, moved_stop
            if time > best[stop]:
                continue
            if time >= 65_535:
                break
            own = cluster[stop]
            if time < table[target, own]:
                table[target, own] = time
            for arc in range(first[stop], first[stop + 1]):
                other, reached = to[arc], time + seconds[arc]
                if reached < best[other]:
                    best[other] = reached
                    hole = size
                    size += 1
                    while hole:
                        parent = (hole - 1) >> 1
                        if heap_time[parent] <= reached:
                            break
                        heap_time[hole], heap_stop[hole] = heap_time[parent], heap_stop[parent]
                        hole = parent
                    heap_time[hole], heap_stop[hole] = reached, other
