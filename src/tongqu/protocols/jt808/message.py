"""A message is a table: id, name, source and layout. Decode, encode, explain and the documentation come from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tongqu.protocols.jt808.cursor import Cursor, FaultError, Writer
from tongqu.protocols.jt808.fields import Field
from tongqu.protocols.jt808.layout import Layout, Variant, in_order, write_variant
from tongqu.protocols.jt808.wire import Reason


@dataclass(frozen=True)
class MessageTable:
    """One message.

    Attributes:
        id: message id.
        name: identifier, also the label key below `messages`.
        variants: its layouts; most have one, whose fields know their versions.
        source: standard, with clause where it was checked.
        answers: ids of the requests it answers.
    """

    id: int
    name: str
    variants: tuple[Variant, ...]
    source: str = ""
    answers: tuple[int, ...] = ()

    @property
    def down(self) -> bool:
        """Whether the platform sends it to the terminal."""
        return self.id >= 0x8000

    def read(self, cursor: Cursor) -> tuple[dict[str, Any], Reason | None]:
        """Body at the cursor, as far as it goes, and why it goes no further.

        Where a message has several layouts, the first that takes the body exactly wins, else the first.
        """
        variants = in_order(self.variants, cursor.version, cursor.dialect)
        if len(variants) > 1:
            variants = [v for v in variants if self._takes_all(v, cursor)][:1] or variants[:1]
        if not variants:
            return {}, Reason.BODY
        body: dict[str, Any] = {}
        layout = variants[0].of
        assert isinstance(layout, Layout)
        try:
            layout.read(cursor, body)
        except FaultError as fault:
            return body, fault.reason
        return body, Reason.ENTRY if cursor.damaged else None

    @staticmethod
    def _takes_all(variant: Variant, cursor: Cursor) -> bool:
        trial = Cursor(
            cursor.data,
            cursor.at,
            cursor.end,
            version=cursor.version,
            dialect=cursor.dialect,
            profile=cursor.profile,
        )
        try:
            variant.of.read(trial)
        except FaultError:
            return False
        return trial.at == trial.end

    def write(self, writer: Writer, body: dict[str, Any]) -> None:
        """Append the body.

        Raises:
            Invalid: a value is missing, unknown or does not fit.
        """
        write_variant(writer, self.variants, body)


def message(
    id: int,
    name: str,
    *fields: Field,
    source: str = "JT/T 808-2019",
    answers: tuple[int, ...] = (),
    variants: tuple[Variant, ...] = (),
) -> MessageTable:
    """A message of one layout, or of several `variants`."""
    return MessageTable(id, name, variants or (Variant(Layout(*fields)),), source, answers)


def by_id(*groups: Iterable[MessageTable]) -> dict[int, MessageTable]:
    """Messages by id, in order of id; an id may be declared once."""
    found: dict[int, MessageTable] = {}
    for table in (table for group in groups for table in group):
        if table.id in found:
            raise ValueError(f"0x{table.id:04X} is declared twice")
        found[table.id] = table
    return dict(sorted(found.items()))
