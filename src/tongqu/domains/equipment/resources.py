"""Lists and forms that the page derives from the wire models."""

from __future__ import annotations

from tongqu.domains.equipment.schemas import CommandRow, SessionRow, TerminalEdit, TerminalForm, TerminalRow
from tongqu.kernel.web import Resource

RESOURCES = (
    Resource(
        id="equipment.terminals",
        path="equipment/terminals",
        row=TerminalRow,
        permission="equipment.read",
        create=TerminalForm,
        edit=TerminalEdit,
        edit_permission="equipment.edit",
        importer="terminals",
    ),
    Resource(id="equipment.sessions", path="equipment/sessions", row=SessionRow, permission="equipment.read"),
    Resource(id="equipment.commands", path="equipment/commands", row=CommandRow, permission="equipment.read"),
)
