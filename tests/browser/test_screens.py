"""Every page there is, and some views of the map: badge, no text cut or overflowing, no serious finding of axe-core;
and a picture of each in screenshots/, to be looked at.

Each is seen at both sizes in both languages, and in both themes; which theme goes with which of them is chosen so that
four rounds do, not eight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from running import Running

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(900),
]

BADGE = {"zh": "虚构演示数据", "en": "Fictional demo data"}
VIEWS = {
    "overview": "/",
    "map": "/map?m={lon:.3f},{lat:.3f},11.5",
    "past": "/map?m={lon:.3f},{lat:.3f},9&t={past_ms}",
    "mover": "/map?sel={urn}",
    "track": "/map?sel={urn}&tab=track&from={from_ms}&to={to_ms}",
    "frame": "/map?sel={urn}&frame={frame}",
    "command": "/map?sel={urn}&tab=command",
    "table": "/fleets/vehicles?wide=1",
    "form": "/fleets/vehicles?id=new",
}
"""Views besides the pages, which the page itself names."""
ROUNDS = [("desk", "zh", "light"), ("desk", "en", "dark"), ("phone", "zh", "dark"), ("phone", "en", "light")]
OVERFLOWING = """() => {
    const clipped = (e) => {
        for (let p = e; p && p !== document.body; p = p.parentElement) {
            const s = getComputedStyle(p)
            if (s.textOverflow === 'ellipsis' || ['auto', 'scroll'].includes(s.overflowX)) return true
            if (s.position === 'absolute' && s.clip !== 'auto') return true
        }
        return false
    }
    const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    return [...document.querySelectorAll('body *')].filter((e) => {
        if (!(e instanceof HTMLElement) || !own(e) || !e.checkVisibility({ visibilityProperty: true })) return false
        const s = getComputedStyle(e), r = e.getBoundingClientRect()
        if (r.width <= 1 || r.height <= 1) return false
        if (s.display === 'inline') {
            return (r.right > innerWidth + 1 || r.left < -1) && !clipped(e)
        }
        const cut = s.overflow === 'hidden' && e.scrollHeight > e.clientHeight + 2
        const wider = cut || e.scrollWidth > e.clientWidth + 1
        return (wider || r.right > innerWidth + 1 || r.left < -1) && !clipped(e)
    }).map((e) => `${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}" ${e.scrollWidth}`)
}"""
SERIOUS = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'] })
    return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => `${v.id} (${v.impact}, ${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)} `
            + (v.nodes[0].any[0] ? v.nodes[0].any[0].message : ''))
}"""


@pytest.fixture(scope="module")
def values(demo: Running) -> Iterator[dict[str, Any]]:
    """A moving vehicle with a track of some minutes, to fill the addresses with."""
    with demo.client("admin") as client:
        columns = client.get("movers", params={"format": "columns", "kind": "vehicle"}).json()["columns"]
        fastest = max(range(len(columns["urn"])), key=lambda i: columns["speed_kmh"][i])
        urn, at_ms = columns["urn"][fastest], columns["time_ms"][fastest]
        frame = client.get(f"movers/{urn}").json()["position"]["frame"]
    yield {
        "urn": urn,
        "frame": frame,
        "lon": columns["lon"][fastest],
        "lat": columns["lat"][fastest],
        "from_ms": at_ms - 3_600_000,
        "to_ms": at_ms + 60_000,
        "past_ms": at_ms - 30_000,
    }


@pytest.mark.parametrize(("size", "lang", "theme"), ROUNDS, ids="-".join)
def test_every_view(
    windows: Callable[..., Any],
    values: dict[str, Any],
    axe: str,
    screenshots: Path,
    size: str,
    lang: str,
    theme: str,
) -> None:
    found: list[str] = []
    door = windows(None, size, lang, theme)
    door.page.goto(door.address)
    door.page.wait_for_selector("#login-name")
    found += looked_at(door.page, axe, lang, screenshots / f"login-{size}-{lang}-{theme}.png")
    window = windows("admin", size, lang, theme)
    window.go("/")
    pages = {path.strip("/").replace("/", "-"): path for path in window.page.evaluate("window.__tongqu.pages")}
    assert len(pages) >= 10, "the page says which pages it has"
    for name, path in (VIEWS | pages).items():
        window.visit(path.format(**values))
        window.page.wait_for_timeout(500)  # charts, panels and the map's flight come to rest
        found += looked_at(window.page, axe, lang, screenshots / f"{name}-{size}-{lang}-{theme}.png")
    assert not found, "\n".join(found)
    assert not window.troubles, window.troubles


def test_the_map_on_a_wall(windows: Callable[..., Any], axe: str, screenshots: Path) -> None:
    """Larger type over the map's own pixels, with the panels that a wall needs."""
    window = windows("admin", "wall", "zh", "dark")
    page = window.go("/")
    page.wait_for_selector(".tq-wall .tq-figure")
    page.wait_for_timeout(1500)
    found = looked_at(page, axe, "zh", screenshots / "wall-zh-dark.png")
    assert not found, "\n".join(found)
    height = "document.querySelector('.tq-wall .tq-figure b').getBoundingClientRect().height"
    assert page.evaluate(height) > 36
    assert not window.troubles, window.troubles


def looked_at(page: Page, axe: str, lang: str, picture: Path) -> list[str]:
    """Keep a picture; gives what is wrong with the page."""
    page.screenshot(path=picture)
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe)
    found = [f"too wide: {one}" for one in page.evaluate(OVERFLOWING)]
    found += [f"axe: {one}" for one in page.evaluate(SERIOUS)]
    badge = page.locator(".tq-badge").first
    if not badge.is_visible() or badge.inner_text() != BADGE[lang]:
        found.append("the badge is not there")
    return [f"{picture.stem}: {one}" for one in found]
