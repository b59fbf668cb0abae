"""Who may see which rows: every query on a table of a region or an organisation goes through `scoped(actor, table)`.

An actor sees a row if a grant covers its organisation or its home region; a table says in its `Scope` which of its
columns hold them, or whose rows its own rows follow. A table without either is open to every signed-in actor and
says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, exists, false, or_, true

from tongqu.kit.regions import covers


@dataclass(frozen=True)
class Grant:
    """A role held over a part of the world.

    Attributes:
        role: code of the role.
        permissions: what the role may do.
        organisations: ids of the organisations it covers (with all below them), or None.
        region: code of the region it covers, or None.
        everywhere: it covers every row, also those of no organisation and no region.
        all: every permission on every row, for the platform's own actors.
    """

    role: str
    permissions: frozenset[str] = frozenset()
    organisations: frozenset[str] | None = None
    region: str | None = None
    everywhere: bool = False
    all: bool = False

    def covers(self, organisation: str | None, region: str | None) -> bool:
        if self.all or self.everywhere:
            return True
        if self.organisations is not None and organisation in self.organisations:
            return True
        return self.region is not None and covers(self.region, region)


@dataclass(frozen=True)
class Actor:
    """Whoever does something: a person, a token's holder, or a named part of the platform.

    Attributes:
        id: id of the person, or `system:{name}`.
        name: shown name.
        kind: `person`, `token` or `system`.
        grants: what it may do, and where.
    """

    id: str
    name: str
    kind: str = "person"
    grants: tuple[Grant, ...] = ()
    organisation: str | None = None

    def grants_for(self, permission: str | None) -> tuple[Grant, ...]:
        if permission is None:
            return self.grants
        return tuple(grant for grant in self.grants if grant.all or permission in grant.permissions)

    def may(self, permission: str) -> bool:
        """Whether any grant carries the permission, wherever it holds."""
        return bool(self.grants_for(permission))

    @property
    def permissions(self) -> frozenset[str]:
        return frozenset().union(*(grant.permissions for grant in self.grants))


def system_actor(name: str) -> Actor:
    """The platform itself acting under a name: rules, jobs, gateways, the command line."""
    return Actor(id=f"system:{name}", name=name, kind="system", grants=(Grant(role="system", all=True),))


@dataclass(frozen=True)
class Parent:
    """The rows that another table's rows follow: whoever sees the parent sees the child.

    Attributes:
        column: column of the child.
        table: the parent's table.
        key: column of the parent that `column` names.
    """

    column: str
    table: Table
    key: str


@dataclass(frozen=True)
class Scope:
    """Which columns of a table say whose a row is.

    Attributes:
        read: the permission needed to see rows; None for any grant.
        organisation: column with the organisation's id.
        region: column with the home region's code.
        presence: column with the code of the region it was in: its people see it too, wherever it is at home.
        person: column with the id of the person a row belongs to; that person always sees it.
        parent: the rows follow those of another table.
        open: rows concern nobody in particular (code lists, region tree).
        system: only the platform's own actors touch the table directly.
    """

    read: str | None = None
    organisation: str | None = None
    region: str | None = None
    presence: str | None = None
    person: str | None = None
    parent: Parent | None = None
    open: bool = False
    system: bool = False
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = (self.organisation, self.region, self.presence, self.person, self.parent)
        if not (self.open or self.system or any(named)):
            raise ValueError("a scope names the columns that say whose a row is, or says that it is open or system")


def scoped(actor: Actor, table: FromClause, permission: str | None = None) -> ColumnElement[bool]:
    """The condition that leaves only rows the actor may see; goes into `where` of every query on the table.

    Args:
        actor: who asks.
        table: a table made by `store.table`, or an alias of one.
        permission: narrows to the grants that carry it; the table's own `read` permission by default.
    """
    declared: Any = getattr(table, "element", table)  # an alias has what is declared on its table
    scope: Scope = declared.info["scope"]
    if any(grant.all for grant in actor.grants):
        return true()
    if scope.system:
        return false()
    grants = actor.grants_for(permission or scope.read)
    if scope.open:
        return true() if grants or (permission or scope.read) is None else false()
    if scope.parent is None and any(grant.everywhere for grant in grants):  # a child asks for its parent's permission
        return true()
    conditions: list[Any] = []
    if scope.person is not None:
        conditions.append(table.c[scope.person] == actor.id)
    if scope.parent is not None:
        above = scope.parent.table.alias()
        follows = above.c[scope.parent.key] == table.c[scope.parent.column]
        conditions.append(exists().where(follows, scoped(actor, above, permission)))
    for grant in grants:
        if scope.organisation is not None and grant.organisations:
            conditions.append(table.c[scope.organisation].in_(sorted(grant.organisations)))
        for where in (scope.region, scope.presence):
            if where is not None and grant.region is not None:
                conditions.append(table.c[where].startswith(grant.region, autoescape=True))
    return or_(*conditions) if conditions else false()


def allowed(actor: Actor, permission: str, *, organisation: str | None, region: str | None) -> bool:
    """Whether the actor may do something to a row of this organisation and home region."""
    return any(grant.covers(organisation, region) for grant in actor.grants_for(permission))
