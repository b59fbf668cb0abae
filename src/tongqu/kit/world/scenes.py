"""Who plays which part in the scenes of the demo, and where: chosen by the world alone, so all who ask agree.

Scenes: fog on the great bridge, a coach that overruns its night stop, a driver who does not rest, a truck that leaves
its planned route, a terminal that falls silent. The morning peak is in the traffic itself (`rhythm`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from tongqu.kit.world import drive, motion, routing
from tongqu.kit.world.values import Floats, Ints, RoadClass, World

FOG_KMH = 60.0
"""Limit on the great bridge while fog lies on it."""
ASTRAY_M = 8_000.0
"""How soon the truck should be off its route: what is farthest from it so far on decides where it goes."""


@dataclass(frozen=True)
class Cast:
    """Indices of `World.fleet.vehicles`, and the bridge as an index of `World.structures`.

    Attributes:
        coach: overruns its night stop.
        tired: its driver does not rest.
        strayed: its planned route leads to a port, and it drives elsewhere.
        silent: its terminal dies on the road.
        bridge: the longest bridge of an expressway.
    """

    coach: int
    tired: int
    strayed: int
    silent: int
    bridge: int


def cast(world: World) -> Cast:
    """The cast of a world. In a small fleet one vehicle may have two parts."""
    trucks = [v.id for v in world.fleet.vehicles if v.category == "heavy_truck" and not v.speeds]
    coaches = [v.id for v in world.fleet.vehicles if v.category in ("scheduled_coach", "tour_coach") and not v.speeds]
    anybody = [v.id for v in world.fleet.vehicles]
    trucks, coaches = trucks or anybody, coaches or anybody
    bridges = [s for s in world.structures if s.kind == "bridge"]
    fast = [s for s in bridges if world.roads[s.road].road_class == RoadClass.EXPRESSWAY]
    bridge = max(fast or bridges or world.structures, key=lambda one: one.length_m)
    at = [trucks[(k * len(trucks)) // 3] for k in range(3)]
    return Cast(coaches[len(coaches) // 2], at[0], at[1], at[2], bridge.id)


def bridge_edges(world: World, bridge: int) -> Ints:
    """Edges of the network on a structure."""
    return np.flatnonzero(world.network.edge_structure == bridge).astype(np.int32)


def planned_route(world: World, vehicle: int) -> Floats:
    """The way from a vehicle's base to a port (else to its farthest goal): points of shape (k, 2), lon and lat."""
    base = world.places[world.fleet.vehicles[vehicle].home]
    start = routing.bays(world.network, base)[0]
    index = {int(node): k for k, node in enumerate(world.routing.goals)}
    ports = [place for place in world.places if place.kind == "port"] or list(world.places)
    ways = [routing.way(world.network, world.routing, start, index[place.node]) for place in ports]
    longest = max(ways, key=lambda edges: float(world.network.edge_length_m[edges].sum()) if edges else 0.0)
    return np.vstack([world.network.line(edge) for edge in longest])


def lead_astray(world: World, state: drive.State, vehicle: int) -> bool:
    """Send a vehicle that is under way to where its planned route does not lead; whether it was under way."""
    cars = state.cars
    if cars.mode[vehicle] != motion.DRIVING:
        return False
    net = world.network
    planned = shapely.LineString(planned_route(world, vehicle))
    node = int(net.edge_to[cars.edge[vehicle]])
    ways = [routing.way(net, world.routing, node, goal, ASTRAY_M) for goal in range(len(world.routing.goals))]
    soon = [int(net.edge_to[edges[-1]]) if edges else node for edges in ways]
    away = shapely.distance(planned, shapely.points(net.node_lon[soon], net.node_lat[soon]))
    cars.goal[vehicle] = int(np.argmax(away))
    return True


def restless(state: drive.State, vehicle: int) -> None:
    """Let a vehicle that stands at a goal set out again within two minutes."""
    cars = state.cars
    cars.long_haul[vehicle] = False
    if cars.mode[vehicle] == motion.PARKED:
        cars.until_ms[vehicle] = min(cars.until_ms[vehicle], max(state.now_ms, cars.since_ms[vehicle] + 120_000))


def past(state: drive.State, vehicle: int, hours_s: int, step_s: int) -> Iterator[tuple[int, drive.Fixes]]:
    """Drive one vehicle alone for so long up to the state's moment, without a rest; gives the time and its fixes.

    The state goes on from where this ends.
    """
    cars, n = state.cars, len(state.cars.edge)
    own = {
        name: value[vehicle : vehicle + 1].copy()
        for name, value in cars._asdict().items()
        if len(value) == n and not name.startswith("pool_")
    }
    alone = drive.State(state.now_ms - hours_s * 1000, state.streets, cars._replace(**own), state.seed)
    alone.cars.since_ms[0] = alone.cars.until_ms[0] = alone.now_ms
    while alone.now_ms < state.now_ms:
        restless(alone, 0)
        at_ms = min(alone.now_ms + step_s * 1000, state.now_ms)
        yield at_ms, drive.advance(alone, at_ms)
    for name, value in alone.cars._asdict().items():
        if name in own:
            getattr(cars, name)[vehicle] = value[0]
