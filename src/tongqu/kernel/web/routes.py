"""Which routes there are and who may call them, for the tests that walk over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, APIWebSocketRoute, _IncludedRouter
from starlette.routing import BaseRoute


@dataclass(frozen=True)
class RouteRule:
    """A route and its rules: a route of ours has exactly one.

    Attributes:
        path: as declared, below all prefixes.
        methods: of HTTP; `WEBSOCKET` for a WebSocket.
        rules: a permission, `signed_in` or `anyone`, one for each dependency that says who may call.
    """

    path: str
    methods: frozenset[str]
    rules: tuple[str, ...]


def route_rules(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[RouteRule]:
    """All routes of a router or an application, those of included routers too (`app.routes`, `router.routes`)."""
    for route in routes:
        if isinstance(route, APIRoute | APIWebSocketRoute):
            methods = frozenset(route.methods or ()) if isinstance(route, APIRoute) else frozenset({"WEBSOCKET"})
            yield RouteRule(prefix + route.path, methods, tuple(_rules(route.dependant)))
        elif isinstance(route, _IncludedRouter):
            yield from route_rules(route.original_router.routes, prefix + route.include_context.prefix)


def _rules(dependant: Any) -> Iterator[str]:
    rule = getattr(dependant.call, "rule", None)
    if rule is not None:
        yield rule
    for part in dependant.dependencies:
        yield from _rules(part)
