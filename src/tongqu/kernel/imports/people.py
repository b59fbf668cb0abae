"""The importer of people: accounts without a password; whoever may set one does so later."""

from __future__ import annotations

from collections.abc import Callable

from tongqu.kernel import identity
from tongqu.kernel.identity.service.people import fold_login
from tongqu.kernel.identity.store import organisations as organisation_store
from tongqu.kernel.identity.store import people as people_store
from tongqu.kernel.imports.values import Apply, Column, Importer, Outcome, Row, folded, phone, region
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Personal, Query, Work, mask
from tongqu.kit.errors import Invalid


def _organisation(work: Work, name: str) -> str:
    """Id of the organisation with an id or name.

    Raises:
        Invalid: `imports.unknown_organisation`, `imports.two_organisations`.
    """
    if name in identity.organisation_names(work, [name]):
        return name
    found = organisation_store.listed(work, Query(filters={"name": (name,)}, limit=2)).items
    living = [row["id"] for row in found if row["retired_ms"] is None]
    if not living:
        raise Invalid("imports.unknown_organisation", field="organisation", name=name)
    if len(living) > 1:
        raise Invalid("imports.two_organisations", field="organisation", name=name)
    return str(living[0])


def _role(work: Work, name: str) -> str:
    """Code of the role with a code or title.

    Raises:
        Invalid: `imports.unknown_role`.
    """
    wanted = folded(name)
    for role in people_store.roles(work):
        if wanted in (folded(role["code"]), folded(role["title_zh"]), folded(role["title_en"])):
            return str(role["code"])
    raise Invalid("imports.unknown_role", field="role", name=name)


def prepare(_: Platform) -> Apply:
    """Names of organisations and roles are looked up once per run."""
    known: dict[tuple[str, str], str] = {}

    def once(kind: str, find: Callable[[Work, str], str], work: Work, name: str | None) -> str | None:
        if name is None:
            return None
        if (kind, name) not in known:
            known[kind, name] = find(work, name)
        return known[kind, name]

    def apply(work: Work, row: Row) -> Outcome:
        organisation = once("organisation", _organisation, work, row["organisation"])
        role = once("role", _role, work, row["role"])
        login = fold_login(row["login"])
        before = identity.find_person(work, login)
        if before is None:
            person = identity.add_person(
                work,
                login=login,
                name=row["name"],
                organisation=organisation,
                region=row["region"] if organisation is None else None,
                phone=row["phone"],
                email=row["email"],
            )
        else:
            given = {"name": row["name"], "phone": row["phone"], "email": row["email"], "organisation": organisation}
            changes = {field: value for field, value in given.items() if value is not None}
            person = identity.amend_person(work, before.id, **changes)
        granted = role is not None and _give(work, person.id, role, organisation, row["region"])
        if before is None:
            return Outcome("created", login)
        return Outcome("updated" if person != before or granted else "unchanged", login)

    return apply


def _give(work: Work, person: str, role: str, organisation: str | None, region_: str | None) -> bool:
    """Give a role over the organisation or, without one, the region; whether it was not held before."""
    if organisation is None and region_ is None:
        raise Invalid("imports.role_where", field="role")
    held = len(identity.grants_of(work, person))
    identity.grant(work, person, role, organisation=organisation, region=None if organisation else region_)
    return len(identity.grants_of(work, person)) > held


def _email(text: str) -> str:
    name, at, host = text.partition("@")
    if not name or not at or "." not in host or any(char.isspace() for char in text):
        raise Invalid("imports.bad_email", value=mask(text, Personal.CONTACT))
    return text


PEOPLE = Importer(
    id="people",
    columns=(
        Column("login", required=True, example="zhiban01", most=60),
        Column("name", required=True, example="值班员01", most=120, label="person_name", personal=True),
        Column("organisation", example="望汀市交通运输局", most=120),
        Column("region", example="9902", parse=region),
        Column("role", example="值班员", most=80),
        Column("phone", example="10000000001", parse=phone, personal=True),
        Column("email", example="zhiban01@example.org", most=120, parse=_email, personal=True),
    ),
    permission="identity.edit",
    prepare=prepare,
)
