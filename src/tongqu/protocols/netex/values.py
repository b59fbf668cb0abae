"""Values of NeTEx stop places (site model of EN 12896). Coordinates are WGS 84 degrees; what is not told is None or
empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tongqu.kit.text import text

Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """Where something is; `altitude_m` above sea level as the publisher has it."""

    lon: float
    lat: float
    altitude_m: float | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """A further name: `kind` is alias, translation, copy, label or other (NameTypeEnumeration)."""

    text: str
    language: str = ""
    kind: str = "alias"


@dataclass(frozen=True, slots=True)
class Quay:
    """Where one boards: a platform, a stand, a berth. `public_code` stands on its sign.

    Attributes:
        keys: further identifiers by their system, as `("SLOID", "ch:1:sloid:3000:6:10")`.
        parent: id of the quay it is a part of (a sector of a platform).
    """

    id: str
    name: str = ""
    public_code: str = ""
    private_code: str = ""
    keys: Keys = ()
    point: Point | None = None
    kind: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A way in or out of a stop place for people on foot; `public_code` is the letter or number on its sign."""

    id: str
    name: str = ""
    public_code: str = ""
    keys: Keys = ()
    point: Point | None = None
    is_entry: bool = True
    is_exit: bool = True


@dataclass(frozen=True, slots=True)
class StopPlace:
    """A station, stop or hub with its quays and entrances.

    Attributes:
        names: alternative names and names in other languages.
        valid_from, valid_to: days of the publisher's calendar, both included.
        parent: id of the site it is a part of.
    """

    id: str
    name: str = ""
    names: tuple[Name, ...] = ()
    short_name: str = ""
    public_code: str = ""
    private_code: str = ""
    keys: Keys = ()
    point: Point | None = None
    kind: str = ""
    mode: str = ""
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    quays: tuple[Quay, ...] = ()
    entrances: tuple[Entrance, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something wrong; `element` is the id of what it was found in, empty for the file."""

    code: str
    element: str = ""
    value: str = ""

    @property
    def detail(self) -> dict[str, str]:
        return text(f"netex.notices.{self.code}", value=self.value)
