"""Who moves, and how fast: a profile is a value, and everything that differs between travellers stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["walk", "cycle", "drive"]


@dataclass(frozen=True)
class Profile:
    """How someone moves on streets.

    Attributes:
        mode: what the rules of access are read for.
        speed_ms: walking or cycling speed in m/s; driving goes by the limits.
        step_free: no steps, no raised kerbs, nothing marked `wheelchair=no` (for walking).
        stairs_factor: how many times longer a metre of steps takes than a metre of street.
        limit_share: the share of the posted limit that is reached on average (for driving).
        walk_speed_ms: speed between the point asked for and the street, and where a bicycle is pushed.
        reach_m: how far from a street a point may lie.
        beeline_factor: how much longer than the straight line a way is taken to be where no streets are known.
    """

    mode: Mode = "walk"
    speed_ms: float = 1.33
    step_free: bool = False
    stairs_factor: float = 3.0
    limit_share: float = 0.8
    walk_speed_ms: float = 1.33
    reach_m: float = 300.0
    beeline_factor: float = 1.3


# walking 1.33 m/s, cycling 5 m/s, stairs three times as long: the defaults of OpenTripPlanner 2
WALK = Profile()
STEP_FREE = Profile(step_free=True)
CYCLE = Profile(mode="cycle", speed_ms=5.0)
DRIVE = Profile(mode="drive")
