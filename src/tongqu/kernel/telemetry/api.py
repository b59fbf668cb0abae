"""Routes: movers with their tracks, the live socket, the quarantine, exports."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Header, Query, WebSocket
from starlette.responses import Response

from tongqu.kernel.telemetry import exports, live, quarantine, shown
from tongqu.kernel.telemetry.module import EXPORT_PERMISSION
from tongqu.kernel.telemetry.movers import parse_box
from tongqu.kernel.telemetry.schemas import ExportOrder
from tongqu.kernel.telemetry.service import Telemetry, frame_id
from tongqu.kernel.telemetry.sight import READ
from tongqu.kernel.web import Caller, ListQuery, needs
from tongqu.kernel.web.listing import as_list
from tongqu.kernel.web.problem import json_response
from tongqu.kit.errors import Invalid
from tongqu.kit.regions import parse_region
from tongqu.kit.time import DAY_MS

MOST_MOVERS = 50_000
MOST_POINTS = 50_000
MOST_KEYS = 2_000
LATEST_MS = 253_402_300_799_999
"""End of the year 9999."""
TRACK_COLUMNS = ("time_ms", "lon", "lat", "speed_kmh", "heading_deg", "altitude_m", "alarm", "status", "flags")


def router() -> APIRouter:
    routes = APIRouter(tags=["telemetry"])
    routes.add_api_route("/movers", list_movers, methods=["GET"])
    routes.add_api_route("/movers/labels", get_labels, methods=["GET"])
    routes.add_api_route("/movers/categories", list_categories, methods=["GET"])
    routes.add_api_websocket_route("/movers/live", watch_movers)
    routes.add_api_route("/movers/{urn}", get_mover, methods=["GET"])
    routes.add_api_route("/movers/{urn}/track", get_track, methods=["GET"])
    routes.add_api_route("/quarantine", list_quarantine, methods=["GET"])
    routes.add_api_route("/exports", order_export, methods=["POST"], status_code=202)
    return routes


def list_movers(
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north in degrees")] = None,
    region: Annotated[str | None, Query(max_length=12)] = None,
    kind: Annotated[list[str] | None, Query(max_length=20)] = None,
    format: Annotated[str, Query(pattern="^(columns|rows)$")] = "columns",
    limit: Annotated[int, Query(ge=1, le=MOST_MOVERS)] = MOST_MOVERS,
    at: Annotated[int | None, Query(ge=0, le=LATEST_MS, description="UTC ms; absent: now")] = None,
    caller: Caller = needs(READ),
) -> Response:
    """Latest value of each mover that the caller sees; up to 50,000, and `more` says how many were left out.

    With `at` their positions at that moment, from the history: those heard of in the hour before it.
    """
    telemetry = caller.platform.service(Telemetry)
    movers, past = telemetry.movers, telemetry.shown_at(at)
    now, members = movers.select(caller.actor, parse_box(bbox), region_of(region), tuple(kind or ()), past)
    more = max(0, len(members) - limit)
    columns = movers.columns(now, members[:limit])
    body: dict[str, Any] = {"count": len(members), "more": more, "at_ms": now.at_ms}
    if format == "columns":
        return json_response(body | {"columns": columns})
    plain = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    items = [dict(zip(columns, row, strict=True)) for row in zip(*plain, strict=True)]
    return json_response(body | {"items": items})


def get_labels(
    keys: Annotated[str, Query(pattern=r"^\d{1,10}(,\d{1,10})*$", max_length=22_000)],
    at: Annotated[int | None, Query(ge=0, le=LATEST_MS, description="UTC ms; absent: now")] = None,
    caller: Caller = needs(READ),
) -> Response:
    """Names of movers by the keys of the live frames; those that the caller does not see (then) are left out."""
    wanted = np.array(keys.split(","), dtype=np.int64)
    if len(wanted) > MOST_KEYS:
        raise Invalid("telemetry.too_many_keys", field="keys", most=MOST_KEYS)
    telemetry = caller.platform.service(Telemetry)
    return json_response(shown.labels(telemetry.movers, caller.actor, wanted, telemetry.shown_at(at)))


def list_categories(caller: Caller = needs(READ)) -> Response:
    """Categories of movers, by the number that the live frames carry."""
    return json_response(shown.categories(caller.platform))


def get_mover(urn: str, caller: Caller = needs(READ)) -> Response:
    """All that is known of one mover now."""
    return json_response(shown.mover(caller, urn))


def get_track(
    urn: str,
    from_: Annotated[int | None, Query(alias="from", description="UTC ms")] = None,
    to: Annotated[int | None, Query(description="UTC ms, exclusive")] = None,
    limit: Annotated[int, Query(ge=2, le=MOST_POINTS)] = MOST_POINTS,
    format: Annotated[str, Query(pattern="^columns$")] = "columns",
    caller: Caller = needs(READ),
) -> Response:
    """The track of a mover, the last 24 hours by default.

    With more points than `limit` evenly spread ones are given, first and last among them: `thinned` says so, `total`
    how many there are.
    """
    telemetry = caller.platform.service(Telemetry)
    now = caller.platform.clock.now_ms()
    end = now + DAY_MS if to is None else to
    begin = min(now, end) - DAY_MS if from_ is None else from_
    if begin >= end:
        raise Invalid("telemetry.empty_time", field="from")
    rows = telemetry.track(urn, caller.actor, begin, end)
    total = len(rows["time_ms"])
    if total > limit:
        rows = {name: column[_spread(total, limit)] for name, column in rows.items()}
    columns: dict[str, Any] = {name: rows[name] for name in TRACK_COLUMNS}
    columns["speed_kmh"] = np.round(rows["speed_kmh"].astype(np.float64), 1)
    columns["frame"] = [frame_id(offset) for offset in rows["log_offset"].tolist()]
    return json_response({"columns": columns, "total": total, "thinned": total > limit, "from_ms": begin, "to_ms": end})


def list_quarantine(query: ListQuery, caller: Caller = needs(quarantine.PERMISSION)) -> dict[str, Any]:
    """Refused frames, newest first."""
    return as_list(quarantine.listed(caller.platform.service(Telemetry), caller.actor, query))


def order_export(
    order: ExportOrder,
    idempotency_key: Annotated[str | None, Header(max_length=100)] = None,
    caller: Caller = needs(EXPORT_PERMISSION),
) -> dict[str, str]:
    """Have the rows of a time written to a Parquet document; the job's result names it."""
    return {"job": exports.order(caller, order, idempotency_key)}


async def watch_movers(socket: WebSocket) -> None:
    """The live socket; see README.md for its frames."""
    await live.serve(socket)


def region_of(text: str | None) -> str | None:
    """A region code as it is held.

    Raises:
        Invalid: `telemetry.bad_region`.
    """
    if not text:
        return None
    try:
        return str(parse_region(text))
    except ValueError as error:
        raise Invalid("telemetry.bad_region", field="region", value=text) from error


def _spread(total: int, limit: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Indices of `limit` rows, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, total - 1, limit).round().astype(np.int64))
