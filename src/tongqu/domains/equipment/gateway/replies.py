"""The platform's general reply, built by hand: one goes out for each frame that comes in.

All that stays the same for a connection is made once. The XOR of what changes is that of five bytes, so the checksum
needs no pass over the frame.
"""

from __future__ import annotations

from struct import Struct

GENERAL_REPLY = 0x8001
_TAIL = Struct(">HHHBB")
_VERSIONED = 0x4000  # attribute bit 14: the header of 2019
_BODY = 5


class Replies:
    """Makes the frames of 0x8001 for one identity.

    Args:
        phone: identity as on the wire, 12 (2011, 2013) or 20 (2019) hex digits.
        version: edition of the header the terminal uses.
    """

    __slots__ = ("_fold", "_head")

    def __init__(self, phone: str, version: int) -> None:
        if version == 2019:
            head = GENERAL_REPLY.to_bytes(2, "big") + (_BODY | _VERSIONED).to_bytes(2, "big") + b"\x01"
        else:
            head = GENERAL_REPLY.to_bytes(2, "big") + _BODY.to_bytes(2, "big")
        self._head = head + bytes.fromhex(phone)
        fold = 0
        for byte in self._head:
            fold ^= byte
        self._fold = fold

    def general(self, own_serial: int, serial: int, message_id: int, result: int) -> bytes:
        """One raw frame: serial number and id of the message answered, and the result."""
        mixed = own_serial ^ serial ^ message_id
        inside = self._head + _TAIL.pack(
            own_serial, serial, message_id, result, self._fold ^ (mixed >> 8) ^ (mixed & 0xFF) ^ result
        )
        if b"\x7d" in inside or b"\x7e" in inside:
            inside = inside.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
        return b"\x7e" + inside + b"\x7e"
