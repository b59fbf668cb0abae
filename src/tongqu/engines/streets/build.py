"""A street graph from an extract of OpenStreetMap."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tongqu.engines.streets import access
from tongqu.engines.streets.graph import Floats, Graph, Ints
from tongqu.kit.errors import Invalid
from tongqu.kit.geometry import degrees
from tongqu.protocols import osm

WAY_KEYS = ("highway", "railway", "public_transport", "route")
NODE_KEYS = ("barrier", "highway", "kerb", "railway", "wheelchair", "access")


def read(path: Path | str) -> Graph:
    """The street graph of a `.osm.pbf` file.

    Raises:
        Invalid: the codes of `protocols.osm.read`; `streets.no_streets` when the file has no street in it.
    """
    return from_extract(osm.read(path, ways=WAY_KEYS, nodes=NODE_KEYS, relations=("restriction", "public_transport")))


def from_extract(extract: osm.Extract) -> Graph:
    """The street graph of what was read from a file."""
    uses = [access.use_of(tags) for tags in extract.way_tags]
    ways = np.array([i for i, use in enumerate(uses) if use.access], np.int32)
    if not len(ways):
        raise Invalid("streets.no_streets", file=extract.source)
    block = np.zeros(extract.nodes, np.uint8)
    for node, tags in extract.node_tags.items():
        block[node] = access.block_of(tags)

    sizes = np.diff(extract.way_start)[ways]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    # all points of the kept ways, one way after the other
    point = np.concatenate([extract.nodes_of(int(way)) for way in ways])
    owner = np.repeat(np.arange(len(ways)), sizes)
    cut = (np.bincount(point, minlength=extract.nodes)[point] > 1) | (block[point] > 0)
    cut[starts[:-1]] = cut[starts[1:] - 1] = True

    first = np.flatnonzero(cut)
    same = owner[first[:-1]] == owner[first[1:]]
    begin, end = first[:-1][same], first[1:][same]
    node_of, edge_nodes = np.unique(np.concatenate((point[begin], point[end])), return_inverse=True)
    sizes = (end - begin + 1).astype(np.int64)
    point_start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    shape = np.arange(point_start[-1]) - np.repeat(point_start[:-1], sizes) + np.repeat(begin, sizes)
    lon, lat = extract.node_lon[point[shape]], extract.node_lat[point[shape]]
    edge_way = ways[owner[begin]]
    names, names_en, name_of = _names(extract, ways)
    edge_from = edge_nodes[: len(begin)].astype(np.int32)
    edge_to = edge_nodes[len(begin) :].astype(np.int32)
    bans, unapplied = _bans(extract, edge_way, edge_from, edge_to, node_of.astype(np.int32))
    doors = osm.entrances(extract)
    return Graph(
        source=extract.source,
        made_ms=extract.made_ms,
        node_lon=extract.node_lon[node_of],
        node_lat=extract.node_lat[node_of],
        node_block=block[node_of],
        edge_from=edge_from,
        edge_to=edge_to,
        edge_length_m=degrees.along(lon, lat, point_start)[point_start[1:] - 1],
        edge_access=np.array([uses[way].access for way in edge_way], np.uint8),
        edge_flags=np.array([uses[way].flags for way in edge_way], np.uint8),
        edge_kind=np.array([uses[way].kind for way in edge_way], np.uint8),
        edge_speed_kmh=np.array([uses[way].speed_kmh for way in edge_way], np.float64),
        edge_fixed_s=_fixed(np.array([uses[way].fixed_s for way in edge_way], np.float64), edge_way),
        edge_name=name_of[owner[begin]],
        edge_way=extract.way_id[edge_way],
        point_start=point_start,
        point_lon=lon,
        point_lat=lat,
        names=names,
        names_en=names_en,
        ban_from=bans[:, 0],
        ban_to=bans[:, 1],
        door_lon=np.array([door.lon for door in doors], np.float64),
        door_lat=np.array([door.lat for door in doors], np.float64),
        door_ref=tuple(door.ref for door in doors),
        door_station=tuple(door.station or door.name for door in doors),
        notes={"incomplete_ways": len(extract.incomplete), "restrictions_not_applied": unapplied},
    )


def _fixed(fixed: Floats, edge_way: Ints) -> Floats:
    """A ferry's duration is stated for its whole way: shared among the edges it was cut into."""
    if not (fixed >= 0).any():
        return fixed
    parts = np.bincount(edge_way)[edge_way]
    return np.where(fixed >= 0, fixed / parts, fixed)


def _names(extract: osm.Extract, ways: Ints) -> tuple[tuple[str, ...], tuple[str, ...], Ints]:
    """Distinct pairs of local and English name, and for each way the index of its own; 0 is none."""
    index: dict[tuple[str, str], int] = {("", ""): 0}
    of = np.zeros(len(ways), np.int32)
    for k, way in enumerate(ways.tolist()):
        tags = extract.way_tags[way]
        name = tags.get("name:zh") or tags.get("name") or tags.get("ref", "")
        pair = (name, tags.get("name:en") or tags.get("name") or tags.get("ref", ""))
        of[k] = index.setdefault(pair, len(index))
    return tuple(pair[0] for pair in index), tuple(pair[1] for pair in index), of


def _bans(extract: osm.Extract, edge_way: Ints, edge_from: Ints, edge_to: Ints, node_of: Ints) -> tuple[Ints, int]:
    """Forbidden turns as pairs of arcs, and how many restrictions could not be applied.

    Those over ways and those that hold at some hours only are counted; those that do not bind cars are passed over.
    """
    rules = osm.restrictions(extract)
    if not rules:
        return np.empty((0, 2), np.int32), 0
    at: dict[int, list[int]] = {}  # node -> arcs that arrive there
    leave: dict[int, list[int]] = {}
    for edge, (a, b) in enumerate(zip(edge_from.tolist(), edge_to.tolist(), strict=True)):
        at.setdefault(b, []).append(2 * edge)
        at.setdefault(a, []).append(2 * edge + 1)
        leave.setdefault(a, []).append(2 * edge)
        leave.setdefault(b, []).append(2 * edge + 1)
    graph_node = {int(extract.node_id[node]): index for index, node in enumerate(node_of.tolist())}
    way_of = extract.way_id[edge_way]
    bans, unapplied = set(), 0
    for rule in rules:
        if "motorcar" in rule.exempt or (rule.only_for and rule.only_for[0] not in ("motorcar", "motor_vehicle")):
            continue
        node = graph_node.get(rule.via_node or -1)
        if rule.condition or node is None:
            unapplied += 1
            continue
        arrive = [arc for arc in at[node] if way_of[arc // 2] == rule.from_way]
        onward = {arc for arc in leave[node] if way_of[arc // 2] == rule.to_way}
        if rule.kind.startswith("only_") and onward:
            onward = set(leave[node]) - onward
        bans |= {(a, b) for a in arrive for b in onward if a // 2 != b // 2 or rule.kind == "no_u_turn"}
    return np.array(sorted(bans), np.int32).reshape(-1, 2), unapplied
