"""The manifest of the indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tongqu.kernel.indicators.tables import ROOM
from tongqu.kernel.indicators.values import COMPUTE as COMPUTE_PERMISSION
from tongqu.kernel.indicators.values import READ
from tongqu.kernel.jobs import JobContext, JobKind, Schedule
from tongqu.kernel.module import Finding, Module, Role

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def _router() -> APIRouter:
    from tongqu.kernel.indicators import api

    return api.router()


def _compute(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    from tongqu.kernel.indicators.job import run

    return run(context, params)


def _look(platform: Platform) -> None:
    from tongqu.kernel.indicators.look import run

    run(platform)


def _check(platform: Platform) -> list[Finding]:
    from tongqu.kernel.indicators.findings import findings

    return findings(platform)


COMPUTE = JobKind("indicators.compute", _compute, permission=COMPUTE_PERMISSION, time_limit_s=3600, memory_mb=3000)

MODULE = Module(
    id="indicators",
    package="tongqu.kernel.indicators",
    field="platform",
    needs=("audit", "identity", "jobs", "rulebooks", "telemetry", "things"),
    permissions=(READ, COMPUTE_PERMISSION),
    roles=(
        Role("administrator", (READ, COMPUTE_PERMISSION)),
        Role("analyst", (READ, COMPUTE_PERMISSION)),
        Role("duty_officer", (READ,)),
        Role("monitor", (READ,)),
    ),
    room=ROOM,
    routers=(_router,),
    jobs=(COMPUTE,),
    schedules=(Schedule("indicators.look", 60, _look),),
    checks=(_check,),
)
