"""Bytes of the JT/T 808 frame: flags, escape, XOR, BCD, the China time on the wire and the natural key.

Source: JT/T 808-2013 §4 and -2019 §4.4: a frame is `7E | header | body | XOR | 7E`, big-endian; the XOR runs
over header and body before escaping; strings are GBK; times are BCD `YYMMDDhhmmss` in GMT+8.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

FLAG: Final = 0x7E
CHINA_OFFSET_MS: Final = 8 * 3_600_000
BODY_LIMIT: Final = 1023  # ten bits of the attribute word
_FLAG: Final = b"\x7e"
_SHIFTS: Final = tuple(
    tuple(8 << power for power in range(size - 1, -1, -1)) for size in range(32)
)  # by bit length of the byte count: fold halves onto each other, largest first


class Reason(StrEnum):
    """Why a frame, a part of it, or a stream was refused. Texts stand in the catalogue under `reasons`."""

    FRAME = "frame"
    ESCAPE = "escape"
    SHORT = "short"
    CHECKSUM = "checksum"
    LENGTH = "length"
    HEADER = "header"
    ENCRYPTED = "encrypted"
    UNKNOWN_ID = "unknown_id"
    BODY = "body"
    TIME = "time"
    ENTRY = "entry"
    OVERFLOW = "overflow"


def xor_of(data: bytes) -> int:
    """XOR of all bytes, by folding one large integer: four times as fast as a loop in Python."""
    folded = int.from_bytes(data, "big")
    for shift in shifts_of(len(data)):
        folded ^= folded >> shift
    return folded & 0xFF


def shifts_of(size: int) -> tuple[int, ...]:
    """The shifts that fold an integer of `size` bytes onto its last byte."""
    return _SHIFTS[size.bit_length()]


def escape(data: bytes) -> bytes:
    """Escape the inside of a frame: first 7D, then 7E (the other order would escape twice)."""
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescape(data: bytes) -> bytes | None:
    """The inside of a frame as it was before escaping; None if a 7D is not followed by 01 or 02."""
    escapes, flags = data.count(b"\x7d\x01"), data.count(b"\x7d\x02")
    if data.count(b"\x7d") != escapes + flags:
        return None
    return data.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")


def wrap(inside: bytes) -> bytes:
    """The raw frame of header and body: checksum appended, escaped, between flags."""
    return _FLAG + escape(inside + bytes((xor_of(inside),))) + _FLAG


def unwrap(raw: bytes) -> bytes | Reason:
    """Header, body and checksum byte of a raw frame, unescaped; or why it is no frame. The XOR is not checked."""
    last = len(raw) - 1
    if last < 1 or raw[0] != FLAG or raw.find(_FLAG, 1) != last:
        return Reason.FRAME
    inside = raw[1:-1]
    if 0x7D not in inside:
        return inside
    plain = unescape(inside)
    return Reason.ESCAPE if plain is None else plain


def _bcd(byte: int, low: int, high: int) -> int:
    tens, ones = byte >> 4, byte & 15
    value = tens * 10 + ones
    return value if tens < 10 and ones < 10 and low <= value <= high else -1


MINUTE_MS: Final = tuple(m * 60_000 if (m := _bcd(byte, 0, 59)) >= 0 else -1 for byte in range(256))
SECOND_MS: Final = tuple(s * 1000 if (s := _bcd(byte, 0, 59)) >= 0 else -1 for byte in range(256))
_hours: dict[bytes, int] = {}  # BCD YYMMDDhh -> UTC ms of its start, -1 if there is no such hour
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def hour_ms(ymdh: bytes) -> int:
    """UTC milliseconds at which the China hour `BCD YYMMDDhh` begins, or -1 if it is no hour of 2000-2099."""
    known = _hours.get(ymdh)
    if known is None:
        if len(_hours) > 50_000:  # a peer that sends random times must not fill the memory
            _hours.clear()
        known = _hours[ymdh] = _hour_ms(ymdh)
    return known


def _hour_ms(ymdh: bytes) -> int:
    year, month, day, hour = (
        _bcd(byte, low, high) for byte, (low, high) in zip(ymdh, ((0, 99), (1, 12), (1, 31), (0, 23)), strict=True)
    )
    if min(year, month, day, hour) < 0:
        return -1
    try:
        moment = datetime(2000 + year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return -1
    return (moment - _EPOCH) // timedelta(milliseconds=1) - CHINA_OFFSET_MS


def bcd_time_ms(bcd: bytes) -> int | None:
    """UTC milliseconds of six BCD bytes `YYMMDDhhmmss` in GMT+8; None if they are no time.

    The years are 2000-2099: the wire has two digits.
    """
    hour, minute, second = hour_ms(bcd[:4]), MINUTE_MS[bcd[4]], SECOND_MS[bcd[5]]
    return None if minute < 0 or second < 0 or hour < 0 else hour + minute + second


def bcd_of_time(at_ms: int) -> bytes:
    """Six BCD bytes in GMT+8 of a UTC instant (whole seconds; what is below a second is cut off).

    Raises:
        ValueError: the year is not 2000-2099 in China.
    """
    moment = _EPOCH + timedelta(milliseconds=at_ms + CHINA_OFFSET_MS)
    if not 2000 <= moment.year <= 2099:
        raise ValueError("the wire has two digits for the years 2000-2099")
    return bytes.fromhex(moment.strftime("%y%m%d%H%M%S"))


_MASK: Final = (1 << 64) - 1
KEY_SEED: Final = 0x9E3779B97F4A7C15
KEY_STEP: Final = 0xFF51AFD7ED558CCD
KEY_END: Final = 0xC4CEB9FE1A85EC53


def position_key(block: bytes) -> int:
    """The 64-bit hash of the 28-byte basic block of a position, the third part of its natural key.

    The block is taken as four big-endian words (8, 8, 8 and 4 bytes). Each word is XORed into the state, the
    state is multiplied by an odd constant and its high half is XORed into its low half; at the end it is mixed
    once more. The bulk path computes the same number.
    """
    state = KEY_SEED
    for word in (block[0:8], block[8:16], block[16:24], block[24:28]):
        state = ((state ^ int.from_bytes(word, "big")) * KEY_STEP) & _MASK
        state ^= state >> 32
    state = (state * KEY_END) & _MASK
    return state ^ (state >> 29)
