"""What the telemetry benches share: a platform with vehicles and their terminals, and JT/T 808 frames of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tongqu.app.platform import SystemClock, prepare
from tongqu.app.registry import modules
from tongqu.kernel import things
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Grant, Store, system_actor
from tongqu.kernel.telemetry import Stream
from tongqu.protocols import jt808

VEHICLE = things.Kind("bench_vehicle", moving=True)
TERMINAL = things.Kind("bench_terminal")
STREAM = Stream("bench.jt808", 60_001, "tongqu.protocols.jt808:positions", fixed_mask=2, source_kind=TERMINAL.id)
COUNTIES = tuple(f"99{city:02d}{county:02d}" for city in (1, 2, 3) for county in range(1, 8))
WEST, SOUTH, STEP = 118.0, 29.0, 0.2
WIDTH = STEP * len(COUNTIES)
"""County number i of `COUNTIES` is the stripe of `STEP` degrees at `WEST + i * STEP`."""
ITEMS = {
    "mileage_km": 12345.6,
    "fuel_l": 88.0,
    "recorder_speed_kmh": 60.0,
    "signals": 0,
    "signal_strength": 24,
    "satellites": 14,
}


class Squares:
    """Finds the county of a point on the bench's map."""

    def codes(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        index = np.clip(((lon - WEST) / STEP).astype(np.int64), 0, len(COUNTIES) - 1)
        return np.array([int(code) for code in COUNTIES], dtype=np.int32)[index]


@dataclass
class House:
    """A platform whose registry holds a fleet; `terminals[i]` is fitted to `vehicles[i]`, in county `i % 21`."""

    platform: Platform
    terminals: np.ndarray
    vehicles: np.ndarray


@contextmanager
def house(vehicles: int, options: dict[str, str] | None = None) -> Iterator[House]:
    """A house in a folder that is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tongqu-bench-"))
    clock = SystemClock()
    settings = Settings(data=folder, database=f"sqlite:///{folder / 'records.db'}", options=options or {})
    own = Module("bench", "tongqu.kernel", "platform", streams=(STREAM,), kinds=(VEHICLE, TERMINAL))
    rooms = tuple(module for module in modules() if module.field == "platform")
    platform = Platform(settings, clock, Store(settings.database, clock), (*rooms, own))
    try:
        prepare(platform)
        yield _filled(platform, vehicles)
    finally:
        platform.close()
        shutil.rmtree(folder, ignore_errors=True)


def _filled(platform: Platform, count: int) -> House:
    with platform.store.write(system_actor("bench")) as work:
        wanted = [
            things.New(
                f"澜A·{number:05d}",
                category=f"kind{number % 8}",
                organisation=f"ORG{number % 300}",
                region=COUNTIES[number % len(COUNTIES)],
                valid_from_ms=0,
            )
            for number in range(count)
        ]
        made = things.mint_many(work, VEHICLE, wanted)
        phones = [things.New(f"{10_000_000_000 + number}", valid_from_ms=0) for number in range(count)]
        terminals = things.mint_many(work, TERMINAL, phones)
        pairs = zip(terminals, made, strict=True)
        things.relate_many(work, [things.Link(t.urn, "fitted_to", v.urn, 0) for t, v in pairs])
    return House(platform, np.array([t.key for t in terminals]), np.array([v.key for v in made]))


def frames(second_ms: int, variants: int = 50) -> list[bytes]:
    """Frames of one second: 0x0200 with six items, spread over the map, all creeping north and back at 40 km/h."""
    creep = abs(second_ms // 1000 % 2000 - 1000) * 1e-4
    made = []
    for variant in range(variants):
        body = {
            "alarm": 0,
            "status": 0x000C0003,
            "latitude_deg": SOUTH + variant * 0.7548776662 % 1.0 + creep,
            "longitude_deg": WEST + variant * 0.5698402910 % 1.0 * WIDTH,
            "altitude_m": 12,
            "speed_kmh": 40.0,
            "heading_deg": variant % 360,
            "time_ms": second_ms,
            "extras": ITEMS,
        }
        made += jt808.encode(0x0200, body, phone=str(10_000_000_000 + variant), serial=variant % 65536)
    return made


def actor(region: str | None = None) -> Actor:
    """Somebody who sees everything, or a region."""
    permissions = frozenset({"telemetry.read", "telemetry.export", "telemetry.quarantine"})
    return Actor("bench", "bench", grants=(Grant("bench", permissions, region=region, everywhere=region is None),))
