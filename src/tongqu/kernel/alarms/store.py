"""All SQL of alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from tongqu.kernel.alarms.tables import ALARM
from tongqu.kernel.alarms.values import Alarm, State
from tongqu.kernel.store import Page, Query, Work, page, scoped

_NAMES = tuple(one.name for one in fields(Alarm))
_COLUMNS = [ALARM.c[name] for name in _NAMES]
_LISTED = {
    name: ALARM.c[name]
    for name in (
        "id", "rule", "subject", "subject_name", "severity", "cause", "incident", "state", "live", "onset_ms",
        "cleared_ms", "acknowledged_ms", "region", "organisation", "home_region", "revision",
    )
}  # fmt: skip


def alarm_of(row: dict[str, Any]) -> Alarm:
    """The alarm of a row of the table."""
    return Alarm(**{**row, "state": State(row["state"])})


def last_revision(work: Work) -> int:
    """The newest revision of all alarms."""
    return int(work.scalar(select(func.max(ALARM.c.revision)).where(scoped(work.actor, ALARM))) or 0)


def add(work: Work, alarm: Alarm) -> Alarm:
    """A new alarm; gives it with its id and revision."""
    values = alarm.as_payload() | {"revision": last_revision(work) + 1}
    del values["id"]
    key = work.execute(insert(ALARM).values(values).returning(ALARM.c.id)).scalar_one()
    return replace(alarm, id=int(key), revision=values["revision"])


def change(work: Work, alarm: Alarm) -> Alarm:
    """Keep an alarm as it is now; gives it with its new revision."""
    values = alarm.as_payload() | {"revision": last_revision(work) + 1}
    key = values.pop("id")
    work.execute(update(ALARM).where(scoped(work.actor, ALARM), ALARM.c.id == key).values(values))
    return replace(alarm, revision=values["revision"])


def get(work: Work, alarm_id: int) -> Alarm | None:
    row = work.one(select(*_COLUMNS).where(scoped(work.actor, ALARM), ALARM.c.id == alarm_id))
    return None if row is None else alarm_of(row)


def begun_between(work: Work, from_ms: int, to_ms: int) -> list[dict[str, Any]]:
    """What indicators count of the alarms that began in a time, `time_ms` being their onset."""
    names = ("id", "rule", "subject", "severity", "cause", "state", "cleared_ms", "acknowledged_ms", "region",
             "organisation", "home_region")  # fmt: skip
    during = (ALARM.c.onset_ms >= from_ms, ALARM.c.onset_ms < to_ms)
    columns = [ALARM.c.onset_ms.label("time_ms"), *(ALARM.c[name] for name in names)]
    return work.rows(select(*columns).where(scoped(work.actor, ALARM), *during))


def by_key(work: Work, rule: str, subject: str, onset_ms: int) -> Alarm | None:
    """The alarm of a rule, subject and onset."""
    mine = (ALARM.c.rule == rule, ALARM.c.subject == subject, ALARM.c.onset_ms == onset_ms)
    row = work.one(select(*_COLUMNS).where(scoped(work.actor, ALARM), *mine))
    return None if row is None else alarm_of(row)


def since(work: Work, rule: str, subject: str, since_ms: int) -> list[Alarm]:
    """Alarms that what happened after an instant can have touched: proved or ended later, or still open."""
    touched = or_(ALARM.c.raised_ms > since_ms, ALARM.c.cleared_ms.is_(None), ALARM.c.cleared_ms > since_ms)
    mine = (ALARM.c.rule == rule, ALARM.c.subject == subject, touched)
    rows = work.rows(select(*_COLUMNS).where(scoped(work.actor, ALARM), *mine).order_by(ALARM.c.onset_ms))
    return [alarm_of(row) for row in rows]


def near(work: Work, cause: str, from_ms: int, to_ms: int) -> list[Alarm]:
    """Alarms of a cause with onset in a time, but for those withdrawn."""
    mine = (
        ALARM.c.cause == cause,
        ALARM.c.onset_ms >= from_ms,
        ALARM.c.onset_ms <= to_ms,
        ALARM.c.state != State.WITHDRAWN.value,
    )
    rows = work.rows(select(*_COLUMNS).where(scoped(work.actor, ALARM), *mine).order_by(ALARM.c.onset_ms).limit(2000))
    return [alarm_of(row) for row in rows]


def listed(work: Work, query: Query) -> Page:
    """A page of alarms, newest first. A region in the filter means all within it, at home or present; `waiting` those
    that rang and nobody has acknowledged."""
    statement = select(*_COLUMNS).where(scoped(work.actor, ALARM))
    filters = dict(query.filters)
    for code in filters.pop("region", ())[:1]:
        inside = [ALARM.c[name].startswith(code, autoescape=True) for name in ("region", "home_region")]
        statement = statement.where(or_(*inside))
    for wanted in filters.pop("waiting", ())[:1]:
        if wanted.lower() in ("1", "true", "yes"):
            statement = statement.where(*_WAITING)
    asked = replace(query, filters=filters)
    search = ("subject_name", "incident")
    return page(work, statement, asked, columns=_LISTED, key="id", search=search, default_sort="-onset_ms")


_WAITING = (
    ALARM.c.live.is_(True),
    ALARM.c.state != State.WITHDRAWN.value,
    ALARM.c.acknowledged_ms.is_(None),
    or_(ALARM.c.state == State.OPEN.value, ALARM.c.standing.is_(True)),
)


def waiting(work: Work) -> dict[int, int]:
    """How many alarms ring and wait for a person, by severity."""
    counted = select(ALARM.c.severity, func.count().label("n")).where(scoped(work.actor, ALARM), *_WAITING)
    return {int(row["severity"]): int(row["n"]) for row in work.rows(counted.group_by(ALARM.c.severity))}


def changed_since(work: Work, after: int, limit: int) -> list[Alarm]:
    """Alarms that changed after a revision, in the order of their last change."""
    mine = (scoped(work.actor, ALARM), ALARM.c.revision > after)
    return [alarm_of(row) for row in work.rows(select(*_COLUMNS).where(*mine).order_by(ALARM.c.revision).limit(limit))]


def still_waiting(work: Work, limit: int) -> list[Alarm]:
    mine = (scoped(work.actor, ALARM), *_WAITING)
    rows = work.rows(select(*_COLUMNS).where(*mine).order_by(ALARM.c.revision.desc()).limit(limit))
    return [alarm_of(row) for row in reversed(rows)]


def of_time(work: Work, rules: Sequence[str], from_ms: int, to_ms: int) -> list[Alarm]:
    """All alarms of rules with onset in a time, but for those withdrawn."""
    mine = (
        ALARM.c.rule.in_(rules),
        ALARM.c.onset_ms >= from_ms,
        ALARM.c.onset_ms < to_ms,
        ALARM.c.state != State.WITHDRAWN.value,
    )
    return [alarm_of(row) for row in work.rows(select(*_COLUMNS).where(scoped(work.actor, ALARM), *mine))]


def delete_old(work: Work, before_ms: int, limit: int = 500) -> int:
    """Forget alarms that began before an instant and are open no more; gives how many."""
    old = (scoped(work.actor, ALARM), ALARM.c.onset_ms < before_ms, ALARM.c.state != State.OPEN.value)
    ids = [row["id"] for row in work.rows(select(ALARM.c.id).where(*old).limit(limit))]
    if ids:
        work.execute(delete(ALARM).where(scoped(work.actor, ALARM), ALARM.c.id.in_(ids)))
    return len(ids)
