"""The search box: part of a name, best first, nothing that is not one's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tongqu.kernel import things
from tongqu.kernel.module import Module
from tongqu.kernel.things import Hit, Locate, New, Search
from tongqu.kernel.things.tests.conftest import TERMINAL, TRIPS, VEHICLE, reader
from tongqu.kernel.web.caller import Authenticate


@pytest.fixture
def filled(registry):
    with registry.write() as work:
        things.mint_many(
            work,
            VEHICLE,
            [
                New("澜A·D12345", organisation=registry.north, region="9901", aliases=(("plate", "澜AD12345 green"),)),
                New("澜A·12345", organisation=registry.north, region="9901", aliases=(("vin", "LD12345XX"),)),
                New("澜B·12345", organisation=registry.south, region="9902"),
                New("100%_纯电", organisation=registry.south, region="9902"),
            ],
        )
        things.mint(work, TERMINAL, "D12345", organisation=registry.north, region="9901")
        gone = things.mint(work, VEHICLE, "D1234", organisation=registry.north, region="9901")
        things.retire(work, gone.urn)
    return registry


def titles(registry, q, actor=None, **more):
    with registry.read(actor or reader(region="99")) as work:
        return [hit.title for hit in things.search(work, registry.platform.modules, q, **more)]


def test_equal_comes_before_beginning_before_containing(filled):
    found = titles(filled, "d12345")
    assert found[0] == "D12345"
    assert set(found[1:]) == {"澜A·D12345", "澜A·12345"}
    assert titles(filled, "澜ad")[0] == "澜A·D12345"
    assert titles(filled, "ld12345", limit=1) == ["澜A·12345"]
    assert len(titles(filled, "12345", limit=2)) == 2


@pytest.mark.parametrize("q", ["澜A·D12345", "澜ad 12345", "AD123", "Ｄ12345GREEN"])
def test_a_plate_is_found_by_any_part_however_it_is_typed(filled, q):
    assert "澜A·D12345" in titles(filled, q)


@pytest.mark.parametrize(("q", "found"), [("%", ["100%_纯电"]), ("_", ["100%_纯电"]), ("", []), ("· ", []), ("\\", [])])
def test_signs_of_the_query_language_are_plain_signs(filled, q, found):
    assert titles(filled, q) == found


def test_nothing_of_others_and_nothing_retired_is_found(filled):
    assert titles(filled, "12345", reader(region="9902")) == ["澜B·12345"]
    assert titles(filled, "12345", reader(organisation=filled.south)) == ["澜B·12345"]
    assert sorted(titles(filled, "D1234", limit=50)) == ["D12345", "澜A·12345", "澜A·D12345"]
    without = reader(region="99")
    without = replace(without, grants=(replace(without.grants[0], permissions=frozenset({"other.read"})),))
    assert titles(filled, "12345", without) == []


def test_the_page_gets_labels_places_and_what_modules_find(filled, http):
    seen = []

    def find(work, q, limit):
        seen.append((q, limit))
        twice = things.find(work, VEHICLE, "plate", "澜AD12345 green")
        return [
            Hit(twice.urn, "vehicle", "twice"),
            Hit("urn:tongqu:road:G9901", "road", "G9901", lon=1.0, lat=2.0, label={"zh": "公路", "en": "Road"}),
        ]

    platform = filled.platform
    roads = Module(id="roads", package="tongqu.kernel.things", field="infrastructure", searches=(Search("r.x", find),))
    platform.modules = (*platform.modules, roads)
    platform.provide(lambda connection: reader(region="99"), Authenticate)
    platform.provide(Locate(lambda urns: {urn: (113.5, 28.25) for urn in urns if "vehicle" in urn}))
    items = http(platform).get("/api/v1/search?q=AD12345&limit=5").json()["items"]
    assert [item["title"] for item in items] == ["澜A·D12345", "G9901"]
    assert seen == [("AD12345", 4)]
    first, road = items
    assert (first["lon"], first["lat"], first["subtitle"], first["region"]) == (113.5, 28.25, "北线运输", "9901")
    assert (road["lon"], road["kind_label"]) == (1.0, {"zh": "公路", "en": "Road"})
    assert first["kind_label"]["zh"] == "对象", "a kind without a text of its own"
    assert TRIPS in platform.modules


def test_an_owner_one_may_not_see_is_not_named(filled):
    with filled.write() as work:
        things.mint(work, VEHICLE, "驻外车", organisation=filled.north, region="9902")
    with filled.read(reader(region="9902")) as work:
        (hit,) = things.search(work, (), "驻外车")
    assert hit.subtitle is None


@pytest.mark.parametrize("query", ["q=" + "x" * 201, "limit=0", "limit=101", "limit=x"])
def test_a_query_out_of_bounds_is_refused(filled, http, query):
    filled.platform.provide(lambda connection: reader(region="99"), Authenticate)
    assert http(filled.platform).get(f"/api/v1/search?{query}").status_code == 422
