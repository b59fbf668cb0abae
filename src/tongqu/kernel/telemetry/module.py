"""The manifest of telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tongqu.kernel.jobs import JobContext, JobKind
from tongqu.kernel.module import Finding, Module, Role

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def _router() -> APIRouter:
    from tongqu.kernel.telemetry.api import router

    return router()


def start(platform: Platform) -> None:
    """Begin to turn the log into rows and latest values."""
    from tongqu.kernel.geo import RegionIndex
    from tongqu.kernel.telemetry import exports
    from tongqu.kernel.telemetry.ingest import RegionLocator
    from tongqu.kernel.telemetry.service import Telemetry

    if not platform.has(RegionLocator) and platform.has(RegionIndex):
        platform.provide(platform.service(RegionIndex), RegionLocator)
    telemetry = Telemetry(platform)
    telemetry.start()
    platform.provide(telemetry)
    platform.provide(telemetry.movers)
    exports.resume(platform)


def check(platform: Platform) -> list[Finding]:
    """Findings for `tongqu doctor`."""
    from tongqu.kernel.telemetry.findings import findings

    return findings(platform)


def _export(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    from tongqu.kernel.telemetry.exports import run

    return run(context, params)


def _compile(platform: Platform) -> None:
    from tongqu.kernel.telemetry.compiling import compile_writer

    compile_writer(platform)


EXPORT_PERMISSION = "telemetry.export"
EXPORT = JobKind("telemetry.export", _export, permission=EXPORT_PERMISSION, time_limit_s=3600, memory_mb=3000)

MODULE = Module(
    id="telemetry",
    package="tongqu.kernel.telemetry",
    field="platform",
    needs=("audit", "documents", "geo", "identity", "jobs", "things"),
    permissions=("telemetry.read", EXPORT_PERMISSION, "telemetry.quarantine"),
    roles=(
        Role("administrator", ("telemetry.read", EXPORT_PERMISSION, "telemetry.quarantine")),
        Role("monitor", ("telemetry.read",)),
        Role("duty_officer", ("telemetry.read", EXPORT_PERMISSION)),
        Role("analyst", ("telemetry.read", EXPORT_PERMISSION)),
        Role("integrator", ("telemetry.read", "telemetry.quarantine")),
    ),
    routers=(_router,),
    jobs=(EXPORT,),
    compiles=(_compile,),
    start=start,
    checks=(check,),
)
