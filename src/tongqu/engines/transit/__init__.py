"""Journeys by public transport: RAPTOR over flat arrays. See README.md.

In a notebook::

    from tongqu.engines.transit import Timetable, Router
    timetable = Timetable.from_gtfs(["bus.zip", "metro.zip"], dates="2019-05-13")
    for journey in Router(timetable).pareto("1511", "4220", "2019-05-13 08:00"):
        print(journey.departure, journey.arrival, journey.transfers)
"""

from __future__ import annotations

from tongqu.kit.text import register

register("transit", "tongqu.engines.transit")

from tongqu.engines.transit.access import Access, Accesses  # noqa: E402 (texts first)
from tongqu.engines.transit.changes import AddedCall, CallChange, LiveCalls, TripChange  # noqa: E402
from tongqu.engines.transit.foot import Beeline, FootTransfers, Streets, Walker  # noqa: E402
from tongqu.engines.transit.itinerary import Answer, Itinerary, Leg  # noqa: E402
from tongqu.engines.transit.live import Snapshot  # noqa: E402
from tongqu.engines.transit.router import Router  # noqa: E402
from tongqu.engines.transit.timetable import Day, Network, Timetable  # noqa: E402
from tongqu.engines.transit.warm import warm_up  # noqa: E402

__all__ = [
    "Access",
    "Accesses",
    "AddedCall",
    "Answer",
    "Beeline",
    "CallChange",
    "Day",
    "FootTransfers",
    "Itinerary",
    "Leg",
    "LiveCalls",
    "Network",
    "Router",
    "Snapshot",
    "Streets",
    "Timetable",
    "TripChange",
    "Walker",
    "warm_up",
]
