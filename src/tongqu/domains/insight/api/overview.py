"""Routes of the figures over the latest values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from tongqu.domains.insight.api.regions import region_of
from tongqu.domains.insight.cases import READ
from tongqu.domains.insight.service import incidents, overview
from tongqu.kernel.telemetry import MoversView
from tongqu.kernel.web import Caller, needs


def add(routes: APIRouter) -> None:
    @routes.get("/overview")
    def get_overview(
        region: Annotated[str | None, Query(max_length=12)] = None, caller: Caller = needs(READ)
    ) -> dict[str, Any]:
        """Figures of the region, of each category in it and of each region below."""
        movers = caller.platform.service(MoversView)
        found = overview.overview(movers, caller.actor, region_of(region))
        with caller.read() as work:
            open_ones = incidents.open_by_region(work)
        return {
            "at_ms": found.at_ms,
            "region": found.region,
            **asdict(found.total),
            "incidents": _within(open_ones, found.region or ""),
            "categories": [{"category": code, **asdict(f)} for code, f in found.categories.items()],
            "regions": [
                {"region": code, **asdict(f), "incidents": _within(open_ones, code)}
                for code, f in _with_incidents(found, open_ones).items()
            ],
        }


def _within(open_ones: dict[str, int], region: str) -> int:
    return sum(count for code, count in open_ones.items() if code.startswith(region))


def _with_incidents(found: overview.Overview, open_ones: dict[str, int]) -> dict[str, overview.Figures]:
    """The regions one level below, those too where nothing moves but something happened."""
    digits = min(overview.DEEPEST, len(found.region) + 2 if found.region else 2)
    here = {code[:digits] for code in open_ones if code.startswith(found.region or "") and len(code) >= digits}
    nothing = overview.Figures(0, 0, 0, 0)
    return found.regions | dict.fromkeys(sorted(here - found.regions.keys()), nothing)
