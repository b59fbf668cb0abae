"""The routes: who sees whom, masked or not, what is written down, what an editor is told."""

from __future__ import annotations

import csv
import io

import pytest

from tongqu.kernel import identity
from tongqu.kernel.audit import store as audit_store
from tongqu.kernel.store import Query, system_actor
from tongqu.kernel.web import route_rules

API = "/api/v1/identity"


def verbs(house, count: int = 5) -> list[str]:
    with house.platform.store.read(system_actor("test")) as work:
        return [row["verb"] for row in audit_store.listed(work, Query(limit=count)).items]


def logins(client) -> set[str]:
    return {row["login"] for row in client.get(f"{API}/people").json()["items"]}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("root", {"root", "province", "city1", "city2", "north_admin", "south_admin", "clerk", "plain"}),
        ("province", {"province", "city1", "city2", "north_admin", "south_admin", "clerk", "plain"}),
        ("city1", {"city1", "north_admin", "clerk"}),
        ("city2", {"city2", "south_admin", "plain"}),
        ("north_admin", {"north_admin", "clerk"}),
        ("south_admin", {"south_admin", "plain"}),
    ],
)
def test_a_list_of_people_goes_by_region_and_organisation(sign_in, name, seen):
    assert logins(sign_in(name)) == seen


def test_one_without_the_permission_sees_oneself_and_no_list(house, sign_in):
    client = sign_in("plain")
    assert client.get(f"{API}/people").status_code == 403
    assert client.get(f"{API}/people/{house.people['plain']}").json()["phone"] == "13800001234"
    assert client.get(f"{API}/people/{house.people['south_admin']}").status_code == 404


def test_nothing_of_one_city_reaches_a_user_of_the_other(house, sign_in):
    """Every route that gives rows, asked by the administrator of 望汀: no id, login or name of 澜州 in any answer."""
    client = sign_in("city2")
    routes = ("people", "people/export.csv", "organisations", "grants", "tokens", "roles", "session")
    secrets = [house.north, house.depot, "北线", "north_admin", *(house.people[n] for n in ("clerk", "city1"))]
    for route in routes:
        answer = client.get(f"{API}/{route}")
        assert answer.status_code == 200, route
        assert not [secret for secret in secrets if secret in answer.text], route
    assert client.get("/api/v1/audit?limit=1000").status_code == 200
    assert not [s for s in secrets if s in client.get("/api/v1/audit?limit=1000").text]
    for path in (f"people/{house.people['clerk']}", f"organisations/{house.north}"):
        assert client.get(f"{API}/{path}").status_code == 404
        assert client.patch(f"{API}/{path}", json={"name": "改"}).status_code == 404


def test_contacts_are_masked_until_somebody_may_and_asks_and_that_is_written_down(house, sign_in):
    client = sign_in("city1")
    rows = {row["login"]: row for row in client.get(f"{API}/people").json()["items"]}
    assert rows["clerk"]["phone"] == "138****1234"
    assert rows["clerk"]["email"] == "c***@example.org"
    assert rows["city1"]["phone"] == "13800001234", "one's own"
    assert "identity.reveal" not in verbs(house)
    rows = {row["login"]: row for row in client.get(f"{API}/people?reveal=true").json()["items"]}
    assert rows["clerk"]["phone"] == "13800001234"
    assert verbs(house)[0] == "identity.reveal"
    with house.write("province") as work:
        identity.grant(work, house.people["clerk"], "duty_officer", region="9901")
    officer = sign_in("clerk")
    assert officer.get(f"{API}/people?reveal=true").status_code == 403
    assert "13800001234" not in officer.get(f"{API}/people?filter.login=north_admin").text


def test_the_export_has_all_rows_masked_and_is_written_down(house, sign_in):
    with house.platform.store.write(system_actor("test")) as work:
        identity.add_person(work, login="formula", name="=1+1", region="9902", phone="+86 138")
    answer = sign_in("city2").get(f"{API}/people/export.csv")
    assert answer.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["login"] for row in rows} == {"city2", "south_admin", "plain", "formula"}
    assert next(row for row in rows if row["login"] == "formula")["name"] == "'=1+1"
    assert {row["phone"] for row in rows if row["login"] in ("plain", "south_admin")} == {"138****1234"}
    assert verbs(house)[0] == "identity.export"


def test_a_person_is_added_given_a_role_signs_in_and_is_disabled(house, sign_in, http):
    client = sign_in("city2")
    form = {"login": "Duty.02", "name": "值班员02", "region": "9902", "phone": "", "password": "begin with this"}
    made = client.post(f"{API}/people", json=form)
    assert made.status_code == 201, made.text
    assert made.json()["login"] == "duty.02"
    assert made.json()["phone"] is None
    person = made.json()["id"]
    given = client.post(f"{API}/grants", json={"person": person, "role": "duty_officer", "region": "9902"})
    assert given.status_code == 201
    fresh = http(house.platform, headers={"X-Tongqu": "1"})
    session = {"login": "duty.02", "password": "begin with this"}
    assert fresh.post(f"{API}/session", json=session).json()["roles"] == ["duty_officer"]
    assert client.get(f"{API}/people/{person}").json()["roles"] == ["duty_officer"]
    assert [row["role"] for row in client.get(f"{API}/grants?filter.person={person}").json()["items"]] == [
        "duty_officer"
    ]
    assert client.delete(f"{API}/grants/{given.json()['id']}").status_code == 204
    assert fresh.get(f"{API}/session").json()["permissions"] == []
    reset = client.post(f"{API}/people/{person}/password", json={}).json()["password"]
    assert fresh.get(f"{API}/session").status_code == 401
    assert fresh.post(f"{API}/session", json=session | {"password": reset}).status_code == 200
    assert client.post(f"{API}/people/{person}/disable").status_code == 204
    assert fresh.get(f"{API}/session").status_code == 401
    assert verbs(house, 1) == ["identity.disable_person"]


@pytest.mark.parametrize(
    ("path", "form", "status", "field"),
    [
        ("people", {"name": "无登录名"}, 422, "login"),
        ("people", {"login": "a b c", "name": "n", "region": "9901"}, 422, "login"),
        ("people", {"login": "root", "name": "n", "region": "9901"}, 409, "login"),
        ("people", {"login": "abc", "name": "n", "region": "9955"}, 404, "region"),
        ("people", {"login": "abc", "name": "n", "region": "9x"}, 422, "region"),
        ("people", {"login": "abc", "name": "n", "region": "9901", "password": "abc"}, 422, "password"),
        ("people", {"login": "abc", "name": "n", "region": "9901", "email": "nothing"}, 422, "email"),
        ("people", {"login": "abc", "name": "n", "region": "9901", "rank": 1}, 422, "rank"),
        ("people", {"login": "abc", "name": "\ud800", "region": "9901"}, 422, "name"),
        ("organisations", {"name": "x", "kind": "club"}, 422, "kind"),
        ("organisations", {"name": "x", "parent": "none"}, 404, None),
        ("grants", {"person": "x", "role": "nothing"}, 404, None),
        ("tokens", {"name": "x", "permissions": []}, 422, "permissions"),
        ("tokens", {"name": "x", "permissions": ["identity.read"], "expires_ms": 5}, 422, "expires_ms"),
        ("regions", {"code": "990", "name": "x"}, 422, "region"),
    ],
)
def test_a_bad_form_is_told_what_is_wrong_and_changes_nothing(house, sign_in, path, form, status, field):
    import json

    client = sign_in("root")
    before = verbs(house, 1)
    headers = {"Content-Type": "application/json"}
    answer = client.post(f"{API}/{path}", content=json.dumps(form), headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field
    assert answer.json()["detail"]["zh"] != answer.json()["detail"]["en"]
    assert verbs(house, 1) == before


@pytest.mark.parametrize("route", ["organisations", "people"])
def test_an_edit_over_anothers_edit_is_refused(house, sign_in, route):
    client = sign_in("city1")
    row = house.north if route == "organisations" else house.people["clerk"]
    read = client.get(f"{API}/{route}/{row}")
    first = client.patch(f"{API}/{route}/{row}", json={"name": "改名一"}, headers={"If-Match": read.headers["etag"]})
    assert first.status_code == 200
    second = client.patch(f"{API}/{route}/{row}", json={"name": "改名二"}, headers={"If-Match": read.headers["etag"]})
    assert (second.status_code, second.json()["code"]) == (412, "web.changed_meanwhile")
    third = client.patch(f"{API}/{route}/{row}", json={"name": "改名三"}, headers={"If-Match": first.headers["etag"]})
    assert third.json()["name"] == "改名三"


def test_over_http_too_nobody_gives_what_they_do_not_hold(house, sign_in):
    client = sign_in("north_admin")
    for form in (
        {"person": house.people["clerk"], "role": "administrator", "region": "9901"},
        {"person": house.people["clerk"], "role": "administrator"},
        {"person": house.people["north_admin"], "role": "administrator", "region": "99"},
    ):
        assert client.post(f"{API}/grants", json=form).json()["code"] == "identity.not_held"
    assert client.post(f"{API}/people", json={"login": "abc", "name": "n", "region": "9902"}).status_code == 403
    assert client.post(f"{API}/people", json={"login": "abc", "name": "n"}).status_code == 403


def test_every_route_says_who_may_call_it():
    from tongqu.kernel.identity.module import MODULE, router

    known = {*MODULE.permissions, "signed_in", "anyone"}
    found = list(route_rules(router().routes))
    assert len(found) > 20
    for route in found:
        assert len(route.rules) == 1, route
        assert route.rules[0] in known, route


def test_the_page_gets_lists_and_forms_from_the_models(house):
    from tongqu.kernel.identity.module import MODULE
    from tongqu.kernel.web import described
    from tongqu.kit.text import has

    for resource in MODULE.resources:
        seen = described(resource)
        for field in seen["columns"] + seen["form"] + seen["edit_form"]:
            assert has(f"identity.fields.{field['name']}"), field["name"]
        assert has(f"identity.resources.{resource.id.split('.')[1]}")
    form = {field["name"]: field for field in described(MODULE.resources[0])["form"]}
    assert form["region"]["type"] == "region"
    assert form["password"]["type"] == "password"
    assert form["login"]["required"]
