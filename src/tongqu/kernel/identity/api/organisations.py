"""Routes of organisations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from tongqu.kernel import identity
from tongqu.kernel.identity.schemas import OrganisationEdit, OrganisationForm
from tongqu.kernel.identity.store import organisations as store
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, require_match, tagged

IfMatch = Annotated[str | None, Header(alias="If-Match")]


def router() -> APIRouter:
    routes = APIRouter(prefix="/organisations")

    @routes.get("")
    def list_organisations(query: ListQuery, caller: Caller = needs("identity.read")) -> Response:
        with caller.read() as work:
            return json_response(as_list(store.listed(work, query)))

    @routes.post("", status_code=201)
    def add_organisation(form: OrganisationForm, caller: Caller = needs("identity.edit")) -> Response:
        with caller.write() as work:
            if form.region is not None:
                identity.region(work, form.region)
            made = identity.add_organisation(work, form.name, kind=form.kind, parent=form.parent, region=form.region)
        return tagged(asdict(made), 201)

    @routes.get("/{organisation_id}")
    def get_organisation(organisation_id: str, caller: Caller = needs("identity.read")) -> Response:
        with caller.read() as work:
            return tagged(asdict(identity.organisation(work, organisation_id)))

    @routes.patch("/{organisation_id}")
    def amend_organisation(
        organisation_id: str, form: OrganisationEdit, if_match: IfMatch = None, caller: Caller = needs("identity.edit")
    ) -> Response:
        changes = form.model_dump(mode="json", exclude_unset=True)
        with caller.write() as work:
            require_match(if_match, asdict(identity.organisation(work, organisation_id)))
            if changes.get("region") is not None:
                identity.region(work, changes["region"])
            return tagged(asdict(identity.amend_organisation(work, organisation_id, **changes)))

    @routes.post("/{organisation_id}/retire", status_code=204)
    def retire_organisation(organisation_id: str, caller: Caller = needs("identity.edit")) -> Response:
        with caller.write() as work:
            identity.retire_organisation(work, organisation_id)
        return Response(status_code=204)

    return routes
