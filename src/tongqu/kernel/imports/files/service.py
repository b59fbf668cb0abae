"""The verbs of whole files: submit one that was uploaded."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tongqu.kernel import documents, jobs
from tongqu.kernel.documents.service import clean_name
from tongqu.kernel.imports.files.recognise import Recognised, recognise
from tongqu.kernel.imports.files.run import LOAD, named
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work


def look(platform: Platform, actor: Actor, row: dict[str, Any], wanted: str | None) -> Recognised:
    """What kind of file a document is, by the loaders; errors as `recognise`."""
    with TemporaryDirectory(prefix="tongqu-look-") as folder:
        path = Path(folder) / clean_name(row["name"])
        named(documents.file_of(platform, row), path)
        return recognise(platform, actor, path, row["name"], wanted)


def submit(
    work: Work, row: dict[str, Any], found: Recognised, options: dict[str, Any], idempotency_key: str | None
) -> str:
    """Queue the loading of a document; gives the id of the job."""
    params = {"name": row["name"], "sha256": row["sha256"], "loader": found.loader.id, "options": options}
    return jobs.submit(
        work,
        LOAD,
        params,
        inputs={"file": row["sha256"]},
        title_key="imports.titles.load",
        title_params={"file": row["name"]},
        idempotency_key=idempotency_key,
    )
