"""Feeds and open data over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tongqu.domains.travel.tables import METADATA
from tongqu.domains.travel.tests.conftest import ALL, CHIEF, CITY, OTHER, SMALL, zipped
from tongqu.kernel.jobs.tests.support import application, as_person
from tongqu.kernel.platform import Platform

Made = Callable[..., dict[str, Any]]


@pytest.fixture
def app(platform: Platform) -> Any:
    return application(platform, *ALL)


def test_migrations_and_tables_agree(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []


def test_everybody_fetches_what_is_open(app: Any, receive: Made, check: Made) -> None:
    check(receive(SMALL), activate=True)
    nobody = as_person(app, "nobody")
    (entry,) = nobody.get("travel/open-data").json()["items"]
    assert (entry["condition"], entry["licence"], entry["version"]["number"]) == ("unconditional", "CC BY 4.0", 1)
    got = nobody.get("travel/open-data/wangting-bus/gtfs.zip")
    assert got.content == zipped(SMALL)
    assert nobody.get("travel/open-data").json()["items"][0]["used"] == {"gtfs": 1}


def test_what_is_not_open_is_not_named(app: Any, feed: dict[str, Any], receive: Made, check: Made) -> None:
    check(receive(SMALL), activate=True)
    city = as_person(app, CITY)
    tag = city.get(f"travel/feeds/{feed['id']}").headers["etag"]
    changed = city.patch(f"travel/feeds/{feed['id']}", json={"condition": "not_open"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    nobody = as_person(app, "nobody")
    assert nobody.get("travel/open-data").json()["items"] == []
    assert nobody.get("travel/open-data/wangting-bus/gtfs.zip").status_code == 404
    stale = city.patch(f"travel/feeds/{feed['id']}", json={"condition": "unconditional"}, headers={"If-Match": tag})
    assert stale.status_code == 412


def test_open_on_condition_needs_the_right(app: Any, feed: dict[str, Any], receive: Made, check: Made) -> None:
    check(receive(SMALL), activate=True)
    as_person(app, CITY).patch(f"travel/feeds/{feed['id']}", json={"condition": "conditional"})
    assert as_person(app, "nobody").get("travel/open-data/wangting-bus/gtfs.zip").status_code == 403
    assert as_person(app, CITY).get("travel/open-data/wangting-bus/on-request/gtfs.zip").status_code == 403
    assert as_person(app, CHIEF).get("travel/open-data/wangting-bus/on-request/gtfs.zip").status_code == 200


def test_versions_are_for_the_region(app: Any, feed: dict[str, Any], receive: Made, check: Made) -> None:
    version = check(receive(SMALL))
    city, other = as_person(app, CITY), as_person(app, OTHER)
    listed = city.get(f"travel/feeds/{feed['id']}/versions").json()["items"]
    assert [one["number"] for one in listed] == [1] and "notices" not in listed[0]
    assert city.get(f"travel/versions/{version['id']}").json()["figures"]["stops"] == 3
    assert city.get(f"travel/versions/{version['id']}/feed.zip").content == zipped(SMALL)
    for path in (f"feeds/{feed['id']}", f"feeds/{feed['id']}/versions", f"versions/{version['id']}"):
        assert other.get(f"travel/{path}").status_code == 404
    refused = city.post(f"travel/versions/{version['id']}/refuse", json={"reason": "缺少周末班次"})
    assert refused.json()["state"] == "refused"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "X", "name": "n", "region": "9902"}, "code"),
        ({"code": "ok-1", "name": "", "region": "9902"}, "name"),
        ({"code": "ok-1", "name": "n", "region": "望汀"}, "region"),
        ({"code": "ok-1", "name": "n", "region": "9902", "condition": "maybe"}, "condition"),
        ({"code": "ok-1", "name": "n", "region": "9902", "more": 1}, "more"),
    ],
)
def test_bad_forms_name_their_field(app: Any, body: dict[str, Any], field: str) -> None:
    answer = as_person(app, CITY).post("travel/feeds", json=body)
    assert answer.status_code == 422
    assert field in str(answer.json()["problems"])


def test_half_a_point_is_refused(app: Any) -> None:
    answer = as_person(app, "nobody").get("travel/places", params={"q": "a", "lon": 120})
    assert (answer.status_code, answer.json()["code"]) == (422, "travel.half_a_point")


def test_a_file_is_sent_as_it_lies(app: Any, feed: dict[str, Any]) -> None:
    city = as_person(app, CITY)
    path = f"travel/feeds/{feed['id']}/file"
    sent = city.put(path, params={"name": "bus.zip"}, content=zipped(SMALL))
    assert (sent.status_code, sent.json()["number"]) == (202, 1) and sent.json()["job"]
    again = city.put(path, params={"name": "bus.zip"}, content=zipped(SMALL))
    assert (again.json()["id"], again.json()["job"]) == (sent.json()["id"], sent.json()["job"])
    assert city.put(path, content=b"").status_code == 422
    assert as_person(app, OTHER).put(path, content=b"x").status_code == 404
