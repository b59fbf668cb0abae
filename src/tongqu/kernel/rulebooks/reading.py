"""Reads the rulebooks of a module: `rulebooks/{book}.toml` beside its code, one table or array of tables a parameter.

```toml
[night_limit_share]          # one value for all of the country, without end
value = 0.8
source = "..."
status = "unverified"

[[report_first_minutes]]     # or several: by jurisdiction, by time
value = 60
jurisdiction = "51"
effective_from = "2024-11-01"
...
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from tongqu.kernel.rulebooks.values import Parameter, Status
from tongqu.kit.regions import parse_region

_KEYS = frozenset({"value", "jurisdiction", "effective_from", "effective_to", "source", "status"})
Book = dict[str, tuple[Parameter, ...]]


class BadBook(ValueError):
    """A rulebook cannot be used. Its author reads this, so it names file, parameter and fault."""


@cache
def books_of(module: str, package: str) -> Book:
    """Id to the parameters of that id, of all rulebooks of a module; empty where it has none.

    Raises:
        BadBook: a file is no TOML, an entry has no source or status, or two values hold at the same place and time.
    """
    folder = resources.files(package).joinpath("rulebooks")
    if not folder.is_dir():
        return {}
    found: Book = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            found |= read_book(f"{module}.{file.name.removesuffix('.toml')}", file.read_text(encoding="utf-8"))
    return found


def read_book(prefix: str, toml: str) -> Book:
    """The parameters of one file.

    Args:
        prefix: `module.book`.
        toml: its content.

    Raises:
        BadBook: as `books_of`.
    """
    try:
        content = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise BadBook(f"{prefix}: {error}") from error
    book: Book = {}
    for name, entries in content.items():
        listed = entries if isinstance(entries, list) else [entries]
        id = f"{prefix}.{name}"
        book[id] = tuple(_parameter(id, entry) for entry in listed)
        _one_at_a_time(id, book[id])
    return book


def _parameter(id: str, entry: Any) -> Parameter:
    faults = list(_faults(entry))
    if faults:
        raise BadBook(f"{id}: {'; '.join(faults)}")
    jurisdiction = str(entry.get("jurisdiction", ""))
    return Parameter(
        id=id,
        value=entry["value"],
        jurisdiction=parse_region(jurisdiction) if jurisdiction else "",
        effective_from=str(entry.get("effective_from", "")),
        effective_to=str(entry.get("effective_to", "")),
        source=str(entry["source"]).strip(),
        status=Status(entry["status"]),
    )


def _faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "an entry is a table with value, source and status"
        return
    if unknown := sorted(entry.keys() - _KEYS):
        yield f"unknown keys {unknown}"
    if "value" not in entry:
        yield "no value"
    if not str(entry.get("source", "")).strip():
        yield "no source"
    if entry.get("status") not in set(Status):
        yield f"status {entry.get('status')!r} is none of {[one.value for one in Status]}"
    dates = [str(entry.get(name, "")) for name in ("effective_from", "effective_to")]
    for text in dates:
        try:
            date.fromisoformat(text or "2000-01-01")
        except ValueError:
            yield f"{text!r} is no date"
    if all(dates) and dates[0] >= dates[1]:
        yield f"it ends ({dates[1]}) before it begins ({dates[0]})"
    if entry.get("jurisdiction"):
        try:
            parse_region(str(entry["jurisdiction"]))
        except ValueError as error:
            yield str(error)


def _one_at_a_time(id: str, parameters: tuple[Parameter, ...]) -> None:
    """Two values of one jurisdiction never hold on the same day."""
    ordered = sorted(parameters, key=lambda one: (one.jurisdiction, one.effective_from))
    for one, following in pairwise(ordered):
        if one.jurisdiction == following.jurisdiction and (one.effective_to or "9999") > following.effective_from:
            where = one.jurisdiction or "the whole country"
            raise BadBook(f"{id}: two values hold in {where} on {following.effective_from or 'all days'}")
