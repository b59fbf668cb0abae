"""Modes of public transport as the map and the page tell them apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """A mode; its name stands in the locale under `options.mode.{code}`.

    Attributes:
        colour: token of the map.
        width: of its lines in pixels at zoom 12.
        min_zoom: its lines are drawn from here on.
    """

    code: str
    colour: str
    width: float
    min_zoom: int


MODES = (
    Mode("rail", "@category-10", 2.6, 6),
    Mode("metro", "@category-1", 3.0, 8),
    Mode("tram", "@category-7", 2.4, 9),
    Mode("air", "@category-8", 1.6, 5),
    Mode("ferry", "@category-2", 1.8, 7),
    Mode("coach", "@category-9", 1.6, 7),
    Mode("bus", "@category-4", 1.5, 10),
    Mode("other", "@category-6", 1.5, 10),
)
CODES = tuple(mode.code for mode in MODES)

_BASIC = {
    0: "tram",
    1: "metro",
    2: "rail",
    3: "bus",
    4: "ferry",
    5: "tram",
    6: "other",
    7: "other",
    11: "bus",
    12: "rail",
}
_EXTENDED = {
    1: "rail",
    2: "coach",
    4: "metro",
    6: "metro",
    7: "bus",
    8: "bus",
    9: "tram",
    10: "ferry",
    11: "air",
    12: "ferry",
}


def mode_of(route_type: int) -> str:
    """The mode of a route_type: GTFS Schedule reference of 2026-06-05, and the extended types by their hundreds
    (100 railway, 200 coach, 400 urban railway, 700 bus, 800 trolleybus, 900 tram, 1000 water, 1100 air)."""
    return _BASIC.get(route_type) or _EXTENDED.get(route_type // 100, "other")
