"""Finds a query on a scoped table that does not go through `scoped(actor, table)`, and SQL outside `store.py`.

A statement is a chain that begins with `select(`, `update(` or `delete(`. It passes if the chain, or the name it is
assigned to and later narrowed by, carries a call of `scoped`; or if the function it stands in is marked with
`# unscoped: reason` on its `def` line, for queries of the platform itself, whose reason a reader can check.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

STATEMENTS = {"select", "update", "delete"}
MARK = "# unscoped:"
STORES = {"store.py", "store"}
FREE = {"kernel/store"}


def examine(root: Path) -> list[str]:
    """Findings of a source tree, one line each: `path:line what`."""
    findings: list[str] = []
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root)
        if "tests" in inner.parts or "migrations" in inner.parts or inner.as_posix().startswith(tuple(FREE)):
            continue
        if inner.parts[0] not in ("kernel", "domains", "app"):
            continue
        source = path.read_text(encoding="utf-8")
        in_store = path.name == "store.py" or "store" in inner.parts[2:-1]
        findings += (f"{inner}:{line} {what}" for line, what in _file(source, in_store))
    return findings


def _file(source: str, in_store: bool) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    if not _imports_sql(tree):
        return
    lines = source.splitlines()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _function(function, lines, in_store)


def _imports_sql(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("sqlalchemy")
        and any(alias.name in STATEMENTS for alias in node.names)
        for node in ast.walk(tree)
    )


def _function(
    function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], in_store: bool
) -> Iterator[tuple[int, str]]:
    begin = min((d.lineno for d in function.decorator_list), default=function.lineno)
    head = lines[begin - 1 : function.body[0].lineno]
    if any(MARK in line for line in head):
        return
    has_scope = any(isinstance(node, ast.Call) and _name(node.func) == "scoped" for node in ast.walk(function))
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STATEMENTS:
            if not in_store:
                yield node.lineno, f"{node.func.id}() outside store.py"
            elif not has_scope:
                yield node.lineno, f"{node.func.id}() without scoped(actor, table) in {function.name}()"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
