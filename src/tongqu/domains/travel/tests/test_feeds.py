"""Feeds and versions: what is received is checked, what is checked may go live, one version is live at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text as sql

from tongqu.domains.travel.service import feeds, places
from tongqu.domains.travel.tests.conftest import CITY, OTHER, SMALL
from tongqu.domains.travel.urns import station_urn, stop_urn
from tongqu.kernel import events
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused

Made = Callable[..., dict[str, Any]]


def live_places(platform: Platform) -> set[str]:
    with platform.store.read(system_actor("test")) as work:
        return {row["name"] for row in work.rows(sql("SELECT name FROM travel_place"))}


def drawn(platform: Platform, layer: str) -> set[str]:
    with platform.store.read(system_actor("test")) as work:
        rows = work.rows(sql("SELECT feature FROM layers_feature WHERE layer = :layer").bindparams(layer=layer))
        return {row["feature"] for row in rows}


def test_a_feed_is_checked_then_live(platform: Platform, receive: Made, check: Made) -> None:
    version = check(receive(SMALL))
    assert (version["state"], version["errors"], str(version["valid_from"])) == ("checked", 0, "2026-11-02")
    figures = version["figures"]
    assert (figures["stops"], figures["lines"], figures["trips"], figures["calls"]) == (3, 1, 3, 8)
    assert (figures["filled_times"], figures["day_trips"]) == (1, 3)
    assert live_places(platform) == set()
    live = check(
        receive(SMALL | {"agency.txt": SMALL["agency.txt"].replace("望汀公交", "望汀公交集团")}), activate=True
    )
    assert live["state"] == "active"
    assert live_places(platform) == {"人民广场", "重庆路口", "望汀港"}
    assert drawn(platform, "travel.stops") == {f"wangting-bus:{stop}" for stop in ("s1", "s2", "s3")}
    assert drawn(platform, "travel.lines") == {"wangting-bus:r1:0", "wangting-bus:r1:1"}


def test_a_stop_on_the_map_opens_by_its_urn(platform: Platform, receive: Made, check: Made) -> None:
    check(receive(SMALL), activate=True)
    with platform.store.read(system_actor("test")) as work:
        rows = work.rows(sql("SELECT properties FROM layers_feature WHERE layer = 'travel.stops'"))
    assert {json.loads(row["properties"])["urn"] for row in rows} == {
        f"urn:tongqu:stop:wangting-bus:{stop}" for stop in ("s1", "s2", "s3")
    }
    assert stop_urn("bus", "站/1 (a)") == "urn:tongqu:stop:bus:%E7%AB%99%2F1%20%28a%29"
    assert stop_urn("bus", "x" * 100) is None, "an id that no URN can carry has none"
    assert station_urn("bikes", "a/1") == "urn:tongqu:bike_station:bikes:a%2F1"


def test_the_same_content_is_the_same_version(receive: Made) -> None:
    assert receive(SMALL)["id"] == receive(SMALL)["id"]


def test_a_newer_version_takes_the_place_of_the_older(platform: Platform, receive: Made, check: Made) -> None:
    first = check(receive(SMALL), activate=True)
    shorter = SMALL["stops.txt"].replace("s2,重庆路口,27.910000,120.610000\n", "")
    calls = "".join(line for line in SMALL["stop_times.txt"].splitlines(True) if ",s2," not in line)
    second = check(receive(SMALL | {"stops.txt": shorter, "stop_times.txt": calls}), activate=True)
    assert second["number"] == first["number"] + 1
    assert live_places(platform) == {"人民广场", "望汀港"}
    assert "wangting-bus:s2" not in drawn(platform, "travel.stops")
    with platform.store.read(CITY) as work:
        assert feeds.version(work, first["id"])["state"] == "superseded"
        kinds = [event.type for event in events.about(work.as_system("test"), feeds.get(work, first["feed"])["urn"])]
    assert kinds.count("travel.version_activated") == 2


def test_what_is_no_feed_fails_and_leaves_the_live_one(platform: Platform, receive: Made, check: Made) -> None:
    check(receive(SMALL), activate=True)
    broken = receive(b"PK\x03\x04 this is not a zip")
    with pytest.raises(Invalid):
        check(broken, activate=True)
    with platform.store.read(CITY) as work:
        row = feeds.version(work, broken["id"])
    assert row["state"] == "failed" and row["reason"]
    assert live_places(platform) == {"人民广场", "重庆路口", "望汀港"}
    with platform.store.write(CITY) as work, pytest.raises(Refused) as refused:
        feeds.activate(work, broken["id"])
    assert refused.value.code == "travel.not_checked"


def test_rows_with_errors_are_told_and_keep_a_version_from_going_live_by_itself(receive: Made, check: Made) -> None:
    version = check(receive(SMALL | {"stops.txt": SMALL["stops.txt"].replace("27.92", "twenty")}), activate=True)
    assert version["state"] == "checked" and version["errors"] > 0
    told = [one for one in version["notices"] if one["field"] == "stop_lat" and one["severity"] == "error"]
    assert told and all(one["file"] == "stops.txt" and one["rows"] == [4] and one["detail"]["zh"] for one in told)


def test_a_feed_belongs_to_its_region(platform: Platform, feed: dict[str, Any], receive: Made) -> None:
    version = receive(SMALL)
    with platform.store.read(OTHER) as work:
        for read in (lambda: feeds.get(work, feed["id"]), lambda: feeds.version(work, version["id"])):
            with pytest.raises(NotFound):
                read()
    with platform.store.write(OTHER) as work, pytest.raises(Forbidden):
        feeds.register(work, "theirs", "他市公交", region="9902")


def test_open_data_needs_a_licence(platform: Platform, feed: dict[str, Any]) -> None:
    with platform.store.write(CITY) as work, pytest.raises(Invalid) as wrong:
        feeds.amend(work, feed["id"], licence=None)
    assert wrong.value.code == "travel.licence_needed"
    with platform.store.write(CITY) as work, pytest.raises(Refused):
        feeds.register(work, "wangting-bus", "又一个", region="9902")
    for code in ("", "A", "9-b", "望汀", "x" * 41):
        with platform.store.write(CITY) as work, pytest.raises(Invalid):
            feeds.register(work, code, "名称", region="9902")


@pytest.mark.parametrize("typed", ["人民", "renmin", "rmgc", "RMGC", "Renmin Guangchang", "人民广场"])
def test_a_place_is_found_however_it_is_typed(platform: Platform, receive: Made, check: Made, typed: str) -> None:
    check(receive(SMALL), activate=True)
    with platform.store.read(system_actor("test")) as work:
        assert [row["name"] for row in places.find(work, typed)][:1] == ["人民广场"]


def test_heteronyms_are_read_as_in_their_word(platform: Platform, receive: Made, check: Made) -> None:
    """重 is chóng in 重庆 and zhòng in 重要 (现代汉语词典)."""
    check(receive(SMALL), activate=True)
    with platform.store.read(system_actor("test")) as work:
        assert [row["name"] for row in places.find(work, "chongqing")] == ["重庆路口"]
        assert places.find(work, "zzzzqq") == []
        (guess,) = places.find(work, "wangtinggangg")
    assert guess["name"] == "望汀港" and guess["guess"]


def test_the_nearest_place_comes_first(platform: Platform, receive: Made, check: Made) -> None:
    check(receive(SMALL), activate=True)
    with platform.store.read(system_actor("test")) as work:
        found = places.around(work, 120.6101, 27.9101, 3_000)
    assert found[0]["name"] == "重庆路口"
    assert [row["distance_m"] for row in found] == sorted(row["distance_m"] for row in found)
