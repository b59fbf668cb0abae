"""Stops: runs of fixes that stay together for some time.

From an anchor on, fixes belong together while no two of them are further apart than the wanted diameter. A run that
lasted long enough is a stop; otherwise the anchor moves on by one fix. So no fix of a stop can be taken for part of
another, and a stop ends with the first fix that does not fit. Distances are taken in the plane that touches the sphere
at the anchor, which is off by less than a millimetre over 100 m.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.engines.tracks.fixes import Fixes, Floats, Longs
from tongqu.kit.geometry.sphere import EARTH_RADIUS_M


@dataclass(frozen=True)
class Stops:
    """Stops by thing and time.

    Attributes:
        thing: index of the thing in `Fixes.thing`.
        first, last: rows of the first and last fix that belong to it.
        from_ms, to_ms: times of these.
        lon, lat: mean place of its fixes.
        fixes: how many there are.
    """

    thing: NDArray[np.int32]
    first: Longs
    last: Longs
    from_ms: Longs
    to_ms: Longs
    lon: Floats
    lat: Floats
    fixes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.first)


def find_stops(fixes: Fixes, *, diameter_m: float, duration_s: float) -> Stops:
    """Find the stops: no two fixes further apart than `diameter_m`, for at least `duration_s`.

    Raises:
        ValueError: a diameter or duration that is not positive.
    """
    if diameter_m <= 0 or duration_s <= 0:
        raise ValueError("a stop has a diameter and a duration above zero")
    found = _stops(
        fixes.start, fixes.time_ms, fixes.lon, fixes.lat, float(diameter_m), int(duration_s * 1000), EARTH_RADIUS_M
    )
    return Stops(*found)


@njit(cache=True, nogil=True)
def _stops(start, time_ms, lon, lat, diameter, least_ms, radius):  # type: ignore[no-untyped-def]
    count = len(time_ms)
    thing_of = np.empty(count, np.int32)
    first_of, last_of = np.empty(count, np.int64), np.empty(count, np.int64)
    found = 0
    metre = radius * np.pi / 180
    limit = diameter * diameter
    for thing in range(len(start) - 1):
        anchor, end = start[thing], start[thing + 1]
        while anchor < end - 1:
            wide = metre * np.cos(np.radians(lat[anchor]))
            reached = anchor
            for i in range(anchor + 1, end):
                if not _fits(lon, lat, anchor, reached, i, wide, metre, limit):
                    break
                reached = i
            if time_ms[reached] - time_ms[anchor] >= least_ms:
                thing_of[found], first_of[found], last_of[found] = thing, anchor, reached
                found += 1
                anchor = reached + 1
            else:
                anchor += 1
    first, last = first_of[:found].copy(), last_of[:found].copy()
    mean_lon, mean_lat = np.empty(found), np.empty(found)
    for i in range(found):
        mean_lon[i] = lon[first[i] : last[i] + 1].mean()
        mean_lat[i] = lat[first[i] : last[i] + 1].mean()
    counts = (last - first + 1).astype(np.int32)
    return thing_of[:found].copy(), first, last, time_ms[first], time_ms[last], mean_lon, mean_lat, counts


@njit(cache=True, nogil=True)
def _fits(lon, lat, first, last, i, wide, metre, limit):  # type: ignore[no-untyped-def]
    """Whether a further fix is within the diameter of all fixes of a run, the nearest in time first."""
    for j in range(last, first - 1, -1):
        dx, dy = (lon[i] - lon[j]) * wide, (lat[i] - lat[j]) * metre
        if dx * dx + dy * dy > limit:
            return False
    return True
