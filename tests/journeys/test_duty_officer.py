"""Journey 2: a duty officer sees what happened where, takes it on, reports it, hands the shift over, writes it up."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from docx import Document
from running import Running
from shell import until
from terminal import POSITION, Terminal, fix

from tongqu.kit.time import DAY_MS, iso

pytestmark = [pytest.mark.needs("equipment", "fleets", "insight"), pytest.mark.xdist_group("demo")]

EMERGENCY = 1
LON, LAT = 120.9, 28.2
OFFICERS = {"9901": "duty-lanzhou", "9902": "duty-wangting", "9903": "duty-linxiu"}


@pytest.fixture(scope="module")
def city(demo: Running) -> str:
    """The city in which it happens."""
    with demo.client("admin") as admin:
        found = admin.get("geo/where", params={"lon": LON, "lat": LAT}).json()
    codes = [str(one["code"]) for one in found["regions"]]
    return next(code for code in codes if code in OFFICERS)


@pytest.fixture(scope="module")
def officer(demo: Running, city: str) -> Iterator[httpx.Client]:
    with demo.client(OFFICERS[city]) as client:
        yield client


@pytest.fixture(scope="module")
def incident(demo: Running, officer: httpx.Client) -> dict[str, Any]:
    """Two vehicles call for help at one place, one after the other: one incident."""
    with ExitStack() as stack:
        terminals = [stack.enter_context(Terminal(demo.jt808_port, f"1390000220{n}", 2019)) for n in (1, 2)]
        for number, terminal in enumerate(terminals):
            terminal.log_in()
            for alarm in (0, EMERGENCY):
                place = {"latitude_deg": LAT + number * 0.001, "longitude_deg": LON, "alarm": alarm}
                assert terminal.result(POSITION, fix(**place)) == 0

        def found() -> dict[str, Any] | None:
            query = {"filter.type": "insight.incident", "open": "true", "limit": 200}
            rows = officer.get("cases", params=query).json()["items"]
            ours = [row for row in rows if row["data"]["rules"].get("equipment.emergency", 0) >= 2]
            return ours[0] if ours else None

        return dict(until(found, 90))


def step(client: httpx.Client, case: str, name: str, **data: Any) -> httpx.Response:
    tag = client.get(f"cases/{case}").headers["ETag"]
    return client.post(f"cases/{case}/steps/{name}", json={"data": data}, headers={"If-Match": tag})


def words(client: httpx.Client, document: str) -> str:
    made = Document(io.BytesIO(client.get(f"documents/{document}").raise_for_status().content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in made.paragraphs), *cells])


def test_alarms_of_one_place_and_cause_are_one_incident(
    demo: Running, officer: httpx.Client, incident: dict[str, Any], city: str
) -> None:
    assert incident["region"].startswith(city) and incident["priority"] == 1 and incident["number"]
    assert incident["data"]["subjects"] == incident["data"]["alarms"] == 2
    alarms = officer.get(f"insight/incidents/{incident['id']}/alarms").json()["items"]
    assert len({one["subject"] for one in alarms}) == 2 and {one["rule"] for one in alarms} == {"equipment.emergency"}
    other = next(login for code, login in OFFICERS.items() if code != city)
    with demo.client(other) as client:
        assert client.get(f"cases/{incident['id']}").status_code == 404


def test_the_county_is_two_looks_away(demo: Running, incident: dict[str, Any], city: str) -> None:
    with demo.client("duty-province") as province:
        cities = province.get("insight/overview", params={"region": "99"}).json()["regions"]
        assert {row["region"]: row["incidents"] for row in cities}[city] >= 1
        counties = province.get("insight/overview", params={"region": city}).json()["regions"]
        assert {row["region"]: row["incidents"] for row in counties}[incident["region"]] >= 1


def test_from_taking_it_on_to_the_final_report(officer: httpx.Client, incident: dict[str, Any]) -> None:
    case = incident["id"]
    assert step(officer, case, "close", result="x").json()["code"] == "cases.not_from_here"
    assert step(officer, case, "take").json()["state"] == "handling"
    for kind, step_name in (("first", "first_report"), ("follow_up", "follow_up"), ("final", "final_report")):
        draft = officer.post(f"insight/incidents/{case}/reports", json={"kind": kind})
        body = draft.json()["body"]
        body[-1]["text"] = f"值守记录 {kind}"
        form = {"title": draft.json()["title"], "body": body}
        path = f"insight/reports/{draft.json()['id']}"
        officer.put(path, json=form, headers={"If-Match": draft.headers["ETag"]}).raise_for_status()
        sent = officer.post(f"{path}/submit").raise_for_status().json()
        text = words(officer, sent["document"])
        assert f"值守记录 {kind}" in text and incident["number"] in text and "未核实" in text
        history = officer.get(f"cases/{case}/history").json()["items"]
        assert step_name in [line["name"] for line in history]
        assert officer.delete(f"documents/{sent['document']}").json()["code"] == "documents.held"
    assert step(officer, case, "close", result="人员平安，车辆已离开").json()["state"] == "closed"
    lines = officer.get(f"cases/{case}/history").json()["items"]
    logged = officer.get("audit", params={"filter.subject": incident["urn"], "limit": 200})
    if logged.status_code == 200:
        proofs = {row["details"].get("proof") for row in logged.json()["items"]}
        assert {line["proof"] for line in lines} <= proofs


def test_the_shift_goes_from_hand_to_hand(demo: Running, officer: httpx.Client, city: str) -> None:
    waiting = officer.get("insight/shifts/current", params={"region": city}).json()["shift"]
    assert waiting["state"] == "handed_over", "the demo's officer waits to be relieved"
    mine = officer.post(f"insight/shifts/{waiting['id']}/sign", json={"remark": "已接班"}).raise_for_status().json()
    assert step(officer, mine["id"], "note", note="与县中心核对").status_code == 200
    handed = officer.post(f"insight/shifts/{mine['id']}/hand_over", json={"summary": "平稳"}).json()
    assert handed["state"] == "handed_over"
    assert officer.post(f"insight/shifts/{mine['id']}/sign", json={}).json()["code"] == "cases.second_person"
    with demo.client("duty-province") as relief:
        following = relief.post(f"insight/shifts/{mine['id']}/sign", json={}).raise_for_status().json()
        assert following["state"] == "on_duty" and following["data"]["previous"] == mine["id"]
        done = relief.get(f"insight/shifts/{mine['id']}").json()
    signatures = [line["actor"] for line in done["lines"] if line["name"] in ("hand_over", "sign")]
    assert len(set(signatures)) == 2


def test_the_daily_report(officer: httpx.Client, incident: dict[str, Any], city: str) -> None:
    day = iso(incident["opened_ms"])[:10]
    figures = officer.get("insight/daily", params={"region": city, "day": day}).json()
    assert incident["id"] in [row["id"] for row in figures["rows"]]
    begun = [row for row in figures["rows"] if 0 <= row["opened_ms"] - figures["begin_ms"] < DAY_MS]
    assert figures["incidents"] == len(begun) and figures["alarms"] >= figures["alarms_in_incidents"] >= 2
    made = officer.post("insight/daily", json={"region": city, "day": day}).raise_for_status().json()
    assert incident["number"] in words(officer, made["document"])
