"""Every bit of a message, explained from the tables that decode it; shows as much as can be read of a refused one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tongqu.protocols.nmea.fields import Data, Field, Repeat, Spare, Text, unit_of
from tongqu.protocols.nmea.message import Layout
from tongqu.protocols.nmea.tables import MESSAGES
from tongqu.protocols.nmea.wire import Bits, dearmour


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an explained message.

    Attributes:
        offset: first bit in the payload.
        length: bits.
        path: name of the value, `slots[0].offset` in a list.
        name: catalogue key of the label.
        raw: the unsigned number on the wire; for texts and data its bits as hex.
        value: the decoded value; None where it is not available.
        unit: symbol of the unit, if the value has one.
        meaning: catalogue key of what the value means, if the standard names it.
    """

    offset: int
    length: int
    path: str
    name: str
    raw: int | str
    value: Any
    unit: str | None = None
    meaning: str | None = None


def explain(payload: str, fill: int = 0) -> list[Row]:
    """Rows of an armoured payload in wire order; they cover every bit. Never raises."""
    bits = dearmour(payload, fill)
    if bits is None:
        return [Row(0, len(payload) * 6, "payload", "nmea.notes.no_armour", payload, None)]
    table = MESSAGES.get(bits.take(0, 6)) if bits.count >= 6 else None
    rows = list(_rows(table.layout_of(bits), bits)) if table else []
    end = rows[-1].offset + rows[-1].length if rows else 0
    if end < bits.count:
        rows.append(_open(bits, end, bits.count - end, "rest", "nmea.notes.rest"))
    return rows


def _rows(layout: Layout, bits: Bits) -> Iterator[Row]:
    at = 0
    for field in layout.fields:
        left = bits.count - at
        if isinstance(field, Repeat):
            yield from _records(field, bits, at)
            return
        width = field.width or _open_width(field, left)
        if left < width:
            width = left // 6 * 6 if isinstance(field, Text) else 0
        if width <= 0:
            if field.width == 0 and left >= 0:
                continue
            return
        yield _row(field, bits, at, width, field.name)
        at += width


def _open_width(field: Field, left: int) -> int:
    """Bits of a field without a width of its own, `left` being what there is."""
    if isinstance(field, Data):
        return max(left - field.tail, 0)
    return min(left, field.most * 6) // 6 * 6 if isinstance(field, Text) else 0


def _records(field: Repeat, bits: Bits, at: int) -> Iterator[Row]:
    for index, _ in enumerate(field.read(bits, at)):
        for inner in field.of:
            yield _row(inner, bits, at, inner.width, f"{field.name}[{index}].{inner.name}")
            at += inner.width


def _row(field: Field, bits: Bits, at: int, width: int, path: str) -> Row:
    label = "nmea.notes.spare" if isinstance(field, Spare) else f"nmea.fields.{field.name}"
    if isinstance(field, Text | Data):
        read = Text(name=field.name, width=width).read(bits, at) if isinstance(field, Text) else field.read(bits, at)
        return _open(bits, at, width, path, label, read)
    raw = bits.take(at, width)
    signed = bits.signed(at, width) if getattr(field, "signed", False) else raw
    value = None if isinstance(field, Spare) else field.read(bits, at)
    unit = None if value is None or isinstance(value, str) else unit_of(field.name)
    return Row(at, width, path, label, raw, value, unit, field.meaning(signed))


def _open(bits: Bits, at: int, width: int, path: str, label: str, value: Any = None) -> Row:
    size = -(-width // 8)
    raw = (bits.take(at, width) << (size * 8 - width)).to_bytes(size, "big").hex()
    return Row(at, width, path, label, raw, value)
