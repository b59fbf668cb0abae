"""HTTP of layers: the list, tiles, pictures, features, exports."""

from __future__ import annotations

import gzip
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from tongqu.kernel.layers import features as features_module
from tongqu.kernel.layers import service
from tongqu.kernel.layers.catalogue import catalogue
from tongqu.kernel.layers.declare import Layer
from tongqu.kernel.layers.mercator import Tile
from tongqu.kernel.layers.schemas import FeatureCollection, LayerEntry
from tongqu.kernel.layers.store import records
from tongqu.kernel.layers.tiles import Tiles, etag_of
from tongqu.kernel.layers.visible import visible
from tongqu.kernel.web import Caller, signed_in
from tongqu.kit.errors import Invalid, NotFound

MVT = "application/vnd.mapbox-vector-tile"
_DAY_S = 86_400
AtMs = Annotated[int | None, Query(description="the moment, UTC ms; now by default")]
IfNoneMatch = Annotated[str | None, Header()]


def router() -> APIRouter:
    api = APIRouter(prefix="/layers", tags=["layers"])

    @api.get("")
    def list_layers(caller: Caller = signed_in()) -> list[LayerEntry]:
        """The layers that may be drawn, bottom to top."""
        with caller.read() as work:
            return catalogue(caller.platform, work)

    @api.get("/{layer_id}/tiles/{z}/{x}/{y}.mvt", response_class=Response)
    def tile(
        layer_id: str,
        z: int,
        x: int,
        y: int,
        at_ms: AtMs = None,
        if_none_match: IfNoneMatch = None,
        accept_encoding: Annotated[str, Header()] = "",
        caller: Caller = signed_in(),
    ) -> Response:
        """A Mapbox vector tile (2.1) of what the caller sees of a layer; empty where there is nothing."""
        layer, wanted = service.find_layer(caller.platform, layer_id), Tile(z, x, y)
        tiles = caller.platform.service(Tiles)
        tag = etag_of(tiles.key(caller.actor, layer, wanted, at_ms))
        headers = {"ETag": tag, "Vary": "Accept-Encoding", **_caching(layer)}
        if _matches(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        content = tiles.tile(caller.actor, layer, wanted, at_ms).gzipped
        if "gzip" in accept_encoding:
            headers["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, media_type=MVT, headers=headers)

    @api.get("/{layer_id}/image.png", response_class=Response)
    def image(
        layer_id: str,
        theme: Literal["light", "dark"] = "light",
        if_none_match: IfNoneMatch = None,
        caller: Caller = signed_in(),
    ) -> Response:
        """The picture of a layer for a theme, regular in Web Mercator over the layer's bounds."""
        layer = service.find_layer(caller.platform, layer_id)
        visible(caller.actor, layer)
        with caller.read() as work:
            row = records.image(work, layer.id, theme)
        if row is None:
            raise NotFound("layers.no_image", layer=layer.id, theme=theme)
        headers = {"ETag": f'"{row["sha256"][:20]}"', **_caching(layer)}
        if _matches(if_none_match, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        content = service.image_file(caller.platform, row["sha256"]).read_bytes()
        return Response(content, media_type="image/png", headers=headers)

    @api.get("/{layer_id}/features")
    def list_features(
        layer_id: str,
        bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
        limit: Annotated[int, Query(ge=1, le=features_module.MOST)] = features_module.MOST,
        cursor: Annotated[str, Query(max_length=120)] = "",
        at_ms: AtMs = None,
        caller: Caller = signed_in(),
    ) -> FeatureCollection:
        """Features as they are stored, by id, a page at a time."""
        layer = service.find_layer(caller.platform, layer_id)
        found = features_module.page_of(
            caller.platform, caller.actor, layer, box=_box(bbox), after=cursor, limit=limit, at_ms=at_ms
        )
        return FeatureCollection(features=found, next=found[-1]["id"] if len(found) == limit else None)

    @api.get("/{layer_id}/features/{feature}")
    def get_feature(layer_id: str, feature: str, at_ms: AtMs = None, caller: Caller = signed_in()) -> dict[str, Any]:
        """One feature as a GeoJSON feature."""
        layer = service.find_layer(caller.platform, layer_id)
        found = features_module.page_of(caller.platform, caller.actor, layer, feature=feature, limit=1, at_ms=at_ms)
        if not found:
            raise NotFound("layers.unknown_feature", layer=layer.id, feature=feature)
        return found[0]

    @api.get("/{layer_id}/export.geojson", response_class=StreamingResponse)
    def export(layer_id: str, at_ms: AtMs = None, caller: Caller = signed_in()) -> StreamingResponse:
        """All the caller sees of a layer as one GeoJSON file."""
        layer = service.find_layer(caller.platform, layer_id)
        moment = caller.platform.clock.now_ms() if at_ms is None else at_ms
        parts = features_module.all_of(caller.platform, caller.actor, layer, moment)
        headers = {"Content-Disposition": f'attachment; filename="{layer.id}.geojson"', "Cache-Control": "no-store"}
        return StreamingResponse(parts, media_type="application/geo+json", headers=headers)

    return api


def _caching(layer: Layer) -> dict[str, str]:
    """Open layers may lie in the browser for a day (their address carries the version); others are asked for anew."""
    return {"Cache-Control": f"private, max-age={_DAY_S}" if layer.open else "private, no-cache"}


def _matches(if_none_match: str | None, tag: str) -> bool:
    return if_none_match is not None and tag in [one.strip().removeprefix("W/") for one in if_none_match.split(",")]


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Invalid("layers.bad_box", field="bbox", value=text) from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid("layers.bad_box", field="bbox", value=text)
    return west, south, east, north
