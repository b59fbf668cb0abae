"""Routes of shared bikes: files of GBFS pushed, their state, and what is free at each station."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.bikes import BikeShare
from tongqu.domains.travel.store import feeds as store
from tongqu.kernel import identity
from tongqu.kernel.web import Caller, body_of, json_response, needs
from tongqu.kit.errors import Invalid, Refused
from tongqu.protocols import gbfs

READ, EDIT = "travel.read", "travel.edit"
File = Literal["system_information", "vehicle_types", "station_information", "station_status"]
_JSON = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


def add(routes: APIRouter) -> None:
    @routes.get("/bikes")
    def list_bike_systems(caller: Caller = needs(READ)) -> Response:
        """Systems of shared bikes: their age, files, what was left out of them, notices."""
        share = caller.platform.service(BikeShare)
        with caller.read() as work:
            seen = store.living(work)
        states = [(row, share.state(row["code"])) for row in seen]
        return json_response(
            {"items": [state | {"id": row["id"], "name": row["name"]} for row, state in states if state is not None]}
        )

    @routes.get("/feeds/{feed_id}/bikes")
    def list_bike_stations(feed_id: str, caller: Caller = needs(READ)) -> Response:
        """Stations of a feed's shared bikes with the vehicles and places that are free now."""
        share = caller.platform.service(BikeShare)
        with caller.read() as work:
            code = feeds.get(work, feed_id)["code"]
        return json_response({"state": share.state(code), "items": share.listed(code)})

    @routes.post("/feeds/{feed_id}/gbfs/{gbfs_file}", openapi_extra=_JSON)
    async def push_gbfs(feed_id: str, gbfs_file: File, request: Request, caller: Caller = needs(EDIT)) -> Response:
        """A file of GBFS 2.x or 3.x; the next journey goes by it when this answers.

        What cannot be read of it is left out and counted. An older file than the last one is not taken.
        """

        def look() -> str:
            with caller.read() as work:
                feed = feeds.get(work, feed_id)
                identity.require(work, EDIT, feed["organisation"], feed["region"])
                if not feed["active"]:
                    raise Refused("travel.feed_retired", name=feed["name"])
                return str(feed["code"])

        code = await run_in_threadpool(look)
        data = await body_of(request, gbfs.MOST_BYTES, "gbfs.too_large")
        if not data:
            raise Invalid("imports.empty")
        share = caller.platform.service(BikeShare)
        _, taken = await run_in_threadpool(share.take, code, gbfs_file, data)
        return json_response((share.state(code) or {}) | {"taken": taken})
