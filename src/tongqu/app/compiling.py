"""Code that numba compiles is compiled beside everything else, in a process of its own, and kept on disk.

Compiling holds Python's lock: done in the API process it would keep requests, rows and movers waiting for a minute on
the first start. While the file `compiling` lies in the data folder, whoever would compile much waits for it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

log = logging.getLogger("tongqu.compiling")
NICE, NICER = 5, 15
"""What rules need comes before the first row does; the rest leaves the processor to whoever brings the map up."""


def begin(data: Path) -> None:
    """Start compiling what modules declare (`Module.compiles`), unless it was compiled since the code last changed.

    What was compiled lies beside the code, so it is done once for an installation, whatever its data folders.
    """
    data.mkdir(parents=True, exist_ok=True)
    home = _home(data)
    done, running = home / "compiled", home / "compiling"
    if done.is_file() and done.stat().st_mtime_ns >= _newest_source():
        return
    pid = _alive(running)
    if pid is None:
        with (data / "tongqu.log").open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "tongqu.app.compiling", str(home)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        pid = process.pid
        running.write_text(str(pid))
    if home != data:
        (data / "compiling").write_text(str(pid))


def _home(data: Path) -> Path:
    """Beside the code where numba keeps what it compiles there too, else the data folder."""
    beside = Path(__file__).parent / "__pycache__"
    return beside if beside.is_dir() and os.access(beside, os.W_OK) else data


def _alive(running: Path) -> int | None:
    try:
        pid = int(running.read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _newest_source() -> int:
    folder = Path(__file__).resolve().parents[1]
    return max(path.stat().st_mtime_ns for path in folder.rglob("*.py"))


def main() -> None:
    from tongqu.app import registry
    from tongqu.kernel.rules.compiling import compile_rules

    home = Path(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s compiling %(levelname)s %(name)s: %(message)s")
    os.nice(NICE)
    began = time.monotonic()
    try:
        compile_rules(rule for module in registry.modules() for rule in module.rules)
        log.info("rules: %.0f s", time.monotonic() - began)
        os.nice(NICER - NICE)
        for module in registry.modules():
            for function in module.compiles:
                try:
                    function()
                except Exception:  # it will be compiled when it is first needed
                    log.exception("%s could not be compiled ahead", function.__qualname__)
                log.info("%s: %.0f s", module.id, time.monotonic() - began)
        (home / "compiled").touch()
    finally:
        (home / "compiling").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
