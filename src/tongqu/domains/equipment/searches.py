"""Terminals in the search box: by phone with the zeros of any header, terminal id, IMEI or vehicle."""

from __future__ import annotations

from tongqu.domains.equipment import store
from tongqu.kernel.store import Query, Work
from tongqu.kernel.things import Hit, Search


def _find(work: Work, q: str, limit: int) -> list[Hit]:
    found = store.list_terminals(work, Query(q=q.strip(), limit=max(1, min(limit, 50))))
    return [
        Hit(
            row["urn"],
            "terminal",
            row["phone"].lstrip("0") or row["phone"],
            row["vehicle_label"] or None,
            row["region"],
        )
        for row in found.items
    ]


SEARCHES = (Search("equipment.terminals", _find),)
