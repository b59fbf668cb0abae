"""Manifest of the imports room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.imports import tidy
from tongqu.kernel.imports.files.declared import LOAD, LOADERS, RECORDER, SEE, SHAPES, TRACKS_STREAM
from tongqu.kernel.imports.files.run import LOAD as LOAD_JOB
from tongqu.kernel.imports.people import PEOPLE
from tongqu.kernel.imports.run import JOB
from tongqu.kernel.imports.tables import METADATA
from tongqu.kernel.jobs import Schedule
from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room

if TYPE_CHECKING:
    from fastapi import APIRouter


def _router() -> APIRouter:
    from tongqu.kernel.imports.api import router

    return router()


MODULE = Module(
    id="imports",
    package="tongqu.kernel.imports",
    field="platform",
    needs=("identity", "audit", "jobs", "documents", "geo", "layers", "telemetry", "things"),
    permissions=("imports.read", LOAD, SEE),
    roles=(
        Role("administrator", ("imports.read", LOAD, SEE)),
        Role("integrator", ("imports.read", LOAD, SEE)),
        Role("analyst", (LOAD, SEE)),
        Role("duty_officer", (SEE,)),
        Role("monitor", (SEE,)),
    ),
    room=Room("imports", "tongqu.kernel.imports", METADATA),
    routers=(_router,),
    importers=(PEOPLE,),
    loaders=LOADERS,
    kinds=(RECORDER,),
    streams=(TRACKS_STREAM,),
    layers=(SHAPES,),
    jobs=(JOB, LOAD_JOB),
    schedules=(Schedule("imports.tidy", 86_400, tidy.run),),
)
