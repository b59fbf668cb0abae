"""Timetables of metros as the open JSON5 format of Beijing's lines writes them. See README.md.

Usable alone::

    from tongqu.protocols import metro_json
    city = metro_json.read("beijing.zip")     # lines, stations with distances, departures by day, transfer walks
    runs = metro_json.runs(city.lines[0])     # departures of single stations linked to trains
"""

from __future__ import annotations

from tongqu.kit.text import register

register("metro_json", "tongqu.protocols.metro_json")

from tongqu.protocols.metro_json.reading import read  # noqa: E402 (texts first)
from tongqu.protocols.metro_json.runs import runs  # noqa: E402
from tongqu.protocols.metro_json.values import (  # noqa: E402
    City,
    DayGroup,
    Departure,
    Direction,
    Line,
    Plan,
    Run,
    Station,
    Transfer,
)

__all__ = ["City", "DayGroup", "Departure", "Direction", "Line", "Plan", "Run", "Station", "Transfer", "read", "runs"]
