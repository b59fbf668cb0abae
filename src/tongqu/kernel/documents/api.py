"""Routes below `/api/v1/documents`: `/{id}` is the file itself, with ranges; uploads come in pieces and resume."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import FileResponse, Response

from tongqu.kernel.documents import evidence, service, store
from tongqu.kernel.documents.schemas import CaptureForm, NewUpload, shown, shown_upload
from tongqu.kernel.documents.spreadsheet import MEDIA_TYPE, Sheet, workbook
from tongqu.kernel.web import Caller, ListQuery, body_of, needs, signed_in
from tongqu.kit.errors import Invalid

_RANGES = re.compile(r"bytes=\s*\d*-\d*(\s*,\s*\d*-\d*){0,9}\s*")
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


def router() -> APIRouter:
    routes = APIRouter(prefix="/documents", tags=["documents"])
    routes.add_api_route("", list_documents, methods=["GET"])
    routes.add_api_route("/uploads", begin_upload, methods=["POST"], status_code=201)
    routes.add_api_route("/uploads/{upload_id}", get_upload, methods=["GET"])
    routes.add_api_route("/uploads/{upload_id}", send_piece, methods=["PATCH"])
    routes.add_api_route("/uploads/{upload_id}", abandon_upload, methods=["DELETE"], status_code=204)
    routes.add_api_route("/uploads/{upload_id}/complete", complete_upload, methods=["POST"], status_code=201)
    routes.add_api_route("/spreadsheet", make_spreadsheet, methods=["POST"], response_class=Response)
    routes.add_api_route("/{document_id}", get_file, methods=["GET", "HEAD"], response_class=FileResponse)
    routes.add_api_route("/{document_id}", remove_document, methods=["DELETE"], status_code=204)
    routes.add_api_route("/{document_id}/details", get_document, methods=["GET"])
    routes.add_api_route("/{document_id}/capture", capture_document, methods=["POST"], status_code=201)
    return routes


def list_documents(query: ListQuery, caller: Caller = signed_in()) -> dict[str, Any]:
    """Documents, newest first."""
    with caller.read() as work:
        page = store.listed(work, query)
    return {"items": [shown(row) for row in page.items], "next": page.next, "total": page.total}


def make_spreadsheet(sheet: Sheet, caller: Caller = signed_in()) -> Response:
    """A table that the caller sends, as a workbook (.xlsx); nothing is kept of it."""
    return Response(workbook(sheet), media_type=MEDIA_TYPE, headers=_SAFE)


def get_document(document_id: str, caller: Caller = signed_in()) -> dict[str, Any]:
    """What is known of a document."""
    with caller.read() as work:
        found = shown(service.get(work, document_id))
        more = {"capture": store.capture(work, document_id), "origins": store.origins(work, document_id)}
        return found | more | {"held": store.is_held(work, document_id)}


def capture_document(document_id: str, form: CaptureForm, caller: Caller = needs("documents.write")) -> dict[str, Any]:
    """Write down, once, how a document of the caller was taken: device, time, place."""
    with caller.write() as work:
        return evidence.capture(work, document_id, **form.model_dump())


def get_file(request: Request, document_id: str, caller: Caller = signed_in()) -> Response:
    """The file: whole, or the ranges asked for (RFC 9110, 14)."""
    ranges = request.headers.get("range", "")
    if ranges and not _RANGES.fullmatch(ranges):
        raise Invalid("documents.bad_range", field="Range", given=ranges[:80])
    with caller.read() as work:
        row = service.get(work, document_id)
    path = service.file_of(caller.platform, row)
    etag = f'"{row["sha256"]}"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": etag})
    if request.method == "GET" and (not ranges or ranges.replace(" ", "").startswith("bytes=0-")):
        with caller.write() as work:
            service.read_for(work, row)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", **_SAFE}
    return FileResponse(path, media_type=row["media_type"], filename=row["name"], headers=headers)


def remove_document(document_id: str, caller: Caller = signed_in()) -> None:
    """Forget a document of one's own, or one that `documents.write` reaches."""
    with caller.write() as work:
        service.remove(work, document_id)


def begin_upload(body: NewUpload, caller: Caller = needs("documents.write")) -> dict[str, Any]:
    """Announce a file with its size and SHA-256; send its bytes to the upload this answers with."""
    with caller.write() as work:
        upload_id = service.begin_upload(work, caller.platform, **body.model_dump())
        return shown_upload(service.upload_of(work, upload_id))


def get_upload(upload_id: str, caller: Caller = needs("documents.write")) -> dict[str, Any]:
    """Where an upload stands; go on at its `offset`."""
    with caller.read() as work:
        return shown_upload(service.upload_of(work, upload_id))


async def _piece(request: Request) -> bytes:
    """The body of a request, as long as a piece may be."""
    return await body_of(request, service.CHUNK_MB << 20, "documents.piece_too_large")


def send_piece(
    upload_id: str,
    upload_offset: Annotated[int, Header(ge=0)],
    caller: Caller = needs("documents.write"),
    data: bytes = Depends(_piece),
) -> dict[str, Any]:
    """The next bytes of an upload (8 MB at most), which begin at `Upload-Offset`."""
    return {"id": upload_id, "offset": service.receive(caller.platform, caller.actor, upload_id, upload_offset, data)}


def complete_upload(upload_id: str, caller: Caller = needs("documents.write")) -> dict[str, Any]:
    """Check the bytes against the announced hash and make them a document."""
    document = service.complete(caller.platform, caller.actor, upload_id)
    with caller.read() as work:
        return shown(service.get(work, document.id))


def abandon_upload(upload_id: str, caller: Caller = needs("documents.write")) -> None:
    """Give an upload up."""
    service.abandon(caller.platform, caller.actor, upload_id)
