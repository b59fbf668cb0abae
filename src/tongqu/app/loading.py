"""`tongqu load FILE...`: whole files into the running platform or its data at rest; what came of each is printed."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tongqu.app.exporting import settings_of
from tongqu.app.platform import open_platform, prepare
from tongqu.app.problems import RemoteProblem
from tongqu.app.progress import both, console
from tongqu.app.remote import Remote, runs
from tongqu.kernel.platform import Platform, Settings
from tongqu.kit.errors import Invalid, NotFound, Refused, TongquError
from tongqu.kit.text import text

SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx")
SHOWN_PROBLEMS = 20
Watch = Callable[[float, str], None]
Load = Callable[[Path, str, Watch], dict[str, Any]]


@dataclass(frozen=True)
class Wish:
    """How files are to be taken: a loader by id (or empty) and its options."""

    kind: str
    options: dict[str, str]


def load(files: Sequence[Path], *, kind: str, options: Sequence[str], data: Path | None, port: int | None) -> int:
    """Load files one after the other; gives 0, or 1 where one was refused as a whole.

    Raises:
        Invalid: `app.bad_option`; NotFound: `app.no_data`, `app.no_file`; Refused: `telemetry.in_use`.
    """
    wish = Wish(kind, dict(_option(one) for one in options))
    for path in files:
        if not path.is_file():
            raise NotFound("app.no_file", file=str(path))
    settings = settings_of(data, port)
    failed = 0
    with _loader(settings, wish) as take, _bar() as bar:
        for path in files:
            task = bar.add_task(path.name, total=1.0, what="")
            try:
                with _as_one_file(path) as (whole, name):
                    report = take(
                        whole, name, lambda done, what, task=task: bar.update(task, completed=done, what=what)
                    )
                bar.update(task, completed=1.0, what="")
                _show(report)
            except (TongquError, RemoteProblem) as error:
                failed += 1
                _refuse(path.name, error.body if isinstance(error, RemoteProblem) else error.as_problem())
    return 1 if failed else 0


def _option(text_: str) -> tuple[str, str]:
    name, sign, value = text_.partition("=")
    if not sign or not name:
        raise Invalid("app.bad_option", value=text_)
    return name.strip(), value


def _bar() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TaskProgressColumn())
    return Progress(*columns, TextColumn("{task.fields[what]}"), TimeElapsedColumn(), console=console)


@contextmanager
def _as_one_file(path: Path) -> Any:
    """A Shapefile is several files: those beside the .shp go along, packed as one archive."""
    if path.suffix.lower() != ".shp":
        yield path, path.name
        return
    with tempfile.TemporaryDirectory(prefix="tongqu-load-") as folder:
        packed = Path(folder) / f"{path.stem}.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(path.parent.iterdir()):
                if part.stem == path.stem and part.suffix.lower() in SHAPEFILE:
                    archive.write(part, part.name)
        yield packed, packed.name


@contextmanager
def _loader(settings: Settings, wish: Wish) -> Any:
    """The function that loads one file, wherever the platform is."""
    if runs(settings):
        yield _remote(Remote(settings), wish)
        return
    platform = open_platform(settings)
    try:
        with _at_rest(platform):
            yield lambda path, name, watch: _local(platform, path, name, wish, watch)
    finally:
        platform.close()


def _remote(remote: Remote, wish: Wish) -> Load:
    def take(path: Path, name: str, watch: Watch) -> dict[str, Any]:
        document = remote.upload(path, name, lambda sent, size: watch(0.3 * sent / size, both("app.load.sending")))
        body = {"document": document, "loader": wish.kind or None, "options": wish.options}
        job = remote.post("imports/files", body)["job"]

        def follow(found: dict[str, Any]) -> None:
            said = found.get("message") or {}
            watch(0.3 + 0.7 * float(found["progress"]), f"{said.get('zh', '')} / {said.get('en', '')}".strip(" /"))

        return remote.finished(job, follow)

    return take


@dataclass
class _Reporter:
    """Progress of a job that runs in this process."""

    watch: Watch
    cancelled: bool = False
    lines: list[str] = field(default_factory=list)

    def progress(self, fraction: float, key: str | None, params: dict[str, Any]) -> None:
        self.watch(min(1.0, max(0.0, fraction)), both(key, **params) if key else "")

    def log(self, _: str, line: str) -> None:
        self.lines.append(line)


@contextmanager
def _at_rest(platform: Platform) -> Any:
    """The tables brought up to date, and this process the owner of the history."""
    import duckdb

    from tongqu.kernel.geo import RegionIndex
    from tongqu.kernel.telemetry import RegionLocator, Telemetry
    from tongqu.kernel.telemetry.inbox import AtRest

    prepare(platform)
    index = RegionIndex(platform.store)
    platform.provide(index)
    platform.provide(index, RegionLocator)
    try:
        telemetry = Telemetry(platform)
    except duckdb.IOException as error:
        raise Refused("telemetry.in_use", folder=str(platform.settings.data)) from error
    try:
        telemetry.prepare()
        telemetry.writer.catch_up()
        platform.provide(AtRest(telemetry.writer.take_in))
        yield
        telemetry.writer.settle_now()
    finally:
        telemetry.history.close()


def _local(platform: Platform, path: Path, name: str, wish: Wish, watch: Watch) -> dict[str, Any]:
    """Load a file in this process, as its job would in the running platform."""
    from tongqu.kernel import documents
    from tongqu.kernel.documents.service import most_bytes
    from tongqu.kernel.identity.service.local import local_administrator
    from tongqu.kernel.imports.files import run
    from tongqu.kernel.jobs import JobContext
    from tongqu.kit.ids import new_id

    with path.open("rb") as opened:
        content = documents.vault(platform).keep(opened, most_bytes(platform))
    permissions = frozenset(one for module in platform.modules for one in module.permissions)
    actor = local_administrator(permissions)
    with platform.store.write(actor) as work:
        documents.put(work, content, name=name, media_type="application/octet-stream", purpose="import")
    with tempfile.TemporaryDirectory(prefix="tongqu-load-") as folder:
        context = JobContext(platform, actor, new_id(), 1, 7, Path(folder), _Reporter(watch))  # type: ignore[arg-type]
        params = {"name": name, "sha256": content.sha256, "loader": wish.kind or None, "options": wish.options}
        return run.run(context, params)


def _show(report: dict[str, Any]) -> None:
    """What came of a file."""
    module, _, name = report["loader"].partition(".")
    title = text(f"{module}.loaders.{name}.title")
    table = Table(title=f"{report['file']}  {title['zh']} / {title['en']}", title_justify="left", show_edge=False)
    for part in ("taken", "flagged", "refused"):
        table.add_column(both(f"app.load.{part}"))
    table.add_row(*(_counts(report[part]) for part in ("taken", "flagged", "refused")))
    console.print(table)
    for problem in report["problems"][:SHOWN_PROBLEMS]:
        where = " ".join(str(problem[name]) for name in ("row", "field") if problem[name] is not None)
        said = f"{problem['detail']['zh']} / {problem['detail']['en']}"
        console.print(f"  {where}: {said}" if where else f"  {said}", markup=False)
    if (rest := len(report["problems"]) - SHOWN_PROBLEMS) > 0:
        console.print(f"  {both('app.load.more', count=rest)}", markup=False)


def _counts(counts: dict[str, int]) -> str:
    return "  ".join(f"{name} {count:,}" for name, count in counts.items()) or "-"


def _refuse(name: str, problem: dict[str, Any]) -> None:
    console.print(f"[bold red]{name}[/]  {problem['code']}")
    console.print(f"  {problem['detail']['zh']} / {problem['detail']['en']}", markup=False)
    for one in problem.get("problems", [])[:SHOWN_PROBLEMS]:
        where = one.get("row") or one.get("field") or ""
        console.print(f"  {where}: {one['detail']['zh']} / {one['detail']['en']}", markup=False)
