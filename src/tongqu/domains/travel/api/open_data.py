"""Open data (公共数据开放): what is shared, under which condition and licence, its versions, quality and use."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from tongqu.domains.travel.api.feeds import file_of
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.realtime import KINDS
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.tables import Condition
from tongqu.kernel import identity
from tongqu.kernel.store import system_actor
from tongqu.kernel.web import Caller, anyone, json_response, needs
from tongqu.kit.errors import Forbidden, NotFound
from tongqu.kit.time import CHINA

PORTAL = system_actor("travel.open_data")
USE_DAYS = 90


def add(routes: APIRouter) -> None:
    @routes.get("/open-data")
    def list_open_data(caller: Caller = anyone()) -> Response:
        """What is shared, for everybody: data that is not open is not named."""
        since = day_of(caller.platform.clock.now_ms()) - timedelta(days=USE_DAYS)
        with caller.platform.store.read(PORTAL) as work:
            rows = store.open_feeds(work)
            live = store.versions_by_id(work, [row["version"] for row in rows if row["version"]])
            uses = store.uses(work, [row["id"] for row in rows], since)
            names = {one.code: {"zh": one.name, "en": one.name_en or one.name} for one in identity.regions(work)}
        used: dict[str, dict[str, int]] = {}
        for use in uses:
            used.setdefault(use["feed"], {})[use["what"]] = int(use["count"])
        return json_response(
            {
                "items": [
                    _entry(row, live, used.get(row["id"], {})) | {"region_name": names.get(row["region"])}
                    for row in rows
                ]
            }
        )

    @routes.get("/open-data/{code}/gtfs.zip")
    def get_open_feed(code: str, caller: Caller = anyone()) -> Response:
        """The live version of a feed that is open without condition."""
        return _download(caller, code, Condition.UNCONDITIONAL)

    @routes.get("/open-data/{code}/on-request/gtfs.zip")
    def get_conditional_feed(code: str, caller: Caller = needs("travel.fetch")) -> Response:
        """The live version of a feed that is open on condition: for those who were given `travel.fetch`."""
        return _download(caller, code, Condition.CONDITIONAL)


def _download(caller: Caller, code: str, most: Condition) -> Response:
    with caller.platform.store.read(PORTAL) as work:
        feed = feeds.by_code(work, code)
    if feed["condition"] == Condition.NOT_OPEN.value or not feed["active"] or not feed["version"]:
        raise NotFound("travel.unknown_feed", id=code)
    if most is Condition.UNCONDITIONAL and feed["condition"] != most.value:
        raise Forbidden("travel.on_request", name=feed["name"])
    answer = file_of(Caller(PORTAL, caller.platform), feed["version"], "document", f"{code}.zip")
    with caller.platform.store.write(PORTAL) as work:
        store.count_use(work, feed["id"], day_of(work.now_ms), "gtfs")
    return answer


def day_of(at_ms: int) -> date:
    """The day that a use is counted on."""
    return datetime.fromtimestamp(at_ms / 1000, CHINA).date()


def _entry(feed: dict[str, Any], live: dict[str, dict[str, Any]], used: dict[str, int]) -> dict[str, Any]:
    version = live.get(feed["version"] or "")
    shown = {
        name: feed[name]
        for name in ("code", "name", "publisher", "region", "condition", "licence", "note", "updated_ms")
    }
    if version is None:
        return shown | {"version": None, "used": used}
    days = {name: version[name].isoformat() if version[name] else None for name in ("valid_from", "valid_to")}
    told = ("number", "sha256", "size", "errors", "warnings", "figures", "activated_ms", "received_ms")
    return shown | {
        "version": {name: version[name] for name in told} | days,
        "address": f"/api/v1/travel/open-data/{feed['code']}/gtfs.zip",
        "realtime": sorted(kind for kind in feed["realtime"] if kind in KINDS),
        "used": used,
    }
