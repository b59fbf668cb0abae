"""What an actor may see of telemetry, as masks over arrays.

A row is seen if a grant covers the organisation or home region of its subject, or the region the subject was in at that
time (its region of presence). So a vehicle of another city is seen while it is in ours, and its way elsewhere is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry.directory import View, region_range

READ = "telemetry.read"
COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Sight:
    """What one actor sees.

    Attributes:
        all: everything, also rows of nobody.
        home: by slot of the directory: whether organisation or home region are covered.
        presence: ranges `low <= code < high` of county codes that are covered.
    """

    all: bool
    home: NDArray[np.bool_]
    presence: tuple[tuple[int, int], ...]

    def present(self, region: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether regions of presence are covered."""
        if self.all:
            return np.ones(len(region), dtype=np.bool_)
        return within(region, self.presence)

    def slots(self, region: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which slots are seen, by the region each is in now (shorter or longer than the directory)."""
        seen = self.present(region)
        common = min(len(seen), len(self.home))
        seen[:common] |= self.home[:common]
        return seen

    def rows(self, slot: int, region: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which rows of a subject are seen, by the region it was in."""
        if self.at_home(slot):
            return np.ones(len(region), dtype=np.bool_)
        return self.present(region)

    def at_home(self, slot: int) -> bool:
        return self.all or (0 <= slot < len(self.home) and bool(self.home[slot]))


def sight_of(actor: Actor, view: View, permission: str = READ) -> Sight:
    """What an actor sees with a permission."""
    grants = actor.grants_for(permission)
    everything = any(grant.all or grant.everywhere for grant in grants)
    if everything:
        return Sight(True, np.ones(len(view), dtype=np.bool_), ())
    organisations = np.zeros(len(view.organisations), dtype=np.bool_)
    for grant in grants:
        for organisation in grant.organisations or ():
            if organisation in view.organisations:
                organisations[view.organisations[organisation]] = True
    organisations[0] = False  # "none"
    home = organisations[view.organisation] if len(view) else np.zeros(0, dtype=np.bool_)
    codes = sorted({grant.region for grant in grants if grant.region is not None})
    home |= within(view.home, tuple(region_range(code) for code in codes))
    return Sight(False, home, tuple(region_range(code, COUNTY_DIGITS) for code in codes))


def within(region: NDArray[np.integer], ranges: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """Whether numbers lie in any of some ranges."""
    found = np.zeros(len(region), dtype=np.bool_)
    for low, high in ranges:
        found |= (region >= low) & (region < high)
    return found
