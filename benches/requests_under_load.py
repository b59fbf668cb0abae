"""Requests while 10,000 frames a second come in: p95 of tracks, lists and movers over real HTTP.

The API process turns the frames of a feeder into rows and answers at the same time; its hot hour already holds
`--hot` million rows. Ten people ask, each a new question half a second after the last answer on average: the last hour
of a random vehicle, the movers of a county, of everything, one mover, the quarantine, names.

    python benches/requests_under_load.py --hot 20 --seconds 30
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from bench import Row, report
from house import COUNTIES, Squares, actor, house
from ingest import feed, prefill
from live import free_port, wait_for

SOURCES = 10_000
PEOPLE = 10
THINK_S = 0.5
RATE = 10_000


def serve(port: int, hot: float, up: Any) -> None:
    """The API process over a history that has grown already."""
    import uvicorn
    from fastapi import FastAPI

    from tongqu.kernel.telemetry import RegionLocator
    from tongqu.kernel.telemetry.api import router
    from tongqu.kernel.telemetry.service import Telemetry
    from tongqu.kernel.web import install_problems
    from tongqu.kernel.web.caller import Authenticate
    from tongqu.kit.time import HOUR_MS

    everybody = actor("99")
    with house(SOURCES) as home:
        home.platform.provide(Squares(), RegionLocator)
        telemetry = Telemetry(home.platform)
        prefill(telemetry, home.terminals, int(time.time() * 1000) // HOUR_MS * HOUR_MS, hot)
        telemetry.start()
        home.platform.provide(telemetry)
        home.platform.provide(telemetry.movers)
        home.platform.provide(lambda _: everybody, Authenticate)
        app = FastAPI()
        app.state.platform = home.platform
        install_problems(app)
        app.include_router(router(), prefix="/api/v1")
        up.put((str(home.platform.settings.log), home.terminals, home.vehicles))
        uvicorn.run(app, port=port, log_level="error", ws_per_message_deflate=False)


def asks(dice: random.Random, urns: list[str], keys: list[int]) -> dict[str, str]:
    """One request of each sort."""
    now, urn = int(time.time() * 1000), dice.choice(urns)
    labels = ",".join(str(key) for key in dice.sample(keys, 200))
    return {
        "track of the last hour": f"movers/{urn}/track?from={now - 3_600_000}&to={now}",
        "movers of a county": f"movers?region={dice.choice(COUNTIES)}",
        "movers of everything": "movers",
        "one mover": f"movers/{urn}",
        "names of 200 movers": f"movers/labels?keys={labels}",
        "list of refused frames": "quarantine?limit=100",
    }


def ask(port: int, urns: list[str], keys: list[int], until: float, seed: int, found: dict[str, list[float]]) -> None:
    dice = random.Random(seed)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=30) as client:
        while time.time() < until:
            for name, path in asks(dice, urns, keys).items():
                time.sleep(dice.random() * 2 * THINK_S)
                started = time.perf_counter()
                client.get(path).raise_for_status()
                found.setdefault(name, []).append((time.perf_counter() - started) * 1000)


def people(port: int, seconds: float, out: Any) -> None:
    """All who ask, in a process of their own."""
    columns = httpx.get(f"http://127.0.0.1:{port}/api/v1/movers", timeout=60).json()["columns"]
    found: list[dict[str, list[float]]] = [{} for _ in range(PEOPLE)]
    until = time.time() + seconds
    threads = [
        threading.Thread(target=ask, args=(port, columns["urn"], columns["key"], until, seed, one))
        for seed, one in enumerate(found)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put({name: [ms for one in found for ms in one.get(name, [])] for name in found[0]})


def measure(hot: float, seconds: float) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    port, up, out, fed = free_port(), context.Queue(), context.Queue(), context.Queue()
    server = context.Process(target=serve, args=(port, hot, up), daemon=True)
    server.start()
    log, terminals, _ = up.get(timeout=600)
    arguments = (Path(log), terminals, int(time.time() * 1000), 1 << 60, float(RATE), fed)
    feeder = context.Process(target=feed, args=arguments, daemon=True)
    feeder.start()
    wait_for(port, SOURCES)
    asking = context.Process(target=people, args=(port, seconds, out), daemon=True)
    asking.start()
    times = out.get(timeout=seconds + 120)
    for child in (asking, feeder, server):
        child.terminate()
        child.join()
    shutil.rmtree(Path(log).parent, ignore_errors=True)
    return {name: float(np.percentile(values, 95)) for name, values in times.items()} | {
        "requests": float(sum(len(values) for values in times.values()))
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hot", type=float, default=20.0, help="million rows the hot hour already holds")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--runs", type=int, default=3)
    options, _ = parser.parse_known_args()
    runs = [measure(options.hot, options.seconds) for _ in range(options.runs)]
    rows = [
        Row(f"{name}, p95", 100, [run[name] for run in runs], "ms", better="lower")
        for name in runs[0]
        if name != "requests"
    ]
    asked = sum(run["requests"] for run in runs) / len(runs)
    return report(
        rows,
        data=f"{RATE:,} frames/s from {SOURCES:,} terminals; {options.hot:g} M rows in the hot hour; {PEOPLE} people, "
        f"{asked:,.0f} requests in {options.seconds:g} s",
    )


if __name__ == "__main__":
    sys.exit(main())
