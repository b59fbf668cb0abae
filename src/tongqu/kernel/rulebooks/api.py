"""Routes of the rulebooks: anybody who is signed in may see by which numbers the platform goes."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from tongqu.kernel.rulebooks import service
from tongqu.kernel.rulebooks.values import Parameter
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, listed, signed_in
from tongqu.kit.errors import Invalid
from tongqu.kit.regions import parse_region

Region = Annotated[str | None, Query(max_length=12, description="what holds in this region; the country by default")]
AtMs = Annotated[int | None, Query(ge=0, le=4_102_444_800_000, description="UTC ms; now by default")]


def router() -> APIRouter:
    routes = APIRouter(prefix="/rulebooks", tags=["rulebooks"])

    @routes.get("")
    def list_parameters(query: ListQuery, caller: Caller = signed_in()) -> Response:
        """All entries of all rulebooks, each with source and status."""
        rows = [_row(one) for one in service.every(caller.platform.modules)]
        return json_response(as_list(listed(rows, query, search=("id", "title", "source"))))

    @routes.get("/{parameter}")
    def get_parameter(
        parameter: str, region: Region = None, at_ms: AtMs = None, caller: Caller = signed_in()
    ) -> Response:
        """The entry of a parameter that holds in a region at a time."""
        at = caller.platform.clock.now_ms() if at_ms is None else at_ms
        return json_response(service.shown(service.parameter_of(parameter, _region(region), at)))

    return routes


def _region(code: str | None) -> str | None:
    try:
        return parse_region(code) if code else None
    except ValueError as error:
        raise Invalid("rulebooks.bad_region", field="region", value=code) from error


def _row(parameter: Parameter) -> dict[str, Any]:
    """A row of the list: values as text; the list shows both languages of a title as one."""
    shown = service.shown(parameter)
    value = parameter.value if isinstance(parameter.value, str) else orjson.dumps(parameter.value, default=str).decode()
    return shown | {
        "key": f"{parameter.id}|{parameter.jurisdiction}|{parameter.effective_from}",
        "value": value,
        "title": shown["title"]["zh"],
        "module": parameter.id.partition(".")[0],
    }
