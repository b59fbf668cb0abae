"""Layouts: fields in order, and the fields that hold other layouts: records, lists and tagged items."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tongqu.kit.errors import Invalid
from tongqu.protocols.jt808.cursor import Cursor, FaultError, Row, Writer
from tongqu.protocols.jt808.fields import KINDS, Field, Number
from tongqu.protocols.jt808.meaning import NEWEST, OLDEST
from tongqu.protocols.jt808.wire import Reason


class Layout:
    """Fields one after the other.

    Attributes:
        fields: in wire order; a name may occur once per version.
        names: all of them.
        size: bytes on the wire if always the same, else None.
    """

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        self.names = frozenset(field.name for field in fields)
        always = all(f.when is None and not f.optional and (f.since, f.until) == (OLDEST, NEWEST) for f in fields)
        sizes = [field.size for field in fields]
        self.size = sum(size or 0 for size in sizes) if always and None not in sizes else None
        self._signed = tuple(field for field in fields if isinstance(field, Number) and field.sign is not None)

    def read(self, cursor: Cursor, record: dict[str, Any] | None = None) -> dict[str, Any]:
        """The record at the cursor. `record` is filled as far as the bytes go, also when a fault is raised."""
        record = {} if record is None else record
        cursor.records.append(record)
        for field in self.fields:
            if not field.present(cursor):
                continue
            if field.optional and cursor.at >= cursor.end:
                break
            if cursor.rows is None:
                record[field.name] = field.read(cursor)
            else:
                _read_explained(field, cursor, record)
        for number in self._signed:
            self._apply_sign(number, cursor, record)
        cursor.records.pop()
        return record

    @staticmethod
    def _apply_sign(number: Number, cursor: Cursor, record: dict[str, Any]) -> None:
        """South and west: the sign of a coordinate stands in a bit of another field, which may come later."""
        assert number.sign is not None
        name, bit = number.sign
        flags = cursor.lookup(name)
        if not record.get(number.name) or not isinstance(flags, int) or not flags >> bit & 1:
            return
        record[number.name] = -record[number.name]
        for index, row in enumerate(cursor.rows or ()):
            if row.path == f"{cursor.path}.{number.name}" and cursor.rows is not None:
                cursor.rows[index] = replace(row, value=record[number.name], meaning="jt808.notes.sign_elsewhere")

    def write(self, writer: Writer, record: Mapping[str, Any]) -> None:
        """Append the record.

        Raises:
            Invalid: a value is missing, unknown or does not fit the wire.
        """
        if not isinstance(record, Mapping):
            raise writer.invalid("not_a_record", "")
        for name in record:
            if name not in self.names:
                raise writer.invalid("unknown_field", name)
        record = self._completed(writer, record)
        writer.records.append(record)
        missing = False
        for field in self.fields:
            if not field.present(writer):
                continue
            if field.name not in record:
                if not (field.optional or missing):
                    raise writer.invalid("missing_field", field.name)
                missing = True  # an optional tail: nothing after it may follow
                continue
            if missing:
                raise writer.invalid("missing_field", field.name)
            field.write(writer, record[field.name])
        writer.records.pop()

    def _completed(self, writer: Writer, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """The record with list lengths and sign bits that follow from other values."""
        extra: dict[str, Any] = {}
        for field in self.fields:
            if isinstance(field, Number) and field.counts and isinstance(record.get(field.counts), Sequence):
                extra[field.name] = len(record[field.counts])
        for number in self._signed:
            value = record.get(number.name)
            if not value or not isinstance(value, int | float) or number.sign is None:
                continue
            name, bit = number.sign
            flags = extra.get(name, record.get(name, writer.lookup(name)))
            if not isinstance(flags, int) or bool(flags >> bit & 1) == (value < 0):
                continue
            if name not in self.names:
                raise writer.invalid("sign_bit", number.name, value=value)
            extra[name] = flags ^ (1 << bit)
        return {**record, **extra} if extra else record


def _read_explained(field: Field, cursor: Cursor, record: dict[str, Any]) -> None:
    """Read a field, and append its row below the rows read so far."""
    outer, path, start = cursor.rows, cursor.path, cursor.at
    assert outer is not None
    cursor.rows = []
    cursor.path = f"{path}.{field.name}"
    try:
        value = record[field.name] = field.read(cursor)
    except FaultError:
        outer += cursor.rows  # what could be read stays visible
        cursor.rows, cursor.path = outer, path
        raise
    children = tuple(cursor.rows)
    cursor.rows, cursor.path = outer, path
    outer.append(field.explain(cursor, start, value, children))


@dataclass(frozen=True, kw_only=True)
class Record(Field):
    """A record inside a record.

    Attributes:
        layout: its fields.
        prefix: letter of `struct` of a length before it; bytes that no field took are then its `rest`.
    """

    layout: Layout
    prefix: str = ""

    @property
    def size(self) -> int | None:
        return None if self.prefix else self.layout.size

    @property
    def kind(self) -> str:
        return f"{KINDS[self.prefix]} + RECORD" if self.prefix else "RECORD"

    def read(self, cursor: Cursor) -> dict[str, Any]:
        if not self.prefix:
            return self.layout.read(cursor)
        end = _read_length(cursor, self.prefix, self.name)
        if end > cursor.end:
            raise FaultError(Reason.BODY, self.name)
        outer, cursor.end = cursor.end, end
        value = self.layout.read(cursor)
        if cursor.at < end:
            value["rest"] = cursor.data[cursor.at : end]
        cursor.at, cursor.end = end, outer
        return value

    def write(self, writer: Writer, value: Any) -> None:
        writer.path.append(self.name)
        if self.prefix:
            _write_sized(writer, self.name, self.prefix, self.layout, value)
        else:
            self.layout.write(writer, value)
        writer.path.pop()

    def explain(self, cursor: Cursor, start: int, value: Any, children: tuple[Row, ...]) -> Row:
        return replace(super().explain(cursor, start, value, children), value=None)


def _read_length(cursor: Cursor, code: str, name: str) -> int:
    """Step over a length and give the offset at which what it counts ends."""
    size = struct.calcsize(">" + code)
    at = cursor.take(size, name)
    data = cursor.data[at : at + size]
    length = int.from_bytes(data, "big")
    if cursor.rows is not None:
        cursor.rows.append(Row(at, size, f"{cursor.path}.length", "jt808.notes.length", data.hex(), length, "B"))
    return cursor.at + length


def _write_sized(writer: Writer, name: str, code: str, of: Layout | Field, value: Any) -> None:
    """Append a record with its length before it, and its `rest` inside that length."""
    outer, writer.out = writer.out, bytearray()
    if isinstance(value, Mapping) and "refused" in value:
        writer.out += value["raw"]
    elif isinstance(value, Mapping):
        of.write(writer, {key: entry for key, entry in value.items() if key != "rest"})
        writer.out += value.get("rest", b"")
    else:
        of.write(writer, value)
    inner, writer.out = writer.out, outer
    _write_length(writer, name, code, len(inner))
    writer.out += inner


def _write_length(writer: Writer, name: str, code: str, length: int) -> None:
    try:
        writer.out += struct.pack(">" + code, length)
    except struct.error:
        limit = (1 << 8 * struct.calcsize(">" + code)) - 1
        raise writer.invalid("too_long", name, limit=limit) from None


@dataclass(frozen=True, kw_only=True)
class Repeat(Field):
    """A list: of records, or of single values.

    Attributes:
        of: layout or field of an entry.
        prefix: letter of `struct` of the count before the list.
        counted_by: earlier field that holds the count.
        times: a count that is always the same; without any count the list goes to the end of the body.
        sized: letter of `struct` of a length before each entry; bytes of an entry that no field took are its `rest`.
        salvage: an entry that does not decode is kept as `{"refused": reason, "raw": bytes}` and the rest is read.
    """

    of: Layout | Field
    prefix: str = ""
    counted_by: str = ""
    times: int = 0
    sized: str = ""
    salvage: bool = False

    @property
    def size(self) -> int | None:
        return self.of.size * self.times if self.times and self.of.size is not None and not self.sized else None

    @property
    def kind(self) -> str:
        return "LIST"

    def read(self, cursor: Cursor) -> list[Any]:
        count: int | None = self.times or None
        if self.prefix:
            size = struct.calcsize(">" + self.prefix)
            at = cursor.take(size, self.name)
            count = int.from_bytes(cursor.data[at : at + size], "big")
            if cursor.rows is not None:
                raw = cursor.data[at : at + size].hex()
                cursor.rows.append(Row(at, size, f"{cursor.path}.count", "jt808.notes.count", raw, count))
        elif self.counted_by:
            count = int(cursor.lookup(self.counted_by) or 0)
        entries: list[Any] = []
        path = cursor.path
        while len(entries) != count and (count is not None or cursor.at < cursor.end):
            if self.salvage and cursor.at >= cursor.end:
                cursor.damaged = True  # fewer entries than the count says
                break
            cursor.path = f"{path}[{len(entries)}]"
            before = cursor.at
            if not self._read_entry(cursor, entries):
                break
            if cursor.at == before:
                raise FaultError(Reason.BODY, self.name)  # empty entries would never end
        cursor.path = path
        return entries

    def _read_entry(self, cursor: Cursor, entries: list[Any]) -> bool:
        """Append the next entry; False if the list cannot go on."""
        if not self.sized:
            entries.append(self._read_one(cursor))
            return True
        if self.salvage and cursor.at + struct.calcsize(">" + self.sized) > cursor.end:
            cursor.damaged = True
            return False
        at = cursor.at
        end = _read_length(cursor, self.sized, self.name)
        if end > cursor.end:
            if not self.salvage:
                raise FaultError(Reason.BODY, self.name)
            cursor.at = at
            cursor.damaged = True
            return False
        outer_end, cursor.end = cursor.end, end
        entries.append(self._read_sized(cursor))
        cursor.at, cursor.end = end, outer_end
        return True

    def _read_sized(self, cursor: Cursor) -> Any:
        start, depth, path = cursor.at, len(cursor.records), cursor.path
        try:
            entry = self._read_one(cursor)
        except FaultError as fault:
            if not self.salvage:
                raise
            del cursor.records[depth:]
            cursor.path = path
            cursor.damaged = True
            return {"refused": str(fault.reason), "raw": cursor.data[start : cursor.end]}
        if cursor.at < cursor.end and isinstance(entry, dict):
            entry["rest"] = cursor.data[cursor.at : cursor.end]
        return entry

    def _read_one(self, cursor: Cursor) -> Any:
        if cursor.rows is None:
            return self.of.read(cursor)
        outer, start, path = cursor.rows, cursor.at, cursor.path
        cursor.rows = []
        try:
            value = self.of.read(cursor)
        except FaultError:
            outer += cursor.rows
            cursor.rows = outer
            raise
        children = tuple(cursor.rows)
        cursor.rows = outer
        if isinstance(self.of, Field):
            row = replace(self.of.explain(cursor, start, value, children), path=path)
        else:
            raw = cursor.data[start : cursor.at].hex()
            row = Row(start, cursor.at - start, path, "jt808.notes.entry", raw, None, children=children)
        outer.append(row)
        return value

    def write(self, writer: Writer, value: Any) -> None:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise writer.invalid("not_a_list", self.name)
        if self.times and len(value) != self.times:
            raise writer.invalid("wrong_length", self.name, limit=self.times)
        if self.prefix:
            _write_length(writer, self.name, self.prefix, len(value))
        for index, entry in enumerate(value):
            writer.path.append(f"{self.name}[{index}]")
            if self.sized:
                _write_sized(writer, self.name, self.sized, self.of, entry)
            else:
                self.of.write(writer, entry)
            writer.path.pop()

    def explain(self, cursor: Cursor, start: int, value: Any, children: tuple[Row, ...]) -> Row:
        return replace(super().explain(cursor, start, value, children), value=len(value))


@dataclass(frozen=True)
class Variant:
    """One of several layouts of the same id, told apart by length and header version, or by the profile's dialect.

    Attributes:
        of: layout of a record, or the one field whose value stands for the whole.
        since, until: versions of the header that may carry it.
        dialect: `su` or `gd` where a supplement defines it.
    """

    of: Layout | Field
    since: int = OLDEST
    until: int = NEWEST
    dialect: str = ""

    def fits(self, version: int, size: int) -> bool:
        return self.since <= version <= self.until and (self.of.size is None or self.of.size == size)


def in_order(variants: Iterable[Variant], version: int, dialect: str) -> list[Variant]:
    """The variants that this version may use, those of the wanted dialect first."""
    usable = [variant for variant in variants if variant.since <= version <= variant.until]
    return sorted(usable, key=lambda variant: bool(variant.dialect) and variant.dialect != dialect)


def write_variant(writer: Writer, variants: Iterable[Variant], value: Any) -> None:
    """Write with the first variant that can carry the value; the error is that of the first."""
    first: Invalid | None = None
    for variant in in_order(variants, writer.version, writer.dialect):
        mark, depth, path = len(writer.out), len(writer.records), len(writer.path)
        try:
            variant.of.write(writer, value)
            return
        except Invalid as error:
            first = first or error
            del writer.out[mark:], writer.records[depth:], writer.path[path:]
    raise first or writer.invalid("not_in_version", "", version=writer.version)
