"""Speed limits of roads: what a rule asks for each fix, and one way to answer it from lines.

    limits = SegmentLimits(x0, y0, x1, y1, limit_kmh, expressway)
    found = limits.at(lon, lat, heading_deg, time_ms)

A fix is on a road if a segment of it lies within 30 m and leads the way the vehicle heads (45°). Where several do (a
frontage road beside an expressway, a ramp) the highest limit counts: who might be right is not accused.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WITHIN_M = 30.0
HEADING_DEG = 45.0
MOST_CELLS = 4_000_000
_M_PER_DEGREE = 111_195.0


class RoadLimits(NamedTuple):
    """What holds at fixes, an entry each.

    Attributes:
        limit_kmh: NaN where no road with a known limit is near.
        expressway: whether that road is an expressway.
    """

    limit_kmh: Floats
    expressway: NDArray[np.bool_]


class SpeedLimits(Protocol):
    """Service of the API process. `platform.has(SpeedLimits)` is false where nobody knows limits."""

    def at(self, lon: Floats, lat: Floats, heading_deg: NDArray[np.int16], time_ms: NDArray[np.int64]) -> RoadLimits:
        """Limits that hold at places for vehicles that head some way at some time."""
        ...


class SegmentLimits:
    """Limits from straight segments in the direction of travel; a two-way road has each segment twice.

    Args:
        x0, y0, x1, y1: ends in degrees.
        limit_kmh, expressway: of each.
    """

    def __init__(
        self, x0: Floats, y0: Floats, x1: Floats, y1: Floats, limit_kmh: Floats, expressway: NDArray[np.bool_]
    ) -> None:
        self._ends = np.ascontiguousarray(np.column_stack((x0, y0, x1, y1)), dtype=np.float64)
        self._limit = np.ascontiguousarray(limit_kmh, dtype=np.float64)
        self._expressway = np.ascontiguousarray(expressway, dtype=np.bool_)
        self._frame = _frame(self._ends)
        self._start, self._segment = _cells(self._ends, self._frame)

    def __len__(self) -> int:
        return len(self._limit)

    def at(self, lon: Floats, lat: Floats, heading_deg: NDArray[np.int16], time_ms: NDArray[np.int64]) -> RoadLimits:
        limit, expressway = np.full(len(lon), np.nan), np.zeros(len(lon), dtype=np.bool_)
        if len(self):
            _look(
                np.ascontiguousarray(lon), np.ascontiguousarray(lat), np.asarray(heading_deg, dtype=np.float64),
                self._ends, self._limit, self._expressway, self._frame, self._start, self._segment, limit, expressway,
            )  # fmt: skip
        return RoadLimits(limit, expressway)


def _frame(ends: Floats) -> Floats:
    """West, south, cells across, cells up, cell size, shrinkage of longitudes at the middle."""
    if not len(ends):
        return np.zeros(6)
    reach = WITHIN_M / _M_PER_DEGREE * 2
    west, south = ends[:, [0, 2]].min() - reach, ends[:, [1, 3]].min() - reach
    width, height = ends[:, [0, 2]].max() + reach - west, ends[:, [1, 3]].max() + reach - south
    size = max(0.002, float(np.sqrt(width * height / MOST_CELLS)))
    shrink = float(np.cos(np.radians(south + height / 2)))
    return np.array([west, south, np.ceil(width / size), np.ceil(height / size), size, shrink])


@njit(cache=True, nogil=True)
def _box(ends, frame, k):  # type: ignore[no-untyped-def]
    reach_y = 30.0 / 111_195.0
    reach_x = reach_y / frame[5]
    west = min(ends[k, 0], ends[k, 2]) - reach_x - frame[0]
    east = max(ends[k, 0], ends[k, 2]) + reach_x - frame[0]
    south = min(ends[k, 1], ends[k, 3]) - reach_y - frame[1]
    north = max(ends[k, 1], ends[k, 3]) + reach_y - frame[1]
    return (
        max(int(west / frame[4]), 0),
        min(int(east / frame[4]), int(frame[2]) - 1),
        max(int(south / frame[4]), 0),
        min(int(north / frame[4]), int(frame[3]) - 1),
    )


@njit(cache=True, nogil=True)
def _cells(ends, frame):  # type: ignore[no-untyped-def]
    """Which segments each cell must look at."""
    across = int(frame[2])
    start = np.zeros(across * int(frame[3]) + 1, np.int64)
    for k in range(len(ends)):
        c0, c1, r0, r1 = _box(ends, frame, k)
        for r in range(r0, r1 + 1):
            for c in range(c0, c1 + 1):
                start[r * across + c + 1] += 1
    for i in range(1, start.size):
        start[i] += start[i - 1]
    segment = np.empty(start[-1], np.int32)
    filled = start.copy()
    for k in range(len(ends)):
        c0, c1, r0, r1 = _box(ends, frame, k)
        for r in range(r0, r1 + 1):
            for c in range(c0, c1 + 1):
                segment[filled[r * across + c]] = k
                filled[r * across + c] += 1
    return start, segment


@njit(cache=True, nogil=True)
def _look(lon, lat, heading, ends, limit_of, fast, frame, start, segment, limit, expressway):  # type: ignore[no-untyped-def]
    across, up = int(frame[2]), int(frame[3])
    shrink = frame[5]
    for i in range(lon.size):
        x, y = lon[i], lat[i]
        c, r = int(np.floor((x - frame[0]) / frame[4])), int(np.floor((y - frame[1]) / frame[4]))
        if not (0 <= c < across and 0 <= r < up):
            continue
        for j in range(start[r * across + c], start[r * across + c + 1]):
            k = segment[j]
            dx, dy = (ends[k, 2] - ends[k, 0]) * shrink, ends[k, 3] - ends[k, 1]
            px, py = (x - ends[k, 0]) * shrink, y - ends[k, 1]
            along = dx * dx + dy * dy
            share = 0.0 if along == 0.0 else min(max((px * dx + py * dy) / along, 0.0), 1.0)
            ex, ey = px - share * dx, py - share * dy
            if (ex * ex + ey * ey) * 111_195.0 * 111_195.0 > 900.0:
                continue
            turn = abs((np.degrees(np.arctan2(dx, dy)) - heading[i] + 540.0) % 360.0 - 180.0)
            if turn > 45.0:
                continue
            if np.isnan(limit[i]) or limit_of[k] > limit[i]:
                limit[i] = limit_of[k]
                expressway[i] = fast[k]
