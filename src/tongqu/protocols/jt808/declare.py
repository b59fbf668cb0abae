"""The words that tables are written in: short constructors of fields."""

from __future__ import annotations

from typing import Any

from tongqu.protocols.jt808.fields import Bcd, Blob, Field, Number, Text, Time
from tongqu.protocols.jt808.items import Items, ItemSet
from tongqu.protocols.jt808.layout import Layout, Record, Repeat
from tongqu.protocols.jt808.meaning import When


def _number(code: str, name: str, scale: float, options: dict[str, Any]) -> Number:
    return Number(name=name, code=code, per_unit=round(1 / scale), **options)


def u8(name: str, *, scale: float = 1, **options: Any) -> Number:
    """BYTE. `scale` is what one count on the wire is worth in the unit of the name."""
    return _number("B", name, scale, options)


def i8(name: str, *, scale: float = 1, **options: Any) -> Number:
    """Signed BYTE."""
    return _number("b", name, scale, options)


def u16(name: str, *, scale: float = 1, **options: Any) -> Number:
    """WORD."""
    return _number("H", name, scale, options)


def u32(name: str, *, scale: float = 1, **options: Any) -> Number:
    """DWORD."""
    return _number("I", name, scale, options)


def u64(name: str, *, scale: float = 1, **options: Any) -> Number:
    """Eight bytes."""
    return _number("Q", name, scale, options)


def bcd(name: str, count: int, **options: Any) -> Bcd:
    """BCD[count] kept as digits."""
    return Bcd(name=name, count=count, **options)


def bcd_time(name: str, **options: Any) -> Time:
    """BCD[6] time."""
    return Time(name=name, **options)


def text(name: str, length: int = 0, *, prefix: str = "", **options: Any) -> Text:
    """STRING: fixed, after its length, or to the end."""
    return Text(name=name, length=length, prefix=prefix, **options)


def blob(name: str, length: int = 0, *, prefix: str = "", **options: Any) -> Blob:
    """Bytes: fixed, after their length, or to the end."""
    return Blob(name=name, length=length, prefix=prefix, **options)


def record(name: str, layout: Layout, **options: Any) -> Record:
    """A record."""
    return Record(name=name, layout=layout, **options)


def repeat(name: str, of: Layout | Field, **options: Any) -> Repeat:
    """A list."""
    return Repeat(name=name, of=of, **options)


def items(name: str, of: ItemSet, **options: Any) -> Items:
    """A list of tagged items."""
    return Items(name=name, items=of, **options)


def if_bit(name: str, bit: int) -> When:
    """Present if a bit of an earlier field is set."""
    return When(name=name, bit=bit)


def if_value(name: str, *values: int) -> When:
    """Present if an earlier field has one of these values."""
    return When(name=name, values=values)


def unless_value(name: str, *values: int) -> When:
    """Present if an earlier field has none of these values."""
    return When(name=name, values=values, negate=True)
