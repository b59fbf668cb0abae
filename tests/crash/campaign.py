"""Rounds of `kill -9` under load, then the comparison of journal, API and Parquet.

python -m tests.crash.campaign --rounds 20 --role gateway     # or: ./tongqu dev crash --rounds 20
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from running import Running, started  # noqa: E402

HOUR_MS = 3_600_000
OPTIONS = '[options]\n"telemetry.seal_after_minutes" = "0.05"\n"equipment.admission" = "open"\n'


@dataclass(frozen=True)
class Plan:
    """What is done.

    Attributes:
        roles: processes that are killed, in turn.
        rounds: kills of each.
        least_rate, least_outstanding: the load at the moment of a kill; a kill waits for it.
    """

    roles: tuple[str, ...]
    rounds: int
    seed: int = 7
    connections: int = 800
    rate: float = 30_000.0
    least_rate: float = 2000.0
    least_outstanding: int = 500


def run(plan: Plan, folder: Path) -> dict[str, Any]:
    """The campaign; gives its figures."""
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "tongqu.toml").write_text(OPTIONS)
    journal = folder / "journal"
    chance = random.Random(plan.seed)
    base_ms = (int(time.time() * 1000) // HOUR_MS - 3) * HOUR_MS + 55 * 60_000
    kills: list[dict[str, Any]] = []
    with started("serve", data) as running:
        sender = subprocess.Popen(
            [
                *(sys.executable, str(HERE / "sender.py"), str(running.jt808_port), str(journal)),
                *(str(plan.connections), str(plan.rate), str(base_ms)),
            ],
            stdin=subprocess.PIPE,
        )
        try:
            for number in range(plan.rounds):
                for role in plan.roles:
                    load = _under_load(journal, plan)
                    time.sleep(chance.uniform(0, 2.5))
                    load |= _state(journal)
                    pid = running.pid(role)
                    os.kill(pid, signal.SIGKILL)
                    kills.append({"round": number + 1, "role": role, **load})
                    print(json.dumps(kills[-1]), flush=True)
                    _wait_back(running, role, pid)
            _under_load(journal, plan)
            time.sleep(2)
        finally:
            if sender.stdin is not None:
                sender.stdin.close()
            sender.wait(60)
        _wait_caught_up(running)
        target = folder / "export.parquet"
        subprocess.run(
            [sys.executable, "-m", "tongqu.app.cli", "export", str(target), "--data", str(data)],
            check=True,
            capture_output=True,
        )
        token = (data / "local-token").read_text().strip()
        checked = subprocess.run(
            [sys.executable, str(HERE / "check.py"), str(journal), running.address, token, str(target)],
            capture_output=True,
            text=True,
            check=False,
        )
        if not checked.stdout.strip():
            raise AssertionError(checked.stderr[-3000:])
        sealed = len(list((data / "history").rglob("*.parquet")))
    return {"kills": kills, "sealed_files": sealed, **json.loads(checked.stdout)}


def _state(journal: Path) -> dict[str, Any]:
    try:
        acknowledged, sent, outstanding, online = journal.with_suffix(".state").read_text().split()
    except (OSError, ValueError):
        return {"acknowledged": 0, "sent": 0, "outstanding": 0, "online": 0}
    return {
        "acknowledged": int(acknowledged), "sent": int(sent), "outstanding": int(outstanding), "online": int(online)
    }  # fmt: skip


def _under_load(journal: Path, plan: Plan, seconds: float = 90) -> dict[str, Any]:
    """Wait until frames flow at the least rate with the least number under way; the figures then."""
    until = time.monotonic() + seconds
    before, at = _state(journal), time.monotonic()
    while time.monotonic() < until:
        time.sleep(0.5)
        now, then = _state(journal), time.monotonic()
        rate = (now["sent"] - before["sent"]) / (then - at)
        before, at = now, then
        if rate >= plan.least_rate and now["outstanding"] >= plan.least_outstanding:
            return {"rate": round(rate), **now}
    raise AssertionError(f"the load never came up: {before}")


def _wait_back(running: Running, role: str, killed: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.2)
        if running.pid(role) != killed:
            running.wait_answer(seconds)
            return
    raise AssertionError(f"{role} did not come back")


def _wait_caught_up(running: Running, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if running.health()["checks"]["telemetry"]["lag_bytes"] == 0:
            time.sleep(1.5)
            return
        time.sleep(0.3)
    raise AssertionError("the rows never caught up with the log")


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--rounds", type=int, default=20)
    words.add_argument("--role", choices=("gateway", "api"), action="append")
    words.add_argument("--seed", type=int, default=7)
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="crash-") as scratch:
        plan = Plan(tuple(given.role or ("gateway", "api")), given.rounds, given.seed)
        found = run(plan, Path(scratch) / "run")
    kills = found.pop("kills")
    print(f"{len(kills)} kills; {json.dumps(found)}")
    if any(found[f"{name}_{what}"] for name in ("api", "parquet") for what in ("lost", "twice")):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
