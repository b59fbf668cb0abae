"""Routes of identity, below `/identity`."""

from fastapi import APIRouter

from tongqu.kernel.identity.api import organisations, people, regions, sessions


def router() -> APIRouter:
    """All routes of the room."""
    whole = APIRouter(prefix="/identity", tags=["identity"])
    for part in (sessions, organisations, people, regions):
        whole.include_router(part.router())
    return whole
