"""Lines and stops of the live feeds on the one map."""

from __future__ import annotations

from typing import Any

from tongqu.domains.travel.modes import MODES
from tongqu.kernel.layers import Layer, LayerType, Legend, PropertyType

_CLASS: list[Any] = ["get", "class"]
_NAMED = {"name": PropertyType.TEXT, "name_en": PropertyType.TEXT, "feed": PropertyType.TEXT}


def _by_mode(attribute: str, factor: float = 1.0) -> list[Any]:
    values = [(mode.code, getattr(mode, attribute)) for mode in MODES]
    pairs = [part for code, value in values for part in (code, value * factor if attribute == "width" else value)]
    return ["match", _CLASS, *pairs, values[-1][1]]


_NAME: list[Any] = ["get", "name"]
_FREE: list[Any] = ["concat", _NAME, "\n", ["get", "vehicles"], " / ", ["coalesce", ["get", "places"], "∞"]]
_BIKES_FREE: list[Any] = ["step", ["zoom"], _NAME, 15, ["case", ["has", "vehicles"], _FREE, _NAME]]
"""The name, and from near vehicles and places: 12 / 8."""


def _label(layer: str, min_zoom: float, words: Any = _NAME, **layout: Any) -> dict[str, Any]:
    return {
        "id": "name",
        "type": "symbol",
        "source-layer": layer,
        "minzoom": min_zoom,
        "layout": {"text-field": words, "text-size": 12, "text-padding": 6, **layout},
        "paint": {"text-color": "@map-label-2", "text-halo-color": "@map-halo", "text-halo-width": 1.2},
    }


def _named_dots(
    layer: str, colour: Any, radius: tuple[float, ...], names_from: float, words: Any = _NAME
) -> tuple[dict[str, Any], ...]:
    """Dots with their names, or other words, below. `radius`: zoom, pixels, zoom, pixels and so on."""
    dot = {
        "id": "dot",
        "type": "circle",
        "source-layer": layer,
        "paint": {
            "circle-color": colour,
            "circle-radius": ["interpolate", ["linear"], ["zoom"], *radius],
            "circle-stroke-color": "@map-halo",
            "circle-stroke-width": 1,
        },
    }
    return dot, _label(layer, names_from, words, **{"text-anchor": "top", "text-offset": [0, 0.6]})


LINES = Layer(
    id="travel.lines",
    group="transit",
    type=LayerType.MVT,
    order=620,
    visible=False,
    open=True,
    min_zoom=5,
    properties={**_NAMED, "trips": PropertyType.INTEGER},
    style=(
        {
            "id": "line",
            "type": "line",
            "source-layer": "travel.lines",
            "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {
                "line-color": _by_mode("colour"),
                "line-width": [
                    "interpolate", ["linear"], ["zoom"], 8, _by_mode("width", 0.5),
                    12, _by_mode("width"), 16, _by_mode("width", 1.8),
                ],
                "line-opacity": 0.85,
            },
        },
        _label("travel.lines", 12, **{"symbol-placement": "line"}),
    ),
    legend=tuple(Legend(mode.code, mode.colour, "line", mode.width) for mode in MODES),
)  # fmt: skip

STOPS = Layer(
    id="travel.stops",
    group="transit",
    type=LayerType.MVT,
    order=640,
    visible=False,
    open=True,
    min_zoom=9,
    properties={
        **_NAMED,
        "kind": PropertyType.TEXT,
        "departures": PropertyType.INTEGER,
        "urn": PropertyType.TEXT,
    },
    style=_named_dots("travel.stops", _by_mode("colour"), (10, 1.6, 14, 4, 17, 7), 14),
    legend=tuple(Legend(mode.code, mode.colour, "point") for mode in MODES),
)

COVERAGE = Layer(
    id="travel.coverage",
    group="transit",
    type=LayerType.MVT,
    order=660,
    visible=False,
    open=True,
    min_zoom=6,
    properties={
        "name": PropertyType.TEXT,
        "name_en": PropertyType.TEXT,
        "distance_m": PropertyType.INTEGER,
        "stop": PropertyType.TEXT,
    },
    style=_named_dots("travel.coverage", ["match", _CLASS, "served", "@category-2", "@alarm"], (7, 3, 13, 7), 11),
    legend=(Legend("served", "@category-2", "point"), Legend("gap", "@alarm", "point")),
)
"""Settlements of the map, served by public transport or not (`coverage`)."""

BIKES = Layer(
    id="travel.bikes",
    group="transit",
    type=LayerType.MVT,
    order=650,
    visible=False,
    open=True,
    min_zoom=11,
    properties={
        **_NAMED, "vehicles": PropertyType.INTEGER, "places": PropertyType.INTEGER, "urn": PropertyType.TEXT,
    },
    style=_named_dots(
        "travel.bikes", ["match", _CLASS, "bikes", "@category-3", "empty", "@alarm", "@map-label-2"],
        (11, 2, 14, 5, 17, 8), 14, _BIKES_FREE,
    ),
    legend=(
        Legend("bikes", "@category-3", "point"), Legend("empty", "@alarm", "point"),
        Legend("unknown", "@map-label-2", "point"),
    ),
)  # fmt: skip
"""Stations of shared bikes with what is free at each (`service.bikes`)."""

OF_FEEDS = (LINES, STOPS, BIKES)
ALL = (*OF_FEEDS, COVERAGE)
