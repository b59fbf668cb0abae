"""HTTP of regions: their shapes, and what lies where."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Response

from tongqu.kernel.geo import service
from tongqu.kernel.geo.index import RegionIndex
from tongqu.kernel.geo.schemas import RegionHere, Where, Zone
from tongqu.kernel.web import Caller, signed_in
from tongqu.kit import crs
from tongqu.kit.errors import Invalid
from tongqu.kit.regions import level

MAX_AGE_S = 3600


def router() -> APIRouter:
    api = APIRouter()

    @api.get("/regions/{code}/shape", response_class=Response)
    def shape(
        code: str,
        zoom: Annotated[float, Query(ge=0, le=22, description="web map zoom the shape is drawn at")] = 10,
        at_ms: Annotated[int | None, Query(description="the moment, UTC ms; now by default")] = None,
        if_none_match: Annotated[str | None, Header()] = None,
        caller: Caller = signed_in(),
    ) -> Response:
        """The shape of a region as a GeoJSON feature, generalised to half a pixel of the zoom."""
        with caller.read() as work:
            found = service.region_shape(work, code, at_ms=at_ms)
        tag = f'"{found.code}-{found.version}-{zoom:g}"'
        headers = {"ETag": tag, "Cache-Control": f"private, max-age={MAX_AGE_S}"}
        if if_none_match and tag in if_none_match:
            return Response(status_code=304, headers=headers)
        feature = {
            "type": "Feature",
            "id": found.code,
            "bbox": found.geometry.bounds,
            "geometry": found.geometry.as_geojson(service.tolerance_deg(zoom)),
            "properties": {
                "code": found.code,
                "level": level(found.code),
                "valid_from_ms": found.valid_from_ms,
                "valid_to_ms": found.valid_to_ms,
                "version": found.version,
            },
        }
        return Response(orjson.dumps(feature), media_type="application/geo+json", headers=headers)

    @api.get("/where")
    def where(
        lon: Annotated[float, Query()],
        lat: Annotated[float, Query()],
        datum: Annotated[crs.Datum, Query(description="how lon and lat are to be read")] = crs.Datum.WGS84,
        caller: Caller = signed_in(),
    ) -> Where:
        """The regions a point lies in, and the same point in the other systems, each labelled."""
        fault = crs.fault_of(lon, lat)
        if fault is not None and fault is not crs.Fault.ZERO:
            raise Invalid(f"geo.{fault}", field="lon", lon=lon, lat=lat)
        x, y = (float(value) for value in crs.to_wgs84(lon, lat, datum))
        codes = caller.platform.service(RegionIndex).place(x, y)
        return Where(
            lon=x,
            lat=y,
            datum=crs.Datum.WGS84,
            region=codes[-1] if codes else None,
            regions=[RegionHere(code=code, level=level(code)) for code in codes],
            gcj02=_pair(crs.from_wgs84(x, y, crs.Datum.GCJ02)),
            bd09=_pair(crs.from_wgs84(x, y, crs.Datum.BD09)),
            zone=_zone(x, y),
        )

    return api


def _pair(point: Any) -> tuple[float, float]:
    return round(float(point.lon), 7), round(float(point.lat), 7)


def _zone(lon: float, lat: float) -> Zone | None:
    try:
        zone = crs.GaussZone(crs.zone_of(lon))
    except ValueError:
        return None
    easting, northing = (round(float(value), 3) for value in zone.project(lon, lat))
    return Zone(epsg=zone.epsg, zone=zone.zone, easting_m=easting, northing_m=northing)
