"""10,000 reconnects of 1,500 terminals: afterwards there are 1,500 open sessions, in the gateway as in the records.

Half of the reconnects drop the old connection first, the other half dial anew while the old one still stands (as after
a change of network), which the platform has to close. Run by `./tongqu dev storm`.
"""

from __future__ import annotations

import asyncio
import json
import random
import struct
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import psutil  # noqa: E402
from running import Running, started  # noqa: E402
from sender import frame  # noqa: E402

AT_ONCE = 100


class Device:
    """One terminal: its identity and whatever connections it has left open."""

    def __init__(self, number: int) -> None:
        self.phone = f"0100{number:08d}"
        self.number = number
        self.auth = b""
        self.writers: list[asyncio.StreamWriter] = []
        self.busy = asyncio.Lock()

    async def dial(self, port: int, drop_first: bool) -> None:
        """One more connection, up to the acknowledged authentication."""
        async with self.busy:
            if drop_first:
                self.drop()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            self.writers.append(writer)
            if not self.auth:
                body = struct.pack(">HH5s20s7sB", 99, 1, b"STORM", b"STORM", f"{self.number:07d}".encode(), 0)
                answer = await self._ask(reader, writer, 0x0100, body + f"VIN{self.number:014d}".encode())
                assert answer[14] == 0, answer.hex()
                self.auth = answer[15:-1]
            answer = await self._ask(reader, writer, 0x0102, self.auth)
            assert answer[16] == 0, answer.hex()

    def drop(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message_id: int, body: bytes
    ) -> bytes:
        writer.write(frame(message_id, self.phone, 1, body))
        await reader.readuntil(b"\x7e")
        inside = (await asyncio.wait_for(reader.readuntil(b"\x7e"), 30))[:-1]
        return inside.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")


async def storm(port: int, terminals: int, reconnects: int) -> None:
    devices = [Device(number) for number in range(1, terminals + 1)]
    gate, chance = asyncio.Semaphore(AT_ONCE), random.Random(7)

    async def one(device: Device, drop_first: bool) -> None:
        async with gate:
            await device.dial(port, drop_first)

    await asyncio.gather(*(one(device, False) for device in devices))
    again = [(chance.choice(devices), chance.random() < 0.5) for _ in range(reconnects)]
    await asyncio.gather(*(one(device, drop) for device, drop in again))
    await asyncio.sleep(3)
    await asyncio.to_thread(input_ended, port)


def input_ended(_: int) -> None:
    """The connections stay open until the count is taken: the parent closes our input."""
    sys.stdin.buffer.read()


def count(running: Running) -> dict[str, int]:
    """Open sessions as the API has them, and sockets as the system has them."""
    with running.local_client() as client:
        total = client.get("equipment/sessions", params={"state": "open", "limit": 1}).json()["total"]
    gateway = psutil.Process(running.pid("gateway"))
    sockets = [c for c in gateway.net_connections("tcp") if c.status == psutil.CONN_ESTABLISHED]
    return {"open_sessions": total, "sockets": len(sockets), "open_files": gateway.num_fds()}


def run(folder: Path, terminals: int, reconnects: int) -> dict[str, int]:
    """The storm against a fresh platform; gives what is left."""
    import subprocess

    with started("serve", folder / "data") as running:
        child = subprocess.Popen(
            [sys.executable, __file__, "storm", str(running.jt808_port), str(terminals), str(reconnects)],
            stdin=subprocess.PIPE,
        )
        try:
            until, found, same = time.monotonic() + 400, {}, 0
            while time.monotonic() < until and same < 4 and child.poll() is None:
                time.sleep(2)
                now = count(running)
                same = same + 1 if now == found and now["open_sessions"] >= terminals else 0
                found = now
            if child.poll() is not None:
                raise AssertionError(f"the storm ended with {child.returncode}")
            return found
        finally:
            if child.stdin is not None:
                child.stdin.close()
            child.wait(30)


def main() -> None:
    if sys.argv[1:2] == ["storm"]:
        asyncio.run(storm(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
        return
    terminals, reconnects = (int(word) for word in (sys.argv[1:3] or ("1500", "10000")))
    with tempfile.TemporaryDirectory(prefix="storm-") as scratch:
        found = run(Path(scratch), terminals, reconnects)
    print(json.dumps({"terminals": terminals, "reconnects": reconnects, **found}))
    raise SystemExit(found["open_sessions"] != terminals or found["sockets"] != terminals)


if __name__ == "__main__":
    main()
