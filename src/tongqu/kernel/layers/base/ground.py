"""Relief, land cover and water."""

from __future__ import annotations

from tongqu.kernel.layers.base.styling import by_class, by_zoom, fill, is_class, label, line
from tongqu.kernel.layers.declare import Layer, LayerType, Legend, PropertyType

_TEXT = PropertyType.TEXT
_COVER = {
    "forest": "@map-forest",
    "farmland": "@map-farmland",
    "urban": "@map-urban",
    "tidal_flat": "@map-tidal",
    "site": "@map-port",
}
_LANDCOVER, _WATER = "layers.landcover", "layers.water"

RELIEF = Layer(
    id="layers.relief",
    group="ground",
    type=LayerType.IMAGE,
    order=100,
    open=True,
    style=({"id": "relief", "type": "raster", "paint": {"raster-opacity": by_zoom((5, 1.0), (12, 0.85), (15, 0.4))}},),
)

LANDCOVER = Layer(
    id=_LANDCOVER,
    group="ground",
    type=LayerType.MVT,
    order=200,
    open=True,
    properties={"name": _TEXT, "name_en": _TEXT, "kind": _TEXT},
    style=(
        fill(
            _LANDCOVER,
            "cover",
            by_class(_COVER, "@map-land"),
            is_class("forest", "farmland", "tidal_flat"),
            fill_opacity=by_zoom((6, 0.35), (12, 0.55), (15, 0.8)),
        ),
        fill(_LANDCOVER, "urban", "@map-urban", is_class("urban"), fill_opacity=by_zoom((6, 0.6), (12, 0.8))),
        fill(_LANDCOVER, "site", "@map-port", is_class("site"), fill_opacity=0.9),
    ),
    legend=tuple(Legend(kind, color, "fill") for kind, color in _COVER.items()),
)

FADE_STEPS = 8
"""Steps in which the edge of a sea that goes on beyond what is known fades into the ground."""

WATER = Layer(
    id=_WATER,
    group="ground",
    type=LayerType.MVT,
    order=300,
    open=True,
    properties={"name": _TEXT, "name_en": _TEXT, "order": PropertyType.INTEGER},
    style=(
        fill(_WATER, "sea", "@map-sea", is_class("sea")),
        fill(
            _WATER,
            "fade",
            "@map-land",
            is_class("fade"),
            fill_opacity=["/", ["get", "order"], FADE_STEPS],
            fill_antialias=False,
        ),
        line(
            _WATER,
            "stream",
            "@map-river",
            by_zoom((7, 0.6), (10, 1.2), (14, ["match", ["get", "order"], 1, 4.0, 2, 2.6, 1.6]), base=1.4),
            is_class("stream"),
        ),
        fill(_WATER, "water", "@map-water", is_class("river", "lake")),  # over the lines that run through them
        {
            "id": "stream-name",
            "type": "symbol",
            "source-layer": _WATER,
            "minzoom": 10,
            "filter": is_class("stream"),
            "layout": {
                "text-field": ["get", "name"],
                "text-size": by_zoom((10, 12), (14, 14)),
                "symbol-placement": "line",
                "symbol-spacing": 420,
                "text-letter-spacing": 0.15,
                "text-max-angle": 35,
            },
            "paint": {"text-color": "@map-water-label", "text-halo-color": "@map-halo", "text-halo-width": 1},
        },
        label(
            _WATER,
            "water-name",
            color="@map-water-label",
            size=by_zoom((7, 12), (12, 15)),
            where=is_class("label"),
            layout={"text-letter-spacing": 0.2},
        ),
    ),
    legend=(
        Legend("sea", "@map-sea", "fill"),
        Legend("lake", "@map-water", "fill"),
        Legend("stream", "@map-river", "line"),
    ),
)
