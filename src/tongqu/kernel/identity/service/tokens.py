"""Tokens of the API: shown once, kept as a hash, never more than their holder may do.

A token is `tq_` and 40 characters of Crockford's base 32 (200 random bits); with that much chance in it a plain SHA-256
needs no salt and no stretching.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from tongqu.kernel import audit
from tongqu.kernel.identity.service.people import person
from tongqu.kernel.identity.service.rights import changed, require
from tongqu.kernel.identity.store import access
from tongqu.kernel.identity.values import Token
from tongqu.kernel.store import Actor, Work
from tongqu.kit.errors import Forbidden, Invalid, NotFound
from tongqu.kit.ids import new_id
from tongqu.kit.ids import urn as urn_of

PREFIX = "tq_"


def digest(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_token(
    work: Work, name: str, permissions: Collection[str], *, expires_ms: int | None = None
) -> tuple[Token, str]:
    """A token for the actor itself, and its secret, which is not kept.

    Raises:
        Forbidden: `identity.not_held`: a permission the actor does not have; `identity.people_only`: the actor is a
            token or no person: a token must not make tokens that outlive it.
        Invalid: `identity.no_permissions`; `identity.expired` if it would end before it begins.
    """
    if work.actor.kind != "person":
        raise Forbidden("identity.people_only")
    wanted = tuple(sorted(set(permissions)))
    if not wanted:
        raise Invalid("identity.no_permissions", field="permissions")
    for permission in wanted:
        if not work.actor.may(permission):
            raise Forbidden("identity.not_held", permission=permission, role=name)
    if expires_ms is not None and expires_ms <= work.now_ms:
        raise Invalid("identity.expired", field="expires_ms")
    secret = PREFIX + new_id(40)
    made = Token(new_id(), work.actor.id, name, wanted, work.now_ms, expires_ms, None, None)
    row = {field: getattr(made, field) for field in Token.__dataclass_fields__}
    access.add_token(work, row | {"hash": digest(secret)})
    audit.record(work, "identity.add_token", urn_of("token", made.id), name=name, permissions=wanted)
    return made, secret


def revoke_token(work: Work, token_id: str) -> Token:
    """End a token: one's own, or that of a person the actor may edit.

    Raises:
        NotFound: `identity.unknown_token`.
        Forbidden: `identity.not_here`.
    """
    found = access.token(work, token_id)
    if found is None:
        raise NotFound("identity.unknown_token", id=token_id)
    if found.person != work.actor.id:
        holder = person(work, found.person)
        require(work, "identity.edit", holder.organisation, holder.region)
    if found.revoked_ms is None:
        access.change_token(work, token_id, {"revoked_ms": work.now_ms})
        audit.record(work, "identity.revoke_token", urn_of("token", token_id))
        changed(work)
        return replace(found, revoked_ms=work.now_ms)
    return found


def narrowed(actor: Actor, token: Token) -> Actor:
    """The actor a token is: its holder with no more than the token's permissions."""
    wanted = frozenset(token.permissions)
    grants = tuple(replace(grant, permissions=grant.permissions & wanted) for grant in actor.grants)
    kept = tuple(grant for grant in grants if grant.permissions)
    return replace(actor, name=f"{actor.name} · {token.name}", kind="token", grants=kept)
