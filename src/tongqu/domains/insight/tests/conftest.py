"""An operations centre: a province of two cities, two officers in one of them, one in the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tongqu.domains.insight.module import MODULE as INSIGHT
from tongqu.kernel import alarms, identity
from tongqu.kernel.alarms.module import MODULE as ALARMS
from tongqu.kernel.alarms.values import Episode, Kind, Subject
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.calendar.module import MODULE as CALENDAR
from tongqu.kernel.cases.module import MODULE as CASES
from tongqu.kernel.documents.module import MODULE as DOCUMENTS
from tongqu.kernel.events import Runner
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.identity.module import prepare_roles
from tongqu.kernel.jobs.module import MODULE as JOBS
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.notify.module import MODULE as NOTIFY
from tongqu.kernel.numbering.module import MODULE as NUMBERING
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.rulebooks.module import MODULE as RULEBOOKS
from tongqu.kernel.store import Actor, Store, migrate, system_actor
from tongqu.kit import text
from tongqu.kit.time import ManualClock, parse_iso

START_MS = parse_iso("2026-11-24T09:00:00+08:00")
SYSTEM = system_actor("test")
MODULES = (
    *(AUDIT, IDENTITY, EVENTS, JOBS, LAYERS, DOCUMENTS, RULEBOOKS, CALENDAR),
    *(NUMBERING, NOTIFY, CASES, ALARMS, INSIGHT),
)
SPEEDING, FATIGUE = Kind("test.speeding", 3, "speeding"), Kind("test.fatigue", 2, "fatigue")
PLACE = [{"route": "G9901", "region": "99", "stake_m": 45_200.0, "direction": "down", "text": "G9901 K45+200 下行"}]


@dataclass
class Centre:
    """The platform, its clock and its people."""

    platform: Platform
    clock: ManualClock
    people: dict[str, str]
    runner: Runner = field(init=False)

    def __post_init__(self) -> None:
        self.runner = Runner(self.platform)

    def actor(self, name: str) -> Actor:
        with self.platform.store.read(SYSTEM) as work:
            return identity.actor_of(work, self.people[name])

    def alarm(
        self,
        subject: str = "澜A00001",
        kind: Kind = SPEEDING,
        *,
        minutes: float = 0,
        east: float = 0.0,
        region: str = "990101",
        ended: float | None = None,
        live: bool = True,
        settle: bool = True,
    ) -> alarms.Alarm:
        """An alarm so many minutes after the start and so many degrees to the east, and all that follows from it."""
        onset = START_MS + round(minutes * 60_000)
        episode = Episode(
            onset_ms=onset,
            raised_ms=onset,
            cleared_ms=None if ended is None else START_MS + round(ended * 60_000),
            lon=120.0 + east,
            lat=28.0,
            region=region,
        )
        about = Subject(f"urn:tongqu:vehicle:{subject}", subject, region="9901")
        with self.platform.store.write(SYSTEM) as work:
            made = alarms.raise_(work, kind, about, episode, place=PLACE, live=live)
        if settle:
            self.settle()
        return made

    def settle(self) -> None:
        while self.runner.run_once():
            pass


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    clock = ManualClock(START_MS)
    for prefix, package in (("web", "tongqu.kernel.web"), ("store", "tongqu.kernel.store")):
        text.register(prefix, package)
    for module in MODULES:
        text.register(module.id, module.package)
    settings = Settings(data=tmp_path, database=f"sqlite:///{tmp_path}/records.db")
    platform = Platform(settings, clock, Store(settings.database, clock), MODULES)
    migrate(platform.store, [module.room for module in MODULES if module.room is not None])
    prepare_roles(platform)
    people = {}
    with platform.store.write(SYSTEM) as work:
        for code, name, level, above in (
            ("99", "澜江省", "province", None),
            ("9901", "澜州市", "city", "99"),
            ("9902", "望汀市", "city", "99"),
            ("990101", "桥东县", "county", "9901"),
        ):
            identity.add_regions(work, [identity.Region(code, name, code, level, above)])
        for name, over in (("one", "9901"), ("two", "9901"), ("other", "9902"), ("province", "99")):
            made = identity.add_person(
                work, login=f"duty-{name}", name=f"值班员{name}", region=over, password="correct horse 42"
            )
            identity.grant(work, made.id, "duty_officer", region=over)
            people[name] = made.id
    yield Centre(platform, clock, people)
    platform.close()


@pytest.fixture
def http() -> Callable[..., Any]:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from tongqu.kernel.web import install_problems

    def client(platform: Platform, login: str) -> TestClient:
        app = FastAPI()
        app.state.platform = platform
        install_problems(app)
        for module in platform.modules:
            for router in module.routers:
                app.include_router(router(), prefix="/api/v1")
        made = TestClient(
            app,
            raise_server_exceptions=False,
            client=("127.0.0.1", 50000),
            headers={"X-Tongqu": "1"},
            base_url="http://testserver/api/v1/",
        )
        answer = made.post("identity/session", json={"login": login, "password": "correct horse 42"})
        assert answer.status_code == 200, answer.text
        return made

    return client
