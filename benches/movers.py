"""Movers: the latest value of 50,000 things of a region as JSON columns, in the server.

python benches/movers.py --movers 50000
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from bench import Row, report
from house import SOUTH, STEP, STREAM, WEST, House, Squares, actor, house

from tongqu.kernel.telemetry import RegionLocator
from tongqu.kernel.telemetry.rows import empty
from tongqu.kernel.telemetry.service import Telemetry


def place(home: House, telemetry: Telemetry, second: int = 0, which: np.ndarray | None = None) -> None:
    """Give the vehicles (all, or some) a newer latest value."""
    which = np.arange(len(home.vehicles)) if which is None else which
    rows = empty(len(which))
    rows["source"], rows["subject"] = home.terminals[which], home.vehicles[which]
    rows["time_ms"][:] = home.platform.clock.now_ms()
    rows["received_ms"][:] = rows["time_ms"]
    rows["lon"] = WEST + STEP * (which % 21) + (which * 7919 % 10_000) / 10_000 * STEP
    rows["lat"] = SOUTH + (which * 104_729 % 10_000) / 10_000 + second * 1e-4
    rows["speed_kmh"] = (which * 31 % 900 / 10).astype(np.float32)
    rows["heading_deg"] = (which * 17 % 360).astype(np.int16)
    rows["region"] = Squares().codes(rows["lon"], rows["lat"])
    rows["stream"][:] = STREAM.number
    view = telemetry.directory.view
    telemetry.latest.ensure(len(view))
    telemetry.latest.update(view.slots(rows["subject"]), rows, home.platform.clock.now_ms())


def times_ms(act: Callable[[], object], count: int) -> list[float]:
    found = []
    for _ in range(count):
        started = time.perf_counter()
        act()
        found.append((time.perf_counter() - started) * 1000)
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--movers", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=3)
    options, _ = parser.parse_known_args()
    with house(options.movers) as home:
        home.platform.provide(Squares(), RegionLocator)
        telemetry = Telemetry(home.platform)
        telemetry.prepare()
        home.platform.provide(telemetry)
        rows = measured(home, telemetry, options.runs)
    return report(rows, data=f"{options.movers:,} vehicles of 300 organisations in 21 counties of 3 cities")


def measured(home: House, telemetry: Telemetry, runs: int) -> list[Row]:
    from tongqu.kernel.telemetry.api import list_movers
    from tongqu.kernel.web import Caller

    everybody, city = actor("99"), actor("9901")
    second = [0]

    def fresh() -> None:  # news between two requests: nothing may come out of a cache
        second[0] += 1
        place(home, telemetry, second[0], np.arange(0, len(home.vehicles), 10))

    def in_server(caller: Caller, region: str | None) -> float:
        fresh()
        return times_ms(lambda: list_movers(None, region, None, "columns", 50_000, caller), 1)[0]

    def median(act: Callable[[], float]) -> list[float]:
        act()
        return [statistics.median(act() for _ in range(7)) for _ in range(runs)]

    place(home, telemetry)
    province, of_city = Caller(everybody, home.platform), Caller(city, home.platform)
    size = len(list_movers(None, "99", None, "columns", 50_000, province).body)

    return [
        Row(
            "latest of all movers in a province, columns, in the server",
            50,
            median(lambda: in_server(province, "99")),
            "ms",
            better="lower",
            note=f"selection, scope and JSON; {size / 1e6:.1f} MB; a tenth of the movers is new each time",
        ),
        Row(
            "the same for one city's own user",
            50,
            median(lambda: in_server(of_city, "9901")),
            "ms",
            better="lower",
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
