"""All SQL of the register."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select

from tongqu.kernel.numbering.tables import NUMBER
from tongqu.kernel.store import Work, scoped


def last(work: Work, series: str, owner: str, period: str) -> int:
    mine = (NUMBER.c.series == series, NUMBER.c.owner == owner, NUMBER.c.period == period)
    return int(work.scalar(select(func.max(NUMBER.c.number)).where(scoped(work.actor, NUMBER), *mine)) or 0)


def add(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(NUMBER), [row])


def gaps(work: Work) -> list[dict[str, Any]]:
    """Series, owners and periods whose numbers do not run from 1 without a hole."""
    counted = (
        select(
            NUMBER.c.series,
            NUMBER.c.owner,
            NUMBER.c.period,
            func.count().label("given"),
            func.max(NUMBER.c.number).label("last"),
        )
        .where(scoped(work.actor, NUMBER))
        .group_by(NUMBER.c.series, NUMBER.c.owner, NUMBER.c.period)
    )
    return [row for row in work.rows(counted) if row["given"] != row["last"]]
