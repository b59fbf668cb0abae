"""Reports of an incident: a draft filled from its facts, edited by people, sent as a Word document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tongqu.domains.insight import store, word
from tongqu.domains.insight.cases import HANDLE, INCIDENT, REPORT_STEPS
from tongqu.domains.insight.service import facts as told
from tongqu.domains.insight.service.facts import Facts, clock, words
from tongqu.kernel import cases, documents
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden, NotFound, Refused, Stale
from tongqu.kit.ids import new_id


def draft(work: Work, case_id: str, kind: str, language: str) -> dict[str, Any]:
    """Make a draft filled from what is known now.

    Raises:
        NotFound: `cases.unknown`.
        Forbidden: `web.no_permission`.
        Refused: `insight.incident_closed`.
    """
    case = cases.get(work, INCIDENT, case_id)
    if not allowed(work.actor, HANDLE, organisation=None, region=case.region):
        raise Forbidden("web.no_permission", permission=HANDLE)
    if case.closed_ms is not None:
        raise Refused("insight.incident_closed")
    facts = told.facts_of(work, case, language)
    row = {
        "id": new_id(),
        "case": case_id,
        "region": case.region,
        "kind": kind,
        "title": words(language, f"title_{kind}", title=facts.title, place=case.place or facts.region[language]),
        "body": _body(facts, kind),
        "language": language,
        "version": 1,
        "created_ms": work.now_ms,
        "changed_ms": work.now_ms,
        "author": work.actor.id,
        "author_name": work.actor.name,
        "submitted_ms": None,
        "document": None,
    }
    store.add_report(work, row)
    return row


def get(work: Work, report_id: str) -> dict[str, Any]:
    """A report.

    Raises:
        NotFound: `insight.unknown_report`.
    """
    found = store.report(work, report_id)
    if found is None:
        raise NotFound("insight.unknown_report", report=report_id)
    return found


def edit(work: Work, report_id: str, title: str, body: Sequence[dict[str, str]], version: int) -> dict[str, Any]:
    """Change a draft.

    Raises:
        NotFound: `insight.unknown_report`.
        Forbidden: `web.no_permission`.
        Refused: `insight.report_sent`.
        Stale: `web.changed_meanwhile`.
    """
    row = _editable(work, report_id)
    if row["version"] != version:
        raise Stale("web.changed_meanwhile")
    values = {"title": title, "body": list(body), "version": version + 1, "changed_ms": work.now_ms}
    store.change_report(work, report_id, values)
    return row | values


def discard(work: Work, report_id: str) -> None:
    """Throw a draft away; as `edit`."""
    _editable(work, report_id)
    store.remove_draft(work, report_id)


def submit(platform: Platform, actor: Actor, report_id: str) -> dict[str, Any]:
    """Send a report: write its document, and take the step of its incident. Opens its own units of work.

    Raises:
        NotFound, Forbidden, Refused: as `edit`; and what the step says: a first report is made once and before others.
    """
    with platform.store.read(actor) as work:
        row = _editable(work, report_id)
        case = cases.get(work, INCIDENT, row["case"])
        facts = told.facts_of(work, case, row["language"])
    content = documents.vault(platform).keep(_document(row, facts))
    with platform.store.write(actor) as work:
        again = _editable(work, report_id)
        if again["version"] != row["version"]:
            raise Stale("web.changed_meanwhile")
        made = documents.put(
            work,
            content,
            name=f"{row['title']}.docx",
            media_type=word.MEDIA_TYPE,
            purpose="report",
            region=case.region,
        )
        step = REPORT_STEPS[row["kind"]]
        cases.advance(work, INCIDENT, case.id, step, data={"report": made.id})
        values = {"submitted_ms": work.now_ms, "document": made.id, "changed_ms": work.now_ms}
        store.change_report(work, report_id, values)
    return row | values


def _editable(work: Work, report_id: str) -> dict[str, Any]:
    row = get(work, report_id)
    if not allowed(work.actor, HANDLE, organisation=None, region=row["region"]):
        raise Forbidden("web.no_permission", permission=HANDLE)
    if row["submitted_ms"] is not None:
        raise Refused("insight.report_sent")
    return row


def _body(facts: Facts, kind: str) -> list[dict[str, str]]:
    """The sections of a draft."""
    language = facts.language
    since = facts.since() if kind == "follow_up" else 0
    parts = {
        "first": (("what", told.overview), ("effect", told.effect), ("measures", told.measures)),
        "follow_up": (
            ("what", told.overview),
            ("now", told.effect),
            ("measures_since", lambda one: told.measures(one, since)),
        ),
        "final": (("what", told.overview), ("effect", told.effect), ("course", told.measures)),
    }[kind]
    body = [{"heading": words(language, heading), "text": fill(facts)} for heading, fill in parts]
    closing = "conclusion" if kind == "final" else "next"
    return [*body, {"heading": words(language, closing), "text": words(language, f"{closing}_hint")}]


def _document(row: dict[str, Any], facts: Facts) -> bytes:
    language = row["language"]
    under = words(language, "under", number=facts.case.number, author=row["author_name"], time=clock(facts.now_ms))
    sections = [word.Section(one["heading"], one["text"]) for one in row["body"]]
    sections.append(word.Section(words(language, "basis"), told.basis(facts.parameters, language)))
    return word.write(row["title"], under, sections)
