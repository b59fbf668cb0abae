"""Feeds and their versions: registered, uploaded, read about, made live, sent back."""

from __future__ import annotations

import tempfile
from typing import Annotated, Any, BinaryIO, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from tongqu.domains.travel import jobs, schemas, sheets
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.tables import Condition, VersionState
from tongqu.kernel import documents
from tongqu.kernel.documents import Content
from tongqu.kernel.identity.schemas import given
from tongqu.kernel.imports.sheets import template_xlsx
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, require_match, tagged
from tongqu.kit.errors import Invalid, NotFound, TooLarge
from tongqu.kit.text import text

IfMatch = Annotated[str | None, Header(alias="If-Match")]
READ, EDIT = "travel.read", "travel.edit"
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_HEAVY = ("notices", "difference")


def add(routes: APIRouter) -> None:
    _feeds(routes)
    _versions(routes)


def _feeds(routes: APIRouter) -> None:
    @routes.get("/feeds")
    def list_feeds(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Feeds of public transport."""
        with caller.read() as work:
            page = store.feeds(work, query)
        return json_response(as_list(page) | {"items": [_feed(row) for row in page.items]})

    @routes.post("/feeds", status_code=201)
    def register_feed(form: schemas.FeedForm, caller: Caller = needs(EDIT)) -> Response:
        """A new feed without a version."""
        given = form.model_dump(exclude={"condition"})
        with caller.write() as work:
            row = feeds.register(work, condition=form.condition, **given)
        return tagged(_feed(row), 201)

    @routes.get("/feeds/template.xlsx")
    def get_template(lang: Annotated[Literal["zh", "en"], Query()] = "zh", caller: Caller = needs(READ)) -> Response:
        """A sheet for operators without GTFS: stops in order, first and last departure, headway by period."""
        name = text("travel.importers.transit_lines")[lang]
        return Response(
            template_xlsx(sheets.BOUND, lang),
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx"},
        )

    @routes.get("/feeds/{feed_id}")
    def get_feed(feed_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(_feed(feeds.get(work, feed_id)))

    @routes.patch("/feeds/{feed_id}")
    def amend_feed(
        feed_id: str, form: schemas.FeedEdit, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        with caller.write() as work:
            require_match(if_match, _feed(feeds.get(work, feed_id)))
            row = feeds.amend(work, feed_id, **given(form, "name", "region", "condition", "operated"))
        return tagged(_feed(row))

    @routes.put("/feeds/{feed_id}/realtime")
    def set_realtime(
        feed_id: str, form: schemas.RealtimeForm, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        """Where the feed's GTFS Realtime is fetched."""
        with caller.write() as work:
            require_match(if_match, _feed(feeds.get(work, feed_id)))
            row = feeds.amend(work, feed_id, realtime=form.model_dump(exclude_none=True))
        return tagged(_feed(row))

    @routes.post("/feeds/{feed_id}/retire")
    def retire_feed(feed_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        """End a feed: it is planned with and drawn no longer."""
        with caller.write() as work:
            require_match(if_match, _feed(feeds.get(work, feed_id)))
            row = feeds.retire(work, feed_id)
            jobs.take_back(work, row)
        return tagged(_feed(row))


def _versions(routes: APIRouter) -> None:
    @routes.get("/feeds/{feed_id}/versions")
    def list_versions(feed_id: str, caller: Caller = needs(READ)) -> Response:
        """Versions of a feed, the newest first, without their notices."""
        with caller.read() as work:
            feeds.get(work, feed_id)
            rows = store.versions(work, feed_id)
        return json_response({"items": [_short(row) for row in rows]})

    @routes.post("/feeds/{feed_id}/versions", status_code=202)
    def receive_version(feed_id: str, form: schemas.VersionForm, caller: Caller = needs(EDIT)) -> Response:
        """A new version from an uploaded document; it is checked in a job. The same content gives the same version."""
        with caller.write() as work:
            feed = feeds.get(work, feed_id)
            row = feeds.receive(work, feed_id, form.document)
            job = row["job"]
            if row["state"] == VersionState.CHECKING.value and job is None:
                job = jobs.submit_check(work, feed, row, activate=form.activate)
        return json_response(_short(row) | {"job": job}, 202)

    @routes.put("/feeds/{feed_id}/file", status_code=202, openapi_extra=_BYTES)
    def upload_version(
        feed_id: str,
        name: Annotated[str, Query(min_length=1, max_length=200)] = "feed.zip",
        activate: bool = False,
        caller: Caller = needs(EDIT),
        content: Content = Depends(_sent),
    ) -> Response:
        """A new version from the bytes of the request: a GTFS zip, or a sheet of lines and headways."""
        with caller.write() as work:
            feed = feeds.get(work, feed_id)
            document = documents.put(
                work,
                content,
                name=name,
                media_type="application/octet-stream",
                purpose="import",
                organisation=feed["organisation"],
                region=feed["region"],
            )
            row = feeds.receive(work, feed_id, document.id)
            job = row["job"] or jobs.submit_check(work, feed, row, activate=activate)
        return json_response(_short(row) | {"job": job}, 202)

    @routes.get("/versions/{version_id}")
    def get_version(version_id: str, caller: Caller = needs(READ)) -> Response:
        """A version with what the check found."""
        with caller.read() as work:
            return tagged(_version(feeds.version(work, version_id)))

    @routes.post("/versions/{version_id}/activate", status_code=202)
    def activate_version(version_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        """Make a version live; planner, map and open data follow without a restart."""
        with caller.write() as work:
            row = feeds.require_can_go_live(work, version_id)
            require_match(if_match, _version(row))
            job = jobs.submit_activation(work, feeds.get(work, row["feed"]), row)
        return json_response(_short(row) | {"job": job}, 202)

    @routes.post("/versions/{version_id}/refuse")
    def refuse_version(
        version_id: str, form: schemas.RefuseForm, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        """Send a version back, with the reason."""
        with caller.write() as work:
            require_match(if_match, _version(feeds.version(work, version_id)))
            row = feeds.refuse(work, version_id, form.reason)
        return tagged(_version(row))

    @routes.get("/versions/{version_id}/feed.zip", response_class=FileResponse)
    def get_file(version_id: str, caller: Caller = needs(READ)) -> Response:
        """The feed as it was received."""
        return file_of(caller, version_id, "document")

    @routes.get("/versions/{version_id}/mended.zip", response_class=FileResponse)
    def get_mended(version_id: str, caller: Caller = needs(READ)) -> Response:
        """A copy of the feed with what can be mended safely mended."""
        return file_of(caller, version_id, "mended")


async def _sent(request: Request, feed_id: str, caller: Caller = needs(EDIT)) -> Content:
    """The request's bytes, kept; read only for who may see the feed, and no further than a file may be long."""

    def look() -> None:
        with caller.read() as work:
            feeds.get(work, feed_id)

    await run_in_threadpool(look)
    most = documents.most_bytes(caller.platform)
    with tempfile.SpooledTemporaryFile(max_size=8 << 20) as kept:
        async for block in request.stream():
            kept.write(block)
            if kept.tell() > most:
                raise TooLarge("documents.too_large", most_mb=most >> 20)
        if not kept.tell():
            raise Invalid("imports.empty")
        kept.seek(0)
        return await run_in_threadpool(documents.vault(caller.platform).keep, cast(BinaryIO, kept))


def file_of(caller: Caller, version_id: str, column: str, name: str | None = None) -> Response:
    """A file of a version that the caller may see.

    Raises:
        NotFound: `travel.unknown_version`; `travel.nothing_mended`.
    """
    with caller.read() as work:
        row = feeds.version(work, version_id)
        if row[column] is None:
            raise NotFound("travel.nothing_mended", number=row["number"])
        document = documents.get(work.as_system("travel"), row[column])
    path = documents.file_of(caller.platform, document)
    return FileResponse(
        path,
        media_type="application/zip",
        filename=name or document["name"],
        headers={"ETag": f'"{document["sha256"]}"', "X-Content-Type-Options": "nosniff"},
    )


def _feed(row: dict[str, Any]) -> dict[str, Any]:
    hidden = ("organisation",)
    return {name: value for name, value in row.items() if name not in hidden} | {
        "open": row["condition"] != Condition.NOT_OPEN.value
    }


def _version(row: dict[str, Any]) -> dict[str, Any]:
    hidden = ("document", "mended")
    shown = {name: value for name, value in row.items() if name not in hidden}
    days = {name: row[name].isoformat() if row[name] else None for name in ("valid_from", "valid_to")}
    return shown | days | {"has_mended": row["mended"] is not None}


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in _version(row).items() if name not in _HEAVY}
