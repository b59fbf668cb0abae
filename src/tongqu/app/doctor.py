"""`tongqu doctor`: what is wrong, and how to mend it. Each finding is one line in both languages."""

from __future__ import annotations

import ast
import shutil
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from tongqu.app import page, registry
from tongqu.app.platform import open_platform
from tongqu.app.progress import both, console
from tongqu.app.settings import read_settings
from tongqu.app.supervisor import ENOUGH_FILES, raise_file_limit
from tongqu.kernel.module import Finding, Module
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import pending
from tongqu.kernel.web import described
from tongqu.kit import text

ENOUGH_DISK_BYTES = 5 << 30
_SIGNS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}
Check = Callable[[Platform], list[Finding]]


def examine(part: str, *, data: Path | None, port: int | None, jt808_port: int | None) -> int:
    """Print all findings; gives 1 if one is an error."""
    settings = read_settings(data, port=port, jt808_port=jt808_port)
    platform = open_platform(settings)
    worst = 0
    checks: dict[str, list[Check]] = {
        "machine": [_python, _files, _disk],
        "page": [_page],
        "ports": [_ports],
        "store": [_store],
        "modules": [_modules],
    }
    waiting = _waiting(platform)
    for module in platform.modules:
        if module.checks:
            checks[module.id] = [_wait] if waiting.intersection((module.id, *module.needs)) else list(module.checks)
    if part and part not in checks:
        console.print(both("app.findings.no_part", part=part, known=", ".join(checks)))
        return 2
    for name, functions in checks.items():
        if part in ("", name):
            for finding in [finding for function in functions for finding in _safely(function, platform)]:
                worst = max(worst, finding.level == "error")
                console.print(f"{_SIGNS[finding.level]} {name}: {said(finding)}", highlight=False, soft_wrap=True)
    platform.close()
    return worst


def said(finding: Finding) -> str:
    """A finding in both languages."""
    room, _, name = finding.code.partition(".")
    return both(f"{room}.findings.{name}", **finding.params)


def _safely(check: Check, platform: Platform) -> list[Finding]:
    """A check that cannot run is a finding of its own, not the end of the examination."""
    try:
        return check(platform)
    except Exception as error:
        return [Finding("error", "app.check_failed", {"check": check.__name__, "reason": f"{error}"})]


def _waiting(platform: Platform) -> set[str]:
    """Modules whose tables are not there yet, so that their checks have nothing to look at."""
    try:
        return set(pending(platform.store, registry.rooms(platform.modules)))
    except SQLAlchemyError:  # told by the check of the store
        return {room.id for room in registry.rooms(platform.modules)}


def _wait(_: Platform) -> list[Finding]:
    return [Finding("ok", "app.check_waits")]


def _python(_: Platform) -> list[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return [Finding("ok", "app.python", {"version": version, "numpy": np.__version__})]


def _files(_: Platform) -> list[Finding]:
    limit = raise_file_limit()
    params = {"limit": limit, "enough": ENOUGH_FILES}
    return [
        Finding(
            "ok" if limit >= ENOUGH_FILES else "warning",
            "app.files" if limit >= ENOUGH_FILES else "app.few_files",
            params,
        )
    ]


def _disk(platform: Platform) -> list[Finding]:
    free = shutil.disk_usage(platform.settings.data).free
    enough = free >= ENOUGH_DISK_BYTES
    params = {"free": f"{free / 2**30:.1f}", "folder": str(platform.settings.data)}
    return [Finding("ok" if enough else "warning", "app.disk" if enough else "app.little_disk", params)]


def _page(_: Platform) -> list[Finding]:
    if page.is_built():
        return [Finding("ok", "app.page_built")]
    return [Finding("warning" if page.root() else "error", "app.page_missing")]


def _ports(platform: Platform) -> list[Finding]:
    running = (platform.settings.data / "processes.json").is_file()
    findings = []
    for name, port in {"http": platform.settings.port, **platform.settings.ports}.items():
        with socket.socket() as probe:
            probe.settimeout(1)
            answers = probe.connect_ex((platform.settings.host, port)) == 0
        params = {"port": port, "name": name}
        if running:
            findings.append(
                Finding("ok" if answers else "error", "app.port_open" if answers else "app.port_dead", params)
            )
        else:
            findings.append(
                Finding("error" if answers else "ok", "app.port_foreign" if answers else "app.port_free", params)
            )
    return findings


def _store(platform: Platform) -> list[Finding]:
    try:
        with platform.store.engine.connect() as connection:
            known = set(inspect(connection).get_table_names())
    except SQLAlchemyError as error:
        return [Finding("error", "app.store_unreachable", {"reason": str(error)[:300]})]
    if not known:
        return [Finding("warning", "app.store_empty", {"folder": str(platform.settings.data)})]
    rooms = registry.rooms(platform.modules)
    behind = pending(platform.store, rooms)
    findings = [Finding("warning", "app.pending", {"rooms": ", ".join(behind)})] if behind else []
    ours = {table for room in rooms for table in room.metadata.tables} | {room.version_table for room in rooms}
    left = sorted(table for table in known - ours if not table.startswith("sqlite_"))
    if left:
        findings.append(Finding("warning", "app.foreign_tables", {"tables": ", ".join(left)}))
    return findings or [Finding("ok", "app.store_well", {"tables": len(known)})]


def _modules(platform: Platform) -> list[Finding]:
    """Prove each manifest: its texts are there in both languages, its needs are what it imports."""
    findings: list[Finding] = []
    for module in platform.modules:
        wrong = [*_missing_texts(module), *_unequal_catalogues(module), *_undeclared_needs(module)]
        findings += (Finding("error", f"app.{code}", {"module": module.id, "what": what}) for code, what in wrong)
    return findings or [Finding("ok", "app.modules_well", {"count": len(platform.modules)})]


def _missing_texts(module: Module) -> list[tuple[str, str]]:
    keys = [f"{module.id}.title", *(f"{module.id}.permissions.{name.split('.', 1)[1]}" for name in module.permissions)]
    keys += [f"{module.id}.kinds.{kind.id}" for kind in module.kinds]
    missing = [key for key in keys if not text.has(key)]
    for resource in module.resources:
        shown = described(resource)
        labels = [
            shown["title"],
            *(column["label"] for column in [*shown["columns"], *shown["form"], *shown["edit_form"]]),
        ]
        labels += [o["label"] for column in shown["columns"] for o in column.get("options", ())]
        missing += [label["zh"] for label in labels if label["zh"].startswith(f"{module.id}.")]
    return [("text_missing", key) for key in sorted(set(missing))]


def _unequal_catalogues(module: Module) -> list[tuple[str, str]]:
    zh, en = (set(text.load(module.id, language)) for language in text.LANGUAGES)
    return [("text_one_language", key) for key in sorted(zh ^ en)]


def _undeclared_needs(module: Module) -> list[tuple[str, str]]:
    """Kernel rooms that a module's files import without naming them in `needs`."""
    folder = Path(str(import_module(module.package).__file__)).parent
    free = {"store", "web", "module", "platform", module.id}
    used = {
        name.split(".")[2]
        for path in folder.rglob("*.py")
        if "tests" not in path.parts
        for name in _imports(path)
        if name.startswith("tongqu.kernel.")
    }
    return [("need_undeclared", name) for name in sorted(used - free - set(module.needs))]


def _imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found
