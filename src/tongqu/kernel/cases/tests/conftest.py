"""A desk with one case type that has everything: two persons, documents, clocks in hours, days and working days."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.calendar.module import MODULE as CALENDAR
from tongqu.kernel.cases import CaseType, Limit, Step
from tongqu.kernel.cases.module import MODULE as CASES
from tongqu.kernel.documents.module import MODULE as DOCUMENTS
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.identity.module import prepare_roles
from tongqu.kernel.module import Module, Role
from tongqu.kernel.notify.module import MODULE as NOTIFY
from tongqu.kernel.numbering import Series
from tongqu.kernel.numbering.module import MODULE as NUMBERING
from tongqu.kernel.platform import Platform
from tongqu.kernel.rulebooks.module import MODULE as RULEBOOKS
from tongqu.kernel.store import Actor, Grant
from tongqu.kit.errors import Refused
from tongqu.kit.time import ManualClock, parse_iso

START_MS = parse_iso("2026-11-24T09:00:00+08:00")


def load_checked(work, case, data) -> None:
    if data.get("load_kg", 0) > 49_000:
        raise Refused("desk.overloaded")


DEFECT = CaseType(
    id="desk.defect",
    states=("found", "planned", "repaired", "accepted", "closed", "dropped"),
    final=("closed", "dropped"),
    read="desk.read",
    number=Series("desk.defects", "{region}病害〔{year}〕{number}号"),
    supervised=True,
    steps=(
        Step(
            "plan",
            ("found",),
            "planned",
            "desk.edit",
            fields={"engineer": "person", "note": "text"},
            assigns="engineer",
        ),
        Step(
            "repair",
            ("planned",),
            "repaired",
            "desk.edit",
            fields={"photo": "document", "load_kg": "number"},
            documents=("photo",),
            guard=load_checked,
        ),
        Step("accept", ("repaired",), "accepted", "desk.accept", second="repair"),
        Step(
            "serve",
            ("accepted",),
            "closed",
            "desk.edit",
            fields={"served_ms": "time"},
            required=("served_ms",),
            occurs="served_ms",
        ),
        Step("wait", ("planned",), "planned", "desk.edit"),
        Step("go_on", ("planned",), "planned", "desk.edit"),
        Step("note", ("found", "planned", "repaired"), "found", "desk.edit", fields={"note": "text"}),
        Step("drop", ("found", "planned"), "dropped", "desk.edit", fields={"note": "text"}, required=("note",)),
    ),
    limits=(
        Limit("first_look", ("open",), ("plan", "drop"), 2, "hours"),
        Limit("repair", ("plan",), ("repair",), 5, "working_days", suspends=("wait",), resumes=("go_on",)),
        Limit("decide", ("open",), ("serve", "drop"), 90, "days"),
    ),
)
DESK = Module(
    id="desk",
    package="desk_of_cases",
    field="infrastructure",
    permissions=("desk.read", "desk.edit", "desk.accept"),
    roles=(
        Role("keeper", ("desk.read", "desk.edit", "desk.accept")),
        Role("reader", ("desk.read",)),
        Role("duty_officer", ("desk.read",)),
    ),
    case_types=(DEFECT,),
    numbers=(DEFECT.number,),
)


def person(id: str, *permissions: str, region: str | None = None) -> Actor:
    grant = Grant("role", frozenset(permissions), region=region, everywhere=region is None)
    return Actor(id, f"人员 {id}", grants=(grant,))


EDITOR = person("p-editor", "desk.read", "desk.edit", "desk.accept", region="9901")
OTHER = person("p-other", "desk.read", "desk.edit", "desk.accept", region="9901")
READER = person("p-reader", "desk.read", region="9901")
STRANGER = person("p-stranger", "desk.read", "desk.edit", "desk.accept", "cases.supervise", region="9902")
COUNTY = person("p-county", "desk.read", "cases.supervise", region="990101")
CITY = person("p-city", "desk.read", "cases.supervise", region="9901")
PROVINCE = person("p-province", "desk.read", "cases.supervise", region="99")


@pytest.fixture
def platform(make_platform, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    folder = tmp_path / "desk_of_cases" / "locale"
    folder.mkdir(parents=True)
    (tmp_path / "desk_of_cases" / "__init__.py").touch()
    for language in ("zh", "en"):
        (folder / f"{language}.json").write_text('{"cases": {"defect": {"title": "' + language + '"}}}')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "desk_of_cases", raising=False)
    clock.at_ms = START_MS
    made = make_platform(AUDIT, IDENTITY, EVENTS, DOCUMENTS, RULEBOOKS, CALENDAR, NUMBERING, NOTIFY, CASES, DESK)
    prepare_roles(made)
    return made
