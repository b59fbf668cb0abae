"""The manifest of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.things.tables import METADATA

if TYPE_CHECKING:
    from fastapi import APIRouter

_READERS = ("administrator", "monitor", "duty_officer", "analyst", "integrator")


def router() -> APIRouter:
    from tongqu.kernel.things import api

    return api.router()


MODULE = Module(
    id="things",
    package="tongqu.kernel.things",
    field="platform",
    needs=("identity",),
    permissions=("things.read",),
    roles=tuple(Role(code, ("things.read",)) for code in _READERS),
    room=Room("things", "tongqu.kernel.things", METADATA),
    routers=(router,),
)
