"""One record of the segment log: layout, packing, unpacking.

Little-endian. `length` counts everything after the first eight bytes, `crc` is CRC-32C (RFC 3720, Castagnoli) over the
same bytes:

    0 u32 length, 4 u32 crc, 8 u8 magic 0x7C, 9 u8 kind, 10 u16 stream, 12 i64 source, 20 i64 received_ms, 28 body

The body of a frame is its raw bytes. The body of a refused piece of input is `u8 n, reason (ASCII), u8 m, remote
(ASCII), raw`. The magic byte lets a reader find the next record behind damaged bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import google_crc32c

MAGIC: Final = 0x7C
FRAME: Final = 0
REFUSED: Final = 1
PREFIX_BYTES: Final = 8
HEADER_BYTES: Final = 28
META_BYTES: Final = HEADER_BYTES - PREFIX_BYTES
MAX_RECORD_BYTES: Final = 1 << 20
"""No record is longer: a larger length in a header is damage."""

_META = struct.Struct("<BBHqq")
_PREFIX = struct.Struct("<II")
_HEADER = struct.Struct("<IIBBHqq")
_crc32c = google_crc32c.value


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read back.

    Attributes:
        offset: where it stands in the log.
        stream: number of the stream.
        kind: `FRAME` or `REFUSED`.
        source: key of the thing that sent it, 0 if unknown.
        received_ms: when it arrived, UTC ms.
        raw: the bytes as received.
        reason: why a refused piece was refused, stable code; empty for frames.
        remote: address a refused piece came from; empty for frames.
    """

    offset: int
    stream: int
    kind: int
    source: int
    received_ms: int
    raw: bytes
    reason: str = ""
    remote: str = ""


def pack(stream: int, kind: int, source: int, received_ms: int, body: bytes) -> bytes:
    """The bytes of one record.

    Raises:
        ValueError: the body is larger than a record may be.
    """
    rest = _META.pack(MAGIC, kind, stream, source, received_ms) + body
    if len(rest) > MAX_RECORD_BYTES:
        raise ValueError(f"a record of {len(rest)} bytes is more than the log takes ({MAX_RECORD_BYTES})")
    return _PREFIX.pack(len(rest), _crc32c(rest)) + rest


def pack_refused(stream: int, source: int, received_ms: int, raw: bytes, reason: str, remote: str) -> bytes:
    """The bytes of a record for a piece of input that was refused before it was a frame."""
    why, whence = reason.encode("ascii", "replace")[:255], remote.encode("ascii", "replace")[:255]
    body = bytes((len(why),)) + why + bytes((len(whence),)) + whence + raw
    return pack(stream, REFUSED, source, received_ms, body)


def unpack(data: bytes | memoryview, at: int, offset: int) -> tuple[Record, int] | None:
    """The record at `data[at:]` and the position after it; None if there is no whole, undamaged record.

    Args:
        offset: where `data[at]` stands in the log.
    """
    if at + HEADER_BYTES > len(data):
        return None
    length, crc, magic, kind, stream, source, received_ms = _HEADER.unpack_from(data, at)
    end = at + PREFIX_BYTES + length
    if magic != MAGIC or not META_BYTES <= length <= MAX_RECORD_BYTES or end > len(data):
        return None
    if _crc32c(bytes(data[at + PREFIX_BYTES : end])) != crc:
        return None
    body = bytes(data[at + HEADER_BYTES : end])
    if kind != REFUSED:
        return Record(offset, stream, kind, source, received_ms, body), end
    raw, reason, remote = split_refused(body)
    return Record(offset, stream, kind, source, received_ms, raw, reason, remote), end


def split_refused(body: bytes) -> tuple[bytes, str, str]:
    """Raw bytes, reason and remote of the body of a refused record."""
    reason_end = 1 + body[0]
    remote_end = reason_end + 1 + body[reason_end]
    return (
        body[remote_end:],
        body[1:reason_end].decode("ascii"),
        body[reason_end + 1 : remote_end].decode("ascii"),
    )


def last_end(data: bytes, start: int) -> int:
    """The end of the last good record that begins at or after `start`, 0 if there is none; damage is stepped over."""
    end, at = 0, start
    while (magic := data.find(MAGIC, at + PREFIX_BYTES)) >= 0:
        found = unpack(data, magic - PREFIX_BYTES, 0)
        if found is None:
            at = magic - PREFIX_BYTES + 1
        else:
            end = at = found[1]
    return end
