"""Routes of alarms below `/api/v1/alarms`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import Response, StreamingResponse

from tongqu.kernel.alarms import service, store, stream
from tongqu.kernel.alarms.schemas import Acknowledgement, rule_text, shown
from tongqu.kernel.web import Caller, ListQuery, json_response, needs, require_match, resume_from, streamed, tagged

READ, ACKNOWLEDGE = "alarms.read", service.ACKNOWLEDGE
IfMatch = Annotated[str | None, Header(alias="If-Match")]


def router() -> APIRouter:
    routes = APIRouter(prefix="/alarms", tags=["alarms"])
    routes.add_api_route("", list_alarms, methods=["GET"])
    routes.add_api_route("/stream", follow, methods=["GET"], response_class=StreamingResponse)
    routes.add_api_route("/count", count_alarms, methods=["GET"])
    routes.add_api_route("/rules", list_rules, methods=["GET"])
    routes.add_api_route("/{alarm_id}", get_alarm, methods=["GET"])
    routes.add_api_route("/{alarm_id}/acknowledge", acknowledge, methods=["POST"])
    return routes


def list_alarms(query: ListQuery, caller: Caller = needs(READ)) -> Response:
    """Alarms, newest first. `filter.waiting=1`: those that rang and nobody has acknowledged; `filter.region`: all
    within it."""
    with caller.read() as work:
        page = store.listed(work, query)
    items = [shown(store.alarm_of(row)) for row in page.items]
    return json_response({"items": items, "next": page.next, "total": page.total})


def count_alarms(caller: Caller = needs(READ)) -> dict[str, Any]:
    """How many alarms wait for a person, by severity."""
    with caller.read() as work:
        found = store.waiting(work)
    return {"total": sum(found.values()), "by_severity": {str(one): found[one] for one in sorted(found)}}


def list_rules(caller: Caller = needs(READ)) -> list[dict[str, Any]]:
    """The rules whose alarms there are, with their titles."""
    return [
        {
            "id": rule.id,
            "title": rule_text(rule.id, "title"),
            "severity": rule.severity,
            "cause": rule.cause,
            "kinds": list(rule.kinds),
            "parameters": list(rule.rulebook),
        }
        for module in caller.platform.modules
        for rule in module.rules
    ]


def get_alarm(alarm_id: int, caller: Caller = needs(READ)) -> Response:
    """One alarm."""
    with caller.read() as work:
        return tagged(shown(service.get(work, alarm_id)))


def acknowledge(
    alarm_id: int, form: Acknowledgement, if_match: IfMatch = None, caller: Caller = needs(ACKNOWLEDGE)
) -> Response:
    """Say that one has seen an alarm; it answers with the alarm as it is now."""
    with caller.write() as work:
        require_match(if_match, shown(service.get(work, alarm_id)))
        return tagged(shown(service.acknowledge(work, alarm_id, form.note)))


async def follow(
    request: Request,
    last_event_id: Annotated[str | None, Header()] = None,
    caller: Caller = needs(READ),
) -> StreamingResponse:
    """Server-sent events `alarm`, one per change; `Last-Event-ID` resumes."""
    after = resume_from(last_event_id)
    reader = stream.Reader(caller.platform, caller.actor, after or 0)
    return streamed(request, reader, stream.packed, resumed=after is not None)
