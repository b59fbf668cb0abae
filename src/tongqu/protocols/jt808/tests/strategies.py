"""Hypothesis strategies made from the tables: any body that a message can carry, and frames around it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tongqu.protocols.jt808.fields import Bcd, Blob, Field, Number, Text, Time
from tongqu.protocols.jt808.items import Items, ItemSet
from tongqu.protocols.jt808.layout import Layout, Record, Repeat, in_order
from tongqu.protocols.jt808.meaning import When
from tongqu.protocols.jt808.message import MessageTable

MS_2000 = 946_656_000_000  # 2000-01-01 00:00 in China
MS_2099 = 4_102_415_999_000
TIMES = st.integers(MS_2000 // 1000, MS_2099 // 1000).map(lambda second: second * 1000)
LETTERS = st.text(st.sampled_from("ABCxyz0189-测试沪澜驾驶员,;#"), max_size=12)
RANGES = {"B": (0, 0xFF), "H": (0, 0xFFFF), "I": (0, 0xFFFFFFFF), "Q": (0, 2**64 - 1), "b": (-128, 127)}


def bodies(table: MessageTable, version: int) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies that a message may have in a version: what `decode` must give back of what `encode` made."""
    dialect = "gd" if version >= 2019 else "su"
    variants = in_order(table.variants, version, dialect)
    return st.one_of([records(variant.of, version) for variant in variants[:1]])


@st.composite
def records(draw: st.DrawFn, layout: Layout, version: int, outer: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A record, drawn field by field so that conditions and counts hold."""
    record: dict[str, Any] = {}
    for field in layout.fields:
        if not field.since <= version <= field.until or not present(field.when, (*outer, record)):
            continue
        if field.optional and draw(st.booleans()):
            break
        record[field.name] = draw(value(field, version, (*outer, record)))
    for field in layout.fields:
        if isinstance(field, Repeat) and field.counted_by and field.name in record:
            record[field.counted_by] = len(record[field.name])
    apply_signs(layout, record, outer)
    return record


def present(when: When | None, records_: tuple[dict[str, Any], ...]) -> bool:
    if when is None:
        return True
    if when.body_size >= 0:
        return when.negate
    found = next((record[when.name] for record in reversed(records_) if when.name in record), 0)
    found = found if isinstance(found, int) else 0
    holds = bool(found >> when.bit & 1) if when.bit >= 0 else found in when.values
    return holds != when.negate


def apply_signs(layout: Layout, record: dict[str, Any], outer: tuple[dict[str, Any], ...]) -> None:
    """Coordinates have the sign that the bits of their record say."""
    for field in layout.fields:
        if isinstance(field, Number) and field.sign is not None and record.get(field.name):
            name, bit = field.sign
            flags = next(each[name] for each in reversed((*outer, record)) if name in each)
            record[field.name] = -abs(record[field.name]) if flags >> bit & 1 else abs(record[field.name])


def value(field: Field, version: int, outer: tuple[dict[str, Any], ...]) -> st.SearchStrategy[Any]:
    if isinstance(field, Number):
        return numbers(field)
    if isinstance(field, Time):
        if field.utc:
            return TIMES.filter(lambda at_ms: at_ms >= MS_2000 + 8 * 3_600_000)
        return TIMES if field.strict else st.one_of(TIMES, st.none())
    if isinstance(field, Bcd):
        return st.binary(min_size=field.count, max_size=field.count).map(bytes.hex)
    if isinstance(field, Text):
        return LETTERS.filter(lambda text: not field.length or len(text.encode("gbk")) <= field.length)
    if isinstance(field, Blob):
        if field.length:
            return st.binary(min_size=field.length, max_size=field.length)
        return st.binary(max_size=40)
    if isinstance(field, Record):
        return records(field.layout, version, outer)
    if isinstance(field, Repeat):
        least, most = (field.times, field.times) if field.times else (0, 3)
        one = records(field.of, version, outer) if isinstance(field.of, Layout) else value(field.of, version, outer)
        return st.lists(one, min_size=least, max_size=most)
    assert isinstance(field, Items)
    return items(field.items, version)


def numbers(number: Number) -> st.SearchStrategy[Any]:
    low, high = RANGES[number.code]
    if number.sign_bit >= 0:
        low, high = -(1 << number.sign_bit) + 1, (1 << number.sign_bit) - 1
    raw = st.integers(low, high).filter(lambda value: value != number.absent)
    scaled = raw if number.per_unit == 1 else raw.map(lambda value: value / number.per_unit)
    return scaled if number.absent is None else st.one_of(scaled, st.none())


@st.composite
def items(draw: st.DrawFn, known: ItemSet, version: int) -> dict[str, Any]:
    """Some known items in any order, and raw ones."""
    chosen = draw(st.lists(st.sampled_from(known.items), unique_by=lambda item: item.name, max_size=4))
    dialect = "gd" if version >= 2019 else "su"
    found: dict[str, Any] = {}
    for item in chosen:
        variants = in_order(item.variants, version, dialect)
        if not variants:
            continue
        of = variants[0].of
        found[item.name] = draw(records(of, version) if isinstance(of, Layout) else value(of, version, ()))
    ids = {item.id for item in known.items}
    free = [id for id in range(0xE1, 0x100) if id not in ids]
    for id in draw(st.lists(st.sampled_from(free), unique=True, max_size=2)):
        found[f"0x{id:0{known.id_size * 2}X}"] = draw(st.binary(max_size=10))
    return found
