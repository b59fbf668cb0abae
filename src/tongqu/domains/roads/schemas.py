"""Wire models of roads; lists and forms of the page follow from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from tongqu.domains.roads.kinds import FacilityKind, RoadClass
from tongqu.kernel.geo.schemas import PlaceHere
from tongqu.kernel.identity.schemas import Form

_QUIET: JsonDict = {"list": False}
_SORTED: JsonDict = {"sort": True}
_PICKED: JsonDict = {"filter": True, "sort": True}
_REGION: JsonDict = {"kind": "region", **_PICKED}
_TIME: JsonDict = {"kind": "time", "sort": True, "list": False}
_FACILITY: JsonDict = {"enum_id": "facility", **_PICKED}
_CLASS: JsonDict = {"enum_id": "road_class", **_PICKED}
_DIRECTION: JsonDict = {"enum_id": "direction", **_PICKED}
_SIDE: JsonDict = {"enum_id": "side", "list": False}
_METRES: JsonDict = {"unit": "m", "list": False, "sort": True}

Direction = Literal["both", "up", "down"]
Side = Literal["both", "left", "right", "median"]
Code = Annotated[str, Field(max_length=12, pattern=r"^\d{2,12}$", json_schema_extra={"kind": "region"})]
Stake = Annotated[str, Field(min_length=2, max_length=40)]


class RouteRow(BaseModel):
    """A route in a list; stakes and length are of its lines as they are now."""

    id: int = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    number: str = Field(json_schema_extra=_SORTED)
    name: str = Field(json_schema_extra=_SORTED)
    name_en: str | None = Field(json_schema_extra=_QUIET)
    road_class: RoadClass = Field(json_schema_extra=_CLASS)
    region: str = Field(json_schema_extra=_REGION)
    first_stake: str | None
    last_stake: str | None
    length_km: float = Field(json_schema_extra={"unit": "km"})
    calibrated: bool
    source: str = Field(json_schema_extra={"list": False, **_PICKED})


class FacilityRow(BaseModel):
    """Something along a road in a list."""

    id: str = Field(json_schema_extra=_QUIET)
    urn: str = Field(json_schema_extra={"kind": "urn", "list": False})
    kind: FacilityKind = Field(json_schema_extra=_FACILITY)
    name: str = Field(json_schema_extra=_SORTED)
    code: str | None = Field(json_schema_extra={"sort": True, "list": False})
    number: str = Field(json_schema_extra=_PICKED)
    stake: str
    end_stake: str | None = Field(json_schema_extra=_QUIET)
    direction: Direction = Field(json_schema_extra=_DIRECTION)
    side: Side = Field(json_schema_extra=_SIDE)
    lane: int = Field(json_schema_extra=_QUIET)
    stake_m: float = Field(json_schema_extra=_METRES)
    end_stake_m: float | None = Field(json_schema_extra=_METRES)
    route: int = Field(json_schema_extra={"filter": True, "list": False})
    route_region: str = Field(json_schema_extra={"kind": "region", "list": False})
    region: str = Field(json_schema_extra=_REGION)
    lon: float | None = Field(json_schema_extra=_QUIET)
    lat: float | None = Field(json_schema_extra=_QUIET)
    active: bool = Field(json_schema_extra={"list": False, **_PICKED})
    created_ms: int = Field(json_schema_extra=_TIME)
    updated_ms: int = Field(json_schema_extra=_TIME)
    revision: int = Field(json_schema_extra=_QUIET)


class FacilityForm(Form):
    kind: Annotated[FacilityKind, Field(json_schema_extra=_FACILITY)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    number: Annotated[str, Field(min_length=1, max_length=20)]
    stake: Stake
    route_region: Code | None = None
    end_stake: Stake | None = None
    direction: Annotated[Direction | None, Field(json_schema_extra=_DIRECTION)] = None
    side: Annotated[Side | None, Field(json_schema_extra=_SIDE)] = None
    lane: Annotated[int | None, Field(ge=0, le=12)] = None
    code: Annotated[str | None, Field(max_length=40)] = None
    region: Code | None = None


class FacilityEdit(Form):
    name: Annotated[str | None, Field(min_length=1, max_length=120)] = None
    stake: Stake | None = None
    end_stake: Stake | None = None
    direction: Annotated[Direction | None, Field(json_schema_extra=_DIRECTION)] = None
    side: Annotated[Side | None, Field(json_schema_extra=_SIDE)] = None
    lane: Annotated[int | None, Field(ge=0, le=12)] = None
    code: Annotated[str | None, Field(max_length=40)] = None
    region: Code | None = None


class SourceRow(BaseModel):
    """A file that the network was taken from."""

    id: int = Field(json_schema_extra=_QUIET)
    name: str = Field(json_schema_extra=_SORTED)
    kind: str
    region: str | None = Field(json_schema_extra={"kind": "region"})
    links: int = Field(json_schema_extra=_SORTED)
    routes: int = Field(json_schema_extra=_SORTED)
    made_ms: int | None = Field(json_schema_extra=_TIME)
    taken_ms: int = Field(json_schema_extra={"kind": "time", "sort": True})


class MarkIn(Form):
    """A mark as it is sent: its place by way along the line or by a point, and its stakes as written."""

    along_m: Annotated[float | None, Field(ge=0)] = None
    lon: float | None = None
    lat: float | None = None
    stake: Stake
    ahead: Annotated[Stake | None, Field(description="the stake that goes on, at a broken chain")] = None


class Calibration(Form):
    """Marks of a line, all of them, from a moment on."""

    marks: Annotated[list[MarkIn], Field(max_length=5_000)]
    valid_from_ms: Annotated[int | None, Field(ge=0, description="now by default")] = None


class MarkOut(BaseModel):
    """A mark: way along the line, stakes, and the place."""

    along_m: float
    back: str
    ahead: str
    back_m: float
    ahead_m: float
    chain: Literal["long", "short"] | None
    source: str
    lon: float
    lat: float


class LineOut(BaseModel):
    """A line of a route with its calibration."""

    id: int
    direction: Direction
    prefix: str
    part: int
    length_m: float
    first_stake: str | None
    last_stake: str | None
    valid_from_ms: int
    bbox: tuple[float, float, float, float]
    marks: list[MarkOut]
    chains: list[MarkOut] = Field(description="the marks that are broken chains")


class RouteOut(RouteRow):
    """A route with its lines."""

    lines: list[LineOut]


class AlongOut(BaseModel):
    """What lies along a stretch of a route."""

    items: list[FacilityRow]
    total: int


class Odd(BaseModel):
    """What is odd about a calibration but no contradiction."""

    problems: list[dict[str, Any]]
    places: list[PlaceHere] = []
