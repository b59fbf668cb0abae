"""Contours of a grid (marching squares)."""

from __future__ import annotations

import numpy as np
from numba import njit

# Marching squares: for the 16 cases of corners above the level (bit 0 south-west, 1 south-east, 2 north-east,
# 3 north-west) up to two directed segments between sides (0 south, 1 east, 2 north, 3 west), high on the left.
_SEGMENTS = np.array(
    [(-1, -1, -1, -1), (0, 3, -1, -1), (1, 0, -1, -1), (1, 3, -1, -1), (2, 1, -1, -1), (0, 3, 2, 1), (2, 0, -1, -1),
     (2, 3, -1, -1), (3, 2, -1, -1), (0, 2, -1, -1), (1, 0, 3, 2), (1, 2, -1, -1), (3, 1, -1, -1), (0, 1, -1, -1),
     (3, 0, -1, -1), (-1, -1, -1, -1)], np.int8)  # fmt: skip


@njit(cache=True, nogil=True)
def rings(values, level):  # type: ignore[no-untyped-def]
    """Closed contour rings of a grid whose border is below the level: points (column, row), and ring starts."""
    height, width = values.shape
    size = height * width
    following = np.full(2 * size, -1, np.int32)  # side -> next side; a side is its cell corner, east or north
    crossings = 0
    for r in range(height - 1):
        for c in range(width - 1):
            case = 0
            if values[r, c] > level:
                case |= 1
            if values[r, c + 1] > level:
                case |= 2
            if values[r + 1, c + 1] > level:
                case |= 4
            if values[r + 1, c] > level:
                case |= 8
            if case == 0 or case == 15:
                continue
            sides = (r * width + c, size + r * width + c + 1, (r + 1) * width + c, size + r * width + c)
            for k in range(0, 4, 2):
                if _SEGMENTS[case, k] >= 0:
                    following[sides[_SEGMENTS[case, k]]] = sides[_SEGMENTS[case, k + 1]]
                    crossings += 1
    points = np.empty((crossings, 2))
    starts = [0]
    n = 0
    for first in range(2 * size):
        side = first
        if following[side] < 0:
            continue
        while following[side] >= 0:
            corner = side % size
            r, c = corner // width, corner % width
            a = values[r, c]
            if side < size:
                points[n, 0] = c + (level - a) / (values[r, c + 1] - a)
                points[n, 1] = r
            else:
                points[n, 0] = c
                points[n, 1] = r + (level - a) / (values[r + 1, c] - a)
            n += 1
            following[side], side = -1, following[side]
        starts.append(n)
    return points[:n], np.array(starts)
