"""From ways to a routable network: cut where roads meet, joined at nodes, reduced to what is connected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tongqu.kit.geometry import degrees, polygons
from tongqu.kit.world import contour, frame, paths
from tongqu.kit.world.values import Bytes, Floats, Ints, Network, Region, RoadClass
from tongqu.kit.world.ways import BRIDGE, TUNNEL, Way, rings

SAME_M = 1.2  # points nearer than this are one node
CELL_M = 300.0
STUB_M = 170.0  # a street that ends in nothing sooner than this is left out


@njit(cache=True, nogil=True)
def _crossings(points, way, first, segment_start, cell, columns, rows, same):  # type: ignore[no-untyped-def]
    """Where segments of different ways (or distant ones of a way) meet: (segment, position 0..1) for both."""
    n = segment_start.size
    count = np.zeros(rows * columns + 1, np.int32)
    listed = np.empty(0, np.int32)
    for turn in range(2):
        for k in range(n):
            s = segment_start[k]
            x0, x1 = points[s, 0] / cell, points[s + 1, 0] / cell
            y0, y1 = points[s, 1] / cell, points[s + 1, 1] / cell
            pad = same / cell
            for r in range(int(min(y0, y1) - pad), int(max(y0, y1) + pad) + 1):
                for c in range(int(min(x0, x1) - pad), int(max(x0, x1) + pad) + 1):
                    if turn == 0:
                        count[r * columns + c + 1] += 1
                    else:
                        listed[count[r * columns + c]] = k
                        count[r * columns + c] += 1
        if turn == 0:
            count = np.cumsum(count).astype(np.int32)
            listed = np.empty(count[-1], np.int32)
    found = [(0, 0.0)]
    found.pop()
    begin = 0
    for box in range(rows * columns):
        end = count[box]
        for i in range(begin, end):
            a = segment_start[listed[i]]
            ax, ay = points[a, 0], points[a, 1]
            bx, by = points[a + 1, 0] - ax, points[a + 1, 1] - ay
            for j in range(i + 1, end):
                c = segment_start[listed[j]]
                if way[a] == way[c] and abs(a - c) < 8:
                    continue
                cx, cy = points[c, 0] - ax, points[c, 1] - ay
                dx, dy = points[c + 1, 0] - points[c, 0], points[c + 1, 1] - points[c, 1]
                cross = bx * dy - by * dx
                la, lc = np.hypot(bx, by), np.hypot(dx, dy)
                if abs(cross) > 1e-3 * la * lc:
                    t = (cx * dy - cy * dx) / cross
                    u = (cx * by - cy * bx) / cross
                    if -same / la <= t <= 1 + same / la and -same / lc <= u <= 1 + same / lc:
                        t, u = min(max(t, 0.0), 1.0), min(max(u, 0.0), 1.0)
                        px, py = t * bx - cx - u * dx, t * by - cy - u * dy
                        if px * px + py * py <= same * same:
                            found.append((a, t))
                            found.append((c, u))
                # an end that touches another line at a flat angle
                for one, other, ox, oy, ex, ey, length in (
                    (c, a, ax, ay, bx, by, la),
                    (a, c, cx + ax, cy + ay, dx, dy, lc),
                ):
                    for tip in range(2):
                        p = one + tip
                        if (tip == 0 and not first[p]) or (
                            tip == 1 and not (p + 1 >= way.size or way[p + 1] != way[p])
                        ):
                            continue
                        t = ((points[p, 0] - ox) * ex + (points[p, 1] - oy) * ey) / (length * length)
                        if 0 <= t <= 1 and np.hypot(points[p, 0] - ox - t * ex, points[p, 1] - oy - t * ey) <= same:
                            found.append((other, t))
        begin = end
    segment = np.empty(len(found), np.int64)
    position = np.empty(len(found))
    for k in range(len(found)):
        segment[k], position[k] = found[k]
    return segment, position


def _cuts(ways: list[Way]) -> dict[int, list[tuple[int, float]]]:
    """For each way the (segment, position) where it is cut, from crossings, stations and changes of structure."""
    flat = [k for k, way in enumerate(ways) if way.at_grade]
    points = np.vstack([ways[k].points for k in flat])
    start = contour.starts_of([ways[k].points for k in flat])
    owner = np.repeat(np.array(flat), np.diff(start))
    first = np.zeros(len(points), bool)
    first[start[:-1]] = True
    segment_start = np.setdiff1d(np.arange(len(points) - 1), start[1:] - 1)
    columns, rows = int(frame.WIDTH_M / CELL_M) + 2, int(frame.HEIGHT_M / CELL_M) + 2
    segment, position = _crossings(points, owner, first, segment_start, CELL_M, columns, rows, SAME_M)
    cuts: dict[int, list[tuple[int, float]]] = {k: [] for k in range(len(ways))}
    offset = np.repeat(start[:-1], np.diff(start))
    for s, t in zip(segment.tolist(), position.tolist(), strict=True):
        cuts[int(owner[s])].append((int(s - offset[s]), t))
    for k, way in enumerate(ways):
        cuts[k].extend((s, 0.0) for s in way.stations)
        change = np.flatnonzero((np.diff(way.flags.astype(int)) != 0) | (np.diff(way.structure) != 0)) + 1
        cuts[k].extend((int(s), 0.0) for s in change)
    return cuts


@dataclass(frozen=True)
class _Piece:
    """A stretch of a way between two cuts."""

    way: int
    points: Floats  # x, y, altitude
    flag: int
    structure: int


def _pieces(ways: list[Way], cuts: dict[int, list[tuple[int, float]]]) -> list[_Piece]:
    pieces = []
    for k, way in enumerate(ways):
        table = np.column_stack((way.points, way.altitude_m))
        last = len(table) - 1
        number = np.arange(last + 1)
        along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(table[:, 0]), np.diff(table[:, 1])))))
        places = np.unique(np.array([0.0, float(last), *(min(s + t, float(last)) for s, t in cuts[k])]))
        kept = _apart(places, np.interp(places, number, along))
        at = np.column_stack([np.interp(kept, number, table[:, c]) for c in range(3)])
        for n in range(len(kept) - 1):
            middle = table[int(np.floor(kept[n])) + 1 : int(np.ceil(kept[n + 1]))]
            segment = min(int((kept[n] + kept[n + 1]) / 2), last - 1)
            points = np.vstack((at[n], middle, at[n + 1]))
            pieces.append(_Piece(k, points, int(way.flags[segment]), int(way.structure[segment])))
    return pieces


def _apart(places: Floats, along: Floats) -> Floats:
    """Leave out cuts that fall together; the first and the last always stay."""
    kept = [0]
    for n in range(1, len(places)):
        if along[n] - along[kept[-1]] > 2 * SAME_M:
            kept.append(n)
        elif n == len(places) - 1 and len(kept) > 1:
            kept[-1] = n
    return places[kept]


def _nodes(ends: Floats) -> tuple[Ints, Floats]:
    """Join ends that are nearer than `SAME_M`: node of each end, and node coordinates."""
    order: dict[tuple[int, int], list[int]] = {}
    node = np.empty(len(ends), np.int32)
    found: list[tuple[float, float]] = []
    for k, (x, y) in enumerate(ends.tolist()):
        cx, cy = int(x / SAME_M), int(y / SAME_M)
        best, at = SAME_M * SAME_M, -1
        for key in ((cx + i, cy + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
            for v in order.get(key, ()):
                d = (found[v][0] - x) ** 2 + (found[v][1] - y) ** 2
                if d <= best:
                    best, at = d, v
        if at < 0:
            at = len(found)
            found.append((x, y))
            order.setdefault((cx, cy), []).append(at)
        node[k] = at
    return node, np.array(found)


def _without_stubs(pieces: list[_Piece], node: Ints, ways: list[Way]) -> np.ndarray:
    """Which pieces stay when short dead ends of streets, and ends in the middle of nothing, are taken away."""
    keep = np.ones(len(pieces), bool)
    start = contour.starts_of([p.points for p in pieces])
    points = np.vstack([p.points for p in pieces])
    steps = np.append(np.hypot(np.diff(points[:, 0]), np.diff(points[:, 1])), 0.0)
    steps[start[1:] - 1] = 0.0  # from one piece to the next
    length = np.add.reduceat(steps, start[:-1])
    keep &= length > 0.5
    keep &= node[0::2] != node[1::2]
    street = np.array([ways[p.way].road_class >= RoadClass.ARTERIAL and ways[p.way].at_grade for p in pieces])
    for _ in range(6):
        degree = np.bincount(node.reshape(-1, 2)[keep].ravel(), minlength=int(node.max()) + 1)
        dead = keep & street & (length < STUB_M) & ((degree[node[0::2]] == 1) | (degree[node[1::2]] == 1))
        if not dead.any():
            break
        keep &= ~dead
    return keep


def _csr(key: Ints, n: int) -> tuple[Ints, Ints]:
    order = np.argsort(key, kind="stable").astype(np.int32)
    return np.concatenate(([0], np.cumsum(np.bincount(key, minlength=n)))).astype(np.int32), order


def build(ways: list[Way], regions: tuple[Region, ...]) -> Network:
    """The network of all ways: the strongly connected part that holds the busiest junction."""
    pieces = _pieces(ways, _cuts(ways))
    ends = np.vstack([(p.points[0, :2], p.points[-1, :2]) for p in pieces])
    node, xy = _nodes(ends)
    keep = _without_stubs(pieces, node, ways)
    pairs = node.reshape(-1, 2)
    table: list[tuple[int, int, int, bool]] = []  # from, to, piece, backwards
    for k in np.flatnonzero(keep).tolist():
        a, b = int(pairs[k, 0]), int(pairs[k, 1])
        table.append((a, b, k, False))
        if not ways[pieces[k].way].oneway:
            table.append((b, a, k, True))
    edges = np.array(table, np.int32)
    inside = _strong(edges, len(xy))
    edges = edges[inside[edges[:, 0]] & inside[edges[:, 1]]]
    return _assemble(ways, pieces, edges, xy, regions)


def _strong(edges: Ints, nodes: int) -> np.ndarray:
    out_start, out_edge = _csr(edges[:, 0], nodes)
    into_start, into_edge = _csr(edges[:, 1], nodes)
    found = paths.strong_component(
        out_start, out_edge, np.ascontiguousarray(edges[:, 1]), into_start, into_edge, np.ascontiguousarray(edges[:, 0])
    )
    return np.asarray(found, bool)


def _gather(piece_start: Ints, piece: Ints, backwards: np.ndarray) -> tuple[Ints, Ints]:
    """Rows of the pieces' points for each edge, backwards where the edge runs so; and where each edge starts."""
    count = (piece_start[1:] - piece_start[:-1])[piece]
    start = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    within = np.arange(start[-1]) - np.repeat(start[:-1], count)
    back = np.repeat(backwards, count)
    rows = np.repeat(piece_start[:-1][piece], count) + np.where(back, np.repeat(count, count) - 1 - within, within)
    return rows.astype(np.int32), start


def _assemble(ways: list[Way], pieces: list[_Piece], edges: Ints, xy: Floats, regions: tuple[Region, ...]) -> Network:
    used, renumbered = np.unique(edges[:, :2], return_inverse=True)
    ends = np.ascontiguousarray(renumbered.reshape(-1, 2), np.int32)
    node_ll = frame.lonlat_array(xy[used])
    whole = np.vstack([p.points for p in pieces])
    table = np.column_stack((frame.lonlat_array(whole[:, :2]), np.round(whole[:, 2], 1)))
    rows, start = _gather(contour.starts_of([p.points for p in pieces]), edges[:, 2], edges[:, 3] > 0)
    points = table[rows]
    points[start[:-1], :2], points[start[1:] - 1, :2] = node_ll[ends[:, 0]], node_ll[ends[:, 1]]
    total = degrees.along(points[:, 0], points[:, 1], start)
    first, half = start[:-1], np.diff(start) // 2
    middle = np.where((half > 1)[:, None], points[first + half, :2], (points[first, :2] + points[first + 1, :2]) / 2)
    out_start, out_edge = _csr(ends[:, 0], len(used))
    of = [ways[pieces[k].way] for k in edges[:, 2]]
    road_class = np.array([w.road_class for w in of], np.uint8)
    flag = np.array([pieces[k].flag for k in edges[:, 2]])
    arrival = points[start[1:] - 1, :2] - points[start[1:] - 2, :2]
    phase, signal = _signals(ends, road_class, arrival, len(used))
    return Network(
        node_lon=np.ascontiguousarray(node_ll[:, 0]),
        node_lat=np.ascontiguousarray(node_ll[:, 1]),
        node_signal=signal,
        edge_from=np.ascontiguousarray(ends[:, 0]),
        edge_to=np.ascontiguousarray(ends[:, 1]),
        edge_length_m=total[start[1:] - 1],
        edge_class=road_class,
        edge_limit_kmh=np.array([w.limit_kmh for w in of]),
        edge_road=np.array([w.road for w in of], np.int32),
        edge_region=region_of(middle, regions),
        edge_reverse=_reverses(edges),
        edge_structure=np.array([pieces[k].structure for k in edges[:, 2]], np.int32),
        edge_bridge=flag == BRIDGE,
        edge_tunnel=flag == TUNNEL,
        edge_toll=np.array([w.toll for w in of], bool),
        edge_phase=phase,
        point_start=start,
        point_lon=np.ascontiguousarray(points[:, 0]),
        point_lat=np.ascontiguousarray(points[:, 1]),
        point_along_m=total,
        point_altitude_m=np.ascontiguousarray(points[:, 2]),
        out_start=out_start,
        out_edge=out_edge,
    )


def _reverses(edges: Ints) -> Ints:
    """For each edge the one over the same piece the other way, or -1."""
    lookup = {(piece, back): k for k, (piece, back) in enumerate(edges[:, 2:].tolist())}
    return np.array([lookup.get((piece, 1 - back), -1) for piece, back in edges[:, 2:].tolist()], np.int32)


def region_of(points: Floats, regions: tuple[Region, ...]) -> Ints:
    """Index of the county of each point; over water the nearest county's."""
    counties = [k for k, region in enumerate(regions) if region.level == "county"]
    packed = polygons.pack([rings(regions[k].geometry) for k in counties])
    holding = polygons.first_holding(packed, points[:, 0], points[:, 1])
    missing = np.flatnonzero(holding < 0)
    if len(missing):
        at = np.argsort(points[:, 0], kind="stable")
        known = at[holding[at] >= 0]
        for k in missing:  # a bridge over the sea: the county of the nearest edge on land
            d = np.abs(points[known] - points[k]).sum(axis=1)
            holding[k] = holding[known[int(np.argmin(d))]]
    return np.array(counties, np.int32)[holding]


def _signals(ends: Ints, road_class: Bytes, arrival: Floats, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Traffic lights where large roads meet in a town; the two phases go by the direction of approach."""
    large = np.isin(road_class, (RoadClass.ARTERIAL, RoadClass.TRUNK, RoadClass.PROVINCIAL))
    arms = np.bincount(ends[large, 1], minlength=nodes)
    street = np.bincount(ends[road_class >= RoadClass.ARTERIAL, 1], minlength=nodes)
    signal = (arms >= 3) & (street >= 1)
    across = np.abs(arrival[:, 0] * 0.88) > np.abs(arrival[:, 1])
    phase = np.where(signal[ends[:, 1]], across.astype(np.int8), np.int8(-1)).astype(np.int8)
    return phase, signal
