"""What tags and relations say: places with names and addresses, entrances of stations, forbidden turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tongqu.protocols.osm.values import Extract, Floats, Kind, Relation, Tags

# keys of what a person may look for by name; the first that a thing has is its kind
PLACE_KEYS = (
    "railway", "public_transport", "aeroway", "amenity", "healthcare", "shop", "tourism", "leisure", "office",
    "historic", "craft", "emergency", "man_made", "place", "natural", "landuse", "building",
)  # fmt: skip
ADDRESS_KEYS = ("addr:housenumber", "addr:street", "addr:full")
ENTRANCES = ("subway_entrance", "train_station_entrance")


@dataclass(frozen=True)
class Address:
    """An address as it stands on the ground; empty where a part is not stated."""

    number: str = ""
    street: str = ""
    suburb: str = ""
    city: str = ""
    postcode: str = ""
    full: str = ""


@dataclass(frozen=True)
class Place:
    """Something with a name or an address.

    Attributes:
        osm: kind and id of the object it stands for.
        kind: `key=value` of the first of `PLACE_KEYS` it has, else `address`.
        name: in the local language; empty for a mere address.
        names: further names by suffix: `zh`, `en`, `alt`, `old`, `official`, `short`.
        lon, lat: of the node, or the centre of gravity of the area, or the middle of the line.
    """

    osm: tuple[Kind, int]
    kind: str
    name: str
    names: Tags
    lon: float
    lat: float
    address: Address
    tags: Tags


@dataclass(frozen=True)
class Entrance:
    """An entrance of a metro or railway station.

    Attributes:
        ref: what stands on its sign, as `A` or `B1`; empty if not mapped.
        station: name of the station if a relation `stop_area` says which; empty otherwise.
        wheelchair: `yes`, `limited`, `no` or empty.
    """

    node_id: int
    ref: str
    name: str
    station: str
    wheelchair: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Restriction:
    """A forbidden (`no_...`) or the only allowed (`only_...`) turn.

    Attributes:
        kind: as `no_left_turn`, `only_straight_on`.
        from_way, to_way: ids of ways.
        via_node: id of the node, or None when the way there leads over `via_ways`.
        only_for: modes it binds, when not all vehicles; exempt: modes it does not bind.
        conditional: it binds at some hours only (`condition` says which).
    """

    id: int
    kind: str
    from_way: int
    to_way: int
    via_node: int | None
    via_ways: tuple[int, ...]
    only_for: tuple[str, ...]
    exempt: tuple[str, ...]
    condition: str = ""


def places(extract: Extract) -> list[Place]:
    """All nodes, closed and open ways, and multipolygons that have a name or an address, but no roads."""
    found = []
    for node, tags in sorted(extract.node_tags.items()):
        at = (float(extract.node_lon[node]), float(extract.node_lat[node]))
        found.append(_place(("node", int(extract.node_id[node])), tags, at))
    parts: dict[int, int] = {}
    for way, tags in enumerate(extract.way_tags):
        parts[int(extract.way_id[way])] = way
        if _is_place(tags):
            found.append(_place(("way", int(extract.way_id[way])), tags, centre(extract.line(way))))
    for relation in extract.relations:
        if relation.tags.get("type") in ("multipolygon", "site") and _is_place(relation.tags):
            outer = [parts[m.id] for m in relation.members if m.kind == "way" and m.id in parts and m.role != "inner"]
            if outer:
                longest = max(outer, key=lambda way: len(extract.nodes_of(way)))
                found.append(_place(("relation", relation.id), relation.tags, centre(extract.line(longest))))
    return [place for place in found if place is not None]


def _is_place(tags: Tags) -> bool:
    if "highway" in tags and tags["highway"] not in ("rest_area", "services", "bus_stop"):
        return False
    return any(key in tags for key in ADDRESS_KEYS) or ("name" in tags and any(key in tags for key in PLACE_KEYS))


def _place(osm: tuple[Kind, int], tags: Tags, at: tuple[float, float]) -> Place | None:
    if not _is_place(tags):
        return None
    kind = next((f"{key}={tags[key]}" for key in PLACE_KEYS if key in tags), "address")
    names = {key.removeprefix("name:"): value for key, value in tags.items() if key.startswith("name:")}
    names |= {word: tags[f"{word}_name"] for word in ("alt", "old", "official", "short") if f"{word}_name" in tags}
    return Place(osm, kind, tags.get("name", ""), names, at[0], at[1], _address(tags), tags)


def _address(tags: Tags) -> Address:
    def part(key: str) -> str:
        return tags.get(f"addr:{key}", "")

    return Address(part("housenumber"), part("street") or part("place"), part("suburb") or part("district"),
                   part("city"), part("postcode"), part("full"))  # fmt: skip


def centre(line: Floats) -> tuple[float, float]:
    """Centre of gravity of a closed line's area; the middle of an open line along its way. Degrees."""
    x, y = line[:, 0], line[:, 1]
    if len(line) > 3 and x[0] == x[-1] and y[0] == y[-1]:
        # relative to the first point: areas of a few metres lose no digits
        u, v = x - x[0], y - y[0]
        cross = u[:-1] * v[1:] - u[1:] * v[:-1]
        area = cross.sum()
        if abs(area) > 1e-16:
            gx = ((u[:-1] + u[1:]) * cross).sum() / (3 * area)
            gy = ((v[:-1] + v[1:]) * cross).sum() / (3 * area)
            return float(x[0] + gx), float(y[0] + gy)
    steps = np.hypot(np.diff(x) * np.cos(np.radians(y[0])), np.diff(y))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    half = along[-1] / 2
    return float(np.interp(half, along, x)), float(np.interp(half, along, y))


def entrances(extract: Extract) -> list[Entrance]:
    """Entrances of stations: nodes `railway=subway_entrance` (or of trains), or `entrance` nodes so marked."""
    station_of = _stations_of_entrances(extract)
    found = []
    for node, tags in sorted(extract.node_tags.items()):
        if tags.get("railway") in ENTRANCES:
            osm_id = int(extract.node_id[node])
            found.append(Entrance(
                osm_id, tags.get("ref", "").strip(), tags.get("name", ""), station_of.get(osm_id, ""),
                tags.get("wheelchair", ""), float(extract.node_lon[node]), float(extract.node_lat[node]),
            ))  # fmt: skip
    return found


def _stations_of_entrances(extract: Extract) -> dict[int, str]:
    named = {}
    for relation in extract.relations:
        if relation.tags.get("public_transport") in ("stop_area", "stop_area_group"):
            for member in relation.members:
                if member.kind == "node" and relation.tags.get("name"):
                    named[member.id] = relation.tags["name"]
    return named


def restrictions(extract: Extract) -> list[Restriction]:
    """Turn restrictions. Relations that lack a from, a via or a to are left out."""
    return [found for relation in extract.relations for found in _restriction(relation)]


def _restriction(relation: Relation) -> Iterator[Restriction]:
    if relation.tags.get("type") != "restriction":
        return
    roles: dict[str, list[tuple[Kind, int]]] = {}
    for member in relation.members:
        roles.setdefault(member.role, []).append((member.kind, member.id))
    via_nodes = [i for kind, i in roles.get("via", ()) if kind == "node"]
    via_ways = tuple(i for kind, i in roles.get("via", ()) if kind == "way")
    if not (via_nodes or via_ways):
        return
    exempt = tuple(word.strip() for word in relation.tags.get("except", "").split(";") if word.strip())
    for key, value in relation.tags.items():
        base, _, suffix = key.partition(":")
        if base != "restriction":
            continue
        mode = suffix.removesuffix("conditional").rstrip(":")
        kind, condition = value, ""
        if suffix.endswith("conditional"):
            kind, _, condition = (part.strip() for part in value.partition("@"))
        for _, from_way in roles.get("from", ()):
            for _, to_way in roles.get("to", ()):
                yield Restriction(relation.id, kind, from_way, to_way, via_nodes[0] if via_nodes else None, via_ways,
                                  (mode,) if mode else (), exempt, condition)  # fmt: skip
