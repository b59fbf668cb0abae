"""What a rule is given: rows by subject and time, and what is known of the subjects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.rows import SUSPICIOUS, Column, Flag, Rows, take

NEVER_IN_ORDER = int(Flag.FUTURE | Flag.STALE | Flag.OUT_OF_RANGE)
"""Rows whose time or place says nothing: no rule is given them."""


@dataclass
class Subjects:
    """The subjects of some states, one for each place in the state arrays.

    Attributes:
        key: of the registry.
        view: the directory they are looked up in.
    """

    key: NDArray[np.int64]
    view: View
    _masks: dict[tuple[str, ...], NDArray[np.bool_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.key)

    def of_category(self, codes: Collection[str]) -> NDArray[np.bool_]:
        """By place: whether the subject is of one of some categories."""
        wanted = tuple(sorted(codes))
        found = self._masks.get(wanted)
        if found is None:
            numbers = [i for i, (_, code) in enumerate(self.view.categories) if code in wanted]
            slots = self.view.slots(self.key)
            known = np.isin(self.view.category[np.maximum(slots, 0)], numbers) if len(self.view) else slots >= 0
            found = self._masks[wanted] = known & (slots >= 0)
        return found

    def of_kind(self, kinds: Collection[str]) -> NDArray[np.bool_]:
        """By place: whether the subject is of one of some kinds."""
        numbers = [self.view.kinds[kind] for kind in kinds if kind in self.view.kinds]
        slots = self.view.slots(self.key)
        if not len(self.view):
            return np.zeros(len(self.key), dtype=np.bool_)
        return np.isin(self.view.kind[np.maximum(slots, 0)], numbers) & (slots >= 0)

    def urns(self) -> NDArray[np.object_]:
        slots = self.view.slots(self.key)
        return self.view.urn[slots]


@dataclass(frozen=True)
class Batch:
    """Rows of some subjects, by subject, then time, then key.

    Attributes:
        rows: columns of telemetry.
        slot: of each row, the place of its subject in the state arrays.
        subjects: by place.
    """

    rows: Rows
    slot: NDArray[np.int32]
    subjects: Subjects

    def __len__(self) -> int:
        return len(self.slot)

    def __getitem__(self, name: str) -> Column:
        return self.rows[name]

    def good(self) -> Batch:
        """The rows without a suspicion flag."""
        kept = (self.rows["flags"] & SUSPICIOUS) == 0
        return self if kept.all() else self.where(kept)

    def where(self, kept: NDArray[np.bool_]) -> Batch:
        return Batch(take(self.rows, kept), self.slot[kept], self.subjects)


def in_order(rows: Rows, slot: NDArray[np.int32]) -> NDArray[np.intp]:
    """The order in which rules are given rows: by place, time, and the hash of the fix where two share a time."""
    return np.lexsort((rows["key"], rows["time_ms"], slot))
