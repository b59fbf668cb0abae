"""Admission over the wire: registration, authentication for the first time, goodbye. The gateway is the actor.

Admission is `open` (whoever registers becomes a terminal) or `registered` (only terminals that a person entered).
What a person entered wins over what a terminal says: a terminal's word binds it to a vehicle only while it has none.
Source: JT/T 808-2019 7.2, 8.7-8.10.
"""

from __future__ import annotations

from tongqu.domains.equipment import events as facts
from tongqu.domains.equipment import store
from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.store import Row
from tongqu.domains.equipment.tables import TERMINAL, Admission, TerminalState
from tongqu.domains.equipment.values import (
    PLATE_COLOURS,
    Admitted,
    Introduction,
    NewTerminal,
    Registered,
    new_auth_code,
    phone_key,
)
from tongqu.kernel import events, identity, things
from tongqu.kernel.store import Work
from tongqu.kit.errors import NotFound
from tongqu.kit.regions import parent

VEHICLE = "vehicle"


def register(work: Work, said: Introduction, *, open_admission: bool, home_region: str | None) -> Admitted:
    """Decide about a registration and carry it out.

    Args:
        open_admission: unknown terminals are taken in.
        home_region: code of the region for a terminal that names none.

    Returns:
        The result for 0x8100, and the row of the terminal if it is 0.
    """
    row = store.terminal_by_phone(work, phone_key(said.phone))
    refusal = _refusal(work, row, said, open_admission)
    if refusal is not None:
        return Admitted(refusal)
    vehicle = None if row is not None and row["vehicle"] else _vehicle_said(work, said)
    if vehicle is None and not open_admission and not (row and row["vehicle"]):
        return Admitted(Registered.NO_VEHICLE)
    if vehicle is not None and not _make_free(work, vehicle, row):
        return Admitted(Registered.VEHICLE_TAKEN)
    if row is None:
        new = NewTerminal(phone=said.phone, region=_known_region(work, said.region) or home_region)
        row = terminals.enter_many(work, [new], Admission.OPENED)[0]
    row |= {
        "state": TerminalState.REGISTERED,
        "phone": said.phone,
        "protocol": said.version,
        "maker": said.maker,
        "model": said.model,
        "terminal_id": said.terminal_id,
        "auth_code": row["auth_code"] or new_auth_code(),
        "registered_ms": work.now_ms,
    }
    if vehicle is not None:
        row |= terminals.fit(work, row["urn"], vehicle, work.now_ms)
    return Admitted(Registered.OK, _save(work, row))


def adopt(work: Work, phone: str, version: int, code: str, *, home_region: str | None) -> Admitted:
    """Take in a terminal that authenticates with a code this platform never gave: open admission only.

    Terminals that come from another platform do this; the code they show first is theirs from then on.
    """
    row = store.terminal_by_phone(work, phone_key(phone))
    if row is not None and (row["state"] != TerminalState.NEW or row["auth_code"] is not None):
        return Admitted(Registered.TERMINAL_TAKEN)
    if row is None:
        row = terminals.enter_many(work, [NewTerminal(phone=phone, region=home_region)], Admission.OPENED)[0]
    row |= {
        "state": TerminalState.REGISTERED,
        "phone": phone,
        "protocol": version,
        "auth_code": code,
        "registered_ms": work.now_ms,
    }
    return Admitted(Registered.OK, _save(work, row))


def unregister(work: Work, terminal_id: str) -> None:
    """The terminal said goodbye: its code is void and it must register again. Its vehicle stays its vehicle."""
    row = store.terminal(work, terminal_id)
    if row is None or row["state"] == TerminalState.BLOCKED:
        return
    _update(work, row, {"state": TerminalState.UNREGISTERED, "auth_code": None})
    events.record(
        work,
        facts.TERMINAL_UNREGISTERED,
        subject=row["urn"],
        occurred_at_ms=work.now_ms,
        source="gateway",
        key=f"{row['id']}:{work.now_ms}",
        payload={},
    )


def note_device(work: Work, terminal_id: str, imei: str, software: str, version: int, phone: str) -> None:
    """Keep what a 2019 authentication says of the device."""
    row = store.terminal(work, terminal_id)
    if row is None:
        return
    said = {"imei": imei, "software": software, "protocol": version, "phone": phone}
    if row["state"] == TerminalState.NEW:  # entered with a code, and now it has come with it
        said |= {"state": TerminalState.REGISTERED, "registered_ms": work.now_ms}
    if any(row[name] != value for name, value in said.items()):
        _update(work, row, said)


def _refusal(work: Work, row: Row | None, said: Introduction, open_admission: bool) -> Registered | None:
    if row is None:
        if not open_admission:
            return Registered.NO_TERMINAL
    elif row["state"] == TerminalState.BLOCKED:
        return Registered.NO_TERMINAL
    elif row["terminal_id"] and row["terminal_id"] != said.terminal_id:
        return Registered.TERMINAL_TAKEN  # the identity belongs to another device until a person says otherwise
    strict = not open_admission and bool(said.terminal_id)
    if strict and store.device_elsewhere(work, said.maker, said.terminal_id, phone_key(said.phone)):
        return Registered.TERMINAL_TAKEN
    return None


def home_of(work: Work) -> str | None:
    """Where terminals belong that name no region of ours: the province with the most regions below it."""
    codes = [region.code for region in identity.regions(work)]
    provinces = [code for code in codes if parent(code) is None]
    return max(provinces, key=lambda code: (sum(one.startswith(code) for one in codes), code), default=None)


def _known_region(work: Work, code: str | None) -> str | None:
    if code is None:
        return None
    try:
        return identity.current_region(work, code).code
    except NotFound:
        return None


def _vehicle_said(work: Work, said: Introduction) -> things.Thing | None:
    if not said.plate:
        return None
    if said.plate_colour == 0:
        return things.find(work, VEHICLE, "vin", said.plate)
    colour = PLATE_COLOURS.get(said.plate_colour)
    return None if colour is None else things.find(work, VEHICLE, "plate", f"{said.plate} {colour}")


def _make_free(work: Work, vehicle: things.Thing, row: Row | None) -> bool:
    """Whether the vehicle has no other terminal; one that said goodbye gives way."""
    for other in store.terminals_of_vehicle(work, vehicle.urn):
        if row is not None and other["id"] == row["id"]:
            continue
        if other["state"] != TerminalState.UNREGISTERED:
            return False
        terminals.release(work, other["id"], work.now_ms)
    return True


def _save(work: Work, row: Row) -> Row:
    values = {name: value for name, value in row.items() if name != "id"}
    row = _update(work, row, values)
    events.record(
        work,
        facts.TERMINAL_REGISTERED,
        subject=row["urn"],
        occurred_at_ms=work.now_ms,
        source="gateway",
        key=f"{row['id']}:{work.now_ms}",
        payload={"protocol": row["protocol"], "vehicle": row["vehicle"]},
    )
    return row


def _update(work: Work, row: Row, values: Row) -> Row:
    values = values | {"revision": store.next_revision(work, TERMINAL)}
    store.update_terminal(work, row["id"], values)
    return row | values
