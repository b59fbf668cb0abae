"""The tables as documentation: Markdown of every message, item and parameter."""

from __future__ import annotations

from collections.abc import Iterator

from tongqu.kit.text import text
from tongqu.protocols.jt808.fields import Field
from tongqu.protocols.jt808.items import Items, ItemSet
from tongqu.protocols.jt808.layout import Layout, Record, Repeat, Variant
from tongqu.protocols.jt808.meaning import NEWEST, OLDEST, When, unit_of
from tongqu.protocols.jt808.message import MessageTable
from tongqu.protocols.jt808.tables import MESSAGES
from tongqu.protocols.jt808.tables.extras import EXTRAS
from tongqu.protocols.jt808.tables.parameters import PARAMETERS


def document() -> str:
    """All tables as Markdown, labels in both languages."""
    lines = ["# JT/T 808", ""]
    for table in MESSAGES.values():
        lines += _message(table)
    lines += ["## Items of a position", "", *_items(EXTRAS), "## Parameters", "", *_items(PARAMETERS)]
    return "\n".join(lines)


def layouts() -> Iterator[Layout]:
    """Every layout there is, each once: of messages, items, parameters and all inside them."""
    seen: set[int] = set()
    start: list[Layout | Field] = []
    start += [variant.of for table in MESSAGES.values() for variant in table.variants]
    start += [variant.of for items in (EXTRAS, PARAMETERS) for item in items.items for variant in item.variants]
    waiting = [part for part in start if isinstance(part, Layout)]
    while waiting:
        layout = waiting.pop()
        if id(layout) in seen:
            continue
        seen.add(id(layout))
        yield layout
        for field in layout.fields:
            waiting += [inner for inner in inside(field) if isinstance(inner, Layout)]


def inside(field: Field) -> list[Layout | Field]:
    """What a field holds: the layout of a record, the entry of a list."""
    if isinstance(field, Record):
        return [field.layout]
    return [field.of] if isinstance(field, Repeat) else []


def _message(table: MessageTable) -> list[str]:
    label = text(f"jt808.messages.0x{table.id:04X}")
    way = "platform → terminal" if table.down else "terminal → platform"
    lines = [f"## 0x{table.id:04X} {label['zh']} · {label['en']}", "", f"`{table.name}`, {way}, {table.source}", ""]
    for variant in table.variants:
        lines += _variant(variant)
    return lines


def _variant(variant: Variant) -> list[str]:
    if not isinstance(variant.of, Layout):
        return [_line(variant.of, 0), ""]
    if not variant.of.fields:
        return ["No body.", ""]
    note = [f"Dialect `{variant.dialect}`, header since {variant.since}:", ""] if variant.dialect else []
    return [*note, "| field | type | present | label |", "|---|---|---|---|", *_rows(variant.of, 0), ""]


def _rows(layout: Layout, depth: int) -> Iterator[str]:
    for field in layout.fields:
        yield _line(field, depth)
        for inner in inside(field):
            if isinstance(inner, Layout):
                yield from _rows(inner, depth + 1)


def _line(field: Field, depth: int) -> str:
    label = text(f"jt808.fields.{field.name}")
    unit = unit_of(field.name)
    kind = field.kind + (f", {unit}" if unit else "")
    return f"| {'· ' * depth}`{field.name}` | {kind} | {_present(field)} | {label['zh']} · {label['en']} |"


def _present(field: Field) -> str:
    words = []
    if field.since != OLDEST:
        words.append(f"since {field.since}")
    if field.until != NEWEST:
        words.append(f"until {field.until}")
    if field.when is not None:
        words.append(_condition(field.when))
    if field.optional:
        words.append("optional")
    return ", ".join(words)


def _condition(when: When) -> str:
    no = "not " if when.negate else ""
    if when.body_size >= 0:
        return f"if the body has {no}{when.body_size} bytes"
    if when.bit >= 0:
        return f"if `{when.name}` bit {when.bit} is {no}set"
    return f"if `{when.name}` is {no}" + " or ".join(f"0x{value:02X}" for value in when.values)


def _items(items: ItemSet) -> list[str]:
    lines: list[str] = []
    for item in items.items:
        label = text(f"jt808.fields.{item.name}")
        lines += [f"### 0x{item.id:0{items.id_size * 2}X} {label['zh']} · {label['en']}", ""]
        lines += [f"`{item.name}`" + (f", {item.source}" if item.source else ""), ""]
        for variant in item.variants:
            if isinstance(variant.of, Layout):
                lines += _variant(variant)
            else:
                lines += ["| field | type | present | label |", "|---|---|---|---|", _line(variant.of, 0), ""]
    return lines


def item_sets() -> Iterator[ItemSet]:
    """The sets of items that messages refer to, each once."""
    seen: set[int] = set()
    for layout in layouts():
        for field in layout.fields:
            if isinstance(field, Items) and id(field.items) not in seen:
                seen.add(id(field.items))
                yield field.items
