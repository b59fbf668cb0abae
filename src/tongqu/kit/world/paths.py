"""Cheapest ways: over a grid of costs (where roads will run) and over a network (how vehicles go)."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from tongqu.kit.world.values import Bytes, Floats, Ints

# the 16 moves of a king and a knight: less of a staircase than 8
_MOVES = np.array(
    [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1),
     (1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2)], np.int64)  # fmt: skip
NOWHERE = -1
EVERYWHERE = np.empty(0, np.uint8)


@njit(cache=True, nogil=True)
def spread(
    cost: Floats, height: Floats, grade: float, dearest: float, seeds: Ints, goals: Bytes
) -> tuple[Floats, Ints, Ints, int]:
    """Cheapest ways from the nearest of several seed cells to all cells, or to the first goal.

    Args:
        cost: price per cell length of crossing each cell; infinite is impassable.
        height: in cell lengths; climbing costs (grade * slope)**2 times more, but at most `dearest` times:
            that is the price of a tunnel.
        seeds: flat cell indices.
        goals: one flag per cell; of size 0 to reach all cells.

    Returns:
        price; parent cell (-1 at a seed or where nothing leads); index of the seed; the goal reached or -1.
    """
    rows, columns = cost.shape
    price = np.full(rows * columns, np.inf)
    parent = np.full(rows * columns, -1, np.int32)
    owner = np.full(rows * columns, -1, np.int32)
    heap = [(0.0, np.int64(0))]
    heap.pop()
    for k in range(seeds.size):
        price[seeds[k]] = 0.0
        owner[seeds[k]] = k
        heapq.heappush(heap, (0.0, np.int64(seeds[k])))
    while len(heap) > 0:
        at, cell = heapq.heappop(heap)
        if at > price[cell]:
            continue
        if goals.size > 0 and goals[cell]:
            return price, parent, owner, int(cell)
        r, c = cell // columns, cell % columns
        for k in range(16):
            rr, cc = r + _MOVES[k, 0], c + _MOVES[k, 1]
            if rr < 0 or cc < 0 or rr >= rows or cc >= columns or cost[rr, cc] == np.inf:
                continue
            length = 1.0 if k < 4 else (1.4142135 if k < 8 else 2.236068)
            climb = grade * (height[rr, cc] - height[r, c]) / length
            mean = (cost[r, c] + cost[rr, cc]) / 2
            if k >= 8:  # a knight's move may not jump over something dear
                mr, mc = r + _MOVES[k, 0] // 2 + _MOVES[k, 0] % 2, c + _MOVES[k, 1] // 2 + _MOVES[k, 1] % 2
                ar, ac = r + _MOVES[k, 0] // 2, c + _MOVES[k, 1] // 2
                mean = max(mean, cost[mr, mc], cost[ar, ac])
                if mean == np.inf:
                    continue
            new = at + length * mean * (1.0 + min(climb * climb, dearest))
            other = rr * columns + cc
            if new < price[other]:
                price[other] = new
                parent[other] = cell
                owner[other] = owner[cell]
                heapq.heappush(heap, (new, other))
    return price, parent, owner, -1


def trace(parent: Ints, cell: int) -> list[int]:
    """Cells from the seed to `cell`."""
    way = [cell]
    while parent[way[-1]] != NOWHERE:
        way.append(int(parent[way[-1]]))
    return way[::-1]


@njit(cache=True, nogil=True)
def tree_towards(  # type: ignore[no-untyped-def]
    goals, nodes, into_start, into_edge, edge_from, edge_cost, out_rank
):
    """For each goal and node the edge to take next.

    Returns:
        (goals, nodes) offsets into the edges that leave the node, 255 where there is none.
    """
    result = np.full((goals.size, nodes), 255, np.uint8)
    price = np.empty(nodes)
    for g in range(goals.size):
        price[:] = np.inf
        price[goals[g]] = 0.0
        heap = [(0.0, np.int64(goals[g]))]
        while len(heap) > 0:
            at, node = heapq.heappop(heap)
            if at > price[node]:
                continue
            for k in range(into_start[node], into_start[node + 1]):
                edge = into_edge[k]
                before = edge_from[edge]
                new = at + edge_cost[edge]
                if new < price[before]:
                    price[before] = new
                    result[g, before] = out_rank[edge]
                    heapq.heappush(heap, (new, np.int64(before)))
    return result


@njit(cache=True, nogil=True)
def strong_component(
    out_start: Ints, out_edge: Ints, edge_to: Ints, into_start: Ints, into_edge: Ints, edge_from: Ints
) -> Bytes:
    """Whether each node is strongly connected with the node that has the most edges leaving it.

    Forward and backward search from that node: a node is in its component if both reach it.
    """
    nodes = out_start.size - 1
    hub = 0
    for v in range(nodes):
        if out_start[v + 1] - out_start[v] > out_start[hub + 1] - out_start[hub]:
            hub = v
    seen = np.zeros(nodes, np.uint8)
    for direction in range(2):
        bit = 1 << direction
        todo = [hub]
        seen[hub] |= bit
        while len(todo) > 0:
            v = todo.pop()
            first, last = (out_start[v], out_start[v + 1]) if direction == 0 else (into_start[v], into_start[v + 1])
            for k in range(first, last):
                w = edge_to[out_edge[k]] if direction == 0 else edge_from[into_edge[k]]
                if not seen[w] & bit:
                    seen[w] |= bit
                    todo.append(w)
    return (seen == 3).astype(np.uint8)
