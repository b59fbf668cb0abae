"""Which way to go: for each of some hundred goals the next edge from every node, by time of travel."""

from __future__ import annotations

import numpy as np
import shapely

from tongqu.kit.world import frame, paths
from tongqu.kit.world.roads import Town
from tongqu.kit.world.values import Floats, Ints, Network, Place, RoadClass, Routing

NO_WAY = 255
_SIGNAL_S, _CORNER_S = 8.0, 2.0
# goals inside a town by its radius: (radius from, how many)
_SAMPLES = ((8_000.0, 60), (6_000.0, 42), (4_000.0, 24), (2_500.0, 10), (1_500.0, 5))


def _into(network: Network) -> tuple[Ints, Ints]:
    order = np.argsort(network.edge_to, kind="stable").astype(np.int32)
    count = np.bincount(network.edge_to, minlength=network.nodes)
    return np.concatenate(([0], np.cumsum(count))).astype(np.int32), order


def edge_seconds(network: Network) -> Floats:
    """Time to travel each edge at nine tenths of the limit, with a delay for the junction at its end."""
    junction = np.where(network.node_signal[network.edge_to], _SIGNAL_S, 0.0)
    junction += np.where(network.edge_class >= RoadClass.ARTERIAL, _CORNER_S, 0.0)
    return network.edge_length_m / (network.edge_limit_kmh / 3.6 * 0.9) + junction


def urban_nodes(network: Network, town: Town, rng: np.random.Generator, count: int) -> list[int]:
    """Nodes of streets within a town, spread out, none a dead end."""
    x, y = frame.to_plane(network.node_lon, network.node_lat)
    street = np.zeros(network.nodes, bool)
    street[network.edge_to[np.isin(network.edge_class, (RoadClass.ARTERIAL, RoadClass.STREET))]] = True
    arms = np.diff(network.out_start)
    near = np.flatnonzero(street & (arms >= 3) & (np.hypot(x - town.x, y - town.y) < town.radius_m))
    picked: list[int] = []
    apart = town.radius_m / np.sqrt(count) * 0.9
    for node in rng.permutation(near).tolist():
        if all(np.hypot(x[node] - x[p], y[node] - y[p]) > apart for p in picked):
            picked.append(node)
            if len(picked) == count:
                break
    return picked


_BAYS = 8
_STREETSIDE = ("coach_station", "railway_station")


def bays(network: Network, place: Place) -> list[int]:
    """Nodes where vehicles stand at a place: inner roads of a yard, streets around a station, else its gate."""
    if place.area is not None:
        near = np.zeros(network.nodes, bool)
        near[network.edge_to[network.edge_class == RoadClass.ACCESS]] = True
        west, south, east, north = place.area.bounds
        near &= (network.node_lon >= west) & (network.node_lon <= east)
        near &= (network.node_lat >= south) & (network.node_lat <= north)
        nodes = np.flatnonzero(near)
        nodes = nodes[
            shapely.dwithin(place.area, shapely.points(network.node_lon[nodes], network.node_lat[nodes]), 2e-4)
        ]
        found = nodes[:: max(1, len(nodes) // _BAYS)][:_BAYS].tolist()
        return found or [place.node]
    if place.kind in _STREETSIDE:
        out = network.out_edge[network.out_start[place.node] : network.out_start[place.node + 1]]
        return [place.node, *sorted({int(v) for v in network.edge_to[out]})][:4]
    return [place.node]


def make(network: Network, places: tuple[Place, ...], towns: list[Town], seed: int) -> Routing:
    """Trees towards the gates of all places and towards streets of all larger towns."""
    rng = np.random.default_rng((seed, 120))
    goals = {place.node for place in places}
    for place in places:
        goals.update(bays(network, place))
    for town in towns:
        count = next((n for radius, n in _SAMPLES if town.radius_m >= radius), 0)
        if count:
            goals.update(urban_nodes(network, town, rng, count))
    ordered = np.array(sorted(goals), np.int32)
    into_start, into_edge = _into(network)
    rank = np.empty(network.edges, np.uint8)
    rank[network.out_edge] = np.arange(network.edges) - network.out_start[network.edge_from[network.out_edge]]
    next_out = paths.tree_towards(
        ordered, network.nodes, into_start, into_edge, network.edge_from, edge_seconds(network), rank
    )
    return Routing(ordered, next_out)


def way(network: Network, routing: Routing, node: int, goal: int, most_m: float = np.inf) -> list[int]:
    """Edges from a node to a goal (an index into `routing.goals`), or those of the first `most_m` metres."""
    edges = []
    while most_m > 0 and (rank := int(routing.next_out[goal, node])) != NO_WAY:
        edge = int(network.out_edge[network.out_start[node] + rank])
        edges.append(edge)
        most_m -= float(network.edge_length_m[edge])
        node = int(network.edge_to[edge])
    return edges
