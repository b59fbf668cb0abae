"""Terminals, bindings, sessions and commands over HTTP, each within what the caller may see."""

from __future__ import annotations

import asyncio
import json

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tongqu.domains.equipment import stream
from tongqu.domains.equipment.module import MODULE
from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.tables import META
from tongqu.kernel import things
from tongqu.kernel.store import Actor, Grant
from tongqu.kernel.web import described, resume_from
from tongqu.kernel.web import stream as sse
from tongqu.kit.text import has

READ = frozenset({"equipment.read"})


def made(http, **facts):
    answer = http("POST", "terminals", json={"phone": "13800138000", "region": "9901"} | facts)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_tables_are_what_the_migrations_make(platform):
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        assert compare_metadata(context, META) == []


def _ours(thing, name, kind, reflected, compare_to):
    return not (kind == "table" and not str(name).startswith("equipment_")) and name != "equipment_version"


def test_a_terminal_is_entered_changed_and_found(http):
    row = made(http, terminal_id="T000001", maker="99001")
    assert "auth_code" not in row
    assert http("GET", "terminals", params={"q": "0013800138000"}).json()["total"] == 1
    assert http("GET", "terminals", params={"q": "t000001"}).json()["items"][0]["urn"] == row["urn"]
    assert http("GET", "terminals", params={"q": "nothing"}).json()["total"] == 0
    answer = http("GET", f"terminals/{row['id']}")
    etag = answer.headers["ETag"]
    changed = http("PATCH", f"terminals/{row['id']}", json={"model": "TQ-9"}, headers={"If-Match": etag})
    assert changed.json()["model"] == "TQ-9"
    stale = http("PATCH", f"terminals/{row['id']}", json={"model": "TQ-10"}, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert http("GET", f"terminals/{row['urn']}").json()["model"] == "TQ-9"


@pytest.mark.parametrize(
    ("facts", "status", "code", "field"),
    [
        ({"phone": "13800138000"}, 409, "equipment.phone_taken", "phone"),
        ({"phone": "0013800138000"}, 409, "equipment.phone_taken", "phone"),
        ({"phone": "0000"}, 422, "equipment.phone", "phone"),
        ({"phone": "not-a-phone"}, 422, "kit.request", "phone"),
        ({"phone": "139", "profile": "no such"}, 422, "equipment.profile", "profile"),
        ({"phone": "139", "colour": "red"}, 422, "kit.request", "colour"),
        ({"phone": "139", "vehicle": "urn:tongqu:vehicle:NONE"}, 404, "things.unknown", None),
    ],
)
def test_what_is_wrong_is_named(http, facts, status, code, field):
    made(http)
    answer = http("POST", "terminals", json={"region": "9901"} | facts)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (status, code, field)
    assert http("GET", "terminals").json()["total"] == 1


def test_binding_from_a_date_and_release(http, vehicle):
    one, two = vehicle("测A11111"), vehicle("测A22222", region="9902")
    row = made(http)
    bound = http("POST", f"terminals/{row['id']}/bindings", json={"vehicle": one.urn, "from_ms": 1_700_000_000_000})
    assert bound.json()["vehicle_label"] == "测A11111"
    other = made(http, phone="13800138001")
    taken = http("POST", f"terminals/{other['id']}/bindings", json={"vehicle": one.urn})
    assert (taken.status_code, taken.json()["code"]) == (409, "equipment.vehicle_taken")
    moved = http("POST", f"terminals/{row['id']}/bindings", json={"vehicle": two.urn, "from_ms": 1_710_000_000_000})
    assert moved.json()["region"] == "9902"
    released = http("DELETE", f"terminals/{row['id']}/bindings", params={"at_ms": 1_720_000_000_000})
    assert released.json()["vehicle"] is None
    assert http("DELETE", f"terminals/{row['id']}/bindings").json()["code"] == "equipment.not_fitted"
    spans = [
        (item["vehicle"], item["from_ms"], item["to_ms"])
        for item in http("GET", f"terminals/{row['id']}/bindings").json()["items"]
    ]
    assert spans == [
        (one.urn, 1_700_000_000_000, 1_710_000_000_000),
        (two.urn, 1_710_000_000_000, 1_720_000_000_000),
    ]


def test_somebody_of_another_city_sees_nothing(http, vehicle, platform):
    row = made(http)
    command = http("POST", f"terminals/{row['id']}/commands", json={"kind": "text", "body": {"text": "x"}}).json()
    http.as_grant("read", "edit", "command", region="9902")
    for path in ("terminals", "sessions", "commands"):
        assert http("GET", path).json()["total"] == 0
    for method, path, body in (
        ("GET", f"terminals/{row['id']}", None),
        ("GET", f"terminals/{row['id']}/detail", None),
        ("GET", f"terminals/{row['id']}/bindings", None),
        ("PATCH", f"terminals/{row['id']}", {"model": "X"}),
        ("POST", f"terminals/{row['id']}/commands", {"kind": "locate"}),
        ("DELETE", f"terminals/{row['id']}/bindings", None),
        ("GET", f"commands/{command['id']}", None),
        ("POST", f"commands/{command['id']}/cancel", None),
    ):
        assert http(method, path, json=body).status_code == 404, path
    answer = http("POST", "terminals", json={"phone": "139", "region": "9901"})
    assert (answer.status_code, answer.json()["code"]) == (403, "equipment.not_yours")
    assert http("POST", "terminals", json={"phone": "139", "region": "9902"}).status_code == 201


def test_permissions(http):
    row = made(http)
    http.as_grant("read", region="99")
    assert http("GET", "terminals").json()["total"] == 1
    assert http("POST", "terminals", json={"phone": "139"}).status_code == 403
    assert http("POST", f"terminals/{row['id']}/commands", json={"kind": "locate"}).status_code == 403
    http.actor = None
    assert http("GET", "terminals").status_code == 401


def test_a_terminal_follows_its_vehicle_into_another_city(http, vehicle):
    row = made(http)
    there = vehicle("测A11111", region="9902")
    http("POST", f"terminals/{row['id']}/bindings", json={"vehicle": there.urn})
    http.as_grant("read", region="9902")
    assert http("GET", "terminals").json()["total"] == 1


def test_a_terminal_goes_where_its_vehicle_goes(http, vehicle, platform):
    row, car = made(http), vehicle("测A11111")
    http("POST", f"terminals/{row['id']}/bindings", json={"vehicle": car.urn})
    with platform.store.write(http.actor) as work:
        things.amend(work, things.Kind("vehicle"), car.urn, region="9902", name="测A·22222")
        assert terminals.follow(work, car.urn) == 1
        assert terminals.follow(work, car.urn) == 0
    after = http("GET", f"terminals/{row['id']}").json()
    assert (after["region"], after["vehicle_label"]) == ("9902", "测A·22222")
    with platform.store.write(http.actor) as work:
        things.retire(work, car.urn)
        terminals.follow(work, car.urn)
    assert http("GET", f"terminals/{row['id']}").json()["vehicle"] is None


def test_terminals_are_found_by_phone_id_and_vehicle(http, vehicle, platform):
    row, car = made(http, terminal_id="T000077"), vehicle("测A11111")
    http("POST", f"terminals/{row['id']}/bindings", json={"vehicle": car.urn})
    (search,) = MODULE.searches
    with platform.store.read(http.actor) as work:
        for q in ("13800138000", "00000000013800138000", "8138", "000077", "测a1111"):
            assert [hit.urn for hit in search.find(work, q, 5)] == ([row["urn"]] if q != "8138" else []), q
    http.as_grant("read", region="9902")
    with platform.store.read(http.actor) as work:
        assert search.find(work, "13800138000", 5) == []


def test_a_command_through_the_api_reaches_the_device_and_its_answer_comes_back(http, gateway, devices, wait):
    device = devices(gateway).log_in()
    (row,) = http("GET", "terminals").json()["items"]
    wait(lambda: http("GET", f"terminals/{row['id']}").json()["online"])
    detail = http("GET", f"terminals/{row['id']}/detail").json()
    assert detail["session_detail"]["state"] == "open"
    sent = http("POST", f"terminals/{row['id']}/commands", json={"kind": "text", "body": {"text": "注意安全"}}).json()
    assert sent["state"] == "queued" and sent["title"]["en"] == "Send a text"
    message = device.read()
    device.send(0x0001, {"reply_serial": message.head.serial, "reply_message_id": 0x8300, "result": 0})
    wait(lambda: http("GET", f"commands/{sent['id']}").json()["state"] == "answered")
    (listed,) = http("GET", "commands", params={"terminal": row["urn"]}).json()["items"]
    assert listed["outcome"] == {"zh": "成功", "en": "Done"}
    (session,) = http("GET", "sessions", params={"state": "open", "terminal": row["id"]}).json()["items"]
    assert session["phone"].endswith("13800138000")


def test_the_same_request_twice_is_one_command(http):
    row = made(http)
    path, key = f"terminals/{row['id']}/commands", {"Idempotency-Key": "k1"}
    circle = {"kind": "circle", "body": {"longitude_deg": 121.5, "latitude_deg": 31, "radius_m": 50}}
    first = http("POST", path, json=circle, headers=key).json()
    assert http("POST", path, json=circle, headers=key).json()["id"] == first["id"]
    other = http("POST", path, json={"kind": "text", "body": {"text": "x"}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "equipment.key_reused")
    assert http("POST", path, json=circle).json()["id"] != first["id"]
    assert http("GET", "commands").json()["total"] == 2


def test_wrong_fields_of_a_command_are_named_in_both_languages(http):
    row = made(http)
    answer = http("POST", f"terminals/{row['id']}/commands", json={"kind": "circle", "body": {"radius_m": -5}})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "equipment.command")
    assert {one["field"] for one in problem["problems"]} == {"radius_m", "longitude_deg", "latitude_deg"}
    assert all(one["detail"]["zh"] and one["detail"]["en"] for one in problem["problems"])
    unknown = http("POST", f"terminals/{row['id']}/commands", json={"kind": "explode"})
    assert unknown.json()["code"] == "equipment.unknown_kind"


def test_kinds_describe_their_forms(http):
    kinds = {kind["id"]: kind for kind in http("GET", "commands/kinds").json()["items"]}
    assert {"text", "circle", "rectangle", "polygon", "route", "locate", "track", "attributes"} <= set(kinds)
    text = {field["name"]: field for field in kinds["text"]["fields"]}
    assert text["text"]["required"] and text["text"]["max"] == 1024


def test_texts_are_there_in_both_languages():
    for resource in MODULE.resources:
        shown = described(resource)
        for column in [*shown["columns"], *shown["form"], *shown["edit_form"]]:
            assert not column["label"]["zh"].startswith("equipment."), column["name"]
            assert all(not one["label"]["zh"].startswith("equipment.") for one in column.get("options", ()))
    assert all(has(f"equipment.permissions.{name.split('.')[1]}") for name in MODULE.permissions)


def test_news_of_commands_come_in_order_resume_and_stay_within_sight(http, platform):
    row = made(http)
    everyone = stream.Reader(platform, http.actor, None, 0)
    assert everyone.begin() == []
    assert everyone.news() == []
    elsewhere = stream.Reader(platform, Actor("p", "p", grants=(Grant("t", READ, region="9902"),)), None, 0)
    ids = [
        http("POST", f"terminals/{row['id']}/commands", json={"kind": "text", "body": {"text": text}}).json()["id"]
        for text in ("a", "b")
    ]
    http("POST", f"commands/{ids[0]}/cancel")
    assert [(one["id"], one["state"]) for one in everyone.news()] == [(ids[1], "queued"), (ids[0], "cancelled")]
    assert everyone.news() == []
    assert elsewhere.news() == []
    again = stream.Reader(platform, http.actor, row["urn"], resume_from("1") or 0)
    assert [one["id"] for one in again.news()] == [ids[1], ids[0]]
    assert stream.Reader(platform, http.actor, "another", 0).news() == []
    assert [resume_from(text) for text in (None, "", "x", "-1", "7", "9" * 30)] == [None, None, None, None, 7, None]


def test_the_stream_is_server_sent_events_until_its_actor_may_no_longer_listen(http, platform, monkeypatch):
    row = made(http)
    reader = stream.Reader(platform, http.actor, None, 0)
    http("POST", f"terminals/{row['id']}/commands", json={"kind": "text", "body": {"text": "x"}})
    monkeypatch.setattr(sse, "RECHECK_S", 0.0)
    monkeypatch.setattr(sse, "POLL_S", 0.01)

    async def read() -> list[bytes]:
        async def never() -> bool:
            return False

        return [chunk async for chunk in sse.events(reader, stream.packed, True, never, lambda: None)]

    retry, event = asyncio.run(read())
    assert retry.startswith(b"retry: ")
    lines = dict(line.split(b": ", 1) for line in event.strip().split(b"\n"))
    assert lines[b"event"] == b"command"
    assert json.loads(lines[b"data"])["body"]["text"] == "x"
