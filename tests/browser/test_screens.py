"""Every page there is, and some views of the map: badge, no text cut or overflowing, no serious finding of axe-core;
and a picture of each in screenshots/, to be looked at.

Each is seen at both sizes, in both languages and both themes; `./tongqu dev screens` does so in more rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from looking import looked_at
from running import Running

pytestmark = [
    pytest.mark.needs("equipment", "fleets", "insight"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(900),
]

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
