"""Walking between stops as rows of arcs: given by the street engine, by transfers.txt, or by the beeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tongqu.kit.geometry.sphere import EARTH_RADIUS_M, haversine_m

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FootTransfers:
    """Walks from stop to stop; those of stop ``s`` are ``first[s]:first[s + 1]``.

    Attributes:
        first: offsets, one more than stops.
        to: the stop each arc leads to.
        seconds: how long the walk takes.
        beeline: whether the arc was measured as the crow flies, because the streets do not reach its stops.
    """

    first: Ints
    to: Ints
    seconds: Ints
    beeline: NDArray[np.bool_]

    @classmethod
    def of(
        cls, stops: int, start: Ints, to: Ints, seconds: Ints, beeline: NDArray[np.bool_] | None = None
    ) -> FootTransfers:
        """Arcs in any order; of two between the same stops the shorter stays, one from a stop to itself is left out."""
        flags = np.zeros(len(start), dtype=np.bool_) if beeline is None else beeline
        order = np.lexsort((seconds, to, start))
        a, b, t, f = start[order], to[order], seconds[order], flags[order]
        keep = a != b
        if len(a):
            keep &= np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])]
        first = np.zeros(stops + 1, dtype=np.int32)
        np.cumsum(np.bincount(a[keep], minlength=stops), out=first[1:])
        return cls(first, b[keep].astype(np.int32), t[keep].astype(np.int32), f[keep])

    @classmethod
    def none(cls, stops: int) -> FootTransfers:
        """No walking between stops."""
        empty = np.zeros(0, dtype=np.int32)
        return cls.of(stops, empty, empty, empty)

    def start(self) -> Ints:
        """The stop each arc comes from."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=np.int32), np.diff(self.first))

    def turned(self) -> FootTransfers:
        """The same walks in the opposite direction: what a search backwards in time walks."""
        return FootTransfers.of(len(self.first) - 1, self.to, self.start(), self.seconds, self.beeline)

    def seconds_between(self, start: int, to: int) -> int | None:
        """How long the walk between two stops takes; None where there is none."""
        part = slice(int(self.first[start]), int(self.first[start + 1]))
        found = np.flatnonzero(self.to[part] == to)
        return int(self.seconds[part][found[0]]) if len(found) else None


class Walker(Protocol):
    """What can measure walks between many places, such as `Beeline`.

    It is handed all stops of the timetable, so that it may know them by their index; those that are not in use come
    without a position (NaN), and no walk begins or ends there.
    """

    def foot_transfers(self, lon: Floats, lat: Floats) -> FootTransfers: ...


class Streets(Protocol):
    """The street engine: stops are stood on streets, then walks between all of them are measured."""

    def stops(self, lon: Floats, lat: Floats) -> Any: ...
    def transfers(self, placed: Any, *, bound_s: float = ...) -> Any: ...


def measured(
    streets: Walker | Streets, lon: Floats, lat: Floats, use: NDArray[np.bool_], bound_s: float
) -> FootTransfers:
    """Walks between the stops in use that have a place; those of the others are none.

    Args:
        bound_s: how long a walk between stops may be (for streets; a `Walker` has its own bound).
    """
    here = use & np.isfinite(lon) & np.isfinite(lat)
    if not here.any():
        return FootTransfers.none(len(lon))
    if hasattr(streets, "foot_transfers"):
        return streets.foot_transfers(np.where(here, lon, np.nan), np.where(here, lat, np.nan))
    at = np.flatnonzero(here).astype(np.int32)
    found = streets.transfers(streets.stops(lon[at], lat[at]), bound_s=bound_s)
    start = np.repeat(at, np.diff(found.first))
    return FootTransfers.of(len(lon), start, at[found.to], np.maximum(found.seconds, 1), found.beeline)


@dataclass(frozen=True)
class Beeline:
    """Walks as the crow flies, for where there are no streets: every pair of stops within ``reach_m``.

    Attributes:
        reach_m: how far is walked at most.
        speed_m_s: along the beeline; 1.0 is 1.33 m/s on streets a third longer than the beeline.
    """

    reach_m: float = 300.0
    speed_m_s: float = 1.0

    def foot_transfers(self, lon: Floats, lat: Floats) -> FootTransfers:
        """Walks between all stops within reach of each other."""
        start, to, metres = near(lon, lat, self.reach_m)
        seconds = np.maximum(np.ceil(metres / self.speed_m_s), 1).astype(np.int32)
        return FootTransfers.of(len(lon), start, to, seconds, np.ones(len(start), dtype=np.bool_))


def near(lon: Floats, lat: Floats, reach_m: float) -> tuple[Ints, Ints, Floats]:
    """All ordered pairs of different places within ``reach_m`` metres, and how far they are apart."""
    import shapely

    placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not len(placed):
        return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0)
    x, y = np.radians(lon[placed]), np.radians(lat[placed])
    middle = float(np.mean(y))
    points = shapely.points(x * np.cos(middle) * EARTH_RADIUS_M, y * EARTH_RADIUS_M)
    tree = shapely.STRtree(points)
    a, b = tree.query(points, predicate="dwithin", distance=reach_m * 1.05)
    from_, to = placed[a], placed[b]
    metres = haversine_m(lon[from_], lat[from_], lon[to], lat[to])
    keep = (a != b) & (metres <= reach_m)
    return from_[keep].astype(np.int32), to[keep].astype(np.int32), metres[keep]
