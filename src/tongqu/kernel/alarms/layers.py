"""The map layer of open alarms."""

from __future__ import annotations

import shapely

from tongqu.kernel.alarms.values import Alarm
from tongqu.kernel.geo import Geometry
from tongqu.kernel.layers import Feature, Layer, LayerType, Legend, PropertyType

_COLOURS = {"1": "@alarm-3", "2": "@alarm", "3": "@alarm", "4": "@alarm"}
_COLOUR = ["match", ["get", "class"], "1", "@alarm-3", "@alarm"]
OPEN_ALARMS = Layer(
    id="alarms.open",
    group="live",
    type=LayerType.MVT,
    order=900,
    properties={
        "name": PropertyType.TEXT,
        "rule": PropertyType.TEXT,
        "severity": PropertyType.INTEGER,
        "incident": PropertyType.TEXT,
        "onset_ms": PropertyType.INTEGER,
    },
    read="alarms.read",
    style=(
        {
            "id": "ring",
            "type": "circle",
            "source-layer": "alarms.open",
            "paint": {
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 5, 12, 11],
                "circle-color": "rgba(0,0,0,0)",
                "circle-stroke-width": 2.5,
                "circle-stroke-color": _COLOUR,
            },
        },
        {
            "id": "letter",
            "type": "symbol",
            "source-layer": "alarms.open",
            "minzoom": 9,
            "layout": {
                "text-field": ["to-string", ["get", "severity"]],
                "text-size": 12,
                "text-offset": [0, -1.4],
                "text-allow-overlap": True,
            },
            "paint": {"text-color": _COLOUR, "text-halo-color": "@map-halo", "text-halo-width": 1.5},
        },
    ),
    legend=tuple(Legend(kind, colour, "point") for kind, colour in _COLOURS.items()),
)


def feature(alarm: Alarm) -> Feature:
    """An open alarm on the map, where it began; the number beside the ring is its severity."""
    return Feature(
        id=str(alarm.id),
        geometry=Geometry(shapely.Point(alarm.lon, alarm.lat)),
        kind=str(alarm.severity),
        properties={
            "name": alarm.subject_name,
            "rule": alarm.rule,
            "severity": alarm.severity,
            "incident": alarm.incident,
            "onset_ms": alarm.onset_ms,
        },
        rank=9 - alarm.severity,
        organisation=alarm.organisation,
        region=alarm.region or alarm.home_region,
    )
