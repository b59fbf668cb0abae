"""Wire models of geo."""

from __future__ import annotations

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
