"""Each finding on a clean feed broken in one place; the real feeds against the counts of another validator."""

from __future__ import annotations

from datetime import date

import pytest

from tongqu.kit.text import has, load
from tongqu.protocols import gtfs
from tongqu.protocols.gtfs.tests.feeds import CLEAN, packed, with_line, with_text

TODAY = date(2026, 11, 28)
STATIONS = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,platform_code\n"
TRANSFERS = "from_stop_id,to_stop_id,transfer_type,from_route_id,from_trip_id\n"
PATHWAYS = "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional\n"
FREQUENCIES = "trip_id,start_time,end_time,headway_secs\n"
SHAPES = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_dist_traveled\n"
DISTANCES = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled,timepoint\n"

BROKEN: dict[str, tuple[dict[str, str], str, tuple[int, ...]]] = {
    "missing_required_file": ({k: v for k, v in CLEAN.items() if k != "agency.txt"}, "agency.txt", ()),
    "missing_recommended_file": ({k: v for k, v in CLEAN.items() if k != "feed_info.txt"}, "feed_info.txt", ()),
    "missing_calendar_and_calendar_date_files": (
        {k: v for k, v in CLEAN.items() if k != "calendar.txt"}, "calendar.txt", ()),
    "unknown_file": (CLEAN | {"lines.txt": "a\n1\n"}, "lines.txt", ()),
    "unknown_column": (with_text("routes.txt", "route_type,", "colour,"), "routes.txt", ()),
    "missing_required_column": (with_text("routes.txt", "route_type", "kind"), "routes.txt", ()),
    "missing_required_field": (with_text("trips.txt", "R,S,U", "R,,U"), "trips.txt", (3,)),
    "new_line_in_value": (with_text("stops.txt", "一站", '"一\n站"'), "stops.txt", (2,)),
    "duplicate_key": (with_line("stops.txt", "1,一站,30.10,120.10"), "stops.txt", (5,)),
    "foreign_key_violation": (with_text("trips.txt", "R,S,U", "Q,S,U"), "trips.txt", (3,)),
    "more_than_one_entity": (
        with_line("feed_info.txt", "公交,https://a.cn,zh,20261101,20261231,1,a@a.cn"), "feed_info.txt", (3,)),
    "inconsistent_agency_timezone": (with_line("agency.txt", "B,船,https://b.cn,Asia/Tokyo,zh"), "agency.txt", (3,)),
    "inconsistent_agency_lang": (with_line("agency.txt", "B,船,https://b.cn,Asia/Shanghai,en"), "agency.txt", (3,)),
    "stop_without_location": (with_text("stops.txt", "30.11,120.10", ","), "stops.txt", (3,)),
    "missing_stop_name": (with_text("stops.txt", "二站", ""), "stops.txt", (3,)),
    "point_near_origin": (with_text("stops.txt", "30.11,120.10", "0.1,0.2"), "stops.txt", (3,)),
    "point_near_pole": (with_text("stops.txt", "30.11", "89.5"), "stops.txt", (3,)),
    "station_with_parent_station": (
        CLEAN | {"stops.txt": STATIONS + "P,站,30.1,120.1,1,Q,\nQ,站,30.1,120.1,1,,\n"}, "stops.txt", (2,)),
    "location_without_parent_station": (
        CLEAN | {"stops.txt": STATIONS + "E,口,30.1,120.1,2,,\n"}, "stops.txt", (2,)),
    "wrong_parent_location_type": (
        CLEAN | {"stops.txt": STATIONS + "P,站,30.1,120.1,0,,\nQ,站,30.1,120.1,0,P,\n"}, "stops.txt", (3,)),
    "platform_without_parent_station": (CLEAN | {"stops.txt": STATIONS + "P,站,30.1,120.1,0,,2\n"}, "stops.txt", (2,)),
    "unused_station": (CLEAN | {"stops.txt": STATIONS + "P,站,30.1,120.1,1,,\n"}, "stops.txt", (2,)),
    "stop_without_stop_time": (with_line("stops.txt", "4,四站,30.1,120.1"), "stops.txt", (5,)),
    "location_with_unexpected_stop_time": (
        CLEAN | {"stops.txt": STATIONS + "1,站,30.1,120.1,1,,\n"}, "stops.txt", (2,)),
    "same_name_and_description_for_stop": (
        CLEAN | {"stops.txt": "stop_id,stop_name,stop_desc,stop_lat,stop_lon\n1,一,一,30.1,120.1\n"},
        "stops.txt", (2,)),
    "route_both_short_and_long_name_missing": (with_text("routes.txt", "1路", ""), "routes.txt", (2,)),
    "route_short_name_too_long": (with_text("routes.txt", "1路", "1234567890123"), "routes.txt", (2,)),
    "route_color_contrast": (with_text("routes.txt", "FFFFFF", "0055AB"), "routes.txt", (2,)),
    "duplicate_route_name": (with_line("routes.txt", "R2,A,1路,3,0055AA,FFFFFF"), "routes.txt", (3,)),
    "route_long_name_contains_short_name": (
        CLEAN | {"routes.txt": "route_id,route_short_name,route_long_name,route_type\nR,1路,1路 北门-南门,3\n"},
        "routes.txt", (2,)),
    "same_route_and_agency_url": (
        CLEAN | {"routes.txt": "route_id,route_short_name,route_type,route_url\nR,1路,3,https://a.cn\n"},
        "routes.txt", (2,)),
    "unused_trip": (with_line("trips.txt", "R,S,V,L,"), "trips.txt", (4,)),
    "unusable_trip": (with_line("trips.txt", "R,S,V,L,"), "trips.txt", (4,)),
    "unused_shape": (with_line("shapes.txt", "M,30.1,120.1,1", "M,30.2,120.1,2"), "shapes.txt", (4,)),
    "single_shape_point": (with_line("shapes.txt", "M,30.1,120.1,1"), "shapes.txt", (4,)),
    "block_trips_with_overlapping_stop_times": (
        with_text("stop_times.txt", "U,09:00:00,09:00:00", "U,08:09:00,08:09:00"), "trips.txt", (3,)),
    "missing_trip_edge": (with_text("stop_times.txt", "T,08:10:00,08:10:00", "T,,"), "stop_times.txt", (4,)),
    "stop_time_with_only_arrival_or_departure_time": (
        with_text("stop_times.txt", "T,08:05:00,08:05:00", "T,08:05:00,"), "stop_times.txt", (3,)),
    "stop_time_with_arrival_before_previous_departure_time": (
        with_text("stop_times.txt", "T,08:05:00,08:05:00", "T,07:05:00,07:05:00"), "stop_times.txt", (3,)),
    "fast_travel_between_consecutive_stops": (
        with_text("stops.txt", "30.11,120.10", "30.61,120.10"), "stop_times.txt", (3, 4, 6, 7)),
    "fast_travel_between_far_stops": (
        with_text("stops.txt", "30.11,120.10", "30.61,120.10"), "stop_times.txt", (3, 6)),
    "stop_too_far_from_shape": (with_text("stops.txt", "30.11,120.10", "30.11,120.102"), "stops.txt", (3,)),
    "stop_time_timepoint_without_times": (
        CLEAN | {"stop_times.txt": DISTANCES + "T,8:00:00,8:00:00,1,1,,1\nT,,,2,2,,1\nT,8:10:00,8:10:00,3,3,,1\n"},
        "stop_times.txt", (3,)),
    "missing_timepoint_value": (
        CLEAN | {"stop_times.txt": DISTANCES + "T,8:00:00,8:00:00,1,1,,1\nT,8:10:00,8:10:00,3,3,,\n"},
        "stop_times.txt", (3,)),
    "decreasing_or_equal_stop_time_distance": (
        CLEAN | {"stop_times.txt": DISTANCES + "T,8:00:00,8:00:00,1,1,5,1\nT,8:10:00,8:10:00,3,3,5,1\n"},
        "stop_times.txt", (3,)),
    "trip_distance_exceeds_shape_distance": (
        CLEAN | {"stop_times.txt": DISTANCES + "T,8:00:00,8:00:00,1,1,0,1\nT,8:10:00,8:10:00,3,3,5,1\n",
                 "shapes.txt": SHAPES + "L,30.1,120.1,1,0\nL,30.12,120.1,2,4\n"},
        "stop_times.txt", (3,)),
    "decreasing_shape_distance": (
        CLEAN | {"shapes.txt": SHAPES + "L,30.1,120.1,1,5\nL,30.12,120.1,2,4\n"}, "shapes.txt", (3,)),
    "equal_shape_distance_diff_coordinates": (
        CLEAN | {"shapes.txt": SHAPES + "L,30.1,120.1,1,4\nL,30.12,120.1,2,4\n"}, "shapes.txt", (3,)),
    "equal_shape_distance_same_coordinates": (
        CLEAN | {"shapes.txt": SHAPES + "L,30.1,120.1,1,4\nL,30.1,120.1,2,4\n"}, "shapes.txt", (3,)),
    "start_and_end_range_out_of_order": (
        with_text("calendar.txt", "20261101,20261231", "20261231,20261101"), "calendar.txt", (2,)),
    "start_and_end_range_equal": (
        CLEAN | {"frequencies.txt": FREQUENCIES + "T,8:00:00,8:00:00,60\n"}, "frequencies.txt", (2,)),
    "overlapping_frequency": (
        CLEAN | {"frequencies.txt": FREQUENCIES + "T,8:00:00,9:00:00,60\nT,8:59:00,9:30:00,60\n"},
        "frequencies.txt", (3,)),
    "expired_calendar": (with_text("calendar.txt", "20261231", "20261120"), "calendar.txt", (2,)),
    "trip_coverage_not_active_for_next7_days": (with_text("calendar.txt", "20261231", "20261201"), "trips.txt", ()),
    "feed_expiration_date7_days": (with_text("feed_info.txt", "20261231", "20261201"), "feed_info.txt", (2,)),
    "feed_expiration_date30_days": (with_text("feed_info.txt", "20261231", "20261220"), "feed_info.txt", (2,)),
    "service_has_no_active_day_of_the_week": (
        with_text("calendar.txt", "1,1,1,1,1,1,1", "0,0,0,0,0,0,0"), "calendar.txt", (2,)),
    "missing_feed_contact_email_and_url": (with_text("feed_info.txt", "a@a.cn", ""), "feed_info.txt", (2,)),
    "missing_feed_info_date": (with_text("feed_info.txt", "20261101,", ","), "feed_info.txt", (2,)),
    "feed_info_lang_and_agency_lang_mismatch": (with_text("feed_info.txt", ",zh,", ",en,"), "feed_info.txt", (2,)),
    "attribution_without_role": (
        CLEAN | {"attributions.txt": "organization_name,is_producer\n公交,0\n"}, "attributions.txt", (2,)),
    "transfer_with_invalid_stop_location_type": (
        CLEAN | {"stops.txt": STATIONS + "P,站,30.1,120.1,1,,\nE,口,30.1,120.1,2,P,\n",
                 "transfers.txt": TRANSFERS + "E,P,0,,\n"}, "transfers.txt", (2,)),
    "transfer_distance_above_2_km": (CLEAN | {"transfers.txt": TRANSFERS + "1,3,0,,\n"}, "transfers.txt", (2,)),
    "transfer_with_invalid_trip_and_route": (
        CLEAN | {"transfers.txt": TRANSFERS + "1,2,0,Q,T\n"}, "transfers.txt", (2,)),
    "transfer_with_invalid_trip_and_stop": (
        with_line("stops.txt", "4,四,30.1,120.1") | {"transfers.txt": TRANSFERS + "4,2,0,,T\n"}, "transfers.txt", (2,)),
    "pathway_loop": (CLEAN | {"pathways.txt": PATHWAYS + "p,1,1,1,1\n"}, "pathways.txt", (2,)),
    "bidirectional_exit_gate": (CLEAN | {"pathways.txt": PATHWAYS + "p,1,2,7,1\n"}, "pathways.txt", (2,)),
    "missing_level_id": (CLEAN | {"pathways.txt": PATHWAYS + "p,1,2,5,1\n"}, "stops.txt", (2, 3)),
    "translation_unknown_table_name": (
        CLEAN | {"translations.txt": "table_name,field_name,language,translation\nlines,a,en,b\n"},
        "translations.txt", (2,)),
    "timeframe_only_start_or_end_time_specified": (
        CLEAN | {"timeframes.txt": "timeframe_group_id,start_time,end_time,service_id\nf,8:00:00,,S\n"},
        "timeframes.txt", (2,)),
    "fare_transfer_rule_duration_limit_without_type": (
        CLEAN | {"fare_transfer_rules.txt": "fare_transfer_type,duration_limit\n0,600\n"},
        "fare_transfer_rules.txt", (2,)),
}  # fmt: skip

SAME_COUNTS = {
    "poa/poa_eptc": {"invalid_color": 115, "unknown_column": 1, "missing_recommended_field": 1},
    "gtfs-samples/sample-feed-1": {"invalid_row_length": 13, "unknown_column": 1, "missing_recommended_field": 2},
    "gtfs-samples/aspen-flex-on-demand": {
        "decreasing_or_equal_stop_time_distance": 2, "duplicate_key": 2, "foreign_key_violation": 4,
        "stop_without_stop_time": 209, "unknown_column": 12, "unknown_file": 1,
    },
    "gtfs-samples/broken-gtfs-r5py": {
        "foreign_key_violation": 1935, "leading_or_trailing_whitespaces": 744, "missing_recommended_field": 7,
        "platform_without_parent_station": 21, "same_name_and_description_for_stop": 48, "unknown_column": 2,
        "stop_without_stop_time": 190, "unexpected_enum_value": 451, "unusable_trip": 338, "unused_trip": 338,
    },
    "gtfs-rt/bullrunner-gtfs": {"missing_recommended_field": 8, "missing_recommended_file": 1},
}  # fmt: skip
"""Counts of gtfs-guru 1.0.0 on the same files."""


def found(files: dict[str, str]) -> dict[str, gtfs.Notice]:
    return {notice.code: notice for notice in gtfs.validate(gtfs.read(packed(files)), TODAY)}


def test_a_clean_feed_has_no_findings():
    assert found(CLEAN) == {}


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_broken_is_found_in_its_file_and_row(code):
    files, file, rows = BROKEN[code]
    notice = found(files)[code]
    assert (notice.file, notice.rows) == (file, rows)
    assert notice.total == max(1, len(rows))


@pytest.mark.parametrize("name", SAME_COUNTS)
def test_real_feeds_have_the_counts_of_another_validator(data_dir, name):
    totals: dict[str, int] = {}
    for notice in gtfs.validate(gtfs.read(data_dir / f"travel/{name}.zip")):
        totals[notice.code] = totals.get(notice.code, 0) + notice.total
    assert {code: totals.get(code) for code in SAME_COUNTS[name]} == SAME_COUNTS[name]


def test_each_code_says_in_both_languages_what_it_means():
    assert len(gtfs.SEVERITIES) >= 60
    assert [code for code in gtfs.SEVERITIES if not has(f"gtfs.notices.{code}")] == []
    told = {key.removeprefix("notices.") for key in load("gtfs", "zh") if key.startswith("notices.")}
    assert told == set(gtfs.SEVERITIES)
    assert load("gtfs", "zh").keys() == load("gtfs", "en").keys()
