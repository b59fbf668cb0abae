"""Telemetry of the API process: owner of the history, of the writer, and of what is shown live."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry.directory import FOREVER, Directory, View
from tongqu.kernel.telemetry.history import History
from tongqu.kernel.telemetry.ingest import Ingest, RegionLocator
from tongqu.kernel.telemetry.latest import Latest
from tongqu.kernel.telemetry.log import drop_before
from tongqu.kernel.telemetry.movers import MoversView, Shown
from tongqu.kernel.telemetry.past import Past
from tongqu.kernel.telemetry.reader import LogReader
from tongqu.kernel.telemetry.record import Record
from tongqu.kernel.telemetry.sealing import Ending, Sealer, clean
from tongqu.kernel.telemetry.settle import SETTLE_ROWS
from tongqu.kernel.telemetry.sight import Sight
from tongqu.kernel.telemetry.sources import Sources
from tongqu.kernel.telemetry.stream import Stream
from tongqu.kernel.telemetry.writer import Writer
from tongqu.kit.errors import NotFound
from tongqu.kit.time import DAY_MS, HOUR_MS, MINUTE_MS

log = logging.getLogger("tongqu.telemetry")

KEEP_EVERY_S = 10.0
TIDY_EVERY_S = 600.0
MOVING_MS = 10_000
TRACK = (
    "time_ms", "lon", "lat", "speed_kmh", "heading_deg", "altitude_m", "alarm", "status", "mileage_km", "flags",
    "region", "received_ms", "source", "log_offset",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """Settings of the room, each `telemetry.{name}` of the installation.

    Attributes:
        seal_after_minutes: an hour is sealed when it ended so long ago.
        log_days: how long raw frames are kept, and with them the frame of each point.
        quarantine_days: how long refused frames are kept.
        stale_hours: a fix that arrives so late without being a refill is flagged.
        offline_minutes: a mover without a fix for so long is shown as stale.
        memory_mb, threads: of DuckDB. With one thread each query runs in the thread that asks: short ones do not wait
            for a pool, and sealing leaves the other cores to gateway and requests.
        settle_rows: how many rows are kept in the order of arrival.
    """

    seal_after_minutes: float = 15.0
    log_days: float = 7.0
    quarantine_days: float = 30.0
    stale_hours: float = 24.0
    offline_minutes: float = 5.0
    memory_mb: int = 1024
    threads: int = 1
    settle_rows: int = SETTLE_ROWS

    @classmethod
    def of(cls, options: dict[str, str]) -> Options:
        """From the settings of the installation.

        Raises:
            ValueError: a value is no number.
        """
        given: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if (text := options.get(f"telemetry.{field.name}")) is not None:
                given[field.name] = int(text) if isinstance(field.default, int) else float(text)
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it arrived: the bytes behind a point, or behind a row of the quarantine."""

    frame_id: str
    raw: bytes
    received_ms: int
    source: int
    source_urn: str | None
    stream: str
    kind: str
    reason: str
    remote: str


def frame_id(offset: int) -> str:
    """The name of a frame on the wire: opaque, good as long as the log keeps the frame; empty for a row without one."""
    return str(offset) if offset >= 0 else ""


def kinds_of(modules: Sequence[Module]) -> list[str]:
    """Kinds of things that are sources or subjects of streams."""
    moving = {kind.id for module in modules for kind in module.kinds if kind.moving}
    return sorted(moving | {stream.source_kind for module in modules for stream in module.streams})


class Telemetry:
    """The service. `start` begins to turn the log into rows, `stop` ends it.

    Attributes:
        latest, movers, directory, history, writer: its parts.
    """

    def __init__(self, platform: Platform, options: Options | None = None) -> None:
        self.options = options or Options.of(platform.settings.options)
        self.streams: tuple[Stream, ...] = tuple(s for module in platform.modules for s in module.streams)
        self.clock = platform.clock
        self.log_folder = platform.settings.log
        kinds = [kind for module in platform.modules for kind in module.kinds]
        declared = [(kind.id, category.code) for kind in kinds for category in kind.categories]
        self.directory = Directory(platform.store, kinds_of(platform.modules), declared)
        self.history = History(
            platform.settings.data / "history", memory_mb=self.options.memory_mb, threads=self.options.threads
        )
        self.reader = LogReader(self.log_folder)
        self.latest = Latest()
        sources = Sources(round(self.options.stale_hours * HOUR_MS))
        regions = platform.service(cast(Any, RegionLocator)) if platform.has(RegionLocator) else None
        self.writer = Writer(
            self.reader,
            Ingest(self.streams, self.history, self.directory, sources, regions),
            self.history,
            self.directory,
            sources,
            self.latest,
            self.clock,
            seal_after_ms=self.seal_after_ms,
            settle_rows=self.options.settle_rows,
            inbox_folder=platform.settings.data / "inbox",
        )
        self.movers = MoversView(
            self.latest,
            self.directory,
            self.streams,
            self.clock,
            offline_ms=round(self.options.offline_minutes * MINUTE_MS),
        )
        self.past = Past(self.history, self.movers)
        self.sealer = Sealer(self.history, self.seal_after_ms)
        self._ending = self.sealer.ending
        self._keeper: threading.Thread | None = None
        self._tidied_at = -TIDY_EVERY_S

    @property
    def seal_after_ms(self) -> int:
        return round(self.options.seal_after_minutes * MINUTE_MS)

    def prepare(self) -> None:
        """Take up what is stored: remove what a crash left half done, load the latest values."""
        clean(self.history)
        self.writer.load()

    def start(self) -> None:
        """Prepare, and begin to write and to seal."""
        self.prepare()
        self.writer.start()
        self._keeper = threading.Thread(target=self._keep, name="telemetry-keeper", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End after the batch at hand. A kill does as well: what was not done is done at the next start."""
        self._ending.set()
        self.writer.stop()
        if self._keeper is not None:
            self._keeper.join()
        self.history.close()

    def _keep(self) -> None:
        while not self._ending.wait(KEEP_EVERY_S):
            try:
                self.keep()
            except Ending:
                return
            except Exception:
                log.exception("sealing failed and is tried again")

    def keep(self) -> None:
        """Seal what is closed, and let go what is older than its retention."""
        now = self.clock.now_ms()
        if self.sealer.due(now):
            self.writer.settle_now()
        self.sealer.run(now)
        if time.monotonic() - self._tidied_at >= TIDY_EVERY_S:
            self._tidied_at = time.monotonic()
            self.let_go()

    def let_go(self) -> None:
        """Give up what is older than its retention: sealed rows, refused frames, segments whose rows are stored."""
        now = self.clock.now_ms()
        days = [stream.retention_days for stream in self.streams]
        kept = [day for day in days if day is not None]
        if days and len(kept) == len(days):
            self.sealer.expire(now - max(kept) * DAY_MS)
        with self.history.writing() as cursor:
            before = now - round(self.options.quarantine_days * DAY_MS)
            cursor.execute("DELETE FROM quarantine WHERE received_ms < ?", [before])
        drop_before(self.log_folder, self.history.get("offset"), now - round(self.options.log_days * DAY_MS))

    def lag(self) -> tuple[int, float]:
        """How far the rows are behind the log: bytes, and seconds since the newest row's receipt if there are any."""
        end = self.reader.end or 0
        behind = max(0, end - self.writer.offset) if self.writer.offset else _bytes_from(self.reader, end)
        last = self.writer.counts.last_received_ms
        if not behind or not last:
            return behind, 0.0
        return behind, max(0.0, (self.clock.now_ms() - last) / 1000)

    def moving(self) -> bool:
        """Whether fixes came in within the last ten seconds and moved something."""
        now = self.clock.now_ms()
        return now - self.latest.fix_ms <= MOVING_MS and now - self.latest.moved_ms <= MOVING_MS

    def health(self) -> dict[str, Any]:
        """Figures for the health page."""
        lag_bytes, lag_s = self.lag()
        counts = self.writer.counts
        return {
            "lag_bytes": lag_bytes,
            "lag_s": round(lag_s, 1),
            "moving": self.moving(),
            "movers": int(self.movers.shown().there.sum()),
            "records": counts.records,
            "rows": counts.rows,
            "repeated": counts.repeated,
            "refused": counts.refused,
            "error": counts.error or None,
        }

    def subject(self, urn: str, actor: Actor) -> tuple[View, int, Sight]:
        """The slot of a thing and what the actor sees.

        Raises:
            NotFound: `telemetry.unknown_mover`: there is none.
        """
        view = self.directory.view
        slot = view.by_urn.get(urn, -1)
        if not 0 <= slot < len(view):
            raise NotFound("telemetry.unknown_mover", urn=urn)
        return view, slot, self.movers.sight(actor, view)

    def track(self, urn: str, actor: Actor, from_ms: int, to_ms: int) -> dict[str, NDArray[Any]]:
        """The rows of a thing in `[from_ms, to_ms)` that an actor sees, by time: columns `TRACK`.

        Which sources it had then is read from the registry, so a binding that was corrected counts at once.

        Raises:
            NotFound: `telemetry.unknown_mover`: there is none, or nothing of it that the actor may see.
        """
        view, slot, sight = self.subject(urn, actor)
        rows = self.history.rows_of(view.sources_of(slot, from_ms, to_ms), TRACK)
        seen = sight.rows(slot, rows["region"])
        if not seen.all():
            rows = {name: column[seen] for name, column in rows.items()}
        if not len(rows["time_ms"]) and not self._sees_now(view, slot, sight):
            raise NotFound("telemetry.unknown_mover", urn=urn)
        return rows

    def shown_at(self, at_ms: int | None) -> Shown | None:
        """The picture of a moment (UTC ms); None for the present, and for what is yet to come."""
        return None if at_ms is None or at_ms >= self.clock.now_ms() else self.past.at(at_ms)

    def _sees_now(self, view: View, slot: int, sight: Sight) -> bool:
        if sight.at_home(slot):
            return True
        shown = self.movers.shown()
        if slot >= len(shown.there) or not shown.there[slot]:
            return False
        return bool(sight.present(shown.snapshot.columns["region"][slot : slot + 1])[0])

    def frame(self, name: str, actor: Actor | None = None) -> Frame:
        """A frame by its id, as long as the log keeps it.

        Args:
            actor: if given, the frame is only found if the actor sees its source, what the source was fitted to, or
                a row that came of it.

        Raises:
            NotFound: `telemetry.unknown_frame`: there is none (any more), or none that the actor may see.
        """
        offset = int(name) if name.isdecimal() and len(name) < 20 else -1
        record = self.reader.record(offset) if 0 <= offset < FOREVER else None
        if record is None or (actor is not None and not self._sees_record(actor, record)):
            raise NotFound("telemetry.unknown_frame", frame=name[:40])
        view = self.directory.view
        slot = view.slot(record.source)
        return Frame(
            frame_id=frame_id(offset),
            raw=record.raw,
            received_ms=record.received_ms,
            source=record.source,
            source_urn=str(view.urn[slot]) if slot >= 0 else None,
            stream=next((stream.id for stream in self.streams if stream.number == record.stream), ""),
            kind="refused" if record.kind else "frame",
            reason=record.reason,
            remote=record.remote,
        )

    def _sees_record(self, actor: Actor, record: Record) -> bool:
        view = self.directory.view
        sight = self.movers.sight(actor, view)
        if sight.all:
            return True
        slot = view.slot(record.source)
        if slot < 0:
            return False
        source = np.array([slot], dtype=np.int32)
        fitted = int(view.subjects(source, np.array([record.received_ms], dtype=np.int64))[0])
        if sight.at_home(slot) or sight.at_home(fitted):
            return True
        rows = self.history.rows_of_frame(record.source, record.offset, record.received_ms)
        return bool(sight.present(rows["region"]).any())


def _bytes_from(reader: LogReader, end: int) -> int:
    begin = reader.begin()
    return end - begin if begin is not None else 0
