"""Posted limits for the rules of fleets: answered from the links of the active sources, kept up to date with them."""

from __future__ import annotations

import threading

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.domains.roads import store
from tongqu.kernel.geo.limits import RoadLimits, SegmentLimits
from tongqu.kernel.store import Store, system_actor

Floats = NDArray[np.float64]
_LOOK_AGAIN_MS = 10_000


class NetworkLimits:
    """The platform's `SpeedLimits`: limits of the network that is stored, empty where none is."""

    def __init__(self, records: Store) -> None:
        self._records = records
        self._guard = threading.Lock()
        self._known: SegmentLimits | None = None
        self._seen: tuple[int, int] | None = None
        self._looked_ms = 0

    def at(self, lon: Floats, lat: Floats, heading_deg: NDArray[np.int16], time_ms: NDArray[np.int64]) -> RoadLimits:
        """Limits that hold at places for vehicles that head some way; NaN where no road with a known limit is near."""
        return self._current().at(lon, lat, heading_deg, time_ms)

    def _current(self) -> SegmentLimits:
        now_ms, known = self._records.clock.now_ms(), self._known
        if known is not None and now_ms - self._looked_ms < _LOOK_AGAIN_MS:
            return known
        with self._guard, self._records.read(system_actor("roads")) as work:
            seen = store.newest_source(work)
            if self._known is None or seen != self._seen:
                self._known, self._seen = segments(store.limited_links(work)), seen
            self._looked_ms = now_ms
            return self._known


def segments(links: list[store.Row]) -> SegmentLimits:
    """Limits of each segment of some links, in each direction in which it is driven."""
    shapes = shapely.from_wkb([link["geometry"] for link in links]) if links else np.empty(0, object)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    inner = np.flatnonzero(owner[:-1] == owner[1:]) if len(owner) else np.empty(0, np.int64)
    starts, ends, of = points[inner], points[inner + 1], owner[inner]
    there = np.array([np.nan if link["limit_kmh"] is None else link["limit_kmh"] for link in links])
    back = np.array([np.nan if link["oneway"] else _back(link) for link in links])
    fast = np.array([link["road_class"] == "expressway" for link in links], dtype=np.bool_)
    first = np.vstack((starts, ends))
    second = np.vstack((ends, starts))
    limit = np.concatenate((there[of], back[of])) if len(links) else np.empty(0)
    expressway = np.concatenate((fast[of], fast[of])) if len(links) else np.empty(0, np.bool_)
    known = ~np.isnan(limit)
    return SegmentLimits(
        first[known, 0], first[known, 1], second[known, 0], second[known, 1], limit[known], expressway[known]
    )


def _back(link: store.Row) -> float:
    """A two-way road whose other way is not said has one limit for both."""
    value = link["limit_back_kmh"] if link["limit_back_kmh"] is not None else link["limit_kmh"]
    return np.nan if value is None else float(value)
