"""Expressways: alignments over the terrain, carriageways, and interchanges with curved ramps."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.kit.world import contour, names, paths, plan
from tongqu.kit.world.relief import COARSE_M, KM, Terrain, grid, spline
from tongqu.kit.world.roads import Town
from tongqu.kit.world.values import Bytes, Floats, Name, RoadClass
from tongqu.kit.world.ways import Layout, Way

STEP_M = 60.0
MEDIAN_M = 14.0  # from the centre line to a carriageway
MOTORWAY_KMH, MOUNTAIN_KMH, RAMP_KMH, DIRECT_RAMP_KMH = 120.0, 100.0, 40.0, 60.0
RADIUS_M = 900.0  # smallest curve of an expressway
APART_M = 8.0 * KM  # between interchanges


@dataclass
class Axis:
    """Centre line of an expressway with points `STEP_M` apart, and the points where it has nodes."""

    road: int
    name: Name
    points: Floats
    altitude_m: Floats
    flags: Bytes
    limit_kmh: float
    structure: NDArray[np.int32]
    stations: set[int] = field(default_factory=set)
    busy: list[int] = field(default_factory=list)  # points around which no interchange may be built

    def side(self, left: bool) -> Floats:
        """Points of a carriageway: the right one in the order of the axis, the left one too."""
        return offset(self.points, MEDIAN_M if left else -MEDIAN_M)


@dataclass(frozen=True)
class Gate:
    """A toll station: where an expressway meets the ordinary network."""

    name: Name
    x: float
    y: float


@dataclass
class Site:
    """What the making of highways needs: the layout so far, the ordinary roads, the towns."""

    layout: Layout
    ordinary: list[Floats]
    towns: list[Town]
    gates: list[Gate] = field(default_factory=list)
    rests: list[Gate] = field(default_factory=list)
    motorways: list[Floats] = field(default_factory=list)

    def ramp(self, points: Floats, road: int, limit_kmh: float, road_class: RoadClass = RoadClass.RAMP) -> None:
        self.layout.add(points, road, road_class, limit_kmh, at_grade=False, oneway=True, toll=True)


def offset(points: Floats, by_m: float) -> Floats:
    """A line moved to its left by `by_m`, point by point."""
    tangent = np.gradient(points, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    return points + by_m * np.column_stack((-tangent[:, 1], tangent[:, 0]))


def bezier(p0: Floats, d0: Floats, p1: Floats, d1: Floats, pull: float = 0.45, step: float = 25.0) -> Floats:
    """Cubic curve from p0 leaving along d0 to p1 arriving along d1."""
    reach = float(np.hypot(*(p1 - p0)))
    a, b = p0 + d0 * reach * pull, p1 - d1 * reach * pull
    t = np.linspace(0, 1, max(6, int(reach * 1.2 / step)))[:, None]
    return (1 - t) ** 3 * p0 + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * p1


def _tangents(points: Floats) -> Floats:
    tangent = np.gradient(points, axis=0)
    result: Floats = tangent / np.hypot(*tangent.T)[:, None]
    return result


def _left(direction: Floats) -> Floats:
    return np.array((-direction[1], direction[0]))


def _cost(terrain: Terrain, towns: list[Town]) -> tuple[Floats, Floats]:
    """Grids for alignments: sea only for bridges, built-up ground to be passed by."""
    x, y = grid(COARSE_M)
    coast = terrain.coast.at(x, y)
    cost = np.where(coast < 0, 4.0, 1 + np.clip((700 - coast) / 350, 0, 2))
    for town in towns:
        near = np.hypot(x - town.x, y - town.y) / (town.radius_m + 1 * KM)
        cost += np.clip(1.5 - near, 0, 1) * (8 if town.seat else 2)
    return cost, np.maximum(terrain.height.at(x, y), 0) / COARSE_M


def _course(cost: Floats, height: Floats, stops: list[Floats], tunnel: float) -> Floats:
    """Cheapest way by the stops, as plane points."""
    rows, columns = cost.shape
    parts = [stops[0][None, :]]
    for a, b in pairwise(stops):
        cells = [min(max(int(p[1] / COARSE_M), 0), rows - 1) * columns + min(max(int(p[0] / COARSE_M), 0), columns - 1)
                 for p in (a, b)]  # fmt: skip
        goals = np.zeros(cost.size, np.uint8)
        goals[cells[1]] = 1
        _, parent, _, _ = paths.spread(cost, height, 30.0, tunnel, np.array(cells[:1], np.int32), goals)
        way = np.array(paths.trace(parent, cells[1])[1:-1], int)
        if len(way):
            parts.append(np.column_stack((way % columns + 0.5, way // columns + 0.5)) * COARSE_M)
        parts.append(b[None, :])
    return np.vstack(parts)


def _nearest_index(axis: Axis, point: Floats) -> int:
    return int(np.argmin(np.hypot(*(axis.points - point).T)))


def _align(site: Site, wish: plan.Expressway, axes: dict[str, Axis], grids: tuple[Floats, Floats]) -> Axis:
    """Alignment of one expressway; an end on another expressway stops short of it, square to it."""
    stops = [np.array(p, float) * KM for p in wish.stops]
    head = tail = np.empty((0, 2))
    if wish.begins_on:
        head = _approach(axes[wish.begins_on], stops[0], stops[1])
        stops[0] = head[-1]
    if wish.ends_on:
        tail = _approach(axes[wish.ends_on], stops[-1], stops[-2])[::-1]
        stops[-1] = tail[0]
    course = contour.resample(_course(*grids, stops, 1.2 if wish.mountain else 5.0), 200.0)
    course = contour.gaussian(course, 5.0)
    line = contour.resample(np.vstack((head[:-1], course, tail[1:])), STEP_M)
    line = _flatten_curves(contour.resample(contour.gaussian(line, 800.0 / STEP_M), STEP_M))
    sigma_m, low_m = (1500.0, 1000.0) if wish.mountain else (900.0, 0.0)
    altitude, flags = site.layout.profile(line, STEP_M, sigma_m=sigma_m, deck_m=28.0, cut_m=20.0, low_m=low_m)
    road = site.layout.book.add(wish.number, wish.name, RoadClass.EXPRESSWAY, "99")
    limit = MOUNTAIN_KMH if wish.mountain else MOTORWAY_KMH
    return Axis(road, wish.name, line, altitude, flags, limit, np.full(len(flags), -1, np.int32))


def _flatten_curves(line: Floats) -> Floats:
    """Smooth a line around its tightest curves until no radius is below `RADIUS_M`."""
    for _ in range(12):
        turn = np.abs(np.diff(np.unwrap(np.arctan2(*np.diff(line, axis=0).T[::-1])), prepend=0.0))
        turn[0] = 0.0
        tight = np.convolve(turn > STEP_M / RADIUS_M, np.ones(41), mode="same") > 0
        if not tight.any():
            break
        softer = contour.gaussian(line, 9.0)
        weight = contour.gaussian(np.append(tight, tight[-1]).astype(float)[:, None], 6.0)
        line = contour.resample(line + (softer - line) * np.clip(weight, 0, 1), STEP_M)
    return line


def _approach(parent: Axis, at: Floats, towards: Floats) -> Floats:
    """Points from 0.9 km to 2.3 km beside the parent, square to it, on the side of `towards`."""
    k = _nearest_index(parent, at)
    side = _left(_tangents(parent.points)[k])
    if np.dot(side, towards - parent.points[k]) < 0:
        side = -side
    return parent.points[k] + side * np.linspace(0.9 * KM, 2.3 * KM, 8)[:, None]


def _mirror(axis: Axis, k: int, flip: bool) -> tuple[Floats, Floats, Floats, int]:
    """The axis seen so that the branch lies to its right: near and far carriageway (both in axis order), index."""
    points = axis.points[::-1] if flip else axis.points
    return points, offset(points, -MEDIAN_M), offset(points, MEDIAN_M), len(points) - 1 - k if flip else k


def _station(axis: Axis, index: int, flip: bool) -> None:
    axis.stations.add(len(axis.points) - 1 - index if flip else index)


def branch_off(site: Site, main: Axis, branch: Axis, at_start: bool) -> None:
    """Four ramps between an expressway and one that begins (or ends) on it."""
    line = branch.points if at_start else branch.points[::-1]
    k = _nearest_index(main, line[0])
    flip = bool(np.dot(_left(_tangents(main.points)[k]), line[0] - main.points[k]) > 0)
    points, near, far, k = _mirror(main, k, flip)
    tangent, away = _tangents(points), _tangents(line)[0]
    out, back = offset(line, -MEDIAN_M)[0], offset(line, MEDIAN_M)[0]
    main.busy.append(_nearest_index(main, line[0]))
    branch.busy.append(0 if at_start else len(branch.points) - 1)
    road = site.layout.book.add("", Name(f"{branch.name.zh}匝道", f"{branch.name.en} ramp"), RoadClass.RAMP, "99")
    # exits leave their carriageway before the crossing, entries join it behind
    exit_near, enter_near, exit_far, enter_far = k - 13, k + 13, k + 9, k - 9
    for index in (exit_near, enter_near, exit_far, enter_far):
        _station(main, index, flip)
    curves = (
        bezier(near[exit_near], tangent[exit_near], out, away),
        bezier(back, -away, near[enter_near], tangent[enter_near]),
        bezier(far[exit_far], -tangent[exit_far], out, away, 0.5),
        bezier(back, -away, far[enter_far], -tangent[enter_far], 0.5),
    )
    for curve in curves:
        site.ramp(curve, road, DIRECT_RAMP_KMH)


# Ramps of a trumpet in metres: along the expressway, to its left; the toll station lies to the right.
_OUTER = ((12, -480), (12, -300), (13, -100), (12, 70), (0, 190), (-58, 270), (-165, 285), (-300, 225), (-450, 130))
_LOOP = (
    (130, 24),
    (20, 34),
    (-80, 46),
    (-150, 96),
    (-142, 172),
    (-85, 204),
    (-32, 172),
    (-14, 80),
    (-12, -120),
    (-12, -480),
)


def trumpet(site: Site, axis: Axis, k: int, flip: bool, target: Floats, name: Name) -> None:
    """An interchange with a loop, a toll station and a connection to an ordinary road at `target`."""
    points, near, far, k = _mirror(axis, k, flip)
    tangent = _tangents(points)
    origin, ahead = points[k], tangent[k]

    def at(u: float, v: float) -> Floats:
        return origin + u * ahead + v * _left(ahead)

    axis.busy.append(len(points) - 1 - k if flip else k)
    road = site.layout.book.add("", Name(f"{name.zh}互通匝道", f"{name.en} interchange ramp"), RoadClass.RAMP, "99")
    down = -_left(ahead)
    exit_near, enter_near, exit_far, enter_far = k - 11, k + 11, k + 6, k - 12
    for index in (exit_near, enter_near, exit_far, enter_far):
        _station(axis, index, flip)
    toll_out, toll_in, joint = at(-12, -480), at(12, -480), at(0, -640)
    outer = spline(np.vstack(([at(*p) for p in _OUTER], far[enter_far])), 25.0)
    loop = spline(np.vstack((far[exit_far], [at(*p) for p in _LOOP])), 20.0)
    for curve in (
        bezier(near[exit_near], tangent[exit_near], toll_out, down),
        bezier(toll_in, -down, near[enter_near], tangent[enter_near]),
        outer,
        loop,
        np.vstack((toll_out, at(-9, -560), joint)),
        np.vstack((joint, at(9, -560), toll_in)),
    ):
        site.ramp(curve, road, RAMP_KMH)
    link = site.layout.book.add("", Name(f"{name.zh}连接线", f"{name.en} link road"), RoadClass.COUNTY, "99")
    arrive = (target - joint) / max(float(np.hypot(*(target - joint))), 1.0)
    site.layout.add(bezier(joint, down, target, arrive, 0.3, 50.0), link, RoadClass.COUNTY, 60.0)
    site.gates.append(Gate(name, float(at(0, -500)[0]), float(at(0, -500)[1])))


def _sites_for_trumpets(site: Site, axis: Axis, tree: shapely.STRtree) -> list[tuple[float, int, bool, Floats, Town]]:
    """Possible places for interchanges, best first: a short link, flat open ground, a town near."""
    line = shapely.LineString(axis.points)
    tangent = _tangents(axis.points)
    town_xy = np.array([(t.x, t.y) for t in site.towns])
    found = []
    for k in range(40, len(axis.points) - 40, 8):
        if axis.flags[k - 16 : k + 16].any():
            continue
        for flip in (False, True):
            down = _left(tangent[k]) * (1 if flip else -1)
            foot = axis.points[k] + down * 900
            near = tree.query_nearest(shapely.Point(foot), max_distance=3.2 * KM, all_matches=False)
            if not len(near):
                continue
            target = shapely.get_coordinates(shapely.shortest_line(tree.geometries[near[0]], shapely.Point(foot)))[0]
            if np.dot(target - axis.points[k], down) < 760:
                continue
            if shapely.LineString((foot, target)).intersects(line):
                continue
            print_ = axis.points[k] + np.array(
                [a * tangent[k] + b * down for a in (-600, -300, 0, 300, 600) for b in (-280, 0, 300, 600)]
            )
            ground = site.layout.height.at(print_[:, 0], print_[:, 1])
            if site.layout.is_wet(print_).any() or np.ptp(ground) > 90:
                continue
            far = np.hypot(*(town_xy - axis.points[k]).T) - np.array([t.radius_m for t in site.towns])
            town = int(np.argmin(far))
            length = float(np.hypot(*(target - foot)))
            score = length / KM + 0.25 * max(far[town], 0) / KM + np.ptp(ground) / 60
            found.append((score, k, flip, target, site.towns[town]))
    return sorted(found, key=lambda f: (f[0], f[1]))


def _place_trumpets(site: Site, axis: Axis) -> None:
    tree = shapely.STRtree([shapely.LineString(line) for line in site.ordinary])
    taken: set[str] = {gate.name.zh for gate in site.gates}
    for _, k, flip, target, town in _sites_for_trumpets(site, axis, tree):
        if any(abs(k - other) * STEP_M < APART_M * (1.0 if other not in (0, len(axis.points) - 1) else 0.6)
               for other in axis.busy):  # fmt: skip
            continue
        name = names.gate_name(town.name, bool(town.seat), taken)
        taken.add(name.zh)
        trumpet(site, axis, k, flip, target, name)


def _service_areas(site: Site, axis: Axis) -> None:
    """Pairs of service areas in the middle of long stretches without an interchange."""
    stops = sorted({0, len(axis.points) - 1, *axis.busy})
    last = -(10**9)
    for a, b in pairwise(stops):
        k = next((m for m in _outwards((a + b) // 2, (b - a) // 4) if not axis.flags[m - 14 : m + 14].any()), None)
        if (b - a) * STEP_M < 10 * KM or k is None or (k - last) * STEP_M < 32 * KM:
            continue
        last = k
        name = names.SERVICE_AREAS[len(site.rests) // 2 % len(names.SERVICE_AREAS)]
        road = site.layout.book.add("", Name(f"{name.zh}服务区", f"{name.en} Service Area"), RoadClass.ACCESS, "99")
        for flip in (False, True):
            points, near, _, i = _mirror(axis, k, flip)
            tangent, left = _tangents(points)[i], _left(_tangents(points)[i])
            lot = [points[i] + u * tangent - v * left for u, v in ((-230, 72), (-60, 96), (60, 96), (230, 72))]
            first, second = i - 9, i + 9
            _station(axis, first, flip)
            _station(axis, second, flip)
            lane = spline(
                np.vstack(
                    (
                        near[first],
                        near[first] + 60 * tangent - 4 * left,
                        *lot,
                        near[second] - 60 * tangent - 4 * left,
                        near[second],
                    )
                ),
                22.0,
            )
            site.ramp(lane, road, 30.0, RoadClass.ACCESS)
            centre = points[i] - 110 * left
            site.rests.append(Gate(name, float(centre[0]), float(centre[1])))
        axis.busy.append(k)


def _outwards(middle: int, reach: int) -> list[int]:
    return [middle + s * d for d in range(0, max(reach, 1), 4) for s in (1, -1)]


def _finish_end(site: Site, axis: Axis, at_start: bool) -> None:
    """Where an expressway simply ends: both carriageways meet and a link leads to the nearest road."""
    line = axis.points if at_start else axis.points[::-1]
    inward = _tangents(line)[0]
    joint = line[0] - inward * 260
    right, left = offset(line, -MEDIAN_M)[0], offset(line, MEDIAN_M)[0]
    road = site.layout.book.add(
        "", Name(f"{axis.name.zh}终点连接线", f"{axis.name.en} terminal link"), RoadClass.COUNTY, "99"
    )
    site.ramp(bezier(joint, inward, right, inward), axis.road, DIRECT_RAMP_KMH)
    site.ramp(bezier(left, -inward, joint, -inward), axis.road, DIRECT_RAMP_KMH)
    tree = shapely.STRtree([shapely.LineString(way) for way in site.ordinary])
    near = tree.query_nearest(shapely.Point(joint - 300 * inward), max_distance=25 * KM, all_matches=False)
    if len(near):
        target = shapely.get_coordinates(
            shapely.shortest_line(tree.geometries[near[0]], shapely.Point(joint - 300 * inward))
        )[0]
        direction = (target - joint) / max(float(np.hypot(*(target - joint))), 1.0)
        site.layout.add(bezier(joint, -inward, target, direction, 0.3, 50.0), road, RoadClass.COUNTY, 60.0)


def _carriageways(layout: Layout, axis: Axis) -> None:
    n = len(axis.points)
    stations = tuple(sorted(axis.stations))
    limit = axis.limit_kmh
    shared = {"at_grade": False, "oneway": True, "toll": True}
    layout.ways.append(Way(axis.side(False), axis.road, RoadClass.EXPRESSWAY, limit, axis.altitude_m, axis.flags,
                         axis.structure, stations=stations, **shared))  # fmt: skip
    mirrored = tuple(sorted(n - 1 - s for s in stations))
    layout.ways.append(Way(axis.side(True)[::-1], axis.road, RoadClass.EXPRESSWAY, limit, axis.altitude_m[::-1],
                         axis.flags[::-1], axis.structure[::-1], stations=mirrored, **shared))  # fmt: skip


def make(layout: Layout, terrain: Terrain, ordinary: list[Floats], towns: list[Town]) -> tuple[Site, list[Axis]]:
    """All expressways with their ramps, gates and service areas; their carriageways come last, see `finish`."""
    site = Site(layout, ordinary, towns)
    grids = _cost(terrain, towns)
    axes: dict[str, Axis] = {}
    for wish in plan.EXPRESSWAYS:
        axis = _align(site, wish, axes, grids)
        axes[wish.key] = axis
        for parent, at_start in ((wish.begins_on, True), (wish.ends_on, False)):
            if parent:
                branch_off(site, axes[parent], axis, at_start)
            else:
                _finish_end(site, axis, at_start)
    for axis in axes.values():
        _place_trumpets(site, axis)
    for wish in plan.EXPRESSWAYS:
        if wish.rests:
            _service_areas(site, axes[wish.key])
    site.motorways = [axis.points for axis in axes.values()]
    return site, list(axes.values())


def finish(layout: Layout, axes: list[Axis]) -> None:
    """Lay the carriageways, once all their nodes and structures are known."""
    for axis in axes:
        _carriageways(layout, axis)
