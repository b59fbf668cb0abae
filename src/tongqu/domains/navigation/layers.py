"""The layer of base stations and aids to navigation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from tongqu.kernel import layers
from tongqu.kernel.geo import check
from tongqu.kernel.layers import Feature, Layer, LayerType, Legend, PropertyType
from tongqu.kernel.store import Work

_ID = "navigation.aids"
AIDS = Layer(
    id=_ID,
    group="network",
    type=LayerType.MVT,
    order=640,
    read="navigation.read",
    properties={"name": PropertyType.TEXT, "mmsi": PropertyType.TEXT, "letter": PropertyType.TEXT},
    style=(
        {
            "id": "dot",
            "type": "circle",
            "source-layer": _ID,
            "paint": {
                "circle-color": [
                    "match",
                    ["get", "class"],
                    "base",
                    "@place-station",
                    "off",
                    "@place-toll",
                    "@place-port",
                ],
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 2.5, 12, 6],
                "circle-stroke-color": "@map-halo",
                "circle-stroke-width": 1.2,
            },
        },
        {
            "id": "letter",
            "type": "symbol",
            "source-layer": _ID,
            "minzoom": 11,
            "layout": {"text-field": ["get", "letter"], "text-size": 9, "text-allow-overlap": True},
            "paint": {"text-color": "@map-halo"},
        },
        {
            "id": "name",
            "type": "symbol",
            "source-layer": _ID,
            "minzoom": 11,
            "layout": {"text-field": ["get", "name"], "text-size": 12, "text-anchor": "left", "text-offset": [0.7, 0]},
            "paint": {"text-color": "@map-label", "text-halo-color": "@map-halo", "text-halo-width": 1.2},
        },
    ),
    legend=(
        Legend("aid", "@place-port", "point"),
        Legend("off", "@place-toll", "point"),
        Legend("base", "@place-station", "point"),
    ),
)
_LETTER = {"base": "B", "aid": "N", "off": "!"}


def draw(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Draw stations whose place is known."""
    features = []
    for row in rows:
        if row["lon"] is None or row["lat"] is None or not (row["region"] or row["organisation"]):
            continue
        kind = "off" if row["off_position"] else row["kind"]
        features.append(
            Feature(
                row["id"],
                check(shapely.Point(row["lon"], row["lat"])),
                kind,
                {"name": row["name"] or row["id"], "mmsi": row["id"], "letter": _LETTER[kind]},
                organisation=row["organisation"],
                region=row["region"],
            )
        )
    if features:
        layers.put(work, AIDS, features)


LAYERS = (AIDS,)
