"""What a module declares of a kind of case: a state machine with roles, guards, documents and clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tongqu.kernel.store import Work


@dataclass(frozen=True)
class Step:
    """A transition. Its label stands in the module's locale under `cases.{type}.steps.{id}`.

    Attributes:
        id: the verb: `dispatch`.
        sources: states it leaves from.
        target: state it leads to; the same as the source for a step that only adds (a note, a follow-up report).
        permission: who may.
        guard: `(work, case, data) -> None`; raises `Refused` with every reason.
        documents: kinds of documents that the case must hold by then.
        second: another person than the one who took this step's `after` must take it (two-person rule).
        fields: what the form of the step asks for, name to type (`text`, `number`, `time`, `person`, `document`).
        required: fields that must not be empty.
        assigns: the field that names who handles the case from then on.
    """

    id: str
    sources: tuple[str, ...]
    target: str
    permission: str
    guard: Callable[[Work, Any, Mapping[str, Any]], None] | None = None
    documents: tuple[str, ...] = ()
    second: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    assigns: str = ""


@dataclass(frozen=True)
class Limit:
    """A deadline, computed from the steps that were taken, never a stored countdown.

    Attributes:
        id: its label stands under `cases.{type}.limits.{id}`.
        begins: step ids that start the clock (`open` is the opening itself).
        ends: step ids that stop it.
        amount, unit: how long: hours, natural days or working days of the calendar.
        parameter: id of the rulebook parameter that overrides `amount`.
        suspends, resumes: step ids between which the clock stands still.
    """

    id: str
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    amount: float
    unit: Literal["minutes", "hours", "days", "working_days"] = "hours"
    parameter: str = ""
    suspends: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseType:
    """A kind of case. Its title and those of its states stand under `cases.{name}.title`, `.states.{state}`.

    Attributes:
        id: `module.name`.
        states: all of them, the first is the initial one.
        final: states with no way out.
        steps, limits: as above.
        number: id of the numbering series of its numbers, empty for none.
        read: permission to see one.
        supervised: whether a superior may put a supervision (督办) clock over it.
    """

    id: str
    states: tuple[str, ...]
    final: tuple[str, ...]
    steps: tuple[Step, ...]
    read: str
    limits: tuple[Limit, ...] = ()
    number: str = ""
    supervised: bool = False
