"""Decode, encode and explain whole messages. None of them raises on bytes; `encode` raises on values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tongqu.kit.errors import NotFound
from tongqu.protocols.jt808.cursor import Cursor, Writer
from tongqu.protocols.jt808.frame import Head, make_frames, nothing, parse
from tongqu.protocols.jt808.plans import Plans
from tongqu.protocols.jt808.profiles import STANDARD, Profile
from tongqu.protocols.jt808.tables import MESSAGES
from tongqu.protocols.jt808.wire import Reason, position_key, unwrap

PART: Final = "part"
"""Name of a message that is one of several sub-packets: its body is in `rest` until all have come."""
UNKNOWN: Final = "unknown"


class Message(msgspec.Struct, frozen=True, gc=False):
    """A decoded frame.

    Attributes:
        head: its header.
        name: name of the message's table, `part` for a sub-packet, `unknown` if there is no table.
        body: fields by name, units as suffix, times UTC milliseconds, bytes where the standard leaves them open.
            Where the body is refused it holds what was read before the fault.
        ok: whether the whole frame was understood.
        reason: why not.
        rest: bytes of the body that no field took.
    """

    head: Head
    name: str
    body: dict[str, Any]
    ok: bool
    reason: Reason | None
    rest: bytes


_PLANS: Final = Plans(Message)


def decode(raw: bytes, profile: Profile | None = None, *, version: int = 0) -> Message:
    """The message in a raw frame, from 7E to 7E.

    Args:
        raw: the frame as received, or a merged frame of Tongqu's log.
        profile: device model, for clashing item ids.
        version: layout of the body if the session knows better than the header (2011 or 2019 under the short one).
    """
    inside = unwrap(raw)
    if isinstance(inside, Reason):
        return Message(nothing(inside), UNKNOWN, {}, False, inside, b"")
    if profile is not None or version:
        return decode_head(parse(inside, merged=True), profile, version=version)
    known: Message | None = _PLANS.decode(inside)
    if known is not None:
        return known
    message = decode_head(parse(inside, merged=True))
    if message.ok and not message.rest and message.head.message_id in MESSAGES:
        _PLANS.learn(inside, message.head, MESSAGES[message.head.message_id])
    return message


def decode_head(head: Head, profile: Profile | None = None, *, version: int = 0) -> Message:
    """The message whose frame `peek` has read already; also of the header and joined body of sub-packets."""
    table = MESSAGES.get(head.message_id)
    name = UNKNOWN if table is None else table.name
    if not head.ok:
        return Message(head, name, {}, False, head.reason, head.body)
    if head.partial:
        return Message(head, PART, {}, True, None, head.body)
    if table is None:
        return Message(head, name, {}, False, Reason.UNKNOWN_ID, head.body)
    cursor = body_cursor(head, profile or STANDARD, version)
    body, reason = table.read(cursor)
    return Message(head, name, body, reason is None, reason, head.body[cursor.at :])


def body_cursor(head: Head, profile: Profile, version: int) -> Cursor:
    """A cursor over the body of a frame, in the version and dialect that apply."""
    version = version or profile.version or head.version
    body = head.body
    return Cursor(body, 0, len(body), version=version, dialect=profile.dialect_for(head.version), profile=profile)


def encode_body(
    message_id: int, body: Mapping[str, Any], *, version: int = 2019, profile: Profile | None = None
) -> bytes:
    """The bytes of a body.

    Raises:
        NotFound: `jt808.unknown_message`.
        Invalid: a value is missing, unknown, of the wrong kind or does not fit; `field` names it.
    """
    table = MESSAGES.get(message_id)
    if table is None:
        raise NotFound("jt808.unknown_message", message_id=f"0x{message_id:04X}")
    profile = profile or STANDARD
    writer = Writer(profile.version or version, profile.dialect_for(version), profile)
    table.write(writer, dict(body))
    return bytes(writer.out)


def encode(
    message_id: int,
    body: Mapping[str, Any] | bytes,
    *,
    phone: str,
    serial: int,
    version: int = 2019,
    profile: Profile | None = None,
    protocol_version: int = 1,
) -> list[bytes]:
    """The raw frames of a message: one, or sub-packets with consecutive serials if the body is over 1,023 bytes.

    Args:
        message_id: id of the message.
        body: fields as `decode` gives them, or the body's bytes.
        phone: identity of the terminal as hex text; shorter ones are padded with zeros to the left.
        serial: serial of the first frame, 0-65535.
        version: 2011, 2013 or 2019: header and layout.
        profile: device model.
        protocol_version: version byte of the 2019 header.

    Raises:
        NotFound: there is no such message.
        Invalid: a value does not fit; `field` names it.
    """
    data = body if isinstance(body, bytes) else encode_body(message_id, body, version=version, profile=profile)
    return make_frames(message_id, data, phone=phone, serial=serial, version=version, protocol_version=protocol_version)


POSITION_OFFSETS: Final = {0x0200: 0, 0x0201: 2, 0x0500: 2}
"""Messages that carry one position, and where in the body its basic block begins."""
BATCH: Final = 0x0704


def heading_of(raw: int) -> int:
    """Heading of a column: 0-359; 360 is north, anything above is unknown (-1)."""
    return raw if raw < 360 else 0 if raw == 360 else -1


def positions_of(message: Message) -> list[dict[str, Any]]:
    """The position rows of a decoded message, equal to those of the bulk path, without `source`.

    A message that carries no position gives none; of a batch, the entries that decode give one each.
    """
    id = message.head.message_id
    body = message.head.body
    if message.head.partial or message.name in (UNKNOWN, PART) or not message.head.ok:
        return []
    if id in POSITION_OFFSETS:
        at = POSITION_OFFSETS[id]
        return [_row(message.body, body[at : at + 28], False)] if "time_ms" in message.body else []
    if id != BATCH or "positions" not in message.body:
        return []
    refill = message.body["batch_type"] == 1
    rows, at = [], 3
    for entry in message.body["positions"]:
        size = int.from_bytes(body[at : at + 2], "big")
        if "refused" not in entry:
            rows.append(_row(entry, body[at + 2 : at + 30], refill))
        at += 2 + size
    return rows


def _row(position: Mapping[str, Any], block: bytes, refill: bool) -> dict[str, Any]:
    mileage = position["extras"].get("mileage_km")
    return {
        "time_ms": position["time_ms"],
        "lon": position["longitude_deg"],
        "lat": position["latitude_deg"],
        "altitude_m": position["altitude_m"],
        "speed_kmh": position["speed_kmh"],
        "heading_deg": heading_of(position["heading_deg"]),
        "alarm": position["alarm"],
        "status": position["status"],
        "mileage_km": float("nan") if mileage is None else mileage,
        "key": position_key(block),
        "refill": refill,
    }
