"""Which code ran a job: version of the package and, in a checkout, the git revision."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import tongqu


@cache
def code_version() -> str:
    """`0.1.0`, or `0.1.0+g3aac6f8c0d1e` where the package runs from a git checkout."""
    revision = git_revision(Path(tongqu.__file__).resolve())
    return f"{tongqu.__version__}+g{revision[:12]}" if revision else tongqu.__version__


def git_revision(inside: Path) -> str | None:
    """The commit that is checked out around a path, read from git's own files; None outside a checkout."""
    folder = next((parent / ".git" for parent in inside.parents if (parent / ".git").exists()), None)
    try:
        if folder is None:
            return None
        if folder.is_file():  # a linked worktree
            folder = (folder.parent / folder.read_text().removeprefix("gitdir:").strip()).resolve()
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref:"):
            return head
        return _resolve(folder, head.removeprefix("ref:").strip())
    except OSError:
        return None


def _resolve(folder: Path, name: str) -> str | None:
    common = folder / "commondir"
    base = (folder / common.read_text().strip()).resolve() if common.is_file() else folder
    for loose in (folder / name, base / name):
        if loose.is_file():
            return loose.read_text().strip()
    packed = base / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)
