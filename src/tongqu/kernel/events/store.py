"""All SQL of the events."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import func, select, update

from tongqu.kernel.events.tables import EVENT, OFFSET
from tongqu.kernel.events.values import Event
from tongqu.kernel.store import Work, insert_new, scoped


def add(work: Work, row: dict[str, Any]) -> int | None:
    """Number of the new event; None if its natural key is there."""
    return insert_new(work, EVENT, row, unique=("type", "source", "key"), give=EVENT.c.seq)


def after(work: Work, seq: int, types: Collection[str], limit: int) -> list[Event]:
    mine = scoped(work.actor, EVENT), EVENT.c.seq > seq, EVENT.c.type.in_(sorted(types))
    return [_event(row) for row in work.rows(select(EVENT).where(*mine).order_by(EVENT.c.seq).limit(limit))]


def last_seq(work: Work) -> int:
    return int(work.scalar(select(func.max(EVENT.c.seq)).where(scoped(work.actor, EVENT))) or 0)


def about(work: Work, subject: str, limit: int) -> list[Event]:
    mine = scoped(work.actor, EVENT), EVENT.c.subject == subject
    rows = work.rows(select(EVENT).where(*mine).order_by(EVENT.c.occurred_at_ms.desc(), EVENT.c.seq).limit(limit))
    return [_event(row) for row in rows]


def offset(work: Work, subscription: str) -> int:
    mine = scoped(work.actor, OFFSET), OFFSET.c.subscription == subscription
    return int(work.scalar(select(OFFSET.c.seq).where(*mine)) or 0)


def offsets(work: Work) -> list[dict[str, Any]]:
    return work.rows(select(OFFSET).where(scoped(work.actor, OFFSET)).order_by(OFFSET.c.subscription))


def move(work: Work, subscription: str, seq: int, failures: int = 0, error: str | None = None) -> None:
    values = {"seq": seq, "moved_ms": work.now_ms, "failures": failures, "error": error}
    row = {"subscription": subscription} | values
    if insert_new(work, OFFSET, row, unique=("subscription",), give=OFFSET.c.subscription) is None:
        mine = scoped(work.actor, OFFSET), OFFSET.c.subscription == subscription
        work.execute(update(OFFSET).where(*mine).values(**values))


def _event(row: dict[str, Any]) -> Event:
    return Event(**row | {"payload": orjson.loads(row["payload"])})
