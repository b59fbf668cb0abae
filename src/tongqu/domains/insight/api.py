"""Routes of insight."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from tongqu.domains.insight import service
from tongqu.domains.insight.module import READ
from tongqu.kernel.telemetry import MoversView
from tongqu.kernel.web import Caller, needs
from tongqu.kit.errors import Invalid
from tongqu.kit.regions import parse_region


def router() -> APIRouter:
    made = APIRouter(prefix="/insight", tags=["insight"])

    @made.get("/overview")
    def get_overview(
        region: Annotated[str | None, Query(max_length=12)] = None, caller: Caller = needs(READ)
    ) -> dict[str, Any]:
        """Figures of the region, of each category in it and of each region below."""
        movers = caller.platform.service(MoversView)
        found = service.overview(movers, caller.actor, _region(region))
        return {
            "at_ms": found.at_ms,
            "region": found.region,
            **asdict(found.total),
            "categories": [{"category": code, **asdict(f)} for code, f in found.categories.items()],
            "regions": [{"region": code, **asdict(f)} for code, f in found.regions.items()],
        }

    return made


def _region(code: str | None) -> str | None:
    if not code:
        return None
    try:
        return parse_region(code)
    except ValueError as error:
        raise Invalid("insight.bad_region", field="region", value=code) from error
