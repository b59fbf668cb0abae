"""Borders of regions, and places with their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tongqu.kernel.layers.base.styling import by_class, by_zoom, is_class, label, line
from tongqu.kernel.layers.declare import Layer, LayerType, Legend, PropertyType


@dataclass(frozen=True)
class PlaceStyle:
    """How a class of places is drawn.

    Attributes:
        kind: class of the features.
        color: token of dot and legend.
        radius: of the dot in pixels.
        text: size of the name in pixels where it appears and four zooms later.
    """

    kind: str
    color: str
    radius: float
    text: tuple[float, float]


# The least important first: names drawn later win where there is not room for all.
PLACE_CLASSES = (
    PlaceStyle("toll", "@place-toll", 2.5, (12, 12)),
    PlaceStyle("service", "@place-service", 3.0, (12, 13)),
    PlaceStyle("scenic", "@place-service", 3.0, (12, 13)),
    PlaceStyle("freight", "@place-freight", 3.0, (12, 13)),
    PlaceStyle("station", "@place-station", 3.0, (12, 13)),
    PlaceStyle("town", "@place-town", 2.5, (12, 14)),
    PlaceStyle("port", "@place-port", 3.5, (12, 14)),
    PlaceStyle("county", "@place-town", 3.0, (13, 16)),
    PlaceStyle("city", "@place-town", 4.0, (14, 20)),
)
PLACE_KINDS = {
    "city": ("city", 0),
    "county": ("county", 8),
    "town": ("town", 10),
    "port": ("port", 8),
    "terminal": ("port", 12),
    "airport": ("station", 9),
    "railway_station": ("station", 10),
    "coach_station": ("station", 12),
    "bus_depot": ("station", 13),
    "logistics_park": ("freight", 11),
    "chemical_park": ("freight", 11),
    "scenic_spot": ("scenic", 11),
    "service_area": ("service", 10),
    "gas_station": ("service", 13),
    "maintenance_depot": ("service", 13),
    "toll_station": ("toll", 12),
}
"""Kind of a place to its class and the zoom from which it is drawn."""
_LATER = 4

_REGIONS, _PLACES = "layers.regions", "layers.places"
_NAMED = {"name": PropertyType.TEXT, "name_en": PropertyType.TEXT}

REGIONS = Layer(
    id=_REGIONS,
    group="regions",
    type=LayerType.MVT,
    order=500,
    open=True,
    properties={**_NAMED, "code": PropertyType.TEXT},
    merge=("class",),
    style=(
        line(
            _REGIONS,
            "county",
            "@map-border-county",
            by_zoom((8, 0.6), (14, 1.2)),
            is_class("county"),
            min_zoom=8,
            dash=(4, 3),
        ),
        line(_REGIONS, "city", "@map-border-city", by_zoom((5, 0.8), (14, 2.0)), is_class("city"), dash=(6, 2, 1.5, 2)),
        line(
            _REGIONS,
            "province",
            "@map-border-province",
            by_zoom((5, 1.2), (14, 2.8)),
            is_class("province"),
            dash=(8, 2, 1.5, 2, 1.5, 2),
        ),
        label(
            _REGIONS,
            "province-name",
            color="@map-region-label",
            size=by_zoom((4, 13), (7, 20)),
            where=is_class("province_name"),
            layout={
                "text-letter-spacing": 0.3,
                "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
                "text-radial-offset": 2,
            },
        )
        | {"maxzoom": 7.5},
    ),
    legend=(
        Legend("province", "@map-border-province", "line", 2.0, dash=True),
        Legend("city", "@map-border-city", "line", 1.5, dash=True),
        Legend("county", "@map-border-county", "line", 1.0, dash=True),
    ),
)


def _name(style: PlaceStyle, from_zoom: int) -> dict[str, Any]:
    small, large = style.text
    bold = style.kind in ("city", "county")
    return label(
        _PLACES,
        f"name-{style.kind}",
        color="@map-label" if bold else "@map-label-2",
        size=by_zoom((from_zoom, small), (from_zoom + _LATER, large)),
        where=is_class(style.kind),
        layout={
            "text-variable-anchor": ["left", "right", "top", "bottom"],
            "text-radial-offset": 0.6,
            "text-justify": "auto",
        },
    )


PLACES = Layer(
    id=_PLACES,
    group="places",
    type=LayerType.MVT,
    order=600,
    open=True,
    properties={**_NAMED, "kind": PropertyType.TEXT},
    style=(
        {
            "id": "dot",
            "type": "circle",
            "source-layer": _PLACES,
            "filter": is_class(*[style.kind for style in PLACE_CLASSES]),
            "paint": {
                "circle-color": by_class({style.kind: style.color for style in PLACE_CLASSES}, "@place-town"),
                "circle-radius": by_class({style.kind: style.radius for style in PLACE_CLASSES}, 2.5),
                "circle-stroke-color": "@map-halo",
                "circle-stroke-width": 1,
            },
        },
        *[
            _name(style, min(zoom for kind, zoom in PLACE_KINDS.values() if kind == style.kind) or 5)
            for style in PLACE_CLASSES
        ],
    ),
    legend=tuple(Legend(style.kind, style.color, "point") for style in reversed(PLACE_CLASSES)),
)
