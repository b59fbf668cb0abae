"""The one door: `make(seed, scale)` builds the demo province from terrain to vehicles."""

from __future__ import annotations

import numpy as np
import shapely

from tongqu.kit.geometry import degrees
from tongqu.kit.world import (
    cover,
    fleet,
    frame,
    highways,
    image,
    lines,
    names,
    network,
    places,
    plan,
    regions,
    relief,
    roads,
    routing,
    streets,
    structures,
    water,
)
from tongqu.kit.world.relief import COARSE_M, KM
from tongqu.kit.world.values import (
    Floats,
    Geometry,
    Lake,
    Network,
    Region,
    Relief,
    River,
    Road,
    RoadClass,
    RoadLine,
    Structure,
    Water,
    World,
)
from tongqu.kit.world.ways import Book, Layout, pack_areas

PROVINCE = "99"


def make(seed: int = 7, scale: float = 1.0) -> World:
    """The province for a seed; `scale` changes only how many vehicles there are.

    Raises:
        ValueError: if `scale` is not above 0.
    """
    if not scale > 0:
        raise ValueError("scale must be above 0")
    terrain = relief.make(seed)
    wet = water.make(terrain, seed)
    parts = regions.make(terrain, wet, seed)
    layout = Layout(terrain.height, pack_areas([wet.sea, wet.rivers, *(lake.area for lake in wet.lakes)]))
    towns, built, drafts, found = _lay_roads(layout, terrain, wet, parts, seed)
    net = network.build(layout.ways, parts.regions)
    spots = places.fix(drafts, net, parts.regions)
    ways = routing.make(net, spots, towns, seed)
    drawn = shapely.transform(parts.drawn, _to_plane)
    keep = _keep(drawn, terrain)
    land = next(r for r in parts.regions if r.code == PROVINCE)
    bounds = frame.plane_bounds()
    return World(
        seed=seed,
        scale=scale,
        bounds=bounds,
        land_bounds=land.bbox,
        land=land.geometry,
        relief=Relief(terrain.height.values[::-1].astype(np.float32), bounds, relief.FINE_M),
        water=_water(wet, drawn),
        cover=cover.make(terrain, wet, built, parts.drawn, seed),
        regions=parts.regions,
        roads=_roads(layout.book, net),
        structures=_structures(found, parts.regions),
        network=net,
        places=spots,
        lines=lines.make(net, ways, layout.book.entries, towns, seed),
        routing=ways,
        fleet=fleet.make(spots, seed, scale),
        image_light=image.render(terrain, keep, image.LIGHT),
        image_dark=image.render(terrain, keep, image.DARK),
        image_bounds=bounds,
    )


def _lay_roads(
    layout: Layout, terrain: relief.Terrain, wet: water.PlaneWater, parts: regions.Partition, seed: int
) -> tuple[list[roads.Town], list[streets.Built], list[places.Draft], list[structures.Found]]:
    """All ways, in the order in which each can see what is there before it."""
    ground = roads.ground(terrain, wet, parts, seed)
    towns = roads.towns(terrain, wet, parts, seed)
    roads.long_roads(ground, layout, parts, seed)
    roads.county_roads(ground, layout, towns, parts, seed)
    site, axes = highways.make(layout, terrain, ground.lines, towns)
    built = [streets.built_up(terrain, layout, town, seed) for town in towns]
    drafts = places.draft(layout, site, terrain, wet, parts, towns, built, ground.lines)
    wide = [s.points[:, :2] for s in wet.streams if s.points[:, 2].max() > 40]
    for one in built:
        streets.make(layout, one, ground.lines, wide, seed)
    found = structures.name_all(layout, axes, towns, wet.sea)
    highways.finish(layout, axes)
    return towns, built, drafts, found


def _to_plane(points: Floats) -> Floats:
    return np.column_stack(frame.to_plane(points[:, 0], points[:, 1]))


def _keep(drawn: Geometry, terrain: relief.Terrain) -> Floats:
    """Opacity of the picture: full over what is drawn and its sea, fading inland beyond it."""
    x, y = relief.grid(COARSE_M)
    rough = shapely.simplify(drawn, 400.0)
    shapely.prepare(rough)
    inside = (shapely.contains_xy(rough, x, y) | (terrain.coast.at(x, y) < 300)).astype(float)
    for _ in range(3):  # three box blurs are nearly a Gaussian
        for axis in (0, 1):
            padded = np.pad(inside, [(6, 6) if k == axis else (0, 0) for k in (0, 1)], mode="edge")
            total = np.cumsum(padded, axis=axis)
            high = np.take(total, range(12, total.shape[axis]), axis=axis)
            low = np.concatenate((np.zeros_like(np.take(total, [0], axis=axis)),
                                  np.take(total, range(total.shape[axis] - 13), axis=axis)), axis=axis)  # fmt: skip
            inside = (high - low) / 13
    return np.clip(inside * 2.2, 0, 1)


def _water(wet: water.PlaneWater, drawn: Geometry) -> Water:
    """Water in degrees, rivers cut to what is drawn."""
    area = shapely.transform(shapely.intersection(wet.rivers, drawn), frame.lonlat_array)
    shapely.prepare(drawn)
    rivers = []
    for stream in wet.streams:
        if not drawn.intersects(shapely.LineString(stream.points[::8, :2])):
            continue
        line = shapely.LineString(stream.points[:, :2])
        inside = shapely.line_merge(shapely.intersection(line, shapely.buffer(drawn, 400)))
        whole = max(shapely.get_parts(inside), key=lambda part: part.length)
        order = 1 if stream is wet.streams[0] else 2 if stream.catchment_km2 > 800 else 3
        rivers.append(
            River(stream.name, shapely.transform(whole, frame.lonlat_array), round(whole.length / 1000, 1), order)
        )
    lakes = tuple(Lake(lake.name, shapely.transform(lake.area, frame.lonlat_array), lake.level_m) for lake in wet.lakes)
    lon, lat = frame.to_lonlat(np.array(plan.BAY_KM[0] * KM), np.array(plan.BAY_KM[1] * KM))
    sea = shapely.transform(wet.sea, frame.lonlat_array)
    return Water(sea, area, tuple(rivers), lakes, (round(float(lon), 5), round(float(lat), 5)), names.BAY)


def _roads(book: Book, net: Network) -> tuple[Road, ...]:
    once = np.where(net.edge_reverse >= 0, 0.5, np.where(net.edge_class == RoadClass.EXPRESSWAY, 0.5, 1.0))
    length = np.bincount(net.edge_road, weights=net.edge_length_m * once, minlength=len(book.entries))
    return tuple(
        Road(k, e.number, e.name, e.road_class, e.region, round(float(length[k]) / 1000, 3))
        for k, e in enumerate(book.entries)
    )


def _structures(found: list[structures.Found], counties: tuple[Region, ...]) -> tuple[Structure, ...]:
    result = []
    middles = np.array([frame.lonlat_array(f.line)[len(f.line) // 2] for f in found])
    owner = network.region_of(middles, counties)
    for k, one in enumerate(found):
        line = frame.lonlat_array(one.line)
        length = round(float(degrees.along(line[:, 0], line[:, 1])[-1]), 1)
        result.append(
            Structure(k, one.kind, one.name, one.road, counties[owner[k]].code, length, shapely.LineString(line))
        )
    return tuple(result)


def road_lines(world: World) -> tuple[RoadLine, ...]:
    """The roads to draw: edges of equal road, class, county and structure joined into long lines.

    A two-way road is there once; each carriageway, ramp and access lane by itself.
    """
    net = world.network
    groups: dict[tuple[int, int, int, bool, bool], list[int]] = {}
    for e in range(net.edges):
        if net.edge_reverse[e] < 0 or e < net.edge_reverse[e]:
            key = (int(net.edge_road[e]), int(net.edge_class[e]), int(net.edge_region[e]),
                   bool(net.edge_bridge[e]), bool(net.edge_tunnel[e]))  # fmt: skip
            groups.setdefault(key, []).append(e)
    found = []
    for (road, road_class, region, bridge, tunnel), edges in groups.items():
        merged = shapely.line_merge(shapely.MultiLineString([net.line(e) for e in edges]))
        for part in shapely.get_parts(merged):
            found.append(RoadLine(road, RoadClass(road_class), world.regions[region].code,
                                  bridge, tunnel, part))  # fmt: skip
    return tuple(found)
