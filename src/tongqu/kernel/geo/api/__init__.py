"""HTTP of geo, below `/geo`."""

from __future__ import annotations

from fastapi import APIRouter

from tongqu.kernel.geo.api import regions, stakes


def router() -> APIRouter:
    routes = APIRouter(prefix="/geo", tags=["geo"])
    routes.include_router(regions.router())
    routes.include_router(stakes.router())
    return routes
