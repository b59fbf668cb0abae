"""Verbs of layers: what is drawn changes here and nowhere else.

Features are read models of what some room or domain keeps; whether a change is allowed was decided there. So these
verbs act as the platform itself inside the caller's unit of work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tongqu.kernel.geo import Bounds, Geometry
from tongqu.kernel.layers.declare import Feature, Layer, LayerType, PropertyType
from tongqu.kernel.layers.store import records
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound

THEMES = ("light", "dark")
_FOREVER_MS = 1 << 62
_PNG = b"\x89PNG\r\n\x1a\n"
_JSON_TYPES: dict[PropertyType, tuple[type, ...]] = {
    PropertyType.TEXT: (str,),
    PropertyType.INTEGER: (int,),
    PropertyType.NUMBER: (int, float),
    PropertyType.BOOLEAN: (bool,),
}


def declared_layers(platform: Platform) -> dict[str, Layer]:
    """All layers that modules declare, by id, bottom to top."""
    layers = [layer for module in platform.modules for layer in module.layers]
    return {layer.id: layer for layer in sorted(layers, key=lambda layer: (layer.order, layer.id))}


def find_layer(platform: Platform, layer_id: str) -> Layer:
    """A declared layer.

    Raises:
        NotFound: `layers.unknown`.
    """
    found = declared_layers(platform).get(layer_id)
    if found is None:
        raise NotFound("layers.unknown", layer=layer_id)
    return found


def put(work: Work, layer: Layer, features: Iterable[Feature]) -> None:
    """Draw features; one with the same id and begin of validity is replaced.

    Raises:
        Invalid: `layers.bad_property`, `layers.no_owner` or `layers.not_features`; nothing of the call is kept.
    """
    rows = [_row(layer, feature) for feature in features]
    if rows:
        system = work.as_system("layers")
        records.put_features(system, rows)
        records.next_version(system, layer.id)


def replace(work: Work, layer: Layer, features: Iterable[Feature], within: str = "") -> None:
    """Draw these features and no others; with `within`, no others whose id begins with it.

    Raises:
        Invalid: as `put`.
    """
    rows = [_row(layer, feature) for feature in features]
    system = work.as_system("layers")
    records.remove_features(system, layer.id, None, within)
    records.put_features(system, rows)
    records.next_version(system, layer.id)


def remove(work: Work, layer: Layer, ids: Collection[str]) -> None:
    """Draw features no longer; ids that are not there do no harm."""
    system = work.as_system("layers")
    records.remove_features(system, layer.id, ids)
    records.next_version(system, layer.id)


def names(work: Work, layer: Layer, prefix: str) -> set[str]:
    """Ids of the features of a layer that begin with a prefix."""
    return records.names(work.as_system("layers"), layer.id, prefix)


def drawn(work: Work, layer: Layer) -> list[Feature]:
    """What a layer holds at this moment, for rooms that reckon with what is drawn (the settlements of the map)."""
    rows = records.features(work.as_system("layers"), layer.id)
    there = (row for row in rows if row["valid_from_ms"] <= work.now_ms < (row["valid_to_ms"] or _FOREVER_MS))
    return [
        Feature(
            row["feature"],
            Geometry.of_columns(row),
            row["kind"],
            orjson.loads(row["properties"]),
            row["min_zoom"],
            row["rank"],
            row["organisation"],
            row["region"],
            row["valid_from_ms"],
            row["valid_to_ms"],
        )
        for row in there
    ]


@dataclass(frozen=True)
class Picture:
    """A picture that is kept: its SHA-256 and size in bytes."""

    sha256: str
    size: int


def keep_image(platform: Platform, png: bytes) -> Picture:
    """Write the file of a picture, outside of any unit of work; its name is its hash, so nothing is overwritten.

    Raises:
        Invalid: `layers.not_an_image`.
    """
    if not png.startswith(_PNG):
        raise Invalid("layers.not_an_image")
    picture = Picture(hashlib.sha256(png).hexdigest(), len(png))
    target = image_file(platform, picture.sha256)
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".new")
        draft.write_bytes(png)
        draft.replace(target)
    return picture


def put_image(work: Work, layer: Layer, theme: str, picture: Picture, bounds: Bounds) -> None:
    """Draw a kept picture.

    Args:
        theme: `light` or `dark`.
        picture: regular in Web Mercator.
        bounds: west, south, east, north in degrees.

    Raises:
        Invalid: `layers.no_images`.
    """
    if layer.type is not LayerType.IMAGE or theme not in THEMES:
        raise Invalid("layers.no_images", layer=layer.id, theme=theme)
    sides = dict(zip(("west", "south", "east", "north"), bounds, strict=True))
    system = work.as_system("layers")
    row = {"layer": layer.id, "theme": theme, "sha256": picture.sha256, "size": picture.size, **sides}
    records.put_image(system, row)
    records.next_version(system, layer.id)


def image_file(platform: Platform, digest: str) -> Path:
    return platform.settings.data / "layers" / f"{digest}.png"


def _row(layer: Layer, feature: Feature) -> dict[str, Any]:
    if layer.type not in (LayerType.MVT, LayerType.GEOJSON):
        raise Invalid("layers.not_features", layer=layer.id, type=layer.type)
    for name, value in feature.properties.items():
        kind = layer.properties.get(name)
        fits = value is None or kind is None or isinstance(value, _JSON_TYPES[kind])
        if not fits or (isinstance(value, bool) and kind not in (None, PropertyType.BOOLEAN)):
            raise Invalid("layers.bad_property", field=name, name=name, layer=layer.id, feature=feature.id, type=kind)
    if not layer.open and feature.organisation is None and feature.region is None:
        raise Invalid("layers.no_owner", field="region", layer=layer.id, feature=feature.id)
    return {
        "layer": layer.id,
        "feature": feature.id,
        "kind": feature.kind,
        **feature.geometry.as_columns(),
        "properties": orjson.dumps(dict(feature.properties)).decode(),
        "min_zoom": feature.min_zoom,
        "rank": feature.rank,
        "organisation": feature.organisation,
        "region": feature.region,
        "valid_from_ms": feature.valid_from_ms,
        "valid_to_ms": feature.valid_to_ms,
    }
