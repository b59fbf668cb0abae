"""How long `./tongqu demo` takes from a fresh clone to a living map, with warm package caches; and the second time.

A clone of HEAD in a scratch folder starts with the caches of this user (uv, npm) and data of its own. "Ready" is
`GET /api/v1/health` answering `ok`: the page is served and movers move.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench import Row, report

ROOT = Path(__file__).resolve().parents[1]
MOST_S = 400.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_s(clone: Path, data: Path) -> float:
    """Seconds from the command to `ok`; the platform is ended afterwards."""
    port, jt808_port = free_port(), free_port()
    command = ["./tongqu", "demo", "--data", str(data), "--port", str(port), "--jt808-port", str(jt808_port)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=clone, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - began < MOST_S:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=2) as answer:
                    if json.loads(answer.read())["status"] == "ok":
                        return time.monotonic() - began
            except (urllib.error.URLError, OSError, ValueError):
                pass
            if process.poll() is not None:
                raise SystemExit(f"the demo ended with {process.returncode}")
            time.sleep(0.2)
        raise SystemExit(f"not ready after {MOST_S} s")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def main() -> None:
    first: list[float] = []
    second: list[float] = []
    runs = int(os.environ.get("RUNS", "3"))
    for _ in range(runs):
        scratch = Path(tempfile.mkdtemp(prefix="demo-bench-"))
        try:
            subprocess.run(["git", "clone", "-q", str(ROOT), str(scratch / "clone")], check=True)
            first.append(start_s(scratch / "clone", scratch / "data"))
            second.append(start_s(scratch / "clone", scratch / "data"))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    rows = [
        Row("./tongqu demo, warm package caches: first start", 120, first, "s", better="lower"),
        Row("./tongqu demo: second start", 15, second, "s", better="lower"),
    ]
    report(rows, data="demo province, seed 7, scale 1, clone of HEAD")


if __name__ == "__main__":
    sys.exit(main())
