"""Values between the sockets and the record store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tongqu.protocols.nmea import Group, Message

SHIP_TYPES = frozenset({1, 2, 3, 5, 9, 18, 19, 24, 27})
POSITION_TYPES = frozenset({1, 2, 3, 9, 18, 19, 27})
CLASS_B = frozenset({18, 19, 24})


def ship_id(mmsi: int) -> str:
    return f"{mmsi:09d}"


@dataclass(slots=True)
class Counts:
    """What came from a receiver since it was last written down."""

    lines: int = 0
    sentences: int = 0
    messages: int = 0
    refused: int = 0
    doubled: int = 0
    last_reason: str | None = None

    def __bool__(self) -> bool:
        return bool(self.lines)

    def add(self, other: Counts) -> None:
        """Take over what another has counted."""
        for name in ("lines", "sentences", "messages", "refused", "doubled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.last_reason = other.last_reason or self.last_reason


@dataclass(slots=True)
class Heard:
    """What is new of a sender since it was last written down.

    Attributes:
        station: a base station or an aid to navigation, no ship.
        fields: newest value of each field that its messages carried.
        last: the newest message of each (type, part): when, and its sentences.
    """

    mmsi: int
    receiver: str
    station: bool = False
    own: bool = False
    transponder: str = ""
    messages: int = 0
    first_ms: int = 0
    heard_ms: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    last: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)

    def take(self, message: Message, group: Group, at_ms: int) -> None:
        """Note a message."""
        self.messages += 1
        self.first_ms = min(self.first_ms or at_ms, at_ms)
        self.heard_ms = max(self.heard_ms, at_ms)
        self.own |= group.own
        if message.type in (1, 2, 3, 5, 27):
            self.transponder = "A"
        elif message.type in CLASS_B:
            self.transponder = "B"
        elif message.type == 9:
            self.transponder = "SAR"
        self.fields |= {name: value for name, value in message.fields.items() if value not in (None, "")}
        part = int(message.fields.get("part") or 0)
        self.last[message.type, part] = (at_ms, "\n".join(group.lines))
