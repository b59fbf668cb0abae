"""Routes below `/api/v1/indicators`: definitions with their latest figures, series, rows, workbooks, computing anew."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from tongqu.kernel import audit
from tongqu.kernel.indicators import service
from tongqu.kernel.indicators.schemas import LATEST_MS, ComputeOrder
from tongqu.kernel.indicators.service import Asked
from tongqu.kernel.indicators.values import COMPUTE, READ, Indicator
from tongqu.kernel.web import Caller, json_response, needs
from tongqu.kit.errors import Invalid
from tongqu.kit.regions import parse_region
from tongqu.kit.text import text
from tongqu.kit.time import CHINA, iso

At = Annotated[int, Query(ge=0, le=LATEST_MS)]
PeriodName = Annotated[str, Query(max_length=8)]


def asked(
    region: Annotated[str | None, Query(max_length=12)] = None,
    organisation: Annotated[str | None, Query(max_length=20)] = None,
    key: Annotated[str | None, Query(max_length=120)] = None,
) -> Asked:
    """Whose figures; all that the caller sees by default."""
    try:
        return Asked(parse_region(region) if region else None, organisation or None, key)
    except ValueError as error:
        raise Invalid("indicators.bad_region", field="region", value=region) from error


Narrowed = Annotated[Asked, Depends(asked)]


def router() -> APIRouter:
    routes = APIRouter(prefix="/indicators", tags=["indicators"])
    routes.add_api_route("", list_indicators, methods=["GET"])
    routes.add_api_route("/{indicator_id}/series", get_series, methods=["GET"])
    routes.add_api_route("/{indicator_id}/rows", list_rows, methods=["GET"])
    routes.add_api_route("/{indicator_id}/export.xlsx", export, methods=["GET"], response_class=Response)
    routes.add_api_route("/{indicator_id}/compute", compute, methods=["POST"], status_code=202)
    return routes


def list_indicators(
    narrowed: Narrowed, period: PeriodName = "day", before: At | None = None, caller: Caller = needs(READ)
) -> Response:
    """All indicators the caller may see, each with the figure of the latest window (that began before `before`)."""
    now = caller.platform.clock.now_ms()
    at = now if before is None else before
    with caller.read() as work:
        items = [
            service.described(one, at)
            | {"figure": service.figure(work, one, service.nearest_period(one, period), at, narrowed)}
            for one in service.available(caller.platform, caller.actor)
        ]
    return json_response({"items": items, "at_ms": at})


def _indicator(caller: Caller, indicator_id: str) -> Indicator:
    return service.get(caller.platform, caller.actor, indicator_id)


def get_series(
    indicator_id: str,
    narrowed: Narrowed,
    from_ms: Annotated[int, Query(alias="from", ge=0, le=LATEST_MS)],
    to_ms: Annotated[int, Query(alias="to", ge=0, le=LATEST_MS)],
    period: PeriodName = "day",
    by: Annotated[str | None, Query(max_length=20)] = None,
    caller: Caller = needs(READ),
) -> Response:
    """Figures over time; `by` organisation, region or key gives one line for each."""
    indicator = _indicator(caller, indicator_id)
    with caller.read() as work:
        items = service.series(work, indicator, period, from_ms, to_ms, narrowed, by)
    return json_response({"indicator": service.described(indicator, from_ms), "items": items})


def list_rows(
    indicator_id: str,
    narrowed: Narrowed,
    from_ms: Annotated[int, Query(alias="from", ge=0, le=LATEST_MS)],
    period: PeriodName = "day",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    caller: Caller = needs(READ),
) -> Response:
    """The rows that the figure of a window is the sum of."""
    from tongqu.kernel.indicators.excel import heading
    from tongqu.kernel.indicators.look import keeper_of

    indicator = _indicator(caller, indicator_id)
    window = service.window_of(indicator, period, from_ms)
    rows, total = keeper_of(caller.platform).rows(caller.actor, indicator, window, narrowed, offset, limit)
    with caller.read() as work:
        figure = service.series(work, indicator, period, window.from_ms, window.to_ms, narrowed)
    return json_response({
        "columns": [{"name": name, "label": heading(indicator, name)} for name in rows.column_names],
        "items": rows.to_pylist(),
        "total": total,
        "figure": figure[0] if figure else None,
    })  # fmt: skip


def export(
    indicator_id: str,
    narrowed: Narrowed,
    from_ms: Annotated[int, Query(alias="from", ge=0, le=LATEST_MS)],
    to_ms: Annotated[int, Query(alias="to", ge=0, le=LATEST_MS)],
    period: PeriodName = "day",
    by: Annotated[str | None, Query(max_length=20)] = None,
    rows_of: At | None = None,
    lang: Annotated[Literal["zh", "en"], Query()] = "zh",
    caller: Caller = needs(READ),
) -> Response:
    """A workbook: definition, figures over time, and with `rows_of` (a window's beginning) the rows of that figure."""
    from tongqu.kernel.indicators import excel, look

    indicator = _indicator(caller, indicator_id)
    with caller.read() as work:
        points = service.series(work, indicator, period, from_ms, to_ms, narrowed, by)
    rows, total = None, 0
    if rows_of is not None:
        window = service.window_of(indicator, period, rows_of)
        keeper = look.keeper_of(caller.platform)
        rows, total = keeper.rows(caller.actor, indicator, window, narrowed, 0, look.MOST_ROWS)
        with caller.write() as work:
            audit.record(
                work, "indicators.export", f"urn:tongqu:indicator:{indicator.id}",
                period=period, from_ms=rows_of, region=narrowed.region or "", rows=rows.num_rows,
            )  # fmt: skip
    about = service.described(indicator, from_ms)
    body = excel.workbook(about, points, rows, indicator, lang, total=total)
    day = iso(from_ms, CHINA)[:10]
    name = quote(f"{text(indicator.text_key('title'))[lang]}-{day}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=utf-8''{name}", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=excel.XLSX, headers=headers)


def compute(indicator_id: str, order: ComputeOrder, caller: Caller = needs(COMPUTE)) -> dict[str, Any]:
    """Have an indicator's windows of a time computed anew; the answer names the job, null where nothing is stored."""
    from tongqu.kernel.indicators.look import keeper_of

    indicator = _indicator(caller, indicator_id)
    service.period_of(indicator, order.period)
    if order.from_ms >= order.to_ms:
        raise Invalid("indicators.empty_time", field="from")
    keeper = keeper_of(caller.platform)
    wanted = keeper.due([indicator.id], order.period, (order.from_ms, order.to_ms))
    return {"job": keeper.order(wanted), "windows": len(wanted)}
