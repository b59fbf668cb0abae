"""Fixes of many things, sorted by thing and time: the shape that everything here works on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Fixes:
    """Fixes by thing and time; those of thing i are the rows `start[i]` up to `start[i + 1]`.

    Attributes:
        thing: numbers of the things, rising, shape (n).
        start: offsets, shape (n + 1).
        time_ms: UTC ms, not falling within a thing.
        lon, lat: degrees in WGS-84.
        order: row of the input that each row was, so that results can be put beside it.
    """

    thing: Longs
    start: Longs
    time_ms: Longs
    lon: Floats
    lat: Floats
    order: Longs

    def __len__(self) -> int:
        return len(self.time_ms)


def pack(thing: ArrayLike, time_ms: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> Fixes:
    """Sort fixes by thing and time; of equal times the first one given stays first.

    Raises:
        ValueError: arrays of unequal length, or a coordinate that is not finite.
    """
    things, times = np.asarray(thing, dtype=np.int64), np.asarray(time_ms, dtype=np.int64)
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if not len(things) == len(times) == len(x) == len(y):
        raise ValueError("thing, time, longitude and latitude have different lengths")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a coordinate is not finite")
    if _is_sorted(things, times):
        order = np.arange(len(things), dtype=np.int64)
    else:
        order = np.lexsort((times, things)).astype(np.int64)
        things, times, x, y = things[order], times[order], x[order], y[order]
    first = np.flatnonzero(np.r_[True, things[1:] != things[:-1]]) if len(things) else np.zeros(0, dtype=np.int64)
    return Fixes(things[first], np.r_[first, len(things)].astype(np.int64), times, x, y, order)


def _is_sorted(things: Longs, times: Longs) -> bool:
    step = np.diff(things)
    return bool(((step > 0) | ((step == 0) & (np.diff(times) >= 0))).all())
