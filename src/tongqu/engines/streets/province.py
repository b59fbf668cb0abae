"""A street graph from the network of the demo province, or any network of directed edges like it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tongqu.engines.streets import access
from tongqu.engines.streets.graph import Graph
from tongqu.kit.world.values import Network, Road, RoadClass

# class of road -> kind of way, and whether people walk and cycle on it
CLASSES: dict[RoadClass, tuple[str, bool]] = {
    RoadClass.EXPRESSWAY: ("motorway", False),
    RoadClass.RAMP: ("motorway_link", False),
    RoadClass.TRUNK: ("trunk", True),
    RoadClass.PROVINCIAL: ("primary", True),
    RoadClass.COUNTY: ("tertiary", True),
    RoadClass.ARTERIAL: ("secondary", True),
    RoadClass.STREET: ("residential", True),
    RoadClass.ACCESS: ("service", True),
}


def from_network(network: Network, roads: Sequence[Road], *, source: str = "province") -> Graph:
    """The street graph of a network; two directed edges that are each other's reverse become one edge."""
    reverse = network.edge_reverse
    kept = np.flatnonzero((reverse < 0) | (np.arange(network.edges) < reverse)).astype(np.int32)
    both = reverse[kept] >= 0
    kinds = [CLASSES[RoadClass(int(one))] for one in network.edge_class[kept]]
    feet = np.array([walked for _, walked in kinds], bool)
    use = access.DRIVE * np.where(both, access.BOTH, 1)
    # a carriageway that cars follow one way has a pavement that is walked both ways
    use = use | np.where(feet, access.WALK * access.BOTH | access.CYCLE * np.where(both, access.BOTH, 1), 0)
    sizes = np.diff(network.point_start)[kept]
    start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    at = np.arange(start[-1]) - np.repeat(start[:-1], sizes) + np.repeat(network.point_start[kept], sizes)
    flags = np.where(network.edge_bridge[kept], access.BRIDGE, 0) | np.where(
        network.edge_tunnel[kept], access.TUNNEL, 0
    )
    none = np.empty(0, np.float64)
    return Graph(
        source=source,
        made_ms=None,
        node_lon=network.node_lon,
        node_lat=network.node_lat,
        node_block=np.zeros(network.nodes, np.uint8),
        edge_from=network.edge_from[kept],
        edge_to=network.edge_to[kept],
        edge_length_m=network.edge_length_m[kept].astype(np.float64),
        edge_access=use.astype(np.uint8),
        edge_flags=flags.astype(np.uint8),
        edge_kind=np.array([access.KIND_INDEX[kind] for kind, _ in kinds], np.uint8),
        edge_speed_kmh=network.edge_limit_kmh[kept].astype(np.float64),
        edge_fixed_s=np.full(len(kept), -1.0),
        edge_name=network.edge_road[kept] + 1,
        edge_way=kept.astype(np.int64),
        point_start=start,
        point_lon=network.point_lon[at],
        point_lat=network.point_lat[at],
        names=("", *(_named(road.number, road.name.zh) for road in roads)),
        names_en=("", *(_named(road.number, road.name.en) for road in roads)),
        ban_from=np.empty(0, np.int32),
        ban_to=np.empty(0, np.int32),
        door_lon=none,
        door_lat=none,
        door_ref=(),
        door_station=(),
        notes={},
    )


def _named(number: str, name: str) -> str:
    return name or number
