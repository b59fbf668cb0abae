"""Routes of the region tree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter
from starlette.responses import Response

from tongqu.kernel import identity
from tongqu.kernel.identity.schemas import RegionChange, RegionForm
from tongqu.kernel.identity.service import regions as service
from tongqu.kernel.identity.service.views import region_view
from tongqu.kernel.web import Caller, json_response, needs, signed_in
from tongqu.kit import regions as codes
from tongqu.kit.errors import Invalid

At = Annotated[int | None, Parameter(ge=0, le=2**53)]


def router() -> APIRouter:
    routes = APIRouter(prefix="/regions")

    @routes.get("")
    def list_regions(at_ms: At = None, caller: Caller = signed_in()) -> Response:
        """All regions that are valid at an instant (now if not given)."""
        with caller.read() as work:
            items = [region_view(one) for one in identity.regions(work, at_ms)]
        return json_response({"items": items, "next": None, "total": len(items)})

    @routes.get("/{code}")
    def get_region(code: str, at_ms: At = None, caller: Caller = signed_in()) -> Response:
        """What a code stands for at an instant, successors followed, and all it has meant."""
        with caller.read() as work:
            found = identity.current_region(work, code, at_ms)
            meanings = service.meanings(work, code)
        return json_response(region_view(found) | {"meanings": [region_view(one) for one in meanings]})

    @routes.post("", status_code=201)
    def add_region(form: RegionForm, caller: Caller = needs("identity.regions")) -> Response:
        code = identity.region_code(form.code)
        made = identity.Region(
            code=code,
            name=form.name,
            name_en=form.name_en,
            level=codes.level(code),
            parent=codes.parent(code),
            valid_from_ms=form.valid_from_ms,
            special=form.special,
            bbox=form.bbox,
            centre=form.center,
        )
        with caller.write() as work:
            identity.add_region(work, made)
        return json_response(region_view(made), 201)

    @routes.post("/{code}/change")
    def change_region(code: str, form: RegionChange, caller: Caller = needs("identity.regions")) -> Response:
        """Rename a region, or let another code take over, from an instant on."""
        if (form.name is None) == (form.successor is None):
            raise Invalid("identity.name_or_successor", field="name")
        with caller.write() as work:
            if form.name is not None:
                identity.rename_region(work, code, form.name, form.name_en or form.name, form.at_ms)
            else:
                identity.replace_region(work, code, str(form.successor), form.at_ms)
            return json_response(region_view(identity.current_region(work, code, form.at_ms)))

    return routes
