"""SQL of the list of grants."""

from __future__ import annotations

from sqlalchemy import select

from tongqu.kernel.identity.tables import GRANT, ORGANISATION, PERSON
from tongqu.kernel.store import Page, Query, Work, page, scoped

_COLUMNS = ("id", "person", "role", "organisation", "region", "created_ms")


def grants(work: Work, query: Query) -> Page:
    """Grants that hold, with the names of the person and, where the actor may see it, of the organisation."""
    names = ORGANISATION.c.name.label("organisation_name")
    seen = (ORGANISATION.c.id == GRANT.c.organisation) & scoped(work.actor, ORGANISATION)
    statement = (
        select(*(GRANT.c[name] for name in (*_COLUMNS, "granted_by")), PERSON.c.name.label("person_name"), names)
        .join(PERSON, PERSON.c.id == GRANT.c.person)
        .outerjoin(ORGANISATION, seen)
        .where(scoped(work.actor, GRANT), GRANT.c.ended_ms.is_(None))
    )
    return page(work, statement, query, columns={name: GRANT.c[name] for name in _COLUMNS}, key="id")
