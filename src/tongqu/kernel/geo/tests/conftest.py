"""A record store with the tables of geo, and the HTTP edge over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tongqu.kernel.audit.tables import METADATA as AUDIT
from tongqu.kernel.geo import Locator, RegionIndex
from tongqu.kernel.geo.api import router
from tongqu.kernel.geo.tables import ROOM
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, Grant, Room, Store, migrate
from tongqu.kernel.web import install_problems
from tongqu.kernel.web.caller import Authenticate
from tongqu.kit.text import register
from tongqu.kit.time import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000_000)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    register("geo", "tongqu.kernel.geo")
    register("web", "tongqu.kernel.web")
    made = Store(f"sqlite:///{tmp_path}/records.db", clock)
    migrate(made, [Room("audit", "tongqu.kernel.audit", AUDIT), ROOM])
    yield made
    made.close()


@pytest.fixture
def client(tmp_path: Path, store: Store, clock: ManualClock) -> Iterator[TestClient]:
    platform = Platform(Settings(tmp_path, store.url), clock, store)
    platform.provide(RegionIndex(store))
    platform.provide(Locator(store))
    person = Actor("p1", "值班员01", grants=(Grant("duty_officer", region="99"),))
    platform.provide(lambda _: person, Authenticate)
    app = FastAPI()
    app.state.platform = platform
    install_problems(app)
    app.include_router(router(), prefix="/api/v1")
    with TestClient(app) as made:
        yield made
