"""All SQL of the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select

from tongqu.kernel.audit.tables import BATCH, ENTRY
from tongqu.kernel.store import Page, Query, Work, page, scoped


def append(work: Work, rows: list[dict[str, Any]]) -> None:
    work.execute(insert(ENTRY), rows)


def entries_after(work: Work, seq: int, limit: int) -> list[dict[str, Any]]:
    where = scoped(work.actor, ENTRY), ENTRY.c.seq > seq
    return work.rows(select(ENTRY).where(*where).order_by(ENTRY.c.seq).limit(limit))


def entries_between(work: Work, first: int, last: int) -> list[dict[str, Any]]:
    where = scoped(work.actor, ENTRY), ENTRY.c.seq.between(first, last)
    return work.rows(select(ENTRY).where(*where).order_by(ENTRY.c.seq))


def listed(work: Work, query: Query) -> Page:
    columns = {name: ENTRY.c[name] for name in ("seq", "at_ms", "actor", "actor_name", "verb", "subject")}
    return page(
        work,
        select(ENTRY).where(scoped(work.actor, ENTRY)),
        query,
        columns=columns,
        key="seq",
        search=("actor_name", "verb", "subject"),
        default_sort="-seq",
    )


def last_batch(work: Work) -> dict[str, Any] | None:
    return work.one(select(BATCH).where(scoped(work.actor, BATCH)).order_by(BATCH.c.number.desc()).limit(1))


def batches_from(work: Work, number: int, limit: int) -> list[dict[str, Any]]:
    where = scoped(work.actor, BATCH), BATCH.c.number >= number
    return work.rows(select(BATCH).where(*where).order_by(BATCH.c.number).limit(limit))


def add_batch(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(BATCH), [row])


def last_seq(work: Work) -> int:
    return int(work.scalar(select(func.max(ENTRY.c.seq)).where(scoped(work.actor, ENTRY))) or 0)
