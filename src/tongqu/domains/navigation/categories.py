"""What ships are told apart by on the map, from the AIS type of ship and the kind of the sender's number."""

from __future__ import annotations

from enum import StrEnum

from tongqu.kernel import things


class Category(StrEnum):
    """Codes of the categories, in the order of a legend."""

    CARGO = "cargo"
    TANKER = "tanker"
    PASSENGER = "passenger"
    HIGH_SPEED = "high_speed"
    FISHING = "fishing"
    SERVICE = "service"
    PLEASURE = "pleasure"
    AIRCRAFT = "aircraft"
    DISTRESS = "distress"
    OTHER = "other"


COLOURS = {
    Category.CARGO: "category-4",
    Category.TANKER: "category-6",
    Category.PASSENGER: "category-1",
    Category.HIGH_SPEED: "category-3",
    Category.FISHING: "category-2",
    Category.SERVICE: "category-5",
    Category.PLEASURE: "category-8",
    Category.AIRCRAFT: "category-7",
    Category.DISTRESS: "category-6",
    Category.OTHER: "category-7",
}
SHIP = things.Kind(
    "ship",
    moving=True,
    unique=("mmsi",),
    categories=tuple(things.Category(code.value, COLOURS[code]) for code in Category),
)
_TYPES = {30: Category.FISHING, 36: Category.PLEASURE, 37: Category.PLEASURE}
_TENS = {2: Category.HIGH_SPEED, 4: Category.HIGH_SPEED, 6: Category.PASSENGER, 7: Category.CARGO, 8: Category.TANKER}
_DISTRESS = (970, 972, 974)
"""First digits of AIS-SART, man overboard and EPIRB (ITU-R M.585)."""
NO_SENDER = frozenset({0, 1, 111_111_111, 123_456_789, 999_999_999, 1_073_741_823})
"""Numbers of transponders that were never set up."""


def category_of(mmsi: int, ship_type: int | None) -> Category:
    """The category of a sender; `other` while its type is not known."""
    if mmsi // 1_000_000 in _DISTRESS:
        return Category.DISTRESS
    if mmsi // 1_000_000 == 111:
        return Category.AIRCRAFT
    if ship_type is None:
        return Category.OTHER
    if ship_type in _TYPES:
        return _TYPES[ship_type]
    if 31 <= ship_type <= 34 or 50 <= ship_type <= 59:
        return Category.SERVICE
    return _TENS.get(ship_type // 10, Category.OTHER)


def plausible(mmsi: int) -> bool:
    """Whether a number of nine digits may be a sender's."""
    return 0 < mmsi < 1_000_000_000 and mmsi not in NO_SENDER
