"""All SQL of insight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from tongqu.domains.insight.tables import MEMBER, REPORT
from tongqu.kernel.store import Work, insert_new, scoped, system_actor

PLATFORM = system_actor("insight")


def keep_member(work: Work, row: dict[str, Any]) -> bool:
    """Keep an alarm as it is from a revision on; False if a later one is there."""
    if insert_new(work, MEMBER, row | {"case": None}, unique=("alarm",), give=MEMBER.c.alarm) is not None:
        return True
    mine = scoped(work.actor, MEMBER), MEMBER.c.alarm == row["alarm"], MEMBER.c.revision < row["revision"]
    return work.execute(update(MEMBER).where(*mine).values(**row)).rowcount == 1


def member(work: Work, alarm: int) -> dict[str, Any] | None:
    return work.one(select(MEMBER).where(scoped(work.actor, MEMBER), MEMBER.c.alarm == alarm))


def group(work: Work, incident: str, case: str | None) -> list[dict[str, Any]]:
    """Alarms of a case, with those of its key that no case has yet; in order of onset."""
    free = (MEMBER.c.incident == incident) & MEMBER.c.case.is_(None)
    mine = or_(free, MEMBER.c.case == case) if case is not None else free
    statement = select(MEMBER).where(scoped(work.actor, MEMBER), mine)
    return work.rows(statement.order_by(MEMBER.c.onset_ms, MEMBER.c.alarm))


def cases_of(work: Work, incident: str) -> list[str]:
    """Cases that alarms of this key have made."""
    mine = scoped(work.actor, MEMBER), MEMBER.c.incident == incident, MEMBER.c.case.is_not(None)
    return [row["case"] for row in work.rows(select(MEMBER.c.case).where(*mine).distinct())]


def assign(work: Work, alarms: Sequence[int], case: str) -> None:
    mine = scoped(work.actor, MEMBER), MEMBER.c.alarm.in_(alarms)
    work.execute(update(MEMBER).where(*mine).values(case=case))


def members(work: Work, case: str) -> list[dict[str, Any]]:
    """Alarms of a case that the caller has found within what the actor sees."""
    mine = scoped(PLATFORM, MEMBER), MEMBER.c.case == case
    return work.rows(select(MEMBER).where(*mine).order_by(MEMBER.c.onset_ms, MEMBER.c.alarm))


def count_alarms(work: Work, region: str, begin_ms: int, end_ms: int) -> tuple[int, int]:
    """Alarms that began in a region between two instants, and those of them that belong to an incident."""
    mine = scoped(PLATFORM, MEMBER), MEMBER.c.onset_ms >= begin_ms, MEMBER.c.onset_ms < end_ms
    here = MEMBER.c.state != "withdrawn", MEMBER.c.region.startswith(region, autoescape=True)
    counted = select(func.count().label("all"), func.count(MEMBER.c.case).label("grouped"))
    (row,) = work.rows(counted.where(*mine, *here))
    return int(row["all"]), int(row["grouped"])


def add_report(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(REPORT), [row])


def report(work: Work, report_id: str) -> dict[str, Any] | None:
    return work.one(select(REPORT).where(scoped(work.actor, REPORT), REPORT.c.id == report_id))


def reports(work: Work, case: str) -> list[dict[str, Any]]:
    mine = scoped(work.actor, REPORT), REPORT.c.case == case
    return work.rows(select(REPORT).where(*mine).order_by(REPORT.c.created_ms, REPORT.c.id))


def change_report(work: Work, report_id: str, values: dict[str, Any]) -> None:
    mine = scoped(work.actor, REPORT), REPORT.c.id == report_id, REPORT.c.submitted_ms.is_(None)
    work.execute(update(REPORT).where(*mine).values(**values))


def remove_draft(work: Work, report_id: str) -> None:
    mine = scoped(work.actor, REPORT), REPORT.c.id == report_id, REPORT.c.submitted_ms.is_(None)
    work.execute(delete(REPORT).where(*mine))
