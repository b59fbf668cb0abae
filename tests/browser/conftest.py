"""One browser for all browser tests, and the page as a signed-in person sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from running import Running

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SIZES = {"desk": (1280, 800), "phone": (360, 740), "wall": (3840, 1080)}
WAIT_MS = 60_000
_QUIET = """() => !document.querySelector('.tq-starting, .ant-skeleton, [aria-busy=true], .ant-spin-spinning')
    && document.querySelector('.tq-frame')"""
_MAP_DRAWN = """() => { const t = window.__tongqu; return t && t.map && t.map.loaded() && t.metrics.frames > 0 }"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Debian's Chromium, drawing WebGL in software; of one module, since its event loop runs in the test's thread."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@dataclass
class Window:
    """A tab of one person.

    Attributes:
        troubles: errors that the page threw or wrote to the console.
    """

    page: Page
    context: BrowserContext
    address: str
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str, map_drawn: bool = True) -> Page:
        """Open an address and wait until it is drawn: no skeletons, the map with its tiles and its movers."""
        self.page.goto(self.address + path)
        self.settle(map_drawn)
        return self.page

    def visit(self, path: str) -> Page:
        """Go to an address within the open page, as its links do: the map stays."""
        self.page.evaluate(
            "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }", path
        )
        self.page.wait_for_timeout(300)
        self.settle()
        return self.page

    def settle(self, map_drawn: bool = True) -> None:
        self.page.wait_for_selector(".tq-frame", timeout=WAIT_MS)
        if map_drawn:
            self.page.wait_for_function(_MAP_DRAWN, timeout=WAIT_MS)
        self.page.wait_for_function(_QUIET, timeout=WAIT_MS)

    def close(self) -> None:
        self.context.close()


def told(said: ConsoleMessage) -> str:
    """A line of the console, with the address that it is about."""
    return f"{said.text} {said.location.get('url', '')}"


@pytest.fixture(scope="session")
def cookies(demo: Running) -> Callable[[str], list[dict[str, Any]]]:
    """The session cookie of a login, signed in once."""
    kept: dict[str, list[dict[str, Any]]] = {}

    def sign_in(login: str) -> list[dict[str, Any]]:
        if login not in kept:
            with demo.client(login) as client:
                value = client.cookies["tongqu_session"]
            kept[login] = [{"name": "tongqu_session", "value": value, "url": demo.address}]
        return kept[login]

    return sign_in


@pytest.fixture
def windows(demo: Running, browser: Browser, cookies: Callable[[str], Any]) -> Iterator[Callable[..., Window]]:
    """Opens windows; all are closed with the test."""
    made: list[Window] = []

    def open_window(
        login: str | None = "duty-province", size: str = "desk", lang: str = "zh", theme: str = "light"
    ) -> Window:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
        kept = {"language": lang, "theme": theme, "layout": "wall" if size == "wall" else "desk"}
        for name, value in kept.items():
            context.add_init_script(f"localStorage.setItem('tongqu.{name}', {json.dumps(value)})")
        if login is not None:
            context.add_cookies(cookies(login))
        window = Window(context.new_page(), context, demo.address)
        window.page.set_default_timeout(WAIT_MS)
        window.page.on("pageerror", lambda error: window.troubles.append(str(error)))
        window.page.on("console", lambda said: said.type == "error" and window.troubles.append(told(said)))
        made.append(window)
        return window

    yield open_window
    for window in made:
        window.close()


@pytest.fixture(scope="session")
def axe(absent: Callable[[str], None]) -> str:
    """The source of axe-core."""
    file = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file():
        absent("axe-core (npm ci, which the page step of ./tongqu test does)")
    return file.read_text(encoding="utf-8")
