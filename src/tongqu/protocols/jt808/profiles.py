"""Device profiles: what one model does differently.

The same item id means different things to different makers, some use ids of two bytes or lengths of four, some
speak the 2019 bodies under the old header. A profile says so, and only for the devices it is given to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tongqu.protocols.jt808.items import Item, ItemSet
from tongqu.protocols.jt808.tables.extras import EXTRAS, GUANGDONG_ITEMS


@dataclass(frozen=True)
class Profile:
    """How a device model differs from the standard.

    Attributes:
        name: identifier.
        extras: items of a position.
        dialect: supplement to try first where both define an id: `su`, `gd`, or empty: by the header (2019: gd).
        version: version of the bodies if it is not that of the header, else 0.
    """

    name: str
    extras: ItemSet = EXTRAS
    dialect: str = ""
    version: int = 0

    def dialect_for(self, version: int) -> str:
        """The supplement to try first under a header of this version."""
        return self.dialect or ("gd" if version >= 2019 else "su")

    def with_items(self, name: str, items: Iterable[Item]) -> Profile:
        """A profile like this one in which some item ids have another meaning."""
        return replace(self, name=name, extras=self.extras.extended(items))


STANDARD: Final = Profile("standard")
PROFILES: Final = {
    profile.name: profile
    for profile in (
        STANDARD,
        Profile("jsatl12", dialect="su"),
        Profile("gdrta002", EXTRAS.extended(GUANGDONG_ITEMS), dialect="gd"),
        Profile("bodies_2019", version=2019),
    )
}
