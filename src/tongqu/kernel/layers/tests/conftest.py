"""A platform of layers alone: record store, projection, HTTP edge, and actors who see different rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tongqu.kernel.layers import Feature, Layer, replace
from tongqu.kernel.layers.api import router
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.tables import ROOM
from tongqu.kernel.layers.tests.support import DENSE, LIVE, OPEN, PICTURE, SCOPED, SYSTEM, person
from tongqu.kernel.layers.tiles import Tiles
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Store, migrate
from tongqu.kernel.web import install_problems
from tongqu.kernel.web.caller import Authenticate
from tongqu.kit.text import register
from tongqu.kit.time import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000_000)


@pytest.fixture
def platform(tmp_path: Path, clock: ManualClock) -> Iterator[Platform]:
    register("layers", "tongqu.kernel.layers")
    register("web", "tongqu.kernel.web")
    store = Store(f"sqlite:///{tmp_path}/records.db", clock)
    migrate(store, [ROOM])
    module = Module("layers", "tongqu.kernel.layers", "platform", layers=(OPEN, SCOPED, DENSE, PICTURE, LIVE))
    made = Platform(Settings(tmp_path, store.url), clock, store, (module,))
    made.provide(Projector(made))
    made.provide(Tiles(made.service(Projector), clock))
    yield made
    made.close()


@pytest.fixture
def draw(platform: Platform) -> Callable[..., None]:
    """Replace the features of a layer and bring the projection up to date."""

    def act(layer: Layer, *features: Feature) -> None:
        with platform.store.write(SYSTEM) as work:
            replace(work, layer, features)
        platform.service(Projector).catch_up()

    return act


@pytest.fixture
def caller() -> dict[str, Any]:
    """Who the client is signed in as: `caller["actor"] = ...`."""
    return {"actor": person()}


@pytest.fixture
def client(platform: Platform, caller: dict[str, Any]) -> Iterator[TestClient]:
    platform.provide(lambda _: caller["actor"], Authenticate)
    app = FastAPI()
    app.state.platform = platform
    install_problems(app)
    app.include_router(router(), prefix="/api/v1")
    with TestClient(app) as made:
        yield made
