"""Wire models of navigation; lists of the page follow from them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from tongqu.domains.navigation.categories import Category

_QUIET: JsonDict = {"list": False}
_PICKED: JsonDict = {"filter": True, "sort": True}
_SORTED: JsonDict = {"sort": True}
_TIME: JsonDict = {"kind": "time", "sort": True}
_REGION: JsonDict = {"kind": "region", "list": False, **_PICKED}


class Transponder(StrEnum):
    """Class of the transponder."""

    A = "A"
    B = "B"
    SAR = "SAR"
    UNKNOWN = ""


class StationKind(StrEnum):
    BASE = "base"
    AID = "aid"


class Transport(StrEnum):
    TCP = "tcp"
    UDP = "udp"
    DIAL = "dial"


class ShipRow(BaseModel):
    """A ship in a list."""

    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    name: str | None = Field(json_schema_extra=_SORTED)
    mmsi: int = Field(json_schema_extra={"kind": "text", **_SORTED})
    category: Category = Field(json_schema_extra={"enum_id": "category", **_PICKED})
    call_sign: str | None = Field(json_schema_extra=_SORTED)
    imo: int | None = Field(json_schema_extra={"kind": "text", "list": False, **_SORTED})
    transponder: str = Field(json_schema_extra=_PICKED)
    ship_type: int | None = Field(json_schema_extra=_QUIET)
    length_m: int | None = Field(json_schema_extra={"unit": "m", **_SORTED})
    beam_m: int | None = Field(json_schema_extra={"unit": "m", "list": False, "sort": True})
    draught_m: float | None = Field(json_schema_extra={"unit": "m", "list": False, "sort": True})
    destination: str | None = Field(json_schema_extra=_SORTED)
    eta: str | None = Field(json_schema_extra=_QUIET)
    status: int | None = Field(json_schema_extra={"list": False, **_PICKED})
    mothership: int | None = Field(json_schema_extra={"kind": "text", "list": False})
    own: bool = Field(json_schema_extra=_QUIET)
    messages: int = Field(json_schema_extra=_SORTED)
    first_ms: int = Field(json_schema_extra={"list": False, **_TIME})
    heard_ms: int = Field(json_schema_extra=_TIME)
    region: str | None = Field(json_schema_extra=_REGION)


class StationRow(BaseModel):
    """A base station or an aid to navigation."""

    id: str = Field(json_schema_extra=_QUIET)
    mmsi: int = Field(json_schema_extra={"kind": "text", **_SORTED})
    kind: StationKind = Field(json_schema_extra={"enum_id": "station_kind", **_PICKED})
    name: str | None = Field(json_schema_extra=_SORTED)
    aid_type: int | None = Field(json_schema_extra=_SORTED)
    virtual: bool | None = Field(json_schema_extra=_PICKED)
    off_position: bool | None = Field(json_schema_extra=_PICKED)
    lon: float | None = Field(json_schema_extra={"unit": "°", "list": False})
    lat: float | None = Field(json_schema_extra={"unit": "°", "list": False})
    messages: int = Field(json_schema_extra=_SORTED)
    heard_ms: int = Field(json_schema_extra=_TIME)
    region: str | None = Field(json_schema_extra=_REGION)


class ReceiverRow(BaseModel):
    """A receiver and what came from it."""

    id: str = Field(json_schema_extra=_QUIET)
    name: str = Field(json_schema_extra=_SORTED)
    transport: Transport = Field(json_schema_extra={"enum_id": "transport", **_PICKED})
    address: str = Field(json_schema_extra={"list": False, "sort": True})
    online: bool = Field(json_schema_extra=_PICKED)
    lines: int = Field(json_schema_extra=_SORTED)
    sentences: int = Field(json_schema_extra=_SORTED)
    messages: int = Field(json_schema_extra=_SORTED)
    refused: int = Field(json_schema_extra=_SORTED)
    doubled: int = Field(json_schema_extra=_SORTED)
    last_reason: str | None = Field(json_schema_extra=_QUIET)
    heard_ms: int = Field(json_schema_extra=_TIME)
    region: str | None = Field(json_schema_extra=_REGION)
