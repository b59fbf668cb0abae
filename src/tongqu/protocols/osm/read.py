"""A file of OpenStreetMap to an `Extract`. The bytes are read by libosmium (through pyosmium)."""

from __future__ import annotations

import datetime as dt
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from tongqu.kit.errors import Invalid
from tongqu.protocols.osm.values import Extract, Floats, Ints, Kind, Member, Relation, Tags

Keys = tuple[str, ...]
NOWHERE = 2**31 - 1  # libosmium's coordinate of a node that is not in the file
SCALE = 1e-7  # degrees a unit of a coordinate on the wire
KINDS: dict[str, Kind] = {"n": "node", "w": "way", "r": "relation"}


def read(path: Path | str, *, ways: Keys | None = None, nodes: Keys | None = None,
         relations: Keys | None = None) -> Extract:  # fmt: skip
    """Read a `.osm.pbf` (or `.osm`, `.osm.gz`, `.osm.bz2`) whole.

    Args:
        path: the file.
        ways: keep ways that have one of these keys, e.g. `("highway",)`; None keeps all that have tags, () none.
        nodes: keep nodes that have one of these keys; nodes of kept ways are there anyhow, with their tags if they
            have any of these. None keeps all that have tags, () none.
        relations: keep relations whose `type` is one of these, e.g. `("route", "restriction")`; None all, () none.

    Raises:
        Invalid: `osm.no_file`; `osm.cut_short` when the file ends within a block; `osm.unreadable` with the reason
            for anything else that is no such file; `osm.empty` when nothing that was asked for is in it.
    """
    path = Path(path)
    if not path.is_file():
        raise Invalid("osm.no_file", file=path.name)
    if path.stat().st_size == 0:
        raise Invalid("osm.cut_short", file=path.name)
    gathered = _Gathered(ways, nodes, relations)
    try:
        made_ms = _made_ms(path)
        # untagged nodes are only looked up by libosmium as points of ways: they never become Python objects
        tagged = osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.EmptyTagFilter())
        for item in tagged:
            gathered.take(item)
    except (RuntimeError, OSError, ValueError) as error:
        reason = str(error)
        code = "osm.cut_short" if "EOF" in reason or "truncated" in reason.lower() else "osm.unreadable"
        raise Invalid(code, file=path.name, reason=reason) from error
    extract = gathered.extract(path.name, made_ms)
    if not extract.nodes and not extract.relations:
        raise Invalid("osm.empty", file=path.name)
    return extract


def _made_ms(path: Path) -> int | None:
    reader = osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING)
    try:
        stated = reader.header().get("osmosis_replication_timestamp", "")
    finally:
        reader.close()
    try:
        return int(dt.datetime.fromisoformat(stated).timestamp() * 1000) if stated else None
    except ValueError:
        return None


class _Gathered:
    """What was kept so far, in the order of the file."""

    def __init__(self, ways: Keys | None, nodes: Keys | None, relations: Keys | None) -> None:
        self.wanted = {"w": ways, "n": nodes}
        self.types = relations
        self.node_id, self.node_x, self.node_y = array("q"), array("i"), array("i")
        self.node_tags: dict[int, Tags] = {}
        self.way_id, self.way_size = array("q"), array("i")
        self.ref, self.x, self.y = array("q"), array("i"), array("i")
        self.way_tags: list[Tags] = []
        self.relations: list[Relation] = []
        self.incomplete: list[int] = []

    def take(self, item: Any) -> None:
        kind = item.type_str()
        if kind == "r":
            self._relation(item)
            return
        if not _has(item.tags, self.wanted[kind]):
            return
        if kind == "n":
            if item.location.valid():
                self.node_id.append(item.id)
                self.node_x.append(item.location.x)
                self.node_y.append(item.location.y)
                self.node_tags[item.id] = dict(item.tags)
        else:
            self._way(item)

    def _way(self, way: Any) -> None:
        there = [(node.ref, node.x, node.y) for node in way.nodes if node.x != NOWHERE]
        if len(there) < len(way.nodes) or len(there) < 2:
            self.incomplete.append(way.id)
        if len(there) < 2:
            return
        for ref, x, y in there:
            self.ref.append(ref)
            self.x.append(x)
            self.y.append(y)
        self.way_id.append(way.id)
        self.way_size.append(len(there))
        self.way_tags.append(dict(way.tags))

    def _relation(self, relation: Any) -> None:
        if self.types is not None and relation.tags.get("type") not in self.types:
            return
        members = tuple(Member(KINDS[m.type], m.ref, m.role) for m in relation.members)
        self.relations.append(Relation(relation.id, dict(relation.tags), members))

    def extract(self, source: str, made_ms: int | None) -> Extract:
        refs = np.frombuffer(self.ref, np.int64) if self.ref else np.empty(0, np.int64)
        ids = np.concatenate((refs, np.array(self.node_id, np.int64)))
        x = np.concatenate((np.array(self.x, np.int32), np.array(self.node_x, np.int32)))
        y = np.concatenate((np.array(self.y, np.int32), np.array(self.node_y, np.int32)))
        node_id, first, index = np.unique(ids, return_index=True, return_inverse=True)
        own = {int(i): int(k) for i, k in zip(self.node_id, index[len(refs) :], strict=True)}
        return Extract(
            source=source,
            made_ms=made_ms,
            node_id=node_id,
            node_lon=_degrees(x[first]),
            node_lat=_degrees(y[first]),
            node_tags={own[i]: tags for i, tags in self.node_tags.items()},
            way_id=np.array(self.way_id, np.int64),
            way_start=np.concatenate(([0], np.cumsum(np.array(self.way_size, np.int64)))).astype(np.int32),
            way_node=index[: len(refs)].astype(np.int32),
            way_tags=tuple(self.way_tags),
            relations=tuple(self.relations),
            incomplete=tuple(self.incomplete),
        )


def _has(tags: Any, keys: Keys | None) -> bool:
    return keys is None or any(key in tags for key in keys)


def _degrees(units: Ints) -> Floats:
    """Rounded so that a value prints as it stands in the file."""
    return np.round(units * SCALE, 7)
