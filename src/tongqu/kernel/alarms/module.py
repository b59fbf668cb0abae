"""Manifest of the alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.alarms.events import ALL
from tongqu.kernel.alarms.layers import OPEN_ALARMS
from tongqu.kernel.alarms.projection import ALARMS
from tongqu.kernel.alarms.schemas import AlarmRow
from tongqu.kernel.alarms.tables import KEPT_DAYS, METADATA
from tongqu.kernel.jobs import Schedule
from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.web import Resource
from tongqu.kit.time import DAY_MS

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform

READ, ACKNOWLEDGE = "alarms.read", "alarms.acknowledge"


def _router() -> APIRouter:
    from tongqu.kernel.alarms.api import router

    return router()


def start(platform: Platform) -> None:
    """Put the watch of changes into the API process."""
    from tongqu.kernel.alarms.stream import AlarmWatch

    platform.provide(AlarmWatch(platform))


def tidy(platform: Platform) -> None:
    """Forget what is older than its retention, in pieces that keep nobody waiting."""
    from tongqu.kernel.alarms import store
    from tongqu.kernel.store import system_actor

    more = True
    while more:
        with platform.store.write(system_actor("alarms")) as work:
            more = store.delete_old(work, work.now_ms - KEPT_DAYS * DAY_MS) > 0


MODULE = Module(
    id="alarms",
    package="tongqu.kernel.alarms",
    field="platform",
    needs=("audit", "events", "geo", "identity", "indicators", "jobs", "layers"),
    permissions=(READ, ACKNOWLEDGE),
    roles=(
        Role("administrator", (READ, ACKNOWLEDGE)),
        Role("monitor", (READ, ACKNOWLEDGE)),
        Role("duty_officer", (READ, ACKNOWLEDGE)),
        Role("analyst", (READ,)),
    ),
    room=Room("alarms", "tongqu.kernel.alarms", METADATA),
    resources=(Resource("alarms.alarms", "alarms", AlarmRow, READ),),
    routers=(_router,),
    layers=(OPEN_ALARMS,),
    projections=(ALARMS,),
    events=ALL,
    schedules=(Schedule("alarms.tidy", 86_400, tidy),),
    start=start,
)
