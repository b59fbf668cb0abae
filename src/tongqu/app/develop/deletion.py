"""`tongqu dev deletion [DOMAIN...] [PYTEST ARGUMENTS]`: proves that a deleted domain leaves the rest as it was.

For each domain the tracked files are copied without its folder; nothing is edited or reinstalled. There the page is
built and the suite runs. Only the tests of that folder and those marked `needs(domain)` may be missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tongqu.app import page
from tongqu.app.progress import console
from tongqu.kit.errors import Refused

_COMPILE = "from tongqu.app.develop import compile_ahead; compile_ahead()"


def prove(root: Path, chosen: list[str]) -> int:
    """Gives 0 if it holds for each chosen domain (all by default)."""
    domains = sorted(path.parent.name for path in (root / "src/tongqu/domains").glob("*/module.py"))
    names = [name for name in chosen if name in domains]
    arguments = [word for word in chosen if word not in domains]
    everything = collected(root, root)
    return max((_without(root, name, everything, arguments) for name in names or domains), default=0)


def _without(root: Path, domain: str, everything: dict[str, list[str]], arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix=f"without-{domain}-", ignore_cleanup_errors=True) as scratch:
        copy = Path(scratch) / "tongqu"
        _copy(root, copy, f"src/tongqu/domains/{domain}/")
        left = collected(copy, root)
        folder = f"src/tongqu/domains/{domain}/"
        expected = {test for test, needs in everything.items() if not test.startswith(folder) and domain not in needs}
        missing, added = sorted(expected - left.keys()), sorted(left.keys() - expected)
        for test in missing:
            console.print(f"{domain}: missing {test}", style="red")
        for test in added:
            console.print(f"{domain}: not expected {test}", style="red")
        if missing or added:
            return 1
        (copy / "node_modules").symlink_to(root / "node_modules")
        _python(copy, root, "-c", _COMPILE)
        built = page.npm(["run", "build"], copy)
        suite = _pytest(copy, root, "-q", "-n", "2", "--dist", "loadgroup", *arguments).returncode
        console.print(
            f"without {domain}: {len(left)} of {len(everything)} tests collected, "
            f"page {'built' if built == 0 else 'FAILED'}, suite {'green' if suite == 0 else 'RED'}"
        )
        return 1 if built or suite else 0


def _copy(root: Path, target: Path, without: str) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        source = root / name
        if name and not name.startswith(without) and source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def collected(tree: Path, root: Path) -> dict[str, list[str]]:
    """Ids of all tests of a tree, each with the domains it needs."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        done = _pytest(tree, root, "--collect-only", "-q", f"--list-needs={out.name}", quiet=True)
        if done.returncode:
            raise Refused("app.job_failed", reason=f"the tests of {tree} cannot be collected ({done.returncode})")
        return dict(json.loads(Path(out.name).read_text(encoding="utf-8") or "{}"))


def _pytest(tree: Path, root: Path, *arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[bytes]:
    return _python(tree, root, "-m", "pytest", *arguments, quiet=quiet)


def _python(tree: Path, root: Path, *arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[bytes]:
    data = os.environ.get("TONGQU_TEST_DATA") or str(root.parent / "shared" / "data")
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "TONGQU_TEST_DATA": data}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    )
