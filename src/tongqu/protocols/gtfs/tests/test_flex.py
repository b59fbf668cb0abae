"""GTFS-Flex in today's form and the draft's: what is read, what is left out and why, and each finding of the check."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.protocols import gtfs
from tongqu.protocols.gtfs.tests.feeds import CLEAN, packed

SQUARE = [[120.0, 30.0], [120.2, 30.0], [120.2, 30.2], [120.0, 30.2], [120.0, 30.0]]
CALLS = (
    "trip_id,stop_sequence,stop_id,location_id,location_group_id,pickup_type,drop_off_type,"
    "start_pickup_drop_off_window,end_pickup_drop_off_window,pickup_booking_rule_id,drop_off_booking_rule_id,"
    "arrival_time,departure_time"
)
RULES = (
    "booking_rule_id,booking_type,prior_notice_duration_min,prior_notice_duration_max,prior_notice_last_day,"
    "prior_notice_last_time,prior_notice_start_day,prior_notice_start_time,prior_notice_service_id,phone_number"
)


def feature(id_: Any = "Z", kind: str = "Polygon", rings: Any = None, **other: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": [SQUARE] if rings is None else rings}
    return {"type": "Feature", "id": id_, "properties": {"stop_name": "城东"}, "geometry": geometry} | other


def collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feed(calls: tuple[str, ...] = ("D,1,,Z,,2,1,8:00:00,20:00:00,r,r", "D,2,,Z,,1,2,8:00:00,20:00:00,r,r"),
         rules: tuple[str, ...] = ("r,1,30,,,,,,,021-1",), places: str | None = None,
         **more: str) -> dict[str, str]:  # fmt: skip
    """The clean feed with a service on request in the zone Z, booked half an hour ahead."""
    files = CLEAN | {
        "trips.txt": CLEAN["trips.txt"] + "R,S,D,,\n",
        "stop_times.txt": _widened() + "".join(line + "," * (12 - line.count(",")) + "\n" for line in calls),
        "booking_rules.txt": "\n".join((RULES, *rules)) + "\n",
        "locations.geojson": collection(feature()) if places is None else places,
    }
    return files | {name.replace("_txt", ".txt"): text for name, text in more.items()}


def _widened() -> str:
    """The stop times of the clean feed under the columns of a flexible one."""
    head, *rows = CLEAN["stop_times.txt"].splitlines()
    assert head == "trip_id,arrival_time,departure_time,stop_id,stop_sequence"
    own = [row.split(",") for row in rows]
    lines = [f"{trip},{order},{stop},,,,,,,,,{arrival},{departure}" for trip, arrival, departure, stop, order in own]
    return "\n".join((CALLS, *lines)) + "\n"


def read(files: dict[str, str]) -> gtfs.Flex:
    return gtfs.flex(gtfs.read(packed(files)))


def codes(faults: tuple[gtfs.Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.code, fault.id) for fault in faults]


def test_a_zone_served_on_request_is_read() -> None:
    found = read(feed())
    assert [(zone.id, zone.name) for zone in found.zones] == [("Z", "城东")] and found.faults == ()
    (rule,) = found.rules
    assert (rule.kind, rule.least_min, rule.most_min, rule.phone) == (1, 30, -1, "021-1")
    first, last = found.trips()["D"]
    assert (first.zones, first.stops, first.start_s, first.end_s) == (("Z",), (), 28_800, 72_000)
    assert (first.pickup, first.drop_off, last.pickup, last.drop_off) == (2, 1, 1, 2)
    assert first.estimate is None


def test_a_feed_without_windows_has_none() -> None:
    assert read(CLEAN) == gtfs.Flex()


def test_a_group_of_stops_is_read_in_today_s_form() -> None:
    found = read(feed(
        calls=("D,1,,,G,2,1,8:00:00,20:00:00,r,r", "D,2,3,,,1,2,8:00:00,20:00:00,r,r"),
        location_groups_txt="location_group_id,location_group_name\nG,村站\n",
        location_group_stops_txt="location_group_id,stop_id\nG,1\nG,2\nG,gone\n",
    ))  # fmt: skip
    assert found.groups == (gtfs.Group("G", "村站", ("1", "2")),)
    assert [call.stops for call in found.calls] == [("1", "2"), ("3",)]


def test_a_group_is_read_in_the_draft_s_form() -> None:
    found = read(feed(
        calls=("D,1,G,,,2,1,8:00:00,20:00:00,r,r", "D,2,Z,,,1,2,8:00:00,20:00:00,r,r"),
        location_groups_txt="location_group_id,location_id,location_group_name\nG,1,村站\nG,Z,村站\n",
    ))  # fmt: skip
    assert found.groups == (gtfs.Group("G", "村站", ("1",), ("Z",)),)
    assert [(call.zones, call.stops) for call in found.calls] == [(("Z",), ("1",)), (("Z",), ())]


def test_what_is_said_of_the_duration_is_read_mean_first_minutes_in_the_draft_seconds_today() -> None:
    trips = CLEAN["trips.txt"].splitlines()
    wide = [f"{trips[0]},safe_duration_factor,safe_duration_offset", *(f"{row},," for row in trips[1:])]
    today = feed() | {"trips.txt": "\n".join([*wide, "R,S,D,,,1.5,600"]) + "\n"}
    assert [call.estimate for call in read(today).calls] == [gtfs.Estimate("safe", 1.5, 600.0)] * 2
    head, *rows = today["stop_times.txt"].splitlines()
    draft = [f"{head},mean_duration_factor,mean_duration_offset"]
    draft += [row + ("," * (head.count(",") - row.count(","))) + (",2,9.00" if row[0] == "D" else ",,") for row in rows]
    both = today | {"stop_times.txt": "\n".join(draft) + "\n"}
    assert [call.estimate for call in read(both).calls] == [gtfs.Estimate("mean", 2.0, 540.0)] * 2
    bad = both | {"stop_times.txt": both["stop_times.txt"].replace(",2,9.00", ",-1,x")}
    assert [call.estimate for call in read(bad).calls] == [gtfs.Estimate("safe", 1.5, 600.0)] * 2


def test_aspen_s_downtowner(data_dir) -> None:
    found = gtfs.flex(gtfs.read(data_dir / "travel/gtfs-samples/aspen-flex-on-demand.zip"))
    assert [zone.id for zone in found.zones] == ["area_294"] and found.faults == ()
    assert {(call.zones, call.end_s) for call in found.calls} == {(("area_294",), 23 * 3600)}
    starts = {trip: {call.start_s for call in calls} for trip, calls in found.trips().items()}
    assert starts == {"t_1289257_b_28352_tn_0": {8 * 3600}, "t_1289262_b_29084_tn_0": {11 * 3600}}
    assert {call.estimate for call in found.calls} == {gtfs.Estimate("mean", 1.0, 540.0)}
    assert [(rule.kind, rule.phone) for rule in found.rules] == [(0, "877-230-6045")]


def test_mending_leaves_the_service_as_it_is(data_dir) -> None:
    feed = gtfs.read(data_dir / "travel/gtfs-samples/aspen-flex-on-demand.zip")
    data, done = gtfs.mended(feed)
    assert done == () and gtfs.flex(gtfs.read(data)).trips() == gtfs.flex(feed).trips()
    twice = feed.texts["stop_times"].table.to_pylist()
    assert twice[0] == twice[1], "the two ends of a ride within the zone are equal rows"


# what is broken

OPEN = [[*SQUARE[:-1], [120.0, 30.1]]]
BOW = [[[120.0, 30.0], [120.2, 30.2], [120.2, 30.0], [120.0, 30.2], [120.0, 30.0]]]

BAD_FEATURES: dict[str, tuple[Any, str]] = {
    "not closed": (feature("B", rings=OPEN), "invalid_geometry"),
    "crossing itself": (feature("B", rings=BOW), "invalid_geometry"),
    "too few positions": (feature("B", rings=[SQUARE[:2] + SQUARE[:1]]), "invalid_geometry"),
    "beyond the earth": (feature("B", rings=[[[x, 91.0] for x, _ in SQUARE]]), "invalid_geometry"),
    "text for numbers": (feature("B", rings=[[["a", "b"]] * 4]), "invalid_geometry"),
    "no ring": (feature("B", rings=[]), "invalid_geometry"),
    "no polygons": (feature("B", "MultiPolygon", rings=[]), "invalid_geometry"),
    "a point": (feature("B", "Point", rings=[120.0, 30.0]), "unsupported_geometry_type"),
    "no coordinates": (feature("B", geometry={"type": "Polygon"}), "missing_required_element"),
    "no geometry": (feature("B", geometry=None), "missing_required_element"),
    "no id": (feature(None), "missing_required_element"),
    "no feature": (feature("B", type="Zone"), "unsupported_feature_type"),
    "no object": ("B", "unsupported_feature_type"),
    "a second one": (feature("Z"), "duplicate_geo_json_key"),
}


@pytest.mark.parametrize("name", BAD_FEATURES)
def test_a_broken_zone_is_left_out_with_its_reason_and_the_others_live(name: str) -> None:
    bad, code = BAD_FEATURES[name]
    text = collection(feature("Z"), bad, feature("after"))
    found, (fault,) = gtfs.zones(text.encode())
    assert [zone.id for zone in found] == ["Z", "after"]
    assert fault.code == code and fault.reason and fault.file == "locations.geojson"
    notices = {one.code: one for one in gtfs.validate(gtfs.read(packed(feed(places=text))))}
    assert notices[code].file == "locations.geojson" and notices[code].samples[0]["reason"] == fault.reason


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "malformed_json"),
        ("[1]", "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        ('{"features": []}', "missing_required_element"),
        ('{"type": "FeatureCollection"}', "missing_required_element"),
        ('{"type": "Feature", "features": []}', "unsupported_geo_json_type"),
        ('{"type": "FeatureCollection", "type": "FeatureCollection", "features": []}', "geo_json_duplicated_element"),
    ],
)
def test_what_is_no_collection_of_zones_says_so(text: str, code: str) -> None:
    found, faults = gtfs.zones(text.encode())
    assert found == () and [fault.code for fault in faults] == [code]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-200, 200) | st.sampled_from(["Polygon", "Feature", "Z"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["type", "id", "geometry", "coordinates", "properties"]), inner, max_size=4)
    ),
    max_leaves=25,
)


@given(JSON)
def test_whatever_a_feature_is_the_zones_beside_it_live(anything: Any) -> None:
    found, faults = gtfs.zones(collection(feature("Z"), anything).encode())
    assert found[0].id == "Z" and len(found) + len(faults) == 2


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89)), min_size=3, max_size=8))
def test_a_ring_is_a_zone_only_where_it_is_closed_and_valid(points: list[tuple[float, float]]) -> None:
    ring = [list(point) for point in points]
    found, _ = gtfs.zones(collection(feature("Z", rings=[[*ring, ring[0]]])).encode())
    assert all(zone.shape.is_valid and zone.shape.area >= 0 for zone in found)
    if ring[0] != ring[-1]:
        assert gtfs.zones(collection(feature("Z", rings=[ring])).encode())[0] == ()


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("r,1,,,,,,,,", "missing_prior_notice_duration_min"),
        ("r,2,,,,17:00:00,,,,", "missing_prior_notice_last_day"),
        ("r,2,,,1,,,,,", "missing_prior_notice_last_time"),
        ("r,7,,,,,,,,", "missing_required_field"),
        ("r,,,,,,,,,", "missing_required_field"),
        ("r,soon,,,,,,,,", "missing_required_field"),
    ],
)
def test_a_rule_without_what_its_type_needs_is_left_out_and_what_it_books_too(rule: str, code: str) -> None:
    found = read(feed(rules=(rule, "q,0,,,,,,,,")))
    assert [one.id for one in found.rules] == ["q"] and found.calls == ()
    assert codes(found.faults) == [(code, "r"), *[("foreign_key_violation", "D")] * 2]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("D,1,,Y,,2,1,8:00:00,20:00:00,r,r", "foreign_key_violation"),
        ("D,1,,,Y,2,1,8:00:00,20:00:00,r,r", "foreign_key_violation"),
        ("D,1,Y,,,2,1,8:00:00,20:00:00,r,r", "foreign_key_violation"),
        ("D,1,,Z,,2,1,8:00:00,,r,r", "missing_pickup_or_drop_off_window"),
        ("D,1,,Z,,2,1,20:00:00,8:00:00,r,r", "invalid_pickup_drop_off_window"),
        ("D,1,,Z,,2,1,8:00:00,20:00:00,s,r", "foreign_key_violation"),
    ],
)
def test_a_call_that_cannot_be_served_is_left_out_and_the_others_live(call: str, code: str) -> None:
    found = read(feed(calls=(call, "D,2,,Z,,1,2,8:00:00,20:00:00,r,r")))
    assert codes(found.faults) == [(code, "D")] and [one.drop_off for one in found.calls] == [2]


CALL = "D,{n},,Z,,2,2,8:00:00,20:00:00,r,r"
BROKEN: dict[str, tuple[dict[str, str], str, tuple[int, ...]]] = {
    "duplicate_geography_id": (
        feed(calls=(CALL.format(n=1),), places=collection(feature("Z"), feature("1"))), "locations.geojson", ()),
    "forbidden_geography_id": (feed(calls=("D,1,1,Z,,2,2,8:00:00,20:00:00,r,r",)), "stop_times.txt", (8,)),
    "foreign_key_violation": (feed(calls=("D,1,,Y,,2,2,8:00:00,20:00:00,r,r",)), "stop_times.txt", (8,)),
    "missing_pickup_or_drop_off_window": (
        feed(calls=("D,1,,Z,,2,2,8:00:00,,r,r", "D,2,,Z,,2,2,,,r,r")), "stop_times.txt", (8, 9)),
    "invalid_pickup_drop_off_window": (
        feed(calls=("D,1,,Z,,2,2,8:00:00,8:00:00,r,r",)), "stop_times.txt", (8,)),
    "forbidden_arrival_or_departure_time": (
        feed(calls=(CALL.format(n=1) + ",9:00:00,9:00:00",)), "stop_times.txt", (8,)),
    "forbidden_pickup_type": (
        feed(calls=("D,1,,Z,,3,2,8:00:00,20:00:00,r,r", "D,2,,Z,,,2,8:00:00,20:00:00,r,r")),
        "stop_times.txt", (8, 9)),
    "forbidden_drop_off_type": (feed(calls=("D,1,,Z,,2,0,8:00:00,20:00:00,r,r",)), "stop_times.txt", (8,)),
    "missing_pickup_drop_off_booking_rule_id": (
        feed(calls=("D,1,,Z,,2,1,8:00:00,20:00:00,,",)), "stop_times.txt", (8,)),
    "missing_prior_notice_duration_min": (feed(rules=("r,1,,,,,,,,",)), "booking_rules.txt", (2,)),
    "missing_prior_notice_last_day": (feed(rules=("r,2,,,,17:00:00,,,,",)), "booking_rules.txt", (2,)),
    "missing_prior_notice_last_time": (feed(rules=("r,2,,,1,,,,,",)), "booking_rules.txt", (2,)),
    "missing_prior_notice_start_time": (feed(rules=("r,2,,,1,17:00:00,7,,,",)), "booking_rules.txt", (2,)),
    "invalid_prior_notice_duration_min": (feed(rules=("r,1,30,20,,,,,,",)), "booking_rules.txt", (2,)),
    "forbidden_prior_notice_start_day": (feed(rules=("r,1,30,60,,,7,8:00:00,,",)), "booking_rules.txt", (2,)),
    "forbidden_prior_notice_start_time": (feed(rules=("r,1,30,,,,,8:00:00,,",)), "booking_rules.txt", (2,)),
    "prior_notice_last_day_after_start_day": (
        feed(rules=("r,2,,,3,17:00:00,2,8:00:00,,",)), "booking_rules.txt", (2,)),
    "forbidden_real_time_booking_field_value": (feed(rules=("r,0,30,,,,,,,",)), "booking_rules.txt", (2,)),
    "forbidden_same_day_booking_field_value": (feed(rules=("r,1,30,,1,17:00:00,,,,",)), "booking_rules.txt", (2,)),
    "forbidden_prior_day_booking_field_value": (feed(rules=("r,2,30,,1,17:00:00,,,,",)), "booking_rules.txt", (2,)),
}  # fmt: skip


def test_a_clean_feed_with_service_on_request_has_no_findings() -> None:
    assert gtfs.validate(gtfs.read(packed(feed(calls=(CALL.format(n=1), CALL.format(n=2)))))) == ()


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_broken_is_found_in_its_file_and_row(code: str) -> None:
    files, file, rows = BROKEN[code]
    found = {one.code: one for one in gtfs.validate(gtfs.read(packed(files)))}[code]
    assert (found.file, found.rows, found.total) == (file, rows, max(1, len(rows)))


def test_a_distance_without_a_stop_is_found() -> None:
    files = feed(calls=(CALL.format(n=1) + ",,,5",))
    head, rest = files["stop_times.txt"].split("\n", 1)
    found = gtfs.validate(gtfs.read(packed(files | {"stop_times.txt": f"{head},shape_dist_traveled\n{rest}"})))
    assert [one.rows for one in found if one.code == "forbidden_shape_dist_traveled"] == [(8,)]
