"""Tagged items: id, length, value. The extras of a position and the parameters of a terminal are such lists.

An id counts as standard only if its length fits one of its layouts; everything else is kept raw under its hex
id, so nothing is lost and a wrong length disturbs nothing else.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tongqu.protocols.jt808.cursor import Cursor, FaultError, Row, Writer
from tongqu.protocols.jt808.fields import Field
from tongqu.protocols.jt808.layout import Layout, Variant, in_order, write_variant
from tongqu.protocols.jt808.wire import Reason

_RAW_KEY: Final = re.compile(r"0x([0-9A-Fa-f]{2,8})(#\d+)?")


@dataclass(frozen=True)
class Item:
    """One id and what it carries.

    Attributes:
        id: the tag.
        name: key of its value in the decoded dictionary, and below `fields` in the catalogue.
        variants: layouts by length and version.
        source: standard that defines it.
        id_size: bytes of the tag; 0: as the list has it.
        length_size: bytes of the length; 0: as the list has it.
    """

    id: int
    name: str
    variants: tuple[Variant, ...]
    source: str = ""
    id_size: int = 0
    length_size: int = 0


def item(id: int, of: Field | tuple[str, Layout | tuple[Variant, ...]], source: str = "", **sizes: int) -> Item:
    """An item of one field, or of a name and its layout or layouts."""
    if isinstance(of, Field):
        return Item(id, of.name, (Variant(of),), source, **sizes)
    name, layouts = of
    variants = (Variant(layouts),) if isinstance(layouts, Layout) else layouts
    return Item(id, name, variants, source, **sizes)


class ItemSet:
    """The items that a list may hold, with the width of its ids and lengths."""

    def __init__(self, items: Iterable[Item], *, id_size: int = 1, length_size: int = 1) -> None:
        self.items = tuple(items)
        self.id_size = id_size
        self.length_size = length_size
        self.by_name = {item.name: item for item in self.items}
        self._by_id = {item.id: item for item in self.items if item.id_size in (0, id_size)}
        self.other_widths = {item.id: item for item in self.items if item.id_size not in (0, id_size)}
        self._other_sizes = sorted({item.id_size for item in self.other_widths.values()}, reverse=True)

    def extended(self, items: Iterable[Item]) -> ItemSet:
        """This set with some ids given another meaning, as a device model does."""
        new = list(items)
        taken = {(item.id, item.id_size or self.id_size) for item in new}
        names = {item.name for item in new}
        kept = [
            old for old in self.items if (old.id, old.id_size or self.id_size) not in taken and old.name not in names
        ]
        return ItemSet([*kept, *new], id_size=self.id_size, length_size=self.length_size)

    def match(self, data: bytes, at: int, end: int) -> tuple[int, Item | None, int, int] | None:
        """Id, its item, size of its tag and of its length, at an offset; None if the bytes do not suffice."""
        for size in self._other_sizes:
            found = self.other_widths.get(int.from_bytes(data[at : at + size], "big")) if at + size <= end else None
            if found is not None and found.id_size == size:
                return found.id, found, size, found.length_size or self.length_size
        if at + self.id_size > end:
            return None
        id = int.from_bytes(data[at : at + self.id_size], "big")
        known = self._by_id.get(id)
        return id, known, self.id_size, (known.length_size if known else 0) or self.length_size


@dataclass(frozen=True, kw_only=True)
class Items(Field):
    """A list of tagged items; the value is a dictionary in wire order, by name or, where raw, by hex id.

    Attributes:
        items: what may stand in it.
        prefix: letter of `struct` of a count before the list; without one the list goes to the end of the body
            and a tail that does not parse is left there.
        profiled: a device profile may give ids another meaning.
    """

    items: ItemSet
    prefix: str = ""
    profiled: bool = False

    @property
    def kind(self) -> str:
        return "ITEMS"

    def set_for(self, at: Cursor | Writer) -> ItemSet:
        return at.profile.extras if self.profiled else self.items

    def read(self, cursor: Cursor) -> dict[str, Any]:
        values: dict[str, Any] = {}
        items = self.set_for(cursor)
        count = self._read_count(cursor)
        path = cursor.path
        while cursor.at < cursor.end and count != 0:
            found = items.match(cursor.data, cursor.at, cursor.end)
            if found is None:
                break
            id, known, id_size, length_size = found
            value_at = cursor.at + id_size + length_size
            size = int.from_bytes(cursor.data[cursor.at + id_size : value_at], "big")
            if value_at > cursor.end or value_at + size > cursor.end:
                break
            self._read_item(cursor, values, id, known, id_size, value_at, value_at + size)
            cursor.path = path
            count -= 1
        if count > 0:
            raise FaultError(Reason.BODY, self.name)
        return values

    def _read_count(self, cursor: Cursor) -> int:
        """The count before the list, or -1 if the list goes to the end."""
        if not self.prefix:
            return -1
        size = struct.calcsize(">" + self.prefix)
        at = cursor.take(size, self.name)
        data = cursor.data[at : at + size]
        count = int.from_bytes(data, "big")
        if cursor.rows is not None:
            cursor.rows.append(Row(at, size, f"{cursor.path}.count", "jt808.notes.count", data.hex(), count))
        return count

    def _read_item(
        self, cursor: Cursor, values: dict[str, Any], id: int, known: Item | None, id_size: int, at: int, end: int
    ) -> None:
        start, outer_end, outer_rows, path = cursor.at, cursor.end, cursor.rows, cursor.path
        raw_key = f"0x{id:0{id_size * 2}X}"
        key, value, field = raw_key, cursor.data[at:end], None
        if known is not None and known.name not in values:
            cursor.end, cursor.path = end, f"{path}.{known.name}"
            read = _read_known(cursor, known, at, end)
            if read is not None:
                key, (value, field) = known.name, read
        rows, cursor.end, cursor.rows, cursor.path = cursor.rows, outer_end, outer_rows, path
        cursor.at = end
        copy = 2
        while key in values:
            key, value = f"{raw_key}#{copy}", cursor.data[at:end]
            copy += 1
        values[key] = value
        if outer_rows is not None:
            parts = tuple(rows or ()) if field is not None else ()
            outer_rows.append(_row(cursor, start, at, id_size, f"{path}.{key}", known, field, value, parts))

    def write(self, writer: Writer, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise writer.invalid("not_a_record", self.name)
        items = self.set_for(writer)
        if self.prefix:
            writer.out += struct.pack(">" + self.prefix, len(value))
        writer.path.append(self.name)
        for key, entry in value.items():
            id, id_size, length_size, data = _written(writer, items, key, entry)
            try:
                writer.out += id.to_bytes(id_size, "big") + len(data).to_bytes(length_size, "big") + data
            except OverflowError:
                raise writer.invalid("too_long", key, limit=(1 << 8 * length_size) - 1) from None
        writer.path.pop()

    def explain(self, cursor: Cursor, start: int, value: Any, children: tuple[Row, ...]) -> Row:
        return replace(super().explain(cursor, start, value, children), value=len(value))


def _read_known(cursor: Cursor, known: Item, at: int, end: int) -> tuple[Any, Layout | Field] | None:
    """Value of an item and what read it; None if no layout takes exactly these bytes."""
    depth, explain = len(cursor.records), cursor.rows is not None
    for variant in in_order(known.variants, cursor.version, cursor.dialect):
        if not variant.fits(cursor.version, end - at):
            continue
        cursor.at = at
        cursor.rows = [] if explain else None
        try:
            value = variant.of.read(cursor)
        except FaultError:
            del cursor.records[depth:]
            continue
        if cursor.at == end:
            return value, variant.of
    return None


def _row(
    cursor: Cursor,
    start: int,
    at: int,
    id_size: int,
    path: str,
    known: Item | None,
    of: Layout | Field | None,
    value: Any,
    children: tuple[Row, ...],
) -> Row:
    data, end = cursor.data, cursor.at
    tag = data[start : start + id_size].hex()
    id_row = Row(start, id_size, f"{path}.id", "jt808.notes.item_id", tag, f"0x{tag.upper()}")
    length = data[start + id_size : at]
    length_row = Row(start + id_size, len(length), f"{path}.length", "jt808.notes.length", length.hex(), end - at, "B")
    shown = value if not isinstance(value, dict | list) else None
    row = Row(start, end - start, path, "jt808.notes.private_item", data[start:end].hex(), shown)
    if known is not None:
        meaning = "jt808.notes.not_as_standard" if of is None else None
        row = replace(row, name=f"jt808.fields.{known.name}", meaning=meaning)
    elif int.from_bytes(data[start : start + id_size], "big") < 0xE0:
        row = replace(row, name="jt808.notes.unknown_item")
    if isinstance(of, Field):
        inner = of.explain(cursor, at, value, children)
        row = replace(row, value=inner.value, unit=inner.unit, meaning=inner.meaning)
        children = inner.children
    return replace(row, children=(id_row, length_row, *children))


def _written(writer: Writer, items: ItemSet, key: str, value: Any) -> tuple[int, int, int, bytes]:
    """Id, size of tag and length, and bytes of one item."""
    known = items.by_name.get(key)
    if known is not None:
        outer, writer.out = writer.out, bytearray()
        try:
            write_variant(writer, known.variants, value)
            data = bytes(writer.out)
        finally:
            writer.out = outer
        return known.id, known.id_size or items.id_size, known.length_size or items.length_size, data
    raw = _RAW_KEY.fullmatch(key)
    if raw is None:
        raise writer.invalid("unknown_item", key)
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else bytes(memoryview(value))
    except (TypeError, ValueError):
        raise writer.invalid("not_bytes", key) from None
    id = int(raw[1], 16)
    id_size = len(raw[1]) // 2
    same = next((item for item in items.items if item.id == id and (item.id_size or items.id_size) == id_size), None)
    return id, id_size, (same.length_size if same else 0) or items.length_size, data
