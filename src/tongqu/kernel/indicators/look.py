"""The owner's side: finds what is due, hands over what the job needs, and reads the rows behind a figure.

Runs in the API process, which owns the history.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.ipc as ipc

from tongqu.kernel import jobs
from tongqu.kernel.indicators import plan, store
from tongqu.kernel.indicators.plan import Known, Wanted
from tongqu.kernel.indicators.service import Asked, declared, folder_of, legal_numbers, projections
from tongqu.kernel.indicators.sources import Registry, Source, table_name, tables_of
from tongqu.kernel.indicators.values import SCOPE_COLUMNS, Indicator, Window
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, system_actor
from tongqu.kernel.telemetry import Telemetry
from tongqu.kernel.telemetry.handover import hand_over
from tongqu.kernel.telemetry.history import Part, parts
from tongqu.kit.errors import TooLarge
from tongqu.kit.ids import new_id
from tongqu.kit.time import DAY_MS, HOUR_MS

log = logging.getLogger("tongqu.indicators")
PLATFORM = system_actor("indicators")
BACK_DAYS = 31
RECORDS_BACK_MS = 72 * HOUR_MS
"""So long records of other rooms are watched for changes; a window is computed once more when it leaves that time."""
MOST_UNSEALED = 4_000_000
"""So many unsealed rows are copied for the window that is still running; with more it waits until they are sealed."""
MOST_ROWS = 50_000
STALE_S = 2 * 86_400
_OPEN = ("queued", "running")


@dataclass
class Keeper:
    """What the API process knows of indicators: the registry as tables, the job under way."""

    platform: Platform
    registry: Registry = field(default_factory=Registry)
    job: str | None = None

    def registry_tables(self) -> tuple[pa.Table, pa.Table]:
        with self.platform.store.read(PLATFORM) as work:
            return self.registry.tables(work)

    def busy(self) -> bool:
        """Whether the job that was submitted last has not ended."""
        if self.job is None:
            return False
        with self.platform.store.read(PLATFORM) as work:
            return bool(jobs.get(work, self.job)["state"] in _OPEN)

    def due(
        self, only: Sequence[str] = (), period: str | None = None, span: tuple[int, int] | None = None
    ) -> list[Wanted]:
        """What is to be computed now.

        Args:
            only: ids of indicators; all by default.
            period, span: windows of that period that begin in that time, whether anything changed or not.
        """
        known = [one for one in declared(self.platform).values() if not only or one.id in only]
        now = self.platform.clock.now_ms()
        since = now - BACK_DAYS * DAY_MS if span is None else span[0]
        history = self.platform.service(Telemetry).history
        with history.reading() as cursor:
            there = parts(cursor)
        closed_before = history.get("closed_before")
        bindings = plan.Bindings(self.registry_tables()[1])
        records = self._records(known, max(since, now - RECORDS_BACK_MS), now)
        wanted: dict[Window, Wanted] = {}
        for indicator in known:
            stored = self._stored(indicator, since - DAY_MS)
            for window in plan.windows_with_rows(indicator, there, since, now):
                if span is not None and not (window.period == period and span[0] <= window.from_ms < span[1]):
                    continue
                closed = plan.is_closed(window, there, closed_before)
                told = self._fingerprint(indicator, window, there, bindings, records, now)
                before = stored.get((window.period, window.from_ms))
                if span is None and before is not None and before.holds(told, closed, now):
                    continue
                one = wanted.setdefault(window, Wanted(window, closed, {}))
                one.fingerprints[indicator.id] = told
        return plan.chosen(wanted.values())

    def _stored(self, indicator: Indicator, since_ms: int) -> dict[tuple[str, int], Known]:
        with self.platform.store.read(PLATFORM) as work:
            rows = store.runs(work, indicator.id, indicator.version, since_ms)
        return {
            (row["period"], row["from_ms"]): Known(row["fingerprint"], bool(row["closed"]), row["computed_ms"])
            for row in rows
        }

    def _records(self, known: Sequence[Indicator], since_ms: int, now_ms: int) -> dict[str, plan.Slices]:
        declared_here = projections(self.platform)
        names = {name for indicator in known for name in indicator.projections}
        with self.platform.store.read(PLATFORM) as work:
            return {name: plan.Slices(declared_here[name].read(work, since_ms, now_ms)) for name in names}

    def _fingerprint(
        self, indicator: Indicator, window: Window, there: Sequence[Part], bindings: plan.Bindings,
        records: dict[str, plan.Slices], now_ms: int,
    ) -> str:  # fmt: skip
        recent = window.from_ms >= now_ms - RECORDS_BACK_MS
        return plan.digest([
            plan.parts_of(window, there),
            bindings.digest(window),
            [records[name].digest(window) if recent else "" for name in indicator.projections],
            [one["value"] for one in legal_numbers(indicator, window.from_ms)],
        ])  # fmt: skip

    def order(self, wanted: Sequence[Wanted], actor: Actor = PLATFORM) -> str | None:
        """Hand over what the windows need and submit the job; gives its id, None where there is nothing to do."""
        if not wanted:
            return None
        begin = min(one.window.from_ms for one in wanted)
        end = max(one.window.to_ms for one in wanted)
        token = new_id()
        folder = folder_of(self.platform, token)
        folder.mkdir(parents=True)
        try:
            files = hand_over(self.platform.service(Telemetry).history, folder, begin, end)
            for name, table in self._tables(list(declared(self.platform).values()), begin, end).items():
                _write_arrow(folder / f"{name}.arrow", table)
            windows = [{**asdict(one.window), "closed": one.closed, "fingerprints": one.fingerprints} for one in wanted]
            order = {"windows": windows, "files": [asdict(one) for one in files]}
            (folder / "order.json").write_bytes(orjson.dumps(order))
            from tongqu.kernel.indicators.module import COMPUTE

            with self.platform.store.write(actor) as work:
                self.job = jobs.submit(
                    work, COMPUTE, {"order": token}, title_key="indicators.jobs.compute",
                    title_params={"windows": len(wanted)},
                )  # fmt: skip
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self.job

    def _tables(self, known: Sequence[Indicator], from_ms: int, to_ms: int) -> dict[str, pa.Table]:
        """All tables of records that indicators read, by their name."""
        things, bindings = self.registry_tables()
        declared_here = projections(self.platform)
        names = {
            name for indicator in known for name in indicator.projections if declared_here[name].of_positions is None
        }
        with self.platform.store.read(PLATFORM) as work:
            others = {table_name(name): declared_here[name].read(work, from_ms, to_ms) for name in names}
        return {"things": things, "bindings": bindings, **others}

    def rows(
        self, actor: Actor, indicator: Indicator, window: Window, asked: Asked, offset: int, limit: int
    ) -> tuple[pa.Table, int]:
        """The rows that a figure of a window is the sum of, as far as the actor sees them, and how many there are.

        Raises:
            TooLarge: `indicators.unsealed_rows`: so many rows have come in that they are shown once they are sealed.
        """
        history = self.platform.service(Telemetry).history
        with TemporaryDirectory(dir=self.platform.settings.data, prefix="rows-") as folder:
            with history.reading() as cursor:
                there = [part for part in parts(cursor) if part.may_hold(window.from_ms, window.to_ms)]
                loose = [part for part in there if part.kind != "file"]
                if sum(part.rows for part in loose) > MOST_UNSEALED:
                    raise TooLarge("indicators.unsealed_rows")
                unsealed = [_rows_of(cursor, part.name, window) for part in loose]
            source = Source(Path(folder), memory_mb=512, threads=1)
            try:
                for name, table in self._tables([indicator], window.from_ms, window.to_ms).items():
                    source.put(name, table)
                source.look_at(window, [history.files / part.name for part in there if part.kind == "file"], unsealed)
                declared_here = projections(self.platform)
                source.derive(self.platform, [declared_here[name] for name in indicator.projections])
                numbers = {one["id"]: one["value"] for one in legal_numbers(indicator, window.from_ms)}
                expression = indicator.rows(tables_of(indicator, declared_here, numbers), window)
                seen = _seen(expression, actor, indicator, asked)
                order = indicator.order.removeprefix("-")
                column = seen[order].desc() if indicator.order.startswith("-") else seen[order]
                ordered = seen.order_by(
                    [column, *(seen[name] for name in ("urn",) if name in seen.columns and name != order)]
                )
                total = int(source.fetch(seen.aggregate(n=seen.count()))["n"][0].as_py())
                return source.fetch(ordered.limit(min(limit, MOST_ROWS), offset=offset)), total
            finally:
                source.close()


def _rows_of(cursor: Any, table: str, window: Window) -> pa.Table:
    where = f"time_ms >= {window.from_ms} AND time_ms < {window.to_ms}"
    return cursor.execute(f"SELECT * FROM {table} WHERE {where}").to_arrow_table()


def _seen(rows: Any, actor: Actor, indicator: Indicator, asked: Asked) -> Any:
    """The rows an actor sees: the same rule as for observations, so that they add up to the figure."""
    import ibis

    grants = actor.grants_for(indicator.read)
    organisation, region = (rows[name] for name in SCOPE_COLUMNS)
    if not any(grant.all or grant.everywhere for grant in grants):
        conditions = [ibis.literal(False)]
        for grant in grants:
            if grant.organisations:
                conditions.append(organisation.isin(sorted(grant.organisations)))
            if grant.region is not None:
                conditions.append(region.startswith(grant.region))
        rows = rows.filter(ibis.or_(*conditions).fill_null(False))
    if asked.region:
        rows = rows.filter(rows.region.startswith(asked.region))
    if asked.organisation:
        rows = rows.filter(rows.organisation == asked.organisation)
    if asked.key is not None and indicator.grain:
        for name, value in zip(indicator.grain, asked.key.split("|"), strict=False):
            rows = rows.filter(rows[name].cast("string").fill_null("") == value)
    return rows


def _write_arrow(path: Path, table: pa.Table) -> None:
    with ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)


def keeper_of(platform: Platform) -> Keeper:
    if not platform.has(Keeper):
        platform.provide(Keeper(platform))
    return platform.service(Keeper)


def run(platform: Platform) -> None:
    """The schedule: have computed what is due, one job at a time."""
    if not platform.has(Telemetry):
        return
    tidy(platform)
    keeper = keeper_of(platform)
    if keeper.busy():
        return
    wanted = keeper.due()
    if _unsealed(platform) > MOST_UNSEALED:
        wanted = [one for one in wanted if one.closed]
    keeper.order(wanted)


def _unsealed(platform: Platform) -> int:
    with platform.service(Telemetry).history.reading() as cursor:
        return sum(part.rows for part in parts(cursor) if part.kind != "file")


def tidy(platform: Platform) -> None:
    """Throw away what was handed over and never fetched."""
    for folder in (platform.settings.data / "indicators").glob("*"):
        if time.time() - folder.stat().st_mtime > STALE_S:
            shutil.rmtree(folder, ignore_errors=True)
