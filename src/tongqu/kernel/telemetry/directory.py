"""What telemetry knows of the registry, as arrays: things by slot, and which source was fitted to what, and when.

A slot is a small number for a thing, given in the order in which things become known in this process. The arrays only
grow; a reader that took a `View` keeps a consistent one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel import things
from tongqu.kernel.store import Store, system_actor
from tongqu.kernel.telemetry.kernels import bind
from tongqu.kernel.things import Changes, Thing

FOREVER = np.iinfo(np.int64).max
FITTED_TO = "fitted_to"
REGION_DIGITS = 12


def region_number(code: str | None) -> int:
    """A region code of any level as a number that keeps prefixes together; -1 for none."""
    return int(code.ljust(REGION_DIGITS, "0")) if code else -1


def region_range(code: str, digits: int = REGION_DIGITS) -> tuple[int, int]:
    """Numbers `low <= n < high` of the codes with `digits` digits that a code covers; an empty range if it is finer."""
    if len(code) > digits:
        return (0, 0)
    step = 10 ** (digits - len(code))
    return int(code) * step, (int(code) + 1) * step


@dataclass(frozen=True, slots=True)
class Binding:
    """A source was fitted to a subject from `from_ms` until just before `to_ms`; keys of things."""

    source: int
    subject: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class View:
    """The directory at one moment; arrays by slot, of length n.

    Attributes:
        version: grows with every change.
        key: number of the thing in the registry.
        slot_of_key: slot of each key, -1 where there is none.
        home: home region as `region_number`.
        organisation: index in `organisations`, 0 for none.
        kind, category: index in `kinds`, `categories`; category 0 is none.
        urn, label: text (object arrays).
        binding_start: shape (n + 1): bindings of the source in slot s are `[binding_start[s]:binding_start[s + 1]]` of
            the arrays `binding_*`, by `from_ms`.
    """

    version: int
    key: NDArray[np.int64]
    slot_of_key: NDArray[np.int32]
    home: NDArray[np.int64]
    organisation: NDArray[np.int32]
    kind: NDArray[np.int16]
    category: NDArray[np.int16]
    urn: NDArray[np.object_]
    label: NDArray[np.object_]
    organisations: dict[str, int]
    kinds: dict[str, int]
    categories: tuple[tuple[str, str], ...]
    binding_start: NDArray[np.int64]
    binding_subject: NDArray[np.int32]
    binding_from: NDArray[np.int64]
    binding_to: NDArray[np.int64]
    by_urn: dict[str, int]

    def __len__(self) -> int:
        return len(self.key)

    def slots(self, keys: NDArray[np.int64]) -> NDArray[np.int32]:
        """Slots of keys, -1 for those that are not known."""
        known = (keys >= 0) & (keys < len(self.slot_of_key))
        return np.where(known, self.slot_of_key[np.where(known, keys, 0)], np.int32(-1)).astype(np.int32)

    def slot(self, key: int) -> int:
        return int(self.slot_of_key[key]) if 0 <= key < len(self.slot_of_key) else -1

    def subjects(self, source_slots: NDArray[np.int32], time_ms: NDArray[np.int64]) -> NDArray[np.int32]:
        """Slot of what each source was fitted to at each time; its own slot where it was fitted to nothing."""
        return bind(source_slots, time_ms, self.binding_start, self.binding_subject, self.binding_from, self.binding_to)

    def fitted(self, at_ms: int) -> NDArray[np.int64]:
        """Slots of the sources that are fitted to something at an instant."""
        per_binding = np.repeat(np.arange(len(self)), np.diff(self.binding_start))
        return np.asarray(per_binding[(self.binding_from <= at_ms) & (at_ms < self.binding_to)], dtype=np.int64)

    def bindings_of(self, source_slot: int) -> list[Binding]:
        """What a source was fitted to, by time."""
        source = int(self.key[source_slot])
        return [
            Binding(source, int(self.key[self.binding_subject[i]]), int(self.binding_from[i]), int(self.binding_to[i]))
            for i in range(self.binding_start[source_slot], self.binding_start[source_slot + 1])
        ]

    def sources_of(self, slot: int, from_ms: int, to_ms: int) -> list[tuple[int, int, int]]:
        """Which rows are those of a subject in `[from_ms, to_ms)`: (source, from, to), none of them overlapping."""
        found = []
        for i in np.flatnonzero(self.binding_subject == slot):
            source = int(np.searchsorted(self.binding_start, i, side="right")) - 1
            found.append((int(self.key[source]), int(self.binding_from[i]), int(self.binding_to[i])))
        at = from_ms
        own = int(self.key[slot])
        for binding in [*self.bindings_of(slot), Binding(own, own, to_ms, to_ms)]:
            found.append((own, at, min(binding.from_ms, to_ms)))
            at = max(at, binding.to_ms)
        clipped = [(source, max(begin, from_ms), min(end, to_ms)) for source, begin, end in found]
        return [(source, begin, end) for source, begin, end in clipped if begin < end]


@dataclass
class _Columns:
    """The growing side of the directory."""

    key: list[int] = field(default_factory=list)
    home: list[int] = field(default_factory=list)
    organisation: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    category: list[int] = field(default_factory=list)
    urn: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    slot_of: dict[int, int] = field(default_factory=dict)
    by_urn: dict[str, int] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=lambda: {"": 0})
    kinds: dict[str, int] = field(default_factory=dict)
    categories: dict[tuple[str, str], int] = field(default_factory=lambda: {("", ""): 0})


class Directory:
    """Follows the registry.

    Args:
        store: where the registry is.
        kinds: kinds of things that are sources or subjects; others are not loaded.
        categories: kind and code of the categories that are declared; they get the first numbers, the same at each
            start. Others get theirs when they come up.
    """

    def __init__(self, store: Store, kinds: Sequence[str], categories: Sequence[tuple[str, str]] = ()) -> None:
        self._store = store
        self._kinds = tuple(kinds)
        self._actor = system_actor("telemetry.directory")
        self._revision = 0
        self._columns = _Columns()
        for declared in categories:
            self._columns.categories.setdefault(declared, len(self._columns.categories))
        self._relations: dict[int, Binding] = {}
        self._guard = threading.Lock()
        self._view = self._built(0)

    @property
    def view(self) -> View:
        return self._view

    def refresh(self) -> set[int]:
        """Ask the registry what changed; gives the keys of sources whose bindings did.

        A source whose first row is about to be stored must be known by then: the writer calls this before it stores
        rows of sources it does not know.
        """
        with self._guard:
            with self._store.read(self._actor) as work:
                changes = things.changed_since(work, self._revision, self._kinds)
            if changes.revision == self._revision:
                return set()
            touched = self._apply(changes)
            self._revision = changes.revision
            self._view = self._built(self._view.version + 1)
            return touched

    def _apply(self, changes: Changes) -> set[int]:
        for thing in changes.things:
            self._put(thing)
        touched = set()
        for relation in changes.relations:
            if relation.relation != FITTED_TO:
                continue
            end = FOREVER if relation.to_ms is None else relation.to_ms
            new = Binding(relation.subject_key, relation.object_key, relation.from_ms, int(end))
            if self._relations.get(relation.id) != new:
                self._relations[relation.id] = new
                touched.add(relation.subject_key)
        return touched

    def _put(self, thing: Thing) -> None:
        columns = self._columns
        slot = columns.slot_of.get(thing.key)
        values = {
            "key": thing.key,
            "home": region_number(thing.region),
            "organisation": columns.organisations.setdefault(thing.organisation or "", len(columns.organisations)),
            "kind": columns.kinds.setdefault(thing.kind, len(columns.kinds)),
            "category": _category(columns, thing),
            "urn": str(thing.urn),
            "label": thing.name,
        }
        if slot is None:
            columns.slot_of[thing.key] = columns.by_urn[str(thing.urn)] = len(columns.key)
            for name, value in values.items():
                getattr(columns, name).append(value)
        else:
            for name, value in values.items():
                getattr(columns, name)[slot] = value

    def _built(self, version: int) -> View:
        columns = self._columns
        slot_of_key = np.full(max(columns.slot_of, default=0) + 1, -1, dtype=np.int32)
        key = np.array(columns.key, dtype=np.int64)
        slot_of_key[key] = np.arange(len(key), dtype=np.int32)
        return View(
            version=version,
            key=key,
            slot_of_key=slot_of_key,
            home=np.array(columns.home, dtype=np.int64),
            organisation=np.array(columns.organisation, dtype=np.int32),
            kind=np.array(columns.kind, dtype=np.int16),
            category=np.array(columns.category, dtype=np.int16),
            urn=_objects(columns.urn),
            label=_objects(columns.label),
            organisations=dict(columns.organisations),
            kinds=dict(columns.kinds),
            categories=tuple(columns.categories),
            by_urn=columns.by_urn,
            **_bindings(self._relations.values(), columns.slot_of),
        )


def _category(columns: _Columns, thing: Thing) -> int:
    if not thing.category:
        return 0
    return columns.categories.setdefault((thing.kind, thing.category), len(columns.categories))


def _objects(values: list[str]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _bindings(relations: Iterable[Binding], slot_of: dict[int, int]) -> dict[str, NDArray[Any]]:
    """The bindings as arrays, by source slot and time; those of things that are not loaded are left out."""
    known = [
        (slot_of[one.source], slot_of[one.subject], one.from_ms, one.to_ms)
        for one in relations
        if one.source in slot_of and one.subject in slot_of and one.from_ms < one.to_ms
    ]
    table = np.array(known, dtype=np.int64).reshape(-1, 4)
    table = table[np.lexsort((table[:, 2], table[:, 0]))]
    return {
        "binding_start": np.searchsorted(table[:, 0], np.arange(len(slot_of) + 1)).astype(np.int64),
        "binding_subject": table[:, 1].astype(np.int32),
        "binding_from": table[:, 2].copy(),
        "binding_to": table[:, 3].copy(),
    }
