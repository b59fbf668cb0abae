"""What a module declares of a kind of case: a state machine with roles, guards, documents and clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tongqu.kernel.numbering.values import Series
from tongqu.kit.ids import Urn, urn

if TYPE_CHECKING:
    from tongqu.kernel.store import Work

FIELD_TYPES = frozenset({"line", "text", "number", "time", "person", "document"})
OPEN = "open"
"""The name of the first step of every case: its opening."""


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
        second: id of an earlier step: whoever took that one last may not take this one (two-person rule).
        fields: what the form of the step asks for, name to type (one of `FIELD_TYPES`); labels stand under
            `cases.{type}.fields.{name}`. A document of the form is held by the case from then on, under that name.
        required: fields that must not be empty.
        assigns: the field (a `person`) that names who handles the case from then on; `actor` for whoever takes it.
        occurs: the field (a `time`) that says when the step took effect, such as the date of service; it may lie before
            the moment of writing, not after it, and not before the step taken last.
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
    occurs: str = ""

    def __post_init__(self) -> None:
        named = {*self.required, *(one for one in (self.assigns, self.occurs) if one and one != "actor")}
        if unknown := named - self.fields.keys():
            raise ValueError(f"step {self.id}: {sorted(unknown)} are no fields of its form")
        if unknown := set(self.fields.values()) - FIELD_TYPES:
            raise ValueError(f"step {self.id}: {sorted(unknown)} are no types of fields")


@dataclass(frozen=True)
class Limit:
    """A deadline, computed from the steps that were taken, never a stored countdown.

    A step that both ends and begins it (a follow-up report) starts it anew.

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
        number: the numbering series of its numbers, None for none.
        read: permission to see one.
        supervised: whether a superior may put a supervision (督办) clock over it.
    """

    id: str
    states: tuple[str, ...]
    final: tuple[str, ...]
    steps: tuple[Step, ...]
    read: str
    limits: tuple[Limit, ...] = ()
    number: Series | None = None
    supervised: bool = False

    def __post_init__(self) -> None:
        known, ids = set(self.states), {step.id for step in self.steps}
        if len(ids) != len(self.steps) or OPEN in ids:
            raise ValueError(f"case type {self.id}: step ids are unique and none is {OPEN!r}")
        for step in self.steps:
            if not {*step.sources, step.target} <= known or set(step.sources) & set(self.final):
                raise ValueError(f"case type {self.id}: step {step.id} leads from or to a state that is none")
            if step.second and step.second not in ids | {OPEN}:
                raise ValueError(f"case type {self.id}: step {step.id} is second to an unknown step")
        for limit in self.limits:
            named = {*limit.begins, *limit.ends, *limit.suspends, *limit.resumes}
            if not named <= ids | {OPEN}:
                raise ValueError(f"case type {self.id}: limit {limit.id} names unknown steps")
        if not set(self.final) <= known:
            raise ValueError(f"case type {self.id}: a final state is none of its states")

    @property
    def initial(self) -> str:
        return self.states[0]

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id == step_id), None)


@dataclass(frozen=True)
class Case:
    """A case as it stands.

    Attributes:
        id: of this installation; `urn` its name.
        type: id of its type; state: where it is.
        number: of the type's series, empty without one.
        title: one line; organisation, region: whose it is; lon, lat: where, None where nowhere.
        place: as people write it: `G9901 K45+200 下行`.
        subject: URN of what it is about, empty for none.
        priority: 1 the most pressing to 4.
        handler, handler_name: person who has it, empty for nobody.
        data: facts of the type; amended by its module, never by a form.
        version: counts the steps taken; an editor names the one they read.
        revision: counts all changes of all cases.
    """

    id: str
    type: str
    number: str
    title: str
    state: str
    organisation: str | None
    region: str | None
    lon: float | None
    lat: float | None
    place: str
    subject: str
    priority: int
    handler: str
    handler_name: str
    data: Mapping[str, Any]
    version: int
    revision: int
    opened_ms: int
    closed_ms: int | None

    @property
    def urn(self) -> Urn:
        return urn("case", self.id)


@dataclass(frozen=True)
class Entry:
    """One line of a case's history; never changed.

    Attributes:
        seq: its place in the history.
        kind: `step`, `document`, `overdue`, `supervision` or `lift`.
        name: step id, kind of document, limit id or level.
        source, target: states; equal where it did not move.
        at_ms: when it took effect (the day of service); recorded_ms: when it was written.
        actor, actor_name: who.
        lon, lat, place: where, if told.
        data: what the form held.
        proof: SHA-256 of all of the above, also in the audit log.
    """

    seq: int
    case: str
    kind: str
    name: str
    source: str
    target: str
    at_ms: int
    recorded_ms: int
    actor: str
    actor_name: str
    lon: float | None
    lat: float | None
    place: str
    data: Mapping[str, Any]
    proof: str
