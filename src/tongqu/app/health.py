"""Whether the platform is up: `starting` until the page is served and, in the demo, movers move; then `ok`."""

from __future__ import annotations

from typing import Any

import orjson

import tongqu
from tongqu.app import page
from tongqu.kernel.platform import Platform
from tongqu.kernel.telemetry import Telemetry

MOST_LAG_S = 30.0


def report(platform: Platform) -> dict[str, Any]:
    """Status first, then each check with what it found."""
    checks: dict[str, Any] = {"page": (page.FOLDER / "index.html").is_file(), "processes": _processes(platform)}
    ready = bool(checks["page"])
    well = all(process["alive"] for process in checks["processes"].values())
    if platform.has(Telemetry):
        telemetry = platform.service(Telemetry)
        checks["telemetry"] = telemetry.health()
        well = well and checks["telemetry"]["lag_s"] <= MOST_LAG_S
        if platform.settings.demo and any(module.demo and module.demo.play for module in platform.modules):
            ready = ready and bool(checks["telemetry"]["moving"])
    status = "starting" if not ready else "ok" if well else "degraded"
    return {"status": status, "version": tongqu.__version__, "demo": platform.settings.demo, "checks": checks}


def _processes(platform: Platform) -> dict[str, Any]:
    """What the supervisor last wrote about its processes; none where there is no supervisor."""
    file = platform.settings.data / "processes.json"
    try:
        return dict(orjson.loads(file.read_bytes()))
    except (OSError, orjson.JSONDecodeError):
        return {}
