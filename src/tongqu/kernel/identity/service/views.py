"""What is shown of people and sessions: contacts masked unless somebody may see them and asked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tongqu.kernel import audit
from tongqu.kernel.identity.service.organisations import organisation_names
from tongqu.kernel.identity.service.regions import regions
from tongqu.kernel.identity.store import people
from tongqu.kernel.identity.tables import PERSON
from tongqu.kernel.identity.values import Region
from tongqu.kernel.store import Personal, Work, allowed, masked
from tongqu.kit.errors import Forbidden

REVEAL = "identity.reveal"


def shown_people(work: Work, rows: Iterable[Mapping[str, Any]], reveal: bool) -> list[dict[str, Any]]:
    """Rows of people as the actor may see them, with the codes of their roles.

    Raises:
        Forbidden: `web.no_permission`: asked to reveal without the permission.
    """
    if reveal and not work.actor.may(REVEAL):
        raise Forbidden("web.no_permission", permission=REVEAL)
    found = [dict(row) for row in rows]
    roles: dict[str, list[str]] = {row["id"]: [] for row in found}
    if found:
        for held in people.grants_of(work, roles):
            if held.role not in roles[held.person]:
                roles[held.person].append(held.role)
    return [_person(work, row, reveal) | {"roles": roles[row["id"]]} for row in found]


def _person(work: Work, row: dict[str, Any], reveal: bool) -> dict[str, Any]:
    """Own contacts are always in the clear; others' only where the actor holds the permission over that person."""
    clear = row["id"] == work.actor.id or (
        reveal and allowed(work.actor, REVEAL, organisation=row["organisation"], region=row["region"])
    )
    return masked(PERSON, row, reveal=(Personal.CONTACT,) if clear else ())


def record_showing(work: Work, verb: str, rows: int, reveal: bool, query: Mapping[str, Any]) -> None:
    """Write down that people were listed in the clear or exported."""
    audit.record(work, verb, "identity.people", rows=rows, revealed=reveal, query=dict(query))


def in_csv(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> Iterator[list[str]]:
    """Rows for a spreadsheet; a text that it would take for a formula gets an apostrophe (CWE-1236)."""
    for row in rows:
        values = ("" if row[name] is None else str(row[name]) for name in columns)
        yield [f"'{value}" if value[:1] in "=+-@\t\r" and value else value for value in values]


def session_view(work: Work) -> dict[str, Any]:
    """What the page must know of whoever is signed in."""
    actor = work.actor
    person = people.get(work, actor.id)
    held = people.grants_of(work, [actor.id])
    roles = {grant.role for grant in actor.grants}
    tree = {one.code: one for one in regions(work)}
    home = person.region if person else None
    area = next((code for code in (home, *(grant.region for grant in held)) if code in tree), None)
    names = organisation_names(work.as_system("identity.session"), {actor.organisation} if actor.organisation else ())
    return {
        "person": {"id": actor.id, "name": actor.name, "login": person.login if person else ""},
        "kind": actor.kind,
        "organisation": {"id": actor.organisation, "name": names.get(actor.organisation or "")}
        if actor.organisation
        else None,
        "roles": sorted(roles),
        "grants": [
            {"role": grant.role, "organisation": grant.organisation, "region": grant.region}
            for grant in held
            if grant.role in roles
        ],
        "permissions": sorted(actor.permissions),
        "region": {"code": area, "name": _name(tree[area])} if area is not None else None,
    }


def region_view(one: Region) -> dict[str, Any]:
    """A region as the page reads it."""
    return {
        "code": one.code,
        "name": _name(one),
        "parent": one.parent,
        "level": one.level,
        "special": one.special,
        "bbox": one.bbox,
        "center": one.centre,
        "valid_from_ms": one.valid_from_ms,
        "valid_to_ms": one.valid_to_ms,
        "successor": one.successor,
    }


def _name(one: Region) -> dict[str, str]:
    return {"zh": one.name, "en": one.name_en or one.name}
