"""A small house around telemetry for its tests: registry of terminals and vehicles, a log, a clock that stands."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tongqu.kernel import things
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Grant, Room, Store, Work, migrate, system_actor
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.service import Options, RegionLocator, Telemetry
from tongqu.kernel.telemetry.tests.toy import TOY, frame
from tongqu.kernel.things import Kind
from tongqu.kit.time import HOUR_MS, ManualClock

NOON = 1_795_406_400_000 // HOUR_MS * HOUR_MS
VEHICLE = Kind("vehicle", moving=True)
TERMINAL = Kind("terminal")
SYSTEM = system_actor("test")


class Squares:
    """Counties of one degree: 990000 + column * 100 + row, none south of the equator."""

    def codes(self, lon: Any, lat: Any) -> Any:
        codes = 990_000 + np.floor(lon - 100).astype(np.int32) * 100 + np.floor(lat - 20).astype(np.int32)
        return np.where(lat > 0, codes, 0).astype(np.int32)


def rooms() -> list[Room]:
    from tongqu.kernel.audit.module import MODULE as AUDIT
    from tongqu.kernel.documents.module import MODULE as DOCUMENTS
    from tongqu.kernel.identity.module import MODULE as IDENTITY
    from tongqu.kernel.jobs.module import MODULE as JOBS
    from tongqu.kernel.things.module import MODULE as THINGS

    return [module.room for module in (AUDIT, IDENTITY, JOBS, DOCUMENTS, THINGS) if module.room is not None]


@cache
def migrated() -> Path:
    """An empty record store with all tables, made once."""
    path = Path(tempfile.mkdtemp()) / "records.db"
    store = Store(f"sqlite:///{path}", ManualClock(NOON))
    migrate(store, rooms())
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


class House:
    """Opens over a folder; `reopen` is what a restart after a crash sees."""

    def __init__(self, folder: Path, at_ms: int = NOON, **options: Any) -> None:
        self.folder = folder
        self.clock = ManualClock(at_ms)
        self.options = Options(**({"threads": 1, "memory_mb": 500} | options))
        shutil.copyfile(migrated(), folder / "records.db")
        self.store = Store(f"sqlite:///{folder / 'records.db'}", self.clock)
        self.log = LogWriter(folder / "log", self.clock, segment_bytes=1 << 16)
        self.telemetry = self._open()

    def _open(self) -> Telemetry:
        module = Module("toys", "tongqu.kernel.telemetry.tests", "platform", streams=(TOY,), kinds=(VEHICLE, TERMINAL))
        settings = Settings(data=self.folder, database=self.store.url)
        self.platform = Platform(settings, self.clock, self.store, (module,))
        self.platform.provide(Squares(), RegionLocator)
        telemetry = Telemetry(self.platform, self.options)
        telemetry.sealer.pace = 0
        telemetry.prepare()
        self.platform.provide(telemetry)
        return telemetry

    def reopen(self) -> None:
        self.telemetry.history.close()
        self.telemetry = self._open()

    def close(self) -> None:
        self.telemetry.stop()
        self.log.close()
        self.store.close()

    def work(self) -> Any:
        return self.store.write(SYSTEM)

    def vehicle(self, name: str, **about: Any) -> things.Thing:
        with self.work() as work:
            return things.mint(work, VEHICLE, name, valid_from_ms=0, id=name, **about)

    def terminal(self, name: str, vehicle: things.Thing | None = None, from_ms: int = 0, **about: Any) -> things.Thing:
        with self.work() as work:
            terminal = things.mint(work, TERMINAL, name, valid_from_ms=0, id=name, **about)
            if vehicle is not None:
                things.relate(work, terminal.urn, "fitted_to", vehicle.urn, from_ms)
        return terminal

    def pair(self, name: str, **about: Any) -> tuple[things.Thing, things.Thing]:
        """A vehicle and the terminal fitted to it."""
        vehicle = self.vehicle(name, **about)
        return vehicle, self.terminal(f"t-{name}", vehicle)

    def fit(self, terminal: things.Thing, vehicle: things.Thing, from_ms: int, to_ms: int | None = None) -> int:
        with self.work() as work:
            return things.relate(work, terminal.urn, "fitted_to", vehicle.urn, from_ms, to_ms).id

    def relations(self, work: Work, thing: things.Thing) -> list[things.Relation]:
        return things.relations(work, thing.urn)

    def send(self, source: int, *raws: bytes, received_ms: int | None = None) -> list[int]:
        """Frames into the log, durable."""
        at = self.clock.now_ms() if received_ms is None else received_ms
        offsets = [self.log.append(TOY.number, source, at, raw) for raw in raws]
        self.log.flush()
        return offsets

    def fix(self, source: int, *fixes: tuple[Any, ...], refill: bool = False) -> list[int]:
        """One frame with fixes (time_ms, lon, lat, ...) into the log, durable."""
        return self.send(source, frame(*fixes, refill=refill))

    def catch_up(self) -> None:
        self.telemetry.writer._asked_directory = 0.0
        self.telemetry.writer._follow_directory()
        self.telemetry.writer.catch_up()

    def rows(self) -> list[tuple[Any, ...]]:
        """All stored rows by natural key, wherever they are: (source, time_ms, key, lon, lat, flags)."""
        from tongqu.kernel.telemetry.history import parts

        history = self.telemetry.history
        with history.reading() as cursor:
            union = " UNION ALL ".join(f"SELECT * FROM {history.table_of(part)}" for part in parts(cursor))
            return cursor.execute(
                f"SELECT source, time_ms, key, lon, lat, flags FROM ({union}) ORDER BY ALL"
            ).fetchall()


def person(*grants: Grant) -> Actor:
    return Actor("p", "p", grants=grants)


def over(region: str | None = None, organisations: set[str] | None = None, everywhere: bool = False) -> Actor:
    """An actor who may read and export telemetry over a region or organisations."""
    permissions = frozenset({"telemetry.read", "telemetry.export", "telemetry.quarantine"})
    held = None if organisations is None else frozenset(organisations)
    return person(Grant("r", permissions, organisations=held, region=region, everywhere=everywhere))
