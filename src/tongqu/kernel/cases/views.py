"""What the page sees of cases: labels in both languages, clocks as of now, the steps that lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tongqu.kernel import rulebooks
from tongqu.kernel.cases import service, store, supervision
from tongqu.kernel.cases.clocks import SUPERVISION, Clock, clocks_of, nearest
from tongqu.kernel.cases.forms import form_of, label_of
from tongqu.kernel.cases.values import OPEN, Case, CaseType, Entry
from tongqu.kernel.store import Work
from tongqu.kit.text import text


def brief(work: Work, types: Mapping[str, CaseType], found: Sequence[Case]) -> list[dict[str, Any]]:
    """Rows of a list, each with the clock that ends first."""
    ids = [case.id for case in found]
    histories, orders = store.entries(work, ids), store.supervisions(work, ids)
    rows = []
    for case in found:
        type = types[case.type]
        clocks = clocks_of(type, case, histories[case.id], orders[case.id], work.now_ms)
        next_one = nearest(clocks)
        rows.append(
            _facts(type, case)
            | {
                "due_ms": next_one.due_ms if next_one else None,
                "due": clock_label(type, next_one) if next_one else None,
                "overdue": sum(clock.state == "overdue" for clock in clocks),
                "supervised": any(clock.limit == SUPERVISION and clock.open for clock in clocks),
            }
        )
    return rows


def whole(work: Work, type: CaseType, case: Case) -> dict[str, Any]:
    """All that the page shows of one case."""
    taken = service.history(work, case)
    orders = store.supervisions(work, [case.id])[case.id]
    held = store.documents(work, case.id)
    kinds = {row["kind"] for row in held}
    clocks = clocks_of(type, case, taken, orders, work.now_ms)
    parameters = sorted({one for clock in clocks for one in clock.parameters})
    return _facts(type, case) | {
        "clocks": [clock_shown(type, clock) for clock in clocks],
        "steps": [
            {
                "id": step.id,
                "label": label_of(type, "steps", step.id),
                "target": label_of(type, "states", step.target),
                "form": form_of(type, step),
                "blocked": service.blocked(type, step, case, taken, kinds, work.actor),
            }
            for step in type.steps
            if case.state in step.sources
        ],
        "documents": held,
        "supervisions": orders,
        "may_supervise": supervision.levels_of(work.actor, type, case) if case.closed_ms is None else [],
        "may_attach": any(service.may(work.actor, step.permission, case) for step in type.steps),
        "parameters": rulebooks.cited(parameters, case.region, work.now_ms),
        "overdue": sum(clock.state == "overdue" for clock in clocks),
        "supervised": any(clock.limit == SUPERVISION and clock.open for clock in clocks),
    }


def described(type: CaseType) -> dict[str, Any]:
    """A case type: its states in order, its steps as a table of where from and where to."""
    return {
        "id": type.id,
        "title": label_of(type, "title"),
        "supervised": type.supervised,
        "states": [
            {"id": state, "label": label_of(type, "states", state), "final": state in type.final}
            for state in type.states
        ],
        "steps": [
            {"id": s.id, "label": label_of(type, "steps", s.id), "sources": s.sources, "target": s.target}
            for s in type.steps
        ],
    }


def entry_shown(type: CaseType, entry: Entry) -> dict[str, Any]:
    """A line of the history."""
    return {**entry.__dict__, "label": _entry_label(type, entry), "state_label": label_of(type, "states", entry.target)}


def clock_shown(type: CaseType, clock: Clock) -> dict[str, Any]:
    return {
        **clock.__dict__,
        "label": clock_label(type, clock),
        "status": clock.status.value if clock.status else None,
        "status_label": text(f"rulebooks.options.Status.{clock.status.value}") if clock.status else None,
    }


def clock_label(type: CaseType, clock: Clock) -> dict[str, str]:
    if clock.limit == SUPERVISION:
        return text(f"cases.levels.{clock.level}")
    return label_of(type, "limits", clock.limit)


def _entry_label(type: CaseType, entry: Entry) -> dict[str, str]:
    if entry.kind == "step":
        return text("cases.opened") if entry.name == OPEN else label_of(type, "steps", entry.name)
    if entry.kind == "overdue":
        limit = text("cases.supervision") if entry.name == SUPERVISION else label_of(type, "limits", entry.name)
        return {language: text("cases.overdue_of", limit=limit[language])[language] for language in limit}
    if entry.kind == "document":
        return label_of(type, "fields", entry.name)
    level = text(f"cases.levels.{entry.name}")
    key = "cases.lifted" if entry.kind == "lift" else "cases.supervised_by"
    return {language: text(key, level=level[language])[language] for language in level}


def _facts(type: CaseType, case: Case) -> dict[str, Any]:
    return {
        **case.__dict__,
        "data": dict(case.data),
        "urn": case.urn,
        "type_label": label_of(type, "title"),
        "state_label": label_of(type, "states", case.state),
        "final": case.state in type.final,
    }
