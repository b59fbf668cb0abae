"""Routes of insight, one file a subject."""

from __future__ import annotations

from fastapi import APIRouter

from tongqu.domains.insight.api import incidents, overview, shifts


def router() -> APIRouter:
    made = APIRouter(prefix="/insight", tags=["insight"])
    overview.add(made)
    incidents.add(made)
    shifts.add(made)
    return made
