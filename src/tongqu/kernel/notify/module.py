"""The manifest of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Finding, Module, Role
from tongqu.kernel.notify import schemas
from tongqu.kernel.notify.tables import METADATA
from tongqu.kernel.store import Room, system_actor
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform

ENDPOINTS = "notify.endpoints"


def router() -> APIRouter:
    from tongqu.kernel.notify import api

    return api.router()


def start(platform: Platform) -> None:
    """Webhooks are served from the API process."""
    from tongqu.kernel.notify.sender import Sender

    sender = Sender(platform)
    platform.provide(sender)
    sender.start()


def check_deliveries(platform: Platform) -> list[Finding]:
    """Messages that a webhook never took."""
    from tongqu.kernel.notify import store

    with platform.store.read(system_actor("doctor")) as work:
        count = store.failed(work)
    return [Finding("warning" if count else "ok", "notify.failed" if count else "notify.well", {"count": count})]


MODULE = Module(
    id="notify",
    package="tongqu.kernel.notify",
    field="platform",
    needs=("identity", "audit"),
    permissions=(ENDPOINTS,),
    roles=(Role("administrator", (ENDPOINTS,)), Role("integrator", (ENDPOINTS,))),
    room=Room("notify", "tongqu.kernel.notify", METADATA),
    routers=(router,),
    resources=(
        Resource(
            "notify.endpoints",
            "notify/endpoints",
            schemas.EndpointRow,
            ENDPOINTS,
            create=schemas.EndpointForm,
            edit=schemas.EndpointEdit,
            edit_permission=ENDPOINTS,
        ),
    ),
    start=start,
    checks=(check_deliveries,),
)
