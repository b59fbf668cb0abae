"""Travel on a real city: Porto Alegre's buses, metro and streets, loaded and asked as people do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import pytest
from looking import overflowing
from playwright.sync_api import Browser, Page, expect
from running import Running, started
from shell import tongqu, until

pytestmark = [
    pytest.mark.needs("travel"),
    pytest.mark.browser,
    pytest.mark.xdist_group("poa"),
    pytest.mark.timeout(900),
]

ZONE = ZoneInfo("America/Sao_Paulo")
AT = round(datetime(2019, 5, 13, 12, 20, tzinfo=ZONE).timestamp() * 1000)
"""A Monday within both feeds; that of the buses holds the middle of the day."""
HERE, THERE = "-51.2200,-30.0300,Santana", "-51.1465,-30.0330,Zona Norte"
NORTH = "-51.1800,-29.9180,Canoas"
"""At a station of the metro, outside the streets of the extract."""
SIZES = {"desk": (1280, 800), "phone": (360, 740)}


@pytest.fixture(scope="module")
def city(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform with both feeds live on the city's streets."""
    folder = tmp_path_factory.mktemp("poa") / "data"
    streets = folder / "travel" / "streets"
    streets.mkdir(parents=True)
    shutil.copy(data_dir / "travel/poa/poa_osm.pbf", streets / "poa.osm.pbf")
    with started("serve", folder) as running:
        for code in ("eptc", "trensurb"):
            file = data_dir / f"travel/poa/poa_{code}.zip"
            done = tongqu("load", file, "--option", f"feed={code}", "--option", "region=99", "--data", folder)
            assert done.returncode == 0, done.stderr[-2000:]
        with running.local_client() as publisher:
            publish(publisher, "eptc")
        with running.client() as anyone:

            def ready() -> bool:
                told = anyone.get("travel/network").json()
                return bool(told.get("ready")) and set(told["feeds"]) == {"eptc", "trensurb"}

            until(ready, 400, 1.0)
        yield running
    shutil.rmtree(folder)


def publish(publisher: httpx.Client, code: str) -> None:
    """Make a version live that has errors (115 invalid colours), which nobody but its publisher does."""
    feed = next(one for one in publisher.get("travel/feeds").json()["items"] if one["code"] == code)
    (version,) = publisher.get(f"travel/feeds/{feed['id']}/versions").json()["items"]
    assert (version["state"], version["errors"]) == ("checked", 115)
    publisher.post(f"travel/versions/{version['id']}/activate").raise_for_status()


@pytest.fixture
def login(city: Running) -> tuple[str, str]:
    """The administrator that a new installation says once."""
    said = re.sub(r"\s+", " ", (city.data.parent / "data.out").read_text(encoding="utf-8"))
    found = re.search(r"账号 (\S+)，密码 (\S+)（", said)
    assert found, said[-500:]
    return found[1], found[2]


def opened(browser: Browser, size: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
    context.add_init_script("localStorage.setItem('tongqu.language', 'zh')")
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


@pytest.mark.parametrize("size", list(SIZES))
def test_a_stranger_is_told_how_to_go(city: Running, browser: Browser, screenshots: Path, size: str) -> None:
    page = opened(browser, size)
    page.goto(f"{city.address}/public/travel/planner?from={quote(HERE)}&to={quote(THERE)}&at={AT}")
    page.locator(".tq-option").first.wait_for()
    page.screenshot(path=screenshots / f"poa-options-{size}.png")
    page.locator(".tq-option").first.click()
    legs = page.locator(".tq-legs")
    expect(legs).to_be_visible()
    expect(legs).to_contain_text("步行")
    page.screenshot(path=screenshots / f"poa-legs-{size}.png")
    assert overflowing(page) == []
    itinerary = page.evaluate("new URLSearchParams(location.search).get('j')")
    with city.client() as anyone:
        told: dict[str, Any] = anyone.get(f"travel/itineraries/{itinerary}").json()
    leaves, rides = told["journey"]["departure_ms"], [leg for leg in told["journey"]["legs"] if leg["kind"] == "ride"]
    assert leaves >= AT and rides and told["state"] == "as_planned"
    page.context.close()


def test_the_metro_takes_one_beyond_the_streets(city: Running, browser: Browser, screenshots: Path) -> None:
    page = opened(browser, "desk")
    page.goto(f"{city.address}/public/travel/planner?from={quote(HERE)}&to={quote(NORTH)}&at={AT}")
    page.locator(".tq-option").first.wait_for()
    with city.client() as anyone:
        answer = anyone.get("travel/plan", params={"from": HERE, "to": NORTH, "depart_at": AT}).json()
    feeds = [{leg["from"]["feed"] for leg in one["legs"] if leg["kind"] == "ride"} for one in answer["journeys"]]
    assert any("trensurb" in found for found in feeds), feeds
    page.screenshot(path=screenshots / "poa-metro.png")
    page.context.close()


def test_signed_in_the_way_is_on_the_map(
    city: Running, browser: Browser, login: tuple[str, str], screenshots: Path
) -> None:
    page = opened(browser, "desk")
    page.goto(f"{city.address}/travel/planner?from={quote(HERE)}&to={quote(THERE)}&at={AT}")
    page.locator("#login-name").fill(login[0])
    page.locator("input[type=password]").fill(login[1])
    page.keyboard.press("Enter")
    page.locator(".tq-option").first.wait_for()
    page.locator(".tq-option").first.click()
    expect(page.locator(".tq-legs")).to_be_visible()
    page.wait_for_timeout(2_000)
    page.screenshot(path=screenshots / "poa-map.png")
    page.context.close()
