"""Files of OpenStreetMap: two real extracts counted, broken files refused, meaning of tags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tongqu.kit.errors import Invalid
from tongqu.protocols import osm

TOWN = """<?xml version="1.0"?>
<osm version="0.6">
  <node id="1" lon="120.0" lat="27.0"/>
  <node id="2" lon="120.001" lat="27.0"><tag k="railway" v="subway_entrance"/><tag k="ref" v="B"/></node>
  <node id="3" lon="120.001" lat="27.001"/>
  <node id="4" lon="120.0" lat="27.001"/>
  <node id="9" lon="120.5" lat="27.5"><tag k="amenity" v="hospital"/><tag k="name" v="县医院"/>
    <tag k="name:en" v="County Hospital"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
  <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
  <way id="12"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
    <tag k="building" v="yes"/><tag k="addr:housenumber" v="12"/><tag k="addr:street" v="解放路"/></way>
  <way id="13"><nd ref="3"/><nd ref="77"/><tag k="highway" v="service"/></way>
  <relation id="20"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/>
    <member type="way" ref="11" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/>
    <tag k="except" v="bus;bicycle"/></relation>
  <relation id="21"><member type="node" ref="2" role=""/><tag k="type" v="public_transport"/>
    <tag k="public_transport" v="stop_area"/><tag k="name" v="人民广场"/></relation>
</osm>
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(TOWN, encoding="utf-8")
    return path


def test_porto_alegre_has_the_objects_its_file_holds(data_dir: Path) -> None:
    extract = osm.read(data_dir / "travel/poa/poa_osm.pbf")
    assert extract.ways == 15_984  # of 16,032 ways in the file, 48 have no tags
    assert sum("highway" in tags for tags in extract.way_tags) == 15_886
    assert len(extract.way_node) == 66_489
    assert len(extract.node_tags) == 6_140
    assert len(extract.relations) == 23
    assert extract.incomplete == ()
    west, south, east, north = extract.bounds
    assert -51.3 < west < east < -51.0 and -30.2 < south < north < -29.9


def test_ids_are_sorted_and_every_reference_is_a_node(data_dir: Path) -> None:
    extract = osm.read(data_dir / "roads/osm/liechtenstein-latest.osm.pbf", ways=("highway",), nodes=())
    assert (np.diff(extract.node_id) > 0).all()
    assert extract.way_node.min() >= 0 and extract.way_node.max() < extract.nodes
    assert len(np.unique(extract.way_node)) == extract.nodes  # no node that no kept way uses
    assert all("highway" in tags for tags in extract.way_tags)
    assert extract.find_node(int(extract.node_id[5])) == 5
    assert extract.find_node(-1) == -1


def test_restrictions_of_a_real_extract_name_ways_and_nodes(data_dir: Path) -> None:
    extract = osm.read(data_dir / "roads/osm/liechtenstein-latest.osm.pbf", ways=("highway",), nodes=("highway",))
    found = osm.restrictions(extract)
    assert found
    assert {rule.kind.partition("_")[0] for rule in found} <= {"no", "only"}
    known = set(extract.way_id.tolist())
    whole = [rule for rule in found if {rule.from_way, rule.to_way} <= known and rule.via_node is not None]
    for rule in whole:
        via = extract.find_node(rule.via_node or 0)
        for way in (rule.from_way, rule.to_way):
            assert via in extract.nodes_of(int(np.flatnonzero(extract.way_id == way)[0]))


@pytest.mark.parametrize("part", [0.5, 0.01, 0.99])
def test_a_file_cut_short_is_refused(data_dir: Path, tmp_path: Path, part: float) -> None:
    whole = (data_dir / "travel/poa/poa_osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(Invalid) as caught:
        osm.read(cut)
    assert caught.value.code == "osm.cut_short"
    assert "cut.osm.pbf" in caught.value.detail["zh"]


def test_what_is_no_such_file_is_refused(tmp_path: Path, data_dir: Path) -> None:
    def code(data: bytes) -> str:
        path = tmp_path / "thing.osm.pbf"
        path.write_bytes(data)
        with pytest.raises(Invalid) as caught:
            osm.read(path)
        return caught.value.code

    damaged = bytearray((data_dir / "travel/poa/poa_osm.pbf").read_bytes())
    damaged[200_000] ^= 0x55
    assert code(bytes(damaged)) == "osm.unreadable"
    assert code(b"PK\x03\x04 something else entirely" * 50) in ("osm.unreadable", "osm.cut_short")
    assert code(b"") == "osm.cut_short"
    with pytest.raises(Invalid, match=r"osm\.no_file"):
        osm.read(tmp_path / "nothing.pbf")
    with pytest.raises(Invalid, match=r"osm\.empty"):
        osm.read(data_dir / "travel/poa/poa_osm.pbf", ways=("no such key",), nodes=(), relations=())


def test_a_way_cut_at_the_border_is_named(town: Path) -> None:
    extract = osm.read(town)
    assert extract.incomplete == (13,)  # one of its two nodes is missing: nothing to draw is left
    assert 13 not in extract.way_id
    assert extract.way_tags[0] == {"highway": "residential"}


def test_only_what_was_asked_for_is_kept(town: Path) -> None:
    extract = osm.read(town, ways=("highway",), nodes=("amenity",), relations=("route",))
    assert extract.way_id.tolist() == [10, 11]
    assert [extract.node_id[i] for i in extract.node_tags] == [9]
    assert extract.relations == ()


def test_places_entrances_and_turns_say_what_the_tags_say(town: Path) -> None:
    extract = osm.read(town)
    hospital, house = osm.places(extract)
    assert (hospital.name, hospital.names["en"], hospital.kind) == ("县医院", "County Hospital", "amenity=hospital")
    assert (house.osm, house.address.street, house.address.number) == (("way", 12), "解放路", "12")
    assert (house.lon, house.lat) == pytest.approx((120.0005, 27.0005), abs=1e-7)
    (entrance,) = osm.entrances(extract)
    assert (entrance.ref, entrance.station) == ("B", "人民广场")
    (turn,) = osm.restrictions(extract)
    assert (turn.kind, turn.from_way, turn.via_node, turn.to_way) == ("no_left_turn", 10, 2, 11)
    assert turn.exempt == ("bus", "bicycle")
