"""The manifest of the events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.events.tables import METADATA
from tongqu.kernel.module import Finding, Module
from tongqu.kernel.store import Room, system_actor

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform


def start(platform: Platform) -> None:
    """Subscriptions run in the API process."""
    from tongqu.kernel.events.runner import Runner

    runner = Runner(platform)
    platform.provide(runner)
    runner.start()


def check_subscriptions(platform: Platform) -> list[Finding]:
    """Subscriptions whose next event fails."""
    from tongqu.kernel.events import store

    with platform.store.read(system_actor("doctor")) as work:
        failing = [row for row in store.offsets(work) if row["failures"]]
    if not failing:
        return [Finding("ok", "events.flowing")]
    return [
        Finding(
            "error",
            "events.held_up",
            {"subscription": row["subscription"], "failures": row["failures"], "error": row["error"]},
        )
        for row in failing
    ]


MODULE = Module(
    id="events",
    package="tongqu.kernel.events",
    field="platform",
    room=Room("events", "tongqu.kernel.events", METADATA),
    start=start,
    checks=(check_subscriptions,),
)
