"""The manifest of fleets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.fleets import cases, categories, demo, events, importers, indicators, schemas
from tongqu.domains.fleets.layers import AREAS
from tongqu.domains.fleets.rules import RULES
from tongqu.domains.fleets.tables import METADATA
from tongqu.kernel.module import Demo, Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter

READ, EDIT, REVEAL = "fleets.read", "fleets.edit", "fleets.reveal"
ANSWER, SUPERVISE = cases.ANSWER, cases.SUPERVISE


def _router() -> APIRouter:
    from tongqu.domains.fleets import api

    return api.router()


MODULE = Module(
    id="fleets",
    package="tongqu.domains.fleets",
    field="production",
    needs=(
        *("alarms", "audit", "cases", "events", "geo", "identity", "imports"),
        *("indicators", "layers", "numbering", "rulebooks", "rules", "telemetry", "things"),
    ),
    permissions=(READ, EDIT, REVEAL, ANSWER, SUPERVISE),
    roles=(
        Role("administrator", (READ, EDIT, REVEAL, ANSWER, SUPERVISE)),
        Role("monitor", (READ, ANSWER)),
        Role("duty_officer", (READ, SUPERVISE)),
        Role("analyst", (READ,)),
        Role("integrator", (READ, EDIT)),
    ),
    room=Room("fleets", "tongqu.domains.fleets", METADATA),
    routers=(_router,),
    resources=(
        Resource(
            "fleets.vehicles",
            "fleets/vehicles",
            schemas.VehicleRow,
            READ,
            create=schemas.VehicleForm,
            edit=schemas.VehicleEdit,
            edit_permission=EDIT,
            importer="vehicles",
        ),
        Resource(
            "fleets.enterprises",
            "fleets/enterprises",
            schemas.EnterpriseRow,
            READ,
            create=schemas.EnterpriseForm,
            edit=schemas.EnterpriseEdit,
            edit_permission=EDIT,
            importer="enterprises",
        ),
        Resource(
            "fleets.drivers",
            "fleets/drivers",
            schemas.DriverRow,
            READ,
            create=schemas.DriverForm,
            edit=schemas.DriverEdit,
            edit_permission=EDIT,
            importer="drivers",
        ),
        Resource("fleets.areas", "fleets/areas", schemas.AreaRow, READ),
    ),
    kinds=categories.KINDS,
    events=events.ALL,
    layers=(AREAS,),
    rules=RULES,
    case_types=(cases.SUPERVISION,),
    numbers=tuple(one for one in (cases.SUPERVISION.number,) if one is not None),
    subscriptions=cases.SUBSCRIPTIONS,
    importers=(importers.ENTERPRISES, importers.VEHICLES, importers.DRIVERS),
    indicators=indicators.INDICATORS,
    demo=Demo(order=20, fill=demo.fill),
)
