"""Manifest of the jobs room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.jobs import tidy
from tongqu.kernel.jobs.kinds import Schedule
from tongqu.kernel.jobs.tables import METADATA
from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def _router() -> APIRouter:
    from tongqu.kernel.jobs.api import router

    return router()


def start(platform: Platform) -> None:
    """Put the watch of changes and the clock of schedules into the API process."""
    from tongqu.kernel.jobs.schedules import ScheduleRunner
    from tongqu.kernel.jobs.stream import ChangeWatch

    platform.provide(ChangeWatch(platform))
    runner = ScheduleRunner(platform, [one for module in platform.modules for one in module.schedules])
    runner.start()
    platform.provide(runner)


MODULE = Module(
    id="jobs",
    package="tongqu.kernel.jobs",
    field="platform",
    permissions=("jobs.read", "jobs.cancel"),
    roles=(
        Role("administrator", ("jobs.read", "jobs.cancel")),
        Role("duty_officer", ("jobs.read",)),
    ),
    room=Room("jobs", "tongqu.kernel.jobs", METADATA),
    routers=(_router,),
    schedules=(Schedule("jobs.tidy", 3600, tidy.run),),
    start=start,
    checks=(tidy.check,),
)
