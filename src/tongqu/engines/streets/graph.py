"""The street graph: flat arrays, one value for all modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Ids = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """Streets as n nodes where something meets or ends, and e edges between them.

    An edge has two arcs: `2 * edge` leads from `edge_from` to `edge_to`, `2 * edge + 1` back. The points of an edge
    are `point_*[point_start[edge]:point_start[edge + 1]]`, from its first node to its last.

    Attributes:
        node_block: who cannot pass (`access.block_of`).
        edge_length_m: on the ellipsoid.
        edge_access: who may go along and against it (`access.WALK` and so on).
        edge_flags: what it is (`access.STEPS` and so on).
        edge_kind: index into `access.KIND_NAMES`.
        edge_speed_kmh: posted or usual limit; edge_fixed_s: duration of a ferry, -1 elsewhere.
        edge_name: index into `names` and `names_en`; 0 is no name.
        edge_way: id of the way it comes from.
        ban_from, ban_to: turns from arc to arc that vehicles may not make.
        door_lon, door_lat, door_ref, door_station: entrances of stations with the letter on their sign.
        notes: what was left out, counted.
    """

    source: str
    made_ms: int | None
    node_lon: Floats
    node_lat: Floats
    node_block: Bytes
    edge_from: Ints
    edge_to: Ints
    edge_length_m: Floats
    edge_access: Bytes
    edge_flags: Bytes
    edge_kind: Bytes
    edge_speed_kmh: Floats
    edge_fixed_s: Floats
    edge_name: Ints
    edge_way: Ids
    point_start: Ints
    point_lon: Floats
    point_lat: Floats
    names: tuple[str, ...]
    names_en: tuple[str, ...]
    ban_from: Ints
    ban_to: Ints
    door_lon: Floats
    door_lat: Floats
    door_ref: tuple[str, ...]
    door_station: tuple[str, ...]
    notes: dict[str, int]

    @classmethod
    def empty(cls) -> Graph:
        """No streets at all: whatever is walked then is walked by the straight line."""
        no, whole, byte = np.empty(0, np.float64), np.empty(0, np.int32), np.empty(0, np.uint8)
        start = np.zeros(1, np.int32)
        return cls("", None, no, no, byte, whole, whole, no, byte, byte, byte, no, no, whole, np.empty(0, np.int64),
                   start, no, no, ("",), ("",), whole, whole, no, no, (), (), {})  # fmt: skip

    @property
    def nodes(self) -> int:
        return len(self.node_lon)

    @property
    def edges(self) -> int:
        return len(self.edge_from)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        lon, lat = self.point_lon, self.point_lat
        if not len(lon):
            return 0.0, 0.0, 0.0, 0.0
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def line(self, edge: int) -> Floats:
        """Points of an edge, shape (k, 2): lon, lat."""
        part = slice(self.point_start[edge], self.point_start[edge + 1])
        return np.column_stack((self.point_lon[part], self.point_lat[part]))
