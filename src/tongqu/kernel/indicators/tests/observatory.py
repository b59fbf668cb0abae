"""A house of telemetry with the room of indicators: computes what is due as schedule and worker do together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tongqu.kernel import jobs
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.indicators import Indicator, Window, job, look, service
from tongqu.kernel.indicators.module import MODULE
from tongqu.kernel.indicators.service import Asked
from tongqu.kernel.jobs.module import MODULE as JOBS
from tongqu.kernel.module import Module
from tongqu.kernel.store import Actor, migrate
from tongqu.kernel.telemetry import exports
from tongqu.kernel.telemetry.export_file import Order, write
from tongqu.kernel.telemetry.module import EXPORT_PERMISSION
from tongqu.kernel.telemetry.tests.house import House
from tongqu.kit import text
from tongqu.kit.ids import new_id


@dataclass
class Context:
    """What the worker gives a job, as far as this one asks for it."""

    platform: Any
    actor: Any
    job_id: str
    folder: Path

    def check(self) -> None:
        pass

    def progress(self, *_: Any, **__: Any) -> None:
        pass

    def log(self, _: str) -> None:
        pass


class Observatory:
    """Computes what is due as schedule and worker do together."""

    def __init__(self, folder: Path, *modules: Module) -> None:
        self.house = House(folder)
        migrate(self.house.store, [MODULE.room])
        self.house.platform.modules = (AUDIT, JOBS, MODULE, *modules)
        for module in self.house.platform.modules:
            text.register(module.id, module.package)
        self.keeper = look.keeper_of(self.house.platform)
        self.folder = folder

    def compute(self, *windows: Any) -> dict[str, int]:
        """Have everything computed that is due (or what is given); gives the counts of the job."""
        order = self.keeper.order(list(windows) or self.keeper.due())
        if order is None:
            return {"windows": 0, "figures": 0, "changed": 0}
        return self.work_off(order)

    def work_off(self, order: str) -> dict[str, int]:
        with self.house.store.read(look.PLATFORM) as work:
            params = jobs.get(work, order)["parameters"]
        scratch = self.folder / f"scratch-{order}"
        scratch.mkdir()
        done = job.run(Context(self.house.platform, look.PLATFORM, order, scratch), params)
        self.keeper.job = None
        return done

    def exported(self, from_ms: int, to_ms: int) -> list[dict[str, Any]]:
        """The rows of an export of the time, as an analyst gets them; for computing figures by other means."""
        folder = self.folder / f"export-{new_id()}"
        folder.mkdir()
        history, view = self.house.telemetry.history, self.house.telemetry.directory.view
        files = [folder / name for name in exports.collect(history, folder, from_ms, to_ms)]
        write(files, view, look.PLATFORM, EXPORT_PERMISSION, Order(from_ms, to_ms), folder / "out.parquet", folder)
        rows: list[dict[str, Any]] = pq.read_table(folder / "out.parquet").to_pylist()
        return rows

    def figure(
        self, indicator: Indicator, window: Window, actor: Actor = look.PLATFORM, asked: Asked = Asked()
    ) -> float | None:
        """The figure of a window."""
        with self.house.store.read(actor) as work:
            found = service.series(work, indicator, window.period, window.from_ms, window.to_ms, asked)
        return found[0]["value"] if found else None

    def rows(self, indicator: Indicator, window: Window, asked: Asked = Asked()) -> list[dict[str, Any]]:
        """The rows behind it."""
        rows: list[dict[str, Any]] = self.keeper.rows(look.PLATFORM, indicator, window, asked, 0, 1000)[0].to_pylist()
        return rows
