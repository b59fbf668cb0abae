"""Peers that a bench runs beside ours: each set of pinned packages has an environment of its own in `.tongqu/peers`.

    python = peers.environment("pyais==3.1.1", "libais==0.17")
    subprocess.run([python, "-c", program], check=True)

A peer never enters the product's environment. What cannot be had is said by `NotToBeHad`, and the bench prints its row
without a peer.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".tongqu" / "peers"


class NotToBeHad(Exception):
    """The packages of a peer could not be installed."""


def environment(*requirements: str, python: str = sys.executable) -> str:
    """Path of a Python that has the packages; made on first use.

    Args:
        requirements: pinned, `name==version`.
        python: interpreter the environment is made of.

    Raises:
        NotToBeHad: no installer, or the packages cannot be installed; the message is the installer's.
    """
    name = hashlib.sha256("\n".join((python, *sorted(requirements))).encode()).hexdigest()[:12]
    found = FOLDER / name / "bin" / "python"
    if found.is_file():
        return str(found)
    uv = shutil.which("uv") or str(ROOT / ".tongqu" / "boot" / "bin" / "uv")
    if not Path(uv).is_file():
        raise NotToBeHad("uv is not on PATH and the launcher has not fetched it yet")
    making = FOLDER / f"{name}.new"
    shutil.rmtree(making, ignore_errors=True)
    for command in (
        [uv, "venv", "--quiet", "--python", python, str(making)],
        [uv, "pip", "install", "--quiet", "--python", str(making / "bin" / "python"), *requirements],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotToBeHad(done.stderr.strip()[-2000:])
    making.rename(FOLDER / name)
    return str(found)
