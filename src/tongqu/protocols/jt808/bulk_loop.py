"""The compiled loop of the bulk path. Every function mirrors one of the slow path and names the same reasons.

Numbers are widened to 64 bits by hand: numba would make a float of a signed and an unsigned one. Types are `Any`
because numba infers its own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from tongqu.protocols.jt808.wire import KEY_END, KEY_SEED, KEY_STEP

_SEED: Final = np.uint64(KEY_SEED)
_STEP: Final = np.uint64(KEY_STEP)
_END: Final = np.uint64(KEY_END)
_32: Final = np.uint64(32)
_29: Final = np.uint64(29)
_OK, _FRAME, _ESCAPE, _SHORT, _CHECKSUM, _LENGTH, _HEADER, _ENCRYPTED, _BODY, _TIME, _ENTRY = range(11)


@njit(cache=True, nogil=True, inline="always")
def _u16(data: Any, at: Any) -> Any:
    return np.int64(data[at]) << 8 | np.int64(data[at + 1])


@njit(cache=True, nogil=True, inline="always")
def _u32(data: Any, at: Any) -> Any:
    return (
        np.int64(data[at]) << 24 | np.int64(data[at + 1]) << 16 | np.int64(data[at + 2]) << 8 | np.int64(data[at + 3])
    )


@njit(cache=True, nogil=True, inline="always")
def _u64(data: Any, at: Any) -> Any:
    return np.uint64(_u32(data, at)) << _32 | np.uint64(_u32(data, at + 4))


@njit(cache=True, nogil=True, inline="always")
def _bcd(byte: Any) -> Any:
    tens = byte >> 4
    ones = byte & 15
    return np.int64(tens) * 10 + ones if tens < 10 and ones < 10 else np.int64(-1)


@njit(cache=True, nogil=True)
def _time_ms(data: Any, at: Any, month_start: Any) -> Any:
    """UTC ms of BCD YYMMDDhhmmss in GMT+8, or -1."""
    year, month, day = _bcd(data[at]), _bcd(data[at + 1]), _bcd(data[at + 2])
    hour, minute, second = _bcd(data[at + 3]), _bcd(data[at + 4]), _bcd(data[at + 5])
    if year < 0 or month < 1 or month > 12 or day < 1 or hour < 0 or hour > 23:
        return np.int64(-1)
    if minute < 0 or minute > 59 or second < 0 or second > 59:
        return np.int64(-1)
    index = year * 12 + month - 1
    if day > month_start[index + 1] - month_start[index]:
        return np.int64(-1)
    days = month_start[index] + day - 1
    return (((days * 24 + hour - 8) * 60 + minute) * 60 + second) * 1000


@njit(cache=True, nogil=True)
def _key(data: Any, at: Any) -> Any:
    state = _SEED
    for word in range(3):
        state = (state ^ _u64(data, at + 8 * word)) * _STEP
        state ^= state >> _32
    state = (state ^ np.uint64(_u32(data, at + 24))) * _STEP
    state ^= state >> _32
    state = state * _END
    return state ^ (state >> _29)


@njit(cache=True, nogil=True)
def _mileage(data: Any, at: Any, end: Any, tables: Any) -> Any:
    """Wire count of the mileage item in the extras, or -1."""
    id_length, wide, mileage_id, mileage_id_size = tables
    while at < end:
        tag = 1
        item = np.int64(data[at])
        width = np.int64(id_length[data[at]])
        if len(wide) > 0 and at + 2 <= end and wide[_u16(data, at)] > 0:
            tag = 2
            item = _u16(data, at)
            width = np.int64(wide[item])
        value = at + tag + width
        if value > end:
            return np.int64(-1)
        length: Any = np.int64(0)
        for byte in range(at + tag, value):
            length = length << 8 | np.int64(data[byte])
        if length > end - value:
            return np.int64(-1)
        if length == 4 and item == mileage_id and tag == mileage_id_size:
            return _u32(data, value)
        at = value + length
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _block(data: Any, at: Any, end: Any, month_start: Any, tables: Any) -> Any:
    """Values of the position whose basic block begins at `at`: a code, time, status, key and mileage."""
    if end - at < 28:
        return _BODY, np.int64(0), np.int64(0), _SEED, np.int64(0)
    time_ms = _time_ms(data, at + 22, month_start)
    if time_ms == -1:
        return _TIME, np.int64(0), np.int64(0), _SEED, np.int64(0)
    return _OK, time_ms, _u32(data, at + 4), _key(data, at), _mileage(data, at + 28, end, tables)


@njit(cache=True, nogil=True)
def _scan(data: Any) -> Any:
    """Whether the inside of a frame has an escape, and whether it has a flag. The loop is one for vector units."""
    special = np.uint8(0)
    for at in range(len(data)):
        special |= np.uint8((data[at] | 3) == 0x7F)
    escaped = False
    flagged = False
    if special:
        for at in range(len(data)):
            escaped |= data[at] == 0x7D
            flagged |= data[at] == 0x7E
    return escaped, flagged


@njit(cache=True, nogil=True)
def _unescape(data: Any, scratch: Any) -> Any:
    """Copy the inside of a frame without escapes; bytes written, or -1 if an escape is none."""
    at = 0
    size = 0
    while at < len(data):
        byte = data[at]
        if byte == 0x7D:
            at += 1
            following = data[at] if at < len(data) else np.uint8(0)
            if following != 1 and following != 2:
                return -1
            byte = np.uint8(0x7C) + following
        scratch[size] = byte
        size += 1
        at += 1
    return size


@njit(cache=True, nogil=True)
def _header(data: Any) -> Any:
    """Offset of the body, the message id (-1: nothing to decode) and a code, of an unescaped frame."""
    size = len(data)
    if size < 13:
        return 0, -1, _SHORT
    attributes = _u16(data, 2)
    said = attributes & 0x3FF
    parts = 4 if attributes & 0x2000 else 0
    long = attributes & 0x4000 != 0
    if not long and size - 18 - parts == said and data[4] == 1:
        long = data[5] == 0 and data[6] == 0 and data[7] == 0 and data[8] == 0
    if long and size < 18:
        return 0, -1, _SHORT
    xor = np.uint8(0)
    for at in range(size):
        xor ^= data[at]
    body = 17 if long else 12
    if parts and size < body + 5:
        return 0, -1, _CHECKSUM if xor else _SHORT
    if xor:
        return 0, -1, _CHECKSUM
    total = np.int64(0)
    if parts:
        total = _u16(data, body)
        index = _u16(data, body + 2)
        if index < 1 or index > total:
            return 0, -1, _HEADER
        body += 4
    length = size - 1 - body
    if said != length and (said != 1023 or length < 1023 or parts > 0):
        return 0, -1, _LENGTH
    if attributes & 0x1C00:
        return 0, -1, _ENCRYPTED
    return body, -1 if total > 1 else _u16(data, 0), _OK


@njit(cache=True, nogil=True)
def _content(data: Any) -> Any:
    """Where positions stand in an unescaped frame: offset, how many (-1: one without a length), refill, code."""
    body, message, code = _header(data)
    if message == 0x0200:
        return body, np.int64(-1), False, code
    if message == 0x0704:
        if len(data) - 1 - body < 3:
            return body, np.int64(0), False, _BODY
        return body + 3, _u16(data, body), data[body + 2] == 1, code
    if message == 0x0201 or message == 0x0500:
        return body + 2, np.int64(-1), False, code
    return body, np.int64(0), False, code


@njit(cache=True, nogil=True)
def run(
    data: Any,
    start: Any,
    length: Any,
    sources: Any,
    month_start: Any,
    tables: Any,
    scratch: Any,
    scratch_read: Any,
    out_source: Any,
    out_time: Any,
    out_lon: Any,
    out_lat: Any,
    out_altitude: Any,
    out_speed: Any,
    out_heading: Any,
    out_alarm: Any,
    out_status: Any,
    out_mileage: Any,
    out_key: Any,
    out_refill: Any,
    out_frame: Any,
    reject_frame: Any,
    reject_code: Any,
) -> Any:
    """Rows and rejects of all frames: how many of each. `scratch_read` is `scratch` seen as read-only."""
    row = 0
    rejects = 0
    for index in range(len(start)):
        first = start[index]
        last = first + length[index] - 1
        code = _OK
        if last <= first or data[first] != 0x7E or data[last] != 0x7E:
            code = _FRAME
        inside = data[first + 1 : last] if code == _OK else data[:0]
        escaped, flagged = _scan(inside)
        if flagged:
            code = _FRAME
        elif escaped:
            size = _unescape(inside, scratch)
            if size < 0:
                code = _ESCAPE
            else:
                inside = scratch_read[:size]
        at, count, refill = 0, np.int64(0), False
        if code == _OK:
            at, count, refill, code = _content(inside)
        sized = count >= 0
        for _ in range(count if sized else 1):
            end = len(inside) - 1
            if sized:
                at += 2
                if at > end:
                    code = _ENTRY
                    break
                size = _u16(inside, at - 2)
                if at + size > end:
                    code = _ENTRY
                    break
                end = at + size
            found, time_ms, status, key, mileage = _block(inside, at, end, month_start, tables)
            if found == _OK:
                latitude = _u32(inside, at + 8) / 1e6
                longitude = _u32(inside, at + 12) / 1e6
                heading = _u16(inside, at + 20)
                out_source[row] = sources[index]
                out_time[row] = time_ms
                out_lon[row] = -longitude if status & 8 else longitude
                out_lat[row] = -latitude if status & 4 else latitude
                out_altitude[row] = _u16(inside, at + 16)
                out_speed[row] = _u16(inside, at + 18) / 10
                out_heading[row] = heading if heading < 360 else 0 if heading == 360 else -1
                out_alarm[row] = _u32(inside, at)
                out_status[row] = status
                out_mileage[row] = mileage / 10 if mileage >= 0 else np.nan
                out_key[row] = key
                out_refill[row] = refill
                out_frame[row] = index
                row += 1
            else:
                code = _ENTRY if sized else found
            at = end
        if code != _OK:
            reject_frame[rejects] = index
            reject_code[rejects] = code
            rejects += 1
    return row, rejects
