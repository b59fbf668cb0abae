"""What a value means: units in names, bits of a word, lists of codes, and when a field is present."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tongqu.protocols.jt808.cursor import Cursor, Row, Writer

OLDEST: Final = 2011
NEWEST: Final = 2019
UNITS: Final = {
    "_kmh": "km/h", "_km": "km", "_m": "m", "_deg": "°", "_s": "s", "_ms": "ms", "_min": "min", "_l": "L",
    "_kpa": "kPa", "_c": "°C", "_pct": "%", "_kbps": "kbit/s", "_fps": "1/s", "_bytes": "B",
}  # fmt: skip


def unit_of(name: str) -> str | None:
    """The unit that a name carries as suffix; a time in `_ms` is an instant and has none."""
    suffix = "_" + name.rpartition("_")[2]
    return None if name in ("time_ms",) or name.endswith("time_ms") else UNITS.get(suffix)


class Lookup(Protocol):
    """Cursor or writer: whatever can say the value of an earlier field."""

    def lookup(self, name: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class When:
    """A field is present if a bit of an earlier field is set, or if that field has one of some values.

    Attributes:
        name: the earlier field.
        bit: the bit that must be set, or -1.
        values: the values one of which it must have, where `bit` is -1.
        negate: turn the condition round.
        body_size: instead of all that: the body has exactly this many bytes (never so when writing).
    """

    name: str = ""
    bit: int = -1
    values: tuple[int, ...] = ()
    negate: bool = False
    body_size: int = -1

    def holds(self, at: Cursor | Writer) -> bool:
        if self.body_size >= 0:
            found = isinstance(at, Cursor) and at.end - at.start == self.body_size
        else:
            value = at.lookup(self.name)
            value = value if isinstance(value, int) else 0
            found = bool(value >> self.bit & 1) if self.bit >= 0 else value in self.values
        return found != self.negate


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit, or a few neighbouring ones, of a word of flags.

    Attributes:
        name: label key below the name of the word.
        since, until: versions of the standard in which the bit has this meaning.
        width: number of bits.
        labelled: values of a group that have a label, `<name>_<value>`.
    """

    name: str
    since: int = OLDEST
    until: int = NEWEST
    width: int = 1
    labelled: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bits:
    """The bits of a word: position of the lowest bit -> meaning. A position may have one meaning per version."""

    name: str
    bits: Mapping[int, tuple[Bit, ...]]

    def at(self, position: int, version: int) -> Bit | None:
        return next((bit for bit in self.bits.get(position, ()) if bit.since <= version <= bit.until), None)

    def names(self, value: int, version: int = NEWEST) -> list[str]:
        """Names of the single bits that are set; a bit without a meaning is `bit<n>`."""
        found = []
        covered: set[int] = set()
        for position in range(value.bit_length()):
            bit = self.at(position, version)
            if bit is not None and bit.width > 1:
                covered.update(range(position, position + bit.width))
            elif value >> position & 1 and position not in covered:
                found.append(bit.name if bit is not None else f"bit{position}")
        return found

    def rows(self, value: int, version: int, offset: int, length: int, path: str) -> tuple[Row, ...]:
        """One row per bit that has a meaning or is set."""
        rows: list[Row] = []
        covered: set[int] = set()
        for position in range(length * 8):
            if position in covered:
                continue
            bit = self.at(position, version)
            width = bit.width if bit is not None else 1
            part = value >> position & ((1 << width) - 1)
            covered.update(range(position, position + width))
            if bit is None and not part:
                continue
            name = f"jt808.flags.{self.name}.{bit.name}" if bit is not None else "jt808.notes.reserved_bit"
            meaning: str | None = f"jt808.notes.{'set' if part else 'clear'}"
            if bit is not None and width > 1:
                meaning = f"{name}_{part}" if part in bit.labelled else None
            label = bit.name if bit is not None else f"bit{position}"
            rows.append(Row(offset, length, f"{path}.{label}", name, "", part, None, meaning))
        return tuple(rows)


def bits(name: str, table: Mapping[int, str | Bit | tuple[Bit, ...]]) -> Bits:
    """A word of flags; a plain string is a bit of all versions."""
    made: dict[int, tuple[Bit, ...]] = {}
    for position, entry in table.items():
        made[position] = (Bit(entry),) if isinstance(entry, str) else entry if isinstance(entry, tuple) else (entry,)
    return Bits(name, made)


@dataclass(frozen=True, slots=True)
class Codes:
    """A list of values with a meaning each: value -> label key below the name of the list."""

    name: str
    codes: Mapping[int, str]

    def key(self, value: Any) -> str | None:
        code = self.codes.get(value) if isinstance(value, int) else None
        return None if code is None else f"jt808.codes.{self.name}.{code}"
