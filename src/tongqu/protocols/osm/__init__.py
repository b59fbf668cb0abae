"""OpenStreetMap files: ways, nodes and relations as values. See README.md."""

from tongqu.kit.text import register
from tongqu.protocols.osm.meaning import (
    PLACE_KEYS,
    Address,
    Entrance,
    Place,
    Restriction,
    centre,
    entrances,
    places,
    restrictions,
)
from tongqu.protocols.osm.read import read
from tongqu.protocols.osm.values import Extract, Member, Relation, Tags

register("osm", __name__)

__all__ = [
    "PLACE_KEYS",
    "Address",
    "Entrance",
    "Extract",
    "Member",
    "Place",
    "Relation",
    "Restriction",
    "Tags",
    "centre",
    "entrances",
    "places",
    "read",
    "restrictions",
]
