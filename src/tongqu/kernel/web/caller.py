"""Who calls a route, and with which permission.

Each route says who may call it with exactly one of `needs("room.verb")`, `signed_in()` or `anyone()`; a test walks
over all routes and fails on one that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection

from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work
from tongqu.kernel.web.pace import Pace, is_loopback
from tongqu.kit.errors import Forbidden, TooMany, Unauthenticated

NOBODY = Actor(id="nobody", name="nobody", kind="system")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authenticate(Protocol):
    """Finds out who calls: the identity room provides it (`platform.provide(f, Authenticate)`)."""

    def __call__(self, connection: HTTPConnection) -> Actor | None: ...


@dataclass(frozen=True)
class Caller:
    """Who calls, and the platform they call on."""

    actor: Actor
    platform: Platform

    def read(self) -> AbstractContextManager[Work]:
        return self.platform.store.read(self.actor)

    def write(self) -> AbstractContextManager[Work]:
        return self.platform.store.write(self.actor)


def authenticator(connection: HTTPConnection) -> Actor | None:
    """The actor of a request or WebSocket, None if nobody is signed in.

    Raises:
        Forbidden: `web.cross_site`: an unsafe method with a session cookie but without the header `X-Tongqu`,
            which a foreign page cannot set; `web.cross_origin`: a WebSocket opened by a page of another origin,
            to which browsers apply no rule of their own (RFC 6455 section 10.2).
    """
    platform = cast(Platform, connection.app.state.platform)
    actor = platform.service(cast(Any, Authenticate))(connection)
    method = connection.scope.get("method", "GET")
    by_cookie = actor is not None and "authorization" not in connection.headers
    if by_cookie and method not in SAFE_METHODS and "x-tongqu" not in connection.headers:
        raise Forbidden("web.cross_site")
    if by_cookie and connection.scope["type"] == "websocket" and not _same_origin(connection):
        raise Forbidden("web.cross_origin")
    return cast("Actor | None", actor)


def _same_origin(connection: HTTPConnection) -> bool:
    """Whether the page that connects came from the address it connects to; programs send no origin."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _caller(permission: str | None) -> Callable[[HTTPConnection], Caller]:
    def find(connection: HTTPConnection) -> Caller:
        actor = authenticator(connection)
        if actor is None:
            raise Unauthenticated("web.sign_in")
        if permission is not None and not actor.may(permission):
            raise Forbidden("web.no_permission", permission=permission)
        return Caller(actor, connection.app.state.platform)

    find.rule = permission or "signed_in"  # type: ignore[attr-defined]
    return find


def needs(permission: str) -> Any:
    """Route dependency: a caller whose grants carry the permission somewhere; rows are scoped besides."""
    return Depends(_caller(permission))


def signed_in() -> Any:
    """Route dependency: whoever is signed in."""
    return Depends(_caller(None))


def _anyone(connection: HTTPConnection) -> Caller:
    return Caller(NOBODY, connection.app.state.platform)


_anyone.rule = "anyone"  # type: ignore[attr-defined]


def _paced(per_minute: int) -> Callable[[HTTPConnection], Caller]:
    pace = Pace(per_minute)

    def find(connection: HTTPConnection) -> Caller:
        caller = _anyone(connection)
        address = connection.client.host if connection.client else ""
        if is_loopback(address) or authenticator(connection) is not None:
            return caller
        wait_ms = pace.take(address, caller.platform.clock.now_ms())
        if wait_ms:
            raise TooMany("web.too_often", retry_after_s=-(-wait_ms // 1000))
        return caller

    find.rule = "anyone"  # type: ignore[attr-defined]
    return find


def anyone(per_minute: int = 0) -> Any:
    """Route dependency: everybody, signed in or not.

    Args:
        per_minute: requests a minute that are answered to one address where nobody is signed in; 0 for no bound.
            Those from this machine are not counted.
    """
    return Depends(_paced(per_minute) if per_minute else _anyone)
