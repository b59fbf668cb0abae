"""The one map in the browser: an incident reported to its end, stakes, a figure with its rows, a ship with a track."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from running import Running
from shell import until
from terminal import POSITION, Terminal, fix

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(600),
]

EMERGENCY = 1
LON, LAT = 120.93, 28.23
OFFICERS = {"9901": "duty-lanzhou", "9902": "duty-wangting", "9903": "duty-linxiu"}


@pytest.fixture(scope="module")
def login(demo: Running) -> str:
    """The duty officer of the city in which it happens."""
    with demo.client("admin") as admin:
        regions = admin.get("geo/where", params={"lon": LON, "lat": LAT}).json()["regions"]
    return next(OFFICERS[str(one["code"])] for one in regions if str(one["code"]) in OFFICERS)


@pytest.fixture(scope="module")
def officer(demo: Running, login: str) -> Iterator[httpx.Client]:
    with demo.client(login) as client:
        yield client


def call_for_help(demo: Running) -> None:
    """Two vehicles call for help at one place."""
    with ExitStack() as stack:
        for number in (1, 2):
            terminal = stack.enter_context(Terminal(demo.jt808_port, f"1390000330{number}", 2019))
            terminal.log_in()
            for alarm in (0, EMERGENCY):
                place = {"latitude_deg": LAT + number * 0.001, "longitude_deg": LON, "alarm": alarm}
                assert terminal.result(POSITION, fix(**place)) == 0


def at_the_place(case: dict[str, Any]) -> bool:
    return abs(case["lon"] - LON) < 0.01 and abs(case["lat"] - LAT) < 0.01


def open_incident(client: httpx.Client) -> dict[str, Any] | None:
    query = {"filter.type": "insight.incident", "open": "true", "limit": 200}
    rows = [row for row in client.get("cases", params=query).json()["items"] if row["lon"] is not None]
    return next((row for row in rows if at_the_place(row)), None)


def test_an_incident_arrives_by_itself_and_is_reported_to_the_end(
    demo: Running, windows: Callable[..., Any], login: str, officer: httpx.Client, screenshots: Path
) -> None:
    window = windows(login)
    page: Page = window.go("/insight/incidents")
    listed = page.locator(".tq-case").count()
    page.evaluate("() => { window.__same = true }")
    call_for_help(demo)
    case = dict(until(lambda: open_incident(officer), 90))
    expect(page.locator(".tq-case")).not_to_have_count(listed, timeout=30_000)
    assert page.evaluate("() => window.__same"), "it came without reloading"
    page.get_by_role("listitem").filter(has_text=re.compile("紧急|求助|SOS")).first.click()
    panel = page.locator(".tq-case-panel")
    expect(panel).to_contain_text(case["number"])
    page.keyboard.press("Escape")
    page.goto(f"{demo.address}/insight/incidents?sel={case['urn']}")
    panel.get_by_role("button", name="接手", exact=True).click()
    panel.get_by_role("form", name="接手").get_by_role("button", name="接手").click()
    for draft, text in (("起草初报", "两车停于路肩"), ("起草终报", "人员平安，车辆已离开")):
        panel.get_by_role("button", name=draft).click()
        editor = panel.locator(".tq-case-form textarea").last
        editor.fill(text)
        page.screenshot(path=screenshots / f"incident-{'first' if '初' in draft else 'final'}.png")
        panel.get_by_role("button", name="报送", exact=True).click()
        page.locator(".ant-popconfirm").get_by_role("button", name="报送").click()
        expect(panel.locator(".tq-reports a")).to_have_count(1 if "初" in draft else 2)
    panel.get_by_role("button", name="办结", exact=True).click()
    form = panel.get_by_role("form", name="办结")
    form.locator("input, textarea").first.fill("人员平安")
    form.get_by_role("button", name="办结").click()
    until(lambda: officer.get(f"cases/{case['id']}").json()["state"] == "closed", 30)
    history = [line["name"] for line in officer.get(f"cases/{case['id']}/history").json()["items"]]
    assert [name for name in history if name in ("take", "first_report", "final_report", "close")] == [
        "take",
        "first_report",
        "final_report",
        "close",
    ]
    assert not window.troubles, window.troubles


@pytest.mark.needs("roads")
def test_a_stake_in_two_counties_is_asked_about_and_then_found(windows: Callable[..., Any], screenshots: Path) -> None:
    window = windows("admin")
    page = window.go("/roads/stakes")
    page.get_by_placeholder("G9901 K45+200").fill("X101 K3+200")
    choices = page.locator(".tq-plain button")
    expect(choices).to_have_count(2)
    choices.first.click()
    expect(page.locator("body")).to_contain_text("K3+200")
    page.get_by_placeholder("G9901 K45+200").fill("G9901 K45+200")
    expect(page.get_by_text("K45+200").first).to_be_visible()
    window.settle()
    page.screenshot(path=screenshots / "stake-found.png")
    assert not window.troubles, window.troubles


def test_over_a_road_the_pointer_says_its_stake(demo: Running, windows: Callable[..., Any]) -> None:
    with demo.client("admin") as admin:
        place = admin.get("geo/stakes/find", params={"q": "G9901 K45+200"}).json()["places"][0]
    window = windows("admin")
    page = window.go(f"/map?layers=base.land&m={place['lon']},{place['lat']},14")
    x, y = page.evaluate(
        "([lon, lat]) => { const map = window.__tongqu.map, at = map.project([lon, lat]), box ="
        " map.getCanvas().getBoundingClientRect(); return [at.x + box.left, at.y + box.top] }",
        [place["lon"], place["lat"]],
    )
    page.mouse.move(x - 30, y - 30)
    page.mouse.move(x, y)
    expect(page.locator(".tq-pointer")).to_contain_text("G9901 K45+")
    assert not window.troubles, window.troubles


@pytest.fixture(scope="module")
def computed(demo: Running) -> None:
    """The hour's figures are there: the platform computes them from what the demo's vehicles sent."""
    with demo.client("admin") as admin:

        def found() -> bool:
            items = admin.get("indicators", params={"period": "hour"}).json()["items"]
            return any(one["id"] == "equipment.online_rate" and one["figure"] for one in items)

        until(found, 420)


@pytest.mark.usefixtures("computed")
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_figure_opens_its_rows_and_goes_to_excel(windows: Callable[..., Any], screenshots: Path, size: str) -> None:
    window = windows("admin", size)
    page = window.go("/insight/indicators?period=hour")
    page.get_by_role("button", name="车辆上线率").click()
    expect(page.get_by_role("heading", name="车辆上线率")).to_be_visible()
    table = page.locator("section .tq-grid tbody tr")
    expect(table.first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Excel")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    page.screenshot(path=screenshots / f"indicator-{size}.png")
    assert not window.troubles, window.troubles


@pytest.mark.needs("navigation")
def test_a_ship_is_found_by_its_name_with_its_track(
    demo: Running, windows: Callable[..., Any], screenshots: Path
) -> None:
    with demo.client("admin") as admin:
        ship = until(lambda: admin.get("navigation/ships", params={"limit": 1}).json()["items"], 120)[0]
    window = windows("admin")
    page = window.go("/map")
    page.keyboard.press("/")
    page.keyboard.type(ship["name"])
    page.get_by_role("option", name=re.compile(re.escape(ship["name"]))).first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator(".tq-page h1").first).to_contain_text(ship["name"])
    page.get_by_role("link", name="轨迹").click()
    page.locator(".tq-points [role=listitem]").first.wait_for()
    page.screenshot(path=screenshots / "ship-track.png")
    assert not window.troubles, window.troubles
