"""The manifest of the cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.cases import escalation
from tongqu.kernel.cases.events import ALL
from tongqu.kernel.cases.supervision import SUPERVISE
from tongqu.kernel.cases.tables import METADATA
from tongqu.kernel.jobs import Schedule
from tongqu.kernel.module import Finding, Module, Role
from tongqu.kernel.store import Room
from tongqu.kit import text

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform

ESCALATE_S = 15.0


def router() -> APIRouter:
    from tongqu.kernel.cases import api

    return api.router()


def start(platform: Platform) -> None:
    """The watch of changes for the streams of the API process."""
    from tongqu.kernel.cases.stream import CaseWatch

    platform.provide(CaseWatch(platform))


def check_types(platform: Platform) -> list[Finding]:
    """Each case type has its texts, and its permissions are declared."""
    from tongqu.kernel.cases.registry import types_of

    types = types_of(platform.modules)
    declared = {permission for module in platform.modules for permission in module.permissions}
    findings = []
    for type in types.values():
        module, _, name = type.id.partition(".")
        keys = ["title", *(f"states.{one}" for one in type.states), *(f"steps.{one.id}" for one in type.steps)]
        keys += [f"limits.{one.id}" for one in type.limits]
        keys += [f"fields.{one}" for step in type.steps for one in (*step.fields, *step.documents)]
        missing = [key for key in keys if not text.has(f"{module}.cases.{name}.{key}")]
        findings += [Finding("error", "cases.no_text", {"type": type.id, "key": key}) for key in sorted(set(missing))]
        unknown = {type.read, *(step.permission for step in type.steps)} - declared
        findings += [Finding("error", "cases.no_permission", {"type": type.id, "key": key}) for key in sorted(unknown)]
    return findings or [Finding("ok", "cases.well", {"count": len(types)})]


MODULE = Module(
    id="cases",
    package="tongqu.kernel.cases",
    field="platform",
    needs=("audit", "calendar", "documents", "events", "identity", "jobs", "notify", "numbering", "rulebooks"),
    permissions=(SUPERVISE,),
    roles=(Role("administrator", (SUPERVISE,)), Role("duty_officer", (SUPERVISE,))),
    room=Room("cases", "tongqu.kernel.cases", METADATA),
    routers=(router,),
    events=ALL,
    templates=(escalation.TEMPLATE,),
    schedules=(Schedule("cases.escalate", ESCALATE_S, escalation.run),),
    start=start,
    checks=(check_types,),
)
