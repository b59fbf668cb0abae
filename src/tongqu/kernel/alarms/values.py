"""Values of alarms, and the events that tell other modules of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

RAISED, CLEARED, AMENDED, WITHDRAWN, ACKNOWLEDGED = (
    "alarms.raised",
    "alarms.cleared",
    "alarms.amended",
    "alarms.withdrawn",
    "alarms.acknowledged",
)
"""Types of events; the subject is the URN of the thing, the payload an alarm as `Alarm.as_payload()` gives it."""


class State(StrEnum):
    """Where an alarm is. Acknowledgement stands beside it: it says that a person has seen it."""

    OPEN = "open"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Alarm:
    """One alarm per rule, subject and onset.

    Attributes:
        id: of this installation.
        rule: id of the rule, `fleets.overspeed`; a device's own alarm has `device.{bit}`.
        subject: URN; `subject_name` its name then.
        severity: 1 the gravest to 4.
        cause: what groups it with others.
        state: open, cleared or withdrawn.
        onset_ms, cleared_ms: in event time; cleared_ms is None while open.
        live: it rang; False if its onset was already old when it became known.
        lon, lat, region: where it began.
        place: stakes there as `{"route", "stake", "direction", "text"}`, the nearest first.
        values: of the rule.
        evidence: ids of frames.
        acknowledged_ms, acknowledged_by: None and empty until somebody has.
    """

    id: int
    rule: str
    subject: str
    subject_name: str
    severity: int
    cause: str
    state: State
    onset_ms: int
    cleared_ms: int | None
    live: bool
    lon: float
    lat: float
    region: str
    place: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    acknowledged_ms: int | None = None
    acknowledged_by: str = ""

    def as_payload(self) -> dict[str, Any]:
        """JSON of the alarm, the payload of its events."""
        return {**self.__dict__, "state": self.state.value}
