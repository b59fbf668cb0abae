"""Pieces of MapLibre expressions that the base layers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Expression = list[Any]
CLASS: Expression = ["get", "class"]
NAME: Expression = ["get", "name"]


def by_class(values: Mapping[str, Any], otherwise: Any) -> Expression:
    """A value for each class."""
    pairs = [part for kind, value in values.items() for part in (kind, value)]
    return ["match", CLASS, *pairs, otherwise]


def by_zoom(*stops: tuple[float, Any], base: float = 1.0) -> Expression:
    """A value that grows from stop to stop."""
    curve: Expression = ["linear"] if base == 1.0 else ["exponential", base]
    return ["interpolate", curve, ["zoom"], *[part for stop in stops for part in stop]]


def is_class(*kinds: str) -> Expression:
    return ["in", CLASS, ["literal", list(kinds)]]


def label(
    layer: str,
    name: str,
    *,
    color: str,
    size: Any,
    where: Expression,
    min_zoom: float = 0,
    layout: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A style layer of names at points, with a halo."""
    return {
        "id": name,
        "type": "symbol",
        "source-layer": layer,
        "minzoom": min_zoom,
        "filter": where,
        "layout": {"text-field": NAME, "text-size": size, "text-max-width": 8, "text-padding": 4, **(layout or {})},
        "paint": {"text-color": color, "text-halo-color": "@map-halo", "text-halo-width": 1.2},
    }


def fill(layer: str, name: str, color: Any, where: Expression | None = None, **paint: Any) -> dict[str, Any]:
    """A style layer of areas."""
    made: dict[str, Any] = {
        "id": name,
        "type": "fill",
        "source-layer": layer,
        "paint": {"fill-color": color, **{key.replace("_", "-"): value for key, value in paint.items()}},
    }
    return made if where is None else made | {"filter": where}


def line(
    layer: str,
    name: str,
    color: Any,
    width: Any,
    where: Expression,
    *,
    min_zoom: float = 0,
    cap: str | None = None,
    dash: Sequence[float] | None = None,
    sort: Any = None,
    opacity: Any = None,
) -> dict[str, Any]:
    """A style layer of lines; dashes have flat ends unless told otherwise."""
    cap = cap or ("round" if dash is None else "butt")
    paint: dict[str, Any] = {"line-color": color, "line-width": width}
    layout: dict[str, Any] = {"line-cap": cap, "line-join": "round"}
    if dash is not None:
        paint["line-dasharray"] = list(dash)
    if opacity is not None:
        paint["line-opacity"] = opacity
    if sort is not None:
        layout["line-sort-key"] = sort
    return {
        "id": name,
        "type": "line",
        "source-layer": layer,
        "minzoom": min_zoom,
        "filter": where,
        "layout": layout,
        "paint": paint,
    }
