"""A platform started as its user would start it, for tests that cross rooms: real processes, real sockets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

START_S = 540.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A running platform.

    Attributes:
        data: its folder.
        port: of page and API; jt808_port, ais_port: of the gateway.
    """

    data: Path
    port: int
    jt808_port: int
    ais_port: int
    process: subprocess.Popen[bytes]
    logins: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def health(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.address}/api/v1/health", timeout=5).json())

    def pid(self, role: str) -> int:
        return int(json.loads((self.data / "processes.json").read_text())[role]["pid"])

    def client(self, login: str | None = None) -> httpx.Client:
        """An HTTP client, signed in as a login of the demo."""
        cookies = None
        if login is not None:
            body = {"login": login, "password": self.logins[login]}
            address = f"{self.address}/api/v1/identity/session"
            answer = httpx.post(address, json=body, headers={"X-Tongqu": "1"}, timeout=30)
            answer.raise_for_status()
            cookies = answer.cookies
        return httpx.Client(base_url=f"{self.address}/api/v1/", headers={"X-Tongqu": "1"}, timeout=30, cookies=cookies)

    def local_client(self) -> httpx.Client:
        """An HTTP client that acts as the command line does: with the token of the data folder."""
        token = (self.data / "local-token").read_text().strip()
        return httpx.Client(
            base_url=f"{self.address}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def wait(self, wanted: str = "ok", seconds: float = START_S) -> None:
        until = time.monotonic() + seconds
        seen: Any = None
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the platform ended with {self.process.returncode}: {self.tail()}")
            with contextlib.suppress(httpx.HTTPError, ValueError):
                seen = self.health()
                if seen["status"] == wanted:
                    return
            time.sleep(0.3)
        raise AssertionError(f"not {wanted} after {seconds} s: {seen} {self.tail()}")

    def listening(self) -> list[int]:
        """Ports of the gateway: those of the domains that are there."""
        ports = {"equipment": self.jt808_port, "navigation": self.ais_port}
        return [port for domain, port in ports.items() if find_spec(f"tongqu.domains.{domain}") is not None]

    def wait_answer(self, seconds: float = START_S) -> None:
        """Wait until the API answers, whatever it says, and the gateway listens."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError, ValueError, OSError):
                self.health()
                for port in self.listening():
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            time.sleep(0.2)
        raise AssertionError(f"no answer after {seconds} s: {self.tail()}")

    def tail(self) -> str:
        log = self.data / "tongqu.log"
        return log.read_text(errors="replace")[-3000:] if log.is_file() else ""

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextlib.contextmanager
def started(command: str, data: Path, *arguments: str) -> Iterator[Running]:
    """Run `tongqu serve` or `tongqu demo` over a folder, on free ports of loopback."""
    port, jt808_port, ais_port = free_port(), free_port(), free_port()
    out = (data.parent / f"{data.name}.out").open("ab")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tongqu.app.cli", command, "--data", str(data)),
            *("--port", str(port), "--jt808-port", str(jt808_port), *arguments),
        ],
        stdout=out,
        stderr=out,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "TONGQU_PORTS": f"navigation.ais={ais_port}"},
    )
    running = Running(data, port, jt808_port, ais_port, process)
    try:
        if command == "demo":
            running.wait()
            stored = json.loads((data / "demo-logins.json").read_text(encoding="utf-8"))
            running.logins = {one["login"]: one["password"] for one in stored}
        else:
            running.wait_answer()
        yield running
    finally:
        running.stop()
        out.close()
