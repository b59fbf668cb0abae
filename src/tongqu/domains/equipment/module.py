"""The manifest of equipment."""

from __future__ import annotations

from tongqu.domains.equipment import events as facts
from tongqu.domains.equipment.listeners import LISTENERS
from tongqu.domains.equipment.service.terminals import KIND
from tongqu.domains.equipment.streams import STREAMS
from tongqu.domains.equipment.tables import META
from tongqu.kernel.module import Module, Role
from tongqu.kernel.store import Room

READ, EDIT, COMMAND = "equipment.read", "equipment.edit", "equipment.command"

MODULE = Module(
    id="equipment",
    package="tongqu.domains.equipment",
    field="production",
    needs=("audit", "events", "identity", "telemetry", "things"),
    permissions=(READ, EDIT, COMMAND),
    roles=(
        Role("administrator", (READ, EDIT, COMMAND)),
        Role("monitor", (READ, COMMAND)),
        Role("duty_officer", (READ, COMMAND)),
        Role("analyst", (READ,)),
        Role("integrator", (READ, EDIT, COMMAND)),
    ),
    room=Room("equipment", "tongqu.domains.equipment", META),
    kinds=(KIND,),
    streams=STREAMS,
    events=facts.ALL,
    listeners=LISTENERS,
)
