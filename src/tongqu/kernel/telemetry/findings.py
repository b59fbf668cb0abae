"""What `tongqu doctor` says of log and history, from outside of the process that owns them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tongqu.kernel.module import Finding
from tongqu.kernel.platform import Platform
from tongqu.kernel.telemetry.history import Part, parts
from tongqu.kernel.telemetry.log import Segment, durable_end, segments


def findings(platform: Platform) -> list[Finding]:
    """Whether the log is whole, and whether the history names only files that are there."""
    folder = platform.settings.data / "history"
    return [*_log(platform.settings.log), *_history(folder, platform.settings.log)]


def _log(folder: Path) -> list[Finding]:
    end, known = durable_end(folder), segments(folder)
    if end is None or not known:
        return [Finding("ok", "telemetry.log_empty")]
    size = sum(segment.path.stat().st_size for segment in known)
    missing = end - _end_of(known[-1])
    if missing > 0:
        return [Finding("error", "telemetry.log_short", {"bytes": missing, "folder": str(folder)})]
    return [Finding("ok", "telemetry.log_well", {"segments": len(known), "size": f"{size / 2**20:.0f}"})]


def _end_of(segment: Segment) -> int:
    return segment.first + segment.path.stat().st_size


def _history(folder: Path, log_folder: Path) -> list[Finding]:
    path = folder / "telemetry.duckdb"
    if not path.exists():
        return [Finding("ok", "telemetry.history_empty")]
    try:
        database = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException:
        return [Finding("ok", "telemetry.history_in_use")]
    with database:
        known = parts(database)
        row = database.execute("SELECT value FROM state WHERE name = 'offset'").fetchone()
    found = _missing(folder, known)
    end = durable_end(log_folder)
    if row is not None and end is not None and row[0] > end:
        found.append(Finding("warning", "telemetry.log_behind", {"folder": str(log_folder)}))
    rows = sum(part.rows for part in known)
    return found or [Finding("ok", "telemetry.history_well", {"rows": rows, "files": len(known)})]


def _missing(folder: Path, known: list[Part]) -> list[Finding]:
    lost = [part for part in known if part.kind == "file" and not (folder / "positions" / part.name).is_file()]
    return [Finding("error", "telemetry.file_missing", {"file": part.name, "rows": part.rows}) for part in lost]
