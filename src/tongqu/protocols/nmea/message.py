"""A message is a table: type, name, and one layout or a few variants told apart by bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tongqu.kit.errors import Invalid
from tongqu.protocols.nmea.fields import Data, Field, Repeat, Spare, Text
from tongqu.protocols.nmea.wire import Bits


@dataclass(frozen=True)
class When:
    """Some bits of the payload have a value in a range; when writing, the field of that name has it."""

    name: str
    at: int
    width: int
    low: int
    high: int

    def reads(self, bits: Bits) -> bool:
        if bits.count < self.at + self.width:
            return self.low == 0
        return self.low <= bits.take(self.at, self.width) <= self.high

    def writes(self, body: Mapping[str, Any]) -> bool:
        value = body.get(self.name) or 0
        return isinstance(value, int) and self.low <= value <= self.high


@dataclass(frozen=True)
class Layout:
    """Fields in wire order, and what must hold for them to be the ones."""

    fields: tuple[Field, ...]
    when: tuple[When, ...] = ()

    def places(self) -> Iterator[tuple[Field, int]]:
        """Each field with the bit it begins at."""
        at = 0
        for field in self.fields:
            yield field, at
            at += field.width

    def read(self, bits: Bits) -> dict[str, Any]:
        """Values by name, as far as the payload goes; a field that is cut off is absent, a text is what is there."""
        values: dict[str, Any] = {}
        for field, at in self.places():
            left = bits.count - at
            if left < field.width:
                if isinstance(field, Text) and left >= 6:
                    values[field.name] = Text(name=field.name, width=left // 6 * 6).read(bits, at)
                break
            if field.width == 0 and left < 0:
                break
            if not isinstance(field, Spare):
                values[field.name] = field.read(bits, at)
            if isinstance(field, Data) and field.tail:
                values |= _after(self.fields, field, bits)
                break
        return values

    def write(self, body: Mapping[str, Any]) -> Bits:
        """The payload of a body.

        Raises:
            Invalid: a value does not fit, or there is no field of that name.
        """
        known = {field.name for field in self.fields}
        for name in body:
            if name not in known:
                raise Invalid("nmea.unknown_field", field=name, name=name)
        number = count = 0
        for field in self.fields:
            part, width = field.write(body.get(field.name))
            number, count = number << width | part, count + width
        return Bits(number, count)


def _after(fields: tuple[Field, ...], data: Data, bits: Bits) -> dict[str, Any]:
    """Values of the fields that stand after an open block, counted from the end."""
    at = bits.count - data.tail
    values = {}
    for field in fields[fields.index(data) + 1 :]:
        values[field.name] = field.read(bits, at)
        at += field.width
    return values


@dataclass(frozen=True)
class MessageTable:
    """One type of message.

    Attributes:
        type: number, 1 to 27.
        name: identifier; its label is `nmea.messages.{type}`.
        layouts: most have one.
        least: bits without which the message is refused: what senders in the field leave out is not counted.
    """

    type: int
    name: str
    layouts: tuple[Layout, ...]
    least: int

    def layout_of(self, bits: Bits) -> Layout:
        """The layout that these bits have."""
        return next(layout for layout in self.layouts if all(when.reads(bits) for when in layout.when))

    def layout_for(self, body: Mapping[str, Any]) -> Layout:
        """The layout that this body needs.

        Raises:
            Invalid: there is none.
        """
        for layout in self.layouts:
            if all(when.writes(body) for when in layout.when):
                return layout
        raise Invalid("nmea.no_layout", field=self.name, name=self.name)

    @property
    def names(self) -> list[str]:
        """Names of all fields, of all layouts, each once."""
        found: dict[str, None] = {}
        for layout in self.layouts:
            for field in layout.fields:
                if not isinstance(field, Spare):
                    found[field.name] = None
                if isinstance(field, Repeat):
                    found |= {inner.name: None for inner in field.of if not isinstance(inner, Spare)}
        return list(found)


def by_type(*groups: Iterable[MessageTable]) -> dict[int, MessageTable]:
    """Messages by type; a type may be declared once."""
    found: dict[int, MessageTable] = {}
    for table in (table for group in groups for table in group):
        if table.type in found:
            raise ValueError(f"type {table.type} is declared twice")
        found[table.type] = table
    return dict(sorted(found.items()))
