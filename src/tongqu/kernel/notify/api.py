"""Routes of messages: one's own inbox, and webhooks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response

from tongqu.kernel import identity
from tongqu.kernel.notify import service, store
from tongqu.kernel.notify.schemas import EndpointEdit, EndpointForm, QuietHours
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, require_match, signed_in, tagged
from tongqu.kit.errors import NotFound

IfMatch = Annotated[str | None, Header()]


def router() -> APIRouter:
    routes = APIRouter(prefix="/notify", tags=["notify"])
    _inbox(routes)
    _endpoints(routes)
    return routes


def _inbox(routes: APIRouter) -> None:
    @routes.get("/inbox")
    def list_inbox(query: ListQuery, caller: Caller = signed_in()) -> Response:
        """What the caller was told, the newest first."""
        with caller.read() as work:
            found = store.inbox(work, caller.actor.id, work.now_ms, query)
            waiting = store.unread(work, caller.actor.id, work.now_ms)
        return json_response(as_list(found) | {"items": [_shown(row) for row in found.items], "unread": waiting})

    @routes.get("/unread")
    def count_unread(caller: Caller = signed_in()) -> Response:
        """How many the caller has not read."""
        with caller.read() as work:
            return json_response({"unread": store.unread(work, caller.actor.id, work.now_ms)})

    @routes.post("/inbox/read")
    def read_all(caller: Caller = signed_in()) -> Response:
        """Mark all as read."""
        with caller.write() as work:
            return json_response({"read": store.mark_read(work, caller.actor.id, None)})

    @routes.post("/inbox/{delivery_id}/read")
    def read_one(delivery_id: str, caller: Caller = signed_in()) -> Response:
        """Mark one as read; again does nothing."""
        with caller.write() as work:
            if not store.has(work, caller.actor.id, delivery_id):
                raise NotFound("notify.unknown", delivery=delivery_id)
            return json_response({"read": store.mark_read(work, caller.actor.id, delivery_id)})

    @routes.get("/preferences")
    def get_preferences(caller: Caller = signed_in()) -> Response:
        with caller.read() as work:
            quiet = store.quiet_hours(work, [caller.actor.id]).get(caller.actor.id, (None, None))
        return json_response({"quiet_from_min": quiet[0], "quiet_to_min": quiet[1]})

    @routes.put("/preferences")
    def put_preferences(form: QuietHours, caller: Caller = signed_in()) -> Response:
        """Set the caller's quiet hours; nulls end them."""
        with caller.write() as work:
            service.set_quiet_hours(work, form.quiet_from_min, form.quiet_to_min)
        return json_response(form.model_dump())


def _endpoints(routes: APIRouter) -> None:
    @routes.get("/endpoints")
    def list_endpoints(query: ListQuery, caller: Caller = needs(service.ENDPOINTS)) -> Response:
        with caller.read() as work:
            return json_response(as_list(store.endpoints(work, query)))

    @routes.post("/endpoints", status_code=201)
    def add_endpoint(form: EndpointForm, caller: Caller = needs(service.ENDPOINTS)) -> Response:
        """The secret of the signature is in this answer and nowhere else."""
        region = identity.region_code(form.region) if form.region else None
        with caller.write() as work:
            id, secret = service.add_endpoint(
                work,
                title=form.title,
                url=form.url,
                templates=form.templates,
                organisation=form.organisation or None,
                region=region,
            )
        return json_response({"id": id, "secret": secret}, 201)

    @routes.get("/endpoints/{endpoint_id}")
    def get_endpoint(endpoint_id: str, caller: Caller = needs(service.ENDPOINTS)) -> Response:
        with caller.read() as work:
            return tagged(service.endpoint(work, endpoint_id))

    @routes.patch("/endpoints/{endpoint_id}")
    def amend_endpoint(
        endpoint_id: str, form: EndpointEdit, if_match: IfMatch = None, caller: Caller = needs(service.ENDPOINTS)
    ) -> Response:
        with caller.write() as work:
            require_match(if_match, service.endpoint(work, endpoint_id))
            return tagged(service.amend_endpoint(work, endpoint_id, form.model_dump(exclude_unset=True)))

    @routes.get("/endpoints/{endpoint_id}/deliveries")
    def list_deliveries(endpoint_id: str, query: ListQuery, caller: Caller = needs(service.ENDPOINTS)) -> Response:
        """What went there, each with its tries and receipts."""
        with caller.read() as work:
            service.endpoint(work, endpoint_id)
            found = store.deliveries(work, endpoint_id, query)
            tries = store.attempts(work, [row["id"] for row in found.items])
        items = [row | {"tries": [one for one in tries if one["delivery"] == row["id"]]} for row in found.items]
        return json_response(as_list(found) | {"items": items})


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    words = service.said(row["template"], row["params"])
    return {
        "id": row["id"],
        "at_ms": row["at_ms"],
        "read_ms": row["read_ms"],
        "template": row["template"],
        "title": words["subject"],
        "text": words["text"],
        "about": row["subject"],
        "link": row["link"],
        "region": row["region"],
    }
