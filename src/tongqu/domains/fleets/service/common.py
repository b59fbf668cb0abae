"""What the verbs of the three tables share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Table

from tongqu.domains.fleets import store
from tongqu.domains.fleets.store import Row
from tongqu.kernel import audit, events, identity
from tongqu.kernel.events import EventType
from tongqu.kernel.store import Work
from tongqu.kit.errors import NotFound, Refused

EDIT = "fleets.edit"
SOURCE = "fleets"


def found(work: Work, table: Table, row_id: str, code: str) -> Row:
    """The row with an id.

    Raises:
        NotFound: `code`: there is none, or none that the actor may see.
    """
    row = store.get(work, table, row_id)
    if row is None:
        raise NotFound(code, id=row_id)
    return row


def refuse_taken(work: Work, table: Table, column: str, values: Iterable[str | None], code: str, field: str) -> None:
    """Refuse values that must be unique and that another row has, or that are wanted twice."""
    wanted = Counter(value for value in values if value is not None)
    twice = next((value for value, times in wanted.items() if times > 1), None)
    value = twice or store.taken(work.as_system("fleets.unique"), table, column, wanted)
    if value is not None:
        raise Refused(code, field=field, value=value)


def require_edit(work: Work, places: Collection[tuple[str | None, str | None]]) -> None:
    """Refuse unless the actor may edit over each of these organisations or home regions."""
    for organisation, region in set(places):
        identity.require(work, EDIT, organisation, region)


def history(work: Work) -> Row:
    """The columns that a new row begins with."""
    return {"active": True, "created_ms": work.now_ms, "updated_ms": work.now_ms, "revision": 1}


def differing(row: Row, given: Mapping[str, Any]) -> Row:
    """What of the given values is not as the row has it."""
    return {name: value for name, value in given.items() if row[name] != value}


def write_down(work: Work, type_: EventType, rows: Collection[Row], **payload: Any) -> None:
    """Record an event and an audit entry for each of these rows, which one act has made or changed."""
    for row in rows:
        events.record(
            work,
            type_,
            subject=row["urn"],
            occurred_at_ms=work.now_ms,
            source=SOURCE,
            key=f"{row['id']}:{row['revision']}",
            payload={"organisation": row["organisation"], "region": row["region"], **payload},
        )
    for owner in {(row["organisation"], row["region"]) for row in rows}:
        subjects = [row["urn"] for row in rows if (row["organisation"], row["region"]) == owner]
        audit.record_many(work, type_.id, subjects, organisation=owner[0], region=owner[1], **payload)
