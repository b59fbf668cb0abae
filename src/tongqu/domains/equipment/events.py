"""Facts that equipment records for others."""

from __future__ import annotations

from tongqu.kernel.events import EventType

TERMINAL_ENTERED = EventType("equipment.terminal_entered")
TERMINAL_REGISTERED = EventType("equipment.terminal_registered")
TERMINAL_UNREGISTERED = EventType("equipment.terminal_unregistered")
TERMINAL_BOUND = EventType("equipment.terminal_bound")
TERMINAL_RELEASED = EventType("equipment.terminal_released")
COMMAND_QUEUED = EventType("equipment.command_queued")
COMMAND_ENDED = EventType("equipment.command_ended")

ALL = (
    TERMINAL_ENTERED,
    TERMINAL_REGISTERED,
    TERMINAL_UNREGISTERED,
    TERMINAL_BOUND,
    TERMINAL_RELEASED,
    COMMAND_QUEUED,
    COMMAND_ENDED,
)
