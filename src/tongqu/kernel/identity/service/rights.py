"""Who may change whom: nobody gives, takes or gets around what they do not hold themselves."""

from __future__ import annotations

from collections.abc import Callable

from tongqu.kernel.identity.store import organisations, people
from tongqu.kernel.identity.values import RoleGrant
from tongqu.kernel.store import Actor, Work, allowed
from tongqu.kit.errors import Forbidden

_listeners: list[Callable[[], None]] = []
Place = tuple[str | None, str | None]
"""Organisation and region, as a grant or a row has them."""


def require(work: Work, permission: str, organisation: str | None, region: str | None) -> None:
    """Refuse unless the actor holds a permission over an organisation or its region.

    Raises:
        Forbidden: `identity.not_here`.
    """
    if not allowed(work.actor, permission, organisation=organisation, region=region):
        raise Forbidden("identity.not_here", permission=permission)


def require_holding(work: Work, role: str, organisation: str | None, region: str | None) -> None:
    """Refuse unless the actor holds every permission of a role over all that a grant of it would cover.

    Raises:
        Forbidden: `identity.not_held`, with the first permission that is missing.
    """
    system = work.as_system("identity.rights")
    places = _places(system, organisation, region)
    for permission in sorted(people.permissions_of(system, [role])[role]):
        if not all(_holds(work.actor, permission, place) for place in places):
            raise Forbidden("identity.not_held", permission=permission, role=role)


def require_outranking(work: Work, person_id: str) -> None:
    """Refuse unless the actor holds all that a person holds: who resets a password could act as that person.

    Raises:
        Forbidden: `identity.not_held`.
    """
    if person_id == work.actor.id:
        return
    for grant in grants_of(work.as_system("identity.rights"), person_id):
        require_holding(work, grant.role, grant.organisation, grant.region)


def grants_of(work: Work, person_id: str) -> list[RoleGrant]:
    return people.grants_of(work, [person_id])


def _places(system: Work, organisation: str | None, region: str | None) -> list[Place]:
    """What a grant covers: a region, everywhere, or each organisation of a subtree with its own home region."""
    if organisation is None:
        return [(None, region)]
    found = organisations.find(system, organisations.below(system, [organisation]))
    return [(one.id, one.region) for one in found]


def _holds(actor: Actor, permission: str, place: Place) -> bool:
    organisation, region = place
    if organisation is None and region is None:
        return any(grant.all or grant.everywhere for grant in actor.grants_for(permission))
    return allowed(actor, permission, organisation=organisation, region=region)


def changed(work: Work) -> None:
    """Say that what somebody may do has changed, once the work is durable: cached actors are found anew."""
    work.after_commit(_tell)


def _tell() -> None:
    for listener in tuple(_listeners):
        listener()


def on_change(listener: Callable[[], None]) -> Callable[[], None]:
    """Have a listener called after changes made in this process; gives the function that ends it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener) if listener in _listeners else None
