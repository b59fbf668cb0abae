"""What a module declares to take a spreadsheet in: an importer with its columns."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tongqu.kit.errors import Invalid
from tongqu.kit.regions import parse_region

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform
    from tongqu.kernel.store import Work

Row = dict[str, Any]
"""A parsed row: column name to value; None where the cell is empty."""

Done = Literal["created", "updated", "unchanged"]
Kind = Literal["text", "integer", "number", "date", "boolean", "enum"]


@dataclass(frozen=True)
class Outcome:
    """What came of a row.

    Attributes:
        done: `created`, `updated` or `unchanged`.
        key: what the row is about, as a person names it (a plate); stands in the report. No unmasked personal data.
        urn: of the thing it became, if it is one.
    """

    done: Done
    key: str
    urn: str | None = None


Apply = Callable[["Work", Row], Outcome]


@dataclass(frozen=True)
class Column:
    """One column of a spreadsheet.

    Its heading is the text `fields.{label or name}` of the module's catalogues; a file may use the Chinese or the
    English one, or the name itself.

    Attributes:
        name: key in the parsed row.
        kind: what its cells hold: `text`, `integer`, `number`, `date` (a `datetime.date`), `boolean`, `enum`.
        required: an empty cell refuses the row, a missing column the file.
        example: what the template shows.
        label: key of its heading where that is not the name.
        options: values of an enum; their texts stand under `options.{enum}.{value}` and are accepted too.
        enum: name of the enumeration in the catalogues; the column's name by default.
        least, most: bounds of a number; `most` characters of a text (200 by default).
        parse: turns the text of a cell into a value, after the checks of its kind; raises `Invalid`.
        personal: it holds personal data: its content stands in no report.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    example: str = ""
    label: str | None = None
    options: tuple[str, ...] = ()
    enum: str | None = None
    least: float | None = None
    most: float | None = None
    parse: Callable[[str], Any] | None = None
    personal: bool = False


@dataclass(frozen=True)
class Importer:
    """Takes the rows of a spreadsheet in, one at a time.

    Exactly one of `apply` and `prepare` is given. What `apply` raises as an error of the house refuses its row and
    undoes what the row has done; other rows live. Importing the same file again must change nothing: `apply` finds
    what is there by the row's natural key.

    Attributes:
        id: unique over all modules; names the address of template and import.
        columns: in the order of the template.
        permission: needed to import at all; what a row may touch, `apply` checks for itself.
        apply: `(work, row) -> Outcome`.
        prepare: `(platform) -> apply`, where rows need settings or a cache that lives as long as the run.
    """

    id: str
    columns: tuple[Column, ...]
    permission: str
    apply: Apply | None = None
    prepare: Callable[[Platform], Apply] | None = None

    def __post_init__(self) -> None:
        if (self.apply is None) == (self.prepare is None):
            raise ValueError(f"importer {self.id}: give one of apply and prepare")

    def applier(self, platform: Platform) -> Apply:
        """The function that takes a row in."""
        return self.apply if self.apply is not None else self.prepare(platform)  # type: ignore[misc]


def folded(text: str) -> str:
    """A text as headings and options are compared: compatibility forms and case folded, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def phone(text: str) -> str:
    """A phone number: digits, spaces and hyphens, `+` in front; kept without spaces and hyphens."""
    kept = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"\+?\d{5,20}", kept):
        raise Invalid("imports.bad_phone", value=text)
    return kept


def region(text: str) -> str:
    """A region code in either form, kept without trailing `00`."""
    try:
        return parse_region(unicodedata.normalize("NFKC", text))
    except ValueError as error:
        raise Invalid("imports.bad_region", value=text) from error


def code(text: str) -> str:
    """An identifier of a register: full-width forms folded, upper case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


_DATES = (
    re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)


def date(text: str) -> datetime.date:
    """A day: `2026-11-23`, `2026/11/23`, `2026年11月23日`, `20261123`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for pattern in _DATES:
        if found := pattern.fullmatch(plain):
            try:
                return datetime.date(*(int(part) for part in found.groups()))
            except ValueError:
                break
    raise Invalid("imports.bad_date", value=text)
