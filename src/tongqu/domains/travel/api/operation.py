"""For the operator of a feed that our vehicles run: who runs what, how late, and how good the forecasts have been."""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import APIRouter
from starlette.responses import Response

from tongqu.domains.travel.movement import Told
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.service.operation import Operator
from tongqu.engines.arrivals import Error
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry.service import Telemetry
from tongqu.kernel.web import Caller, json_response, needs
from tongqu.kit.errors import NotFound

READ = "travel.read"


def add(routes: APIRouter) -> None:
    @routes.get("/feeds/{feed_id}/operation")
    def get_operation(feed_id: str, caller: Caller = needs(READ)) -> Response:
        """Which vehicle runs which trip: delay, next stop with the forecast and its band (P10 to P90); and the mean
        absolute error of forecasts by horizon, beside schedule-only and last-delay on the same arrivals.

        A vehicle that the caller may not see as a mover is not named.
        """
        with caller.read() as work:
            feed = feeds.get(work, feed_id)
        if not feed["operated"]:
            raise NotFound("travel.not_operated", name=feed["name"])
        told, errors, at_ms = caller.platform.service(Operator).told(feed["code"])
        return json_response({
            "feed": feed["code"],
            "at_ms": at_ms,
            "vehicles": _vehicles(caller.platform, caller.actor, told),
            "errors": [_error(one) for one in errors],
        })  # fmt: skip


def _vehicles(platform: Platform, actor: Actor, told: tuple[Told, ...]) -> list[dict[str, Any]]:
    active = platform.service(Network).live_now()
    if active is None or not told:
        return []
    movers = platform.service(Telemetry).movers
    shown = movers.shown()
    view = shown.view
    seen = movers.sight(actor, view).slots(shown.snapshot.columns["region"][: len(view)])
    slots = view.slots(np.array([one.vehicle for one in told], np.int64)).tolist()
    found = []
    for one, slot in zip(told, slots, strict=True):
        named = 0 <= slot < len(seen) and bool(seen[slot])
        found.append({
            "vehicle": {"urn": str(view.urn[slot]), "label": str(view.label[slot])} if named else None,
            "trip_id": one.trip_id,
            "service_day": f"{one.service_day:%Y%m%d}",
            "line": one.line,
            "done": round(one.done, 3),
            "delay_s": round(one.delay_ms / 1000),
            "standing": one.standing,
            "next_stop": active.planner.assembler.stop_end(one.stop).name,
            "next_call": one.call,
            "arrival_ms": one.arrival_ms,
            "arrival_low_ms": one.low_ms,
            "arrival_high_ms": one.high_ms,
            "seen_ms": one.seen_ms,
        })  # fmt: skip
    return sorted(found, key=lambda row: (row["line"], row["trip_id"]))


def _error(one: Error) -> dict[str, Any]:
    return {
        "horizon_min": one.horizon_min,
        "arrivals": one.arrivals,
        "forecast_s": round(one.forecast_s, 1),
        "schedule_s": round(one.schedule_s, 1),
        "last_delay_s": round(one.last_delay_s, 1),
    }
