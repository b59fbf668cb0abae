"""No query through `scoped` gives a row that an independent reading of the grants would not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, String, insert, select, update

from tongqu.kernel.store import (
    Actor,
    Grant,
    Parent,
    Scope,
    Store,
    allowed,
    column,
    metadata,
    scoped,
    system_actor,
    table,
)
from tongqu.kit.time import ManualClock

METADATA = metadata()
REGIONS = ["99", "9901", "9902", "990101", "98", "9", "990", "1", ""]
ORGANISATIONS = ["a", "b", "c", "%"]
PEOPLE = ["me", "you"]
PERMISSIONS = ["x.read", "x.edit"]


def _columns():
    return (
        column("id", Integer, primary_key=True),
        column("organisation", String(20), nullable=True),
        column("region", String(12), nullable=True),
        column("person", String(20), nullable=True),
    )


SCOPES = {
    "any_grant": Scope(organisation="organisation", region="region"),
    "with_read": Scope(read="x.read", organisation="organisation", region="region", person="person"),
    "organisation": Scope(read="x.read", organisation="organisation"),
    "region": Scope(read="x.read", region="region"),
    "person": Scope(person="person"),
    "open": Scope(open=True),
    "open_read": Scope(open=True, read="x.read"),
    "system": Scope(system=True),
}
TABLES = {name: table(f"t_{name}", METADATA, *_columns(), scope=scope) for name, scope in SCOPES.items()}
CHILD = table(
    "child",
    METADATA,
    column("id", Integer, primary_key=True),
    column("of", Integer),
    scope=Scope(parent=Parent("of", TABLES["with_read"], "id")),
)


@dataclass(frozen=True)
class Held:
    """A grant as the test draws it; the oracle reads this, never `Grant`."""

    permissions: frozenset[str]
    organisations: frozenset[str] | None = None
    region: str | None = None
    everywhere: bool = False
    all: bool = False


HELD = st.one_of(
    st.builds(
        Held, st.frozensets(st.sampled_from(PERMISSIONS)), organisations=st.frozensets(st.sampled_from(ORGANISATIONS))
    ),
    st.builds(Held, st.frozensets(st.sampled_from(PERMISSIONS)), region=st.sampled_from(["99", "9901", "9902", "98"])),
    st.builds(Held, st.frozensets(st.sampled_from(PERMISSIONS)), everywhere=st.just(True)),
    st.builds(Held, st.just(frozenset()), all=st.just(True)),
)
ROW = st.tuples(
    st.one_of(st.none(), st.sampled_from(ORGANISATIONS)),
    st.one_of(st.none(), st.sampled_from(REGIONS)),
    st.one_of(st.none(), st.sampled_from(PEOPLE)),
)


def oracle(held: list[Held], name: str, permission: str | None, row: tuple) -> bool:
    """The rule of the room in plain words: a grant covers the row's organisation or its home region."""
    organisation, region, person = row
    needed = (
        permission if permission is not None else {"any_grant": None, "person": None, "open": None}.get(name, "x.read")
    )
    if any(one.all for one in held):
        return True
    if name == "system":
        return False
    usable = [one for one in held if needed is None or needed in one.permissions]
    if name in ("open", "open_read"):
        return needed is None or len(usable) > 0
    if name in ("with_read", "person") and person == "me":
        return True
    for one in usable:
        if one.everywhere:
            return True
        if (
            name in ("any_grant", "with_read", "organisation")
            and one.organisations
            and organisation in one.organisations
        ):
            return True
        in_region = one.region is not None and region is not None and region[: len(one.region)] == one.region
        if name in ("any_grant", "with_read", "region") and in_region:
            return True
    return False


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> Store:
    made = Store(f"sqlite:///{tmp_path_factory.mktemp('scope')}/s.db", ManualClock(0))
    METADATA.create_all(made.engine)
    return made


@settings(max_examples=150, deadline=None)
@given(
    held=st.lists(HELD, max_size=3),
    rows=st.lists(ROW, min_size=1, max_size=12),
    name=st.sampled_from(sorted(TABLES)),
    permission=st.one_of(st.none(), st.sampled_from(PERMISSIONS)),
)
def test_what_is_seen_is_what_the_grants_say(records, held, rows, name, permission):
    grants = tuple(Grant("r", one.permissions, one.organisations, one.region, one.everywhere, one.all) for one in held)
    actor = Actor("me", "me", grants=grants)
    target = TABLES[name]
    with records.write(system_actor("test")) as work:
        work.execute(target.delete())
        columns = ("organisation", "region", "person")
        work.execute(insert(target), [{"id": n} | dict(zip(columns, row, strict=True)) for n, row in enumerate(rows)])
        expected = {number for number, row in enumerate(rows) if oracle(held, name, permission, row)}
        query = select(target.c.id).where(scoped(actor, target, permission))
        assert set(work.execute(query).scalars()) == expected
        aliased = target.alias()
        query = select(aliased.c.id).where(scoped(actor, aliased, permission))
        assert set(work.execute(query).scalars()) == expected
        changed = work.execute(update(target).where(scoped(actor, target, permission)).values(person="nobody"))
        assert changed.rowcount == len(expected)


@settings(max_examples=50, deadline=None)
@given(held=st.lists(HELD, max_size=2), rows=st.lists(ROW, min_size=1, max_size=8))
def test_rows_follow_their_parent(records, held, rows):
    grants = tuple(Grant("r", one.permissions, one.organisations, one.region, one.everywhere, one.all) for one in held)
    actor = Actor("me", "me", grants=grants)
    parent = TABLES["with_read"]
    with records.write(system_actor("test")) as work:
        work.execute(CHILD.delete())
        work.execute(parent.delete())
        columns = ("organisation", "region", "person")
        work.execute(insert(parent), [{"id": n} | dict(zip(columns, row, strict=True)) for n, row in enumerate(rows)])
        work.execute(insert(CHILD), [{"id": 10 * n + k, "of": n} for n in range(len(rows) + 1) for k in range(2)])
        seen = set(work.execute(select(CHILD.c.id).where(scoped(actor, CHILD))).scalars())
    mine = [n for n, row in enumerate(rows) if oracle(held, "with_read", None, row)]
    if any(one.all for one in held):
        mine.append(len(rows))  # the platform sees a child whose parent is gone; nobody else does
    assert seen == {10 * n + k for n in mine for k in range(2)}


@settings(max_examples=100, deadline=None)
@given(held=st.lists(HELD, max_size=3), row=ROW, permission=st.sampled_from(PERMISSIONS))
def test_may_do_and_may_see_agree(held, row, permission):
    grants = tuple(Grant("r", one.permissions, one.organisations, one.region, one.everywhere, one.all) for one in held)
    actor = Actor("someone", "someone", grants=grants)
    expected = oracle(held, "any_grant", permission, row)
    assert allowed(actor, permission, organisation=row[0], region=row[1]) == expected


def test_a_table_must_say_whose_its_rows_are():
    with pytest.raises(ValueError, match="names the columns"):
        Scope()
    with pytest.raises(ValueError, match="not a column"):
        table("wrong", metadata(), column("id", Integer, primary_key=True), scope=Scope(region="region"))
