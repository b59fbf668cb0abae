"""The roads of the demo province as routes with stakes, and what stands along them; none of it real.

Kilometre stones stand where a surveyor would have put them, a little off what the line measures; G9901 has a long and a
short broken chain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from tongqu.domains.roads.joining import Joined, Piece, join
from tongqu.domains.roads.kinds import FacilityKind
from tongqu.domains.roads.service import facilities, network
from tongqu.domains.roads.values import Network, NewFacility, NewLink, NewRoute
from tongqu.kernel.geo import Geometry, Mark, NewLine, Route, StakePlace, check, format_stake, plain
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.geometry import geolines

if TYPE_CHECKING:
    from tongqu.kit.world.values import Floats, World

ACTOR = system_actor("demo")
AT_ONCE = 200
CHAINS = {"G9901": ((60_180.0, 59_800.0), (130_200.0, 130_820.0))}
"""Broken chains of a route: the stake arrived at, and the one that goes on. K60+000 is there twice, K130+500 is not
there."""

EXPRESSWAY, TRUNK = "expressway", "trunk"
SIGN_EVERY_M = {EXPRESSWAY: 9_000.0, TRUNK: 30_000.0}
CAMERA_EVERY_M = {EXPRESSWAY: 3_000.0, TRUNK: 12_000.0}
WEATHER_EVERY_M = {EXPRESSWAY: 15_000.0}
LONG_BRIDGE_M, LONG_TUNNEL_M = 2_000.0, 3_000.0


def fill(platform: Platform, world: World) -> None:
    """Links, routes with their calibration, then facilities by stake."""
    made = Network(
        "demo", "demo", "", tuple(_links(world)), tuple(demo_routes(world)), region=world.regions[0].code, drawn=False
    )
    network.take(platform, ACTOR, made)
    places = facilities.Places.of(platform)
    along = Along(places, world)
    news = list(along.all())
    for first in range(0, len(news), AT_ONCE):
        with platform.store.write(ACTOR) as work:
            facilities.register_many(work, places, news[first : first + AT_ONCE])


def _links(world: World) -> Iterator[NewLink]:
    net = world.network
    for edge in range(net.edges):
        back = int(net.edge_reverse[edge])
        if 0 <= back < edge:
            continue
        road = world.roads[int(net.edge_road[edge])]
        yield NewLink(
            origin=f"edge:{edge}",
            road_class=type(road.road_class)(int(net.edge_class[edge])).name.lower(),
            geometry=Geometry(shapely.LineString(net.line(edge))),
            number=road.number or None,
            name=road.name.zh or None,
            oneway=back < 0,
            limit_kmh=float(net.edge_limit_kmh[edge]),
            limit_back_kmh=None if back < 0 else float(net.edge_limit_kmh[back]),
            bridge=bool(net.edge_bridge[edge]),
            tunnel=bool(net.edge_tunnel[edge]),
            toll=bool(net.edge_toll[edge]),
        )


def demo_routes(world: World) -> Iterator[NewRoute]:
    """The numbered roads of a world as routes with their kilometre stones."""
    net = world.network
    order = np.argsort(net.edge_road, kind="stable")
    edges = np.split(order, np.cumsum(np.bincount(net.edge_road, minlength=len(world.roads)))[:-1])
    for road in world.roads:
        if not road.number:
            continue
        pieces = [
            Piece(net.line(int(edge)), bool(net.edge_reverse[edge] < 0))
            for edge in edges[road.id]
            if not 0 <= net.edge_reverse[edge] < edge
        ]
        lines = join(pieces)
        if lines:
            rng = np.random.default_rng((world.seed, road.id))
            marked = tuple(_calibrated(lines, rng, CHAINS.get(road.number, ())))
            kind = road.road_class.name.lower()
            yield NewRoute(road.number, road.region, road.name.zh, kind, marked, road.name.en)


def _calibrated(
    lines: Sequence[Joined], rng: np.random.Generator, chains: Sequence[tuple[float, float]]
) -> Iterator[NewLine]:
    """Lines with their stones; the second carriageway has them abreast of the first."""
    leading = [line for line in lines if line.direction != "down"]
    marks: list[tuple[Joined, list[Mark]]] = []
    stake, before = 0.0, None
    for line in leading:
        if before is not None:
            stake = float(np.ceil(stake + _apart(before[-1], line.points[0])))
        stones = _stones(line.length_m, stake, rng, chains if before is None else ())
        stake, before = stones[-1].ahead_m + line.length_m - stones[-1].along_m, line.points
        marks.append((line, stones))
    for line, stones in marks:
        yield NewLine(check(shapely.LineString(line.points)), line.direction, "", tuple(stones))
    for line in lines:
        if line.direction == "down":
            abreast = [mark for first, stones in marks for mark in _abreast(first, stones, line)]
            yield NewLine(check(shapely.LineString(line.points)), "down", "", network.rising(abreast))


def _stones(
    length_m: float, start_m: float, rng: np.random.Generator, chains: Sequence[tuple[float, float]]
) -> list[Mark]:
    """Kilometre stones along a line from a stake on, and marks at its broken chains."""
    stretch = 1.0 + rng.normal(0.0, 0.003)
    marks, ahead = [plain(0.0, start_m)], list(chains)
    while True:
        last = marks[-1]
        back = (last.ahead_m // 1_000 + 1) * 1_000
        mark = (back, back)
        if ahead and ahead[0][0] < back:
            mark = ahead.pop(0)
        along = last.along_m + (mark[0] - last.ahead_m) * stretch * (1.0 + rng.normal(0.0, 0.002))
        if along > length_m - 100.0:
            return marks
        marks.append(Mark(along, *mark))


def _abreast(first: Joined, stones: Sequence[Mark], line: Joined) -> list[Mark]:
    packed = geolines.pack([line.points])
    along = geolines.lengths_m(first.points[:, 0], first.points[:, 1])
    at = [mark.along_m for mark in stones]
    lon, lat = np.interp(at, along, first.points[:, 0]), np.interp(at, along, first.points[:, 1])
    feet = geolines.nearest(packed, lon, lat, reach_m=200.0)
    return [
        replace(mark, along_m=float(way))
        for mark, way, found in zip(stones, feet.along_m, feet.line, strict=True)
        if found >= 0
    ]


def _apart(one: Floats, other: Floats) -> float:
    return float(geolines.lengths_m(np.array([one[0], other[0]]), np.array([one[1], other[1]]))[-1])


@dataclass(frozen=True)
class _Stretch:
    """Where a structure begins and ends on its route."""

    route: Route
    name: str
    kind: str
    low_m: float
    high_m: float
    branch: str
    length_m: float


class Along:
    """Facilities of the demo province by stake."""

    def __init__(self, places: facilities.Places, world: World) -> None:
        self._locator = places.locator
        self._world = world
        self._view = places.locator.view()
        by_name = {(route.number, route.region): route for route in self._view.routes.values()}
        self._route_of = {road.id: by_name.get((road.number, road.region)) for road in world.roads if road.number}

    def all(self) -> Iterator[NewFacility]:
        stretches = list(self._structures())
        for one in stretches:
            yield NewFacility(one.kind, one.name, one.route.id, one.low_m, branch=one.branch, end_stake_m=one.high_m)
        yield from self._places("toll_station", FacilityKind.TOLL_STATION, 2_500.0)
        yield from self._places("service_area", FacilityKind.SERVICE_AREA, 800.0)
        yield from self._gantries()
        yield from self._every(FacilityKind.MESSAGE_SIGN, "情报板", SIGN_EVERY_M, 2_300.0, "both")
        yield from self._every(FacilityKind.CAMERA, "摄像机", CAMERA_EVERY_M, 700.0, "right")
        yield from self._every(FacilityKind.WEATHER_STATION, "气象站", WEATHER_EVERY_M, 5_100.0, "right")
        for one in stretches:
            if one.length_m > (LONG_BRIDGE_M if one.kind == "bridge" else LONG_TUNNEL_M) and not one.branch:
                middle = round((one.low_m + one.high_m) / 2) if one.kind == "bridge" else round(one.low_m) - 60
                yield from self._checked(FacilityKind.WEATHER_STATION, f"{one.name}气象站", one.route, middle)
                yield from self._checked(FacilityKind.CAMERA, f"{one.name}摄像机", one.route, middle)

    def _structures(self) -> Iterator[_Stretch]:
        for one in self._world.structures:
            route = self._route_of.get(one.road)
            if route is None:
                continue
            ends = [self._on(route, *one.geometry.coords[index][:2]) for index in (0, -1)]
            stakes = sorted(end.stake_m for end in ends if end is not None)
            if len(stakes) == 2 and stakes[1] - stakes[0] > 5.0:
                branch = next((end.branch for end in ends if end and end.branch), "")
                yield _Stretch(
                    route, one.name.zh, one.kind, math.ceil(stakes[0]), math.floor(stakes[1]), branch, one.length_m
                )

    def _places(self, of: str, kind: FacilityKind, within_m: float) -> Iterator[NewFacility]:
        for place in self._world.places:
            if place.kind != of:
                continue
            found = [
                one
                for one in self._locator.locate(place.lon, place.lat, within_m)
                if self._view.routes[one.route].road_class == EXPRESSWAY
            ]
            if found:
                one = found[0]
                side = "right" if one.offset_m > 0 else "left"
                yield NewFacility(kind.value, place.name.zh, one.route, round(one.stake_m), one.direction,
                                  branch=one.branch, side=side)  # fmt: skip

    def _gantries(self) -> Iterator[NewFacility]:
        """Between each two neighbouring toll stations of an expressway, one over each carriageway."""
        tolls: dict[int, list[float]] = {}
        for toll in self._places("toll_station", FacilityKind.TOLL_STATION, 2_500.0):
            tolls.setdefault(toll.route, []).append(toll.stake_m)
        for route_id, stakes in sorted(tolls.items()):
            route = self._view.routes[route_id]
            for number, (one, other) in enumerate(pairwise(sorted(stakes)), 1):
                for direction, word in (("up", "U"), ("down", "D")):
                    stake = round((one + other) / 2)
                    name = f"{route.number} {format_stake(stake)} 门架"
                    code = f"{route.number}-{number:03d}{word}"
                    yield from self._checked(FacilityKind.GANTRY, name, route, stake, direction, code=code)

    def _every(
        self, kind: FacilityKind, word: str, step_m: dict[str, float], first_m: float, side: str
    ) -> Iterator[NewFacility]:
        """Something at even distances, over or beside each carriageway in turn."""
        assert self._view.index is not None
        for track, (route_id, direction, _) in enumerate(self._view.index.tracks):
            route = self._view.routes[route_id]
            step = step_m.get(route.road_class)
            if step is None:
                continue
            start, end = self._view.index.track_start[track : track + 2]
            high = float(self._view.index.reach_high[start:end].max())
            shift = step / 2 if direction == "down" else 0.0
            for stake in np.arange(first_m + shift, high, step).round(-1):
                name = f"{route.number} {format_stake(float(stake))} {word}"
                where = side if direction != "down" or side == "both" else "left"
                yield from self._checked(kind, name, route, float(stake), direction, side=where)

    def _checked(
        self, kind: FacilityKind, name: str, route: Route, stake_m: float, direction: Any = "both", **more: Any
    ) -> Iterator[NewFacility]:
        """A facility where its stake has just one place: nothing is put up in a broken chain."""
        assert self._view.index is not None
        track = self._view.index.track_index((route.id, direction, ""))
        if track < 0:
            track = self._view.index.track_index((route.id, "up", ""))
        if track >= 0 and len(self._view.index.answers(track, stake_m)) == 1:
            yield NewFacility(kind.value, name, route.id, stake_m, direction, **more)

    def _on(self, route: Route, lon: float, lat: float) -> StakePlace | None:
        found = [one for one in self._locator.locate(lon, lat, 120.0) if one.route == route.id]
        return found[0] if found else None
