"""Vector tiles of the demo province: latency cold and warm, four callers at once, and how large tiles get.

Tiles are drawn where roads are: a random vertex of a random road, zooms 6 to 14 in equal parts. Cold means that the
tile is not in the cache of tiles; DuckDB's own pages may be in memory, as in a running platform.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import shapely
from bench import Row, report

from tongqu.kernel.layers import Layer, demo
from tongqu.kernel.layers.base import BASE_LAYERS, LANDCOVER, PLACES, REGIONS, ROADS, WATER
from tongqu.kernel.layers.mercator import Tile, tile_at
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.tables import ROOM
from tongqu.kernel.layers.tiles import Tiles
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store, migrate, system_actor
from tongqu.kit.time import ManualClock
from tongqu.kit.world import values, world

ACTOR = system_actor("bench")
CALLERS = 4
ZOOMS = range(6, 15)
EACH = 40
RUNS = 3
COLD_MS, WARM_MS, LARGEST_KB = 100.0, 5.0, 500.0


def platform_of(folder: Path, province: values.World) -> Platform:
    clock = ManualClock(1_700_000_000_000)
    store = Store(f"sqlite:///{folder}/records.db", clock)
    migrate(store, [ROOM])
    module = Module("layers", "tongqu.kernel.layers", "platform", layers=BASE_LAYERS)
    made = Platform(Settings(folder, store.url), clock, store, (module,))
    demo.fill(made, province)
    made.provide(Projector(made))
    return made


def wanted(province: values.World, seed: int) -> list[Tile]:
    """Tiles where roads are, all zooms mixed."""
    random = np.random.default_rng(seed)
    vertices = shapely.get_coordinates([line.geometry for line in world.road_lines(province)])
    picked = vertices[random.integers(0, len(vertices), len(ZOOMS) * EACH)]
    tiles = [tile_at(lon, lat, ZOOMS[number % len(ZOOMS)]) for number, (lon, lat) in enumerate(picked)]
    random.shuffle(tiles)
    return tiles


def latencies_ms(tiles: Tiles, layer: Layer, asked: list[Tile]) -> np.ndarray:
    """Of each tile, with so many callers at once."""

    def one(tile: Tile) -> float:
        begin = time.perf_counter()
        tiles.tile(ACTOR, layer, tile)
        return (time.perf_counter() - begin) * 1000

    with ThreadPoolExecutor(CALLERS) as callers:
        return np.array(list(callers.map(one, asked)))


def main() -> int:
    province = world.make(seed=7, scale=0.2)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        platform = platform_of(Path(folder), province)
        projector = platform.service(Projector)
        begin = time.perf_counter()
        projector.catch_up()
        built_s = time.perf_counter() - begin
        runs = [wanted(province, seed) for seed in range(RUNS)]
        for layer in (ROADS, LANDCOVER, WATER, REGIONS, PLACES):
            cold, warm, largest = [], [], 0.0
            for asked in runs:
                tiles = Tiles(projector, platform.clock)
                cold.append(float(np.percentile(latencies_ms(tiles, layer, list(dict.fromkeys(asked))), 95)))
                warm.append(float(np.percentile(latencies_ms(tiles, layer, asked), 95)))
                sizes = [len(gzip.decompress(tiles.tile(ACTOR, layer, tile).gzipped)) for tile in asked]
                largest = max(largest, max(sizes) / 1024)
            name = layer.name
            rows.append(Row(f"{name}: tile, cold, p95", COLD_MS, cold, "ms", better="lower"))
            rows.append(Row(f"{name}: tile, cached, p95", WARM_MS, warm, "ms", better="lower"))
            rows.append(Row(f"{name}: largest tile, not zipped", LARGEST_KB, largest, "KB", better="lower"))
        rows.append(Row("all layers made anew from the records", None, built_s, "s", better="lower"))
        features = sum(built.features for built in projector.known().values())
        platform.close()
    asked_for = f"{len(runs[0])} tiles a run of zooms 6-14, {CALLERS} callers at once"
    data = f"demo province, seed 7: {features:,} features; {asked_for}"
    return report(rows, data=data)


if __name__ == "__main__":
    sys.exit(main())
