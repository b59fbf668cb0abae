"""The manifest of the registry."""

from __future__ import annotations

from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room
from tongqu.kernel.things.tables import METADATA

_READERS = ("administrator", "monitor", "duty_officer", "analyst", "integrator")

MODULE = Module(
    id="things",
    package="tongqu.kernel.things",
    field="platform",
    needs=("identity",),
    permissions=("things.read",),
    roles=tuple(Role(code, ("things.read",)) for code in _READERS),
    room=Room("things", "tongqu.kernel.things", METADATA),
)
