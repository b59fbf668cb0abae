"""Vehicles: plate + colour is the identity; each is a moving thing that terminals are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tongqu.domains.fleets import categories, events, store
from tongqu.domains.fleets.plates import Plate
from tongqu.domains.fleets.service import common
from tongqu.domains.fleets.store import Row
from tongqu.domains.fleets.tables import VEHICLE
from tongqu.domains.fleets.values import NewVehicle
from tongqu.kernel import identity, things
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, Refused
from tongqu.kit.ids import new_id


def register(work: Work, new: NewVehicle) -> Row:
    """A new vehicle.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `fleets.unknown_enterprise`.
        Invalid: `fleets.region_needed`.
        Refused: `fleets.plate_taken`, `fleets.vin_taken`, `fleets.retired`.
    """
    return register_many(work, [new])[0]


def register_many(work: Work, news: Sequence[NewVehicle]) -> list[Row]:
    """As `register`, many at once (tens of thousands): all of them or none, in the order given."""
    known = store.enterprises(work, {new.enterprise for new in news if new.enterprise is not None})
    rows = [_row(work, new, known) for new in news]
    common.require_edit(work, [(row["organisation"], row["region"]) for row in rows])
    _refuse_taken(work, rows)
    minted = things.mint_many(work, categories.VEHICLE, [_new_thing(row) for row in rows])
    for row, thing in zip(rows, minted, strict=True):
        row["urn"] = thing.urn
    store.add(work, VEHICLE, rows)
    for category in {row["category"] for row in rows}:
        of_it = [row for row in rows if row["category"] == category]
        common.write_down(work, events.VEHICLE_REGISTERED, of_it, category=category)
    return rows


def get(work: Work, vehicle_id: str) -> Row:
    """The vehicle with an id.

    Raises:
        NotFound: `fleets.unknown_vehicle`.
    """
    return common.found(work, VEHICLE, vehicle_id, "fleets.unknown_vehicle")


def find(work: Work, plate: Plate) -> Row | None:
    """The active vehicle with a plate and colour, if the actor may see one."""
    return next(iter(store.by(work, VEHICLE, "identity_key", plate.identity)), None)


def amend(work: Work, vehicle_id: str, *, plate: Plate | None = None, **given: Any) -> Row:
    """Change what is given; nothing happens where nothing differs. A new plate keeps the vehicle's URN.

    Raises:
        NotFound: `fleets.unknown_vehicle`, `fleets.unknown_enterprise`.
        Forbidden: `identity.not_here`, for the vehicle as it is or as it will be.
        Invalid: `fleets.region_needed`.
        Refused: `fleets.plate_taken`, `fleets.vin_taken`, `fleets.retired`.
    """
    old = _active(work, vehicle_id)
    if plate is not None:
        given |= {"plate": plate.label, "plate_colour": plate.colour, "identity_key": plate.identity}
    if "vin" in given:
        given["vin_key"] = given["vin"]
    if "enterprise" in given and given["enterprise"] != old["enterprise"]:
        owner = given["enterprise"]
        known = {} if owner is None else store.enterprises(work, [owner])
        given["organisation"], _ = _owner(owner, known)
    if "region" in given:
        if given["region"] is None:
            raise Invalid("fleets.region_needed", field="region")
        given["region"] = identity.region_code(given["region"])
    changes = common.differing(old, given)
    if not changes:
        return old
    new = old | changes
    new["search"] = _search(new)
    common.require_edit(work, [(old["organisation"], old["region"]), (new["organisation"], new["region"])])
    _refuse_taken(work, [{name: changes.get(name) for name in ("identity_key", "vin_key")}])
    changes |= {"search": new["search"], "updated_ms": work.now_ms, "revision": old["revision"] + 1}
    thing = _new_thing(new)
    things.amend(
        work,
        categories.VEHICLE,
        old["urn"],
        name=thing.name,
        category=thing.category,
        organisation=thing.organisation,
        region=thing.region,
        aliases=thing.aliases,
    )
    store.change(work.as_system("fleets"), VEHICLE, old["id"], changes)
    row = old | changes
    common.write_down(work, events.VEHICLE_AMENDED, [row], category=row["category"], fields=sorted(changes))
    return row


def retire(work: Work, vehicle_id: str) -> Row:
    """Take a vehicle out of the registry: its plate becomes free, its history stays.

    Raises:
        NotFound: `fleets.unknown_vehicle`.
        Forbidden: `identity.not_here`.
        Refused: `fleets.retired`.
    """
    old = _active(work, vehicle_id)
    common.require_edit(work, [(old["organisation"], old["region"])])
    things.retire(work, old["urn"])
    freed = {"active": False, "identity_key": None, "vin_key": None}
    changes = freed | {"updated_ms": work.now_ms, "revision": old["revision"] + 1}
    store.change(work.as_system("fleets"), VEHICLE, old["id"], changes)
    row = old | changes
    common.write_down(work, events.VEHICLE_RETIRED, [row], category=row["category"])
    return row


def _active(work: Work, vehicle_id: str) -> Row:
    row = get(work, vehicle_id)
    if not row["active"]:
        raise Refused("fleets.retired", name=row["plate"])
    return row


def _owner(enterprise: str | None, known: dict[str, Row]) -> tuple[str | None, str | None]:
    """Organisation and region of an enterprise."""
    if enterprise is None:
        return None, None
    row = known.get(enterprise)
    if row is None:
        raise NotFound("fleets.unknown_enterprise", field="enterprise", id=enterprise)
    if not row["active"]:
        raise Refused("fleets.retired", field="enterprise", name=row["name"])
    return row["organisation"], row["region"]


def _row(work: Work, new: NewVehicle, known: dict[str, Row]) -> Row:
    organisation, home = _owner(new.enterprise, known)
    region = identity.region_code(new.region) if new.region is not None else home
    if region is None:
        raise Invalid("fleets.region_needed", field="region")
    row = asdict(new) | common.history(work)
    row |= {
        "id": new_id(),
        "plate": new.plate.label,
        "plate_colour": new.plate.colour,
        "identity_key": new.plate.identity,
        "vin_key": new.vin,
        "organisation": organisation,
        "region": region,
    }
    return row | {"search": _search(row)}


def _search(row: Row) -> str:
    return "\n".join(things.normalised(text) for text in (row["plate"], row["vin"]) if text)


def _refuse_taken(work: Work, rows: Sequence[Row]) -> None:
    for column, code, field in (
        ("identity_key", "fleets.plate_taken", "plate"),
        ("vin_key", "fleets.vin_taken", "vin"),
    ):
        common.refuse_taken(work, VEHICLE, column, [row[column] for row in rows], code, field)


def _new_thing(row: Row) -> things.New:
    aliases: list[things.Alias] = [("plate", row["identity_key"])]
    if row["vin"]:
        aliases.append(("vin", row["vin"]))
    return things.New(
        name=row["plate"],
        category=row["category"],
        organisation=row["organisation"],
        region=row["region"],
        aliases=tuple(aliases),
        id=row["id"],
    )
