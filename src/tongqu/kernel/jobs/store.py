"""All SQL of the queue. People see their own jobs and those of their organisations and regions; the platform all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from tongqu.kernel.jobs.tables import CHANGE, JOB, LOG, OPEN, SCHEDULE, State
from tongqu.kernel.store import Page, Query, Work, page, scoped, system_actor

PLATFORM = system_actor("jobs")
_SHOWN = [JOB.c[name] for name in JOB.c.keys() if name != "actor"]  # noqa: SIM118
_LISTED = {
    name: JOB.c[name]
    for name in ("id", "kind", "state", "created_ms", "finished_ms", "person", "organisation", "region")
}


def next_revision(work: Work) -> int:
    """Count one change. Writing units of work are serial, so revisions appear in their order."""
    bump = update(CHANGE).where(scoped(PLATFORM, CHANGE), CHANGE.c.id == 1).values(revision=CHANGE.c.revision + 1)
    return int(work.execute(bump.returning(CHANGE.c.revision)).scalar_one())


def revision(work: Work) -> int:
    return int(work.scalar(select(CHANGE.c.revision).where(scoped(PLATFORM, CHANGE), CHANGE.c.id == 1)))


def add(work: Work, values: dict[str, Any]) -> None:
    work.execute(insert(JOB).values(**values, revision=next_revision(work)))


def find_by_key(work: Work, kind: str, key: str) -> dict[str, Any] | None:
    """The actor's own job of a kind with this idempotency key."""
    return work.one(
        select(*_SHOWN).where(
            scoped(work.actor, JOB), JOB.c.person == work.actor.id, JOB.c.kind == kind, JOB.c.idempotency_key == key
        )
    )


def get(work: Work, job_id: str) -> dict[str, Any] | None:
    return work.one(select(*_SHOWN).where(scoped(work.actor, JOB), JOB.c.id == job_id))


def actor_of(work: Work, job_id: str) -> dict[str, Any]:
    """The actor that submitted a job, as it was stored with it."""
    return dict(work.scalar(select(JOB.c.actor).where(scoped(work.actor, JOB), JOB.c.id == job_id)))


def listed(work: Work, query: Query) -> Page:
    statement = select(*_SHOWN).where(scoped(work.actor, JOB))
    return page(work, statement, query, columns=_LISTED, key="id", search=("id", "kind"), default_sort="-created_ms")


def changed_since(work: Work, after: int, limit: int = 500) -> list[dict[str, Any]]:
    """Jobs that changed after a revision, in the order of their last change."""
    return work.rows(
        select(*_SHOWN).where(scoped(work.actor, JOB), JOB.c.revision > after).order_by(JOB.c.revision).limit(limit)
    )


def still_open(work: Work) -> list[dict[str, Any]]:
    return work.rows(
        select(*_SHOWN).where(scoped(work.actor, JOB), JOB.c.state.in_(OPEN)).order_by(JOB.c.revision).limit(500)
    )


def request_cancel(work: Work, job_id: str) -> None:
    """Mark an open job for its worker to end; one that nobody has begun is cancelled here and now."""
    waiting = (scoped(work.actor, JOB), JOB.c.id == job_id, JOB.c.state == State.QUEUED.value)
    ended = {"state": State.CANCELLED.value, "finished_ms": work.now_ms, "cancel_requested": True}
    if work.execute(update(JOB).where(*waiting).values(**ended, revision=next_revision(work))).rowcount:
        return
    running = (scoped(work.actor, JOB), JOB.c.id == job_id, JOB.c.state == State.RUNNING.value)
    work.execute(update(JOB).where(*running).values(cancel_requested=True, revision=next_revision(work)))


def oldest_queued(work: Work) -> str | None:
    """Id of the job whose turn it is."""
    found = work.scalar(
        select(JOB.c.id)
        .where(scoped(work.actor, JOB), JOB.c.state == State.QUEUED.value)
        .order_by(JOB.c.created_ms, JOB.c.id)
        .limit(1)
    )
    return None if found is None else str(found)


def claim(work: Work, job_id: str, worker: str, code_version: str) -> dict[str, Any] | None:
    """Take a queued job for a worker; None if another was quicker."""
    values = {
        "state": State.RUNNING.value,
        "worker": worker,
        "code_version": code_version,
        "attempt": JOB.c.attempt + 1,
        "started_ms": work.now_ms,
        "heartbeat_ms": work.now_ms,
        "revision": next_revision(work),
    }
    waiting = (scoped(work.actor, JOB), JOB.c.id == job_id, JOB.c.state == State.QUEUED.value)
    if work.execute(update(JOB).where(*waiting).values(**values)).rowcount != 1:
        return None
    return get(work, job_id)


def write_running(work: Work, job_id: str, attempt: int, values: dict[str, Any]) -> bool:
    """Change a job that this attempt still holds; False if it was taken from it meanwhile."""
    held = (
        scoped(work.actor, JOB),
        JOB.c.id == job_id,
        JOB.c.state == State.RUNNING.value,
        JOB.c.attempt == attempt,
    )
    return work.execute(update(JOB).where(*held).values(**values, revision=next_revision(work))).rowcount == 1


def beat(work: Work, job_ids: Sequence[str], worker: str) -> None:
    """Say that the worker of these jobs lives; no change that a watcher needs to know of."""
    held = (
        scoped(work.actor, JOB),
        JOB.c.id.in_(job_ids),
        JOB.c.worker == worker,
        JOB.c.state == State.RUNNING.value,
    )
    work.execute(update(JOB).where(*held).values(heartbeat_ms=work.now_ms))


def cancel_wanted(work: Work, job_id: str, attempt: int) -> bool:
    """Whether an attempt should end: somebody wants it cancelled, or it does not hold the job any more."""
    row = work.one(
        select(JOB.c.cancel_requested, JOB.c.state, JOB.c.attempt).where(scoped(work.actor, JOB), JOB.c.id == job_id)
    )
    if row is None:
        return True
    return bool(row["cancel_requested"]) or row["state"] != State.RUNNING.value or row["attempt"] != attempt


def silent_since(work: Work, before_ms: int) -> list[dict[str, Any]]:
    """Running jobs whose worker has not been heard of since an instant."""
    return work.rows(
        select(*_SHOWN).where(
            scoped(work.actor, JOB), JOB.c.state == State.RUNNING.value, JOB.c.heartbeat_ms < before_ms
        )
    )


def add_log(work: Work, job_id: str, lines: Sequence[tuple[int, str, str]]) -> None:
    """Keep lines (instant, level, text) of a job's log."""
    if lines:
        rows = [{"job": job_id, "at_ms": at_ms, "level": level, "text": text} for at_ms, level, text in lines]
        work.execute(insert(LOG), rows)


def log_of(work: Work, job_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Lines of the log of a job that the actor may see, after a line's id."""
    lines = select(LOG.c.id, LOG.c.at_ms, LOG.c.level, LOG.c.text)
    mine = (scoped(work.actor, LOG), LOG.c.job == job_id, LOG.c.id > after)
    return work.rows(lines.where(*mine).order_by(LOG.c.id).limit(limit))


def delete_finished(work: Work, before_ms: int, limit: int = 500) -> list[str]:
    """Forget jobs that ended before an instant, with their log; gives their ids."""
    ids = [
        row["id"]
        for row in work.rows(
            select(JOB.c.id)
            .where(scoped(work.actor, JOB), JOB.c.state.not_in(OPEN), JOB.c.finished_ms < before_ms)
            .limit(limit)
        )
    ]
    if ids:
        work.execute(delete(LOG).where(scoped(work.actor, LOG), LOG.c.job.in_(ids)))
        work.execute(delete(JOB).where(scoped(work.actor, JOB), JOB.c.id.in_(ids)))
    return ids


def schedules(work: Work) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in work.rows(select(SCHEDULE).where(scoped(work.actor, SCHEDULE)))}


def add_schedule(work: Work, schedule_id: str, due_ms: int) -> None:
    work.execute(insert(SCHEDULE).values(id=schedule_id, due_ms=due_ms))


def take_schedule(work: Work, schedule_id: str, due_ms: int, next_due_ms: int) -> bool:
    """Move a due time on; False if somebody else has done so already."""
    mine = (scoped(work.actor, SCHEDULE), SCHEDULE.c.id == schedule_id, SCHEDULE.c.due_ms == due_ms)
    moved = update(SCHEDULE).where(*mine).values(due_ms=next_due_ms, started_ms=work.now_ms)
    return work.execute(moved).rowcount == 1


def end_schedule(work: Work, schedule_id: str, error: str | None) -> None:
    mine = (scoped(work.actor, SCHEDULE), SCHEDULE.c.id == schedule_id)
    work.execute(update(SCHEDULE).where(*mine).values(finished_ms=work.now_ms, error=error))
