"""What is drawn is what is stored: tiles read back by an independent reader."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel.geo import check
from tongqu.kernel.layers import Feature, generalise, mercator, put, remove
from tongqu.kernel.layers.cut import Grid, cut
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.tests import mvt
from tongqu.kernel.layers.tests.support import DENSE, OPEN, SCOPED, SYSTEM, line, person, point
from tongqu.kernel.layers.tiles import Tiles
from tongqu.kit.errors import NotFound, Unavailable

HERE = (120.6, 27.9)


def shown(platform, layer, z, at=HERE, *, actor=SYSTEM, at_ms=None):
    served = platform.service(Tiles).tile(actor, layer, mercator.tile_at(*at, z), at_ms)
    return mvt.read(gzip.decompress(served.gzipped))


def test_a_point_is_where_it_was_stored_with_its_properties(platform, draw):
    properties = {"name": "澜望高速", "lanes": 4, "wide": True, "limit": 0.5, "secret": "not declared"}
    draw(OPEN, Feature("p", point(*HERE), "town", properties))
    for z in (0, 5, 9, 12, 14):
        (found,) = shown(platform, OPEN, z)
        published = {"id": "p", "class": "town", "name": "澜望高速", "lanes": 4, "wide": True, "limit": 0.5}
        assert (found.layer, found.kind, found.properties) == ("layers.open", 1, published)
        ((x, y),) = found.parts[0]
        west, _, east, north = mercator.tile_at(*HERE, z).bounds_m
        side = (east - west) / 4096
        there = mercator.project_point(*HERE)
        assert (west + x * side, north - y * side) == pytest.approx(there, abs=side)


def test_absent_properties_are_left_out(platform, draw):
    draw(OPEN, Feature("p", point(*HERE), "town", {"name": None}))
    assert shown(platform, OPEN, 14)[0].properties == {"id": "p", "class": "town"}


def test_an_empty_place_is_an_empty_tile_and_a_strange_one_is_none(platform, draw):
    draw(OPEN, Feature("p", point(*HERE)))
    assert shown(platform, OPEN, 14, (0, 0)) == []
    for tile in (mercator.Tile(3, 8, 0), mercator.Tile(3, 0, -1), mercator.Tile(15, 0, 0), mercator.Tile(-1, 0, 0)):
        with pytest.raises(NotFound, match="no_tile"):
            platform.service(Tiles).tile(SYSTEM, OPEN, tile)


def many(count: int, seed: int = 3) -> list[Feature]:
    """Points around HERE, of two cities and two times."""
    random = np.random.default_rng(seed)
    return [
        Feature(
            str(i), point(*(np.array(HERE) + random.normal(0, 0.05, 2))), "stop", {"name": str(i)},
            region="9901" if i % 3 else "9902", valid_to_ms=None if i % 2 else 2_000_000,
        )
        for i in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("z", [0, 6, 7, 9, 10, 11])
def test_far_out_points_are_cells_of_density_that_count_them(platform, draw, z):
    draw(DENSE, *many(500))
    for actor, at_ms, expected in (
        (SYSTEM, 1_000_000, 500),
        (SYSTEM, 3_000_000, 250),
        (person(region="9902"), 1_000_000, len([i for i in range(500) if i % 3 == 0])),
    ):
        tiles = mercator.tiles_within((120.2, 27.5, 121.0, 28.3), z)
        found = {}
        for tile in tiles:
            served = platform.service(Tiles).tile(actor, DENSE, tile, at_ms)
            for one in mvt.read(gzip.decompress(served.gzipped)):
                assert one.properties.keys() == {"class", "count"} and one.properties["class"] == "density"
                ((x, y),) = one.parts[0]
                if 0 <= x < 4096 and 0 <= y < 4096:  # the edge of a tile shows its neighbour's cells too
                    place = (tile.x * 4096 + x, tile.y * 4096 + y)
                    assert place not in found, "a cell is drawn once"
                    found[place] = one.properties["count"]
        assert sum(found.values()) == expected
        assert len(found) <= 64 * 64 * len(tiles)


def test_near_by_points_are_themselves(platform, draw):
    draw(DENSE, *many(20))
    ids = {one.properties["id"] for one in shown(platform, DENSE, 12) if "id" in one.properties}
    assert ids and all("count" not in one.properties for one in shown(platform, DENSE, 12))


def test_before_it_is_made_a_layer_is_not_available(platform):
    with pytest.raises(Unavailable, match="building"):
        shown(platform, OPEN, 3)


def test_a_change_is_drawn(platform, draw):
    draw(OPEN, Feature("a", point(*HERE)), Feature("b", point(*HERE)))
    assert len(shown(platform, OPEN, 14)) == 2
    with platform.store.write(SYSTEM) as work:
        put(work, OPEN, [Feature("b", point(*HERE), "changed"), Feature("c", point(*HERE))])
        remove(work, OPEN, ["a", "nobody"])
    assert len(shown(platform, OPEN, 14)) == 2  # what was made is served until the new is there
    assert platform.service(Projector).catch_up() == [OPEN.id]
    assert {one.properties["id"]: one.properties["class"] for one in shown(platform, OPEN, 14)} == {
        "b": "changed",
        "c": "",
    }
    assert platform.service(Projector).catch_up() == []


def test_features_are_there_for_their_time(platform, draw, clock):
    now = clock.at_ms
    draw(
        OPEN,
        Feature("old", point(*HERE), valid_to_ms=now + 1000),
        Feature("new", point(*HERE), valid_from_ms=now + 1000),
    )
    at = {ms: [one.properties["id"] for one in shown(platform, OPEN, 14, at_ms=ms)] for ms in (now, now + 1000)}
    assert at == {now: ["old"], now + 1000: ["new"]}
    assert shown(platform, OPEN, 14)[0].properties["id"] == "old"
    clock.advance(1000)  # nothing was written, yet the cached tile no longer holds
    assert shown(platform, OPEN, 14)[0].properties["id"] == "new"


def test_features_appear_at_their_zoom(platform, draw):
    draw(OPEN, *[Feature(f"{zoom}", point(*HERE), min_zoom=zoom) for zoom in (0, 6, 9, 10, 14)])
    counts = [len(shown(platform, OPEN, z)) for z in range(15)]
    assert counts == [1] * 6 + [2] * 3 + [3] + [4] * 4 + [5]


def test_lower_ranks_lie_below(platform, draw):
    draw(OPEN, *[Feature(f"{rank}", point(*HERE), rank=rank) for rank in (3, 1, 2)])
    assert [one.properties["id"] for one in shown(platform, OPEN, 14)] == ["1", "2", "3"]


def test_lines_of_one_road_are_joined_far_out(platform, draw):
    lon, lat = 120.45, 27.9  # well inside one tile of zoom 9
    stops = [(round(lon + i * 0.02, 7), lat) for i in range(11)]
    parts = [line(*stops[i : i + 2]) for i in range(10)]
    draw(OPEN, *[Feature(f"{i}", part, "road", {"name": "G9901", "lanes": i}) for i, part in enumerate(parts)])
    near, far = (shown(platform, OPEN, z, (lon + 0.1, lat)) for z in (11, 9))
    assert len(near) > 5
    assert all("lanes" in one.properties for one in near)
    (joined,) = far
    # what differs among the parts must not be said of the whole
    assert joined.properties == {"class": "road", "name": "G9901"}
    assert len(joined.parts) == 1
    assert len(joined.parts[0]) == 2


def test_what_is_smaller_than_a_pixel_is_left_out(platform, draw):
    draw(
        OPEN, Feature("pond", check(shapely.Point(*HERE).buffer(0.0002))), Feature("path", line(HERE, (120.6002, 27.9)))
    )
    assert [len(shown(platform, OPEN, z)) for z in (7, 10, 14)] == [0, 0, 2]


def wild_area(points: int) -> shapely.Polygon:
    """An area with a coast of so many points and a hole."""
    import numpy as np

    random, turn = np.random.default_rng(5), np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = 0.4 + 0.05 * np.sin(turn * 7) + 0.01 * np.sin(turn * 90) + random.normal(0, 1e-4, points)
    ring = np.column_stack((HERE[0] + radius * np.cos(turn), HERE[1] + radius * np.sin(turn)))
    return shapely.Polygon(ring, [shapely.Point(*HERE).buffer(0.05).exterior.coords])


@pytest.mark.parametrize("z", [5, 9, 12, 14])
def test_a_large_area_covers_in_tiles_what_it_covers(platform, draw, z):
    area = wild_area(4000)
    draw(OPEN, Feature("sea", check(area)))
    plane = mercator.project(area)
    for lon, lat in [(120.6, 27.9), (120.6, 28.0), (120.9, 27.9), (120.99, 27.93), (120.25, 27.6), (121.2, 27.9)]:
        tile = mercator.tile_at(lon, lat, z)
        expected = plane.intersection(shapely.box(*tile.bounds_m)).area
        west, _, east, _ = tile.bounds_m
        square = shapely.box(0, 0, 4096, 4096)
        rings = [shapely.Polygon(part) for one in shown(platform, OPEN, z, (lon, lat)) for part in one.parts]
        drawn = shapely.unary_union([]) if not rings else rings[0]
        for ring in rings[1:]:  # even-odd: a hole is a ring inside
            drawn = drawn.symmetric_difference(ring)
        area_drawn = drawn.intersection(square).area * ((east - west) / 4096) ** 2
        pixel_m2 = mercator.pixel_m(generalise.level_of(z).last if z < 14 else z) ** 2
        assert area_drawn == pytest.approx(expected, rel=0.02, abs=40 * pixel_m2)


def test_a_cut_area_reaches_over_the_edges_of_its_tile_so_that_no_seam_shows(platform, draw):
    draw(OPEN, Feature("sea", check(wild_area(4000))))
    for z in (8, 10, 12, 14):  # zooms that areas are cut at
        (sea,) = shown(platform, OPEN, z, (120.8, 27.95))
        x, y = zip(*[point for part in sea.parts for point in part], strict=True)
        if z == 14:
            assert (min(x), min(y), max(x), max(y)) == (-64, -64, 4160, 4160)
        assert min(*x, *y) == -64 or max(*x, *y) == 4160


coordinates = st.integers(0, 10_000).map(lambda number: number / 10_000)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.sampled_from([0, 1 / 64, 0.2]), st.lists(st.tuples(coordinates, coordinates), min_size=3))
def test_cut_loses_nothing_and_adds_nothing(depth, margin, corners):
    shape = shapely.MultiPoint(corners).buffer(0.03).union(shapely.LineString(corners).buffer(0.01))
    grid = Grid(0, 0, 1, 1, depth, margin / 2**depth)
    pieces = cut([shape, shapely.LineString(corners)], grid)
    area = pieces[pieces.owner == 0]
    world = shapely.box(0, 0, 1, 1)
    inner = shapely.intersection(area.shape, Grid(0, 0, 1, 1, depth).boxes(depth, area.column, area.row))
    assert shapely.area(inner).sum() == pytest.approx(shape.intersection(world).area, rel=1e-9, abs=1e-12)
    assert shapely.union_all(area.shape).difference(shape.buffer(1e-9)).area == pytest.approx(0, abs=1e-9)
    boxes = grid.boxes(depth, area.column[area.whole], area.row[area.whole])
    assert shapely.covers(shape, boxes).all()


def test_an_actor_who_sees_nothing_gets_an_empty_tile_from_a_full_layer(platform, draw):
    from tongqu.kernel.layers.tests.support import person

    draw(SCOPED, Feature("a", point(*HERE), region="990101"))
    assert len(shown(platform, SCOPED, 14)) == 1
    assert shown(platform, SCOPED, 14, actor=person(region="9902")) == []
