"""Drivers: with their licence and qualification, which are personal data and shown masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tongqu.domains.fleets import categories, events, store
from tongqu.domains.fleets.service import common
from tongqu.domains.fleets.store import Row
from tongqu.domains.fleets.tables import DRIVER
from tongqu.domains.fleets.values import NewDriver
from tongqu.kernel import audit, identity, things
from tongqu.kernel.store import Personal, Work, allowed, mask, masked
from tongqu.kit.errors import Forbidden, NotFound, Refused
from tongqu.kit.ids import new_id

REVEAL = "fleets.reveal"
_SHOWN = (Personal.IDENTITY, Personal.CONTACT)


def register(work: Work, new: NewDriver) -> Row:
    """A new driver of an enterprise.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `fleets.unknown_enterprise`.
        Refused: `fleets.driver_taken`: somebody has this licence; `fleets.retired`: the enterprise.
    """
    return register_many(work, [new])[0]


def register_many(work: Work, news: Sequence[NewDriver]) -> list[Row]:
    """As `register`, many at once: all of them or none, in the order given."""
    known = store.enterprises(work, {new.enterprise for new in news})
    rows = [_row(work, new, known) for new in news]
    common.require_edit(work, [(row["organisation"], row["region"]) for row in rows])
    _refuse_taken(work, [row["driving_licence_key"] for row in rows])
    minted = things.mint_many(
        work,
        categories.DRIVER,
        [things.New(row["name"], "", row["organisation"], row["region"], id=row["id"]) for row in rows],
    )
    for row, thing in zip(rows, minted, strict=True):
        row["urn"] = thing.urn
    store.add(work, DRIVER, rows)
    common.write_down(work, events.DRIVER_REGISTERED, rows)
    return rows


def get(work: Work, driver_id: str) -> Row:
    """The driver with an id, unmasked: show it by `shown`.

    Raises:
        NotFound: `fleets.unknown_driver`.
    """
    return common.found(work, DRIVER, driver_id, "fleets.unknown_driver")


def find(work: Work, licence: str) -> Row | None:
    """The active driver with a licence, if the actor may see one."""
    return next(iter(store.by(work, DRIVER, "driving_licence_key", licence)), None)


def amend(work: Work, driver_id: str, **given: Any) -> Row:
    """Change what is given. A masked value that is sent back as it was shown changes nothing.

    Raises:
        NotFound: `fleets.unknown_driver`, `fleets.unknown_enterprise`.
        Forbidden: `identity.not_here`, for the driver as it is or as it will be.
        Refused: `fleets.driver_taken`, `fleets.retired`.
    """
    old = _active(work, driver_id)
    given = {name: value for name, value in given.items() if value is None or not _as_masked(old, name, value)}
    if "driving_licence" in given:
        given["driving_licence_key"] = given["driving_licence"]
    if "enterprise" in given and given["enterprise"] != old["enterprise"]:
        owner = _enterprise(given["enterprise"], store.enterprises(work, [given["enterprise"]]))
        given["organisation"] = owner["organisation"]
    if given.get("region") is not None:
        given["region"] = identity.region_code(given["region"])
    changes = common.differing(old, given)
    if not changes:
        return old
    new = old | changes
    common.require_edit(work, [(old["organisation"], old["region"]), (new["organisation"], new["region"])])
    _refuse_taken(work, [changes.get("driving_licence_key")])
    changes |= {"updated_ms": work.now_ms, "revision": old["revision"] + 1}
    moved = {field: new[field] for field in ("name", "organisation", "region")}
    things.amend(work, categories.DRIVER, old["urn"], **moved)
    store.change(work.as_system("fleets"), DRIVER, old["id"], changes)
    row = old | changes
    common.write_down(work, events.DRIVER_AMENDED, [row], fields=sorted(changes.keys() - {"driving_licence_key"}))
    return row


def retire(work: Work, driver_id: str) -> Row:
    """Take a driver out of the registry.

    Raises:
        NotFound: `fleets.unknown_driver`.
        Forbidden: `identity.not_here`.
        Refused: `fleets.retired`.
    """
    old = _active(work, driver_id)
    common.require_edit(work, [(old["organisation"], old["region"])])
    things.retire(work, old["urn"])
    changes = {"active": False, "driving_licence_key": None, "updated_ms": work.now_ms, "revision": old["revision"] + 1}
    store.change(work.as_system("fleets"), DRIVER, old["id"], changes)
    row = old | changes
    common.write_down(work, events.DRIVER_RETIRED, [row])
    return row


def shown(work: Work, rows: Sequence[Row], reveal: bool) -> list[Row]:
    """Rows as the actor may see them: numbers masked, unless revealed to one who holds `fleets.reveal` over them.

    What was revealed is written down.

    Raises:
        Forbidden: `web.no_permission`: asked to reveal without the permission.
    """
    if reveal and not work.actor.may(REVEAL):
        raise Forbidden("web.no_permission", permission=REVEAL)
    clear = [
        reveal and allowed(work.actor, REVEAL, organisation=row["organisation"], region=row["region"]) for row in rows
    ]
    if any(clear):
        audit.record_many(work, "fleets.reveal", [row["urn"] for row, open_ in zip(rows, clear, strict=True) if open_])
    return [masked(DRIVER, row, reveal=_SHOWN if open_ else ()) for row, open_ in zip(rows, clear, strict=True)]


def report_key(name: str, licence: str) -> str:
    """What a report calls a driver: the name, and the licence as it may be shown."""
    return f"{name} {mask(licence, Personal.IDENTITY)}"


def _as_masked(old: Row, name: str, value: Any) -> bool:
    personal = DRIVER.c[name].info["personal"]
    return personal in _SHOWN and old[name] is not None and value == mask(old[name], personal) != old[name]


def _active(work: Work, driver_id: str) -> Row:
    row = get(work, driver_id)
    if not row["active"]:
        raise Refused("fleets.retired", name=row["name"])
    return row


def _enterprise(enterprise: str, known: dict[str, Row]) -> Row:
    row = known.get(enterprise)
    if row is None:
        raise NotFound("fleets.unknown_enterprise", field="enterprise", id=enterprise)
    if not row["active"]:
        raise Refused("fleets.retired", field="enterprise", name=row["name"])
    return row


def _row(work: Work, new: NewDriver, known: dict[str, Row]) -> Row:
    owner = _enterprise(new.enterprise, known)
    region = identity.region_code(new.region) if new.region is not None else owner["region"]
    return (
        asdict(new)
        | {
            "id": new_id(),
            "driving_licence_key": new.driving_licence,
            "organisation": owner["organisation"],
            "region": region,
        }
        | common.history(work)
    )


def _refuse_taken(work: Work, licences: Sequence[str | None]) -> None:
    """Refuse licences that somebody has; the error does not repeat them in full."""
    try:
        common.refuse_taken(work, DRIVER, "driving_licence_key", licences, "fleets.driver_taken", "driving_licence")
    except Refused as error:
        hidden = mask(error.params["value"], Personal.IDENTITY)
        raise Refused("fleets.driver_taken", field="driving_licence", value=hidden) from None
