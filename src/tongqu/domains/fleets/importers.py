"""Enterprises, vehicles and drivers from spreadsheets. An empty cell of a known row leaves what is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tongqu.domains.fleets import store
from tongqu.domains.fleets.categories import CODES, read_categories
from tongqu.domains.fleets.plates import COLOURS, plate_rules
from tongqu.domains.fleets.service import drivers, enterprises, vehicles
from tongqu.domains.fleets.tables import DRIVER, ENTERPRISE, VEHICLE, Energy
from tongqu.domains.fleets.values import NewDriver, NewEnterprise, NewVehicle
from tongqu.kernel.imports import Apply, Column, Importer, Outcome, Row, code, phone, region
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, Refused

EDIT = "fleets.edit"
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_ENERGIES = tuple(energy.value for energy in Energy)


def _vin(given: str) -> str:
    plain = code(given)
    if _VIN.fullmatch(plain) is None:
        raise Invalid("fleets.bad_vin", value=given[:40])
    return plain


def _given(row: Row, *names: str) -> dict[str, Any]:
    """The cells of these columns that hold something."""
    return {name: row[name] for name in names if row[name] is not None}


def _outcome(before: dict[str, Any] | None, after: dict[str, Any], key: str) -> Outcome:
    if before is None:
        return Outcome("created", key, after["urn"])
    return Outcome("unchanged" if after["revision"] == before["revision"] else "updated", key, after["urn"])


def _enterprise_finder() -> Callable[[Work, str | None], str | None]:
    """Looks each name up once per run."""
    known: dict[str, str] = {}

    def find(work: Work, name: str | None) -> str | None:
        if name is None:
            return None
        if name not in known:
            known[name] = enterprises.named(work, name)
        return known[name]

    return find


def take_enterprise(work: Work, row: Row) -> Outcome:
    """A row of enterprises: known by its licence, else by name and region."""
    before = _known_enterprise(work, row)
    named = _given(row, "name", "region", "category", "short_name", "licence", "business")
    if before is None:
        return _outcome(None, enterprises.register(work, NewEnterprise(**named)), row["name"])
    return _outcome(before, enterprises.amend(work, before["id"], **named), row["name"])


def _known_enterprise(work: Work, row: Row) -> dict[str, Any] | None:
    if row["licence"]:
        found = store.by(work.as_system("fleets.import"), ENTERPRISE, "licence_key", row["licence"])
        if found:
            return _seen(work, ENTERPRISE, found[0]["id"], "fleets.licence_taken", "licence", row["licence"])
    same = [one for one in store.by(work, ENTERPRISE, "name", row["name"]) if one["active"]]
    return next(
        (one for one in same if one["region"] == row["region"] and not (one["licence"] and row["licence"])), None
    )


def _seen(work: Work, table: Any, row_id: str, refusal: str, field: str, value: str) -> dict[str, Any]:
    """The row as the actor sees it; one that is there but not theirs to see refuses the import's row."""
    row = store.get(work, table, row_id)
    if row is None:
        raise Refused(refusal, field=field, value=value)
    return row


_VEHICLE_CELLS = (
    "category", "region", "vin", "model", "energy", "seats", "axles", "load_kg", "gross_mass_kg", "length_m",
    "transport_licence",
)  # fmt: skip


def prepare_vehicles(platform: Platform) -> Apply:
    """A row of vehicles: known by plate and colour."""
    rules, find = plate_rules(platform), _enterprise_finder()

    def take_vehicle(work: Work, row: Row) -> Outcome:
        plate = rules.read(row["plate"], row["plate_colour"])
        owner = find(work, row["enterprise"])
        named = _given(row, *_VEHICLE_CELLS) | ({} if owner is None else {"enterprise": owner})
        known = store.by(work.as_system("fleets.import"), VEHICLE, "identity_key", plate.identity)
        if not known:
            return _outcome(None, vehicles.register(work, NewVehicle(plate=plate, **named)), plate.label)
        before = _seen(work, VEHICLE, known[0]["id"], "fleets.plate_taken", "plate", plate.label)
        return _outcome(before, vehicles.amend(work, before["id"], **named), plate.label)

    return take_vehicle


def prepare_drivers(_: Platform) -> Apply:
    """A row of drivers: known by licence."""
    find = _enterprise_finder()

    def take_driver(work: Work, row: Row) -> Outcome:
        key = drivers.report_key(row["name"], row["driving_licence"])
        named = _given(row, "name", "driving_licence", "licence_class", "qualification", "phone", "region")
        named["enterprise"] = find(work, row["enterprise"])
        known = store.by(work.as_system("fleets.import"), DRIVER, "driving_licence_key", row["driving_licence"])
        if not known:
            return _outcome(None, drivers.register(work, NewDriver(**named)), key)
        before = _seen(work, DRIVER, known[0]["id"], "fleets.driver_taken", "driving_licence", key)
        return _outcome(before, drivers.amend(work, before["id"], **named), key)

    return take_driver


_REGION = Column("region", example="9902", parse=region)

ENTERPRISES = Importer(
    id="enterprises",
    columns=(
        Column("name", required=True, example="望汀港城物流有限公司", most=120, label="carrier_name"),
        Column("short_name", example="港城物流", most=60),
        Column("licence", example="澜交运管许可望字990201000001号", most=40),
        Column("category", "enum", required=True, example="重型载货", options=CODES),
        Column("business", example="重型载货、集装箱运输", parse=read_categories),
        Column("region", required=True, example="9902", parse=region),
    ),
    permission=EDIT,
    apply=take_enterprise,
)
VEHICLES = Importer(
    id="vehicles",
    columns=(
        Column("plate", required=True, example="澜A·D12345", most=20),
        Column("plate_colour", "enum", required=True, example="绿色", options=COLOURS),
        Column("category", "enum", required=True, example="重型载货", options=CODES),
        Column("enterprise", example="望汀港城物流有限公司", most=120),
        _REGION,
        Column("vin", example="LTQDEMA10TA000137", parse=_vin),
        Column("model", example="TQ4250", most=60),
        Column("energy", "enum", example="柴油", options=_ENERGIES),
        Column("seats", "integer", example="2", least=0, most=200),
        Column("axles", "integer", example="6", least=1, most=20),
        Column("load_kg", "integer", example="31000", least=0, most=200_000),
        Column("gross_mass_kg", "integer", example="49000", least=0, most=200_000),
        Column("length_m", "number", example="16.9", least=0.5, most=60),
        Column("transport_licence", example="990201000137", most=40),
    ),
    permission=EDIT,
    prepare=prepare_vehicles,
)
DRIVERS = Importer(
    id="drivers",
    columns=(
        Column("name", required=True, example="驾驶员0137", most=80, label="driver_name", personal=True),
        Column("driving_licence", required=True, example="990201000000000137", most=40, parse=code, personal=True),
        Column("licence_class", example="A2", most=10, parse=code),
        Column("qualification", example="990201000000000137", most=40, parse=code, personal=True),
        Column("phone", example="10000000137", parse=phone, personal=True),
        Column("enterprise", required=True, example="望汀港城物流有限公司", most=120),
        _REGION,
    ),
    permission=EDIT,
    prepare=prepare_drivers,
)  # fmt: skip
