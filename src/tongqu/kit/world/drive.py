"""Vehicles on the roads: start them at a moment, move them on, read where they are.

A vehicle follows the tree of its goal (`Routing`) or the loop of its bus line, keeps below the limit and its own
top speed, slows for bends, lower limits and red lights that it can see ahead, stops at bus stops, rests at service
areas on long journeys, and stays at its goal for a while; how many set out depends on category and hour. All chance
is a hash of (seed, vehicle, counter), so the same seed and steps give the same traffic. Time moves in steps of one
second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import numba
import numpy as np
from numpy.typing import NDArray

from tongqu.kit.world import motion, routing
from tongqu.kit.world.carriers import CATEGORIES
from tongqu.kit.world.motion import Cars, Streets
from tongqu.kit.world.values import Bytes, Flags, Floats, Ints, Network, RoadClass, World

STEP_MS = 1_000
_HAZARDOUS = list(CATEGORIES).index("dangerous_goods")
_LONG = ("tour_coach", "scheduled_coach", "dangerous_goods", "heavy_truck", "port_drayage", "network_freight")
_COACHES = ("tour_coach", "scheduled_coach")
_SPEEDING = 1.22


class Fixes(NamedTuple):
    """Where all vehicles are, in the order of `World.fleet.vehicles`. The arrays are the caller's to keep.

    Attributes:
        acc: ignition on.
        driving: under way (also while it waits at a light), not staying at a goal.
        road_class: `RoadClass` of the edge.
        limit_kmh: posted limit there.
        mileage_km: odometer.
    """

    lon: Floats
    lat: Floats
    altitude_m: Floats
    speed_kmh: Floats
    heading_deg: Floats
    mileage_km: Floats
    acc: Flags
    driving: Flags
    road_class: Bytes
    limit_kmh: Floats
    edge: Ints


@dataclass
class State:
    """Traffic at a moment; changed by `advance` only."""

    now_ms: int
    streets: Streets
    cars: Cars
    seed: int


def _streets(world: World) -> Streets:
    net = world.network
    first, last = net.point_start[:-1], net.point_start[1:] - 1
    shrink = np.cos(np.radians(net.node_lat[net.edge_from]))

    def heading(a: Ints, b: Ints) -> Floats:
        return np.degrees(
            np.arctan2((net.point_lon[b] - net.point_lon[a]) * shrink, net.point_lat[b] - net.point_lat[a])
        )

    return Streets(
        edge_to=net.edge_to,
        length=net.edge_length_m,
        limit=net.edge_limit_kmh / 3.6,
        road_class=net.edge_class,
        phase=net.edge_phase,
        heading_in=heading(first, first + 1),
        heading_out=heading(last - 1, last),
        rest_edge=_rests(net),
        beside=np.where(net.edge_reverse >= 0, np.where(net.edge_class >= RoadClass.STREET, 2.0, 3.0), 0.0),
        point_start=net.point_start,
        lon=net.point_lon,
        lat=net.point_lat,
        along=net.point_along_m,
        altitude=net.point_altitude_m,
        out_start=net.out_start,
        out_edge=net.out_edge,
        goals=world.routing.goals,
        next_out=world.routing.next_out,
        line_start=np.cumsum([0] + [len(line.edges) for line in world.lines]).astype(np.int32),
        line_edge=np.concatenate([line.edges for line in world.lines] or [np.empty(0, np.int32)]).astype(np.int32),
        line_stop=np.concatenate([_stops(len(line.edges), line.stops) for line in world.lines] or [np.empty(0, bool)]),
        activity=np.array([c.active for c in CATEGORIES.values()]),
    )


def _stops(count: int, stops: Ints) -> Flags:
    flags = np.zeros(count, bool)
    flags[stops] = True
    return flags


def _rests(net: Network) -> Ints:
    """For each node the edge that enters a service area there, or -1."""
    found = np.full(net.nodes, -1, np.int32)
    motorway = np.zeros(net.nodes, bool)
    motorway[net.edge_from[net.edge_class == RoadClass.EXPRESSWAY]] = True
    lanes = np.flatnonzero((net.edge_class == RoadClass.ACCESS) & motorway[net.edge_from] & (net.edge_length_m > 250))
    found[net.edge_from[lanes]] = lanes
    return found


def _pools(world: World) -> tuple[Ints, Ints, Ints]:
    """Goals of each vehicle: goal of its home, and a list per vehicle class as offsets and goals."""
    index = {int(node): k for k, node in enumerate(world.routing.goals)}
    pools: dict[tuple[str, str], int] = {}
    lists: list[list[int]] = []
    of = np.empty(len(world.fleet.vehicles), np.int32)
    for k, vehicle in enumerate(world.fleet.vehicles):
        category = CATEGORIES[vehicle.category]
        key = (vehicle.category, "" if category.far else vehicle.region)
        if key not in pools:
            pools[key] = len(lists)
            lists.append(sorted(_goals(world, category.goals, key[1], index)))
        of[k] = pools[key]
    start = np.cumsum([0] + [len(one) for one in lists]).astype(np.int32)
    return of, start, np.array([goal for one in lists for goal in one], np.int32)


def _goals(world: World, kinds: tuple[str, ...], region: str, index: dict[int, int]) -> list[int]:
    """Goals for vehicles that go to places of these kinds; a kind named twice counts twice."""
    found: list[int] = []
    for place in world.places:
        if place.kind in kinds and place.region.startswith(region or "99"):
            found += [index[node] for node in routing.bays(world.network, place)]
    if "street" in kinds:
        found += _street_goals(world, region, index) * kinds.count("street")
    return found or [0]


def _street_goals(world: World, region: str, index: dict[int, int]) -> list[int]:
    """Goals in streets, of one city (within some 16 km of its centre) or of the province."""
    placed = {node for place in world.places for node in routing.bays(world.network, place)}
    streets = np.array([k for node, k in index.items() if node not in placed], np.int64)
    if not region:
        return [int(k) for k in streets]
    city = next(p for p in world.places if p.kind == "city" and p.region.startswith(region))
    nodes = world.routing.goals[streets]
    far = np.hypot(world.network.node_lon[nodes] - city.lon, world.network.node_lat[nodes] - city.lat)
    return [int(k) for k in streets[far < 0.16]]


def _homes(world: World, index: dict[int, int], rng: np.random.Generator) -> Ints:
    """Where each vehicle stands at night: a bay of its carrier's base, or for taxis any street of the city."""
    stands = {
        v.home: [index[n] for n in routing.bays(world.network, world.places[v.home])] for v in world.fleet.vehicles
    }
    streets = {
        region: _street_goals(world, region, index) or [0] for region in {v.region for v in world.fleet.vehicles}
    }
    choice = rng.random(len(world.fleet.vehicles))
    lists = [streets[v.region] if v.category == "taxi" else stands[v.home] for v in world.fleet.vehicles]
    return np.array([one[int(luck * len(one))] for one, luck in zip(lists, choice, strict=True)], np.int32)


def start(world: World, seed: int, at_ms: int) -> State:
    """Traffic at a moment: some under way on a random part of a journey, the others at their homes.

    Args:
        at_ms: UTC in milliseconds; the hour of the day is that of Asia/Shanghai (GMT+8).
    """
    vehicles = world.fleet.vehicles
    streets = _streets(world)
    codes = list(CATEGORIES)
    index = {int(node): k for k, node in enumerate(world.routing.goals)}
    pool, pool_start, pool_goal = _pools(world)
    category = np.array([codes.index(v.category) for v in vehicles], np.int8)
    n = len(vehicles)
    rng = np.random.default_rng((seed, 150))
    home = _homes(world, index, rng)
    cars = Cars(
        category=category,
        top=np.array([v.top_speed_kmh / 3.6 for v in vehicles]),
        hazardous=category == _HAZARDOUS,
        long_haul=np.array([v.category in _LONG for v in vehicles]),
        excess=np.where([v.speeds for v in vehicles], _SPEEDING, 1.0),
        accelerate=np.array([CATEGORIES[v.category].accelerate_ms2 for v in vehicles]),
        dwell_s=np.array([CATEGORIES[v.category].dwell_min for v in vehicles]) * 60.0,
        line=_lines_of(world, category),
        home=home,
        pool=pool,
        pool_start=pool_start,
        pool_goal=pool_goal,
        edge=np.full(n, -1, np.int32),
        along=np.zeros(n),
        speed=np.zeros(n),
        goal=home.copy(),
        position=np.zeros(n, np.int32),
        mode=np.zeros(n, np.int8),
        until_ms=np.zeros(n, np.int64),
        since_ms=np.full(n, at_ms, np.int64),
        stop_at=np.full(n, np.inf),
        since_rest_s=rng.uniform(0, 5400, n),
        odometer_m=np.round(rng.uniform(2e6, 6e8, n), -2),
        turn=np.zeros(n, np.uint32),
        last_home=np.ones(n, bool),
        night=np.array([v.category in _COACHES for v in vehicles], np.int8),
    )
    motion.place(streets, cars, np.int64(seed), np.int64(at_ms))
    return State(at_ms, streets, cars, seed)


def _lines_of(world: World, category: NDArray[np.int8]) -> Ints:
    """Bus line of each bus, -1 for others: the lines of its city in turn."""
    line = np.full(len(category), -1, np.int32)
    bus = list(CATEGORIES).index("city_bus")
    for city in ("9901", "9902", "9903"):
        own = [one.id for one in world.lines if one.region == city]
        mine = [k for k in np.flatnonzero(category == bus).tolist() if world.fleet.vehicles[k].region == city]
        for order, k in enumerate(mine):
            line[k] = own[order % len(own)] if own else -1
    return line


def compile_ahead() -> None:
    """Compile what `start`, `advance` and `fixes` run, without a world; numba keeps what was compiled on disk."""
    streets, cars = numba.typeof(specimen(Streets)), numba.typeof(specimen(Cars))
    motion.place.compile((streets, cars, numba.int64, numba.int64))
    motion.step.compile((streets, cars, numba.int64, numba.int64, numba.float64))
    motion.locate.compile((streets, cars))


_Arrays = TypeVar("_Arrays", Streets, Cars)
_TABLES = ("next_out", "activity", "dwell_s")  # have two dimensions


def specimen(of: type[_Arrays]) -> _Arrays:
    """Empty arrays of the types that those of a world have."""
    hints = get_type_hints(of)
    made: dict[str, Any] = {}
    for name in of._fields:
        kind = get_args(get_args(hints[name])[1])[0]
        made[name] = np.empty((0, 0) if name in _TABLES else 0, kind)
    return of(**made)


def advance(state: State, now_ms: int) -> Fixes:
    """Move the traffic on to `now_ms` in steps of a second and return where everybody is.

    Raises:
        ValueError: if `now_ms` lies before the state's moment.
    """
    if now_ms < state.now_ms:
        raise ValueError("time runs forward only")
    while state.now_ms < now_ms:
        step = min(STEP_MS, now_ms - state.now_ms)
        state.now_ms += step
        motion.step(state.streets, state.cars, np.int64(state.seed), np.int64(state.now_ms), step / 1000.0)
    return fixes(state)


def fixes(state: State) -> Fixes:
    """Where everybody is at the state's moment."""
    s, c = state.streets, state.cars
    lon, lat, altitude, heading = motion.locate(s, c)
    parked_long = (c.mode == motion.PARKED) & (state.now_ms - c.since_ms > 180_000)
    return Fixes(
        lon,
        lat,
        altitude,
        c.speed * 3.6,
        heading,
        c.odometer_m / 1000.0,
        ~parked_long,
        c.mode != motion.PARKED,
        s.road_class[c.edge],
        s.limit[c.edge] * 3.6,
        c.edge.copy(),
    )
