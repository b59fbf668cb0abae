"""Code that numba compiles is compiled beside everything else, in a process of its own, and kept on disk.

Compiling holds Python's lock: done in the API process it would keep requests, rows and movers waiting for a minute on
the first start. While the file `compiling` lies in the data folder, whoever would compile much waits for it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tongqu.app import registry
from tongqu.app.platform import open_platform, prepare
from tongqu.kernel.platform import Platform, Settings

log = logging.getLogger("tongqu.compiling")
NICE, NICER = 5, 15
"""What brings the map up is compiled before it is needed; the rest leaves the processor to whoever brings it up."""
_FIRST = "platform"
_DEMO, _HURRY = "demo", "hurry"


def begin(data: Path, demo: bool = False, hurry: bool = False) -> None:
    """Start compiling what modules declare (`Module.compiles`), unless it was compiled since the code last changed.

    What was compiled lies beside the code, so it is done once for an installation, whatever its data folders.

    Args:
        demo: what only the demo needs as well.
        hurry: nobody waits for anything else meanwhile.
    """
    data.mkdir(parents=True, exist_ok=True)
    home = _home(data)
    done, running = home / "compiled", home / "compiling"
    if done.is_file() and done.stat().st_mtime_ns >= _newest_source() and (not demo or done.read_text() == _DEMO):
        return
    pid, process = _alive(running), None
    if pid is None:
        with (data / "tongqu.log").open("ab") as out:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tongqu.app.compiling",
                    str(home),
                    *([_DEMO] if demo else []),
                    *([_HURRY] if hurry else []),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        pid = process.pid
        running.write_text(str(pid))
    if home != data:
        (data / "compiling").write_text(str(pid))
    if process is not None:
        until_done(process, data / "compiling")


def until_done(process: subprocess.Popen[bytes], mark: Path) -> None:
    """Take a mark away when a child ends. A child that nobody waited for would look alive to whoever reads the mark."""

    def wait() -> None:
        process.wait()
        mark.unlink(missing_ok=True)

    threading.Thread(target=wait, name="compiling", daemon=True).start()


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


def declared(demo: bool) -> Iterator[tuple[str, bool, Callable[[Platform], None]]]:
    """Functions that compile, in order: module, whether the map waits for it, function."""
    modules = registry.modules()
    yield from ((module.id, True, one) for module in modules if module.field == _FIRST for one in module.compiles)
    if demo:
        yield from (
            (m.id, True, m.demo.compiles) for m in modules if m.demo is not None and m.demo.compiles is not None
        )
    yield from ((module.id, False, one) for module in modules if module.field != _FIRST for one in module.compiles)


def main() -> None:
    home, demo = Path(sys.argv[1]), _DEMO in sys.argv[2:]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s compiling %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    first, then = (0, 0) if _HURRY in sys.argv[2:] else (NICE, NICER)
    os.nice(first)
    began, urgent = time.monotonic(), True
    try:
        with tempfile.TemporaryDirectory(prefix="tongqu-compiling-") as name:
            platform = open_platform(Settings(Path(name), f"sqlite:///{Path(name) / 'records.sqlite'}"))
            prepare(platform)
            for module, waited_for, function in declared(demo):
                if urgent and not waited_for:
                    os.nice(then - first)
                urgent = waited_for
                try:
                    function(platform)
                except Exception:  # it will be compiled when it is first needed
                    log.exception("%s could not be compiled ahead", function.__qualname__)
                log.info("%s: %.0f s", module, time.monotonic() - began)
            platform.close()
        (home / "compiled").write_text(_DEMO if demo else "")
    finally:
        (home / "compiling").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
