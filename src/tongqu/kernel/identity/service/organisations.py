"""Organisations: authorities, carriers, operators, and what is part of what."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tongqu.kernel import audit
from tongqu.kernel.identity.service.rights import changed, require
from tongqu.kernel.identity.store import organisations as store
from tongqu.kernel.identity.values import Organisation, OrganisationKind
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.ids import new_id
from tongqu.kit.ids import urn as urn_of
from tongqu.kit.regions import parse_region

EDIT = "identity.edit"
_FIELDS = frozenset({"name", "kind", "parent", "region"})


def add_organisation(
    work: Work,
    name: str,
    *,
    kind: str = OrganisationKind.CARRIER,
    parent: str | None = None,
    region: str | None = None,
    id: str | None = None,
) -> Organisation:
    """A new organisation; its home region is its parent's where none is given.

    Raises:
        Forbidden: `identity.not_here`: the actor may not edit over the parent, or over the region of one without.
        NotFound: `identity.unknown_organisation`: the parent.
        Invalid: `identity.bad_region`, `identity.bad_kind`.
    """
    above = None if parent is None else organisation(work, parent)
    home = region_code(region) if region is not None else (above.region if above else None)
    if above is None:
        require(work, EDIT, None, home)
    else:
        require(work, EDIT, above.id, above.region)
    made = Organisation(id or new_id(), name, _kind(kind), parent, home, work.now_ms)
    store.add(work, {field: getattr(made, field) for field in Organisation.__dataclass_fields__})
    _record(work, "identity.add_organisation", made, name=name, kind=made.kind, parent=parent)
    changed(work)
    return made


def amend_organisation(work: Work, organisation_id: str, **changes: str | None) -> Organisation:
    """Change name, kind, parent or region; people of the organisation move with its region.

    Raises:
        Forbidden: `identity.not_here`, for the organisation as it is, as it will be, or its new parent.
        NotFound: `identity.unknown_organisation`.
        Invalid: `identity.bad_region`, `identity.bad_kind`, `identity.unknown_field`.
        Refused: `identity.circle`: it would be part of itself.
    """
    if unknown := changes.keys() - _FIELDS:
        raise Invalid("identity.unknown_field", field=min(unknown))
    old = organisation(work, organisation_id)
    require(work, EDIT, old.id, old.region)
    if changes.get("region") is not None:
        changes["region"] = region_code(str(changes["region"]))
    if "kind" in changes:
        changes["kind"] = _kind(changes["kind"])
    wanted = {field: value for field, value in changes.items() if value != getattr(old, field)}
    if not wanted:
        return old
    if wanted.get("parent") is not None:
        above = organisation(work, str(wanted["parent"]))
        require(work, EDIT, above.id, above.region)
        if above.id in store.below(work.as_system("identity.tree"), [old.id]):
            raise Refused("identity.circle", field="parent")
    if "region" in wanted:
        require(work, EDIT, old.id, wanted["region"])
        store.move_people(work.as_system("identity.move"), old.id, wanted["region"])
    store.change(work.as_system("identity.move"), old.id, wanted)
    _record(work, "identity.amend_organisation", old, changes=wanted)
    changed(work)
    return Organisation(**{field: getattr(old, field) for field in Organisation.__dataclass_fields__} | wanted)


def retire_organisation(work: Work, organisation_id: str) -> None:
    """Mark an organisation as no longer there; its rows stay.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `identity.unknown_organisation`.
    """
    old = organisation(work, organisation_id)
    require(work, EDIT, old.id, old.region)
    if old.retired_ms is None:
        store.change(work, old.id, {"retired_ms": work.now_ms})
        _record(work, "identity.retire_organisation", old)


def organisation(work: Work, organisation_id: str) -> Organisation:
    """The organisation with an id.

    Raises:
        NotFound: `identity.unknown_organisation`: there is none, or none that the actor may see.
    """
    found = store.get(work, organisation_id)
    if found is None:
        raise NotFound("identity.unknown_organisation", id=organisation_id)
    return found


def organisation_names(work: Work, ids: Collection[str]) -> dict[str, str]:
    """Names by id of the organisations among `ids` that the actor may see."""
    return {found.id: found.name for found in store.find(work, ids)} if ids else {}


def organisations_below(work: Work, ids: Collection[str]) -> frozenset[str]:
    """Ids of organisations and of all below them, as far as the actor may see."""
    return store.below(work, ids)


def region_code(text: str) -> str:
    """A region code from either form, as an error of a form.

    Raises:
        Invalid: `identity.bad_region`.
    """
    try:
        return parse_region(text)
    except ValueError as error:
        raise Invalid("identity.bad_region", field="region", value=text) from error


def _kind(kind: str | None) -> str:
    try:
        return OrganisationKind(kind or "").value
    except ValueError as error:
        raise Invalid("identity.bad_kind", field="kind", value=kind) from error


def _record(work: Work, verb: str, one: Organisation, **details: Any) -> None:
    audit.record(work, verb, urn_of("organisation", one.id), organisation=one.id, region=one.region, **details)
