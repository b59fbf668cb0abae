"""Real extracts: what is taken equals what pyosmium counts by itself, and broken files say what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest

from tongqu.domains.roads import store
from tongqu.domains.roads.tests.conftest import ROOT
from tongqu.kernel import geo
from tongqu.kernel.platform import Platform
from tongqu.kit.errors import Invalid

DRIVEN = {
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "road",
    "service", "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link",
}  # fmt: skip


def counted(path: Path) -> tuple[int, Counter[str], int]:
    """Ways for motor traffic with at least two nodes in the file, their highways, and those with a plain posted
    limit."""
    ways, limited, highways = 0, 0, Counter[str]()
    for way in osmium.FileProcessor(str(path)).with_locations():
        if not way.is_way() or way.tags.get("highway") not in DRIVEN:
            continue
        if sum(node.location.valid() for node in way.nodes) < 2:
            continue
        ways += 1
        highways[way.tags["highway"]] += 1
        limited += way.tags.get("maxspeed", "").isdigit()
    return ways, highways, limited


@pytest.mark.parametrize("name", ["roads/osm/liechtenstein-latest.osm.pbf", "travel/poa/poa_osm.pbf"])
def test_every_driven_way_is_a_link(
    name: str, data_dir: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    path = data_dir / name
    ways, highways, limited = counted(path)
    report = load(path, region="99")
    assert report["taken"]["links"] + report["refused"].get("links", 0) == ways > 1_000
    assert report["refused"].get("links", 0) == 0
    with platform.store.read(ROOT) as work:
        by_class = store.links_of_class(work)
        assert sum(n for n, _ in by_class.values()) == ways
        assert by_class["provincial"][0] == highways["primary"]
        assert len(store.limited_links(work)) >= limited


def test_routes_of_liechtenstein_have_their_numbers(
    data_dir: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    """L191, L60, L61 and 16 are routes by their relations or refs; without stakes they say so."""
    path = data_dir / "roads/osm/liechtenstein-latest.osm.pbf"
    report = load(path, region="99")
    with platform.store.read(ROOT) as work:
        numbers = {route.number for route in geo.all_routes(work)}
    assert {"L191", "L60", "L61", "16"} <= numbers
    assert report["flagged"]["routes"] == len(numbers)
    assert {problem.code for problem in report["problems"]} >= {"roads.no_stakes"}


def test_numbers_in_no_known_region_are_asked_about_and_the_links_live(
    data_dir: Path, load: Callable[..., dict[str, Any]]
) -> None:
    report = load(data_dir / "roads/osm/liechtenstein-latest.osm.pbf")
    assert report["taken"]["routes"] == 0 and report["refused"]["routes"] > 0 and report["taken"]["links"] > 1_000
    assert "roads.region_needed" in {problem.code for problem in report["problems"]}


def test_the_same_file_again_replaces_what_it_gave(
    data_dir: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    path = data_dir / "roads/osm/liechtenstein-latest.osm.pbf"
    first, second = load(path, region="99"), load(path, region="99")
    assert first["taken"] == second["taken"]
    with platform.store.read(ROOT) as work:
        assert len(store.sources(work)) == 1
        assert sum(n for n, _ in store.links_of_class(work).values()) == first["taken"]["links"]


@pytest.mark.parametrize(("keep", "code"), [(0.5, "osm.cut_short"), (0.0001, "osm.")])
def test_a_pbf_cut_short_is_refused_and_nothing_changes(
    keep: float, code: str, data_dir: Path, tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    whole = (data_dir / "roads/osm/liechtenstein-latest.osm.pbf").read_bytes()
    path = tmp_path / "half.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(Invalid) as refused:
        load(path, region="99")
    assert refused.value.code.startswith(code)
    with platform.store.read(ROOT) as work:
        assert store.sources(work) == []


XML = """<osm version="0.6">
<node id="1" lat="27.50" lon="120.00"/><node id="2" lat="27.50" lon="119.99"/><node id="3" lat="27.50" lon="119.98"/>
<node id="4" lat="27.50" lon="119.97"/>
<node id="11" lat="27.5001" lon="119.995"><tag k="highway" v="milestone"/><tag k="distance" v="{0}"/></node>
<node id="12" lat="27.5001" lon="119.985"><tag k="highway" v="milestone"/><tag k="distance" v="{1}"/></node>
<node id="13" lat="27.5001" lon="119.975"><tag k="highway" v="milestone"/><tag k="distance" v="{2}"/></node>
<way id="7"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="secondary"/><tag k="ref" v="X101"/>
<tag k="maxspeed" v="{limit}"/></way>
<way id="8"><nd ref="3"/><nd ref="4"/><tag k="highway" v="secondary"/><tag k="ref" v="X101;X102"/>
<tag k="oneway" v="-1"/><tag k="maxspeed" v="40 mph"/></way>
</osm>"""


def xml(tmp_path: Path, *stones: object, limit: str = "60") -> Path:
    path = tmp_path / "small.osm"
    path.write_text(XML.format(*stones, limit=limit))
    return path


def test_milestones_calibrate_and_turn_a_line_that_falls(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    """The road leads west by its numbering; its stones rise to the east, so the line is turned."""
    load(xml(tmp_path, 9, 8, 7), region="990303")
    with platform.store.read(ROOT) as work:
        (route,) = geo.find_routes(work, "X101")
        both = next(line for line in geo.lines_of(work, route.id) if line.direction == "both")
    assert [mark.ahead_m for mark in both.marks] == [8_000, 9_000]
    assert both.geometry.shape.coords[0][0] < both.geometry.shape.coords[-1][0]
    assert {mark.source for mark in both.marks} == {"milestone"}


def test_limits_are_read_in_their_units_and_others_are_named(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]]
) -> None:
    report = load(xml(tmp_path, 7, 8, 9, limit="fast"), region="990303")
    assert report["flagged"]["limits"] == 1
    with platform.store.read(ROOT) as work:
        (link,) = store.limited_links(work)
    assert (link["limit_kmh"], link["oneway"]) == (64.4, True)


def test_unlabelled_gcj02_is_recognised_beside_known_roads(
    tmp_path: Path, platform: Platform, load: Callable[..., dict[str, Any]], add_route: Callable[..., geo.Route]
) -> None:
    """The same road, once as it is and once as a domestic map would give it: refused until it is labelled."""
    from tongqu.kit import crs

    add_route("X101", "990303", points=np.array([(120.0, 27.5), (119.97, 27.5)]))
    path = xml(tmp_path, 7, 8, 9)
    text = path.read_text()
    for lon in ("120.00", "119.99", "119.98", "119.97"):
        moved = crs.from_wgs84(float(lon), 27.5, crs.Datum.GCJ02)
        text = text.replace(f'lat="27.50" lon="{lon}"', f'lat="{moved.lat}" lon="{moved.lon}"')
    path.write_text(text)
    with pytest.raises(Invalid) as refused:
        load(path, region="990303")
    assert refused.value.code == "roads.looks_gcj02"
    assert load(path, region="990303", datum="gcj02")["taken"]["links"] == 2
