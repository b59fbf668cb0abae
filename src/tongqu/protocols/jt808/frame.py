"""The header: the cheapest decode of a frame, and the making of frames, sub-packets and merged frames.

Source: JT/T 808-2013 §4, -2019 §4.4.3. Header of 2011/2013 (12 B): id WORD, attributes WORD, phone BCD[6],
serial WORD. Header of 2019 (17 B): id, attributes, protocol version BYTE, phone BCD[10], serial. If attribute
bit 13 is set, total WORD and index WORD (from 1) follow.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

import msgspec

from tongqu.kit.errors import Invalid
from tongqu.protocols.jt808.wire import BODY_LIMIT, Reason, unwrap, wrap, xor_of

VERSIONS: Final = (2011, 2013, 2019)
LENGTH_BITS: Final = 0x03FF
ENCRYPTION_SHIFT: Final = 10
PARTS_BIT: Final = 0x2000
VERSION_BIT: Final = 0x4000
REGISTRATION: Final = 0x0100
# A registration under the short header tells its layout by length: 2013 has at least 37 bytes, and what has at
# least the 76 of the 2019 layout cannot be a 2013 one, whose plate would be 39 bytes long.
REGISTRATION_2013: Final = 37
REGISTRATION_2019: Final = 76

_SHORT: Final = Struct(">HH6sH").unpack_from
_LONG: Final = Struct(">HHB10sH").unpack_from
_PARTS: Final = Struct(">HH").unpack_from


class Head(msgspec.Struct, frozen=True, gc=False):
    """What the header of a frame says.

    Attributes:
        message_id: id of the message; -1 if the header cannot be read.
        phone: the identity of the terminal exactly as on the wire, as hex text (12 or 20 digits): devices send
            other than decimal digits, so it is a key, not a number.
        version: 2011, 2013 or 2019; 2011 is told from 2013 only by the length of a registration.
        serial: serial number of the message.
        encryption: 0 none, 1 RSA, other values reserved.
        part_total: number of sub-packets, 0 if the message is whole.
        part_index: which of them, from 1.
        body: body of this frame.
        ok: whether checksum, length and header hold and the body is not encrypted.
        reason: why not.
        merged: a frame of Tongqu's own log made of sub-packets, see `merge_frame`.
        protocol_version: version byte of the 2019 header, 0 without one.
    """

    message_id: int
    phone: str
    version: int
    serial: int
    encryption: int
    part_total: int
    part_index: int
    body: bytes
    ok: bool = True
    reason: Reason | None = None
    merged: bool = False
    protocol_version: int = 0

    @property
    def usable(self) -> bool:
        """Whether the header can be read, so that a refusal can be answered to its sender."""
        return self.message_id >= 0

    @property
    def partial(self) -> bool:
        """Whether the body is one of several parts."""
        return self.part_total > 1

    @property
    def first_serial(self) -> int:
        """Serial number of the first part: sub-packets have consecutive serials."""
        return (self.serial - max(self.part_index, 1) + 1) & 0xFFFF


def peek(raw: bytes, *, merged: bool = False) -> Head:
    """The header of a raw frame, checksum and length verified; never raises.

    Args:
        raw: one frame from 7E to 7E as received.
        merged: accept the merged frames of Tongqu's own log; a gateway must not, for no terminal sends one.
    """
    inside = unwrap(raw)
    if isinstance(inside, Reason):
        return nothing(inside)
    return parse(inside, merged=merged)


def parse(inside: bytes, *, merged: bool = False) -> Head:
    """The header of an unescaped frame without its flags: header, body and checksum byte."""
    size = len(inside)
    if size < 13:
        return nothing(Reason.SHORT)
    message_id, attributes, phone, serial = _SHORT(inside)
    at, version, protocol = 12, 2013, 0
    if attributes & VERSION_BIT or _long_without_bit(inside, attributes):
        if size < 18:
            return nothing(Reason.SHORT)
        message_id, attributes, protocol, phone, serial = _LONG(inside)
        at, version = 17, 2019
    total = index = 0
    reason = Reason.CHECKSUM if xor_of(inside) else None
    if attributes & PARTS_BIT:
        if size < at + 5:
            return nothing(reason or Reason.SHORT)
        total, index = _PARTS(inside, at)
        at += 4
        if not 1 <= index <= total:
            reason = reason or Reason.HEADER
    body = inside[at:-1]
    said = attributes & LENGTH_BITS
    is_merged = merged and said == BODY_LIMIT < len(body) and not attributes & PARTS_BIT
    if reason is None and said != len(body) and not is_merged:
        reason = Reason.LENGTH
    encryption = attributes >> ENCRYPTION_SHIFT & 7
    if reason is None and encryption:
        reason = Reason.ENCRYPTED
    if message_id == REGISTRATION and version == 2013 and total <= 1:
        version = registration_version(len(body))
    return Head(
        message_id, phone.hex(), version, serial, encryption, total, index, body, reason is None, reason,
        is_merged, protocol,
    )  # fmt: skip


def registration_version(size: int) -> int:
    """Layout of a registration body of `size` bytes under the short header."""
    return 2011 if size < REGISTRATION_2013 else 2013 if size < REGISTRATION_2019 else 2019


def _long_without_bit(inside: bytes, attributes: int) -> bool:
    """Whether this is a 2019 header whose sender forgot the version bit.

    Only if the length fits the long header and not the short one, the version byte is 1 and the phone has the
    zeros to the left that a number of at most twelve digits has there.
    """
    parts = 4 if attributes & PARTS_BIT else 0
    said = attributes & LENGTH_BITS
    return len(inside) - 18 - parts == said and inside[4] == 1 and inside[5:9] == b"\0\0\0\0"


def nothing(reason: Reason) -> Head:
    """The head of bytes whose header cannot be read."""
    return Head(-1, "", 2013, 0, 0, 0, 0, b"", False, reason)


def phone_digits(phone: str, version: int) -> bytes:
    """The phone of a header: padded with zeros to the left, or rid of them where the header is shorter.

    Raises:
        Invalid: `jt808.phone` if it is no hex text or does not fit.
    """
    size = 20 if version >= 2019 else 12
    digits = phone.rjust(size, "0")
    if len(digits) > size and not digits[: len(digits) - size].strip("0"):
        digits = digits[-size:]
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        data = b""
    if len(data) * 2 != size:
        raise Invalid("jt808.phone", field="phone", phone=phone, limit=size)
    return data


def make_frames(
    message_id: int, body: bytes, *, phone: str, serial: int, version: int, protocol_version: int = 1
) -> list[bytes]:
    """The raw frames of a body: one, or sub-packets with consecutive serials if it is longer than 1,023 bytes.

    Raises:
        Invalid: `jt808.phone`, `jt808.version` or `jt808.too_many_parts`.
    """
    if version not in VERSIONS:
        raise Invalid("jt808.version", field="version", version=version)
    number = phone_digits(phone, version)
    parts = [body[at : at + BODY_LIMIT] for at in range(0, len(body), BODY_LIMIT)] or [b""]
    if len(parts) > 0xFFFF:
        raise Invalid("jt808.too_many_parts", field="body", limit=0xFFFF * BODY_LIMIT)
    frames = []
    for index, part in enumerate(parts, 1):
        attributes = len(part) | (PARTS_BIT if len(parts) > 1 else 0) | (VERSION_BIT if version >= 2019 else 0)
        head = message_id.to_bytes(2, "big") + attributes.to_bytes(2, "big")
        if version >= 2019:
            head += bytes((protocol_version,))
        head += number + ((serial + index - 1) & 0xFFFF).to_bytes(2, "big")
        if len(parts) > 1:
            head += len(parts).to_bytes(2, "big") + index.to_bytes(2, "big")
        frames.append(wrap(head + part))
    return frames


def merge_frame(head: Head, body: bytes) -> bytes:
    """One raw frame of a message that came in parts, for Tongqu's own log; no terminal sends such a frame.

    The header is that of the first part with the sub-packet bit cleared and without its four bytes; the length
    bits are all set (0x3FF) if the body is longer than they can say. `decode`, `explain` and the bulk path take
    such a frame and `decode` flags it `head.merged`; a gateway's `peek` refuses it for its length.
    """
    attributes = min(len(body), BODY_LIMIT) | (VERSION_BIT if len(head.phone) == 20 else 0)
    inside = head.message_id.to_bytes(2, "big") + attributes.to_bytes(2, "big")
    if len(head.phone) == 20:
        inside += bytes((head.protocol_version,))
    return wrap(inside + bytes.fromhex(head.phone) + head.first_serial.to_bytes(2, "big") + body)
