"""Journeys that somebody follows: each sees their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, insert, select, update

from tongqu.domains.travel.tables import SUBSCRIPTION
from tongqu.kernel.store import Work, scoped

Row = dict[str, Any]


def add(work: Work, row: Row) -> None:
    work.execute(insert(SUBSCRIPTION), [row])


def of_person(work: Work, person: str) -> list[Row]:
    """A person's, the latest journey first."""
    mine = (scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.person == person)
    return work.rows(select(SUBSCRIPTION).where(*mine).order_by(SUBSCRIPTION.c.departure_ms.desc(), SUBSCRIPTION.c.id))


def count(work: Work, person: str) -> int:
    mine = (scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.person == person)
    return int(work.scalar(select(func.count()).select_from(SUBSCRIPTION).where(*mine)) or 0)


def one(work: Work, person: str, subscription_id: str) -> Row | None:
    mine = (scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.person == person)
    return work.one(select(SUBSCRIPTION).where(*mine, SUBSCRIPTION.c.id == subscription_id))


def running(work: Work, since_ms: int) -> list[Row]:
    """All whose journey arrives after a moment. For the platform's actors."""
    mine = (scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.arrival_ms >= since_ms)
    return work.rows(select(SUBSCRIPTION).where(*mine).order_by(SUBSCRIPTION.c.departure_ms))


def change(work: Work, subscription_id: str, values: Row) -> None:
    mine = (scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.id == subscription_id)
    work.execute(update(SUBSCRIPTION).where(*mine).values(**values))


def remove(work: Work, subscription_id: str) -> None:
    work.execute(delete(SUBSCRIPTION).where(scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.id == subscription_id))


def forget(work: Work, before_ms: int) -> int:
    """Remove those whose journey ended before a moment. For the platform's actors."""
    mine = (scoped(work.actor, SUBSCRIPTION), SUBSCRIPTION.c.arrival_ms < before_ms)
    return int(work.execute(delete(SUBSCRIPTION).where(*mine)).rowcount)
