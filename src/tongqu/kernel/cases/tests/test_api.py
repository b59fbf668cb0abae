"""The routes of the cases: forms from the declaration, entity tags, and nothing of others."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tongqu.kernel import cases, identity
from tongqu.kernel.cases.module import start
from tongqu.kernel.cases.tests.conftest import DEFECT
from tongqu.kernel.cases.tests.test_cases import SYSTEM
from tongqu.kernel.identity.module import start as start_identity
from tongqu.kernel.platform import Platform
from tongqu.kit.time import DAY_MS

PASSWORD = "correct horse 42"


@pytest.fixture
def people(platform: Platform) -> dict[str, str]:
    start_identity(platform)
    start(platform)
    with platform.store.write(SYSTEM) as work:
        identity.add_regions(work, [identity.Region("99", "省", "P", "province", None)])
        for code in ("9901", "9902"):
            identity.add_regions(work, [identity.Region(code, code, code, "city", "99")])
        found = {}
        for login, role, over in (
            ("anna", "keeper", "9901"),
            ("bert", "keeper", "9902"),
            ("root", "administrator", None),
        ):
            made = identity.add_person(
                work, login=login, name=login, organisation=None, region=over or "99", password=PASSWORD
            )
            identity.grant(work, made.id, role, region=over)
            if login == "root":
                identity.grant(work, made.id, "keeper", region=over)
            found[login] = made.id
    return found


@pytest.fixture
def case(platform: Platform, people) -> str:
    with platform.store.write(SYSTEM) as work:
        return cases.open_case(work, DEFECT, title="坑槽 3 处", region="990101", place="X101 K3+200").id


@pytest.fixture
def sign_in(platform: Platform, people, http):
    def client(login: str) -> TestClient:
        made = http(platform, headers={"X-Tongqu": "1"}, base_url="http://testserver/api/v1/")
        assert made.post("identity/session", json={"login": login, "password": PASSWORD}).status_code == 200
        return made

    return client


def test_a_person_sees_takes_and_is_told_what_changed(sign_in, case: str, people) -> None:
    anna = sign_in("anna")
    (row,) = anna.get("cases").json()["items"]
    assert row["id"] == case and row["overdue"] == 0 and row["due_ms"] is not None
    shown = anna.get(f"cases/{case}")
    body = shown.json()
    steps = {one["id"]: one for one in body["steps"]}
    assert list(steps) == ["plan", "note", "drop"]
    assert [(f["name"], f["type"], f["required"]) for f in steps["plan"]["form"]] == [
        ("engineer", "person", False),
        ("note", "text", False),
    ]
    tag = shown.headers["ETag"]
    assert anna.post(f"cases/{case}/steps/plan", json={}).json()["code"] == "cases.no_if_match"
    taken = anna.post(f"cases/{case}/steps/plan", json={"data": {"note": "修"}}, headers={"If-Match": tag})
    assert taken.status_code == 200 and taken.json()["state"] == "planned" and taken.headers["ETag"] != tag
    again = anna.post(f"cases/{case}/steps/note", json={}, headers={"If-Match": tag})
    assert (again.status_code, again.json()["code"]) == (412, "web.changed_meanwhile")
    wrong = anna.post(f"cases/{case}/steps/accept", json={}, headers={"If-Match": "*"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "cases.not_from_here")
    lines = anna.get(f"cases/{case}/history").json()["items"]
    assert [one["name"] for one in lines] == ["open", "plan"] and all(len(one["proof"]) == 64 for one in lines)


@pytest.mark.parametrize(
    "body", [{"data": []}, {"data": {"note": {"a": 1}}}, {"lon": 181}, {"lat": "x"}, {"colour": 1}, [], "x"]
)
def test_bad_bodies_are_refused(sign_in, case: str, body) -> None:
    answer = sign_in("anna").post(f"cases/{case}/steps/plan", json=body, headers={"If-Match": "*"})
    assert answer.status_code == 422 and answer.json()["code"]


def test_another_city_sees_nothing(sign_in, case: str) -> None:
    bert = sign_in("bert")
    assert bert.get("cases").json()["total"] == 0
    paths = ("", "/history")
    assert {bert.get(f"cases/{case}{path}").status_code for path in paths} == {404}
    assert bert.post(f"cases/{case}/steps/plan", json={}, headers={"If-Match": "*"}).status_code == 404
    assert bert.post(f"cases/{case}/documents", json={"kind": "a", "document": "b"}).status_code == 404
    assert sign_in("anna").get("cases/NOSUCH").json()["code"] == "cases.unknown"


def test_supervision_over_the_wire(sign_in, case: str, clock) -> None:
    order = {"level": "province", "deadline_ms": clock.at_ms + DAY_MS, "reason": "限期"}
    assert sign_in("anna").post(f"cases/{case}/supervision", json=order).status_code == 403
    root = sign_in("root")
    made = root.post(f"cases/{case}/supervision", json=order)
    assert made.status_code == 201
    shown = root.get(f"cases/{case}").json()
    assert shown["supervised"] and shown["may_supervise"] == ["county", "city", "province", "ministry"]
    (running,) = [one for one in shown["clocks"] if one["limit"] == "supervision"]
    assert running["label"]["zh"] == "省级督办" and running["state"] == "running"
    lifted = root.post(f"cases/{case}/supervision/{made.json()['id']}/lift", json={"reason": "已整改"})
    assert lifted.status_code == 200 and not root.get(f"cases/{case}").json()["supervised"]


def test_lists_filter_by_state_and_region(sign_in, case: str, platform: Platform) -> None:
    with platform.store.write(SYSTEM) as work:
        other = cases.open_case(work, DEFECT, title="y", region="990102").id
        cases.advance(work, DEFECT, other, "drop", data={"note": "重复"})
    anna = sign_in("anna")
    for query, total in (
        ({}, 2),
        ({"open": "true"}, 1),
        ({"open": "false"}, 1),
        ({"region": "990102"}, 1),
        ({"filter.state": "found"}, 1),
        ({"q": "坑槽"}, 1),
        ({"filter.type": "desk.defect"}, 2),
    ):
        assert anna.get("cases", params=query).json()["total"] == total, query
    assert anna.get("cases", params={"sort": "data"}).json()["code"] == "store.unknown_column"
    assert anna.get("cases", params={"region": "x"}).status_code == 422
    (type,) = anna.get("cases/types").json()["items"]
    assert type["id"] == "desk.defect" and [one["id"] for one in type["states"] if one["final"]] == [
        "closed",
        "dropped",
    ]
