"""What the traffic shares: chance, the hours of the day, traffic lights."""

from __future__ import annotations

import numpy as np
from numba import njit

_GMT8_MS = 8 * 3_600_000
_ARTERIAL = 6

# Functions that allocate nothing are compiled without numba's reference counts: counting up and down for every
# array of a tuple at every call takes six times as long as the driving itself.
inner = njit(cache=True, nogil=True, _nrt=False)


@inner
def draw(seed, car, turn):  # type: ignore[no-untyped-def]
    """A number in 0..1 from a hash (splitmix64)."""
    z = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(car) * np.uint64(0xBF58476D1CE4E5B9)
    z += np.uint64(turn) * np.uint64(0x94D049BB133111EB)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@inner
def active(streets, category, now_ms):  # type: ignore[no-untyped-def]
    """Part of a category under way now: between the middles of two three-hour spans."""
    hour = ((now_ms + _GMT8_MS) / 3_600_000.0) % 24.0
    at = (hour - 1.5) / 3.0
    low = int(np.floor(at)) % 8
    t = at - np.floor(at)
    return streets.activity[category, low] * (1 - t) + streets.activity[category, (low + 1) % 8] * t


@inner
def flow(road_class, now_ms):  # type: ignore[no-untyped-def]
    """Part of the limit that traffic allows: slower in town, slowest at the peaks."""
    hour = ((now_ms + _GMT8_MS) / 3_600_000.0) % 24.0
    peak = max(np.exp(-(((hour - 8.0) / 1.1) ** 2)), np.exp(-(((hour - 17.8) / 1.3) ** 2)))
    day = 1.0 if 6.5 < hour < 21.0 else 0.0
    if road_class >= _ARTERIAL:
        return 0.96 - 0.08 * day - 0.38 * peak
    if road_class <= 2:
        return 0.97 - 0.06 * peak
    return 0.96 - 0.04 * day - 0.14 * peak


@inner
def red(streets, edge, now_ms):  # type: ignore[no-untyped-def]
    """Whether the light at the end of an edge is red; cycles of 70 to 100 s by junction."""
    phase = streets.phase[edge]
    if phase < 0:
        return False
    node = streets.edge_to[edge]
    cycle = 70_000 + (node * 7919) % 7 * 5_000
    at = (now_ms + node * 1_009) % cycle
    return (at < cycle // 2) != (phase == 0)
