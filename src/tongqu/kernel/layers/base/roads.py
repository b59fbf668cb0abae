"""Roads by class, with casing; bridges with strong casing, tunnels dashed; shields by number.

A table of widths gives all style layers; a class is drawn from its zoom on and above the classes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tongqu.kernel.layers.base.styling import Expression, by_class, by_zoom, is_class, line
from tongqu.kernel.layers.declare import Layer, LayerType, Legend, PropertyType

_ROADS = "layers.roads"
_STOPS = (6, 9, 12, 14, 17)


@dataclass(frozen=True)
class RoadStyle:
    """How a class of roads is drawn.

    Attributes:
        kind: class of the features.
        min_zoom: its features are drawn from here on.
        widths: in pixels at zooms 6, 9, 12, 14 and 17.
        casing: by how much the casing is wider at zoom 12 and beyond.
        named_from: zoom from which names stand along it.
    """

    kind: str
    min_zoom: int
    widths: tuple[float, float, float, float, float]
    casing: float
    named_from: int

    @property
    def color(self) -> str:
        return f"@road-{self.kind}"


# Roads of 公路工程技术标准 JTG B01 by administrative class, then urban roads of CJJ 37, the most important first.
CLASSES = (
    RoadStyle("expressway", 0, (1.3, 2.4, 3.8, 6.0, 14.0), 1.8, 11),
    RoadStyle("ramp", 8, (0.5, 0.9, 1.7, 3.0, 8.0), 1.4, 15),
    RoadStyle("trunk", 5, (0.8, 1.6, 2.9, 4.8, 12.0), 1.5, 12),
    RoadStyle("provincial", 6, (0.6, 1.3, 2.4, 4.2, 11.0), 1.4, 12),
    RoadStyle("county", 9, (0.4, 0.8, 1.7, 3.2, 9.0), 1.2, 13),
    RoadStyle("arterial", 10, (0.4, 0.7, 1.7, 3.6, 10.0), 1.2, 13),
    RoadStyle("street", 12, (0.3, 0.5, 0.9, 2.1, 7.0), 1.0, 14),
    RoadStyle("access", 13, (0.3, 0.4, 0.7, 1.7, 5.0), 0.8, 15),
)
_TUNNEL: Expression = ["==", ["get", "tunnel"], True]
_BRIDGE: Expression = ["==", ["get", "bridge"], True]
_COLOR = by_class({style.kind: style.color for style in CLASSES}, "@road-street")
_SORT: Expression = ["get", "rank"]


def _width(casing: float = 0.0) -> Expression:
    """Widths of all classes by zoom, with so much of their casing on both sides."""

    def at(stop: int) -> Expression:
        more = 2 * casing * (1.0 if _STOPS[stop] >= 12 else 0.6)
        widths = {style.kind: style.widths[stop] + more * style.casing for style in CLASSES}
        return by_class({kind: round(width, 2) for kind, width in widths.items()}, 0.5)

    return by_zoom(*((zoom, at(stop)) for stop, zoom in enumerate(_STOPS)), base=1.4)


def _names(style: RoadStyle) -> dict[str, Any]:
    return {
        "id": f"name-{style.kind}",
        "type": "symbol",
        "source-layer": _ROADS,
        "minzoom": style.named_from,
        "filter": ["all", is_class(style.kind), ["has", "name"]],
        "layout": {
            "text-field": ["get", "name"],
            "text-size": 12,
            "symbol-placement": "line",
            "symbol-spacing": 380,
            "text-max-angle": 30,
        },
        "paint": {"text-color": "@map-label-2", "text-halo-color": "@map-halo", "text-halo-width": 1.2},
    }


def _shields(name: str, min_zoom: int, spacing: int, *kinds: str) -> dict[str, Any]:
    return {
        "id": name,
        "type": "symbol",
        "source-layer": _ROADS,
        "minzoom": min_zoom,
        "filter": ["all", is_class(*kinds), ["has", "ref"]],
        "layout": {
            "icon-image": ["concat", "shield:", ["get", "ref"]],
            "icon-rotation-alignment": "viewport",
            "symbol-placement": "line",
            "symbol-spacing": spacing,
            "icon-padding": 12,
        },
        "paint": {},
    }


_OPEN_AIR: Expression = ["all", ["!", ["to-boolean", ["get", "tunnel"]]], ["!", ["to-boolean", ["get", "bridge"]]]]

ROADS = Layer(
    id=_ROADS,
    group="network",
    type=LayerType.MVT,
    order=400,
    open=True,
    properties={
        "name": PropertyType.TEXT,
        "name_en": PropertyType.TEXT,
        "ref": PropertyType.TEXT,
        "road": PropertyType.TEXT,
        "rank": PropertyType.INTEGER,
        "bridge": PropertyType.BOOLEAN,
        "tunnel": PropertyType.BOOLEAN,
    },
    merge=("class", "name", "name_en", "ref", "road", "rank"),
    style=(
        line(
            _ROADS, "tunnel-casing", "@map-casing-strong", _width(1.0), _TUNNEL, min_zoom=11, cap="butt", dash=(1, 0.6)
        ),
        line(_ROADS, "tunnel", "@road-tunnel", _width(), _TUNNEL, min_zoom=11, cap="butt", sort=_SORT),
        line(_ROADS, "casing", "@map-casing", _width(1.0), _OPEN_AIR, min_zoom=8, sort=_SORT),
        line(_ROADS, "road", _COLOR, _width(), _OPEN_AIR, sort=_SORT),
        line(_ROADS, "bridge-casing", "@map-casing-strong", _width(0.6), _BRIDGE, min_zoom=11, cap="butt", sort=_SORT),
        line(_ROADS, "bridge", _COLOR, _width(), _BRIDGE, min_zoom=11, cap="butt", sort=_SORT),
        *[_names(style) for style in CLASSES],
        _shields("shield", 8, 460, "expressway", "trunk", "provincial"),
        _shields("shield-county", 11, 460, "county"),
    ),
    legend=(
        *[Legend(style.kind, style.color, "line", style.widths[2]) for style in CLASSES],
        Legend("bridge", "@map-casing-strong", "line", 3.0),
        Legend("tunnel", "@map-casing-strong", "line", 3.0, dash=True),
    ),
)
