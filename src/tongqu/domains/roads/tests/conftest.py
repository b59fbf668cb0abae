"""A fresh platform with roads per test, people of three regions, and a job's context that keeps what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from tongqu.domains.roads import loaders
from tongqu.domains.roads.module import MODULE as ROADS
from tongqu.domains.roads.service import routes
from tongqu.kernel import geo
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.geo import Locator, Mark, NewLine, RegionIndex, Route, check, plain
from tongqu.kernel.geo.limits import SpeedLimits
from tongqu.kernel.geo.module import MODULE as GEO
from tongqu.kernel.imports.tests.support import MODULES as ROOMS
from tongqu.kernel.jobs import JobContext
from tongqu.kernel.jobs.tests.support import fresh_platform, make_platform, person
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, system_actor
from tongqu.kernel.things.module import MODULE as THINGS

ROOT = system_actor("test")
EVERY = ("roads.read", "roads.edit", "things.read")
CHIEF = person("p-chief", *EVERY, region="99")
CITY = person("p-city", *EVERY, region="9902")
OTHER = person("p-other", *EVERY, region="9901")
READER = person("p-reader", "roads.read", region="99")
ALL = (CHIEF, CITY, OTHER, READER)
MODULES = (*ROOMS[:-1], EVENTS, THINGS, GEO, LAYERS, ROADS)


def roads_platform(settings: Settings) -> Platform:
    """As the process of a job builds it."""
    return make_platform(settings, *MODULES)


class Heard:
    """Stands for a job's reporter."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.cancelled = False

    def progress(self, fraction: float, *_: Any) -> None:
        self.fractions.append(fraction)

    def log(self, *_: Any) -> None: ...


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = fresh_platform(tmp_path, *MODULES, factory=f"{__name__}:roads_platform")
    locator = Locator(made.store)
    made.provide(locator)
    made.provide(RegionIndex(made.store))
    assert ROADS.start is not None
    ROADS.start(made)
    assert made.has(SpeedLimits)
    yield made
    made.close()


@pytest.fixture
def load(platform: Platform, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Gives a file to the loader that is surest of it, as an actor."""

    def run(path: Path, actor: Actor = ROOT, **options: Any) -> dict[str, Any]:
        head = path.open("rb").read(1 << 16)
        best = max(loaders.LOADERS, key=lambda one: one.recognise(path, head))
        assert best.recognise(path, head) > 0.5, "no loader knows the file"
        context = JobContext(platform, actor, "j1", 1, 7, tmp_path, Heard())  # type: ignore[arg-type]
        report = best.load(context, path, options)
        platform.service(Locator).refresh()
        return report

    return run


def road(lon: float = 120.0, lat: float = 27.5, length_km: float = 20.0, bend: float = 0.004) -> np.ndarray:
    """A gently winding road that leads west, about so long."""
    x = np.linspace(0, -length_km / 98.9, 400)
    return np.column_stack((lon + x, lat + bend * np.sin(x * 60)))


@pytest.fixture
def add_route(platform: Platform) -> Callable[..., Route]:
    """Registers a route with one calibrated line."""

    def make(number: str = "X101", region: str = "990303", *marks: Mark, points: Any = None, **more: Any) -> Route:
        line = road() if points is None else points
        with platform.store.write(ROOT) as work:
            route = geo.add_route(work, number, region, "试线", road_class="county", source="test")
            new = NewLine(check(shapely.LineString(line)), marks=marks or (plain(0, 0),), **more)
            routes.put_lines(work, route, [new])
        platform.service(Locator).refresh()
        return route

    return make
