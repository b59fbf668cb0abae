"""The verbs: a case is opened, goes from state to state by its type's steps, and nothing of that is ever rewritten.

A verb runs in the unit of work of its caller, never commits, and writes the history, the audit log and the event in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from tongqu.kernel import audit, documents, events, identity, numbering
from tongqu.kernel.cases import store
from tongqu.kernel.cases.events import ADVANCED, OPENED
from tongqu.kernel.cases.forms import checked, label_of
from tongqu.kernel.cases.values import OPEN, Case, CaseType, Entry, Step
from tongqu.kernel.events import EventType
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused, Stale, TongquError
from tongqu.kit.ids import new_id
from tongqu.kit.text import text

LONGEST_TITLE, LONGEST_PLACE = 300, 200


def open_case(
    work: Work,
    type: CaseType,
    *,
    title: str,
    organisation: str | None = None,
    region: str | None = None,
    at_ms: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    place: str = "",
    subject: str = "",
    priority: int = 3,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Case:
    """Open a case. Whether the actor may is for the module of the type to say.

    Args:
        at_ms: when it began; now by default, never in the future.
        key: what makes a second opening the first one again: gives the case that is there.

    Raises:
        Invalid: `cases.no_owner`: neither organisation nor region says whose it is; `cases.in_future`.
    """
    if organisation is None and region is None:
        raise Invalid("cases.no_owner", field="region")
    if key is not None and (known := store.by_key(work.as_system("cases"), type, key)):
        return known
    at = _effective(work, at_ms, 0)
    case = Case(
        id=new_id(),
        type=type.id,
        number="",
        title=title[:LONGEST_TITLE],
        state=type.initial,
        organisation=organisation,
        region=region,
        lon=lon,
        lat=lat,
        place=place[:LONGEST_PLACE],
        subject=subject,
        priority=priority,
        handler="",
        handler_name="",
        data=dict(data or {}),
        version=1,
        revision=store.next_revision(work),
        opened_ms=at,
        closed_ms=None,
    )
    if type.number is not None:
        shown = {"organisation": organisation or "", "region": region or ""}
        owner = type.number.owner_of(**shown)
        case = replace(case, number=numbering.take(work, type.number, subject=case.urn, owner=owner, **shown))
    store.add(work, {**case.__dict__, "key": key})
    write(work, case, "step", OPEN, source="", target=case.state, at_ms=at, lon=lon, lat=lat, place=place)
    tell(work, OPENED, case, OPEN, at)
    return case


def get(work: Work, type: CaseType, case_id: str) -> Case:
    """A case of a type, as it stands.

    Raises:
        NotFound: `cases.unknown`: there is none, or none that the actor may see.
    """
    found = store.get(work, type, case_id)
    if found is None:
        raise NotFound("cases.unknown", case=case_id)
    return found


def by_key(work: Work, type: CaseType, key: str) -> Case | None:
    """The case that was opened with a key, None if there is none or none that the actor may see."""
    return store.by_key(work, type, key)


def find(work: Work, types: Mapping[str, CaseType], case_id: str) -> tuple[CaseType, Case]:
    """A case of any of some types, with its type; for routes.

    Raises:
        NotFound: `cases.unknown`.
    """
    type = types.get(store.type_of(work.as_system("cases"), case_id) or "")
    if type is None:
        raise NotFound("cases.unknown", case=case_id)
    return type, get(work, type, case_id)


def still_open(work: Work, types: Sequence[CaseType]) -> list[Case]:
    """Open cases of some types that the actor sees, the oldest first."""
    return store.still_open(work, types)


def opened_before(work: Work, type: CaseType, end_ms: int, *, since_ms: int) -> list[Case]:
    """Cases that were opened before an instant and not closed before another, as far as the actor sees."""
    return store.opened_before(work, type, end_ms, since_ms)


def history(work: Work, case: Case) -> list[Entry]:
    """All that was done to a case the actor has, the oldest first."""
    return store.entries(work, [case.id])[case.id]


def advance(
    work: Work,
    type: CaseType,
    case_id: str,
    step_id: str,
    *,
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    place: str = "",
) -> Case:
    """Take a step.

    Args:
        data: what its form holds.
        version: of the case that the actor has read; None takes whatever stands.
        lon, lat, place: where it was taken, if told.

    Raises:
        NotFound: `cases.unknown`, `cases.unknown_step`.
        Forbidden: `web.no_permission`.
        Stale: `web.changed_meanwhile`: somebody took a step meanwhile.
        Refused: `cases.not_from_here`, `cases.second_person`, `cases.documents_missing`, and what the guard says.
        Invalid: `cases.bad_form`, `cases.in_future`, `cases.before_last`.
    """
    case = get(work, type, case_id)
    step = type.step(step_id)
    if step is None:
        raise NotFound("cases.unknown_step", field="step", step=step_id)
    _require(work.actor, step.permission, case)
    if version is not None and version != case.version:
        raise Stale("web.changed_meanwhile")
    taken = history(work, case)
    if case.state not in step.sources:
        raise Refused("cases.not_from_here", **_named(type, "step", step_id), **_named(type, "state", case.state))
    if _was_first(step, taken, work.actor):
        raise _second(type, step)
    form = checked(work, step, data or {})
    held = {row["kind"] for row in store.documents(work, case.id)}
    given = {name for name, kind in step.fields.items() if kind == "document" and name in form}
    if missing := [kind for kind in step.documents if kind not in held | given]:
        raise _missing(type, missing)
    at = _effective(work, form.get(step.occurs) if step.occurs else None, taken[-1].at_ms if taken else 0)
    if step.guard is not None:
        step.guard(work, case, form)
    for name in sorted(given):
        attach(work, type, case, name, form[name])
    handler, handler_name = _handler(work, step, form, case)
    version = case.version + 1
    moved = replace(case, state=step.target, version=version, handler=handler, handler_name=handler_name)
    if step.target in type.final:
        moved = replace(moved, closed_ms=at)
    write(work, moved, "step", step_id, source=case.state, at_ms=at, lon=lon, lat=lat, place=place, data=form)
    fields = ("state", "version", "handler", "handler_name", "closed_ms")
    store.change(work.as_system("cases"), case.id, {name: getattr(moved, name) for name in fields})
    tell(work, ADVANCED, moved, step_id, at)
    return moved


def amend(work: Work, type: CaseType, case_id: str, **values: Any) -> Case:
    """Change facts of a case that its module knows better now: title, place, lon, lat, region, priority, data.

    No step is taken and no history written: what people did stays as it was. For the module of the type.
    """
    case = get(work, type, case_id)
    known = {"title", "place", "lon", "lat", "region", "priority", "data", "subject"}
    if unknown := values.keys() - known:
        raise TypeError(f"{sorted(unknown)} of a case are not amended")
    if "title" in values:
        values["title"] = values["title"][:LONGEST_TITLE]
    if "place" in values:
        values["place"] = values["place"][:LONGEST_PLACE]
    store.change(work, case_id, values)
    return replace(case, **values)


def attach(work: Work, type: CaseType, case: Case, kind: str, document_id: str) -> None:
    """Have a case hold a document of a kind; the document is named with its hash, so it cannot be exchanged.

    Raises:
        NotFound: `documents.unknown`.
    """
    document = documents.get(work, document_id)
    row = {
        "case": case.id,
        "kind": kind,
        "document": document_id,
        "name": document["name"],
        "sha256": document["sha256"],
        "added_ms": work.now_ms,
        "added_by": work.actor.id,
    }
    documents.hold(work, document_id, case.urn)
    if store.add_document(work, row):
        fact = {"document": document_id, "sha256": document["sha256"], "name": document["name"]}
        write(work, case, "document", kind, source=case.state, at_ms=work.now_ms, data=fact)


def write(
    work: Work,
    case: Case,
    kind: str,
    name: str,
    *,
    source: str,
    at_ms: int,
    target: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    place: str = "",
    data: Mapping[str, Any] | None = None,
) -> int:
    """Append to the history of a case, and its proof to the audit log; gives the entry's number."""
    row: dict[str, Any] = {
        "case": case.id,
        "kind": kind,
        "name": name,
        "source": source,
        "target": case.state if target is None else target,
        "at_ms": at_ms,
        "recorded_ms": work.now_ms,
        "actor": work.actor.id,
        "actor_name": work.actor.name,
        "lon": lon,
        "lat": lat,
        "place": place[:LONGEST_PLACE],
        "data": dict(data or {}),
    }
    row["proof"] = proof_of(row)
    owner = {"organisation": case.organisation, "region": case.region}
    audit.record(work, f"cases.{kind}", case.urn, **owner, name=name, state=row["target"], proof=row["proof"])
    return store.add_entry(work, row)


def proof_of(row: Mapping[str, Any]) -> str:
    """SHA-256 over every fact of an entry but its number: what the audit log holds of it."""
    facts = {name: row[name] for name in Entry.__dataclass_fields__ if name not in ("seq", "proof")}
    return hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def tell(work: Work, type: EventType, case: Case, name: str, at_ms: int, key: str | None = None, **more: Any) -> bool:
    """Record an event of a case; False if it is recorded already."""
    made = events.record(
        work,
        type,
        subject=case.urn,
        occurred_at_ms=at_ms,
        source="cases",
        key=key or f"{case.id}:{case.version}",
        payload={
            "case": case.id,
            "type": case.type,
            "number": case.number,
            "state": case.state,
            "step": name,
            "subject": case.subject,
            "region": case.region,
            "organisation": case.organisation,
            **more,
        },
    )
    return made is not None


def may(actor: Actor, permission: str, case: Case) -> bool:
    return allowed(actor, permission, organisation=case.organisation, region=case.region)


def blocked(
    type: CaseType, step: Step, case: Case, taken: Sequence[Entry], held: Collection[str], actor: Actor
) -> list[dict[str, Any]]:
    """Why an actor cannot take a step that leads on from here, as far as it can be said before the form is filled.

    `code`, `text` in both languages; empty where nothing stands in the way.
    """
    found: list[TongquError] = []
    if not may(actor, step.permission, case):
        found.append(Forbidden("web.no_permission", permission=step.permission))
    if _was_first(step, taken, actor):
        found.append(_second(type, step))
    if missing := [kind for kind in step.documents if kind not in held and kind not in step.fields]:
        found.append(_missing(type, missing))
    return [{"code": one.code, "text": one.detail} for one in found]


def _second(type: CaseType, step: Step) -> Refused:
    return Refused("cases.second_person", **_named(type, "step", step.id), **_named(type, "first", step.second))


def _missing(type: CaseType, kinds: Sequence[str]) -> Refused:
    labels = [label_of(type, "fields", kind) for kind in kinds]
    return Refused(
        "cases.documents_missing",
        documents=", ".join(kinds),
        documents_zh="、".join(one["zh"] for one in labels),
        documents_en=", ".join(one["en"] for one in labels),
    )


def _named(type: CaseType, what: str, id: str) -> dict[str, Any]:
    """A step or state in the words of both languages, for the text of an error."""
    if id == OPEN:
        label = text("cases.opened")
    else:
        label = label_of(type, "states" if what == "state" else "steps", id)
    return {what: id, f"{what}_zh": label["zh"], f"{what}_en": label["en"]}


def _require(actor: Actor, permission: str, case: Case) -> None:
    if not may(actor, permission, case):
        raise Forbidden("web.no_permission", permission=permission)


def _was_first(step: Step, taken: Sequence[Entry], actor: Actor) -> bool:
    """Whether the two-person rule keeps the actor from a step."""
    if not step.second:
        return False
    first = next((one for one in reversed(taken) if one.kind == "step" and one.name == step.second), None)
    return first is None or first.actor == actor.id


def _handler(work: Work, step: Step, form: Mapping[str, Any], case: Case) -> tuple[str, str]:
    """Who has the case after a step: id and name."""
    person = work.actor.id if step.assigns == "actor" else form.get(step.assigns)
    if person is None:
        return case.handler, case.handler_name
    if person == work.actor.id:
        return person, work.actor.name
    return person, identity.person(work.as_system("cases"), person).name


def _effective(work: Work, at_ms: int | None, not_before_ms: int) -> int:
    """When something took effect: not in the future, not before what was done last."""
    if at_ms is None:
        return max(work.now_ms, not_before_ms)
    if at_ms > work.now_ms:
        raise Invalid("cases.in_future", field="at_ms")
    if at_ms < not_before_ms:
        raise Invalid("cases.before_last", field="at_ms")
    return at_ms
