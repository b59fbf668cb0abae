"""Lines of the demo province: city buses, a metro line, and coaches between the cities."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tongqu.domains.travel.courses import Course, Halt, Period, Station
from tongqu.kit.geometry.sphere import haversine_m

if TYPE_CHECKING:
    from tongqu.kit.world.values import Line, Network, Place, World

HOUR = 3600

_BUS = (
    Period(6 * HOUR, 7 * HOUR, 720),
    Period(7 * HOUR, 9 * HOUR, 480),
    Period(9 * HOUR, 17 * HOUR, 720),
    Period(17 * HOUR, 19 * HOUR, 480),
    Period(19 * HOUR, 22 * HOUR, 900),
)
_METRO = (
    Period(6 * HOUR, 7 * HOUR, 420),
    Period(7 * HOUR, 9 * HOUR, 180),
    Period(9 * HOUR, 17 * HOUR, 360),
    Period(17 * HOUR, 19 * HOUR, 180),
    Period(19 * HOUR, 23 * HOUR, 480),
)
_COACH = (Period(6 * HOUR + 1800, 19 * HOUR, 3600),)
_BUS_SHARE, _BUS_MOST_KMH, _BUS_DWELL_S = 0.62, 45.0, 20
_COACH_SHARE, _COACH_MOST_KMH = 0.85, 100.0
_METRO_APART_M, _METRO_KMH, _METRO_DWELL_S = 1_500.0, 42.0, 30
_ENTRANCES = (("A", 70.0, 35.0), ("B", -70.0, 35.0), ("C", -60.0, -45.0), ("D", 60.0, -45.0))
_METRO_VIA = ("澜州站", "澜州客运中心站", "澜州市", "澜州东站", "文棹客运站", "澜州云棹机场")


def bus_lines(world: World) -> Iterator[Course]:
    """The bus lines that buses of the demo drive: loops from the stop at which they lay over round to it again."""
    for line in world.lines:
        halts, shape = _loop(world.network, line)
        if len(halts) > 2:
            yield Course(
                line=f"bus-{line.id}",
                name=line.name.zh,
                long_name=f"{halts[0].name}环线",
                route_type=3,
                direction=0,
                halts=halts,
                periods=_BUS,
                last_s=22 * HOUR,
                shape=shape,
            )


def _loop(network: Network, line: Line) -> tuple[tuple[Halt, ...], tuple[tuple[float, float], ...]]:
    until = np.cumsum(_edge_seconds(network, line.edges, _BUS_SHARE, _BUS_MOST_KMH))
    last = len(line.stops) - 1  # buses lay over at the last stop, where the loop closes
    halts = [_halt(network, line, last, 0)]
    for number in range(last + 1):
        gone = float(until[int(line.stops[number])])
        halts.append(_halt(network, line, number, round(gone + _BUS_DWELL_S * number)))
    return tuple(halts), _way(network, line.edges)


def _halt(network: Network, line: Line, number: int, seconds: int) -> Halt:
    node = int(network.edge_to[line.edges[int(line.stops[number])]])
    lon, lat = float(network.node_lon[node]), float(network.node_lat[node])
    return Halt(f"bus-{node}", line.stop_names[number].zh, round(lon, 6), round(lat, 6), seconds)


def metro_line(world: World) -> tuple[list[Station], list[Course]]:
    """One metro line of 澜州市, both directions, its stations named after the nearest bus stop."""
    named = {place.name.zh: (place.lon, place.lat) for place in world.places}
    via = [named[name] for name in _METRO_VIA if name in named]
    if len(via) < 2:
        return [], []
    points = _resampled(via, _METRO_APART_M)
    names = _station_names(world, points, dict(zip(_METRO_VIA, via, strict=False)))
    stations, halts, seconds = [], [], 0
    for number, ((lon, lat), name) in enumerate(zip(points, names, strict=True)):
        if number:
            seconds += round(float(haversine_m(*points[number - 1], lon, lat)) / (_METRO_KMH / 3.6)) + _METRO_DWELL_S
        station = f"metro-1-{number + 1:02}"
        doors = tuple((letter, *shifted((lon, lat), east, north)) for letter, east, north in _ENTRANCES)
        stations.append(Station(station, name, lon, lat, doors))
        halts.append(Halt(f"{station}-p", name, lon, lat, seconds, station))
    course = Course(
        line="metro-1",
        name="澜州地铁1号线",
        long_name=f"{names[0]}—{names[-1]}",
        route_type=1,
        direction=0,
        halts=tuple(halts),
        periods=_METRO,
        last_s=23 * HOUR,
        shape=tuple(points),
    )
    back = tuple(replace(halt, seconds=halts[-1].seconds - halt.seconds) for halt in reversed(halts))
    return stations, [course, replace(course, direction=1, halts=back, shape=tuple(reversed(points)))]


def coach_lines(world: World) -> Iterator[Course]:
    """Coaches from the main station of each city to the others and to its counties, by the quickest road."""
    stops = [place for place in world.places if place.kind == "coach_station"]
    mains = list({place.region[:4]: place for place in sorted(stops, key=lambda one: (-one.rank, -one.id))}.values())
    for main in mains:
        for other in stops:
            near = other.region[:4] == main.region[:4]
            if other is main or (not near and other not in mains):
                continue
            way = _quickest(world.network, main.node, other.node)
            if way is None:
                continue
            seconds = _edge_seconds(world.network, way, _COACH_SHARE, _COACH_MOST_KMH)
            yield Course(
                line=f"coach-{main.id}-{other.id}",
                name=f"{_short(main)}—{_short(other)}",
                long_name=f"{main.name.zh}—{other.name.zh}",
                route_type=200,
                direction=0,
                halts=(_station_halt(main, 0), _station_halt(other, round(float(seconds.sum())))),
                periods=_COACH,
                shape=_way(world.network, way),
            )


def _short(place: Place) -> str:
    for ending in ("客运中心站", "客运总站", "客运南站", "客运站"):
        if place.name.zh.endswith(ending):
            return place.name.zh.removesuffix(ending)
    return place.name.zh


def _station_halt(place: Place, seconds: int) -> Halt:
    return Halt(f"coach-{place.id}", place.name.zh, round(place.lon, 6), round(place.lat, 6), seconds)


def _edge_seconds(network: Network, edges: Any, share: float, most_kmh: float) -> Any:
    speed = np.minimum(network.edge_limit_kmh[edges] * share, most_kmh)
    return network.edge_length_m[edges] / (speed / 3.6)


def _way(network: Network, edges: Any) -> tuple[tuple[float, float], ...]:
    points = np.concatenate([network.line(int(edge)) for edge in edges])
    moved = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
    return tuple((round(float(lon), 6), round(float(lat), 6)) for lon, lat in points[moved])


def _quickest(network: Network, begin: int, end: int) -> list[int] | None:
    """Edges of the quickest way for a coach (Dijkstra 1959); None where there is none."""
    seconds = _edge_seconds(network, slice(None), _COACH_SHARE, _COACH_MOST_KMH)
    best, came, heap = {begin: 0.0}, {}, [(0.0, begin)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node == end:
            break
        if cost > best[node]:
            continue
        for edge in network.out_edge[network.out_start[node] : network.out_start[node + 1]]:
            target, total = int(network.edge_to[edge]), cost + float(seconds[edge])
            if total < best.get(target, math.inf):
                best[target], came[target] = total, int(edge)
                heapq.heappush(heap, (total, target))
    if end not in came:
        return None
    way, node = [], end
    while node != begin:
        way.append(came[node])
        node = int(network.edge_from[came[node]])
    return way[::-1]


def _resampled(via: Sequence[tuple[float, float]], apart_m: float) -> list[tuple[float, float]]:
    """Points along a line through given ones, which are kept, about so far apart."""
    points = [via[0]]
    for a, b in itertools.pairwise(via):
        count = max(1, round(float(haversine_m(*a, *b)) / apart_m))
        for step in range(1, count + 1):
            share = step / count
            points.append((round(a[0] + (b[0] - a[0]) * share, 6), round(a[1] + (b[1] - a[1]) * share, 6)))
    return points


def _station_names(
    world: World, points: Sequence[tuple[float, float]], known: dict[str, tuple[float, float]]
) -> list[str]:
    """The name of the place a station lies at, else of the nearest bus stop whose name is still free."""
    stops = [
        (name.zh, world.network.node_lon[node], world.network.node_lat[node])
        for line in world.lines
        for name, node in zip(line.stop_names, world.network.edge_to[line.edges[line.stops]], strict=True)
    ]
    names: list[str] = []
    _, stop_lon, stop_lat = (list(column) for column in zip(*stops, strict=True)) if stops else ([], [], [])
    for point in points:
        at_place = next((name for name, where in known.items() if haversine_m(*where, *point) < 50), None)
        if at_place is not None:
            names.append("市中心" if at_place.endswith("市") else at_place)
            continue
        nearest = np.argsort(haversine_m(stop_lon, stop_lat, *point), kind="stable")
        names.append(next((stops[i][0] for i in nearest if stops[i][0] not in names), f"{len(names) + 1}号站"))
    return names


def shifted(point: tuple[float, float], east_m: float, north_m: float) -> tuple[float, float]:
    """A place so far from another one."""
    lon = point[0] + east_m / (111_195.0 * math.cos(math.radians(point[1])))
    return round(lon, 6), round(point[1] + north_m / 111_195.0, 6)
