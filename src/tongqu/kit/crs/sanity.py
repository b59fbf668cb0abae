"""What a longitude and latitude cannot be: the first check of every coordinate that comes in."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

CHINA_BOX = (73.0, 3.0, 136.0, 54.5)
"""West, south, east, north that hold all land and near sea of China; wide on purpose, no border is meant."""


class Fault(StrEnum):
    """Why a coordinate cannot be right, the gravest first."""

    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"  # beyond ±180, ±90
    SWAPPED = "swapped"  # latitude and longitude changed places
    ZERO = "zero"  # 0/0: a receiver without a fix


FAULTS: tuple[Fault | None, ...] = (None, *Fault)
"""Code of `faults` to fault."""


def faults(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.uint8]:
    """Index into `FAULTS` for each point, 0 where nothing is wrong.

    `SWAPPED` is said of points that make no sense as given and lie in `CHINA_BOX` when turned around.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    finite = np.isfinite(x) & np.isfinite(y)
    in_range = (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)
    west, south, east, north = CHINA_BOX
    turned = (y >= west) & (y <= east) & (x >= south) & (x <= north)
    return np.select(
        [~finite, ~in_range & turned, ~in_range, (x == 0.0) & (y == 0.0)],
        [
            np.uint8(FAULTS.index(fault))
            for fault in (Fault.NOT_A_NUMBER, Fault.SWAPPED, Fault.OUT_OF_RANGE, Fault.ZERO)
        ],
        default=np.uint8(0),
    ).astype(np.uint8)


def fault_of(lon: float, lat: float) -> Fault | None:
    """What is wrong with one point, None if nothing."""
    return FAULTS[int(faults(lon, lat))]
