"""SQL of people, roles and grants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, insert, select, update

from tongqu.kernel.identity.tables import GRANT, ORGANISATION, PERSON, ROLE, ROLE_PERMISSION
from tongqu.kernel.identity.values import Person, RoleGrant
from tongqu.kernel.store import Page, Query, Work, page, scoped

SHOWN = ("id", "login", "name", "phone", "email", "organisation", "region", "created_ms", "disabled_ms")
_PERSON = [PERSON.c[name] for name in SHOWN]
_GRANT = [GRANT.c[name] for name in ("id", "person", "role", "organisation", "region", "granted_by", "created_ms")]


def add(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(PERSON), [row])


def get(work: Work, person_id: str) -> Person | None:
    row = work.one(select(*_PERSON).where(scoped(work.actor, PERSON), PERSON.c.id == person_id))
    return None if row is None else Person(**row)


def by_login(work: Work, login: str) -> Person | None:
    row = work.one(select(*_PERSON).where(scoped(work.actor, PERSON), PERSON.c.login == login))
    return None if row is None else Person(**row)


def credentials(work: Work, login: str) -> dict[str, Any] | None:
    """Id, hash of the password and whether disabled."""
    columns = PERSON.c.id, PERSON.c.password, PERSON.c.disabled_ms
    return work.one(select(*columns).where(scoped(work.actor, PERSON), PERSON.c.login == login))


def password_of(work: Work, person_id: str) -> str | None:
    query = select(PERSON.c.password).where(scoped(work.actor, PERSON), PERSON.c.id == person_id)
    found = work.scalar(query)
    return None if found is None else str(found)


def change(work: Work, person_id: str, values: dict[str, Any]) -> None:
    mine = scoped(work.actor, PERSON), PERSON.c.id == person_id
    work.execute(update(PERSON).where(*mine).values(**values))


def listed(work: Work, query: Query) -> Page:
    columns = {name: PERSON.c[name] for name in SHOWN if name not in ("phone", "email")}
    statement = (
        select(*_PERSON, ORGANISATION.c.name.label("organisation_name"))
        .outerjoin(ORGANISATION, ORGANISATION.c.id == PERSON.c.organisation)
        .where(scoped(work.actor, PERSON))
    )
    return page(
        work, statement, query, columns=columns, key="id", search=("name", "login"), default_sort="name"
    )  # fmt: skip


def grants_of(work: Work, people: Collection[str]) -> list[RoleGrant]:
    mine = scoped(work.actor, GRANT), GRANT.c.ended_ms.is_(None), GRANT.c.person.in_(sorted(people))
    query = select(*_GRANT).where(*mine).order_by(GRANT.c.created_ms, GRANT.c.id)
    return [RoleGrant(**row) for row in work.rows(query)]


def holders(work: Work, role: str) -> list[RoleGrant]:
    """All grants of a role to people who are not disabled."""
    mine = scoped(work.actor, GRANT), scoped(work.actor, PERSON), GRANT.c.ended_ms.is_(None), GRANT.c.role == role
    query = select(*_GRANT).join(PERSON, PERSON.c.id == GRANT.c.person).where(*mine, PERSON.c.disabled_ms.is_(None))
    return [RoleGrant(**row) for row in work.rows(query.order_by(GRANT.c.person, GRANT.c.id))]


def grant(work: Work, grant_id: str) -> RoleGrant | None:
    mine = scoped(work.actor, GRANT), GRANT.c.ended_ms.is_(None), GRANT.c.id == grant_id
    row = work.one(select(*_GRANT).where(*mine))
    return None if row is None else RoleGrant(**row)


def add_grant(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(GRANT), [row])


def end_grant(work: Work, grant_id: str, at_ms: int) -> None:
    work.execute(update(GRANT).where(scoped(work.actor, GRANT), GRANT.c.id == grant_id).values(ended_ms=at_ms))


def permissions_of(work: Work, roles: Collection[str]) -> dict[str, frozenset[str]]:
    query = select(ROLE_PERMISSION.c.role, ROLE_PERMISSION.c.permission).where(
        scoped(work.actor, ROLE_PERMISSION), ROLE_PERMISSION.c.role.in_(sorted(roles))
    )
    found: dict[str, set[str]] = {role: set() for role in roles}
    for row in work.execute(query):
        found[row.role].add(row.permission)
    return {role: frozenset(permissions) for role, permissions in found.items()}


def roles(work: Work) -> list[dict[str, Any]]:
    return work.rows(select(ROLE).where(scoped(work.actor, ROLE)).order_by(ROLE.c.code))


def replace_roles(work: Work, titles: dict[str, tuple[str, str]], pairs: Iterable[tuple[str, str]]) -> None:
    """Make roles and their permissions those that are declared; a role that is held stays, without permissions."""
    work.execute(delete(ROLE_PERMISSION).where(scoped(work.actor, ROLE_PERMISSION)))
    known = {row["code"] for row in roles(work)}
    for code, (zh, en) in titles.items():
        values = {"title_zh": zh, "title_en": en}
        if code in known:
            work.execute(update(ROLE).where(scoped(work.actor, ROLE), ROLE.c.code == code).values(**values))
        else:
            work.execute(insert(ROLE), [{"code": code} | values])
    rows = [{"role": role, "permission": permission} for role, permission in pairs]
    if rows:
        work.execute(insert(ROLE_PERMISSION), rows)
