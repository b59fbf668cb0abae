"""The form of a step, derived from its declaration, and what it holds when it is sent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tongqu.kernel import documents, identity
from tongqu.kernel.cases.values import CaseType, Step
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, Problem
from tongqu.kit.text import text

LONGEST = {"line": 300, "text": 20_000}
_LATEST_MS = 4_102_444_800_000


def label_of(type: CaseType, *path: str) -> dict[str, str]:
    """A text of a case type in both languages: `label_of(type, "steps", "dispatch")`."""
    module, _, name = type.id.partition(".")
    return text(".".join((module, "cases", name, *path)))


def form_of(type: CaseType, step: Step) -> list[dict[str, Any]]:
    """The fields of a step as the page shows them."""
    return [
        {
            "name": name,
            "label": label_of(type, "fields", name),
            "type": kind,
            "required": name in step.required,
            "max_length": LONGEST.get(kind),
        }
        for name, kind in step.fields.items()
    ]


def checked(work: Work, step: Step, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a form holds, empty fields left out.

    Raises:
        Invalid: `cases.bad_form`, with one problem for each field that is wrong.
    """
    problems = [
        Problem("cases.unknown_field", name, params={"field": name}) for name in data.keys() - step.fields.keys()
    ]
    kept: dict[str, Any] = {}
    for name, kind in step.fields.items():
        value = data.get(name)
        value = value.strip() if isinstance(value, str) else value
        if value is None or value == "":
            if name in step.required:
                problems.append(Problem("cases.field_missing", name, params={"field": name}))
            continue
        faults = list(_faults(work, name, kind, value))
        problems += faults
        if not faults:
            kept[name] = value
    if problems:
        raise Invalid("cases.bad_form", field=problems[0].field, problems=problems)
    return kept


def _faults(work: Work, name: str, kind: str, value: Any) -> Iterator[Problem]:
    if kind in LONGEST:
        if not isinstance(value, str):
            yield Problem("cases.not_text", name)
        elif len(value) > LONGEST[kind]:
            yield Problem("cases.too_long", name, params={"most": LONGEST[kind]})
    elif kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            yield Problem("cases.not_number", name)
    elif kind == "time":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LATEST_MS:
            yield Problem("cases.not_time", name)
    elif kind == "person":
        if not isinstance(value, str) or not _may_handle(work, value):
            yield Problem("cases.no_person", name)
    elif not isinstance(value, str) or not _readable(work, value):
        yield Problem("cases.no_document", name)


def _may_handle(work: Work, person: str) -> bool:
    try:
        return person == work.actor.id or identity.person(work, person).disabled_ms is None
    except NotFound:
        return False


def _readable(work: Work, document: str) -> bool:
    try:
        documents.get(work, document)
    except NotFound:
        return False
    return True
