"""The search box: things by name and alias, then what the modules add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tongqu.kernel import identity
from tongqu.kernel.store import Work
from tongqu.kernel.things import store
from tongqu.kernel.things.values import Hit, normalised

if TYPE_CHECKING:
    from tongqu.kernel.module import Module

PERMISSION = "things.read"
_STEPS = (store.exactly, store.beginning, store.containing)


def search(work: Work, modules: Sequence[Module], q: str, limit: int = 20) -> list[Hit]:
    """Hits of a text, best first: equal, then beginning with it, then containing it; then those of the modules.

    A thing's own hit is not repeated by its module; each module's searches get what room is left.
    """
    hits = _things(work, normalised(q), limit)
    seen = {hit.urn for hit in hits}
    for module in modules:
        for one in module.searches:
            if len(hits) >= limit:
                return hits
            for hit in one.find(work, q, limit - len(hits)):
                if hit.urn not in seen and len(hits) < limit:
                    seen.add(hit.urn)
                    hits.append(hit)
    return hits


def _things(work: Work, text: str, limit: int) -> list[Hit]:
    if not text:
        return []
    found: dict[int, dict[str, object]] = {}
    for step in _STEPS:
        if len(found) < limit:
            for row in store.matching(work, PERMISSION, step(text), limit):
                found.setdefault(row["key"], row)
    rows = list(found.values())[:limit]
    names = identity.organisation_names(work, {str(row["organisation"]) for row in rows if row["organisation"]})
    return [
        Hit(
            urn=str(row["urn"]),
            kind=str(row["kind"]),
            title=str(row["name"]),
            subtitle=names.get(str(row["organisation"])),
            region=None if row["region"] is None else str(row["region"]),
        )
        for row in rows
    ]
