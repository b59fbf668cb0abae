"""Rules: what the rules of supervision and of the devices' own alarms cost live, and how long a day's replay takes.

Live: 10,000 vehicles of the demo province at 1 Hz on its roads, rows in batches as the telemetry writer commits them
(a quarter of a second), all rules of fleets and equipment, 50 areas. Counted is the processor time of the engine,
without the writer and without alarms being stored. Replay: a day of 2,000 vehicles (10 M fixes), by subject and time;
its alarms are compared with those of the same day taken live, as rows came.

    python benches/rules.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from bench import Row, report

from tongqu.app import registry
from tongqu.domains.equipment.alarm_bits import RULES as BITS
from tongqu.domains.fleets import store as fleets
from tongqu.domains.fleets.module import MODULE as FLEETS
from tongqu.domains.fleets.rules import RULES
from tongqu.domains.fleets.tables import AREA
from tongqu.kernel.geo import Geometry
from tongqu.kernel.geo.limits import SegmentLimits, SpeedLimits
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.rules.engine import Engine, spans
from tongqu.kernel.rules.replay import replay
from tongqu.kernel.store import Store, migrate, system_actor
from tongqu.kernel.telemetry.directory import View
from tongqu.kernel.telemetry.rows import Rows, empty, take
from tongqu.kit.time import DAY_MS, ManualClock, parse_iso
from tongqu.kit.world import drive
from tongqu.kit.world import world as worlds
from tongqu.kit.world.values import RoadClass, World

BEGIN = parse_iso("2026-11-23T00:00:00")
BATCHES_A_SECOND = 4
SECONDS = 60
STEP_S = 17
AREAS = 50


def platform(folder: Path, world: World) -> Platform:
    """What the rules ask for: limits of the world's roads, and areas."""
    import shapely

    clock = ManualClock(BEGIN)
    store = Store(f"sqlite:///{folder}/records.db", clock)
    assert FLEETS.room is not None
    migrate(store, [FLEETS.room])
    rng = np.random.default_rng(7)
    west, south, east, north = world.land_bounds
    with store.write(system_actor("bench")) as work:
        for number in range(AREAS):
            lon, lat = rng.uniform(west, east), rng.uniform(south, north)
            shape = Geometry(shapely.Point(lon, lat).buffer(0.02))
            kind = ("keep_out", "speed")[number % 2]
            about = {"id": str(number), "name": str(number), "kind": kind, "cause": "", "region": "99", "revision": 1}
            times = {"valid_from_ms": 0, "valid_to_ms": None, "created_ms": 0, "organisation": None, "width_m": None}
            whom = {"categories": ["heavy_truck"], "vehicles": [], "limit_kmh": 60.0}
            fleets.add(work, AREA, [about | times | whom | shape.as_columns()])
    made = Platform(Settings(folder, store.url), clock, store)
    net = world.network
    begins = np.ones(len(net.point_lon), dtype=np.bool_)
    begins[net.point_start[1:] - 1] = False
    first = np.flatnonzero(begins)
    edge = np.repeat(np.arange(net.edges), np.diff(net.point_start) - 1)
    limits = SegmentLimits(
        net.point_lon[first],
        net.point_lat[first],
        net.point_lon[first + 1],
        net.point_lat[first + 1],
        net.edge_limit_kmh[edge],
        net.edge_class[edge] == RoadClass.EXPRESSWAY,
    )
    made.provide(limits, SpeedLimits)
    return made


def directory(world: World) -> View:
    """The vehicles of a world, keys from 1 on."""
    n = len(world.fleet.vehicles) + 1
    codes = sorted({vehicle.category for vehicle in world.fleet.vehicles})
    category = [0, *(1 + codes.index(vehicle.category) for vehicle in world.fleet.vehicles)]
    names = np.array([f"urn:tongqu:vehicle:{i}" for i in range(n)], dtype=object)
    return View(
        version=1,
        key=np.arange(n, dtype=np.int64),
        slot_of_key=np.arange(n, dtype=np.int32),
        home=np.full(n, 990_000_000_000, dtype=np.int64),
        organisation=np.zeros(n, dtype=np.int32),
        kind=np.zeros(n, dtype=np.int16),
        category=np.array(category, dtype=np.int16),
        urn=names,
        label=names,
        organisations={"": 0},
        kinds={"vehicle": 0},
        categories=(("", ""), *(("vehicle", code) for code in codes)),
        binding_start=np.zeros(n + 1, dtype=np.int64),
        binding_subject=np.zeros(0, dtype=np.int32),
        binding_from=np.zeros(0, dtype=np.int64),
        binding_to=np.zeros(0, dtype=np.int64),
        by_urn={},
    )


def rows_of(fixes: drive.Fixes, at_ms: int) -> Rows:
    """One row of each vehicle."""
    n = len(fixes.lon)
    rows = empty(n)
    rows["subject"][:] = rows["source"][:] = np.arange(1, n + 1)
    rows["time_ms"][:] = rows["received_ms"][:] = rows["key"][:] = at_ms
    rows["log_offset"][:] = at_ms - BEGIN + np.arange(n)
    for name in ("lon", "lat", "speed_kmh"):
        rows[name][:] = getattr(fixes, name)
    rows["heading_deg"][:] = fixes.heading_deg.astype(np.int16) % 360
    rows["alarm"][:] = np.where(fixes.speed_kmh > fixes.limit_kmh * 1.1, 2, 0)
    return rows


def rules(made: Platform) -> list[Any]:
    return [(rule, rule.make(made)) for rule in (*RULES, *BITS)]


def live(world: World, made: Platform) -> tuple[float, int]:
    """Processor seconds per second of 10,000 vehicles at 1 Hz, and how many rules said something."""
    state = drive.start(world, 7, BEGIN + 8 * 3_600_000)
    engine = Engine(rules(made), directory(world))
    spent, said = 0.0, 0
    for second in range(-5, SECONDS):
        rows = rows_of(drive.advance(state, state.now_ms + 1000), state.now_ms)
        n = len(rows["lon"])
        for part in np.array_split(np.arange(n), BATCHES_A_SECOND):
            piece = take(rows, part)
            began = time.thread_time()
            said += len(engine.take(piece).transitions) + len(engine.tick())
            if second >= 0:  # the first seconds warm up
                spent += time.thread_time() - began
    return spent / SECONDS, said


def day(world: World) -> Iterator[Rows]:
    """A day of a world, one tick after another."""
    state = drive.start(world, 7, BEGIN)
    while state.now_ms < BEGIN + DAY_MS:
        fixes = drive.advance(state, state.now_ms + STEP_S * 1000)
        yield rows_of(fixes, state.now_ms)


def by_subject(ticks: list[Rows], at_once: int = 1_000_000) -> Iterator[Rows]:
    """The same rows by vehicles."""
    n = len(ticks[0]["lon"])
    for part in np.array_split(np.arange(n), max(1, n * len(ticks) // at_once)):
        yield {name: np.concatenate([tick[name][part] for tick in ticks]) for name in ticks[0]}


def main() -> int:
    registry.modules()  # catalogues and rulebooks
    with tempfile.TemporaryDirectory() as folder:
        big = worlds.make(seed=7, scale=5)
        made = platform(Path(folder), big)
        runs = [live(big, made)[0] for _ in range(3)]
        small = replace(big, fleet=replace(big.fleet, vehicles=big.fleet.vehicles[::5]))
        ticks = list(day(small))
        count = sum(len(tick["lon"]) for tick in ticks)
        engine, came = Engine(rules(made), directory(small)), []
        for tick in ticks:
            came += engine.take(tick).transitions + engine.tick()
        by: dict[tuple[int, int], list[Any]] = {}
        for number, one in came:
            by.setdefault((number, one.subject), []).append(one)
        known = {
            (engine.rules[number][0].id, subject, onset): (span.began, span.ended)
            for (number, subject), said in by.items()
            for onset, span in spans(said).items()
        }
        times, same = [], True
        for _ in range(3):
            began = time.perf_counter()
            found, rows = replay(rules(made), directory(small), by_subject(ticks), engine.watermark_ms)
            times.append(time.perf_counter() - began)
            assert rows == count
            same = same and {key: (span.began, span.ended) for key, span in found.items()} == known
        made.close()
    names = f"{len(RULES)} rules of supervision, {len(BITS)} bits of the alarm word, {AREAS} areas"
    return report(
        [
            Row("rules, 10,000 vehicles at 1 Hz", 0.5, runs, "core", "lower", note=names),
            Row(f"replay of a day, {count / 1e6:.1f} M fixes", 60, times, "s", "lower", note=f"{len(known)} alarms"),
            Row("replay gives the same alarms as live", 1, float(same), "", note="rule, subject, onset, end, values"),
        ],
        data="demo province, seed 7",
    )


if __name__ == "__main__":
    raise SystemExit(main())
