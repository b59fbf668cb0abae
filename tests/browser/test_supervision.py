"""Journey 1 in the browser: an alarm arrives, its frame is explained, the driver is told, the case runs to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from driving import HOUR_S, MINUTE_S, alarms, drive, fit, say
from playwright.sync_api import Locator, Page, expect
from running import Running
from shell import until
from terminal import POSITION, Terminal, now_ms

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(600),
]

PHONE, PLATE = "13900080901", "澜A80901"
TEXT, TERMINAL_REPLY = 0x8300, 0x0001
ADVICE = "请到前方服务区停车休息"


@pytest.fixture(scope="module")
def admin(demo: Running) -> Iterator[httpx.Client]:
    with demo.client("admin") as client:
        yield client


@pytest.fixture(scope="module")
def coach(demo: Running, admin: httpx.Client) -> dict[str, Any]:
    """A new coach of the monitor's carrier."""
    with demo.client("monitor") as monitor:
        (own,) = monitor.get("fleets/enterprises").json()["items"]
    about = {"plate": PLATE, "plate_colour": "yellow", "category": "scheduled_coach", "enterprise": own["name"]}
    answer = admin.post("fleets/vehicles", json=about)
    answer.raise_for_status()
    return dict(answer.json())


@pytest.fixture(scope="module")
def terminal(demo: Running, admin: httpx.Client, coach: dict[str, Any]) -> Iterator[Terminal]:
    with Terminal(demo.jt808_port, PHONE, 2019) as connected:
        connected.log_in()
        fit(admin, PHONE, coach)
        yield connected


def four_hours(terminal: Terminal) -> None:
    """The driver has driven for two minutes more than four hours; what was held back comes at once."""
    end_ms = now_ms()
    say(terminal, drive(end_ms, 4 * HOUR_S + 2 * MINUTE_S, 0, 0.0), refill=True)
    assert terminal.result(POSITION, drive(end_ms + 1000, 1, 0, 243.0)[0]) == 0


def answered(terminal: Terminal) -> str:
    """The text that the platform sends; the terminal says that it showed it."""
    while True:
        message = terminal.read()
        if message.head.message_id == TEXT:
            reply = {"reply_serial": message.head.serial, "reply_message_id": TEXT, "result": 0}
            terminal.raw(terminal.frame(TERMINAL_REPLY, reply))
            return str(message.body["text"])


def step(panel: Locator, label: str, words: str | None = None) -> None:
    """Take a step of the case by its form."""
    panel.get_by_role("button", name=label, exact=True).click()
    form = panel.get_by_role("form", name=label)
    if words is not None:
        form.locator("input[type=text], textarea").first.fill(words)
    form.get_by_role("button", name=label).click()
    expect(form).to_have_count(0, timeout=30_000)


def test_an_alarm_arrives_is_explained_told_and_answered(
    windows: Callable[..., Any],
    admin: httpx.Client,
    coach: dict[str, Any],
    terminal: Terminal,
    screenshots: Path,
) -> None:
    window = windows("monitor")
    page: Page = window.go("/platform/alarms")
    page.evaluate("() => { window.__same = true }")
    four_hours(terminal)
    row = page.get_by_role("listitem").filter(has_text=re.compile("澜A·80901.*疲劳")).first
    expect(row).to_be_visible(timeout=120_000)
    assert page.evaluate("() => window.__same"), "it came without reloading"
    row.click()
    expect(page.locator("h2.tq-bad")).to_contain_text("疲劳")
    page.screenshot(path=screenshots / "alarm.png")
    page.get_by_role("button", name=re.compile("^报文 1")).click()
    explained = page.locator(".tq-explain")
    expect(explained.locator(".tq-field-row").first).to_be_visible(timeout=30_000)
    page.screenshot(path=screenshots / "alarm-evidence.png")

    page.get_by_role("button", name="返回", exact=True).first.click()
    page.get_by_role("button", name="向驾驶员发送文本").click()
    form = page.locator("form.tq-form")
    form.get_by_label("文本", exact=False).first.fill(ADVICE)
    form.get_by_role("button", name="下发指令").click()
    assert answered(terminal) == ADVICE
    expect(page.locator(".tq-command.is-answered", has_text=ADVICE)).to_be_visible(timeout=30_000)

    query = {"filter.type": "fleets.supervision", "open": "true", "limit": 200}
    (case,) = until(  # it follows the alarm as soon as its event is worked off
        lambda: [one for one in admin.get("cases", params=query).json()["items"] if one["subject"] == coach["urn"]], 90
    )
    page = window.visit(f"/platform/cases?sel={case['urn']}")
    panel = page.locator(".tq-case-panel")
    expect(panel.locator(".tq-clocks")).to_be_visible(timeout=30_000)
    page.screenshot(path=screenshots / "supervision-clocks.png")
    step(panel, "接收")
    step(panel, "通知驾驶员", "已下发文本，驾驶员已确认")
    step(panel, "答复", "已在服务区停车休息")
    expect(panel).to_contain_text("已答复")
    assert not window.troubles, window.troubles

    authority = windows("admin")
    page = authority.go(f"/platform/cases?sel={case['urn']}")
    panel = page.locator(".tq-case-panel")
    step(panel, "办结", "属实")
    expect(panel).to_contain_text("已办结")
    page.screenshot(path=screenshots / "supervision-closed.png")
    history = [line["name"] for line in admin.get(f"cases/{case['id']}/history").json()["items"]]
    steps = ("take", "tell_driver", "answer", "close")
    assert [name for name in history if name in steps] == list(steps)
    (alarm,) = alarms(admin, coach, "fleets.fatigue")
    assert alarm["state"] in ("open", "cleared")
    until(lambda: admin.get(f"cases/{case['id']}").json()["state"] == "closed", 30)
    assert not authority.troubles, authority.troubles
