"""A toy importer over a table of its own, and ways to run an import in this process."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import Integer, String, insert, select, update
from starlette.testclient import TestClient

from tongqu.kernel import documents, imports, jobs
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.documents.module import MODULE as DOCUMENTS
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.imports import Column, Importer, Outcome, Row, service
from tongqu.kernel.imports.module import MODULE as IMPORTS
from tongqu.kernel.imports.reading import read
from tongqu.kernel.imports.reading.sheet import Sheet
from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.run import run
from tongqu.kernel.jobs import store as job_store
from tongqu.kernel.jobs.context import Reporter
from tongqu.kernel.jobs.tests.support import fresh_platform, make_platform, person
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Scope, Work, column, metadata, table
from tongqu.kit import text
from tongqu.kit.errors import Refused

TABLES = metadata()
ITEM = table(
    "toy_item",
    TABLES,
    column("code", String(40), primary_key=True),
    column("mass_kg", Integer, nullable=True),
    column("colour", String(20), nullable=True),
    scope=Scope(open=True),
)


def apply(work: Work, row: Row) -> Outcome:
    """Write first and refuse afterwards, as a careless verb would."""
    code, wanted = row["code"], {"mass_kg": row["mass_kg"], "colour": row["colour"]}
    old = work.one(select(ITEM).where(ITEM.c.code == code))
    if old is None:
        work.execute(insert(ITEM).values(code=code, **wanted))
    elif {name: old[name] for name in wanted} == wanted:
        return Outcome("unchanged", code)
    else:
        work.execute(update(ITEM).where(ITEM.c.code == code).values(**wanted))
    if code.startswith("BAD"):
        raise Refused("imports.conflict")
    if code.startswith("CRASH"):
        raise ZeroDivisionError
    if code.startswith("TWICE"):
        work.execute(insert(ITEM).values(code=code))
    return Outcome("created" if old is None else "updated", code)


COLUMNS = (
    Column("code", required=True, example="A-1", most=40, parse=imports.code),
    Column("mass_kg", "integer", example="1200", least=1, most=50_000),
    Column("colour", "enum", options=("red", "blue"), enum="tint"),
    Column("made", "date"),
    Column("spare", "boolean"),
)
TOYS = Importer("toys", COLUMNS, permission="toy.edit", apply=apply)
TOY = Module(
    id="toy", package="tongqu.kernel.imports.tests", field="platform", permissions=("toy.edit",), importers=(TOYS,)
)
BOUND = Bound("toy", TOYS)
MODULES = (AUDIT, IDENTITY, DOCUMENTS, IMPORTS, TOY)
LI = person("p-li", "toy.edit", organisations=["o1"])


def toy_platform(settings: Settings) -> Platform:
    """As the process of a job builds it."""
    return make_platform(settings, *MODULES)


def fresh(folder: Path) -> Platform:
    text.register("toy", "tongqu.kernel.imports.tests")
    platform = fresh_platform(folder, *MODULES, factory=f"{__name__}:toy_platform")
    TABLES.create_all(platform.store.engine)
    return platform


def items(platform: Platform) -> dict[str, int | None]:
    with platform.store.engine.connect() as connection:
        return {row.code: row.mass_kg for row in connection.execute(select(ITEM.c.code, ITEM.c.mass_kg))}


def xlsx(*rows: Sequence[Any], change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook with these rows on its only sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(folder: Path, data: bytes) -> Sheet:
    path = folder / "sheet"
    path.write_bytes(data)
    return read(path)


def put(platform: Platform, data: bytes, actor: Actor = LI, bound: Bound = BOUND, **options: Any) -> str:
    """Submit a file as the route does."""
    content = documents.vault(platform).keep(data)
    given = {"file_name": "a.csv", "dry_run": False, "all_or_nothing": False, "idempotency_key": None} | options
    with platform.store.write(actor) as work:
        return service.submit(work, bound, content, **given)


def take_in(platform: Platform, data: bytes, actor: Actor = LI, bound: Bound = BOUND, **options: Any) -> dict[str, Any]:
    """Submit a file and run its job here; gives the result, with the report as `rows` and the run as `run`."""
    job = put(platform, data, actor, bound, **options)
    return run_here(platform, job, actor)


def run_here(platform: Platform, job: str, actor: Actor = LI) -> dict[str, Any]:
    with platform.store.write(job_store.PLATFORM) as work:
        claimed = job_store.claim(work, job, "here", "v")
    assert claimed is not None
    folder = platform.settings.data / "jobs" / job
    folder.mkdir(parents=True, exist_ok=True)
    context = jobs.JobContext(platform, actor, job, claimed["attempt"], 0, folder, Reporter(platform, job, 1))
    result = run(context, claimed["parameters"])
    return result | report(platform, job, actor)


def report(platform: Platform, job: str, actor: Actor = LI) -> dict[str, Any]:
    from tongqu.kernel.imports import store
    from tongqu.kernel.imports.schemas import shown_row, shown_run

    with platform.store.read(actor) as work:
        rows = [shown_row(row) for row in store.all_rows(work, job)]
        return {"job": job, "rows": rows, "run": shown_run(service.run_of(work, job))}


def outcomes(result: dict[str, Any]) -> list[tuple[int, str, list[str]]]:
    """Row, outcome and codes of problems, in short."""
    return [
        (row["row"], row["outcome"], [problem["code"].removeprefix("imports.") for problem in row["problems"]])
        for row in result["rows"]
    ]


def upload(client: TestClient, importer: str, data: bytes, name: str = "a.xlsx", **params: Any) -> Any:
    key = params.pop("key", None)
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"imports/{importer}", files={"file": (name, data)}, params=params, headers=headers)
