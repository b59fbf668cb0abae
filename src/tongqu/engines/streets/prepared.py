"""A graph made ready for one profile: what each arc takes, the steps of a search, where points may stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tongqu.engines.streets import access, search
from tongqu.engines.streets.graph import Bytes, Flags, Floats, Graph, Ints
from tongqu.engines.streets.profiles import Profile
from tongqu.kit.geometry import degrees, lines

ISLAND_NODES = 60  # parts of the network smaller than this are not stood on: a mapped park path that joins nothing
CELL_M = 100.0
MOST_SEEDS = 1024  # states that one point joins the search by: two, and as many turns as follow them
Scratch = tuple[Floats, Ints, Ints, Ints, Ints, Floats, Ints]


@dataclass(frozen=True)
class Steps:
    """States and steps of a search; see `search`. `origin`: the state each step leaves."""

    start: Ints
    origin: Ints
    to: Ints
    seconds: Floats
    arc: Ints  # the arc each step travels


@dataclass(frozen=True)
class Spots:
    """Points stood on streets: n points.

    Attributes:
        lon, lat: the points asked for.
        edge: the edge each stands on; -1 where there is none within reach.
        share: how far along the edge, 0 to 1.
        off_m: from the point to the street.
    """

    lon: Floats
    lat: Floats
    edge: Ints
    share: Floats
    off_m: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def inside(self) -> Flags:
        return np.asarray(self.edge >= 0)


@dataclass(frozen=True)
class Ends:
    """How points join the states of a search: those of point p are at `start[p]:start[p + 1]`.

    Attributes:
        arc: the arc that a point enters or leaves the network by; share of it that is travelled.
        states: how many there are in all.
    """

    start: Ints
    state: Ints
    seconds: Floats
    arc: Ints
    states: int

    @property
    def point(self) -> Ints:
        """The point of each."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    def by_state(self) -> ByState:
        """The same the other way round."""
        order = np.argsort(self.state, kind="stable")
        start = np.searchsorted(self.state[order], np.arange(self.states + 1)).astype(np.int32)
        return ByState(start, self.point[order], self.seconds[order], self.arc[order])


@dataclass(frozen=True)
class ByState:
    """Points by the state that they join the search at: those of state s are at `start[s]:start[s + 1]`."""

    start: Ints
    point: Ints
    seconds: Floats
    arc: Ints


class Prepared:
    """A graph for one profile. Searches by turn where vehicles go, by node where people walk."""

    def __init__(self, graph: Graph, profile: Profile) -> None:
        self.graph = graph
        self.profile = profile
        self.by_turn = profile.mode != "walk"
        self.edge_s = _edge_seconds(graph, profile)
        self.arc_s = np.ascontiguousarray(self.edge_s.ravel())
        self.arc_from = np.ascontiguousarray(np.column_stack((graph.edge_from, graph.edge_to)).ravel())
        self.arc_to = np.ascontiguousarray(np.column_stack((graph.edge_to, graph.edge_from)).ravel())
        bit = access.NODE_BIT[profile.mode] | (access.STEP_FREE_BLOCK if profile.step_free else 0)
        self.node_block: Flags = (graph.node_block & bit) > 0
        self.steps = self._by_turns() if self.by_turn else self._by_nodes()
        self.usable = self._usable()
        self._idle: list[Scratch] = []

    @property
    def states(self) -> int:
        """States of a search."""
        return len(self.steps.start) - 1

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        """Working memory for `search.explore`, of an earlier search where there is one; for one thread at a time."""
        try:
            memory = self._idle.pop()
        except IndexError:
            a, b, c, d = (np.empty(self.states, np.int32) for _ in range(4))
            pushed = len(self.steps.to) + MOST_SEEDS
            memory = np.full(self.states, np.inf), a, b, c, d, np.empty(pushed), np.empty(pushed, np.int32)
        yield memory
        self._idle.append(memory)  # not after an error: it is clean only when a search has ended

    def _by_nodes(self) -> Steps:
        arcs = np.flatnonzero(np.isfinite(self.arc_s) & ~self.node_block[self.arc_from]).astype(np.int32)
        return _steps(self.graph.nodes, self.arc_from[arcs], self.arc_to[arcs], self.arc_s[arcs], arcs)

    def _by_turns(self) -> Steps:
        arcs = np.arange(len(self.arc_s), dtype=np.int32)
        order = np.argsort(self.arc_from, kind="stable").astype(np.int32)
        out_start = np.searchsorted(self.arc_from[order], np.arange(self.graph.nodes + 1)).astype(np.int32)
        ban = self.graph.ban_from.astype(np.int64) * len(arcs) + self.graph.ban_to
        start, to = search.turns(
            self.arc_from, self.arc_to, self.arc_s, self.node_block, out_start, order, np.sort(ban)
        )
        origin = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
        return Steps(start, origin, to, self.arc_s[to], to)

    @cached_property
    def back(self) -> Steps:
        """The same steps the other way, for searches towards a goal."""
        steps = self.steps
        return _steps(self.states, steps.to, steps.origin, steps.seconds, steps.arc)

    @cached_property
    def plane(self) -> tuple[Floats, Floats, float]:
        """Where each state lies in metres, never further from another than it is, and the least a metre takes. Who has
        travelled an arc is at its end."""
        graph = self.graph
        # the scales where a degree is shortest: nearest to a pole that of longitude, to the equator that of latitude
        south, north = float(graph.node_lat.min()), float(graph.node_lat.max())
        per_lon, per_lat = degrees.metres_per_degree(np.array([south, north, min(max(0.0, south), north)]))
        x, y = graph.node_lon * per_lon.min(), graph.node_lat * per_lat.min()
        arcs = np.flatnonzero(np.isfinite(self.arc_s))
        a, b = self.arc_from[arcs], self.arc_to[arcs]
        gap = np.hypot(x[a] - x[b], y[a] - y[b])
        apart = gap > 0
        least = self.arc_s[arcs][apart] / gap[apart]
        # a trifle less, so that rounding never makes a state look nearer than the one before it
        least_s = float(least.min()) * (1.0 - 1e-9) if len(least) else 0.0
        return (x[self.arc_to], y[self.arc_to], least_s) if self.by_turn else (x, y, least_s)

    def _usable(self) -> Flags:
        """Edges on which a point may stand: what leads on and is led to, and is no island."""
        if not self.graph.edges:
            return np.zeros(0, bool)
        part = search.parts(self.steps.start, self.steps.to)
        sizes = np.bincount(part, minlength=1)
        good = sizes[part] >= min(ISLAND_NODES, int(sizes.max()))
        if self.by_turn:
            usable = good[0::2] | good[1::2]
        else:
            usable = good[self.graph.edge_from] & good[self.graph.edge_to]
        return np.asarray(usable & np.isfinite(self.edge_s).any(axis=1))

    @cached_property
    def _packed(self) -> tuple[lines.Lines, Ints] | None:
        edges = np.flatnonzero(self.usable).astype(np.int32)
        if not len(edges):
            return None
        graph = self.graph
        sizes = np.diff(graph.point_start)[edges]
        start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        at = np.arange(start[-1]) - np.repeat(start[:-1], sizes) + np.repeat(graph.point_start[edges], sizes)
        points = np.column_stack((graph.point_lon[at], graph.point_lat[at]))
        scale = degrees.metres_per_degree((points[:, 1].min() + points[:, 1].max()) / 2)
        return lines.pack_flat(points, start, cell=CELL_M, scale=(float(scale[0]), float(scale[1]))), edges

    def stand(self, lon: Floats, lat: Floats, reach_m: float | None = None) -> Spots:
        """Stand points on the nearest street that the profile may use."""
        lon = np.atleast_1d(np.asarray(lon, np.float64))
        lat = np.atleast_1d(np.asarray(lat, np.float64))
        edge = np.full(len(lon), -1, np.int32)
        share, off = np.zeros(len(lon)), np.full(len(lon), np.inf)
        if self._packed is not None:
            packed, edges = self._packed
            feet = lines.nearest(packed, lon, lat, reach=self.profile.reach_m if reach_m is None else reach_m)
            on = feet.line >= 0
            edge[on] = edges[feet.line[on]]
            length = packed.along[packed.start[feet.line[on] + 1] - 1]
            share[on] = np.minimum(feet.along[on] / np.maximum(length, 1e-9), 1.0)
            off[on] = feet.distance[on]
        return Spots(lon, lat, edge, share, off)

    def leaving(self, spots: Spots) -> Ends:
        """How points enter the network: the states a search from them starts with."""
        ends = []
        for p in np.flatnonzero(spots.inside).tolist():
            edge, share = int(spots.edge[p]), float(spots.share[p])
            for arc, part in ((2 * edge, 1.0 - share), (2 * edge + 1, share)):
                if not np.isfinite(self.arc_s[arc]):
                    continue
                seconds = self.arc_s[arc] * part
                if self.by_turn:
                    # a turn follows: on the edge itself the way is direct, and is not a matter of searching
                    for j in range(self.steps.start[arc], self.steps.start[arc + 1]):
                        ends.append((p, self.steps.to[j], seconds + self.steps.seconds[j], arc))
                else:
                    ends.append((p, self.arc_to[arc], seconds, arc))
        return _ends(len(spots), ends, self.states)

    def arriving(self, spots: Spots) -> Ends:
        """How points leave the network: the states that a search to them ends with."""
        ends = []
        for p in np.flatnonzero(spots.inside).tolist():
            edge, share = int(spots.edge[p]), float(spots.share[p])
            for arc, part in ((2 * edge, share), (2 * edge + 1, 1.0 - share)):
                if not np.isfinite(self.arc_s[arc]):
                    continue
                if self.by_turn:
                    ends.append((p, arc, -self.arc_s[arc] * (1.0 - part), arc))
                elif not self.node_block[self.arc_from[arc]]:
                    ends.append((p, self.arc_from[arc], self.arc_s[arc] * part, arc))
        return _ends(len(spots), ends, self.states)

    def off_s(self, spots: Spots) -> Floats:
        """Seconds between each point and its street, walked."""
        return np.asarray(spots.off_m / self.profile.walk_speed_ms)

    def direct_s(self, edge: int, share_from: float, share_to: float) -> float:
        """Seconds along one edge, without passing its ends; infinite against a one-way."""
        gap = share_to - share_from
        if gap == 0:
            return 0.0
        return float(gap * self.edge_s[edge, 0] if gap > 0 else -gap * self.edge_s[edge, 1])


def _ends(points: int, ends: list[tuple[int, int, float, int]], states: int) -> Ends:
    owner = np.array([end[0] for end in ends], np.int32)
    return Ends(
        np.searchsorted(owner, np.arange(points + 1)).astype(np.int32),
        np.array([end[1] for end in ends], np.int32),
        np.array([end[2] for end in ends], np.float64),
        np.array([end[3] for end in ends], np.int32),
        states,
    )


def _steps(states: int, origin: Ints, to: Ints, seconds: Floats, arc: Ints) -> Steps:
    order = np.argsort(origin, kind="stable")
    start = np.searchsorted(origin[order], np.arange(states + 1)).astype(np.int32)
    origin, to, arc = (of[order].astype(np.int32) for of in (origin, to, arc))
    return Steps(start, origin, to, np.ascontiguousarray(seconds[order]), arc)


def _edge_seconds(graph: Graph, profile: Profile) -> Floats:
    """Seconds along each edge with it and against it, shape (edges, 2); infinite where the profile may not go."""
    flags: Bytes = graph.edge_flags
    if profile.mode == "drive":
        speed = np.maximum(graph.edge_speed_kmh, 5.0) * profile.limit_share / 3.6
    else:
        speed = np.full(graph.edges, profile.speed_ms)
        if profile.mode == "walk":
            speed[flags & access.STEPS > 0] /= profile.stairs_factor
        else:
            speed[flags & access.DISMOUNT > 0] = profile.walk_speed_ms
    seconds = graph.edge_length_m / speed
    seconds = np.where(graph.edge_fixed_s >= 0, graph.edge_fixed_s, seconds)
    bit = {"walk": access.WALK, "cycle": access.CYCLE, "drive": access.DRIVE}[profile.mode]
    both = np.column_stack((seconds, seconds))
    both[graph.edge_access & bit == 0, 0] = np.inf
    both[graph.edge_access & (2 * bit) == 0, 1] = np.inf
    if profile.step_free:
        both[flags & access.UNEVEN > 0] = np.inf
    return both
