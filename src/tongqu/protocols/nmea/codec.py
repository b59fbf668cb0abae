"""Groups to messages and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tongqu.kit.errors import Invalid
from tongqu.protocols.nmea.assembler import Group
from tongqu.protocols.nmea.tables import MESSAGES
from tongqu.protocols.nmea.wire import Bits, Reason, armour, dearmour, sentence

PART_LETTERS: Final = 60
"""Letters of payload in one sentence: 82 characters in all (IEC 61162-1, 7.1)."""


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message.

    Attributes:
        type: 1 to 27; 0 if not even the type could be read.
        mmsi: sender; None if the payload is too short to say.
        fields: values by name, without `type`, `repeat` and `mmsi`; "not available" is None, a field that the payload
            does not reach is absent. Of a refused message what could be read.
        repeat: how often it was repeated on the way.
        reason: why it is refused, or None.
    """

    type: int
    mmsi: int | None
    fields: dict[str, Any] = field(default_factory=dict)
    repeat: int = 0
    reason: Reason | None = None

    @property
    def ok(self) -> bool:
        return self.reason is None


def decode(payload: str, fill: int = 0) -> Message:
    """The message of an armoured payload; never raises."""
    bits = dearmour(payload, fill)
    if bits is None:
        return Message(0, None, reason=Reason.ARMOUR)
    return decode_bits(bits)


def decode_group(group: Group) -> Message:
    """The message of a group; a refused group gives what its payload says, with the group's reason."""
    if group.reason is None:
        return decode(group.payload, group.fill)
    if group.reason is Reason.INCOMPLETE:
        started = decode(group.payload)
        return Message(started.type, started.mmsi, {}, started.repeat, group.reason)
    return Message(0, None, reason=group.reason)


def decode_bits(bits: Bits) -> Message:
    """The message of bits."""
    kind = bits.take(0, 6) if bits.count >= 6 else 0
    mmsi = bits.take(8, 30) if bits.count >= 38 else None
    repeat = bits.take(6, 2) if bits.count >= 8 else 0
    if mmsi is None:
        return Message(kind, None, repeat=repeat, reason=Reason.SHORT)
    table = MESSAGES.get(kind)
    if table is None:
        return Message(kind, mmsi, repeat=repeat, reason=Reason.TYPE)
    values = table.layout_of(bits).read(bits)
    for name in ("type", "repeat", "mmsi"):
        values.pop(name, None)
    return Message(kind, mmsi, values, repeat, None if bits.count >= table.least else Reason.SHORT)


def encode_bits(type: int, mmsi: int, body: Mapping[str, Any], *, repeat: int = 0) -> Bits:
    """The payload of a message. A field that is not given is "not available", or zero where there is no such value.

    Raises:
        Invalid: no such type or field, or a value that the wire cannot carry.
    """
    table = MESSAGES.get(type)
    if table is None:
        raise Invalid("nmea.unknown_type", field="type", type=type)
    whole = {"type": type, "repeat": repeat, "mmsi": mmsi, **body}
    return table.layout_for(whole).write(whole)


def encode(
    type: int,
    mmsi: int,
    body: Mapping[str, Any],
    *,
    repeat: int = 0,
    channel: str = "A",
    talker: str = "AI",
    own: bool = False,
    sequence: int = 0,
) -> list[str]:
    """A message as sentences, without ends of line; `sequence` is used where it takes more than one.

    Raises:
        Invalid: as `encode_bits`.
    """
    payload, fill = armour(encode_bits(type, mmsi, body, repeat=repeat))
    parts = [payload[at : at + PART_LETTERS] for at in range(0, len(payload), PART_LETTERS)] or [""]
    address = f"{talker}{'VDO' if own else 'VDM'}"
    number = str(sequence % 10) if len(parts) > 1 else ""
    return [
        sentence("!", f"{address},{len(parts)},{at},{number},{channel},{part},{fill if at == len(parts) else 0}")
        for at, part in enumerate(parts, 1)
    ]


def utc_ms(fields: Mapping[str, Any]) -> int | None:
    """UTC ms of the year to second of a base station (types 4, 11); None if one is missing or there is no such time."""
    parts = [fields.get(name) for name in ("year", "month", "day", "hour", "minute", "second")]
    if any(part is None for part in parts):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    try:
        moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000
