"""Features as they are stored, as an actor sees them: single, by box, or all of a layer for an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from tongqu.kernel.geo import Bounds
from tongqu.kernel.layers.declare import Layer, LayerType
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.visible import visible
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kit.errors import NotFound

MOST = 5000


def page_of(
    platform: Platform,
    actor: Actor,
    layer: Layer,
    *,
    box: Bounds | None = None,
    feature: str | None = None,
    after: str = "",
    limit: int = MOST,
    at_ms: int | None = None,
) -> list[dict[str, Any]]:
    """GeoJSON features by id, those after an id.

    Raises:
        NotFound: `layers.no_features` for a layer without features.
        Forbidden: the layer is not for the actor.
        Unavailable: `layers.building`.
    """
    if layer.type not in (LayerType.MVT, LayerType.GEOJSON):
        raise NotFound("layers.no_features", layer=layer.id)
    seen = visible(actor, layer)
    projector = platform.service(Projector)
    moment = platform.clock.now_ms() if at_ms is None else at_ms
    rows = projector.read(
        layer,
        lambda built: projector.projection.features(
            layer, built, seen, moment, box=box, feature=feature, after=after, limit=limit
        ),
    )
    return [_geojson(layer, row) for row in rows]


def all_of(platform: Platform, actor: Actor, layer: Layer, at_ms: int) -> Iterator[bytes]:
    """A GeoJSON file of everything an actor sees of a layer, in parts.

    Raises:
        as `page_of`, before the first part.
    """
    first = page_of(platform, actor, layer, at_ms=at_ms)

    def parts() -> Iterator[bytes]:
        yield b'{"type":"FeatureCollection","features":['
        rows, comma = first, b""
        while rows:
            yield comma + b",".join(orjson.dumps(row) for row in rows)
            comma = b","
            rows = page_of(platform, actor, layer, after=rows[-1]["id"], at_ms=at_ms) if len(rows) == MOST else []
        yield b"]}"

    return parts()


def _geojson(layer: Layer, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": orjson.loads(row["geometry"]),
        "properties": {"class": row["class"], **{name: row[name] for name in layer.properties}},
        "valid_from_ms": row["valid_from_ms"],
        "valid_to_ms": row["valid_to_ms"],
    }
