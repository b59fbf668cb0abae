"""Routes of the cases: lists, one case with its clocks and the steps that lead on, its history, and the steps."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from tongqu.kernel import identity
from tongqu.kernel.cases import service, store, stream, supervision, views
from tongqu.kernel.cases.registry import readable, types_of
from tongqu.kernel.cases.schemas import DocumentForm, LiftForm, StepForm, SupervisionForm
from tongqu.kernel.cases.values import Case, CaseType
from tongqu.kernel.store import Work
from tongqu.kernel.web import (
    Caller,
    ListQuery,
    as_list,
    etag_of,
    json_response,
    needs,
    require_match,
    resume_from,
    signed_in,
    streamed,
)
from tongqu.kit.errors import Forbidden, Invalid

IfMatch = Annotated[str | None, Header()]


def router() -> APIRouter:
    routes = APIRouter(prefix="/cases", tags=["cases"])
    _lists(routes)
    _one(routes)
    _changes(routes)
    return routes


def _lists(routes: APIRouter) -> None:
    @routes.get("/types")
    def list_types(caller: Caller = signed_in()) -> Response:
        """The kinds of cases the caller may see."""
        found = readable(caller.actor, types_of(caller.platform.modules))
        return json_response({"items": [views.described(type) for type in found]})

    @routes.get("")
    def list_cases(
        query: ListQuery,
        open: Annotated[bool | None, Query(description="only open ones, or only closed ones")] = None,
        region: Annotated[str | None, Query(max_length=12)] = None,
        caller: Caller = signed_in(),
    ) -> Response:
        """Cases, the newest first, each with the deadline that comes first."""
        types = types_of(caller.platform.modules)
        code = identity.region_code(region) if region else None
        with caller.read() as work:
            found = store.listed(work, readable(caller.actor, types), query, is_open=open, region=code)
            rows = views.brief(work, types, [Case(**row) for row in found.items])
        return json_response(as_list(found) | {"items": rows})

    @routes.get("/stream", response_class=StreamingResponse)
    async def follow(
        request: Request, last_event_id: Annotated[str | None, Header()] = None, caller: Caller = signed_in()
    ) -> StreamingResponse:
        """Server-sent events `case`, one per change; `Last-Event-ID` resumes."""
        after = resume_from(last_event_id)
        types = readable(caller.actor, types_of(caller.platform.modules))
        reader = stream.Reader(caller.platform, caller.actor, types, after or 0)
        return streamed(request, reader, stream.packed, resumed=after is not None)


def _one(routes: APIRouter) -> None:
    @routes.get("/{case_id}")
    def get_case(case_id: str, caller: Caller = signed_in()) -> Response:
        """One case; its entity tag goes into `If-Match` of the steps."""
        with caller.read() as work:
            type, case = _found(work, caller, case_id)
            return _tagged(case, views.whole(work, type, case))

    @routes.get("/{case_id}/history")
    def get_history(case_id: str, caller: Caller = signed_in()) -> Response:
        """All that was done, the oldest first, each entry with its proof."""
        with caller.read() as work:
            type, case = _found(work, caller, case_id)
            return json_response({"items": [views.entry_shown(type, one) for one in service.history(work, case)]})


def _changes(routes: APIRouter) -> None:
    @routes.post("/{case_id}/steps/{step_id}")
    def take_step(
        case_id: str, step_id: str, form: StepForm, if_match: IfMatch = None, caller: Caller = signed_in()
    ) -> Response:
        """Take a step; `If-Match` names the state of the case that the caller has read."""
        with caller.write() as work:
            type, case = _found(work, caller, case_id)
            if if_match is None:
                raise Invalid("cases.no_if_match", field="If-Match")
            require_match(if_match, _tag(case))
            moved = service.advance(
                work, type, case_id, step_id, data=form.data, lon=form.lon, lat=form.lat, place=form.place
            )
            return _tagged(moved, views.whole(work, type, moved))

    @routes.post("/{case_id}/documents", status_code=201)
    def add_document(case_id: str, form: DocumentForm, caller: Caller = signed_in()) -> Response:
        """Have the case hold a document that the caller can see; for whoever may take one of its steps."""
        with caller.write() as work:
            type, case = _found(work, caller, case_id)
            if case.closed_ms is not None or not any(service.may(work.actor, s.permission, case) for s in type.steps):
                raise Forbidden("cases.may_not_attach")
            service.attach(work, type, case, form.kind, form.document)
            return json_response({"documents": store.documents(work, case.id)}, 201)

    @routes.post("/{case_id}/supervision", status_code=201)
    def supervise(case_id: str, form: SupervisionForm, caller: Caller = needs(supervision.SUPERVISE)) -> Response:
        """Put the case under supervision (督办)."""
        with caller.write() as work:
            type, _ = _found(work, caller, case_id)
            made = supervision.supervise(work, type, case_id, form.level, form.deadline_ms, form.reason)
        return json_response({"id": made}, 201)

    @routes.post("/{case_id}/supervision/{supervision_id}/lift")
    def lift(
        case_id: str, supervision_id: str, form: LiftForm, caller: Caller = needs(supervision.SUPERVISE)
    ) -> Response:
        """End a supervision."""
        with caller.write() as work:
            type, _ = _found(work, caller, case_id)
            supervision.lift(work, type, case_id, supervision_id, form.reason)
        return json_response({"id": supervision_id})


def _found(work: Work, caller: Caller, case_id: str) -> tuple[CaseType, Case]:
    return service.find(work, types_of(caller.platform.modules), case_id)


def _tag(case: Case) -> list[Any]:
    """What the entity tag of a case covers: its steps. Clocks tick and facts are amended meanwhile."""
    return [case.id, case.version]


def _tagged(case: Case, body: dict[str, Any]) -> Response:
    answer = json_response(body)
    answer.headers["ETag"] = etag_of(_tag(case))
    return answer
