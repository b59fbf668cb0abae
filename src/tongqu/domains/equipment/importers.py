"""Terminals from a spreadsheet: re-importing the same file changes nothing."""

from __future__ import annotations

from typing import Any

from tongqu.domains.equipment import store
from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.values import PLATE_COLOURS, NewTerminal, phone_key
from tongqu.kernel import things
from tongqu.kernel.imports import Column, Importer, Outcome, Row, code, region
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, Refused

COLOURS = tuple(PLATE_COLOURS.values())


def _phone(text: str) -> str:
    kept = code(text)
    key = phone_key(kept)
    if len(key) > 20 or key == "0" or not set(key) <= set("0123456789abcdef"):
        raise Invalid("equipment.phone", field="phone", phone=text)
    return kept.lower()


def _apply(work: Work, row: Row) -> Outcome:
    known = store.terminal_by_phone(work.as_system("equipment.import"), phone_key(row["phone"]))
    vehicle = _vehicle(work, row)
    if known is None:
        made = terminals.enter(
            work,
            NewTerminal(
                phone=row["phone"],
                terminal_id=row["terminal_id"] or "",
                maker=row["maker"] or "",
                model=row["model"] or "",
                profile=row["profile"] or "",
                auth_code=row["auth_code"],
                organisation=_organisation(work, vehicle),
                region=row["region"] or (vehicle.region if vehicle is not None else None),
                vehicle=vehicle.urn if vehicle is not None else None,
            ),
        )
        return Outcome("created", row["phone"], made["urn"])
    if store.terminal(work, known["id"]) is None:
        raise Refused("equipment.phone_taken", field="phone", phone=row["phone"])
    given = {name: row[name] for name in ("terminal_id", "maker", "model", "profile", "auth_code") if row[name]}
    if vehicle is None and row["region"]:
        given["region"] = row["region"]
    after = terminals.amend(work, known["id"], given)
    if vehicle is not None and vehicle.urn != after["vehicle"]:
        after = terminals.bind(work, known["id"], vehicle.urn)
    return Outcome("unchanged" if after["revision"] == known["revision"] else "updated", row["phone"], known["urn"])


def _vehicle(work: Work, row: Row) -> things.Thing | None:
    plate = row["plate"]
    if not plate:
        return None
    if not row["plate_colour"]:
        raise Invalid("equipment.colour_missing", field="plate_colour")
    found = things.find(work, "vehicle", "plate", f"{plate} {row['plate_colour']}")
    if found is None:
        raise NotFound("equipment.unknown_vehicle", field="plate", plate=plate)
    return found


def _organisation(work: Work, vehicle: things.Thing | None) -> Any:
    return vehicle.organisation if vehicle is not None else work.actor.organisation


TERMINALS = Importer(
    id="terminals",
    permission="equipment.edit",
    columns=(
        Column("phone", required=True, example="10000000001", most=20, parse=_phone),
        Column("terminal_id", example="T000001", most=30),
        Column("maker", example="99001", most=11),
        Column("model", example="TQ-808", most=30),
        Column("plate", example="澜A·12345", most=20),
        Column("plate_colour", kind="enum", options=COLOURS, example="yellow"),
        Column("region", example="990100", most=12, parse=region),
        Column("profile", most=40),
        Column("auth_code", most=60),
    ),
    apply=_apply,
)
"""An authentication code is given where terminals bring the one of another platform along; else they register."""
