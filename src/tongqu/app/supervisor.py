"""Starts the processes of the platform, restarts one that dies, and ends them all together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from tongqu.app import settings as settings_module
from tongqu.kernel.platform import Settings

WANTED_FILES = 65_536
ENOUGH_FILES = 12_000
"""Below this many open files the platform says that it cannot hold 10,000 connections."""
QUICK_DEATH_S = 5.0
LONGEST_PAUSE_S = 10.0


def raise_file_limit() -> int:
    """Raise the soft limit of open files as far as the hard one allows; gives the limit reached."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft


@dataclass
class Child:
    """One process and its history."""

    role: str
    process: subprocess.Popen[bytes]
    started_s: float
    restarts: int = 0
    pause_s: float = 0.5
    due_s: float | None = None


@dataclass
class Supervisor:
    """Keeps the processes of `roles` running over the settings.

    Attributes:
        settings: handed to each process through a file.
        roles: names of `tongqu.app.process.ROLES`.
    """

    settings: Settings
    roles: tuple[str, ...]
    children: dict[str, Child] = field(default_factory=dict)
    _ending: threading.Event = field(default_factory=threading.Event)
    _log: IO[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.settings.data / "tongqu.log"

    def start(self) -> None:
        path = settings_module.save(self.settings)
        self._path = path
        self._log = self.log_file.open("ab")
        for role in self.roles:
            self.children[role] = Child(role, self._spawn(role), time.monotonic())
        self._write_state()

    def _spawn(self, role: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tongqu.app.process", role, str(self._path)],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def run(self) -> None:
        """Watch the processes until `stop` is called."""
        while not self._ending.wait(0.25):
            now = time.monotonic()
            changed = False
            for child in self.children.values():
                if child.due_s is None and child.process.poll() is not None:
                    lived = now - child.started_s
                    child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S) if lived < QUICK_DEATH_S else 0.2
                    child.due_s = now + child.pause_s
                    changed = True
                elif child.due_s is not None and now >= child.due_s:
                    child.process = self._spawn(child.role)
                    child.started_s, child.due_s = now, None
                    child.restarts += 1
                    changed = True
            if changed:
                self._write_state()

    def stop(self) -> None:
        self._ending.set()

    def close(self) -> None:
        """End all processes: politely, and after five seconds for good."""
        self._ending.set()
        for child in self.children.values():
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 5
        for child in self.children.values():
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        (self.settings.data / "processes.json").unlink(missing_ok=True)

    def _write_state(self) -> None:
        state: dict[str, Any] = {
            child.role: {"pid": child.process.pid, "alive": child.due_s is None, "restarts": child.restarts}
            for child in self.children.values()
        }
        target = self.settings.data / "processes.json"
        draft = target.with_suffix(".new")
        draft.write_bytes(orjson.dumps(state))
        draft.replace(target)
