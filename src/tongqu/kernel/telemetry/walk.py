"""Walking the log in bulk: one pass over a buffer finds the records, checks CRC-32C and steps over damage.

CRC-32C by slicing-by-8 (Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC
Generators", 2005); single records use the library in `record.py`, and a test holds both against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tongqu.kernel.telemetry.record import HEADER_BYTES, MAGIC, MAX_RECORD_BYTES, META_BYTES, PREFIX_BYTES

_POLYNOMIAL = 0x82F63B78


def _tables() -> NDArray[np.uint32]:
    tables = np.zeros((8, 256), dtype=np.uint32)
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
        tables[0, byte] = crc
    for slice_ in range(1, 8):
        before = tables[slice_ - 1]
        tables[slice_] = (before >> 8) ^ tables[0][before & 0xFF]
    return tables


_TABLES = _tables()


@dataclass(frozen=True, slots=True)
class Walk:
    """The records of a buffer as columns, each of length n.

    Attributes:
        start, length: place of each record's body in the buffer.
        kind, stream, source, received_ms: as in `record.Record`.
        at: place of the record itself in the buffer.
        damage: shape (k, 2): begin and end in the buffer of bytes that are no good record.
        consumed: how many bytes of the buffer are done with.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int32]
    kind: NDArray[np.uint8]
    stream: NDArray[np.uint16]
    source: NDArray[np.int64]
    received_ms: NDArray[np.int64]
    at: NDArray[np.int64]
    damage: NDArray[np.int64]
    consumed: int


def walk(data: NDArray[np.uint8], *, whole: bool) -> Walk:
    """Find the records of a buffer.

    Args:
        data: bytes of the log, beginning at a record.
        whole: whether the buffer ends where the durable log or its segment ends. Then an unfinished record at the end
            is damage; otherwise it is left for the next buffer.
    """
    room = len(data) // HEADER_BYTES + 1
    columns = np.empty((5, room), dtype=np.int64)
    received, damage = np.empty(room, dtype=np.int64), np.empty((room, 2), dtype=np.int64)
    count, damaged, consumed = _walk(data, whole, columns, received, damage, _TABLES)
    at, length, kind, stream, source = columns[:, :count]
    return Walk(
        start=at + HEADER_BYTES,
        length=(length - META_BYTES).astype(np.int32),
        kind=kind.astype(np.uint8),
        stream=stream.astype(np.uint16),
        source=source.copy(),
        received_ms=received[:count].copy(),
        at=at.copy(),
        damage=damage[:damaged].copy(),
        consumed=int(consumed),
    )


@njit(cache=True, nogil=True)
def _walk(data, whole, columns, received, damage, tables):  # type: ignore[no-untyped-def]
    size = len(data)
    at = count = damaged = 0
    bad_since = -1
    while at < size:
        end = _record_end(data, at, size, tables)
        if end < 0:
            if not whole and bad_since < 0 and _may_go_on(data, at, size):
                break
            if bad_since < 0:
                bad_since = at
            at += 1
            continue
        if bad_since >= 0:
            damage[damaged, 0], damage[damaged, 1] = bad_since, at
            damaged += 1
            bad_since = -1
        columns[0, count] = at
        columns[1, count] = end - at - PREFIX_BYTES
        columns[2, count] = data[at + 9]
        columns[3, count] = _little(data, at + 10, 2)
        columns[4, count] = _little(data, at + 12, 8)
        received[count] = _little(data, at + 20, 8)
        count += 1
        at = end
    if bad_since >= 0:
        if not whole:  # keep the tail: a good record may begin in it
            at = max(bad_since + 1, size - MAX_RECORD_BYTES - PREFIX_BYTES)
        damage[damaged, 0], damage[damaged, 1] = bad_since, at
        damaged += 1
    return count, damaged, at


@njit(cache=True, nogil=True)
def _record_end(data, at, size, tables):  # type: ignore[no-untyped-def]
    """End of the record at `at`, -1 if there is no whole, undamaged one."""
    if at + HEADER_BYTES > size or data[at + PREFIX_BYTES] != MAGIC or data[at + 9] > 1:
        return -1
    length = _little(data, at, 4)
    end = at + PREFIX_BYTES + length
    if length < META_BYTES or length > MAX_RECORD_BYTES or end > size:
        return -1
    if _crc32c(data, at + PREFIX_BYTES, end, tables) != np.uint32(_little(data, at + 4, 4)):
        return -1
    return end


@njit(cache=True, nogil=True)
def _may_go_on(data, at, size):  # type: ignore[no-untyped-def]
    """Whether the bytes at the end of a buffer can be the beginning of a good record."""
    if at + HEADER_BYTES > size:
        return True
    length = _little(data, at, 4)
    return (
        data[at + PREFIX_BYTES] == MAGIC
        and META_BYTES <= length <= MAX_RECORD_BYTES
        and at + PREFIX_BYTES + length > size
    )


@njit(cache=True, nogil=True, inline="always")
def _little(data, at, count):  # type: ignore[no-untyped-def]
    value = np.int64(0)
    for i in range(count):
        value |= np.int64(data[at + i]) << np.int64(8 * i)
    return value


@njit(cache=True, nogil=True)
def _crc32c(data, start, end, tables):  # type: ignore[no-untyped-def]
    crc = np.uint32(0xFFFFFFFF)
    at = start
    while at + 8 <= end:
        low = crc ^ (
            np.uint32(data[at])
            | (np.uint32(data[at + 1]) << np.uint32(8))
            | (np.uint32(data[at + 2]) << np.uint32(16))
            | (np.uint32(data[at + 3]) << np.uint32(24))
        )
        crc = (
            tables[7, low & np.uint32(0xFF)]
            ^ tables[6, (low >> np.uint32(8)) & np.uint32(0xFF)]
            ^ tables[5, (low >> np.uint32(16)) & np.uint32(0xFF)]
            ^ tables[4, low >> np.uint32(24)]
            ^ tables[3, data[at + 4]]
            ^ tables[2, data[at + 5]]
            ^ tables[1, data[at + 6]]
            ^ tables[0, data[at + 7]]
        )
        at += 8
    while at < end:
        crc = (crc >> np.uint32(8)) ^ tables[0, (crc ^ np.uint32(data[at])) & np.uint32(0xFF)]
        at += 1
    return crc ^ np.uint32(0xFFFFFFFF)


def crc32c(data: NDArray[np.uint8]) -> int:
    """CRC-32C of a buffer."""
    return int(_crc32c(data, 0, len(data), _TABLES))
