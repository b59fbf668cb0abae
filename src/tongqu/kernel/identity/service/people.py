"""People: who has a login, their contacts and passwords."""

from __future__ import annotations

import re

from tongqu.kernel import audit
from tongqu.kernel.identity.service import passwords
from tongqu.kernel.identity.service.organisations import EDIT, organisation, region_code
from tongqu.kernel.identity.service.rights import changed, require, require_outranking
from tongqu.kernel.identity.store import people as store
from tongqu.kernel.identity.values import Person
from tongqu.kernel.store import Work
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.kit.ids import new_id
from tongqu.kit.ids import urn as urn_of

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,58}[a-z0-9]")
_FIELDS = frozenset({"name", "phone", "email", "organisation", "region"})
_OWN_FIELDS = frozenset({"phone", "email"})


def add_person(
    work: Work,
    *,
    login: str,
    name: str,
    organisation: str | None = None,
    region: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    password: str | None = None,
    password_hash: str | None = None,
    id: str | None = None,
) -> Person:
    """A new person. Their region is that of their organisation where they have one.

    Args:
        login: letters, digits and `._@-`, compared without case.
        password: hashed here, which takes about 0.2 s; give `password_hash` (of `hash_password`) in units of work
            that must be short. One who has neither cannot sign in.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `identity.unknown_organisation`.
        Invalid: `identity.bad_login`, `identity.weak_password`, `identity.bad_region`.
        Refused: `identity.login_taken`.
    """
    folded = fold_login(login)
    home = _home(work, organisation, region)
    require(work, EDIT, organisation, home)
    if store.by_login(work.as_system("identity.unique"), folded) is not None:
        raise Refused("identity.login_taken", field="login", login=folded)
    if password is not None:
        password_hash = passwords.hash_password(password, folded)
    made = Person(id or new_id(), folded, name, phone, email, organisation, home, work.now_ms)
    row = {field: getattr(made, field) for field in Person.__dataclass_fields__}
    store.add(work, row | {"password": password_hash, "sessions_from_ms": 0})
    _record(work, "identity.add_person", made, login=folded)
    return made


def amend_person(work: Work, person_id: str, **changes: str | None) -> Person:
    """Change name, contacts, organisation or (of one without organisation) region. Own contacts one may change oneself.

    Raises:
        Forbidden: `identity.not_here`, `identity.not_held`.
        NotFound: `identity.unknown_person`, `identity.unknown_organisation`.
        Invalid: `identity.unknown_field`, `identity.bad_region`.
    """
    if unknown := changes.keys() - _FIELDS:
        raise Invalid("identity.unknown_field", field=min(unknown))
    old = person(work, person_id)
    own = old.id == work.actor.id and changes.keys() <= _OWN_FIELDS
    if not own:
        require(work, EDIT, old.organisation, old.region)
    if changes.keys() & {"organisation", "region"}:
        employer = changes.get("organisation", old.organisation)
        changes["region"] = _home(work, employer, changes.get("region"))
    wanted = {field: value for field, value in changes.items() if value != getattr(old, field)}
    if not wanted:
        return old
    if wanted.keys() & {"organisation", "region"}:
        require_outranking(work, old.id)
        require(work, EDIT, wanted.get("organisation", old.organisation), wanted.get("region", old.region))
    store.change(work.as_system("identity.move"), old.id, dict(wanted))
    _record(work, "identity.amend_person", old, fields=sorted(wanted))
    changed(work)
    return Person(**{field: getattr(old, field) for field in Person.__dataclass_fields__} | wanted)


def set_password(work: Work, person_id: str, password_hash: str) -> None:
    """Give a person another password (hashed by `hash_password` before the unit of work); their sessions end.

    Raises:
        Forbidden: `identity.not_here`; `identity.not_held`: the person holds more than the actor.
        NotFound: `identity.unknown_person`.
    """
    old = person(work, person_id)
    if old.id != work.actor.id:
        require(work, EDIT, old.organisation, old.region)
        require_outranking(work, old.id)
    store.change(work, old.id, {"password": password_hash, "sessions_from_ms": work.now_ms + 1})
    _record(work, "identity.set_password", old)
    changed(work)


def disable_person(work: Work, person_id: str) -> None:
    """Shut a person out: sessions and tokens end, grants stay for the record.

    Raises:
        Forbidden: `identity.not_here`, `identity.not_held`, `identity.not_yourself`.
        NotFound: `identity.unknown_person`.
    """
    old = person(work, person_id)
    if old.id == work.actor.id:
        raise Forbidden("identity.not_yourself")
    require(work, EDIT, old.organisation, old.region)
    require_outranking(work, old.id)
    if old.disabled_ms is None:
        store.change(work, old.id, {"disabled_ms": work.now_ms, "sessions_from_ms": work.now_ms + 1})
        _record(work, "identity.disable_person", old)
        changed(work)


def enable_person(work: Work, person_id: str) -> None:
    """Let a person in again.

    Raises:
        Forbidden: `identity.not_here`, `identity.not_held`.
        NotFound: `identity.unknown_person`.
    """
    old = person(work, person_id)
    require(work, EDIT, old.organisation, old.region)
    require_outranking(work, old.id)
    if old.disabled_ms is not None:
        store.change(work, old.id, {"disabled_ms": None})
        _record(work, "identity.enable_person", old)
        changed(work)


def person(work: Work, person_id: str) -> Person:
    """The person with an id.

    Raises:
        NotFound: `identity.unknown_person`: there is none, or none that the actor may see.
    """
    found = store.get(work, person_id)
    if found is None:
        raise NotFound("identity.unknown_person", id=person_id)
    return found


def find_person(work: Work, login: str) -> Person | None:
    """The person with a login, if the actor may see one."""
    return store.by_login(work, login.strip().casefold())


def fold_login(login: str) -> str:
    """A login as it is kept.

    Raises:
        Invalid: `identity.bad_login`.
    """
    folded = login.strip().casefold()
    if _LOGIN.fullmatch(folded) is None:
        raise Invalid("identity.bad_login", field="login")
    return folded


def _home(work: Work, employer: str | None, region: str | None) -> str | None:
    if employer is not None:
        return organisation(work, employer).region
    return None if region is None else region_code(region)


def _record(work: Work, verb: str, one: Person, **details: object) -> None:
    audit.record(work, verb, urn_of("person", one.id), organisation=one.organisation, region=one.region, **details)
