"""Positions of vehicles matched to trips, and arrivals forecast with their error. See README.md."""

from tongqu.engines.arrivals.accuracy import HORIZONS_MIN, Accuracy, Error
from tongqu.engines.arrivals.forecast import Forecast
from tongqu.engines.arrivals.links import Links
from tongqu.engines.arrivals.operation import UNKNOWN_MS, Matched, Operation
from tongqu.engines.arrivals.plan import Pattern, Plan, Run, plan_of_feed

__all__ = [
    "HORIZONS_MIN",
    "UNKNOWN_MS",
    "Accuracy",
    "Error",
    "Forecast",
    "Links",
    "Matched",
    "Operation",
    "Pattern",
    "Plan",
    "Run",
    "plan_of_feed",
]
