"""How movers look on the wire."""

from __future__ import annotations

from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel import identity
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work
from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.latest import E7
from tongqu.kernel.telemetry.movers import MoversView, Shown
from tongqu.kernel.telemetry.service import Telemetry, frame_id
from tongqu.kernel.telemetry.sight import Sight
from tongqu.kernel.web import Caller
from tongqu.kit.errors import NotFound
from tongqu.kit.text import has, text

COLORS = 8
STATES = ("moving", "stopped", "stale")


class TerminalState(Protocol):
    """What the room that owns the sources says of one (`platform.provide(f, TerminalState)`)."""

    def __call__(self, work: Work, urn: str) -> dict[str, Any] | None:
        """`online` and `session` of a source; None if the actor may not see it."""
        ...


def labels(movers: MoversView, actor: Actor, keys: NDArray[np.int64], past: Shown | None = None) -> dict[str, Any]:
    """Names of movers by their keys."""
    now = past or movers.shown()
    seen = movers.sight(actor, now.view).slots(now.snapshot.columns["region"][: len(now.view)])
    slots = now.view.slots(keys)
    return {
        str(int(now.view.key[slot])): {
            "urn": str(now.view.urn[slot]),
            "label": str(now.view.label[slot]),
            "category": int(now.view.category[slot]),
        }
        for slot in slots
        if slot >= 0 and seen[slot]
    }


def categories(platform: Platform) -> list[dict[str, Any]]:
    """The categories of movers, with names and colours as the module that mints them declares."""
    view = platform.service(Telemetry).directory.view
    minted = {kind.id: module.id for module in platform.modules for kind in module.kinds}
    colours = {
        (kind.id, category.code): category.colour
        for module in platform.modules
        for kind in module.kinds
        for category in kind.categories
    }
    return [
        {
            "id": number,
            "code": code,
            "kind": kind,
            "label": category_label(minted.get(kind, ""), code),
            "color": colours.get((kind, code), f"category-{(number - 1) % COLORS + 1}"),
        }
        for number, (kind, code) in enumerate(view.categories)
        if number
    ]


def category_label(module: str, code: str) -> dict[str, str]:
    """The name of a category in the catalogue of the module that declares it, else the code."""
    key = f"{module}.options.category.{code}"
    return text(key) if has(key) else {"zh": code, "en": code}


def mover(caller: Caller, urn: str) -> dict[str, Any]:
    """All that is known of one mover.

    Raises:
        NotFound: `telemetry.unknown_mover`: there is none, or none that the actor may see.
    """
    telemetry = caller.platform.service(Telemetry)
    now = telemetry.movers.shown()
    view, sight = now.view, telemetry.movers.sight(caller.actor, now.view)
    slot = view.by_urn.get(urn, -1)
    if not 0 <= slot < len(view) or not _seen(now, slot, sight):
        raise NotFound("telemetry.unknown_mover", urn=urn)
    with caller.read() as work:
        position = _position(now, slot)
        return {
            "urn": urn,
            "key": int(view.key[slot]),
            "label": str(view.label[slot]),
            "kind": list(view.kinds)[view.kind[slot]],
            "category": int(view.category[slot]),
            "region": _region(now, slot),
            "organisation": _organisation(work, view, slot),
            "position": position,
            "terminal": _terminal(caller, work, now, slot),
            "properties": [],
            "links": [],
        }


def _seen(now: Shown, slot: int, sight: Sight) -> bool:
    if sight.at_home(slot):
        return True
    here = now.there[slot] and sight.present(now.snapshot.columns["region"][slot : slot + 1])[0]
    return bool(here)


def _position(now: Shown, slot: int) -> dict[str, Any] | None:
    values = {name: column[slot] for name, column in now.snapshot.columns.items()}
    if not values["time_ms"]:
        return None
    mileage = float(values["mileage_km"])
    return {
        "lon": int(now.snapshot.lon_e7[slot]) / E7,
        "lat": int(now.snapshot.lat_e7[slot]) / E7,
        "altitude_m": int(values["altitude_m"]),
        "speed_kmh": round(float(values["speed_kmh"]), 1),
        "heading_deg": int(values["heading_deg"]),
        "time_ms": int(values["time_ms"]),
        "received_ms": int(values["received_ms"]),
        "alarm": int(values["alarm"]),
        "alarm_level": int(now.level[slot]),
        "status": int(values["status"]),
        "mileage_km": None if np.isnan(mileage) else mileage,
        "state": int(now.state[slot]),
        "frame": frame_id(int(values["log_offset"])),
    }


def _region(now: Shown, slot: int) -> str | None:
    """Where it is, else its home, as a code without trailing zero pairs."""
    number = int(now.place[slot])
    if number <= 0:
        return None
    code = f"{number:012d}"
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code if len(code) in (2, 4, 6) else f"{number:012d}"[:6]


def _organisation(work: Work, view: View, slot: int) -> dict[str, str] | None:
    number = int(view.organisation[slot])
    if not number:
        return None
    id_ = list(view.organisations)[number]
    return {"id": id_, "name": identity.organisation_names(work, {id_}).get(id_, id_)}


def _terminal(caller: Caller, work: Work, now: Shown, slot: int) -> dict[str, Any] | None:
    """The source that is fitted to it now."""
    view = now.view
    open_ = (view.binding_subject == slot) & (view.binding_from <= now.at_ms) & (now.at_ms < view.binding_to)
    for binding in np.flatnonzero(open_)[::-1]:
        source = int(np.searchsorted(view.binding_start, binding, side="right")) - 1
        urn = str(view.urn[source])
        state = None
        if caller.platform.has(TerminalState):
            state = caller.platform.service(cast(Any, TerminalState))(work, urn)
        return {"urn": urn, "label": str(view.label[source]), "online": bool(state and state.get("online"))} | {
            "session": None if state is None else state.get("session")
        }
    return None
