"""All SQL of messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from tongqu.kernel.notify.tables import ATTEMPT, DELIVERY, ENDPOINT, MESSAGE, PREFERENCE
from tongqu.kernel.store import Page, Query, Work, insert_new, page, scoped, system_actor

PLATFORM = system_actor("notify")
_ENDPOINT = [ENDPOINT.c[name] for name in ENDPOINT.c.keys() if name != "secret"]  # noqa: SIM118 (a column collection)
_INBOX = [
    DELIVERY.c.id,
    DELIVERY.c.due_ms.label("at_ms"),
    DELIVERY.c.read_ms,
    MESSAGE.c.template,
    MESSAGE.c.params,
    MESSAGE.c.subject,
    MESSAGE.c.link,
    MESSAGE.c.region,
]


def add_message(work: Work, row: dict[str, Any]) -> bool:
    """Keep a message; False if its key is taken: it was told already."""
    return insert_new(work, MESSAGE, row, unique=("template", "key"), give=MESSAGE.c.id) is not None


def add_deliveries(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        work.execute(insert(DELIVERY), list(rows))


def quiet_hours(work: Work, people: Sequence[str]) -> dict[str, tuple[int, int]]:
    mine = scoped(work.actor, PREFERENCE), PREFERENCE.c.person.in_(people)
    rows = work.rows(select(PREFERENCE).where(*mine, PREFERENCE.c.quiet_from_min.is_not(None)))
    return {row["person"]: (row["quiet_from_min"], row["quiet_to_min"]) for row in rows}


def set_quiet_hours(work: Work, person: str, begin: int | None, end: int | None) -> None:
    work.execute(delete(PREFERENCE).where(scoped(work.actor, PREFERENCE), PREFERENCE.c.person == person))
    work.execute(insert(PREFERENCE), [{"person": person, "quiet_from_min": begin, "quiet_to_min": end}])


def endpoints_for(work: Work) -> list[dict[str, Any]]:
    """Webhooks in use; the caller leaves out those a message does not concern."""
    return work.rows(select(*_ENDPOINT).where(scoped(work.actor, ENDPOINT), ENDPOINT.c.active))


def inbox(work: Work, person: str, now_ms: int, query: Query) -> Page:
    """What a person has been sent, the newest first; what waits for the end of quiet hours is not there yet."""
    statement = (
        select(*_INBOX)
        .join(MESSAGE, MESSAGE.c.id == DELIVERY.c.message)
        .where(scoped(work.actor, DELIVERY), DELIVERY.c.channel == "page")
        .where(DELIVERY.c.person == person, DELIVERY.c.due_ms <= now_ms)
    )
    columns = {"at_ms": DELIVERY.c.due_ms, "id": DELIVERY.c.id, "read_ms": DELIVERY.c.read_ms}
    return page(
        work, statement, query, columns=columns | {"template": MESSAGE.c.template}, key="id", default_sort="-at_ms"
    )


def unread(work: Work, person: str, now_ms: int) -> int:
    mine = scoped(work.actor, DELIVERY), DELIVERY.c.channel == "page", DELIVERY.c.person == person
    fresh = DELIVERY.c.due_ms <= now_ms, DELIVERY.c.read_ms.is_(None)
    return int(work.scalar(select(func.count()).select_from(DELIVERY).where(*mine, *fresh)) or 0)


def mark_read(work: Work, person: str, delivery_id: str | None) -> int:
    """Mark one (or all that are there) as read; gives how many were not."""
    mine = [scoped(work.actor, DELIVERY), DELIVERY.c.person == person, DELIVERY.c.due_ms <= work.now_ms]
    if delivery_id is not None:
        mine.append(DELIVERY.c.id == delivery_id)
    values = {"read_ms": work.now_ms}
    return work.execute(update(DELIVERY).where(*mine, DELIVERY.c.read_ms.is_(None)).values(**values)).rowcount


def has(work: Work, person: str, delivery_id: str) -> bool:
    mine = scoped(work.actor, DELIVERY), DELIVERY.c.person == person, DELIVERY.c.id == delivery_id
    return work.scalar(select(DELIVERY.c.id).where(*mine)) is not None


def claim(work: Work, limit: int, until_ms: int) -> list[dict[str, Any]]:
    """Take what is due for webhooks: counted as a try before it is made, and nobody else's until `until_ms`."""
    waiting = DELIVERY.c.channel == "webhook", DELIVERY.c.state == "waiting", DELIVERY.c.due_ms <= work.now_ms
    statement = (
        select(DELIVERY.c.id, DELIVERY.c.attempts, DELIVERY.c.endpoint, MESSAGE, ENDPOINT.c.url, ENDPOINT.c.secret)
        .join(MESSAGE, MESSAGE.c.id == DELIVERY.c.message)
        .join(ENDPOINT, ENDPOINT.c.id == DELIVERY.c.endpoint)
        .where(scoped(work.actor, DELIVERY), *waiting)
        .order_by(DELIVERY.c.due_ms, DELIVERY.c.id)
        .limit(limit)
    )
    rows = [dict(zip(_CLAIMED, row, strict=True)) for row in work.execute(statement)]
    for row in rows:
        mine = scoped(work.actor, DELIVERY), DELIVERY.c.id == row["id"]
        work.execute(update(DELIVERY).where(*mine).values(attempts=row["attempts"] + 1, due_ms=until_ms))
    return rows


_CLAIMED = (
    "id",
    "attempts",
    "endpoint",
    *(f"message_{name}" if name == "id" else name for name in MESSAGE.c.keys()),  # noqa: SIM118 (a column collection)
    "url",
    "secret",
)


def any_due(work: Work) -> bool:
    waiting = DELIVERY.c.channel == "webhook", DELIVERY.c.state == "waiting", DELIVERY.c.due_ms <= work.now_ms
    return work.scalar(select(DELIVERY.c.id).where(scoped(work.actor, DELIVERY), *waiting).limit(1)) is not None


def tried(work: Work, delivery_id: str, number: int, status: int | None, receipt: str, values: dict[str, Any]) -> None:
    """Write down a try and what follows from it."""
    row = {"delivery": delivery_id, "number": number, "at_ms": work.now_ms, "status": status, "receipt": receipt}
    work.execute(insert(ATTEMPT), [row])
    mine = scoped(work.actor, DELIVERY), DELIVERY.c.id == delivery_id, DELIVERY.c.state == "waiting"
    work.execute(update(DELIVERY).where(*mine).values(**values))


def add_endpoint(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(ENDPOINT), [row])


def endpoint(work: Work, endpoint_id: str) -> dict[str, Any] | None:
    return work.one(select(*_ENDPOINT).where(scoped(work.actor, ENDPOINT), ENDPOINT.c.id == endpoint_id))


def change_endpoint(work: Work, endpoint_id: str, values: dict[str, Any]) -> None:
    work.execute(update(ENDPOINT).where(scoped(work.actor, ENDPOINT), ENDPOINT.c.id == endpoint_id).values(**values))


def endpoints(work: Work, query: Query) -> Page:
    columns = {name: ENDPOINT.c[name] for name in ("id", "title", "url", "region", "active", "created_ms")}
    statement = select(*_ENDPOINT).where(scoped(work.actor, ENDPOINT))
    return page(work, statement, query, columns=columns, key="id", search=("title", "url"), default_sort="title")


def deliveries(work: Work, endpoint_id: str, query: Query) -> Page:
    """What went to a webhook that the caller has found within what the actor sees, the newest first."""
    names = ("id", "state", "attempts", "due_ms", "ended_ms")
    statement = (
        select(*(DELIVERY.c[name] for name in names), MESSAGE.c.template, MESSAGE.c.created_ms)
        .join(MESSAGE, MESSAGE.c.id == DELIVERY.c.message)
        .where(scoped(work.actor, DELIVERY), DELIVERY.c.endpoint == endpoint_id)
    )
    columns = {name: DELIVERY.c[name] for name in names} | {"created_ms": MESSAGE.c.created_ms}
    return page(work, statement, query, columns=columns, key="id", default_sort="-created_ms")


def attempts(work: Work, delivery_ids: Sequence[str]) -> list[dict[str, Any]]:
    mine = scoped(PLATFORM, ATTEMPT), ATTEMPT.c.delivery.in_(delivery_ids)
    return work.rows(select(ATTEMPT).where(*mine).order_by(ATTEMPT.c.id))


def failed(work: Work) -> int:
    mine = scoped(work.actor, DELIVERY), DELIVERY.c.state == "failed"
    return int(work.scalar(select(func.count()).select_from(DELIVERY).where(*mine)) or 0)
