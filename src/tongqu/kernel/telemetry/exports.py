"""Exports: the rows of a time, as far as the one who orders them sees them, as a Parquet document.

The owner of the history hands over what the job needs: a copy of the rows that are not sealed yet, and links to the
sealed files, which keep them there whatever is merged or expires meanwhile. Then `ready.json` says that all is there.
The job, in a process of its own, finds out what the actor sees and writes the file.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson

from tongqu.kernel import audit, documents, jobs
from tongqu.kernel.documents import vault
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kernel.telemetry import handover
from tongqu.kernel.telemetry.directory import Directory
from tongqu.kernel.telemetry.export_file import Order, write
from tongqu.kernel.telemetry.history import History
from tongqu.kernel.telemetry.module import EXPORT, EXPORT_PERMISSION
from tongqu.kernel.telemetry.schemas import ExportOrder
from tongqu.kernel.telemetry.service import Telemetry, kinds_of
from tongqu.kernel.web import Caller
from tongqu.kit.errors import Invalid, Refused, Unavailable
from tongqu.kit.regions import parse_region
from tongqu.kit.time import DAY_MS

READY = "ready.json"
REQUEST = "request.json"
WAIT_S = 300.0
KEEP_DAYS = 30
STALE_S = 2 * 86_400
MEDIA_TYPE = "application/vnd.apache.parquet"


def order(caller: Caller, wanted: ExportOrder, idempotency_key: str | None) -> str:
    """Submit the job and begin to hand over what it needs; gives its id.

    Raises:
        Invalid: `telemetry.empty_time` or `telemetry.bad_region`.
    """
    if wanted.from_ms >= wanted.to_ms:
        raise Invalid("telemetry.empty_time", field="from")
    region = _region(wanted.region)
    params = {"stream": wanted.stream, "from_ms": wanted.from_ms, "to_ms": wanted.to_ms, "region": region}
    with caller.write() as work:
        earlier = jobs.submitted(work, EXPORT, idempotency_key)
        # The job is its submitter's alone: what it writes was chosen by what this one may see.
        job = jobs.submit(work, EXPORT, params, title_key="telemetry.jobs.export", idempotency_key=idempotency_key)
        if earlier is None:
            audit.record(work, "telemetry.export", f"urn:tongqu:job:{job}", order=params)
    if earlier is None:
        folder = folder_of(caller.platform, job)
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(folder / REQUEST, params)
        hand_over_soon(caller.platform, folder)
    return job


def _region(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return str(parse_region(text))
    except ValueError as error:
        raise Invalid("telemetry.bad_region", field="region", value=text) from error


def folder_of(platform: Platform, job: str) -> Path:
    """Where owner and job meet."""
    return platform.settings.data / "exports" / job


class Hand:
    """One thread of the API process that hands rows over, one order after the other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="telemetry-export")

    def take(self, history: History, folder: Path) -> None:
        self._pool.submit(hand_over, history, folder)

    def stop(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def hand_over_soon(platform: Platform, folder: Path) -> None:
    if not platform.has(Hand):
        platform.provide(Hand())
    platform.service(Hand).take(platform.service(Telemetry).history, folder)


def resume(platform: Platform) -> None:
    """Hand over what was asked for before a restart; throw away what nobody has fetched for days."""
    for folder in (platform.settings.data / "exports").glob("*"):
        if not (folder / READY).exists() and (folder / REQUEST).exists():
            hand_over_soon(platform, folder)
        elif time.time() - folder.stat().st_mtime > STALE_S:
            shutil.rmtree(folder, ignore_errors=True)


def hand_over(history: History, folder: Path) -> None:
    """Put all rows of the time that is asked for into a folder, as files; `ready.json` names them."""
    params = orjson.loads((folder / REQUEST).read_bytes())
    _write_json(folder / READY, {"files": collect(history, folder, params["from_ms"], params["to_ms"])})


def collect(history: History, folder: Path, from_ms: int, to_ms: int) -> list[str]:
    """Copies of unsealed rows and links to sealed files, all of one moment; names of the files."""
    return [handed.name for handed in handover.hand_over(history, folder, from_ms, to_ms)]


def run(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """The job."""
    platform = context.platform
    folder = folder_of(platform, context.job_id)
    names = _await_files(context, folder)
    directory = Directory(platform.store, kinds_of(platform.modules))
    directory.refresh()
    target = context.folder / "positions.parquet"
    wanted = Order(params["from_ms"], params["to_ms"], params["region"])

    def progress(fraction: float) -> None:
        context.check()
        context.progress(fraction, "telemetry.jobs.writing")

    files = [folder / name for name in names]
    rows = write(files, directory.view, context.actor, EXPORT_PERMISSION, wanted, target, context.folder, progress)
    content = vault(platform).keep(target)
    with platform.store.write(context.actor) as work:
        document = documents.put(
            work,
            content,
            name=wanted.file_name(),
            media_type=MEDIA_TYPE,
            purpose="export",
            expires_ms=work.now_ms + KEEP_DAYS * DAY_MS,
        )
    shutil.rmtree(folder, ignore_errors=True)
    return {"document": document.id, "name": document.name, "rows": rows, "size": content.size}


def _await_files(context: JobContext, folder: Path) -> Sequence[str]:
    """Names of the files that were handed over.

    Raises:
        Unavailable: `telemetry.no_handover`: the API process has not handed them over in time.
    """
    until = time.monotonic() + WAIT_S
    while not (folder / READY).exists():
        context.check()
        context.progress(0.0, "telemetry.jobs.waiting")
        if time.monotonic() > until:
            raise Unavailable("telemetry.no_handover")
        time.sleep(0.1)
    return list(orjson.loads((folder / READY).read_bytes())["files"])


def export(platform: Platform, target: Path, from_ms: int, to_ms: int, region: str | None = None) -> int:
    """Write rows to a Parquet file from data at rest, as the system; gives how many.

    What is still in the log becomes rows first.

    Raises:
        Refused: `telemetry.in_use`: the platform runs over this data; order the export from it.
    """
    import duckdb

    try:
        telemetry = Telemetry(platform)
    except duckdb.IOException as error:
        raise Refused("telemetry.in_use", folder=str(platform.settings.data)) from error
    folder = platform.settings.data / "exports" / f"rest-{os.getpid()}"
    try:
        telemetry.prepare()
        telemetry.writer.catch_up()
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / name for name in collect(telemetry.history, folder, from_ms, to_ms)]
        actor = system_actor("export")
        wanted = Order(from_ms, to_ms, region)
        return write(files, telemetry.directory.view, actor, EXPORT_PERMISSION, wanted, target, folder)
    finally:
        telemetry.history.close()
        shutil.rmtree(folder, ignore_errors=True)


def _write_json(path: Path, value: Any) -> None:
    draft = path.with_suffix(".new")
    draft.write_bytes(orjson.dumps(value))
    draft.replace(path)
