"""Agencies, stops and routes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tongqu.protocols.gtfs.validator import Check

LUMA_LEAST = 72
SHORT_NAME_MOST = 12


def check(check: Check) -> None:
    """Who runs what, and where one boards."""
    _agencies(check)
    if check.feed.has("stops"):
        _stops(check)
    if check.feed.has("routes"):
        _routes(check)
    _urls(check)
    _info(check)


def _agencies(check: Check) -> None:
    feed = check.feed
    for code, column in (
        ("inconsistent_agency_timezone", "agency_timezone"),
        ("inconsistent_agency_lang", "agency_lang"),
    ):
        values = np.array(feed.strings("agency", column), dtype=object)
        given = values[values != ""]
        if len(given):
            check.flag(code, "agency", column, (values != given[0]) & (values != ""))


def _stops(check: Check) -> None:
    feed = check.feed
    kind = feed.numbers("stops", "location_type", 0)
    lon = feed.numbers("stops", "stop_lon", np.nan, np.float64)
    lat = feed.numbers("stops", "stop_lat", np.nan, np.float64)
    ids = feed.strings("stops", "stop_id")
    parent = feed.index("stops", "parent_station", ids)
    written = ~check.empty("stops", "parent_station")
    placed = np.isfinite(lon) & np.isfinite(lat)
    check.flag("stop_without_location", "stops", "stop_lat", ~placed & (kind <= 2), "stop_id")
    check.flag("missing_stop_name", "stops", "stop_name", check.empty("stops", "stop_name") & (kind <= 2), "stop_id")
    with np.errstate(invalid="ignore"):
        check.flag(
            "point_near_origin", "stops", "stop_lat", (np.abs(lon) <= 1) & (np.abs(lat) <= 1), "stop_id", "stop_lon"
        )
        check.flag("point_near_pole", "stops", "stop_lat", np.abs(lat) >= 89, "stop_id")
    check.flag("station_with_parent_station", "stops", "parent_station", (kind == 1) & written, "stop_id")
    check.flag("location_without_parent_station", "stops", "parent_station", (kind >= 2) & ~written, "stop_id")
    platform = ~check.empty("stops", "platform_code") & (kind == 0) & ~written
    check.flag("platform_without_parent_station", "stops", "parent_station", platform, "stop_id", "platform_code")
    needed = np.where(kind == 4, 0, 1)
    wrong = (parent >= 0) & (kind != 1) & (kind[parent] != needed)
    check.flag("wrong_parent_location_type", "stops", "parent_station", wrong, "stop_id")
    names, texts = feed.strings("stops", "stop_name"), feed.strings("stops", "stop_desc")
    check.flag("same_name_and_description_for_stop", "stops", "stop_desc", _same(names, texts), "stop_id")
    _use(check, kind, parent)


def _use(check: Check, kind: NDArray[np.int32], parent: NDArray[np.int32]) -> None:
    """Stops without a call, stations without a stop, calls at what is no stop."""
    feed = check.feed
    stop = feed.index("stop_times", "stop_id", feed.strings("stops", "stop_id"))
    called = np.zeros(len(kind), dtype=np.bool_)
    called[stop[stop >= 0]] = True
    if feed.has("stop_times"):
        grouped = set(feed.strings("location_group_stops", "stop_id"))
        in_group = np.array([name in grouped for name in feed.strings("stops", "stop_id")], dtype=np.bool_)
        check.flag("stop_without_stop_time", "stops", "stop_id", (kind == 0) & ~called & ~in_group, "stop_name")
        check.flag("location_with_unexpected_stop_time", "stops", "stop_id", (kind != 0) & called, "stop_name")
    housed = np.zeros(len(kind), dtype=np.bool_)
    housed[parent[(parent >= 0) & (kind == 0)]] = True
    check.flag("unused_station", "stops", "stop_id", (kind == 1) & ~housed, "stop_name")


def _routes(check: Check) -> None:
    feed = check.feed
    short, long_ = feed.strings("routes", "route_short_name"), feed.strings("routes", "route_long_name")
    texts, agency = feed.strings("routes", "route_desc"), feed.strings("routes", "agency_id")
    kind = feed.numbers("routes", "route_type", -1).tolist()
    check.flag(
        "route_both_short_and_long_name_missing", "routes", "route_short_name",
        np.array([not s and not n for s, n in zip(short, long_, strict=True)], dtype=np.bool_), "route_id",
    )  # fmt: skip
    check.flag("route_short_name_too_long", "routes", "route_short_name",
               np.array([len(name) > SHORT_NAME_MOST for name in short], dtype=np.bool_), "route_id")  # fmt: skip
    contains = [_begins(name, whole) for name, whole in zip(short, long_, strict=True)]
    check.flag("route_long_name_contains_short_name", "routes", "route_long_name",
               np.array(contains, dtype=np.bool_), "route_short_name")  # fmt: skip
    check.flag(
        "same_name_and_description_for_route",
        "routes",
        "route_desc",
        _same(short, texts) | _same(long_, texts),
        "route_id",
    )
    seen: set[tuple[str, str, int, str]] = set()
    twice = np.zeros(len(short), dtype=np.bool_)
    for index, key in enumerate(zip(short, long_, kind, agency, strict=True)):
        twice[index] = key in seen
        seen.add(key)
    check.flag("duplicate_route_name", "routes", "route_short_name", twice, "route_long_name", "route_id")
    ground, text = feed.strings("routes", "route_color"), feed.strings("routes", "route_text_color")
    low = [
        _contrast(a or "FFFFFF", b or "000000") < LUMA_LEAST and bool(a or b) for a, b in zip(ground, text, strict=True)
    ]
    check.flag("route_color_contrast", "routes", "route_color", np.array(low, dtype=np.bool_), "route_text_color")


def _begins(short: str, long_: str) -> bool:
    """Whether a long name begins with the short one as a word."""
    if not short or not long_.lower().startswith(short.lower()):
        return False
    rest = long_[len(short) :]
    return not rest or rest[0].isspace() or rest[0] in "-("


def _contrast(a: str, b: str) -> float:
    def luma(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
        return 0.30 * red + 0.59 * green + 0.11 * blue

    return abs(luma(a) - luma(b))


def _same(a: list[str], b: list[str]) -> NDArray[np.bool_]:
    return np.array([bool(x) and x.lower() == y.lower() for x, y in zip(a, b, strict=True)], dtype=np.bool_)


def _urls(check: Check) -> None:
    feed = check.feed
    agencies = {url.lower() for url in feed.strings("agency", "agency_url") if url}
    routes = {url.lower() for url in feed.strings("routes", "route_url") if url}
    for code, file, column, taken in (
        ("same_route_and_agency_url", "routes", "route_url", agencies),
        ("same_stop_and_agency_url", "stops", "stop_url", agencies),
        ("same_stop_and_route_url", "stops", "stop_url", routes),
    ):
        if feed.has(file, column):
            same = [bool(url) and url.lower() in taken for url in feed.strings(file, column)]
            check.flag(code, file, column, np.array(same, dtype=np.bool_))


def _info(check: Check) -> None:
    feed = check.feed
    if feed.has("feed_info"):
        contact = ~check.empty("feed_info", "feed_contact_email") | ~check.empty("feed_info", "feed_contact_url")
        check.flag("missing_feed_contact_email_and_url", "feed_info", "", ~contact, "feed_publisher_name")
        start, end = check.empty("feed_info", "feed_start_date"), check.empty("feed_info", "feed_end_date")
        check.flag("missing_feed_info_date", "feed_info", "feed_start_date", start != end)
        own = [language.lower()[:2] for language in feed.strings("feed_info", "feed_lang")]
        others = {language.lower()[:2] for language in feed.strings("agency", "agency_lang") if language}
        differs = [bool(others) and bool(language) and language not in (*others, "mu") for language in own]
        check.flag(
            "feed_info_lang_and_agency_lang_mismatch", "feed_info", "feed_lang", np.array(differs, dtype=np.bool_)
        )
    if feed.has("attributions"):
        roles = [feed.numbers("attributions", name, 0) == 1 for name in ("is_producer", "is_operator", "is_authority")]
        check.flag("attribution_without_role", "attributions", "organization_name", ~np.any(roles, axis=0))
