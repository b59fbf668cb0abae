"""What a module declares of a stream rule, and what a rule says of its subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform
    from tongqu.kernel.rules.logic import Logic


class Change(StrEnum):
    """What became of a condition."""

    RAISED = "raised"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Transition:
    """A condition of one subject began or ended, in event time; or it never held, as a row that came later shows.

    Attributes:
        subject: registry key of the thing (`things.key`).
        change: whether it began, ended, or is taken back.
        onset_ms: when it began; with rule and subject the natural key of the alarm, also of what ends it.
        at_ms: when the transition took place: the fix that proved it.
        lon, lat, region: where; region is the county code as a number, 0 outside.
        values: what a reader needs to judge it: `{"speed_kmh": 96.0, "limit_kmh": 80}`; a `cause` among them groups its
            alarm with others instead of the cause of the rule.
        evidence: log offsets of the frames that prove it.
    """

    subject: int
    change: Change
    onset_ms: int
    at_ms: int
    lon: float = 0.0
    lat: float = 0.0
    region: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A rule over a stream, in event time.

    Attributes:
        id: `module.name`; its title and text stand in the module's locale under `rules.{name}.title` and `.text`.
        make: `(platform) -> logic`: the logic (`Logic`) with the parameters of the rulebooks that hold.
        kinds: kinds of things it watches.
        severity: of its alarms, 1 the gravest to 4 a hint (a scale of this platform's alarms, not of devices or of the
            warnings of authorities).
        cause: what its alarms have in common with others of one incident: `fog`, `speeding`, `fatigue`, `outage`.
        rulebook: ids of the rulebook parameters it goes by, so that an alarm can print their status.
        standing: its alarms stay open until a person acknowledges them.
        suspicious: it is given rows with a suspicion flag too; others are not.
    """

    id: str
    make: Callable[[Platform], Logic]
    kinds: tuple[str, ...] = ("vehicle",)
    severity: int = 3
    cause: str = ""
    rulebook: tuple[str, ...] = ()
    standing: bool = False
    suspicious: bool = False
