"""Door to door: streets and timetables in one answer. See README.md."""

from tongqu.engines.journeys.bikes import UNLIMITED, Bikes, BikeStation, Stands, with_counts
from tongqu.engines.journeys.catalogue import Catalogue
from tongqu.engines.journeys.on_demand import Asked, OnDemand, Reopened
from tongqu.engines.journeys.planner import Planner
from tongqu.engines.journeys.reach import Area, Reach
from tongqu.engines.journeys.values import (
    Booking,
    End,
    Hired,
    Journey,
    JourneyLeg,
    Place,
    Plan,
    Reason,
    Rental,
    Requested,
    Ride,
    Wishes,
)
from tongqu.engines.journeys.walker import Walker

__all__ = [
    "UNLIMITED",
    "Area",
    "Asked",
    "BikeStation",
    "Bikes",
    "Booking",
    "Catalogue",
    "End",
    "Hired",
    "Journey",
    "JourneyLeg",
    "OnDemand",
    "Place",
    "Plan",
    "Planner",
    "Reach",
    "Reason",
    "Rental",
    "Reopened",
    "Requested",
    "Ride",
    "Stands",
    "Walker",
    "Wishes",
    "with_counts",
]
