"""Reading and writing positions: what a table of fields needs to know while it works on one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tongqu.kit.errors import Invalid
from tongqu.protocols.jt808.wire import Reason

if TYPE_CHECKING:
    from tongqu.protocols.jt808.profiles import Profile


class FaultError(Exception):
    """The bytes do not carry what the table says; never leaves the package."""

    def __init__(self, reason: Reason, name: str) -> None:
        self.reason = reason
        self.name = name
        super().__init__(f"{reason}: {name}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an explained frame.

    Attributes:
        offset: first byte in the unescaped frame, its opening flag being 0.
        length: bytes in the unescaped frame.
        path: where the value stands in the message, such as `body.extras.mileage_km`.
        name: catalogue key of the label.
        raw_hex: the bytes; empty for the bits of a field.
        value: the decoded value.
        unit: symbol of the unit, if the value has one.
        meaning: catalogue key of what the value means, if the standard gives one.
        children: parts: bits, fields of a record, entries of a list.
        wire_offset: first byte in the frame as received, escapes included.
        wire_length: bytes in the frame as received.
    """

    offset: int
    length: int
    path: str
    name: str
    raw_hex: str
    value: Any
    unit: str | None = None
    meaning: str | None = None
    children: tuple[Row, ...] = ()
    wire_offset: int = 0
    wire_length: int = 0


class Cursor:
    """A place in an unescaped frame, with what is known so far.

    Attributes:
        data: the bytes; `at` and `end` are offsets in them.
        version: body layout to read: 2011, 2013 or 2019.
        dialect: which supplement's sizes to use where the two differ: `su` (Jiangsu) or `gd` (Guangdong).
        profile: device model, for items whose id clashes.
        records: the records being read, outermost first; conditions look names up from the innermost.
        rows: where explained rows go, or None when nobody wants them.
        damaged: an entry of a batch was refused although the rest stands.
    """

    __slots__ = ("at", "damaged", "data", "dialect", "end", "path", "profile", "records", "rows", "start", "version")

    def __init__(
        self, data: bytes, at: int, end: int, *, version: int, dialect: str, profile: Profile, explain: bool = False
    ) -> None:
        self.data = data
        self.start = at
        self.at = at
        self.end = end
        self.version = version
        self.dialect = dialect
        self.profile = profile
        self.records: list[dict[str, Any]] = []
        self.rows: list[Row] | None = [] if explain else None
        self.path = "body"
        self.damaged = False

    def take(self, size: int, name: str) -> int:
        """Step over `size` bytes and give the offset they begin at; a fault if the body is too short."""
        at = self.at
        if at + size > self.end:
            raise FaultError(Reason.BODY, name)
        self.at = at + size
        return at

    def lookup(self, name: str) -> Any:
        """The value of a field read before, the innermost record first; None if there is none."""
        for record in reversed(self.records):
            if name in record:
                return record[name]
        return None


@dataclass(slots=True)
class Writer:
    """A body being written.

    Attributes:
        version: layout to write: 2011, 2013 or 2019.
        dialect: supplement whose sizes to use, `su` or `gd`.
        profile: device model.
        out: the bytes so far.
        records: the records being written, outermost first.
        path: names down to the field being written, for errors.
    """

    version: int
    dialect: str
    profile: Profile
    out: bytearray = field(default_factory=bytearray)
    records: list[Mapping[str, Any]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    def lookup(self, name: str) -> Any:
        for record in reversed(self.records):
            if name in record:
                return record[name]
        return None

    def invalid(self, code: str, name: str, **params: Any) -> Invalid:
        """The error of a value that the wire cannot carry, with the path of its field."""
        return Invalid(f"jt808.{code}", field=".".join([*self.path, name]), name=name, **params)
