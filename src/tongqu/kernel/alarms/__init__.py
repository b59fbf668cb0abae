"""Alarms: raised, acknowledged, cleared, amended, withdrawn. See README.md."""

from tongqu.kernel.alarms.service import acknowledge, clear, get, raise_, reconcile, withdraw
from tongqu.kernel.alarms.values import (
    ACKNOWLEDGED,
    AMENDED,
    CLEARED,
    RAISED,
    WITHDRAWN,
    Alarm,
    Episode,
    Kind,
    State,
    Subject,
)

__all__ = [
    "ACKNOWLEDGED",
    "AMENDED",
    "CLEARED",
    "RAISED",
    "WITHDRAWN",
    "Alarm",
    "Episode",
    "Kind",
    "State",
    "Subject",
    "acknowledge",
    "clear",
    "get",
    "raise_",
    "reconcile",
    "withdraw",
]
