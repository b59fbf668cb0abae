"""Shapes of regions in time, and which region holds a point."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel.geo import RegionIndex, check, end_region_shape, lookup, put_region_shape, region_shape
from tongqu.kernel.geo.tables import METADATA
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound

SYSTEM = system_actor("test")


def test_tables_are_what_the_migrations_make(store):
    with store.read(SYSTEM) as work:
        context = MigrationContext.configure(work.connection, opts={"version_table": "geo_version"})
        assert [one for one in compare_metadata(context, METADATA) if "geo_" in str(one)] == []


def wild_counties(seed: int) -> list[tuple[str, shapely.Polygon]]:
    """A coverage of counties with borders that bend at every step, an enclave in one, and the city round them."""
    random = np.random.default_rng(seed)
    seats = shapely.multipoints(random.random((9, 2)) * [2.0, 1.5] + [119.5, 27.0])
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=shapely.box(119.5, 27, 121.5, 28.5)))
    cells = shapely.segmentize(shapely.intersection(cells, shapely.box(119.5, 27, 121.5, 28.5)), 0.004)

    def bend(xy):  # two shears: neighbours stay neighbours, straight borders become waves
        x = xy[:, 0] + 0.01 * np.sin(xy[:, 1] * 90)
        return np.column_stack((x, xy[:, 1] + 0.01 * np.sin(x * 110)))

    bent = sorted(shapely.transform(cells[~shapely.is_empty(cells)], bend), key=shapely.area)
    enclave = bent[-1].representative_point().buffer(0.01)
    counties = [*bent[:-1], bent[-1].difference(enclave), enclave.union(shapely.box(122, 28, 122.1, 28.1))]
    named = [(f"9901{number:02d}", shape) for number, shape in enumerate(counties, 1)]
    return [("9901", shapely.union_all(counties).buffer(0.02)), *named]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**31))
def test_lookup_agrees_with_the_polygons(seed):
    shapes = wild_counties(seed)
    found = lookup.build(shapes)
    random = np.random.default_rng(seed)
    lon, lat = random.uniform(119.4, 122.2, 20_000), random.uniform(26.9, 28.6, 20_000)
    # and near the borders, where it is difficult
    border = shapely.get_coordinates([shape for _, shape in shapes])
    near = border[random.integers(0, len(border), 20_000)] + random.normal(0, 3e-4, (20_000, 2))
    lon, lat = np.concatenate((lon, near[:, 0])), np.concatenate((lat, near[:, 1]))
    expected = np.zeros(len(lon), dtype=np.int32)
    for code, shape in sorted(shapes, key=lambda pair: len(pair[0])):
        shapely.prepare(shape)
        expected[shapely.contains_xy(shape, lon, lat)] = int(code)
    assert np.array_equal(found.find(lon, lat), expected)
    assert 0 < (found.cells == -1).mean() < 0.1


def test_a_point_on_a_common_border_is_in_one_region():
    left, right = shapely.box(120, 28, 121, 29), shapely.box(121, 28, 122, 29)
    found = lookup.build([("990101", left), ("990102", right)])
    assert found.find(np.array([121.0, 120.0, np.nan]), np.array([28.5, 28.5, 28.5])).tolist() == [990102, 990101, 0]


def square(west: float, side: float = 1.0):
    return check(shapely.box(west, 28.0, west + side, 29.0))


def test_index_follows_the_stored_shapes(store, clock):
    index = RegionIndex(store)
    assert index.codes([120.5], [28.5]).tolist() == [0]
    assert index.place(120.5, 28.5) == ()
    with store.write(SYSTEM) as work:
        put_region_shape(work, "99", square(119, 5))
        put_region_shape(work, "990101", square(120))
    clock.advance(5_000)
    assert index.place(120.5, 28.5) == ("99", "9901", "990101")
    assert index.codes([120.5, 119.5, 10.0], [28.5, 28.5, 10.0]).tolist() == [990101, 99, 0]


def test_a_shape_that_begins_later_counts_from_then(store, clock):
    with store.write(SYSTEM) as work:
        put_region_shape(work, "990101", square(120))
        put_region_shape(work, "990101", square(121), valid_from_ms=clock.at_ms + 60_000)
    index = RegionIndex(store)
    assert index.codes([120.5, 121.5], [28.5, 28.5]).tolist() == [990101, 0]
    clock.advance(60_000)
    assert index.codes([120.5, 121.5], [28.5, 28.5]).tolist() == [0, 990101]
    with store.read(SYSTEM) as work:
        assert region_shape(work, "990101", at_ms=clock.at_ms - 1).valid_to_ms == clock.at_ms
        assert region_shape(work, "990101").valid_to_ms is None


def test_a_region_that_ends_has_no_shape_after(store, clock):
    with store.write(SYSTEM) as work:
        put_region_shape(work, "990101", square(120))
        end_region_shape(work, "990101", at_ms=clock.at_ms)
        with pytest.raises(NotFound, match="no_shape"):
            region_shape(work, "990101")
        with pytest.raises(NotFound, match="no_shape"):
            end_region_shape(work, "990101", at_ms=clock.at_ms)
        assert region_shape(work, "990101", at_ms=clock.at_ms - 1).geometry.bounds == (120, 28, 121, 29)


def test_a_region_is_an_area_with_a_code(store):
    with store.write(SYSTEM) as work:
        with pytest.raises(Invalid, match="not_an_area"):
            put_region_shape(work, "990101", check(shapely.Point(120, 28)))
        with pytest.raises(Invalid, match="bad_region"):
            put_region_shape(work, "99010", square(120))


def test_only_who_keeps_the_regions_there_gives_them_a_shape(store):
    keeper = Actor("p", "p", grants=(Grant("keeper", frozenset({"identity.regions"}), region="9901"),))
    with store.write(keeper) as work:
        put_region_shape(work, "990101", square(120))
        with pytest.raises(Forbidden, match="not_here"):
            put_region_shape(work, "990201", square(121))
        with pytest.raises(Forbidden, match="not_here"):
            end_region_shape(work, "990201", at_ms=0)
