"""The page with 20,000 moving targets: script time of an update, longest task while panning, frames a second.

Starts the demo province at nearly ten times its size (or looks at one that runs: `--address http://... --data
FOLDER`), where movers are still drawn one by one, opens the page in the system's Chromium, lets updates come in, then
pans the map by mouse for ten seconds. The page itself records what its updates cost (`window.__tongqu.metrics`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import Row, report
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from running import started

ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--no-first-run",
]  # fmt: skip
UPDATES_S = 20.0
PAN_S = 10.0


@contextlib.contextmanager
def platform(address: str | None, data: Path | None, scale: float) -> Iterator[tuple[str, dict[str, str]]]:
    """Address and logins of a running demo."""
    if address and data:
        yield address, logins(data)
        return
    with (
        tempfile.TemporaryDirectory(prefix="page-bench-") as scratch,
        started("demo", Path(scratch) / "data", "--scale", str(scale)) as running,
    ):
        yield running.address, running.logins


def logins(data: Path) -> dict[str, str]:
    stored = json.loads((data / "demo-logins.json").read_text(encoding="utf-8"))
    return {one["login"]: one["password"] for one in stored}


def wait_movers(page: Page, wanted: int, seconds: float = 240) -> dict[str, Any]:
    until = time.monotonic() + seconds
    seen: dict[str, Any] = {}
    while time.monotonic() < until:
        seen = page.evaluate("() => ({movers: __tongqu.metrics.movers, kind: __tongqu.metrics.kind})")
        if seen["movers"] >= wanted:
            return seen
        time.sleep(1)
    raise SystemExit(f"only {seen} after {seconds} s")


def measure(page: Page) -> dict[str, Any]:
    """Updates at rest, then panning."""
    page.evaluate("() => { const m = __tongqu.metrics; m.updates.length = 0; m.long_tasks.length = 0 }")
    time.sleep(UPDATES_S)
    updates = page.evaluate("() => __tongqu.metrics.updates")
    page.evaluate("() => { const m = __tongqu.metrics; m.painted.length = 0; m.long_tasks.length = 0 }")
    box = page.viewport_size or {"width": 1280, "height": 800}
    x, y = box["width"] * 0.6, box["height"] * 0.5
    page.mouse.move(x, y)
    page.mouse.down()
    began, step = time.monotonic(), 0
    while time.monotonic() - began < PAN_S:
        step += 1
        page.mouse.move(x + 60 * ((step % 20) - 10) / 10, y + 40 * ((step % 14) - 7) / 7)
    page.mouse.up()
    took = time.monotonic() - began
    return page.evaluate(
        "() => ({tasks: __tongqu.metrics.long_tasks.map((t) => t[1]), painted: __tongqu.metrics.painted.length,"
        " renderer: __tongqu.metrics.renderer, movers: __tongqu.metrics.movers, kind: __tongqu.metrics.kind})"
    ) | {"updates": updates, "took": took}


def p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] if ordered else float("nan")


def main() -> int:
    words = argparse.ArgumentParser()
    words.add_argument("--address")
    words.add_argument("--data", type=Path)
    words.add_argument("--scale", type=float, default=9.9, help="10 and the ships are too many to be drawn one by one")
    words.add_argument("--movers", type=int, default=19_000, help="how many must be in view before it begins")
    words.add_argument("--runs", type=int, default=3)
    given, _ = words.parse_known_args()
    found: list[dict[str, Any]] = []
    with platform(given.address, given.data, given.scale) as (address, known), sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.request.post(
            f"{address}/api/v1/identity/session",
            data={"login": "admin", "password": known["admin"]},
            headers={"X-Tongqu": "1"},
        )
        for _ in range(given.runs):
            page = context.new_page()
            page.goto(address)
            page.wait_for_function("() => window.__tongqu?.metrics?.frames > 2", timeout=120_000)
            wait_movers(page, given.movers)
            found.append(measure(page))
            page.close()
        browser.close()
    tasks = [max(one["tasks"], default=0.0) for one in found]
    rows = [
        Row("script per update, p95", 12, [p95(one["updates"]) for one in found], "ms", better="lower"),
        Row("longest task while panning (0: none over 50 ms)", 100, tasks, "ms", better="lower"),
        Row("frames drawn a second while panning", None, [one["painted"] / one["took"] for one in found], "1/s"),
    ]
    last = found[-1]
    return report(
        rows,
        data=f"demo at scale {given.scale:g}, {last['movers']} movers drawn as {last['kind']}",
        peer=last["renderer"],
    )


if __name__ == "__main__":
    raise SystemExit(main())
