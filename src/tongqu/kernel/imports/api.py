"""Routes below `/api/v1/imports`: importers, templates, the import itself, and its report."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from tongqu.kernel import documents
from tongqu.kernel.documents import Content
from tongqu.kernel.imports import service, sheets, store
from tongqu.kernel.imports.files import service as files
from tongqu.kernel.imports.files.recognise import described, title
from tongqu.kernel.imports.schemas import FileOrder, shown_importer, shown_row, shown_run
from tongqu.kernel.web import Caller, ListQuery, signed_in
from tongqu.kit.errors import Invalid, TooLarge
from tongqu.kit.text import text

Language = Annotated[Literal["zh", "en"], Query()]
_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def router() -> APIRouter:
    routes = APIRouter(prefix="/imports", tags=["imports"])
    routes.add_api_route("", list_importers, methods=["GET"])
    routes.add_api_route("/loaders", list_loaders, methods=["GET"])
    routes.add_api_route("/files", load_file, methods=["POST"], status_code=202)
    routes.add_api_route("/runs/{job}", get_run, methods=["GET"])
    routes.add_api_route("/runs/{job}/rows", list_rows, methods=["GET"])
    routes.add_api_route("/runs/{job}/report.{form}", get_report, methods=["GET"], response_class=Response)
    routes.add_api_route("/{importer}/template.{form}", get_template, methods=["GET"], response_class=Response)
    routes.add_api_route("/{importer}", take_in, methods=["POST"], status_code=202, openapi_extra=_MULTIPART)
    return routes


def list_importers(caller: Caller = signed_in()) -> list[dict[str, Any]]:
    """What the caller may import, with the columns of each."""
    return [shown_importer(bound) for bound in service.available(caller.platform, caller.actor)]


def list_loaders(caller: Caller = signed_in()) -> list[dict[str, Any]]:
    """The kinds of whole files the caller may load."""
    return described(caller.platform, caller.actor)


def load_file(
    order: FileOrder,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    caller: Caller = signed_in(),
) -> dict[str, Any]:
    """Load an uploaded document, recognised by the loaders; follow the job, its result is the report."""
    with caller.read() as work:
        row = documents.get(work, order.document)
    found = files.look(caller.platform, caller.actor, row, order.loader)
    with caller.write() as work:
        job = files.submit(work, row, found, order.options, idempotency_key)
    return {"job": job, "loader": found.loader.id, "title": title(found.loader.id), "sure": found.sure}


def get_template(
    importer: str, form: Literal["xlsx", "csv"], lang: Language = "zh", caller: Caller = signed_in()
) -> Response:
    """An empty file to fill in: headings, a row of examples and (xlsx) an explanation of each column."""
    bound = service.importer(caller.platform, caller.actor, importer)
    make = sheets.template_xlsx if form == "xlsx" else sheets.template_csv
    title = text(f"{bound.module}.importers.{importer}")[lang]
    return _file(make(bound, lang), form, f"{title}.{form}")


@dataclass(frozen=True)
class Sent:
    """An uploaded file as it was kept."""

    content: Content
    name: str


async def _sent(request: Request, importer: str, caller: Caller = signed_in()) -> Sent:
    """The field `file` of a form, read no further than a file may be long."""
    service.importer(caller.platform, caller.actor, importer)
    most = service.MOST_MB << 20

    async def counted() -> AsyncGenerator[bytes, None]:
        size = 0
        async for block in request.stream():
            size += len(block)
            if size > most + (64 << 10):  # and a little for the form around it
                raise TooLarge("imports.file_too_large", most_mb=service.MOST_MB)
            yield block

    if "multipart/form-data" not in request.headers.get("content-type", ""):
        raise Invalid("imports.no_file", field="file")
    try:
        form = await MultiPartParser(request.headers, counted(), max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError) as error:
        raise Invalid("imports.bad_form", field="file", reason=str(getattr(error, "message", error))) from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid("imports.no_file", field="file")
        content = await run_in_threadpool(documents.vault(caller.platform).keep, file.file, most)
        return Sent(content, file.filename or "file")
    finally:
        await form.close()


def take_in(
    importer: str,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    caller: Caller = signed_in(),
    sent: Sent = Depends(_sent),
) -> dict[str, str]:
    """Import the form's `file`; with `dry_run` only say what would come of it. Follow the job; then read the report."""
    bound = service.importer(caller.platform, caller.actor, importer)
    with caller.write() as work:
        job = service.submit(
            work,
            bound,
            sent.content,
            file_name=sent.name,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            idempotency_key=idempotency_key,
        )
    return {"job": job}


def get_run(job: str, caller: Caller = signed_in()) -> dict[str, Any]:
    """A run with its counts by outcome and the notes about its file."""
    with caller.read() as work:
        return shown_run(service.run_of(work, job))


def list_rows(job: str, query: ListQuery, caller: Caller = signed_in()) -> dict[str, Any]:
    """The report row by row, e.g. `?filter.outcome=refused`."""
    with caller.read() as work:
        service.run_of(work, job)
        page = store.rows(work, job, query)
    return {"items": [shown_row(row) for row in page.items], "next": page.next, "total": page.total}


def get_report(
    job: str,
    form: Literal["xlsx", "csv"],
    lang: Language = "zh",
    outcome: Annotated[Literal["created", "updated", "unchanged", "refused"] | None, Query()] = None,
    caller: Caller = signed_in(),
) -> Response:
    """The report as a file."""
    with caller.read() as work:
        run = service.run_of(work, job)
        make = sheets.report_xlsx if form == "xlsx" else sheets.report_csv
        body = make(store.all_rows(work, job, outcome), lang)
    return _file(body, form, f"{run['file_name']}.{text('imports.report.sheet')[lang]}.{form}")


def _file(body: bytes, form: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, media_type=sheets.XLSX if form == "xlsx" else sheets.CSV, headers=headers)
