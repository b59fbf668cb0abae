"""The linter finds a query without scope, and SQL where it does not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongqu.app.develop import scope_lint

HEAD = "from sqlalchemy import select, update, delete\nfrom tongqu.kernel.store import scoped\n"


@pytest.mark.parametrize(
    ("file", "body", "found"),
    [
        ("store.py", "def f(w):\n    return w.rows(select(T).where(scoped(w.actor, T)))\n", 0),
        ("store.py", "def f(w):\n    return w.rows(select(T))\n", 1),
        ("store.py", "def f(w):\n    w.execute(delete(T))\n    w.execute(update(T))\n", 2),
        ("store.py", "def f(w):  # unscoped: the sealer's own\n    return w.rows(select(T))\n", 0),
        ("service.py", "def f(w):\n    return w.rows(select(T).where(scoped(w.actor, T)))\n", 1),
    ],
)
def test_findings(tmp_path: Path, file: str, body: str, found: int) -> None:
    folder = tmp_path / "domains" / "tolls"
    folder.mkdir(parents=True)
    (folder / file).write_text(HEAD + body)
    assert len(scope_lint.examine(tmp_path)) == found


def test_this_tree_has_none() -> None:
    assert scope_lint.examine(Path(scope_lint.__file__).parents[2]) == []
