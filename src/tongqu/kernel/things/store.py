"""All SQL of the registry."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, update

from tongqu.kernel.store import Work, scoped
from tongqu.kernel.things.tables import ALIAS, COUNTER, RELATION, THING
from tongqu.kernel.things.values import Relation, Thing
from tongqu.kit.ids import Urn

CHUNK = 5_000
SUBJECT, OBJECT = THING.alias("subject_thing"), THING.alias("object_thing")


def chunks(values: Collection[Any]) -> Iterator[list[Any]]:
    """Values in lists that are short enough for one statement."""
    listed = list(values)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def take(work: Work, counter: str, count: int) -> int:
    """The first of `count` fresh numbers; writers are serial, so nobody else gets them."""
    mine = scoped(work.actor, COUNTER), COUNTER.c.name == counter
    work.execute(update(COUNTER).where(*mine).values(value=COUNTER.c.value + count))
    return int(work.scalar(select(COUNTER.c.value).where(*mine))) - count + 1


def revision(work: Work) -> int:
    mine = scoped(work.actor, COUNTER), COUNTER.c.name == "revision"
    return int(work.scalar(select(COUNTER.c.value).where(*mine)))


def insert_things(work: Work, rows: list[dict[str, Any]]) -> None:
    work.execute(insert(THING), rows)


def insert_aliases(work: Work, rows: list[dict[str, Any]]) -> None:
    if rows:
        work.execute(insert(ALIAS), rows)


def insert_relations(work: Work, rows: list[dict[str, Any]]) -> None:
    if rows:
        work.execute(insert(RELATION), rows)


def update_thing(work: Work, key: int, values: dict[str, Any]) -> None:
    work.execute(update(THING).where(scoped(work.actor, THING), THING.c.key == key).values(**values))


def clear_aliases(work: Work, key: int) -> None:
    work.execute(delete(ALIAS).where(scoped(work.actor, ALIAS), ALIAS.c.thing == key))


def free_aliases(work: Work, key: int) -> None:
    """A retired thing keeps its aliases but no longer holds them against others."""
    mine = scoped(work.actor, ALIAS), ALIAS.c.thing == key
    work.execute(update(ALIAS).where(*mine).values(unique_key=None))


def taken(work: Work, unique_keys: Collection[str], besides: int | None) -> str | None:
    """The value of the first unique alias that another thing holds."""
    for part in chunks(unique_keys):
        where = [scoped(work.actor, ALIAS), ALIAS.c.unique_key.in_(part)]
        if besides is not None:
            where.append(ALIAS.c.thing != besides)
        found = work.scalar(select(ALIAS.c.value).where(*where).limit(1))
        if found is not None:
            return str(found)
    return None


def by_urns(work: Work, urns: Collection[str]) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for part in chunks(urns):
        found |= {thing.urn: thing for thing in _things(work, THING.c.urn.in_(part))}
    return found


def by_keys(work: Work, keys: Collection[int]) -> dict[int, Thing]:
    found: dict[int, Thing] = {}
    for part in chunks(keys):
        found |= {thing.key: thing for thing in _things(work, THING.c.key.in_(part))}
    return found


def keys_of_urns(work: Work, urns: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(urns):
        query = select(THING.c.urn, THING.c.key).where(scoped(work.actor, THING), THING.c.urn.in_(part))
        found |= {row.urn: row.key for row in work.execute(query)}
    return found


def by_alias(work: Work, kind: str, alias_type: str, value_key: str) -> Thing | None:
    """The living thing before retired ones, the younger before the older."""
    query = (
        select(THING.c.key)
        .join(ALIAS, ALIAS.c.thing == THING.c.key)
        .where(scoped(work.actor, THING), scoped(work.actor, ALIAS))
        .where(THING.c.kind == kind, ALIAS.c.type == alias_type, ALIAS.c.value_key == value_key)
        .order_by(THING.c.valid_to_ms.desc().nulls_first(), THING.c.key.desc())
        .limit(1)
    )
    key = work.scalar(query)
    return None if key is None else by_keys(work, [key]).get(key)


def changed_things(work: Work, after: int, kinds: Sequence[str] | None) -> list[Thing]:
    conditions = [THING.c.revision > after]
    if kinds is not None:
        conditions.append(THING.c.kind.in_(kinds))
    return _things(work, *conditions)


def changed_relations(work: Work, after: int) -> list[Relation]:
    return _relations(work, RELATION.c.revision > after)


def relations_of(work: Work, key: int, at_ms: int | None) -> list[Relation]:
    conditions: list[ColumnElement[bool]] = [or_(RELATION.c.subject == key, RELATION.c.object == key)]
    if at_ms is not None:
        conditions.append(RELATION.c.from_ms <= at_ms)
        conditions.append(or_(RELATION.c.to_ms.is_(None), RELATION.c.to_ms > at_ms))
    return _relations(work, *conditions)


def relations_of_subjects(work: Work, keys: Collection[int]) -> list[Relation]:
    return [found for part in chunks(keys) for found in _relations(work, RELATION.c.subject.in_(part))]


def relation(work: Work, relation_id: int) -> Relation | None:
    return next(iter(_relations(work, RELATION.c.id == relation_id)), None)


def end_relations(work: Work, ids: Collection[int], to_ms: int, at_revision: int) -> None:
    for part in chunks(ids):
        mine = scoped(work.actor, RELATION), RELATION.c.id.in_(part)
        work.execute(update(RELATION).where(*mine).values(to_ms=to_ms, revision=at_revision))


def matching(work: Work, permission: str, condition: ColumnElement[bool], limit: int) -> list[dict[str, Any]]:
    """Living things that meet a condition of the search, as rows."""
    query = (
        select(THING.c.key, THING.c.urn, THING.c.kind, THING.c.name, THING.c.organisation, THING.c.region)
        .where(scoped(work.actor, THING, permission), THING.c.valid_to_ms.is_(None), condition)
        .limit(limit)
    )
    return work.rows(query)


def exactly(text: str) -> ColumnElement[bool]:
    """Name or alias equals the (normalised) text."""
    return or_(THING.c.name_key == text, THING.c.key.in_(_alias_keys(ALIAS.c.value_key == text)))


def beginning(text: str) -> ColumnElement[bool]:
    """Name or alias begins with the text; a range, so that the index serves it."""
    end = text[:-1] + chr(ord(text[-1]) + 1)
    by_alias = _alias_keys(ALIAS.c.value_key >= text, ALIAS.c.value_key < end)
    return or_(and_(THING.c.name_key >= text, THING.c.name_key < end), THING.c.key.in_(by_alias))


def containing(text: str) -> ColumnElement[bool]:
    return THING.c.search.contains(text, autoescape=True)


def _alias_keys(*conditions: ColumnElement[bool]) -> Select[Any]:  # unscoped: `matching` is scoped on the thing
    return select(ALIAS.c.thing).where(*conditions)


def _things(work: Work, *conditions: ColumnElement[bool]) -> list[Thing]:
    mine = scoped(work.actor, THING), *conditions
    rows = work.rows(select(THING).where(*mine).order_by(THING.c.key))
    aliases: dict[int, list[tuple[str, str]]] = {}
    query = (
        select(ALIAS.c.thing, ALIAS.c.type, ALIAS.c.value)
        .join(THING, THING.c.key == ALIAS.c.thing)
        .where(scoped(work.actor, THING), *conditions)
        .order_by(ALIAS.c.thing, ALIAS.c.type, ALIAS.c.value)
    )
    for row in work.execute(query):
        aliases.setdefault(row.thing, []).append((row.type, row.value))
    return [_thing(found, tuple(aliases.get(found["key"], ()))) for found in rows]


def _thing(row: dict[str, Any], aliases: tuple[tuple[str, str], ...]) -> Thing:
    return Thing(
        key=row["key"],
        urn=Urn(row["urn"]),
        kind=row["kind"],
        name=row["name"],
        category=row["category"],
        organisation=row["organisation"],
        region=row["region"],
        valid_from_ms=row["valid_from_ms"],
        valid_to_ms=row["valid_to_ms"],
        revision=row["revision"],
        aliases=aliases,
    )


def _relations(work: Work, *conditions: ColumnElement[bool]) -> list[Relation]:
    query = (
        select(RELATION, SUBJECT.c.urn.label("subject_urn"), OBJECT.c.urn.label("object_urn"))
        .join(SUBJECT, SUBJECT.c.key == RELATION.c.subject)
        .join(OBJECT, OBJECT.c.key == RELATION.c.object)
        .where(scoped(work.actor, RELATION), *conditions)
        .order_by(RELATION.c.from_ms, RELATION.c.id)
    )
    return [
        Relation(
            id=row["id"],
            subject_key=row["subject"],
            subject=Urn(row["subject_urn"]),
            relation=row["relation"],
            object_key=row["object"],
            object=Urn(row["object_urn"]),
            from_ms=row["from_ms"],
            to_ms=row["to_ms"],
            revision=row["revision"],
        )
        for row in work.rows(query)
    ]
