"""All SQL of imports. A run and its report are seen by whoever imported, and by `imports.read` where they belong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from tongqu.kernel.imports.tables import ROW, RUN
from tongqu.kernel.store import Page, Query, Work, page, scoped

_ROW = [ROW.c.row, ROW.c.outcome, ROW.c.key, ROW.c.urn, ROW.c.problems]


def add_run(work: Work, values: dict[str, Any]) -> None:
    work.execute(insert(RUN).values(**values))


def run(work: Work, job: str) -> dict[str, Any] | None:
    return work.one(select(RUN).where(scoped(work.actor, RUN), RUN.c.job == job))


def note(work: Work, job: str, total: int, notes: list[dict[str, Any]]) -> None:
    """Keep how many rows the file has and what its author should know."""
    work.execute(update(RUN).where(scoped(work.actor, RUN), RUN.c.job == job).values(total=total, notes=notes))


def add_rows(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        work.execute(insert(ROW), list(rows))


def reported(work: Work, job: str) -> frozenset[int]:
    """Numbers of the rows that stand in the report already."""
    return frozenset(work.execute(select(ROW.c.row).where(scoped(work.actor, ROW), ROW.c.job == job)).scalars())


def clear_rows(work: Work, job: str) -> None:
    work.execute(delete(ROW).where(scoped(work.actor, ROW), ROW.c.job == job))


def counts(work: Work, job: str) -> dict[str, int]:
    """Rows by outcome."""
    query = select(ROW.c.outcome, func.count().label("rows")).where(scoped(work.actor, ROW), ROW.c.job == job)
    return {row.outcome: row.rows for row in work.execute(query.group_by(ROW.c.outcome))}


def rows(work: Work, job: str, query: Query) -> Page:
    statement = select(*_ROW).where(scoped(work.actor, ROW), ROW.c.job == job)
    columns = {"row": ROW.c.row, "outcome": ROW.c.outcome, "key": ROW.c.key}
    return page(work, statement, query, columns=columns, key="row", search=("key",))


def all_rows(work: Work, job: str, outcome: str | None = None) -> Iterator[dict[str, Any]]:
    """The whole report in the order of the file."""
    mine = [scoped(work.actor, ROW), ROW.c.job == job]
    if outcome is not None:
        mine.append(ROW.c.outcome == outcome)
    for row in work.execute(select(*_ROW).where(*mine).order_by(ROW.c.row)).mappings():
        yield dict(row)


def forget(work: Work, before_ms: int) -> None:
    """Remove runs that are older than their retention, with their reports."""
    old = select(RUN.c.job).where(scoped(work.actor, RUN), RUN.c.created_ms < before_ms)
    work.execute(delete(ROW).where(scoped(work.actor, ROW), ROW.c.job.in_(old)))
    work.execute(delete(RUN).where(scoped(work.actor, RUN), RUN.c.created_ms < before_ms))
