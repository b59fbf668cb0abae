"""Manifest of the documents room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.documents import tidy
from tongqu.kernel.documents.schemas import DocumentRow
from tongqu.kernel.documents.tables import METADATA
from tongqu.kernel.jobs import Schedule
from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter


def _router() -> APIRouter:
    from tongqu.kernel.documents.api import router

    return router()


_BOTH = ("documents.read", "documents.write")

MODULE = Module(
    id="documents",
    package="tongqu.kernel.documents",
    field="platform",
    needs=("identity", "audit", "jobs"),
    permissions=_BOTH,
    roles=tuple(Role(code, _BOTH) for code in ("administrator", "monitor", "duty_officer", "analyst", "integrator")),
    room=Room("documents", "tongqu.kernel.documents", METADATA),
    routers=(_router,),
    resources=(Resource("documents.documents", "documents", DocumentRow, permission="documents.read"),),
    schedules=(Schedule("documents.tidy", 3600, tidy.run),),
    checks=(tidy.check,),
)
