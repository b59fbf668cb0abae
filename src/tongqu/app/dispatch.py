"""Requests go straight to the module whose routes begin as their path does, instead of asking each module in turn."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi.routing import _IncludedRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tongqu.kernel.web import route_rules

INCLUDED = "tongqu.included"
"""Where in the scope the router that was found is handed on."""


class ByFirstPart(BaseRoute):
    """Stands before the included routers of an application and finds the one for a path by its first part.

    Two hundred routes are matched one by one otherwise, a millisecond of every request. What this does not know, or
    what two modules share, is left to the routes behind it: it changes how soon a route is found, never which.

    Args:
        routes: of the application, included routers among them.
        prefix: of the API; the part that follows it is the first.
    """

    def __init__(self, routes: Iterable[BaseRoute], prefix: str) -> None:
        self._prefix = prefix + "/"
        self._of: dict[str, _IncludedRouter] = {}
        shared = set()
        for included in routes:
            if not isinstance(included, _IncludedRouter):
                continue
            for part in {self._part(rule.path) for rule in route_rules([included])}:
                if part in self._of:
                    shared.add(part)
                self._of[part] = included
        for part in shared | {""}:
            self._of.pop(part, None)

    def _part(self, path: str) -> str:
        """The first part of a path behind the prefix; nothing where it is not there or is a parameter."""
        part = path.removeprefix(self._prefix).partition("/")[0] if path.startswith(self._prefix) else ""
        return "" if part.startswith("{") else part

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        included = self._of.get(self._part(scope["path"])) if scope["type"] in ("http", "websocket") else None
        if included is None:
            return Match.NONE, {}
        match, child_scope = included.matches(scope)
        return match, {} if match == Match.NONE else {**child_scope, INCLUDED: included}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope[INCLUDED].handle(scope, receive, send)
