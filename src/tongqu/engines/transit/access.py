"""The stops at which a search begins and ends: one by one, or many as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Access:
    """A stop that the traveller reaches from his place, or from which he reaches it.

    Attributes:
        stop: index of the stop in the timetable.
        seconds: how long it takes.
        beeline: measured as the crow flies.
        place: index of the stop that is meant, where the walk is one between stops; -1 for a place that is no stop.
    """

    stop: int
    seconds: int
    beeline: bool = False
    place: int = -1


class Accesses(Sequence[Access]):
    """Many stops near a place as arrays; of a stop that stands there twice the shorter way counts.

    Attributes:
        stop, seconds, beeline, place: of each, as in `Access`.
    """

    __slots__ = ("beeline", "place", "seconds", "stop")

    def __init__(self, stop: Ints, seconds: Ints, beeline: Flags, place: Ints | None = None) -> None:
        self.stop, self.seconds, self.beeline = stop, seconds, beeline
        self.place = np.full(len(stop), -1, np.int32) if place is None else place

    @classmethod
    def of(cls, access: Sequence[Access]) -> Accesses:
        """The same as arrays."""
        if isinstance(access, cls):
            return access
        stops, seconds, places = ([getattr(own, key) for own in access] for key in ("stop", "seconds", "place"))
        return cls(
            np.array(stops, np.int32), np.array(seconds, np.int32), np.array([own.beeline for own in access], bool),
            np.array(places, np.int32),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.stop)

    @overload
    def __getitem__(self, index: int) -> Access: ...
    @overload
    def __getitem__(self, index: slice) -> Accesses: ...
    def __getitem__(self, index: int | slice) -> Access | Accesses:
        if isinstance(index, slice):
            return Accesses(self.stop[index], self.seconds[index], self.beeline[index], self.place[index])
        return Access(
            int(self.stop[index]), int(self.seconds[index]), bool(self.beeline[index]), int(self.place[index])
        )  # fmt: skip

    def to(self, stop: int) -> Access:
        """The shortest to a stop."""
        rows = np.flatnonzero(self.stop == stop)
        return self[int(rows[np.argmin(self.seconds[rows])])]

    def meets(self, other: Accesses) -> bool:
        """Whether a stop costs no time in both."""
        here, there = self.stop[self.seconds == 0], other.stop[other.seconds == 0]
        return bool(len(here) and len(there) and np.isin(here, there).any())
