"""The job that takes a file in: rows in short units of work, each row in a savepoint of its own.

A row and its line of the report are one: a run that dies and is begun again goes on after the rows it has reported.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError

from tongqu.kernel import audit, documents
from tongqu.kernel.imports import rows, store
from tongqu.kernel.imports.reading import read
from tongqu.kernel.imports.rehearsal import Stage, rehearsal
from tongqu.kernel.imports.rows import Fault, Parsed, Table, importers
from tongqu.kernel.imports.values import Apply
from tongqu.kernel.jobs import JobContext, JobKind
from tongqu.kernel.store import Work
from tongqu.kit.errors import NotFound, Problem, TongquError, TooLarge

log = logging.getLogger("tongqu.imports")

SLICE_S = 0.015
MOST_AT_ONCE = 200
MOST_ALL_OR_NOTHING = 2_000


class _UndoAllError(Exception):
    """A row was refused where all or nothing was asked for."""


@dataclass
class Taking:
    """One run: what it applies, and where.

    Attributes:
        live: rows are written to stay, and their report with them.
    """

    context: JobContext
    apply: Apply
    stage: Stage
    live: bool

    def some(self, wanted: Sequence[Parsed]) -> int:
        """Take the next rows in as one unit of work, as many as fit a short while; gives how many."""
        until = time.monotonic() + SLICE_S
        lines: list[dict[str, Any]] = []
        with self.stage.write(self.context.actor) as work:
            for parsed in wanted[:MOST_AT_ONCE]:
                lines.append(self.one(work, parsed))
                if time.monotonic() >= until:
                    break
            if self.live:
                store.add_rows(work, lines)
        if not self.live:
            self.report(lines)
        return len(lines)

    def one(self, work: Work, parsed: Parsed) -> dict[str, Any]:
        """Take one row in, or undo what it has done; gives its line of the report."""
        if parsed.refused:
            return self.line(parsed, "refused")
        try:
            with work.connection.begin_nested():
                outcome = self.apply(work, parsed.values)
        except TongquError as error:
            return self.line(parsed, "refused", _faults(error))
        except IntegrityError as error:
            log.warning("row %s: %s", parsed.number, error.orig)
            return self.line(parsed, "refused", [Fault("imports.conflict", {})])
        except OperationalError:  # the store itself is in trouble: no fault of the row
            raise
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("row %s, reference %s", parsed.number, reference)
            return self.line(parsed, "refused", [Fault("imports.row_crashed", {"reference": reference})])
        return self.line(parsed, outcome.done, key=outcome.key, urn=outcome.urn)

    def line(
        self,
        parsed: Parsed,
        outcome: str,
        faults: Sequence[Fault] = (),
        key: str | None = None,
        urn: str | None = None,
    ) -> dict[str, Any]:
        return {
            "job": self.context.job_id,
            "row": parsed.number,
            "outcome": outcome,
            "key": None if key is None else key[:200],
            "urn": urn,
            "problems": [_packed(fault) for fault in (*parsed.faults, *faults)],
        }

    def report(self, lines: Sequence[dict[str, Any]]) -> None:
        with self.context.platform.store.write(self.context.actor) as work:
            store.add_rows(work, lines)


def run(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Take in the file of a run. Parameters as `service.submit` gives them."""
    platform = context.platform
    bound = importers(platform.modules).get(params["importer"])
    if bound is None:
        raise NotFound("imports.unknown", importer=params["importer"])
    context.progress(0.0, "imports.progress.reading")
    sheet = read(documents.vault(platform).path(params["sha256"]))
    table = rows.understand(sheet, bound)
    wanted = list(_parsed(context, table, bound))
    with platform.store.write(context.actor) as work:
        if params["dry_run"]:
            store.clear_rows(work, context.job_id)
        store.note(work, context.job_id, len(wanted), [_packed_note(note) for note in table.notes])
        done = store.reported(work, context.job_id)
    left = [parsed for parsed in wanted if parsed.number not in done]
    apply = bound.importer.applier(platform)
    if params["all_or_nothing"] and not params["dry_run"]:
        _all_or_nothing(Taking(context, apply, Stage(platform.store), live=True), left)
    elif params["dry_run"]:
        with rehearsal(platform, context.folder) as stage:
            _in_parts(Taking(context, apply, stage, live=False), left, len(wanted))
    else:
        _in_parts(Taking(context, apply, Stage(platform.store), live=True), left, len(wanted))
    with platform.store.write(context.actor) as work:
        counts = store.counts(work, context.job_id)
        if not params["dry_run"]:
            audit.record(work, "imports.run", context.job_id, **params, counts=counts)
    return {"total": len(wanted), "counts": counts, "dry_run": params["dry_run"]}


def _parsed(context: JobContext, table: Table, bound: rows.Bound) -> Iterator[Parsed]:
    for number, parsed in enumerate(rows.parse_rows(table, bound)):
        if number % 500 == 0:
            context.check()
        yield parsed


def _in_parts(taking: Taking, left: Sequence[Parsed], total: int) -> None:
    done = total - len(left)
    position = 0
    while position < len(left):
        taking.context.check()
        position += taking.some(left[position : position + MOST_AT_ONCE])
        taking.context.progress((done + position) / total, "imports.progress.rows", done=done + position, total=total)


def _all_or_nothing(taking: Taking, left: Sequence[Parsed]) -> None:
    """Take all rows in as one unit of work; if one is refused, none stays and the report says so of each."""
    if len(left) > MOST_ALL_OR_NOTHING:
        raise TooLarge("imports.too_many_at_once", rows=len(left), most=MOST_ALL_OR_NOTHING)
    lines: list[dict[str, Any]] = []
    try:
        with taking.stage.write(taking.context.actor) as work:
            for parsed in left:
                taking.context.check()
                lines.append(taking.one(work, parsed))
            if any(line["outcome"] == "refused" for line in lines):
                raise _UndoAllError
            store.add_rows(work, lines)
    except _UndoAllError:
        taking.report([_undone(line) for line in lines])


def _undone(line: dict[str, Any]) -> dict[str, Any]:
    if line["outcome"] == "refused":
        return line
    because = _packed(Fault("imports.others_refused", {}))
    return line | {"outcome": "refused", "urn": None, "problems": [*line["problems"], because]}


def _faults(error: TongquError) -> list[Fault]:
    """The problems inside an error, or the error itself."""
    if error.problems:
        return [Fault(problem.code, problem.params, problem.field) for problem in error.problems]
    return [Fault(error.code, error.params, error.field)]


def _packed(fault: Fault) -> dict[str, Any]:
    params = {name: value if isinstance(value, int | float) else str(value) for name, value in fault.params.items()}
    return {"code": fault.code, "field": fault.field, "level": fault.level, "params": params}


def _packed_note(note: Problem) -> dict[str, Any]:
    return _packed(Fault(note.code, note.params, note.field, "warning"))


JOB = JobKind("imports.run", run, time_limit_s=3600, memory_mb=1536)
