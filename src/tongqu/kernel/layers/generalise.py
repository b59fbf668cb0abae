"""Generalised geometry: what is left of features at each range of zooms, made once when a layer changes.

Far out, shapes are simplified to half a pixel, lines of equal road are joined, and what is smaller than a pixel is
left out. Large shapes are cut by the tiles of the first zoom of their level, so that no tile clips a whole coast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.kernel.layers import mercator
from tongqu.kernel.layers.cut import Grid, cut

Ints = NDArray[np.int64]
Shapes = NDArray[Any]

VERSION = 2
"""Counts up when the same features would be drawn otherwise, so that projections of before are made anew."""
MERGE_BELOW = 11
"""Lines are joined in levels that end below this zoom."""
LARGE = 256
"""Shapes of more points than this are cut."""
UNCUT = -1
FULL_FROM = 14
"""From this zoom geometry is drawn in full: a unit of its tiles is 60 cm."""


@dataclass(frozen=True)
class Level:
    """A range of zooms that is drawn from one generalisation.

    Attributes:
        number: 0 for the farthest.
        first, last: zooms.
    """

    number: int
    first: int
    last: int

    @property
    def pixel_m(self) -> float:
        """A pixel of the last zoom in metres of Web Mercator; 0 where geometry is drawn in full."""
        return 0.0 if self.last >= FULL_FROM else mercator.pixel_m(self.last)


LEVELS = (Level(0, 0, 5), Level(1, 6, 7), Level(2, 8, 9), Level(3, 10, 11), Level(4, 12, 13), Level(5, 14, 24))
"""Two zooms each, so that no tile is made of more than twice the points it can show."""


def level_of(zoom: int) -> Level:
    return next(level for level in LEVELS if level.first <= zoom <= level.last)


@dataclass(frozen=True)
class Drawn:
    """Rows of a level.

    Attributes:
        feature: index of the feature each row comes from (of the first one, where lines were joined).
        joined: lines of several features may be in it, so only what they were joined by speaks for it.
        cell: number of the tile of the level's first zoom that a row was cut for, `UNCUT` if it was not.
        shape: in Web Mercator.
    """

    feature: Ints
    joined: NDArray[np.bool_]
    cell: Ints
    shape: Shapes


DENSITY_CELLS = 64
"""Cells of density along the side of a tile."""


def density_cell_m(zoom: int) -> float:
    """Side of a cell of density in metres of Web Mercator."""
    return mercator.side_m(zoom) / DENSITY_CELLS


@dataclass(frozen=True)
class Cells:
    """Points of a level, counted by cell and by what must be kept apart.

    Attributes:
        feature: index of the first feature of each.
        points: how many there are.
        shape: middle of the cell in Web Mercator.
    """

    feature: Ints
    points: Ints
    shape: Shapes


def counted(level: Level, feature: Ints, shapes: Shapes, apart: Ints) -> Cells:
    """Count points by cells of the level's last zoom.

    Args:
        feature: indices of the features that are counted, all points.
        shapes: geometries of all features in Web Mercator.
        apart: a number for each feature; those with different ones are counted apart.
    """
    side = density_cell_m(level.last)
    xy = shapely.get_coordinates(shapes[feature])
    keys = np.column_stack((np.floor(xy / side).astype(np.int64), apart[feature]))
    cells, first, points = np.unique(keys, axis=0, return_index=True, return_counts=True)
    return Cells(feature[first], points.astype(np.int64), shapely.points((cells[:, :2] + 0.5) * side))


def cell_of(tile: mercator.Tile) -> int:
    """Number of a tile among those of its zoom."""
    return (tile.y << tile.z) | tile.x


def drawn(
    level: Level, shapes: Shapes, min_zoom: Ints, group: Ints | None, left_out: NDArray[np.bool_] | None = None
) -> Drawn:
    """What a level shows of features.

    Args:
        shapes: their geometries in Web Mercator.
        min_zoom: of each.
        group: lines of one group may be joined; None where nothing is.
        left_out: features that are drawn otherwise.
    """
    wanted = min_zoom <= level.last
    feature = np.flatnonzero(wanted if left_out is None else wanted & ~left_out)
    shape, joined = shapes[feature], np.zeros(len(feature), dtype=np.bool_)
    if group is not None and level.last < MERGE_BELOW:
        feature, shape = _merged(feature, shape, group[feature])
        joined = np.asarray(shapely.get_dimensions(shape) == 1)
    if level.pixel_m > 0:
        # areas are filled without outline: a pixel is enough for them, and their points are what costs time
        tolerance_m = np.where(shapely.get_dimensions(shape) == 2, level.pixel_m, level.pixel_m / 2)
        shape = shapely.simplify(shape, tolerance_m, preserve_topology=True)
        kept = _large_enough(shape, level.pixel_m)
        feature, shape, joined = feature[kept], shape[kept], joined[kept]
    return _cut(level, feature, shape, joined)


def _merged(feature: Ints, shape: Shapes, group: Ints) -> tuple[Ints, Shapes]:
    """Lines of a group joined where they meet, each stretch a row of its own; everything else as it is."""
    is_line = shapely.get_dimensions(shape) == 1
    lines, rest = np.flatnonzero(is_line), np.flatnonzero(~is_line)
    if not len(lines):
        return feature, shape
    order = lines[np.argsort(group[lines], kind="stable")]
    parts, owner = shapely.get_parts(shape[order], return_index=True)
    groups, dense = np.unique(group[order][owner], return_inverse=True)
    first = feature[order[np.searchsorted(group[order], groups)]]
    together = shapely.line_merge(shapely.multilinestrings(parts, indices=dense))
    stretches, of = shapely.get_parts(together, return_index=True)
    return np.concatenate((first[of], feature[rest])), np.concatenate((stretches, shape[rest]))


def _large_enough(shape: Shapes, pixel_m: float) -> NDArray[np.bool_]:
    dimension = shapely.get_dimensions(shape)
    large = (dimension == 2) & (shapely.area(shape) >= pixel_m**2)
    long = (dimension == 1) & (shapely.length(shape) >= pixel_m)
    return np.asarray(~shapely.is_empty(shape) & (large | long | (dimension == 0)))


def _cut(level: Level, feature: Ints, shape: Shapes, joined: NDArray[np.bool_]) -> Drawn:
    large = np.flatnonzero(shapely.get_num_coordinates(shape) > LARGE)
    small = np.setdiff1d(np.arange(len(shape)), large)
    half = mercator.HALF_M
    margin = mercator.side_m(level.first) * mercator.BUFFER / mercator.EXTENT
    pieces = cut(shape[large], Grid(-half, -half, 2 * half, 2 * half, level.first, margin))
    row = (1 << level.first) - 1 - pieces.row
    return Drawn(
        np.concatenate((feature[small], feature[large][pieces.owner])),
        np.concatenate((joined[small], joined[large][pieces.owner])),
        np.concatenate((np.full(len(small), UNCUT), (row << level.first) | pieces.column)),
        np.concatenate((shape[small], pieces.shape)),
    )
