"""Routes of the queue below `/api/v1/jobs`. Everyone sees their own jobs; more by `jobs.read`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from tongqu.kernel.jobs import service, store, stream
from tongqu.kernel.jobs.schemas import shown
from tongqu.kernel.web import Caller, ListQuery, resume_from, signed_in, streamed


def router() -> APIRouter:
    routes = APIRouter(prefix="/jobs", tags=["jobs"])
    routes.add_api_route("", list_jobs, methods=["GET"])
    routes.add_api_route("/stream", follow, methods=["GET"], response_class=StreamingResponse)
    routes.add_api_route("/{job_id}", get_job, methods=["GET"])
    routes.add_api_route("/{job_id}/log", get_log, methods=["GET"])
    routes.add_api_route("/{job_id}/cancel", cancel_job, methods=["POST"])
    return routes


def list_jobs(query: ListQuery, caller: Caller = signed_in()) -> dict[str, Any]:
    """Jobs, newest first."""
    with caller.read() as work:
        page = store.listed(work, query)
    return {"items": [shown(row) for row in page.items], "next": page.next, "total": page.total}


def get_job(job_id: str, caller: Caller = signed_in()) -> dict[str, Any]:
    """One job with its progress, result or error."""
    with caller.read() as work:
        return shown(service.get(work, job_id))


def get_log(
    job_id: str,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
    caller: Caller = signed_in(),
) -> dict[str, Any]:
    """Lines of the job's log, in order, after a line's id."""
    with caller.read() as work:
        service.get(work, job_id)
        lines = store.log_of(work, job_id, after, limit)
    return {"items": lines, "next": lines[-1]["id"] if len(lines) == limit else None}


def cancel_job(job_id: str, caller: Caller = signed_in()) -> dict[str, Any]:
    """End a job; it answers with the job as it is now, which may still be running for a moment."""
    with caller.write() as work:
        return shown(service.cancel(work, job_id))


async def follow(
    request: Request,
    last_event_id: Annotated[str | None, Header()] = None,
    caller: Caller = signed_in(),
) -> StreamingResponse:
    """Server-sent events `job`, one per change; `Last-Event-ID` resumes."""
    after = resume_from(last_event_id)
    reader = stream.Reader(caller.platform, caller.actor, after or 0)
    return streamed(request, reader, stream.packed, resumed=after is not None)
