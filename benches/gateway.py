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
import json
import os
import resource
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
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


def bcd_now() -> tuple[bytes, int]:
    """China's time on the wire, and the XOR of its bytes."""
    bcd = bytes.fromhex((datetime.now(UTC) + CHINA).strftime("%y%m%d%H%M%S"))
    fold = 0
    for byte in bcd:
        fold ^= byte
    return bcd, fold


async def log_in(terminals: list[Terminal], first: int, host: str, port: int) -> None:
    """Authenticate all connections, a few hundred at a time; the platform admits unknown terminals."""
    gate = asyncio.Semaphore(256)

    async def one(number: int, terminal: Terminal) -> None:
        async with gate:
            loop = asyncio.get_running_loop()
            connection = socket.socket()
            connection.setblocking(False)
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
    second, stamp = -1, bcd_now()
    clock_ns, poll, latency = time.perf_counter_ns, epoll.poll, load.latencies_us.append
    drained_by = None
    while True:
        now = time.perf_counter() - begin
        if int(now) != second:
            second, stamp = int(now), bcd_now()
        due = min(total, int(now * count))
        while position < due:
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
    asyncio.run(log_in(terminals, arguments.first, arguments.host, arguments.port))
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
if __name__ == "__main__":
    import argparse
    a = argparse.ArgumentParser()
    for n, t, d in (("host", str, "127.0.0.1"), ("port", int, 6808), ("connections", int, 100), ("first", int, 0), ("seconds", float, 10)):
        a.add_argument("--" + n, type=t, default=d)
    generate(a.parse_args())
