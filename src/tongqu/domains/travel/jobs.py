"""Long work on feeds: the check of a version, and making one live (its lines and stops drawn, its places found)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tongqu.domains.travel import coverage, layers, reports, sheets
from tongqu.domains.travel.content import Content
from tongqu.domains.travel.courses import Agency, feed_of
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.store import places
from tongqu.kernel import documents, jobs
from tongqu.kernel import layers as drawing
from tongqu.kernel.jobs import JobContext, JobKind
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, NotFound, TongquError
from tongqu.kit.time import CHINA
from tongqu.protocols import gtfs

Row = dict[str, Any]
SHEET_DAYS = 365
"""How long a timetable that was made of a spreadsheet is taken to hold."""


def check(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Read a version, note what is wrong, count, and compare with the version that is live.

    With `activate` a version without errors goes live at once.
    """
    version_id = params["version"]
    with context.platform.store.read(context.actor) as work:
        version = feeds.version(work, version_id)
        feed = feeds.get(work, version["feed"])
        before = feeds.version(work, feed["version"]) if feed["version"] else None
    try:
        version, found = _converted(context, feed, version)
        plan = _plan(context, version, 0.1)
    except TongquError as error:
        with context.platform.store.write(context.actor) as work:
            feeds.failed(work, version_id, f"{error.detail['zh']} / {error.detail['en']}")
        raise
    context.check()
    context.progress(0.4, "travel.progress.checking")
    today = datetime.fromtimestamp(context.platform.clock.now_ms() / 1000, CHINA).date()
    notices = [*found, *reports.notices(plan, today)]
    content = Content.of(plan)
    context.check()
    context.progress(0.7, "travel.progress.comparing")
    difference = reports.difference(_plan(context, before, 0.8), plan) if before and before["id"] != version_id else {}
    mended = _mended(context, version, plan)
    with context.platform.store.write(context.actor) as work:
        row = feeds.checked(
            work,
            version_id,
            valid=content.valid,
            notices=notices,
            figures=content.figures(),
            difference=difference,
            mended=mended,
        )
    told = {"version": version_id, "number": row["number"], "errors": row["errors"], "warnings": row["warnings"]}
    if params.get("activate") and not row["errors"]:
        _make_live(context, row, content)
        told["active"] = True
    return told


def activate(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Make a checked version live: draw it, let its places be found, tell whoever plans by it."""
    with context.platform.store.read(context.actor) as work:
        version = feeds.require_can_go_live(work, params["version"])
    content = Content.of(_plan(context, version, 0.1))
    _make_live(context, version, content)
    return {"version": version["id"], "number": version["number"], "active": True}


CHECK = JobKind("travel.check", check, permission=feeds.EDIT, time_limit_s=1800, memory_mb=6000)
ACTIVATE = JobKind("travel.activate", activate, permission=feeds.EDIT, time_limit_s=1800, memory_mb=6000)
ALL = (CHECK, ACTIVATE)


def submit_check(work: Work, feed: Row, version: Row, *, activate: bool = False) -> str:
    """Have a version checked; gives the job."""
    params = {"version": version["id"], "activate": activate}
    return _submit(work, CHECK, feed, version, params, "travel.job_check")


def submit_activation(work: Work, feed: Row, version: Row) -> str:
    """Have a version made live; gives the job."""
    return _submit(work, ACTIVATE, feed, version, {"version": version["id"]}, "travel.job_activate")


def _submit(work: Work, kind: JobKind, feed: Row, version: Row, params: Row, title: str) -> str:
    job = jobs.submit(
        work,
        kind,
        params,
        title_key=title,
        title_params={"name": feed["name"], "number": version["number"]},
        inputs={"feed": version["sha256"]},
        organisation=feed["organisation"],
        region=feed["region"],
    )
    feeds.belongs_to_job(work, version["id"], job)
    return job


def _converted(context: JobContext, feed: Row, version: Row) -> tuple[Row, list[Row]]:
    """A version that came as a spreadsheet is a feed from now on; gives it and what is wrong with the sheet."""
    with context.platform.store.read(context.actor) as work:
        path = documents.file_of(context.platform, documents.get(work.as_system("travel"), version["document"]))
    if not sheets.is_sheet(path, version["name"]):
        return version, []
    context.progress(0.05, "travel.progress.converting", name=version["name"])
    read = sheets.read_courses(path)
    notices = [reports.notice_of(problem, "error", version["name"]) for problem in read.problems]
    notices += [reports.notice_of(problem, "warning", version["name"]) for problem in read.notes]
    if not read.courses:
        raise Invalid("travel.no_courses", problems=read.problems)
    settings = context.platform.settings
    agency = Agency(feed["publisher"] or feed["name"], f"http://{settings.host}:{settings.port}/")
    today = datetime.fromtimestamp(context.platform.clock.now_ms() / 1000, CHINA).date()
    made = feed_of(agency, read.courses, (today, today + timedelta(days=SHEET_DAYS)))
    content = documents.vault(context.platform).keep(made)
    with context.platform.store.write(context.actor) as work:
        owner = {"organisation": feed["organisation"], "region": feed["region"]}
        name = f"{version['name'].rsplit('.', 1)[0]}.zip"
        document = documents.put(work, content, name=name, media_type="application/zip", purpose="export", **owner)
        feeds.converted(work, version["id"], document.id)
    return version | {"document": document.id, "name": name}, notices


def read_version(platform: Platform, version: Row, work: Work) -> Callable[[], gtfs.Schedule]:
    """A function that reads a version's feed, to be called outside of the unit of work."""
    path = documents.file_of(platform, documents.get(work.as_system("travel"), version["document"]))
    return lambda: gtfs.schedule(gtfs.read(path, name=version["name"]))


def _plan(context: JobContext, version: Row, done: float) -> gtfs.Schedule:
    context.check()
    context.progress(done, "travel.progress.reading", name=version["name"])
    with context.platform.store.read(context.actor) as work:
        read = read_version(context.platform, version, work)
    return read()


def _mended(context: JobContext, version: Row, plan: gtfs.Schedule) -> str | None:
    """Keep a repaired copy of the feed, where mending changes anything."""
    made = reports.mended(plan.feed)
    if made is None:
        return None
    content = documents.vault(context.platform).keep(made)
    with context.platform.store.write(context.actor) as work:
        feed = store.feed(work, version["feed"])
        if feed is None:
            raise NotFound("travel.unknown_feed", id=version["feed"])
        document = documents.put(
            work,
            content,
            name=f"mended-{version['name']}",
            media_type="application/zip",
            purpose="export",
            organisation=feed["organisation"],
            region=feed["region"],
        )
    return document.id


def _make_live(context: JobContext, version: Row, content: Content) -> None:
    with context.platform.store.read(context.actor) as work:
        feed = feeds.get(work, version["feed"])
    context.check()
    context.progress(0.85, "travel.progress.drawing")
    drawn = ((layers.LINES, list(content.lines(feed["code"]))), (layers.STOPS, list(content.stops(feed["code"]))))
    rows = content.places(feed["id"], feed["name"], feed["region"])
    context.check()
    with context.platform.store.write(context.actor) as work:
        feeds.activate(work, version["id"])
        for layer, features in drawn:
            drawing.replace(work, layer, features, within=f"{feed['code']}:")
        places.replace(work.as_system("travel"), f"feed:{feed['id']}", rows)
        coverage.draw(work)
    context.progress(1.0)


def take_back(work: Work, feed: Row) -> None:
    """Draw a feed no longer and let its places be forgotten."""
    for layer in layers.OF_FEEDS:
        drawing.replace(work, layer, (), within=f"{feed['code']}:")
    places.replace(work.as_system("travel"), f"feed:{feed['id']}", ())
    coverage.draw(work)
