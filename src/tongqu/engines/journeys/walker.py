"""Walks between the stops of a timetable, as the transit engine asks for them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tongqu.engines.streets import Around, Path, Profile, Reached, Stops, Streets
from tongqu.engines.streets.graph import Floats
from tongqu.engines.transit.foot import FootTransfers


@dataclass(frozen=True)
class Walks:
    """Walks between a place and the stops near it.

    Attributes:
        reached: the stops, and how far they are.
    """

    around: Around
    placed: Stops
    reached: Reached
    _known: dict[int, Path] = field(default_factory=dict, repr=False)

    def way(self, stop: int) -> Path:
        """The walk from the place to a stop that is reached, or from the stop to the place."""
        if stop not in self._known:
            # the journeys of one answer often begin with the same walk
            self._known[stop] = self.around.way(self.placed, self.reached, stop)
        return self._known[stop]


@dataclass
class Walker:
    """Measures walks on streets for one profile; handed to `Timetable.from_gtfs(streets=...)`.

    Attributes:
        doors_for: stops that are entered by doors (`Catalogue.metro_stops`).
        bound_s: longest walk between stops.
    """

    streets: Streets
    profile: Profile = field(default_factory=Profile)
    bound_s: float = 600.0
    doors_for: Sequence[int] = ()
    _placed: Stops | None = field(default=None, repr=False)
    _at: Floats = field(default_factory=lambda: np.zeros((2, 0)), repr=False)

    @property
    def fingerprint(self) -> str:
        """Names everything that walks depend on besides the stops: the compiled timetable is kept under it."""
        graph = self.streets.graph
        digest = hashlib.sha256(f"{self.profile} {self.bound_s} {list(self.doors_for)}".encode())
        for part in (
            graph.edge_from, graph.edge_to, graph.edge_length_m, graph.edge_access, graph.edge_flags,
            graph.node_lon, graph.node_lat, graph.node_block, graph.door_lon, graph.door_lat,
        ):  # fmt: skip
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def place(self, lon: Floats, lat: Floats) -> Stops:
        """Stand the stops of the timetable on streets, once."""
        placed = self._placed
        if placed is None or len(placed) != len(lon) or not np.array_equal(self._at, (lon, lat), equal_nan=True):
            self._at = np.array((lon, lat))
            # a stop without a position stands nowhere
            known = np.isfinite(lon) & np.isfinite(lat)
            x, y = np.where(known, lon, 0.0), np.where(known, lat, -90.0)
            placed = self._placed = self.streets.stops(x, y, self.profile, doors_for=self.doors_for)
        return placed

    def pace(self, walk_speed_ms: float) -> float:
        """How many times as fast as walks are measured somebody walks: searched are the walks of this profile."""
        return walk_speed_ms / self.profile.walk_speed_ms

    def walks(self, point: tuple[float, float], placed: Stops, bound_s: float, leaving: bool) -> Walks:
        """Walks from a point (lon, lat) to the stops near it, or (leaving) from them to it; none is longer than the
        bound."""
        around = self.streets.around(point, self.profile, bound_s=bound_s, leaving=leaving)
        return Walks(around, placed, around.reach(placed))

    def foot_transfers(self, lon: Floats, lat: Floats) -> FootTransfers:
        """Walks between all stops within the bound."""
        walks = self.streets.transfers(self.place(lon, lat), self.profile, bound_s=self.bound_s)
        return FootTransfers(walks.first, walks.to, np.maximum(walks.seconds, 1), walks.beeline)
