"""The sender of the crash test: terminals that report without pause, and a journal of what was acknowledged.

It shares no code with the platform: frames are packed here by JT/T 808-2013. A line of the journal is one acknowledged
fix, `phone time_ms lat_e6 lon_e6`, which nothing else has. What was not acknowledged when a connection broke is sent
again, as a refill (0x0704 type 1), so what was stored but not acknowledged arrives twice.

    python sender.py PORT JOURNAL CONNECTIONS RATE BASE_MS    # ends when its standard input closes
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

WINDOW = 8
REFILL = 5
Fix = tuple[int, int, int]  # time_ms, lat_e6, lon_e6


def frame(message_id: int, phone: str, serial: int, body: bytes) -> bytes:
    inside = struct.pack(">HH6sH", message_id, len(body), bytes.fromhex(phone), serial) + body
    check = 0
    for byte in inside:
        check ^= byte
    inside += bytes((check,))
    return b"\x7e" + inside.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def location(fix: Fix) -> bytes:
    time_ms, lat, lon = fix
    local = datetime.fromtimestamp(time_ms / 1000, UTC) + timedelta(hours=8)
    bcd = bytes.fromhex(local.strftime("%y%m%d%H%M%S"))
    return struct.pack(">IIIIHHH6s", 0, 3, lat, lon, 12, 360, 90, bcd) + b"\x01\x04" + struct.pack(">I", lon % 100_000)


class Journal:
    """What was acknowledged, and how much is under way."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a")
        self.acknowledged = 0
        self.sent = 0
        self.outstanding = 0

    def write(self, phone: str, fixes: list[Fix]) -> None:
        self.acknowledged += len(fixes)
        self.file.writelines(f"{phone} {time_ms} {lat} {lon}\n" for time_ms, lat, lon in fixes)


class Terminal(asyncio.Protocol):
    """One terminal; lives through as many connections as it takes."""

    def __init__(self, number: int, port: int, journal: Journal, base_ms: int) -> None:
        self.phone = f"0100{number:08d}"
        self.port, self.journal, self.base_ms, self.number = port, journal, base_ms, number
        self.count = 0
        self.serial = 0
        self.auth: bytes | None = None
        self.online = False
        self.transport: asyncio.Transport | None = None
        self.waiting: dict[int, list[Fix]] = {}
        self.again: deque[Fix] = deque()
        self.buffer = b""

    async def dial(self, ending: asyncio.Event) -> None:
        """Keep a connection open until the end."""
        loop = asyncio.get_running_loop()
        while not ending.is_set():
            if self.transport is None:
                with contextlib.suppress(OSError):
                    await loop.create_connection(lambda: self, "127.0.0.1", self.port)
            await asyncio.sleep(0.2 + (self.number % 10) / 50)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.buffer = b""
        if self.auth is None:
            body = struct.pack(">HH5s20s7sB", 99, 1, b"CRASH", b"CRASH", f"{self.number:07d}".encode(), 0)
            self._send(0x0100, body + f"VIN{self.number:014d}".encode())
        else:
            self._send(0x0102, self.auth)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport, self.online = None, False
        for fixes in self.waiting.values():
            self.journal.outstanding -= len(fixes)
            self.again.extend(fixes)
        self.waiting.clear()

    def _send(self, message_id: int, body: bytes) -> None:
        if self.transport is not None:
            self.transport.write(self._pack(message_id, body))

    def _pack(self, message_id: int, body: bytes) -> bytes:
        self.serial = (self.serial + 1) & 0xFFFF
        return frame(message_id, self.phone, self.serial, body)

    def report(self) -> int:
        """Fill the window in one write, once half of it is free; gives how many fixes went out."""
        if not self.online or self.transport is None or len(self.waiting) > WINDOW // 2:
            return 0
        out, before = [], self.journal.sent
        while len(self.waiting) < WINDOW:
            out.append(self._next())
        self.transport.write(b"".join(out))
        return self.journal.sent - before

    def _next(self) -> bytes:
        if self.again:
            fixes = [self.again.popleft() for _ in range(min(REFILL, len(self.again)))]
            parts = [struct.pack(">HB", len(fixes), 1)]
            for fix in fixes:
                body = location(fix)
                parts += (struct.pack(">H", len(body)), body)
            packed = self._pack(0x0704, b"".join(parts))
        else:
            self.count += 1
            fix = (self.base_ms + self.count * 1000, 27_000_000 + self.number, 120_000_000 + self.count)
            fixes = [fix]
            packed = self._pack(0x0200, location(fix))
        self.waiting[self.serial] = fixes
        self.journal.outstanding += len(fixes)
        self.journal.sent += len(fixes)
        return packed

    def data_received(self, data: bytes) -> None:
        pieces = (self.buffer + data).split(b"\x7e")
        self.buffer = pieces.pop()
        for piece in pieces:
            if piece:
                self._answer(piece.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d"))

    def _answer(self, inside: bytes) -> None:
        message_id, body = int.from_bytes(inside[:2], "big"), inside[12:-1]
        if message_id == 0x8100 and body[2] == 0:
            self.auth = body[3:]
            self._send(0x0102, self.auth)
        elif message_id == 0x8001:
            serial, answered, result = struct.unpack(">HHB", body[:5])
            if answered == 0x0102:
                self.online = result == 0
                if result:
                    self.auth = None
            elif serial in self.waiting:
                fixes = self.waiting.pop(serial)
                self.journal.outstanding -= len(fixes)
                if result in (0, 4):
                    self.journal.write(self.phone, fixes)
                else:
                    self.again.extend(fixes)


async def main(port: int, journal_path: Path, connections: int, rate: float, base_ms: int) -> None:
    journal = Journal(journal_path)
    terminals = [Terminal(number, port, journal, base_ms) for number in range(1, connections + 1)]
    ending = asyncio.Event()
    dialling = [asyncio.create_task(terminal.dial(ending)) for terminal in terminals]
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, sys.stdin.buffer.read).add_done_callback(lambda _: ending.set())
    credit, last, turn = 0.0, time.monotonic(), 0
    reported = last
    while not ending.is_set():
        await asyncio.sleep(0.01)
        now = time.monotonic()
        credit, last = min(credit + (now - last) * rate, rate / 5), now
        idle = 0
        while credit >= 1 and idle < connections:
            sent = terminals[turn].report()
            turn = (turn + 1) % connections
            credit -= sent
            idle += 1
        journal.file.flush()
        if now - reported > 0.2:
            reported = now
            state = f"{journal.acknowledged} {journal.sent} {journal.outstanding} {sum(t.online for t in terminals)}"
            journal_path.with_suffix(".state").write_text(state)
    until = time.monotonic() + 20
    while time.monotonic() < until and any(terminal.waiting for terminal in terminals):
        await asyncio.sleep(0.1)
    for task in dialling:
        task.cancel()
    journal.file.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
