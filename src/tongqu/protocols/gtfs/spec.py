"""The files and fields of GTFS Schedule as one table; reader, validator and writer are derived from it.

Source: General Transit Feed Specification, Schedule reference of 2026-06-05. A field is written
``name type presence`` with an optional ``> file.field`` for a reference; presence is ``!`` required, ``~`` recommended,
``?`` required under a condition, nothing for optional. The enumerations list the values that have a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Presence = Literal["required", "recommended", "conditional", "optional"]
_MARKS: dict[str, Presence] = {"!": "required", "~": "recommended", "?": "conditional", "": "optional"}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file.

    Attributes:
        name: as in the header.
        kind: what a cell holds: id, text, url, email, phone, colour, date, time, lat, lon, int, float, enum, currency,
            money, language, timezone.
        presence: whether it must be there.
        least: the smallest value allowed, for numbers.
        values: the values of an enumeration.
        tolerated: values that are not in the specification but are understood (extended route types).
        refers: ``(file, field)`` that must hold the value.
    """

    name: str
    kind: str
    presence: Presence
    least: float | None = None
    values: frozenset[int] = frozenset()
    tolerated: frozenset[int] = frozenset()
    refers: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One file of a feed: its name without ``.txt``, whether it must be there, its key and its fields."""

    name: str
    presence: Presence
    key: tuple[str, ...]
    fields: dict[str, Field]


_TEXT = """
agency ! agency_id
  agency_id id ~
  agency_name text !
  agency_url url !
  agency_timezone timezone !
  agency_lang language
  agency_phone phone
  agency_fare_url url
  agency_email email
  cemv_support enum:0,1,2
stops ! stop_id
  stop_id id !
  stop_code text
  stop_name text ?
  tts_stop_name text
  stop_desc text
  stop_lat lat ?
  stop_lon lon ?
  zone_id id
  stop_url url
  location_type enum:0,1,2,3,4
  parent_station id ? > stops.stop_id
  stop_timezone timezone
  wheelchair_boarding enum:0,1,2
  level_id id > levels.level_id
  platform_code text
  stop_access enum:0,1
routes ! route_id
  route_id id !
  agency_id id ~ > agency.agency_id
  route_short_name text ?
  route_long_name text ?
  route_desc text
  route_type enum:0,1,2,3,4,5,6,7,11,12|100-1799 !
  route_url url
  route_color colour
  route_text_color colour
  route_sort_order int:0
  continuous_pickup enum:0,1,2,3
  continuous_drop_off enum:0,1,2,3
  network_id id
  cemv_support enum:0,1,2
trips ! trip_id
  route_id id ! > routes.route_id
  service_id id !
  trip_id id !
  trip_headsign text
  trip_short_name text
  direction_id enum:0,1
  block_id id
  shape_id id ? > shapes.shape_id
  wheelchair_accessible enum:0,1,2
  bikes_allowed enum:0,1,2
  cars_allowed enum:0,1,2
  safe_duration_factor float:0
  safe_duration_offset float
stop_times ! trip_id,stop_sequence
  trip_id id ! > trips.trip_id
  arrival_time time ?
  departure_time time ?
  stop_id id ? > stops.stop_id
  location_group_id id > location_groups.location_group_id
  location_id id
  stop_sequence int:0 !
  stop_headsign text
  start_pickup_drop_off_window time
  end_pickup_drop_off_window time
  pickup_type enum:0,1,2,3
  drop_off_type enum:0,1,2,3
  continuous_pickup enum:0,1,2,3
  continuous_drop_off enum:0,1,2,3
  shape_dist_traveled float:0
  timepoint enum:0,1
  pickup_booking_rule_id id > booking_rules.booking_rule_id
  drop_off_booking_rule_id id > booking_rules.booking_rule_id
calendar ? service_id
  service_id id !
  monday enum:0,1 !
  tuesday enum:0,1 !
  wednesday enum:0,1 !
  thursday enum:0,1 !
  friday enum:0,1 !
  saturday enum:0,1 !
  sunday enum:0,1 !
  start_date date !
  end_date date !
calendar_dates ? service_id,date
  service_id id !
  date date !
  exception_type enum:1,2 !
fare_attributes - fare_id
  fare_id id !
  price money !
  currency_type currency !
  payment_method enum:0,1 !
  transfers enum:0,1,2
  agency_id id ~ > agency.agency_id
  transfer_duration int:0
fare_rules - fare_id,route_id,origin_id,destination_id,contains_id
  fare_id id ! > fare_attributes.fare_id
  route_id id > routes.route_id
  origin_id id > stops.zone_id
  destination_id id > stops.zone_id
  contains_id id > stops.zone_id
timeframes - timeframe_group_id,start_time,end_time,service_id
  timeframe_group_id id !
  start_time time
  end_time time
  service_id id !
rider_categories - rider_category_id
  rider_category_id id !
  rider_category_name text !
  is_default_fare_category enum:0,1
  eligibility_url url
fare_media - fare_media_id
  fare_media_id id !
  fare_media_name text
  fare_media_type enum:0,1,2,3,4 !
fare_products - fare_product_id,rider_category_id,fare_media_id
  fare_product_id id !
  fare_product_name text
  rider_category_id id > rider_categories.rider_category_id
  fare_media_id id > fare_media.fare_media_id
  amount money !
  currency currency !
fare_leg_rules - network_id,from_area_id,to_area_id,from_timeframe_group_id,to_timeframe_group_id,fare_product_id
  leg_group_id id
  network_id id
  from_area_id id > areas.area_id
  to_area_id id > areas.area_id
  from_timeframe_group_id id > timeframes.timeframe_group_id
  to_timeframe_group_id id > timeframes.timeframe_group_id
  fare_product_id id ! > fare_products.fare_product_id
  rule_priority int:0
fare_leg_join_rules - from_network_id,to_network_id,from_stop_id,to_stop_id
  from_network_id id !
  to_network_id id !
  from_stop_id id > stops.stop_id
  to_stop_id id > stops.stop_id
fare_transfer_rules - from_leg_group_id,to_leg_group_id,fare_product_id,transfer_count,duration_limit
  from_leg_group_id id > fare_leg_rules.leg_group_id
  to_leg_group_id id > fare_leg_rules.leg_group_id
  transfer_count int
  duration_limit int:1
  duration_limit_type enum:0,1,2,3
  fare_transfer_type enum:0,1,2 !
  fare_product_id id > fare_products.fare_product_id
areas - area_id
  area_id id !
  area_name text
stop_areas - area_id,stop_id
  area_id id ! > areas.area_id
  stop_id id ! > stops.stop_id
networks - network_id
  network_id id !
  network_name text
route_networks - route_id
  network_id id ! > networks.network_id
  route_id id ! > routes.route_id
shapes - shape_id,shape_pt_sequence
  shape_id id !
  shape_pt_lat lat !
  shape_pt_lon lon !
  shape_pt_sequence int:0 !
  shape_dist_traveled float:0
frequencies - trip_id,start_time
  trip_id id ! > trips.trip_id
  start_time time !
  end_time time !
  headway_secs int:1 !
  exact_times enum:0,1
transfers - from_stop_id,to_stop_id,from_trip_id,to_trip_id,from_route_id,to_route_id
  from_stop_id id ? > stops.stop_id
  to_stop_id id ? > stops.stop_id
  from_route_id id > routes.route_id
  to_route_id id > routes.route_id
  from_trip_id id > trips.trip_id
  to_trip_id id > trips.trip_id
  transfer_type enum:0,1,2,3,4,5
  min_transfer_time int:0
pathways - pathway_id
  pathway_id id !
  from_stop_id id ! > stops.stop_id
  to_stop_id id ! > stops.stop_id
  pathway_mode enum:1,2,3,4,5,6,7 !
  is_bidirectional enum:0,1 !
  length float:0
  traversal_time int:1
  stair_count int
  max_slope float
  min_width float:0
  signposted_as text
  reversed_signposted_as text
levels - level_id
  level_id id !
  level_index float !
  level_name text
location_groups - location_group_id
  location_group_id id !
  location_group_name text
location_group_stops - location_group_id,stop_id
  location_group_id id ! > location_groups.location_group_id
  stop_id id ! > stops.stop_id
booking_rules - booking_rule_id
  booking_rule_id id !
  booking_type enum:0,1,2 !
  prior_notice_duration_min int
  prior_notice_duration_max int
  prior_notice_last_day int
  prior_notice_last_time time
  prior_notice_start_day int
  prior_notice_start_time time
  prior_notice_service_id id > calendar.service_id
  message text
  pickup_message text
  drop_off_message text
  phone_number phone
  info_url url
  booking_url url
translations - table_name,field_name,language,record_id,record_sub_id,field_value
  table_name text !
  field_name text !
  language language !
  translation text !
  record_id text ?
  record_sub_id text
  field_value text ?
feed_info ~
  feed_publisher_name text !
  feed_publisher_url url !
  feed_lang language !
  default_lang language
  feed_start_date date ~
  feed_end_date date ~
  feed_version text ~
  feed_contact_email email ~
  feed_contact_url url ~
attributions - attribution_id
  attribution_id id
  agency_id id > agency.agency_id
  route_id id > routes.route_id
  trip_id id > trips.trip_id
  organization_name text !
  is_producer enum:0,1
  is_operator enum:0,1
  is_authority enum:0,1
  attribution_url url
  attribution_email email
  attribution_phone phone
"""


def _values(text: str) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        values |= set(range(int(first), int(last or first) + 1))
    return frozenset(values)


def _field(line: str) -> Field:
    left, _, reference = line.partition(" > ")
    name, kind, *marks = left.split()
    kind, _, limit = kind.partition(":")
    file, _, column = reference.strip().partition(".")
    return Field(
        name=name,
        kind=kind,
        presence=_MARKS[marks[0] if marks else ""],
        least=float(limit) if limit and kind in ("int", "float") else None,
        values=_values(limit.partition("|")[0]) if kind == "enum" else frozenset(),
        tolerated=_values(limit.partition("|")[2]) if "|" in limit else frozenset(),
        refers=(file, column) if reference else None,
    )


def _files() -> dict[str, File]:
    files: dict[str, File] = {}
    name = ""
    for line in _TEXT.strip().splitlines():
        if line.startswith(" "):
            field = _field(line)
            files[name].fields[field.name] = field
        else:
            name, mark, *key = line.split()
            presence = _MARKS["" if mark == "-" else mark]
            files[name] = File(name, presence, tuple(key[0].split(",")) if key else (), {})
    return files


FILES: dict[str, File] = _files()
"""Every file of the specification by its name without ``.txt``."""

NOT_TABLES = frozenset({"locations.geojson"})
"""Files of the specification that are no tables."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
