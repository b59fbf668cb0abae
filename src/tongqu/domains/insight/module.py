"""The manifest of insight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.domains.insight.cases import HANDLE, INCIDENT, READ, SHIFT
from tongqu.domains.insight.service.incidents import PRESSING, on_alarm
from tongqu.domains.insight.tables import METADATA
from tongqu.kernel.alarms import ACKNOWLEDGED, AMENDED, CLEARED, RAISED, WITHDRAWN
from tongqu.kernel.events import Subscription
from tongqu.kernel.module import Demo, Module, Role
from tongqu.kernel.store import Room

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def router() -> APIRouter:
    from tongqu.domains.insight import api

    return api.router()


def fill(platform: Platform, world: object) -> None:
    from tongqu.domains.insight import demo

    demo.fill(platform, world)


_BOTH = (READ, HANDLE)

MODULE = Module(
    id="insight",
    package="tongqu.domains.insight",
    field="governance",
    needs=(
        "alarms",
        "audit",
        "calendar",
        "cases",
        "documents",
        "events",
        "identity",
        "notify",
        "numbering",
        "rulebooks",
        "telemetry",
    ),
    permissions=_BOTH,
    roles=(
        Role("administrator", _BOTH),
        Role("duty_officer", _BOTH),
        *(Role(code, (READ,)) for code in ("analyst", "monitor", "integrator")),
    ),
    room=Room("insight", "tongqu.domains.insight", METADATA),
    case_types=(INCIDENT, SHIFT),
    numbers=tuple(one for one in (INCIDENT.number,) if one is not None),
    templates=(PRESSING,),
    subscriptions=(Subscription("insight.incidents", (RAISED, CLEARED, AMENDED, WITHDRAWN, ACKNOWLEDGED), on_alarm),),
    routers=(router,),
    demo=Demo(order=80, fill=fill),
)
