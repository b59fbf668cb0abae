"""Fields: the words a table is written in. One declaration decodes, encodes, explains and documents itself.

A field knows its name (the key in the decoded body and in the catalogue of labels), the versions of the
standard that have it and the condition under which it is present. Names carry their unit as suffix.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Final

from tongqu.kit.text import has
from tongqu.protocols.jt808.cursor import Cursor, FaultError, Row, Writer
from tongqu.protocols.jt808.meaning import NEWEST, OLDEST, Bits, Codes, When, unit_of
from tongqu.protocols.jt808.wire import Reason, bcd_of_time, bcd_time_ms


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """What every field has.

    Attributes:
        name: key in the body, and below `fields` in the catalogue.
        since, until: versions of the standard that have the field.
        when: condition for its presence, if it is conditional.
        optional: this field and all after it are absent if the body ends here.
    """

    name: str
    since: int = OLDEST
    until: int = NEWEST
    when: When | None = None
    optional: bool = False

    @property
    def size(self) -> int | None:
        """Bytes on the wire if they are always the same."""
        return None

    @property
    @abstractmethod
    def kind(self) -> str:
        """Type for the documentation, in the words of the standard."""

    def present(self, at: Cursor | Writer) -> bool:
        return self.since <= at.version <= self.until and (self.when is None or self.when.holds(at))

    @abstractmethod
    def read(self, cursor: Cursor) -> Any:
        """The value at the cursor, which moves behind it; a fault if the bytes do not carry one."""

    @abstractmethod
    def write(self, writer: Writer, value: Any) -> None:
        """Append the value; `Invalid` if the wire cannot carry it."""

    def explain(self, cursor: Cursor, start: int, value: Any, children: tuple[Row, ...]) -> Row:
        """The row of a value just read from `start` up to the cursor."""
        return Row(
            offset=start,
            length=cursor.at - start,
            path=f"{cursor.path}.{self.name}",
            name=f"jt808.fields.{self.name}",
            raw_hex=cursor.data[start : cursor.at].hex(),
            value=self.shown(value),
            unit=unit_of(self.name),
            meaning=self.meaning(value),
            children=children or self.parts(cursor, start, value),
        )

    def shown(self, value: Any) -> Any:
        """The value as an explanation writes it: ids of messages as the standard does."""
        return value

    def meaning(self, value: Any) -> str | None:
        return None

    def parts(self, cursor: Cursor, start: int, value: Any) -> tuple[Row, ...]:
        return ()


KINDS: Final = {"B": "BYTE", "H": "WORD", "I": "DWORD", "Q": "BYTE[8]", "b": "INT8"}


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """An integer, scaled if the wire counts in parts of the unit.

    Attributes:
        code: letter of `struct`: B, H, I, Q or b.
        per_unit: wire counts in one unit (10 for tenths); the value is then a float.
        flags: meaning of the bits.
        codes: meaning of the values.
        absent: wire value that stands for "none"; the value is then None.
        sign_bit: the wire has sign and magnitude, with the sign here (-1: plain).
        sign: name and bit of an earlier or later field that makes the value negative (south, west).
        counts: name of the list whose length this is; written from the list.
        refers: the value is a message id.
    """

    code: str
    per_unit: int = 1
    flags: Bits | None = None
    codes: Codes | None = None
    absent: int | None = None
    sign_bit: int = -1
    sign: tuple[str, int] | None = None
    counts: str = ""
    refers: bool = False

    @property
    def size(self) -> int:
        return struct.calcsize(">" + self.code)

    @property
    def kind(self) -> str:
        return KINDS[self.code]

    def value_of(self, raw: int) -> float | int | None:
        """Value of a wire integer, before any sign that another field carries."""
        if raw == self.absent:
            return None
        if self.sign_bit >= 0 and raw >> self.sign_bit & 1:
            raw = -(raw & ~(1 << self.sign_bit))
        return raw if self.per_unit == 1 else raw / self.per_unit

    def read(self, cursor: Cursor) -> float | int | None:
        size = self.size
        at = cursor.take(size, self.name)
        return self.value_of(int.from_bytes(cursor.data[at : at + size], "big", signed=self.code == "b"))

    def write(self, writer: Writer, value: Any) -> None:
        try:
            writer.out += struct.pack(">" + self.code, self._raw(value))
        except (struct.error, TypeError, ValueError, OverflowError):
            raise writer.invalid("out_of_range", self.name, value=value) from None

    def _raw(self, value: Any) -> int:
        if value is None and self.absent is not None:
            return self.absent
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError
        raw = round(value * self.per_unit)
        if self.per_unit == 1 and raw != value:
            raise ValueError
        if self.sign is not None:
            return abs(raw)
        if self.sign_bit >= 0:
            magnitude = abs(raw)
            if magnitude >> self.sign_bit:
                raise ValueError
            return magnitude | (1 << self.sign_bit if raw < 0 else 0)
        return raw

    def shown(self, value: Any) -> Any:
        return f"0x{value:04X}" if self.refers and isinstance(value, int) else value

    def meaning(self, value: Any) -> str | None:
        if value is None:
            return "jt808.notes.absent"
        if self.refers:
            key = f"jt808.messages.0x{value:04X}"
            return key if has(key) else "jt808.notes.unknown_message"
        return None if self.codes is None else self.codes.key(value)

    def parts(self, cursor: Cursor, start: int, value: Any) -> tuple[Row, ...]:
        if self.flags is None or not isinstance(value, int):
            return ()
        path = f"{cursor.path}.{self.name}"
        return self.flags.rows(value, cursor.version, start, cursor.at - start, path)


@dataclass(frozen=True, kw_only=True)
class Bcd(Field):
    """Digits, one per half byte; the value is the hex text as on the wire, whether it is decimal or not."""

    count: int

    @property
    def size(self) -> int:
        return self.count

    @property
    def kind(self) -> str:
        return f"BCD[{self.count}]"

    def read(self, cursor: Cursor) -> str:
        at = cursor.take(self.count, self.name)
        return cursor.data[at : at + self.count].hex()

    def write(self, writer: Writer, value: Any) -> None:
        try:
            data = bytes.fromhex(str(value).rjust(self.count * 2, "0"))
        except ValueError:
            raise writer.invalid("not_digits", self.name, value=value) from None
        if len(data) != self.count:
            raise writer.invalid("too_long", self.name, limit=self.count * 2)
        writer.out += data


@dataclass(frozen=True, kw_only=True)
class Time(Field):
    """BCD `YYMMDDhhmmss`: GMT+8 on the wire, UTC milliseconds in the body.

    All zeros are None (no limit, not set). Digits that are no time stay text, because areas carry a daily time
    with an empty date; a `strict` field refuses them instead. `utc`: the wire is UTC (only 0x8004 is).
    """

    strict: bool = False
    utc: bool = False

    @property
    def size(self) -> int:
        return 6

    @property
    def kind(self) -> str:
        return "BCD[6]"

    def read(self, cursor: Cursor) -> int | str | None:
        at = cursor.take(6, self.name)
        data = cursor.data[at : at + 6]
        moment = bcd_time_ms(data)
        if moment is not None:
            return moment + 8 * 3_600_000 if self.utc else moment
        if self.strict:
            raise FaultError(Reason.TIME, self.name)
        return data.hex() if any(data) else None

    def write(self, writer: Writer, value: Any) -> None:
        try:
            if isinstance(value, bool):
                raise ValueError
            if isinstance(value, int):
                data = bcd_of_time(value - 8 * 3_600_000 if self.utc else value)
            elif value is None and not self.strict:
                data = bytes(6)
            elif isinstance(value, str) and not self.strict:
                data = bytes.fromhex(value)
            else:
                raise ValueError
        except (ValueError, OverflowError):
            raise writer.invalid("not_a_time", self.name, value=value) from None
        if len(data) != 6:
            raise writer.invalid("not_a_time", self.name, value=value)
        writer.out += data

    def meaning(self, value: Any) -> str | None:
        if isinstance(value, int):
            return "jt808.notes.wire_utc" if self.utc else "jt808.notes.wire_china"
        return "jt808.notes.absent" if value is None else "jt808.notes.not_a_date"


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """GBK text: of a fixed length filled with zero bytes, with a length before it, or up to the end of the body.

    Attributes:
        length: bytes, where the length is fixed.
        prefix: letter of `struct` of the length before the text.
        short: a fixed text at the end of a body may be cut short (0x8400).
    """

    length: int = 0
    prefix: str = ""
    short: bool = False

    @property
    def size(self) -> int | None:
        return self.length or None

    @property
    def kind(self) -> str:
        if self.length:
            return f"STRING[{self.length}]"
        return f"{KINDS[self.prefix]} + STRING" if self.prefix else "STRING"

    def read(self, cursor: Cursor) -> str:
        at, size = _span(self, cursor, self.length, self.prefix, self.short)
        data = cursor.data[at : at + size]
        data = data.strip(b"\0 ") if self.length else data.rstrip(b"\0")
        return data.decode("gbk", "backslashreplace")

    def parts(self, cursor: Cursor, start: int, value: Any) -> tuple[Row, ...]:
        return _length_row(self, cursor, start, self.prefix)

    def write(self, writer: Writer, value: Any) -> None:
        if not isinstance(value, str):
            raise writer.invalid("not_text", self.name, value=value)
        try:
            data = value.encode("gbk")
        except UnicodeEncodeError as error:
            raise writer.invalid("not_gbk", self.name, character=value[error.start]) from None
        if self.length and len(data) > self.length:
            raise writer.invalid("too_long", self.name, limit=self.length)
        _write_prefixed(self, writer, data.ljust(self.length, b"\0"), self.prefix)


@dataclass(frozen=True, kw_only=True)
class Blob(Field):
    """Bytes that the standard leaves to others: fixed, with a length before them, or up to the end of the body."""

    length: int = 0
    prefix: str = ""

    @property
    def size(self) -> int | None:
        return self.length or None

    @property
    def kind(self) -> str:
        if self.length:
            return f"BYTE[{self.length}]"
        return f"{KINDS[self.prefix]} + BYTE[n]" if self.prefix else "BYTE[n]"

    def read(self, cursor: Cursor) -> bytes:
        at, size = _span(self, cursor, self.length, self.prefix, False)
        return cursor.data[at : at + size]

    def parts(self, cursor: Cursor, start: int, value: Any) -> tuple[Row, ...]:
        return _length_row(self, cursor, start, self.prefix)

    def write(self, writer: Writer, value: Any) -> None:
        try:
            data = bytes.fromhex(value) if isinstance(value, str) else bytes(memoryview(value))
        except (TypeError, ValueError):
            raise writer.invalid("not_bytes", self.name) from None
        if self.length and len(data) != self.length:
            raise writer.invalid("wrong_length", self.name, limit=self.length)
        _write_prefixed(self, writer, data, self.prefix)


def _span(field: Field, cursor: Cursor, length: int, prefix: str, short: bool) -> tuple[int, int]:
    """Offset and size of a text or blob, stepped over."""
    if prefix:
        size = struct.calcsize(">" + prefix)
        at = cursor.take(size, field.name)
        length = int.from_bytes(cursor.data[at : at + size], "big")
    elif not length:
        length = cursor.end - cursor.at
    elif short:
        length = min(length, cursor.end - cursor.at)
    return cursor.take(length, field.name), length


def _write_prefixed(field: Field, writer: Writer, data: bytes, prefix: str) -> None:
    if prefix:
        try:
            writer.out += struct.pack(">" + prefix, len(data))
        except struct.error:
            limit = (1 << 8 * struct.calcsize(">" + prefix)) - 1
            raise writer.invalid("too_long", field.name, limit=limit) from None
    writer.out += data


def _length_row(field: Field, cursor: Cursor, start: int, prefix: str) -> tuple[Row, ...]:
    """The row of the length before a text or blob."""
    if not prefix:
        return ()
    data = cursor.data[start : start + struct.calcsize(">" + prefix)]
    path = f"{cursor.path}.{field.name}.length"
    return (Row(start, len(data), path, "jt808.notes.length", data.hex(), int.from_bytes(data, "big"), "B"),)
