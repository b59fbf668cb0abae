"""SQL of sessions and tokens."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update

from tongqu.kernel.identity.tables import PERSON, SESSION, TOKEN
from tongqu.kernel.identity.values import Token
from tongqu.kernel.store import Page, Query, Work, page, scoped

_TOKEN = [TOKEN.c[name] for name in TOKEN.c.keys() if name != "hash"]  # noqa: SIM118 (a column collection, no dict)


def add_session(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(SESSION), [row])


def session(work: Work, session_id: str) -> dict[str, Any] | None:
    """A session with what its person says about it: `sessions_from_ms`, `disabled_ms`."""
    query = (
        select(SESSION, PERSON.c.sessions_from_ms, PERSON.c.disabled_ms)
        .join(PERSON, PERSON.c.id == SESSION.c.person)
        .where(scoped(work.actor, SESSION), scoped(work.actor, PERSON), SESSION.c.id == session_id)
    )
    return work.one(query)


def sessions_from(work: Work, person_id: str) -> int:
    query = select(PERSON.c.sessions_from_ms).where(scoped(work.actor, PERSON), PERSON.c.id == person_id)
    return int(work.scalar(query))


def touch_session(work: Work, session_id: str, values: dict[str, Any]) -> None:
    work.execute(update(SESSION).where(scoped(work.actor, SESSION), SESSION.c.id == session_id).values(**values))


def end_session(work: Work, session_id: str) -> None:
    work.execute(delete(SESSION).where(scoped(work.actor, SESSION), SESSION.c.id == session_id))


def forget_sessions(work: Work, before_ms: int) -> None:
    work.execute(delete(SESSION).where(scoped(work.actor, SESSION), SESSION.c.expires_ms < before_ms))


def add_token(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(TOKEN), [row | {"permissions": orjson.dumps(row["permissions"]).decode()}])


def token_by_hash(work: Work, digest: str) -> tuple[Token, int | None] | None:
    """A token and when its person was disabled."""
    query = (
        select(*_TOKEN, PERSON.c.disabled_ms)
        .join(PERSON, PERSON.c.id == TOKEN.c.person)
        .where(scoped(work.actor, TOKEN), scoped(work.actor, PERSON), TOKEN.c.hash == digest)
    )
    row = work.one(query)
    if row is None:
        return None
    disabled_ms = row.pop("disabled_ms")
    return _token(row), disabled_ms


def token(work: Work, token_id: str) -> Token | None:
    row = work.one(select(*_TOKEN).where(scoped(work.actor, TOKEN), TOKEN.c.id == token_id))
    return None if row is None else _token(row)


def change_token(work: Work, token_id: str, values: dict[str, Any]) -> None:
    work.execute(update(TOKEN).where(scoped(work.actor, TOKEN), TOKEN.c.id == token_id).values(**values))


def tokens(work: Work, query: Query) -> Page:
    columns = {name: TOKEN.c[name] for name in ("id", "name", "person", "created_ms", "expires_ms", "revoked_ms")}
    found = page(
        work,
        select(*_TOKEN, PERSON.c.name.label("person_name"))
        .join(PERSON, PERSON.c.id == TOKEN.c.person)
        .where(scoped(work.actor, TOKEN)),
        query,
        columns=columns,
        key="id",
        search=("name",),
        default_sort="-created_ms",
    )
    for row in found.items:
        row["permissions"] = orjson.loads(row["permissions"])
    return found


def _token(row: dict[str, Any]) -> Token:
    return Token(**row | {"permissions": tuple(orjson.loads(row["permissions"]))})
