"""The way from each fix to the one before it: metres, seconds, speed and direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tongqu.engines.tracks.fixes import Fixes, Floats
from tongqu.kit.geometry.sphere import EARTH_RADIUS_M


@dataclass(frozen=True)
class Ways:
    """One value for each fix, of the way that leads to it; the first fix of a thing has none (NaN).

    Attributes:
        distance_m: on the sphere of mean radius (haversine).
        duration_s: since the fix before.
        speed_kmh: mean over the way; infinite where two places have one time, 0 where nothing moved in no time.
        heading_deg: from north, clockwise, 0 to 360; NaN where nothing moved.
    """

    distance_m: Floats
    duration_s: Floats
    speed_kmh: Floats
    heading_deg: Floats


def measure(fixes: Fixes) -> Ways:
    """Ways between consecutive fixes."""
    return Ways(*_measure(fixes.start, fixes.time_ms, fixes.lon, fixes.lat, EARTH_RADIUS_M))


@njit(cache=True, nogil=True)
def _measure(start, time_ms, lon, lat, radius):  # type: ignore[no-untyped-def]
    count = len(time_ms)
    distance = np.full(count, np.nan)
    duration = np.full(count, np.nan)
    speed = np.full(count, np.nan)
    heading = np.full(count, np.nan)
    for thing in range(len(start) - 1):
        first, last = start[thing], start[thing + 1]
        if first == last:
            continue
        x0, y0 = np.radians(lon[first]), np.radians(lat[first])
        cos0, sin0 = np.cos(y0), np.sin(y0)
        for i in range(first + 1, last):
            x1, y1 = np.radians(lon[i]), np.radians(lat[i])
            cos1, sin1 = np.cos(y1), np.sin(y1)
            turn = x1 - x0
            half_rise, half_turn = np.sin((y1 - y0) / 2), np.sin(turn / 2)
            chord = half_rise * half_rise + cos0 * cos1 * half_turn * half_turn
            metres = 2 * radius * np.arcsin(min(np.sqrt(chord), 1.0))
            seconds = (time_ms[i] - time_ms[i - 1]) / 1000
            distance[i], duration[i] = metres, seconds
            speed[i] = metres / seconds * 3.6 if seconds > 0 else (np.inf if metres > 0 else 0.0)
            if metres > 0:
                east = np.sin(turn) * cos1
                north = cos0 * sin1 - sin0 * cos1 * np.cos(turn)
                heading[i] = np.degrees(np.arctan2(east, north)) % 360
            x0, y0, cos0, sin0 = x1, y1, cos1, sin1
    return distance, duration, speed, heading
