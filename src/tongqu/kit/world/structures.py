"""Bridges and tunnels worth a name: found along the roads and written back to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from tongqu.kit.world import names
from tongqu.kit.world.highways import Axis
from tongqu.kit.world.roads import Town
from tongqu.kit.world.values import Floats, Name, RoadClass
from tongqu.kit.world.ways import BRIDGE, TUNNEL, Layout, runs

NOTABLE_M = {
    RoadClass.EXPRESSWAY: {BRIDGE: 700.0, TUNNEL: 500.0},
    RoadClass.TRUNK: {BRIDGE: 200.0, TUNNEL: 400.0},
    RoadClass.PROVINCIAL: {BRIDGE: 200.0, TUNNEL: 400.0},
    RoadClass.COUNTY: {BRIDGE: 600.0, TUNNEL: 400.0},
    RoadClass.ARTERIAL: {BRIDGE: 280.0, TUNNEL: 400.0},
}
_KIND = {BRIDGE: "bridge", TUNNEL: "tunnel"}


@dataclass(frozen=True)
class Found:
    """A structure in the plane."""

    kind: str
    name: Name
    road: int
    line: Floats


def name_all(layout: Layout, axes: list[Axis], towns: list[Town], sea: shapely.Geometry) -> list[Found]:
    """Name the notable structures; the arrays `structure` of axes and ways get their indices."""
    found: list[Found] = []
    taken = {names.GREAT_BRIDGE.zh, names.LONG_TUNNEL.zh}
    great, long = _longest(axes, layout, BRIDGE, sea), _longest(axes, layout, TUNNEL, None)
    roads = layout.book.entries
    stretches = [(axis.points, axis.flags, axis.structure, axis.road, RoadClass.EXPRESSWAY) for axis in axes]
    stretches += [(way.points, way.flags, way.structure, way.road, way.road_class)
                  for way in layout.ways if way.road_class in NOTABLE_M]  # fmt: skip
    for points, flags, structure, road, road_class in stretches:
        for flag, kind in _KIND.items():
            for a, b in runs(flags == flag):
                line = points[a : b + 1]
                length = float(np.hypot(*np.diff(line, axis=0).T).sum())
                if length < NOTABLE_M[road_class][flag]:
                    continue
                if great is not None and points is great[0] and (a, b) == great[1]:
                    name = names.GREAT_BRIDGE
                elif long is not None and points is long[0] and (a, b) == long[1]:
                    name = names.LONG_TUNNEL
                else:
                    base = (
                        roads[road].name if road_class == RoadClass.ARTERIAL else _town_at(towns, line[len(line) // 2])
                    )
                    name = names.structure_name(kind, base, taken)
                taken.add(name.zh)
                structure[a:b] = len(found)
                found.append(Found(kind, name, road, line))
    return found


def _longest(
    axes: list[Axis], layout: Layout, flag: int, over: shapely.Geometry | None
) -> tuple[Floats, tuple[int, int]] | None:
    """The longest run of a flag on any expressway (over water of `over`, if given)."""
    best, where = 0, None
    for axis in axes:
        for a, b in runs(axis.flags == flag):
            middle = shapely.Point(axis.points[(a + b) // 2])
            if b - a > best and (over is None or over.intersects(middle)):
                best, where = b - a, (axis.points, (a, b))
    return where


def _town_at(towns: list[Town], point: Floats) -> Name:
    town = min(towns, key=lambda t: (t.x - point[0]) ** 2 + (t.y - point[1]) ** 2)
    return Name(town.name.zh[:2], town.name.en.split()[0])
