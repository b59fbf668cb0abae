"""Journeys 1 and 2: a carrier's monitor watches vehicles, replays one, reads its bytes, and speaks to the driver."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from running import Running
from shell import until

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(600),
]

PLATE = "澜A·D12345"


@pytest.fixture(scope="module")
def monitor(demo: Running) -> Iterator[httpx.Client]:
    client = demo.client("monitor")
    yield client
    client.close()


@pytest.fixture(scope="module")
def vehicle(monitor: httpx.Client) -> str:
    """URN of the vehicle, once it has a track to replay."""
    (found,) = [hit for hit in monitor.get("search", params={"q": "D12345"}).json()["items"] if hit["title"] == PLATE]
    until(lambda: monitor.get(f"movers/{found['urn']}/track").json()["total"] >= 3, 90)
    return str(found["urn"])


def test_only_the_carriers_vehicles_are_there(
    windows: Callable[..., Any], demo: Running, monitor: httpx.Client
) -> None:
    own = until(lambda: moving(monitor), 120)
    with closing(demo.client("admin")) as admin:
        everything = admin.get("movers", params={"format": "columns"}).json()
        fleet = {row["urn"] for row in registered(admin, own_enterprise(monitor))}
    assert 0 < own["count"] < everything["count"]
    assert set(own["columns"]["urn"]) <= fleet
    window = windows("monitor")
    page = window.go("/map")
    legend = page.locator(".tq-legend h2").first
    expect(legend).to_contain_text(re.compile(r"视野内 [1-9]"))  # the map is there a moment before what moves on it
    shown = re.search(r"视野内 (\d+) 个", legend.inner_text())
    assert shown and int(shown[1]) <= len(fleet)
    page.wait_for_function("() => window.__tongqu.metrics.frames >= 3")


def moving(client: httpx.Client) -> dict[str, Any] | None:
    """The movers, once there are any: vehicles of one carrier may set out a little later than the first of all."""
    found = client.get("movers", params={"format": "columns"}).json()
    return found if found["count"] else None


def own_enterprise(client: httpx.Client) -> str:
    return str(client.get("identity/session").json()["organisation"]["name"])


def registered(client: httpx.Client, enterprise: str) -> list[dict[str, Any]]:
    rows, cursor = [], ""
    while cursor is not None:
        page = client.get("fleets/vehicles", params={"limit": 500, "cursor": cursor}).json()
        rows += [row for row in page["items"] if row["enterprise_name"] == enterprise]
        cursor = page["next"]
    return rows


def test_found_by_part_of_its_plate_and_its_track_replayed(windows: Callable[..., Any], vehicle: str) -> None:
    window = windows("monitor")
    page = window.go("/map")
    page.keyboard.press("/")
    page.keyboard.type("d1234")
    option = page.get_by_role("option", name=re.compile(re.escape(PLATE)))
    option.first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("h1.tq-plate")).to_have_text(PLATE)
    page.get_by_role("link", name="轨迹").click()
    points = page.locator(".tq-points [role=listitem]")
    points.first.wait_for()
    slider = page.get_by_role("slider", name="时间滑块")
    first, last = (int(slider.get_attribute(name) or 0) for name in ("min", "max"))
    assert last > first
    page.get_by_role("button", name=re.compile("视野内")).click()  # beside a panel the legend is folded
    expect(page.get_by_text("速度 km/h")).to_be_visible()
    slider.fill(str(first + (last - first) // 2))
    expect(page.locator(".tq-point.is-here")).to_have_count(1)
    slider.fill(str(first))
    page.locator(".tq-player button").first.click()
    page.wait_for_function("(first) => Number(document.querySelector('.tq-player input').value) > first", arg=first)
    assert window.troubles == []


def test_a_points_frame_is_explained_byte_by_byte(windows: Callable[..., Any], vehicle: str) -> None:
    page = windows("monitor").go(f"/map?sel={vehicle}&tab=track")
    page.locator(".tq-points [role=listitem] .tq-open-frame").first.click()
    fields = page.locator(".tq-fields")
    fields.wait_for()
    for name in ("消息 ID", "消息体长度", "纬度", "经度", "速度", "时间"):
        expect(fields.get_by_text(name, exact=True).first).to_be_visible()
    field = fields.locator("[role=option]", has=page.get_by_text("纬度", exact=True)).last  # a bit of the status before
    place = field.locator("code").first.inner_text()
    begin, end = (int(number) for number in place.split("–"))
    field.click()
    marked = page.locator("[data-at].is-marked")
    assert [int(at.get_attribute("data-at") or -1) for at in marked.all()] == list(range(begin, end + 1))
    in_words = "".join(byte.inner_text() for byte in marked.all())
    assert in_words == field.locator("code").nth(1).inner_text().replace(" ", "")


def test_a_text_and_a_circle_are_sent_and_answered(
    windows: Callable[..., Any], monitor: httpx.Client, vehicle: str
) -> None:
    terminal = monitor.get(f"movers/{vehicle}").json()["terminal"]
    assert terminal["online"] is True
    known = {command["id"] for command in commands(monitor, terminal["urn"])}
    page = windows("monitor").go(f"/map?sel={vehicle}&tab=command")
    form = page.locator("form.tq-form")
    form.get_by_label("文本", exact=False).first.fill("前方团雾，请减速慢行")
    form.get_by_role("button", name="下发指令").click()
    expect(page.locator(".tq-command.is-answered", has_text="前方团雾")).to_be_visible()
    page.get_by_label("指令种类").click()
    page.get_by_title("设置圆形区域").first.click()
    page.get_by_role("button", name="以车辆位置为圆心").click()
    page.get_by_label(re.compile("^半径")).fill("800")
    page.keyboard.press("Tab")
    form.get_by_role("button", name="下发指令").click()
    expect(page.locator(".tq-command.is-answered")).to_have_count(len(known) + 2, timeout=30_000)
    sent = [one for one in commands(monitor, terminal["urn"]) if one["id"] not in known]
    assert {one["kind"]: one["state"] for one in sent} == {"text": "answered", "circle": "answered"}
    circle = next(one for one in sent if one["kind"] == "circle")
    assert circle["body"]["radius_m"] == 800 and circle["result"] == 0


def commands(client: httpx.Client, terminal: str) -> list[dict[str, Any]]:
    return list(client.get("equipment/commands", params={"terminal": terminal, "limit": 200}).json()["items"])
