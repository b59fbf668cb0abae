"""Gateway: N connections at 1 Hz, each frame acknowledged only after it is durable, generator on the same machine.

The platform runs as its user would start it (`tongqu serve`); the generator is a process of its own that sends
precomputed 0x0200 frames of six items and keeps the time of each acknowledgement. Every frame is awaited one by one:
no batches. At the end the number of positions the platform has stored is compared with the acknowledgements.

    python benches/gateway.py --connections 10000 --seconds 600
"""

from __future__ import annotations

import argparse
import array
import asyncio
import contextlib
import json
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent))
from bench import Row, report

from tongqu.protocols import jt808

CHINA = timedelta(hours=8)
ITEMS = {
    "mileage_km": 12345.6,
    "fuel_l": 88.0,
    "recorder_speed_kmh": 60.0,
    "signals": 0,
    "signal_strength": 24,
    "satellites": 14,
}
BASE_PHONE = 10_000_000_000


# the generator


@dataclass
class Load:
    """A running generator's figures: milliseconds per acknowledgement, and what went wrong."""

    latencies_us: array.array[int] = field(default_factory=lambda: array.array("I"))
    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    closed: int = 0
    late_ms: float = 0.0


class Terminal:
    """One connection of the generator. `frame` patches serial number and time into a ready message."""

    __slots__ = ("body", "fold", "head", "rest", "sent_ns", "serial", "socket", "tail", "waiting")

    def __init__(self, number: int) -> None:
        phone = str(BASE_PHONE + number)
        position = {
            "alarm": 0,
            "status": 0x000C0003,
            "latitude_deg": 31.0 + (number % 1000) / 1000,
            "longitude_deg": 121.0 + (number // 1000) / 100,
            "altitude_m": 12,
            "speed_kmh": 60.0,
            "heading_deg": number % 360,
            "time_ms": 1_700_000_000_000,
            "extras": ITEMS,
        }
        data = jt808.encode_body(0x0200, position, version=2019)
        frame = jt808.encode(0x0200, data, phone=phone, serial=0, version=2019)[0]
        inside = frame[1:-1].replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        self.head, self.body, self.tail = inside[:15], inside[17:39], inside[45:-1]
        self.fold = 0
        for byte in self.head + self.body + self.tail:
            self.fold ^= byte
        self.serial = 1
        self.sent_ns = 0
        self.waiting = False
        self.rest = b""
        self.socket: socket.socket | None = None

    def frame(self, bcd: bytes, bcd_fold: int) -> bytes:
        self.serial = serial = (self.serial + 1) & 0xFFFF
        word = serial.to_bytes(2, "big")
        inside = self.head + word + self.body + bcd + self.tail
        inside += bytes((self.fold ^ bcd_fold ^ word[0] ^ word[1],))
        if b"\x7d" in inside or b"\x7e" in inside:
            inside = inside.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
        return b"\x7e" + inside + b"\x7e"


def stamp_of(began: datetime, second: int) -> tuple[bytes, int]:
    """The time of the n-th frame of every terminal, BCD in GMT+8, and the XOR of its bytes.

    It counts rounds, not the clock: a frame that leaves late must not share its second with the next one.
    """
    bcd = bytes.fromhex((began + timedelta(seconds=second) + CHINA).strftime("%y%m%d%H%M%S"))
    fold = 0
    for byte in bcd:
        fold ^= byte
    return bcd, fold


async def log_in(terminals: list[Terminal], first: int, host: str, port: int, source: str) -> None:
    """Authenticate all connections, a few hundred at a time; the platform admits unknown terminals."""
    gate = asyncio.Semaphore(256)

    async def one(number: int, terminal: Terminal) -> None:
        async with gate:
            loop = asyncio.get_running_loop()
            connection = socket.socket()
            connection.setblocking(False)
            connection.bind((source, 0))  # an address of its own for each run: closed ports rest for a minute
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(connection, (host, port))
            body = {"auth_code": f"BENCH{number}", "imei": "0" * 15, "software_version": "bench"}
            for frame in jt808.encode(0x0102, body, phone=str(BASE_PHONE + number), serial=1):
                await loop.sock_sendall(connection, frame)
            reply = await asyncio.wait_for(loop.sock_recv(connection, 4096), 60)
            message = jt808.decode(reply)
            if message.body.get("result") != 0:
                raise RuntimeError(f"terminal {number} was refused: {message}")
            terminal.socket = connection

    await asyncio.gather(*(one(first + index, terminal) for index, terminal in enumerate(terminals)))


def drive(terminals: list[Terminal], seconds: float, load: Load) -> None:
    """Send each terminal's frame once a second, evenly spread, and take in the acknowledgements."""
    epoll = select.epoll()
    by_file = {}
    for terminal in terminals:
        assert terminal.socket is not None
        by_file[terminal.socket.fileno()] = terminal
        epoll.register(terminal.socket.fileno(), select.EPOLLIN)
    count = len(terminals)
    begin = time.perf_counter()
    total, position, now = round(count * seconds), 0, 0.0
    began, turn, stamp = datetime.now(UTC), -1, (b"", 0)
    clock_ns, poll, latency = time.perf_counter_ns, epoll.poll, load.latencies_us.append
    drained_by = None
    while True:
        now = time.perf_counter() - begin
        due = min(total, int(now * count))
        while position < due:
            if position // count != turn:
                turn = position // count
                stamp = stamp_of(began, turn)
            terminal = terminals[position % count]
            if terminal.socket is not None and not terminal.waiting:
                terminal.waiting = True
                terminal.sent_ns = clock_ns()
                terminal.socket.send(terminal.frame(*stamp))
                load.sent += 1
            elif terminal.socket is not None:
                load.late_ms += 1000.0 / max(count, 1)
                break  # its last frame is unanswered: the schedule waits for the platform
            position += 1
        if position >= total and drained_by is None:
            drained_by = now + 10
        if drained_by is not None and (now > drained_by or load.acknowledged + load.refused >= load.sent):
            break
        for file, _ in poll(0.001, 512):
            terminal = by_file[file]
            data = terminal.socket.recv(4096) if terminal.socket is not None else b""
            if not data:
                load.closed += 1
                epoll.unregister(file)
                terminal.socket = None
                continue
            at_ns = clock_ns()
            if b"\x7d" in data:
                data = data.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
            good = len(data) == 25 and data[18:20] == terminal.serial.to_bytes(2, "big") and data[22] == 0
            if data[1:3] == b"\x80\x01" and good:
                load.acknowledged += 1
                terminal.waiting = False
                latency((at_ns - terminal.sent_ns) // 1000)
            else:
                load.refused += 1


def generate(arguments: argparse.Namespace) -> None:
    """The generator process: logs in, says so, waits for a line, drives, prints its figures as JSON."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    terminals = [Terminal(arguments.first + number) for number in range(arguments.connections)]
    began = time.perf_counter()
    asyncio.run(log_in(terminals, arguments.first, arguments.host, arguments.port, arguments.source))
    print(json.dumps({"login_s": time.perf_counter() - began}), flush=True)
    sys.stdin.readline()
    load = Load()
    cpu = time.process_time()
    drive(terminals, arguments.seconds, load)
    ordered = sorted(load.latencies_us)
    print(
        json.dumps(
            {
                "sent": load.sent,
                "acknowledged": load.acknowledged,
                "refused": load.refused,
                "closed": load.closed,
                "p50_ms": ordered[len(ordered) // 2] / 1000,
                "p99_ms": ordered[len(ordered) * 99 // 100] / 1000,
                "max_ms": ordered[-1] / 1000,
                "cpu_s": time.process_time() - cpu,
            }
        ),
        flush=True,
    )


# the platform


class Platform:
    """`tongqu serve` over a fresh folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.jt808_port = free_port(), free_port()
        command = [sys.executable, "-m", "tongqu.app.cli", "serve", "--data", str(folder)]
        command += ["--port", str(self.port), "--jt808-port", str(self.jt808_port), "--admission", "open"]
        self.out = (folder.parent / f"{folder.name}.out").open("wb")
        self.process = subprocess.Popen(command, stdout=self.out, stderr=self.out)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the platform ended: {Path(self.out.name).read_text()[-2000:]}")
            try:
                self.health()
                socket.create_connection(("127.0.0.1", self.jt808_port), 1).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the platform did not start")

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/health", timeout=10) as answer:
            return dict(json.loads(answer.read()))

    def processes(self) -> list[psutil.Process]:
        """The supervisor and all below it."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def cpu_s(self) -> dict[int, float]:
        """Processor seconds by process."""
        found = {}
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                found[process.pid] = times.user + times.system
        return found

    def role(self, name: str) -> psutil.Process:
        return psutil.Process(int(json.loads((self.folder / "processes.json").read_text())[name]["pid"]))

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until the history has caught up with the log."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.health()["checks"].get("telemetry", {}).get("lag_s", 0) > 0.5:
            time.sleep(0.5)
        time.sleep(1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.out.close()

    def stored(self) -> int:
        """Positions in the history at rest, by natural key."""
        target = self.folder.parent / f"{self.folder.name}.parquet"
        command = [sys.executable, "-m", "tongqu.app.cli", "export", str(target), "--data", str(self.folder)]
        subprocess.run(command, check=True, stdout=self.out if not self.out.closed else subprocess.DEVNULL)
        import duckdb

        pattern = f"{target}/**/*.parquet" if target.is_dir() else str(target)
        (count,) = duckdb.sql(f"select count(*) from (select distinct source, time_ms from '{pattern}')").fetchone()
        return int(count)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Run:
    """Figures of one run."""

    lost: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_s_per_million: float
    gateway_s_per_million: float
    generator_s_per_million: float
    kb_per_connection: float
    positions_per_s: float


def run(number: int, connections: int, seconds: float, folder: Path) -> Run:
    """Start a platform, log everybody in, drive, compare."""
    platform = Platform(folder)
    try:
        gateway = platform.role("gateway")
        base = gateway.memory_info().rss
        command = [sys.executable, __file__, "--generate", "--port", str(platform.jt808_port)]
        command += ["--connections", str(connections), "--seconds", str(seconds), "--source", f"127.0.0.{number + 2}"]
        generator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert generator.stdout is not None and generator.stdin is not None
        login_s = json.loads(generator.stdout.readline())["login_s"]
        print(f"run {number + 1}: {connections} connections authenticated in {login_s:.1f} s", flush=True)
        time.sleep(2)
        before, gateway_before = platform.cpu_s(), sum(gateway.cpu_times()[:2])
        generator.stdin.write("go\n")
        generator.stdin.flush()
        began = time.monotonic()
        figures = json.loads(generator.stdout.readline())
        took = time.monotonic() - began
        generator.wait(30)
        held = gateway.memory_info().rss - base
        platform.settle()
        after = platform.cpu_s()
        spent = sum(after.values()) - sum(value for pid, value in before.items() if pid in after)
        gateway_spent = sum(gateway.cpu_times()[:2]) - gateway_before
    finally:
        platform.stop()
    stored = platform.stored()
    millions = figures["acknowledged"] / 1e6
    print(f"run {number + 1}: {figures}, stored {stored}, {took:.1f} s", flush=True)
    return Run(
        lost=figures["sent"] - min(figures["acknowledged"], stored),
        p50_ms=figures["p50_ms"],
        p99_ms=figures["p99_ms"],
        max_ms=figures["max_ms"],
        cpu_s_per_million=spent / millions,
        gateway_s_per_million=gateway_spent / millions,
        generator_s_per_million=figures["cpu_s"] / millions,
        kb_per_connection=held / connections / 1024,
        positions_per_s=figures["acknowledged"] / took,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--generate", action="store_true", help="be the generator")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6808)
    parser.add_argument("--source", default="127.0.0.1")
    parser.add_argument("--first", type=int, default=0)
    arguments, _ = parser.parse_known_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    if arguments.generate:
        generate(arguments)
        return 0
    with tempfile.TemporaryDirectory(prefix="tongqu-gateway-") as scratch:
        runs = [
            run(number, arguments.connections, arguments.seconds, Path(scratch) / f"run{number}")
            for number in range(arguments.runs)
        ]

    def each(name: str) -> list[float]:
        return [getattr(one, name) for one in runs]

    rows = [
        Row("frames lost (sent, not acknowledged or not stored)", 0, each("lost"), "frames", better="lower"),
        Row("acknowledgement, median", None, each("p50_ms"), "ms", better="lower"),
        Row("acknowledgement, p99", 60, each("p99_ms"), "ms", better="lower"),
        Row("acknowledgement, longest", None, each("max_ms"), "ms", better="lower"),
        Row(
            "processor, all platform processes", 100, each("cpu_s_per_million"), "s per million frames", better="lower"
        ),
        Row("processor, gateway alone", None, each("gateway_s_per_million"), "s per million frames", better="lower"),
        Row("processor, generator", None, each("generator_s_per_million"), "s per million frames", better="lower"),
        Row("memory of the gateway over its base", 20, each("kb_per_connection"), "KiB per connection", better="lower"),
        Row("rate", None, each("positions_per_s"), "frames/s"),
    ]
    return report(
        rows,
        data=f"{arguments.connections} connections at 1 Hz for {arguments.seconds:g} s, one 0x0200 (2019, six items) a "
        "frame, each awaited; acknowledged after fdatasync; generator on the same machine",
    )


if __name__ == "__main__":
    sys.exit(main())
