"""The verbs of imports: which there are for an actor, submit a file, read what came of it."""

from __future__ import annotations

from typing import Any

from tongqu.kernel import documents, jobs
from tongqu.kernel.documents import Content
from tongqu.kernel.imports import rows, store
from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.run import JOB
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work
from tongqu.kit.errors import Forbidden, NotFound
from tongqu.kit.time import DAY_MS

MOST_MB = 32
KEPT_DAYS = 90


def importer(platform: Platform, actor: Actor, importer_id: str) -> Bound:
    """The importer with an id.

    Raises:
        NotFound: `imports.unknown`.
        Forbidden: `web.no_permission`.
    """
    bound = rows.importers(platform.modules).get(importer_id)
    if bound is None:
        raise NotFound("imports.unknown", importer=importer_id)
    if not actor.may(bound.importer.permission):
        raise Forbidden("web.no_permission", permission=bound.importer.permission)
    return bound


def available(platform: Platform, actor: Actor) -> list[Bound]:
    """The importers that an actor may use."""
    return [bound for bound in rows.importers(platform.modules).values() if actor.may(bound.importer.permission)]


def submit(
    work: Work,
    bound: Bound,
    content: Content,
    *,
    file_name: str,
    dry_run: bool,
    all_or_nothing: bool,
    idempotency_key: str | None,
) -> str:
    """Keep a file and queue its import; gives the id of the job.

    Raises:
        Refused: `jobs.key_reused`: the idempotency key was used for another file or importer.
    """
    params = {
        "importer": bound.importer.id,
        "sha256": content.sha256,
        "dry_run": dry_run,
        "all_or_nothing": all_or_nothing,
    }
    known = jobs.submitted(work, JOB, idempotency_key)
    job = jobs.submit(
        work,
        JOB,
        params,
        inputs={"file": content.sha256},
        title_key="imports.titles.dry_run" if dry_run else "imports.titles.run",
        title_params={"file": file_name},
        idempotency_key=idempotency_key,
    )
    if job == known:
        return job
    document = documents.put(
        work,
        content,
        name=file_name,
        media_type="application/octet-stream",
        purpose="import",
        expires_ms=work.now_ms + KEPT_DAYS * DAY_MS,
    )
    store.add_run(
        work,
        {
            "job": job,
            "importer": bound.importer.id,
            "document": document.id,
            "file_name": document.name,
            "dry_run": dry_run,
            "all_or_nothing": all_or_nothing,
            "total": 0,
            "notes": [],
            "created_ms": work.now_ms,
            "person": work.actor.id,
            "person_name": work.actor.name,
            "organisation": work.actor.organisation,
            "region": None,
        },
    )
    return job


def run_of(work: Work, job: str) -> dict[str, Any]:
    """The run of a job with its counts.

    Raises:
        NotFound: `imports.unknown_run`.
    """
    found = store.run(work, job)
    if found is None:
        raise NotFound("imports.unknown_run", job=job)
    return found | {"counts": store.counts(work, job)}
