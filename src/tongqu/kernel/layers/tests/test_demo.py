"""The demo's filling, over a province of four squares."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from PIL import Image

from tongqu.kernel.layers import demo
from tongqu.kernel.layers.base import BASE_LAYERS, PLACES, REGIONS, ROADS, WATER
from tongqu.kernel.layers.features import page_of
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.tests.support import SYSTEM
from tongqu.kernel.module import Module
from tongqu.kit.world.values import (
    Lake,
    Name,
    Network,
    Patch,
    Place,
    Region,
    River,
    Road,
    RoadClass,
    Water,
)

# Two counties of one city, one of another city, one of the neighbour province; the sea in the east touches two.
SQUARES = {
    "990101": shapely.box(120.0, 28.0, 120.1, 28.1),
    "990102": shapely.box(120.1, 28.0, 120.2, 28.1),
    "990201": shapely.box(120.1, 27.9, 120.2, 28.0),
    "980101": shapely.box(119.9, 28.0, 120.0, 28.1),
}
SEA = shapely.box(120.2, 27.9, 120.4, 28.1)
NAME = Name("澜江", "Lanjiang")


def region(code: str, level: str, parent: str | None, shape) -> Region:
    return Region(code, Name(code, code), level, parent, shape, shape.centroid.coords[0], shape.bounds, 1.0)


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (2, 2)).save(out, "PNG")
    return out.getvalue()


def network() -> Network:
    """One two-way road of two stretches, the second a bridge, and one way of an expressway."""
    ints, floats = np.int32, np.float64
    lines = [[(120.02, 28.05), (120.05, 28.05)], [(120.05, 28.05), (120.02, 28.05)], [(120.05, 28.05), (120.08, 28.05)],
             [(120.08, 28.05), (120.05, 28.05)], [(120.0, 28.02), (120.09, 28.02)]]  # fmt: skip
    points = np.array([point for line in lines for point in line])
    flags = {"edge_bridge": [0, 0, 1, 1, 0], "edge_tunnel": [0] * 5, "edge_toll": [0, 0, 0, 0, 1]}
    return Network(
        node_lon=np.zeros(5), node_lat=np.zeros(5), node_signal=np.zeros(5, bool),
        edge_from=np.zeros(5, ints), edge_to=np.zeros(5, ints), edge_length_m=np.ones(5),
        edge_class=np.array([RoadClass.COUNTY] * 4 + [RoadClass.EXPRESSWAY], np.uint8), edge_limit_kmh=np.ones(5),
        edge_road=np.array([0, 0, 0, 0, 1], ints), edge_region=np.array([3] * 5, ints),
        edge_reverse=np.array([1, 0, 3, 2, -1], ints), edge_structure=np.full(5, -1, ints),
        **{name: np.array(values, bool) for name, values in flags.items()},
        edge_phase=np.full(5, -1, np.int8), point_start=np.arange(0, 12, 2, dtype=ints),
        point_lon=points[:, 0].astype(floats), point_lat=points[:, 1].astype(floats),
        point_along_m=np.zeros(10), point_altitude_m=np.zeros(10),
        out_start=np.zeros(6, ints), out_edge=np.zeros(5, ints),
    )  # fmt: skip


@pytest.fixture
def world() -> SimpleNamespace:
    regions = [
        region("99", "province", None, shapely.union_all([SQUARES[c] for c in SQUARES if c.startswith("99")])),
        region("9901", "city", "99", SQUARES["990101"].union(SQUARES["990102"])),
        region("9902", "city", "99", SQUARES["990201"]),
        *[region(code, "county", code[:4], shape) for code, shape in SQUARES.items()],
    ]
    lake = Lake(Name("千渚湖水库", "Qianzhu Reservoir"), shapely.box(120.11, 28.01, 120.13, 28.03), 12.0)
    river = River(NAME, shapely.LineString([(120.0, 28.06), (120.2, 28.06)]), 20.0, 1)
    return SimpleNamespace(
        image_light=png(), image_dark=png(), image_bounds=(119.9, 27.9, 120.4, 28.1),
        cover=(Patch("forest", shapely.MultiPolygon([shapely.box(120.01, 28.01, 120.02, 28.02)])),),
        water=Water(SEA, shapely.box(120.0, 28.059, 120.2, 28.061), (river,), (lake,), (120.3, 28.0), NAME),
        regions=tuple(regions),
        roads=(Road(0, "X101", Name("青沙线", "Qingsha Road"), RoadClass.COUNTY, "990101", 6.0),
               Road(1, "G9901", Name("澜望高速", "Lanwang Expressway"), RoadClass.EXPRESSWAY, "99", 9.0)),
        network=network(),
        places=(Place(0, "port", Name("望汀港", "Wangting Port"), "990201", 120.15, 27.95, 0, 1,
                      shapely.box(120.14, 27.94, 120.16, 27.96)),
                Place(1, "toll_station", Name("澜滨收费站", "Lanbin Toll"), "990101", 120.01, 28.02, 0, 4, None)),
    )  # fmt: skip


@pytest.fixture
def filled(platform, world):
    platform.modules = (Module("layers", "tongqu.kernel.layers", "platform", layers=BASE_LAYERS),)
    demo.fill(platform, world)
    platform.service(Projector).catch_up()
    return platform


def stored(platform, layer):
    return {one["id"]: one for one in page_of(platform, SYSTEM, layer)}


def test_borders_are_lines_between_neighbours_by_the_level_they_part(filled):
    borders = {id_: one for id_, one in stored(filled, REGIONS).items() if id_.startswith("border")}
    assert {id_: one["properties"]["class"] for id_, one in borders.items()} == {
        "border:990101:990102": "county",
        "border:990102:990201": "city",
        "border:990101:980101": "province",
    }
    line = borders["border:990101:990102"]["geometry"]["coordinates"]
    assert sorted(line) == [[120.1, 28], [120.1, 28.1]]


def test_roads_are_drawn_once_with_number_class_and_structure(filled):
    roads = [one["properties"] for one in stored(filled, ROADS).values()]
    facts = sorted((road["ref"], road["class"], road["bridge"], road["rank"]) for road in roads)
    assert facts == [("G9901", "expressway", False, 8), ("X101", "county", False, 4), ("X101", "county", True, 4)]
    assert {road["name"] for road in roads} == {"青沙线", "澜望高速"}


def test_water_and_places_have_their_names_in_both_languages(filled):
    water = [one["properties"] for one in stored(filled, WATER).values()]
    names = {one["name_en"] for one in water if one["class"] == "label"}
    assert names == {"Lanjiang", "Qianzhu Reservoir"}
    kinds = {one["properties"]["name"]: one["properties"]["class"] for one in stored(filled, PLACES).values()}
    assert kinds == {"望汀港": "port", "澜滨收费站": "toll"}


def test_all_base_layers_are_there_to_be_drawn(filled):
    assert set(filled.service(Projector).known()) == {one.id for one in BASE_LAYERS if one.type == "mvt"}


def test_the_sea_goes_on_beyond_the_picture_and_the_land_does_not():
    """A bay in the east that reaches the edge, a coast that leaves by the south, and a pond inside."""
    coast = shapely.Polygon([(121, 27), (122, 27), (122, 29), (121.5, 29), (121.5, 28), (121, 27.5)])
    pond = shapely.union_all([shapely.box(120, 28, 120.1, 28.1), shapely.box(119, 27, 121, 27.002)])  # and a sliver
    opened = demo.open_sea(shapely.union_all([coast, pond]), (119.0, 27.0, 122.0, 29.0))
    inside = shapely.intersection(opened, shapely.box(119, 27, 122, 29))
    assert shapely.symmetric_difference(inside, shapely.union_all([coast, pond])).area < 1e-6
    for lon, lat in [(122.7, 28), (121.2, 26.3), (122.7, 26.3), (122.7, 29.7), (121.7, 29.7)]:
        assert opened.contains(shapely.Point(lon, lat))
    for lon, lat in [(120.5, 26.3), (118.3, 28), (121.2, 29.7), (120, 29.7), (118.3, 26.3), (125, 28)]:
        assert not opened.contains(shapely.Point(lon, lat))
