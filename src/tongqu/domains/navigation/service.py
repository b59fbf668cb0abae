"""The verbs of navigation: ships on first hearing, what they say of themselves, stations, receivers.

The gateway is the actor of all of them; people only read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tongqu.domains.navigation import layers, store
from tongqu.domains.navigation.categories import SHIP as KIND
from tongqu.domains.navigation.categories import category_of
from tongqu.domains.navigation.store import Row
from tongqu.domains.navigation.tables import RECEIVER, SHIP, STATION
from tongqu.domains.navigation.values import Counts, Heard, ship_id
from tongqu.kernel import identity, things
from tongqu.kernel.store import Work
from tongqu.kit.errors import NotFound
from tongqu.kit.ids import new_id
from tongqu.kit.regions import parent
from tongqu.protocols import nmea

VOUCHED = range(60)
"""Seconds of a report of an aid whose off-position flag counts (ITU-R M.1371-5, annex 8, table 73)."""


def home_of(work: Work) -> str | None:
    """Where ships and receivers belong that nothing is said of: the province with the most regions below it."""
    codes = [region.code for region in identity.regions(work)]
    provinces = [code for code in codes if parent(code) is None]
    return max(provinces, key=lambda code: (sum(one.startswith(code) for one in codes), code), default=None)


# receivers


def receiver(work: Work, transport: str, address: str, *, region: str | None, name: str = "") -> Row:
    """The receiver that sends from an address, entered if it is heard for the first time."""
    known = next(
        (row for row in store.receivers(work) if (row["transport"], row["address"]) == (transport, address)), None
    )
    if known is not None:
        return known
    row: Row = {
        "id": new_id(),
        "name": name or f"{transport} {address}",
        "transport": transport,
        "address": address,
        "online": False,
        "lines": 0,
        "sentences": 0,
        "messages": 0,
        "refused": 0,
        "doubled": 0,
        "last_reason": None,
        "first_ms": work.now_ms,
        "heard_ms": 0,
        "organisation": None,
        "region": region,
    }
    store.add(work, RECEIVER, [row])
    return row


def count(work: Work, receiver_id: str, counts: Counts, online: bool) -> None:
    """Add to what came from a receiver."""
    row = store.get(work, RECEIVER, receiver_id)
    if row is None:
        return
    values: Row = {
        name: row[name] + getattr(counts, name) for name in ("lines", "sentences", "messages", "refused", "doubled")
    }
    values |= {"online": online, "last_reason": counts.last_reason or row["last_reason"]}
    if counts:
        values["heard_ms"] = work.now_ms
    store.change(work, RECEIVER, receiver_id, values)


def all_offline(work: Work) -> None:
    """Nobody is connected when the gateway begins."""
    for row in store.receivers(work):
        if row["online"]:
            store.change(work, RECEIVER, row["id"], {"online": False})


# ships


def meet(work: Work, mmsis: Sequence[int], receiver_id: str) -> dict[int, int]:
    """Register senders heard for the first time; the number of each one's thing by MMSI.

    A ship belongs where the receiver belongs that heard her first.
    """
    wanted = list(dict.fromkeys(mmsis))
    known = {row["mmsi"]: row["key"] for row in store.some(work, SHIP, [ship_id(mmsi) for mmsi in wanted]).values()}
    new = [mmsi for mmsi in wanted if mmsi not in known]
    home = store.get(work, RECEIVER, receiver_id) or {"region": None, "organisation": None}
    minted = things.mint_many(
        work,
        KIND,
        [
            things.New(
                name=ship_id(mmsi),
                category=category_of(mmsi, None).value,
                organisation=home["organisation"],
                region=home["region"],
                aliases=(("mmsi", ship_id(mmsi)),),
                id=ship_id(mmsi),
            )
            for mmsi in new
        ],
    )
    rows = [_new_ship(mmsi, thing, receiver_id, home) for mmsi, thing in zip(new, minted, strict=True)]
    store.add(work, SHIP, rows)
    return known | {row["mmsi"]: row["key"] for row in rows}


def _new_ship(mmsi: int, thing: things.Thing, receiver_id: str, home: Row) -> Row:
    empty = dict.fromkeys(
        (
            "name",
            "call_sign",
            "imo",
            "ship_type",
            "length_m",
            "beam_m",
            "draught_m",
            "destination",
            "eta",
            "status",
            "mothership",
        )
    )
    return {
        **empty,
        "id": ship_id(mmsi),
        "urn": str(thing.urn),
        "key": thing.key,
        "mmsi": mmsi,
        "category": thing.category,
        "transponder": "",
        "own": False,
        "receiver": receiver_id,
        "messages": 0,
        "first_ms": 0,
        "heard_ms": 0,
        "organisation": home["organisation"],
        "region": home["region"],
        "search": ship_id(mmsi),
    }


def write_ships(work: Work, heard: Sequence[Heard]) -> None:
    """Write down what ships said since the last time."""
    rows = store.some(work, SHIP, [ship_id(one.mmsi) for one in heard])
    for one in heard:
        row = rows.get(ship_id(one.mmsi))
        if row is None:
            continue
        values = particulars(row, one)
        store.change(work, SHIP, row["id"], values)
        if row | values != row and _names(row) != _names(row | values):
            _rename(work, row | values)
        _keep(work, one, row)


def particulars(row: Row, heard: Heard) -> Row:
    """What changes in a ship's row: only what a message said replaces what was known."""
    said = heard.fields
    values: Row = {
        "messages": row["messages"] + heard.messages,
        "first_ms": min(row["first_ms"] or heard.first_ms, heard.first_ms),
        "heard_ms": max(row["heard_ms"], heard.heard_ms),
        "own": row["own"] or heard.own,
        "transponder": heard.transponder or row["transponder"],
    }
    for name in ("name", "call_sign", "imo", "ship_type", "draught_m", "destination", "status"):
        if name in said:
            values[name] = said[name]
    if "mothership_mmsi" in said:
        values["mothership"] = said["mothership_mmsi"]
    if said.get("to_bow_m", 0) + said.get("to_stern_m", 0):
        values["length_m"] = said["to_bow_m"] + said["to_stern_m"]
    if said.get("to_port_m", 0) + said.get("to_starboard_m", 0):
        values["beam_m"] = said["to_port_m"] + said["to_starboard_m"]
    if said.get("eta_month") and said.get("eta_day"):
        values["eta"] = eta(said)
    ship_type = values.get("ship_type", row["ship_type"])
    values["category"] = category_of(row["mmsi"], ship_type).value
    whole = row | values
    words = (whole["name"], whole["call_sign"], row["id"], str(whole["imo"] or ""))
    values["search"] = things.normalised(" ".join(word for word in words if word))
    return values


def eta(said: Row) -> str:
    """A month and a day, and the time where it is given: AIS has no year."""
    text = f"{said['eta_month']:02d}-{said['eta_day']:02d}"
    hour, minute = said.get("eta_hour"), said.get("eta_minute")
    return text if hour is None or minute is None else f"{text}T{hour:02d}:{minute:02d}Z"


def _names(row: Row) -> tuple[Any, ...]:
    return row["name"], row["call_sign"], row["imo"], row["category"]


def _rename(work: Work, row: Row) -> None:
    """The registry learns the name, so that search, labels and colours follow."""
    aliases = [("mmsi", row["id"])]
    if row["call_sign"]:
        aliases.append(("call_sign", row["call_sign"]))
    if row["imo"]:
        aliases.append(("imo", str(row["imo"])))
    things.amend(work, KIND, row["urn"], name=row["name"] or row["id"], category=row["category"], aliases=aliases)


def _keep(work: Work, heard: Heard, home: Row) -> None:
    for (kind, part), (at_ms, sentences) in heard.last.items():
        store.put_message(
            work,
            {
                "mmsi": heard.mmsi,
                "type": kind,
                "part": part,
                "at_ms": at_ms,
                "sentences": sentences,
                "receiver": heard.receiver,
                "organisation": home["organisation"],
                "region": home["region"],
            },
        )


# stations


def write_stations(work: Work, heard: Sequence[Heard]) -> None:
    """Write down base stations and aids to navigation, and draw what changed."""
    rows = store.some(work, STATION, [ship_id(one.mmsi) for one in heard])
    drawn = []
    for one in heard:
        row = rows.get(ship_id(one.mmsi)) or _new_station(work, one)
        values = _station(row, one)
        store.change(work, STATION, row["id"], values)
        _keep(work, one, row)
        if any(row[name] != values.get(name, row[name]) for name in ("name", "lon", "lat", "off_position", "kind")):
            drawn.append(row | values)
    layers.draw(work, drawn)


def _new_station(work: Work, heard: Heard) -> Row:
    home = store.get(work, RECEIVER, heard.receiver) or {"region": None, "organisation": None}
    row: Row = {
        **dict.fromkeys(("name", "aid_type", "virtual", "off_position", "lon", "lat")),
        "id": ship_id(heard.mmsi),
        "mmsi": heard.mmsi,
        "kind": "base",
        "receiver": heard.receiver,
        "messages": 0,
        "first_ms": heard.first_ms,
        "heard_ms": 0,
        "organisation": home["organisation"],
        "region": home["region"],
    }
    store.add(work, STATION, [row])
    return row


def _station(row: Row, heard: Heard) -> Row:
    said = heard.fields
    aid = any(kind == 21 for kind, _ in heard.last)
    values: Row = {
        "messages": row["messages"] + heard.messages,
        "heard_ms": max(row["heard_ms"], heard.heard_ms),
        "kind": "aid" if aid or row["kind"] == "aid" else "base",
    }
    if "longitude_deg" in said and "latitude_deg" in said and abs(said["longitude_deg"]) <= 180:
        values |= {"lon": said["longitude_deg"], "lat": said["latitude_deg"]}
    if aid:
        name = said.get("name", "") + said.get("name_extension", "")
        values |= {"name": name or row["name"], "aid_type": said.get("aid_type"), "virtual": said.get("virtual")}
        values["off_position"] = said.get("off_position") if said.get("second") in VOUCHED else None
    return values


# reading


def last_messages(work: Work, row: Row) -> list[dict[str, Any]]:
    """The last message of each type of a sender with every field explained."""
    from tongqu.protocols.nmea.cli import decode_lines

    found = []
    for kept in store.messages(work, row["mmsi"]):
        answer = next(iter(decode_lines(kept["sentences"].splitlines(), True)), None)
        if answer is not None:
            explained = answer.pop("explain", [])
            found.append(
                {
                    "type": kept["type"],
                    "part": kept["part"],
                    "at_ms": kept["at_ms"],
                    "title": nmea_title(kept["type"]),
                    "sentences": kept["sentences"].splitlines(),
                    "rows": explained,
                }
            )
    return found


def nmea_title(kind: int) -> dict[str, str]:
    """Name of a type of message in both languages."""
    from tongqu.kit.text import text

    return text(f"nmea.messages.{kind}") if kind in nmea.MESSAGES else {"zh": str(kind), "en": str(kind)}


def ship(work: Work, ship_id_: str) -> Row:
    """A ship.

    Raises:
        NotFound: `navigation.unknown_ship`: there is none, or none that the actor may see.
    """
    row = store.get(work, SHIP, ship_id_)
    if row is None:
        raise NotFound("navigation.unknown_ship", ship=ship_id_[:20])
    return row
