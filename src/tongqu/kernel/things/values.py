"""Values of the registry: what other rooms and domains hold in their hands."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from tongqu.kit.ids import Urn

_LEFT_OUT = dict.fromkeys(map(ord, "\u00b7\u2022\u2027\u30fb\uff65"))


def normalised(text: str) -> str:
    """How names and aliases are compared: compatibility forms folded, case folded, no dots of plates, no spaces.

    `澜A·D12345`, `澜ad12345` and `澜Ａ D12345` are one.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LEFT_OUT)
    return "".join(folded.split())


@dataclass(frozen=True)
class Category:
    """One category of a kind; its name stands in the locale of the module that declares the kind
    (`options.category.{code}`).

    Attributes:
        colour: token of the page's palette.
    """

    code: str
    colour: str


@dataclass(frozen=True)
class Kind:
    """A kind of thing that a module mints URNs for; its name stands in the module's locale (`kinds.{id}`).

    Attributes:
        id: third part of the URN: `vehicle`, `terminal`.
        moving: its things report positions and stand among the movers.
        unique: types of aliases that no two living things of the kind may share (a plate, a phone).
        categories: what its things are told apart by on the map, in the order of a legend.
    """

    id: str
    moving: bool = False
    unique: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True)
class RelationKind:
    """How things may stand to each other.

    Attributes:
        one_object: a subject stands so to one object at a time; a later relation ends the open one before it.
    """

    id: str
    one_object: bool


RELATION_KINDS = {
    kind.id: kind
    for kind in (
        RelationKind("fitted_to", one_object=True),
        RelationKind("located_on", one_object=True),
        RelationKind("part_of", one_object=True),
        RelationKind("member_of", one_object=False),
    )
}

Alias = tuple[str, str]
"""Type and value: `("plate", "澜AD12345")`."""


@dataclass(frozen=True)
class Thing:
    """A registered thing.

    Attributes:
        key: its number in this installation; stable, never reused, used where a URN is too long.
        name: as people write it.
        category: code of the domain that minted it.
        organisation: id of its owner; region: code of its home region.
        valid_from_ms, valid_to_ms: its life; None is open.
        revision: number of the last change of the registry that touched it.
    """

    key: int
    urn: Urn
    kind: str
    name: str
    category: str
    organisation: str | None
    region: str | None
    valid_from_ms: int
    valid_to_ms: int | None
    revision: int
    aliases: tuple[Alias, ...] = ()

    def alias(self, kind: str) -> str | None:
        """The first alias of a type."""
        return next((value for type_, value in self.aliases if type_ == kind), None)


@dataclass(frozen=True)
class New:
    """A thing to be minted; fields as in `Thing`.

    Attributes:
        id: last part of the URN; a random one if None.
    """

    name: str
    category: str = ""
    organisation: str | None = None
    region: str | None = None
    aliases: tuple[Alias, ...] = ()
    valid_from_ms: int | None = None
    id: str | None = None


@dataclass(frozen=True)
class Link:
    """A relation to be made; fields as in `Relation`."""

    subject: str
    relation: str
    object: str
    from_ms: int
    to_ms: int | None = None


@dataclass(frozen=True)
class Relation:
    """A dated relation: it holds from `from_ms` until just before `to_ms` (None: still).

    `to_ms == from_ms` is a relation that never held: it was withdrawn.
    """

    id: int
    subject_key: int
    subject: Urn
    relation: str
    object_key: int
    object: Urn
    from_ms: int
    to_ms: int | None
    revision: int

    def holds_at(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms and (self.to_ms is None or at_ms < self.to_ms)


@dataclass(frozen=True)
class Changes:
    """What changed after a revision; `revision` is the one to ask from next time."""

    revision: int
    things: tuple[Thing, ...] = ()
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Hit:
    """One answer of the search box.

    Attributes:
        title, subtitle: texts as they are shown.
        lon, lat: where to go on the map, in degrees, if it is known.
        label: what its kind is called, for kinds that no manifest declares.
    """

    urn: str
    kind: str
    title: str
    subtitle: str | None = None
    region: str | None = None
    lon: float | None = None
    lat: float | None = None
    label: dict[str, str] | None = None


@dataclass(frozen=True)
class Locate:
    """Says where things are now; whoever knows positions provides one to the platform.

    Attributes:
        where: `(urns) -> {urn: (lon, lat)}` in degrees; the URNs were scoped already.
    """

    where: Callable[[Sequence[str]], dict[str, tuple[float, float]]]


@dataclass(frozen=True)
class Search:
    """What a module adds to the search box beyond its things.

    Attributes:
        id: `module.what`.
        find: `(work, q, limit) -> list[Hit]`, scoped to the actor, best first.
    """

    id: str
    find: Callable[..., list[Hit]]


class Unset(Enum):
    """Stands for an argument that was not given, where None means something."""

    UNSET = "unset"


UNSET = Unset.UNSET
