"""The map layer of areas for supervision."""

from __future__ import annotations

from tongqu.kernel.layers import Layer, LayerType, Legend, PropertyType

_COLOURS = {"keep_out": "@category-6", "keep_in": "@category-4", "corridor": "@category-1", "speed": "@category-3"}
_COLOUR = ["match", ["get", "class"], *[part for pair in _COLOURS.items() for part in pair], "@category-7"]
AREAS = Layer(
    id="fleets.areas",
    group="live",
    type=LayerType.MVT,
    order=820,
    properties={"name": PropertyType.TEXT, "limit_kmh": PropertyType.NUMBER},
    read="fleets.read",
    style=(
        {
            "id": "fill",
            "type": "fill",
            "source-layer": "fleets.areas",
            "paint": {"fill-color": _COLOUR, "fill-opacity": 0.12},
        },
        {
            "id": "edge",
            "type": "line",
            "source-layer": "fleets.areas",
            "paint": {"line-color": _COLOUR, "line-width": 2, "line-dasharray": [3, 2]},
        },
        {
            "id": "name",
            "type": "symbol",
            "source-layer": "fleets.areas",
            "minzoom": 8,
            "layout": {"text-field": ["get", "name"], "text-size": 12},
            "paint": {"text-color": "@map-label", "text-halo-color": "@map-halo", "text-halo-width": 1.5},
        },
    ),
    legend=tuple(Legend(kind, colour, "fill") for kind, colour in _COLOURS.items()),
)
