"""What equipment does on the facts of others: a terminal belongs where its vehicle belongs."""

from __future__ import annotations

from tongqu.domains.equipment.service import terminals
from tongqu.kernel.events import Event, Subscription
from tongqu.kernel.store import Work

VEHICLE_CHANGED = ("fleets.vehicle_amended", "fleets.vehicle_retired")


def _follow(work: Work, event: Event) -> None:
    terminals.follow(work, event.subject)


SUBSCRIPTIONS = (Subscription("equipment.follow_vehicles", VEHICLE_CHANGED, _follow),)
"""Whoever keeps vehicles records these types; where nobody does, nothing comes."""
