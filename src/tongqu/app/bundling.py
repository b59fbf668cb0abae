"""`tongqu bundle`: one archive that installs on a machine of the same kind that has Python and no network.

It holds the wheel of Tongqu (with the built page), the wheels of all it needs at their pinned versions, and a small
installer that makes an environment beside itself.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

import tongqu
from tongqu.app import page
from tongqu.app.progress import console, steps
from tongqu.kit.errors import Refused

_INSTALL = """#!/bin/sh
# Installs Tongqu {version} beside this file, without network. Made for Python {python} on {platform}.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${{PYTHON:-python3}}
"$python" -c 'import sys; raise SystemExit("%d.%d" % sys.version_info[:2] != "{python}")' || {{
    echo "需要 Python {python} / Python {python} is needed (set PYTHON=/path/to/python{python})" >&2
    exit 1
}}
"$python" -m venv "$here/env"
"$here/env/bin/python" -m pip install --quiet --no-index --find-links "$here/wheels" tongqu=={version}
echo "已安装，运行 / installed, run:  $here/env/bin/tongqu demo"
"""


def bundle(target: Path) -> None:
    """Write the archive.

    Raises:
        Refused: `app.not_a_checkout` or `app.job_failed` with what the tool said.
    """
    root = page.root()
    if root is None:
        raise Refused("app.not_a_checkout")
    with steps("app.steps.bundling") as bar, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / f"tongqu-{tongqu.__version__}"
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        bar.step("app.steps.page", 0, 4)
        if not page.is_built():
            page.build(Path(scratch) / "page.log", lambda _: None)
        bar.step("app.steps.bundling", 1, 4)
        _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], root)
        bar.step("app.steps.packages", 2, 4)
        helper = Path(scratch) / "helper"
        _run([_base_python(), "-m", "venv", str(helper)], root)
        download = [str(helper / "bin" / "python"), "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        _run([*download, "--no-deps", "-r", "requirements/base.txt", "-d", str(wheels)], root)
        bar.step("app.steps.bundling", 3, 4)
        installer = folder / "install.sh"
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        installer.write_text(
            _INSTALL.format(version=tongqu.__version__, python=python, platform=sysconfig.get_platform()),
            encoding="utf-8",
        )
        installer.chmod(0o755)
        with tarfile.open(target, "w:gz", compresslevel=1) as archive:
            archive.add(folder, arcname=folder.name)
    console.print(f"{target}  {target.stat().st_size / 1e6:.0f} MB")


def _base_python() -> str:
    """The interpreter that the environment was made from: it has `venv` and pip's wheel."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _run(command: Sequence[str], root: Path) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused("app.job_failed", reason=(done.stderr or done.stdout).strip()[-2000:])
