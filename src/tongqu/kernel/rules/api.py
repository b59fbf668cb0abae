"""Routes of rules below `/api/v1/rules`: replays over the history."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from tongqu.kernel.rules.module import REPLAY
from tongqu.kernel.rules.replays import Replays
from tongqu.kernel.web import Caller, needs


class Period(BaseModel):
    """What is replayed: `[from_ms, to_ms)` of event time."""

    model_config = ConfigDict(extra="forbid")
    from_ms: int = Field(ge=0, le=1 << 53)
    to_ms: int = Field(ge=0, le=1 << 53)


def router() -> APIRouter:
    routes = APIRouter(prefix="/rules", tags=["rules"])
    routes.add_api_route("/replay", replay, methods=["POST"], status_code=202)
    routes.add_api_route("/replay", replayed, methods=["GET"])
    return routes


def replay(period: Period, caller: Caller = needs(REPLAY)) -> dict[str, Any]:
    """Run all rules over the history of a time, and compare with the alarms that began in it."""
    return caller.platform.service(Replays).begin(period.from_ms, period.to_ms)


def replayed(caller: Caller = needs(REPLAY)) -> dict[str, Any]:
    """How far it is, or what the last one found: `agrees`, and where rows and records differ."""
    return caller.platform.service(Replays).state()
