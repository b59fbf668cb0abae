"""Spreadsheets among whole files: the importer whose headings the sheet has takes the rows, as in the page."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from tongqu.kernel.imports import rows, run, store
from tongqu.kernel.imports.files.report import MOST_PROBLEMS
from tongqu.kernel.imports.reading import Sheet, read
from tongqu.kernel.imports.rows import Bound, importers
from tongqu.kernel.jobs import JobContext
from tongqu.kit.errors import Invalid, Problem, TongquError


def load(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take the rows in by the importer that understands the heading; the report row by row is that of imports.

    Raises:
        Invalid: `imports.no_importer`: no importer of the actor knows this heading.
    """
    sheet = read(path)
    bound = importer_of(context, sheet, options.get("importer"))
    params = {
        "importer": bound.importer.id,
        "sha256": options["sha256"],
        "dry_run": False,
        "all_or_nothing": False,
    }
    with context.platform.store.write(context.actor) as work:
        if store.run(work, context.job_id) is None:  # a second attempt goes on with the report of the first
            store.add_run(work, _run_row(context, bound, options["file_name"], work.now_ms))
    counts: dict[str, int] = run.run(context, params)["counts"]
    problems = _problems(context)
    return {
        "taken": {name: counts[name] for name in ("created", "updated", "unchanged") if counts.get(name)},
        "flagged": {},
        "refused": {"rows": counts["refused"]} if counts.get("refused") else {},
        "problems": problems,
        "importer": bound.importer.id,
        "report": f"imports/runs/{context.job_id}",
    }


def _run_row(context: JobContext, bound: Bound, file_name: str, now_ms: int) -> dict[str, Any]:
    return {
        "job": context.job_id,
        "importer": bound.importer.id,
        "document": "",
        "file_name": file_name,
        "dry_run": False,
        "all_or_nothing": False,
        "total": 0,
        "notes": [],
        "created_ms": now_ms,
        "person": context.actor.id,
        "person_name": context.actor.name,
        "organisation": context.actor.organisation,
        "region": None,
    }


def importer_of(context: JobContext, sheet: Sheet, wanted: str | None) -> Bound:
    """The importer that knows most columns of a sheet and misses none that it requires."""
    known = importers(context.platform.modules)
    if wanted is not None and wanted in known:
        return known[wanted]
    fits: list[tuple[int, Bound]] = []
    for bound in known.values():
        if not context.actor.may(bound.importer.permission):
            continue
        try:
            table = rows.understand(sheet, bound)
        except TongquError:
            continue
        fits.append((len(table.places), bound))
    if not fits:
        raise Invalid("imports.no_importer", known=", ".join(known))
    return max(fits, key=lambda one: one[0])[1]


def _problems(context: JobContext) -> list[Problem]:
    with context.platform.store.read(context.actor) as work:
        refused = list(islice(store.all_rows(work, context.job_id, "refused"), MOST_PROBLEMS))
    return [
        Problem(fault["code"], field=fault["field"], row=row["row"], params=fault["params"])
        for row in refused
        for fault in row["problems"]
    ]
