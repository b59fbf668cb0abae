"""Which rows of a layer an actor sees: the one rule for tiles, features and exports.

The projection is not in the record store, so `store.scoped` cannot speak for it; this says the same in DuckDB's SQL:
a grant that carries the layer's permission covers the row's organisation or home region.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tongqu.kernel.layers.declare import Layer
from tongqu.kernel.store import Actor
from tongqu.kit.errors import Forbidden


@dataclass(frozen=True)
class Visible:
    """A condition over the columns `organisation` and `region`.

    Attributes:
        sql: the condition, with named parameters.
        parameters: their values.
        key: equal for actors who see the same rows; part of the key of cached tiles.
    """

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)
    key: str = ""


EVERYTHING = Visible("true", key="all")
NOTHING = Visible("false", key="none")


def visible(actor: Actor, layer: Layer) -> Visible:
    """The rows of a layer that an actor sees.

    Raises:
        Forbidden: `web.no_permission`: the layer itself is not for the actor.
    """
    if layer.read is not None and not actor.may(layer.read):
        raise Forbidden("web.no_permission", permission=layer.read)
    grants = actor.grants_for(layer.read)
    if layer.open or any(grant.all or grant.everywhere for grant in grants):
        return EVERYTHING
    organisations = sorted({one for grant in grants for one in grant.organisations or ()})
    regions = _outermost({grant.region for grant in grants if grant.region is not None})
    parts: list[str] = []
    parameters: dict[str, Any] = {}
    if organisations:
        parts.append("organisation IN (SELECT unnest($organisations))")
        parameters["organisations"] = organisations
    for number, region in enumerate(regions):
        parts.append(f"starts_with(region, $region_{number})")
        parameters[f"region_{number}"] = region
    if not parts:
        return NOTHING
    said = "\n".join((*organisations, "", *regions))
    return Visible("(" + " OR ".join(parts) + ")", parameters, hashlib.sha256(said.encode()).hexdigest()[:16])


def _outermost(regions: set[str]) -> list[str]:
    """The regions that no other one covers."""
    return sorted(one for one in regions if not any(one != other and one.startswith(other) for other in regions))
