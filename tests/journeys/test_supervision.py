"""Journey 1 of supervision: frames on a socket become an alarm, a supervision case and a text to the driver.

Frames that come later take back what never was."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from driving import HOUR_S, MINUTE_S, alarms, drive, fit, say
from running import Running
from shell import until
from terminal import POSITION, Terminal, now_ms

pytestmark = [pytest.mark.needs("equipment", "fleets"), pytest.mark.xdist_group("plain"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def office(plain: Running) -> Iterator[httpx.Client]:
    with plain.local_client() as client:
        yield client


def coach(office: httpx.Client, plate: str) -> dict[str, Any]:
    """A coach of a carrier; its terminal is fitted to it by hand."""
    known = {row["name"]: row["id"] for row in office.get("fleets/enterprises").json()["items"]}
    if "督办客运" not in known:
        body = {"name": "督办客运", "region": "9902", "category": "scheduled_coach"}
        office.post("fleets/enterprises", json=body).raise_for_status()
    about = {"plate": plate, "plate_colour": "yellow", "category": "scheduled_coach", "enterprise": "督办客运"}
    answer = office.post("fleets/vehicles", json=about)
    answer.raise_for_status()
    return dict(answer.json())


def supervision(office: httpx.Client, vehicle: dict[str, Any]) -> dict[str, Any] | None:
    found = office.get("cases", params={"filter.type": "fleets.supervision"}).json()["items"]
    return next((one for one in found if one["subject"] == vehicle["urn"]), None)


class Listener:
    """Reads the stream of alarms as the page does."""

    def __init__(self, office: httpx.Client) -> None:
        self.heard: list[dict[str, Any]] = []
        self._office = office
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            with self._office.stream("GET", "alarms/stream", timeout=300) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        self.heard.append(json.loads(line[6:]))
        except httpx.HTTPError:
            pass


def test_a_tired_driver_rings_is_told_and_the_case_runs_to_its_end(plain: Running, office: httpx.Client) -> None:
    vehicle = coach(office, "京A80809")
    listener = Listener(plain.local_client())
    with Terminal(plain.jt808_port, "13900080809", 2019) as terminal:
        terminal.log_in()
        terminal_id = fit(office, "13900080809", vehicle)
        end_ms = now_ms()
        say(terminal, drive(end_ms, 4 * HOUR_S + 2 * MINUTE_S, 0, 0.0), refill=True)
        assert terminal.result(POSITION, drive(end_ms + 1000, 1, 0, 243.0)[0]) == 0
        (alarm,) = until(lambda: alarms(office, vehicle, "fleets.fatigue"), 120)
        assert (alarm["state"], alarm["live"], alarm["severity"]) == ("open", True, 2)
        assert alarm["onset_ms"] == end_ms - 2 * MINUTE_S * 1000, "four hours after the first fix, to the second"
        until(lambda: any(one["id"] == alarm["id"] for one in listener.heard))
        frame = office.get(f"equipment/frames/{alarm['evidence'][-1]}").json()
        assert frame["ok"] and frame["message_id"] in ("0x0704", "0x0200")

        case = until(lambda: supervision(office, vehicle))
        assert case["state"] == "issued" and "京A·80809" in case["title"]
        whole = office.get(f"cases/{case['id']}")
        clocks = {one["limit"]: one["state"] for one in whole.json()["clocks"]}
        assert clocks == {"take": "running", "answer": "running"}

        order = {"kind": "text", "body": {"text": "请到前方服务区停车休息"}}
        command = office.post(f"equipment/terminals/{terminal_id}/commands", json=order)
        command.raise_for_status()
        heard = until(lambda: _text(terminal), 30)
        assert heard == "请到前方服务区停车休息"

        path = f"cases/{case['id']}/steps"
        for step, data in (("take", {}), ("tell_driver", {"note": "已发送文本"}), ("answer", {"result": "已停车休息"})):
            etag = office.get(f"cases/{case['id']}").headers["etag"]
            answer = office.post(f"{path}/{step}", json={"data": data}, headers={"If-Match": etag})
            assert answer.status_code == 200, answer.text
        etag = office.get(f"cases/{case['id']}").headers["etag"]
        refused = office.post(f"{path}/close", json={"data": {}}, headers={"If-Match": etag})
        assert refused.status_code in (403, 409), "the one who answered may not close it too"

        one = office.get(f"alarms/{alarm['id']}")
        seen = office.post(
            f"alarms/{alarm['id']}/acknowledge", json={"note": "已处理"}, headers={"If-Match": one.headers["etag"]}
        )
        assert seen.status_code == 200 and seen.json()["acknowledged_ms"]
        until(lambda: any(one["id"] == alarm["id"] and one["acknowledged_ms"] for one in listener.heard))


def _text(terminal: Terminal) -> str | None:
    """The text that the platform sends, once it comes."""
    message = terminal.read()
    return str(message.body["text"]) if message.head.message_id == 0x8300 else None


def test_a_rest_that_is_refilled_takes_the_alarm_and_its_case_back(plain: Running, office: httpx.Client) -> None:
    vehicle = coach(office, "京A80810")
    with Terminal(plain.jt808_port, "13900080810", 2019) as terminal:
        terminal.log_in()
        fit(office, "13900080810", vehicle)
        end_ms = now_ms()
        hole_s, hole_end_s = 2 * HOUR_S, 90 * MINUTE_S
        say(terminal, drive(end_ms, 5 * HOUR_S, hole_s, 0.0), refill=True)
        say(terminal, drive(end_ms, hole_end_s, 0, 182.0), refill=True)
        (alarm,) = until(lambda: alarms(office, vehicle, "fleets.fatigue"), 120)
        assert alarm["values"]["gap_s"] > 1700, "the hole counts as driving, and the alarm says so"
        rest = drive(end_ms, hole_s, hole_end_s + 5 * MINUTE_S, 180.0, speed_kmh=0.0)
        say(terminal, rest, refill=True)
        until(lambda: alarms(office, vehicle, "fleets.fatigue")[0]["state"] == "withdrawn")
        case = supervision(office, vehicle)
        assert case is None or until(lambda: supervision(office, vehicle)["state"] == "withdrawn")


def test_replay_over_the_history_agrees(office: httpx.Client) -> None:
    now = now_ms()
    begun = office.post("rules/replay", json={"from_ms": now - 12 * HOUR_S * 1000, "to_ms": now + 60_000})
    assert begun.status_code == 202, begun.text
    until(lambda: office.get("rules/replay").json()["state"] != "running", 60)
    report = office.get("rules/replay").json()
    assert report["state"] == "done" and report["agrees"], report
    assert report["rows"] > 400 and report["alarms"] >= 1
    assert office.post("rules/replay", json={"from_ms": 5, "to_ms": 5}).status_code == 422
