"""Bus lines: loops through the streets of a city by way of a few of its goals, with stops."""

from __future__ import annotations

import numpy as np

from tongqu.kit.world import frame, routing
from tongqu.kit.world.roads import Town
from tongqu.kit.world.values import Line, Name, Network, Road, RoadClass, Routing
from tongqu.kit.world.ways import Entry

STOP_EVERY_M = 520.0
_LINES = {
    "990101": 16,
    "990201": 11,
    "990301": 6,
    "990202": 3,
    "990102": 3,
    "990103": 3,
    "990203": 2,
    "990105": 2,
    "990204": 2,
}


def make(
    network: Network, ways: Routing, roads: list[Entry] | tuple[Road, ...], towns: list[Town], seed: int
) -> tuple[Line, ...]:
    """All bus lines; a line visits goals in the order of their bearing from its middle, then closes."""
    rng = np.random.default_rng((seed, 130))
    gx, gy = frame.to_plane(network.node_lon[ways.goals], network.node_lat[ways.goals])
    street = np.zeros(network.nodes, bool)
    street[network.edge_to[np.isin(network.edge_class, (RoadClass.ARTERIAL, RoadClass.STREET))]] = True
    found: list[Line] = []
    for town in towns:
        inside = np.flatnonzero((np.hypot(gx - town.x, gy - town.y) < town.radius_m) & street[ways.goals])
        for order in range(_LINES.get(town.seat, 0)):
            if len(inside) < 4:
                break
            hub = inside[int(rng.integers(len(inside)))]
            reach = rng.uniform(0.35, 0.9) * town.radius_m
            near = inside[np.hypot(gx[inside] - gx[hub], gy[inside] - gy[hub]) < max(reach, 1_200.0)]
            if len(near) < 4:
                continue
            via = rng.choice(near, size=min(int(rng.integers(4, 7)), len(near)), replace=False)
            middle = gx[via].mean(), gy[via].mean()
            via = via[np.argsort(np.arctan2(gy[via] - middle[1], gx[via] - middle[0]), kind="stable")]
            edges: list[int] = []
            for a, b in zip(via, np.roll(via, -1), strict=True):
                edges += routing.way(network, ways, int(ways.goals[a]), int(b))
            if edges:
                found.append(_line(len(found), town, order, edges, network, roads))
    return tuple(found)


def _line(
    k: int, town: Town, order: int, edges: list[int], network: Network, roads: list[Entry] | tuple[Road, ...]
) -> Line:
    stops, names, since = [], [], 0.0
    for position, edge in enumerate(edges):
        since += float(network.edge_length_m[edge])
        if since >= STOP_EVERY_M or position == len(edges) - 1:
            since = 0.0
            stops.append(position)
            road = roads[int(network.edge_road[edge])].name
            names.append(Name(f"{road.zh}{len(stops)}站", f"{road.en} stop {len(stops)}"))
    number = 1 + order if town.seat in ("990101", "990201", "990301") else 101 + order
    title = Name(f"{town.name.zh[:2]}{number}路", f"{town.name.en.split()[0]} bus {number}")
    return Line(k, title, town.county[:4], np.array(edges, np.int32), np.array(stops, np.int32), tuple(names))
