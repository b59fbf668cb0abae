"""Wire models of fleets; lists and forms of the page follow from them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from pydantic.config import JsonDict

from tongqu.domains.fleets.categories import CODES, CategoryCode, read_categories
from tongqu.domains.fleets.plates import PlateColour
from tongqu.domains.fleets.tables import AreaKind, Energy
from tongqu.kernel.identity.schemas import Form
from tongqu.kit.errors import Invalid

_PICKED: JsonDict = {"filter": True, "sort": True}
_QUIET: JsonDict = {"list": False}
_QUIET_TIME: JsonDict = {"kind": "time", "sort": True, "list": False}
_CATEGORY: JsonDict = {"enum_id": "category", **_PICKED}
_COLOUR: JsonDict = {"enum_id": "plate_colour", **_PICKED}
_ENERGY: JsonDict = {"enum_id": "energy", "list": False, **_PICKED}
_REGION: JsonDict = {"kind": "region", **_PICKED}

Id = Annotated[str, Field(max_length=20)]
Owner = Annotated[str, Field(max_length=120)]
"""An enterprise by its name, licence or id."""
Code = Annotated[str, Field(max_length=12, pattern=r"^\d{2,12}$", json_schema_extra={"kind": "region"})]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Licence = Annotated[str, Field(min_length=1, max_length=40)]
Vin = Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{17}$")]
Phone = Annotated[str, Field(max_length=30, pattern=r"^[0-9+() *-]*$")]


def _split(given: Any) -> Any:
    """A text is several categories by name; an error of ours becomes one of the form."""
    if not isinstance(given, str):
        return given
    try:
        return list(read_categories(given))
    except Invalid as error:
        raise ValueError(error.detail["zh"]) from error


Business = Annotated[
    list[CategoryCode],
    BeforeValidator(_split),
    Field(max_length=len(CODES), json_schema_extra={"enum_id": "category"}),
]


def _number(least: float, most: float, unit: str | None = None) -> Any:
    return Field(ge=least, le=most, json_schema_extra={"unit": unit, "list": False, "sort": True})


Seats = Annotated[int, _number(0, 200)]
Axles = Annotated[int, _number(1, 20)]
Mass = Annotated[int, _number(0, 200_000, "kg")]
Length = Annotated[float, _number(0.5, 60, "m")]


class EnterpriseRow(BaseModel):
    """A carrier in a list."""

    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    name: str = Field(json_schema_extra={"sort": True})
    short_name: str | None = Field(json_schema_extra={"sort": True, "list": False})
    licence: str | None = Field(json_schema_extra={"sort": True})
    category: CategoryCode = Field(json_schema_extra=_CATEGORY)
    business: list[str] = Field(json_schema_extra=_QUIET)
    parent: str | None = Field(json_schema_extra=_QUIET)
    region: str = Field(json_schema_extra=_REGION)
    active: bool = Field(json_schema_extra=_PICKED)
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    updated_ms: int = Field(json_schema_extra=_QUIET_TIME)
    revision: int = Field(json_schema_extra=_QUIET)


class EnterpriseForm(Form):
    name: Name
    region: Code
    category: Annotated[CategoryCode, Field(json_schema_extra=_CATEGORY)]
    short_name: Annotated[str | None, Field(max_length=60)] = None
    licence: Licence | None = None
    business: Business | None = None
    parent: Id | None = None


class EnterpriseEdit(Form):
    name: Name | None = None
    region: Code | None = None
    category: Annotated[CategoryCode | None, Field(json_schema_extra=_CATEGORY)] = None
    short_name: Annotated[str | None, Field(max_length=60)] = None
    licence: Licence | None = None
    business: Business | None = None


class VehicleRow(BaseModel):
    """A vehicle in a list."""

    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    plate: str = Field(json_schema_extra={"sort": True})
    plate_colour: PlateColour = Field(json_schema_extra=_COLOUR)
    category: CategoryCode = Field(json_schema_extra=_CATEGORY)
    enterprise_name: str | None = Field(json_schema_extra={"sort": True})
    enterprise: str | None = Field(json_schema_extra={"filter": True, "list": False})
    region: str = Field(json_schema_extra=_REGION)
    vin: str | None = Field(json_schema_extra={"sort": True, "list": False})
    model: str | None = Field(json_schema_extra={"sort": True, "list": False})
    energy: Energy | None = Field(json_schema_extra=_ENERGY)
    seats: Seats | None
    axles: Axles | None
    load_kg: Mass | None
    gross_mass_kg: Mass | None
    length_m: Length | None
    transport_licence: str | None = Field(json_schema_extra=_QUIET)
    active: bool = Field(json_schema_extra=_PICKED)
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    updated_ms: int = Field(json_schema_extra=_QUIET_TIME)
    revision: int = Field(json_schema_extra=_QUIET)


class VehicleForm(Form):
    plate: Annotated[str, Field(min_length=7, max_length=12)]
    plate_colour: Annotated[PlateColour, Field(json_schema_extra=_COLOUR)]
    category: Annotated[CategoryCode, Field(json_schema_extra=_CATEGORY)]
    enterprise: Owner | None = None
    region: Code | None = None
    vin: Vin | None = None
    model: Annotated[str | None, Field(max_length=60)] = None
    energy: Annotated[Energy | None, Field(json_schema_extra=_ENERGY)] = None
    seats: Seats | None = None
    axles: Axles | None = None
    load_kg: Mass | None = None
    gross_mass_kg: Mass | None = None
    length_m: Length | None = None
    transport_licence: Licence | None = None


class VehicleEdit(Form):
    plate: Annotated[str | None, Field(min_length=7, max_length=12)] = None
    plate_colour: Annotated[PlateColour | None, Field(json_schema_extra=_COLOUR)] = None
    category: Annotated[CategoryCode | None, Field(json_schema_extra=_CATEGORY)] = None
    enterprise: Owner | None = None
    region: Code | None = None
    vin: Vin | None = None
    model: Annotated[str | None, Field(max_length=60)] = None
    energy: Annotated[Energy | None, Field(json_schema_extra=_ENERGY)] = None
    seats: Seats | None = None
    axles: Axles | None = None
    load_kg: Mass | None = None
    gross_mass_kg: Mass | None = None
    length_m: Length | None = None
    transport_licence: Licence | None = None


class DriverRow(BaseModel):
    """A driver in a list; numbers are masked."""

    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    name: str = Field(json_schema_extra={"sort": True})
    driving_licence: str
    licence_class: str | None = Field(json_schema_extra=_PICKED)
    qualification: str | None
    phone: str | None
    enterprise_name: str | None = Field(json_schema_extra={"sort": True})
    enterprise: str = Field(json_schema_extra={"filter": True, "list": False})
    region: str = Field(json_schema_extra=_REGION)
    active: bool = Field(json_schema_extra=_PICKED)
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    updated_ms: int = Field(json_schema_extra=_QUIET_TIME)
    revision: int = Field(json_schema_extra=_QUIET)


class DriverForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    driving_licence: Licence
    enterprise: Owner
    licence_class: Annotated[str | None, Field(max_length=10)] = None
    qualification: Licence | None = None
    phone: Phone | None = None
    region: Code | None = None


class DriverEdit(Form):
    name: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    driving_licence: Licence | None = None
    enterprise: Owner | None = None
    licence_class: Annotated[str | None, Field(max_length=10)] = None
    qualification: Licence | None = None
    phone: Phone | None = None
    region: Code | None = None


class AreaRow(BaseModel):
    """An area for supervision in a list."""

    id: str = Field(json_schema_extra=_QUIET)
    name: str = Field(json_schema_extra={"sort": True})
    kind: AreaKind = Field(json_schema_extra=_PICKED)
    limit_kmh: float | None = Field(json_schema_extra={"unit": "km/h", "sort": True})
    width_m: float | None = Field(json_schema_extra={"unit": "m", "list": False})
    cause: str = Field(json_schema_extra=_QUIET)
    region: str = Field(json_schema_extra=_REGION)
    organisation: str | None = Field(json_schema_extra=_QUIET)
    valid_from_ms: int = Field(json_schema_extra={"kind": "time", "sort": True})
    valid_to_ms: int | None = Field(json_schema_extra={"kind": "time", "sort": True})
    created_ms: int = Field(json_schema_extra=_QUIET_TIME)
    revision: int = Field(json_schema_extra=_QUIET)


class AreaForm(Form):
    """A new area. `geometry` is GeoJSON: a polygon, or a line with a width for a corridor."""

    name: Name
    kind: AreaKind
    geometry: dict[str, Any]
    region: Code
    width_m: Annotated[float | None, Field(ge=20, le=5_000)] = None
    limit_kmh: Annotated[float | None, Field(ge=5, le=120)] = None
    cause: Annotated[str, Field(pattern=r"^[a-z_]{0,20}$")] = ""
    categories: Annotated[
        list[CategoryCode],
        Field(max_length=len(CODES), default_factory=list, json_schema_extra={"enum_id": "category"}),
    ]
    vehicles: Annotated[list[Annotated[str, Field(max_length=140)]], Field(max_length=500, default_factory=list)]
    enterprise: Owner | None = None
    valid_from_ms: Annotated[int | None, Field(ge=0, le=1 << 53)] = None
    valid_to_ms: Annotated[int | None, Field(ge=0, le=1 << 53)] = None
