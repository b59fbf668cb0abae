"""Manifest of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Module
from tongqu.kernel.rules.tables import METADATA
from tongqu.kernel.store import Room

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform


def ready(platform: Platform) -> None:
    """Begin to follow the rows, once all modules have put the services into the process that their rules ask."""
    from tongqu.kernel.rules.live import RuleRunner

    runner = RuleRunner(platform)
    platform.provide(runner)
    runner.start()


MODULE = Module(
    id="rules",
    package="tongqu.kernel.rules",
    field="platform",
    needs=("alarms", "geo", "telemetry", "things"),
    room=Room("rules", "tongqu.kernel.rules", METADATA),
    ready=ready,
)
