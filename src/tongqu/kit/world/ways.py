"""Ways: what the makers of roads hand to the network, and the book of the roads they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from tongqu.kit.geometry.polygons import Polygons, first_holding, pack
from tongqu.kit.world import contour
from tongqu.kit.world.relief import Field
from tongqu.kit.world.values import Bytes, Floats, Geometry, Name, RoadClass

BRIDGE, TUNNEL = 1, 2


@dataclass(frozen=True)
class Way:
    """A stretch of road in the plane.

    Attributes:
        points: (n, 2) in the plane, in the direction of travel if one-way.
        road: index in the `Book`.
        altitude_m: of the road at its points.
        flags: of each of the n - 1 segments: `BRIDGE`, `TUNNEL` or 0.
        at_grade: meets every other at-grade way it touches or crosses; else it has nodes only at its ends and
            at `stations` (indices of its points).
        structure: index into the list of structures for each segment, or -1.
    """

    points: Floats
    road: int
    road_class: RoadClass
    limit_kmh: float
    altitude_m: Floats
    flags: Bytes
    structure: NDArray[np.int32]
    at_grade: bool = True
    oneway: bool = False
    toll: bool = False
    stations: tuple[int, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A road before its length is known."""

    number: str
    name: Name
    road_class: RoadClass
    region: str


@dataclass
class Book:
    """Roads in the order they were made; equal entries are one road."""

    entries: list[Entry] = field(default_factory=list)
    _index: dict[Entry, int] = field(default_factory=dict)

    def add(self, number: str, name: Name, road_class: RoadClass, region: str) -> int:
        entry = Entry(number, name, road_class, region)
        if entry not in self._index:
            self._index[entry] = len(self.entries)
            self.entries.append(entry)
        return self._index[entry]


@dataclass
class Layout:
    """The roads as they are laid, one after the other, over a terrain.

    Attributes:
        height: of the ground; wet: sea, rivers and lakes.
    """

    height: Field
    wet: Polygons
    book: Book = field(default_factory=Book)
    ways: list[Way] = field(default_factory=list)

    def is_wet(self, points: Floats) -> NDArray[np.bool_]:
        return first_holding(self.wet, points[:, 0], points[:, 1]) >= 0

    def add(
        self,
        points: Floats,
        road: int,
        road_class: RoadClass,
        limit_kmh: float,
        *,
        sigma_m: float = 120.0,
        cut_m: float = 1e9,
        at_grade: bool = True,
        oneway: bool = False,
        toll: bool = False,
    ) -> None:
        """Lay a road along the ground: its altitude, bridges and tunnels follow (see `profile`)."""
        step = max(float(np.hypot(*np.diff(points, axis=0).T).mean()), 1.0)
        altitude, flags = self.profile(points, step, sigma_m=sigma_m, deck_m=9.0, cut_m=cut_m)
        none = np.full(len(flags), -1, np.int32)
        self.ways.append(Way(points, road, road_class, limit_kmh, altitude, flags, none, at_grade, oneway, toll))

    def profile(self, points: Floats, step_m: float, **how: float) -> tuple[Floats, Bytes]:
        ground = self.height.at(points[:, 0], points[:, 1])
        return profile(ground, self.is_wet(points), step_m, **how)


def rings(area: Geometry) -> list[Floats]:
    """All rings of an area, as `polygons.pack` wants them."""
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon"]
    return [np.asarray(ring.coords)[:, :2] for p in parts for ring in (p.exterior, *p.interiors)]


def pack_areas(areas: list[Geometry]) -> Polygons:
    """One packed polygon for each simple part of the areas."""
    return pack([rings(part) for area in areas for part in shapely.get_parts(area) if part.geom_type == "Polygon"])


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges where `flags` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def _only_long(flags: NDArray[np.bool_], shortest: int, gap: int) -> NDArray[np.bool_]:
    """Close gaps of up to `gap` segments, then drop runs shorter than `shortest`."""
    out = flags.copy()
    for a, b in runs(~flags):
        if b - a <= gap and a > 0 and b < len(flags):
            out[a:b] = True
    for a, b in runs(out):
        if b - a < shortest:
            out[a:b] = False
    return out


def profile(
    ground_m: Floats,
    wet: NDArray[np.bool_],
    step_m: float,
    *,
    sigma_m: float,
    deck_m: float,
    cut_m: float,
    low_m: float = 0.0,
) -> tuple[Floats, Bytes]:
    """Altitude of a road over the ground along it, and where it runs on a bridge or in a tunnel.

    Args:
        ground_m: height of the ground at points `step_m` apart.
        wet: those points over water.
        sigma_m: how far the road evens out the ground.
        deck_m: height of a bridge over water; cut_m: deeper than this the road is in a tunnel.
        low_m: keep to the lowest ground this far around: long tunnels rather than viaducts.
    """
    dry = ground_m.copy()
    if wet.any() and not wet.all():
        n = np.arange(len(dry))
        dry[wet] = np.interp(n[wet], n[~wet], dry[~wet])
    if low_m:
        reach = round(low_m / step_m)
        padded = np.pad(dry, reach, mode="edge")
        dry = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    road = contour.gaussian(np.maximum(dry, 2.0)[:, None], max(sigma_m / step_m, 0.5))[:, 0]
    over = (wet[1:] | wet[:-1]) | ((road - ground_m)[1:] > 16)
    bridge = _only_long(over, max(1, round(30 / step_m)), round(240 / step_m))
    tunnel = _only_long((ground_m - road)[1:] > cut_m, max(2, round(260 / step_m)), round(420 / step_m)) & ~bridge
    if wet.any():
        lift = contour.gaussian(np.where(wet, deck_m, 0.0)[:, None], max(500.0 / step_m, 0.5))[:, 0]
        road = np.maximum(road, road * 0.3 + lift)
    return road, np.where(bridge, BRIDGE, np.where(tunnel, TUNNEL, 0)).astype(np.uint8)
