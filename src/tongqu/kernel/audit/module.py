"""The manifest of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.audit import schemas
from tongqu.kernel.audit.tables import METADATA
from tongqu.kernel.module import Finding, Module, Role
from tongqu.kernel.store import Room, system_actor
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform

MOST_FINDINGS = 20


def router() -> APIRouter:
    from tongqu.kernel.audit import api

    return api.router()


def start(platform: Platform) -> None:
    """The one sealer of the platform lives in the API process."""
    from tongqu.kernel.audit.sealer import Sealer

    sealer = Sealer(platform)
    platform.provide(sealer)
    sealer.start()


def check_chain(platform: Platform) -> list[Finding]:
    """Verify the whole chain."""
    from tongqu.kernel.audit.sealer import anchor_file
    from tongqu.kernel.audit.verify import verify

    with platform.store.read(system_actor("doctor")) as work:
        found = verify(work, anchor_file(platform.settings.data))
    if not found:
        return [Finding("ok", "audit.whole")]
    named = [
        Finding("error", f"audit.{one.what}", {"number": one.number, "seq": one.seq}) for one in found[:MOST_FINDINGS]
    ]
    return [*named, Finding("error", "audit.broken", {"findings": len(found)})]


MODULE = Module(
    id="audit",
    package="tongqu.kernel.audit",
    field="platform",
    permissions=("audit.read", "audit.verify"),
    roles=(Role("administrator", ("audit.read", "audit.verify")),),
    room=Room("audit", "tongqu.kernel.audit", METADATA),
    routers=(router,),
    resources=(Resource("audit.entries", "audit", schemas.EntryRow, "audit.read", key="seq"),),
    start=start,
    checks=(check_chain,),
)
