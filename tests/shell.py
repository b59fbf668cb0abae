"""The `tongqu` command in a process of its own, as a person runs it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any


def tongqu(*arguments: object, told: str = "", seconds: float = 240.0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `told` is its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "tongqu.app.cli", *map(str, arguments)],
        input=told,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


def until(condition: Callable[[], Any], seconds: float = 30.0, every_s: float = 0.2) -> Any:
    """Wait for something that other processes bring about; gives what the condition gave."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"it did not happen within {seconds} s: {value!r}"
        time.sleep(every_s)
    return value
