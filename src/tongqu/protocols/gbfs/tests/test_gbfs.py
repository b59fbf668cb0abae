"""Real files read as what they say, 2.x and 3.x alike; a malformed station takes no other with it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kit.errors import Invalid, TooLarge
from tongqu.protocols import gbfs


@pytest.fixture(scope="module")
def sample(data_dir: Path) -> Callable[[str], bytes]:
    """A file of the real captures."""
    archive = zipfile.ZipFile(data_dir / "travel" / "gbfs" / "gbfs-samples.zip")
    return archive.read


def wrapped(data: Any, version: str = "3.0", **more: Any) -> bytes:
    head = {"version": version, "last_updated": "2026-11-28T08:00:00+08:00", "ttl": 60}
    return json.dumps(head | {"data": data} | more).encode()


def state(**more: Any) -> dict[str, Any]:
    plain = {"num_vehicles_available": 3, "num_docks_available": 2, "is_installed": True, "is_renting": True}
    return {"station_id": "a"} | plain | {"is_returning": True} | more


def test_a_file_of_1_0_has_no_version_and_flags_as_numbers(sample: Callable[[str], bytes]) -> None:
    status = gbfs.read_station_status(sample("helsinki/station_status.json"))
    plain = json.loads(sample("helsinki/station_status.json"))
    assert status.version == "1.0" and status.ttl_s == 60
    assert status.last_updated_ms == plain["last_updated"] * 1000
    assert [(one.id, one.vehicles, one.docks, one.renting) for one in status.stations] == [
        (row["station_id"], row["num_bikes_available"], row["num_docks_available"], row["is_renting"] == 1)
        for row in plain["data"]["stations"]
    ]
    stations = gbfs.read_station_information(sample("helsinki/station_information.json"))
    assert stations.stations[0].name == (("", "Kaivopuisto"),) and stations.stations[0].capacity == 30
    assert [notice.code for notice in stations.notices] == ["no_id", "no_id", "bad_position"] and stations.skipped == 3
    assert gbfs.read_system_information(sample("helsinki/system_information.json")).name == (("en", "HSL Bikes Share"),)


def test_files_of_2_2(sample: Callable[[str], bytes]) -> None:
    found = gbfs.read_discovery(sample("lillestrombysykkel/gbfs.json"))
    assert found.version == "2.2" and {link.language for link in found.links} == {"nb"}
    assert found.url("station_status", "nb") == found.url("station_status") is not None
    assert found.url("alerts") is None
    types = gbfs.read_vehicle_types(sample("lillestrombysykkel/vehicle_types.json")).form_factors
    assert types == {"YLS:VehicleType:CityBike": "bicycle"}
    status = gbfs.read_station_status(sample("lillestrombysykkel/station_status.json"))
    plain = json.loads(sample("lillestrombysykkel/station_status.json"))["data"]["stations"]
    assert [one.bicycles(types) for one in status.stations] == [
        row["num_bikes_available"] if row["is_renting"] else 0 for row in plain
    ]


def test_of_a_station_told_twice_the_later_report_counts(sample: Callable[[str], bytes]) -> None:
    status = gbfs.read_station_status(sample("duplicate-stations-v3/station_status.json"))
    (twice,) = [one for one in status.stations if one.id == "station_duplicate"]
    assert (twice.vehicles, twice.docks) == (8, 7)
    assert twice.reported_ms == datetime(2025, 11, 5, 12, 0, 1, tzinfo=UTC).timestamp() * 1000
    assert status.skipped == 1 and [(one.code, one.entity) for one in status.notices] == [
        ("duplicate_station", "station_duplicate")
    ]
    turned = json.loads(sample("duplicate-stations-v3/station_status.json"))
    turned["data"]["stations"].reverse()
    again = gbfs.read_station_status(json.dumps(turned).encode())
    assert {(one.id, one.vehicles) for one in again.stations} == {(one.id, one.vehicles) for one in status.stations}


def test_of_two_places_of_a_station_the_last_counts() -> None:
    row = {"station_id": "a", "name": [{"text": "站", "language": "zh"}], "lat": 27.9, "lon": 120.6}
    found = gbfs.read_station_information(wrapped({"stations": [row, row | {"lat": 27.8}]}))
    assert [one.lat for one in found.stations] == [27.8] and found.skipped == 1


def test_texts_of_3_x_come_in_languages(sample: Callable[[str], bytes]) -> None:
    found = gbfs.read_station_information(sample("duplicate-stations-v3/station_information.json"))
    assert found.stations[0].name == (("en", "Station One"),)
    names = (("zh-CN", "人民广场"), ("en", "People's Square"))
    assert gbfs.in_language(names, "zh") == "人民广场" and gbfs.in_language(names, "en") == "People's Square"
    assert gbfs.in_language(names, "fr") == "人民广场" and gbfs.in_language((), "zh") == ""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"station_id": ""}, "no_id"),
        ({"station_id": None}, "no_id"),
        ({"num_vehicles_available": -1}, "bad_count"),
        ({"num_vehicles_available": "3"}, "bad_count"),
        ({"num_vehicles_available": 2.5}, "bad_count"),
        ({"num_docks_available": -2}, "bad_count"),
        ({"is_renting": None}, "no_flag"),
        ({"is_returning": "yes"}, "no_flag"),
    ],
)
def test_a_malformed_station_is_left_out_and_the_rest_lives(row: dict[str, Any], code: str) -> None:
    status = gbfs.read_station_status(wrapped({"stations": [state(**row), state(station_id="b"), 7]}))
    assert [one.id for one in status.stations] == ["b"] and status.skipped == 2
    assert [notice.code for notice in status.notices] == [code, "no_object"]
    assert all(notice.detail["zh"] and notice.detail["en"] for notice in status.notices)


@pytest.mark.parametrize("place", [(0, 0), (200, 27), (120, 91), ("120", 27), (None, 27), (True, 27)])
def test_a_station_nowhere_is_left_out(place: tuple[Any, Any]) -> None:
    rows = [{"station_id": "a", "lon": place[0], "lat": place[1]}, {"station_id": "b", "lon": 120.6, "lat": 27.9}]
    found = gbfs.read_station_information(wrapped({"stations": rows}))
    assert [one.id for one in found.stations] == ["b"] and found.notices[0].code == "bad_position"


def test_who_does_not_rent_has_no_bicycles_and_scooters_are_none() -> None:
    kinds = {"b": "bicycle", "c": "cargo_bicycle", "s": "scooter_standing"}
    by_type = [{"vehicle_type_id": "b", "count": 1}, {"vehicle_type_id": "s", "count": 2}]
    docks = [{"vehicle_type_ids": ["b", "c"], "count": 1}, {"vehicle_type_ids": ["s"], "count": 1}]
    mixed = state(vehicle_types_available=by_type, vehicle_docks_available=docks)
    read = lambda row: gbfs.read_station_status(wrapped({"stations": [row]})).stations[0]  # noqa: E731
    assert read(mixed).bicycles(kinds) == 1 and read(mixed).places(kinds) == 1
    assert read(mixed).bicycles({}) == 3 and read(mixed).places({}) == 2
    assert read(mixed | {"is_renting": False}).bicycles(kinds) == 0
    assert read(mixed | {"is_returning": False}).places(kinds) == 0
    assert read(mixed | {"is_installed": False}).bicycles({}) == read(mixed | {"is_installed": False}).places({}) == 0
    unlimited = read({name: value for name, value in state().items() if name != "num_docks_available"})
    assert unlimited.docks is None and unlimited.places({}) is None
    assert read(state()).bicycles({"s": "scooter_standing"}) == 0


def test_vehicles_of_both_versions_are_the_same() -> None:
    row = {"lat": 27.9, "lon": 120.6, "is_reserved": False, "is_disabled": True, "vehicle_type_id": "b"}
    new = gbfs.read("vehicle_status", wrapped({"vehicles": [row | {"vehicle_id": "v"}]}))
    old = gbfs.read("free_bike_status", wrapped({"bikes": [row | {"bike_id": "v"}]}, "2.3"))
    assert new.vehicles == old.vehicles and new.vehicles[0].disabled and not new.vehicles[0].reserved
    docked = {"vehicle_id": "w", "station_id": "a", "is_reserved": False, "is_disabled": False}
    lost = {"vehicle_id": "x", "is_reserved": False, "is_disabled": False}
    found = gbfs.read("vehicle_status", wrapped({"vehicles": [docked, lost]}))
    assert [(one.id, one.lon, one.station_id) for one in found.vehicles] == [("w", None, "a")]
    assert [(one.code, one.entity) for one in found.notices] == [("bad_position", "x")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (1_700_000_000, 1_700_000_000_000),
        (1_700_000_000_123, 1_700_000_000_123),
        ("2026-11-28T08:00:00+08:00", 1_795_824_000_000),
        ("2026-11-28T00:00:00Z", 1_795_824_000_000),
        ("2026-11-28T00:00:00", None),
        ("yesterday", None),
        (None, None),
        (True, None),
        (-5, None),
    ],
)
def test_when_a_file_was_made(written: Any, expected: int | None) -> None:
    found = gbfs.read_station_status(wrapped({"stations": []}, last_updated=written))
    assert found.last_updated_ms == expected
    assert [notice.code for notice in found.notices] == ([] if expected else ["no_last_updated"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_json"),
        (b"<html>", "no_json"),
        (b"[]", "no_data"),
        (b'{"data": []}', "no_data"),
        (b'{"data": {}}', "no_list"),
        (b'{"data": {"stations": {}}}', "no_list"),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        gbfs.read_station_status(data)
    assert refused.value.code == f"gbfs.{code}" and refused.value.detail["zh"] and refused.value.detail["en"]


def test_other_refusals() -> None:
    with pytest.raises(TooLarge):
        gbfs.read("gbfs", b" " * (gbfs.MOST_BYTES + 1))
    for name, data in (
        ("gbfs", b'{"data": {"feeds": []}}'),
        ("alerts", b"{}"),
        ("system_information", b'{"data": {}}'),
    ):
        with pytest.raises(Invalid):
            gbfs.read(name, data)


IDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Zs", "Cc")), min_size=1, max_size=8)
FACTS = st.fixed_dictionaries(
    {
        "id": IDS,
        "vehicles": st.integers(0, 500),
        "docks": st.none() | st.integers(0, 500),
        "flags": st.tuples(st.booleans(), st.booleans(), st.booleans()),
        "reported_s": st.integers(1_000_000_000, 4_000_000_000),
    }
)


@given(st.lists(FACTS, max_size=6, unique_by=lambda fact: fact["id"].strip()))
def test_the_same_facts_written_as_2_3_and_3_0_are_the_same_values(facts: list[dict[str, Any]]) -> None:
    def written(fact: dict[str, Any], new: bool) -> dict[str, Any]:
        at = datetime.fromtimestamp(fact["reported_s"], UTC).isoformat() if new else fact["reported_s"]
        count = "num_vehicles_available" if new else "num_bikes_available"
        flags = zip(("is_installed", "is_renting", "is_returning"), fact["flags"], strict=True)
        docks = {} if fact["docks"] is None else {"num_docks_available": fact["docks"]}
        return {"station_id": fact["id"], count: fact["vehicles"], "last_reported": at, **dict(flags), **docks}

    old = gbfs.read_station_status(wrapped({"stations": [written(fact, False) for fact in facts]}, "2.3"))
    new = gbfs.read_station_status(wrapped({"stations": [written(fact, True) for fact in facts]}, "3.0"))
    assert old.stations == new.stations and not old.skipped
    assert [(one.id, one.vehicles, one.docks, one.renting) for one in new.stations] == [
        (fact["id"].strip(), fact["vehicles"], fact["docks"], fact["flags"][1]) for fact in facts
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    *("station_id", "vehicle_id", "vehicle_type_id", "system_id", "name", "url", "lat", "lon", "feeds", "form_factor"),
    *("num_bikes_available", "num_docks_available", "is_installed", "is_renting", "is_returning", "is_reserved"),
    *("is_disabled", "last_reported", "capacity", "vehicle_types_available", "vehicle_docks_available"),
]
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON, max_size=4)


@given(
    st.sampled_from(sorted(gbfs.FILES)),
    st.dictionaries(st.sampled_from(["stations", "vehicles", "bikes", "vehicle_types", "feeds", "nb"]), ROWS | JSON),
    JSON,
)
def test_any_json_is_read_or_refused(name: str, data: dict[str, Any], odd: Any) -> None:
    try:
        found = gbfs.read(name, json.dumps({"data": data, "last_updated": odd, "ttl": odd, "version": odd}).encode())
    except Invalid:
        return
    assert found.skipped <= len(found.notices)
    for entities, list_name in (("stations", "stations"), ("types", "vehicle_types")):
        if hasattr(found, entities):
            assert len(getattr(found, entities)) + found.skipped == len(data[list_name])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in gbfs.FILES:
        try:
            gbfs.read(name, data)
        except Invalid:
            continue
