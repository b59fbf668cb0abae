"""A process of the crash test: turns the log of a house into rows, settling and sealing all the time, until killed."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store
from tongqu.kernel.telemetry import writer as writer_module
from tongqu.kernel.telemetry.service import Options, Telemetry
from tongqu.kernel.telemetry.tests.house import TERMINAL, VEHICLE
from tongqu.kernel.telemetry.tests.toy import TOY
from tongqu.kit.time import ManualClock


def main(folder: Path, at_ms: int) -> None:
    clock = ManualClock(at_ms)
    store = Store(f"sqlite:///{folder / 'records.db'}", clock)
    module = Module("toys", "tongqu.kernel.telemetry.tests", "platform", streams=(TOY,), kinds=(VEHICLE, TERMINAL))
    platform = Platform(Settings(data=folder, database=store.url), clock, store, (module,))
    writer_module.COMMIT_EVERY_S = 0.01
    telemetry = Telemetry(platform, Options(threads=1, memory_mb=300, settle_rows=500))
    telemetry.sealer.pace = 0
    telemetry.start()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    while True:  # an hour passes each 50 ms, so that hours close under way
        threading.Event().wait(0.05)
        clock.advance(1_800_000)
        telemetry.keep()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
