"""Fixtures of the kernel's rooms: a clock that stands, a fresh platform with the rooms a test names, its HTTP edge."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store, migrate
from tongqu.kernel.web import install_problems
from tongqu.kit import text
from tongqu.kit.time import ManualClock

NOW_MS = 1_800_000_000_000
MakePlatform = Callable[..., Platform]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_MS)


@pytest.fixture
def make_platform(tmp_path: Path, clock: ManualClock) -> Iterator[MakePlatform]:
    """Give a function that opens a platform over fresh tables of the modules it is given; nothing is started."""
    made: list[Platform] = []

    def make(*modules: Module, folder: str = "data") -> Platform:
        data = tmp_path / folder
        data.mkdir(exist_ok=True)
        for prefix, package in (("web", "tongqu.kernel.web"), ("store", "tongqu.kernel.store")):
            text.register(prefix, package)
        for module in modules:
            text.register(module.id, module.package)
        settings = Settings(data=data, database=_empty_database(data))
        platform = Platform(settings, clock, Store(settings.database, clock), modules)
        migrate(platform.store, [module.room for module in modules if module.room is not None])
        made.append(platform)
        return platform

    yield make
    for platform in made:
        platform.close()


def _empty_database(data: Path) -> str:
    """A fresh SQLite file; or the database that TONGQU_TEST_POSTGRESQL names (its schema is emptied), to see the same
    tests hold there."""
    url = os.environ.get("TONGQU_TEST_POSTGRESQL")
    if not url:
        return f"sqlite:///{data}/records.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return url


@pytest.fixture
def http() -> Callable[..., TestClient]:
    """Give a function that makes a client of a platform's routes, mounted as the application does."""

    def client(platform: Platform, **options: object) -> TestClient:
        app = FastAPI()
        app.state.platform = platform
        install_problems(app)
        for module in platform.modules:
            for router in module.routers:
                app.include_router(router(), prefix="/api/v1")
        return TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50000), **options)

    return client
