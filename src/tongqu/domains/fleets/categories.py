"""Categories of vehicles as supervision tells them apart, and the colours of the map that stand for them.

`key` marks 两客一危一重, the ones that the rules for dynamic supervision name: scheduled coaches and tour or charter
coaches (两客), vehicles for dangerous goods (一危), heavy trucks and semi-trailer tractors (一重) (道路运输车辆动态监督
管理办法, art. 2 and 9; cross-checked). Names stand in the catalogues under `options.category.{code}`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from tongqu.kernel import things
from tongqu.kit.errors import Invalid
from tongqu.kit.text import text


class CategoryCode(StrEnum):
    """Codes of the categories, in the order of a legend."""

    SCHEDULED_COACH = "scheduled_coach"
    TOUR_COACH = "tour_coach"
    DANGEROUS_GOODS = "dangerous_goods"
    HEAVY_TRUCK = "heavy_truck"
    CITY_BUS = "city_bus"
    TAXI = "taxi"
    RIDE_HAILING = "ride_hailing"
    LIGHT_TRUCK = "light_truck"
    CONTAINER_TRUCK = "container_truck"
    MAINTENANCE = "maintenance"
    OTHER = "other"


@dataclass(frozen=True)
class Category:
    """A category: its code, the colour token of the map, and whether it is one of the supervised key categories."""

    code: CategoryCode
    colour: str
    key: bool = False


CATEGORIES = (
    Category(CategoryCode.SCHEDULED_COACH, "category-1", key=True),
    Category(CategoryCode.TOUR_COACH, "category-2", key=True),
    Category(CategoryCode.DANGEROUS_GOODS, "category-6", key=True),
    Category(CategoryCode.HEAVY_TRUCK, "category-8", key=True),
    Category(CategoryCode.CITY_BUS, "category-4"),
    Category(CategoryCode.TAXI, "category-3"),
    Category(CategoryCode.RIDE_HAILING, "category-3"),
    Category(CategoryCode.LIGHT_TRUCK, "category-5"),
    Category(CategoryCode.CONTAINER_TRUCK, "category-8"),
    Category(CategoryCode.MAINTENANCE, "category-7"),
    Category(CategoryCode.OTHER, "category-7"),
)
CODES = tuple(category.code.value for category in CATEGORIES)

VEHICLE = things.Kind(
    "vehicle",
    moving=True,
    unique=("plate", "vin"),
    categories=tuple(things.Category(category.code.value, category.colour) for category in CATEGORIES),
)
ENTERPRISE = things.Kind("enterprise", unique=("licence",))
DRIVER = things.Kind("driver")
KINDS = (VEHICLE, ENTERPRISE, DRIVER)


def read_categories(given: str) -> tuple[str, ...]:
    """Several categories in one text, by code or name in either language, with any usual separator between them.

    Raises:
        Invalid: `fleets.unknown_category`.
    """
    names = {name: code for code in CODES for name in (code, *text(f"fleets.options.category.{code}").values())}
    found = []
    for part in re.split("[、,;/]", unicodedata.normalize("NFKC", given)):
        if name := part.strip():
            if name not in names:
                raise Invalid("fleets.unknown_category", value=name[:40])
            found.append(names[name])
    return tuple(dict.fromkeys(found))
