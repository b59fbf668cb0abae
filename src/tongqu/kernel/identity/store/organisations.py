"""SQL of organisations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select, update

from tongqu.kernel.identity.tables import ORGANISATION, PERSON
from tongqu.kernel.identity.values import Organisation
from tongqu.kernel.store import Page, Query, Work, page, scoped

COLUMNS = ("id", "name", "kind", "parent", "region", "created_ms", "retired_ms")


def add(work: Work, row: dict[str, Any]) -> None:
    work.execute(insert(ORGANISATION), [row])


def get(work: Work, organisation_id: str) -> Organisation | None:
    row = work.one(select(ORGANISATION).where(scoped(work.actor, ORGANISATION), ORGANISATION.c.id == organisation_id))
    return None if row is None else Organisation(**row)


def find(work: Work, ids: Collection[str]) -> list[Organisation]:
    query = select(ORGANISATION).where(scoped(work.actor, ORGANISATION), ORGANISATION.c.id.in_(sorted(ids)))
    return [Organisation(**row) for row in work.rows(query)]


def change(work: Work, organisation_id: str, values: dict[str, Any]) -> None:
    mine = scoped(work.actor, ORGANISATION), ORGANISATION.c.id == organisation_id
    work.execute(update(ORGANISATION).where(*mine).values(**values))


def move_people(work: Work, organisation_id: str, region: str | None) -> None:
    """People's home region is that of their organisation."""
    mine = scoped(work.actor, PERSON), PERSON.c.organisation == organisation_id
    work.execute(update(PERSON).where(*mine).values(region=region))


def below(work: Work, roots: Collection[str]) -> frozenset[str]:
    """Ids of the organisations and all below them."""
    if not roots:
        return frozenset()
    start = select(ORGANISATION.c.id).where(scoped(work.actor, ORGANISATION), ORGANISATION.c.id.in_(sorted(roots)))
    tree = start.cte("tree", recursive=True)
    children = select(ORGANISATION.c.id).join(tree, ORGANISATION.c.parent == tree.c.id)
    tree = tree.union(children.where(scoped(work.actor, ORGANISATION)))
    return frozenset(work.execute(select(tree.c.id)).scalars())


def listed(work: Work, query: Query) -> Page:
    return page(
        work,
        select(ORGANISATION).where(scoped(work.actor, ORGANISATION)),
        query,
        columns={name: ORGANISATION.c[name] for name in COLUMNS},
        key="id",
        search=("name",),
        default_sort="name",
    )
