"""Serves the built page from memory: hashed assets for ever, everything else as the one HTML file."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.responses import Response

from tongqu.app import page
from tongqu.kernel.web import Caller, anyone
from tongqu.kit.errors import NotFound

_PACKED = {".js", ".css", ".html", ".json", ".svg", ".map"}
_BUILDING = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Tongqu</title><body style="font-family:sans-serif;margin:20vh auto;max-width:32em">
<p>&#x9875;&#x9762;&#x6B63;&#x5728;&#x6784;&#x5EFA;&#xFF0C;&#x8BF7;&#x7A0D;&#x5019;&#x2026;</p>
<p>The page is being built; it opens by itself.</p></body></html>"""


@dataclass(frozen=True)
class Asset:
    """One file of the page, as it goes over the wire."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


class Assets:
    """The files of the page, read when they first appear and again when `index.html` changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp: int | None = None
        self._files: dict[str, Asset] = {}

    def files(self) -> dict[str, Asset]:
        index = self.folder / "index.html"
        stamp = index.stat().st_mtime_ns if index.is_file() else None
        if stamp != self._stamp:
            self._files = (
                {}
                if stamp is None
                else {
                    path.relative_to(self.folder).as_posix(): _asset(path)
                    for path in self.folder.rglob("*")
                    if path.is_file()
                }
            )
            self._stamp = stamp
        return self._files


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    packed = gzip.compress(body, 6) if path.suffix in _PACKED else None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, packed, kind, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


class _PagePath(PathConvertor):
    """A path outside the API: there what no module answers is not found, by whatever method it is asked."""

    regex = "(?!api/).*"


register_url_convertor("page", _PagePath())


def router() -> APIRouter:
    """Everything that is not the API."""
    made = APIRouter()
    assets = Assets(page.FOLDER)

    @made.get("/{path:page}", include_in_schema=False)
    def get_page(path: str, request: Request, caller: Caller = anyone()) -> Response:
        files = assets.files()
        asset = files.get(path)
        if asset is None and "." in path.rsplit("/", 1)[-1]:
            raise NotFound("web.no_such_page")
        asset = asset or files.get("index.html")
        if asset is None:
            return Response(_BUILDING, 503, {"Retry-After": "2", "Cache-Control": "no-store"}, "text/html")
        headers = {"ETag": asset.etag, "Vary": "Accept-Encoding"}
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, 200, headers | {"Content-Encoding": "gzip"}, asset.media_type)
        return Response(asset.body, 200, headers, asset.media_type)

    return made
