"""Routes of the registry: the search box."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from tongqu.kernel.module import Module
from tongqu.kernel.things import finding
from tongqu.kernel.things.values import Hit, Locate
from tongqu.kernel.web import Caller, json_response, needs
from tongqu.kit.text import has, text


def router() -> APIRouter:
    routes = APIRouter(tags=["things"])

    @routes.get("/search")
    def search(
        q: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        caller: Caller = needs("things.read"),
    ) -> Response:
        """Things by part of their name or of an alias, and what the modules find besides."""
        platform = caller.platform
        with caller.read() as work:
            hits = finding.search(work, platform.modules, q.strip(), limit)
        if platform.has(Locate):
            places = platform.service(Locate).where([hit.urn for hit in hits if hit.lon is None])
            hits = [_placed(hit, places) for hit in hits]
        labels = _labels(platform.modules)
        return json_response({"items": [_shown(hit, labels) for hit in hits]})

    return routes


def _placed(hit: Hit, places: dict[str, tuple[float, float]]) -> Hit:
    lon, lat = places.get(hit.urn, (hit.lon, hit.lat))
    return replace(hit, lon=lon, lat=lat)


def _labels(modules: tuple[Module, ...]) -> dict[str, dict[str, str]]:
    """What kinds are called, by the module that declares them or finds them."""
    declared = {kind.id: f"{module.id}.kinds.{kind.id}" for module in modules for kind in module.kinds}
    return {kind: text(key) for kind, key in declared.items() if has(key)}


def _shown(hit: Hit, labels: dict[str, dict[str, str]]) -> dict[str, Any]:
    return asdict(hit) | {"kind_label": hit.label or labels.get(hit.kind) or text("things.kinds.thing")}
