"""Map layers of roads: what stands along them, and their stakes, which appear with zoom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import shapely

from tongqu.domains.roads.kinds import STYLES
from tongqu.domains.roads.store import Row
from tongqu.domains.roads.values import NewLink
from tongqu.kernel import layers
from tongqu.kernel.geo import View, check, format_stake
from tongqu.kernel.geo.stakes import BRANCHES
from tongqu.kernel.layers import Feature, Layer, LayerType, Legend, PropertyType
from tongqu.kernel.layers.base import ROADS
from tongqu.kernel.layers.base.roads import CLASSES
from tongqu.kernel.store import Work

_FACILITIES, _STAKES = "roads.facilities", "roads.stakes"
_COLOUR: list[Any] = [
    "match", ["get", "class"], *[part for style in STYLES for part in (style.kind.value, style.colour)], "@map-label-2"
]  # fmt: skip
_ZOOM = {style.kind.value: style.min_zoom for style in STYLES}
_LETTER = {style.kind.value: style.letter for style in STYLES}

FACILITIES = Layer(
    id=_FACILITIES,
    group="network",
    type=LayerType.MVT,
    order=620,
    read="roads.read",
    properties={
        "name": PropertyType.TEXT,
        "letter": PropertyType.TEXT,
        "stake": PropertyType.TEXT,
        "urn": PropertyType.TEXT,
    },
    style=(
        {
            "id": "dot",
            "type": "circle",
            "source-layer": _FACILITIES,
            "paint": {
                "circle-color": _COLOUR,
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 2.5, 13, 6, 16, 8],
                "circle-stroke-color": "@map-halo",
                "circle-stroke-width": 1.2,
            },
        },
        {
            "id": "letter",
            "type": "symbol",
            "source-layer": _FACILITIES,
            "minzoom": 13,
            "layout": {"text-field": ["get", "letter"], "text-size": 10, "text-allow-overlap": True},
            "paint": {"text-color": "@map-halo"},
        },
        {
            "id": "name",
            "type": "symbol",
            "source-layer": _FACILITIES,
            "minzoom": 13,
            "layout": {
                "text-field": ["get", "name"],
                "text-size": 12,
                "text-anchor": "left",
                "text-offset": [0.9, 0],
                "text-max-width": 12,
                "text-padding": 6,
            },
            "paint": {"text-color": "@map-label-2", "text-halo-color": "@map-halo", "text-halo-width": 1.2},
        },
    ),
    legend=tuple(Legend(style.kind.value, style.colour, "point") for style in STYLES),
)

STAKE_STEPS = ((100_000, 7), (50_000, 8), (10_000, 10), (5_000, 11), (1_000, 12))
"""Stakes that are whole multiples of so many metres are drawn from so high a zoom on."""

STAKES = Layer(
    id=_STAKES,
    group="network",
    type=LayerType.MVT,
    order=610,
    open=True,
    properties={"name": PropertyType.TEXT, "number": PropertyType.TEXT, "direction": PropertyType.TEXT},
    style=(
        {
            "id": "post",
            "type": "circle",
            "source-layer": _STAKES,
            "minzoom": 10,
            "paint": {
                "circle-color": "@map-halo",
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 1.6, 14, 3.2],
                "circle-stroke-color": "@map-label-2",
                "circle-stroke-width": 1,
            },
        },
        {
            "id": "stake",
            "type": "symbol",
            "source-layer": _STAKES,
            "minzoom": 10,
            "layout": {
                "text-field": ["get", "name"],
                "text-size": 12,
                "text-anchor": "bottom",
                "text-offset": [0, -0.4],
                "text-padding": 10,
            },
            "paint": {"text-color": "@map-label-2", "text-halo-color": "@map-halo", "text-halo-width": 1.4},
        },
    ),
    legend=(Legend("stake", "@map-label-2", "point"), Legend("chain", "@map-label-2", "point")),
)

_BOTH_SIDES = 14
"""The stakes of the second carriageway add nothing from afar: they are drawn from this zoom on."""

LAYERS = (STAKES, FACILITIES)


def draw_facilities(work: Work, rows: Sequence[Row]) -> None:
    """Draw facilities where they stand; those without a place are drawn no longer."""
    layers.put(work, FACILITIES, [_feature(row) for row in rows if row["lon"] is not None])
    if gone := [row["id"] for row in rows if row["lon"] is None]:
        layers.remove(work, FACILITIES, gone)


def erase_facilities(work: Work, ids: Sequence[str]) -> None:
    layers.remove(work, FACILITIES, ids)


_BASE = {style.kind: (style, len(CLASSES) - number) for number, style in enumerate(CLASSES)}
_AS = {"township": "county"}
"""What the base map has no class for, and as which it is drawn."""


def draw_links(work: Work, source: str, links: Sequence[NewLink]) -> None:
    """Draw links of a source on the base map's layer of roads."""
    layers.put(work, ROADS, [_link_feature(source, link) for link in links])


def erase_links(work: Work, source: str, origins: Sequence[str]) -> None:
    if origins:
        layers.remove(work, ROADS, [f"{source}:{origin}" for origin in origins])


def _link_feature(source: str, link: NewLink) -> Feature:
    style, rank = _BASE[_AS.get(link.road_class, link.road_class)]
    properties = {
        "name": link.name,
        "ref": link.number,
        "road": f"{source}:{link.number or link.name or link.origin}",
        "rank": rank,
        "bridge": link.bridge,
        "tunnel": link.tunnel,
    }
    return Feature(f"{source}:{link.origin}", link.geometry, style.kind, properties, style.min_zoom, rank)


def draw_stakes(work: Work, before: View | None, after: View) -> None:
    """Draw the stakes of the routes of a view; those that were drawn from the view before and are no more go."""
    features = stakes_of(after)
    gone = set() if before is None else {feature.id for feature in stakes_of(before)}
    if gone := gone - {feature.id for feature in features}:
        layers.remove(work, STAKES, sorted(gone))
    layers.put(work, STAKES, features)


def stakes_of(view: View) -> list[Feature]:
    """Every whole kilometre of each track of the routes of a view; on a long broken chain both of a stake."""
    if view.index is None:
        return []
    made = []
    for track, (route, direction, prefix) in enumerate(view.index.tracks):
        reaches = slice(int(view.index.track_start[track]), int(view.index.track_start[track + 1]))
        low, high = float(view.index.reach_low[reaches].min()), float(view.index.reach_high[reaches].max())
        for km in range(math.ceil(low / 1000), int(high // 1000) + 1):
            for answer in view.index.answers(track, km * 1000.0):
                zoom = next(zoom for step, zoom in STAKE_STEPS if km * 1000 % step == 0)
                if direction == "down":
                    zoom = max(zoom, _BOTH_SIDES)
                name = f"{prefix}K{km}{BRANCHES[answer.branch]}"
                made.append(
                    Feature(
                        f"{route}:{direction}:{name}",
                        check(shapely.Point(answer.lon, answer.lat)),
                        "chain" if answer.branch else "stake",
                        {"name": name, "number": view.routes[route].number, "direction": direction},
                        zoom,
                    )
                )
    return made


def _feature(row: Row) -> Feature:
    stake = format_stake(row["stake_m"], row["prefix"], row["branch"])
    return Feature(
        row["id"],
        check(shapely.Point(row["lon"], row["lat"])),
        row["kind"],
        {"name": row["name"], "letter": _LETTER[row["kind"]], "stake": f"{row['number']} {stake}", "urn": row["urn"]},
        _ZOOM[row["kind"]],
        organisation=row["organisation"],
        region=row["region"],
    )
