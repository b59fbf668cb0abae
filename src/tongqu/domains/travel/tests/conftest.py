"""A fresh platform with travel per test, small feeds written by hand, and people of three cities."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tongqu.domains.travel import jobs
from tongqu.domains.travel.module import MODULE as TRAVEL
from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.tables import Condition
from tongqu.kernel import documents
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.imports.tests.support import MODULES as ROOMS
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.jobs.context import Reporter
from tongqu.kernel.jobs.tests.support import fresh_platform, make_platform, person
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.notify.module import MODULE as NOTIFY
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor
from tongqu.kernel.things.module import MODULE as THINGS
from tongqu.kit import text

text.register("travel", "tongqu.domains.travel")
text.register("imports", "tongqu.kernel.imports")

EVERY = ("travel.read", "travel.edit", "things.read")
CHIEF = person("p-chief", *EVERY, "travel.fetch", "notify.endpoints", region="99")
CITY = person("p-city", *EVERY, region="9902")
OTHER = person("p-other", *EVERY, region="9901")
ALL = (CHIEF, CITY, OTHER)
MODULES = (*ROOMS[:-1], EVENTS, THINGS, LAYERS, NOTIFY, TRAVEL)

SMALL = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,望汀公交,https://example.org,Asia/Shanghai\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
    "s1,人民广场,27.900000,120.600000\ns2,重庆路口,27.910000,120.610000\ns3,望汀港,27.920000,120.620000\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nr1,A,1路,人民广场—望汀港,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "w,1,1,1,1,1,0,0,20261102,20261231\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nr1,w,t1,0\nr1,w,t2,0\nr1,w,t3,1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,s1,1\nt1,08:05:00,08:06:00,s2,2\nt1,08:12:00,08:12:00,s3,3\n"
    "t2,09:00:00,09:00:00,s1,1\nt2,,,s2,2\nt2,09:12:00,09:12:00,s3,3\n"
    "t3,10:00:00,10:00:00,s3,1\nt3,10:12:00,10:12:00,s1,2\n",
}
"""A bus line of three stops: two trips there and one back on working days."""


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in files.items():
            file.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def travel_platform(settings: Settings) -> Platform:
    """As the process of a job builds it."""
    return make_platform(settings, *MODULES)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = fresh_platform(tmp_path, *MODULES, factory=f"{__name__}:travel_platform")
    yield made
    made.close()


@pytest.fixture
def feed(platform: Platform) -> dict[str, Any]:
    """A feed of 望汀市 that is open without condition."""
    with platform.store.write(CITY) as work:
        return feeds.register(
            work, "wangting-bus", "望汀公交", region="9902", condition=Condition.UNCONDITIONAL, licence="CC BY 4.0"
        )


@pytest.fixture
def context(platform: Platform, tmp_path: Path) -> JobContext:
    """What a job of CITY has in hand, with nobody reading its progress."""
    return JobContext(platform, CITY, "j", 1, 7, tmp_path, Reporter(platform, "j", 1))


@pytest.fixture
def receive(platform: Platform, feed: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Uploads files as a new version of the feed."""

    def take(files: dict[str, str] | bytes, actor: Actor = CITY) -> dict[str, Any]:
        content = documents.vault(platform).keep(files if isinstance(files, bytes) else zipped(files))
        with platform.store.write(actor) as work:
            document = documents.put(work, content, name="望汀.zip", media_type="application/zip")
            return feeds.receive(work, feed["id"], document.id)

    return take


@pytest.fixture
def check(platform: Platform, context: JobContext) -> Callable[..., dict[str, Any]]:
    """Runs the check of a version here, and gives the version as it is then."""

    def run(version: dict[str, Any], activate: bool = False) -> dict[str, Any]:
        jobs.check(context, {"version": version["id"], "activate": activate})
        with platform.store.read(CITY) as work:
            return feeds.version(work, version["id"])

    return run
