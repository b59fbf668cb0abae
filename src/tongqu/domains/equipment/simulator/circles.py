"""Vehicles that need no map: each drives round a circle of its own, at a steady speed."""

from __future__ import annotations

import math
import random

from tongqu.domains.equipment.simulator.values import Fix

METRES_PER_DEGREE = 111_195.0


class Circles:
    """A source for `tongqu simulate`.

    Args:
        count: number of vehicles.
        lon, lat: middle of the area in degrees; spread_km: how far from it the circles lie.
        interval_ms: between two reports.
        begin_ms: when they set off.
    """

    def __init__(
        self, count: int, lon: float, lat: float, *, spread_km: float, interval_ms: int, begin_ms: int, seed: int = 7
    ) -> None:
        chance = random.Random(seed)
        self._interval_ms = interval_ms
        self._begin_ms = self._at_ms = begin_ms
        self._circles = []
        for _ in range(count):
            east, north = (chance.uniform(-spread_km, spread_km) * 1000 for _ in range(2))
            centre_lat = lat + north / METRES_PER_DEGREE
            stretch = METRES_PER_DEGREE * math.cos(math.radians(centre_lat))
            centre_lon = lon + east / stretch
            radius_m, speed_kmh = chance.uniform(500, 5000), chance.uniform(20, 90)
            turn = chance.choice((1, -1)) * speed_kmh / 3.6 / radius_m  # radians a second
            self._circles.append(
                (centre_lon, centre_lat, stretch, radius_m, speed_kmh, turn, chance.uniform(0, 2 * math.pi))
            )

    def advance(self, at_ms: int) -> None:
        self._at_ms = at_ms

    def fix(self, index: int) -> Fix:
        centre_lon, centre_lat, stretch, radius_m, speed_kmh, turn, phase = self._circles[index]
        seconds = (self._at_ms - self._begin_ms) / 1000
        angle = phase + turn * seconds
        heading = 90 - math.degrees(angle) - math.copysign(90, turn)
        return Fix(
            lon=centre_lon + radius_m * math.cos(angle) / stretch,
            lat=centre_lat + radius_m * math.sin(angle) / METRES_PER_DEGREE,
            altitude_m=20.0,
            speed_kmh=speed_kmh,
            heading_deg=heading % 360,
            mileage_km=1000 + speed_kmh * seconds / 3600,
        )

    def interval_ms(self, index: int) -> int:
        return self._interval_ms
