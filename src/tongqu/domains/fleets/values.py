"""What the verbs of fleets take: new rows as their makers describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tongqu.domains.fleets.plates import Plate


@dataclass(frozen=True)
class NewEnterprise:
    """An enterprise to be registered; fields as in the table."""

    name: str
    region: str
    category: str
    short_name: str | None = None
    licence: str | None = None
    business: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True)
class NewVehicle:
    """A vehicle to be registered. `enterprise` is None for one of nobody's fleet; its region is then needed."""

    plate: Plate
    category: str
    enterprise: str | None = None
    region: str | None = None
    vin: str | None = None
    model: str | None = None
    energy: str | None = None
    seats: int | None = None
    axles: int | None = None
    load_kg: int | None = None
    gross_mass_kg: int | None = None
    length_m: float | None = None
    transport_licence: str | None = None


@dataclass(frozen=True)
class NewDriver:
    """A driver to be registered, of an enterprise; the region is the enterprise's unless given."""

    name: str
    driving_licence: str
    enterprise: str
    licence_class: str | None = None
    qualification: str | None = None
    phone: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class NewArea:
    """An area to be made; fields as of the table, `geometry` as GeoJSON."""

    name: str
    kind: str
    geometry: dict[str, Any]
    region: str
    width_m: float | None = None
    limit_kmh: float | None = None
    cause: str = ""
    categories: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    organisation: str | None = None
    valid_from_ms: int | None = None
    valid_to_ms: int | None = None
