"""Runs are forgotten after their retention; their files expire with the documents."""

from __future__ import annotations

from tongqu.kernel.imports import store
from tongqu.kernel.imports.tables import KEPT_DAYS
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.time import DAY_MS


def run(platform: Platform) -> None:
    with platform.store.write(system_actor("imports")) as work:
        store.forget(work, work.now_ms - KEPT_DAYS * DAY_MS)
