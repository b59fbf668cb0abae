"""All SQL of the cases. What an actor sees of a type follows from that type's own permission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, insert, or_, select, update

from tongqu.kernel.cases.tables import CASE, CHANGE, DOCUMENT, ENTRY, SUPERVISION
from tongqu.kernel.cases.values import Case, CaseType, Entry
from tongqu.kernel.store import Actor, Page, Query, Work, insert_new, page, scoped, system_actor

PLATFORM = system_actor("cases")
_SHOWN = [CASE.c[name] for name in Case.__dataclass_fields__]
_ENTRY = [ENTRY.c[name] for name in Entry.__dataclass_fields__]
_LISTED = {
    name: CASE.c[name]
    for name in (
        "id",
        "type",
        "number",
        "title",
        "state",
        "region",
        "organisation",
        "place",
        "subject",
        "priority",
        "handler",
        "opened_ms",
        "closed_ms",
        "revision",
    )
}


def _mine(actor: Actor, types: Iterable[CaseType]) -> ColumnElement[bool]:
    """The cases of some types that an actor may see."""
    return or_(false(), *(and_(CASE.c.type == one.id, scoped(actor, CASE, one.read)) for one in types))


def next_revision(work: Work) -> int:
    """Count one change. Writing units of work are serial, so revisions appear in their order."""
    bump = update(CHANGE).where(scoped(PLATFORM, CHANGE), CHANGE.c.id == 1).values(revision=CHANGE.c.revision + 1)
    return int(work.execute(bump.returning(CHANGE.c.revision)).scalar_one())


def revision(work: Work) -> int:
    return int(work.scalar(select(CHANGE.c.revision).where(scoped(PLATFORM, CHANGE), CHANGE.c.id == 1)) or 0)


def add(work: Work, row: dict[str, Any]) -> bool:
    """Keep a new case; False if its key is taken."""
    if row["key"] is None:
        work.execute(insert(CASE), [row])
        return True
    return insert_new(work, CASE, row, unique=("type", "key"), give=CASE.c.id) is not None


def get(work: Work, type: CaseType, case_id: str) -> Case | None:
    # unscoped statements are none: `scoped` is asked for with the type's own permission
    row = work.one(
        select(*_SHOWN).where(scoped(work.actor, CASE, type.read), CASE.c.id == case_id, CASE.c.type == type.id)
    )
    return None if row is None else Case(**row)


def type_of(work: Work, case_id: str) -> str | None:
    """Which type a case is of; for the platform's actors."""
    found = work.scalar(select(CASE.c.type).where(scoped(work.actor, CASE), CASE.c.id == case_id))
    return None if found is None else str(found)


def by_key(work: Work, type: CaseType, key: str) -> Case | None:
    mine = scoped(work.actor, CASE, type.read), CASE.c.type == type.id, CASE.c.key == key
    row = work.one(select(*_SHOWN).where(*mine))
    return None if row is None else Case(**row)


def still_open(work: Work, types: Sequence[CaseType], limit: int = 100_000) -> list[Case]:
    """Cases that are not closed, the oldest first."""
    # scoped: `_mine` asks `scoped` for each type
    mine = _mine(work.actor, types), or_(*(scoped(work.actor, CASE, one.read) for one in types))
    statement = select(*_SHOWN).where(*mine, CASE.c.closed_ms.is_(None)).order_by(CASE.c.opened_ms, CASE.c.id)
    return [Case(**row) for row in work.rows(statement.limit(limit))]


def opened_before(work: Work, type: CaseType, end_ms: int, since_ms: int) -> list[Case]:
    """Cases that were opened before an instant and not closed before another, the oldest first."""
    mine = scoped(work.actor, CASE, type.read), CASE.c.type == type.id
    within = CASE.c.opened_ms < end_ms, or_(CASE.c.closed_ms.is_(None), CASE.c.closed_ms >= since_ms)
    rows = work.rows(select(*_SHOWN).where(*mine, *within).order_by(CASE.c.opened_ms, CASE.c.id))
    return [Case(**row) for row in rows]


def listed(work: Work, types: Sequence[CaseType], query: Query, *, is_open: bool | None, region: str | None) -> Page:
    statement = select(*_SHOWN).where(_mine(work.actor, types), or_(*(scoped(work.actor, CASE, t.read) for t in types)))
    if is_open is not None:
        statement = statement.where(CASE.c.closed_ms.is_(None) if is_open else CASE.c.closed_ms.is_not(None))
    if region is not None:
        statement = statement.where(CASE.c.region.startswith(region, autoescape=True))
    return page(
        work,
        statement,
        query,
        columns=_LISTED,
        key="id",
        search=("number", "title", "place"),
        default_sort="-opened_ms",
    )


def changed_since(work: Work, types: Sequence[CaseType], after: int, limit: int) -> list[Case]:
    mine = _mine(work.actor, types), or_(*(scoped(work.actor, CASE, one.read) for one in types))
    statement = select(*_SHOWN).where(*mine, CASE.c.revision > after).order_by(CASE.c.revision).limit(limit)
    return [Case(**row) for row in work.rows(statement)]


def change(work: Work, case_id: str, values: Mapping[str, Any]) -> None:
    """Change what stands of a case, and count it."""
    mine = scoped(work.actor, CASE), CASE.c.id == case_id
    work.execute(update(CASE).where(*mine).values(**values, revision=next_revision(work)))


def add_entry(work: Work, row: dict[str, Any]) -> int:
    return int(work.execute(insert(ENTRY).returning(ENTRY.c.seq), [row]).scalar_one())


def entries(work: Work, cases: Sequence[str]) -> dict[str, list[Entry]]:
    """Histories by case, in order. The caller has found the cases within what the actor sees."""
    found: dict[str, list[Entry]] = {case: [] for case in cases}
    for some in _some(cases):
        mine = scoped(PLATFORM, ENTRY), ENTRY.c.case.in_(some)
        for row in work.rows(select(*_ENTRY).where(*mine).order_by(ENTRY.c.seq)):
            found[row["case"]].append(Entry(**row))
    return found


def add_document(work: Work, row: dict[str, Any]) -> bool:
    unique = ("case", "kind", "document")
    return insert_new(work, DOCUMENT, row, unique=unique, give=DOCUMENT.c.document) is not None


def documents(work: Work, case_id: str) -> list[dict[str, Any]]:
    """Documents of a case that the caller has found within what the actor sees."""
    mine = scoped(PLATFORM, DOCUMENT), DOCUMENT.c.case == case_id
    return work.rows(select(DOCUMENT).where(*mine).order_by(DOCUMENT.c.added_ms, DOCUMENT.c.document))


def add_supervision(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(SUPERVISION), [row])


def lift(work: Work, supervision_id: str, by: str) -> None:
    mine = scoped(PLATFORM, SUPERVISION), SUPERVISION.c.id == supervision_id
    work.execute(update(SUPERVISION).where(*mine).values(lifted_ms=work.now_ms, lifted_by=by))


def supervisions(work: Work, cases: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Supervisions by case; as `entries`."""
    found: dict[str, list[dict[str, Any]]] = {case: [] for case in cases}
    for some in _some(cases):
        mine = scoped(PLATFORM, SUPERVISION), SUPERVISION.c.case.in_(some)
        for row in work.rows(select(SUPERVISION).where(*mine).order_by(SUPERVISION.c.begun_ms, SUPERVISION.c.id)):
            found[row["case"]].append(row)
    return found


def _some(ids: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + size] for begin in range(0, len(ids), size))
