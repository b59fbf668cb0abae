"""Fields: the words an AIS table is written in. One declaration decodes, encodes and explains itself.

A field has a width in bits, a name (the key of the decoded value and of its label) and, where the standard says so, a
raw value that means "not available", which is None in the decoded message. Names carry their unit as suffix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tongqu.kit.errors import Invalid
from tongqu.protocols.nmea.wire import Bits, text_number, text_of

UNITS: Final = {"_kn": "kn", "_deg": "°", "_m": "m", "_min": "min", "_deg_min": "°/min", "_s": "s"}
FAST: Final = {127: "right_fast", -127: "left_fast"}
"""Turning at more than 5° in 30 s, said by a ship without a turn indicator: a direction, and no figure."""


def unit_of(name: str) -> str | None:
    """The unit that a name carries as suffix."""
    if name.endswith("_deg_min"):
        return UNITS["_deg_min"]
    return UNITS.get("_" + name.rpartition("_")[2])


@dataclass(frozen=True)
class Codes:
    """A list of values with a label each: `nmea.codes.{name}.{value}`."""

    name: str
    values: frozenset[int]

    def key(self, value: Any) -> str | None:
        return f"nmea.codes.{self.name}.{value}" if isinstance(value, int) and value in self.values else None


def codes(name: str, values: Sequence[int] | range) -> Codes:
    return Codes(name, frozenset(values))


@dataclass(frozen=True, kw_only=True)
class Field:
    """What every field has: a name, and a width in bits (0: as far as the payload goes)."""

    name: str
    width: int

    @property
    def none(self) -> int:
        """Raw value written for None, or for a value that was not given."""
        return 0

    def read(self, bits: Bits, at: int) -> Any:
        """The value at bit `at`, where all `width` bits are there."""
        raise NotImplementedError

    def raw(self, value: Any) -> int:
        """The value as bits; `Invalid` if the wire cannot carry it."""
        raise NotImplementedError

    def meaning(self, raw: int) -> str | None:
        """Catalogue key of what the raw value means, if the standard gives it a name."""
        return None

    def write(self, value: Any) -> tuple[int, int]:
        """Bits of a value and how many; None is "not available"."""
        number = self.none if value is None else self.raw(value)
        return number & ((1 << self.width) - 1), self.width


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number.

    Attributes:
        signed: two's complement.
        per: raw units in one unit of the value; 0 for a plain integer.
        absent: raw value that means "not available".
        codes: names of the values.
    """

    signed: bool = False
    per: int = 0
    absent: int | None = None
    codes: Codes | None = None

    @property
    def none(self) -> int:
        return self.absent or 0

    def read(self, bits: Bits, at: int) -> int | float | None:
        raw = bits.signed(at, self.width) if self.signed else bits.take(at, self.width)
        if raw == self.absent:
            return None
        return raw / self.per if self.per else raw

    def raw(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise Invalid("nmea.no_number", field=self.name, name=self.name)
        raw = round(value * self.per) if self.per else int(value)
        low, high = (-(1 << self.width - 1), (1 << self.width - 1) - 1) if self.signed else (0, (1 << self.width) - 1)
        if not low <= raw <= high:
            raise Invalid("nmea.out_of_range", field=self.name, name=self.name, low=low, high=high)
        return raw

    def meaning(self, raw: int) -> str | None:
        if raw == self.absent:
            return "nmea.notes.not_available"
        return self.codes.key(raw) if self.codes else None


@dataclass(frozen=True, kw_only=True)
class Turn(Number):
    """Rate of turn: `4.733 * sqrt(degrees per minute)` on the wire; ±127 is a direction without a figure."""

    def read(self, bits: Bits, at: int) -> Any:
        raw = bits.signed(at, self.width)
        return None if raw == self.absent else turn_of(raw)

    def raw(self, value: Any) -> int:
        for raw, word in FAST.items():
            if value == word:
                return raw
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 720:
            raise Invalid("nmea.out_of_range", field=self.name, name=self.name, low=-720, high=720)
        size = min(round(4.733 * abs(value) ** 0.5), 126)
        return -size if value < 0 else size

    def meaning(self, raw: int) -> str | None:
        if raw in FAST:
            return f"nmea.notes.{FAST[raw]}"
        return super().meaning(raw)


def turn_of(raw: int) -> float | str:
    """Degrees per minute of a raw rate of turn, positive to starboard, or a word where it is no figure."""
    if raw in FAST:
        return FAST[raw]
    degrees = round((raw / 4.733) ** 2, 3)
    return -degrees if raw < 0 else degrees


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    """One bit."""

    def read(self, bits: Bits, at: int) -> bool:
        return bits.take(at, 1) == 1

    def raw(self, value: Any) -> int:
        return int(bool(value))

    def meaning(self, raw: int) -> str | None:
        return f"nmea.notes.{'yes' if raw else 'no'}"


@dataclass(frozen=True, kw_only=True)
class Spare(Field):
    """Bits without a meaning: written as zero, not decoded."""

    name: str = "spare"

    def read(self, bits: Bits, at: int) -> int:
        return bits.take(at, self.width)

    def raw(self, value: Any) -> int:
        return 0


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Six-bit text; without a width as long as the payload goes, up to `most` characters."""

    most: int = 0

    def read(self, bits: Bits, at: int) -> str:
        return text_of(bits, at, (self.width or min(bits.count - at, self.most * 6)) // 6)

    def write(self, value: Any) -> tuple[int, int]:
        if value is not None and not isinstance(value, str):
            raise Invalid("nmea.no_text", field=self.name, name=self.name)
        words = value or ""
        if not self.width and len(words) > self.most:
            raise Invalid("nmea.too_long", field=self.name, name=self.name, limit=self.most)
        count = self.width // 6 if self.width else len(words)
        return text_number(words, count, self.name), self.width or count * 6


@dataclass(frozen=True, kw_only=True)
class Data(Field):
    """Bits of an application, as `{"bits": count, "hex": "..."}`, the last byte padded with zeros; at the end of a
    message, but for `tail` bits."""

    width: int = 0
    tail: int = 0

    def read(self, bits: Bits, at: int) -> dict[str, Any]:
        count = max(bits.count - at - self.tail, 0)
        size = -(-count // 8)
        number = bits.take(at, count) << (size * 8 - count)
        return {"bits": count, "hex": number.to_bytes(size, "big").hex()}

    def write(self, value: Any) -> tuple[int, int]:
        if value is None:
            return 0, 0
        try:
            count, raw = int(value["bits"]), bytes.fromhex(value["hex"])
        except (KeyError, TypeError, ValueError):
            raise Invalid("nmea.no_data", field=self.name, name=self.name) from None
        if count < 0 or count > len(raw) * 8:
            raise Invalid("nmea.no_data", field=self.name, name=self.name)
        return int.from_bytes(raw, "big") >> (len(raw) * 8 - count), count


@dataclass(frozen=True, kw_only=True)
class Repeat(Field):
    """Records one after another as far as the payload goes, up to `most`; a piece that is no record is left."""

    width: int = 0
    of: tuple[Field, ...]
    most: int

    @property
    def step(self) -> int:
        return sum(field.width for field in self.of)

    def read(self, bits: Bits, at: int) -> list[dict[str, Any]]:
        count = min(self.most, (bits.count - at) // self.step)
        return [self.record(bits, at + index * self.step) for index in range(count)]

    def record(self, bits: Bits, at: int) -> dict[str, Any]:
        values = {}
        for field in self.of:
            if not isinstance(field, Spare):
                values[field.name] = field.read(bits, at)
            at += field.width
        return values

    def write(self, value: Any) -> tuple[int, int]:
        if value is None:
            return 0, 0
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > self.most:
            raise Invalid("nmea.no_list", field=self.name, name=self.name, limit=self.most)
        number = width = 0
        for entry in value:
            if not isinstance(entry, Mapping):
                raise Invalid("nmea.no_list", field=self.name, name=self.name, limit=self.most)
            for field in self.of:
                part, size = field.write(entry.get(field.name))
                number, width = number << size | part, width + size
        return number, width


def u(name: str, width: int, *, per: int = 0, absent: int | None = None, codes: Codes | None = None) -> Number:
    """An unsigned number."""
    return Number(name=name, width=width, per=per, absent=absent, codes=codes)


def s(name: str, width: int, *, per: int = 0, absent: int | None = None) -> Number:
    """A signed number."""
    return Number(name=name, width=width, signed=True, per=per, absent=absent)


def flag(name: str) -> Flag:
    return Flag(name=name, width=1)


def spare(width: int) -> Spare:
    return Spare(width=width)


def text(name: str, characters: int) -> Text:
    """Text of a fixed width."""
    return Text(name=name, width=characters * 6)


def tail_text(name: str, most: int) -> Text:
    """Text as far as the payload goes."""
    return Text(name=name, width=0, most=most)


def data(name: str = "data", tail: int = 0) -> Data:
    return Data(name=name, tail=tail)


def repeat(name: str, most: int, *of: Field) -> Repeat:
    return Repeat(name=name, most=most, of=of)
