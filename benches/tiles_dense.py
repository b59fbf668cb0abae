"""Tiles of a layer of 300,000 points, drawn by density when far out, while 10,000 positions a second come in.

Tiles are asked for where points are, zooms 6 to 16 in equal parts (the page draws those of zoom 14 larger beyond it),
by four callers at once, none of them from the cache. Beside them, in the same process as in a running platform, the
telemetry writer takes 10,000 positions a second out of its log.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import shapely
from bench import Row, report

from tongqu.kernel.geo import Geometry
from tongqu.kernel.layers import Feature, Layer, LayerType, PropertyType, put
from tongqu.kernel.layers.mercator import Tile, tile_at
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.tables import ROOM
from tongqu.kernel.layers.tiles import Tiles
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store, migrate, system_actor
from tongqu.kernel.telemetry.tests.house import House
from tongqu.kernel.telemetry.tests.toy import frame
from tongqu.kit.time import ManualClock

ACTOR = system_actor("bench")
POINTS, RATE, CALLERS, EACH, RUNS = 300_000, 10_000, 4, 25, 3
ZOOMS = range(6, 17)
MOST_MS, MOST_KB = 100.0, 500.0
LAYER = Layer(
    "bench.points",
    "network",
    LayerType.MVT,
    properties={"name": PropertyType.TEXT},
    density_below=12,
    read="bench.read",
)


def points(seed: int = 7) -> np.ndarray:
    """Where people are: clusters of very different size."""
    random = np.random.default_rng(seed)
    centres = random.uniform((117, 29), (121, 32), (400, 2))
    share = random.pareto(1.1, 400)
    of = random.choice(400, POINTS, p=share / share.sum())
    return centres[of] + random.normal(0, 1, (POINTS, 2)) * random.uniform(0.01, 0.15, 400)[of][:, None]


def platform_of(folder: Path, places: np.ndarray) -> Platform:
    clock = ManualClock(1_700_000_000_000)
    store = Store(f"sqlite:///{folder}/layers.sqlite", clock)
    migrate(store, [ROOM])
    made = Platform(
        Settings(folder, store.url),
        clock,
        store,
        (Module("bench", "tongqu.kernel.layers", "platform", layers=(LAYER,)),),
    )
    features = [
        Feature(str(i), Geometry(shapely.Point(x, y)), "stop", {"name": f"站点 {i}"}, region=f"9901{i % 20:02}",
                valid_to_ms=None if i % 50 else clock.now_ms() + 86_400_000)
        for i, (x, y) in enumerate(places.tolist())
    ]  # fmt: skip
    with store.write(ACTOR) as work:
        put(work, LAYER, features)
    made.provide(Projector(made))
    return made


def positions_coming_in(folder: Path, coming: threading.Event, ending: threading.Event, counted: list[int]) -> None:
    """10,000 positions a second through log, decoder and history until it is time to end."""
    house = House(folder)
    sources = [house.terminal(f"t{i}").key for i in range(100)]
    begin = time.monotonic()
    sent, moment = 0, 0
    while not ending.is_set():
        now = house.clock.now_ms() + moment
        moment += 1_000
        for source in sources:
            fixes = [(now + i, 118.5 + i * 1e-5, 30.5) for i in range(10)]
            house.log.append(77, source, now, frame(*fixes))
        house.log.flush()
        sent += 1_000
        house.telemetry.writer.catch_up()
        if not coming.is_set():  # what is compiled at first use is compiled now
            begin, sent = time.monotonic(), 0
            house.telemetry.writer.counts.rows = 0
            coming.set()
        behind = begin + sent / RATE - time.monotonic()
        if behind > 0:
            ending.wait(behind)
    counted.append(round(house.telemetry.writer.counts.rows / (time.monotonic() - begin)))
    house.close()


def asked(places: np.ndarray, seed: int) -> list[Tile]:
    random = np.random.default_rng(seed)
    picked = places[random.integers(0, POINTS, len(ZOOMS) * EACH)]
    tiles = [tile_at(lon, lat, min(ZOOMS[i % len(ZOOMS)], LAYER.max_zoom)) for i, (lon, lat) in enumerate(picked)]
    return list(dict.fromkeys(tiles))


def main() -> int:
    places = points()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        platform = platform_of(folder, places)
        projector = platform.service(Projector)
        begin = time.perf_counter()
        projector.catch_up()
        built_s = time.perf_counter() - begin
        runs: dict[str, list[float]] = {"p95": [], "largest": [], "rate": []}
        for seed in range(RUNS):
            coming, ending, counted = threading.Event(), threading.Event(), []
            (folder / str(seed)).mkdir()
            feeder = threading.Thread(target=positions_coming_in, args=(folder / str(seed), coming, ending, counted))
            feeder.start()
            tiles = Tiles(projector, platform.clock)
            tiles.tile(ACTOR, LAYER, Tile(0, 0, 0))
            coming.wait()
            sizes = []

            def one(tile: Tile, tiles: Tiles = tiles, sizes: list[int] = sizes) -> float:
                started = time.perf_counter()
                served = tiles.tile(ACTOR, LAYER, tile)
                took = time.perf_counter() - started
                sizes.append(len(gzip.decompress(served.gzipped)))
                return took * 1000

            with ThreadPoolExecutor(CALLERS) as callers:
                took = list(callers.map(one, asked(places, seed)))
            ending.set()
            feeder.join()
            runs["p95"].append(float(np.percentile(took, 95)))
            runs["largest"].append(max(sizes) / 1024)
            runs["rate"] += counted
        platform.close()
    rows = [
        Row("tile of 300,000 points, not cached, p95", MOST_MS, runs["p95"], "ms", better="lower"),
        Row("largest tile, not zipped", MOST_KB, runs["largest"], "KB", better="lower"),
        Row("positions taken in beside it", RATE * 0.95, runs["rate"], "1/s"),
        Row("layer made anew from the records", None, built_s, "s", better="lower"),
    ]
    data = (
        f"{POINTS:,} points in 400 clusters, seed 7; {len(ZOOMS) * EACH} tiles a run of zooms 6-16, {CALLERS} callers"
    )
    return report(rows, data=data)


if __name__ == "__main__":
    sys.exit(main())
