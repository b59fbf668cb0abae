"""All SQL of the indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from tongqu.kernel.indicators.tables import OBSERVATION, RUN
from tongqu.kernel.store import Work, scoped

_UNIQUE = ("indicator", "version", "period", "from_ms")
BY = {"organisation": OBSERVATION.c.organisation, "region": OBSERVATION.c.region, "key": OBSERVATION.c.key}


def runs(work: Work, indicator: str, version: int, since_ms: int) -> list[dict[str, Any]]:
    """Runs of windows that begin at an instant or later."""
    return work.rows(
        select(RUN).where(
            scoped(work.actor, RUN), RUN.c.indicator == indicator, RUN.c.version == version, RUN.c.from_ms >= since_ms
        )
    )


def run_of(work: Work, indicator: str, version: int, period: str, from_ms: int) -> dict[str, Any] | None:
    return work.one(
        select(RUN).where(
            scoped(work.actor, RUN),
            RUN.c.indicator == indicator,
            RUN.c.version == version,
            RUN.c.period == period,
            RUN.c.from_ms == from_ms,
        )
    )


def latest_run(work: Work, indicator: str, version: int, period: str, before_ms: int) -> dict[str, Any] | None:
    """The run of the latest window that began before an instant."""
    return work.one(
        select(RUN)
        .where(
            scoped(work.actor, RUN),
            RUN.c.indicator == indicator,
            RUN.c.version == version,
            RUN.c.period == period,
            RUN.c.from_ms < before_ms,
        )
        .order_by(RUN.c.from_ms.desc())
        .limit(1)
    )


def put(work: Work, run: dict[str, Any], observations: Sequence[dict[str, Any]]) -> bool:
    """Put a run with its observations in place of the one there was; gives whether a figure changed.

    Where no figure changed the observations stay as they are, and the run says when it was looked at.
    """
    old = run_of(work, *(run[name] for name in _UNIQUE))
    if old is not None:
        same = _comparable(_observations(work, old["id"])) == _comparable(observations)
        values = {name: value for name, value in run.items() if name != "id" and not (same and name == "changed_ms")}
        work.execute(update(RUN).where(scoped(work.actor, RUN), RUN.c.id == old["id"]).values(**values))
        if same:
            return False
        work.execute(delete(OBSERVATION).where(scoped(work.actor, OBSERVATION), OBSERVATION.c.run == old["id"]))
    else:
        work.execute(insert(RUN).values(**run))
    run_id = run["id"] if old is None else old["id"]
    of_run = {name: run[name] for name in _UNIQUE}
    rows = [{**row, **of_run, "run": run_id, "number": number} for number, row in enumerate(observations)]
    if rows:
        work.execute(insert(OBSERVATION), rows)
    return True


def _observations(work: Work, run: str) -> list[dict[str, Any]]:
    return work.rows(select(OBSERVATION).where(scoped(work.actor, OBSERVATION), OBSERVATION.c.run == run))


def _comparable(rows: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    names = ("organisation", "region", "key", "numerator", "denominator")
    return sorted(tuple(repr(row[name]) for name in names) for row in rows)


def sums(
    work: Work,
    indicator: str,
    period: str,
    from_ms: int,
    to_ms: int,
    *,
    permission: str,
    region: str | None = None,
    organisation: str | None = None,
    key: str | None = None,
    by: str | None = None,
    limit: int = 20_000,
) -> list[dict[str, Any]]:
    """Numerators and denominators of the windows that begin in `[from_ms, to_ms)`, summed over what the actor sees.

    Args:
        permission: whose grants decide what is seen.
        by: a column of `BY` that is kept apart, as `group`.
    """
    columns: list[ColumnElement[Any]] = [OBSERVATION.c.version, OBSERVATION.c.from_ms]
    if by is not None:
        columns.append(BY[by].label("group"))
    statement = (
        select(
            *columns,
            func.sum(OBSERVATION.c.numerator).label("numerator"),
            func.sum(OBSERVATION.c.denominator).label("denominator"),
            func.count().label("observations"),
        )
        .where(
            scoped(work.actor, OBSERVATION, permission),
            OBSERVATION.c.indicator == indicator,
            OBSERVATION.c.period == period,
            OBSERVATION.c.from_ms >= from_ms,
            OBSERVATION.c.from_ms < to_ms,
        )
        .group_by(*columns)
        .order_by(*columns)
        .limit(limit)
    )
    if region:
        statement = statement.where(OBSERVATION.c.region.startswith(region, autoescape=True))
    if organisation:
        statement = statement.where(OBSERVATION.c.organisation == organisation)
    if key is not None:
        statement = statement.where(OBSERVATION.c.key == key)
    return work.rows(statement)
