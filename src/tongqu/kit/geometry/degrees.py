"""Metres and degrees on the ellipsoid (GRS 80)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
A_M = 6_378_137.0  # half the equatorial axis
E2 = 0.006_694_380_022_903_4  # first eccentricity, squared


def metres_per_degree(lat: Floats | float) -> tuple[Floats, Floats]:
    """Metres per degree of longitude and of latitude on the ellipsoid at `lat` degrees."""
    phi = np.radians(lat)
    w2 = 1.0 - E2 * np.sin(phi) ** 2
    prime_vertical = A_M / np.sqrt(w2)
    meridian = A_M * (1.0 - E2) / w2**1.5
    return np.radians(prime_vertical * np.cos(phi)), np.radians(meridian)


def along(lon: Floats, lat: Floats, start: Ints | None = None) -> Floats:
    """Distance in metres on the ellipsoid from the first point of a line to each of its points.

    Args:
        start: offsets of several lines, if the arrays hold more than one; each begins at 0.
    """
    per_lon, per_lat = metres_per_degree((lat[1:] + lat[:-1]) / 2)
    steps = np.concatenate(([0.0], np.hypot(np.diff(lon) * per_lon, np.diff(lat) * per_lat)))
    if start is None:
        return np.cumsum(steps)
    steps[start[:-1]] = 0.0
    # summed line by line: one sum over the whole network would lose the last digits
    return np.concatenate([np.cumsum(steps[a:b]) for a, b in pairwise(start.tolist())])
