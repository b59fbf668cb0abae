"""Screenshots of the page, from the development server or a running platform, for looking at.

python web/mock/screens.py [--url http://127.0.0.1:5180] [--out screenshots] [--login demo --password demo] [names]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ARGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]
SIZES = {"desk": (1280, 800), "phone": (360, 740), "wall": (3840, 1080)}
VIEWS = {
    "overview": "/",
    "map": "/map?m=114.2,27.5,9.2",
    "near": "/map?m=114.25,27.43,13",
    "movers": "/platform/movers?f.alarm=1",
    "vehicles": "/fleets/vehicles",
    "table": "/fleets/vehicles?wide=1",
    "form": "/fleets/vehicles?id=new",
    "mover": "/fleets/vehicles?sel={mover}",
    "track": "/map?sel={mover}&tab=track&from={from}&to={to}",
    "frame": "/map?sel={mover}&frame=17:2048",
    "command": "/map?sel={mover}&tab=command",
    "terminals": "/equipment/terminals",
    "imports": "/platform/imports",
    "exports": "/platform/exports",
    "layers": "/platform/layers",
    "quarantine": "/platform/quarantine",
    "refused": "/platform/quarantine?id=1",
    "people": "/platform/people",
    "jobs": "/platform/jobs",
}


def open_page(browser, url: str, size: str, lang: str, theme: str, login: str, password: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
    page = context.new_page()
    page.on(
        "console", lambda m: print(f"  console {m.type}: {m.text[:300]}") if m.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda e: print(f"  page error: {e}"))
    page.goto(f"{url}/?lang={lang}&theme={theme}")
    page.wait_for_selector("#login-name, .tq-frame", timeout=30000)
    if page.query_selector("#login-name"):
        page.fill("#login-name", login)
        page.fill("#login-password", password)
        page.click("button[type=submit]")
        page.wait_for_selector(".tq-frame", timeout=30000)
    return page


def overflow(page: Page) -> list[str]:
    """Texts that are wider than their box without saying so (no ellipsis, no scrolling)."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
            const s = getComputedStyle(e);
            if (!e.offsetParent || s.overflow !== 'visible' && s.overflowX !== 'visible') return false;
            const said = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
            if (!said) return false;
            const r = e.getBoundingClientRect();
            return e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 || r.right > innerWidth + 1 || r.left < -1;
        }).slice(0, 12).map(e => {
            const text = e.textContent.trim().slice(0, 40);
            return `${e.tagName}.${e.className} "${text}" ${e.scrollWidth}>${e.clientWidth}`;
        })"""
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:5180")
    parser.add_argument("--out", default="screenshots")
    parser.add_argument("--login", default="demo")
    parser.add_argument("--password", default="demo")
    parser.add_argument("--sizes", default="desk")
    parser.add_argument("--langs", default="zh")
    parser.add_argument("--themes", default="light")
    parser.add_argument("--mover", default="urn:tongqu:vehicle:V000133")
    parser.add_argument("--wait", type=float, default=3.0)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    out = Path(asked.out)
    out.mkdir(exist_ok=True)
    import time

    now = int(time.time() * 1000)
    values = {"mover": asked.mover, "from": now - 7_200_000, "to": now}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for size in asked.sizes.split(","):
            for lang in asked.langs.split(","):
                for theme in asked.themes.split(","):
                    page = open_page(browser, asked.url, size, lang, theme, asked.login, asked.password)
                    for name in asked.names or VIEWS:
                        page.goto(asked.url + VIEWS[name].format(**values))
                        page.wait_for_selector(".tq-frame", timeout=30000)
                        page.wait_for_timeout(asked.wait * 1000)
                        path = out / f"{name}-{size}-{lang}-{theme}.png"
                        page.screenshot(path=path)
                        print(path, *overflow(page), sep="\n    ")
                    page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
