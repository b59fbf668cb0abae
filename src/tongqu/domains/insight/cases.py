"""The cases of the operations centre: an incident, and a shift with its handover."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tongqu.kernel import cases
from tongqu.kernel.cases import Case, CaseType, Limit, Step
from tongqu.kernel.numbering import Series
from tongqu.kernel.store import Work
from tongqu.kit.errors import Refused

READ, HANDLE = "insight.read", "insight.handle"
REPORT_STEPS = {"first": "first_report", "follow_up": "follow_up", "final": "final_report"}


def _taken(work: Work, case: Case) -> set[str]:
    return {entry.name for entry in cases.history(work, case) if entry.kind == "step"}


def _first_once(work: Work, case: Case, _: Mapping[str, Any]) -> None:
    if "first_report" in _taken(work, case):
        raise Refused("insight.first_report_made")


def _after_first(work: Work, case: Case, _: Mapping[str, Any]) -> None:
    taken = _taken(work, case)
    if "first_report" not in taken:
        raise Refused("insight.first_report_missing")
    if "final_report" in taken:
        raise Refused("insight.final_report_made")


def _reported_to_the_end(work: Work, case: Case, _: Mapping[str, Any]) -> None:
    taken = _taken(work, case)
    if "first_report" in taken and "final_report" not in taken:
        raise Refused("insight.final_report_missing")


def _report(name: str, guard: Callable[[Work, Case, Mapping[str, Any]], None]) -> Step:
    """A report is written while the incident is handled."""
    return Step(
        name, ("handling",), "handling", HANDLE, guard=guard, fields={"report": "document"}, required=("report",)
    )


_ENDS = ("close", "dismiss")

INCIDENT = CaseType(
    id="insight.incident",
    states=("new", "handling", "closed", "dismissed"),
    final=("closed", "dismissed"),
    read=READ,
    number=Series("insight.incidents", "{region}-{year}{month:02d}{day:02d}-{number:03d}", period="day"),
    supervised=True,
    steps=(
        Step("take", ("new", "handling"), "handling", HANDLE, assigns="actor"),
        Step(
            "assign",
            ("new", "handling"),
            "handling",
            HANDLE,
            fields={"officer": "person", "note": "text"},
            required=("officer",),
            assigns="officer",
        ),
        Step("note", ("handling",), "handling", HANDLE, fields={"note": "text"}, required=("note",)),
        _report("first_report", _first_once),
        _report("follow_up", _after_first),
        _report("final_report", _after_first),
        Step(
            "close",
            ("handling",),
            "closed",
            HANDLE,
            guard=_reported_to_the_end,
            fields={"result": "text"},
            required=("result",),
        ),
        Step("dismiss", ("new", "handling"), "dismissed", HANDLE, fields={"reason": "text"}, required=("reason",)),
    ),
    limits=(
        Limit("take", ("open",), ("take", "assign", "dismiss"), 10, "minutes", "insight.reports.take_minutes"),
        Limit(
            "first_report",
            ("take", "assign"),
            ("first_report", *_ENDS),
            1,
            "hours",
            "insight.reports.first_report_hours",
        ),
        Limit(
            "follow_up",
            ("first_report", "follow_up"),
            ("follow_up", "final_report", *_ENDS),
            2,
            "hours",
            "insight.reports.follow_up_hours",
        ),
        Limit(
            "final_report",
            ("first_report",),
            ("final_report", *_ENDS),
            7,
            "days",
            "insight.reports.final_report_days",
        ),
    ),
)


def _on_duty_oneself(work: Work, case: Case, _: Mapping[str, Any]) -> None:
    if case.handler != work.actor.id:
        raise Refused("insight.not_your_shift")


SHIFT = CaseType(
    id="insight.shift",
    states=("opened", "on_duty", "handed_over", "ended"),
    final=("ended",),
    read=READ,
    steps=(
        Step("begin", ("opened",), "on_duty", HANDLE, assigns="actor"),
        Step("note", ("on_duty",), "on_duty", HANDLE, fields={"note": "text"}, required=("note",)),
        Step(
            "hand_over",
            ("on_duty",),
            "handed_over",
            HANDLE,
            guard=_on_duty_oneself,
            fields={"summary": "text"},
            required=("summary",),
        ),
        Step("take_back", ("handed_over",), "on_duty", HANDLE, guard=_on_duty_oneself),
        Step("sign", ("handed_over",), "ended", HANDLE, second="hand_over", fields={"remark": "text"}),
    ),
)
"""Both signatures of a handover are steps of two persons, each with its proof in the audit log."""
