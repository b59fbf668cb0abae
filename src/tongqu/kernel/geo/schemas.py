"""Wire models of geo."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from tongqu.kit.crs import Datum


class RegionHere(BaseModel):
    """A region that holds a point."""

    code: str
    level: str


class Zone(BaseModel):
    """A point in its 3-degree Gauss-Krüger zone of CGCS2000; the easting carries the zone number before it."""

    epsg: int
    zone: int
    easting_m: float
    northing_m: float


class Where(BaseModel):
    """What lies at a point."""

    lon: float = Field(description="degrees, WGS-84 / CGCS2000")
    lat: float
    datum: Datum = Field(description="datum of lon and lat: always wgs84")
    region: str | None = Field(description="code of the smallest region that holds the point")
    regions: list[RegionHere] = Field(description="the regions that hold the point, the largest first")
    gcj02: tuple[float, float] = Field(description="lon, lat in GCJ-02")
    bd09: tuple[float, float] = Field(description="lon, lat in BD-09")
    zone: Zone | None = Field(description="None outside the zones of China")


class PlaceHere(BaseModel):
    """A place on a route."""

    route: int
    number: str
    region: str = Field(description="within which the number counts")
    stake_m: float = Field(description="calibrated chainage")
    stake: str = Field(description="`K45+200`")
    branch: str = Field(description="letter where a long broken chain gives the stake twice")
    prefix: str = Field(description="letter of the alignment, empty for the main line")
    direction: Literal["up", "down", "both"]
    offset_m: float = Field(description="of the point from the line, positive to the right of rising stakes")
    side: Literal["left", "right", "on"]
    lon: float = Field(description="of the place on the line")
    lat: float
    estimated: bool = Field(description="the calibration there was not measured")
    text: dict[str, str] = Field(description="`G9901 K45+200 下行`, in both languages")


class StakesHere(BaseModel):
    """What stakes are near a point, the point in WGS-84."""

    lon: float
    lat: float
    places: list[PlaceHere]


class RouteHere(BaseModel):
    """A route that a number may mean."""

    id: int
    number: str
    region: str
    name: str
    name_en: str | None


class StakeAnswer(BaseModel):
    """The places of a stake; without any, the reason; where the region decides, the routes it may mean."""

    places: list[PlaceHere]
    routes: list[RouteHere]
    code: str | None
    reason: dict[str, str] | None
