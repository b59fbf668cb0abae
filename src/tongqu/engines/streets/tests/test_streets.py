"""Times and ways on real streets against a plain search that shares nothing with the engine but the rules of access."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tongqu.engines.streets import CYCLE, DRIVE, STEP_FREE, WALK, Profile, Streets, access, from_extract, search
from tongqu.kit.errors import Invalid
from tongqu.protocols import osm


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance."""
    lon_a, lat_a, lon_b, lat_b = map(math.radians, (*a, *b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(h))


class Plain:
    """A node-by-node Dijkstra over the file itself: no contraction, no arrays, no heap of ours."""

    def __init__(self, extract: osm.Extract, profile: Profile) -> None:
        bit = {"walk": access.WALK, "cycle": access.CYCLE, "drive": access.DRIVE}[profile.mode]
        self.at = {i: (float(extract.node_lon[i]), float(extract.node_lat[i])) for i in range(extract.nodes)}
        self.next: dict[int, list[tuple[int, float]]] = {}
        blocked = {node for node, tags in extract.node_tags.items() if access.block_of(tags) & self._mask(profile)}
        for way, tags in enumerate(extract.way_tags):
            use = access.use_of(tags)
            if profile.step_free and use.flags & access.UNEVEN:
                continue
            speed = profile.speed_ms / (profile.stairs_factor if use.flags & access.STEPS else 1.0)
            nodes = extract.nodes_of(way).tolist()
            for a, b in pairwise(nodes):
                seconds = metres(self.at[a], self.at[b]) / speed
                if use.access & bit and a not in blocked:
                    self.next.setdefault(a, []).append((b, seconds))
                if use.access & (2 * bit) and b not in blocked:
                    self.next.setdefault(b, []).append((a, seconds))

    @staticmethod
    def _mask(profile: Profile) -> int:
        return access.NODE_BIT[profile.mode] | (access.STEP_FREE_BLOCK if profile.step_free else 0)

    def seconds(self, a: int, b: int) -> float:
        best = {a: 0.0}
        heap = [(0.0, a)]
        while heap:
            key, node = heapq.heappop(heap)
            if node == b:
                return key
            if key > best[node]:
                continue
            for onward, cost in self.next.get(node, ()):
                if key + cost < best.get(onward, math.inf):
                    best[onward] = key + cost
                    heapq.heappush(heap, (key + cost, onward))
        return math.inf


def corners(streets: Streets, profile: Profile, count: int) -> np.ndarray:
    """Nodes of the graph where the profile may stand, as points."""
    prepared = streets.prepared(profile)
    nodes = np.unique(streets.graph.edge_from[prepared.usable])
    chosen = np.random.default_rng(11).choice(nodes, count, replace=False)
    return np.column_stack((streets.graph.node_lon[chosen], streets.graph.node_lat[chosen]))


@pytest.mark.parametrize("profile", [WALK, STEP_FREE], ids=["walk", "step_free"])
def test_walking_times_equal_a_plain_search(porto_alegre: Streets, extract: osm.Extract, profile: Profile) -> None:
    plain = Plain(extract, profile)
    index = {point: node for node, point in plain.at.items()}
    points = corners(porto_alegre, profile, 24)
    for a, b in zip(points[::2], points[1::2], strict=True):
        expected = plain.seconds(index[tuple(a.tolist())], index[tuple(b.tolist())])
        way = porto_alegre.route(tuple(a.tolist()), tuple(b.tolist()), profile)
        if math.isinf(expected):
            assert way is None, "the two lie in parts of the network that nothing joins"
            continue
        assert way is not None
        # the plain search measures on a sphere: it differs from the ellipsoid by up to half a percent
        assert way.duration_s == pytest.approx(expected, rel=6e-3, abs=1.0)


@pytest.mark.parametrize("profile", [WALK, STEP_FREE, CYCLE, DRIVE], ids=["walk", "step_free", "cycle", "drive"])
def test_a_way_takes_what_the_matrix_says_and_its_line_leads_from_end_to_end(
    porto_alegre: Streets, profile: Profile
) -> None:
    points = corners(porto_alegre, profile, 8) + 1e-4
    matrix = porto_alegre.times(points, points, profile)
    for i, j in [(0, 1), (2, 3), (4, 5), (6, 7), (1, 6)]:
        way = porto_alegre.route(tuple(points[i]), tuple(points[j]), profile)
        assert way is not None
        assert way.duration_s == pytest.approx(matrix[i, j], abs=1e-6)
        assert way.points[0] == pytest.approx(points[i]) and way.points[-1] == pytest.approx(points[j])
        drawn = sum(metres(tuple(a), tuple(b)) for a, b in pairwise(way.points))
        assert drawn == pytest.approx(way.length_m, rel=6e-3, abs=2.0)
        on_street = sum(step.duration_s for step in way.steps)
        assert on_street <= way.duration_s + 1e-6
        assert way.steps[0].manoeuvre in ("depart", "stairs") and way.steps[-1].manoeuvre == "arrive"


def test_walking_is_symmetric_and_keeps_the_triangle(porto_alegre: Streets) -> None:
    points = corners(porto_alegre, WALK, 30) + 2e-4
    matrix = porto_alegre.times(points, points)
    assert np.isfinite(matrix).all()
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)
    # over a third point it is never quicker, but for the walk between that point and its street and back
    off = 2 * porto_alegre.prepared(WALK).off_s(porto_alegre.prepared(WALK).stand(points[:, 0], points[:, 1]))
    over = matrix[:, :, None] + matrix[None, :, :] - off[None, :, None]
    assert (matrix[:, None, :] <= over + 1e-6).all()


def test_driving_obeys_one_ways_and_bans(porto_alegre: Streets) -> None:
    graph = porto_alegre.graph
    points = corners(porto_alegre, DRIVE, 20)
    matrix = porto_alegre.times(points, points, DRIVE)
    assert not np.allclose(matrix, matrix.T, atol=5.0)
    for a, b in zip(points[::2], points[1::2], strict=True):
        way = porto_alegre.route(tuple(a), tuple(b), DRIVE)
        assert way is not None
        for arc in way.arcs:
            bit = access.DRIVE * (2 if arc & 1 else 1)
            assert graph.edge_access[arc >> 1] & bit


def test_step_free_never_takes_steps_or_what_is_marked_impassable(porto_alegre: Streets) -> None:
    graph = porto_alegre.graph
    points = corners(porto_alegre, STEP_FREE, 60)
    stairs_on_foot = 0
    for a, b in zip(points[::2], points[1::2], strict=True):
        free = porto_alegre.route(tuple(a), tuple(b), STEP_FREE)
        usual = porto_alegre.route(tuple(a), tuple(b), WALK)
        assert usual is not None
        stairs_on_foot += any(graph.edge_flags[arc >> 1] & access.UNEVEN for arc in usual.arcs)
        if free is None:
            continue
        assert not any(graph.edge_flags[arc >> 1] & access.UNEVEN for arc in free.arcs)
        assert not any(step.manoeuvre == "stairs" for step in free.steps)
        assert free.duration_s >= usual.duration_s - 1e-6
    assert stairs_on_foot  # otherwise the test proves nothing


def test_swapped_coordinates_stand_nowhere(porto_alegre: Streets) -> None:
    lon, lat = -51.2177, -30.0277
    assert porto_alegre.stand(lon, lat).inside[0]
    assert not porto_alegre.stand(lat, lon).inside[0]
    assert porto_alegre.route((lat, lon), (lon, lat)) is None


def test_a_broken_file_is_refused(porto_alegre_file: Path, tmp_path: Path) -> None:
    whole = porto_alegre_file.read_bytes()
    (tmp_path / "half.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match=r"osm\.cut_short"):
        Streets.from_osm(tmp_path / "half.osm.pbf", cache_folder=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_the_cache_gives_back_what_was_computed(porto_alegre: Streets, porto_alegre_file: Path, tmp_path: Path) -> None:
    first = Streets.from_osm(porto_alegre_file, cache_folder=tmp_path)
    again = Streets.from_osm(porto_alegre_file, cache_folder=tmp_path)
    assert again.graph.names == porto_alegre.graph.names
    np.testing.assert_array_equal(again.graph.edge_length_m, porto_alegre.graph.edge_length_m)
    points = corners(porto_alegre, WALK, 80)
    walks = first.transfers(first.stops(points[:, 0], points[:, 1]), bound_s=900)
    kept = again.transfers(again.stops(points[:, 0], points[:, 1]), bound_s=900)
    np.testing.assert_array_equal(walks.to, kept.to)
    next(tmp_path.glob("graph-*")).write_bytes(b"not a file of numpy")
    assert Streets.from_osm(porto_alegre_file, cache_folder=tmp_path).graph.edges == first.graph.edges


def test_walks_between_stops_are_what_routes_say(porto_alegre: Streets) -> None:
    inside = corners(porto_alegre, WALK, 150) + 1.5e-4
    outside = np.array([[-51.05, -30.20], [-51.051, -30.201]])
    points = np.vstack((inside, outside))
    stops = porto_alegre.stops(points[:, 0], points[:, 1])
    assert stops.outside == 2
    walks = porto_alegre.transfers(stops, bound_s=1200)
    matrix = porto_alegre.times(points, points)
    seen = {}
    for a in range(len(stops)):
        for k in range(walks.first[a], walks.first[a + 1]):
            seen[a, int(walks.to[k])] = int(walks.seconds[k]), bool(walks.beeline[k])
    expected = {(a, b) for a, b in np.argwhere(matrix <= 1200).tolist() if a != b}
    assert {pair for pair, (_, beeline) in seen.items() if not beeline} == expected
    for (a, b), (seconds, beeline) in seen.items():
        if not beeline:
            assert 0 <= seconds - matrix[a, b] < 1.0
            assert math.ceil(porto_alegre.way_between(stops, a, b).duration_s - 1e-3) == seconds
    gap = metres(tuple(outside[0]), tuple(outside[1]))
    assert seen[150, 151] == (pytest.approx(gap * WALK.beeline_factor / 1.33, abs=2), True)


@pytest.mark.parametrize("leaving", [False, True])
def test_what_is_reached_is_what_the_way_takes(porto_alegre: Streets, leaving: bool) -> None:
    points = corners(porto_alegre, WALK, 400) + 1e-4
    stops = porto_alegre.stops(points[:, 0], points[:, 1])
    here = (-51.2177, -30.0277)
    around = porto_alegre.around(here, bound_s=900, leaving=leaving)
    reached = around.reach(stops)
    assert len(reached.stop) > 3
    for stop, seconds in zip(reached.stop.tolist(), reached.duration_s.tolist(), strict=True):
        way = porto_alegre.way_to_stop(here, stops, stop, leaving=leaving)
        read_off = around.way(stops, reached, stop)
        assert math.ceil(way.duration_s - 1e-3) == seconds
        assert read_off.duration_s == pytest.approx(way.duration_s)
        assert read_off.length_m == pytest.approx(way.length_m, rel=1e-6, abs=0.05)
        ends = (here, tuple(points[stop]))
        assert [tuple(read_off.points[0]), tuple(read_off.points[-1])] == list(ends[::-1] if leaving else ends)
        assert sum(step.duration_s for step in read_off.steps) <= way.duration_s + 1e-6
    far = porto_alegre.times(np.array([here]), points)[0]
    assert set(reached.stop.tolist()) == set(np.flatnonzero(far <= 900).tolist())


@pytest.mark.parametrize("profile", [WALK, STEP_FREE, CYCLE, DRIVE], ids=["walk", "step_free", "cycle", "drive"])
def test_searched_towards_its_goal_a_way_is_as_quick(porto_alegre: Streets, profile: Profile) -> None:
    points = corners(porto_alegre, profile, 40) + np.random.default_rng(3).uniform(-4e-4, 4e-4, (40, 2))
    matrix = porto_alegre.times(points, points, profile)
    for a, b in np.random.default_rng(4).integers(0, 40, (300, 2)).tolist():
        for bound_s in (np.inf, 1800.0):
            way = porto_alegre.route(tuple(points[a]), tuple(points[b]), profile, bound_s=bound_s)
            if np.isfinite(matrix[a, b]) and matrix[a, b] <= bound_s:
                assert way is not None and way.duration_s == pytest.approx(matrix[a, b], abs=1e-6)
            else:
                assert way is None


def test_what_was_searched_before_leaves_no_trace(porto_alegre: Streets) -> None:
    points = corners(porto_alegre, WALK, 200)
    stops = porto_alegre.stops(points[:, 0], points[:, 1])
    first = porto_alegre.around(tuple(points[0]), bound_s=600).reach(stops)
    porto_alegre.around(tuple(points[1]), bound_s=1800).reach(stops)
    again = porto_alegre.around(tuple(points[0]), bound_s=600).reach(stops)
    assert first.stop.tolist() == again.stop.tolist() and first.duration_s.tolist() == again.duration_s.tolist()


@pytest.mark.parametrize("profile", [WALK, CYCLE, DRIVE], ids=["walk", "cycle", "drive"])
def test_between_parts_that_nothing_joins_there_is_no_way(porto_alegre: Streets, profile: Profile) -> None:
    prepared = porto_alegre.prepared(profile)
    part = search.parts(prepared.steps.start, prepared.steps.to)
    edges = np.flatnonzero(prepared.usable)
    of = part[2 * edges] if prepared.by_turn else part[porto_alegre.graph.edge_from[edges]]
    largest, other = np.argsort(-np.bincount(of))[:2]
    assert (of == other).sum() > 10, "the extract holds streets that only others beyond its border join"
    nodes = [porto_alegre.graph.edge_from[edges[np.flatnonzero(of == which)[0]]] for which in (largest, other)]
    a, b = ((float(porto_alegre.graph.node_lon[k]), float(porto_alegre.graph.node_lat[k])) for k in nodes)
    assert np.isinf(porto_alegre.times(np.array([a]), np.array([b]), profile)).all()
    assert porto_alegre.route(a, b, profile) is None


def test_stations_are_entered_by_their_doors(porto_alegre: Streets) -> None:
    graph = porto_alegre.graph
    assert len(graph.door_lon) == 6
    lon, lat = graph.door_lon[:1] + 1e-3, graph.door_lat[:1]  # a station about a hundred metres from its entrances
    stops = porto_alegre.stops(lon, lat, doors_for=[0])
    assert stops.inside[0] and set(stops.door.tolist()) <= set(range(6)) and len(stops.spots) == 2
    way = porto_alegre.way_to_stop((float(lon[0]), float(lat[0]) + 3e-3), stops, 0)
    assert way.door_to in (0, 1)
    assert way.points[-2] == pytest.approx([graph.door_lon[way.door_to], graph.door_lat[way.door_to]])


# a small town drawn by hand, with one trap each

TOWN = """<osm version="0.6">
  <node id="1" lon="120.000" lat="27.000"/><node id="2" lon="120.001" lat="27.000"/>
  <node id="3" lon="120.002" lat="27.000"/><node id="4" lon="120.001" lat="27.003"/>
  <node id="5" lon="120.001" lat="26.995"/><node id="6" lon="120.002" lat="27.003"><tag k="barrier" v="bollard"/></node>
  <node id="7" lon="120.003" lat="27.001"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="西街"/></way>
  <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="东街"/></way>
  <way id="12"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="name" v="北路"/>
    <tag k="name:en" v="North Road"/></way>
  <way id="13"><nd ref="5"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
  <way id="16"><nd ref="1"/><nd ref="5"/><tag k="highway" v="residential"/></way>
  <way id="14"><nd ref="4"/><nd ref="6"/><nd ref="7"/><tag k="highway" v="residential"/></way>
  <way id="15"><nd ref="3"/><nd ref="7"/><tag k="highway" v="steps"/></way>
  <relation id="20"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/>
    <member type="way" ref="12" role="to"/><tag k="type" v="restriction"/>
    <tag k="restriction" v="no_left_turn"/></relation>
</osm>
"""
WEST, EAST, NORTH, SOUTH = (120.0003, 27.0), (120.0017, 27.0), (120.001, 27.0007), (120.001, 26.9993)


@pytest.fixture
def town(tmp_path: Path) -> Streets:
    path = tmp_path / "town.osm"
    path.write_text(TOWN, encoding="utf-8")
    return Streets(from_extract(osm.read(path)))


def test_a_forbidden_left_turn_is_not_made_by_car_but_on_foot(town: Streets) -> None:
    on_foot = town.route(WEST, NORTH, WALK)
    by_car = town.route(WEST, NORTH, DRIVE)
    assert on_foot is not None and [step.manoeuvre for step in on_foot.steps] == ["depart", "left", "arrive"]
    assert on_foot.steps[1].street == "北路" and on_foot.steps[1].street_en == "North Road"
    # straight on, turn back at the dead end (the bollard and the steps stop a car), then to the right
    assert by_car is not None and [way_of(town, arc) for arc in by_car.arcs] == [10, 11, 11, 12]
    assert by_car.length_m > 2 * on_foot.length_m
    assert town.times(np.array([WEST]), np.array([NORTH]), DRIVE)[0, 0] == pytest.approx(by_car.duration_s)


def test_one_ways_bind_cars_and_not_walkers(town: Streets) -> None:
    with_it = town.route(SOUTH, EAST, DRIVE)
    around = town.route(EAST, SOUTH, DRIVE)
    on_foot = town.route(EAST, SOUTH, WALK)
    assert with_it is not None and around is not None and on_foot is not None
    assert [way_of(town, arc) for arc in with_it.arcs] == [13, 11]
    assert [way_of(town, arc) for arc in around.arcs] == [11, 10, 16, 13]
    assert [way_of(town, arc) for arc in on_foot.arcs] == [11, 13]


def test_a_bollard_stops_cars_and_steps_stop_wheels(town: Streets) -> None:
    beyond = (120.0025, 27.002)
    by_car = town.route(NORTH, beyond, DRIVE)  # to the nearest street a car can come to, walked from there
    assert by_car is not None
    seventh = int(np.flatnonzero(town.graph.node_lon == 120.003)[0])
    assert all(seventh not in (town.graph.edge_from[a >> 1], town.graph.edge_to[a >> 1]) for a in by_car.arcs)
    on_foot = town.route(NORTH, beyond, WALK)
    assert on_foot is not None and [way_of(town, arc) for arc in on_foot.arcs] == [12, 14, 14]
    top = (120.00297, 27.00097)
    over_steps = town.route((120.002, 27.0), top, WALK)
    around = town.route((120.002, 27.0), top, STEP_FREE)
    assert over_steps is not None and over_steps.steps[0].manoeuvre == "stairs"
    assert around is not None and 15 not in {way_of(town, arc) for arc in around.arcs}


def test_along_one_edge_the_way_is_direct_unless_it_is_one_way(town: Streets) -> None:
    a, b = (120.001, 26.9993), (120.001, 26.9997)
    ahead = town.route(a, b, DRIVE)
    assert ahead is not None and ahead.arcs == (ahead.arcs[0],)
    around = town.route(b, a, DRIVE)
    assert around is not None and len(around.arcs) == 4 and around.arcs[0] == around.arcs[-1]
    back = town.route(b, a, WALK)
    assert back is not None and back.duration_s == pytest.approx(0.0004 * 110_800 / 1.33, rel=0.01)


def way_of(streets: Streets, arc: int) -> int:
    return int(streets.graph.edge_way[arc >> 1])
