"""The manifest of fleets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.fleets import categories, demo, events, importers, indicators, schemas
from tongqu.domains.fleets.layers import AREAS
from tongqu.domains.fleets.rules import RULES
from tongqu.domains.fleets.tables import METADATA
from tongqu.kernel.module import Demo, Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter

READ, EDIT, REVEAL = "fleets.read", "fleets.edit", "fleets.reveal"


def _router() -> APIRouter:
    from tongqu.domains.fleets import api

    return api.router()


MODULE = Module(
    id="fleets",
    package="tongqu.domains.fleets",
    field="production",
    needs=(
        *("alarms", "audit", "events", "geo", "identity", "imports"),
        *("indicators", "layers", "rulebooks", "rules", "telemetry", "things"),
    ),
    permissions=(READ, EDIT, REVEAL),
    roles=(
        Role("administrator", (READ, EDIT, REVEAL)),
        Role("monitor", (READ,)),
        Role("duty_officer", (READ,)),
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
    importers=(importers.ENTERPRISES, importers.VEHICLES, importers.DRIVERS),
    indicators=indicators.INDICATORS,
    demo=Demo(order=20, fill=demo.fill),
)
