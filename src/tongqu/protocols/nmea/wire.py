"""Sentences and armour: checksums, and the letters that carry six bits of an AIS message each (IEC 61162-1)."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from functools import reduce
from operator import xor
from typing import Final

from tongqu.kit.errors import Invalid


class Reason(StrEnum):
    """Why a line or a group of sentences was refused."""

    SENTENCE = "sentence"
    """No NMEA 0183 sentence at all."""
    TAG = "tag"
    """The TAG block before the sentence is open or its checksum is wrong."""
    CHECKSUM = "checksum"
    """The checksum is missing or does not fit."""
    FIELDS = "fields"
    """A field of the sentence is missing or no number: part numbers, fill bits, time, position."""
    ORPHAN = "orphan"
    """A part came whose first part or predecessor did not."""
    INCOMPLETE = "incomplete"
    """Parts are missing: time ran out, a new first part came, or the input ended."""
    ARMOUR = "armour"
    """The payload has a letter that stands for no six bits."""
    SHORT = "short"
    """The payload is shorter than the least that the type needs."""
    LONG = "long"
    """The payload is longer than five slots carry."""
    TYPE = "type"
    """The message has a type that ITU-R M.1371 does not define."""


LETTERS: Final = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
"""Armour: letter of each value of six bits."""
SIX_BIT_TEXT: Final = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
"""Six-bit text of M.1371, annex 8, table 47: character of each value."""
MOST_BITS: Final = 1192
"""Bits that an assembled payload may have: five slots carry 1,064 (M.1371-5, 3.3.7) and senders pad."""

_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64: Final = bytes(
    ord(_BASE64[LETTERS.index(chr(byte))]) if chr(byte) in LETTERS else ord("!") for byte in range(256)
)
_FROM_BASE64: Final = bytes(
    ord(LETTERS[_BASE64.index(chr(byte))]) if chr(byte) in _BASE64 else byte for byte in range(256)
)


def checksum_of(inside: bytes) -> int:
    """XOR of the bytes between the start character and the star."""
    return reduce(xor, inside, 0)


def sentence(start: str, body: str) -> str:
    """A sentence with its checksum: `sentence("!", "AIVDM,1,1,,A,...,0")`."""
    return f"{start}{body}*{checksum_of(body.encode('ascii')):02X}"


class Bits:
    """The bits of a payload as one number, and how many there are."""

    __slots__ = ("count", "number")

    def __init__(self, number: int, count: int) -> None:
        self.number = number
        self.count = count

    def take(self, at: int, width: int) -> int:
        """Unsigned value of `width` bits from `at` on; they must be there."""
        return self.number >> (self.count - at - width) & ((1 << width) - 1)

    def signed(self, at: int, width: int) -> int:
        value = self.take(at, width)
        return value - (1 << width) if value >> (width - 1) else value


def dearmour(payload: str, fill: int = 0) -> Bits | None:
    """Bits of an armoured payload without its last `fill` bits; None if a letter stands for nothing."""
    size = len(payload)
    try:
        coded = payload.encode("ascii").translate(_TO_BASE64)
        raw = base64.b64decode(coded + b"A" * (-size % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    count = size * 6
    kept = max(count - fill, 0)
    return Bits(int.from_bytes(raw, "big") >> (len(raw) * 8 - kept), kept)


def armour(bits: Bits) -> tuple[str, int]:
    """Payload letters of bits, and how many fill bits were added behind."""
    fill = -bits.count % 6
    count = (bits.count + fill) // 6
    whole = -(-count // 4) * 4
    number = bits.number << fill << (whole - count) * 6
    coded = base64.b64encode(number.to_bytes(whole * 6 // 8, "big"))
    return coded.translate(_FROM_BASE64)[:count].decode("ascii"), fill


def text_of(bits: Bits, at: int, characters: int) -> str:
    """Six-bit text: what stands behind the first `@` is padding, and so are blanks at the end."""
    letters = (SIX_BIT_TEXT[bits.take(at + 6 * index, 6)] for index in range(characters))
    return "".join(letters).partition("@")[0].rstrip(" ")


def text_number(value: str, characters: int, name: str) -> int:
    """Six-bit text padded with `@` as one number of `6 * characters` bits.

    Raises:
        Invalid: too long, or a character has no six bits.
    """
    if len(value) > characters:
        raise Invalid("nmea.too_long", field=name, name=name, limit=characters)
    number = 0
    for letter in value.ljust(characters, "@"):
        code = SIX_BIT_TEXT.find(letter)
        if code < 0:
            raise Invalid("nmea.no_letter", field=name, name=name, letter=letter)
        number = number << 6 | code
    return number
