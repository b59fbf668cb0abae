"""Every byte of a frame, explained: header, fields, items, bits with their meaning, checksum.

Explaining uses the same tables as decoding, with rows switched on; it shows as much as can be read of a frame
that is refused, and the bytes it cannot read as such.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final

from tongqu.protocols.jt808.cursor import Cursor, FaultError, Row
from tongqu.protocols.jt808.declare import bcd, if_bit, u8, u16
from tongqu.protocols.jt808.frame import Head, parse
from tongqu.protocols.jt808.layout import Layout
from tongqu.protocols.jt808.profiles import STANDARD, Profile
from tongqu.protocols.jt808.tables import MESSAGES, words
from tongqu.protocols.jt808.wire import Reason, unescape, xor_of

_PARTS: Final = (
    u16("part_total", when=if_bit("attributes", 13)),
    u16("part_index", when=if_bit("attributes", 13)),
)
_START: Final = (u16("message_id", refers=True), u16("attributes", flags=words.ATTRIBUTES))
HEADER_SHORT: Final = Layout(*_START, bcd("phone", 6), u16("serial"), *_PARTS)
HEADER_LONG: Final = Layout(*_START, u8("protocol_version"), bcd("phone", 10), u16("serial"), *_PARTS)
"""The two headers as tables; `frame.parse` reads the same bytes faster."""


def explain(raw: bytes, profile: Profile | None = None, *, version: int = 0) -> list[Row]:
    """The rows of a raw frame; never raises.

    Args:
        raw: the frame as received.
        profile: device model, for clashing item ids.
        version: layout of the body if the session knows better than the header.

    Returns:
        Rows in wire order that cover every byte; `offset` counts in the unescaped frame, `wire_offset` in `raw`.
    """
    flagged = raw[:1] == b"\x7e" and raw[-1:] == b"\x7e" and len(raw) > 1 and b"\x7e" not in raw[1:-1]
    inside = unescape(raw[1:-1]) if flagged else None
    if inside is None:
        name = "jt808.notes.no_frame" if not flagged else "jt808.notes.bad_escape"
        return [Row(0, len(raw), "frame", name, raw.hex(), None, None, None, (), 0, len(raw))]
    plain = b"\x7e" + inside + b"\x7e"
    rows = [Row(0, 1, "start", "jt808.notes.flag", "7e", None)]
    if inside:
        rows += _inside(plain, parse(inside, merged=True), profile or STANDARD, version)
    rows.append(Row(len(plain) - 1, 1, "end", "jt808.notes.flag", "7e", None))
    wire = _wire_offsets(raw)
    return [_on_wire(row, wire) for row in rows]


def _inside(plain: bytes, head: Head, profile: Profile, version: int) -> list[Row]:
    """Rows between the flags."""
    end = len(plain) - 2  # the checksum byte
    rows: list[Row] = []
    at = 1
    if head.usable:
        header = HEADER_LONG if head.version >= 2019 and len(head.phone) == 20 else HEADER_SHORT
        cursor = Cursor(plain, at, end, version=head.version, dialect="", profile=profile, explain=True)
        cursor.path = "header"
        with suppress(FaultError):  # what is left shows as unread bytes
            header.read(cursor)
        rows += cursor.rows or []
        at = _end(cursor, at)
        body_rows, at = _body(plain, at, end, head, profile, version)
        rows += body_rows
    if at < end:
        rows.append(Row(at, end - at, "rest", "jt808.notes.rest", plain[at:end].hex(), None))
    rows.append(_checksum(plain, end))
    return rows


def _body(plain: bytes, at: int, end: int, head: Head, profile: Profile, version: int) -> tuple[list[Row], int]:
    """Rows of the body and where they end."""
    table = MESSAGES.get(head.message_id)
    if head.partial and at < end:
        return [Row(at, end - at, "part", "jt808.notes.part", plain[at:end].hex(), None)], end
    readable = head.ok or head.reason in (Reason.CHECKSUM, Reason.LENGTH)
    if table is None or not readable:
        return [], at
    version = version or profile.version or head.version
    dialect = profile.dialect_for(head.version)
    cursor = Cursor(plain, at, end, version=version, dialect=dialect, profile=profile, explain=True)
    table.read(cursor)
    return cursor.rows or [], _end(cursor, at)


def _end(cursor: Cursor, start: int) -> int:
    """Where the explained rows end: the cursor may be past a length whose content is missing."""
    return cursor.rows[-1].offset + cursor.rows[-1].length if cursor.rows else start


def _checksum(plain: bytes, at: int) -> Row:
    found, expected = plain[at], xor_of(plain[1:at])
    meaning = "jt808.notes.checksum_ok" if found == expected else "jt808.notes.checksum_wrong"
    return Row(at, 1, "checksum", "jt808.fields.checksum", f"{found:02x}", f"0x{expected:02X}", None, meaning)


def _wire_offsets(raw: bytes) -> list[int]:
    """Offset in the raw frame of each byte of the unescaped frame, and one past the end."""
    offsets = []
    at = 0
    while at < len(raw):
        offsets.append(at)
        at += 2 if raw[at] == 0x7D else 1
    return [*offsets, len(raw)]


def _on_wire(row: Row, wire: list[int]) -> Row:
    start = wire[row.offset]
    children = tuple(_on_wire(child, wire) for child in row.children)
    return replace(row, wire_offset=start, wire_length=wire[row.offset + row.length] - start, children=children)
