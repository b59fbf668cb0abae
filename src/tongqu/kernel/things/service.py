"""The registry's verbs. Who may mint or change what is decided by the domain that calls; rows are scoped here.

Every change takes the next number of one counter (`revision`), so that other processes learn of it by asking
`changed_since` for a single row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from tongqu.kernel.store import Work
from tongqu.kernel.things import store
from tongqu.kernel.things.values import (
    RELATION_KINDS,
    UNSET,
    Alias,
    Changes,
    Kind,
    Link,
    New,
    Relation,
    Thing,
    Unset,
    normalised,
)
from tongqu.kit.errors import NotFound, Refused
from tongqu.kit.ids import Urn, new_id, urn


def mint(
    work: Work,
    kind: Kind,
    name: str,
    *,
    category: str = "",
    organisation: str | None = None,
    region: str | None = None,
    aliases: Iterable[Alias] = (),
    valid_from_ms: int | None = None,
    id: str | None = None,
) -> Thing:
    """Register a thing and give it its URN.

    Args:
        valid_from_ms: beginning of its life; now if None.
        id: last part of the URN; a random one if None.

    Raises:
        Refused: `things.alias_taken`: another living thing of the kind holds a unique alias.
    """
    return mint_many(work, kind, [New(name, category, organisation, region, tuple(aliases), valid_from_ms, id)])[0]


def mint_many(work: Work, kind: Kind, news: Iterable[New]) -> list[Thing]:
    """As `mint`, many at once (tens of thousands): all of them or none, in the order given."""
    wanted = list(news)
    if not wanted:
        return []
    revision = store.take(work, "revision", 1)
    first = store.take(work, "thing", len(wanted))
    things = [
        Thing(
            key=first + position,
            urn=urn(kind.id, new.id or new_id()),
            kind=kind.id,
            name=new.name,
            category=new.category,
            organisation=new.organisation,
            region=new.region,
            valid_from_ms=work.now_ms if new.valid_from_ms is None else new.valid_from_ms,
            valid_to_ms=None,
            revision=revision,
            aliases=tuple(sorted(set(new.aliases))),
        )
        for position, new in enumerate(wanted)
    ]
    rows = [row for thing in things for row in _alias_rows(kind, thing.key, thing.aliases)]
    _refuse_taken(work, rows)
    store.insert_things(work, [_row(thing) for thing in things])
    store.insert_aliases(work, rows)
    return things


def amend(
    work: Work,
    kind: Kind,
    thing_urn: str,
    *,
    name: str | Unset = UNSET,
    category: str | Unset = UNSET,
    organisation: str | Unset | None = UNSET,
    region: str | Unset | None = UNSET,
    aliases: Iterable[Alias] | Unset = UNSET,
) -> Thing:
    """Change what is given; the revision stays where nothing differs. `aliases` replaces all of them.

    Raises:
        NotFound: `things.unknown`.
        Refused: `things.alias_taken`.
    """
    thing = get(work, thing_urn)
    given = {"name": name, "category": category, "organisation": organisation, "region": region}
    changes = {field: value for field, value in given.items() if value is not UNSET and value != getattr(thing, field)}
    wanted = thing.aliases if isinstance(aliases, Unset) else tuple(sorted(set(aliases)))
    if not changes and wanted == thing.aliases:
        return thing
    changed = Thing(
        **{field: getattr(thing, field) for field in Thing.__dataclass_fields__}
        | changes
        | {"aliases": wanted, "revision": store.take(work, "revision", 1)}
    )
    if wanted != thing.aliases:
        rows = _alias_rows(kind, thing.key, wanted, living=thing.valid_to_ms is None)
        _refuse_taken(work, rows, besides=thing.key)
        store.clear_aliases(work, thing.key)
        store.insert_aliases(work, rows)
    row = _row(changed)
    # Not by the actor's own scope: moving a thing may take it out of the actor's sight, and `get` was scoped.
    store.update_thing(work.as_system("things.amend"), thing.key, row)
    return changed


def retire(work: Work, thing_urn: str, at_ms: int | None = None) -> Thing:
    """End the life of a thing at an instant (now if None): open relations end, unique aliases become free.

    Raises:
        NotFound: `things.unknown`.
    """
    thing = get(work, thing_urn)
    if thing.valid_to_ms is not None:
        return thing
    end = max(work.now_ms if at_ms is None else at_ms, thing.valid_from_ms)
    revision = store.take(work, "revision", 1)
    system = work.as_system("things.retire")
    for relation in store.relations_of(system, thing.key, None):
        if relation.to_ms is None:
            store.end_relations(system, [relation.id], max(end, relation.from_ms), revision)
    store.free_aliases(work, thing.key)
    store.update_thing(work, thing.key, {"valid_to_ms": end, "revision": revision})
    return get(work, thing_urn)


def get(work: Work, thing_urn: str) -> Thing:
    """The thing with a URN.

    Raises:
        NotFound: `things.unknown`: there is none, or none that the actor may see.
    """
    found = store.by_urns(work, [thing_urn]).get(thing_urn)
    if found is None:
        raise NotFound("things.unknown", urn=thing_urn)
    return found


def get_many(work: Work, urns: Collection[str]) -> dict[str, Thing]:
    """Things by URN; those that are not there or not to be seen are missing."""
    return store.by_urns(work, urns)


def by_keys(work: Work, keys: Collection[int]) -> dict[int, Thing]:
    """Things by key; those that are not there or not to be seen are missing."""
    return store.by_keys(work, keys)


def find(work: Work, kind: Kind | str, alias_type: str, value: str) -> Thing | None:
    """The thing of a kind with an alias, compared as `normalised` does; a living one before a retired one."""
    return store.by_alias(work, kind if isinstance(kind, str) else kind.id, alias_type, normalised(value))


def relate(
    work: Work, subject_urn: str, relation: str, object_urn: str, from_ms: int, to_ms: int | None = None
) -> Relation:
    """State that two things stand to each other from an instant on.

    Where the relation has one object at a time, a new one without an end ends the open one that began before it.
    Stating what already holds changes nothing.

    Raises:
        NotFound: `things.unknown`.
        Refused: `things.overlap`: the subject already stands so to another thing in that time;
            `things.ends_before_start`.
    """
    return relate_many(work, [Link(subject_urn, relation, object_urn, from_ms, to_ms)])[0]


def relate_many(work: Work, links: Sequence[Link]) -> list[Relation]:
    """As `relate`, many at once, one after the other: all of them or none."""
    if not links:
        return []
    keys = store.keys_of_urns(work, {name for link in links for name in (link.subject, link.object)})
    for link in links:
        for name in (link.subject, link.object):
            if name not in keys:
                raise NotFound("things.unknown", urn=name)
        if link.to_ms is not None and link.to_ms <= link.from_ms:
            raise Refused("things.ends_before_start", field="to_ms")
    system = work.as_system("things.relate")
    standing: dict[tuple[int, str], list[Relation]] = {}
    for old in store.relations_of_subjects(system, {keys[link.subject] for link in links}):
        standing.setdefault((old.subject_key, old.relation), []).append(old)
    revision = store.take(work, "revision", 1)
    first = store.take(work, "relation", len(links))
    made: list[Relation] = []
    fresh: dict[int, Relation] = {}
    ended: dict[int, int] = {}
    for number, link in enumerate(links, first):
        subject, object_ = keys[link.subject], keys[link.object]
        others = standing.setdefault((subject, link.relation), [])
        same = next((old for old in others if _states(old, link, object_)), None)
        if same is not None:
            made.append(same)
            continue
        if RELATION_KINDS[link.relation].one_object:
            _make_room(others, link, fresh, ended, revision)
        new = Relation(
            number, subject, Urn(link.subject), link.relation, object_, Urn(link.object), link.from_ms, link.to_ms,
            revision,
        )  # fmt: skip
        others.append(new)
        fresh[number] = new
        made.append(new)
    for relation_id, to_ms in ended.items():
        store.end_relations(system, [relation_id], to_ms, revision)
    store.insert_relations(work, [_relation_row(relation) for relation in fresh.values()])
    return [fresh.get(relation.id, relation) for relation in made]


def end_relation(work: Work, relation_id: int, to_ms: int) -> Relation:
    """End a relation at an instant; one that ends when it began never held.

    Raises:
        NotFound: `things.unknown_relation`.
        Refused: `things.ends_before_start`.
    """
    relation = store.relation(work, relation_id)
    if relation is None:
        raise NotFound("things.unknown_relation", id=relation_id)
    if to_ms < relation.from_ms:
        raise Refused("things.ends_before_start", field="to_ms")
    if relation.to_ms != to_ms:
        store.end_relations(work, [relation_id], to_ms, store.take(work, "revision", 1))
    return store.relation(work, relation_id) or relation


def relations(work: Work, thing_urn: str, at_ms: int | None = None) -> list[Relation]:
    """Relations a thing takes part in, as subject or object, oldest first; only those that hold at `at_ms` if given.

    Raises:
        NotFound: `things.unknown`.
    """
    keys = store.keys_of_urns(work, [thing_urn])
    if thing_urn not in keys:
        raise NotFound("things.unknown", urn=thing_urn)
    return store.relations_of(work, keys[thing_urn], at_ms)


def changed_since(work: Work, revision: int, kinds: Sequence[str] | None = None) -> Changes:
    """What changed in the registry after a revision (0: everything there is). One row is read where nothing did.

    Args:
        kinds: only things of these kinds; relations come in any case.
    """
    now = store.revision(work)
    if now == revision:
        return Changes(revision)
    return Changes(
        now,
        tuple(store.changed_things(work, revision, kinds)),
        tuple(store.changed_relations(work, revision)),
    )


def _make_room(
    others: list[Relation], link: Link, fresh: dict[int, Relation], ended: dict[int, int], revision: int
) -> None:
    """End the open relation that began before the new one; refuse if the times still overlap."""
    for position, old in enumerate(others):
        if not _overlap(old, link):
            continue
        if old.to_ms is not None or link.to_ms is not None or old.from_ms >= link.from_ms:
            raise Refused("things.overlap", subject=link.subject, relation=link.relation, object=old.object)
        closed = Relation(
            **{field: getattr(old, field) for field in Relation.__dataclass_fields__}
            | {"to_ms": link.from_ms, "revision": revision}
        )
        others[position] = closed
        if old.id in fresh:
            fresh[old.id] = closed
        else:
            ended[old.id] = link.from_ms


def _states(old: Relation, link: Link, object_key: int) -> bool:
    """Whether a relation already says what the link says: the same object, for all of that time."""
    if old.object_key != object_key or old.from_ms > link.from_ms:
        return False
    return old.to_ms is None or (link.to_ms is not None and link.to_ms <= old.to_ms)


def _overlap(old: Relation, link: Link) -> bool:
    if old.to_ms is not None and (old.to_ms <= old.from_ms or old.to_ms <= link.from_ms):
        return False
    return link.to_ms is None or old.from_ms < link.to_ms


def _row(thing: Thing) -> dict[str, Any]:
    keys = [normalised(thing.name), *(normalised(value) for _, value in thing.aliases)]
    return {
        "key": thing.key,
        "urn": thing.urn,
        "kind": thing.kind,
        "name": thing.name,
        "name_key": keys[0],
        "search": "\n".join(dict.fromkeys(keys)),
        "category": thing.category,
        "organisation": thing.organisation,
        "region": thing.region,
        "valid_from_ms": thing.valid_from_ms,
        "valid_to_ms": thing.valid_to_ms,
        "revision": thing.revision,
    }


def _relation_row(relation: Relation) -> dict[str, Any]:
    return {
        "id": relation.id,
        "subject": relation.subject_key,
        "relation": relation.relation,
        "object": relation.object_key,
        "from_ms": relation.from_ms,
        "to_ms": relation.to_ms,
        "revision": relation.revision,
    }


def _alias_rows(kind: Kind, key: int, aliases: Iterable[Alias], living: bool = True) -> list[dict[str, Any]]:
    return [
        {
            "thing": key,
            "type": type_,
            "value": value,
            "value_key": normalised(value),
            "unique_key": f"{kind.id}:{type_}:{normalised(value)}" if living and type_ in kind.unique else None,
        }
        for type_, value in aliases
    ]


def _refuse_taken(work: Work, rows: list[dict[str, Any]], besides: int | None = None) -> None:
    """Refuse unique aliases that are held already, by others or twice among the new ones."""
    wanted = [row["unique_key"] for row in rows if row["unique_key"] is not None]
    twice = next((key for key in wanted if wanted.count(key) > 1), None) if len(set(wanted)) < len(wanted) else None
    value = twice.split(":", 2)[2] if twice else store.taken(work.as_system("things.unique"), wanted, besides)
    if value is not None:
        raise Refused("things.alias_taken", value=value)
