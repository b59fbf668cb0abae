"""Specialised decoders, made from the tables for the shapes of frames that do come.

A terminal repeats the same shape: same id, same length, same items in the same order. When a frame has been
decoded field by field, a function for its shape is written and compiled: one `struct` takes all fields, one
comparison with a mask checks the ids and lengths of the items, and the body is built as one dictionary. The next
frame of that shape takes a tenth of the time. A shape whose fields are not all of fixed size gets none.

The function gives nothing (None) for whatever is not plainly good; then the tables decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final

from tongqu.protocols.jt808.fields import Blob, Field, Number, Text, Time
from tongqu.protocols.jt808.frame import VERSION_BIT, Head
from tongqu.protocols.jt808.items import Item, Items
from tongqu.protocols.jt808.layout import Layout, Record, in_order
from tongqu.protocols.jt808.message import MessageTable
from tongqu.protocols.jt808.profiles import STANDARD
from tongqu.protocols.jt808.wire import MINUTE_MS, SECOND_MS, hour_ms, shifts_of

MAX_KEYS: Final = 512
MAX_SHAPES: Final = 8
_ATTEMPTS: Final = 16

Build = Callable[[bytes], Any]


@dataclass(slots=True)
class _Shapes:
    """Shapes of one id and length: (mask, pattern, function)."""

    size: int
    shifts: tuple[int, ...]
    known: tuple[tuple[int, int, Build], ...] = ()
    attempts: int = 0


@dataclass(slots=True)
class Plans:
    """The specialised decoders of this process, by the first four bytes of a frame: id and attributes."""

    message: Callable[..., Any]
    _shapes: dict[bytes, _Shapes] = field(default_factory=dict)

    def decode(self, inside: bytes) -> Any | None:
        """The message of an unescaped frame if its shape is known and everything in it is good."""
        shapes = self._shapes.get(inside[:4])
        if shapes is None or len(inside) != shapes.size:
            return None
        value = int.from_bytes(inside, "big")
        for mask, pattern, build in shapes.known:
            if value & mask == pattern:
                for shift in shapes.shifts:
                    value ^= value >> shift
                return None if value & 0xFF else build(inside)
        return None

    def learn(self, inside: bytes, head: Head, table: MessageTable) -> None:
        """Make a decoder for the shape of a frame that the tables found good and used up."""
        key = inside[:4]
        shapes = self._shapes.get(key)
        if shapes is None:
            if len(self._shapes) >= MAX_KEYS:
                return
            shapes = self._shapes[key] = _Shapes(len(inside), shifts_of(len(inside)))
        if shapes.attempts >= _ATTEMPTS or len(shapes.known) >= MAX_SHAPES or shapes.size != len(inside):
            return
        shapes.attempts += 1
        made = _Maker(inside, head, table, self.message).make()
        if made is not None:
            shapes.known = (*shapes.known, made)


class _UnfitError(Exception):
    """The shape cannot be specialised."""


class _Maker:
    """Writes the function of one shape."""

    def __init__(self, inside: bytes, head: Head, table: MessageTable, message: Callable[..., Any]) -> None:
        self.inside = inside
        self.head = head
        self.table = table
        self.long = len(head.phone) == 20
        self.at = 17 if self.long else 12
        self.end = len(inside) - 1
        self.format = [">4x", "B10sH" if self.long else "6sH"]
        self.targets = ["protocol", "phone", "serial"] if self.long else ["phone", "serial"]
        self.before: list[str] = []
        self.entries: list[str] = []
        self.sample: dict[str, int] = {}  # variable -> its number in this frame
        self.mask = bytearray(len(inside))
        self.names: dict[str, Any] = {
            "Head": Head,
            "Message": message,
            "hour_ms": hour_ms,
            "MINUTE": MINUTE_MS,
            "SECOND": SECOND_MS,
        }

    def make(self) -> tuple[int, int, Build] | None:
        head, layout = self.head, self.table.variants[0].of
        flagged = int.from_bytes(self.inside[2:4], "big") & VERSION_BIT
        if len(self.table.variants) > 1 or not isinstance(layout, Layout) or head.part_total or head.merged:
            return None
        if bool(flagged) != self.long:
            return None
        try:
            self.entries = self._entries(layout, {})
        except _UnfitError:
            return None
        if self.at != self.end:
            return None
        build = self._compiled()
        mask = int.from_bytes(self.mask, "big")
        return mask, int.from_bytes(self.inside, "big") & mask, build

    def _entries(self, layout: Layout, outer: dict[str, str]) -> list[str]:
        """`name: expression` of each field of a layout; `outer` has the variables of numbers read before."""
        known = dict(outer)
        entries = []
        for each in layout.fields:
            if not each.since <= self.head.version <= each.until or not self._present(each, known):
                continue
            if isinstance(each, Items) and not each.prefix and each.profiled:
                value = self._items(each)
            else:
                value = self._value(each, known)
            if isinstance(each, Number):
                known[each.name] = self.targets[-1]
            entries.append(f"{each.name!r}: {value}")
        return entries

    def _present(self, each: Field, known: dict[str, str]) -> bool:
        """Whether a field is there in this shape; the function will check that its condition is the same."""
        if each.optional:
            raise _UnfitError
        when = each.when
        if when is None:
            return True
        name = known.get(when.name)
        if name is None:
            raise _UnfitError
        value = self.sample[name]
        holds = bool(value >> when.bit & 1) if when.bit >= 0 else value in when.values
        condition = f"{name} >> {when.bit} & 1" if when.bit >= 0 else f"{name} in {when.values}"
        self.before.append(f"if bool({condition}) is not {holds}: return None")
        return holds != when.negate

    def _value(self, each: Field, known: dict[str, str]) -> str:
        """Expression of a field's value; its bytes are added to the format."""
        if isinstance(each, Number):
            name = self._take(each.code, each.size)
            self.sample[name] = int.from_bytes(self.inside[self.at - each.size : self.at], "big")
            return self._number(each, name, known)
        if isinstance(each, Time) and not each.utc:
            return self._time()
        if isinstance(each, Text) and each.length and not each.short:
            return f'{self._take(f"{each.length}s", each.length)}.strip(b"\\0 ").decode("gbk", "backslashreplace")'
        if isinstance(each, Blob) and each.length:
            return self._take(f"{each.length}s", each.length)
        if isinstance(each, Record) and not each.prefix:
            return f"{{{', '.join(self._entries(each.layout, known))}}}"
        raise _UnfitError

    def _number(self, number: Number, name: str, known: dict[str, str]) -> str:
        if number.counts or number.sign_bit >= 0 or number.code == "b":
            raise _UnfitError
        value = name if number.per_unit == 1 else f"{name} / {number.per_unit}"
        if number.sign is not None:
            flags = known.get(number.sign[0])
            if flags is None:
                raise _UnfitError
            value = f"(-({value}) if {flags} & {1 << number.sign[1]} and {name} else {value})"
        if number.absent is not None:
            value = f"(None if {name} == {number.absent} else {value})"
        return value

    def _time(self) -> str:
        hour, minute, second = self._take("4s", 4), self._take("B", 1), self._take("B", 1)
        at = f"t{len(self.targets)}"
        self.before += [
            f"{at} = hour_ms({hour})",
            f"m{at} = MINUTE[{minute}]",
            f"s{at} = SECOND[{second}]",
            f"if {at} < 0 or m{at} < 0 or s{at} < 0: return None",
        ]
        return f"{at} + m{at} + s{at}"

    def _items(self, each: Items) -> str:
        items, version, dialect = STANDARD.extras, self.head.version, STANDARD.dialect_for(self.head.version)
        parts: dict[str, str] = {}
        while self.at < self.end:
            found = items.match(self.inside, self.at, self.end)
            if found is None:
                raise _UnfitError
            id, known, id_size, length_size = found
            value_at = self.at + id_size + length_size
            size = int.from_bytes(self.inside[self.at + id_size : value_at], "big")
            self.mask[self.at : value_at] = b"\xff" * (value_at - self.at)
            self._skip(value_at - self.at)
            name, value = self._item(id, known, id_size, size, version, dialect)
            if name in parts:
                raise _UnfitError
            parts[name] = value
        return f"{{{', '.join(f'{name!r}: {value}' for name, value in parts.items())}}}"

    def _item(
        self, id: int, known: Item | None, id_size: int, size: int, version: int, dialect: str
    ) -> tuple[str, str]:
        if known is not None:
            for variant in in_order(known.variants, version, dialect):
                if variant.fits(version, size):
                    return known.name, self._known(variant.of, self.at + size)
        return f"0x{id:0{id_size * 2}X}", self._take(f"{size}s", size)

    def _known(self, of: Layout | Field, end: int) -> str:
        """Expression of an item that must end at `end`."""
        if isinstance(of, Layout):
            value = f"{{{', '.join(self._entries(of, {}))}}}"
        else:
            value = self._value(of, {})
        if self.at != end:
            raise _UnfitError
        return value

    def _take(self, code: str, size: int) -> str:
        if self.at + size > self.end:
            raise _UnfitError
        name = f"v{len(self.targets)}"
        self.format.append(code)
        self.targets.append(name)
        self.at += size
        return name

    def _skip(self, size: int) -> None:
        self.format.append(f"{size}x")
        self.at += size

    def _compiled(self) -> Build:
        head = self.head
        protocol = "protocol" if self.long else "0"
        start = 17 if self.long else 12
        lines = [
            "def build(inside):",
            f"    {', '.join(self.targets)}, = unpack(inside)",
            *(f"    {line}" for line in self.before),
            "    return Message(",
            f"        Head({head.message_id}, phone.hex(), {head.version}, serial, 0, 0, 0, inside[{start}:-1],",
            f"             True, None, False, {protocol}),",
            f"        {self.table.name!r}, {{{', '.join(self.entries)}}}, True, None, b'')",
        ]
        scope = {**self.names, "unpack": Struct("".join([*self.format, "x"])).unpack}
        exec("\n".join(lines), scope)
        build: Build = scope["build"]
        return build
