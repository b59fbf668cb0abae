"""Whole files that travel takes in: GTFS feeds, metro timetables, stop places of NeTEx."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tongqu.domains.travel import jobs, metro, sites
from tongqu.domains.travel.service import feeds, stop_places
from tongqu.domains.travel.store import feeds as store
from tongqu.domains.travel.tables import Condition, VersionState
from tongqu.kernel import documents, identity
from tongqu.kernel.imports import Loader
from tongqu.kernel.imports.files.recognise import members
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.store import Work
from tongqu.kit.errors import Invalid, Problem
from tongqu.kit.regions import level
from tongqu.kit.time import CHINA
from tongqu.protocols import metro_json, netex

NETWORK = "travel.network"  # stop places, as streets, change how everybody's journeys are planned
_FILES = {"stops.txt", "routes.txt", "trips.txt", "stop_times.txt"}


def recognise(path: Path, head: bytes) -> float:
    """A zip with the four files every feed has is a feed."""
    if not head.startswith(b"PK"):
        return 0.0
    names = {name.rsplit("/", 1)[-1] for name in members(path)}
    if not names:  # a broken archive of a feed is still one, and is refused as one
        return 0.3 if b"stop_times.txt" in head or b"stops.txt" in head else 0.0
    return len(_FILES & names) / len(_FILES)


def recognise_metro(path: Path, head: bytes) -> float:
    """A zip of JSON5 files with a timetable of lines."""
    if not head.startswith(b"PK"):
        return 0.0
    names = [name for name in members(path) if name.endswith(".json5")]
    return 0.95 if any(name.endswith("metadata.json5") for name in names) and len(names) > 1 else 0.0


def load_metro(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take a metro in that comes in its city's JSON5 format: a GTFS feed is made of it and received as a version.

    Options: as `load`. The feed has no coordinates, which its check says; whoever accepts that makes it live.
    """
    context.progress(0.05, "travel.progress.converting", name=path.name)
    city = metro_json.read(path)
    settings = context.platform.settings
    today = datetime.fromtimestamp(context.platform.clock.now_ms() / 1000, CHINA).date()
    valid = (today, today + timedelta(days=jobs.SHEET_DAYS))
    made = context.folder / f"{path.stem}.zip"
    made.write_bytes(metro.feed_of(city, f"http://{settings.host}:{settings.port}/", valid))
    return load(context, made, {"name": city.name} | options)


def load(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take a feed in as a new version and make it live if its check finds no errors.

    Options: `feed` its code (by default from the file's name), `name`, `region` (by default the actor's).
    """
    code = str(options.get("feed") or re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "feed")[:40]
    content = documents.vault(context.platform).keep(path)
    with context.platform.store.write(context.actor) as work:
        feed = store.feed_by_code(work, code)
        if feed is None:
            feed = feeds.register(
                work,
                code if code[:1].isalpha() else f"feed-{code}"[:40],
                str(options.get("name") or path.stem)[:120],
                region=_region(work, options),
                organisation=work.actor.organisation,
                condition=Condition.NOT_OPEN,
            )
        document = documents.put(
            work,
            content,
            name=path.name,
            media_type="application/zip",
            purpose="import",
            organisation=feed["organisation"],
            region=feed["region"],
        )
        version = feeds.receive(work, feed["id"], document.id)
    jobs.check(context, {"version": version["id"], "activate": True})
    with context.platform.store.read(context.actor) as work:
        row = feeds.version(work, version["id"])
    counted = ("stops", "lines", "trips", "calls")
    return {
        "taken": {name: row["figures"].get(name, 0) for name in counted},
        "flagged": {notice["code"]: notice["total"] for notice in row["notices"] if notice["severity"] != "error"},
        "refused": {notice["code"]: notice["total"] for notice in row["notices"] if notice["severity"] == "error"},
        "problems": _not_live(row),
        "feed": feed["code"],
        "version": row["number"],
        "state": row["state"],
    }


def _not_live(version: dict[str, Any]) -> list[Problem]:
    """A version that has errors is kept and shown, and does not go live by itself."""
    if version["state"] == VersionState.ACTIVE:
        return []
    return [Problem("travel.kept_not_live", params={"version": version["number"], "errors": version["errors"]})]


def _region(work: Work, options: dict[str, Any]) -> str:
    """The region that was given, else the one the actor's right holds in, else the only province there is."""
    granted = [grant.region for grant in work.actor.grants_for(feeds.EDIT) if grant.region]
    provinces = [one.code for one in identity.regions(work) if level(one.code) == "province"]
    found = options.get("region") or next(iter(granted), None) or (provinces[0] if len(provinces) == 1 else None)
    if not found:
        raise Invalid("travel.region_needed", field="region")
    return str(found)


def recognise_netex(path: Path, head: bytes) -> float:
    """XML that begins as a publication of NeTEx; surer where stop places come early."""
    if b"PublicationDelivery" not in head or b"netex.org.uk/netex" not in head:
        return 0.0
    return 0.95 if b"<StopPlace" in head or b":StopPlace" in head else 0.6


def load_netex(context: JobContext, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Take stop places in: they are found by name, and stops of feeds that they are get the signs and positions of
    their quays. Those that came before from the same source are replaced; a broken file changes nothing.

    Options: `source` their code (by default from the file's name), `name`, `region` (by default the actor's).
    """
    context.progress(0.05, "travel.progress.stop_places", name=path.name)
    code = stop_places.code_of(str(options.get("source") or path.stem))
    with context.platform.store.read(context.actor) as work:
        region = identity.region_code(_region(work, options))
    today = datetime.fromtimestamp(context.platform.clock.now_ms() / 1000, CHINA).date()
    reading = netex.stop_places(path)
    taken = stop_places.Taken(code, str(options.get("name") or path.stem), region, today)
    made = context.folder / f"{code}.jsonl"
    if not sites.keep(made, taken.through(reading)):
        raise Invalid("travel.no_stop_places", name=path.name)
    context.check()
    context.progress(0.8, "travel.progress.stop_places", name=path.name)
    with context.platform.store.write(context.actor) as work:
        stop_places.replace(work, taken)
    sites.move(made, stop_places.folder_of(context.platform) / made.name)
    noted = Counter(notice.code for notice in reading.notices)
    return {
        "taken": {**taken.counts, "places": len(taken.rows)},
        "flagged": {**taken.left, **noted},
        "refused": {"elements": reading.skipped} if reading.skipped else {},
        "problems": [
            Problem("travel.netex_notice", params={"element": one.element, **one.detail}) for one in reading.notices
        ],
        "source": code,
    }


GTFS = Loader("travel.gtfs", recognise, load, permission=feeds.EDIT, suffixes=(".zip",))
METRO = Loader("travel.metro", recognise_metro, load_metro, permission=feeds.EDIT, suffixes=(".zip",))
NETEX = Loader("travel.netex", recognise_netex, load_netex, permission=NETWORK, suffixes=(".xml",))
