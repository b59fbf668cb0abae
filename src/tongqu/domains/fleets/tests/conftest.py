"""A fresh platform with fleets per test, and people of three cities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tongqu.domains.fleets.module import MODULE as FLEETS
from tongqu.domains.fleets.plates import PlateRules, plate_rules
from tongqu.domains.fleets.service import drivers, enterprises, vehicles
from tongqu.domains.fleets.values import NewDriver, NewEnterprise, NewVehicle
from tongqu.kernel.events.module import MODULE as EVENTS
from tongqu.kernel.imports.tests.support import MODULES as ROOMS
from tongqu.kernel.jobs.tests.support import fresh_platform, make_platform, person
from tongqu.kernel.layers.module import MODULE as LAYERS
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import Actor, system_actor
from tongqu.kernel.things.module import MODULE as THINGS

ROOT = system_actor("test")
EVERY = ("fleets.read", "fleets.edit", "things.read")
CHIEF = person("p-chief", *EVERY, "fleets.reveal", region="99")
CITY = person("p-city", *EVERY, region="9902")
OTHER = person("p-other", *EVERY, region="9901")
READER = person("p-reader", "fleets.read", region="9902")
ALL = (CHIEF, CITY, OTHER, READER)
MODULES = (*ROOMS[:-1], EVENTS, LAYERS, THINGS, FLEETS)


def fleets_platform(settings: Settings) -> Platform:
    """As the process of a job builds it."""
    return make_platform(settings, *MODULES)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    options = {"fleets.more_provinces": "澜沅"}
    made = fresh_platform(tmp_path, *MODULES, factory=f"{__name__}:fleets_platform", **options)
    yield made
    made.close()


@pytest.fixture
def rules(platform: Platform) -> PlateRules:
    return plate_rules(platform)


@pytest.fixture
def carrier(platform: Platform) -> Callable[..., dict[str, Any]]:
    """Registers an enterprise."""

    def make(
        name: str = "望汀港城物流有限公司", region: str = "9902", actor: Actor = ROOT, **more: Any
    ) -> dict[str, Any]:
        with platform.store.write(actor) as work:
            return enterprises.register(work, NewEnterprise(name=name, region=region, category="heavy_truck", **more))

    return make


@pytest.fixture
def car(platform: Platform, rules: PlateRules) -> Callable[..., dict[str, Any]]:
    """Registers a vehicle."""

    def make(plate: str = "澜A12345", colour: str = "yellow", actor: Actor = ROOT, **more: Any) -> dict[str, Any]:
        given = {"category": "heavy_truck"} | more
        if given.get("enterprise") is None:
            given.setdefault("region", "9902")
        with platform.store.write(actor) as work:
            return vehicles.register(work, NewVehicle(plate=rules.read(plate, colour), **given))

    return make


@pytest.fixture
def driver(platform: Platform) -> Callable[..., dict[str, Any]]:
    """Registers a driver."""

    def make(enterprise: str, licence: str = "990201000000000137", actor: Actor = ROOT, **more: Any) -> dict[str, Any]:
        given = {"name": "驾驶员0137", "phone": "10000000137"} | more
        with platform.store.write(actor) as work:
            return drivers.register(work, NewDriver(driving_licence=licence, enterprise=enterprise, **given))

    return make
