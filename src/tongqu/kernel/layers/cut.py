"""Cutting large shapes by a grid, from the whole down by quarters, so that the cost follows their borders.

Two use it: the region index (what lies wholly inside one region needs no further look) and map tiles (a coast line of
a hundred thousand points is clipped once, not for every tile).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shapes = NDArray[Any]  # of shapely geometries


@dataclass(frozen=True)
class Grid:
    """A square grid of `2 ** depth` cells a side; cell (0, 0) is in the south-west.

    Attributes:
        west, south: its corner, in the unit of the shapes.
        width, height: its sides.
        depth: how often it is quartered.
        margin: by how much each cell reaches over its edges.
    """

    west: float
    south: float
    width: float
    height: float
    depth: int
    margin: float = 0.0

    def boxes(self, depth: int, column: Ints, row: Ints) -> Shapes:
        """The cells of a coarser depth as polygons, margin included."""
        wide, high = self.width / 2**depth, self.height / 2**depth
        west, south = self.west + column * wide, self.south + row * high
        margin = self.margin
        return np.asarray(shapely.box(west - margin, south - margin, west + wide + margin, south + high + margin))


@dataclass(frozen=True)
class Pieces:
    """Parts of shapes, each in one cell of a grid.

    Attributes:
        owner: index of the shape it is a part of.
        column, row: of its cell.
        shape: the part; the whole cell as a box where `whole`.
        whole: the cell lies wholly inside the (areal) shape.
    """

    owner: Ints
    column: Ints
    row: Ints
    shape: Shapes
    whole: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, rows: Any) -> Pieces:
        return Pieces(self.owner[rows], self.column[rows], self.row[rows], self.shape[rows], self.whole[rows])


def cut(shapes: Sequence[Any] | Shapes, grid: Grid) -> Pieces:
    """All parts of all shapes in the cells they reach into; parts of a lesser dimension (touches) are left out."""
    count = len(shapes)
    zeros = np.zeros(count, dtype=np.int64)
    pieces = Pieces(
        np.arange(count), zeros, zeros, np.array(list(shapes), dtype=object), np.zeros(count, dtype=np.bool_)
    )
    for depth in range(1, grid.depth + 1):
        pieces = _quarter(pieces, grid, depth)
    return pieces


def _quarter(pieces: Pieces, grid: Grid, depth: int) -> Pieces:
    owner, whole = np.repeat(pieces.owner, 4), np.repeat(pieces.whole, 4)
    column = np.repeat(pieces.column * 2, 4) + np.tile([0, 1, 0, 1], len(pieces))
    row = np.repeat(pieces.row * 2, 4) + np.tile([0, 0, 1, 1], len(pieces))
    parent = np.repeat(pieces.shape, 4)
    box = grid.boxes(depth, column, row)
    shape = box.copy()
    near = ~whole & shapely.intersects(parent, box)
    inside = near.copy()
    inside[near] = (shapely.get_dimensions(parent[near]) == 2) & shapely.covers(parent[near], box[near])
    partly = near & ~inside
    shape[partly] = shapely.intersection(parent[partly], box[partly])
    keep = whole | inside
    keep[partly] = shapely.get_dimensions(shape[partly]) == shapely.get_dimensions(parent[partly])
    return Pieces(owner, column, row, shape, whole | inside)[keep & ~shapely.is_empty(shape)]
