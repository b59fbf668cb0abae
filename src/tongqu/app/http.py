"""The HTTP application: the API of all modules below `/api/v1`, and the page for everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

import tongqu
from tongqu.app import health, page_server
from tongqu.app.dispatch import ByFirstPart
from tongqu.kernel.platform import Platform
from tongqu.kernel.web import Caller, anyone, described, install_problems
from tongqu.kernel.web.problem import json_response
from tongqu.kit.text import text

API = "/api/v1"

_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self' ws: wss:; "
    "frame-ancestors {ancestors}; base-uri 'none'; form-action 'self'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": _POLICY.format(ancestors="'none'"),
}
_EMBEDDED = "/embed/"
_FRAMED = _HEADERS | {"Content-Security-Policy": _POLICY.format(ancestors="*")}
"""Other sites may frame widgets and nothing else: the page shows nothing but a widget where it was opened as one."""


def create_app(platform: Platform) -> FastAPI:
    """The application over a platform whose modules were started."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        platform.close()

    app = FastAPI(
        title="Tongqu 通衢",
        version=tongqu.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.platform = platform
    install_problems(app)
    app.include_router(_own_routes(platform), prefix=API)
    for module in platform.modules:
        for router in module.routers:
            app.include_router(router(), prefix=API)
    app.router.routes.insert(0, ByFirstPart(app.routes, API))
    app.include_router(page_server.router())

    @app.middleware("http")
    async def headers(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call(request)
        for name, value in (_FRAMED if request.url.path.startswith(_EMBEDDED) else _HEADERS).items():
            response.headers.setdefault(name, value)
        return response

    return app


def _own_routes(platform: Platform) -> APIRouter:
    router = APIRouter(tags=["app"])
    meta = cache(lambda: bytes(json_response(_meta(platform)).body))  # the same as long as the process lives

    @router.get("/health")
    def get_health(caller: Caller = anyone()) -> Response:
        return json_response(health.report(caller.platform))

    @router.get("/meta")
    def get_meta(caller: Caller = anyone()) -> Response:
        return Response(meta(), media_type="application/json")

    return router


def _meta(platform: Platform) -> dict[str, Any]:
    """What the page must know before anybody has signed in."""
    settings = platform.settings
    return {
        "version": tongqu.__version__,
        "demo": settings.demo,
        "badge": text("app.badge.demo") if settings.demo else None,
        "bounds": [float(edge) for edge in settings.options.get("map.bounds", "73,17,136,54").split(",")],
        "basemap": None,
        "modules": [
            {"id": module.id, "title": text(f"{module.id}.title"), "field": module.field} for module in platform.modules
        ],
        "resources": [described(resource) for module in platform.modules for resource in module.resources],
    }
