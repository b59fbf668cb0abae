"""Enterprises: carriers with their licence. Each is an organisation of identity of the same id."""

from __future__ import annotations

from typing import Any

from tongqu.domains.fleets import categories, events, store
from tongqu.domains.fleets.service import common
from tongqu.domains.fleets.store import Row
from tongqu.domains.fleets.tables import ENTERPRISE
from tongqu.domains.fleets.values import NewEnterprise
from tongqu.kernel import identity, things
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, Refused

_NAMED = ("name", "category", "region")


def register(work: Work, new: NewEnterprise) -> Row:
    """A new enterprise, with its organisation.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `identity.unknown_organisation`: the parent.
        Refused: `fleets.licence_taken`.
    """
    region = identity.region_code(new.region)
    common.require_edit(work, [(new.parent, region)])
    common.refuse_taken(work, ENTERPRISE, "licence_key", [new.licence], "fleets.licence_taken", "licence")
    if new.parent is not None:
        identity.organisation(work, new.parent)
    organisation = identity.add_organisation(
        work.as_system("fleets"), new.name, kind="carrier", parent=new.parent, region=region
    )
    thing = things.mint(
        work,
        categories.ENTERPRISE,
        new.name,
        category=new.category,
        organisation=organisation.id,
        region=region,
        aliases=_aliases(new.short_name, new.licence),
        id=organisation.id,
    )
    row = {
        "id": organisation.id,
        "urn": thing.urn,
        "name": new.name,
        "short_name": new.short_name,
        "licence": new.licence,
        "licence_key": new.licence,
        "category": new.category,
        "business": list(new.business or (new.category,)),
        "organisation": organisation.id,
        "parent": new.parent,
        "region": region,
    } | common.history(work)
    store.add(work, ENTERPRISE, [row])
    common.write_down(work, events.ENTERPRISE_REGISTERED, [row])
    return row


def get(work: Work, enterprise_id: str) -> Row:
    """The enterprise with an id.

    Raises:
        NotFound: `fleets.unknown_enterprise`.
    """
    return common.found(work, ENTERPRISE, enterprise_id, "fleets.unknown_enterprise")


def named(work: Work, text: str) -> str:
    """Id of the active enterprise with a licence, name, short name or id.

    Raises:
        Invalid: `fleets.no_such_enterprise`, `fleets.two_enterprises`.
    """
    for column in ("id", "licence_key", "name", "short_name"):
        rows = [row for row in store.by(work, ENTERPRISE, column, text) if row["active"]]
        if len(rows) > 1:
            raise Invalid("fleets.two_enterprises", field="enterprise", name=text)
        if rows:
            return str(rows[0]["id"])
    raise Invalid("fleets.no_such_enterprise", field="enterprise", name=text)


def amend(work: Work, enterprise_id: str, **given: Any) -> Row:
    """Change what is given; nothing happens where nothing differs.

    Raises:
        NotFound: `fleets.unknown_enterprise`.
        Forbidden: `identity.not_here`, for the enterprise as it is or as it will be.
        Refused: `fleets.licence_taken`, `fleets.retired`.
    """
    old = _active(work, enterprise_id)
    if given.get("region") is not None:
        given["region"] = identity.region_code(given["region"])
    if "business" in given:
        given["business"] = list(given["business"] or (given.get("category") or old["category"],))
    changes = common.differing(old, given)
    if not changes:
        return old
    new = old | changes
    common.require_edit(work, [(old["organisation"], old["region"]), (old["organisation"], new["region"])])
    if "licence" in changes:
        common.refuse_taken(work, ENTERPRISE, "licence_key", [new["licence"]], "fleets.licence_taken", "licence")
        changes["licence_key"] = new["licence"]
    changes |= {"updated_ms": work.now_ms, "revision": old["revision"] + 1}
    system = work.as_system("fleets")
    things.amend(
        work,
        categories.ENTERPRISE,
        old["urn"],
        **{field: new[field] for field in _NAMED},
        aliases=_aliases(new["short_name"], new["licence"]),
    )
    identity.amend_organisation(system, old["id"], name=new["name"], region=new["region"])
    store.change(system, ENTERPRISE, old["id"], changes)
    row = old | changes
    common.write_down(work, events.ENTERPRISE_AMENDED, [row], fields=sorted(changes))
    return row


def retire(work: Work, enterprise_id: str) -> Row:
    """End an enterprise that runs nothing any more; its rows stay.

    Raises:
        NotFound: `fleets.unknown_enterprise`.
        Forbidden: `identity.not_here`.
        Refused: `fleets.still_runs`: it has vehicles or drivers; `fleets.retired`.
    """
    old = _active(work, enterprise_id)
    common.require_edit(work, [(old["organisation"], old["region"])])
    system = work.as_system("fleets")
    if store.runs_anything(system, old["id"]):
        raise Refused("fleets.still_runs", name=old["name"])
    changes = {"active": False, "licence_key": None, "updated_ms": work.now_ms, "revision": old["revision"] + 1}
    things.retire(work, old["urn"])
    identity.retire_organisation(system, old["id"])
    store.change(system, ENTERPRISE, old["id"], changes)
    row = old | changes
    common.write_down(work, events.ENTERPRISE_RETIRED, [row])
    return row


def _active(work: Work, enterprise_id: str) -> Row:
    row = get(work, enterprise_id)
    if not row["active"]:
        raise Refused("fleets.retired", name=row["name"])
    return row


def _aliases(short_name: str | None, licence: str | None) -> list[things.Alias]:
    return [(kind, value) for kind, value in (("short_name", short_name), ("licence", licence)) if value]
