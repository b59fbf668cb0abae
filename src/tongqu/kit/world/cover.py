"""Land cover: forest, farmland, built-up ground and tidal flats as smooth areas."""

from __future__ import annotations

import numpy as np
import shapely

from tongqu.kit.world import contour, frame
from tongqu.kit.world.noise import fractal
from tongqu.kit.world.relief import COARSE_M, KM, Field, Terrain, grid
from tongqu.kit.world.streets import Built
from tongqu.kit.world.values import Geometry, Patch
from tongqu.kit.world.water import PlaneWater


def make(terrain: Terrain, water: PlaneWater, built: list[Built], drawn: Geometry, seed: int) -> tuple[Patch, ...]:
    """Patches in degrees, cut to the land that is drawn."""
    x, y = grid(COARSE_M)
    z = terrain.height.at(x, y)
    slope = np.hypot(*np.gradient(z, COARSE_M))
    coast = terrain.coast.at(x, y)
    mixed = fractal(x, y, seed=seed + 111, wave_m=9 * KM, octaves=5, gain=0.6)
    inland = np.clip(coast / 600, -1, 1)
    forest = np.minimum((z - 90) / 120 + slope * 9 + 1.1 * mixed - 0.4, inland)
    farmland = np.minimum(np.minimum(1.0 - z / 130 - slope * 14 + 0.9 * mixed, -forest - 0.08), inland)
    flats = np.minimum(
        0.55 - np.abs(coast + 500) / 900, 0.25 - np.hypot(x - 184 * KM, y - 92 * KM) / (60 * KM) + 1.2 * mixed
    )
    wet = shapely.union_all([water.sea, water.rivers, *(lake.area for lake in water.lakes)])
    town = shapely.union_all([b.area for b in built])
    patches = []
    for kind, field, smallest in (("forest", forest, 2e6), ("farmland", farmland, 2e6)):
        area = contour.areas_above(Field(field, COARSE_M), 0.0, smallest_m2=smallest, tolerance_m=60, smooth=2)
        area = shapely.difference(area, shapely.union(wet, town) if kind == "farmland" else wet)
        patches.append(_patch(kind, area, drawn))
    patches.append(_patch("urban", shapely.difference(town, wet), drawn))
    area = contour.areas_above(Field(flats, COARSE_M), 0.0, smallest_m2=5e5, tolerance_m=40, smooth=2)
    flat = shapely.intersection(area, water.sea)
    patches.append(Patch("tidal_flat", shapely.transform(flat, frame.lonlat_array)))
    return tuple(patches)


def _patch(kind: str, area: Geometry, drawn: Geometry) -> Patch:
    return Patch(kind, shapely.intersection(shapely.make_valid(shapely.transform(area, frame.lonlat_array)), drawn))
