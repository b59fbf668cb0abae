"""Roles, who holds them where, and the actor that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tongqu.kernel import audit
from tongqu.kernel.identity.service.organisations import organisation as organisation_of
from tongqu.kernel.identity.service.organisations import region_code
from tongqu.kernel.identity.service.people import person as person_of
from tongqu.kernel.identity.service.rights import changed, require, require_holding
from tongqu.kernel.identity.store import organisations, people
from tongqu.kernel.identity.values import RoleGrant
from tongqu.kernel.store import Actor, Grant, Work
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.ids import new_id
from tongqu.kit.ids import urn as urn_of
from tongqu.kit.regions import covers
from tongqu.kit.text import has, text

if TYPE_CHECKING:
    from tongqu.kernel.module import Module

GRANT = "identity.grant"


def grant(
    work: Work, person_id: str, role: str, *, organisation: str | None = None, region: str | None = None
) -> RoleGrant:
    """Give a person a role over an organisation with all below it, over a region, or (neither given) everywhere.

    Granting what the person holds already gives that grant.

    Raises:
        Forbidden: `identity.not_here`: the actor may not grant over this person; `identity.not_held`: the actor does
            not hold all that the role carries over all that the grant would cover.
        NotFound: `identity.unknown_person`, `identity.unknown_role`, `identity.unknown_organisation`.
        Invalid: `identity.one_place`, `identity.bad_region`.
        Refused: `identity.disabled`.
    """
    if organisation is not None and region is not None:
        raise Invalid("identity.one_place", field="region")
    holder = person_of(work, person_id)
    if holder.disabled_ms is not None:
        raise Refused("identity.disabled")
    if role not in {known["code"] for known in people.roles(work)}:
        raise NotFound("identity.unknown_role", field="role", role=role)
    place = None if organisation is None else organisation_of(work, organisation).id
    area = None if region is None else region_code(region)
    require(work, GRANT, holder.organisation, holder.region)
    require_holding(work, role, place, area)
    for held in people.grants_of(work, [holder.id]):
        if (held.role, held.organisation, held.region) == (role, place, area):
            return held
    made = RoleGrant(new_id(), holder.id, role, place, area, work.actor.id, work.now_ms)
    people.add_grant(work, {field: getattr(made, field) for field in RoleGrant.__dataclass_fields__})
    audit.record(
        work,
        "identity.grant",
        urn_of("person", holder.id),
        organisation=holder.organisation,
        region=holder.region,
        role=role,
        over_organisation=place,
        over_region=area,
    )
    changed(work)
    return made


def end_grant(work: Work, grant_id: str) -> None:
    """Take a role back.

    Raises:
        Forbidden: `identity.not_here`, `identity.not_held`: as for granting it.
        NotFound: `identity.unknown_grant`.
    """
    held = people.grant(work, grant_id)
    if held is None:
        raise NotFound("identity.unknown_grant", id=grant_id)
    holder = person_of(work, held.person)
    require(work, GRANT, holder.organisation, holder.region)
    require_holding(work, held.role, held.organisation, held.region)
    people.end_grant(work, held.id, work.now_ms)
    audit.record(
        work,
        "identity.end_grant",
        urn_of("person", holder.id),
        organisation=holder.organisation,
        region=holder.region,
        role=held.role,
        over_organisation=held.organisation,
        over_region=held.region,
    )
    changed(work)


def grants_of(work: Work, person_id: str) -> list[RoleGrant]:
    """What a person holds now, oldest first, as far as the actor may see it."""
    return people.grants_of(work, [person_id])


def holders(work: Work, role: str, *, organisation: str | None = None, region: str | None = None) -> list[str]:
    """Ids of the people whose grant of a role covers an organisation or a region: who is told what happens there.

    The narrowest come first: those of the organisation, of the county, the city, the province, then those everywhere.
    For the platform's own actors.
    """
    found: dict[str, int] = {}
    for one in people.holders(work, role):
        if one.organisation is not None:
            near = 20 if organisation in organisations.below(work, [one.organisation]) else -1
        elif one.region is not None:
            near = len(one.region) if covers(one.region, region) else -1
        else:
            near = 0
        if near >= 0:
            found[one.person] = max(near, found.get(one.person, -1))
    return sorted(found, key=lambda person: (-found[person], person))


def actor_of(work: Work, person_id: str) -> Actor:
    """The actor a person is: their grants, those over organisations resolved to all organisations below.

    Whoever calls decides whether this unit of work may act for that person (a session, a job they started).

    Raises:
        NotFound: `identity.unknown_person`.
        Refused: `identity.disabled`.
    """
    system = work.as_system("identity.actor")
    found = person_of(system, person_id)
    if found.disabled_ms is not None:
        raise Refused("identity.disabled")
    held = people.grants_of(system, [person_id])
    permissions = people.permissions_of(system, {one.role for one in held}) if held else {}
    trees = {one.organisation: organisations.below(system, [one.organisation]) for one in held if one.organisation}
    grants = tuple(
        Grant(
            role=one.role,
            permissions=permissions[one.role],
            organisations=trees.get(one.organisation) if one.organisation else None,
            region=one.region,
            everywhere=one.organisation is None and one.region is None,
        )
        for one in held
    )
    return Actor(id=found.id, name=found.name, kind="person", grants=grants, organisation=found.organisation)


def sync_roles(work: Work, modules: Sequence[Module]) -> None:
    """Make the roles those that the manifests declare; permissions of one code in several modules add up."""
    titles: dict[str, tuple[str, str]] = {}
    pairs: dict[tuple[str, str], None] = {}
    for module in modules:
        for role in module.roles:
            key = f"{module.id}.roles.{role.code}"
            if role.code not in titles or has(key):
                title = text(key)
                titles[role.code] = (title["zh"], title["en"]) if has(key) else (role.code, role.code)
            pairs |= dict.fromkeys((role.code, permission) for permission in role.permissions)
    people.replace_roles(work, titles, pairs)
    changed(work)
