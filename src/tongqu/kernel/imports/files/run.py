"""The job that loads a file, and the same in the process of a command where the platform rests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tongqu.kernel import audit, documents
from tongqu.kernel.documents.service import clean_name
from tongqu.kernel.imports.files.recognise import check_archive, recognise
from tongqu.kernel.imports.files.report import plain
from tongqu.kernel.jobs import JobContext, JobKind


def run(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Load the document of an order under its own name. Parameters as `files.service.submit` gives them."""
    path = context.folder / clean_name(params["name"])
    named(documents.vault(context.platform).path(params["sha256"]), path)
    return load(context, path, params["name"], params["loader"], params["options"], params["sha256"])


def load(
    context: JobContext, path: Path, name: str, wanted: str | None, options: dict[str, Any], sha256: str
) -> dict[str, Any]:
    """Recognise and load one file; gives the report of its loader with what it was.

    Raises:
        Invalid: the file is broken, unknown, or refused as a whole by its loader; nothing was taken in then.
    """
    context.progress(0.0, "imports.progress.looking", name=name)
    found = recognise(context.platform, context.actor, path, name, wanted)
    check_archive(path, name)
    context.check()
    report = plain(found.loader.load(context, path, {"file_name": name, "sha256": sha256, **options}))
    with context.platform.store.write(context.actor) as work:
        counts = {part: report[part] for part in ("taken", "flagged", "refused")}
        audit.record(
            work, "imports.load", f"urn:tongqu:job:{context.job_id}", file=name, sha256=sha256,
            loader=found.loader.id, **counts,
        )  # fmt: skip
    return {"file": name, "loader": found.loader.id, "sure": round(found.sure, 2), **report}


def named(content: Path, path: Path) -> None:
    """Let a kept content be found under a file's own name, which tells readers its kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        path.symlink_to(content.resolve())
    except OSError:
        shutil.copyfile(content, path)


LOAD = JobKind("imports.load", run, time_limit_s=4 * 3600, memory_mb=4096)
