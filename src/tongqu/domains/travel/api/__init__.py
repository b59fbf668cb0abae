"""Routes of travel, below `/travel`."""

from __future__ import annotations

from fastapi import APIRouter

from tongqu.domains.travel.api import bikes, feeds, journeys, open_data, operation, places, realtime


def router() -> APIRouter:
    """All routes of the domain."""
    routes = APIRouter(prefix="/travel", tags=["travel"])
    for part in (feeds, open_data, places, journeys, realtime, operation, bikes):
        part.add(routes)
    return routes
