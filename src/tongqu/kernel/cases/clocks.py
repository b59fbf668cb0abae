"""Deadlines of a case, computed from its history and the calendar whenever somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tongqu.kernel import rulebooks
from tongqu.kernel.calendar import day_at, day_of, ends_ms
from tongqu.kernel.calendar.periods import Stand
from tongqu.kernel.cases.values import Case, CaseType, Entry, Limit
from tongqu.kernel.rulebooks import Status

SUPERVISION = "supervision"
State = Literal["running", "standing", "overdue", "met", "missed", "lapsed"]
_WORST = (Status.UNVERIFIED, Status.CROSS_CHECKED, Status.VERIFIED)


@dataclass(frozen=True)
class Clock:
    """One run of a limit.

    Attributes:
        limit: its id; `supervision` for a superior's order.
        began: `seq` of the entry (id of the supervision) that began it; with case and limit the clock's own name.
        begin_ms: when; due_ms: the first instant that is too late, None while it stands still.
        ended_ms: when it was ended, None while it is not.
        state: `running`, `standing` (suspended), `overdue`; ended in time `met`, too late `missed`; `lapsed` with its
            case.
        status: of the least sure number that went into it; None for an order, which has a date of its own.
        parameters: ids of the rulebook parameters it went by.
        level: of a supervision, else empty.
    """

    limit: str
    began: str
    begin_ms: int
    due_ms: int | None
    ended_ms: int | None
    state: State
    status: Status | None = None
    parameters: tuple[str, ...] = ()
    level: str = ""

    @property
    def open(self) -> bool:
        return self.state in ("running", "standing", "overdue")


def clocks_of(
    type: CaseType, case: Case, history: Sequence[Entry], supervisions: Sequence[Mapping[str, Any]], now_ms: int
) -> list[Clock]:
    """All clocks of a case as of now, those of a limit in the order in which they began."""
    steps = [entry for entry in history if entry.kind == "step"]
    found = [clock for limit in type.limits for clock in _runs(limit, case, steps, now_ms)]
    return found + [_ordered(one, case, now_ms) for one in supervisions]


def nearest(clocks: Sequence[Clock]) -> Clock | None:
    """The open clock that ends first."""
    ending = [clock for clock in clocks if clock.open and clock.due_ms is not None]
    return min(ending, key=lambda clock: clock.due_ms or 0, default=None)


def _runs(limit: Limit, case: Case, steps: Sequence[Entry], now_ms: int) -> list[Clock]:
    found: list[Clock] = []
    begun: Entry | None = None
    stands: list[Stand] = []
    for step in steps:
        if begun is not None and step.name in limit.ends:
            found.append(_clock(limit, case, begun, stands, step.at_ms, now_ms))
            begun = None
        elif begun is not None and step.name in limit.suspends and not _standing(stands):
            stands.append((step.at_ms, None))
        elif begun is not None and step.name in limit.resumes and _standing(stands):
            stands[-1] = (stands[-1][0], step.at_ms)
        if begun is None and step.name in limit.begins:
            begun, stands = step, []
    if begun is not None:
        found.append(_clock(limit, case, begun, stands, None, now_ms))
    return found


def _standing(stands: Sequence[Stand]) -> bool:
    return bool(stands) and stands[-1][1] is None


def _clock(limit: Limit, case: Case, begun: Entry, stands: Sequence[Stand], ended_ms: int | None, now_ms: int) -> Clock:
    amount, status = limit.amount, Status.VERIFIED
    if limit.parameter:
        parameter = rulebooks.parameter_of(limit.parameter, case.region, begun.at_ms)
        amount, status = float(parameter.value), parameter.status
    due = ends_ms(begun.at_ms, amount, limit.unit, stands)
    if due is not None and limit.unit == "working_days":
        status = min(status, day_of(day_at(begun.at_ms)).status, day_of(day_at(due - 1)).status, key=_WORST.index)
    return Clock(
        limit=limit.id,
        began=str(begun.seq),
        begin_ms=begun.at_ms,
        due_ms=due,
        ended_ms=ended_ms,
        state=_state(due, ended_ms, case.closed_ms, now_ms),
        status=status,
        parameters=(limit.parameter,) if limit.parameter else (),
    )


def _ordered(row: Mapping[str, Any], case: Case, now_ms: int) -> Clock:
    """The clock of a supervision: it ends when the superior lifts it."""
    return Clock(
        limit=SUPERVISION,
        began=str(row["id"]),
        begin_ms=row["begun_ms"],
        due_ms=row["deadline_ms"],
        ended_ms=row["lifted_ms"],
        state=_state(row["deadline_ms"], row["lifted_ms"], case.closed_ms, now_ms),
        level=row["level"],
    )


def _state(due_ms: int | None, ended_ms: int | None, closed_ms: int | None, now_ms: int) -> State:
    if ended_ms is not None:
        return "met" if due_ms is None or ended_ms < due_ms else "missed"
    if closed_ms is not None:
        return "lapsed"
    if due_ms is None:
        return "standing"
    return "overdue" if now_ms >= due_ms else "running"
