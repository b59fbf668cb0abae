"""Masking of personal data: follows from the class of each column (Personal), so that no list forgets one.

Enough is left to tell two people apart on the phone and not enough to use: a phone keeps its first three and last
four digits (GB/T 35273-2020 7.2: restrictions on display), other contacts their first character.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Table

from tongqu.kernel.store.tables import Personal

STAR = "*"


def _contact(value: str) -> str:
    name, at, host = value.partition("@")
    if at:
        return name[:1] + STAR * 3 + at + host
    return _ends(value, 3, 4)


def _ends(value: str, head: int, tail: int) -> str:
    """Stars between the ends; a text too short to keep both ends shows none of itself."""
    if len(value) <= head + tail:
        return STAR * len(value)
    return value[:head] + STAR * (len(value) - head - tail) + value[len(value) - tail :]


_MASKS: dict[Personal, Callable[[str], str]] = {
    Personal.CONTACT: _contact,
    Personal.IDENTITY: lambda value: _ends(value, 3, 4),
    Personal.SECRET: lambda value: STAR * 6,
}
MASKED = frozenset(_MASKS)


def mask(value: Any, personal: Personal) -> Any:
    """A value as it is shown to somebody who has no need to know it; names and tracks have rules of their own."""
    if value is None or personal not in _MASKS:
        return value
    return _MASKS[personal](str(value))


def masked(table: Table, row: Mapping[str, Any], reveal: Collection[Personal] = ()) -> dict[str, Any]:
    """A row of a table with the values of its personal columns masked, except the classes to reveal.

    Secrets are masked whatever is to be revealed.
    """
    shown = dict(row)
    for name in row.keys() & table.c.keys():
        personal = table.c[name].info.get("personal", Personal.NONE)
        if personal is Personal.SECRET or personal not in reveal:
            shown[name] = mask(row[name], personal)
    return shown
