"""What is seen on the page: movers, roads, Chinese, and that an address opens the same for a colleague."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from running import Running

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(600),
]

MOVERS = (
    "() => [...document.querySelectorAll('.tq-map canvas')].find((c) => !c.classList.contains('maplibregl-canvas'))"
)
ROAD_CLASSES = """() => [...new Set(window.__tongqu.map.queryRenderedFeatures()
    .filter((f) => f.sourceLayer === 'layers.roads').map((f) => f.properties.class))]"""
OPEN_MAP = (90, 60, 560, 740)
"""Left, top, right, bottom of a part of the map at 1280 by 800 that no panel covers."""


def pixels(page: Page) -> np.ndarray:
    """The uncovered part of the map, as rows of RGB."""
    left, top, right, bottom = OPEN_MAP
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB"), dtype=np.int16)


def still(page: Page, tries: int = 60) -> np.ndarray:
    """The ground once two pictures in a row are the same: names and tiles that had just come fade in for a moment."""
    last = pixels(page)
    for _ in range(tries):
        page.wait_for_timeout(250)
        drawn = pixels(page)
        if (drawn == last).all():
            return drawn
        last = drawn
    raise AssertionError("the ground does not come to rest")


def colours(page: Page, prefix: str) -> dict[str, tuple[int, int, int]]:
    """Colours of the theme whose token begins so."""
    script = """(prefix) => Object.fromEntries([...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
        .flatMap((rule) => rule.style ? [...rule.style] : []).concat([...document.documentElement.style])
        .filter((name) => name.startsWith('--' + prefix))
        .map((name) => [name.slice(2), getComputedStyle(document.documentElement).getPropertyValue(name).trim()]))"""
    found = page.evaluate(script, prefix)
    return {name: tuple(int(value[at : at + 2], 16) for at in (1, 3, 5)) for name, value in found.items()}


def count(picture: np.ndarray, colour: tuple[int, int, int], within: int = 6) -> int:
    return int((np.abs(picture - np.array(colour)).max(axis=2) <= within).sum())


def test_a_person_signs_in_and_sees_movers_move(windows: Callable[..., Any], demo: Running) -> None:
    window = windows(None)
    page = window.page
    page.goto(demo.address)
    page.fill("#login-name", "duty-province")
    page.fill("#login-password", "wrong")
    page.click("button[type=submit]")
    page.wait_for_selector(".tq-login-problem:not(:empty)")
    page.fill("#login-password", demo.logins["duty-province"])
    page.click("button[type=submit]")
    window.settle()
    window.go("/map")
    page.wait_for_function("() => window.__tongqu.metrics.frames >= 3")
    page.evaluate(f"() => {{ ({MOVERS})().style.visibility = 'hidden' }}")
    without = still(page)
    page.evaluate(f"() => {{ ({MOVERS})().style.visibility = '' }}")
    drawn = pixels(page)
    changed = (np.abs(drawn - without).max(axis=2) > 24).sum()
    assert changed >= 200, f"{changed} pixels of movers"
    categories = colours(page, "category-")
    seen = {name: count(drawn, colour) - count(without, colour) for name, colour in categories.items()}
    assert sum(number >= 20 for number in seen.values()) >= 3, seen
    page.wait_for_timeout(12_000)
    later = pixels(page)
    assert (np.abs(later - drawn).max(axis=2) > 24).sum() >= 50, "they move"
    assert [one for one in window.troubles if "401" not in one] == []


def test_roads_of_three_classes_are_drawn(windows: Callable[..., Any]) -> None:
    window = windows()
    page = window.go("/map")
    shown = page.evaluate("window.__tongqu.map.getBounds().toArray().flat()")
    lon, lat = (shown[0] + shown[2]) / 2, (shown[1] + shown[3]) / 2
    window.go(f"/map?m={lon:.4f},{lat:.4f},9.5&layers=layers.roads")
    roads, drawn = colours(page, "road-"), pixels(page)
    assert len(page.evaluate(ROAD_CLASSES)) >= 3
    window.go(f"/map?m={lon:.4f},{lat:.4f},9.5&layers=none")
    bare = pixels(page)
    assert page.evaluate(ROAD_CLASSES) == []
    seen = {name: count(drawn, colour, 2) - count(bare, colour, 2) for name, colour in roads.items()}
    assert sum(number >= 60 for number in seen.values()) >= 3, seen


def test_chinese_is_drawn_and_not_boxes(windows: Callable[..., Any]) -> None:
    """Each character of some labels has a picture of its own, unlike that of a code point which no font has."""
    page = windows().go("/map")
    script = """(text) => {
        const draw = (one) => {
            const c = document.createElement('canvas'); c.width = c.height = 48
            const x = c.getContext('2d', { willReadFrequently: true })
            x.font = '36px ' + getComputedStyle(document.body).fontFamily
            x.fillText(one, 4, 38)
            return [...x.getImageData(0, 0, 48, 48).data].join()
        }
        return [draw('\\u{10FFFE}'), draw('\\uFDD0'), ...[...text].map(draw)]
    }"""
    text = "澜州市望汀临岫通衢虚构演示数据"
    boxes, shapes = (found := page.evaluate(script, text))[:2], found[2:]
    assert len(set(shapes)) == len(set(text))
    assert not set(shapes) & set(boxes)
    blank = page.evaluate(script, " ")[2]
    assert blank not in shapes
    assert page.locator(".tq-badge").first.inner_text() == "虚构演示数据"
    assert "Noto" in page.evaluate("getComputedStyle(document.body).fontFamily")


def test_an_address_opens_the_same_for_a_colleague(windows: Callable[..., Any], demo: Running) -> None:
    first = windows("duty-province")
    page = first.go("/fleets/vehicles")
    page.fill(".tq-list-tools input", "澜A")
    page.wait_for_function("() => location.search.includes('q=')")
    first.settle()
    page.locator(".tq-list [data-row='1']").click()
    page.wait_for_selector(".tq-plate")
    page.get_by_role("link", name="轨迹").click()
    page.wait_for_selector(".tq-points [role=listitem]")
    first.settle()
    page.evaluate("() => window.__tongqu.map.jumpTo({ center: [120.65, 27.9], zoom: 10.25 })")
    page.wait_for_function("() => location.search.includes('10.25')")
    first.settle()
    sent = page.url
    second = windows("duty-province")
    second.page.goto(sent)
    second.settle()
    second.page.wait_for_selector(".tq-plate")
    state = """() => ({
        plate: document.querySelector('.tq-plate').textContent,
        sought: document.querySelector('.tq-list-tools input').value,
        tab: document.querySelector('.tq-tabs [aria-current=page]').textContent,
        rows: document.querySelector('.tq-list-foot').textContent,
        path: location.pathname,
    })"""
    assert second.page.evaluate(state) == page.evaluate(state)
    parameters = "() => Object.fromEntries(new URLSearchParams(location.search))"
    second.page.wait_for_selector(".tq-points [role=listitem]")
    second.page.wait_for_timeout(1500)  # nothing moves the view away from what was sent
    assert second.page.evaluate(parameters) == page.evaluate(parameters)
