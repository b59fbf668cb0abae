"""The officer's day over the routes: takes an incident on, reports it, hands the shift over, writes the daily."""

from __future__ import annotations

import io
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from docx import Document

from tongqu.domains.insight import word
from tongqu.domains.insight.cases import INCIDENT
from tongqu.domains.insight.tables import METADATA
from tongqu.domains.insight.tests.conftest import FATIGUE, SYSTEM, Centre
from tongqu.kernel import cases
from tongqu.kernel.identity.module import start as start_identity
from tongqu.kit.time import HOUR_MS, MINUTE_MS


@pytest.fixture
def desk(centre: Centre, http) -> Any:
    """Give a function that signs an officer in."""
    start_identity(centre.platform)
    return lambda name: http(centre.platform, f"duty-{name}")


def step(client: Any, case: str, name: str, **data: Any) -> Any:
    tag = client.get(f"cases/{case}").headers["ETag"]
    return client.post(f"cases/{case}/steps/{name}", json={"data": data}, headers={"If-Match": tag})


def incident(client: Any) -> dict[str, Any]:
    found = client.get("cases", params={"filter.type": "insight.incident", "open": "true"}).json()["items"]
    return dict(found[0])


def words_of(client: Any, document: str) -> str:
    answer = client.get(f"documents/{document}")
    assert answer.status_code == 200, answer.text
    made = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in made.paragraphs] + cells)


def test_from_the_alarm_to_the_final_report(centre: Centre, desk) -> None:
    for number in range(3):
        centre.alarm(f"澜A0000{number}", FATIGUE)
    one = desk("one")
    case = incident(one)["id"]
    taken = step(one, case, "take").json()
    assert taken["state"] == "handling" and taken["handler"] == centre.people["one"]
    early = one.post(f"insight/incidents/{case}/reports", json={"kind": "follow_up"}).json()
    refused = one.post(f"insight/reports/{early['id']}/submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "insight.first_report_missing")
    assert one.delete(f"insight/reports/{early['id']}").status_code == 204

    centre.clock.advance(20 * MINUTE_MS)
    draft = one.post(f"insight/incidents/{case}/reports", json={"kind": "first"})
    assert draft.status_code == 201
    body = draft.json()["body"]
    assert (
        "桥东县" in body[0]["text"]
        and "G9901 K45+200 下行" in body[0]["text"]
        and "2026-11-24 09:00" in body[0]["text"]
    )
    assert "3 个目标" in body[1]["text"] and "澜A00002" in body[1]["text"]
    body[3]["text"] = "已通知路政巡查，\n并请企业提醒驾驶员。"
    form = {"title": draft.json()["title"], "body": body}
    path = f"insight/reports/{draft.json()['id']}"
    edited = one.put(path, json=form, headers={"If-Match": draft.headers["ETag"]})
    assert edited.status_code == 200
    assert one.put(path, json=form, headers={"If-Match": draft.headers["ETag"]}).status_code == 412
    sent = one.post(f"{path}/submit")
    assert sent.status_code == 200, sent.text
    text = words_of(one, sent.json()["document"])
    assert "已通知路政巡查" in text and "澜A00001" in text and "未核实" in text and "值班员one" in text
    assert one.put(path, json=form).json()["code"] == "insight.report_sent"
    assert one.post(f"{path}/submit").json()["code"] == "insight.report_sent"

    refused = step(one, case, "close", result="恢复正常")
    assert (refused.status_code, refused.json()["code"]) == (409, "insight.final_report_missing")
    for kind in ("follow_up", "final"):
        centre.clock.advance(30 * MINUTE_MS)
        made = one.post(f"insight/incidents/{case}/reports", json={"kind": kind, "language": "en"}).json()
        assert one.post(f"insight/reports/{made['id']}/submit").status_code == 200
    assert step(one, case, "close", result="恢复正常").json()["state"] == "closed"
    clocks = {(c["limit"], c["state"]) for c in one.get(f"cases/{case}").json()["clocks"]}
    assert clocks == {("take", "met"), ("first_report", "met"), ("follow_up", "met"), ("final_report", "met")}
    kinds = [one_["kind"] for one_ in one.get(f"insight/incidents/{case}/reports").json()["items"]]
    assert kinds == ["first", "follow_up", "final"]
    held = one.get(f"cases/{case}").json()["documents"]
    assert len(held) == 3 and all(len(doc["sha256"]) == 64 for doc in held)


def test_clocks_of_reports_say_how_sure_their_numbers_are(centre: Centre, desk) -> None:
    centre.alarm(kind=FATIGUE)
    one = desk("one")
    case = incident(one)["id"]
    step(one, case, "take")
    centre.clock.advance(HOUR_MS)
    shown = one.get(f"cases/{case}").json()
    (late,) = [clock for clock in shown["clocks"] if clock["limit"] == "first_report"]
    assert late["state"] == "overdue" and late["status"] == "unverified"
    assert {one_["id"] for one_ in shown["parameters"]} == {
        "insight.reports.take_minutes",
        "insight.reports.first_report_hours",
    }
    assert all(one_["source"] and one_["status_label"]["zh"] == "未核实" for one_ in shown["parameters"])


def test_a_shift_is_handed_over_with_what_is_open_and_two_signatures(centre: Centre, desk) -> None:
    one, two, other = desk("one"), desk("two"), desk("other")
    begun = one.post("insight/shifts", json={"region": "9901"}).json()
    assert begun["handler"] == centre.people["one"] and begun["state"] == "on_duty"
    again = two.post("insight/shifts", json={"region": "9901"})
    assert (again.status_code, again.json()["code"]) == (409, "insight.shift_running")
    assert other.post("insight/shifts", json={"region": "9901"}).status_code == 403
    step(one, begun["id"], "note", note="与县中心核对桥隧视频")
    centre.alarm("澜A00001", FATIGUE)
    centre.alarm("澜A00009", FATIGUE, minutes=60, east=1.0)
    first = incident(one)["id"]
    step(one, first, "dismiss", reason="误报")
    centre.clock.advance(8 * HOUR_MS)
    assert two.post(f"insight/shifts/{begun['id']}/hand_over", json={"summary": "x"}).json()["code"] == (
        "insight.not_your_shift"
    )
    handed = one.post(f"insight/shifts/{begun['id']}/hand_over", json={"summary": "一起未办结，请跟进"}).json()
    assert handed["state"] == "handed_over" and len(handed["open"]) == 1 and handed["during"] == 2
    own = one.post(f"insight/shifts/{begun['id']}/sign", json={})
    assert (own.status_code, own.json()["code"]) == (409, "cases.second_person")
    following = two.post(f"insight/shifts/{begun['id']}/sign", json={"remark": "已知悉"}).json()
    assert following["handler"] == centre.people["two"] and following["data"]["previous"] == begun["id"]
    centre.alarm("澜A00010", FATIGUE, minutes=600, east=2.0)
    centre.clock.advance(HOUR_MS)
    done = two.get(f"insight/shifts/{begun['id']}").json()
    assert [line["actor"] for line in done["lines"] if line["name"] in ("hand_over", "sign")] == [
        centre.people["one"],
        centre.people["two"],
    ]
    assert all(len(line["proof"]) == 64 for line in done["lines"])
    assert len(done["open"]) == 1, "what came after the signature is not in it"
    assert other.get(f"insight/shifts/{begun['id']}").status_code == 404
    current = two.get("insight/shifts/current", params={"region": "9901"}).json()["shift"]
    assert current["id"] == following["id"]


def test_the_daily_report_counts_what_the_rows_say(centre: Centre, desk) -> None:
    one = desk("one")
    one.post("insight/shifts", json={"region": "9901"})
    for number in range(4):
        centre.alarm(f"澜A1000{number}", minutes=0.1 * number)
    centre.alarm("澜A00001", FATIGUE, minutes=100)
    centre.alarm("澜A20001", minutes=200)
    for row in one.get("cases", params={"filter.type": "insight.incident"}).json()["items"]:
        if row["priority"] == 2:
            step(one, row["id"], "dismiss", reason="误报")
    centre.clock.advance(6 * HOUR_MS)
    figures = one.get("insight/daily", params={"region": "9901", "day": "2026-11-24"}).json()
    expected = {"alarms": 6, "alarms_in_incidents": 5, "incidents": 2, "dismissed": 1, "closed": 0, "open_at_end": 1}
    assert {name: figures[name] for name in expected} == expected
    assert figures["by_region"] == {"990101": 2} and len(figures["rows"]) == 2
    empty = one.get("insight/daily", params={"region": "9901", "day": "2026-11-23"}).json()
    assert empty["incidents"] == empty["alarms"] == 0
    made = one.post("insight/daily", json={"region": "9901", "day": "2026-11-24"})
    assert made.status_code == 201
    text = words_of(one, made.json()["document"])
    assert "2026-11-24" in text and "当日报警 6 条" in text and "值班员one" in text and "未核实" in text
    assert "990101-20261124-001" in text
    assert desk("other").post("insight/daily", json={"region": "9901", "day": "2026-11-24"}).status_code == 403
    theirs = desk("other").get("insight/daily", params={"region": "9901", "day": "2026-11-24"}).json()
    assert theirs["incidents"] == 0 and theirs["rows"] == []


@pytest.mark.parametrize("day", ["2026-13-01", "26-1-1", "1999-01-01", "2026-11-24T00:00", ""])
def test_a_day_that_is_none(desk, day: str) -> None:
    assert desk("one").get("insight/daily", params={"region": "9901", "day": day}).status_code == 422


def test_words_that_xml_cannot_carry_do_not_break_a_document() -> None:
    made = word.write("标题\x00", "\ud800", [word.Section("甲\x0b", "乙\x07\n丙", word.Table(["a"], [["\x1b"]]))])
    assert [one.text for one in Document(io.BytesIO(made)).paragraphs if one.text] == ["标题", "甲", "乙", "丙"]


def test_a_form_without_words_is_refused(centre: Centre, desk) -> None:
    one = desk("one")
    centre.alarm(kind=FATIGUE)
    case = incident(one)["id"]
    path = f"insight/incidents/{case}/reports"
    assert one.post(path, json={"kind": "weekly"}).status_code == 422
    made = one.post(path, json={"kind": "first"}).json()
    for wrong in ({"title": "", "body": made["body"]}, {"title": "x", "body": []}, {"title": "x"}):
        assert one.put(f"insight/reports/{made['id']}", json=wrong).status_code == 422
    assert desk("other").get(f"insight/reports/{made['id']}").status_code == 404
    assert desk("other").get(path).status_code == 404


def test_a_closed_incident_is_not_reported(centre: Centre, desk) -> None:
    centre.alarm(kind=FATIGUE)
    one = desk("one")
    case = incident(one)["id"]
    step(one, case, "dismiss", reason="误报")
    assert one.post(f"insight/incidents/{case}/reports", json={"kind": "first"}).json()["code"] == (
        "insight.incident_closed"
    )
    with centre.platform.store.read(SYSTEM) as work:
        assert cases.get(work, INCIDENT, case).state == "dismissed"


def test_tables_are_those_of_the_migrations(centre: Centre) -> None:
    with centre.platform.store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables}
        )
        assert compare_metadata(context, METADATA) == []
