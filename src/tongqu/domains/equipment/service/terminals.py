"""Terminals as people keep them: entering, changing, blocking, fitting to vehicles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tongqu.domains.equipment import events as facts
from tongqu.domains.equipment import store
from tongqu.domains.equipment.store import Row
from tongqu.domains.equipment.tables import TERMINAL, Admission, TerminalState
from tongqu.domains.equipment.values import NewTerminal, phone_key
from tongqu.kernel import audit, events, things
from tongqu.kernel.store import Work, allowed
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.kit.ids import parse_urn
from tongqu.protocols import jt808

KIND = things.Kind("terminal", unique=("phone",))
FITTED_TO = "fitted_to"
EDIT = "equipment.edit"
EDITABLE = frozenset({"terminal_id", "maker", "model", "profile", "auth_code", "organisation", "region", "blocked"})


def enter_many(
    work: Work,
    news: Sequence[NewTerminal],
    admission: Admission,
    vehicles: Mapping[str, things.Thing] | None = None,
) -> list[Row]:
    """Put terminals into the registry, tens of thousands at once; all of them or none.

    Args:
        vehicles: by URN, those that the new terminals name. They are fitted since their `from_ms` (now if None),
            without a check whether a vehicle has a terminal already; without it they are fitted to nothing yet.

    Raises:
        Invalid: `equipment.phone`, `equipment.profile`.
        Refused: `equipment.phone_taken`.
    """
    fitted = [(vehicles or {}).get(new.vehicle or "") for new in news]
    keys = [_checked(new) for new in news]
    taken = store.phones_known(work.as_system("equipment.unique"), keys)
    taken |= {key for key in keys if keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
    if taken:
        raise Refused("equipment.phone_taken", field="phone", phone=", ".join(sorted(taken)))
    minted = things.mint_many(
        work,
        KIND,
        [
            things.New(
                name=key,
                organisation=new.organisation if vehicle is None else vehicle.organisation,
                region=new.region if vehicle is None else vehicle.region,
                aliases=_aliases(key, new),
            )
            for key, new, vehicle in zip(keys, news, fitted, strict=True)
        ],
    )
    revision = store.next_revision(work, TERMINAL)
    rows = [
        _row(work, new, key, thing, admission, revision + number)
        | ({} if vehicle is None else {"vehicle": vehicle.urn, "vehicle_label": vehicle.name})
        for number, (new, key, thing, vehicle) in enumerate(zip(news, keys, minted, fitted, strict=True))
    ]
    store.insert_terminals(work, rows)
    links = [
        things.Link(thing.urn, FITTED_TO, vehicle.urn, work.now_ms if new.from_ms is None else new.from_ms)
        for new, thing, vehicle in zip(news, minted, fitted, strict=True)
        if vehicle is not None
    ]
    things.relate_many(work, links)
    return rows


def enter(work: Work, new: NewTerminal) -> Row:
    """Enter one terminal by hand, fitted to its vehicle if one is named.

    Raises:
        Forbidden: `equipment.not_yours`: organisation and region are outside of the actor's grants.
        Invalid, Refused: as `enter_many` and `bind`.
    """
    if new.vehicle is not None:
        vehicle = things.get(work, new.vehicle)
        require(work, vehicle.organisation, vehicle.region)
    else:
        require(work, new.organisation, new.region)
    row = enter_many(work, [new], Admission.IMPORTED)[0]
    audit.record(
        work, "equipment.enter", row["urn"], organisation=row["organisation"], region=row["region"], phone=row["phone"]
    )
    if new.vehicle is not None:
        row = bind(work, row["id"], new.vehicle, new.from_ms)
    return row


def amend(work: Work, terminal_id: str, changes: dict[str, Any]) -> Row:
    """Change what a person may change of a terminal; `blocked` shuts it out or lets it in again.

    Raises:
        NotFound: `equipment.unknown_terminal`.
        Forbidden: `equipment.not_yours`.
        Invalid: `equipment.profile`.
    """
    row = get(work, terminal_id)
    require(work, row["organisation"], row["region"])
    values = {name: value for name, value in changes.items() if name in EDITABLE and name != "blocked"}
    if "organisation" in values or "region" in values:
        require(work, values.get("organisation", row["organisation"]), values.get("region", row["region"]))
    _check_profile(values.get("profile", ""))
    if "blocked" in changes:
        values["state"] = _blocked(row, bool(changes["blocked"]))
    changed = {name: value for name, value in values.items() if value != row[name]}
    if not changed:
        return row
    things.amend(
        work,
        KIND,
        row["urn"],
        organisation=values.get("organisation", row["organisation"]),
        region=values.get("region", row["region"]),
        aliases=_aliases(
            row["phone_key"], NewTerminal(row["phone"], str(values.get("terminal_id", row["terminal_id"])))
        ),
    )
    row = _update(work, row, changed)
    shown = {name: value for name, value in changed.items() if name != "auth_code"}
    audit.record(work, "equipment.amend", row["urn"], organisation=row["organisation"], region=row["region"], **shown)
    return row


def get(work: Work, terminal_id: str) -> Row:
    """A terminal by its id or URN.

    Raises:
        NotFound: `equipment.unknown_terminal`.
    """
    if terminal_id.startswith("urn:"):
        row = store.terminal_by_urn(work, terminal_id)
    else:
        row = store.terminal(work, terminal_id)
    if row is None:
        raise NotFound("equipment.unknown_terminal", id=terminal_id)
    return row


def presence(work: Work, urn: str) -> dict[str, Any] | None:
    """Whether a terminal is online, and its session; None if the actor may not see it."""
    row = store.terminal_by_urn(work, urn)
    return None if row is None else {"online": bool(row["online"]), "session": row["session"]}


def bind(work: Work, terminal_id: str, vehicle_urn: str, from_ms: int | None = None) -> Row:
    """Fit a terminal to a vehicle from an instant on (now if None); positions since then are the vehicle's.

    Raises:
        NotFound: terminal or vehicle is not there or not to be seen.
        Invalid: `equipment.not_a_vehicle`.
        Refused: `equipment.vehicle_taken`: the vehicle has another terminal; `things.overlap`.
        Forbidden: `equipment.not_yours`.
    """
    row = get(work, terminal_id)
    vehicle = things.get(work, vehicle_urn)
    if parse_urn(vehicle.urn)[0] != "vehicle":
        raise Invalid("equipment.not_a_vehicle", field="vehicle", urn=vehicle_urn)
    require(work, vehicle.organisation, vehicle.region)
    system = work.as_system("equipment.bind")
    other = next((one for one in store.terminals_of_vehicle(system, vehicle.urn) if one["id"] != row["id"]), None)
    if other is not None:
        raise Refused("equipment.vehicle_taken", field="vehicle", vehicle=vehicle.name, phone=other["phone"])
    at_ms = work.now_ms if from_ms is None else from_ms
    values = fit(work, row["urn"], vehicle, at_ms)
    row = _update(system, row, values)
    audit.record(
        work,
        "equipment.bind",
        row["urn"],
        organisation=vehicle.organisation,
        region=vehicle.region,
        vehicle=vehicle.urn,
        from_ms=at_ms,
    )
    return row


def fit(work: Work, urn: str, vehicle: things.Thing, at_ms: int) -> Row:
    """State that a terminal is fitted to a vehicle; gives what changes in its row: it is where its vehicle belongs."""
    things.relate(work, urn, FITTED_TO, vehicle.urn, at_ms)
    things.amend(work, KIND, urn, organisation=vehicle.organisation, region=vehicle.region)
    events.record(
        work,
        facts.TERMINAL_BOUND,
        subject=urn,
        occurred_at_ms=at_ms,
        source="equipment",
        key=f"{urn}:{vehicle.urn}:{at_ms}",
        payload={"vehicle": vehicle.urn},
    )
    return {
        "vehicle": vehicle.urn,
        "vehicle_label": vehicle.name,
        "organisation": vehicle.organisation,
        "region": vehicle.region,
    }


def release(work: Work, terminal_id: str, at_ms: int | None = None) -> Row:
    """Take a terminal off its vehicle from an instant on.

    Raises:
        Refused: `equipment.not_fitted`.
    """
    row = get(work, terminal_id)
    if not row["vehicle"]:
        raise Refused("equipment.not_fitted", phone=row["phone"])
    require(work, row["organisation"], row["region"])
    end_ms = work.now_ms if at_ms is None else at_ms
    for relation in things.relations(work, row["urn"], end_ms):
        if relation.relation == FITTED_TO and relation.subject == row["urn"]:
            things.end_relation(work, relation.id, end_ms)
    vehicle = row["vehicle"]
    row = _update(work.as_system("equipment.release"), row, {"vehicle": None, "vehicle_label": ""})
    events.record(
        work,
        facts.TERMINAL_RELEASED,
        subject=row["urn"],
        occurred_at_ms=end_ms,
        source="equipment",
        key=f"{row['urn']}:{vehicle}:{end_ms}",
        payload={"vehicle": vehicle},
    )
    audit.record(
        work,
        "equipment.release",
        row["urn"],
        organisation=row["organisation"],
        region=row["region"],
        vehicle=vehicle,
        to_ms=end_ms,
    )
    return row


def follow(work: Work, vehicle_urn: str) -> int:
    """A vehicle has changed hands, region or name, or is gone: its terminals go with it. Gives how many did."""
    vehicle = things.get_many(work, [vehicle_urn]).get(vehicle_urn)
    moved = 0
    for row in store.terminals_of_vehicle(work, vehicle_urn):
        if vehicle is None or vehicle.valid_to_ms is not None:
            values: Row = {"vehicle": None, "vehicle_label": ""}
        else:
            values = {
                "vehicle_label": vehicle.name,
                "organisation": vehicle.organisation,
                "region": vehicle.region,
            }
            things.amend(work, KIND, row["urn"], organisation=vehicle.organisation, region=vehicle.region)
        if any(row[name] != value for name, value in values.items()):
            _update(work, row, values)
            moved += 1
    return moved


def bindings(work: Work, terminal_id: str) -> list[dict[str, Any]]:
    """The vehicles a terminal was fitted to, oldest first, as far as the actor may see them."""
    row = get(work, terminal_id)
    fitted = [one for one in things.relations(work, row["urn"]) if one.relation == FITTED_TO]
    vehicles = things.get_many(work, {one.object for one in fitted})
    return [
        {
            "id": one.id,
            "vehicle": one.object,
            "vehicle_label": vehicles[one.object].name,
            "from_ms": one.from_ms,
            "to_ms": one.to_ms,
        }
        for one in fitted
        if one.object in vehicles and one.to_ms != one.from_ms
    ]


def require(work: Work, organisation: str | None, region: str | None) -> None:
    """Refuse what is outside of the actor's grants.

    Raises:
        Forbidden: `equipment.not_yours`.
    """
    if not allowed(work.actor, EDIT, organisation=organisation, region=region):
        raise Forbidden("equipment.not_yours")


def _checked(new: NewTerminal) -> str:
    key = phone_key(new.phone)
    if len(key) > 20 or not all(digit in "0123456789abcdef" for digit in key) or key == "0":
        raise Invalid("equipment.phone", field="phone", phone=new.phone)
    _check_profile(new.profile)
    return key


def _check_profile(profile: str) -> None:
    if profile and profile not in jt808.PROFILES:
        known = ", ".join(sorted(jt808.PROFILES))
        raise Invalid("equipment.profile", field="profile", profile=profile, known=known)


def _aliases(key: str, new: NewTerminal) -> tuple[tuple[str, str], ...]:
    device = (("terminal_id", new.terminal_id),) if new.terminal_id else ()
    return (("phone", key), *device)


def _blocked(row: Row, blocked: bool) -> TerminalState:
    if blocked:
        return TerminalState.BLOCKED
    if row["state"] != TerminalState.BLOCKED:
        return TerminalState(row["state"])
    return TerminalState.REGISTERED if row["auth_code"] else TerminalState.NEW


def _row(
    work: Work, new: NewTerminal, key: str, thing: things.Thing, admission: Admission, revision: int
) -> dict[str, Any]:
    return {
        "id": parse_urn(thing.urn)[1],
        "urn": thing.urn,
        "thing_key": thing.key,
        "phone": new.phone.strip().lower(),
        "phone_key": key,
        "terminal_id": new.terminal_id,
        "maker": new.maker,
        "model": new.model,
        "imei": new.imei,
        "software": new.software,
        "protocol": new.protocol,
        "profile": new.profile,
        "auth_code": new.auth_code,
        "admission": admission,
        "state": TerminalState.REGISTERED if new.registered else TerminalState.NEW,
        "organisation": thing.organisation,
        "region": thing.region,
        "vehicle": None,
        "vehicle_label": "",
        "session": None,
        "online": False,
        "seen_ms": None,
        "registered_ms": work.now_ms if new.registered else None,
        "created_ms": work.now_ms,
        "revision": revision,
    }


def _update(work: Work, row: Row, values: Row) -> Row:
    values = values | {"revision": store.next_revision(work, TERMINAL)}
    store.update_terminal(work, row["id"], values)
    return row | values
