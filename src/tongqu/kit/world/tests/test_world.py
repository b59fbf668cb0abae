"""The province: the same for a seed, without gaps, connected, and where things should be."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image

from tongqu.kit.world import places, relief, world
from tongqu.kit.world.digest import fingerprint
from tongqu.kit.world.values import RoadClass, World

pytestmark = pytest.mark.xdist_group("world")

AGAIN = "from tongqu.kit.world import world, digest; print(digest.fingerprint(world.make(7, 1)))"


def test_the_same_seed_makes_the_same_province_in_another_process(province: World) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    run = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.strip() == fingerprint(province)


def test_another_seed_makes_another_coast() -> None:
    x, y = relief.grid(2_000.0)
    assert not np.array_equal(relief.coast_field(x, y, 7) > 0, relief.coast_field(x, y, 8) > 0)


def test_scale_must_be_positive() -> None:
    with pytest.raises(ValueError, match="scale"):
        world.make(7, 0)


# --- regions ---------------------------------------------------------------------------------------------------


def test_counties_tile_the_land(province: World) -> None:
    counties = [r for r in province.regions if r.level == "county"]
    own = [r.geometry for r in counties if r.code.startswith("99")]
    assert shapely.coverage_is_valid([r.geometry for r in counties])  # no overlap, no gap narrower than a point
    assert sum(g.area for g in own) == pytest.approx(province.land.area, rel=1e-9)
    assert shapely.symmetric_difference(shapely.union_all(own), province.land).area < 1e-9 * province.land.area


def test_every_point_of_land_is_in_exactly_one_county(province: World) -> None:
    rng = np.random.default_rng(1)
    w, s, e, n = province.land_bounds
    x, y = rng.uniform(w, e, 20_000), rng.uniform(s, n, 20_000)
    dry = shapely.contains_xy(province.land, x, y)
    counties = [r.geometry for r in province.regions if r.level == "county" and r.code.startswith("99")]
    times = np.sum([shapely.contains_xy(g, x, y) for g in counties], axis=0)
    assert dry.sum() > 5_000
    assert np.all(times[dry] == 1)
    assert np.all(times[~dry] == 0)


def test_no_county_has_slivers_beside_its_neighbours(province: World) -> None:
    counties = [r for r in province.regions if r.level == "county" and r.code.startswith("99")]
    for county in counties:
        others = shapely.union_all([r.geometry.boundary for r in counties if r is not county])
        for part in shapely.get_parts(county.geometry):
            if shapely.length(shapely.intersection(part.boundary, others)) > 0:
                assert part.area * 98.2 * 110.8 > 3, county.name.zh


def test_regions_form_a_tree_with_prefix_codes(province: World) -> None:
    by_code = {r.code: r for r in province.regions}
    assert by_code["99"].name.zh == "澜江省（虚构）"
    assert by_code["98"].name.zh == "沅北省（虚构）"
    assert {c: by_code[c].name.zh for c in ("9901", "9902", "9903")} == {
        "9901": "澜州市",
        "9902": "望汀市",
        "9903": "临岫市",
    }
    for region in province.regions:
        if region.parent is None:
            assert len(region.code) == 2
            continue
        parent = by_code[region.parent]
        assert region.code.startswith(parent.code)
        assert len(region.code) == len(parent.code) + 2
        assert shapely.difference(region.geometry, parent.geometry).area < 1e-9
        if region.code.startswith("99"):
            assert region.geometry.contains(shapely.Point(region.centre))
    counties = Counter(r.parent for r in province.regions if r.level == "county" and r.code.startswith("99"))
    assert all(4 <= n <= 6 for n in counties.values())


def test_water_and_land_do_not_overlap(province: World) -> None:
    assert shapely.intersection(province.water.sea, province.land).area < 1e-9
    for lake in province.water.lakes:
        assert lake.level_m > 0
        assert shapely.intersection(lake.geometry, province.water.river_area).area < 1e-8
    main = province.water.rivers[0]
    assert (main.name.zh, main.order) == ("澜江", 1)
    assert main.length_km > 100


def test_relief_has_mountains_in_the_west_and_sea_in_the_east(province: World) -> None:
    height = province.relief.height_m
    rows, columns = height.shape
    assert height[:, : columns // 4].mean() > 400
    assert height[:, -columns // 10 :].max() < 400
    assert (height[:, -columns // 10 :] < 0).mean() > 0.9
    w, s, e, n = province.relief.bounds
    peak_row, peak_column = np.unravel_index(np.argmax(height), height.shape)
    lon, lat = w + (e - w) * peak_column / columns, n - (n - s) * peak_row / rows
    assert not province.water.sea.contains(shapely.Point(lon, lat))


# --- roads -----------------------------------------------------------------------------------------------------


def reached(start: np.ndarray, order: np.ndarray, towards: np.ndarray, root: int) -> np.ndarray:
    seen = np.zeros(len(start) - 1, bool)
    seen[root] = True
    todo = [root]
    while todo:
        node = todo.pop()
        for k in order[start[node] : start[node + 1]]:
            if not seen[towards[k]]:
                seen[towards[k]] = True
                todo.append(int(towards[k]))
    return seen


def test_the_network_is_strongly_connected(province: World) -> None:
    net = province.network
    assert reached(net.out_start, net.out_edge, net.edge_to, 0).all()
    order = np.argsort(net.edge_to, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(net.edge_to, minlength=net.nodes))))
    assert reached(start, order, net.edge_from, 0).all()
    assert 15_000 <= net.edges <= 40_000


def test_the_adjacency_lists_each_edge_once_at_its_start(province: World) -> None:
    net = province.network
    assert np.array_equal(np.sort(net.out_edge), np.arange(net.edges))
    assert np.array_equal(net.edge_from[net.out_edge], np.repeat(np.arange(net.nodes), np.diff(net.out_start)))


def test_edges_are_as_long_as_their_geometry_on_the_ellipsoid(province: World) -> None:
    net, geod = province.network, pyproj.Geod(ellps="GRS80")
    for edge in range(0, net.edges, 97):
        line = net.line(edge)
        assert net.edge_length_m[edge] == pytest.approx(geod.line_length(line[:, 0], line[:, 1]), rel=1e-4, abs=0.01)
        assert net.point_along_m[net.point_start[edge + 1] - 1] == net.edge_length_m[edge]
    ends = np.column_stack((net.node_lon, net.node_lat))
    first, last = net.point_start[:-1], net.point_start[1:] - 1
    points = np.column_stack((net.point_lon, net.point_lat))
    assert np.array_equal(points[first], ends[net.edge_from])
    assert np.array_equal(points[last], ends[net.edge_to])
    assert net.edge_length_m.min() > 0


def test_a_two_way_road_has_the_same_line_both_ways(province: World) -> None:
    net = province.network
    there = np.flatnonzero(net.edge_reverse >= 0)
    assert np.array_equal(net.edge_reverse[net.edge_reverse[there]], there)
    for edge in there[::301]:
        assert np.array_equal(net.line(edge), net.line(net.edge_reverse[edge])[::-1])
    one_way = net.edge_reverse < 0
    assert np.all(one_way[np.isin(net.edge_class, (RoadClass.EXPRESSWAY, RoadClass.RAMP))])


def test_x101_names_two_roads_in_two_counties(province: World) -> None:
    roads = [road for road in province.roads if road.number == "X101"]
    assert len(roads) == 2
    assert len({road.region for road in roads}) == 2
    net = province.network
    for road in roads:
        inside = net.edge_length_m[net.edge_road == road.id]
        counties = {province.regions[k].code for k in net.edge_region[net.edge_road == road.id]}
        assert inside.sum() > 2_000
        assert road.region in counties
    lines = [shapely.MultiLineString([net.line(e) for e in np.flatnonzero(net.edge_road == r.id)]) for r in roads]
    assert not lines[0].intersects(lines[1])


def test_the_roads_everybody_asks_for(province: World) -> None:
    net = province.network
    numbers = {road.number: road for road in province.roads if road.number}
    trunk = numbers["G9901"]
    assert (trunk.name.zh, trunk.road_class) == ("澜望高速", RoadClass.EXPRESSWAY)
    cities = {province.regions[k].parent for k in net.edge_region[net.edge_road == trunk.id]}
    assert {"9901", "9902"} <= cities
    assert net.edge_toll[net.edge_road == trunk.id].all()
    s901 = numbers["S901"]
    assert len({int(k) for k in net.edge_region[net.edge_road == s901.id]}) >= 2
    bridge = next(s for s in province.structures if s.name.zh == "澜江口大桥")
    tunnel = next(s for s in province.structures if s.name.zh == "岫云岭隧道")
    assert bridge.road == trunk.id
    assert bridge.length_m > 1_500
    assert tunnel.length_m > 3_000
    assert province.water.sea.contains(bridge.geometry.interpolate(0.5, normalized=True))
    assert net.edge_bridge[net.edge_structure == bridge.id].all()
    assert net.edge_tunnel[net.edge_structure == tunnel.id].all()
    # both carriageways
    over = net.edge_length_m[net.edge_structure == bridge.id].sum()
    assert over == pytest.approx(2 * bridge.length_m, rel=0.02)


def test_roads_cross_water_on_bridges_only(province: World) -> None:
    net = province.network
    wet = shapely.union_all(
        [province.water.sea, province.water.river_area, *(k.geometry for k in province.water.lakes)]
    )
    shapely.prepare(wet)
    deep = shapely.buffer(wet, -0.0006)  # some 60 m: points stand that far apart
    shapely.prepare(deep)
    in_water = shapely.contains_xy(deep, net.point_lon, net.point_lat)
    bridge = np.repeat(net.edge_bridge, np.diff(net.point_start))
    assert in_water.sum() > 100
    assert not np.any(in_water & ~bridge)


def test_limits_and_classes_are_sane(province: World) -> None:
    net = province.network
    share = Counter(net.edge_class.tolist())
    assert set(share) == {int(c) for c in RoadClass}
    assert set(np.unique(net.edge_limit_kmh[net.edge_class == RoadClass.EXPRESSWAY])) <= {100.0, 120.0}
    assert net.edge_limit_kmh[net.edge_class != RoadClass.EXPRESSWAY].max() <= 80
    assert np.array_equal(net.edge_phase >= 0, net.node_signal[net.edge_to])
    assert not net.node_signal[net.edge_to[net.edge_class == RoadClass.EXPRESSWAY]].any()
    county = np.array([region.level == "county" for region in province.regions])
    assert county[net.edge_region].all()


def test_expressways_bend_gently_and_streets_do_not_leave_the_ground(province: World) -> None:
    net = province.network
    for edge in np.flatnonzero(net.edge_class == RoadClass.EXPRESSWAY):
        line = net.line(int(edge))
        heading = np.unwrap(np.arctan2(np.diff(line[:, 1]), np.diff(line[:, 0]) * 0.88))
        assert np.abs(np.diff(heading)).max(initial=0) < np.radians(8)
    assert net.point_altitude_m.min() >= 0
    step = np.diff(net.point_altitude_m)
    inside = np.ones(len(step), bool)
    inside[net.point_start[1:-1] - 1] = False
    run = np.maximum(np.diff(net.point_along_m), 20.0)
    assert np.quantile(np.abs(step[inside] / run[inside]), 0.99) < 0.25


def test_lines_to_draw_are_the_roads(province: World) -> None:
    lines = world.road_lines(province)
    net = province.network
    once = np.where(net.edge_reverse >= 0, 0.5, 1.0) * net.edge_length_m
    geod = pyproj.Geod(ellps="GRS80")
    drawn = sum(geod.geometry_length(one.geometry) for one in lines)
    assert drawn == pytest.approx(once.sum(), rel=1e-4)
    assert {one.road_class for one in lines} == set(RoadClass)


# --- places and pictures ---------------------------------------------------------------------------------------


def test_places_stand_at_the_network(province: World) -> None:
    kinds = Counter(place.kind for place in province.places)
    assert set(kinds) == set(places.KINDS)
    regions = {region.code for region in province.regions}
    net = province.network
    for place in province.places:
        assert place.region in regions
        far = np.hypot(
            (net.node_lon[place.node] - place.lon) * 98_000, (net.node_lat[place.node] - place.lat) * 110_700
        )
        assert far < 4_000, place.name.zh
    gates = {place.node for place in province.places}
    assert gates <= set(province.routing.goals.tolist())
    for port in (place for place in province.places if place.kind == "port"):
        assert shapely.distance(port.area, province.water.sea) < 0.01


def test_every_goal_is_reached_from_everywhere(province: World) -> None:
    net, routing = province.network, province.routing
    rng = np.random.default_rng(2)
    for goal in rng.integers(0, len(routing.goals), 12).tolist():
        assert (routing.next_out[goal] == 255).sum() == 1
        node, steps = int(rng.integers(net.nodes)), 0
        while node != routing.goals[goal]:
            node = int(net.edge_to[net.out_edge[net.out_start[node] + routing.next_out[goal, node]]])
            steps += 1
            assert steps < 3_000


def test_bus_lines_close(province: World) -> None:
    net = province.network
    assert {line.region for line in province.lines} >= {"9901", "9902", "9903"}
    for line in province.lines:
        assert np.array_equal(net.edge_to[line.edges], net.edge_from[np.roll(line.edges, -1)])
        assert len(line.stops) == len(line.stop_names) >= 3
        assert line.stops[-1] == len(line.edges) - 1


@pytest.mark.parametrize("which", ["image_light", "image_dark"])
def test_the_picture_shows_land_and_leaves_the_sea_open(province: World, which: str) -> None:
    picture = np.asarray(Image.open(io.BytesIO(getattr(province, which))))
    rows, columns, channels = picture.shape
    assert (columns, channels) == (2048, 4)
    w, s, e, n = province.image_bounds
    mercator = np.arctanh(np.sin(np.radians([s, n])))

    def opacity(lon: float, lat: float) -> int:
        row = (mercator[1] - np.arctanh(np.sin(np.radians(lat)))) / (mercator[1] - mercator[0]) * rows
        return int(picture[int(row), int((lon - w) / (e - w) * columns), 3])

    assert all(opacity(*r.centre) == 255 for r in province.regions if r.level == "city" and r.code.startswith("99"))
    assert opacity(e - 0.05, (s + n) / 2) == 0
    assert opacity(*province.water.bay) == 0
    bright = picture[..., :3][picture[..., 3] == 255].mean()
    assert bright > 200 if which == "image_light" else bright < 80


def test_land_cover_lies_on_land(province: World) -> None:
    cover = {patch.kind: patch.geometry for patch in province.cover}
    assert set(cover) == {"forest", "farmland", "urban", "tidal_flat"}
    for kind in ("forest", "farmland", "urban"):
        assert cover[kind].is_valid
        assert shapely.intersection(cover[kind], province.water.sea).area < 1e-6
    assert shapely.intersection(cover["urban"], cover["farmland"]).area < 1e-4
