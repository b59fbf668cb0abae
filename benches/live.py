"""Live view: 50,000 movers at 1 Hz to 100 WebSocket clients, through log, writer, latest values and real sockets.

10 clients look at the whole province (density above 20,000 in view), 30 at a city of about 5,000 movers, 60 at a
district of about 500. The server is a process of its own whose processor time is measured; it also turns the 50,000
frames a second into rows. Feeder and clients are processes beside it. How far a client is behind is the age of its
picture just before the next one comes.

    python benches/live.py --movers 50000 --seconds 30
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import shutil
import socket
import statistics
import struct
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parent))
from bench import Row, report
from house import SOUTH, WEST, WIDTH, Squares, actor, house
from ingest import feed

HEADER = struct.Struct("<IBBHdII")
GROUPS = {"province": 10, "city": 30, "district": 60}
VARIANTS = 2_000
SETTLE_S = 5.0


def serve(movers: int, port: int, up: Any) -> None:
    """The platform's API process: telemetry with its writer, and the live socket."""
    import uvicorn
    from fastapi import FastAPI

    from tongqu.kernel.telemetry import RegionLocator
    from tongqu.kernel.telemetry.api import router
    from tongqu.kernel.telemetry.service import Telemetry
    from tongqu.kernel.web.caller import Authenticate

    everybody = actor("99")
    with house(movers) as home:
        home.platform.provide(Squares(), RegionLocator)
        telemetry = Telemetry(home.platform)
        telemetry.start()
        home.platform.provide(telemetry)
        home.platform.provide(telemetry.movers)
        home.platform.provide(lambda _: everybody, Authenticate)
        app = FastAPI()
        app.state.platform = home.platform
        app.include_router(router(), prefix="/api/v1")
        up.put((str(home.platform.settings.log), home.terminals))
        uvicorn.run(app, port=port, log_level="error", ws_per_message_deflate=False)


def boxes(group: str, number: int) -> list[float]:
    """The view of a client: everything, a tenth of the width, or a hundredth of the area."""
    if group == "province":
        return [WEST - 1, SOUTH - 1, WEST + WIDTH + 1, SOUTH + 2]
    west = WEST + number % 10 * WIDTH / 10
    if group == "city":
        return [west, SOUTH - 1, west + WIDTH / 10, SOUTH + 2]
    south = SOUTH + 0.3 + number % 7 * 0.1
    return [west, south, west + WIDTH / 10, south + 0.1]


@dataclass
class Watched:
    """What one client received."""

    group: str
    frames: int = 0
    bytes: int = 0
    records: list[int] = field(default_factory=list)
    behind_ms: list[float] = field(default_factory=list)
    at_ms: float = 0.0

    def take(self, data: bytes, now_ms: float, counting: bool) -> None:
        _, _, _, _, at_ms, count, removed = HEADER.unpack_from(data)
        if counting:
            self.frames += 1
            self.bytes += len(data)
            self.records.append(count + removed)
            self.behind_ms.append(now_ms - (self.at_ms or at_ms))
        self.at_ms = at_ms


async def watch(port: int, group: str, number: int, until: float, count_from: float) -> Watched:
    import websockets

    seen = Watched(group)
    url = f"ws://127.0.0.1:{port}/api/v1/movers/live"
    async with websockets.connect(url, compression=None, max_size=None) as link:
        await link.recv()
        await link.send(json.dumps({"bbox": boxes(group, number), "zoom": 8}))
        while (left := until - time.time()) > 0:
            try:
                data = await asyncio.wait_for(link.recv(), left)
            except TimeoutError:
                break
            if isinstance(data, bytes):
                now = time.time()
                seen.take(data, now * 1000, now >= count_from)
    seen.behind_ms.append(time.time() * 1000 - seen.at_ms)
    return seen


def clients(port: int, seconds: float, begun: Any, found: Any) -> None:
    """All clients in one process."""

    async def run() -> Sequence[Watched]:
        begin = time.time() + SETTLE_S
        wanted = [(group, number) for group, count in GROUPS.items() for number in range(count)]
        return await asyncio.gather(*(watch(port, *one, begin + seconds, begin) for one in wanted))

    begun.set()
    found.put(asyncio.run(run()))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, movers: int) -> None:
    """Until the server answers and knows all movers."""
    for _ in range(600):
        url = f"http://127.0.0.1:{port}/api/v1/movers?limit=1"
        with contextlib.suppress(OSError), urllib.request.urlopen(url) as answer:
            if json.load(answer)["count"] >= movers:
                return
        time.sleep(0.5)
    raise SystemExit("the movers did not come")


def measure(movers: int, seconds: float) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    port, up, found, fed = free_port(), context.Queue(), context.Queue(), context.Queue()
    begun = context.Event()
    server = context.Process(target=serve, args=(movers, port, up), daemon=True)
    server.start()
    log, terminals = up.get(timeout=300)
    endless = 1 << 60
    arguments = (Path(log), terminals, int(time.time() * 1000), endless, float(movers), fed, VARIANTS)
    feeder = context.Process(target=feed, args=arguments, daemon=True)
    feeder.start()
    wait_for(port, movers)
    watchers = context.Process(target=clients, args=(port, seconds, begun, found), daemon=True)
    watchers.start()
    process = psutil.Process(server.pid)
    begun.wait()
    time.sleep(SETTLE_S)
    begin, cpu = time.monotonic(), sum(process.cpu_times()[:2])
    time.sleep(seconds)
    cores = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - begin)
    seen: list[Watched] = found.get(timeout=seconds + 60)
    for child in (feeder, watchers, server):
        child.terminate()
        child.join()
    shutil.rmtree(Path(log).parent, ignore_errors=True)
    return {"cores": cores, "seen": seen}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--movers", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--runs", type=int, default=3)
    options, _ = parser.parse_known_args()
    runs = [measure(options.movers, options.seconds) for _ in range(options.runs)]
    rows = [
        Row(
            f"{options.movers:,} movers at 1 Hz to 100 clients: cores of the server",
            1.0,
            [run["cores"] for run in runs],
            "cores",
            better="lower",
            note="log reading, decoding, storing and latest values of all frames included",
        ),
        Row(
            "the client that is furthest behind",
            3.0,
            [max(max(one.behind_ms) for one in run["seen"]) / 1000 for run in runs],
            "s",
            better="lower",
        ),
    ]
    for group in GROUPS:
        rows.append(
            Row(
                f"bytes to a client that looks at a {group}",
                None,
                [
                    statistics.mean(one.bytes for one in run["seen"] if one.group == group) / options.seconds
                    for run in runs
                ],
                "B/s",
                better="lower",
                note=f"{np.mean([np.mean(one.records) for one in runs[0]['seen'] if one.group == group]):,.0f} records "
                f"a frame, {np.mean([one.frames for one in runs[0]['seen'] if one.group == group]):.1f} frames",
            )
        )
    return report(
        rows,
        data=f"{options.movers:,} terminals at 1 Hz; clients: {GROUPS}; {options.seconds:g} s after {SETTLE_S:g} s",
    )


if __name__ == "__main__":
    sys.exit(main())
