"""Stakes (桩号): what is said of a place on a route, `G9901 K45+200 下行`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Direction = Literal["up", "down", "both"]
"""上行 (stakes rise), 下行 (stakes fall), or a road that is not told apart."""


@dataclass(frozen=True)
class StakePlace:
    """A place on a route.

    Attributes:
        route: registry key of the route; `number` and `region` are what people call it (X101 of 990301).
        stake_m: calibrated chainage in metres.
        branch: letter of a long broken chain (长链) where a stake occurs twice, else empty.
        direction: of the carriageway.
        offset_m: distance of the point from the line, positive to the right of rising stakes.
        lon, lat: the place on the line, degrees.
        text: as people write it: `G9901 K45+200 下行`.
    """

    route: int
    number: str
    region: str
    stake_m: float
    branch: str
    direction: Direction
    offset_m: float
    lon: float
    lat: float
    text: str


class StakeLocator(Protocol):
    """Service of the API process: places on routes for points. `platform.has(StakeLocator)` is false without routes."""

    def locate(self, lon: float, lat: float, within_m: float = 60.0) -> list[StakePlace]:
        """Places within a distance, nearest first; empty where no route is near."""
        ...
