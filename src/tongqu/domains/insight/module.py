"""The manifest of insight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Module, Role

if TYPE_CHECKING:
    from fastapi import APIRouter

READ = "insight.read"


def router() -> APIRouter:
    from tongqu.domains.insight import api

    return api.router()


MODULE = Module(
    id="insight",
    package="tongqu.domains.insight",
    field="governance",
    needs=("telemetry",),
    permissions=(READ,),
    roles=tuple(Role(code, (READ,)) for code in ("administrator", "duty_officer", "analyst", "monitor", "integrator")),
    routers=(router,),
)
