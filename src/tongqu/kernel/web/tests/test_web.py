"""The HTTP edge: every error is problem+json in two languages, every route has a rule, every edit has a tag."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, WebSocket
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.testclient import WebSocketDenialResponse

from tongqu.kernel.store import Actor, Grant, Query
from tongqu.kernel.web import (
    Caller,
    ListQuery,
    Resource,
    anyone,
    described,
    etag_of,
    install_problems,
    json_response,
    needs,
    require_match,
    route_rules,
    signed_in,
    tagged,
)
from tongqu.kernel.web.caller import Authenticate
from tongqu.kernel.web.listing import listed
from tongqu.kernel.web.pace import AT_ONCE
from tongqu.kit import errors, text
from tongqu.kit.errors import Invalid

READER = Actor("r", "读者", grants=(Grant("reader", frozenset({"web.read"}), region="99"),))


class Colour(StrEnum):
    YELLOW = "yellow"
    GREEN = "green"


class Body(BaseModel, extra="forbid"):
    plate: Annotated[str, Field(min_length=2, max_length=8, pattern=r"^\S+$")]
    axles: Annotated[int, Field(ge=2, le=12)] = 2
    colour: Colour = Colour.YELLOW
    empty: bool = False
    load_t: float | None = Field(default=None, json_schema_extra={"unit": "t", "sort": True})
    since_ms: Annotated[int, Field(json_schema_extra={"kind": "time"})] | None = None


@pytest.fixture
def app(make_platform) -> FastAPI:
    platform = make_platform()
    made = FastAPI()
    made.state.platform = platform
    install_problems(made)

    def authenticate(connection) -> Actor | None:
        given = connection.headers.get("authorization") or connection.cookies.get("who")
        return READER if given == "reader" else None

    platform.provide(authenticate, Authenticate)
    rows = {"a": {"id": "a", "name": "甲"}}

    @made.get("/open")
    def get_open(caller: Caller = anyone()) -> dict[str, str]:
        return {"id": caller.actor.id}

    @made.get("/often")
    def often(caller: Caller = anyone(per_minute=60)) -> dict[str, str]:
        return {"id": caller.actor.id}

    @made.get("/mine")
    def mine(caller: Caller = signed_in()) -> dict[str, str]:
        return {"id": caller.actor.id}

    @made.get("/read")
    def read(caller: Caller = needs("web.read")) -> dict[str, str]:
        return {"id": caller.actor.id}

    @made.get("/edit")
    def edit(caller: Caller = needs("web.edit")) -> None: ...

    @made.post("/form")
    def form(body: Body, caller: Caller = signed_in()) -> dict[str, Any]:
        return body.model_dump()

    @made.get("/list")
    def listed(query: ListQuery, caller: Caller = signed_in()) -> dict[str, Any]:
        return {"q": query.q, "filters": query.filters, "sort": query.sort, "limit": query.limit}

    @made.get("/rows/{key}")
    def row(key: str, caller: Caller = signed_in()) -> Response:
        return tagged(rows[key])

    @made.patch("/rows/{key}")
    def change(
        key: str,
        name: str,
        if_match: Annotated[str | None, Header(alias="If-Match")] = None,
        caller: Caller = signed_in(),
    ) -> Response:
        require_match(if_match, rows[key])
        rows[key] = rows[key] | {"name": name}
        return tagged(rows[key])

    @made.get("/raise/{name}")
    def fail(name: str, caller: Caller = anyone()) -> None:
        if name == "TooMany":
            raise errors.TooMany("web.method", retry_after_s=7)
        if name == "Crash":
            raise ZeroDivisionError("inner matter")
        raise getattr(errors, name)("web.method", field="plate", row=3)

    @made.websocket("/live")
    async def live(socket: WebSocket, caller: Caller = signed_in()) -> None:
        await socket.accept()
        await socket.send_text(caller.actor.id)
        await socket.close()

    return made


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def signed(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, headers={"Authorization": "reader"})


def problem(answer, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"urn:tongqu:problem:{code}"
    assert set(body["detail"]) == {"zh", "en"}
    assert not body["detail"]["zh"].startswith(code.split(".")[0]), "the text of the code is missing"
    return body


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Invalid", 422),
        ("Unauthenticated", 401),
        ("Forbidden", 403),
        ("NotFound", 404),
        ("Refused", 409),
        ("Stale", 412),
        ("TooLarge", 413),
        ("Unavailable", 503),
    ],
)
def test_each_error_has_its_status_field_and_row(client, name, status):
    body = problem(client.get(f"/raise/{name}"), status, "web.method")
    assert (body["field"], body["row"]) == ("plate", 3)


def test_who_must_wait_or_sign_in_is_told_so_in_the_header(client):
    assert client.get("/raise/TooMany").headers["retry-after"] == "7"
    assert client.get("/mine").headers["www-authenticate"] == "Bearer"


def test_a_fault_of_ours_shows_a_reference_and_nothing_of_the_inside(client, caplog):
    answer = client.get("/raise/Crash")
    body = problem(answer, 500, "kit.internal")
    assert "inner matter" not in answer.text
    assert body["reference"] in caplog.text


def test_a_wrong_address_or_method_is_a_problem_too(client):
    problem(client.get("/nothing"), 404, "web.no_such_page")
    problem(client.put("/open"), 405, "web.method")


def test_routes_say_who_may_call(client, signed):
    assert client.get("/open").json() == {"id": "nobody"}
    problem(client.get("/mine"), 401, "web.sign_in")
    assert signed.get("/mine").json() == signed.get("/read").json() == {"id": "r"}
    assert "web.edit" in problem(signed.get("/edit"), 403, "web.no_permission")["detail"]["zh"]


def test_a_cookie_alone_does_not_carry_an_unsafe_request(app):
    client = TestClient(app, cookies={"who": "reader"})
    body = {"plate": "澜A12345"}
    assert client.get("/mine").status_code == 200
    problem(client.post("/form", json=body), 403, "web.cross_site")
    assert client.post("/form", json=body, headers={"X-Tongqu": "1"}).status_code == 200
    client.cookies.clear()
    assert client.post("/form", json=body, headers={"Authorization": "reader"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"origin": "http://testserver"}, 200), ({"origin": "http://testserver:9000"}, 403),
     ({"origin": "https://elsewhere.example"}, 403), ({"origin": "null"}, 403)],
)  # fmt: skip
def test_a_foreign_page_cannot_open_a_socket_with_the_cookie(app, headers, status):
    client = TestClient(app, cookies={"who": "reader"})
    try:
        with client.websocket_connect("/live", headers=headers) as socket:
            assert socket.receive_text() == "r"
        assert status == 200
    except WebSocketDenialResponse as denied:
        assert denied.status_code == status
        assert denied.json()["code"] == "web.cross_origin"


def test_a_socket_of_nobody_is_refused_with_the_reason(client):
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/live"):
        pass
    assert (denied.value.status_code, denied.value.json()["code"]) == (401, "web.sign_in")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "plate", "web.required"),
        ({"plate": "1"}, "plate", "web.too_short"),
        ({"plate": "123456789"}, "plate", "web.too_long"),
        ({"plate": "a b"}, "plate", "web.form"),
        ({"plate": 7}, "plate", "web.text"),
        ({"plate": "\ud800\ud800"}, "plate", "web.text"),
        ({"plate": "ab", "axles": "two"}, "axles", "web.integer"),
        ({"plate": "ab", "axles": 2.5}, "axles", "web.integer"),
        ({"plate": "ab", "axles": 1}, "axles", "web.at_least"),
        ({"plate": "ab", "axles": 10**400}, "axles", "web.at_most"),
        ({"plate": "ab", "axles": 13}, "axles", "web.at_most"),
        ({"plate": "ab", "colour": "red"}, "colour", "web.option"),
        ({"plate": "ab", "empty": "perhaps"}, "empty", "web.boolean"),
        ({"plate": "ab", "load_t": "heavy"}, "load_t", "web.number"),
        ({"plate": "ab", "wheels": 4}, "wheels", "web.unknown_field"),
    ],
)
def test_a_form_says_what_is_wrong_in_both_languages(signed, body, field, code):
    import json

    answer = signed.post("/form", content=json.dumps(body), headers={"Content-Type": "application/json"})
    found = problem(answer, 422, "kit.request")
    assert [(one["field"], one["code"]) for one in found["problems"]] == [(field, code)]
    texts = found["problems"][0]["detail"]
    assert texts["zh"] != texts["en"]
    assert "{" not in texts["zh"] + texts["en"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"NaN"])
def test_what_is_no_form_is_refused(signed, content):
    answer = signed.post("/form", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_text_of_an_error_stands_in_both_catalogues():
    assert text.load("web", "zh").keys() == text.load("web", "en").keys()
    assert text.load("store", "zh").keys() == text.load("store", "en").keys()


def test_the_query_of_a_list_is_read(signed):
    answer = signed.get("/list?q=A&filter.colour=green&filter.colour=yellow&filter.axles=2&sort=-plate&limit=7").json()
    assert answer == {
        "q": "A",
        "filters": {"colour": ["green", "yellow"], "axles": ["2"]},
        "sort": "-plate",
        "limit": 7,
    }
    for bad in ("limit=0", "limit=1001", "limit=x"):
        problem(signed.get(f"/list?{bad}"), 422, "kit.request")


def test_a_tag_names_what_was_read_and_refuses_what_changed(signed):
    read = signed.get("/rows/a")
    tag = read.headers["etag"]
    assert tag == etag_of(read.json()) == etag_of({"name": "甲", "id": "a"})
    assert signed.patch("/rows/a?name=乙", headers={"If-Match": f'W/{tag}, "other"'}).status_code == 200
    problem(signed.patch("/rows/a?name=丙", headers={"If-Match": tag}), 412, "web.changed_meanwhile")
    assert signed.get("/rows/a").json()["name"] == "乙"
    assert signed.patch("/rows/a?name=丁", headers={"If-Match": "*"}).status_code == 200
    assert signed.patch("/rows/a?name=戊").status_code == 200


def test_rules_of_routes_are_found_below_routers_too(app):
    from fastapi import APIRouter

    inner = APIRouter(prefix="/inner")

    @inner.get("/bare")
    def bare() -> None: ...

    outer = APIRouter(prefix="/outer")
    outer.include_router(inner)
    app.include_router(outer, prefix="/api")
    found = {rule.path: rule for rule in route_rules(app.routes)}
    assert found["/api/outer/inner/bare"].rules == ()
    assert found["/read"].rules == ("web.read",)
    assert found["/live"].methods == {"WEBSOCKET"}


def test_a_resource_is_described_by_its_models(signed):
    seen = described(Resource("web.rows", "rows", Body, "web.read", key="plate", create=Body))
    fields = {field["name"]: field for field in seen["form"]}
    assert fields["plate"]["type"] == "text"
    assert (fields["plate"]["min_length"], fields["plate"]["max_length"]) == (2, 8)
    assert fields["plate"]["required"]
    assert (fields["axles"]["type"], fields["axles"]["min"], fields["axles"]["max"]) == ("integer", 2, 12)
    assert [option["value"] for option in fields["colour"]["options"]] == ["yellow", "green"]
    assert (fields["load_t"]["type"], fields["load_t"]["unit"], fields["load_t"]["sort"]) == ("number", "t", True)
    assert fields["since_ms"]["type"] == "time"
    assert seen["path"] == "/api/v1/rows"


class Axle(BaseModel):
    load_t: float = Field(json_schema_extra={"unit": "t"})
    colour: list[Colour] = []


class Lorry(BaseModel):
    plate: str = Field(json_schema_extra={"refers": "web.plates"})
    place: dict[str, Any] | None = Field(None, json_schema_extra={"kind": "geometry", "shapes": ["point"]})
    first: Axle | None = None
    axles: list[Axle] = []


def test_groups_lists_references_and_geometries_are_described_for_forms_and_rows_stay_flat():
    seen = described(Resource("web.rows", "rows", Lorry, "web.read", create=Lorry))
    form = {field["name"]: field for field in seen["form"]}
    assert form["plate"]["refers"] == "web.plates"
    assert (form["place"]["type"], form["place"]["shapes"]) == ("geometry", ["point"])
    assert form["first"]["type"] == "group" and form["axles"]["type"] == "groups"
    for name in ("first", "axles"):
        load, colour = form[name]["fields"]
        assert (load["name"], load["type"], load["unit"], load["required"]) == ("load_t", "number", "t", True)
        assert colour["several"] and [one["value"] for one in colour["options"]] == ["yellow", "green"]
    assert not any("fields" in column for column in seen["columns"])


def test_numbers_of_numpy_are_sent_as_numbers():
    import numpy as np

    assert json_response({"a": np.arange(3), "b": np.float64(0.5)}).body == b'{"a":[0,1,2],"b":0.5}'


def test_rows_that_are_declared_are_filtered_in_the_same_ways_as_stored_ones():
    rows = [{"id": n, "name": name} for n, name in enumerate(["Alpha", "beta", None])]
    ask = lambda **filters: [row["id"] for row in listed(rows, Query(filters=filters), search=("name",)).items]  # noqa: E731
    assert ask(id=("1..",)) == [1, 2] and ask(id=("..1",)) == [0, 1] and ask(id=("1..1",)) == [1]
    assert ask(name=("~ALP",)) == [0] and ask(name=("beta", "")) == [1, 2] and ask(name=("bet",)) == []
    with pytest.raises(Invalid):
        ask(id=("a..b",))


def test_a_stranger_is_kept_to_a_pace_and_told_when_to_come_again(app: FastAPI, signed: TestClient) -> None:
    clock = app.state.platform.clock
    stranger, other, here = (TestClient(app, client=(host, 1)) for host in ("192.0.2.1", "192.0.2.2", "127.0.0.1"))
    answers = [stranger.get("/often").status_code for _ in range(AT_ONCE + 1)]
    assert answers == [200] * AT_ONCE + [429]
    refused = stranger.get("/often")
    assert refused.headers["retry-after"] == "1" and refused.json()["code"] == "web.too_often"
    assert other.get("/often").status_code == 200, "one address says nothing about another"
    assert {client.get("/often").status_code for client in (signed, here) for _ in range(2 * AT_ONCE)} == {200}
    clock.advance(1000)
    assert [stranger.get("/often").status_code for _ in range(2)] == [200, 429]
