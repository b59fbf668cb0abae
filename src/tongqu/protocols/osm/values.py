"""What an OpenStreetMap file holds, as values: flat arrays for coordinates, plain mappings for tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Ints = NDArray[np.int32]
Tags = Mapping[str, str]
Kind = Literal["node", "way", "relation"]


@dataclass(frozen=True)
class Member:
    """A member of a relation. `id` is the one OpenStreetMap gave it, unique within its kind."""

    kind: Kind
    id: int
    role: str


@dataclass(frozen=True)
class Relation:
    id: int
    tags: Tags
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Extract:
    """Part of OpenStreetMap: n nodes, w ways, and relations.

    The nodes of way i are `way_node[way_start[i]:way_start[i + 1]]`, indices into `node_*`.

    Attributes:
        source: name of the file.
        made_ms: moment of the data, UTC milliseconds, if the file states it.
        node_id: ids in ascending order; every node of a kept way, and every kept node of its own right.
        node_lon, node_lat: degrees, EPSG:4326.
        node_tags: tags of the kept nodes that have some, by index into `node_*`.
        way_id: in the order of the file.
        way_tags: as many as ways.
        relations: in the order of the file.
        incomplete: ids of ways whose nodes are not all in the file, as at the border of an extract; the nodes that
            are there are kept in order. Ways with fewer than two nodes left are dropped and named here too.
    """

    source: str
    made_ms: int | None
    node_id: Ids
    node_lon: Floats
    node_lat: Floats
    node_tags: Mapping[int, Tags]
    way_id: Ids
    way_start: Ints
    way_node: Ints
    way_tags: tuple[Tags, ...]
    relations: tuple[Relation, ...]
    incomplete: tuple[int, ...]

    @property
    def nodes(self) -> int:
        return len(self.node_id)

    @property
    def ways(self) -> int:
        return len(self.way_id)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all nodes, degrees."""
        lon, lat = self.node_lon, self.node_lat
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def nodes_of(self, way: int) -> Ints:
        """Indices of the nodes of a way, by its index."""
        return self.way_node[self.way_start[way] : self.way_start[way + 1]]

    def line(self, way: int) -> Floats:
        """Points of a way, by its index, as an array of shape (k, 2): lon, lat."""
        nodes = self.nodes_of(way)
        return np.column_stack((self.node_lon[nodes], self.node_lat[nodes]))

    def find_node(self, osm_id: int) -> int:
        """Index of the node with this id, or -1."""
        at = int(np.searchsorted(self.node_id, osm_id))
        return at if at < self.nodes and self.node_id[at] == osm_id else -1
