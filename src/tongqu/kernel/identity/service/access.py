"""Signing in and finding out who calls: sessions by cookie, tokens by header, cached for seconds.

An actor is found anew when a change was made in this process, and at latest after `CACHE_MS` for changes made by
others (the command line, an import in a worker).
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from tongqu.kernel import audit
from tongqu.kernel.identity.service import local, passwords, tokens
from tongqu.kernel.identity.service.grants import actor_of
from tongqu.kernel.identity.service.guard import Guard
from tongqu.kernel.identity.service.rights import on_change
from tongqu.kernel.identity.store import access as store
from tongqu.kernel.identity.store import people
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work, system_actor
from tongqu.kit.errors import Forbidden, Refused, Unauthenticated
from tongqu.kit.ids import urn as urn_of
from tongqu.kit.time import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

COOKIE = "tongqu_session"
CACHE_MS = 3 * SECOND_MS
IDLE_MS = 12 * HOUR_MS
LONGEST_MS = 7 * DAY_MS
TOUCH_MS = 10 * MINUTE_MS
MOST_CACHED = 20_000
_SYSTEM = system_actor("identity")


@dataclass(frozen=True)
class Known:
    """An actor as it was found, the change it was found at, and until when that may be used."""

    actor: Actor | None
    change: int
    until_ms: int


class Access:
    """Sessions and tokens of one API process. Provided to `kernel.web` as its `Authenticate`."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.guard = Guard(platform.clock)
        self._known: dict[str, Known] = {}
        self._change = 0
        self._lock = threading.Lock()
        self._local = local.make_local_token(platform.settings.data)
        self._end = on_change(self._changed)

    def stop(self) -> None:
        """Called when the platform closes."""
        self._end()
        local.token_file(self.platform.settings.data).unlink(missing_ok=True)

    def authenticate(self, connection: HTTPConnection) -> Actor | None:
        """The actor of a request or WebSocket. A header `Authorization` counts alone: the cookie is then ignored.

        Raises:
            Unauthenticated: `identity.bad_token`: the header carries no valid token.
        """
        header = connection.headers.get("authorization")
        if header is None:
            cookie = connection.cookies.get(COOKIE)
            return None if not cookie else self._cached(tokens.digest(cookie), self._by_session)
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() == "bearer" and secret.startswith(local.PREFIX):
            return self._by_local(secret, connection.client.host if connection.client else "")
        found = self._cached(tokens.digest(secret), self._by_token) if scheme.lower() == "bearer" and secret else None
        if found is None:
            raise Unauthenticated("identity.bad_token")
        return found

    def sign_in(self, login: str, password: str, *, remote: str, agent: str = "") -> tuple[str, Actor]:
        """Begin a session; gives the cookie's value, which is not kept, and the actor.

        An unknown login, a wrong password and a disabled person are answered alike, and take alike long.

        Raises:
            Unauthenticated: `identity.wrong_password`.
            TooMany: `identity.too_many_attempts`, with `retry_after_s`.
        """
        folded = login.strip().casefold()
        self.guard.begin(folded, remote)
        with self.platform.store.read(_SYSTEM) as work:
            row = people.credentials(work, folded)
        if not passwords.verify(row["password"] if row else None, password) or row is None or row["disabled_ms"]:
            with self.platform.store.write(_SYSTEM) as work:
                subject = urn_of("person", row["id"]) if row else "urn:tongqu:person:unknown"
                audit.record(work, "identity.sign_in_failed", subject, remote=remote)
            raise Unauthenticated("identity.wrong_password")
        self.guard.succeeded(folded, remote)
        stronger = passwords.hash_password(password) if passwords.is_outdated(row["password"]) else None
        with self.platform.store.write(_SYSTEM) as work:
            if people.credentials(work, folded) != row:  # changed or disabled while the password was being checked
                raise Unauthenticated("identity.wrong_password")
            if stronger is not None:
                people.change(work, row["id"], {"password": stronger})
            return self.begin(work, row["id"], remote=remote, agent=agent)

    def begin(self, work: Work, person_id: str, *, remote: str, agent: str = "") -> tuple[str, Actor]:
        """Begin a session of a person who has shown who they are; gives the cookie's value and the actor."""
        system = work.as_system("identity")
        actor = actor_of(system, person_id)
        cookie = secrets.token_urlsafe(32)
        # A password changed in this unit of work ends all sessions up to now, but not the one that begins with it.
        began_ms = max(work.now_ms, store.sessions_from(system, person_id))
        store.forget_sessions(system, work.now_ms)
        store.add_session(
            system,
            {
                "id": tokens.digest(cookie),
                "person": actor.id,
                "created_ms": began_ms,
                "seen_ms": work.now_ms,
                "expires_ms": work.now_ms + IDLE_MS,
                "remote": remote[:60],
                "agent": agent[:200],
            },
        )
        subject = urn_of("person", actor.id)
        audit.record(system, "identity.sign_in", subject, organisation=actor.organisation, remote=remote)
        return cookie, actor

    def sign_out(self, cookie: str) -> None:
        """End a session; one that is not there is ended already."""
        session_id = tokens.digest(cookie)
        with self.platform.store.write(_SYSTEM) as work:
            found = store.session(work, session_id)
            if found is not None:
                store.end_session(work, session_id)
                audit.record(work, "identity.sign_out", urn_of("person", found["person"]))
        with self._lock:
            self._known.pop(session_id, None)

    def check_password(self, actor: Actor, password: str, remote: str) -> None:
        """Ask a signed-in person for their password again.

        Raises:
            Forbidden: `identity.wrong_old_password`; `identity.people_only`.
            TooMany: `identity.too_many_attempts`.
        """
        if actor.kind != "person":
            raise Forbidden("identity.people_only")
        self.guard.begin(actor.id, remote)
        with self.platform.store.read(_SYSTEM) as work:
            kept = people.password_of(work, actor.id)
        if not passwords.verify(kept, password):
            raise Forbidden("identity.wrong_old_password", field="old_password")
        self.guard.succeeded(actor.id, remote)

    def _changed(self) -> None:
        with self._lock:
            self._change += 1
            self._known.clear()

    def _cached(self, key: str, find: Callable[[str], Actor | None]) -> Actor | None:
        now = self.platform.clock.now_ms()
        known = self._known.get(key)
        if known is not None and known.change == self._change and now < known.until_ms:
            return known.actor
        change = self._change  # read before the records: a change made meanwhile makes this answer stale at once
        actor = find(key)
        with self._lock:
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            if actor is not None:
                self._known[key] = Known(actor, change, now + CACHE_MS)
        return actor

    def _by_session(self, session_id: str) -> Actor | None:
        with self.platform.store.read(_SYSTEM) as work:
            row = store.session(work, session_id)
            if row is None or row["disabled_ms"] is not None or row["created_ms"] < row["sessions_from_ms"]:
                return None
            if work.now_ms >= row["expires_ms"]:
                return None
            actor = actor_of(work, row["person"])
            stale = work.now_ms - row["seen_ms"] >= TOUCH_MS
        if stale:
            with self.platform.store.write(_SYSTEM) as work:
                expires_ms = min(work.now_ms + IDLE_MS, row["created_ms"] + LONGEST_MS)
                store.touch_session(work, session_id, {"seen_ms": work.now_ms, "expires_ms": expires_ms})
        return actor

    def _by_token(self, key: str) -> Actor | None:
        with self.platform.store.read(_SYSTEM) as work:
            found = store.token_by_hash(work, key)
            if found is None:
                return None
            token, disabled_ms = found
            expired = token.expires_ms is not None and work.now_ms >= token.expires_ms
            if disabled_ms is not None or token.revoked_ms is not None or expired:
                return None
            try:
                actor = tokens.narrowed(actor_of(work, token.person), token)
            except Refused:
                return None
            stale = token.used_ms is None or work.now_ms - token.used_ms >= TOUCH_MS
        if stale:
            with self.platform.store.write(_SYSTEM) as work:
                store.change_token(work, token.id, {"used_ms": work.now_ms})
        return actor

    def _by_local(self, secret: str, host: str) -> Actor:
        if not local.is_loopback(host) or not hmac.compare_digest(secret.encode(), self._local.encode()):
            raise Unauthenticated("identity.bad_token")
        known = frozenset(permission for module in self.platform.modules for permission in module.permissions)
        return local.local_administrator(known)
