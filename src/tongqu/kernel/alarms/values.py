"""Values of alarms, and the events that tell other modules of them."""

from __future__ import annotations

from collections.abc import Mapping
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
class Kind:
    """What all alarms of one rule have in common.

    Attributes:
        rule: id of the rule, `fleets.overspeed`.
        severity: 1 the gravest to 4.
        cause: what groups its alarms with others.
        standing: stays open until a person acknowledges it, whatever becomes of the condition (a call for help).
    """

    rule: str
    severity: int
    cause: str = ""
    standing: bool = False


@dataclass(frozen=True)
class Subject:
    """What an alarm is about: URN, name, and whose it is."""

    urn: str
    name: str
    organisation: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Episode:
    """A condition of a subject, from its onset to its end, in event time.

    Attributes:
        onset_ms: when it began; with rule and subject the natural key of the alarm.
        raised_ms: the fix that proved it.
        cleared_ms: when it ended, None while it lasts.
        lon, lat, region: where it began; `region` is the county code, empty outside.
        values: of the rule, as it began; evidence: ids of frames.
        ending: of the rule, as it ended; an alarm has it under `end` in its values.
        cause: groups it with others instead of the cause of its kind, if given.
        carried: it was known before what is told of it here; place and values are as they were.
    """

    onset_ms: int
    raised_ms: int
    cleared_ms: int | None = None
    lon: float = 0.0
    lat: float = 0.0
    region: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    ending: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    carried: bool = False


@dataclass(frozen=True)
class Alarm:
    """One alarm per rule, subject and onset.

    Attributes:
        id: of this installation.
        rule: id of the rule, `fleets.overspeed`; of a device's own alarms `equipment.{bit}`.
        subject: URN; `subject_name` its name then.
        severity: 1 the gravest to 4.
        cause: what groups it with others.
        incident: key that all alarms of one happening share (place, time and cause).
        state: open, cleared or withdrawn.
        onset_ms, raised_ms, cleared_ms: in event time; cleared_ms is None while open.
        live: it rang; False if its onset was already old when it became known.
        lon, lat, region: where it began.
        organisation, home_region: whose its subject is.
        place: stakes there as `{"route", "stake", "direction", "text"}`, the nearest first.
        values: of the rule; `end` holds what came of it.
        evidence: ids of frames.
        acknowledged_ms, acknowledged_by, acknowledged_name, note: None and empty until somebody has.
        standing: open until acknowledged.
        revision: grows with every change of any alarm.
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
    acknowledged_name: str = ""
    note: str = ""
    raised_ms: int = 0
    recorded_ms: int = 0
    incident: str = ""
    organisation: str | None = None
    home_region: str | None = None
    standing: bool = False
    revision: int = 0

    def as_payload(self) -> dict[str, Any]:
        """JSON of the alarm, the payload of its events."""
        return {**self.__dict__, "state": self.state.value}
